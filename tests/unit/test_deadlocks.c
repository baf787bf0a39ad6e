/* Deadlocks: what both servers' texts tell of them, why they came about, and the history of those that were seen. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "collect/deadlocks.h"
#include "parse/innodb_log.h"
#include "parse/innodb_why.h"
#include "tests/unit/collect_rows.h"

/* --- texts ---------------------------------------------------------------------------------------------- */

static char *slurp(const char *name)
{
	const char *top = getenv("srcdir");
	char *path = xasprintf("%s/tests/fixtures/innodb/%s.txt", top ? top : ".", name);
	char *text = xcalloc(1, 1 << 20);
	FILE *f = fopen(path, "r");
	if (!f)
		fail_msg("%s is missing", path);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	free(path);
	return text;
}

/* The section of a status text, as the collector takes it out. */
static struct part *read_status(const char *text, double at)
{
	static const char *const columns[] = {"Type", "Name", "Status"};
	const char *cells[] = {"InnoDB", "", text};
	unsigned long lengths[] = {6, 0, strlen(text)};
	struct answer a = {3, columns, cells, lengths};
	const struct collector *c = collector_for(PART_DEADLOCK_TEXT);
	struct reading *r = reading_new(c, &c->sources[0], &a);
	reading_row(r, &a);
	int64_t ns = (int64_t)(at * (double)NS_PER_S);
	return reading_finish(r, ns, ns / 1000, 1);
}

static enum deadlock_kind kind_of(const char *fixture)
{
	char *text = slurp(fixture);
	struct part *p = read_status(text, 1);
	struct value section = deadlock_text(p);
	struct innodb_deadlock d;
	assert_true(innodb_deadlock_parse(&d, section.s, section.len));
	enum deadlock_kind kind = innodb_deadlock_kind(&d);
	innodb_deadlock_release(&d);
	part_unref(p);
	free(text);
	return kind;
}

