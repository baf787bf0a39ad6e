/* The sampler against real servers: what it reads, what it costs, and how it takes what happens to
 * them. */
#include <ctype.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/fatal.h"
#include "collect/self.h"
#include "model/timeline.h"
#include "tests/servers/server.h"
#include "tests/unit/enginerig.h"

static struct rig rig;

static int teardown(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

/* All that panels show and servers have. */
static part_mask everything(void)
{
	part_mask all = 0;
	for (int i = 0; i < N_PARTS; i++)
		if (part_exported((enum part_id)i) && !part_of_host((enum part_id)i))
			all |= PART_BIT(i);
	return all & ~PART_BIT(PART_FINDINGS);
}

static void start(struct target *t, part_mask parts)
{
	rig_add_target(&rig, t);
	rig_start(&rig);
	rig_demand(&rig, 0, parts, 1);
}

static struct target *root_of(const struct server *s)
{
	return TARGET("socket", s->socket, "user", "root");
}

/* Every part that somebody makes has been read once. */
static bool all_read(const struct rig *r, unsigned target, const void *arg)
{
	const struct snapshot *s = r->last[target];
	for (int i = 0; i < N_PARTS; i++) {
		enum part_id id = (enum part_id)i;
		bool made = id == PART_SELF || collector_for(id) || derivation_for(id);
		if (*(const part_mask *)arg & PART_BIT(i) && made && (!s || !s->parts[i]))
			return false;
	}
	return true;
}

static void nothing_fails_for_root(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		part_mask all = everything();
		start(root_of(s), all);
		const struct snapshot *snap = rig_wait(&rig, 0, all_read, &all);
		for (int i = 0; i < N_PARTS; i++) {
			const struct part *p = snap->parts[i];
			if (!p)
				continue;
			enum part_status status = part_status(p);
			if (status != PART_OK && status != PART_UNSUPPORTED)
				fail_msg("%s: %s is %s: %s", s->name, part_name((enum part_id)i),
					 part_status_name(status), part_reason(p));
		}
		assert_int_equal(snap->server.flavor, s->mysql ? FLAVOR_MYSQL : FLAVOR_MARIADB);
		assert_true(snap->uptime >= 0);
		assert_true(snap->read_only_known);
		assert_true(part_rows(snap->parts[PART_PROCESSLIST]) > 0);
		rig_stop(&rig);
	}
}

static void rates_are_there_by_the_second_sample(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		struct timeline *t = timeline_new(1 << 20);
		start(root_of(s), PART_BIT(PART_STATUS));
		int64_t first = 0, began = clock_mono_ns();
		for (;;) {
			const struct snapshot *snap = rig_wait_later(&rig, 0, PART_STATUS, first);
			first = part_read_mono(snap->parts[PART_STATUS]);
			timeline_push(t, snapshot_ref(snap));
			if (value_is_number(timeline_metric(t, METRIC_QPS)))
				break;
		}
		print_message("# %s: a rate after %.0f ms\n", s->name,
			      (double)(clock_mono_ns() - began) / (double)NS_PER_MS);
		timeline_free(t);
		rig_stop(&rig);
	}
}

static bool was_denied(const struct rig *r, unsigned target, const void *arg)
{
	const struct part *p = rig_part(r, target, *(const enum part_id *)arg);
	return p && part_status(p) == PART_DENIED;
}

static void without_privileges_each_part_says_which(void **state)
{
	(void)state;
	static const enum part_id transactions = PART_TRANSACTIONS;
	EACH_SERVER(s)
	{
		struct db *root = server_root(s);
		server_sql(root, "DROP USER IF EXISTS bare@localhost");
		server_sql(root, "CREATE USER bare@localhost IDENTIFIED BY 'x'");
		start(TARGET("socket", s->socket, "user", "bare", "password", "x"), everything());
		const struct snapshot *snap = rig_wait(&rig, 0, was_denied, &transactions);
		const char *reason = part_reason(snap->parts[PART_TRANSACTIONS]);
		if (!strstr(reason, "GRANT PROCESS ON *.* TO 'bare'@'localhost'"))
			fail_msg("%s: %s", s->name, reason);
		assert_int_equal(part_status(rig_wait_ok(&rig, 0, PART_STATUS)->parts[PART_STATUS]),
				 PART_OK);
		/* Once granted, it comes by itself when somebody asks. */
		server_sql(root, "GRANT PROCESS ON *.* TO bare@localhost");
		struct err err;
		server_try(root, "GRANT SELECT ON performance_schema.* TO bare@localhost", &err);
		sampler_refresh(rig.sampler, 0);
		rig_wait_ok(&rig, 0, PART_TRANSACTIONS);
		rig_stop(&rig);
		server_sql(root, "DROP USER bare@localhost");
		db_close(root);
	}
}

