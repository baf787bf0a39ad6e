#include <string.h>

#include "base/clock.h"
#include "diagnose/verdict.h"
#include "tests/unit/collect_rows.h"

#define ROW_FIELDS(F) \
	F(ID, "id", INT, ID, GAUGE, "Id", "h", "s", "n") \
	F(USER, "user", TEXT, NONE, GAUGE, "User", "h", "s", "n") \
	F(HOST, "host", TEXT, NONE, GAUGE, "Host", "h", "s", "n") \
	F(STATE, "state", TEXT, NONE, GAUGE, "State", "h", "s", "n") \
	F(AGE, "transaction_age", REAL, SECONDS, GAUGE, "Trx", "h", "s", "n") \
	F(BLOCKED_BY, "blocked_by", INT, ID, GAUGE, "By", "h", "s", "n") \
	F(BLOCKS, "blocks", INT, COUNT, GAUGE, "Blocks", "h", "s", "n")
#define FIELD_ID(id, ...) F_##id,
enum { ROW_FIELDS(FIELD_ID) N_FIELDS };
static const struct field row_fields[] = {ROW_FIELDS(SCHEMA_FIELD)};
static const struct schema rows = {"processlist", row_fields, N_FIELDS, F_ID};

#define PAIR_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Name", "h", "s", "n") \
	F(VALUE, "value", ANY, COUNT, GAUGE, "Value", "h", "s", "n")
static const struct field pair_fields[] = {PAIR_FIELDS(SCHEMA_FIELD)};
static const struct schema pairs = {"pairs", pair_fields, 2, 0};

static struct part *pair_part(enum part_id id, const char *name, int64_t v)
{
	struct part_builder *b = part_builder_new(id, &pairs);
	part_row_begin(b);
	part_set(b, 0, value_str(name));
	part_set(b, 1, value_int(v));
	part_row_end(b);
	return part_seal(b, 1, 1, 0);
}

struct session {
	int id;
	const char *state;
	int blocked_by, blocks;
};

static struct part *sessions(const struct session *s)
{
	struct part_builder *b = part_builder_new(PART_PROCESSLIST, &rows);
	for (; s->id; s++) {
		part_row_begin(b);
		part_set(b, F_ID, value_int(s->id));
		part_set(b, F_USER, value_str("batch"));
		part_set(b, F_HOST, value_str("10.0.4.17"));
		part_set(b, F_STATE, value_str(s->state));
		part_set(b, F_AGE, value_real(372));
		if (s->blocked_by)
			part_set(b, F_BLOCKED_BY, value_int(s->blocked_by));
		part_set(b, F_BLOCKS, value_int(s->blocks));
		part_row_end(b);
	}
	return part_seal(b, 1, 1, 0);
}

static struct snapshot *live(struct part *processlist)
{
	struct snapshot *s = snapshot_new(0);
	s->link = LINK_LIVE;
	if (processlist)
		snapshot_set(s, processlist);
	return s;
}

/* Takes over `s`. */
static void expect(struct snapshot *s, enum severity severity, const char *id, const char *text)
{
	struct frame f = {.now = s};
	struct verdict v = {0};
	verdict_make(&v, &f, "db3", 0);
	assert_string_equal(v.id, id);
	assert_int_equal(v.severity, severity);
	if (!strstr(buf_str(&v.text), text))
		fail_msg("\"%s\" is not in \"%s\"", text, buf_str(&v.text));
	assert_true(v.why.len > 0);
	verdict_release(&v);
	snapshot_unref(s);
}

static void the_connection_comes_first(void **state)
{
	(void)state;
	expect(NULL, SEVERITY_NOTICE, "connecting", "connecting to db3");
	struct snapshot *s = snapshot_new(0);
	s->link = LINK_DOWN;
	s->retry_at = 4 * NS_PER_S;
	err_set(&s->err, ERR_CONNECT, "connect", "connection refused", "");
	expect(s, SEVERITY_CRITICAL, "not-connected", "connection refused · next attempt in 4 s");
	s = snapshot_new(0);
	s->link = LINK_DOWN;
	err_set(&s->err, ERR_TOO_MANY, "connect", "Too many connections", "");
	expect(s, SEVERITY_CRITICAL, "too-many-connections", "too many connections");
	s = live(sessions((struct session[]){{0}}));
	s->link = LINK_STALLED;
	expect(s, SEVERITY_CRITICAL, "no-answer", "db3 does not answer");
}

/* Its host is still read, by another way. */
static void a_frozen_server_has_the_age_of_its_last_answer(void **state)
{
	(void)state;
	struct snapshot *s = live(NULL);
	struct frame f = {.now = s};
	struct verdict v = {0};
	s->link = LINK_STALLED;
	snapshot_set(s, part_seal(part_builder_new(PART_SESSIONS, &rows), 10 * NS_PER_S, 1, 0));
	snapshot_set(s, part_seal(part_builder_new(PART_HOST_CPU, &pairs), 39 * NS_PER_S, 1, 0));
	snapshot_set(s, part_seal(part_builder_new(PART_FINDINGS, &pairs), 40 * NS_PER_S, 1, 0));
	verdict_make(&v, &f, "db3", 40 * NS_PER_S);
	assert_string_equal(buf_str(&v.text), "db3 does not answer: what you see is 30 s old");
	verdict_release(&v);
	snapshot_unref(s);
}

