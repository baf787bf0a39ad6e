/* The parts of the engine that need no server: mailbox, schedule, budget, connect workers, victims.
 */
#include <jansson.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/processlist.h"
#include "engine/budget.h"
#include "engine/connect.h"
#include "engine/intake.h"
#include "engine/kill.h"
#include "engine/mailbox.h"
#include "engine/reader.h"
#include "engine/schedule.h"
#include "engine/statefile.h"
#include "engine/thread.h"
#include "tests/unit/cmocka_all.h"

/* --- mailbox ---------------------------------------------------------------------------------- */

static void post(struct mailbox *m, unsigned target, uint64_t seq)
{
	struct snapshot *s = snapshot_new(target);
	s->seq = seq;
	mailbox_post(m, (struct message){.type = MESSAGE_SNAPSHOT, .snapshot = s});
}

static bool readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	return poll(&p, 1, 0) == 1;
}

static void a_full_mailbox_drops_the_oldest_of_that_target(void **state)
{
	(void)state;
	struct mailbox *m = mailbox_new();
	struct message msg;
	assert_false(mailbox_take(m, &msg));
	assert_false(readable(mailbox_fd(m)));
	post(m, 7, 1);
	for (uint64_t i = 1; i <= 6; i++)
		post(m, 3, i);
	assert_true(readable(mailbox_fd(m)));
	static const struct {
		unsigned target;
		uint64_t seq;
	} want[] = {{7, 1}, {3, 3}, {3, 4}, {3, 5}, {3, 6}};
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		assert_true(mailbox_take(m, &msg));
		assert_int_equal(msg.type, MESSAGE_SNAPSHOT);
		assert_int_equal(msg.snapshot->target, want[i].target);
		assert_int_equal(msg.snapshot->seq, want[i].seq);
		snapshot_unref(msg.snapshot);
	}
	assert_false(mailbox_take(m, &msg));
	assert_false(readable(mailbox_fd(m)));
	post(m, 3, 7); /* goes with the mailbox */
	mailbox_free(m);
}

static void waking_brings_no_message(void **state)
{
	(void)state;
	struct mailbox *m = mailbox_new();
	struct message msg;
	mailbox_wake(m);
	assert_true(readable(mailbox_fd(m)));
	assert_false(mailbox_take(m, &msg));
	assert_false(readable(mailbox_fd(m)));
	mailbox_free(m);
}

/* --- schedule --------------------------------------------------------------------------------- */

static void periods_follow_cost_and_interval(void **state)
{
	(void)state;
	assert_float_equal(schedule_period(COST_FAST, 0.1, false), 0.1, 1e-9);
	assert_float_equal(schedule_period(COST_MEDIUM, 1, false), 2, 1e-9);
	assert_float_equal(schedule_period(COST_MEDIUM, 5, false), 5, 1e-9);
	assert_float_equal(schedule_period(COST_RARE, 1, false), 30, 1e-9);
	assert_float_equal(schedule_period(COST_RARE, 60, false), 60, 1e-9);
	assert_float_equal(schedule_period(COST_DEMAND, 1, false), 0, 1e-9);
	assert_float_equal(schedule_period(COST_FAST, 1, true), 5, 1e-9);
	assert_float_equal(schedule_period(COST_FAST, 6, true), 6, 1e-9);
	assert_float_equal(schedule_period(COST_DEMAND, 1, true), 0, 1e-9);
}

static void what_nobody_looks_at_is_read_less_often(void **state)
{
	(void)state;
	struct sampler_demand d = {
		.parts = PART_BIT(PART_HOST_CPU) | PART_BIT(PART_INNODB) | PART_BIT(PART_STATUS),
		.relaxed = PART_BIT(PART_HOST_CPU) | PART_BIT(PART_INNODB),
		.interval = 1,
	};
	struct server_info server = {0};
	struct intake in;
	intake_init(&in, &server, 0);
	intake_demand(&in, &d);
	struct share cpu = SHARE_INIT;
	int64_t due = 5;
	intake_pace(&in, PART_HOST_CPU, COST_FAST, &cpu, &due);
	assert_float_equal(cpu.base, 5, 1e-9);
	assert_int_equal(due, 5);
	assert_float_equal(in.readers[PART_STATUS]->share.base, 1, 1e-9);
	assert_float_equal(in.readers[PART_INNODB]->share.base, 5, 1e-9);

	/* Somebody looks: at its pace, and at once. */
	d.relaxed = 0;
	intake_demand(&in, &d);
	intake_pace(&in, PART_HOST_CPU, COST_FAST, &cpu, &due);
	assert_float_equal(cpu.base, 1, 1e-9);
	assert_int_equal(due, 0);
	assert_float_equal(in.readers[PART_INNODB]->share.base, 2, 1e-9);
	intake_release(&in);
}

