/*
 * What the files of the table view share: tableview.c keeps columns and data, tableview_rows.c chooses,
 * sorts and groups, tableview_cursor.c has the cursor and the tags, tableview_draw.c draws,
 * tableview_export.c writes it out. For these alone.
 */
#ifndef UI_TABLEVIEW_IMPL_H
#define UI_TABLEVIEW_IMPL_H

#include <stdint.h>

#include "model/filter.h"
#include "ui/tableview.h"

/* A declared column in the order that someone chose. */
struct view_column {
	const struct column *decl;
	bool shown;
};

/* Rows with the same value in the column that groups. */
struct group {
	struct value key;
	uint32_t first, count; /* in `grouped` */
};

/* Where a column was drawn. */
struct slot {
	const struct column *column;
	int x, w;
};

struct tag;

struct tableview {
	struct table_spec spec;
	void *ctx;
	const struct keymap *keymap;

	/* data; all references are ours */
	struct frame frame;
	bool has_frame;
	enum part_id part_id;
	const struct part *part;
	const struct schema *schema;
	bool stale;

	struct view_column *columns; /* spec.n_columns */
	int *fields; /* of the declared columns in the schema; -1: computed or absent */
	struct filter_field *filter_fields;
	struct filter *filter;
	char *filter_text;
	const struct column *sort, *group, *ungrouped_sort;
	bool descending, ungrouped_descending;
	bool *hides;
	unsigned *hidden; /* by each hide */
	unsigned filtered;

	/* what comes of them, valid unless `dirty` */
	bool dirty;
	uint32_t *rows; /* shown: rows of the part, or groups */
	unsigned n_rows, cap_rows;
	struct sort_key *keys;
	unsigned cap_keys;
	uint32_t *grouped;
	struct group *groups;
	unsigned n_groups, cap_groups;

	/* the cursor; its row's identity is kept, texts in `key_text` */
	unsigned cursor, top;
	struct value key;
	struct buf key_text;
	bool wanted; /* the key was asked for and has not been seen yet */
	struct tag *tags;

	/* drawing */
	int height, cursor_y, scroll;
	struct slot *slots;
	size_t n_slots;
	const struct column *explained;
	struct buf raw, text;
};

/* The number of rows in a group, as a column. */
extern const struct column table_count_column;

/* Bring `rows` up to date. */
void table_update(struct tableview *v);
/* Without the cursor: choose, group, sort. */
void table_choose(struct tableview *v);
/* NULL: there is none of that id. */
const struct column *table_find_column(const struct tableview *v, const char *id);
/* The shown column `by` places from `from`, around the ends; the first when `from` is none. */
const struct column *table_shown_neighbour(const struct tableview *v, const struct column *from,
					   int by);
/* Tags go with their rows. */
void table_forget_gone_tags(struct tableview *v);
struct table_row table_row(const struct tableview *v, unsigned part_row);
/* Index among the declared columns. */
size_t table_column_index(const struct tableview *v, const struct column *c);
const struct field *table_field(const struct tableview *v, const struct column *c);
/* The cell of a row of the part. */
struct value table_value(const struct tableview *v, const struct column *c, unsigned part_row);
/* The cell of the i-th shown row. *mixed: a group whose rows differ. */
struct value table_cell_value(const struct tableview *v, const struct column *c, unsigned i,
			      bool *mixed);
bool table_flush_right(const struct tableview *v, const struct column *c);

#endif
