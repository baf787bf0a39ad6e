/*
 * Locks: one tree of all who wait, whatever for. The root first, with all that hangs behind it; whoever
 * waits for several stands under each. Blockers are here also when they idle, and when they are a
 * prepared transaction that no session has. Commits that wait for other servers stand under those.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/blocking.h"
#include "diagnose/blocktree.h"
#include "panels/console.h"
#include "panels/detail.h"
#include "panels/draw.h"
#include "panels/tablepanel.h"

/* --- the rows --------------------------------------------------------------------------------------- */

#define TREE_FIELDS(F) \
	F(PATH, "path", TEXT, NONE, GAUGE, "Path", "Its place in the tree.", \
	  "Sessions from the root down", "") \
	F(SESSION, "session", INT, ID, GAUGE, "Session", \
	  "Who blocks or waits. Those further right wait for the one further left above them. `?` marks " \
	  "a suspect: the server does not show who holds the lock, and this session could. `↺` closes a " \
	  "ring. `↑`: what waits behind it is laid out further up. `+`: what waits behind it is folded away " \
	  "(z).", \
	  "Lock waits, metadata locks, sessions", "No rows at all.") \
	F(DEPTH, "depth", INT, COUNT, GAUGE, "Depth", "Sessions between it and the root.", \
	  "Counted in the tree", "0: it is the root.") \
	F(BEHIND, "behind", INT, COUNT, GAUGE, "Behind", \
	  "Sessions that wait for it, directly or behind others; each counts once. Of a suspect: those " \
	  "that would.", "Counted in the tree", "0.") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", \
	  "What the root does; what kind of thing the others wait for.", "Sessions, lock waits", "") \
	F(HELD, "held", REAL, SECONDS, GAUGE, "Open for", \
	  "How long its transaction has been open: locks are kept until it ends. Without one, how long " \
	  "it has been doing what it does.", "INNODB_TRX trx_started; PROCESSLIST TIME", "Seconds.") \
	F(WAITS, "waits", REAL, SECONDS, GAUGE, "Waits", "How long it has been waiting.", \
	  "INNODB_TRX trx_wait_started; the statement's time for others", \
	  "Well below innodb_lock_wait_timeout (50 s unless set).") \
	F(TABLE, "table", TEXT, NONE, GAUGE, "Lock on", "Table (or other thing) that it waits for; of a root, what is waited for behind it.", \
	  "data_locks, INNODB_LOCKS, metadata_locks", "") \
	F(INDEX, "index", TEXT, NONE, GAUGE, "Index", "Index of the row that it waits for; of a root, likewise.", \
	  "data_locks, INNODB_LOCKS", "") \
	F(RECORD, "record", TEXT, NONE, GAUGE, "Record", \
	  "The record that it waits for: its fields in that index, and the primary key behind them. " \
	  "`supremum pseudo-record` is the gap behind the last one.", "data_locks, INNODB_LOCKS", "") \
	F(MODE, "mode", TEXT, NONE, GAUGE, "Mode", "Mode in which it wants the lock.", \
	  "data_locks, INNODB_LOCKS, metadata_locks", "") \
	F(ACCOUNT, "account", TEXT, NONE, GAUGE, "User", "Account and client host.", "Sessions", "") \
	F(ROWS, "rows_modified", INT, COUNT, GAUGE, "Changed", \
	  "Rows that its transaction changed: a rollback has to undo them.", \
	  "INNODB_TRX trx_rows_modified", "Up to some thousands.") \
	F(STATEMENT, "statement", TEXT, SQL, GAUGE, "Statement", \
	  "What it runs; of one that sleeps in a transaction, the last it ran. Where commits wait for other " \
	  "servers: whom for, as far as this server can tell.", \
	  "Sessions; replicas, members of the group, nodes of the cluster", "") \
	F(OUTSIDE, "outside", TEXT, NONE, GAUGE, "Elsewhere", \
	  "Of a root that is no session here: replicas, the group, the cluster, the applier.", \
	  "The kind of wait", "None.") \
	F(XID, "xid", TEXT, NONE, GAUGE, "Xid", \
	  "Of a prepared XA transaction that no session has: XA COMMIT and XA ROLLBACK take it.", \
	  "XA RECOVER", "None.") \
	F(MARK, "mark", TEXT, NONE, GAUGE, "Mark", \
	  "root, suspect, ring, or again: laid out further up.", "The tree", "") \
	F(FOLDED, "folded", INT, COUNT, GAUGE, "Folded", "Rows below it that are folded away.", "You", "0.")

