/*
 * Busy but healthy servers, all rules at their real thresholds, through sampler and stage as in the program:
 * many sessions that read and write, big reads, a bulk load, changes of tables that are done at once, pools
 * that sleep, short transactions that wait for each other's rows. Of none of it is anything told.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/stage.h"
#include "tests/servers/ward.h"
#include "tests/unit/enginerig.h"

enum { SECONDS = 15, POOL = 30 };

static const char *const work[] = {
	"SELECT n FROM t WHERE id = 4711",
	"SELECT n FROM t WHERE id = 4711",
	"UPDATE t SET n = n + 1 WHERE id = 1",
	"UPDATE t SET n = n + 1 WHERE id = 1",
	"SELECT COUNT(*), MAX(pad) FROM t",
	"SELECT pad, COUNT(*) FROM t GROUP BY pad ORDER BY 2 DESC LIMIT 3",
	"INSERT INTO log (at, pad) VALUES (NOW(), REPEAT('x', 100))",
	"SELECT a.n FROM t a JOIN t b ON b.id = a.id WHERE a.id < 2000 ORDER BY a.pad LIMIT 10",
	"DO SLEEP(0.2)",
};

static void check(const struct rig *r, const char *name)
{
	const struct part *p = r->last[0] ? r->last[0]->parts[PART_FINDINGS] : NULL;
	for (unsigned i = 0; p && i < part_rows(p); i++)
		fail_msg("%s: busy and healthy: %s: %s", name, value_cstr(part_cell(p, i, "id")),
			 value_cstr(part_cell(p, i, "text")));
}

static void busy_but_healthy(void **state)
{
	(void)state;
	EACH_SERVER(s) {
		struct ward w;
		struct client *workers[COUNT_OF(work)], *pool[POOL];
		ward_open(&w, s, 1000);
		ward_table(&w, 10);
		ward_redo(&w, 32 * WARD_REDO); /* as large as one of its kind would be */
		server_sql(w.root, "CREATE TABLE IF NOT EXISTS findings.log (id INT AUTO_INCREMENT PRIMARY KEY, "
				   "at DATETIME, pad TEXT)");
		server_sql(w.root, "CREATE TABLE IF NOT EXISTS findings.loaded LIKE findings.t");
		/* Nobody changes what is copied: that would lock rows that others want. */
		server_sql(w.root, "CREATE TABLE IF NOT EXISTS findings.source AS SELECT n, pad FROM findings.t");
		for (size_t i = 0; i < COUNT_OF(pool); i++)
			pool[i] = client_new(s, NULL);
		for (size_t i = 0; i < COUNT_OF(work); i++) {
			workers[i] = client_new(s, NULL);
			client_loop(workers[i], work[i]);
		}
		struct client *loader = client_new(s, NULL);
		struct rig r = {.box = mailbox_new()};
		struct diagnosis *d = diagnosis_new(1);
		struct stage *stage = stage_new(r.box, diagnosis_work, d);
		rig_add_target(&r, TARGET("socket", s->socket, "user", "root"));
		r.sampler = sampler_new(stage_in(stage), (const struct target *const *)r.targets, 1);
		rig_demand(&r, 0, w.parts, 1);
		rig_wait_ok(&r, 0, PART_PROCESSLIST);
		uint64_t from = r.last[0]->seq;
		for (int64_t end = in_ms(1000 * SECONDS), step = 0; clock_mono_ns() < end; step++) {
			struct pollfd p = {.fd = mailbox_fd(r.box), .events = POLLIN};
			client_sql(loader, "INSERT INTO loaded (n, pad) SELECT n, pad FROM source");
			client_sql(loader, step % 2 ? "ALTER TABLE loaded COMMENT = 'one'"
						    : "ALTER TABLE loaded COMMENT = 'two'");
			client_sql(loader, "TRUNCATE TABLE loaded");
			poll(&p, 1, 200);
			rig_take(&r);
			check(&r, s->name);
		}
		assert_true(r.last[0]->seq >= from + SECONDS / 2);
		for (size_t i = 0; i < COUNT_OF(work); i++)
			assert_true(workers[i]->done > 0);
		sampler_free(r.sampler);
		r.sampler = NULL;
		stage_free(stage);
		diagnosis_free(d);
		rig_stop(&r);
		client_end(&w, loader);
		clients_end(&w, workers, COUNT_OF(work));
		clients_end(&w, pool, COUNT_OF(pool));
		server_sql(w.root, "DROP TABLE findings.log, findings.loaded, findings.source");
		ward_redo(&w, WARD_REDO);
		ward_close(&w);
	}
}

static int all_tests(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(busy_but_healthy)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return servers_at_once(all_tests);
}
