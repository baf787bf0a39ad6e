#include <string.h>

#include "base/mem.h"
#include "model/csv.h"
#include "model/json.h"
#include "ui/tableview_impl.h"

/* The columns of an export: all that are declared, after the number of rows where they are
   grouped. */
static const struct column *export_column(const struct tableview *v, size_t i)
{
	if (v->group)
		return i ? &v->spec.columns[i - 1] : &table_count_column;
	return &v->spec.columns[i];
}

static size_t export_columns(const struct tableview *v)
{
	return v->spec.n_columns + (v->group != NULL);
}

void tableview_csv(struct tableview *v, struct buf *out)
{
	table_update(v);
	size_t n = export_columns(v);
	for (size_t k = 0; k < n; k++) {
		const char *id = column_id(export_column(v, k));
		buf_adds(out, k ? "," : "");
		csv_text(out, id, strlen(id));
	}
	buf_adds(out, CSV_EOL);
	for (unsigned i = 0; i < v->n_rows; i++) {
		for (size_t k = 0; k < n; k++) {
			bool mixed;
			buf_adds(out, k ? "," : "");
			csv_value(out, table_cell_value(v, export_column(v, k), i, &mixed));
		}
		buf_adds(out, CSV_EOL);
	}
}

static int to_buf(const char *s, size_t n, void *out)
{
	buf_add(out, s, n);
	return 0;
}

/* A row at a time, so that the tree in memory stays small. */
void tableview_json(struct tableview *v, struct buf *out)
{
	table_update(v);
	buf_addc(out, '[');
	for (unsigned i = 0; i < v->n_rows; i++) {
		json_t *row = json_object();
		for (size_t k = 0; k < export_columns(v); k++) {
			const struct column *c = export_column(v, k);
			bool mixed;
			const struct field as = {.unit = tableview_column_unit(v, c)};
			struct value x = table_cell_value(v, c, i, &mixed);
			json_object_set_new(row, column_id(c), json_of_value(&as, x));
		}
		buf_adds(out, i ? ",\n" : "\n");
		json_dump_callback(row, to_buf, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
		json_decref(row);
	}
	buf_adds(out, "\n]\n");
}
