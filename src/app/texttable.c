#include "app/texttable.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { WIDEST = 60 }; /* of all columns but the last */

struct column {
	unsigned field;
	int width;
};

static void cell(struct buf *out, const struct part *p, unsigned row, unsigned field)
{
	const struct field *f = &part_schema(p)->fields[field];
	struct buf raw = BUF_INIT;
	struct value v = part_get(p, row, field);
	buf_clear(out);
	/* Values of a table of names are numbers of no known unit: exact. */
	unit_format(&raw, f->type == FIELD_ANY ? UNIT_NONE : f->unit, v, false);
	utf8_scrub(out, buf_str(&raw), raw.len);
	buf_release(&raw);
}

static bool used(const struct part *p, unsigned field)
{
	for (unsigned r = 0; r < part_rows(p); r++)
		if (part_get(p, r, field).type != VALUE_ABSENT)
			return true;
	return false;
}

/* In the order of the schema, statements behind all else. Returns how many. */
static unsigned choose(const struct part *p, struct column *columns)
{
	const struct schema *s = part_schema(p);
	unsigned n = 0;
	struct buf text = BUF_INIT;
	for (int statements = 0; statements < 2; statements++)
		for (unsigned f = 0; f < s->n_fields; f++)
			if ((s->fields[f].unit == UNIT_SQL) == statements && used(p, f))
				columns[n++] = (struct column){f, (int)strlen(s->fields[f].name)};
	for (unsigned k = 0; k < n; k++) {
		for (unsigned r = 0; r < part_rows(p); r++) {
			cell(&text, p, r, columns[k].field);
			int width = utf8_width(buf_str(&text), text.len);
			if (width > columns[k].width)
				columns[k].width = width < WIDEST ? width : WIDEST;
		}
	}
	buf_release(&text);
	return n;
}

static void add_cell(struct buf *out, const struct column *c, const struct buf *text, bool right,
		     bool last)
{
	size_t n = text->len;
	int width = utf8_width(buf_str(text), n);
	if (!last && width > c->width) {
		n = utf8_fit(buf_str(text), n, c->width - 1);
		width = utf8_width(buf_str(text), n) + 1;
	}
	int pad = c->width > width ? c->width - width : 0;
	if (right)
		buf_fill(out, ' ', (size_t)pad);
	buf_add(out, buf_str(text), n);
	if (n < text->len)
		buf_adds(out, "…");
	if (!right && !last)
		buf_fill(out, ' ', (size_t)pad);
	buf_adds(out, last ? "\n" : "  ");
}

void table_of_part(struct buf *out, const struct part *p)
{
	const struct schema *s = part_schema(p);
	struct column columns[SCHEMA_MAX_FIELDS];
	unsigned n = choose(p, columns);
	struct buf text = BUF_INIT;
	for (unsigned row = 0; n && row <= part_rows(p); row++) {
		for (unsigned k = 0; k < n; k++) {
			const struct field *f = &s->fields[columns[k].field];
			buf_clear(&text);
			if (row)
				cell(&text, p, row - 1, columns[k].field);
			else
				buf_adds(&text, f->name);
			add_cell(out, &columns[k], &text, f->type != FIELD_TEXT && unit_flush_right(f->unit),
				 k + 1 == n);
		}
	}
	buf_release(&text);
}

static void add_heading(struct buf *out, const struct part *p)
{
	char time[CLOCK_HMS_SIZE];
	buf_addf(out, "\n%s", part_title(part_id(p)));
	if (part_status(p) != PART_OK)
		buf_addf(out, ": %s", part_status_name(part_status(p)));
	if (part_reason(p)) {
		buf_adds(out, ": ");
		utf8_scrub(out, part_reason(p), strlen(part_reason(p)));
	} else {
		buf_addf(out, ": %u row%s at %s", part_rows(p), part_rows(p) == 1 ? "" : "s",
			 clock_hms(part_read_wall(p), time));
	}
	if (part_rows_cut(p))
		buf_addf(out, ", %u more left out", part_rows_cut(p));
	buf_addc(out, '\n');
}

void table_of_snapshot(struct buf *out, const struct snapshot *s, const struct target *t,
		       part_mask parts)
{
	char time[CLOCK_RFC3339_SIZE];
	buf_addf(out, "%s  %s", t->name, clock_rfc3339(s->wall, time));
	if (s->server.flavor != FLAVOR_UNKNOWN)
		buf_addf(out, "  %s %s  %s", flavor_title(s->server.flavor), s->server.version_short,
			 role_name(s->role));
	if (s->uptime >= 0) {
		buf_adds(out, "  up ");
		unit_duration(out, s->uptime);
	}
	buf_addc(out, '\n');
	if (s->err.kind != ERR_NONE) {
		struct buf why = BUF_INIT;
		err_format(&s->err, &why);
		utf8_scrub(out, buf_str(&why), why.len);
		buf_addc(out, '\n');
		buf_release(&why);
	}
	for (int i = 0; i < N_PARTS; i++) {
		if (!s->parts[i] || !(parts & PART_BIT(i)))
			continue;
		add_heading(out, s->parts[i]);
		table_of_part(out, s->parts[i]);
	}
	buf_addc(out, '\n');
}
