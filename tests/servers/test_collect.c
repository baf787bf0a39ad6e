/* The collectors on real servers: each statement runs, each grant unlocks, and who waits for whom comes out
   as the servers themselves see it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/detail.h"
#include "collect/instruments.h"
#include "engine/reader.h"
#include "tests/servers/pump.h"
#include "tests/unit/cmocka_all.h"

static part_mask of_servers(void)
{
	part_mask all = 0;
	for (int i = 0; i < N_PARTS; i++)
		if (collector_for((enum part_id)i) || derivation_for((enum part_id)i))
			all |= PART_BIT(i);
	return all;
}

static bool is_one_of(const char *word, const char *words)
{
	size_t n = strlen(word);
	for (const char *p = words; p && (p = strstr(p, word)); p++)
		if ((p == words || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
			return true;
	return false;
}

/* --- every collector ------------------------------------------------------------------------------- */

/* What a server as installed does not have: parts, and fields of the parts it has. */
static const struct {
	const char *server, *parts, *fields;
} lacks[] = {
	{"MARIADB",
	 "metadata_locks statements group statement_events stage_events wait_events threads instruments "
	 "innodb_files heartbeat channel_times workers binlog_readers replica_vars galera_members "
	 "index_use backups trx_events",
	 "replication.source_uuid replication.delay"},
	{"MARIADB_PS", "metadata_locks group statement_events stage_events wait_events threads "
	 "heartbeat replica_vars galera_members backups trx_events", ""},
	{"MYSQL", "heartbeat galera_members stage_events wait_events threads backups", ""},
};

static void every_part_is_read(void **state)
{
	unsigned total = 0;
	(void)state;
	EACH_SERVER(s) {
		struct pump p;
		const char *lacking = "";
		for (size_t i = 0; i < COUNT_OF(lacks); i++)
			if (strcmp(lacks[i].server, s->name) == 0)
				lacking = lacks[i].parts;
		unsigned wrong = 0;
		pump_init(&p, s, NULL);
		pump_round(&p, of_servers());
		for (int i = 0; i < N_PARTS; i++) {
			const struct part *part = p.parts[i];
			if (!part)
				continue;
			bool expected = !is_one_of(part_name((enum part_id)i), lacking);
			if ((part_status(part) == PART_OK) != expected) {
				print_error("%s: %s is %s: %s\n", s->name, part_name((enum part_id)i),
					    part_status_name(part_status(part)), part_reason(part));
				wrong++;
			}
			if (!expected)
				assert_non_null(part_reason(part));
		}
		total += wrong;
		assert_true(value_number(part_lookup(p.parts[PART_STATUS], "Uptime"), -1) >= 0);
		assert_in_range(part_rows(p.parts[PART_STATUS]), 20, 200);
		assert_true(part_rows(p.parts[PART_VARIABLES]) > 400);
		assert_true(value_number(part_lookup(p.parts[PART_VARIABLES], "max_connections"), 0) > 0);
		int64_t me = db_server(p.db)->connection_id;
		assert_string_equal(pump_text(&p, PART_PROCESSLIST, me, "id kind user") +
				    strcspn(pump_text(&p, PART_PROCESSLIST, me, "id kind user"), "|"),
				    "| own | root");
		pump_release(&p);
	}
	assert_int_equal(total, 0);
}

static void the_whole_status_comes_when_it_is_wanted(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct pump p;
		static const char *const pins[] = {"Opened_tables", "No_such_variable", NULL};
		pump_init(&p, s, NULL);
		p.ctx.pins = pins;
		pump_round(&p, PART_BIT(PART_STATUS));
		assert_true(value_is_number(part_lookup(p.parts[PART_STATUS], "Opened_tables")));
		assert_false(value_is_number(part_lookup(p.parts[PART_STATUS], "Aborted_connects_x")));
		p.ctx.all_status = true;
		pump_round(&p, PART_BIT(PART_STATUS));
		assert_true(part_rows(p.parts[PART_STATUS]) > 300);
		pump_release(&p);
	}
}

