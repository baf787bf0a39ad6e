/* The rules at work: what is found, when it is told, what explains what; and the rows themselves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "diagnose/rules.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rulekit.h"

#define ROOT \
	"id=812 kind=user user=batch host=10.0.4.17 command=Sleep state=idle_in_transaction " \
	"time=372 transaction_age=372 rows_modified=1830 blocks=3"
#define WAITER(id, by) \
	"id=" id " kind=user user=app host=web1 command=Query state=row_lock time=5 wait=row_lock " \
	"lock_table=shop.stock blocked_by=" by " blocks="

#define PAIR(id, by) \
	"id=" id ":" by " waiter=" id " blocker=" by " kind=row_lock wait_age=5 table=shop.stock suspect=0"

static void pile(struct kit *k)
{
	kit_row(k, PART_PROCESSLIST, ROOT);
	kit_row(k, PART_PROCESSLIST, WAITER("1", "812") "0");
	kit_row(k, PART_PROCESSLIST, WAITER("2", "812") "1");
	kit_row(k, PART_PROCESSLIST, WAITER("3", "2") "0");
	kit_row(k, PART_BLOCKING, PAIR("1", "812"));
	kit_row(k, PART_BLOCKING, PAIR("2", "812"));
	kit_row(k, PART_BLOCKING, PAIR("3", "2"));
}

static void the_root_is_named(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	pile(&k);
	kit_tick(&k, 1);
	kit_finds(&k, "row-lock-pileup", SEVERITY_CRITICAL, "session:812");
	kit_finds(&k, "lock-chain", SEVERITY_NOTICE, "session:812");
	kit_finds(&k, "idle-in-transaction", SEVERITY_WARNING, "session:812");
	kit_explained(&k, "lock-chain", "row-lock-pileup");
	kit_explained(&k, "row-lock-pileup", "idle-in-transaction");
	/* The cause is the first row. */
	assert_string_equal(value_cstr(part_cell(k.last->parts[PART_FINDINGS], 0, "id")),
			    "idle-in-transaction");
	kit_finds_no(&k, "mdl-pileup");
	kit_close(&k);
}

/* The first `rows` wait for a row behind 812, the others of 15 for metadata behind 900. */
static void two_queues(struct kit *k, const char *roots_do, int rows)
{
	char row[200];
	snprintf(row, sizeof row, "id=812 kind=user user=batch host=h blocks=%d %s", rows, roots_do);
	kit_row(k, PART_PROCESSLIST, row);
	snprintf(row, sizeof row, "id=900 kind=user user=batch host=h blocks=%d %s", 15 - rows, roots_do);
	kit_row(k, PART_PROCESSLIST, row);
	for (int i = 1; i <= 15; i++) {
		const char *kind = i <= rows ? "row_lock" : "metadata_lock";
		int by = i <= rows ? 812 : 900;
		snprintf(row, sizeof row,
			 "id=%d kind=user user=app host=h command=Query time=5 wait=%s blocked_by=%d blocks=0", i,
			 kind, by);
		kit_row(k, PART_PROCESSLIST, row);
		snprintf(row, sizeof row,
			 "id=%d:%d waiter=%d blocker=%d kind=%s wait_age=5 table=shop.stock suspect=0", i, by, i,
			 by, kind);
		kit_row(k, PART_BLOCKING, row);
	}
	kit_tick(k, 1);
	kit_finds(k, "mdl-pileup", SEVERITY_CRITICAL, "session:900");
	kit_finds(k, "row-lock-pileup", SEVERITY_CRITICAL, "session:812");
}

/* Two queues as bad: the longer one is the verdict, whatever their names, and whether or not one cause is over
   both. */
static void the_longer_queue_comes_first(void **state)
{
	static const struct {
		const char *roots_do;
		int rows;
		const char *ids[2]; /* NULL: any */
	} cases[] = {
		{"command=Query time=9 transaction_age=9", 9, {"row-lock-pileup", NULL}},
		{"command=Query time=9 transaction_age=9", 6, {"mdl-pileup", NULL}},
		{"command=Sleep time=99 transaction_age=99 rows_locks=1", 9, {"idle-in-transaction", "row-lock-pileup"}},
		{"command=Sleep time=99 transaction_age=99 rows_locks=1", 6, {"idle-in-transaction", "mdl-pileup"}},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kit k;
		kit_open(&k);
		two_queues(&k, cases[i].roots_do, cases[i].rows);
		for (unsigned row = 0; row < 2; row++)
			if (cases[i].ids[row])
				assert_string_equal(value_cstr(part_cell(k.last->parts[PART_FINDINGS], row, "id")),
						    cases[i].ids[row]);
		kit_close(&k);
	}
}

