#include "model/csv.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

void csv_text(struct buf *out, const char *s, size_t n)
{
	bool plain = n && s[0] != ' ' && s[n - 1] != ' ';
	for (size_t i = 0; i < n && plain; i++)
		plain = !strchr(",\"\r\n", s[i]);
	if (plain) {
		utf8_repair(out, s, n);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < n;) {
		const char *quote = memchr(s + i, '"', n - i);
		size_t piece = quote ? (size_t)(quote - s) - i + 1 : n - i;
		utf8_repair(out, s + i, piece);
		if (quote)
			buf_addc(out, '"');
		i += piece;
	}
	buf_addc(out, '"');
}

void csv_value(struct buf *out, struct value v)
{
	switch (v.type) {
	case VALUE_INT:
		buf_addf(out, "%lld", (long long)v.i);
		break;
	case VALUE_REAL:
		if (isfinite(v.r))
			buf_addf(out, "%.15g", v.r);
		break;
	case VALUE_TEXT:
		csv_text(out, v.s, v.len);
		break;
	case VALUE_ABSENT:
		break;
	}
}

void csv_head(struct buf *out, const struct schema *s)
{
	for (unsigned f = 0; f < s->n_fields; f++)
		buf_addf(out, "%s%s", f ? "," : "", s->fields[f].name);
}

void csv_row(struct buf *out, const struct part *p, unsigned row)
{
	for (unsigned f = 0; f < part_schema(p)->n_fields; f++) {
		if (f)
			buf_addc(out, ',');
		csv_value(out, part_get(p, row, f));
	}
}

void csv_of_part(struct buf *out, const struct part *p)
{
	csv_head(out, part_schema(p));
	buf_adds(out, CSV_EOL);
	for (unsigned r = 0; r < part_rows(p); r++) {
		csv_row(out, p, r);
		buf_adds(out, CSV_EOL);
	}
}
