/*
 * Rules on real servers: each is driven into the state by real sessions, and the finding must come within
 * seconds, name who did it, and not be there before. Thresholds are lowered where the real ones take minutes.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "diagnose/diagnosis.h"
#include "diagnose/rules.h"
#include "tests/servers/pump.h"
#include "tests/unit/cmocka_all.h"

struct ward {
	const struct server *server;
	struct pump pump;
	struct diagnosis *d;
	struct snapshot *last;
	struct db *root;
	part_mask parts;
};

static void open_watch(struct ward *w, const struct server *s, const char *rule, const char *user)
{
	*w = (struct ward){.server = s, .d = diagnosis_new(1), .root = server_root(s)};
	pump_init(&w->pump, s, user);
	w->parts = rule_by_id(rule)->needs | PART_BIT(PART_STATUS);
}

static void close_watch(struct ward *w)
{
	snapshot_unref(w->last);
	pump_release(&w->pump);
	db_close(w->root);
	diagnosis_free(w->d);
}

static void set(struct ward *w, const char *name, const char *value)
{
	struct err err = {0};
	if (!diagnosis_configure(w->d, name, value, &err))
		fail_msg("%s: %s", err.what, err.why);
}

/* One sample, as the sampler makes them, a fifth of a second after the one before. */
static void look(struct ward *w)
{
	struct snapshot *s = snapshot_new(0);
	poll(NULL, 0, 200);
	pump_round(&w->pump, w->parts);
	s->link = LINK_LIVE;
	s->epoch = 1;
	s->mono = clock_mono_ns();
	s->wall = clock_wall_us();
	s->server = *db_server(w->pump.db);
	for (int i = 0; i < N_PARTS; i++)
		if (w->pump.parts[i])
			snapshot_set(s, part_ref(w->pump.parts[i]));
	diagnosis_work(w->d, s);
	snapshot_unref(w->last);
	w->last = s;
}

static bool found(struct ward *w, const char *id, struct finding *f, struct arena *a)
{
	const struct part *p = w->last->parts[PART_FINDINGS];
	int row = part_find(p, value_str(id));
	return row >= 0 && finding_read(f, a, p, (unsigned)row);
}

/* Not there, however often one looks. */
static void quiet(struct ward *w, const char *id)
{
	for (int i = 0; i < 5; i++) {
		struct arena a = {0};
		struct finding f;
		look(w);
		if (found(w, id, &f, &a))
			fail_msg("%s: %s", w->server->name, f.text);
		arena_release(&a);
	}
}

/* There, before the deadline, with that first culprit ("kind:" alone will do). */
static bool is_there(struct ward *w, const char *id, enum severity severity, const char *culprit, int64_t began)
{
	struct arena a = {0};
	struct finding f;
	char have[300] = "";
	look(w);
	bool there = found(w, id, &f, &a);
	if (there && f.n_culprits)
		snprintf(have, sizeof have, "%s:%s", subject_name(f.culprits[0].kind), f.culprits[0].id);
	if (there) {
		print_message("# %s %s %.1f s %s: %s\n", w->server->name, id,
			      (double)(clock_mono_ns() - began) / (double)NS_PER_S, have, f.text);
		assert_int_equal(f.severity, severity);
		if (culprit && strncmp(have, culprit, strlen(culprit)) != 0)
			fail_msg("%s names %s, not %s", id, have, culprit);
	} else if (clock_mono_ns() - began > 20 * NS_PER_S) {
		const char *why = diagnosis_blind(w->d, 0, rule_by_id(id));
		fail_msg("%s: %s was not found%s%s", w->server->name, id, why ? ": " : "", why ? why : "");
	}
	arena_release(&a);
	return there;
}

static void loud(struct ward *w, const char *id, enum severity severity, const char *culprit)
{
	int64_t began = clock_mono_ns();
	while (!is_there(w, id, severity, culprit, began))
		;
}

static void make_table(struct db *root)
{
	server_sql(root, "CREATE DATABASE IF NOT EXISTS findings");
	server_sql(root, "DROP TABLE IF EXISTS findings.t");
	server_sql(root, "CREATE TABLE findings.t (id INT AUTO_INCREMENT PRIMARY KEY, n INT, pad VARCHAR(200)) "
			 "ENGINE=InnoDB");
	server_sql(root, "INSERT INTO findings.t (n, pad) VALUES (1, REPEAT('x', 150)), (2, REPEAT('y', 150))");
	for (int i = 0; i < 10; i++)
		server_sql(root, "INSERT INTO findings.t (n, pad) SELECT n + id, CONCAT(id, pad) FROM "
				 "findings.t WHERE id < 10000 LIMIT 1000");
}