static void nobody_waits(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_row(&k, PART_PROCESSLIST,
		"id=5 kind=user user=app host=web1 command=Query time=900 blocks=0");
	kit_row(&k, PART_PROCESSLIST,
		"id=6 kind=user user=app host=web1 command=Sleep time=9000 blocks=0");
	kit_row(&k, PART_PROCESSLIST,
		"id=7 kind=user user=app host=web1 command=Query time=1 transaction_age=900 blocks=0");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_close(&k);
}

static void a_finding_lingers_and_goes(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	pile(&k);
	kit_tick(&k, 1);
	kit_none(&k, PART_PROCESSLIST);
	kit_none(&k, PART_BLOCKING);
	kit_tick(&k, 1);
	kit_finds(&k, "row-lock-pileup", SEVERITY_CRITICAL, "session:812");
	kit_none(&k, PART_PROCESSLIST);
	kit_none(&k, PART_BLOCKING);
	kit_tick(&k, 1);
	kit_finds_no(&k, "row-lock-pileup");
	kit_close(&k);
}

static void thresholds_have_two_sides(void **state)
{
	struct kit k;
	(void)state;
	static const struct {
		double used;
		bool there;
	} steps[] = {{80, false}, {84, false}, {86, true}, {82, true}, {79, true}, {79, true}};
	kit_open(&k);
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		kit_none(&k, PART_PROCESSLIST);
		kit_status(&k, "Threads_connected", steps[i].used);
		kit_variable(&k, "max_connections", 100);
		kit_tick(&k, 1);
		if (steps[i].there)
			kit_finds(&k, "connections-exhausted", SEVERITY_WARNING, NULL);
		else
			kit_finds_no(&k, "connections-exhausted");
	}
	kit_tick(&k, 5);
	kit_finds_no(&k, "connections-exhausted");
	kit_close(&k);
}

static void thresholds_can_be_configured(void **state)
{
	struct err err = {0};
	struct kit k;
	(void)state;
	kit_open(&k);
	assert_true(diagnosis_configure(k.d, "row-lock-pileup.waiters", "4/3", &err));
	pile(&k);
	kit_tick(&k, 1);
	kit_finds_no(&k, "row-lock-pileup");
	assert_false(diagnosis_configure(k.d, "row-lock-pileup.waiter", "4", &err));
	assert_non_null(strstr(err.hint, "row-lock-pileup.waiters"));
	assert_false(diagnosis_configure(k.d, "row-lock-pileup.waiters", "many", &err));
	assert_false(diagnosis_configure(k.d, "row-lock-pileup.waiters", "4/", &err));
	kit_close(&k);
}

static void what_cannot_be_seen_is_said(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_lacks(&k, PART_PROCESSLIST, PART_DENIED, "needs the privilege PROCESS");
	kit_tick(&k, 1);
	kit_finds_no(&k, "row-lock-pileup");
	kit_finds(&k, "privilege-missing", SEVERITY_NOTICE, "user:");
	kit_blind(&k, "row-lock-pileup", "PROCESS");
	kit_close(&k);
}

static bool word_in(const char *words, const char *word)
{
	size_t n = strlen(word);
	for (const char *p = words; p && (p = strstr(p, word)); p += n)
		if ((p == words || p[-1] == ' ') && (!p[n] || p[n] == ' '))
			return true;
	return false;
}

static void every_rule_teaches(void **state)
{
	(void)state;
	for (unsigned i = 0; rules[i]; i++) {
		const struct rule *r = rules[i];
		if (!r->id || !r->title || !r->explanation || !r->right || !r->reference || !r->judge ||
		    !r->needs)
			fail_msg("%s: something is missing", r->id ? r->id : "a rule");
		for (unsigned k = 0; k < RULE_THRESHOLDS; k++)
			if (r->thresholds[k].name && !r->thresholds[k].help)
				fail_msg("%s.%s: help is missing", r->id, r->thresholds[k].name);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(rules[k]->id, r->id);
	}
}

/* Whether following `explains` from r comes to `id` within so many steps. */
static bool leads_to(const struct rule *r, const char *id, unsigned steps)
{
	if (word_in(r->explains, id))
		return true;
	for (unsigned i = 0; steps && rules[i]; i++)
		if (word_in(r->explains, rules[i]->id) && leads_to(rules[i], id, steps - 1))
			return true;
	return false;
}