static void fields_are_there(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct pump p;
		pump_init(&p, s, NULL);
		pump_round(&p, of_servers());
		const struct part *sessions = p.parts[PART_SESSIONS];
		unsigned lack = 0;
		for (unsigned f = 0; f < part_schema(sessions)->n_fields; f++)
			lack += part_absent_reason(sessions, f) != NULL;
		/* MySQL: query id, progress and counters; MariaDB: threads, connection type, rows sent. */
		assert_true(lack <= 8);
		const struct part *trx = p.parts[PART_TRX];
		for (unsigned f = 0; f < part_schema(trx)->n_fields; f++)
			assert_null(part_absent_reason(trx, f));
		pump_release(&p);
	}
}

static void values_say_who_set_them(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct pump p;
		struct db *root = server_root(s);
		server_sql(root, "SET GLOBAL long_query_time = 7.5");
		pump_init(&p, s, NULL);
		pump_round(&p, PART_BIT(PART_VARIABLES));
		const struct part *v = p.parts[PART_VARIABLES];
		unsigned row = (unsigned)part_find(v, value_str("long_query_time"));
		const struct schema *schema = part_schema(v);
		assert_float_equal(value_number(part_lookup(v, "long_query_time"), 0), 7.5, 0);
		assert_string_equal(value_cstr(part_get(v, row, (unsigned)schema_field(schema, "source"))),
				    s->mysql ? "DYNAMIC" : "SQL");
		assert_int_equal(part_get(v, row, (unsigned)schema_field(schema, "changed")).i, 1);
		server_sql(root, "SET GLOBAL long_query_time = DEFAULT");
		pump_release(&p);
		db_close(root);
	}
}

/* --- grants ------------------------------------------------------------------------------------------ */

/* Whether `user` may read a part: status ok, and sessions of others in it. */
static bool may_read(const struct server *s, const char *user, enum part_id id)
{
	struct pump p;
	pump_init(&p, s, user);
	pump_round(&p, PART_BIT(id) | PART_BIT(PART_INSTRUMENTS) | PART_BIT(PART_SESSIONS));
	const struct part *part = p.parts[id];
	bool ok = part_status(part) == PART_OK;
	if (id == PART_SESSIONS && ok) {
		ok = false;
		for (unsigned i = 0; i < part_rows(part) && !ok; i++)
			ok = strcmp(value_cstr(part_get(part, i,
							(unsigned)schema_field(part_schema(part),
									       "user"))), user) != 0;
	}
	pump_release(&p);
	return ok;
}

/* The grant of the source that this server uses. */
static const char *grant_of(const struct collector *c, const struct pump *p)
{
	for (const struct source *s = c->sources; s->stmt.sql; s++)
		if (source_usable(s, &p->ctx))
			return s->grant;
	return NULL;
}

/* SHOW statements and gated ones cannot be told from here; replication needs a privilege to be refused. */
static void each_grant_unlocks(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct pump p;
		struct db *root = server_root(s);
		pump_init(&p, s, NULL);
		pump_round(&p, of_servers());
		for (int i = 0; i < N_PARTS; i++) {
			const struct collector *c = collector_for((enum part_id)i);
			if (!c || c->gate || part_status(p.parts[i]) != PART_OK)
				continue;
			server_sql(root, "DROP USER IF EXISTS grantee");
			server_sql(root, "CREATE USER grantee IDENTIFIED BY 'grantee'");
			const char *grant = grant_of(c, &p);
			bool before = may_read(s, "grantee", c->part);
			if (grant) {
				struct buf b = BUF_INIT;
				reader_grant(&b, grant, "grantee@%");
				char *copy = xstrdup(b.s), *save;
				for (char *g = strtok_r(copy, ";", &save); g; g = strtok_r(NULL, ";", &save))
					server_sql(root, g);
				free(copy);
				buf_release(&b);
			}
			if (before != !grant)
				print_message("# %s: %s is readable without %s\n", s->name,
					      part_name(c->part), grant);
			if (!may_read(s, "grantee", c->part))
				fail_msg("%s: %s does not unlock %s", s->name, grant ? grant : "nothing",
					 part_name(c->part));
		}
		server_sql(root, "DROP USER grantee");
		pump_release(&p);
		db_close(root);
	}
}

