/* What fills up or is left undone: auto-increment columns by value and by rate, backups by their history. */
#include <stdio.h>

#include "diagnose/autoinc.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/collect_rows.h"
#include "tests/unit/rulekit.h"

static void types_end_where_they_end(void **state)
{
	static const struct {
		const char *type;
		double most;
	} types[] = {
		{"tinyint(4)", 127}, {"tinyint(3) unsigned", 255}, {"smallint", 32767},
		{"smallint unsigned", 65535}, {"mediumint(9)", 8388607}, {"mediumint unsigned", 16777215},
		{"int(11)", 2147483647.0}, {"int unsigned", 4294967295.0},
		{"int(10) unsigned zerofill", 4294967295.0}, {"bigint", 9223372036854775807.0},
		{"bigint(20) unsigned", 18446744073709551615.0}, {"float", 16777216}, {"double", 9007199254740992.0},
		{"decimal(10,0)", 0}, {"integers", 0}, {"", 0},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (autoinc_most(types[i].type) != types[i].most)
			fail_msg("%s: %.0f", types[i].type, autoinc_most(types[i].type));
}

static void the_fullest_come_first(void **state)
{
	struct part *tables = rows_part(PART_AUTOINC_TABLES, 1,
					"id=s.a value=100\nid=s.b value=250\nid=s.c value=2000000000\n");
	struct part *columns = rows_part(PART_AUTOINC, 1,
					 "id=s.a column=id type=tinyint\n"
					 "id=s.b column=id type='tinyint unsigned'\n"
					 "id=s.c column=id type='int unsigned'\nid=s.gone column=id type=int\n"
					 "id=s.own column=id type=tinyint value=128\nid=s.odd column=id type=text\n");
	struct autoinc list[3];
	(void)state;
	assert_int_equal(autoinc_fullest(tables, columns, list, 3), 3);
	assert_string_equal(list[0].table, "s.own");
	assert_float_equal(list[0].used, 1, 0);
	assert_string_equal(list[1].table, "s.b");
	assert_float_equal(list[1].used, 249 / 255.0, 1e-9);
	assert_string_equal(list[2].table, "s.a");
	assert_int_equal(autoinc_fullest(tables, columns, list, 1), 1);
	assert_string_equal(list[0].table, "s.own");
	assert_int_equal(autoinc_fullest(NULL, NULL, list, 3), 0);
	part_unref(tables);
	part_unref(columns);
}

/* Two columns: one that grows so much a second from there, and one that has half of its range left. */
static void counters(struct kit *k, double next, const char *type)
{
	char row[200];
	snprintf(row, sizeof row, "id=shop.orders db=shop table=orders value=%.0f", next);
	kit_row(k, PART_AUTOINC_TABLES, row);
	snprintf(row, sizeof row, "id=shop.orders column=id type=%s", type);
	kit_row(k, PART_AUTOINC, row);
	kit_row(k, PART_AUTOINC_TABLES, "id=shop.kinds db=shop table=kinds value=140");
	kit_row(k, PART_AUTOINC, "id=shop.kinds column=kind type=tinyint_unsigned");
	kit_tick(k, 10);
}

static void nearly_full_is_told(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	for (int i = 0; i < 4; i++)
		counters(&k, 1800e6, "int");
	kit_finds_no(&k, NULL);
	for (int i = 0; i < 2; i++)
		counters(&k, 1950e6, "int");
	kit_finds(&k, "autoinc-full", SEVERITY_WARNING, "table:shop.orders");
	kit_names_not(&k, "autoinc-full", "table:shop.kinds");
	counters(&k, 2147483647.0, "int");
	kit_finds(&k, "autoinc-full", SEVERITY_CRITICAL, "table:shop.orders");
	kit_close(&k);
}

/* 60 % are gone, and 100,000 go each second: 2.4 hours are left. 1,000 a second are eight days. */
static void what_grows_fast_is_told_early(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	for (int i = 0; i < 8; i++)
		counters(&k, 1290e6 + 10e3 * i, "int");
	kit_finds_no(&k, NULL);
	kit_close(&k);
	kit_open(&k);
	for (int i = 0; i < 5; i++)
		counters(&k, 1290e6 + 1e6 * i, "int");
	kit_finds_no(&k, NULL); /* too early to tell */
	for (int i = 5; i < 8; i++)
		counters(&k, 1290e6 + 1e6 * i, "int");
	kit_finds(&k, "autoinc-full", SEVERITY_CRITICAL, "table:shop.orders");
	kit_restart(&k);
	for (int i = 8; i < 11; i++)
		counters(&k, 1290e6 + 1e6 * i, "int");
	kit_finds_no(&k, "autoinc-full"); /* no rate across a restart */
	kit_close(&k);
}

static void wide_columns_and_early_rates_are_none(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	for (int i = 0; i < 6; i++)
		counters(&k, 4e9 + 1e9 * i, "bigint");
	kit_finds_no(&k, NULL);
	/* A bulk load into a fresh table: most of the range is there. */
	for (int i = 0; i < 9; i++)
		counters(&k, 1 + 20e6 * i, "int");
	kit_finds_no(&k, NULL);
	/* One jump is no rate. */
	for (int i = 0; i < 16; i++)
		counters(&k, i < 8 ? 1290e6 : 1700e6, "int");
	kit_finds_no(&k, NULL);
	counters(&k, 2040e6, "int");
	struct part *stale = part_with_status(k.last->parts[PART_AUTOINC], PART_STALE, "interrupted");
	part_unref(k.next[PART_AUTOINC]);
	k.next[PART_AUTOINC] = stale;
	kit_tick(&k, 30);
	kit_finds(&k, "autoinc-full", SEVERITY_WARNING, "table:shop.orders");
	kit_lacks(&k, PART_AUTOINC_TABLES, PART_DENIED, "needs the privilege PROCESS");
	kit_tick(&k, 1);
	kit_blind(&k, "autoinc-full", "PROCESS");
	kit_close(&k);
}

static void hidden_columns_are_no_good_news(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	kit_row(&k, PART_AUTOINC_TABLES, "id=shop.a db=shop table=a value=126");
	kit_none(&k, PART_AUTOINC);
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_blind(&k, "autoinc-full", "needs a privilege on them");
	kit_close(&k);
}

/* --- backups ----------------------------------------------------------------------------------------- */

static double wall_of(const struct kit *k)
{
	return (double)k->last->wall / 1e6;
}

/* Good ones, so many hours ago each; negative: one that failed then. */
static void history(struct kit *k, const double *hours, size_t n)
{
	kit_status(k, "Uptime", 1e6);
	kit_tick(k, 1); /* for the clock */
	for (size_t i = 0; i < n; i++) {
		char row[200];
		bool ok = hours[i] > 0;
		double end = wall_of(k) - 3600 * (ok ? hours[i] : -hours[i]);
		snprintf(row, sizeof row, "id=%zu tool=xtrabackup kind=full start=%.0f end=%.0f ok=%d%s", i,
			 end - 600, end, ok, ok ? "" : " error=no_space_left");
		kit_row(k, PART_BACKUPS, row);
	}
	kit_tick(k, 1);
}

static void old_backups_are_told(void **state)
{
	static const struct {
		const char *what;
		double hours[5];
		bool found;
	} cases[] = {
		{"last night's", {7, 31, 55}, false},
		{"two days are missing", {55, 79, 103}, true},
		{"one, long ago", {400}, true},
		{"every week", {100, 268, 436}, false},
		{"a week was left out", {340, 508, 676}, true},
		{"twice an hour, then none for a day", {24, 24.5, 25}, false},
		{"the last attempts failed", {-5, -29, 60, 84}, true},
		{"one failed, then one was good", {4, -28, 52}, false},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kit k;
		size_t n = 0;
		while (n < COUNT_OF(cases[i].hours) && cases[i].hours[n] != 0)
			n++;
		kit_open(&k);
		k.mono = (int64_t)1e7 * 1000000000; /* the epoch is long ago */
		print_message("# %s\n", cases[i].what);
		history(&k, cases[i].hours, n);
		if (cases[i].found)
			kit_finds(&k, "backup-old", SEVERITY_WARNING, NULL);
		else
			kit_finds_no(&k, "backup-old");
		kit_close(&k);
	}
}

static void without_a_history_nothing_is_claimed(void **state)
{
	struct kit k;
	(void)state;
	kit_open(&k);
	k.mono = (int64_t)1e7 * 1000000000;
	kit_none(&k, PART_BACKUPS);
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_blind(&k, "backup-old", "no backup was written down");
	/* A clone is how this server came about, not its backup. */
	kit_row(&k, PART_BACKUPS, "id=1 tool=clone kind=clone start=100 end=200 ok=1");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL);
	kit_lacks(&k, PART_BACKUPS, PART_DENIED, "needs the privilege SELECT: GRANT SELECT");
	kit_tick(&k, 1);
	kit_finds_no(&k, NULL); /* and the account is not asked to see what is most likely not there */
	kit_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_end_where_they_end),
		cmocka_unit_test(the_fullest_come_first),
		cmocka_unit_test(nearly_full_is_told),
		cmocka_unit_test(what_grows_fast_is_told_early),
		cmocka_unit_test(wide_columns_and_early_rates_are_none),
		cmocka_unit_test(hidden_columns_are_no_good_news),
		cmocka_unit_test(old_backups_are_told),
		cmocka_unit_test(without_a_history_nothing_is_claimed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
