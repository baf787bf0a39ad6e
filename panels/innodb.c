/*
 * InnoDB: the picture of its architecture with live flows, or the list of its boxes. The arrows go from box
 * to box, ↵ opens the numbers of the one under the cursor (innodbbox.c).
 */
#include "panels/innodb.h"

#include "base/mem.h"
#include "panels/console.h"
#include "panels/innodbtext.h"

static void draw(struct view *v, struct canvas *c, struct rect r)
{
	struct innodb *s = v->state;
	if (!draw_part_state(c, &r, v->console, PART_STATUS))
		return;
	s->picture = inno_draw_picture(s, v->console, c, r);
	if (!s->picture)
		inno_draw_list(s, v->console, c, r);
}

/* In the list up and down go from page to page; a box that has no heading of its own there stands at its
   page's. */
static void go_in_list(struct innodb *s, int by)
{
	int page = (int)inno_box_page(s->at) + by;
	page = page < 0 ? 0 : page >= N_INNO_PAGES ? N_INNO_PAGES - 1 : page;
	s->at = inno_pages[page].box;
}

static void go(struct innodb *s, int dx, int dy)
{
	if (!s->picture) {
		go_in_list(s, dx + dy);
		return;
	}
	int to = inno_neighbour(s, dx, dy);
	if (to >= 0)
		s->at = s->spots[to].box;
}

static bool key(struct view *v, struct key k)
{
	struct innodb *s = v->state;
	if (k.mods)
		return false;
	switch (k.code) {
	case K_UP:
	case 'k':
		go(s, 0, -1);
		return true;
	case K_DOWN:
	case 'j':
		go(s, 0, 1);
		return true;
	case K_LEFT:
		go(s, -1, 0);
		return true;
	case K_RIGHT:
		go(s, 1, 0);
		return true;
	case K_HOME:
	case K_END:
	case K_PGUP:
	case K_PGDN:
		if (s->picture)
			s->at = k.code == K_HOME || k.code == K_PGUP ? BOX_POOL : BOX_UNDO;
		else
			go_in_list(s, k.code == K_HOME	 ? -N_INNO_PAGES
				      : k.code == K_END	 ? N_INNO_PAGES
				      : k.code == K_PGUP ? -3
							 : 3);
		return true;
	default:
		return false;
	}
}

static bool explain(struct view *v, struct doc *d)
{
	struct innodb *s = v->state;
	const struct inno_page *p = &inno_pages[inno_box_page(s->at)];
	doc_heading(d, p->title);
	doc_para(d, UI_TEXT, p->help);
	if (inno_page_presence(p, console_frame(v->console)) == INNO_OFF)
		doc_printf(d, UI_WARNING, "Here it is off: %s = %s.\n", p->off_setting, p->off_value);
	for (unsigned i = 0; i < p->n; i++) {
		doc_end(d);
		inno_explain(d, p->numbers[i], v->console);
	}
	return true;
}

/* --- actions ---------------------------------------------------------------------------------- */

static void open_box(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	const struct innodb *s = v->state;
	console_push(v->console, inno_page_views[inno_box_page(s->at)], NULL);
}

static void graph(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	const struct innodb *s = v->state;
	console_push(v->console, &inno_graph_view, &inno_pages[inno_box_page(s->at)].numbers[0]);
}

static void status_text(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	console_push(v->console, &innodb_text_view, NULL);
}

static const struct action actions[] = {
	{"innodb-box", "Enter", "its numbers", "Open the numbers of the box under the cursor.", NULL, 0, 1,
	 open_box},
	{"innodb-box-graph", "g", "graph", "Show the first number of the box as a curve.", NULL, 0, 3, graph},
	{"innodb-text", "t", "status text", "SHOW ENGINE INNODB STATUS by its sections, explained.", NULL, 0, 4,
	 status_text},
};

static const struct action_set action_set = {"innodb", "InnoDB", actions, COUNT_OF(actions)};

const struct view_ops innodb_panel = {
	.name = "innodb",
	.title = "InnoDB",
	.brief = "Inno",
	.digit = '4',
	.help = "How InnoDB works and where it is under strain: memory above, disk below, and what flows "
		"between them. The arrows go from box to box, ↵ opens its numbers with the settings that govern "
		"them, ? explains. A number that is high is coloured and says so in a word.",
	.needs = INNO_NEEDS | PART_BIT(PART_INNODB_FILES),
	.size = sizeof(struct innodb),
	.draw = draw,
	.key = key,
	.explain = explain,
	.actions = &action_set,
};
