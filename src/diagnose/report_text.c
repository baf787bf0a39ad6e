/* Reports as text for a terminal. */
#include "diagnose/reportwrite.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { WIDTH = 100, NARROWEST = 18, NARROWEST_FIRST = 40, FEW_ROWS = 3 };

/* --- lines ------------------------------------------------------------------------------------ */

/* The next line of `s` that fits into `width` cells, broken at a blank where there is one. Returns its
   bytes; *skip is what follows it up to the next line's first word. */
static size_t next_line(const char *s, size_t n, int width, size_t *skip)
{
	size_t fits = utf8_fit(s, n, width);
	*skip = 0;
	if (fits == n)
		return n;
	if (!fits)
		fits = utf8_fit(s, n, 2) ? utf8_fit(s, n, 2) : n;
	size_t at = fits;
	while (at && s[at] != ' ')
		at--;
	if (!at)
		return fits;
	size_t end = at;
	while (end && s[end - 1] == ' ')
		end--;
	while (at + *skip < n && s[at + *skip] == ' ')
		(*skip)++;
	*skip += at - end;
	return end ? end : fits;
}

/* `s`, scrubbed already, from column `column` on; further lines behind `indent` blanks. */
static void add_wrapped(struct buf *out, const char *s, size_t n, int column, int indent)
{
	size_t skip;
	for (bool first = true; n || first; first = false) {
		if (!first) {
			buf_addc(out, '\n');
			buf_fill(out, ' ', (size_t)indent);
		}
		size_t len = next_line(s, n, WIDTH - (first ? column : indent), &skip);
		buf_add(out, s, len);
		s += len + skip;
		n -= len + skip;
	}
	buf_addc(out, '\n');
}

/* Line by line: its line breaks are ours. */
static void add_paragraph(struct buf *out, const char *text, int indent)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		struct buf line = BUF_INIT;
		utf8_scrub(&line, text, n);
		buf_fill(out, ' ', (size_t)indent);
		add_wrapped(out, buf_str(&line), line.len, indent, indent);
		buf_release(&line);
		text += n + (text[n] == '\n');
	}
}

/* Its line breaks are ours too, and its long lines stay, for copying. */
static void add_code(struct buf *out, const char *text, int indent)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		buf_fill(out, ' ', (size_t)indent);
		utf8_scrub(out, text, n);
		buf_addc(out, '\n');
		text += n + (text[n] == '\n');
	}
}

static void add_field(struct buf *out, int indent, const char *name, const char *value, size_t n)
{
	enum { NAME = 30 };
	struct buf label = BUF_INIT;
	utf8_scrub(&label, name, strlen(name));
	int width = utf8_width(buf_str(&label), label.len);
	buf_fill(out, ' ', (size_t)indent);
	buf_add(out, buf_str(&label), label.len);
	int column = indent + NAME;
	buf_fill(out, ' ', (size_t)(width < NAME - 1 ? NAME - width : 1));
	add_wrapped(out, value, n, width < NAME - 1 ? column : indent + width + 1, column);
	buf_release(&label);
}

static void add_rule(struct buf *out, const char *title, const char *line)
{
	int n = utf8_width(title, strlen(title));
	buf_addf(out, "%s%s\n", out->len ? "\n" : "", title);
	while (n--)
		buf_adds(out, line);
	buf_addc(out, '\n');
}

/* --- curves ----------------------------------------------------------------------------------- */

static void add_curve(struct buf *out, const struct report_curve *c, const char *title, int indent)
{
	struct buf line = BUF_INIT;
	float least, most;
	report_spark(&line, c, &least, &most);
	buf_adds(&line, "  ");
	report_value(&line, c->unit, value_real(least), c->rate);
	buf_adds(&line, " … ");
	report_value(&line, c->unit, value_real(most), c->rate);
	add_field(out, indent, title, buf_str(&line), line.len);
	buf_release(&line);
}

/* --- tables ----------------------------------------------------------------------------------- */

static int column_width(const struct report_table *t, unsigned column)
{
	int widest = utf8_width(t->columns[column].title, strlen(t->columns[column].title));
	struct buf text = BUF_INIT;
	for (unsigned r = 0; r < t->n_rows; r++) {
		buf_clear(&text);
		report_cell_shown(&text, t, r, column);
		int w = utf8_width(buf_str(&text), text.len);
		widest = w > widest ? w : widest;
	}
	buf_release(&text);
	return widest;
}

/* The widest columns of texts give way, the first one last: it says what a row is about. False when the
   table stays too wide for a line. */
