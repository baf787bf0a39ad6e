/*
 * The InnoDB panel's own files among themselves: the pages (one per box, with its numbers and the settings
 * that govern them), the picture of the architecture and the list that stands in for it on narrow screens.
 * UI thread.
 */
#ifndef PANELS_INNODB_H
#define PANELS_INNODB_H

#include "panels/innodbnumber.h"
#include "panels/innodbthreads.h"
#include "panels/panel.h"

enum inno_page_id {
	PAGE_POOL, PAGE_FLUSHING, PAGE_LOG_BUFFER, PAGE_REDO, PAGE_UNDO, PAGE_CHANGE_BUFFER, PAGE_HASH,
	PAGE_DATA, PAGE_DOUBLEWRITE, PAGE_IO, PAGE_ROWS, PAGE_LATCHES,
	N_INNO_PAGES,
};

/* What can be selected in the picture: a box, or a flow between boxes. */
enum inno_box_id {
	BOX_POOL, BOX_LOG_BUFFER, BOX_CHANGE_BUFFER, BOX_HASH, BOX_HISTORY,
	BOX_READ, BOX_FLUSH, BOX_LOG, BOX_PURGE,
	BOX_DATA, BOX_DOUBLEWRITE, BOX_REDO, BOX_UNDO,
	BOX_ROWS, BOX_LATCHES,
	N_INNO_BOXES,
};

enum { MOST_PAGE_NUMBERS = 20, MOST_PAGE_LINKS = 3, MOST_PAGE_LINES = 2 };

/* A further view that a page leads to. */
struct inno_link {
	const char *title, *help;
	const struct view_ops *view;
};

struct inno_page {
	const char *name;    /* "redo": its view is innodb-redo */
	const char *title;
	enum inno_box_id box; /* where coming back from the list stands in the picture */
	const char *help;
	unsigned brief;      /* so many of the numbers stand in the list */
	unsigned n;
	enum inno_number_id numbers[MOST_PAGE_NUMBERS];
	/* A setting that switches all of it off, and the value that does. Absent: this server has none of
	   it. NULL: it cannot be off. */
	const char *off_setting, *off_value;
	struct inno_link links[MOST_PAGE_LINKS];
	const struct inno_lines_kind *lines[MOST_PAGE_LINES]; /* what its threads are at */
};
extern const struct inno_page inno_pages[N_INNO_PAGES];

enum inno_presence { INNO_ON, INNO_OFF, INNO_MISSING };
enum inno_presence inno_page_presence(const struct inno_page *p, const struct frame *f);

/* A setting beside the number that it governs. */
struct inno_setting {
	const char *names;   /* the first that the server has: "innodb_redo_log_capacity|innodb_log_file_size" */
	enum inno_page_id page;
	enum unit unit;      /* UNIT_NONE: as it stands */
	const char *governs;
	enum inno_number_id now;
	enum inno_number_id too; /* a second one; the same as `now`: none */
	const char *help;
};
extern const struct inno_setting inno_settings[];
extern const unsigned inno_n_settings;

/* The name that the server in front of us has; the first one where it has none of them. */
void inno_setting_name(const struct inno_setting *s, const struct frame *f, char out[64]);
void inno_setting_value(struct buf *out, const struct inno_setting *s, const struct frame *f);
/* What it governs, now: the numbers with what is wrong with them. */
void line_inno_setting(struct line *l, const struct inno_setting *s, const struct frame *f);
void inno_setting_explain(struct doc *d, const struct inno_setting *s, const struct console *c);
/* The page's settings as a table; returns the rows used. And its rows one by one. */
int inno_draw_settings(struct canvas *c, struct rect r, enum inno_page_id page, const struct frame *f);
void inno_draw_setting(struct canvas *c, int x, int y, int w, const struct inno_setting *s,
		       const struct frame *f);
void inno_draw_setting_head(struct canvas *c, int x, int y, int w);

/* --- drawing ---------------------------------------------------------------------------------- */

struct inno_spot {
	enum inno_box_id box;
	struct rect r;
};

/* The panel's state: what is under the cursor, and where it was drawn last. */
struct innodb {
	enum inno_box_id at;
	unsigned n_spots;
	struct inno_spot spots[N_INNO_BOXES];
	bool picture;        /* the picture was drawn, not the list */
	int top;             /* of the list: rows scrolled out */
};

enum inno_page_id inno_box_page(enum inno_box_id box);
/* False where it needs more room than there is. */
bool inno_draw_picture(struct innodb *s, const struct console *console, struct canvas *c, struct rect r);
void inno_draw_list(struct innodb *s, const struct console *console, struct canvas *c, struct rect r);
/* The nearest spot in that direction, -1: none. */
int inno_neighbour(const struct innodb *s, int dx, int dy);

/* The view of a page's numbers; what it needs beyond the panel is its own. */
extern const struct view_ops *const inno_page_views[N_INNO_PAGES];
/* innodbtables.c */
extern const struct view_ops inno_files_view, inno_spaces_view, inno_mutexes_view, inno_pools_view;
/* A curve of one number; `arg` points at its enum inno_number_id. */
extern const struct view_ops inno_graph_view;

/* What every view of InnoDB needs. Sizes of tablespaces are read every half minute. */
#define INNO_NEEDS \
	(PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_INNODB) | \
	 PART_BIT(PART_INNODB_POOLS) | PART_BIT(PART_INNODB_SPACES) | PART_BIT(PART_TRANSACTIONS))

#endif