static void a_killed_connection_is_set_up_anew(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		struct db *root = server_root(s);
		start(root_of(s), PART_BIT(PART_STATUS) | PART_BIT(PART_SELF));
		const struct snapshot *snap = rig_wait_ok(&rig, 0, PART_STATUS);
		uint64_t epoch = snap->epoch;
		char sql[64];
		snprintf(sql, sizeof sql, "KILL %lld", (long long)snap->server.connection_id);
		server_sql(root, sql);
		snap = rig_wait_link(&rig, 0, LINK_DOWN);
		assert_int_equal(snap->err.kind, ERR_LOST);
		assert_int_equal(part_status(snap->parts[PART_STATUS]), PART_STALE);
		snap = rig_wait_ok(&rig, 0, PART_STATUS);
		assert_int_equal(snap->epoch, epoch);
		const struct part *self = snap->parts[PART_SELF];
		unsigned row = (unsigned)part_find(self, value_str("connection"));
		assert_int_equal(value_integer(part_get(self, row, SELF_RECONNECTS), 0), 1);
		rig_stop(&rig);
		db_close(root);
	}
}

static void a_frozen_server_costs_its_own_freshness_only(void **state)
{
	(void)state;
	unsigned n;
	const struct server *s = servers(&n);
	if (n < 2)
		skip();
	for (unsigned i = 0; i < n; i++)
		rig_add_target(&rig, root_of(&s[i]));
	rig_start(&rig);
	for (unsigned i = 0; i < n; i++)
		rig_demand(&rig, i, PART_BIT(PART_STATUS), 0.5);
	for (unsigned i = 0; i < n; i++)
		rig_wait_ok(&rig, i, PART_STATUS);
	for (unsigned i = 0; i < n; i++) {
		int64_t connection = rig.last[i]->server.connection_id;
		kill(s[i].pid, SIGSTOP);
		rig_wait_link(&rig, i, LINK_STALLED);
		rig_wait_later(&rig, (i + 1) % n, PART_STATUS, clock_mono_ns());
		kill(s[i].pid, SIGCONT);
		rig_wait_ok(&rig, i, PART_STATUS);
		assert_int_equal(rig.last[i]->server.connection_id, connection);
	}
}

static void a_restart_is_a_new_epoch(void **state)
{
	(void)state;
	const char *dir = getenv("FATHOM_TEST_SERVERS"), *top = getenv("srcdir");
	if (!dir)
		skip();
	EACH_SERVER(s)
	{
		start(root_of(s), PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES));
		/* Uptimes are whole seconds: the server must have one to lose. */
		uint64_t epoch = rig_wait_ok(&rig, 0, PART_STATUS)->epoch;
		struct buf cmd = BUF_INIT;
		buf_addf(&cmd, "%s/tests/tools/servers.sh restart '%s' ", top ? top : ".", dir);
		for (const char *c = s->name; *c; c++)
			buf_addc(&cmd, *c == '_' ? '-' : (char)tolower(*c));
		buf_adds(&cmd, " >/dev/null");
		assert_int_equal(system(buf_str(&cmd)), 0);
		buf_release(&cmd);
		sampler_refresh(rig.sampler, 0);
		const struct snapshot *snap = rig_wait_later(&rig, 0, PART_STATUS, clock_mono_ns());
		assert_true(snap->epoch > epoch);
		rig_stop(&rig);
	}
}

