#include "base/fatal.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static void (*_Atomic the_hook)(void);

void fatal_set_hook(void (*hook)(void))
{
	atomic_store(&the_hook, hook);
}

void die(const char *fmt, ...)
{
	void (*hook)(void) = atomic_exchange(&the_hook, NULL);
	if (hook)
		hook();
	va_list ap;
	va_start(ap, fmt);
	fputs("fathom: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}
