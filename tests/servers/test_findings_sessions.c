/*
 * Incidents of sessions and connections on real servers, looked at once a second: the finding comes within
 * 3 s, names who did it, and nothing else is told; before each the server with its decoys is healthy.
 * Thresholds are lowered where the real ones take minutes or hundreds of sessions.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "diagnose/rules.h"
#include "engine/stage.h"
#include "parse/sqltext.h"
#include "tests/servers/ward.h"
#include "tests/unit/enginerig.h"

enum { EVERY = 1000, TABLE = 10 };

static void within_seconds(const struct ward *w, double seconds, double most)
{
	if (seconds > most)
		fail_msg("%s: %.1f s", w->server->name, seconds);
}

static void idle_in_transaction(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		ward_open(&w, s, EVERY);
		ward_set(&w, "idle-in-transaction.seconds", "1");
		ward_table(&w, TABLE);
		struct client *innocent = client_new(s, NULL), *idler = client_new(s, NULL);
		client_sql(innocent, "BEGIN");
		client_sql(innocent, "SELECT * FROM t LIMIT 1");
		ward_healthy(&w, 2);
		client_sql(idler, "BEGIN");
		client_sql(idler, "UPDATE t SET n = 5 WHERE id = 1");
		ward_verdict(&w, "idle-in-transaction", SEVERITY_WARNING, idler->culprit, NULL);
		client_end(&w, idler);
		client_end(&w, innocent);
		ward_close(&w);
	}
}

static void runaway_query(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		ward_open(&w, s, EVERY);
		ward_set(&w, "runaway-query.seconds", "1");
		ward_table(&w, TABLE);
		struct client *sleeper = client_new(s, NULL), *runner = client_new(s, NULL);
		client_run(&w, sleeper, "SELECT SLEEP(600) FROM t LIMIT 1");
		ward_healthy(&w, 2);
		if (!s->mysql)
			client_sql(runner, "SET join_cache_level = 0");
		client_run(&w, runner, "SELECT COUNT(*) FROM t a, t b, t c WHERE a.n + b.n + c.n = 7");
		ward_verdict(&w, "runaway-query", SEVERITY_WARNING, runner->culprit, NULL);
		client_end(&w, runner);
		client_end(&w, sleeper);
		ward_close(&w);
	}
}

static void connections_exhausted(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		struct client *pool[20];
		ward_open(&w, s, EVERY);
		ward_set(&w, "connections-exhausted.share", "0.1/0.08");
		ward_table(&w, TABLE);
		ward_user(&w, "pool");
		struct client *other = client_new(s, NULL);
		ward_healthy(&w, 2);
		for (size_t i = 0; i < COUNT_OF(pool); i++)
			pool[i] = client_new(s, "pool");
		within_seconds(&w, ward_verdict(&w, "connections-exhausted", SEVERITY_WARNING,
						 "user:pool@localhost", NULL), 3);
		clients_end(&w, pool, COUNT_OF(pool));
		client_end(&w, other);
		ward_close(&w);
	}
}

/* Connects over and over; eight are there at any time, none of them for long. */
struct churn {
	const struct server *server;
	_Atomic bool stop;
};

static void *connects(void *arg)
{
	struct churn *c = arg;
	struct rawdb_login login = {.socket = c->server->socket, .user = "cron", .password = "cron"};
	struct rawdb *some[8] = {0};
	struct err err;
	for (size_t i = 0; !c->stop; i = (i + 1) % COUNT_OF(some)) {
		rawdb_close(some[i]);
		some[i] = rawdb_open(&login, &err);
		poll(NULL, 0, 10);
	}
	for (size_t i = 0; i < COUNT_OF(some); i++)
		rawdb_close(some[i]);
	return NULL;
}

static void connection_churn(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		pthread_t thread;
		struct churn churn = {.server = s};
		ward_open(&w, s, EVERY);
		ward_set(&w, "connection-churn.connects", "10/5");
		ward_table(&w, TABLE);
		ward_user(&w, "cron");
		struct client *other = client_new(s, NULL);
		ward_healthy(&w, 3);
		assert_int_equal(pthread_create(&thread, NULL, connects, &churn), 0);
		ward_began(&w);
		double seconds = ward_verdict(&w, "connection-churn", SEVERITY_WARNING, "user:cron@localhost",
					       NULL);
		churn.stop = true;
		pthread_join(thread, NULL);
		client_end(&w, other);
		ward_close(&w);
		within_seconds(&w, seconds, 3);
	}
}

/* As the server has it, or where that tells none while a statement runs, as we have it. For free(). */
static char *digest_of(struct ward *w, const char *sql)
{
	struct buf b = BUF_INIT;
	char *digest;
	if (w->server->mysql) {
		server_sql(w->root, "USE findings");
		buf_addf(&b, "SELECT STATEMENT_DIGEST(\"%s\")", sql);
		digest = server_value(w->root, buf_str(&b));
	} else {
		digest = xcalloc(1, SQL_DIGEST_HEX_SIZE);
		sql_digest_hex(sql_digest(&b, sql, strlen(sql)), digest);
	}
	buf_release(&b);
	return digest;
}

