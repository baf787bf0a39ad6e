/*
 * Findings: what is wrong, worst first, with its cause; symptoms hang under what explains them. ↵ opens
 * the evidence, V goes to who causes it.
 */
#include "panels/findings.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "collect/findings.h"
#include "diagnose/finding.h"
#include "diagnose/sessions.h"
#include "panels/console.h"
#include "panels/culprit.h"
#include "panels/detail.h"
#include "panels/draw.h"
#include "panels/tablepanel.h"
#include "ui/pager.h"

static enum ui_role severity_role(const char *name)
{
	return strcmp(name, "critical") == 0  ? UI_CRITICAL
	       : strcmp(name, "warning") == 0 ? UI_WARNING
					      : UI_NOTICE;
}

static enum ui_role tint(const struct table_row *r, struct value v)
{
	(void)r;
	return severity_role(value_cstr(v));
}

static void indented(const struct table_row *r, struct value v, struct buf *out)
{
	if (part_get(r->part, r->row, FINDINGS_CAUSED_BY).type != VALUE_ABSENT)
		buf_adds(out, "  └ ");
	buf_add(out, v.s, v.len);
}

/* A finding is of today, mostly. */
static void time_of_day(const struct table_row *r, struct value v, struct buf *out)
{
	time_t at = (time_t)value_integer(v, 0);
	struct tm tm;
	char text[16];
	(void)r;
	localtime_r(&at, &tm);
	strftime(text, sizeof text, "%H:%M:%S", &tm);
	buf_adds(out, text);
}

static const struct column columns[] = {
	{.field = "severity", .width = 8, .tint = tint},
	{.field = "text", .width = 80, .flags = COLUMN_FILL, .format = indented},
	{.field = "since", .width = 8, .priority = 2, .format = time_of_day},
	{.field = "confidence", .width = 5, .priority = 3},
	{.field = "id", .width = 22, .min = 12, .priority = 1},
};

static const struct table_panel findings = {
	.part = PART_FINDINGS,
	.table = {
		.columns = columns,
		.n_columns = COUNT_OF(columns),
		.empty = "Nothing is found to be wrong.",
	},
};

/* --- one finding ---------------------------------------------------------------------------------- */

struct page {
	char *id;
	struct pager pager;
	struct doc doc;
};

/* Evidence may be named by the id of a metric. */
static const struct metric *metric_of(const char *name)
{
	for (unsigned i = 0; i < N_METRICS; i++)
		if (strcmp(metric_get(i)->id, name) == 0)
			return metric_get(i);
	return NULL;
}

/* Of the last minutes, behind a number that has them. */
static void add_curve(struct doc *d, const struct console *c, const struct metric *m)
{
	enum { CELLS = 24, COLUMN = 46 };
	for (unsigned i = 0; i < N_METRICS; i++)
		if (metric_get(i) == m) {
			doc_tab(d, COLUMN);
			draw_spark_doc(d, CELLS, UI_SPARK, timeline_series(console_timeline(c), i));
		}
}

static void add_evidence(struct doc *d, const struct console *c, const struct finding *f)
{
	doc_end(d);
	doc_heading(d, "Evidence");
	for (unsigned i = 0; i < f->n_evidence; i++) {
		const struct evidence *e = &f->evidence[i];
		const struct metric *m = metric_of(e->name);
		struct buf b = BUF_INIT;
		if (e->value.type == VALUE_TEXT)
			buf_add(&b, e->value.s, e->value.len);
		else if (e->unit == UNIT_SECONDS)
			add_duration(&b, value_number(e->value, 0));
		else
			unit_format(&b, e->unit, e->value, m && m->rate);
		if (m) {
			doc_puts(d, UI_LABEL, m->title);
			doc_tab(d, 34);
			doc_puts(d, UI_STRONG, buf_str(&b));
			add_curve(d, c, m);
			doc_end(d);
		} else {
			doc_field(d, 34, e->name, UI_STRONG, buf_str(&b));
		}
		buf_release(&b);
	}
}

static void add_subjects(struct doc *d, const char *title, const struct subject *s, unsigned n)
{
	if (!n)
		return;
	doc_end(d);
	doc_heading(d, title);
	for (unsigned i = 0; i < n; i++)
		doc_field(d, 34, subject_name(s[i].kind), UI_STRONG, s[i].id);
}

/* Statements keep their lines: on one, a comment would swallow what stands behind it. */
static void add_step(struct doc *d, const struct step *step)
{
	const char *label = step_name(step->kind), *text = step->text;
	for (const char *end; (end = strchr(text, '\n')) && step->kind == STEP_SQL; text = end + 1, label = "") {
		char *line = xstrndup(text, (size_t)(end - text));
		doc_field(d, 34, label, UI_STRONG, line);
		free(line);
	}
	if (*text || *label)
		doc_field(d, 34, label, UI_STRONG, text);
}

static void add_steps(struct doc *d, const struct finding *f)
{
	if (!f->n_steps)
		return;
	doc_end(d);
	doc_heading(d, "What can be done");
	for (unsigned i = 0; i < f->n_steps; i++)
		add_step(d, &f->steps[i]);
}

/* What it means needs no title: it comes first. */
static void add_advice(struct doc *d, const struct finding *f)
{
	struct advice advice[FINDING_ADVICE];
	unsigned n = finding_advice(f, advice);
	for (unsigned i = 0; i < n; i++) {
		if (advice[i].text != f->explanation)
			doc_heading(d, advice[i].title);
		doc_para(d, UI_TEXT, advice[i].text);
		doc_end(d);
	}
}

