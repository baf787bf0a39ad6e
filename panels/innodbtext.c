#include "panels/innodbtext.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "panels/innodbtextdoc.h"
#include "panels/sheet.h"
#include "ui/pager.h"

void innodb_text_release(struct innodb_text *t)
{
	if (t->part)
		innodb_status_release(&t->status);
	part_unref(t->part);
	*t = (struct innodb_text){0};
}

bool innodb_text_take(struct innodb_text *t, const struct console *c)
{
	const struct part *p = console_part(c, PART_INNODB_STATUS);
	if (!p || p == t->part || !part_rows(p))
		return false;
	struct value v = part_cell(p, 0, "text");
	if (v.type != VALUE_TEXT)
		return false;
	innodb_text_release(t);
	t->part = part_ref(p);
	innodb_status_parse(&t->status, v.s, v.len);
	return true;
}

static void copy_text(struct view *v, const struct innodb_text *t, struct slice s, const char *what)
{
	if (t->part)
		console_copy(v->console, s.s, s.len, what);
}

/* --- one section ------------------------------------------------------------------------------ */

/* Which: titles of sections that are not known may be many. */
struct which {
	enum innodb_section_id id;
	unsigned nth;
};

struct section_view {
	struct which which;
	struct innodb_text text;
	struct doc doc;
	struct pager pager;
};

static const struct innodb_section *find_section(const struct innodb_status *s, struct which w)
{
	for (size_t i = 0; i < s->n_sections; i++)
		if (s->sections[i].id == w.id && w.nth-- == 0)
			return &s->sections[i];
	return NULL;
}

static void section_refresh(struct view *v)
{
	struct section_view *s = v->state;
	if (!innodb_text_take(&s->text, v->console))
		return;
	const struct innodb_section *section = find_section(&s->text.status, s->which);
	if (!section)
		return; /* what was there stays: the latest deadlock does not go away */
	doc_clear(&s->doc);
	innodb_section_doc(&s->doc, &s->text.status, section);
	s->pager.doc = &s->doc; /* and stays where it is */
	console_dirty(v->console);
}

static void section_open(struct view *v, const void *arg)
{
	struct section_view *s = v->state;
	s->which = *(const struct which *)arg;
	pager_set(&s->pager, &s->doc);
	section_refresh(v);
}

static void section_close(struct view *v)
{
	struct section_view *s = v->state;
	innodb_text_release(&s->text);
	doc_release(&s->doc);
}

static void section_draw(struct view *v, struct canvas *c, struct rect r)
{
	struct section_view *s = v->state;
	if (!draw_part_state(c, &r, v->console, PART_INNODB_STATUS))
		return;
	r.x++;
	r.w -= 2;
	draw_pager(c, r, &s->pager);
}

static bool section_key(struct view *v, struct key k)
{
	struct section_view *s = v->state;
	return pager_key(&s->pager, k);
}

static const struct view_ops section_ops = {
	.name = "innodb-section",
	.title = "InnoDB status",
	.help = "One section of SHOW ENGINE INNODB STATUS: what it is about, its numbers with what they mean, and "
		"the text as the server gave it. / searches.",
	.needs = PART_BIT(PART_INNODB_STATUS),
	.size = sizeof(struct section_view),
	.open = section_open,
	.close = section_close,
	.refresh = section_refresh,
	.draw = section_draw,
	.key = section_key,
	.actions = &innodb_section_actions,
};

void innodb_text_open(struct console *c, enum innodb_section_id id)
{
	console_push(c, &section_ops, &(struct which){.id = id});
}

/* --- the list --------------------------------------------------------------------------------- */

struct list_view {
	struct innodb_text text;
	struct sheet sheet;
};

enum { TOPIC_SECTION = 1, TOPIC_WHOLE };

static void list_refresh(struct view *v)
{
	struct list_view *l = v->state;
	if (innodb_text_take(&l->text, v->console))
		console_dirty(v->console);
}

static void list_open(struct view *v, const void *arg)
{
	(void)arg;
	list_refresh(v);
}

static void list_close(struct view *v)
{
	struct list_view *l = v->state;
	innodb_text_release(&l->text);
	sheet_release(&l->sheet);
}

static unsigned nth_of_its_kind(const struct innodb_status *s, size_t i)
{
	unsigned n = 0;
	for (size_t k = 0; k < i; k++)
		n += s->sections[k].id == s->sections[i].id;
	return n;
}

