/*
 * Transactions and deadlocks on real servers, made by real sessions: who holds purge back, xids of prepared
 * transactions, the record that is waited for, and deadlocks of several kinds with sessions, victim, tables and why.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/blocking.h"
#include "collect/deadlocks.h"
#include "collect/transactions.h"
#include "tests/servers/pump.h"
#include "tests/unit/cmocka_all.h"

#define OPEN "information_schema.INNODB_TRX "

static int64_t id_of(struct db *db)
{
	return db_server(db)->connection_id;
}

static struct db *session_in_shop(const struct server *s)
{
	struct db *db = pump_session(s);
	server_sql(db, "USE trx_shop");
	return db;
}

static struct db *root_with_tables(const struct server *s)
{
	static const char *const sql[] = {
		"CREATE DATABASE IF NOT EXISTS trx_shop", "DROP TABLE IF EXISTS trx_shop.stock, trx_shop.orders",
		"CREATE TABLE trx_shop.stock (id INT PRIMARY KEY, name VARCHAR(20), n INT, KEY name (name))",
		"CREATE TABLE trx_shop.orders (id INT PRIMARY KEY, n INT)",
		"INSERT INTO trx_shop.stock VALUES (1, 'apple', 0), (2, 'pear', 0), (10, 'plum', 0)",
		"INSERT INTO trx_shop.orders VALUES (1, 0), (2, 0)",
	};
	struct db *root = server_root(s);
	for (size_t i = 0; i < COUNT_OF(sql); i++)
		server_sql(root, sql[i]);
	return root;
}

static void done(struct db *root)
{
	server_sql(root, "DROP DATABASE trx_shop");
	db_close(root);
}

/* INNODB_TRX is a copy that may be a tenth of a second old: what is waited for must not be in an older one. */
static void until_waits(struct db *root, const char *statement)
{
	char sql[300];
	snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM " OPEN "WHERE trx_state = 'LOCK WAIT' AND "
		 "LOCATE(\"%s\", trx_query) > 0", statement);
	pump_until(root, sql, "1");
}

static void until_listed(struct db *root, struct db *session, int64_t seconds, bool listed)
{
	char sql[300];
	snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM " OPEN "WHERE trx_mysql_thread_id = %lld AND "
		 "TIMESTAMPDIFF(SECOND, trx_started, NOW()) >= %lld", (long long)id_of(session),
		 (long long)seconds);
	pump_until(root, sql, listed ? "1" : "0");
}

/* --- deadlocks -------------------------------------------------------------------------------------- */

/* Two sessions: what each does first; what the first then waits for; what closes the ring. */
static const struct ring {
	const char *first[2], *then[2];
	const char *kind, *tables, *indexes;
} rings[] = {
	{{"UPDATE stock SET n = 1 WHERE id = 1", "UPDATE stock SET n = 1 WHERE id = 2"},
	 {"UPDATE stock SET n = 2 WHERE id = 2", "UPDATE stock SET n = 2 WHERE id = 1"},
	 "opposite order", "trx_shop.stock", "PRIMARY"},
	{{"SELECT n FROM stock WHERE id = 1 LOCK IN SHARE MODE", "SELECT n FROM stock WHERE id = 1 LOCK IN SHARE MODE"},
	 {"UPDATE stock SET n = 3 WHERE id = 1", "UPDATE stock SET n = 4 WHERE id = 1"},
	 "shared, then changed", "trx_shop.stock", "PRIMARY"},
	{{"SELECT n FROM stock WHERE id = 5 FOR UPDATE", "SELECT n FROM stock WHERE id = 6 FOR UPDATE"},
	 {"INSERT INTO stock VALUES (5, 'fig', 0)", "INSERT INTO stock VALUES (6, 'kiwi', 0)"},
	 "insert into a gap", "trx_shop.stock", "PRIMARY"},
	{{"UPDATE stock SET n = 5 WHERE id = 1", "UPDATE orders SET n = 5 WHERE id = 1"},
	 {"UPDATE orders SET n = 6 WHERE id = 1", "UPDATE stock SET n = 6 WHERE id = 1"},
	 "tables in opposite order", "trx_shop.", "PRIMARY"},
	{{"DO 1", "UPDATE stock SET n = 7 WHERE id = 1"},
	 {"SELECT n FROM stock FORCE INDEX (name) WHERE name = 'apple' FOR UPDATE",
	  "UPDATE stock SET name = 'fig' WHERE id = 1"},
	 "different indexes", "trx_shop.stock", "name"},
};

