/* Rules about locks: the root is named, not a decoy; suspects are not accused; healthy servers are left
   alone. Samples by hand; the same incidents on real servers are in tests/servers. */
#include <stdlib.h>

#include "base/mem.h"
#include "diagnose/rules.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rulekit.h"

#define SESSION(id, more) "id=" id " kind=user user=app host=web1 " more
/* In a transaction, asleep. */
#define IDLE(id, age) \
	SESSION(id, "command=Sleep state=idle_in_transaction time=" age " transaction_age=" age)
#define RUNS(id, more) SESSION(id, "command=Query " more)
#define PAIR(id, by, kind, more) \
	"id=" id ":" by " waiter=" id " blocker=" by " kind=" kind " suspect=0 wait_age=5 " more
#define SUSPECT(id, by, kind) \
	"id=" id ":" by " waiter=" id " blocker=" by " kind=" kind " suspect=1 wait_age=5 table=shop.stock"
#define ROW "row_lock"
#define MDL "metadata_lock"

static struct kit kit;

static int open_kit(void **state)
{
	(void)state;
	kit_open(&kit);
	return 0;
}

static int close_kit(void **state)
{
	(void)state;
	kit_close(&kit);
	return 0;
}

static void sessions(const char *const *rows)
{
	for (; *rows; rows++)
		kit_row(&kit, PART_PROCESSLIST, *rows);
}
#define SESSIONS(...) sessions((const char *const[]){__VA_ARGS__, NULL})

static void pairs(const char *const *rows)
{
	for (; *rows; rows++)
		kit_row(&kit, PART_BLOCKING, *rows);
}
#define PAIRS(...) pairs((const char *const[]){__VA_ARGS__, NULL})

/* Who is no part of it: a long SELECT, and one that sleeps in an old transaction. */
static void add_decoys(void)
{
	SESSIONS(RUNS("70", "time=4000 transaction_age=4000 info=SELECT"),
		 SESSION("71", "command=Sleep time=20 transaction_age=4000"));
}

/* The first step of a finding. */
static void step_is(const char *id, enum step_kind kind, const char *text)
{
	struct arena a = {0};
	struct finding f;
	const struct part *p = kit.last->parts[PART_FINDINGS];
	int row = part_find(p, value_str(id));
	assert_true(row >= 0 && finding_read(&f, &a, p, (unsigned)row));
	assert_true(f.n_steps > 0);
	assert_int_equal(f.steps[0].kind, kind);
	assert_string_equal(f.steps[0].text, text);
	arena_release(&a);
}

/* 12 has most direct waiters, 11 has all behind it. */
static void a_middle_link_is_not_the_root(void **state)
{
	(void)state;
	add_decoys();
	SESSIONS(IDLE("11", "30"), RUNS("12", "time=9"), RUNS("13", "time=8"), RUNS("14", "time=8"),
		 RUNS("15", "time=8"));
	PAIRS(PAIR("12", "11", ROW, "table=shop.stock"), PAIR("13", "12", ROW, ""),
	      PAIR("14", "12", ROW, ""), PAIR("15", "12", ROW, ""));
	kit_tick(&kit, 1);
	kit_finds(&kit, "row-lock-pileup", SEVERITY_CRITICAL, "session:11");
	kit_finds(&kit, "lock-chain", SEVERITY_NOTICE, "session:11");
	kit_explained(&kit, "lock-chain", "row-lock-pileup");
	step_is("row-lock-pileup", STEP_KILL_CONNECTION, "11");
}

static void a_running_root_loses_its_statement(void **state)
{
	(void)state;
	SESSIONS(RUNS("11", "time=30 transaction_age=30"), RUNS("12", "time=9"));
	PAIRS(PAIR("12", "11", ROW, ""));
	kit_tick(&kit, 1);
	kit_finds(&kit, "row-lock-pileup", SEVERITY_WARNING, "session:11");
	kit_finds_no(&kit, "lock-chain");
	step_is("row-lock-pileup", STEP_KILL_QUERY, "11");
}

static void the_larger_pile_leads(void **state)
{
	(void)state;
	SESSIONS(IDLE("11", "300"), IDLE("12", "30"), RUNS("13", "time=9"), RUNS("14", "time=8"),
		 RUNS("15", "time=8"));
	PAIRS(PAIR("13", "11", ROW, ""), PAIR("14", "12", ROW, ""), PAIR("15", "12", ROW, ""));
	kit_tick(&kit, 1);
	kit_finds(&kit, "row-lock-pileup", SEVERITY_WARNING, "session:12");
}

static void waits_of_milliseconds_are_no_incident(void **state)
{
	(void)state;
	add_decoys();
	SESSIONS(RUNS("11", "time=0.02 transaction_age=0.02"), RUNS("12", "time=0.01"),
		 RUNS("13", "time=0.01"));
	PAIRS("id=12:11 waiter=12 blocker=11 kind=row_lock suspect=0 wait_age=0.4",
	      "id=13:11 waiter=13 blocker=11 kind=row_lock suspect=0 wait_age=0.9");
	kit_tick(&kit, 1);
	kit_finds_no(&kit, NULL);
}

