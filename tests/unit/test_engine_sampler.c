/* The sampler against servers that play scripts: hangs, resets, restarts, lies, crowds. */
#include "base/buf.h"
#include "collect/self.h"
#include "model/timeline.h"
#include "tests/unit/enginerig.h"

enum { LOOP_GAP_MS = 300 };

#define BITS(a) PART_BIT(PART_##a)

#define HEAD                                                                                       \
	"version 10.11.6-MariaDB\n"                                                                \
	"table information_schema.PROCESSLIST ID USER HOST DB COMMAND TIME STATE INFO\n"           \
	" row ID=5 USER=app HOST=web1:40000 DB=shop COMMAND=Query TIME=3 STATE=x "                 \
	"INFO=SELECT\\s1\n"                                                                        \
	"on SHOW GLOBAL VARIABLES\n columns Variable_name Value\n row max_connections 151\n"
#define STATUS_OF(uptime)                                                                          \
	"on SHOW GLOBAL STATUS\n columns Variable_name Value\n row Uptime " uptime                 \
	"\n row Questions 100\n"
#define SCRIPT HEAD STATUS_OF("1000")

static struct rig rig;

static struct fake *start_one(const char *script, part_mask parts)
{
	struct fake *f = rig_fake(&rig, script);
	rig_start(&rig);
	rig_demand(&rig, 0, parts, 1);
	return f;
}

