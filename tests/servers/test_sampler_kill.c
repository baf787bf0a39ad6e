/* Kills on real servers: of what the sampler saw, with its identity, and what becomes of the
 * victim. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "collect/processlist.h"
#include "engine/control.h"
#include "engine/kill.h"
#include "engine/statefile.h"
#include "io/rawdb.h"
#include "tests/servers/server.h"
#include "tests/unit/enginerig.h"

static struct rig rig;
static char home[64];

static int setup(void **state)
{
	(void)state;
	rig_state_home(home);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_stop(&rig);
	rig_state_home_free(home);
	return 0;
}

static void start(struct target *t)
{
	rig_add_target(&rig, t);
	rig_start(&rig);
	rig.jobs = jobs_new(rig.box, (const struct target *const *)rig.targets, rig.n);
	rig_demand(&rig, 0, PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_TRANSACTIONS), 0.2);
}

/* A session of somebody else; while it runs something, a thread waits for the end. */
struct session {
	struct rawdb *db;
	int64_t id;
	const char *busy;
	pthread_t thread;
};

static void *run_busy(void *arg)
{
	struct session *v = arg;
	struct err err = {0};
	rawdb_exec(v->db, v->busy, &err);
	return NULL;
}

static void must(struct rawdb *db, const char *sql)
{
	struct err err = {0};
	if (!rawdb_exec(db, sql, &err))
		fail_msg("%s: %s", sql, err.why);
}

static void session_open(struct session *v, const struct server *s, const char *user,
			 const char *busy, const char *const *first)
{
	struct rawdb_login login = {
		.socket = s->socket, .user = user, .password = "x", .timeout_s = 600};
	struct err err = {0};
	if (strcmp(user, "root") == 0)
		login.password = NULL;
	*v = (struct session){.db = rawdb_open(&login, &err), .busy = busy};
	if (!v->db)
		fail_msg("%s: %s", err.what, err.why);
	char *id = rawdb_value(v->db, "SELECT CONNECTION_ID()", &err);
	v->id = strtoll(id, NULL, 10);
	free(id);
	for (; first && *first; first++)
		must(v->db, *first);
	if (busy)
		pthread_create(&v->thread, NULL, run_busy, v);
}

static void session_close(struct session *v)
{
	if (v->busy)
		pthread_join(v->thread, NULL);
	rawdb_close(v->db);
}

static const char sleeping[] = "SELECT SLEEP(600)";

/* The victim as the sampler sees it. */
struct sight {
	int64_t id;
	const char *command;
	int64_t changed; /* rows, at least: a server may tell what was so a tenth of a second ago */
	double time;     /* at least */
	int64_t after; /* mono ns: read later than that */
};

static int row_of(const struct rig *r, const struct sight *sight)
{
	const struct part *p = rig_part(r, 0, PART_PROCESSLIST);
	int row = p ? part_find(p, value_int(sight->id)) : -1;
	if (row < 0 || part_read_mono(p) < sight->after)
		return -1;
	struct value rows = part_get(p, (unsigned)row, PROCESSLIST_ROWS_MODIFIED);
	bool same = strcmp(value_cstr(part_get(p, (unsigned)row, PROCESSLIST_COMMAND)),
			   sight->command) == 0;
	double time = value_number(part_get(p, (unsigned)row, PROCESSLIST_TIME), 0);
	bool changed = value_integer(rows, 0) >= sight->changed;
	return same && changed && time >= sight->time ? row : -1;
}

static bool is_seen(const struct rig *r, unsigned target, const void *arg)
{
	(void)target;
	return row_of(r, arg) >= 0;
}

static void see(struct kill_request *r, const struct session *victim, struct sight sight)
{
	sight.id = victim->id;
	/* What was asked before the victim came to rest may be of two minds. */
	sight.after = in_ms(50);
	const struct snapshot *s = rig_wait(&rig, 0, is_seen, &sight);
	kill_request_add(r, s->parts[PART_PROCESSLIST], (unsigned)row_of(&rig, &sight));
}
#define BUSY ((struct sight){.command = "Query"})
#define IDLE ((struct sight){.command = "Sleep"})