static void write_page(struct view *v, const struct finding *f)
{
	struct page *p = v->state;
	struct doc *d = &p->doc;
	doc_printf(d, severity_role(severity_name(f->severity)), "%s", f->title ? f->title : f->id);
	doc_end(d);
	doc_para(d, UI_STRONG, f->text);
	doc_end(d);
	add_advice(d, f);
	if (f->caused_by)
		doc_field(d, 34, "Caused by", UI_STRONG, f->caused_by);
	for (unsigned i = 0; i < f->n_causes; i++)
		doc_field(d, 34, i ? "" : "Explains", UI_STRONG, f->causes[i]);
	add_evidence(d, v->console, f);
	add_subjects(d, "Culprits", f->culprits, f->n_culprits);
	add_subjects(d, "Suspects: the server does not show who it is", f->suspects, f->n_suspects);
	add_steps(d, f);
}

static void page_refresh(struct view *v)
{
	struct page *p = v->state;
	const struct part *all = console_part(v->console, PART_FINDINGS);
	int row = all ? part_find(all, value_str(p->id)) : -1;
	struct arena a = {0};
	struct finding f;
	doc_clear(&p->doc);
	if (row >= 0 && finding_read(&f, &a, all, (unsigned)row))
		write_page(v, &f);
	else
		doc_para(&p->doc, UI_DIM, "This is over: the rule does not find it any more.");
	pager_set(&p->pager, &p->doc);
	arena_release(&a);
}

static void page_open(struct view *v, const void *arg)
{
	struct page *p = v->state;
	p->id = xstrdup(arg);
	page_refresh(v);
}

static void page_close(struct view *v)
{
	struct page *p = v->state;
	doc_release(&p->doc);
	free(p->id);
}

static void page_draw(struct view *v, struct canvas *c, struct rect r)
{
	struct page *p = v->state;
	draw_pager(c, (struct rect){r.x + 1, r.y, r.w - 2, r.h}, &p->pager);
}

static bool page_key(struct view *v, struct key k)
{
	struct page *p = v->state;
	return pager_key(&p->pager, k);
}

static int64_t session_named(const struct part *all, int row)
{
	struct arena a = {0};
	struct finding f;
	int64_t id = 0;
	if (all && row >= 0 && finding_read(&f, &a, all, (unsigned)row))
		for (unsigned i = 0; i < f.n_culprits && !id; i++)
			if (f.culprits[i].kind == SUBJECT_SESSION)
				id = strtoll(f.culprits[i].id, NULL, 10);
	arena_release(&a);
	return id;
}

static int64_t page_session(struct view *v)
{
	struct page *p = v->state;
	const struct part *all = console_part(v->console, PART_FINDINGS);
	return session_named(all, all ? part_find(all, value_str(p->id)) : -1);
}

static void page_culprit(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	struct page *p = v->state;
	const struct part *all = console_part(v->console, PART_FINDINGS);
	int row = all ? part_find(all, value_str(p->id)) : -1;
	(void)call;
	if (row >= 0)
		culprit_go_row(v->console, all, (unsigned)row);
	else
		console_say(v->console, UI_DIM, "this is over");
}

static const struct action page_actions[] = {
	{"finding-culprit", "c", "culprit", "Go to who causes it: session, statement, table, replica, file.", NULL, 0,
	 1, page_culprit},
};

const struct action_set finding_actions = {"finding", "In a finding", page_actions, COUNT_OF(page_actions)};

const struct view_ops finding_detail = {
	.name = "finding",
	.title = "Finding",
	.help = "One finding: what it means, what to do and what not, and the numbers it was concluded from.",
	.needs = PART_BIT(PART_FINDINGS) | PART_BIT(PART_PROCESSLIST),
	.size = sizeof(struct page),
	.open = page_open,
	.close = page_close,
	.refresh = page_refresh,
	.draw = page_draw,
	.key = page_key,
	.session = page_session,
	.actions = &finding_actions,
};

/* --- the panel ------------------------------------------------------------------------------------ */

static void show_finding(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	struct value id = tableview_key(table_panel_table(v));
	(void)call;
	if (id.type == VALUE_TEXT)
		console_push(v->console, &finding_detail, value_cstr(id));
}

static void go_to_culprit(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	const struct part *all = console_part(v->console, PART_FINDINGS);
	int row = tableview_row(table_panel_table(v));
	(void)call;
	if (all && row >= 0)
		culprit_go_row(v->console, all, (unsigned)row);
}

static int64_t session(struct view *v)
{
	return session_named(console_part(v->console, PART_FINDINGS),
			     tableview_row(table_panel_table(v)));
}

static const struct action actions[] = {
	{"show-finding", "Enter", "evidence", "Show the finding with its evidence and what to do.", NULL,
	 ACTION_NEEDS_ROW, 1, show_finding},
	{"go-to-culprit", "c", "culprit", "Go to who causes it: session, statement, table, replica, file.", NULL, ACTION_NEEDS_ROW, 2,
	 go_to_culprit},
};

static const struct action_set action_set = {"findings", "Findings", actions, COUNT_OF(actions)};

const struct view_ops findings_panel = {
	.name = "findings",
	.title = "Findings",
	.brief = "Find",
	.digit = '9',
	.help = "What the rules conclude from all that is read: worst first, with who causes it. What "
		"follows from another finding hangs under it: mend the cause first. Every finding shows "
		"its evidence, so that you can disagree.",
	.needs = PART_BIT(PART_FINDINGS) | PART_BIT(PART_PROCESSLIST),
	TABLE_PANEL(&findings),
	.session = session,
	.actions = &action_set,
};