static void beats_keep_to_their_grid(void **state)
{
	(void)state;
	int64_t anchor = 1000 * NS_PER_MS;
	assert_int_equal(schedule_beat(anchor, 1, 0), 0 + 1000 * NS_PER_MS);
	assert_int_equal(schedule_beat(anchor, 1, 1000 * NS_PER_MS), 2000 * NS_PER_MS);
	assert_int_equal(schedule_beat(anchor, 1, 1999 * NS_PER_MS), 2000 * NS_PER_MS);
	/* A round that took three beats does not make up for them. */
	assert_int_equal(schedule_beat(anchor, 1, 5100 * NS_PER_MS), 6000 * NS_PER_MS);
	assert_int_equal(schedule_beat(anchor, 0.3, 100 * NS_PER_MS), 400 * NS_PER_MS);
}

static void neighbours_have_different_phases(void **state)
{
	(void)state;
	/* A hundred targets: no tenth of an interval has more than twice its share. */
	unsigned tenths[10] = {0};
	for (unsigned i = 0; i < 100; i++) {
		double p = schedule_phase(i);
		assert_true(p >= 0 && p < 1);
		tenths[(int)(p * 10)]++;
	}
	for (int i = 0; i < 10; i++)
		assert_in_range(tenths[i], 5, 20);
}

static void back_off_doubles_to_its_end(void **state)
{
	(void)state;
	struct backoff b = {.random = 42};
	double want = 0.5;
	for (int i = 0; i < 12; i++) {
		double wait = backoff_next(&b, ERR_CONNECT, true);
		assert_true(wait >= want * 0.79 && wait <= want * 1.21);
		want = want * 2 > 30 ? 30 : want * 2;
	}
	backoff_reset(&b);
	assert_true(backoff_next(&b, ERR_LOST, true) < 0.61);
}

static void a_wrong_password_is_not_tried_again(void **state)
{
	(void)state;
	struct backoff b = {0};
	assert_true(backoff_next(&b, ERR_LOGIN, false) < 0);
	/* What worked before may work again, but slowly. */
	assert_true(backoff_next(&b, ERR_LOGIN, true) >= 48);
	for (int i = 0; i < 10; i++)
		assert_true(backoff_next(&b, ERR_LOGIN, true) <= 360);
}

static void hung_handshakes_become_seldom(void **state)
{
	(void)state;
	struct backoff b = {0};
	double wait = 0;
	for (int i = 0; i < 30; i++)
		wait = backoff_next(&b, ERR_TIMEOUT, true);
	assert_true(wait > 90);
}

/* --- budget ----------------------------------------------------------------------------------- */

static void a_meter_forgets_after_its_window(void **state)
{
	(void)state;
	struct meter m = {0};
	int64_t t = 1000 * NS_PER_S;
	for (int i = 0; i < 60; i++)
		meter_add(&m, t + i * NS_PER_S, 10, 4, 1000);
	struct own_cost c = meter_cost(&m, t + 59 * NS_PER_S);
	assert_true(c.server_ms > 9 && c.server_ms < 11);
	assert_true(c.statements > 3.6 && c.statements < 4.4);
	assert_true(c.bytes > 900 && c.bytes < 1100);
	assert_float_equal(c.share, c.server_ms / 1000, 1e-9);
	assert_float_equal(meter_cost(&m, t + 95 * NS_PER_S).server_ms, 0, 1e-9);
}

/* Plays `n` collectors of one target for `seconds`; returns the server time a second over the last
   half minute. */