static struct kill_fate fates[8];
static unsigned n_fates;

static void take_fates(struct job *job, void *owner)
{
	(void)owner;
	const struct kill_result *r = job->result;
	if (job->progress)
		return;
	n_fates = r ? r->n : 0;
	if (!r)
		fail_msg("%s: %s", job->err.what, job->err.why);
	memcpy(fates, r->fates, r->n * sizeof *fates);
}

static bool one_more(const struct rig *r, unsigned target, const void *arg)
{
	(void)target;
	return r->jobs_done > *(const unsigned *)arg;
}

static enum kill_outcome end(struct kill_request *r)
{
	struct job *job = kill_job(0, r);
	unsigned before = rig.jobs_done;
	job->done = take_fates;
	jobs_submit(rig.jobs, job);
	rig_wait(&rig, 0, one_more, &before);
	for (unsigned i = 0; i < n_fates; i++)
		print_message("# %s: %s\n", kill_outcome_name(fates[i].outcome), fates[i].text);
	return fates[0].outcome;
}

static struct target *root_of(const struct server *s)
{
	return TARGET("socket", s->socket, "user", "root");
}

static void a_statement_ends_and_its_session_lives(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		struct session victim;
		start(root_of(s));
		session_open(&victim, s, "root", sleeping, NULL);
		struct kill_request *r = kill_request_new(KILL_STATEMENT, 0);
		see(r, &victim, BUSY);
		assert_true(r->victims[0].query_id > 0);
		assert_int_equal(end(r), KILL_ENDED);
		pthread_join(victim.thread, NULL);
		victim.busy = NULL;
		must(victim.db, "SELECT 1");
		session_close(&victim);
		rig_stop(&rig);
	}
}

static void a_transaction_is_rolled_back_with_its_connection(void **state)
{
	(void)state;
	static const char *const work[] = {
		"CREATE DATABASE IF NOT EXISTS fathom_kill",
		"CREATE TABLE IF NOT EXISTS fathom_kill.t (a INT PRIMARY KEY AUTO_INCREMENT, b INT)"
		" ENGINE=InnoDB",
		"BEGIN",
		"INSERT INTO fathom_kill.t (b) VALUES (1),(2),(3)",
		NULL,
	};
	static const struct sight changed = {.command = "Sleep", .changed = 3};
	EACH_SERVER(s)
	{
		struct session victim;
		start(root_of(s));
		session_open(&victim, s, "root", NULL, work);
		struct kill_request *r = kill_request_new(KILL_STATEMENT, 0);
		see(r, &victim, changed);
		/* It is idle: a statement's kill would free nothing. */
		assert_int_equal(end(r), KILL_REFUSED);
		r = kill_request_new(KILL_CONNECTION, 0);
		see(r, &victim, changed);
		assert_int_equal(end(r), KILL_GONE);
		session_close(&victim);
		struct db *root = server_root(s);
		char *rows = server_value(root, "SELECT COUNT(*) FROM fathom_kill.t");
		assert_string_equal(rows, "0");
		free(rows);
		server_sql(root, "DROP DATABASE fathom_kill");
		db_close(root);
		rig_stop(&rig);
	}
}

/* How far down a rollback was seen to go, and how many times it had moved. */
static int64_t left_first, left_last;
static unsigned left_moved;

static void watch_rollback(struct job *job, void *owner)
{
	const char *at = job->progress ? strstr(job->progress, "rolling back: ") : NULL;
	if (!job->progress) {
		take_fates(job, owner);
		return;
	}
	if (!at)
		return;
	int64_t before = left_last;
	left_last = 0;
	for (at += strlen("rolling back: "); *at && *at != ' '; at++)
		if (*at != ',')
			left_last = left_last * 10 + (*at - '0');
	left_moved += left_first && left_last != before;
	left_first = left_first ? left_first : left_last;
}