/* A time limit may stand behind it. */
static const char *without_verb(const char *sql)
{
	return strchr(sql, ' ');
}

/* Begins a statement that may end badly: what it is must outlive the end. */
static void begin_waiting(struct db *db, const char *sql)
{
	static struct stmt s = {"test/waits", NULL, STMT_READ};
	struct err err = {0};
	s.sql = sql;
	if (db_start(db, &s, NULL, 0, NULL, NULL, &err) == DB_FAILED)
		fail_msg("%s: %s", sql, err.why);
}

static bool ends_well(struct db *db)
{
	int64_t end = in_ms(30000);
	struct err err = {0};
	for (;;) {
		struct pollfd p = {.fd = db_fd(db), .events = db_events(db)};
		poll(&p, 1, 200);
		enum db_state state = db_step(db, p.revents, 100, &err);
		if (state != DB_BUSY)
			return state == DB_DONE;
		if (clock_mono_ns() > end)
			fail_msg("it waits for ever");
	}
}

/* Returns which of the two was rolled back. */
static unsigned close_ring(struct db *root, struct db *const sessions[2], const struct ring *r)
{
	struct err err = {0};
	for (unsigned i = 0; i < 2; i++) {
		server_sql(sessions[i], "BEGIN");
		server_sql(sessions[i], r->first[i]);
	}
	begin_waiting(sessions[0], r->then[0]);
	until_waits(root, without_verb(r->then[0]));
	bool second = server_try(sessions[1], r->then[1], &err);
	bool first = ends_well(sessions[0]);
	if (first == second)
		fail_msg("%s: both %s", r->kind, first ? "went on" : "failed");
	for (unsigned i = 0; i < 2; i++)
		server_sql(sessions[i], "ROLLBACK");
	return first;
}

static struct value newest(const struct pump *p, unsigned field)
{
	const struct part *all = p->parts[PART_DEADLOCKS];
	return part_rows(all) ? part_get(all, part_rows(all) - 1, field) : VALUE_NONE;
}

static bool has(struct value v, const char *what)
{
	return strstr(value_cstr(v), what) != NULL;
}

static void check_ring(const struct pump *p, struct db *const sessions[2], const struct ring *r, unsigned victim)
{
	char id[2][32];
	for (unsigned i = 0; i < 2; i++)
		snprintf(id[i], sizeof id[i], "%lld", (long long)id_of(sessions[i]));
	if (strcmp(value_cstr(newest(p, DEADLOCK_KIND)), r->kind) != 0)
		fail_msg("%s: %s\n%s", r->kind, value_cstr(newest(p, DEADLOCK_KIND)),
			 value_cstr(newest(p, DEADLOCK_TEXT)));
	assert_true(has(newest(p, DEADLOCK_SESSIONS), id[0]) && has(newest(p, DEADLOCK_SESSIONS), id[1]));
	assert_int_equal(value_integer(newest(p, DEADLOCK_VICTIM), 0), id_of(sessions[victim]));
	assert_int_equal(value_integer(newest(p, DEADLOCK_BEFORE), -1), 0);
	assert_true(has(newest(p, DEADLOCK_TABLES), r->tables));
	assert_true(has(newest(p, DEADLOCK_INDEXES), r->indexes));
	if (!has(newest(p, DEADLOCK_LOSER), without_verb(r->then[victim])) ||
	    !has(newest(p, DEADLOCK_OTHER), without_verb(r->then[!victim])))
		fail_msg("%s: %s; %s\n%s", r->kind, value_cstr(newest(p, DEADLOCK_LOSER)),
			 value_cstr(newest(p, DEADLOCK_OTHER)), value_cstr(newest(p, DEADLOCK_TEXT)));
	assert_true(has(newest(p, DEADLOCK_LAYOUT), "\"held\":true"));
}

