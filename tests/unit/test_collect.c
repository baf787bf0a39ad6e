/* Reading answers, choosing columns and statements: what all collectors share. */
#include <string.h>

#include "collect/collector.h"
#include "tests/unit/cmocka_all.h"

enum { MOST_COLUMNS = 32 };

/* An answer of texts; the columns end with NULL. */
static struct answer answer_of(const char *const *columns, const char *const *cells,
			       unsigned long lengths[MOST_COLUMNS])
{
	struct answer a = {.columns = columns, .cells = cells, .lengths = lengths};
	while (columns[a.n_columns])
		a.n_columns++;
	for (unsigned i = 0; cells && i < a.n_columns; i++)
		lengths[i] = cells[i] ? strlen(cells[i]) : 0;
	return a;
}

static const struct source *source_named(const struct collector *c, const char *name)
{
	for (const struct source *s = c->sources; s->stmt.sql; s++)
		if (strcmp(s->stmt.name, name) == 0)
			return s;
	fail_msg("no source %s", name);
	return NULL;
}

static struct value cell(const struct part *p, unsigned row, const char *field)
{
	int f = schema_field(part_schema(p), field);
	assert_true(f >= 0);
	return part_get(p, row, (unsigned)f);
}

static const char *absent(const struct part *p, const char *field)
{
	return part_absent_reason(p, (unsigned)schema_field(part_schema(p), field));
}

static void columns_are_bound_by_name(void **state)
{
	(void)state;
	static const char *const columns[] = {"HOST", "Id", "surprise", "tiMe", "ID", NULL};
	static const char *const cells[] = {"web1:4711", "812", "?", "1.25", "999", NULL};
	unsigned long lengths[MOST_COLUMNS];
	const struct collector *c = collector_for(PART_SESSIONS);
	struct answer a = answer_of(columns, cells, lengths);
	struct reading *r = reading_new(c, source_named(c, "sessions/mariadb"), &a);
	reading_row(r, &a);
	struct part *p = reading_finish(r, 5, 6, 7);
	assert_int_equal(part_rows(p), 1);
	assert_int_equal(cell(p, 0, "id").i, 812);
	assert_string_equal(value_cstr(cell(p, 0, "host")), "web1:4711");
	assert_float_equal(cell(p, 0, "time").r, 1.25, 0);
	assert_int_equal(cell(p, 0, "user").type, VALUE_ABSENT);
	assert_string_equal(absent(p, "memory"),
			    "this server's information_schema.PROCESSLIST has no column MEMORY_USED");
	assert_null(absent(p, "host"));
	part_unref(p);
}

static void the_first_column_that_is_there_is_chosen(void **state)
{
	(void)state;
	static const char *const new[] = {"Time", "Time_ms", "ID", "INFO"};
	const struct source *s = source_named(collector_for(PART_SESSIONS), "sessions/mariadb");
	struct buf out = BUF_INIT;
	source_choose(s, new, 4, &out);
	assert_non_null(strstr(out.s, "TIME_MS/1000 AS `time`"));
	assert_null(strstr(out.s, "TIME AS `time`"));
	assert_null(strstr(out.s, "MEMORY_USED"));
	buf_clear(&out);
	source_choose(s, new, 1, &out);
	assert_non_null(strstr(out.s, "TIME AS `time`"));
	buf_release(&out);
}

static void status_asks_for_what_is_wanted(void **state)
{
	(void)state;
	static const char *const pins[] = {"Opened_tables", "O'Hara", NULL};
	struct server_info server = {.flavor = FLAVOR_MARIADB};
	struct collect_ctx ctx = {.server = &server, .pins = pins};
	const struct source *s = collector_for(PART_STATUS)->sources;
	struct stmt_arg args[SOURCE_MAX_ARGS];
	struct buf keep = BUF_INIT, columns = BUF_INIT, sql = BUF_INIT;
	size_t n = source_args(s, &ctx, &columns, args, &keep);
	stmt_render(&sql, &s->stmt, args, n, STMT_LIMIT_NONE, 0);
	assert_non_null(strstr(sql.s, "/* fathom */ SHOW GLOBAL STATUS WHERE 0 OR Variable_name IN ('"));
	assert_non_null(strstr(sql.s, "'Uptime'"));
	assert_non_null(strstr(sql.s, "'Questions'"));
	assert_non_null(strstr(sql.s, "'Opened_tables',_utf8mb4 0x4f2748617261)"));
	assert_null(strstr(sql.s, "O'Hara"));
	buf_release(&keep);
	buf_release(&sql);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_bound_by_name),
		cmocka_unit_test(the_first_column_that_is_there_is_chosen),
		cmocka_unit_test(status_asks_for_what_is_wanted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
