#include "base/mem.h"

#include <stdio.h>

#include "base/fatal.h"

static void *checked(void *p)
{
	if (!p)
		die("out of memory");
	return p;
}

void *xmalloc(size_t size)
{
	BUG_ON(size == 0);
	return checked(malloc(size));
}

void *xcalloc(size_t n, size_t size)
{
	BUG_ON(n == 0 || size == 0);
	return checked(calloc(n, size));
}

void *xrealloc(void *p, size_t n, size_t size)
{
	BUG_ON(n == 0 || size == 0);
	return checked(reallocarray(p, n, size));
}

char *xstrdup(const char *s)
{
	return checked(strdup(s));
}

char *xstrdup_null(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

char *xstrndup(const char *s, size_t n)
{
	char *p = xmalloc(n + 1);
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *p;
	if (vasprintf(&p, fmt, ap) < 0)
		die("out of memory");
	return p;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *p = xvasprintf(fmt, ap);
	va_end(ap);
	return p;
}

void mem_wipe(void *p, size_t n)
{
	if (n > 0)
		explicit_bzero(p, n);
}