static void each_deadlock_is_kept(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = root_with_tables(s);
		struct db *sessions[2] = {session_in_shop(s), session_in_shop(s)};
		struct pump p;
		pump_init(&p, s, NULL);
		pump_round(&p, PART_BIT(PART_DEADLOCKS));
		for (size_t i = 0; i < COUNT_OF(rings); i++) {
			unsigned rows = part_rows(p.parts[PART_DEADLOCKS]);
			unsigned victim = close_ring(root, sessions, &rings[i]);
			pump_round(&p, PART_BIT(PART_DEADLOCKS));
			/* The very first may be the first that this server had: then it counts as there before. */
			assert_int_equal(part_rows(p.parts[PART_DEADLOCKS]), rows + 1);
			if (rows)
				check_ring(&p, sessions, &rings[i], victim);
		}
		/* Two between two readings: one is lost. And nothing new is nothing asked. */
		close_ring(root, sessions, &rings[0]);
		close_ring(root, sessions, &rings[3]);
		unsigned rows = part_rows(p.parts[PART_DEADLOCKS]);
		pump_round(&p, PART_BIT(PART_DEADLOCKS));
		const struct part *all = p.parts[PART_DEADLOCKS];
		assert_int_equal(part_rows(all), rows + 2);
		assert_int_equal(value_integer(part_get(all, rows, DEADLOCK_LOST), 0), 1);
		assert_string_equal(value_cstr(newest(&p, DEADLOCK_KIND)), rings[3].kind);
		pump_round(&p, PART_BIT(PART_DEADLOCKS));
		assert_ptr_equal(all, p.parts[PART_DEADLOCKS]);
		pump_release(&p);
		db_close(sessions[0]);
		db_close(sessions[1]);
		done(root);
	}
}

/* --- prepared transactions -------------------------------------------------------------------------- */

static void prepare(const struct server *s, const char *xid, const char *change)
{
	struct db *db = session_in_shop(s);
	char sql[200];
	snprintf(sql, sizeof sql, "XA START %s", xid);
	server_sql(db, sql);
	server_sql(db, change);
	snprintf(sql, sizeof sql, "XA END %s", xid);
	server_sql(db, sql);
	snprintf(sql, sizeof sql, "XA PREPARE %s", xid);
	server_sql(db, sql);
	db_close(db);
}

static int named(const struct pump *p, const char *xid)
{
	return part_find(p->parts[PART_TRANSACTIONS], value_str(xid));
}

/* The second comes while it is watched: so both are known. A waiter's blocker is named by its xid, and the record
   that it waits for. */
static void xids_are_told(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = root_with_tables(s);
		struct pump p;
		pump_init(&p, s, NULL);
		prepare(s, "'trx-one'", "UPDATE stock SET n = 1 WHERE id = 1");
		pump_until(root, "SELECT COUNT(*) FROM " OPEN "WHERE trx_mysql_thread_id = 0", "1");
		pump_round(&p, PART_BIT(PART_TRANSACTIONS));
		assert_true(named(&p, "trx-one") >= 0);
		prepare(s, "'trx''two',X'00ff',7", "UPDATE stock SET n = 1 WHERE id = 2");
		pump_until(root, "SELECT COUNT(*) FROM " OPEN "WHERE trx_mysql_thread_id = 0", "2");
		struct db *waiter = session_in_shop(s);
		server_sql(waiter, "BEGIN");
		begin_waiting(waiter, "UPDATE stock SET n = 9 WHERE id = 2");
		until_waits(root, "UPDATE stock SET n = 9 WHERE id = 2");
		pump_round(&p, PART_BIT(PART_TRANSACTIONS) | PART_BIT(PART_BLOCKING));
		int one = named(&p, "trx-one"), two = named(&p, "'trx''two',X'00ff',7");
		assert_true(one >= 0 && two >= 0);
		assert_true(transaction_is_orphan(p.parts[PART_TRANSACTIONS], (unsigned)two));
		const struct part *blocking = p.parts[PART_BLOCKING];
		assert_int_equal(part_rows(blocking), 1);
		assert_int_equal(value_integer(part_get(blocking, 0, BLOCKING_WAITER), 0), id_of(waiter));
		assert_string_equal(value_cstr(part_get(blocking, 0, BLOCKING_XID)), "'trx''two',X'00ff',7");
		struct value record = part_get(blocking, 0, BLOCKING_RECORD);
		char text[32];
		snprintf(text, sizeof text, "%s%lld", value_cstr(record), (long long)value_integer(record, 0));
		assert_true(strstr(text, "2") == text);
		server_sql(root, "XA ROLLBACK 'trx''two',X'00ff',7");
		assert_true(ends_well(waiter));
		server_sql(waiter, "ROLLBACK");
		server_sql(root, "XA ROLLBACK 'trx-one'");
		db_close(waiter);
		pump_release(&p);
		done(root);
	}
}

