/*
 * The detail of one session. What it shows comes from the processlist at once, and from a job per page
 * (detailask.h); pages that change are asked again while one looks.
 */
#include "panels/detail.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "panels/console.h"
#include "panels/detailask.h"
#include "panels/draw.h"
#include "panels/griddoc.h"
#include "panels/plandoc.h"
#include "parse/sqltext.h"
#include "ui/pager.h"

static const struct {
	const char *name, *title;
} pages[] = {
	[DETAIL_STATEMENT] = {"statement", "Statement"},
	[DETAIL_PLAN] = {"plan", "Plan"},
	[DETAIL_TABLES] = {"tables", "Tables"},
	[DETAIL_TRANSACTION] = {"transaction", "Transaction"},
	[DETAIL_LOCKS] = {"locks", "Locks"},
	[DETAIL_ATTRIBUTES] = {"attributes", "Attributes"},
	[DETAIL_COUNTERS] = {"status", "Counters"},
};

/* --- the view --------------------------------------------------------------------------------- */

struct detail {
	int64_t id;
	enum detail_page page;
	enum plan_form form;
	struct detail_answer *answer;
	bool out;               /* a job is out */
	int64_t asked_at;
	const struct part *part; /* the last processlist that had the session */
	unsigned row;
	bool gone;
	struct buf whole;       /* the whole text, when it was fetched */
	bool whole_known;
	struct doc doc;
	struct pager pager;
};

static struct value cell(const struct detail *d, const char *field)
{
	return d->part ? part_cell(d->part, d->row, field) : VALUE_NONE;
}

/* The statement as far as it is known, and whether that is all of it. */
static const char *statement(const struct detail *d, size_t *len, bool *complete)
{
	struct value info = cell(d, "info");
	*complete = true;
	if (d->whole_known) {
		*len = d->whole.len;
		return buf_str(&d->whole);
	}
	if (info.type == VALUE_TEXT)
		*complete = value_integer(cell(d, "info_cut"), 0) == 0;
	else
		info = cell(d, "last_statement");
	*len = info.type == VALUE_TEXT ? info.len : 0;
	return value_cstr(info);
}

static void rebuild(struct view *v);

static void answered(struct job *job, void *owner)
{
	struct view *v = owner;
	struct detail *d = v->state;
	if (job->progress)
		return;
	d->out = false;
	if (job->err.kind != ERR_NONE) {
		struct buf b = BUF_INIT;
		err_format(&job->err, &b);
		console_say(v->console, UI_WARNING, "%s", buf_str(&b));
		buf_release(&b);
		if (!job->result)
			return;
	}
	struct detail_answer *a = job->result;
	job->result = NULL;
	if (a->page != d->page) {
		detail_answer_free(a);
		return;
	}
	detail_answer_free(d->answer);
	d->answer = a;
	if (a->page == DETAIL_STATEMENT && a->n && a->sections[0].grid.n_rows &&
	    a->sections[0].grid.rows[0][0].s) {
		const struct grid_cell *text = &a->sections[0].grid.rows[0][0];
		buf_clear(&d->whole);
		buf_add(&d->whole, text->s, text->len);
		d->whole_known = cell(d, "info").type != VALUE_ABSENT;
	}
	rebuild(v);
}

/* What is known without asking: who sleeps, and left no statement behind, has no plan. */
static bool answer_here(struct view *v)
{
	struct detail *d = v->state;
	size_t len;
	bool complete;
	statement(d, &len, &complete);
	if (d->page != DETAIL_PLAN || len || strcmp(value_cstr(cell(d, "command")), "Sleep") != 0)
		return false;
	detail_answer_free(d->answer);
	d->answer = xcalloc(1, sizeof *d->answer);
	d->answer->page = d->page;
	d->answer->here = true;
	detail_section_add(d->answer, NULL, xstrdup("Plan"))->note = detail_runs_nothing;
	rebuild(v);
	return true;
}