#define STAMPEDE "SELECT 'x', BENCHMARK(1000000000, SHA2('x', 256)) FROM t LIMIT 1"

/* Twelve at once run the same on two cores; a dozen sleepers and one who runs something else do not. */
static void thread_storm(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		struct client *sleepers[12], *storm[12];
		char culprit[100];
		ward_open(&w, s, EVERY);
		ward_set(&w, "thread-storm.running", "10/6");
		ward_table(&w, TABLE);
		ward_user(&w, "stampede");
		for (size_t i = 0; i < COUNT_OF(sleepers); i++) {
			sleepers[i] = client_new(s, NULL);
			client_run(&w, sleepers[i], "SELECT SLEEP(600)");
		}
		struct client *other = client_new(s, NULL);
		client_run(&w, other, "SELECT BENCHMARK(1000000000, SHA2('y', 256))");
		ward_healthy(&w, 2);
		for (size_t i = 0; i < COUNT_OF(storm); i++)
			storm[i] = client_new(s, "stampede");
		for (size_t i = 0; i < COUNT_OF(storm); i++)
			client_run(&w, storm[i], STAMPEDE);
		ward_began(&w);
		char *digest = digest_of(&w, STAMPEDE);
		snprintf(culprit, sizeof culprit, "statement:%s", digest);
		free(digest);
		double seconds = ward_verdict(&w, "thread-storm", SEVERITY_CRITICAL, culprit, NULL);
		struct arena a = {0};
		struct finding f;
		assert_true(ward_found(&w, "thread-storm", &f, &a));
		assert_int_equal(f.n_culprits, 2);
		assert_string_equal(f.culprits[1].id, "stampede@localhost");
		arena_release(&a);
		clients_end(&w, storm, COUNT_OF(storm));
		client_end(&w, other);
		clients_end(&w, sleepers, COUNT_OF(sleepers));
		ward_close(&w);
		within_seconds(&w, seconds, 3);
	}
}

/* --- changes of tables ---------------------------------------------------------------------------- */

/* A change that copies is running; one that waits for a lock is a pile-up behind whoever has that. */
static void ddl_running(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		struct arena a = {0};
		struct finding f;
		ward_open(&w, s, EVERY);
		ward_set(&w, "ddl-running.seconds", "1");
		ward_table(&w, TABLE);
		struct client *changer = client_new(s, NULL), *sleeper = client_new(s, NULL);
		client_run(&w, sleeper, "SELECT SLEEP(600), 'ALTER TABLE findings.u'");
		client_sql(changer, "ALTER TABLE t COMMENT = 'done at once'");
		ward_healthy(&w, 2);
		client_run(&w, changer, "ALTER TABLE t ADD COLUMN h CHAR(128) AS "
					"(SHA2(REPEAT(pad, 5000), 512)) STORED");
		within_seconds(&w, ward_verdict(&w, "ddl-running", SEVERITY_NOTICE, changer->culprit, NULL), 3);
		assert_true(ward_found(&w, "ddl-running", &f, &a));
		assert_string_equal(f.culprits[1].id, "findings.t");
		client_end(&w, changer);

		struct client *reader = client_new(s, NULL);
		changer = client_new(s, NULL);
		client_sql(reader, "BEGIN");
		client_sql(reader, "SELECT * FROM t LIMIT 1");
		client_run(&w, changer, "ALTER TABLE t COMMENT = 'waits'");
		while (ward_look(&w), ward_found(&w, "ddl-running", &f, &a))
			; /* it lingers */
		for (int i = 0; i < 3; i++) {
			ward_look(&w);
			assert_true(ward_found(&w, "mdl-pileup", &f, &a));
			assert_false(ward_found(&w, "ddl-running", &f, &a));
		}
		client_end(&w, changer);
		client_end(&w, reader);
		client_end(&w, sleeper);
		arena_release(&a);
		ward_close(&w);
	}
}

/* --- backups -------------------------------------------------------------------------------------- */

/* mysqldump, that nobody reads the output of. */
struct dump {
	pid_t pid;
	int out;
	char culprit[40];
};

static struct dump dump_start(struct ward *w)
{
	int fds[2];
	struct dump d = {0};
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	d.pid = fork();
	if (!d.pid) {
		dup2(fds[1], STDOUT_FILENO);
		execlp("mysqldump", "mysqldump", "--no-defaults", "-uroot", "-S", w->server->socket,
		       "--single-transaction", "--skip-lock-tables", "findings", "t", NULL);
		_exit(127);
	}
	close(fds[1]);
	d.out = fds[0];
	for (int64_t end = in_ms(20000);; poll(NULL, 0, 20)) {
		char *id = server_value(w->root, "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO "
						 "LIKE 'SELECT /*!40001%FROM `t`%'");
		if (id)
			snprintf(d.culprit, sizeof d.culprit, "session:%s", id);
		free(id);
		if (d.culprit[0])
			return d;
		if (clock_mono_ns() > end || waitpid(d.pid, NULL, WNOHANG))
			fail_msg("mysqldump does not dump");
	}
}