static bool fit(const struct report_table *t, int *widths)
{
	int total = 0;
	for (unsigned k = 0; k < t->n_columns; k++)
		total += widths[k] + 2;
	while (total > WIDTH) {
		int widest = -1;
		for (unsigned k = 0; k < t->n_columns; k++) {
			int least = k ? NARROWEST : NARROWEST_FIRST;
			if (!unit_flush_right(t->columns[k].unit) && widths[k] > least &&
			    (widest < 0 || widths[k] > widths[widest]))
				widest = (int)k;
		}
		if (widest < 0)
			return false;
		widths[widest]--;
		total--;
	}
	return true;
}

struct cell {
	struct buf text;
	size_t at;
};

/* The next of a cell's lines. */
static void add_cell_line(struct buf *out, struct cell *c, int width, bool right)
{
	size_t skip, n = next_line(buf_str(&c->text) + c->at, c->text.len - c->at, width, &skip);
	int w = utf8_width(buf_str(&c->text) + c->at, n);
	buf_fill(out, ' ', (size_t)(right && w < width ? width - w : 0));
	buf_add(out, buf_str(&c->text) + c->at, n);
	buf_fill(out, ' ', (size_t)(!right && w < width ? width - w : 0));
	c->at += n + skip;
}

static void end_line(struct buf *out)
{
	while (out->len && out->s[out->len - 1] == ' ')
		out->s[--out->len] = '\0';
	buf_addc(out, '\n');
}

/* Row -1: the titles. In as many lines as its longest cell takes. */
static void add_row(struct buf *out, const struct report_table *t, int row, const int *widths)
{
	struct cell *cells = xcalloc(t->n_columns, sizeof *cells);
	bool more = true;
	for (unsigned k = 0; k < t->n_columns; k++)
		if (row < 0)
			buf_adds(&cells[k].text, t->columns[k].title);
		else
			report_cell_shown(&cells[k].text, t, (unsigned)row, k);
	while (more) {
		more = false;
		for (unsigned k = 0; k < t->n_columns; k++) {
			buf_adds(out, "  ");
			add_cell_line(out, &cells[k], widths[k], unit_flush_right(t->columns[k].unit));
			more |= cells[k].at < cells[k].text.len;
		}
		end_line(out);
	}
	for (unsigned k = 0; k < t->n_columns; k++)
		buf_release(&cells[k].text);
	free(cells);
}

/* A wide table of a few rows is easier read downwards. */
static void add_record(struct buf *out, const struct report_table *t, unsigned row)
{
	if (row)
		buf_addc(out, '\n');
	for (unsigned k = 0; k < t->n_columns; k++) {
		struct buf text = BUF_INIT;
		report_cell_shown(&text, t, row, k);
		if (report_cell_at(t, row, k).type != VALUE_ABSENT && text.len)
			add_field(out, 4, t->columns[k].title, buf_str(&text), text.len);
		buf_release(&text);
	}
}

static void add_table(struct buf *out, const struct report_table *t)
{
	if (!t->n_rows)
		return;
	int *widths = xcalloc(t->n_columns, sizeof *widths);
	for (unsigned k = 0; k < t->n_columns; k++)
		widths[k] = column_width(t, k);
	buf_addf(out, *t->title ? "\n  %s\n" : "%s\n", t->title);
	if (!fit(t, widths) && t->n_rows <= FEW_ROWS)
		for (unsigned row = 0; row < t->n_rows; row++)
			add_record(out, t, row);
	else
		for (int row = -1; row < (int)t->n_rows; row++)
			add_row(out, t, row, widths);
	if (t->cut)
		buf_addf(out, "  %u more are left out.\n", t->cut);
	free(widths);
}

/* --- findings --------------------------------------------------------------------------------- */

static void add_subjects(struct buf *out, const char *title, const struct subject *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct buf line = BUF_INIT;
		buf_addf(&line, "%s ", subject_name(s[i].kind));
		utf8_scrub(&line, s[i].id, strlen(s[i].id));
		add_field(out, 4, i ? "" : title, buf_str(&line), line.len);
		buf_release(&line);
	}
}

/* Statements keep their lines: a comment would swallow what follows it. */
static void add_step(struct buf *out, const struct step *s)
{
	struct buf text = BUF_INIT, b = BUF_INIT;
	report_step(&text, s);
	if (strchr(buf_str(&text), '\n')) {
		buf_addf(out, "    %s\n", step_name(s->kind));
		add_code(out, buf_str(&text), 8);
	} else {
		utf8_scrub(&b, buf_str(&text), text.len);
		add_field(out, 4, step_name(s->kind), buf_str(&b), b.len);
	}
	buf_release(&text);
	buf_release(&b);
}