enum {
#define TREE_ENUM(id, ...) TREE_##id,
	TREE_FIELDS(TREE_ENUM)
#undef TREE_ENUM
	N_TREE_FIELDS,
};

static const struct field fields[] = {TREE_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"locks", fields, N_TREE_FIELDS, TREE_PATH};

/* Branches that someone folded, by the path of the row that stays. */
struct folds {
	char **paths;
	size_t n, cap;
};

static size_t fold_find(const struct folds *f, const char *path)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->paths[i], path) == 0)
			return i;
	return SIZE_MAX;
}

static void fold_add(struct folds *f, const char *path)
{
	if (fold_find(f, path) != SIZE_MAX)
		return;
	GROW(f->paths, f->n, f->cap);
	f->paths[f->n++] = xstrdup(path);
}

static void fold_drop(struct folds *f, size_t i)
{
	free(f->paths[i]);
	f->paths[i] = f->paths[--f->n];
}

static void folds_clear(struct folds *f)
{
	while (f->n)
		fold_drop(f, f->n - 1);
}

struct growing {
	struct part_builder *b;
	const struct blocktree *tree;
	const struct part *blocking, *sessions;
	const struct snapshot *now;
	const struct folds *folds;
	struct buf path;
	size_t *ends; /* of the path, by depth */
};

static void put(struct growing *g, unsigned field, struct value v)
{
	if (v.type != VALUE_ABSENT)
		part_set(g->b, field, v);
}

static void go_path(struct growing *g, const struct block_row *r, const struct block_node *n)
{
	g->path.len = r->depth ? g->ends[r->depth - 1] : 0;
	if (n->trx)
		buf_addf(&g->path, "/xa%lld", (long long)n->trx);
	else if (n->outside)
		buf_addf(&g->path, "/%s", outside_name(n->outside));
	else
		buf_addf(&g->path, "/%lld%s", (long long)n->session, r->suspect ? "?" : "");
	g->ends[r->depth] = g->path.len;
}

static const char *mark_of(const struct block_row *r)
{
	return r->suspect ? "suspect" : r->closes ? "ring" : r->again ? "again" : !r->depth ? "root" : NULL;
}

static void put_outside(struct growing *g, enum outside o)
{
	struct buf b = BUF_INIT;
	outside_say(&b, o, g->now);
	part_set(g->b, TREE_STATE, value_str(outside_lack(o)));
	part_set(g->b, TREE_OUTSIDE, value_str(outside_name(o)));
	part_set_text(g->b, TREE_STATEMENT, b.s, b.len);
	buf_release(&b);
}

/* The state of who waits is what it waits for; others do what the server says, or nothing. */
static void put_session(struct growing *g, const struct block_row *r, const struct block_node *n)
{
	int row = n->session && g->sessions ? part_find(g->sessions, value_int(n->session)) : -1;
	if (n->outside) {
		put_outside(g, n->outside);
		return;
	}
	if (row < 0) {
		part_set(g->b, TREE_STATE,
			 value_str(n->trx     ? "prepared XA"
				   : n->unseen ? "holder is not shown"
					       : "has ended"));
		return;
	}
	unsigned i = (unsigned)row;
	const struct part *p = g->sessions;
	struct value held = part_cell(p, i, "transaction_age"), state = part_cell(p, i, "state");
	struct value statement = part_cell(p, i, "info");
	struct buf account = BUF_INIT;
	if (r->edge < 0)
		part_set(g->b, TREE_STATE, state.len ? state : part_cell(p, i, "command"));
	put(g, TREE_HELD, held.type == VALUE_ABSENT ? part_cell(p, i, "time") : held);
	put(g, TREE_ROWS, part_cell(p, i, "rows_modified"));
	put(g, TREE_STATEMENT,
	    statement.type == VALUE_ABSENT ? part_cell(p, i, "last_statement") : statement);
	buf_addf(&account, "%s@%s", value_cstr(part_cell(p, i, "user")),
		 value_cstr(part_cell(p, i, "host")));
	part_set_text(g->b, TREE_ACCOUNT, account.s, account.len);
	buf_release(&account);
}

static void put_place(struct growing *g, unsigned edge)
{
	put(g, TREE_TABLE, part_get(g->blocking, edge, BLOCKING_TABLE));
	put(g, TREE_INDEX, part_get(g->blocking, edge, BLOCKING_INDEX));
	put(g, TREE_RECORD, part_get(g->blocking, edge, BLOCKING_RECORD));
}