/* --- read views --------------------------------------------------------------------------------------- */

static const char *holds(const struct pump *p, struct db *session)
{
	char name[32];
	snprintf(name, sizeof name, "%lld", (long long)id_of(session));
	int row = named(p, name);
	const char *word = row < 0 ? NULL : transaction_holds_purge(p->parts[PART_TRANSACTIONS], (unsigned)row);
	return word ? word : "nothing known";
}

static struct value cell_of(const struct pump *p, struct db *session, unsigned field)
{
	char name[32];
	snprintf(name, sizeof name, "%lld", (long long)id_of(session));
	int row = named(p, name);
	return row < 0 ? VALUE_NONE : part_get(p->parts[PART_TRANSACTIONS], (unsigned)row, field);
}

/* A reader opened its view first; the one that locks most and a later reader are not it. */
static void the_oldest_view_is_found(void **state)
{
	const part_mask wanted = PART_BIT(PART_TRANSACTIONS) | PART_BIT(PART_INNODB_STATUS);
	(void)state;
	EACH_SERVER(s) {
		struct db *root = root_with_tables(s);
		struct db *busy = session_in_shop(s), *reader = session_in_shop(s), *later = session_in_shop(s);
		struct pump p;
		pump_init(&p, s, NULL);
		/* Sessions of tests before may be ending still. */
		pump_until(root, "SELECT COUNT(*) FROM " OPEN "WHERE trx_mysql_thread_id > 0", "0");
		server_sql(reader, "START TRANSACTION WITH CONSISTENT SNAPSHOT");
		server_sql(reader, "SELECT COUNT(*) FROM stock");
		until_listed(root, reader, 1, true);
		server_sql(busy, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
		server_sql(busy, "BEGIN");
		server_sql(busy, "UPDATE stock SET n = n + 1");
		server_sql(later, "BEGIN");
		server_sql(later, "UPDATE orders SET n = 1 WHERE id = 1");
		server_sql(later, "SELECT COUNT(*) FROM stock");
		until_listed(root, later, 0, true);
		pump_round(&p, wanted);
		assert_string_equal(holds(&p, reader), s->mysql ? "likely" : "yes");
		assert_string_equal(holds(&p, busy), "no");
		assert_string_equal(holds(&p, later), "no");
		assert_true(value_number(cell_of(&p, reader, TRANSACTION_VIEW_AGE), 0) >= 1);
		assert_int_equal(value_integer(cell_of(&p, busy, TRANSACTION_ROWS_MODIFIED), 0), 3);
		assert_string_equal(value_cstr(cell_of(&p, later, TRANSACTION_USER)), "root");
		if (s->mysql)
			assert_true(value_integer(cell_of(&p, later, TRANSACTION_STATEMENTS), 0) >= 2);
		server_sql(reader, "ROLLBACK");
		until_listed(root, reader, 0, false);
		pump_round(&p, wanted);
		assert_string_equal(holds(&p, later), "yes");
		pump_release(&p);
		db_close(busy);
		db_close(reader);
		db_close(later);
		done(root);
	}
}

static int all_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_deadlock_is_kept),
		cmocka_unit_test(xids_are_told),
		cmocka_unit_test(the_oldest_view_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return servers_at_once(all_tests);
}