/* Its progress goes down, the message says what was undone, and the next estimate goes by it. */
static void a_long_rollback_is_watched_and_learned_from(void **state)
{
	(void)state;
	enum { ROWS = 100000 };
	static const char *const work[] = {
		"CREATE DATABASE IF NOT EXISTS fathom_kill",
		"CREATE TABLE fathom_kill.digit (d INT PRIMARY KEY) ENGINE=InnoDB",
		"INSERT INTO fathom_kill.digit VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)",
		"CREATE TABLE fathom_kill.t (a INT PRIMARY KEY AUTO_INCREMENT, b INT, c CHAR(40), KEY (b), KEY (c))"
		" ENGINE=InnoDB",
		"BEGIN",
		"INSERT INTO fathom_kill.t (b, c) SELECT RAND() * 1000000, UUID() FROM fathom_kill.digit a,"
		" fathom_kill.digit b, fathom_kill.digit c, fathom_kill.digit d, fathom_kill.digit e",
		NULL,
	};
	static const struct sight changed = {.command = "Sleep", .changed = ROWS};
	EACH_SERVER(s)
	{
		struct session victim;
		start(root_of(s));
		session_open(&victim, s, "root", NULL, work);
		struct kill_request *r = kill_request_new(KILL_CONNECTION, 0);
		see(r, &victim, changed);
		assert_int_equal(r->victims[0].rows_modified, ROWS);
		struct job *job = kill_job(0, r);
		unsigned before = rig.jobs_done;
		left_first = left_last = left_moved = 0;
		job->done = watch_rollback;
		jobs_submit(rig.jobs, job);
		rig_wait(&rig, 0, one_more, &before);
		print_message("# %s: %s (progress from %lld to %lld)\n", s->name, fates[0].text,
			      (long long)left_first, (long long)left_last);
		assert_int_equal(fates[0].outcome, KILL_GONE);
		assert_int_equal(fates[0].undone, ROWS);
		assert_non_null(strstr(fates[0].text, "rolled back 100,000 rows in "));
		/* Where it takes no time nobody sees it go down. */
		if (fates[0].undoing > 2)
			assert_true(left_first > 0);
		if (left_moved)
			assert_true(left_last < left_first);
		session_close(&victim);

		/* The next console finds it in the file. */
		struct rollback_speed kept = {0};
		struct buf b = BUF_INIT, path = BUF_INIT;
		assert_true(statefile_path(&path, "rollbacks.jsonl"));
		statefile_tail("rollbacks.jsonl", 4096, &b);
		rollback_parse(buf_str(&b), (const char *const[]){rig.targets[0]->name}, 1, &kept);
		unlink(buf_str(&path));
		buf_release(&path);
		buf_release(&b);
		assert_int_equal(kept.seen, 1);
		struct rollback_estimate e = rollback_estimate(&kept, fates[0].undone);
		assert_true(e.watched && fabs(e.seconds - fates[0].undoing) < 0.1);

		struct db *root = server_root(s);
		server_sql(root, "DROP DATABASE fathom_kill");
		db_close(root);
		rig_stop(&rig);
	}
}

static void who_moved_on_is_not_killed(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		struct session victim;
		start(root_of(s));
		session_open(&victim, s, "root", NULL, NULL);
		struct kill_request *r = kill_request_new(KILL_CONNECTION, 0);
		/* MySQL does not number what sleepers ran last; their time tells. */
		see(r, &victim, (struct sight){.command = "Sleep", .time = 2});
		must(victim.db, "SELECT 1");
		assert_int_equal(end(r), KILL_REFUSED);
		assert_true(fates[0].changed);
		must(victim.db, "SELECT 1");
		session_close(&victim);
		rig_stop(&rig);
	}
}

