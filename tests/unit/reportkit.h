/* For tests of reports: samples by a kit (rulekit.h), kept in a timeline, and the report made of them. */
#ifndef TESTS_REPORTKIT_H
#define TESTS_REPORTKIT_H

#include "base/buf.h"
#include "diagnose/reportwrite.h"
#include "tests/unit/rulekit.h"

struct report_kit {
	struct kit kit;
	struct timeline *timeline;
	const struct part *begin[N_PARTS];
	struct report_input in;
	struct report *report; /* of reportkit_build() */
	struct buf out;        /* of reportkit_text() */
};

static inline void reportkit_open(struct report_kit *k)
{
	*k = (struct report_kit){.timeline = timeline_new(1 << 20)};
	kit_open(&k->kit);
}

static inline void reportkit_close(struct report_kit *k)
{
	kit_close(&k->kit);
	timeline_free(k->timeline);
	for (int i = 0; i < N_PARTS; i++)
		part_unref(k->begin[i]);
	report_free(k->report);
	buf_release(&k->out);
}

/* One sample of what the kit was told. */
static inline void reportkit_tick(struct report_kit *k, double seconds)
{
	kit_tick(&k->kit, seconds);
	timeline_push(k->timeline, snapshot_ref(k->kit.last));
	for (int i = 0; i < N_PARTS; i++)
		if (!k->begin[i] && k->kit.last->parts[i])
			k->begin[i] = part_ref(k->kit.last->parts[i]);
}

static inline struct report *reportkit_build(struct report_kit *k)
{
	k->in.target = k->in.target ? k->in.target : "shop-db";
	k->in.timeline = k->timeline;
	k->in.now = k->kit.last;
	k->in.begin = k->begin;
	k->in.seconds = 10;
	report_free(k->report);
	return k->report = report_build(&k->in);
}

/* What a writer makes of it; valid until the next call. */
static inline const char *reportkit_write(struct report_kit *k,
					  void (*write)(struct buf *, const struct report_book *))
{
	struct report_book book = {.reports = &k->report, .n = 1};
	buf_clear(&k->out);
	write(&k->out, &book);
	return buf_str(&k->out);
}

#endif