static void add_finding(struct buf *out, const struct report_finding *rf)
{
	const struct finding *f = &rf->f;
	struct buf b = BUF_INIT;
	buf_addf(&b, "%s: %s", severity_name(f->severity), f->title ? f->title : f->id);
	buf_addf(out, "\n  [%s] %s\n", f->id, buf_str(&b));
	add_paragraph(out, f->text, 4);
	if (f->caused_by)
		add_field(out, 4, "caused by", f->caused_by, strlen(f->caused_by));
	for (unsigned i = 0; i < f->n_evidence; i++) {
		buf_clear(&b);
		report_value(&b, f->evidence[i].unit, f->evidence[i].value,
			     report_evidence_rate(rf, i));
		add_field(out, 4, report_evidence_title(rf, i), buf_str(&b), b.len);
		if (rf->curves[i])
			add_curve(out, rf->curves[i], "", 4);
	}
	add_subjects(out, "culprit", f->culprits, f->n_culprits);
	add_subjects(out, "suspect", f->suspects, f->n_suspects);
	for (unsigned i = 0; i < f->n_causes; i++)
		add_field(out, 4, i ? "" : "explains", f->causes[i], strlen(f->causes[i]));
	buf_clear(&b);
	report_value(&b, UNIT_RATIO, value_real(f->confidence), false);
	add_field(out, 4, "sure", buf_str(&b), b.len);
	struct advice advice[FINDING_ADVICE];
	unsigned n = finding_advice(f, advice);
	for (unsigned i = 0; i < n; i++)
		add_field(out, 4, advice[i].title, advice[i].text, strlen(advice[i].text));
	for (unsigned i = 0; i < f->n_steps; i++)
		add_step(out, &f->steps[i]);
	buf_release(&b);
}

/* --- all of it -------------------------------------------------------------------------------- */

static void add_facts(struct buf *out, const struct report_fact *f)
{
	for (; f; f = f->next) {
		struct buf b = BUF_INIT;
		report_value(&b, f->unit, f->value, f->rate);
		if (f->note)
			buf_addf(&b, "  (%s)", f->note);
		add_field(out, 2, f->name, buf_str(&b), b.len);
		buf_release(&b);
	}
}

static void add_section(struct buf *out, const struct report_section *s)
{
	if (!report_section_shown(s))
		return;
	add_rule(out, s->title, "─");
	for (const struct report_block *b = s->first; b; b = b->next) {
		switch (b->kind) {
		case REPORT_TEXT:
		case REPORT_NOTE:
			add_paragraph(out, b->text, 2);
			break;
		case REPORT_CODE:
			add_code(out, b->text, 4);
			break;
		case REPORT_FACTS:
			add_facts(out, b->facts);
			break;
		case REPORT_TABLE:
			add_table(out, b->table);
			break;
		case REPORT_CURVE:
			add_curve(out, b->curve, b->curve->title, 2);
			break;
		case REPORT_FINDING:
			add_finding(out, b->finding);
			break;
		}
	}
}

static void add_head(struct buf *out, const struct report *r)
{
	struct buf title = BUF_INIT;
	char time[CLOCK_RFC3339_SIZE];
	utf8_scrub(&title, r->target, strlen(r->target));
	if (*r->server)
		buf_addf(&title, "  %s", r->server);
	if (*r->role)
		buf_addf(&title, "  %s", r->role);
	add_rule(out, buf_str(&title), "═");
	buf_release(&title);
	if (r->wall)
		buf_addf(out, "  %s, sampled for %.0f s by fathom %s\n", clock_rfc3339(r->wall, time),
			 r->seconds, PACKAGE_VERSION);
	if (r->partial) {
		buf_adds(out, "\n  PARTIAL REPORT\n");
		add_paragraph(out, r->why_partial ? r->why_partial : "", 2);
	}
	buf_addf(out, "\n  Verdict: %s\n", severity_name(r->severity));
	add_paragraph(out, r->verdict, 2);
}

void report_write_text(struct buf *out, const struct report_book *b)
{
	if (b->comparison) {
		add_rule(out, "Comparison", "═");
		for (const struct report_section *s = b->comparison->first; s; s = s->next)
			add_section(out, s);
	}
	for (unsigned i = 0; i < b->n; i++) {
		add_head(out, b->reports[i]);
		for (const struct report_section *s = b->reports[i]->first; s; s = s->next)
			add_section(out, s);
	}
}