static void both_servers_texts(void **state)
{
	static const struct {
		const char *fixture;
		enum deadlock_kind kind;
	} texts[] = {
		{"mysql-9.7-deadlock", WHY_ORDER}, {"mysql-9.7-deadlock3", WHY_ORDER},
		{"mysql-9.7-deadlock-gap", WHY_GAP}, {"mariadb-10.11-deadlock", WHY_ORDER},
		{"mariadb-10.11-deadlock3", WHY_ORDER}, {"mariadb-10.11-deadlock-gap", WHY_GAP},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (kind_of(texts[i].fixture) != texts[i].kind)
			fail_msg("%s: %s", texts[i].fixture, deadlock_kind_name(kind_of(texts[i].fixture)));
}

/* --- kinds ---------------------------------------------------------------------------------------------- */

#define SIDE(n, thread) \
	"*** (" n ") TRANSACTION:\nTRANSACTION 10" n ", ACTIVE 2 sec starting index read\n" \
	"LOCK WAIT 3 lock struct(s), heap size 1128, 2 row lock(s), undo log entries 1\n" \
	"MySQL thread id " thread ", OS thread handle 1, query id 5 localhost root updating\nUPDATE t\n"
#define HOLDS(n) "*** (" n ") HOLDS THE LOCK(S):\n"
#define WAITS(n) "*** (" n ") WAITING FOR THIS LOCK TO BE GRANTED:\n"
#define LOCK(n, index, table, mode, key) \
	"RECORD LOCKS space id 1 page no 4 n bits 72 index " index " of table `shop`.`" table "` trx id 10" n \
	" lock" mode "\nRecord lock, heap no 5 PHYSICAL RECORD: n_fields 1; compact format; info bits 0\n" \
	" 0: len 4; hex " key "; asc     ;;\n\n"
#define ROW "_mode X locks rec but not gap"

static void text_is(const char *text, enum deadlock_kind want, const char *says)
{
	struct innodb_deadlock d;
	struct buf why = BUF_INIT;
	assert_true(innodb_deadlock_parse(&d, text, strlen(text)));
	if (innodb_deadlock_kind(&d) != want)
		fail_msg("%s: not %s", deadlock_kind_name(innodb_deadlock_kind(&d)), deadlock_kind_name(want));
	innodb_deadlock_why(&why, &d);
	if (says && !strstr(buf_str(&why), says))
		fail_msg("%s", buf_str(&why));
	assert_non_null(strstr(buf_str(&why), deadlock_kind_help(want)));
	buf_release(&why);
	innodb_deadlock_release(&d);
}

static void each_kind_by_its_locks(void **state)
{
	(void)state;
	text_is(SIDE("1", "7") HOLDS("1") LOCK("1", "PRIMARY", "a", ROW, "80000001")
		WAITS("1") LOCK("1", "PRIMARY", "a", ROW " waiting", "80000002")
		SIDE("2", "8") HOLDS("2") LOCK("2", "PRIMARY", "a", ROW, "80000002")
		WAITS("2") LOCK("2", "PRIMARY", "a", ROW " waiting", "80000001")
		"*** WE ROLL BACK TRANSACTION (2)\n", WHY_ORDER,
		"Session 7 had (1) in PRIMARY of shop.a and then wanted (2) in PRIMARY. "
		"Session 8 had (2) in PRIMARY of shop.a and then wanted (1) in PRIMARY; it was rolled back. ");
	text_is(SIDE("1", "7") HOLDS("1") LOCK("1", "PRIMARY", "a", ROW, "80000001")
		WAITS("1") LOCK("1", "PRIMARY", "b", ROW " waiting", "80000001")
		SIDE("2", "8") HOLDS("2") LOCK("2", "PRIMARY", "b", ROW, "80000001")
		WAITS("2") LOCK("2", "PRIMARY", "a", ROW " waiting", "80000001"), WHY_TABLES,
		"and then wanted (1) in PRIMARY of shop.b");
	text_is(SIDE("1", "7") HOLDS("1") LOCK("1", "PRIMARY", "a", ROW, "80000001")
		WAITS("1") LOCK("1", "name", "a", ROW " waiting", "61626364")
		SIDE("2", "8") HOLDS("2") LOCK("2", "name", "a", ROW, "61626364")
		WAITS("2") LOCK("2", "PRIMARY", "a", ROW " waiting", "80000001"), WHY_INDEXES,
		"('abcd') in name");
	text_is(SIDE("1", "7") HOLDS("1") LOCK("1", "PRIMARY", "a", " mode S locks rec but not gap", "80000001")
		WAITS("1") LOCK("1", "PRIMARY", "a", ROW " waiting", "80000001")
		SIDE("2", "8") HOLDS("2") LOCK("2", "PRIMARY", "a", " mode S locks rec but not gap", "80000001")
		WAITS("2") LOCK("2", "PRIMARY", "a", ROW " waiting", "80000001"), WHY_UPGRADE,
		"Session 7 shared (1)");
	text_is(SIDE("1", "7") HOLDS("1") LOCK("1", "PRIMARY", "a", "_mode X", "80000001")
		WAITS("1") LOCK("1", "PRIMARY", "a", "_mode X insert intention waiting", "80000001")
		SIDE("2", "8") HOLDS("2") LOCK("2", "PRIMARY", "a", "_mode X", "80000001")
		WAITS("2") LOCK("2", "PRIMARY", "a", "_mode X insert intention waiting", "80000001"), WHY_GAP,
		"to insert into the gap before (1)");
	text_is(SIDE("1", "7") HOLDS("1") "TABLE LOCK table `shop`.`a` trx id 101 lock mode AUTO-INC\n"
		WAITS("1") LOCK("1", "PRIMARY", "a", ROW " waiting", "80000001")
		SIDE("2", "8") HOLDS("2") LOCK("2", "PRIMARY", "a", ROW, "80000001")
		WAITS("2") "TABLE LOCK table `shop`.`a` trx id 102 lock mode AUTO-INC waiting\n", WHY_TABLE,
		"had the table shop.a");
}

/* No guess where the locks do not fit together. */
static void what_does_not_fit_is_not_known(void **state)
{
	(void)state;
	text_is(SIDE("1", "7") HOLDS("1") LOCK("1", "PRIMARY", "a", ROW, "80000001")
		WAITS("1") LOCK("1", "PRIMARY", "a", ROW " waiting", "80000002")
		SIDE("2", "8") HOLDS("2") LOCK("2", "PRIMARY", "a", ROW, "80000009")
		WAITS("2") LOCK("2", "PRIMARY", "a", ROW " waiting", "80000001"), WHY_UNKNOWN, NULL);
	text_is(SIDE("1", "7") WAITS("1") LOCK("1", "PRIMARY", "a", ROW " waiting", "80000002")
		SIDE("2", "8") WAITS("2") LOCK("2", "PRIMARY", "a", ROW " waiting", "80000001"), WHY_UNKNOWN,
		"Session 7 wanted (2)");
}

static void record_is(const char *key, const char *want)
{
	struct innodb_lock l = {.record = true, .key = key, .index = "", .table = ""};
	struct buf b = BUF_INIT;
	innodb_record_text(&b, &l);
	assert_string_equal(buf_str(&b), want);
	buf_release(&b);
}

static void records_as_people_read_them(void **state)
{
	(void)state;
	record_is("80000001, 000000000a75, 01000001810151, 6170706c65, 8000000b", "(1)");
	record_is("666967, 80000004", "('fig', 4)");
	record_is("7fffffff", "(-1)");
	record_is("0000000c", "(12)");
	record_is("8000000000000007, 80000002", "(7, 2)");
	record_is("ff00ff00ff", "(0xff00ff00ff)");
	record_is("supremum", "behind the last record");
	record_is("", "");
	record_is("zz", "(zz)");
}

/* --- the history ---------------------------------------------------------------------------------------- */

static struct world {
	struct server_info server;
	const struct part *parts[N_PARTS];
	struct collect_ctx ctx;
} w;

static int open_world(void **state)
{
	(void)state;
	w = (struct world){.server = {.flavor = FLAVOR_MARIADB}};
	w.ctx = (struct collect_ctx){.server = &w.server, .parts = w.parts};
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	for (int i = 0; i < N_PARTS; i++)
		part_unref(w.parts[i]);
	return 0;
}

static void put(enum part_id id, struct part *p)
{
	part_unref(w.parts[id]);
	w.parts[id] = p;
}

/* One round: the counter, and the text when the gate lets it be read. Whether it was. */
static bool round_of(double at, int counter, const char *fixture)
{
	char row[64];
	snprintf(row, sizeof row, "name=Innodb_deadlocks value=%d", counter);
	put(PART_STATUS, rows_part(PART_STATUS, at, row));
	bool asked = collector_for(PART_DEADLOCK_TEXT)->gate(&w.ctx);
	char *text = !asked ? NULL : *fixture ? slurp(fixture) : xstrdup("no sections");
	put(PART_DEADLOCK_TEXT, asked ? read_status(text, at) : rows_part(PART_DEADLOCK_TEXT, at, ""));
	free(text);
	struct part *made = derivation_for(PART_DEADLOCKS)->make(&w.ctx, w.parts[PART_DEADLOCKS]);
	if (made)
		put(PART_DEADLOCKS, made);
	return asked;
}

static void shows(const char *fields, const char *expected)
{
	char *text = rows_text(w.parts[PART_DEADLOCKS], fields);
	assert_string_equal(text, expected);
	free(text);
}

static void each_is_read_once(void **state)
{
	(void)state;
	assert_false(round_of(1, 0, NULL));
	shows("id", "");
	assert_true(round_of(2, 1, "mariadb-10.11-deadlock"));
	assert_false(round_of(3, 1, NULL));
	assert_true(round_of(4, 2, "mariadb-10.11-deadlock-gap"));
	shows("id seen time kind sides victim sessions tables indexes lost",
	      "1 | 2 | 2026-11-22 02:29:36 | opposite order | 2 | 225 | 225, 224 | shop.stock | PRIMARY | -\n"
	      "2 | 4 | 2026-11-22 02:29:42 | insert into a gap | 2 | 225 | 225, 224 | shop.stock | name | -\n");
	shows("victim_statement other_statement",
	      "UPDATE stock SET n=n+1 WHERE id=1 | UPDATE stock SET n=n+1 WHERE id=2\n"
	      "DELETE FROM stock WHERE name='fig' | INSERT INTO stock VALUES (10,'figs',1), (11,'fig',2)\n");
}

static void more_than_one_is_lost(void **state)
{
	(void)state;
	round_of(1, 7, "mariadb-10.11-deadlock"); /* six before fathom came: not lost by it */
	shows("id before lost counter", "1 | 1 | - | 7\n");
	round_of(2, 10, "mariadb-10.11-deadlock3");
	shows("id before lost counter sides", "1 | 1 | - | 7 | 2\n2 | - | 2 | 10 | -\n3 | 0 | - | 10 | 3\n");
	/* It came between the reading of the counter and that of the text. */
	round_of(3, 11, "mariadb-10.11-deadlock3");
	shows("id lost counter", "1 | - | 7\n2 | 2 | 10\n3 | - | 10\n4 | 1 | 11\n");
	assert_false(round_of(4, 11, NULL));
	/* The server was started again, and there was one since. */
	round_of(5, 1, "mariadb-10.11-deadlock-gap");
	shows("id lost counter", "1 | - | 7\n2 | 2 | 10\n3 | - | 10\n4 | 1 | 11\n5 | - | 1\n");
}

static void a_text_that_tells_nothing(void **state)
{
	(void)state;
	assert_true(round_of(1, 3, ""));
	shows("id lost", "1 | 3\n");
	assert_false(round_of(2, 3, NULL));
}

/* Not counted: never read. MySQL counts elsewhere. */
static void the_counter_decides(void **state)
{
	const struct collector *c = collector_for(PART_DEADLOCK_TEXT);
	(void)state;
	assert_false(c->gate(&w.ctx));
	put(PART_INNODB, rows_part(PART_INNODB, 1, "name=lock_deadlocks value=4 enabled=1"));
	assert_true(c->gate(&w.ctx));
	put(PART_INNODB, rows_part(PART_INNODB, 1, "name=lock_deadlocks enabled=0"));
	assert_false(c->gate(&w.ctx));
}

static void only_so_many_are_kept(void **state)
{
	static const char *const texts[] = {"mysql-9.7-deadlock", "mysql-9.7-deadlock-gap"};
	(void)state;
	for (int i = 1; i <= 130; i++)
		round_of(i, i, texts[i % 2]);
	const struct part *p = w.parts[PART_DEADLOCKS];
	assert_int_equal(part_rows(p), 101);
	assert_int_equal(value_integer(part_get(p, 100, DEADLOCK_ID), 0), 130);
}

static void the_layout_is_data(void **state)
{
	(void)state;
	round_of(1, 1, "mysql-9.7-deadlock");
	struct value v = part_get(w.parts[PART_DEADLOCKS], 0, DEADLOCK_LAYOUT);
	json_t *sides = json_loads(v.s, 0, NULL), *lock;
	assert_int_equal(json_array_size(sides), 2);
	json_t *second = json_array_get(sides, 1);
	assert_true(json_is_true(json_object_get(second, "victim")));
	assert_int_equal(json_integer_value(json_object_get(second, "session")), 238);
	lock = json_array_get(json_object_get(second, "locks"), 0);
	assert_true(json_is_true(json_object_get(lock, "held")));
	assert_string_equal(json_string_value(json_object_get(lock, "record")), "(2)");
	assert_string_equal(json_string_value(json_object_get(lock, "table")), "shop.stock");
	json_decref(sides);
}

/* --- those in an error log -------------------------------------------------------------------------------- */

struct logged {
	unsigned n;
	char last[4096]; /* the text of the last one */
};

static struct logged of_log(const char *text, size_t len)
{
	struct slice rest = {text, len};
	struct buf one = BUF_INIT;
	struct logged l = {0};
	while (innodb_log_next_deadlock(&rest, &one)) {
		struct innodb_deadlock d;
		assert_true(innodb_deadlock_parse(&d, buf_str(&one), one.len));
		assert_int_equal(d.n_sides, 2);
		assert_int_equal(d.time.len, 19);
		assert_memory_equal(d.time.s, "2026-11-22 10:2", 15);
		assert_true(d.victim >= 0);
		assert_int_equal(innodb_deadlock_kind(&d), WHY_ORDER);
		innodb_deadlock_release(&d);
		snprintf(l.last, sizeof l.last, "%s", buf_str(&one));
		l.n++;
	}
	buf_release(&one);
	return l;
}

static void an_error_log_has_them(void **state)
{
	static const char *const fixtures[] = {"../errorlog/mysql-9.7", "../errorlog/mariadb-10.11"};
	static const char other[] = "2026-11-22 10:28:03 99 [Warning] Aborted connection 99 to db: 'shop'\n";
	(void)state;
	for (size_t i = 0; i < COUNT_OF(fixtures); i++) {
		char *text = slurp(fixtures[i]);
		size_t len = strlen(text);
		assert_int_equal(of_log(text, len).n, 2);
		/* Cut at its beginning, as the end of a log is; and while one is being written. */
		assert_int_equal(of_log(text + 300, len - 300).n, 1);
		assert_int_equal(of_log(text, len - 400).n, 1);
		/* Somebody else writes meanwhile. */
		struct buf mixed = BUF_INIT;
		const char *lock = strstr(text + len / 2, "RECORD LOCKS");
		buf_add(&mixed, text, (size_t)(lock - text));
		buf_adds(&mixed, other);
		buf_adds(&mixed, lock);
		struct logged l = of_log(buf_str(&mixed), mixed.len);
		assert_int_equal(l.n, 2);
		assert_null(strstr(l.last, "Aborted"));
		buf_release(&mixed);
		free(text);
	}
	assert_int_equal(of_log("", 0).n, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(both_servers_texts),
		TEST(each_kind_by_its_locks),
		TEST(what_does_not_fit_is_not_known),
		TEST(records_as_people_read_them),
		TEST(each_is_read_once),
		TEST(more_than_one_is_lost),
		TEST(a_text_that_tells_nothing),
		TEST(the_counter_decides),
		TEST(only_so_many_are_kept),
		TEST(the_layout_is_data),
		cmocka_unit_test(an_error_log_has_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