static double play(struct share *s, const double *ms, unsigned n, double interval, double seconds)
{
	double next[8] = {0}, sum = 0;
	for (double t = 0; t < seconds; t += interval)
		for (unsigned i = 0; i < n; i++) {
			if (t < next[i])
				continue;
			double others = 0;
			for (unsigned k = 0; k < n; k++)
				others += k == i ? 0 : share_load(&s[k]);
			share_update(&s[i], ms[i], interval, others, n, BUDGET_LIMIT);
			next[i] = t + share_period(&s[i]);
			if (t >= seconds - 30)
				sum += ms[i];
		}
	return sum / 30;
}

static void the_dear_one_is_stretched_and_the_cheap_one_is_not(void **state)
{
	(void)state;
	struct share s[2] = {SHARE_INIT, SHARE_INIT};
	static const double ms[] = {50, 1};
	s[0].base = s[1].base = 1;
	assert_true(play(s, ms, 2, 1, 90) <= BUDGET_LIMIT);
	assert_true(s[0].stretch > 2);
	assert_float_equal(s[1].stretch, 1, 1e-9);
}

static void stretching_ends_at_half_a_minute_and_relaxes(void **state)
{
	(void)state;
	struct share s = SHARE_INIT;
	static const double dear[] = {5000}, cheap[] = {0.5};
	s.base = 1;
	play(&s, dear, 1, 1, 300);
	assert_float_equal(share_period(&s), 30, 1e-9);
	play(&s, cheap, 1, 1, 1000);
	assert_float_equal(share_period(&s), 1, 1e-9);
}

static void one_reading_over_a_quarter_of_the_interval_counts_at_once(void **state)
{
	(void)state;
	struct share s = SHARE_INIT;
	s.base = 1;
	for (int i = 0; i < 20; i++)
		share_update(&s, 1, 1, 0, 5, BUDGET_LIMIT);
	assert_float_equal(s.stretch, 1, 1e-9);
	share_update(&s, 300, 1, 0, 5, BUDGET_LIMIT);
	assert_float_equal(s.stretch, 2, 1e-9);
}

/* --- connect workers -------------------------------------------------------------------------- */

/* Targets named "hang…" hang until the gate opens; all others fail at once, which is as good a
   result as any here. */
static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_opened = PTHREAD_COND_INITIALIZER;
static bool gate_open;
static unsigned hanging, most_hanging;

static struct db *fake_connect(const struct target *t, enum db_purpose purpose, int64_t deadline,
			       struct err *err)
{
	(void)purpose, (void)deadline;
	pthread_mutex_lock(&gate_lock);
	if (strncmp(t->name, "hang", 4) == 0) {
		if (++hanging > most_hanging)
			most_hanging = hanging;
		while (!gate_open)
			pthread_cond_wait(&gate_opened, &gate_lock);
		hanging--;
		pthread_cond_broadcast(&gate_opened);
	}
	pthread_mutex_unlock(&gate_lock);
	err_set(err, ERR_CONNECT, t->name, "refused", NULL);
	return NULL;
}

static void set_gate(bool open)
{
	pthread_mutex_lock(&gate_lock);
	gate_open = open;
	most_hanging = 0;
	pthread_cond_broadcast(&gate_opened);
	pthread_mutex_unlock(&gate_lock);
}

/* Pumps until `n` results came; returns how long that took. */
static double pump(struct connector *c, unsigned n)
{
	int64_t began = clock_mono_ns();
	struct connect_result r;
	while (n) {
		int64_t again = connector_pump(c, clock_mono_ns());
		struct pollfd p = {.fd = connector_fd(c), .events = POLLIN};
		int64_t left = again == INT64_MAX ? NS_PER_S : again - clock_mono_ns();
		poll(&p, 1, left > 0 ? (int)(left / NS_PER_MS) + 1 : 0);
		while (n && connector_take(c, &r))
			n--;
		assert_true(clock_mono_ns() - began < 30 * NS_PER_S);
	}
	return (double)(clock_mono_ns() - began) / (double)NS_PER_S;
}

static void submit(struct connector *c, unsigned tag, const struct target *t, bool hung_before)
{
	connector_submit(c, &(struct connect_order){
				    .tag = tag,
				    .target = t,
				    .purpose = DB_SAMPLE,
				    .hung_before = hung_before,
			    });
}