/* --- the server ----------------------------------------------------------------------------------- */

static void deadlocks(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		struct err err;
		open_watch(&w, s, "deadlocks", NULL);
		set(&w, "deadlocks.minute", "2/1");
		make_table(w.root);
		quiet(&w, "deadlocks");
		for (int i = 0; i < 3; i++) {
			struct db *a = pump_session(s), *b = pump_session(s);
			server_sql(a, "BEGIN");
			server_sql(b, "BEGIN");
			server_sql(a, "UPDATE findings.t SET n = 1 WHERE id = 1");
			server_sql(b, "UPDATE findings.t SET n = 1 WHERE id = 2");
			pump_start(a, "UPDATE findings.t SET n = 1 WHERE id = 2");
			pump_until(w.root, "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE "
					   "trx_state = 'LOCK WAIT'", "1");
			server_try(b, "UPDATE findings.t SET n = 1 WHERE id = 1", &err);
			pump_kill(w.root, a);
			pump_kill(w.root, b);
		}
		loud(&w, "deadlocks", SEVERITY_WARNING, NULL);
		close_watch(&w);
	}
}

static void tmp_on_disk(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		bool digests = strcmp(s->name, "MARIADB") != 0;
		open_watch(&w, s, "tmp-on-disk", NULL);
		/* At five samples a second fathom's own readings would count. */
		w.parts = PART_BIT(PART_STATUS) | PART_BIT(PART_STATEMENTS);
		set(&w, "tmp-on-disk.rate", "12/10");
		make_table(w.root);
		quiet(&w, "tmp-on-disk");
		struct db *worker = pump_session(s);
		server_sql(worker, s->mysql ? "SET internal_tmp_mem_storage_engine = MEMORY, tmp_table_size = 1024, "
					      "max_heap_table_size = 16384"
					    : "SET tmp_table_size = 1024, max_heap_table_size = 16384");
		int64_t began = clock_mono_ns();
		do {
			for (int i = 0; i < 25; i++)
				server_sql(worker, "SELECT pad, COUNT(*) FROM findings.t GROUP BY pad, n "
						   "ORDER BY 2 LIMIT 1");
		} while (!is_there(&w, "tmp-on-disk", SEVERITY_WARNING, digests ? "statement:" : NULL, began));
		pump_kill(w.root, worker);
		close_watch(&w);
	}
}

static void log_buffer_waits(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		struct err err;
		open_watch(&w, s, "log-buffer-waits", NULL);
		set(&w, "log-buffer-waits.waits", "0.1");
		make_table(w.root);
		quiet(&w, "log-buffer-waits");
		char *size = server_value(w.root, "SELECT @@innodb_log_buffer_size");
		if (!server_try(w.root, "SET GLOBAL innodb_log_buffer_size = 262144", &err)) {
			/* MariaDB cannot change it while it runs, and its default is large. */
			free(size);
			close_watch(&w);
			continue;
		}
		server_sql(w.root, "CREATE TABLE IF NOT EXISTS findings.big (b LONGBLOB) ENGINE=InnoDB");
		int64_t began = clock_mono_ns();
		do {
			server_sql(w.root, "INSERT INTO findings.big SELECT REPEAT('x', 100000) FROM findings.t LIMIT 60");
			server_sql(w.root, "DELETE FROM findings.big");
		} while (!is_there(&w, "log-buffer-waits", SEVERITY_WARNING, "variable:innodb_log_buffer_size",
				   began));
		char back[100];
		snprintf(back, sizeof back, "SET GLOBAL innodb_log_buffer_size = %s", size);
		server_sql(w.root, back);
		server_sql(w.root, "DROP TABLE findings.big");
		free(size);
		close_watch(&w);
	}
}

static void variable_changed(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		open_watch(&w, s, "variable-changed", NULL);
		make_table(w.root); /* the GTIDs that it makes are no news */
		quiet(&w, "variable-changed");
		make_table(w.root);
		quiet(&w, "variable-changed");
		server_sql(w.root, "SET GLOBAL long_query_time = 7");
		loud(&w, "variable-changed", SEVERITY_NOTICE, "variable:long_query_time");
		server_sql(w.root, "SET GLOBAL long_query_time = 10");
		close_watch(&w);
	}
}

static int all_tests(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(deadlocks),
		cmocka_unit_test(tmp_on_disk),
		cmocka_unit_test(log_buffer_waits),
		cmocka_unit_test(variable_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return servers_at_once(all_tests);
}