static void put_wait(struct growing *g, unsigned edge)
{
	put_place(g, edge);
	put(g, TREE_STATE, part_get(g->blocking, edge, BLOCKING_KIND));
	put(g, TREE_WAITS, part_get(g->blocking, edge, BLOCKING_AGE));
	put(g, TREE_MODE, part_get(g->blocking, edge, BLOCKING_MODE));
}

/* A root has what the first of those right below it waits for. */
static void put_held(struct growing *g, unsigned row)
{
	const struct block_row *below = &g->tree->rows[row + 1];
	if (row + 1 == g->tree->n_rows || below->depth != 1 || below->edge < 0)
		return;
	put_place(g, (unsigned)below->edge);
	put(g, TREE_XID, part_get(g->blocking, (unsigned)below->edge, BLOCKING_XID));
}

/* Rows that hang below this one, directly or further down. */
static unsigned below(const struct blocktree *t, unsigned row)
{
	unsigned end = row + 1;
	while (end < t->n_rows && t->rows[end].depth > t->rows[row].depth)
		end++;
	return end - row - 1;
}

/* Returns how many rows below it are folded away. */
static unsigned put_row(struct growing *g, unsigned row)
{
	const struct block_row *r = &g->tree->rows[row];
	const struct block_node *n = &g->tree->nodes[r->node];
	const char *mark = mark_of(r);
	go_path(g, r, n);
	unsigned folded = fold_find(g->folds, buf_str(&g->path)) == SIZE_MAX ? 0 : below(g->tree, row);
	part_row_begin(g->b);
	part_set_text(g->b, TREE_PATH, g->path.s, g->path.len);
	part_set(g->b, TREE_FOLDED, value_int(folded));
	if (n->session)
		part_set(g->b, TREE_SESSION, value_int(n->session));
	part_set(g->b, TREE_DEPTH, value_int(r->depth));
	part_set(g->b, TREE_BEHIND, value_int(r->suspect ? n->suspected : n->behind));
	put_session(g, r, n);
	if (r->edge >= 0)
		put_wait(g, (unsigned)r->edge);
	else
		put_held(g, row);
	if (mark)
		part_set(g->b, TREE_MARK, value_str(mark));
	part_row_end(g->b);
	return folded;
}

static struct part *grow(const struct part *blocking, const struct snapshot *now, const struct folds *folds)
{
	const struct part *sessions = now ? now->parts[PART_PROCESSLIST] : NULL;
	struct blocktree tree;
	blocktree_of(&tree, blocking);
	struct growing g = {part_builder_new(PART_BLOCKING, &schema), &tree, blocking, sessions,
			    now, folds, BUF_INIT, xcalloc(tree.n_nodes + 2, sizeof *g.ends)};
	for (unsigned i = 0; i < tree.n_rows; i++)
		i += put_row(&g, i);
	free(g.ends);
	buf_release(&g.path);
	blocktree_release(&tree);
	return part_seal(g.b, blocking ? part_read_mono(blocking) : 0,
			 blocking ? part_read_wall(blocking) : 0, 0);
}

/* --- how it looks ------------------------------------------------------------------------------- */

static bool marked(const struct table_row *r, const char *mark)
{
	return strcmp(value_cstr(part_get(r->part, r->row, TREE_MARK)), mark) == 0;
}

static bool is_root(const struct table_row *r)
{
	return value_integer(part_get(r->part, r->row, TREE_DEPTH), 0) == 0;
}

static enum ui_role row_role(const struct table_row *r)
{
	return marked(r, "suspect") ? UI_WARNING : is_root(r) ? UI_BLOCKING : UI_WAITING;
}

static void format_session(const struct table_row *r, struct value v, struct buf *out)
{
	enum { DEEPEST = 12 };
	int64_t depth = value_integer(part_get(r->part, r->row, TREE_DEPTH), 0);
	const char *path = value_cstr(part_get(r->part, r->row, TREE_PATH)), *name = strrchr(path, '/');
	struct value xid = part_get(r->part, r->row, TREE_XID);
	struct value outside = part_get(r->part, r->row, TREE_OUTSIDE);
	for (int64_t i = 1; i < depth && i < DEEPEST; i++)
		buf_adds(out, "  ");
	buf_adds(out, depth ? "└ " : "");
	if (v.type == VALUE_INT)
		buf_addf(out, "%lld", (long long)v.i);
	else if (xid.type == VALUE_TEXT)
		buf_addf(out, "XA %s", value_cstr(xid));
	else if (outside.len)
		buf_adds(out, value_cstr(outside));
	else
		buf_addf(out, "%s", name && name[1] == 'x' ? name + 1 : "not shown");
	if (value_integer(part_get(r->part, r->row, TREE_FOLDED), 0))
		buf_adds(out, " +");
	buf_adds(out, marked(r, "suspect") ? " ?" : marked(r, "ring") ? " ↺" : marked(r, "again") ? " ↑" : "");
}

