/* Reports as Markdown for a ticket: what GitHub, GitLab and CommonMark agree on, with pipe tables. */
#include "diagnose/reportwrite.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

/* --- texts ------------------------------------------------------------------------------------ */

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* `s`, scrubbed already, so that none of it is markup, at the beginning of a line or within one. */
static void add_escaped(struct buf *out, const char *s, size_t n)
{
	size_t i = 0, digits = 0;
	while (i < n && s[i] == ' ')
		i++;
	if (i < n && strchr("#+-=>", s[i]))
		buf_addc(out, '\\');
	while (i + digits < n && isdigit((unsigned char)s[i + digits]))
		digits++;
	for (size_t start = i; i < n; i++) {
		bool number = digits && i == start + digits && strchr(".)", s[i]) && (i + 1 == n || s[i + 1] == ' ');
		bool inside = i > start && i + 1 < n && word_char(s[i - 1]) && word_char(s[i + 1]);
		if (number || strchr("\\`*[]<>|~&$", s[i]) || (s[i] == '_' && !inside))
			buf_addc(out, '\\');
		buf_addc(out, s[i]);
	}
}

static void add_text(struct buf *out, const char *text)
{
	struct buf line = BUF_INIT;
	utf8_scrub(&line, text, strlen(text));
	add_escaped(out, buf_str(&line), line.len);
	buf_release(&line);
}

/* Line by line, each a paragraph: the line breaks are ours. */
static void add_paragraphs(struct buf *out, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		struct buf line = BUF_INIT;
		utf8_scrub(&line, text, n);
		add_escaped(out, buf_str(&line), line.len);
		buf_adds(out, "\n\n");
		buf_release(&line);
		text += n + (text[n] == '\n');
	}
}

/* Behind a fence that is longer than any in it. */
static void add_code(struct buf *out, const char *text)
{
	size_t run = 0, longest = 2;
	for (const char *p = text; *p; p++) {
		run = *p == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	buf_fill(out, '`', longest + 1);
	buf_addc(out, '\n');
	while (*text) {
		size_t n = strcspn(text, "\n");
		utf8_scrub(out, text, n);
		buf_addc(out, '\n');
		text += n + (text[n] == '\n');
	}
	buf_fill(out, '`', longest + 1);
	buf_adds(out, "\n\n");
}

static void add_value(struct buf *out, enum unit u, struct value v, bool rate)
{
	struct buf text = BUF_INIT;
	report_value(&text, u, v, rate);
	add_escaped(out, buf_str(&text), text.len);
	buf_release(&text);
}

/* --- tables ----------------------------------------------------------------------------------- */

static void add_table(struct buf *out, const struct report_table *t)
{
	if (!t->n_rows)
		return;
	if (*t->title) {
		buf_adds(out, "**");
		add_text(out, t->title);
		buf_adds(out, "**\n\n");
	}
	buf_addc(out, '|');
	for (unsigned k = 0; k < t->n_columns; k++) {
		buf_addc(out, ' ');
		add_text(out, t->columns[k].title);
		buf_adds(out, " |");
	}
	buf_adds(out, "\n|");
	for (unsigned k = 0; k < t->n_columns; k++)
		buf_adds(out, unit_flush_right(t->columns[k].unit) ? " ---: |" : " --- |");
	for (unsigned r = 0; r < t->n_rows; r++) {
		buf_adds(out, "\n|");
		for (unsigned k = 0; k < t->n_columns; k++) {
			struct buf text = BUF_INIT;
			report_cell_shown(&text, t, r, k);
			buf_addc(out, ' ');
			add_escaped(out, buf_str(&text), text.len);
			buf_adds(out, " |");
			buf_release(&text);
		}
	}
	buf_adds(out, "\n\n");
	if (t->cut)
		buf_addf(out, "%u more are left out.\n\n", t->cut);
}

static void add_item(struct buf *out, const char *name)
{
	buf_adds(out, "- **");
	add_text(out, name);
	buf_adds(out, ":** ");
}

static void add_curve(struct buf *out, const struct report_curve *c)
{
	float least, most;
	buf_addc(out, '`');
	report_spark(out, c, &least, &most);
	buf_adds(out, "` ");
	add_value(out, c->unit, value_real(least), c->rate);
	buf_adds(out, " … ");
	add_value(out, c->unit, value_real(most), c->rate);
	buf_addc(out, '\n');
}

static void add_facts(struct buf *out, const struct report_fact *f)
{
	for (; f; f = f->next) {
		add_item(out, f->name);
		add_value(out, f->unit, f->value, f->rate);
		if (f->note) {
			buf_adds(out, " (");
			add_text(out, f->note);
			buf_addc(out, ')');
		}
		buf_addc(out, '\n');
	}
	buf_addc(out, '\n');
}

/* --- findings --------------------------------------------------------------------------------- */

static void add_subjects(struct buf *out, const char *title, const struct subject *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		add_item(out, title);
		buf_addf(out, "%s ", subject_name(s[i].kind));
		add_text(out, s[i].id);
		buf_addc(out, '\n');
	}
}

