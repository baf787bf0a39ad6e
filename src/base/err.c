#include "base/err.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

static const char *const names[] = {
	[ERR_NONE] = "none",         [ERR_USAGE] = "usage",     [ERR_RESOLVE] = "resolve",
	[ERR_CONNECT] = "connect",   [ERR_TIMEOUT] = "timeout", [ERR_TLS] = "tls",
	[ERR_LOGIN] = "login",       [ERR_TOO_MANY] = "too-many-connections",
	[ERR_LOST] = "lost",         [ERR_PROTOCOL] = "protocol",
	[ERR_DENIED] = "denied",     [ERR_UNSUPPORTED] = "unsupported",
	[ERR_SERVER] = "server",     [ERR_IO] = "io",           [ERR_CANCELLED] = "cancelled",
};

const char *err_kind_name(enum err_kind kind)
{
	return names[kind];
}

static void put(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

bool err_set(struct err *e, enum err_kind kind, const char *what, const char *why, const char *hint)
{
	if (!e)
		return false;
	/* A caller may hand in texts of `e` itself to wrap an error in another. */
	struct err n = {.kind = kind};
	put(n.what, sizeof n.what, what);
	put(n.why, sizeof n.why, why);
	put(n.hint, sizeof n.hint, hint);
	*e = n;
	return false;
}

bool err_setf(struct err *e, enum err_kind kind, const char *what, const char *hint,
	      const char *why_fmt, ...)
{
	char why[sizeof e->why];
	va_list ap;
	va_start(ap, why_fmt);
	vsnprintf(why, sizeof why, why_fmt, ap);
	va_end(ap);
	return err_set(e, kind, what, why, hint);
}

void err_format(const struct err *e, struct buf *out)
{
	buf_adds(out, e->what);
	if (e->why[0])
		buf_addf(out, "%s%s", e->what[0] ? ": " : "", e->why);
	if (e->hint[0])
		buf_addf(out, "; %s", e->hint);
}

void err_print(const struct err *e)
{
	struct buf raw = BUF_INIT, clean = BUF_INIT;
	err_format(e, &raw);
	utf8_scrub(&clean, buf_str(&raw), raw.len);
	fprintf(stderr, "fathom: %s\n", buf_str(&clean));
	buf_release(&raw);
	buf_release(&clean);
}
