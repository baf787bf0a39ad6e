/*
 * A host as texts of files, for tests of what is made of them. Files are given in any order.
 */
#ifndef TESTS_HOSTTICK_H
#define TESTS_HOSTTICK_H

#include "base/clock.h"
#include "base/mem.h"
#include "collect/host.h"
#include "tests/unit/cmocka_all.h"

struct hosttick_file {
	const char *name, *text;
};

enum { HOSTTICK_MOST = 64 };
struct hosttick {
	struct host_file files[HOSTTICK_MOST];
	struct host_tick tick;
};

static inline int hosttick_by_name(const void *a, const void *b)
{
	const struct host_file *x = a, *y = b;
	return strcmp(x->name, y->name);
}

/* `files` ends with name NULL. */
static inline const struct host_tick *hosttick(struct hosttick *h, const struct hosttick_file *files,
					       double at)
{
	unsigned n = 0;
	for (; files[n].name; n++) {
		assert_true(n < HOSTTICK_MOST);
		h->files[n] = (struct host_file){files[n].name, files[n].text, strlen(files[n].text), false};
	}
	qsort(h->files, n, sizeof *h->files, hosttick_by_name);
	int64_t ns = (int64_t)(at * (double)NS_PER_S);
	h->tick = (struct host_tick){.files = h->files, .n_files = n, .mono = ns, .wall = ns / 1000};
	return &h->tick;
}

/* The part, or NULL with *why. */
static inline struct part *hosttick_make(enum part_id id, const struct host_server *server,
					 const struct part *const *parts, const struct host_tick *t,
					 const char **why)
{
	static const struct part *const none[N_PARTS];
	struct host_ctx ctx = {.server = server, .parts = parts ? parts : none};
	return host_collector_for(id)->make(&ctx, t, 0.5, why);
}

#endif