static void without_grants_nothing_fails(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct pump p;
		struct db *root = server_root(s);
		server_sql(root, "CREATE USER IF NOT EXISTS nobody IDENTIFIED BY 'nobody'");
		pump_init(&p, s, "nobody");
		pump_round(&p, of_servers());
		for (int i = 0; i < N_PARTS; i++)
			if (p.parts[i] && part_status(p.parts[i]) == PART_FAILED)
				fail_msg("%s: %s: %s", s->name, part_name((enum part_id)i),
					 part_reason(p.parts[i]));
		assert_int_equal(part_status(p.parts[PART_TRANSACTIONS]), PART_DENIED);
		assert_int_equal(part_status(p.parts[PART_STATUS]), PART_OK);
		assert_int_equal(part_status(p.parts[PART_VARIABLES]), PART_OK);
		assert_int_equal(part_status(p.parts[PART_PROCESSLIST]), PART_OK);
		pump_release(&p);
		/* PROCESS alone shows everybody's sessions on all of them. */
		server_sql(root, "GRANT PROCESS ON *.* TO nobody");
		assert_true(may_read(s, "nobody", PART_SESSIONS));
		server_sql(root, "DROP USER nobody");
		db_close(root);
	}
}

/* --- row locks ------------------------------------------------------------------------------------------ */

#define WAITERS 30
#define COUNT_WAITERS \
	"SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'"

static int64_t id_of(const struct db *db)
{
	return db_server(db)->connection_id;
}

static void make_shop(struct db *root)
{
	server_sql(root, "CREATE DATABASE IF NOT EXISTS collect_shop");
	server_sql(root, "DROP TABLE IF EXISTS collect_shop.stock");
	server_sql(root, "CREATE TABLE collect_shop.stock (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
	server_sql(root, "INSERT INTO collect_shop.stock VALUES (1,1),(2,2),(3,3)");
}

static void a_pile_up_names_its_root(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s), *holder = pump_session(s), *waiters[WAITERS];
		struct db *behind = pump_session(s);
		struct pump p;
		make_shop(root);
		server_sql(holder, "BEGIN");
		server_sql(holder, "UPDATE collect_shop.stock SET n = 9 WHERE id = 1");
		for (int i = 0; i < WAITERS; i++) {
			waiters[i] = pump_session(s);
			if (i == 0) {
				server_sql(waiters[i], "BEGIN");
				server_sql(waiters[i], "UPDATE collect_shop.stock SET n = 8 WHERE id = 2");
			}
			pump_start(waiters[i], "UPDATE collect_shop.stock SET n = n + 1 WHERE id = 1");
		}
		pump_start(behind, "UPDATE collect_shop.stock SET n = n + 1 WHERE id = 2");
		char all[16];
		snprintf(all, sizeof all, "%d", WAITERS + 1);
		pump_until(root, COUNT_WAITERS, all);
		pump_init(&p, s, NULL);
		pump_round(&p, PART_BIT(PART_PROCESSLIST));

		char expected[200];
		snprintf(expected, sizeof expected, "idle in transaction | - | %d | 1", WAITERS + 1);
		assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(holder),
					      "state blocked_by blocks rows_modified"), expected);
		for (int i = 0; i < WAITERS; i++) {
			snprintf(expected, sizeof expected,
				 "row lock ← %lld | %lld | %d | collect_shop.stock | PRIMARY",
				 (long long)id_of(holder), (long long)id_of(holder), i == 0);
			assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(waiters[i]),
						      "state blocked_by blocks lock_table lock_index"),
					    expected);
		}
		snprintf(expected, sizeof expected, "row lock ← %lld | 0", (long long)id_of(waiters[0]));
		assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(behind), "state blocks"), expected);
		assert_int_equal(part_rows(p.parts[PART_ROW_LOCK_WAITS]), WAITERS + 1);
		/* n² / 2 pairs are what the servers offer. */
		assert_true(part_rows(p.parts[PART_ROW_LOCKS]) < 3 * WAITERS);
		if (s->mysql) {
			assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(holder),
						      "last_statement last_exact"),
					    "/* fathom */ UPDATE collect_shop.stock SET n = 9 WHERE id = 1 | 1");
			assert_true(value_number(pump_cell(&p, PART_PROCESSLIST, id_of(behind), "time"), 9) <
				    9);
		}
		for (int i = 0; i < WAITERS; i++)
			pump_kill(root, waiters[i]);
		pump_kill(root, behind);
		pump_kill(root, holder);
		pump_until(root, COUNT_WAITERS, "0");
		pump_release(&p);
		db_close(root);
	}
}

