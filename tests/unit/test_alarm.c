/* What rings, and how often: on a console without a server. */
#include <stdlib.h>
#include <string.h>

#include "diagnose/finding.h"
#include "panels/alarm.h"
#include "tests/unit/panelrig.h"

struct told {
	const char *id;
	enum severity severity;
	const char *culprit; /* session; NULL: none */
};

static void take(struct console *c, uint64_t seq, const struct told *told, unsigned n)
{
	struct finding f[4] = {0};
	const struct finding *list[4];
	struct arena a = {0};
	struct snapshot *s = snapshot_new(0);
	for (unsigned i = 0; i < n; i++) {
		f[i].id = f[i].title = told[i].id;
		finding_say(&f[i], &a, told[i].severity, 1, "%s by %s", told[i].id,
			    told[i].culprit ? told[i].culprit : "nobody");
		if (told[i].culprit)
			finding_culprit(&f[i], &a, SUBJECT_SESSION, "%s", told[i].culprit);
		list[i] = &f[i];
	}
	s->seq = seq;
	s->epoch = 1;
	s->mono = (int64_t)seq * NS_PER_S;
	s->link = LINK_LIVE;
	snapshot_set(s, findings_part(list, n, s->mono, 1));
	console_take(c, s);
	arena_release(&a);
}

/* How often a text is in the list of what rang. */
static unsigned listed(struct console *c, const char *text)
{
	struct buf b = BUF_INIT;
	unsigned n = 0;
	assert_true(console_run_command(c, "alerts"));
	rig_draw(c, 100, 40, false);
	canvas_dump(term_shown(c->term), &b);
	for (const char *at = buf_str(&b); (at = strstr(at, text)); at++)
		n++;
	buf_release(&b);
	rig_key(c, K_ESC);
	return n;
}

static void critical_findings_ring_once_each(void **state)
{
	static const struct told pile[] = {{"row-lock-pileup", SEVERITY_CRITICAL, "812"},
					   {"purge-lag", SEVERITY_WARNING, "812"}};
	static const struct told other[] = {{"row-lock-pileup", SEVERITY_CRITICAL, "900"}};
	static const struct told both[] = {{"row-lock-pileup", SEVERITY_CRITICAL, "900"},
					   {"disk-full", SEVERITY_CRITICAL, NULL}};
	struct console c;
	(void)state;
	rig_open(&c, false);
	assert_int_equal(listed(&c, "Nothing has rung yet"), 1);
	take(&c, 1, pile, 2);
	take(&c, 2, pile, 2);
	assert_int_equal(listed(&c, "db3.prod:3306: row-lock-pileup by 812"), 1);
	assert_int_equal(listed(&c, "db3.prod:3306: purge-lag by"), 0);
	/* Over, and back: not again. Another culprit is news. */
	take(&c, 3, NULL, 0);
	take(&c, 4, pile, 2);
	take(&c, 5, other, 1);
	take(&c, 6, both, 2);
	take(&c, 7, both, 2);
	assert_int_equal(listed(&c, "db3.prod:3306: row-lock-pileup by 812"), 1);
	assert_int_equal(listed(&c, "db3.prod:3306: row-lock-pileup by 900"), 1);
	assert_int_equal(listed(&c, "db3.prod:3306: disk-full by nobody"), 1);
	assert_int_equal(listed(&c, "bell off · notification off · command none"), 3);
	rig_close(&c);
}

static void what_grew_to_critical_rings_then(void **state)
{
	struct told one = {"replica-lag", SEVERITY_WARNING, NULL};
	struct console c;
	(void)state;
	rig_open(&c, false);
	take(&c, 1, &one, 1);
	assert_int_equal(listed(&c, "db3.prod:3306: replica-lag by"), 0);
	one.severity = SEVERITY_CRITICAL;
	take(&c, 2, &one, 1);
	assert_int_equal(listed(&c, "db3.prod:3306: replica-lag by"), 1);
	rig_close(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(critical_findings_ring_once_each),
		cmocka_unit_test(what_grew_to_critical_rings_then),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