static void several_are_ended_at_once(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		enum { MANY = 5 };
		struct session victims[MANY];
		start(root_of(s));
		struct kill_request *r = kill_request_new(KILL_CONNECTION, 0);
		for (int i = 0; i < MANY; i++)
			session_open(&victims[i], s, "root", sleeping, NULL);
		for (int i = 0; i < MANY; i++)
			see(r, &victims[i], BUSY);
		end(r);
		assert_int_equal(n_fates, MANY);
		for (int i = 0; i < MANY; i++) {
			assert_int_equal(fates[i].outcome, KILL_GONE);
			session_close(&victims[i]);
		}
		rig_stop(&rig);
	}
}

static void without_the_privilege_it_is_named_and_with_it_it_works(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		const char *admin =
			s->mysql ? "GRANT CONNECTION_ADMIN ON *.* TO 'killer'@'localhost'"
				 : "GRANT CONNECTION ADMIN ON *.* TO 'killer'@'localhost'";
		struct db *root = server_root(s);
		struct err err = {0};
		server_sql(root, "DROP USER IF EXISTS killer@localhost, plain@localhost");
		server_sql(root, "CREATE USER killer@localhost IDENTIFIED BY 'x'");
		server_sql(root, "CREATE USER plain@localhost IDENTIFIED BY 'x'");
		server_sql(root, "GRANT PROCESS ON *.* TO killer@localhost");
		server_try(root, "GRANT SELECT ON performance_schema.* TO killer@localhost", &err);
		start(TARGET("socket", s->socket, "user", "killer", "password", "x"));

		struct session victim, system;
		session_open(&victim, s, "plain", sleeping, NULL);
		struct kill_request *r = kill_request_new(KILL_CONNECTION, 0);
		see(r, &victim, BUSY);
		assert_int_equal(end(r), KILL_DENIED);
		if (!strstr(fates[0].text, admin))
			fail_msg("%s: %s", s->name, fates[0].text);

		server_sql(root, admin);
		rig_stop(&rig); /* such privileges are for new connections */
		start(TARGET("socket", s->socket, "user", "killer", "password", "x"));
		r = kill_request_new(KILL_CONNECTION, 0);
		see(r, &victim, BUSY);
		assert_int_equal(end(r), KILL_GONE);
		session_close(&victim);

		session_open(&system, s, "root", sleeping, NULL);
		r = kill_request_new(KILL_STATEMENT, 0);
		see(r, &system, BUSY);
		/* root has SYSTEM_USER on MySQL, which CONNECTION_ADMIN does not reach. */
		assert_int_equal(end(r), s->mysql ? KILL_DENIED : KILL_ENDED);
		if (s->mysql) {
			assert_non_null(strstr(fates[0].text, "SYSTEM_USER"));
			char sql[48];
			snprintf(sql, sizeof sql, "KILL %lld", (long long)system.id);
			server_sql(root, sql);
		}
		session_close(&system);
		rig_stop(&rig);
		server_sql(root, "DROP USER killer@localhost, plain@localhost");
		db_close(root);
	}
}

static void our_own_sessions_are_refused(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		start(root_of(s));
		struct session own = {0};
		own.id = rig_wait_ok(&rig, 0, PART_PROCESSLIST)->server.connection_id;
		struct kill_request *r = kill_request_new(KILL_CONNECTION, own.id);
		see(r, &own, BUSY);
		assert_int_equal(end(r), KILL_REFUSED);
		assert_non_null(strstr(fates[0].text, "fathom itself"));
		rig_stop(&rig);
	}
}

/* Which are not for a server, and the kind of its refusal. */
static const struct {
	const struct stmt *s;
	enum { ON_MARIADB = 1, ON_MYSQL = 2 } where;
	enum err_kind kind;
} refusals[] = {
	{&kill_query_id, ON_MYSQL, ERR_UNSUPPORTED},
	{&kill_rds_query, ON_MARIADB | ON_MYSQL, ERR_UNSUPPORTED},
	{&kill_rds_connection, ON_MARIADB | ON_MYSQL, ERR_UNSUPPORTED},
	{&kill_az_connection, ON_MARIADB | ON_MYSQL, ERR_UNSUPPORTED},
};