/* The reader that came first, not the ALTER that waits for it, nor who waits for the ALTER. */
static void the_oldest_holder_not_the_alter(void **state)
{
	(void)state;
	add_decoys();
	SESSIONS(IDLE("21", "40"), IDLE("22", "50"), RUNS("23", "time=20 info=ALTER"),
		 RUNS("24", "time=8"), RUNS("25", "time=8"));
	PAIRS(PAIR("23", "21", MDL, "table=shop.stock mode=EXCLUSIVE"),
	      PAIR("23", "22", MDL, "table=shop.stock mode=EXCLUSIVE"), PAIR("24", "23", MDL, ""),
	      PAIR("25", "23", MDL, ""));
	kit_tick(&kit, 1);
	kit_finds(&kit, "mdl-pileup", SEVERITY_CRITICAL, "session:22");
	kit_finds_no(&kit, "row-lock-pileup");
	kit_finds_no(&kit, "lock-chain");
}

/* Who holds up the ALTER waits itself for a row: its blocker is the cause, and there is one. */
static void the_root_may_be_of_another_kind(void **state)
{
	(void)state;
	SESSIONS(IDLE("21", "40"), RUNS("22", "time=30 transaction_age=31"), RUNS("23", "time=20"),
		 RUNS("24", "time=8"));
	PAIRS(PAIR("22", "21", ROW, "table=shop.stock"), PAIR("23", "22", MDL, ""),
	      PAIR("24", "23", MDL, ""));
	kit_tick(&kit, 1);
	kit_finds(&kit, "row-lock-pileup", SEVERITY_CRITICAL, "session:21");
	kit_finds_no(&kit, "mdl-pileup");
}

static void a_hidden_holder_makes_suspects(void **state)
{
	(void)state;
	SESSIONS(IDLE("21", "40"), IDLE("22", "50"), RUNS("23", "time=20 info=ALTER"),
		 RUNS("24", "time=8"));
	PAIRS(SUSPECT("23", "21", MDL), SUSPECT("23", "22", MDL), PAIR("24", "23", MDL, ""));
	kit_tick(&kit, 1);
	kit_finds(&kit, "mdl-pileup", SEVERITY_WARNING, NULL);
	kit_suspects(&kit, "mdl-pileup", "session:22");
}

static void a_holder_that_nobody_could_be(void **state)
{
	(void)state;
	SESSIONS(RUNS("23", "time=20 info=ALTER"));
	PAIRS("id=23:0 waiter=23 kind=metadata_lock suspect=0 wait_age=4");
	kit_tick(&kit, 1);
	/* The next reading of locks may show it. */
	kit_finds_no(&kit, "mdl-pileup");
	SESSIONS(RUNS("23", "time=20 info=ALTER"));
	PAIRS("id=23:0 waiter=23 kind=metadata_lock suspect=0 wait_age=20");
	kit_tick(&kit, 1);
	kit_finds(&kit, "mdl-pileup", SEVERITY_WARNING, NULL);
	kit_suspects(&kit, "mdl-pileup", NULL);
}

static void each_kind_has_its_family(void **state)
{
	static const struct {
		const char *pair, *id;
		enum severity severity;
	} kinds[] = {
		{PAIR("32", "31", "global_read_lock", "table=GLOBAL"), "global-read-lock", SEVERITY_WARNING},
		{PAIR("32", "31", "backup_lock", ""), "global-read-lock", SEVERITY_WARNING},
		{PAIR("32", "31", "table_lock", "table=shop.stock"), "table-lock", SEVERITY_WARNING},
		{PAIR("32", "31", "user_lock", "table=nightly"), "user-lock", SEVERITY_NOTICE},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		kit_close(&kit);
		kit_open(&kit);
		add_decoys();
		SESSIONS(SESSION("31", "command=Sleep time=30"), RUNS("32", "time=9"));
		PAIRS(kinds[i].pair);
		kit_tick(&kit, 1);
		kit_finds(&kit, kinds[i].id, kinds[i].severity, "session:31");
		assert_int_equal(part_rows(kit.last->parts[PART_FINDINGS]), 1);
		step_is(kinds[i].id, STEP_KILL_CONNECTION, "31");
	}
}

static void a_prepared_transaction_has_nobody_to_end(void **state)
{
	(void)state;
	SESSIONS(IDLE("71", "20"), RUNS("42", "time=9"));
	kit_row(&kit, PART_TRANSACTIONS, "session=71 id=500 age=20 name=71");
	kit_row(&kit, PART_TRANSACTIONS, "session=0 id=600 age=12 prepared=1 name=trx_600");
	kit_tick(&kit, 1);
	PAIRS("id=42:xa waiter=42 blocker_trx=600 kind=row_lock suspect=0 wait_age=5");
	kit_tick(&kit, 1);
	kit_finds(&kit, "xa-orphan", SEVERITY_CRITICAL, "transaction:600");
	assert_int_equal(part_rows(kit.last->parts[PART_FINDINGS]), 1);
	step_is("xa-orphan", STEP_SQL, "XA RECOVER");
}