static void ask(struct view *v)
{
	struct detail *d = v->state;
	const struct snapshot *now = console_frame(v->console)->now;
	if (d->out || !now || now->link == LINK_DOWN || !d->part || answer_here(v))
		return;
	size_t len;
	struct detail_ask *in = xcalloc(1, sizeof *in);
	in->id = d->id;
	in->page = d->page;
	in->flavor = now->server.flavor;
	in->performance_schema = now->server.performance_schema;
	in->waits = cell(d, "blocked_by").type != VALUE_ABSENT;
	const char *text = statement(d, &len, &in->complete);
	in->text = xstrndup(text, len);
	in->db = xstrdup(value_cstr(cell(d, "db")));
	bool dml = d->page == DETAIL_PLAN && sql_is_explainable(in->text, len) &&
		   sql_kind(in->text, len) != SQL_KIND_SELECT;
	d->out = true;
	d->asked_at = clock_mono_ns();
	console_submit(v->console, job_new(dml ? &detail_dml_job : &detail_job, console_target(v->console), in),
		       answered, v);
}

static void show_page(struct view *v, enum detail_page page)
{
	struct detail *d = v->state;
	if (page == d->page && d->answer)
		return;
	d->page = page;
	detail_answer_free(d->answer);
	d->answer = NULL;
	d->out = false;
	console_cancel(v->console, v);
	d->pager = (struct pager){0};
	rebuild(v);
	ask(v);
}

void detail_show_page(struct view *v, const char *page)
{
	for (unsigned i = 0; i < N_DETAIL_PAGES; i++)
		if (strcmp(pages[i].name, page) == 0)
			show_page(v, i);
}

/* --- what it looks like ----------------------------------------------------------------------- */

static void doc_section(struct doc *doc, const struct detail *d, const struct detail_section *s, bool ascii)
{
	doc_heading(doc, s->title);
	if (s->note || s->err.kind != ERR_NONE) {
		struct buf b = BUF_INIT;
		bool absent = s->err.kind == ERR_UNSUPPORTED && s->query && s->query->enable;
		if (s->note)
			buf_adds(&b, s->note);
		else if (absent)
			buf_addf(&b, "not on this server as it is; to have it: %s", s->query->enable);
		else
			err_format(&s->err, &b);
		if (s->err.kind == ERR_DENIED && s->query && s->query->grant)
			buf_addf(&b, ". Least privilege: %s", s->query->grant);
		doc_puts(doc, UI_WARNING, "  ");
		doc_para(doc, UI_WARNING, buf_str(&b));
		buf_release(&b);
	}
	if (!s->query || !s->grid.n_columns) {
		doc_end(doc);
		return;
	}
	const struct grid *g = &s->grid;
	switch (s->query->kind) {
	case DETAIL_SQL:
		break; /* shown from d->whole */
	case DETAIL_FIELDS:
		grid_doc_fields(doc, g);
		break;
	case DETAIL_TABLE:
		grid_doc_table(doc, g);
		break;
	case DETAIL_DDL:
		if (g->n_rows && g->n_columns > 1 && g->rows[0][1].s)
			draw_sql_doc(doc, g->rows[0][1].s, g->rows[0][1].len, false);
		break;
	case DETAIL_PLAN_JSON:
	case DETAIL_PLAN_TREE:
	case DETAIL_PLAN_ROWS:
		plan_doc(doc, g, s->query->kind, d->form, ascii);
		break;
	}
	doc_end(doc);
}

static void doc_statement(struct doc *doc, const struct detail *d)
{
	size_t len;
	bool complete;
	const char *text = statement(d, &len, &complete);
	if (!len) {
		doc_puts(doc, UI_DIM, "No statement runs, and none is remembered.");
		doc_end(doc);
		return;
	}
	if (cell(d, "info").type == VALUE_ABSENT) {
		doc_puts(doc, UI_DIM, "The last statement; the session is idle since.");
		doc_end(doc);
		doc_end(doc);
	}
	draw_sql_doc(doc, text, len, true);
	if (complete)
		return;
	doc_end(doc);
	struct value bytes = cell(d, "info_length");
	if (bytes.type == VALUE_INT)
		doc_printf(doc, UI_WARNING, "Cut: %zu of %lld bytes are known so far.", len,
			   (long long)bytes.i);
	else
		doc_printf(doc, UI_WARNING, "Cut: the server keeps only the first %zu bytes here.", len);
	doc_end(doc);
}