static enum err_kind refusal_of(const struct stmt *s, bool mysql)
{
	for (size_t i = 0; i < COUNT_OF(refusals); i++)
		if (refusals[i].s == s && refusals[i].where & (mysql ? ON_MYSQL : ON_MARIADB))
			return refusals[i].kind;
	return ERR_NONE;
}

static bool is_of(const struct stmt *s, const struct stmt *list)
{
	for (; list->sql; list++)
		if (list->sql == s->sql)
			return true;
	return false;
}

static void count_row(void *arg, const struct answer *a)
{
	(void)a;
	++*(unsigned *)arg;
}

static void until_it_runs(struct db *root, int64_t id)
{
	char sql[120];
	bool runs = false;
	snprintf(sql, sizeof sql, "SELECT STATE FROM information_schema.PROCESSLIST WHERE ID = %lld",
		 (long long)id);
	for (int64_t end = in_ms(20000); !runs && in_ms(0) < end;) {
		char *state = server_value(root, sql);
		runs = state && strcmp(state, "User sleep") == 0;
		free(state);
	}
	assert_true(runs);
}

/* What looks comes before what kills, or there is nobody left to look at. */
static void each_statement_runs(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		static const struct db_sink sink = {NULL, count_row};
		struct db *root = server_root(s);
		struct session victim;
		enum flavor other = s->mysql ? FLAVOR_MARIADB : FLAVOR_MYSQL;
		session_open(&victim, s, "root", sleeping, NULL);
		int64_t id = victim.id;
		until_it_runs(root, id);
		unsigned n = 0;
		while (kill_statements[n])
			n++;
		for (unsigned i = 0; i < 2 * n; i++) {
			const struct stmt *const *k = &kill_statements[i % n];
			if ((i >= n) != ((*k)->flags == STMT_KILL))
				continue;
			const struct stmt_arg one = STMT_INT(id), list = STMT_INTS(&id, 1);
			bool lists = strstr((*k)->sql, "%l") != NULL;
			bool takes = lists || strstr((*k)->sql, "%i");
			bool shows = strncmp((*k)->name, "kill/identity", 13) == 0;
			unsigned rows = 0;
			struct err err = {0};
			if (is_of(*k, kill_identity(other)))
				continue;
			/* An identity of statements that nobody has is refused as unknown. */
			enum err_kind refused = refusal_of(*k, s->mysql);
			bool ok = db_run(root, *k, lists ? &list : &one, takes, &sink, &rows,
					 in_ms(10000), -1, &err);
			print_message("# %s: %s: %s\n", s->name, (*k)->name, ok ? "ok" : err.why);
			if (*k == &kill_query_id && !s->mysql)
				assert_int_equal(err.code, 1957); /* unknown query id */
			else if (ok == (refused != ERR_NONE) || (!ok && err.kind != refused))
				fail_msg("%s: %s: %s", s->name, (*k)->name, err.why);
			if (shows)
				assert_int_equal(rows, 1);
			if (*k == &kill_query)
				pthread_join(victim.thread, NULL);
		}
		victim.busy = NULL;
		assert_false(rawdb_exec(victim.db, "DO 0", NULL));
		session_close(&victim);
		db_close(root);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static int all_tests(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_statement_ends_and_its_session_lives),
		TEST(a_transaction_is_rolled_back_with_its_connection),
		TEST(a_long_rollback_is_watched_and_learned_from),
		TEST(who_moved_on_is_not_killed),
		TEST(several_are_ended_at_once),
		TEST(without_the_privilege_it_is_named_and_with_it_it_works),
		TEST(our_own_sessions_are_refused),
		TEST(each_statement_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return servers_at_once(all_tests);
}