static void shared_holders_are_both_blamed(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s), *one = pump_session(s), *two = pump_session(s);
		struct db *waiter = pump_session(s);
		struct pump p;
		make_shop(root);
		/* Having changed something gives them numbers on MariaDB. */
		server_sql(one, "BEGIN");
		server_sql(one, "UPDATE collect_shop.stock SET n = 9 WHERE id = 1");
		server_sql(one, "SELECT * FROM collect_shop.stock WHERE id = 3 LOCK IN SHARE MODE");
		server_sql(two, "BEGIN");
		server_sql(two, "UPDATE collect_shop.stock SET n = 9 WHERE id = 2");
		server_sql(two, "SELECT * FROM collect_shop.stock WHERE id = 3 LOCK IN SHARE MODE");
		pump_start(waiter, "UPDATE collect_shop.stock SET n = n + 1 WHERE id = 3");
		pump_until(root, COUNT_WAITERS, "1");
		pump_init(&p, s, NULL);
		pump_round(&p, PART_BIT(PART_PROCESSLIST));
		assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(one), "state blocks"),
				    "idle in transaction | 1");
		assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(two), "state blocks"),
				    "idle in transaction | 1");
		assert_int_equal(part_rows(p.parts[PART_ROW_LOCK_WAITS]), 2);
		server_sql(one, "ROLLBACK");
		server_sql(two, "ROLLBACK");
		pump_until(root, COUNT_WAITERS, "0");
		pump_release(&p);
		db_close(waiter);
		db_close(one);
		db_close(two);
		db_close(root);
	}
}

static void a_prepared_transaction_is_named(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s), *xa = pump_session(s), *waiter = pump_session(s);
		struct pump p;
		make_shop(root);
		server_sql(xa, "XA START 'collect'");
		server_sql(xa, "UPDATE collect_shop.stock SET n = 9 WHERE id = 1");
		server_sql(xa, "XA END 'collect'");
		server_sql(xa, "XA PREPARE 'collect'");
		db_close(xa);
		pump_until(root, "SELECT COUNT(*) FROM information_schema.INNODB_TRX "
				 "WHERE trx_mysql_thread_id = 0", "1");
		pump_start(waiter, "UPDATE collect_shop.stock SET n = n + 1 WHERE id = 1");
		pump_until(root, COUNT_WAITERS, "1");
		pump_init(&p, s, NULL);
		pump_round(&p, PART_BIT(PART_PROCESSLIST));
		assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(waiter), "state blocked_by"),
				    "row lock ← prepared XA | -");
		server_sql(root, "XA ROLLBACK 'collect'");
		pump_until(root, COUNT_WAITERS, "0");
		pump_release(&p);
		db_close(waiter);
		db_close(root);
	}
}

/* --- metadata locks --------------------------------------------------------------------------------------- */

#define COUNT_STATES(state) \
	"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE = '" state "'"