static void dump_end(struct dump *d)
{
	close(d->out);
	kill(d->pid, SIGKILL);
	waitpid(d->pid, NULL, 0);
}

#define CONSUMER(on) "UPDATE performance_schema.setup_consumers SET ENABLED = '" on "' WHERE NAME = " \
		     "'events_statements_current'"

static void backup_running(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		ward_open(&w, s, EVERY);
		ward_table(&w, TABLE);
		struct client *decoy = client_new(s, NULL);
		client_run(&w, decoy, "SELECT SLEEP(600), 'backup of mysqldump' FROM t LIMIT 1");
		ward_healthy(&w, 2);
		struct dump d = dump_start(&w);
		within_seconds(&w, ward_verdict(&w, "backup-running", SEVERITY_NOTICE, d.culprit, NULL), 3);
		dump_end(&d);

		struct arena a = {0};
		struct finding f;
		while (ward_look(&w), ward_found(&w, "backup-running", &f, &a))
			;
		/* The lock of a tool that copies files by itself. What a session that sleeps has sent, only the
		   performance schema keeps; MariaDB's when told to. */
		bool shown = strcmp(s->name, "MARIADB") != 0;
		if (shown)
			server_sql(w.root, CONSUMER("YES"));
		ward_healthy(&w, 1);
		struct client *tool = client_new(s, NULL);
		client_sql(tool, s->mysql ? "LOCK INSTANCE FOR BACKUP" : "BACKUP STAGE START");
		if (shown)
			within_seconds(&w, ward_verdict(&w, "backup-running", SEVERITY_NOTICE, tool->culprit,
							 NULL), 3);
		client_end(&w, tool);
		if (shown && !s->mysql)
			server_sql(w.root, CONSUMER("NO"));
		client_end(&w, decoy);
		arena_release(&a);
		ward_close(&w);
	}
}

/* --- what fathom may see -------------------------------------------------------------------------- */

static bool misses_something(const struct rig *r, unsigned target, const void *arg)
{
	const struct part *p = r->last[target] ? r->last[target]->parts[PART_FINDINGS] : NULL;
	(void)arg;
	return p && part_find(p, value_str("privilege-missing")) >= 0;
}

/* Through the sampler, which knows the grant that mends it. */
static void privilege_missing(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		ward_open(&w, s, EVERY);
		ward_user(&w, "weakly");
		ward_healthy(&w, 2); /* as root */
		struct rig r = {.box = mailbox_new()};
		rig_add_target(&r, TARGET("socket", s->socket, "user", "weakly", "password", "weakly"));
		struct diagnosis *d = diagnosis_new(1);
		struct stage *stage = stage_new(r.box, diagnosis_work, d);
		ward_began(&w);
		r.sampler = sampler_new(stage_in(stage), (const struct target *const *)r.targets, 1);
		rig_demand(&r, 0, w.parts, 1);
		rig_wait(&r, 0, misses_something, NULL);
		struct arena a = {0};
		struct finding f;
		const struct part *p = r.last[0]->parts[PART_FINDINGS];
		assert_int_equal(part_rows(p), 1);
		assert_true(finding_read(&f, &a, p, 0));
		print_message("# verdict %s %s %.1f user:%s\n", f.id, s->name,
			      (double)(clock_mono_ns() - w.began) / (double)NS_PER_S, f.culprits[0].id);
		print_message("# %s\n", f.text);
		assert_int_equal(f.severity, SEVERITY_NOTICE);
		assert_string_equal(f.culprits[0].id, "weakly@localhost");
		bool grant = false;
		for (unsigned i = 0; i < f.n_steps; i++)
			grant |= f.steps[i].kind == STEP_SQL && strncmp(f.steps[i].text, "GRANT ", 6) == 0;
		assert_true(grant);
		arena_release(&a);
		sampler_free(r.sampler);
		r.sampler = NULL;
		stage_free(stage);
		diagnosis_free(d);
		rig_stop(&r);
		ward_close(&w);
	}
}

static int all_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_in_transaction),
		cmocka_unit_test(runaway_query),
		cmocka_unit_test(connections_exhausted),
		cmocka_unit_test(connection_churn),
		cmocka_unit_test(thread_storm),
		cmocka_unit_test(ddl_running),
		cmocka_unit_test(backup_running),
		cmocka_unit_test(privilege_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return servers_at_once(all_tests);
}