static enum ui_role tint_behind(const struct table_row *r, struct value v)
{
	return value_number(v, 0) <= 0 ? UI_DIM : marked(r, "suspect") ? UI_WARNING : UI_CRITICAL;
}

static enum ui_role calm(const struct table_row *r, struct value v)
{
	(void)r;
	(void)v;
	return UI_RUNNING;
}

/* Who it is elsewhere is no SQL. */
static void draw_statement(const struct table_row *r, const struct table_cell *cell)
{
	if (part_get(r->part, r->row, TREE_OUTSIDE).len)
		canvas_left(cell->canvas, cell->x, cell->y, cell->w, cell->role, cell->text, cell->len);
	else
		draw_sql_cell(r, cell);
}

static const struct column columns[] = {
	{.field = "session", .width = 14, .min = 10, .flags = COLUMN_LEFT, .format = format_session},
	{.field = "behind", .width = 6, .tint = tint_behind},
	{.field = "state", .width = 22, .min = 19},
	{.field = "held", .width = 8, .priority = 4},
	{.field = "waits", .width = 7, .priority = 2},
	{.field = "table", .width = 18, .min = 14, .priority = 3},
	{.field = "index", .width = 10, .min = 7, .priority = 6},
	{.field = "record", .width = 16, .min = 6, .priority = 6},
	{.field = "mode", .width = 14, .min = 13, .priority = 8},
	{.field = "account", .width = 20, .min = 15, .priority = 5, .tint = calm},
	{.field = "rows_modified", .width = 7, .priority = 9, .tint = calm},
	{.field = "statement", .width = 40, .min = 16, .priority = 1, .flags = COLUMN_FILL | COLUMN_LEFT,
	 .format = format_sql_cell, .draw = draw_statement},
};

static const struct table_panel tree_table = {
	.part = PART_BLOCKING,
	.table = {
		.schema = &schema,
		.columns = columns,
		.n_columns = COUNT_OF(columns),
		.row_role = row_role,
		.empty = "Nobody waits for a lock.",
	},
};

/* --- the panel ------------------------------------------------------------------------------------ */

struct locks {
	struct table_panel_state table;
	struct folds folds;
	part_mask wants; /* what tells who it is that commits wait for */
};

static part_mask wants(const struct view *v)
{
	const struct locks *s = v->state;
	return s->wants;
}

/* Read only while a commit waits for other servers, and somebody looks. */
static void demand(struct view *v, const struct part *blocking)
{
	struct locks *s = v->state;
	part_mask all = 0;
	for (unsigned i = 0; blocking && i < part_rows(blocking); i++)
		all |= outside_needs(outside_of(value_cstr(part_get(blocking, i, BLOCKING_KIND))));
	if (all == s->wants)
		return;
	s->wants = all;
	console_demand(v->console);
}

static void refresh(struct view *v)
{
	const struct part *blocking = console_part(v->console, PART_BLOCKING);
	struct part *tree = grow(blocking, console_frame(v->console)->now, &((struct locks *)v->state)->folds);
	struct tableview *t = table_panel_table(v);
	demand(v, blocking);
	tableview_set_part(t, tree);
	tableview_set_stale(t, blocking && (part_status(blocking) != PART_OK ||
					    console_frame(v->console)->now->link != LINK_LIVE));
	part_unref(tree);
}

/* Why there are suspects, and what would show the holder. */
static void draw_reason(struct console *console, struct canvas *c, struct rect *r)
{
	const struct part *p = console_part(console, PART_BLOCKING);
	const char *why = p ? part_absent_reason(p, BLOCKING_BLOCKER) : NULL;
	bool suspects = false;
	for (unsigned i = 0; p && i < part_rows(p) && !suspects; i++)
		suspects = value_integer(part_get(p, i, BLOCKING_SUSPECT), 0);
	if ((!why && !suspects) || r->h < 3)
		return;
	/* A small screen has room for the tree or for the whole sentence. */
	struct rect top = *r;
	top.h = r->h < 12 ? 2 : r->h;
	int before = top.h;
	draw_note(c, &top, UI_WARNING, "%s%s%s",
		  suspects ? "? suspects: the server does not show the holder" : "The server does not show the holder",
		  why ? "; " : "", why ? why : "");
	rect_top(r, before - top.h);
}

static void draw(struct view *v, struct canvas *c, struct rect r)
{
	if (!draw_part_state(c, &r, v->console, PART_BLOCKING))
		return;
	draw_reason(v->console, c, &r);
	draw_table(c, r, table_panel_table(v));
}

