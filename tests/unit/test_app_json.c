/* Parts and snapshots as JSON and CSV: the contract that scripts read. */
#include "base/mem.h"
#include "model/csv.h"
#include "model/json.h"
#include "tests/unit/cmocka_all.h"

#define FIELDS(F) \
	F(ID, "id", INT, ID, GAUGE, "Id", "h", "s", "n") \
	F(USER, "user", TEXT, NONE, GAUGE, "User", "h", "s", "n") \
	F(TIME, "time", REAL, SECONDS, GAUGE, "Time", "h", "s", "n") \
	F(BUSY, "busy", INT, BOOL, GAUGE, "Busy", "h", "s", "n") \
	F(ANY, "any", ANY, NONE, GAUGE, "Any", "h", "s", "n") \
	F(INFO, "info", TEXT, SQL, GAUGE, "Info", "h", "s", "n")
enum {
#define FIELD_ENUM(id, ...) F_##id,
	FIELDS(FIELD_ENUM)
	N_FIELDS
};
static const struct field fields[] = {FIELDS(SCHEMA_FIELD)};
static const struct schema sessions = {"sessions", fields, N_FIELDS, 0};

static const char hostile[] = "a\xff\xc3(\xed\xa0\x80\xf4\x90\x80\x80z\0\x1b[31m\n\xe2\x80\xae\xc3\xa9\"";

static struct part *two_sessions(void)
{
	struct part_builder *b = part_builder_new(PART_PROCESSLIST, &sessions);
	part_row_begin(b);
	part_set(b, F_ID, value_int(INT64_MAX));
	part_set(b, F_USER, value_str("app"));
	part_set(b, F_TIME, value_real(0.1));
	part_set(b, F_BUSY, value_int(1));
	part_set(b, F_ANY, value_int(7));
	part_set_text(b, F_INFO, hostile, sizeof hostile - 1);
	part_row_end(b);
	part_row_begin(b);
	part_set(b, F_ID, value_int(-2));
	part_set(b, F_USER, value_str(""));
	part_set(b, F_TIME, value_real(1.0 / 0.0));
	part_set(b, F_ANY, value_str("ON"));
	part_set(b, F_INFO, value_str(" a,b \"c\"\r\nd"));
	part_row_end(b);
	part_set_absent(b, F_BUSY, "no such column");
	part_set_rows_cut(b, 3);
	return part_seal(b, 1, INT64_C(1773064953123000), 2.5);
}

static void check_text(const json_t *row, const char *key, const char *text)
{
	assert_string_equal(json_string_value(json_object_get(row, key)), text);
}

static void a_part_has_every_key(void **state)
{
	(void)state;
	struct part *p = two_sessions();
	json_t *j = json_of_part(p);
	check_text(j, "status", "ok");
	assert_true(json_is_null(json_object_get(j, "reason")));
	check_text(j, "read_at", "2026-03-09T14:02:33.123Z");
	assert_float_equal(json_number_value(json_object_get(j, "ms")), 2.5, 1e-9);
	assert_int_equal(json_integer_value(json_object_get(j, "rows_cut")), 3);
	check_text(json_object_get(j, "absent"), "busy", "no such column");
	assert_int_equal(json_array_size(json_object_get(j, "rows")), 2);

	const json_t *row = json_array_get(json_object_get(j, "rows"), 0);
	assert_int_equal(json_object_size(row), N_FIELDS);
	assert_int_equal(json_integer_value(json_object_get(row, "id")), INT64_MAX);
	assert_true(json_is_true(json_object_get(row, "busy")));
	assert_int_equal(json_integer_value(json_object_get(row, "any")), 7);
	row = json_array_get(json_object_get(j, "rows"), 1);
	check_text(row, "user", "");
	assert_true(json_is_null(json_object_get(row, "time"))); /* not finite */
	assert_true(json_is_null(json_object_get(row, "busy")));
	check_text(row, "any", "ON");
	json_decref(j);
	part_unref(p);
}

static void text_is_made_valid_and_otherwise_left_alone(void **state)
{
	(void)state;
	struct part *p = two_sessions();
	json_t *j = json_of_row(p, 0), *info = json_object_get(j, "info");
	static const char want[] = "a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
				   "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\0\x1b[31m\n"
				   "\xe2\x80\xae\xc3\xa9\"";
	assert_int_equal(json_string_length(info), sizeof want - 1);
	assert_memory_equal(json_string_value(info), want, sizeof want);
	/* One line, whatever is in it, and readable again. */
	struct buf line = BUF_INIT;
	json_add_line(&line, j);
	assert_ptr_equal(strchr(buf_str(&line), '\n'), line.s + line.len - 1);
	json_error_t error;
	json_t *again = json_loads(line.s, JSON_ALLOW_NUL, &error);
	assert_non_null(again);
	assert_true(json_equal(again, j));
	assert_non_null(strstr(line.s, "\"time\":0.1,"));
	json_decref(again);
	json_decref(j);
	buf_release(&line);
	part_unref(p);
}