static void the_hung_do_not_delay_the_healthy_for_long(void **state)
{
	(void)state;
	struct target hung = {.name = (char[]){"hang"}}, well = {.name = (char[]){"well"}};
	struct connector *c = connector_new(fake_connect);
	for (unsigned i = 0; i < 80; i++)
		submit(c, i, &hung, false);
	for (unsigned i = 80; i < 100; i++)
		submit(c, i, &well, false);
	assert_true(pump(c, 20) < 4);
	/* The second time they have a lane of their own. */
	set_gate(true);
	pump(c, 80);
	set_gate(false);
	for (unsigned i = 0; i < 80; i++)
		submit(c, i, &hung, true);
	for (unsigned i = 80; i < 100; i++)
		submit(c, i, &well, false);
	assert_true(pump(c, 20) < 1);
	pthread_mutex_lock(&gate_lock);
	assert_in_range(most_hanging, 0, 16);
	pthread_mutex_unlock(&gate_lock);
	/* Nobody waits for those that hang; what they bring later is closed where it arrives. */
	int64_t began = clock_mono_ns();
	connector_free(c);
	assert_true(clock_mono_ns() - began < NS_PER_S / 10);
	set_gate(true);
}

static void what_hangs_beyond_its_deadline_is_told_once(void **state)
{
	(void)state;
	struct target hung = {.name = (char[]){"hang"}};
	struct connector *c = connector_new(fake_connect);
	set_gate(false);
	target_set(&hung, SETTING_CONNECT_TIMEOUT, "0.1", "test");
	submit(c, 5, &hung, false);
	connector_pump(c, clock_mono_ns());
	int64_t later = clock_mono_ns() + 60 * NS_PER_S;
	struct connect_result r;
	assert_false(connector_take(c, &r));
	connector_pump(c, later);
	assert_true(connector_take(c, &r));
	assert_true(r.unfinished);
	assert_int_equal(r.tag, 5);
	assert_int_equal(r.err.kind, ERR_TIMEOUT);
	connector_pump(c, later);
	assert_false(connector_take(c, &r));
	set_gate(true);
	pump(c, 1); /* its real end */
	connector_free(c);
	target_set(&hung, SETTING_CONNECT_TIMEOUT, NULL, NULL);
}

/* --- who may be killed ------------------------------------------------------------------------ */

static struct kill_victim victim(const char *user, const char *command, const char *info,
				 int64_t query_id, double time, int64_t seen)
{
	return (struct kill_victim){
		.id = 812,
		.user = xstrdup(user),
		.host = xstrdup("10.0.0.5:3301"),
		.command = xstrdup(command),
		.info = xstrdup_null(info),
		.query_id = query_id,
		.time = time,
		.rows_modified = -1,
		.seen = seen * NS_PER_S,
	};
}

static void replication_and_the_server_itself_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *user, *command, *info;
		bool statement, connection; /* may be killed */
	} cases[] = {
		{"app", "Query", "SELECT 1", true, true},
		{"app", "Sleep", NULL, false, true},
		{"system user", "Slave_SQL", NULL, false, false},
		{"system user", "Connect", NULL, false, false},
		{"system user", "Query", "COMMIT", false, false},
		{"repl", "Binlog Dump GTID", NULL, false, false},
		{"event_scheduler", "Daemon", NULL, false, false},
		{"root", "Daemon", NULL, false, false},
		{"dba", "Query", "/* fathom */ SELECT 1", false, false},
		{"unauthenticated user", "Connect", NULL, true, true},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kill_victim v =
			victim(cases[i].user, cases[i].command, cases[i].info, -1, 1, 0);
		assert_int_equal(!kill_refusal(&v, KILL_STATEMENT), cases[i].statement);
		assert_int_equal(!kill_refusal(&v, KILL_CONNECTION), cases[i].connection);
		kill_victim_release(&v);
	}
	struct kill_victim own = victim("dba", "Sleep", NULL, -1, 1, 0);
	own.kind = xstrdup("own");
	assert_non_null(kill_refusal(&own, KILL_CONNECTION));
	kill_victim_release(&own);
}