static void rebuild(struct view *v)
{
	struct detail *d = v->state;
	doc_clear(&d->doc);
	if (d->page == DETAIL_STATEMENT)
		doc_statement(&d->doc, d);
	if (!d->answer && d->page != DETAIL_STATEMENT)
		doc_puts(&d->doc, UI_DIM, d->out || d->part ? "Asking the server…" : "");
	for (unsigned i = 0; d->answer && i < d->answer->n; i++) {
		const struct detail_section *s = &d->answer->sections[i];
		bool text = s->query && s->query->kind == DETAIL_SQL;
		if (!text || (s->err.kind != ERR_NONE && !d->whole_known))
			doc_section(&d->doc, d, s, console_ascii(v->console));
	}
	pager_set(&d->pager, &d->doc);
	console_dirty(v->console);
}

static void add_fact(struct line *l, const char *label, const struct detail *d, const char *field,
		     enum ui_role role)
{
	struct value v = cell(d, field);
	if (v.type == VALUE_ABSENT)
		return;
	int i = schema_field(part_schema(d->part), field);
	struct buf b = BUF_INIT;
	unit_format(&b, part_schema(d->part)->fields[i].unit, v, false);
	line_printf(l, UI_LABEL, "%s ", label);
	line_puts(l, role, buf_str(&b));
	line_gap(l, 2);
	buf_release(&b);
}

static void draw_head(const struct detail *d, struct canvas *c, struct rect *r)
{
	struct rect line = rect_top(r, 1);
	struct line l = {0};
	line_printf(&l, UI_TITLE, " Session %lld  ", (long long)d->id);
	if (d->gone)
		line_puts(&l, UI_WARNING, "has ended; this is what was seen last  ");
	line_printf(&l, UI_STRONG, "%s@%s  ", value_cstr(cell(d, "user")), value_cstr(cell(d, "host")));
	add_fact(&l, "db", d, "db", UI_TEXT);
	add_fact(&l, "command", d, "command", UI_TEXT);
	line_draw(&l, c, line.x, line.y, line.w);
	line_release(&l);
	line = rect_top(r, 1);
	line_gap(&l, 1);
	bool blocked = cell(d, "blocked_by").type != VALUE_ABSENT;
	add_fact(&l, "state", d, "state", blocked ? UI_WAITING : UI_TEXT);
	if (value_integer(cell(d, "blocks"), 0) > 0)
		add_fact(&l, "blocks", d, "blocks", UI_BLOCKING);
	add_fact(&l, "time", d, "time", UI_STRONG);
	add_fact(&l, "transaction", d, "transaction_age", UI_STRONG);
	add_fact(&l, "locked", d, "rows_locks", UI_TEXT);
	add_fact(&l, "changed", d, "rows_modified", UI_TEXT);
	add_fact(&l, "progress", d, "progress", UI_TEXT);
	add_fact(&l, "examined", d, "rows_examined", UI_TEXT);
	add_fact(&l, "memory", d, "memory", UI_TEXT);
	line_draw(&l, c, line.x, line.y, line.w);
	line_release(&l);
}

static void draw(struct view *v, struct canvas *c, struct rect r)
{
	struct detail *d = v->state;
	draw_head(d, c, &r);
	struct rect tabs = rect_top(&r, 1);
	int x = tabs.x + 1;
	for (unsigned i = 0; i < N_DETAIL_PAGES; i++)
		x += canvas_printf(c, x, tabs.y, CANVAS_ALL, i == d->page ? UI_TAB_CURRENT : UI_TAB, " %s ",
				   pages[i].title);
	canvas_puts(c, x, tabs.y, CANVAS_ALL, UI_DIM, "  ← →");
	rect_top(&r, r.h > 10 ? 1 : 0);
	r.x += 1;
	r.w -= 2;
	draw_pager(c, r, &d->pager);
}