static void put_section(struct list_view *l, size_t i)
{
	enum { TITLE_WIDTH = 30 };
	const struct innodb_section *section = &l->text.status.sections[i];
	struct buf brief = BUF_INIT, title = BUF_INIT;
	char key[SHEET_KEY];
	snprintf(key, sizeof key, "%d %u", (int)section->id, nth_of_its_kind(&l->text.status, i));
	sheet_about(&l->sheet, TOPIC_SECTION, key, NULL);
	buf_adds(&title, innodb_section_title(section->id));
	if (section->id == INNODB_UNKNOWN)
		buf_addf(&title, ": %.*s", (int)section->title.len, section->title.s);
	innodb_section_brief(&brief, &l->text.status, section);
	sheet_blanks(&l->sheet, 1);
	sheet_cell(&l->sheet, TITLE_WIDTH, false, UI_STRONG, buf_str(&title));
	sheet_blanks(&l->sheet, 1);
	sheet_cell(&l->sheet, l->sheet.width - TITLE_WIDTH - 3, false,
		   innodb_section_alarms(&l->text.status, section) ? UI_WARNING : UI_TEXT, buf_str(&brief));
	sheet_line_end(&l->sheet);
	buf_release(&brief);
	buf_release(&title);
}

static void build(struct list_view *l, int width)
{
	const struct innodb_status *s = &l->text.status;
	struct buf head = BUF_INIT;
	sheet_begin(&l->sheet, width);
	sheet_about(&l->sheet, 0, NULL, NULL);
	buf_addf(&head, "SHOW ENGINE INNODB STATUS of %.*s, %zu bytes", (int)s->time.len, s->time.s,
		 s->text.len);
	if (s->average >= 0)
		buf_addf(&head, ". Its averages are over %.0f s, since anybody's last look", s->average);
	sheet_text(&l->sheet, 1, UI_DIM, buf_str(&head));
	if (s->truncated)
		sheet_text(&l->sheet, 1, UI_WARNING, innodb_text_cut_note);
	sheet_gap(&l->sheet);
	for (size_t i = 0; i < s->n_sections; i++)
		if (s->sections[i].id != INNODB_HEAD || s->n_sections == 1)
			put_section(l, i);
	sheet_end(&l->sheet);
	buf_release(&head);
}

static void list_draw(struct view *v, struct canvas *c, struct rect r)
{
	struct list_view *l = v->state;
	if (!draw_part_state(c, &r, v->console, PART_INNODB_STATUS) || !l->text.part)
		return;
	build(l, r.w);
	sheet_draw(&l->sheet, c, r);
}

static bool list_key(struct view *v, struct key k)
{
	struct list_view *l = v->state;
	return sheet_key(&l->sheet, k);
}

static bool chosen(const struct list_view *l, struct which *w)
{
	const struct sheet_mark *m = sheet_at(&l->sheet);
	int id;
	if (m->topic != TOPIC_SECTION || sscanf(m->key, "%d %u", &id, &w->nth) != 2)
		return false;
	w->id = (enum innodb_section_id)id;
	return true;
}

static bool list_explain(struct view *v, struct doc *d)
{
	const struct list_view *l = v->state;
	struct which w;
	if (!chosen(l, &w))
		return false;
	doc_heading(d, innodb_section_title(w.id));
	doc_para(d, UI_TEXT, innodb_section_help(w.id));
	return true;
}

/* --- actions ---------------------------------------------------------------------------------- */

static void open_section(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	struct which w;
	if (v->ops == &innodb_text_view && chosen(v->state, &w))
		console_push(v->console, &section_ops, &w);
}

static void copy(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	if (v->ops == &innodb_text_view) {
		const struct list_view *l = v->state;
		copy_text(v, &l->text, l->text.status.text, "InnoDB status");
		return;
	}
	const struct section_view *s = v->state;
	const struct innodb_section *section =
		s->text.part ? find_section(&s->text.status, s->which) : NULL;
	if (section)
		copy_text(v, &s->text, section->text, innodb_section_title(section->id));
}

static const struct action actions[] = {
	{"innodb-section", "Enter", "open", "Open the section under the cursor.", NULL, 0, 1, open_section},
	{"innodb-copy", "y", "copy", "Copy the text as it came to your own machine's clipboard (OSC 52).", NULL,
	 0, 3, copy},
};

const struct action_set innodb_text_actions = {"innodb-text", "In InnoDB's status text", actions,
					       COUNT_OF(actions)};

static const struct action section_actions[] = {
	{"innodb-copy-section", "y", "copy", "Copy the section as it came to your own machine's clipboard.", NULL,
	 0, 3, copy},
};

const struct action_set innodb_section_actions = {"innodb-section", "In one of its sections",
						  section_actions, COUNT_OF(section_actions)};

const struct view_ops innodb_text_view = {
	.name = "innodb-text",
	.title = "InnoDB status",
	.help = "SHOW ENGINE INNODB STATUS, by its sections: what stands out in each; ↵ opens one with all its "
		"numbers explained and the text as it came. Read while it is shown only, and every 10 s at most: "
		"the server holds latches while it writes the text.",
	.needs = PART_BIT(PART_INNODB_STATUS),
	.size = sizeof(struct list_view),
	.open = list_open,
	.close = list_close,
	.refresh = list_refresh,
	.draw = list_draw,
	.key = list_key,
	.explain = list_explain,
	.actions = &innodb_text_actions,
};