static void another_statement_is_told_from_the_one_that_was_seen(void **state)
{
	(void)state;
	static const struct {
		const char *user, *command, *info;
		int64_t query_id;
		double time; /* of the second look, 10 s after the first */
		enum kill_match want;
	} cases[] = {
		{"app", "Query", "UPDATE t", 5, 70, MATCH_SAME},
		{"app", "Query", "UPDATE t", 6, 70, MATCH_OTHER},
		{"app", "Query", "UPDATE t", -1, 70, MATCH_SAME},
		{"app", "Query", "UPDATE t SET a=1", -1, 69, MATCH_SAME},
		{"app", "Query", "UPDATE t", -1, 3, MATCH_OTHER},
		{"app", "Query", "DELETE t", -1, 70, MATCH_OTHER},
		{"app", "Sleep", NULL, 5, 1, MATCH_ENDED},
		{"bob", "Query", "UPDATE t", 5, 70, MATCH_STRANGER},
	};
	struct kill_victim seen = victim("app", "Query", "UPDATE t", 5, 60, 100);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kill_victim now = victim(cases[i].user, cases[i].command, cases[i].info,
						cases[i].query_id, cases[i].time, 110);
		assert_int_equal(kill_match(&seen, &now), cases[i].want);
		kill_victim_release(&now);
	}
	assert_int_equal(kill_match(&seen, NULL), MATCH_GONE);
	kill_victim_release(&seen);
}

static void hosts_compare_with_and_without_ports(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		enum kill_match want;
	} cases[] = {
		{"10.0.0.5", MATCH_SAME},
		{"10.0.0.5:3301", MATCH_SAME},
		{"10.0.0.5:3302", MATCH_STRANGER},
		{"10.0.0.6", MATCH_STRANGER},
	};
	struct kill_victim seen = victim("app", "Query", "UPDATE t", 5, 60, 100);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kill_victim now = victim("app", "Query", "UPDATE t", 5, 70, 110);
		free(now.host);
		now.host = xstrdup(cases[i].host);
		assert_int_equal(kill_match(&seen, &now), cases[i].want);
		kill_victim_release(&now);
	}
	kill_victim_release(&seen);
}

static struct part *sessions(int64_t rows_modified, const char *command)
{
	const struct schema *schema = collect_schema(PART_PROCESSLIST);
	struct part_builder *b = part_builder_new(PART_PROCESSLIST, schema);
	part_row_begin(b);
	part_set(b, PROCESSLIST_ID, value_int(812));
	part_set(b, PROCESSLIST_USER, value_str("app"));
	part_set(b, PROCESSLIST_COMMAND, value_str(command));
	part_set(b, PROCESSLIST_BLOCKS, value_int(41));
	if (rows_modified >= 0)
		part_set(b, PROCESSLIST_ROWS_MODIFIED, value_int(rows_modified));
	part_row_end(b);
	return part_seal(b, 0, 0, 0);
}

static void a_preview_says_what_is_rolled_back_and_who_waits(void **state)
{
	(void)state;
	struct part *p = sessions(200000, "Query");
	struct kill_preview v = kill_preview(p, 0, KILL_CONNECTION, NULL);
	assert_int_equal(v.rows, 200000);
	assert_int_equal(v.waiting, 41);
	assert_true(v.time.seconds > 0 && v.time.at_most > v.time.seconds);
	assert_false(v.time.watched);
	assert_null(v.refusal);

	struct rollback_speed speed = {0};
	assert_true(rollback_learn(&speed, 100000, 2));
	v = kill_preview(p, 0, KILL_CONNECTION, &speed);
	assert_true(v.time.watched);
	assert_true(fabs(v.time.seconds - 4) < 0.01 && fabs(v.time.at_most - 4) < 0.01);
	part_unref(p);

	p = sessions(-1, "Sleep");
	v = kill_preview(p, 0, KILL_STATEMENT, NULL);
	assert_int_equal(v.rows, 0);
	assert_non_null(v.refusal);
	part_unref(p);
}

/* --- rollbacks -------------------------------------------------------------------------------- */

static void what_was_watched_later_counts_more_and_the_slowest_is_kept(void **state)
{
	(void)state;
	struct rollback_speed s = {0};
	/* Too little to go by. */
	assert_false(rollback_learn(&s, 10, 5));
	assert_false(rollback_learn(&s, 100000, 0.01));
	assert_false(rollback_learn(&s, -1, 3));
	assert_false(rollback_estimate(&s, 1000).watched);
	assert_true(rollback_learn(&s, 50000, 1));
	for (int i = 0; i < 20; i++)
		assert_true(rollback_learn(&s, 200000, 1));
	struct rollback_estimate e = rollback_estimate(&s, 1000000);
	assert_true(e.watched && e.seconds > 4.9 && e.seconds < 5.2);
	assert_true(fabs(e.at_most - 20) < 0.01);
	assert_true(rollback_estimate(&s, 0).seconds == 0);
}