static void nothing_explains_itself(void **state)
{
	(void)state;
	for (unsigned i = 0; rules[i]; i++)
		if (leads_to(rules[i], rules[i]->id, 8))
			fail_msg("%s explains itself in the end", rules[i]->id);
}

/* An idle transaction that holds up nobody is no cause of a pile behind somebody else. */
static void another_idler_is_no_cause(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_row(&k, PART_PROCESSLIST,
		"id=5 kind=user user=app host=web1 command=Sleep time=999 transaction_age=999 "
		"rows_locks=1 rows_modified=1 blocks=0");
	kit_row(&k, PART_PROCESSLIST,
		"id=812 kind=user user=batch host=web1 command=Query time=3 transaction_age=3 blocks=1");
	kit_row(&k, PART_PROCESSLIST, WAITER("1", "812") "0");
	kit_row(&k, PART_BLOCKING, PAIR("1", "812"));
	kit_tick(&k, 1);
	kit_finds(&k, "idle-in-transaction", SEVERITY_WARNING, "session:5");
	kit_finds(&k, "row-lock-pileup", SEVERITY_WARNING, "session:812");
	struct arena a = {0};
	struct finding f;
	for (unsigned i = 0; i < part_rows(k.last->parts[PART_FINDINGS]); i++) {
		assert_true(finding_read(&f, &a, k.last->parts[PART_FINDINGS], i));
		assert_null(f.caused_by);
	}
	arena_release(&a);
	kit_close(&k);
}

static void findings_come_back_as_they_were(void **state)
{
	struct arena a = {0};
	struct finding f = {.id = "x-y", .title = "T", .since = 5000000, .explanation = "E", .right = "R"}, g;
	struct advice advice[FINDING_ADVICE];
	const struct finding *list[] = {&f};
	(void)state;
	finding_say(&f, &a, SEVERITY_NOTICE, 0.5, "says \"%s\" \x1b[31m", "a\xff");
	finding_evidence(&f, &a, "rows", UNIT_COUNT, value_int(7));
	finding_evidence(&f, &a, "text", UNIT_SQL, value_str("SELECT 'x'"));
	finding_evidence(&f, &a, "nothing", UNIT_COUNT, VALUE_NONE);
	finding_culprit(&f, &a, SUBJECT_TABLE, "%s.%s", "a", "b");
	finding_culprit(&f, &a, SUBJECT_TABLE, "a.b");
	finding_suspect(&f, &a, SUBJECT_SESSION, "%d", 4);
	finding_step(&f, &a, STEP_KILL_QUERY, "%d", 4);
	f.causes[f.n_causes++] = "z";
	struct part *p = findings_part(list, 1, 1, 1);
	assert_true(finding_read(&g, &a, p, 0));
	assert_string_equal(g.id, "x-y");
	assert_int_equal(g.severity, SEVERITY_NOTICE);
	assert_int_equal(g.since, 5000000);
	assert_int_equal(g.n_evidence, 2);
	assert_int_equal(g.evidence[0].value.i, 7);
	assert_int_equal(g.evidence[1].unit, UNIT_SQL);
	assert_int_equal(g.n_culprits, 1);
	assert_string_equal(g.culprits[0].id, "a.b");
	assert_string_equal(g.suspects[0].id, "4");
	assert_int_equal(g.steps[0].kind, STEP_KILL_QUERY);
	assert_string_equal(g.causes[0], "z");
	/* What a rule says nothing of has no title either. */
	assert_int_equal(finding_advice(&g, advice), 2);
	assert_string_equal(advice[0].text, "E");
	assert_string_equal(advice[1].title, "Right move");
	assert_string_equal(advice[1].text, "R");
	part_unref(p);
	arena_release(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_root_is_named),
		cmocka_unit_test(the_longer_queue_comes_first),
		cmocka_unit_test(nobody_waits),
		cmocka_unit_test(a_finding_lingers_and_goes),
		cmocka_unit_test(thresholds_have_two_sides),
		cmocka_unit_test(thresholds_can_be_configured),
		cmocka_unit_test(what_cannot_be_seen_is_said),
		cmocka_unit_test(every_rule_teaches),
		cmocka_unit_test(nothing_explains_itself),
		cmocka_unit_test(another_idler_is_no_cause),
		cmocka_unit_test(findings_come_back_as_they_were),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
