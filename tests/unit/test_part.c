#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/timeline.h"
#include "model/unit.h"
#include "tests/unit/cmocka_all.h"

#define PAIR_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Name", "h", "s", "n") \
	F(VALUE, "value", ANY, COUNT, COUNTER, "Value", "h", "s", "n")
enum { NAME, VALUE };
static const struct field pair_fields[] = {PAIR_FIELDS(SCHEMA_FIELD)};
static const struct schema pairs = {"pairs", pair_fields, 2, 0};

static struct part *pair_part(int64_t mono, const char *name, struct value v)
{
	struct part_builder *b = part_builder_new(PART_STATUS, &pairs);
	part_row_begin(b);
	part_set(b, NAME, value_str(name));
	part_set(b, VALUE, v);
	part_row_end(b);
	part_row_begin(b);
	part_set(b, NAME, value_str("A"));
	part_row_end(b);
	return part_seal(b, mono, mono / 1000, 0.5);
}

static void cells_come_back_as_they_were(void **state)
{
	(void)state;
	struct part *p = pair_part(1, "Questions", value_int(7));
	assert_int_equal(part_rows(p), 2);
	assert_string_equal(value_cstr(part_get(p, 0, NAME)), "Questions");
	assert_int_equal(part_get(p, 0, VALUE).i, 7);
	assert_int_equal(part_get(p, 1, VALUE).type, VALUE_ABSENT);
	assert_int_equal(part_find(p, value_str("A")), 1);
	assert_int_equal(part_find(p, value_str("B")), -1);
	assert_int_equal(part_lookup(p, "Questions").i, 7);
	struct part *stale = part_with_status(p, PART_STALE, "hung");
	part_unref(p);
	assert_int_equal(part_lookup(stale, "Questions").i, 7);
	assert_string_equal(part_reason(stale), "hung");
	part_unref(stale);
}

static void push(struct timeline *t, int64_t s, uint64_t epoch, struct part *status)
{
	struct snapshot *snap = snapshot_new(0);
	snap->mono = s * NS_PER_S;
	snap->epoch = epoch;
	snap->link = LINK_LIVE;
	if (status)
		snapshot_set(snap, status);
	timeline_push(t, snap);
}

static void rates_are_between_readings_of_the_part(void **state)
{
	(void)state;
	struct timeline *t = timeline_new(1 << 20);
	unsigned pin = timeline_pin(t, "Questions", true);
	struct part *first = pair_part(10 * NS_PER_S, "Questions", value_int(100));
	push(t, 10, 1, first);
	assert_int_equal(timeline_metric(t, METRIC_QPS).type, VALUE_ABSENT);
	push(t, 11, 1, part_ref(first)); /* not read again */
	push(t, 12, 1, pair_part(12 * NS_PER_S, "Questions", value_int(300)));
	assert_float_equal(value_number(timeline_metric(t, METRIC_QPS), -1), 100, 1e-9);
	assert_float_equal(series_value(&timeline_pinned(t, pin)->series, 0), 100, 1e-3);
	/* a reset gives absent, never a negative number or a spike */
	push(t, 13, 1, pair_part(13 * NS_PER_S, "Questions", value_int(5)));
	assert_int_equal(timeline_metric(t, METRIC_QPS).type, VALUE_ABSENT);
	push(t, 14, 1, pair_part(14 * NS_PER_S, "Questions", value_int(15)));
	assert_float_equal(value_number(timeline_metric(t, METRIC_QPS), -1), 10, 1e-9);
	/* so does a restart, even when the counter is larger than it was */
	push(t, 15, 2, pair_part(15 * NS_PER_S, "Questions", value_int(5000)));
	assert_int_equal(timeline_metric(t, METRIC_QPS).type, VALUE_ABSENT);
	timeline_free(t);
}

static void readings_in_quick_succession_give_no_noise(void **state)
{
	(void)state;
	struct timeline *t = timeline_new(1 << 20);
	push(t, 20, 1, pair_part(20 * NS_PER_S, "Questions", value_int(100)));
	push(t, 21, 1, pair_part(21 * NS_PER_S, "Questions", value_int(200)));
	/* 10 ms later: 11 statements would be 1,100 a second */
	push(t, 21, 1, pair_part(21 * NS_PER_S + 10 * NS_PER_MS, "Questions", value_int(211)));
	assert_float_equal(value_number(timeline_metric(t, METRIC_QPS), -1), 111 / 1.01, 1e-6);
	push(t, 22, 1, pair_part(22 * NS_PER_S + 10 * NS_PER_MS, "Questions", value_int(311)));
	assert_float_equal(value_number(timeline_metric(t, METRIC_QPS), -1), 100, 1e-6);
	timeline_free(t);
}

static void a_timeline_keeps_to_its_memory(void **state)
{
	(void)state;
	struct timeline *t = timeline_new(20000);
	for (int i = 0; i < 100; i++)
		push(t, i, 1, pair_part(i * NS_PER_S, "Questions", value_int(i)));
	assert_true(timeline_memory(t) <= 20000);
	assert_in_range(timeline_length(t), 2, 20);
	assert_int_equal(series_length(timeline_series(t, METRIC_QPS)), 100);
	timeline_free(t);
}

static void every_metric_teaches(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_METRICS; i++) {
		const struct metric *m = metric_get(i);
		assert_non_null(m->id);
		assert_non_null(m->read);
		assert_true(m->help && *m->help);
		assert_true(m->source && *m->source);
		assert_true(m->normal && *m->normal);
	}
}

static void long_times_are_not_told_in_milliseconds(void **state)
{
	(void)state;
	static const struct {
		double ms;
		const char *text;
	} rows[] = {{0.2, "0.20 ms"}, {13, "13 ms"}, {1000, "1000 ms"}, {9999, "9999 ms"},
		    {9999.6, "10.0 s"}, {31000, "31.0 s"}, {68479, "1m08s"}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b = BUF_INIT;
		unit_format(&b, UNIT_MS, value_real(rows[i].ms), false);
		assert_string_equal(buf_str(&b), rows[i].text);
		buf_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_come_back_as_they_were),
		cmocka_unit_test(long_times_are_not_told_in_milliseconds),
		cmocka_unit_test(rates_are_between_readings_of_the_part),
		cmocka_unit_test(readings_in_quick_succession_give_no_noise),
		cmocka_unit_test(a_timeline_keeps_to_its_memory),
		cmocka_unit_test(every_metric_teaches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