static void add_evidence(struct buf *out, const struct report_finding *rf)
{
	for (unsigned i = 0; i < rf->f.n_evidence; i++) {
		const struct evidence *e = &rf->f.evidence[i];
		add_item(out, report_evidence_title(rf, i));
		add_value(out, e->unit, e->value, report_evidence_rate(rf, i));
		if (rf->curves[i]) {
			buf_addc(out, ' ');
			add_curve(out, rf->curves[i]);
		} else {
			buf_addc(out, '\n');
		}
	}
}

/* Statements keep their lines: a comment would swallow what follows it. */
static void add_step(struct buf *out, const struct step *s)
{
	struct buf text = BUF_INIT;
	report_step(&text, s);
	add_item(out, step_name(s->kind));
	if (strchr(buf_str(&text), '\n')) {
		buf_adds(out, "\n\n");
		add_code(out, buf_str(&text));
	} else {
		add_text(out, buf_str(&text));
		buf_addc(out, '\n');
	}
	buf_release(&text);
}

static void add_finding(struct buf *out, const struct report_finding *rf)
{
	const struct finding *f = &rf->f;
	buf_addf(out, "### %s: ", severity_name(f->severity));
	add_text(out, f->title ? f->title : f->id);
	buf_adds(out, "\n\n**");
	add_text(out, f->text);
	buf_adds(out, "**\n\n");
	add_item(out, "finding");
	add_text(out, f->id);
	buf_adds(out, ", sure ");
	add_value(out, UNIT_RATIO, value_real(f->confidence), false);
	buf_addc(out, '\n');
	if (f->caused_by) {
		add_item(out, "caused by");
		add_text(out, f->caused_by);
		buf_addc(out, '\n');
	}
	for (unsigned i = 0; i < f->n_causes; i++) {
		add_item(out, "explains");
		add_text(out, f->causes[i]);
		buf_addc(out, '\n');
	}
	add_subjects(out, "culprit", f->culprits, f->n_culprits);
	add_subjects(out, "suspect", f->suspects, f->n_suspects);
	add_evidence(out, rf);
	buf_addc(out, '\n');
	struct advice advice[FINDING_ADVICE];
	unsigned n = finding_advice(f, advice);
	for (unsigned i = 0; i < n; i++) {
		buf_addf(out, "**%s:** ", advice[i].title);
		add_text(out, advice[i].text);
		buf_adds(out, "\n\n");
	}
	buf_adds(out, f->n_steps ? "**What can be done:**\n\n" : "");
	for (unsigned i = 0; i < f->n_steps; i++)
		add_step(out, &f->steps[i]);
	if (f->n_steps)
		buf_addc(out, '\n');
}

/* --- all of it -------------------------------------------------------------------------------- */

static void add_section(struct buf *out, const struct report_section *s)
{
	if (!report_section_shown(s))
		return;
	buf_addf(out, "## %s\n\n", s->title);
	for (const struct report_block *b = s->first; b; b = b->next) {
		switch (b->kind) {
		case REPORT_TEXT:
		case REPORT_NOTE:
			add_paragraphs(out, b->text);
			break;
		case REPORT_CODE:
			add_code(out, b->text);
			break;
		case REPORT_FACTS:
			add_facts(out, b->facts);
			break;
		case REPORT_TABLE:
			add_table(out, b->table);
			break;
		case REPORT_CURVE:
			add_item(out, b->curve->title);
			add_curve(out, b->curve);
			if (!b->next || b->next->kind != REPORT_CURVE)
				buf_addc(out, '\n');
			break;
		case REPORT_FINDING:
			add_finding(out, b->finding);
			break;
		}
	}
}

static void add_head(struct buf *out, const struct report *r)
{
	char time[CLOCK_RFC3339_SIZE];
	buf_adds(out, "# ");
	add_text(out, r->target);
	if (*r->server) {
		buf_adds(out, ", ");
		add_text(out, r->server);
	}
	if (*r->role)
		buf_addf(out, ", %s", r->role);
	buf_adds(out, "\n\n");
	if (r->wall)
		buf_addf(out, "%s, sampled for %.0f s by fathom %s\n\n", clock_rfc3339(r->wall, time),
			 r->seconds, PACKAGE_VERSION);
	if (r->partial) {
		buf_adds(out, "**PARTIAL REPORT:** ");
		add_text(out, r->why_partial ? r->why_partial : "");
		buf_adds(out, "\n\n");
	}
	buf_addf(out, "**Verdict: %s.** ", severity_name(r->severity));
	add_text(out, r->verdict);
	buf_adds(out, "\n\n");
}

void report_write_markdown(struct buf *out, const struct report_book *b)
{
	if (b->comparison) {
		buf_adds(out, "# Comparison\n\n");
		for (const struct report_section *s = b->comparison->first; s; s = s->next)
			add_section(out, s);
	}
	for (unsigned i = 0; i < b->n; i++) {
		add_head(out, b->reports[i]);
		for (const struct report_section *s = b->reports[i]->first; s; s = s->next)
			add_section(out, s);
	}
}