static void close_locks(struct view *v)
{
	struct locks *s = v->state;
	folds_clear(&s->folds);
	free(s->folds.paths);
	table_panel_close(v);
}

static int64_t session(struct view *v)
{
	struct tableview *t = table_panel_table(v);
	int row = tableview_row(t);
	return row < 0 ? 0
		       : value_integer(part_get(tableview_part(t), (unsigned)row, TREE_SESSION), 0);
}

static void detail(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	struct tableview *t = table_panel_table(v);
	int64_t id = session(v);
	int row = tableview_row(t);
	(void)call;
	if (id)
		console_push(v->console, &session_detail, &id);
	else if (row >= 0 && part_get(tableview_part(t), (unsigned)row, TREE_OUTSIDE).len)
		console_say(v->console, UI_TEXT, "waits for %s",
			    value_cstr(part_get(tableview_part(t), (unsigned)row, TREE_STATEMENT)));
	else
		console_say(v->console, UI_DIM, "no session is there to look into");
}

/* The parent's path: up to the last slash; of a root, itself. */
static char *enclosing(const char *path)
{
	const char *slash = strrchr(path, '/');
	return xstrndup(path, slash && slash > path ? (size_t)(slash - path) : strlen(path));
}

/* As in vim: an end of the tree folds what it is in. */
static void fold(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	struct locks *s = v->state;
	struct tableview *t = table_panel_table(v);
	const struct part *tree = tableview_part(t);
	int row = tableview_row(t);
	(void)call;
	if (row < 0)
		return;
	const char *path = value_cstr(part_get(tree, (unsigned)row, TREE_PATH));
	size_t at = fold_find(&s->folds, path);
	if (at != SIZE_MAX) {
		fold_drop(&s->folds, at);
	} else {
		int64_t depth = value_integer(part_get(tree, (unsigned)row, TREE_DEPTH), 0);
		bool leaf = (unsigned)row + 1 == part_rows(tree) ||
			    value_integer(part_get(tree, (unsigned)row + 1, TREE_DEPTH), 0) <= depth;
		char *to = leaf ? enclosing(path) : xstrdup(path);
		fold_add(&s->folds, to);
		tableview_select(t, value_str(to));
		free(to);
	}
	v->ops->refresh(v);
}

static void fold_all(void *ctx, const struct action_call *call)
{
	struct view *v = ctx;
	struct locks *s = v->state;
	struct tableview *t = table_panel_table(v);
	const struct part *tree = tableview_part(t);
	bool folded = s->folds.n > 0;
	(void)call;
	folds_clear(&s->folds);
	for (unsigned i = 0; !folded && tree && i < part_rows(tree); i++)
		if (!value_integer(part_get(tree, i, TREE_DEPTH), 0))
			fold_add(&s->folds, value_cstr(part_get(tree, i, TREE_PATH)));
	if (!folded)
		tableview_move(t, TABLE_HOME);
	v->ops->refresh(v);
}

static const struct action actions[] = {
	{"lock-session", "Enter", "detail", "Look into the session: statement, plan, locks, transaction.",
	 NULL, ACTION_NEEDS_ROW, 1, detail},
	{"fold", "z", "fold", "Fold away what waits behind the session, or the branch that it ends; again: unfold.",
	 NULL, ACTION_NEEDS_ROW, 10, fold},
	{"fold-all", "Z", "fold all", "Show the roots only; where something is folded: unfold all.", NULL, 0, 0, fold_all},
};

static const struct action_set action_set = {"locks", "Locks", actions, COUNT_OF(actions)};

const struct view_ops locks_panel = {
	.name = "locks",
	.title = "Locks",
	.brief = "Lock",
	.digit = '3',
	.help = "Who waits for whom, as a tree: for rows, metadata, tables, global and backup locks, user "
		"locks, commits. The root comes first, with all that hangs behind it: end that one, not a "
		"link in between. Who waits for several stands under each of them. A `?` marks suspects, "
		"where the server does not show who holds the lock. Commits that wait for other servers hang "
		"under those: replicas, the group or the cluster, named as far as this server can tell.",
	.needs = PART_BIT(PART_BLOCKING) | PART_BIT(PART_PROCESSLIST),
	.session = session,
	.actions = &action_set,
	.wants = wants,
	.size = sizeof(struct locks),
	.spec = &tree_table,
	.open = table_panel_open,
	.close = close_locks,
	.refresh = refresh,
	.draw = draw,
	.table = table_panel_table,
};