/* It may be about to be committed; after a while it is not. */
static void a_prepared_transaction_may_be_young(void **state)
{
	(void)state;
	kit_row(&kit, PART_TRANSACTIONS, "session=0 id=600 age=12 prepared=1 name=trx_600");
	kit_none(&kit, PART_BLOCKING);
	kit_none(&kit, PART_PROCESSLIST);
	kit_tick(&kit, 1);
	kit_finds_no(&kit, NULL);
	kit_row(&kit, PART_TRANSACTIONS, "session=0 id=600 age=72 prepared=1 name=trx_600");
	kit_tick(&kit, 1);
	kit_finds(&kit, "xa-orphan", SEVERITY_WARNING, "transaction:600");
}

/* It is called by its xid; whom others wait for comes first, whatever its age. */
static void a_prepared_transaction_has_a_name(void **state)
{
	(void)state;
	SESSIONS(RUNS("42", "time=9"));
	kit_row(&kit, PART_TRANSACTIONS, "session=0 id=601 age=900 prepared=1 name=old xid=old");
	kit_row(&kit, PART_TRANSACTIONS, "session=0 id=600 age=12 prepared=1 name=order-9 xid=order-9");
	kit_row(&kit, PART_XIDS, "xid=order-9 format_id=1");
	kit_row(&kit, PART_XIDS, "xid=old format_id=1");
	PAIRS("id=42:xa waiter=42 blocker_trx=600 kind=row_lock suspect=0 wait_age=5");
	kit_tick(&kit, 1);
	kit_finds(&kit, "xa-orphan", SEVERITY_CRITICAL, "transaction:order-9");
	kit_names(&kit, "xa-orphan", "transaction:old");
}

/* Two were there before fathom: one of them is waited for, and the server does not tell which. */
static void one_of_several_is_a_suspect(void **state)
{
	(void)state;
	SESSIONS(RUNS("42", "time=9"));
	kit_row(&kit, PART_TRANSACTIONS, "session=0 id=600 age=12 prepared=1 name=trx_600");
	kit_row(&kit, PART_TRANSACTIONS, "session=0 id=601 age=13 prepared=1 name=trx_601");
	kit_row(&kit, PART_XIDS, "xid=a format_id=1");
	kit_row(&kit, PART_XIDS, "xid=b format_id=1");
	PAIRS("id=42:xa waiter=42 blocker_trx=600 kind=row_lock suspect=0 wait_age=5");
	kit_tick(&kit, 1);
	kit_finds(&kit, "xa-orphan", SEVERITY_CRITICAL, NULL);
	kit_suspects(&kit, "xa-orphan", "transaction:a");
	kit_names_not(&kit, "xa-orphan", "transaction:600");
	/* Both are old: then both are meant. */
	kit_row(&kit, PART_TRANSACTIONS, "session=0 id=600 age=72 prepared=1 name=trx_600");
	kit_row(&kit, PART_TRANSACTIONS, "session=0 id=601 age=73 prepared=1 name=trx_601");
	kit_tick(&kit, 1);
	kit_names(&kit, "xa-orphan", "transaction:a");
	kit_names(&kit, "xa-orphan", "transaction:b");
}

/* A rollback after a crash, DDL: they end by themselves. */
static void the_servers_own_is_no_orphan(void **state)
{
	(void)state;
	kit_row(&kit, PART_TRANSACTIONS, "session=0 id=600 age=720 prepared=0 name=trx_600");
	kit_none(&kit, PART_BLOCKING);
	kit_none(&kit, PART_PROCESSLIST);
	kit_none(&kit, PART_XIDS);
	kit_tick(&kit, 1);
	kit_finds_no(&kit, "xa-orphan");
}

static void what_cannot_be_seen_is_said(void **state)
{
	(void)state;
	SESSIONS(IDLE("71", "20"));
	kit_lacks(&kit, PART_BLOCKING, PART_DENIED, "needs the privilege PROCESS");
	kit_tick(&kit, 1);
	kit_finds_no(&kit, "mdl-pileup");
	kit_blind(&kit, "mdl-pileup", "PROCESS");
	kit_blind(&kit, "xa-orphan", "not read");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_kit, close_kit)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_middle_link_is_not_the_root),
		TEST(a_running_root_loses_its_statement),
		TEST(the_larger_pile_leads),
		TEST(waits_of_milliseconds_are_no_incident),
		TEST(the_oldest_holder_not_the_alter),
		TEST(the_root_may_be_of_another_kind),
		TEST(a_hidden_holder_makes_suspects),
		TEST(a_holder_that_nobody_could_be),
		TEST(each_kind_has_its_family),
		TEST(a_prepared_transaction_has_nobody_to_end),
		TEST(a_prepared_transaction_may_be_young),
		TEST(a_prepared_transaction_has_a_name),
		TEST(one_of_several_is_a_suspect),
		TEST(the_servers_own_is_no_orphan),
		TEST(what_cannot_be_seen_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