static void refresh(struct view *v)
{
	struct detail *d = v->state;
	const struct part *p = console_part(v->console, PART_PROCESSLIST);
	if (!p || part_status(p) != PART_OK)
		return;
	int row = part_find(p, value_int(d->id));
	d->gone = row < 0;
	bool first = !d->part;
	if (row >= 0) {
		struct value before = cell(d, "info");
		bool other = !first && !value_equal(before, part_get(p, (unsigned)row,
								      (unsigned)schema_field(part_schema(p), "info")));
		part_unref(d->part);
		d->part = part_ref(p);
		d->row = (unsigned)row;
		if (other) {
			d->whole_known = false;
			buf_clear(&d->whole);
		}
	}
	if (d->page == DETAIL_STATEMENT)
		rebuild(v);
	size_t len;
	bool complete, live = false;
	statement(d, &len, &complete);
	for (unsigned i = 0; d->answer && i < d->answer->n; i++)
		live |= d->answer->sections[i].query && d->answer->sections[i].query->live;
	bool wanted = d->page == DETAIL_STATEMENT ? !complete || !len
						    : !d->answer || d->answer->here || live;
	if (wanted && !d->gone && (first || clock_mono_ns() - d->asked_at >= NS_PER_S))
		ask(v);
}

static bool key(struct view *v, struct key k)
{
	struct detail *d = v->state;
	if (!d->pager.searching && !k.mods && (k.code == K_LEFT || k.code == K_RIGHT)) {
		unsigned step = k.code == K_RIGHT ? 1 : N_DETAIL_PAGES - 1;
		show_page(v, (d->page + step) % N_DETAIL_PAGES);
		return true;
	}
	return pager_key(&d->pager, k);
}

static void open(struct view *v, const void *arg)
{
	struct detail *d = v->state;
	d->id = *(const int64_t *)arg;
}

static void close(struct view *v)
{
	struct detail *d = v->state;
	detail_answer_free(d->answer);
	part_unref(d->part);
	buf_release(&d->whole);
	doc_release(&d->doc);
}

static int64_t session(struct view *v)
{
	const struct detail *d = v->state;
	return d->gone ? 0 : d->id;
}

static void copy(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	struct detail *d = v->state;
	if (d->page == DETAIL_STATEMENT) {
		size_t len;
		bool complete;
		const char *text = statement(d, &len, &complete);
		console_copy(v->console, text, len, complete ? "statement" : "cut statement");
		return;
	}
	struct buf b = BUF_INIT;
	doc_text(&d->doc, &b);
	console_copy(v->console, buf_str(&b), b.len, pages[d->page].title);
	buf_release(&b);
}

static void form(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	struct detail *d = v->state;
	if (d->page != DETAIL_PLAN)
		show_page(v, DETAIL_PLAN);
	else
		d->form = (d->form + 1) % N_PLAN_FORMS;
	rebuild(v);
}

static void page(void *ctx, const struct action_call *call)
{
	detail_show_page(ctx, call->args);
}

static const struct action actions[] = {
	{"plan-form", "e", "plan: tree, table, JSON", "Show the plan; again: as table, as JSON.", NULL, 0, 4,
	 form},
	{"copy", "y", "copy", "Copy the statement or the page to your own machine's clipboard (OSC 52).",
	 NULL, 0, 5, copy},
	{"page", "", "page", "Show a page of the session.",
	 "statement|plan|tables|transaction|locks|attributes|status", ACTION_UNLISTED, 0, page},
};

const struct action_set detail_actions = {"session-detail", "In a session's detail", actions,
					  COUNT_OF(actions)};

const struct view_ops session_detail = {
	.name = "session-detail",
	.title = "Session",
	.help = "One session: its whole statement, the plan of what runs, the tables that it uses, its "
		"transaction with the statements so far, the locks that it holds and waits for, who "
		"connected, and its own counters. ← → go from page to page.",
	.needs = PART_BIT(PART_PROCESSLIST),
	.size = sizeof(struct detail),
	.open = open,
	.close = close,
	.refresh = refresh,
	.draw = draw,
	.key = key,
	.session = session,
	.actions = &detail_actions,
};