static void kept_rollbacks_are_read_back_by_target(void **state)
{
	(void)state;
	static const char *const targets[] = {"db1", "db2", "none"};
	struct rollback_speed s[3] = {0};
	rollback_parse("{\"target\":\"db1\",\"rows\":20000,\"seconds\":2.0}\n"
		       "no json at all\n{\"target\":7}\n"
		       "{\"target\":\"db2\",\"rows\":5000,\"seconds\":1}\n"
		       "{\"target\":\"db2\",\"rows\":5000,\"sec",
		       targets, 3, s);
	assert_int_equal(s[0].seen, 1);
	assert_true(s[0].slowest == 10000);
	assert_int_equal(s[1].seen, 1);
	assert_int_equal(s[2].seen, 0);
}

static void the_end_of_a_state_file_is_whole_lines(void **state)
{
	(void)state;
	char home[] = "/tmp/fathom-state-XXXXXX";
	struct err e = {0};
	struct buf b = BUF_INIT, path = BUF_INIT;
	assert_non_null(mkdtemp(home));
	setenv("XDG_STATE_HOME", home, 1);
	statefile_tail("lines.jsonl", 100, &b);
	assert_int_equal(b.len, 0);
	for (int i = 10; i < 20; i++)
		assert_true(statefile_append("lines.jsonl", json_pack("{s:i}", "n", i), &e));
	statefile_tail("lines.jsonl", 20, &b); /* of 9 bytes each */
	assert_string_equal(buf_str(&b), "{\"n\":18}\n{\"n\":19}\n");
	assert_true(statefile_path(&path, "lines.jsonl"));
	unlink(buf_str(&path));
	*strrchr(path.s, '/') = '\0';
	rmdir(path.s);
	rmdir(home);
	unsetenv("XDG_STATE_HOME");
	buf_release(&b);
	buf_release(&path);
}

/* --- grants ----------------------------------------------------------------------------------- */

static void grants_are_whole_statements(void **state)
{
	(void)state;
	struct buf b = BUF_INIT;
	reader_grant(&b, "PROCESS, SELECT ON performance_schema.*", "o'neil@10.0.%");
	assert_string_equal(buf_str(&b), "GRANT PROCESS ON *.* TO 'o''neil'@'10.0.%'; GRANT SELECT "
					 "ON performance_schema.* TO 'o''neil'@'10.0.%'");
	buf_release(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_mailbox_drops_the_oldest_of_that_target),
		cmocka_unit_test(waking_brings_no_message),
		cmocka_unit_test(periods_follow_cost_and_interval),
		cmocka_unit_test(what_nobody_looks_at_is_read_less_often),
		cmocka_unit_test(beats_keep_to_their_grid),
		cmocka_unit_test(neighbours_have_different_phases),
		cmocka_unit_test(back_off_doubles_to_its_end),
		cmocka_unit_test(a_wrong_password_is_not_tried_again),
		cmocka_unit_test(hung_handshakes_become_seldom),
		cmocka_unit_test(a_meter_forgets_after_its_window),
		cmocka_unit_test(the_dear_one_is_stretched_and_the_cheap_one_is_not),
		cmocka_unit_test(stretching_ends_at_half_a_minute_and_relaxes),
		cmocka_unit_test(one_reading_over_a_quarter_of_the_interval_counts_at_once),
		cmocka_unit_test(the_hung_do_not_delay_the_healthy_for_long),
		cmocka_unit_test(what_hangs_beyond_its_deadline_is_told_once),
		cmocka_unit_test(replication_and_the_server_itself_are_refused),
		cmocka_unit_test(another_statement_is_told_from_the_one_that_was_seen),
		cmocka_unit_test(hosts_compare_with_and_without_ports),
		cmocka_unit_test(a_preview_says_what_is_rolled_back_and_who_waits),
		cmocka_unit_test(what_was_watched_later_counts_more_and_the_slowest_is_kept),
		cmocka_unit_test(kept_rollbacks_are_read_back_by_target),
		cmocka_unit_test(the_end_of_a_state_file_is_whole_lines),
		cmocka_unit_test(grants_are_whole_statements),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