static void the_root_is_named_not_the_middle(void **state)
{
	(void)state;
	/* 901 has more direct waiters than 812, but waits itself. */
	struct session chain[] = {
		{812, "idle in transaction", 0, 5},
		{901, "row lock ← 812", 812, 3},
		{903, "row lock ← 901", 901, 0},
		{904, "row lock ← 901", 901, 0},
		{905, "row lock ← 901", 901, 0},
		{960, "row lock ← 812", 812, 0},
		{0},
	};
	expect(live(sessions(chain)), SEVERITY_CRITICAL, "waiting",
	       "5 sessions wait behind 812: idle in transaction 6m12s, batch@10.0.4.17");
}

static void a_holder_that_cannot_be_seen_is_not_guessed(void **state)
{
	(void)state;
	struct session orphan[] = {{7, "metadata lock", 0, 0}, {8, "executing", 0, 0}, {0}};
	expect(live(sessions(orphan)), SEVERITY_WARNING, "waiting",
	       "1 session waits for a lock whose holder cannot be seen");
}

static void connections_nearly_full(void **state)
{
	(void)state;
	struct snapshot *s = live(sessions((struct session[]){{0}}));
	snapshot_set(s, pair_part(PART_STATUS, "Threads_connected", 98));
	snapshot_set(s, pair_part(PART_VARIABLES, "max_connections", 100));
	expect(s, SEVERITY_CRITICAL, "connections-nearly-full", "98 of 100");
}

static void what_cannot_be_seen_is_said(void **state)
{
	(void)state;
	struct snapshot *s = live(sessions((struct session[]){{0}}));
	snapshot_set(s, part_new_failed(PART_TRANSACTIONS, &pairs, PART_DENIED, "needs PROCESS", 1, 1));
	expect(s, SEVERITY_NOTICE, "cannot-see", "needs PROCESS");
	expect(live(NULL), SEVERITY_NOTICE, "reading", "reading the sessions");
	expect(live(sessions((struct session[]){{3, "executing", 0, 0}, {0}})), SEVERITY_OK, "quiet",
	       "no session waits");
}

static struct snapshot *replicates(const struct session *waiters, const char *channels)
{
	struct snapshot *s = live(sessions(waiters));
	snapshot_set(s, rows_part(PART_REPLICATION, 1, channels));
	return s;
}

static void replication_that_does_not_run(void **state)
{
	(void)state;
	struct session nobody[] = {{3, "executing", 0, 0}, {0}};
	struct session one[] = {{812, "idle in transaction", 0, 1}, {901, "row lock ← 812", 812, 0}, {0}};
	struct session many[] = {{812, "idle in transaction", 0, 3}, {901, "row lock ← 812", 812, 0},
				 {902, "row lock ← 812", 812, 0}, {903, "row lock ← 812", 812, 0}, {0}};
	static const char broken[] = "channel='' source_host=db1 source_port=3306 io_running=Yes sql_running=No "
				     "sql_errno=1062 sql_error='event on table shop.orders; Duplicate entry'";
	expect(replicates(nobody, broken), SEVERITY_CRITICAL, "replication-not-running",
	       "replica of db1:3306: applier stopped: 1062 duplicate key in shop.orders");
	expect(replicates(one, broken), SEVERITY_CRITICAL, "replication-not-running", "1062");
	expect(replicates(many, broken), SEVERITY_CRITICAL, "waiting", "3 sessions wait");
	expect(replicates(nobody, "channel='' io_running=Yes sql_running=Yes lag=75"), SEVERITY_WARNING,
	       "replication-lag", "1m15s behind");
	expect(replicates(nobody, "channel='' io_running=Yes sql_running=Yes lag=3660 delay=3600"),
	       SEVERITY_WARNING, "replication-lag", "more than ordered");
	expect(replicates(nobody, "channel='' io_running=Yes sql_running=Yes lag=3605 delay=3600"), SEVERITY_OK,
	       "quiet", "no session waits");
	expect(replicates(nobody, "channel='' io_running=Yes sql_running=Yes"), SEVERITY_OK, "quiet", "no session");
}

static void the_way_to_the_host(void **state)
{
	(void)state;
	struct session alone[] = {{0}};
	struct shell_question q = {.kind = QUESTION_HOST_KEY, .text = "db3 is not in known_hosts"};
	struct err unknown = {.kind = ERR_CONNECT, .why = "the host key is not known"};
	struct err changed = {.kind = ERR_TLS, .why = "THE HOST KEY HAS CHANGED"};
	struct snapshot *s = live(sessions(alone));
	s->host = (struct host_link){.state = LINK_DOWN, .note = host_note_new(&unknown, &q)};
	expect(s, SEVERITY_NOTICE, "host-asks", "waits for an answer: db3 is not in known_hosts");
	s = live(sessions(alone));
	s->host = (struct host_link){.state = LINK_DOWN, .note = host_note_new(&changed, NULL)};
	expect(s, SEVERITY_WARNING, "host-not-read", "THE HOST KEY HAS CHANGED");
	s = live(sessions(alone));
	s->host = (struct host_link){.state = LINK_LIVE};
	expect(s, SEVERITY_OK, "quiet", "no session waits");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_connection_comes_first),
		cmocka_unit_test(a_frozen_server_has_the_age_of_its_last_answer),
		cmocka_unit_test(the_root_is_named_not_the_middle),
		cmocka_unit_test(a_holder_that_cannot_be_seen_is_not_guessed),
		cmocka_unit_test(connections_nearly_full),
		cmocka_unit_test(what_cannot_be_seen_is_said),
		cmocka_unit_test(replication_that_does_not_run),
		cmocka_unit_test(the_way_to_the_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