static int teardown(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

/* --- the ordinary ----------------------------------------------------------------------------- */

static void parts_come_with_the_first_snapshot_and_rates_soon(void **state)
{
	(void)state;
	start_one(SCRIPT, BITS(STATUS) | BITS(PROCESSLIST) | BITS(VARIABLES));
	const struct snapshot *s = rig_wait_ok(&rig, 0, PART_STATUS);
	assert_int_equal(s->link, LINK_LIVE);
	assert_float_equal(s->uptime, 1000, 0.1);
	assert_int_equal(s->server.flavor, FLAVOR_MARIADB);
	assert_int_equal(part_rows(s->parts[PART_PROCESSLIST]), 1);
	assert_int_equal(part_status(s->parts[PART_VARIABLES]), PART_OK);
	/* What only feeds others stays inside. */
	assert_null(s->parts[PART_SESSIONS]);
	int64_t first = part_read_mono(s->parts[PART_STATUS]);
	s = rig_wait_later(&rig, 0, PART_STATUS, first);
	assert_true(part_read_mono(s->parts[PART_STATUS]) - first < NS_PER_S * 7 / 10);
}

static void only_what_is_asked_for_is_read(void **state)
{
	(void)state;
	/* The first target is the clock by which the second one's silence is measured. */
	struct fake *f = rig_fake(&rig, SCRIPT), *g = rig_fake(&rig, SCRIPT);
	rig_start(&rig);
	rig_demand(&rig, 0, BITS(STATUS), 0.1);
	rig_demand(&rig, 1, BITS(VARIABLES), 0.1);
	rig_wait_ok(&rig, 1, PART_VARIABLES);
	unsigned before = fake_count(f, "");
	assert_true(fake_wait(f, "", before + 5));
	assert_int_equal(fake_count(g, "SHOW GLOBAL STATUS"), 0);
	assert_int_equal(fake_count(g, "~PROCESSLIST"), 0);
	rig_demand(&rig, 1, 0, 0.1);
	unsigned variables = fake_count(g, "");
	before = fake_count(f, "");
	assert_true(fake_wait(f, "", before + 10));
	assert_int_equal(fake_count(g, ""), variables);
	/* What was read stays. */
	assert_non_null(rig_part(&rig, 1, PART_VARIABLES));
}

static void pausing_stops_reading_and_keeps_the_connection(void **state)
{
	(void)state;
	struct fake *f = start_one(SCRIPT, BITS(STATUS));
	rig_demand(&rig, 0, BITS(STATUS), 0.1);
	rig_wait_ok(&rig, 0, PART_STATUS);
	sampler_pause(rig.sampler, true);
	/* A forced reading is the last one, so that there is something to wait for. */
	sampler_refresh(rig.sampler, 0);
	const struct snapshot *s = rig_wait_later(&rig, 0, PART_STATUS, clock_mono_ns());
	int64_t read = part_read_mono(s->parts[PART_STATUS]);
	unsigned sent = fake_count(f, "SHOW GLOBAL STATUS");
	sampler_pause(rig.sampler, false);
	rig_wait_later(&rig, 0, PART_STATUS, read);
	assert_true(fake_count(f, "SHOW GLOBAL STATUS") > sent);
	assert_int_equal(fake_accepted(f), 1);
}

/* --- what cannot be read ---------------------------------------------------------------------- */

static bool has_status(const struct rig *r, unsigned target, const void *arg)
{
	const struct part *p = rig_part(r, target, PART_PROCESSLIST);
	return p && part_status(p) == *(const enum part_status *)arg;
}

static bool is_said_again(const struct rig *r, unsigned target, const void *arg)
{
	const struct part *p = rig_part(r, target, PART_PROCESSLIST);
	return r->last[target]->link == LINK_LIVE && part_status(p) == PART_DENIED &&
	       part_read_mono(p) >= *(const int64_t *)arg;
}

static void a_missing_privilege_is_named_and_the_rest_goes_on(void **state)
{
	(void)state;
	static const enum part_status denied = PART_DENIED;
	start_one("on ~PROCESSLIST\n error 1227 Access denied; you need PROCESS\n" SCRIPT,
		  BITS(STATUS) | BITS(PROCESSLIST));
	const struct snapshot *s = rig_wait(&rig, 0, has_status, &denied);
	assert_non_null(strstr(part_reason(s->parts[PART_PROCESSLIST]), "GRANT PROCESS ON *.* TO"));
	rig_wait_ok(&rig, 0, PART_STATUS);
	/* Who asks again gets a new answer, though it is the same. */
	int64_t asked = clock_mono_ns();
	sampler_refresh(rig.sampler, 0);
	rig_wait(&rig, 0, is_said_again, &asked);
}

static void lies_become_values(void **state)
{
	(void)state;
	/* No such columns, texts for numbers, more cells than a schema has fields. */
	start_one("version 10.11.6-MariaDB\n"
		  "table information_schema.PROCESSLIST ID USER\n"
		  " row ID=many USER=\\xff\\xfe\n row ID=\\N USER=\\N\n"
		  "on SHOW GLOBAL STATUS\n columns A B C D E\n row Uptime 1 2 3 4\n"
		  "on SHOW GLOBAL VARIABLES\n ok\n",
		  BITS(STATUS) | BITS(PROCESSLIST) | BITS(VARIABLES));
	const struct snapshot *s = rig_wait_ok(&rig, 0, PART_STATUS);
	s = rig_wait_later(&rig, 0, PART_STATUS, part_read_mono(s->parts[PART_STATUS]));
	assert_int_equal(part_status(s->parts[PART_VARIABLES]), PART_FAILED);
	assert_float_equal(s->uptime, -1, 0.1);
}

static void an_answer_without_end_does_not_hold_up_others(void **state)
{
	(void)state;
	rig_fake(&rig, "version 10.11.6-MariaDB\n"
		       "on SHOW GLOBAL STATUS\n columns Variable_name Value\n"
		       " repeat 300000 name$I 1\n row Uptime 1000\n");
	rig_fake(&rig, SCRIPT);
	rig_start(&rig);
	rig_demand(&rig, 0, BITS(STATUS), 1);
	rig_demand(&rig, 1, BITS(STATUS) | BITS(SELF), 0.1);
	/* So many rows are more than any collector's answer: the rest is dropped. */
	const struct snapshot *s = rig_wait_ok(&rig, 0, PART_STATUS);
	assert_in_range(part_rows(s->parts[PART_STATUS]), 100, 60000);
	s = rig_wait_later(&rig, 1, PART_SELF, clock_mono_ns());
	const struct part *self = s->parts[PART_SELF];
	int row = part_find(self, value_str("connection"));
	assert_true(value_number(part_get(self, (unsigned)row, SELF_LOOP_GAP), 1e9) <
		    rig_gap_limit(LOOP_GAP_MS));
}

/* --- the budget ------------------------------------------------------------------------------- */

static bool is_stretched(const struct rig *r, unsigned target, const void *arg)
{
	const struct part *p = rig_part(r, target, PART_SELF);
	int row = p ? part_find(p, value_str("status")) : -1;
	(void)arg;
	return row >= 0 && value_integer(part_get(p, (unsigned)row, SELF_STRETCHED), 0);
}

static void a_dear_collector_is_stretched_and_told(void **state)
{
	(void)state;
	start_one(HEAD "on SHOW GLOBAL STATUS\n delay 150\n columns Variable_name "
		       "Value\n row Uptime 1000\n",
		  BITS(STATUS) | BITS(PROCESSLIST) | BITS(SELF));
	rig_demand(&rig, 0, BITS(STATUS) | BITS(PROCESSLIST) | BITS(SELF), 0.5);
	const struct snapshot *s = rig_wait(&rig, 0, is_stretched, NULL);
	const struct part *self = s->parts[PART_SELF];
	unsigned row = (unsigned)part_find(self, value_str("status"));
	double period = value_number(part_get(self, row, SELF_PERIOD), 0);
	assert_true(period > 0.5);
	assert_float_equal(value_number(part_get(self, row, SELF_BASE), 0), 0.5, 1e-9);
	assert_true(value_number(part_get(self, row, SELF_LAST_MS), 0) >= 150);
	assert_non_null(strstr(value_cstr(part_get(self, row, SELF_STATEMENT)),
			       "/* fathom */ SHOW GLOBAL STATUS"));
	row = (unsigned)part_find(self, value_str("sessions"));
	/* On a busy machine a cheap one may be late too, and stretched a little. */
	assert_true(value_number(part_get(self, row, SELF_PERIOD), 0) < period);
	assert_true(s->cost.server_ms > 1 && s->cost.statements > 0 && s->cost.bytes > 0);
}

static bool has_base(const struct rig *r, unsigned target, const void *arg)
{
	const struct part *p = rig_part(r, target, PART_SELF);
	int row = p ? part_find(p, value_str("status")) : -1;
	double base = row >= 0 ? value_number(part_get(p, (unsigned)row, SELF_BASE), 0) : 0;
	return base == *(const double *)arg;
}

static void whoever_looks_closely_gets_it_sooner(void **state)
{
	(void)state;
	struct sampler_demand d = {
		.parts = BITS(STATUS) | BITS(PROCESSLIST) | BITS(SELF),
		.relaxed = BITS(STATUS),
		.interval = 0.2,
	};
	rig_fake(&rig, SCRIPT);
	rig_start(&rig);
	sampler_demand(rig.sampler, 0, &d);
	rig_wait(&rig, 0, has_base, &(double){5});
	d.relaxed = 0; /* and nothing else changes */
	sampler_demand(rig.sampler, 0, &d);
	rig_wait(&rig, 0, has_base, &(double){0.2});
}

/* --- trouble with the link -------------------------------------------------------------------- */

static void a_reset_in_mid_result_is_survived(void **state)
{
	(void)state;
	struct fake *f = start_one(SCRIPT, BITS(STATUS));
	const struct snapshot *s = rig_wait_ok(&rig, 0, PART_STATUS);
	uint64_t epoch = s->epoch;
	int64_t first = s->mono;
	fake_script(f, HEAD "on SHOW GLOBAL STATUS\n cut 40\n columns Variable_name Value\n"
			    " row Uptime 1000\n");
	s = rig_wait_link(&rig, 0, LINK_DOWN);
	assert_int_equal(s->err.kind, ERR_LOST);
	assert_true(s->retry_at > 0);
	/* What was read stays, and says that it is old. */
	assert_int_equal(part_status(s->parts[PART_STATUS]), PART_STALE);
	assert_non_null(part_reason(s->parts[PART_STATUS]));
	assert_int_equal(part_lookup(s->parts[PART_STATUS], "Uptime").i, 1000);
	/* It is the same server still: its uptime went on. */
	struct buf script = BUF_INIT;
	buf_addf(&script, HEAD STATUS_OF("%d"),
		 1000 + (int)((clock_mono_ns() - first) / NS_PER_S));
	fake_script(f, buf_str(&script));
	buf_release(&script);
	s = rig_wait_ok(&rig, 0, PART_STATUS);
	assert_int_equal(s->epoch, epoch);
}

static void a_restart_begins_a_new_epoch(void **state)
{
	(void)state;
	struct fake *f = start_one(SCRIPT, BITS(STATUS));
	uint64_t before = rig_wait_ok(&rig, 0, PART_STATUS)->epoch;
	fake_script(f, HEAD STATUS_OF("2"));
	fake_drop(f);
	rig_wait_link(&rig, 0, LINK_DOWN);
	assert_true(rig_wait_ok(&rig, 0, PART_STATUS)->epoch > before);
}

static bool frozen_and_stale(const struct rig *r, unsigned target, const void *arg)
{
	const struct part *p = rig_part(r, target, PART_STATUS);
	(void)arg;
	return r->last[target] && r->last[target]->link == LINK_STALLED && p &&
	       part_status(p) == PART_STALE;
}

static void a_frozen_server_is_stale_and_comes_back_on_its_connection(void **state)
{
	(void)state;
	struct fake *f = rig_fake(&rig, SCRIPT);
	rig_fake(&rig, SCRIPT);
	rig_start(&rig);
	rig_demand(&rig, 0, BITS(STATUS), 0.2);
	rig_demand(&rig, 1, BITS(STATUS), 0.2);
	rig_wait_ok(&rig, 0, PART_STATUS);
	fake_freeze(f, true);
	const struct snapshot *s = rig_wait(&rig, 0, frozen_and_stale, NULL);
	assert_int_equal(s->err.kind, ERR_TIMEOUT);
	/* Others are none the worse. */
	rig_wait_later(&rig, 1, PART_STATUS, clock_mono_ns());
	fake_freeze(f, false);
	assert_int_equal(rig_wait_ok(&rig, 0, PART_STATUS)->err.kind, ERR_NONE);
	assert_int_equal(fake_open(f), 1);
}

static void a_statement_that_hangs_is_ended_from_a_second_connection(void **state)
{
	(void)state;
	struct fake *f = start_one(SCRIPT, BITS(STATUS) | BITS(PROCESSLIST));
	rig_demand(&rig, 0, BITS(STATUS) | BITS(PROCESSLIST), 0.2);
	rig_wait_ok(&rig, 0, PART_STATUS);
	fake_script(f, "on ~PROCESSLIST\n once\n hang\n" SCRIPT);
	rig_wait_link(&rig, 0, LINK_STALLED);
	assert_true(fake_wait(f, "KILL QUERY", 1));
	/* It goes on with the connection that it had, and the second one is closed. */
	rig_wait_later(&rig, 0, PART_PROCESSLIST, clock_mono_ns());
	assert_int_equal(rig.last[0]->link, LINK_LIVE);
	assert_int_equal(fake_accepted(f), 2);
	assert_int_equal(fake_open(f), 1);
}

static void no_new_connection_before_the_old_one_is_gone(void **state)
{
	(void)state;
	/* The server forgets the connection without telling: only a second one can find out. */
	struct fake *f = start_one(SCRIPT, BITS(STATUS));
	rig_demand(&rig, 0, BITS(STATUS), 0.2);
	rig_wait_ok(&rig, 0, PART_STATUS);
	fake_script(f, "on SHOW GLOBAL STATUS WHERE\n once\n hang\n"
		       "on KILL\n error 1094 Unknown thread id\n" SCRIPT);
	rig_wait_link(&rig, 0, LINK_STALLED);
	assert_int_equal(fake_accepted(f), 1);
	rig_wait_link(&rig, 0, LINK_DOWN);
	assert_int_equal(fake_count(f, "KILL"), 1);
	rig_wait_ok(&rig, 0, PART_STATUS);
	assert_int_equal(fake_accepted(f), 3);
	assert_int_equal(fake_open(f), 1);
}

static void hangs_of_the_login_end_at_its_deadline(void **state)
{
	(void)state;
	static const char *const scripts[] = {
		"greeting hang\n" SCRIPT,
		"login hang\n" SCRIPT,
	};
	for (size_t i = 0; i < COUNT_OF(scripts); i++) {
		struct fake *f = rig_fake(&rig, scripts[i]);
		target_set(rig.targets[0], SETTING_CONNECT_TIMEOUT, "0.3", "test");
		rig_start(&rig);
		rig_demand(&rig, 0, BITS(STATUS), 1);
		const struct snapshot *s = rig_wait_link(&rig, 0, LINK_DOWN);
		assert_int_equal(s->err.kind, ERR_TIMEOUT);
		assert_true(s->retry_at > 0);
		fake_script(f, SCRIPT);
		rig_wait_ok(&rig, 0, PART_STATUS);
		rig_stop(&rig);
	}
}

static void a_wrong_password_waits_for_a_new_one(void **state)
{
	(void)state;
	struct fake *f =
		start_one("login error 1045 Access denied for user\n" SCRIPT, BITS(STATUS));
	const struct snapshot *s = rig_wait_link(&rig, 0, LINK_DOWN);
	assert_int_equal(s->err.kind, ERR_LOGIN);
	assert_int_equal(s->retry_at, 0);
	fake_script(f, SCRIPT);
	sampler_set_password(rig.sampler, 0, "right");
	rig_wait_ok(&rig, 0, PART_STATUS);
	assert_int_equal(fake_accepted(f), 2);
}

/* --- crowds ----------------------------------------------------------------------------------- */

/* What a login lacks is not tried again unless somebody asks: in the middle of an attempt as well. */
static void whoever_asks_during_an_attempt_gets_another(void **state)
{
	(void)state;
	start_one("greeting delay 400\nlogin error 1045 Access denied\ntimes 1\n" SCRIPT, BITS(STATUS));
	rig_wait_link(&rig, 0, LINK_CONNECTING);
	sampler_refresh(rig.sampler, 0);
	rig_wait_ok(&rig, 0, PART_STATUS);
}

static void eighty_of_a_hundred_hang_and_twenty_stay_fresh(void **state)
{
	(void)state;
	enum { ALL = 100, HUNG = 80 };
	struct fake *hung = rig_fake(&rig, "greeting hang\n"), *well = NULL;
	int64_t began = clock_mono_ns();
	while (rig.n < HUNG)
		rig_add(&rig, fake_port(hung));
	well = rig_fake(&rig, SCRIPT);
	while (rig.n < ALL)
		rig_add(&rig, fake_port(well));
	rig_start(&rig);
	for (unsigned i = 0; i < ALL; i++)
		rig_demand(&rig, i, BITS(STATUS) | (i + 1 == ALL ? BITS(SELF) : 0), 1);
	for (unsigned i = HUNG; i < ALL; i++)
		rig_wait_ok(&rig, i, PART_STATUS);
	assert_true(clock_mono_ns() - began < 8 * NS_PER_S);
	/* Each of them goes on with its interval. */
	for (int round = 0; round < 2; round++) {
		int64_t mark = clock_mono_ns();
		for (unsigned i = HUNG; i < ALL; i++)
			rig_wait_later(&rig, i, PART_STATUS, mark);
		assert_true(clock_mono_ns() - mark < 4 * NS_PER_S);
	}
	const struct part *self = rig_part(&rig, ALL - 1, PART_SELF);
	unsigned row = (unsigned)part_find(self, value_str("connection"));
	assert_true(value_number(part_get(self, row, SELF_LOOP_GAP), 1e9) <
		    rig_gap_limit(LOOP_GAP_MS));
	began = clock_mono_ns();
	sampler_free(rig.sampler);
	rig.sampler = NULL;
	assert_true(clock_mono_ns() - began < NS_PER_S);
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(parts_come_with_the_first_snapshot_and_rates_soon),
		TEST(only_what_is_asked_for_is_read),
		TEST(pausing_stops_reading_and_keeps_the_connection),
		TEST(a_missing_privilege_is_named_and_the_rest_goes_on),
		TEST(lies_become_values),
		TEST(an_answer_without_end_does_not_hold_up_others),
		TEST(a_dear_collector_is_stretched_and_told),
		TEST(whoever_looks_closely_gets_it_sooner),
		TEST(a_reset_in_mid_result_is_survived),
		TEST(a_restart_begins_a_new_epoch),
		TEST(a_frozen_server_is_stale_and_comes_back_on_its_connection),
		TEST(a_statement_that_hangs_is_ended_from_a_second_connection),
		TEST(no_new_connection_before_the_old_one_is_gone),
		TEST(hangs_of_the_login_end_at_its_deadline),
		TEST(a_wrong_password_waits_for_a_new_one),
		TEST(whoever_asks_during_an_attempt_gets_another),
		TEST(eighty_of_a_hundred_hang_and_twenty_stay_fresh),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
