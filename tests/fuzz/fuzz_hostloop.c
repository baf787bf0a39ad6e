/*
 * Any bytes from a host's shell: what becomes of them is sorted, bounded, terminated, and the same
 * however they were cut into pieces; and the server is looked for in them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/hostfind.h"
#include "collect/hostloop.h"
#include "tests/fuzz/fuzz.h"

static void feed(struct hostloop *l, const char *s, size_t n)
{
	while (n)
		hostloop_feed(l, &s, &n);
}

static void check_tick(const struct host_tick *t)
{
	for (unsigned i = 0; i < t->n_files; i++) {
		const struct host_file *f = &t->files[i];
		CHECK(f->text[f->len] == '\0' && f->len <= 256 << 10);
		CHECK(f->len == 0 || f->text[f->len - 1] == '\n');
		CHECK(host_file(t, f->name) == f);
		CHECK(i == 0 || strcmp(t->files[i - 1].name, f->name) < 0);
	}
}

static void find(const struct host_tick *t)
{
	static const struct hostfind_facts facts = {
		.pid_file = "/p", .socket = "/s", .hostname = "abcdefabcdef", .port = 3306,
	};
	struct hostfind f;
	struct host_server server = {0};
	struct buf b = BUF_INIT;
	hostfind_begin(&f, &facts);
	for (int i = 0; i < 3; i++) {
		hostfind_want(&f, &b);
		hostfind_pids(&f, &b);
		if (hostfind_take(&f, t, &server))
			break;
	}
	CHECK(f.stage == HOSTFIND_DONE);
	CHECK(server.pid ? server.how[0] : server.why_not[0]);
	buf_clear(&b);
	hostfind_mounts(host_file(t, "self/mountinfo"), &b);
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char marker[] = "abcdefghijklmnop";
	struct hostloop whole, pieces;
	hostloop_init(&whole, marker);
	hostloop_init(&pieces, marker);
	char *s = xmalloc(size + 1);
	memcpy(s, data, size);
	feed(&whole, s, size);
	for (size_t i = 0; i < size; i++)
		feed(&pieces, s + i, 1);
	free(s);
	struct host_tick a = hostloop_tick(&whole), b = hostloop_tick(&pieces);
	check_tick(&a);
	CHECK(a.n_files == b.n_files && whole.number == pieces.number);
	for (unsigned i = 0; i < a.n_files; i++)
		CHECK(a.files[i].len == b.files[i].len &&
		      memcmp(a.files[i].text, b.files[i].text, a.files[i].len) == 0);
	find(&a);
	hostloop_release(&whole);
	hostloop_release(&pieces);
	return 0;
}