/* The reader sleeps, an ALTER waits for it, two SELECTs for the ALTER. */
static void mdl_queue(const struct server *s, bool seen)
{
	struct db *root = server_root(s), *reader = pump_session(s), *alter = pump_session(s);
	struct db *select[2] = {pump_session(s), pump_session(s)};
	struct db *user = pump_session(s), *waits = pump_session(s);
	struct pump p;
	char expected[200];
	make_shop(root);
	server_sql(reader, "BEGIN");
	server_sql(reader, "SELECT * FROM collect_shop.stock");
	server_sql(user, "DO GET_LOCK('nightly', 0)");
	pump_start(alter, "ALTER TABLE collect_shop.stock ADD COLUMN c INT");
	pump_until(root, COUNT_STATES("Waiting for table metadata lock"), "1");
	pump_start(select[0], "SELECT COUNT(*) FROM collect_shop.stock");
	pump_start(select[1], "UPDATE collect_shop.stock SET n = 0");
	pump_start(waits, "DO GET_LOCK('nightly', 500)");
	pump_until(root, COUNT_STATES("Waiting for table metadata lock"), "3");
	pump_until(root, COUNT_STATES("User lock"), "1");
	snprintf(expected, sizeof expected, "SELECT COUNT(*) FROM information_schema.INNODB_TRX "
		 "WHERE trx_mysql_thread_id = %lld", (long long)id_of(reader));
	pump_until(root, expected, "1");
	pump_init(&p, s, NULL);
	pump_round(&p, PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_METADATA_LOCKS));

	snprintf(expected, sizeof expected, "idle in transaction | %d", seen ? 3 : 0);
	assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(reader), "state blocks"), expected);
	if (seen)
		snprintf(expected, sizeof expected, "metadata lock ← %lld | 2 | collect_shop.stock",
			 (long long)id_of(reader));
	assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(alter), "state blocks lock_table"),
			    seen ? expected : "metadata lock | 2 | collect_shop.stock");
	/* That they queue behind the ALTER follows from what they want, also where nothing is shown. */
	for (int i = 0; i < 2; i++) {
		snprintf(expected, sizeof expected, "metadata lock ← %lld | 0", (long long)id_of(alter));
		assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(select[i]), "state blocks"),
				    expected);
	}
	if (seen)
		snprintf(expected, sizeof expected, "user lock ← %lld", (long long)id_of(user));
	assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(waits), "state"),
			    seen ? expected : "user lock");
	if (!seen)
		assert_non_null(strstr(part_absent_reason(p.parts[PART_PROCESSLIST],
							  (unsigned)schema_field(
								  collect_schema(PART_PROCESSLIST),
								  "blocked_by")), "performance"));
	/* Not the locks of all tables. */
	if (seen)
		assert_true(part_rows(p.parts[PART_METADATA_LOCKS]) <= 12);
	server_sql(reader, "ROLLBACK");
	server_sql(user, "DO RELEASE_ALL_LOCKS()");
	pump_until(root, COUNT_STATES("Waiting for table metadata lock"), "0");
	pump_until(root, COUNT_STATES("User lock"), "0");
	pump_round(&p, PART_BIT(PART_METADATA_LOCKS));
	assert_true(part_rows(p.parts[PART_METADATA_LOCKS]) == 0);
	pump_release(&p);
	struct db *const all[] = {root, reader, alter, select[0], select[1], user, waits};
	for (size_t i = 0; i < COUNT_OF(all); i++)
		db_close(all[i]);
}

static void a_metadata_lock_queue_is_seen(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s);
		if (s->mysql) {
			mdl_queue(s, true);
		} else if (strcmp(s->name, "MARIADB_PS") == 0) {
			struct buf b = BUF_INIT;
			mdl_queue(s, false);
			instrument_enable(&b, INSTRUMENT_MDL);
			server_sql(root, b.s);
			mdl_queue(s, true);
			server_sql(root, "UPDATE performance_schema.setup_instruments SET ENABLED = 'NO' "
					 "WHERE NAME = '" INSTRUMENT_MDL "'");
			buf_release(&b);
		} else {
			struct err err = {0};
			mdl_queue(s, false);
			if (server_try(root, "INSTALL SONAME 'metadata_lock_info'", &err)) {
				mdl_queue(s, true);
				server_sql(root, "UNINSTALL SONAME 'metadata_lock_info'");
			}
		}
		db_close(root);
	}
}

