#include "engine/fetch.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

enum { ROWS_UNLESS_TOLD = 1000, MOST_BYTES = 32 << 20 };

void grid_release(struct grid *g)
{
	free(g->rows);
	arena_release(&g->arena);
	*g = (struct grid){0};
}

int grid_column(const struct grid *g, const char *name)
{
	for (unsigned i = 0; i < g->n_columns; i++)
		if (strcasecmp(g->columns[i], name) == 0)
			return (int)i;
	return -1;
}

const char *grid_text(const struct grid *g, unsigned row, const char *column)
{
	int i = grid_column(g, column);
	return i < 0 || row >= g->n_rows || !g->rows[row][i].s ? "" : g->rows[row][i].s;
}

static bool take_columns(void *arg, const struct answer *a)
{
	struct grid *g = arg;
	if (!a->n_columns)
		return false;
	g->n_columns = a->n_columns;
	g->columns = arena_alloc(&g->arena, a->n_columns * sizeof *g->columns);
	for (unsigned i = 0; i < a->n_columns; i++)
		g->columns[i] = arena_strdup(&g->arena, a->columns[i]);
	return true;
}

static void take_row(void *arg, const struct answer *a)
{
	struct grid *g = arg;
	if (g->n_rows >= g->most_rows || g->bytes >= g->most_bytes) {
		g->cut = true;
		return;
	}
	struct grid_cell *cells = arena_zalloc(&g->arena, g->n_columns * sizeof *cells);
	for (unsigned i = 0; i < g->n_columns && i < a->n_columns; i++) {
		if (!a->cells[i])
			continue;
		cells[i].len = a->lengths[i];
		cells[i].s = arena_strndup(&g->arena, a->cells[i], a->lengths[i]);
		g->bytes += a->lengths[i];
	}
	GROW(g->rows, g->n_rows, g->cap_rows);
	g->rows[g->n_rows++] = cells;
}

bool fetch_grid(struct db *db, const struct stmt *s, const struct stmt_arg *args, size_t n,
		unsigned most_rows, int64_t deadline, int cancel_fd, struct grid *out,
		struct err *e)
{
	static const struct db_sink sink = {take_columns, take_row};
	*out = (struct grid){.most_rows = most_rows ? most_rows : ROWS_UNLESS_TOLD,
			     .most_bytes = MOST_BYTES};
	if (db_run(db, s, args, n, &sink, out, deadline, cancel_fd, e))
		return true;
	grid_release(out);
	return false;
}