static void a_hundred_targets_over_tls_of_which_eighty_hang(void **state)
{
	(void)state;
	enum { ALL = 100, WELL = 20 };
	unsigned n;
	const struct server *s = servers(&n);
	if (!n)
		skip();
	struct fake *silent = rig_fake(&rig, "greeting hang\n");
	while (rig.n < (ALL - WELL) / 2)
		rig_add(&rig, fake_port(silent));
	struct fake *half = rig_fake(&rig, "tls\nhandshake hang\n");
	while (rig.n < ALL - WELL)
		rig_add(&rig, fake_port(half));
	for (unsigned i = 0; i < rig.n; i++)
		target_set(rig.targets[i], SETTING_SSL_MODE, "required", "test");
	for (unsigned i = 0; i < WELL; i++)
		rig_add_target(&rig, server_target(&s[i % n], "127.0.0.1",
						   (const char *const[]){"user", "full", "password",
									 "full", "ssl-mode",
									 "required", NULL}));
	rig_start(&rig);
	int64_t began = clock_mono_ns();
	for (unsigned i = 0; i < ALL; i++)
		rig_demand(&rig, i, everything(), 1);
	for (unsigned i = ALL - WELL; i < ALL; i++)
		assert_true(*rig_wait_ok(&rig, i, PART_STATUS)->server.cipher);
	print_message("# all well ones are there after %.1f s\n",
		      (double)(clock_mono_ns() - began) / (double)NS_PER_S);
	int64_t mark = clock_mono_ns();
	for (unsigned i = ALL - WELL; i < ALL; i++)
		rig_wait_later(&rig, i, PART_STATUS, mark + NS_PER_S);
	const struct snapshot *snap = rig_wait_later(&rig, ALL - 1, PART_SELF, clock_mono_ns());
	unsigned row = (unsigned)part_find(snap->parts[PART_SELF], value_str("connection"));
	double gap = value_number(part_get(snap->parts[PART_SELF], row, SELF_LOOP_GAP), 1000);
	print_message("# loop gap %.0f ms\n", gap);
	assert_true(gap < rig_gap_limit(200));
	began = clock_mono_ns();
	sampler_free(rig.sampler);
	rig.sampler = NULL;
	assert_true(clock_mono_ns() - began < NS_PER_S);
}

static void the_cost_stays_within_the_budget(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		start(root_of(s), everything());
		rig_demand(&rig, 0, everything(), 0.5);
		int64_t mark = clock_mono_ns() + 6 * NS_PER_S;
		const struct snapshot *snap = rig_wait_later(&rig, 0, PART_STATUS, mark);
		print_message("# %s: %.1f ms/s, %.1f statements/s\n", s->name, snap->cost.server_ms,
			      snap->cost.statements);
		assert_true(snap->cost.server_ms > 0);
		rig_stop(&rig);
	}
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

static int each(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(nothing_fails_for_root),
		TEST(rates_are_there_by_the_second_sample),
		TEST(without_privileges_each_part_says_which),
		TEST(a_killed_connection_is_set_up_anew),
		TEST(the_cost_stays_within_the_budget),
		TEST(a_restart_is_a_new_epoch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

static unsigned threads(void)
{
	char line[128];
	unsigned n = 0;
	FILE *f = fopen("/proc/self/status", "re");
	assert_non_null(f);
	while (!n && fgets(line, sizeof line, f))
		sscanf(line, "Threads: %u", &n);
	fclose(f);
	return n;
}

/* Workers that nobody waits for end soon after the servers that they hung on. A process that ended before would
   be seen to leak what they hold. */
static void await_workers(unsigned before)
{
	int64_t until = clock_mono_ns() + 60 * NS_PER_S;
	while (threads() > before && clock_mono_ns() < until)
		poll(NULL, 0, 20);
	if (threads() > before)
		die("workers do not end");
}

static void *nothing(void *arg)
{
	return arg;
}

/* What takes several servers together. */
static int together(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_frozen_server_costs_its_own_freshness_only),
		TEST(a_hundred_targets_over_tls_of_which_eighty_hang),
	};
	/* ThreadSanitizer begins a thread of its own with the first. */
	pthread_t first;
	if (pthread_create(&first, NULL, nothing, NULL) != 0 || pthread_join(first, NULL) != 0)
		die("no threads");
	unsigned before = threads();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	await_workers(before);
	return failed;
}

int main(void)
{
	/* First: a process that has had threads is none to fork from. */
	int failed = servers_at_once(each);
	return together() || failed;
}