static void a_global_read_lock_is_seen(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		if (!s->mysql)
			continue;
		struct db *root = server_root(s), *backup = pump_session(s), *writer = pump_session(s);
		struct pump p;
		char expected[100];
		make_shop(root);
		server_sql(backup, "FLUSH TABLES WITH READ LOCK");
		pump_start(writer, "UPDATE collect_shop.stock SET n = 0");
		pump_until(root, COUNT_STATES("Waiting for global read lock"), "1");
		pump_init(&p, s, NULL);
		pump_round(&p, PART_BIT(PART_PROCESSLIST));
		snprintf(expected, sizeof expected, "global read lock ← %lld", (long long)id_of(backup));
		assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(writer), "state"), expected);
		server_sql(backup, "UNLOCK TABLES");
		pump_until(root, COUNT_STATES("Waiting for global read lock"), "0");
		pump_release(&p);
		db_close(writer);
		db_close(backup);
		db_close(root);
	}
}

/* --- texts -------------------------------------------------------------------------------------------------- */

static void texts_come_as_they_were_sent(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s), *smile = pump_session(s), *large = pump_session(s);
		struct db *bad = pump_session(s);
		struct pump p;
		struct buf text = BUF_INIT;
		/* Not SELECT: that gets a time limit. */
		pump_start(smile, "DO SLEEP(600) /* Zoë 😀 */");
		buf_adds(&text, "DO SLEEP(600) /* ");
		buf_fill(&text, 'x', 200000);
		buf_adds(&text, " */");
		pump_start(large, text.s);
		pump_start(bad, "DO SLEEP(600) /* \xff\xfe \x1b[2J */");
		buf_release(&text);
		pump_init(&p, s, NULL);
		const struct part *l;
		int64_t end = in_ms(20000);
		do {
			pump_round(&p, PART_BIT(PART_PROCESSLIST));
			l = p.parts[PART_PROCESSLIST];
		} while (in_ms(0) < end &&
			 (pump_cell(&p, PART_PROCESSLIST, id_of(smile), "info").type == VALUE_ABSENT ||
			  pump_cell(&p, PART_PROCESSLIST, id_of(large), "info").type == VALUE_ABSENT ||
			  pump_cell(&p, PART_PROCESSLIST, id_of(bad), "info").type == VALUE_ABSENT));
		assert_int_equal(part_status(l), PART_OK);
		assert_string_equal(pump_text(&p, PART_PROCESSLIST, id_of(smile), "info info_cut"),
				    "/* fathom */ DO SLEEP(600) /* Zoë 😀 */ | 0");
		assert_int_equal(pump_cell(&p, PART_PROCESSLIST, id_of(large), "info_cut").i, 1);
		assert_true(pump_cell(&p, PART_PROCESSLIST, id_of(large), "info").len <= 1024);
		assert_int_equal(pump_cell(&p, PART_PROCESSLIST, id_of(bad), "info_cut").i, 0);
		struct db *const all[] = {smile, large, bad};
		for (size_t i = 0; i < COUNT_OF(all); i++)
			pump_kill(root, all[i]);
		pump_release(&p);
		db_close(root);
	}
}

/* --- details ------------------------------------------------------------------------------------------------- */

/* Which do not answer with rows on a server as it is here, and the kind of error. */
static const struct {
	const char *server, *names;
	enum err_kind kind;
} refusals[] = {
	{"MARIADB", "detail/metadata-lock-info", ERR_UNSUPPORTED},
	{"MARIADB_PS", "detail/metadata-lock-info", ERR_UNSUPPORTED},
};

static size_t detail_args(const struct detail_query *q, int64_t id, struct stmt_arg args[2])
{
	static const char text[] = "SELECT * FROM collect_shop.stock WHERE n > 1";
	switch (q->arg) {
	case DETAIL_BY_TABLE:
		args[0] = STMT_STRING("collect_shop", 12);
		args[1] = STMT_STRING("stock", 5);
		return 2;
	case DETAIL_BY_TEXT:
		args[0] = STMT_FOREIGN_TEXT(text, sizeof text - 1);
		return 1;
	case DETAIL_IN_LIST:
		return 0;
	case DETAIL_BY_ID:
		break;
	}
	args[0] = STMT_INT(id);
	return 1;
}

