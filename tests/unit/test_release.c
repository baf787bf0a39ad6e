/* Who goes free when sessions end: small pile-ups by hand, random ones against ending sessions one by one. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "diagnose/release.h"
#include "tests/unit/collect_rows.h"

/* "2 3 4:perhaps 5<9 6<?": those that stay with who blocks them. */
static void draw(const struct release *r, struct buf *out)
{
	for (unsigned i = 0; i < r->n; i++) {
		const struct released *s = &r->sessions[i];
		buf_addf(out, "%s%lld", i ? " " : "", (long long)s->session);
		if (s->fate == RELEASE_PERHAPS)
			buf_adds(out, ":perhaps");
		else if (s->fate == RELEASE_STAYS && s->by)
			buf_addf(out, "<%lld", (long long)s->by);
		else if (s->fate == RELEASE_STAYS)
			buf_adds(out, "<?");
	}
}

/* Pairs as "waiter<blocker", `?` behind a suspect, no blocker for one that is not shown. */
static struct part *pairs_of(const char *text)
{
	struct part_builder *b = rows_builder(PART_BLOCKING, "");
	const struct schema *schema = collect_schema(PART_BLOCKING);
	char *copy = xstrdup(text), *next = copy, *word;
	while ((word = strsep(&next, " "))) {
		char *at = strchr(word, '<');
		if (!at)
			continue;
		part_row_begin(b);
		part_set(b, (unsigned)schema_field(schema, "id"), value_str(word));
		part_set(b, (unsigned)schema_field(schema, "waiter"), value_int(strtoll(word, NULL, 10)));
		if (at[1])
			part_set(b, (unsigned)schema_field(schema, "blocker"),
				 value_int(strtoll(at + 1, NULL, 10)));
		part_set(b, (unsigned)schema_field(schema, "kind"), value_str("row lock"));
		part_set(b, (unsigned)schema_field(schema, "suspect"), value_int(strchr(word, '?') != NULL));
		part_row_end(b);
	}
	free(copy);
	return part_seal(b, 1, 1, 0);
}

static void expect(const char *pairs, int64_t one, int64_t two, const char *want)
{
	struct part *p = pairs_of(pairs);
	struct release r;
	struct buf b = BUF_INIT;
	release_make(&r, p, (int64_t[]){one, two}, two ? 2 : 1);
	draw(&r, &b);
	assert_string_equal(buf_str(&b), want);
	assert_int_equal(r.count[0] + r.count[1] + r.count[2], r.n);
	release_free(&r);
	buf_release(&b);
	part_unref(p);
}

static void nobody_waits(void **state)
{
	struct release r;
	(void)state;
	release_make(&r, NULL, (int64_t[]){1}, 1);
	assert_int_equal(r.n, 0);
	release_free(&r);
	expect("2<1", 7, 0, "");
	expect("2<1", 2, 0, "");
}

static void who_waits_for_the_victim_alone_goes_free_and_all_behind_in_turn(void **state)
{
	(void)state;
	expect("2<1 3<1", 1, 0, "2 3");
	expect("3<2 2<1 4<3 4<1", 1, 0, "2 3 4");
	/* A middle link frees those behind it, not the rest. */
	expect("3<2 2<1 4<1", 2, 0, "3");
}

static void who_waits_for_somebody_else_too_stays(void **state)
{
	(void)state;
	expect("2<1 2<9", 1, 0, "2<9");
	expect("2<1 2<9 3<2", 1, 0, "2<9 3<9");
	expect("2<1 2<9 3<2", 1, 9, "2 3");
	/* The one named is at the root of what still blocks it. */
	expect("2<1 2<8 8<9", 1, 0, "2<9");
	/* The holder is not shown. */
	expect("2<1 2<", 1, 0, "2<?");
}

static void a_ring_frees_nobody_unless_it_is_broken(void **state)
{
	(void)state;
	expect("2<1 2<3 3<2", 1, 0, "2<3 3<2");
	expect("2<1 2<3 3<2", 1, 3, "2");
}

static void a_suspect_frees_perhaps(void **state)
{
	(void)state;
	expect("2<1? 2<5? 3<2", 1, 0, "2:perhaps 3:perhaps");
	expect("2<1? 2<9", 1, 0, "2<9");
	expect("2<1?", 9, 0, "");
}

/* Without suspects: end the victims, then, over and over, all that wait for nobody who is left. */
static void random_graphs_agree_with_ending_sessions_one_by_one(void **state)
{
	enum { SESSIONS = 9 };
	(void)state;
	srandom(41);
	for (int round = 0; round < 400; round++) {
		bool waits[SESSIONS][SESSIONS] = {0}, left[SESSIONS], behind[SESSIONS] = {0};
		struct buf text = BUF_INIT;
		int n = 3 + (int)(random() % 12), victim = (int)(random() % SESSIONS);
		for (int i = 0; i < n; i++) {
			int w = (int)(random() % SESSIONS), b = (int)(random() % SESSIONS);
			if (w == b || waits[w][b])
				continue;
			waits[w][b] = true;
			buf_addf(&text, "%s%d<%d", text.len ? " " : "", w + 1, b + 1);
		}
		memset(left, 1, sizeof left);
		left[victim] = false;
		for (int again = 0; again < SESSIONS; again++)
			for (int w = 0; w < SESSIONS; w++) {
				bool blocked = false, waiter = false;
				for (int b = 0; b < SESSIONS; b++) {
					waiter |= waits[w][b];
					blocked |= waits[w][b] && left[b];
					behind[w] |= waits[w][b] && (b == victim || behind[b]);
				}
				if (waiter && !blocked && w != victim)
					left[w] = false;
			}
		struct part *p = pairs_of(buf_str(&text));
		struct release r;
		release_make(&r, p, (int64_t[]){victim + 1}, 1);
		unsigned at = 0;
		for (int w = 0; w < SESSIONS; w++) {
			if (!behind[w] || w == victim)
				continue;
			assert_true(at < r.n);
			assert_int_equal(r.sessions[at].session, w + 1);
			assert_int_equal(r.sessions[at].fate, left[w] ? RELEASE_STAYS : RELEASE_FREE);
			at++;
		}
		assert_int_equal(at, r.n);
		release_free(&r);
		part_unref(p);
		buf_release(&text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_waits),
		cmocka_unit_test(who_waits_for_the_victim_alone_goes_free_and_all_behind_in_turn),
		cmocka_unit_test(who_waits_for_somebody_else_too_stays),
		cmocka_unit_test(a_ring_frees_nobody_unless_it_is_broken),
		cmocka_unit_test(a_suspect_frees_perhaps),
		cmocka_unit_test(random_graphs_agree_with_ending_sessions_one_by_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
