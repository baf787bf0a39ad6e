#include "model/unit.h"

#include <math.h>
#include <time.h>

#include "base/buf.h"

static const char *const names[] = {
	[UNIT_NONE] = "",          [UNIT_ID] = "id",         [UNIT_COUNT] = "count",
	[UNIT_SECONDS] = "seconds", [UNIT_BYTES] = "bytes",   [UNIT_PERCENT] = "percent",
	[UNIT_RATIO] = "ratio",    [UNIT_BOOL] = "yes or no", [UNIT_WALL] = "time of day",
	[UNIT_MS] = "milliseconds", [UNIT_SQL] = "SQL text",   [UNIT_JSON] = "JSON",
};

const char *unit_name(enum unit u)
{
	return names[u];
}

bool unit_flush_right(enum unit u)
{
	return u != UNIT_NONE && u != UNIT_SQL && u != UNIT_BOOL && u != UNIT_JSON;
}

void unit_duration(struct buf *out, double s)
{
	if (s < 0) {
		buf_addc(out, '-');
		s = -s;
	}
	if (s < 9.9995)
		buf_addf(out, "%.3f", s);
	else if (s < 59.95)
		buf_addf(out, "%.1f", s);
	else if (s < 3600)
		buf_addf(out, "%dm%02ds", (int)s / 60, (int)s % 60);
	else if (s < 86400)
		buf_addf(out, "%dh%02dm", (int)(s / 3600), (int)(s / 60) % 60);
	else if (s < 10 * 86400.0)
		buf_addf(out, "%dd%02dh", (int)(s / 86400), (int)(s / 3600) % 24);
	else
		buf_addf(out, "%.0fd", floor(s / 86400));
}

/* Three significant digits with a suffix, the way a narrow column wants it. */
static void scaled(struct buf *out, double n, double base, const char *const *suffix, int suffixes)
{
	if (n < 0) {
		buf_addc(out, '-');
		n = -n;
	}
	int k = 0;
	/* 999.5 would be printed as 1000. */
	while (n >= (base == 1000 ? 999.5 : 1023.5) && k + 1 < suffixes) {
		n /= base;
		k++;
	}
	int digits = n >= 99.95 || (k == 0 && n == floor(n)) ? 0 : n >= 9.995 ? 1 : k ? 2 : 1;
	if (k == 0 && n > 0 && n < 0.95)
		digits = 2;
	buf_addf(out, "%.*f%s", digits, n, suffix[k]);
}

void unit_bytes(struct buf *out, double n)
{
	static const char *const suffix[] = {"", "K", "M", "G", "T", "P", "E"};
	scaled(out, n, 1024, suffix, 7);
}

void unit_count(struct buf *out, double n)
{
	static const char *const suffix[] = {"", "k", "M", "G", "T", "P", "E"};
	scaled(out, n, 1000, suffix, 7);
}

static void percent(struct buf *out, double p)
{
	buf_addf(out, p >= 99.95 || p <= 0 ? "%.0f%%" : "%.1f%%", p);
}

/* Five digits of them are read wrong. */
static void milliseconds(struct buf *out, double n)
{
	if (n >= 60000)
		unit_duration(out, n / 1000);
	else if (n >= 9999.5)
		buf_addf(out, "%.1f s", n / 1000);
	else
		buf_addf(out, n < 9.95 ? "%.2f ms" : "%.0f ms", n);
}

static void wall(struct buf *out, double seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[32];
	localtime_r(&t, &tm);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
	buf_adds(out, text);
}

void unit_format(struct buf *out, enum unit u, struct value v, bool rate)
{
	if (v.type == VALUE_ABSENT) {
		buf_adds(out, "–");
		return;
	}
	if (v.type == VALUE_TEXT) {
		buf_add(out, v.s, v.len);
		return;
	}
	double n = value_number(v, 0);
	if (!isfinite(n)) {
		buf_adds(out, "–");
		return;
	}
	switch (u) {
	case UNIT_ID:
		buf_addf(out, "%lld", (long long)value_integer(v, 0));
		break;
	case UNIT_NONE:
		if (v.type == VALUE_INT)
			buf_addf(out, "%lld", (long long)v.i);
		else
			buf_addf(out, "%.6g", n);
		break;
	case UNIT_SECONDS:
		if (rate)
			percent(out, 100 * n);
		else
			unit_duration(out, n);
		break;
	case UNIT_BYTES:
		unit_bytes(out, n);
		break;
	case UNIT_PERCENT:
		percent(out, n);
		break;
	case UNIT_RATIO:
		percent(out, 100 * n);
		break;
	case UNIT_BOOL:
		buf_adds(out, n != 0 ? "yes" : "no");
		break;
	case UNIT_WALL:
		wall(out, n);
		break;
	case UNIT_MS:
		milliseconds(out, n);
		break;
	case UNIT_COUNT:
	case UNIT_SQL:
	case UNIT_JSON:
	case N_UNITS:
		unit_count(out, n);
		break;
	}
}