static void count_row(void *arg, const struct answer *a)
{
	(void)a;
	++*(unsigned *)arg;
}

static void check_detail(const struct server *s, struct db *db, const struct detail_query *q, int64_t id)
{
	static const struct db_sink sink = {NULL, count_row};
	struct stmt_arg args[2];
	struct err err = {0};
	unsigned rows = 0;
	bool refused = false;
	for (size_t i = 0; i < COUNT_OF(refusals); i++)
		refused |= strcmp(refusals[i].server, s->name) == 0 &&
			   is_one_of(q->stmt.name, refusals[i].names);
	bool ok = db_run(db, &q->stmt, args, detail_args(q, id, args), &sink, &rows, in_ms(30000), -1,
			 &err);
	if (ok == refused)
		fail_msg("%s: %s: %s", s->name, q->stmt.name, ok ? "it works" : err.why);
	if (refused)
		assert_int_equal(err.kind, ERR_UNSUPPORTED);
	/* The session has no locks of its own but one on the table, and may have no history. */
	bool may_be_empty = q->page == DETAIL_LOCKS || q->page == DETAIL_TRANSACTION ||
			    strcmp(q->stmt.name, "detail/text-ps") == 0 || q->page == DETAIL_COUNTERS ||
			    q->page == DETAIL_ATTRIBUTES;
	if (ok && !rows && !may_be_empty)
		fail_msg("%s: %s: no rows", s->name, q->stmt.name);
	if (ok)
		print_message("# %s: %s: %u rows\n", s->name, q->stmt.name, rows);
}

static void details_are_answered(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct db *root = server_root(s), *busy = pump_session(s);
		enum flavor f = s->mysql ? FLAVOR_MYSQL : FLAVOR_MARIADB;
		make_shop(root);
		server_sql(busy, "BEGIN");
		server_sql(busy, "UPDATE collect_shop.stock SET n = 5 WHERE id = 2");
		db_set_limit(busy, 600000);
		/* Many short ones: MariaDB explains a statement only between two of its sleeps. */
		pump_start(busy, "SELECT SLEEP(0.05), a.n FROM collect_shop.stock a, collect_shop.stock b, "
				 "collect_shop.stock c, collect_shop.stock d, collect_shop.stock e, "
				 "collect_shop.stock f, collect_shop.stock g, collect_shop.stock h, "
				 "collect_shop.stock i WHERE a.id < 9");
		char sleeps[120];
		snprintf(sleeps, sizeof sleeps, "SELECT STATE FROM information_schema.PROCESSLIST "
			 "WHERE ID = %lld", (long long)id_of(busy));
		pump_until(root, sleeps, "User sleep");
		for (const struct detail_query *q = detail_queries; q->stmt.sql; q++) {
			if (q->flavor != FLAVOR_UNKNOWN && q->flavor != f)
				continue;
			if (q->performance_schema && !db_server(root)->performance_schema)
				continue;
			check_detail(s, root, q, id_of(busy));
		}
		struct err err = {0};
		const struct stmt_arg schema = STMT_STRING("collect_shop", 12);
		assert_true(db_run(root, &detail_use, &schema, 1, NULL, NULL, in_ms(10000), -1, &err));
		pump_kill(root, busy);
		db_close(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_part_is_read),
		cmocka_unit_test(the_whole_status_comes_when_it_is_wanted),
		cmocka_unit_test(fields_are_there),
		cmocka_unit_test(values_say_who_set_them),
		cmocka_unit_test(each_grant_unlocks),
		cmocka_unit_test(without_grants_nothing_fails),
		cmocka_unit_test(a_pile_up_names_its_root),
		cmocka_unit_test(shared_holders_are_both_blamed),
		cmocka_unit_test(a_prepared_transaction_is_named),
		cmocka_unit_test(a_metadata_lock_queue_is_seen),
		cmocka_unit_test(a_global_read_lock_is_seen),
		cmocka_unit_test(texts_come_as_they_were_sent),
		cmocka_unit_test(details_are_answered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
