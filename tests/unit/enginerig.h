/*
 * What the tests of sampler and jobs share: targets that point at fake servers, and waiting for
 * what the mailbox brings. Nothing sleeps; what does not come within 20 s fails the test.
 */
#ifndef TESTS_ENGINERIG_H
#define TESTS_ENGINERIG_H

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "engine/audit.h"
#include "engine/job.h"
#include "engine/sampler.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/fakeserver.h"

enum { RIG_MOST = 128 };

struct rig {
	struct mailbox *box;
	struct sampler *sampler;
	struct jobs *jobs;
	struct target *targets[RIG_MOST];
	struct fake *fakes[4];
	unsigned n, n_fakes;
	struct snapshot *last[RIG_MOST]; /* the newest of each target */
	unsigned jobs_done;
};

/* The most that the sampler's loop may be away for, in ms: `most`, as it promises. Under ThreadSanitizer
   everything takes several times as long; and where more want to run than there are cores, what the gap
   tells is how long the machine let the thread wait. */
static inline double rig_gap_limit(double most)
{
	double load = 0;
#ifdef __SANITIZE_THREAD__
	return 1500;
#endif
	return getloadavg(&load, 1) == 1 && load > (double)sysconf(_SC_NPROCESSORS_ONLN) ? 1500 : most;
}

typedef bool condition(const struct rig *r, unsigned target, const void *arg);

/* Takes the target over. */
static inline void rig_add_target(struct rig *r, struct target *t)
{
	free(t->name);
	t->name = xasprintf("t%u", r->n);
	r->targets[r->n++] = t;
}

static inline void rig_add(struct rig *r, unsigned port)
{
	char text[16];
	struct target *t = xcalloc(1, sizeof *t);
	snprintf(text, sizeof text, "%u", port);
	target_set(t, SETTING_HOST, "127.0.0.1", "test");
	target_set(t, SETTING_PORT, text, "test");
	target_set(t, SETTING_USER, "app", "test");
	target_set(t, SETTING_SSL_MODE, "disabled", "test");
	rig_add_target(r, t);
}

/* A server, and a target for it. */
static inline struct fake *rig_fake(struct rig *r, const char *script)
{
	struct fake *f = r->fakes[r->n_fakes++] = fake_start(NULL, script);
	rig_add(r, fake_port(f));
	return f;
}

static inline void rig_start(struct rig *r)
{
	r->box = mailbox_new();
	r->sampler = sampler_new(r->box, (const struct target *const *)r->targets, r->n);
}

static inline void rig_demand(struct rig *r, unsigned target, part_mask parts, double interval)
{
	struct sampler_demand d = {.parts = parts, .interval = interval};
	sampler_demand(r->sampler, target, &d);
}

static inline void rig_stop(struct rig *r)
{
	sampler_free(r->sampler);
	jobs_free(r->jobs);
	mailbox_free(r->box);
	for (unsigned i = 0; i < r->n; i++) {
		snapshot_unref(r->last[i]);
		target_free(r->targets[i]);
	}
	for (unsigned i = 0; i < r->n_fakes; i++)
		fake_stop(r->fakes[i]);
	*r = (struct rig){0};
}

static inline void rig_take(struct rig *r)
{
	struct message m;
	while (mailbox_take(r->box, &m)) {
		if (m.type == MESSAGE_JOB) {
			r->jobs_done += !m.job->progress;
			job_deliver(r->jobs, m.job);
			continue;
		}
		snapshot_unref(r->last[m.snapshot->target]);
		r->last[m.snapshot->target] = m.snapshot;
	}
}

static inline void rig_describe(const struct rig *r, unsigned target)
{
	const struct snapshot *s = r->last[target];
	if (!s) {
		print_error("target %u: no snapshot\n", target);
		return;
	}
	print_error("target %u: seq %u epoch %u link %d: %s: %s\n", target, (unsigned)s->seq,
		    (unsigned)s->epoch, s->link, s->err.what, s->err.why);
	for (int i = 0; i < N_PARTS; i++)
		if (s->parts[i])
			print_error("  %s: %s, %u rows: %s\n", part_name((enum part_id)i),
				    part_status_name(part_status(s->parts[i])),
				    part_rows(s->parts[i]),
				    part_reason(s->parts[i]) ? part_reason(s->parts[i]) : "");
}

/* Until `c` holds; the newest snapshot of the target, borrowed. */
static inline const struct snapshot *rig_wait(struct rig *r, unsigned target, condition *c,
					      const void *arg)
{
	int64_t until = clock_mono_ns() + 20 * NS_PER_S;
	for (;;) {
		rig_take(r);
		if (c(r, target, arg))
			return r->last[target];
		int64_t left = until - clock_mono_ns();
		if (left <= 0) {
			rig_describe(r, target);
			fail_msg("it did not come about");
		}
		struct pollfd p = {.fd = mailbox_fd(r->box), .events = POLLIN};
		poll(&p, 1, (int)(left / NS_PER_MS) + 1);
	}
}

static inline const struct part *rig_part(const struct rig *r, unsigned target, enum part_id id)
{
	return r->last[target] ? r->last[target]->parts[id] : NULL;
}

static inline bool is_ok(const struct rig *r, unsigned target, const void *arg)
{
	const struct part *p = rig_part(r, target, *(const enum part_id *)arg);
	return p && part_status(p) == PART_OK && r->last[target]->link == LINK_LIVE;
}

static inline const struct snapshot *rig_wait_ok(struct rig *r, unsigned target, enum part_id id)
{
	return rig_wait(r, target, is_ok, &id);
}

static inline bool is_link(const struct rig *r, unsigned target, const void *arg)
{
	return r->last[target] && r->last[target]->link == *(const enum link_state *)arg;
}

static inline const struct snapshot *rig_wait_link(struct rig *r, unsigned target,
						   enum link_state link)
{
	return rig_wait(r, target, is_link, &link);
}

/* A part that was read later than `arg` (mono ns). */
struct later {
	enum part_id id;
	int64_t than;
};

static inline bool is_later(const struct rig *r, unsigned target, const void *arg)
{
	const struct later *l = arg;
	const struct part *p = rig_part(r, target, l->id);
	return p && part_status(p) == PART_OK && part_read_mono(p) > l->than;
}

static inline const struct snapshot *rig_wait_later(struct rig *r, unsigned target, enum part_id id,
						    int64_t than)
{
	struct later l = {id, than};
	return rig_wait(r, target, is_later, &l);
}

/* A folder of its own for what the program remembers; the audit file is all that may be in it. */
static inline void rig_state_home(char home[64])
{
	snprintf(home, 64, "/tmp/fathom-rig-XXXXXX");
	assert_non_null(mkdtemp(home));
	setenv("XDG_STATE_HOME", home, 1);
}

static inline void rig_state_home_free(const char *home)
{
	struct buf b = BUF_INIT;
	audit_path(&b);
	unlink(buf_str(&b));
	*strrchr(b.s, '/') = '\0';
	rmdir(b.s);
	rmdir(home);
	buf_release(&b);
}

#endif