static void a_snapshot_names_its_target_and_error(void **state)
{
	(void)state;
	struct snapshot *s = snapshot_new(0);
	struct json_target t = {"prod", "db3", NULL, "production", 3306};
	s->wall = INT64_C(1773064953123000);
	s->server.flavor = FLAVOR_MARIADB;
	snprintf(s->server.version, sizeof s->server.version, "10.11.6-MariaDB");
	s->role = ROLE_GROUP_PRIMARY;
	s->uptime = 12;
	snapshot_set(s, two_sessions());
	snapshot_set(s, part_new_failed(PART_STATUS, &sessions, PART_DENIED, "needs PROCESS", 0, 0));
	json_t *j = json_of_snapshot(s, &t, PART_BIT(PART_STATUS), false);
	static const char *const keys[] = {"fathom", "time", "target", "error", "partial", "uptime",
					   "parts"};
	assert_int_equal(json_object_size(j), COUNT_OF(keys));
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		assert_non_null(json_object_get(j, keys[i]));
	check_text(j, "fathom", PACKAGE_VERSION);
	check_text(j, "time", "2026-03-09T14:02:33.123Z");
	assert_true(json_is_null(json_object_get(j, "error")));
	assert_true(json_is_false(json_object_get(j, "partial")));
	const json_t *target = json_object_get(j, "target");
	assert_int_equal(json_object_size(target), 8);
	check_text(target, "name", "prod");
	check_text(target, "host", "db3");
	assert_int_equal(json_integer_value(json_object_get(target, "port")), 3306);
	assert_true(json_is_null(json_object_get(target, "socket")));
	check_text(target, "flavor", "mariadb");
	check_text(target, "version", "10.11.6-MariaDB");
	check_text(target, "role", "group-primary");
	check_text(target, "label", "production");
	/* Only what was asked for. */
	const json_t *parts = json_object_get(j, "parts");
	assert_int_equal(json_object_size(parts), 1);
	check_text(json_object_get(parts, "status"), "status", "denied");
	check_text(json_object_get(parts, "status"), "reason", "needs PROCESS");
	assert_true(json_is_null(json_object_get(json_object_get(parts, "status"), "read_at")));
	json_decref(j);

	s->server = (struct server_info){0};
	s->uptime = -1;
	err_set(&s->err, ERR_LOGIN, "app@db3:3306", "Access denied \xff", "check user and password");
	s->err.code = 1045;
	j = json_of_snapshot(s, &(struct json_target){"x", NULL, "/run/x.sock", NULL, 0}, 0, true);
	const json_t *error = json_object_get(j, "error");
	check_text(error, "code", "login");
	assert_int_equal(json_integer_value(json_object_get(error, "number")), 1045);
	check_text(error, "what", "app@db3:3306: Access denied \xef\xbf\xbd");
	check_text(error, "hint", "check user and password");
	assert_true(json_is_true(json_object_get(j, "partial")));
	assert_true(json_is_null(json_object_get(j, "uptime")));
	target = json_object_get(j, "target");
	assert_true(json_is_null(json_object_get(target, "flavor")));
	assert_true(json_is_null(json_object_get(target, "host")));
	assert_true(json_is_null(json_object_get(target, "port")));
	check_text(target, "socket", "/run/x.sock");
	json_decref(j);
	snapshot_unref(s);
}

static void csv_keeps_to_the_rfc(void **state)
{
	(void)state;
	static const struct field few[] = {
		{.name = "id", .type = FIELD_INT}, {.name = "a", .type = FIELD_TEXT},
		{.name = "b", .type = FIELD_REAL}};
	static const struct schema schema = {"few", few, 3, 0};
	struct part_builder *b = part_builder_new(PART_STATUS, &schema);
	static const struct {
		const char *text;
		double real;
	} rows[] = {{"plain", 0.1}, {"a,b", 1e300}, {"say \"no\"", -2}, {"two\r\nlines", 0}, {"", 1},
		    {" blank", 2}, {"bad \xff\"", 3}, {NULL, 4}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		part_row_begin(b);
		part_set(b, 0, value_int((int64_t)i));
		part_set(b, 1, value_str(rows[i].text));
		part_set(b, 2, value_real(rows[i].real));
		part_row_end(b);
	}
	struct part *p = part_seal(b, 1, 1, 1);
	struct buf out = BUF_INIT;
	csv_of_part(&out, p);
	assert_string_equal(buf_str(&out),
			    "id,a,b\r\n"
			    "0,plain,0.1\r\n"
			    "1,\"a,b\",1e+300\r\n"
			    "2,\"say \"\"no\"\"\",-2\r\n"
			    "3,\"two\r\nlines\",0\r\n"
			    "4,\"\",1\r\n"
			    "5,\" blank\",2\r\n"
			    "6,\"bad \xef\xbf\xbd\"\"\",3\r\n"
			    "7,,4\r\n");
	buf_release(&out);
	part_unref(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_has_every_key),
		cmocka_unit_test(text_is_made_valid_and_otherwise_left_alone),
		cmocka_unit_test(a_snapshot_names_its_target_and_error),
		cmocka_unit_test(csv_keeps_to_the_rfc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
