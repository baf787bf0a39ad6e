/*
 * Any bytes on their way to the screen: what is scrubbed is valid, holds nothing that moves a
 * cursor and scrubs to itself; clusters cover a text and widths add up.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

static void check_harmless(const char *s, size_t n)
{
	CHECK(utf8_valid(s, n));
	for (size_t at = 0; at < n;) {
		uint32_t cp;
		at += utf8_decode(s + at, n - at, &cp);
		CHECK(cp >= 0x20 && !(cp >= 0x7f && cp < 0xa0));
	}
}

static void check_clusters(const char *s, size_t n)
{
	int cells = 0, w;
	for (size_t at = 0; at < n;) {
		size_t used = utf8_cluster(s + at, n - at, &w);
		CHECK(used > 0 && used <= n - at && w >= 0 && w <= 2);
		at += used;
		cells += w;
	}
	CHECK(utf8_width(s, n) == cells);
	CHECK(utf8_fit(s, n, cells) == n);
	for (int room = 0; room < cells && room < 20; room++)
		CHECK(utf8_width(s, utf8_fit(s, n, room)) <= room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	struct buf once = BUF_INIT, twice = BUF_INIT, repaired = BUF_INIT;

	buf_adds(&once, "");
	buf_adds(&twice, "");
	buf_adds(&repaired, "");
	check_clusters(s, size);
	utf8_scrub(&once, s, size);
	check_harmless(once.s, once.len);
	check_clusters(once.s, once.len);
	utf8_scrub(&twice, once.s, once.len);
	CHECK(once.len == twice.len && memcmp(once.s, twice.s, once.len) == 0);
	utf8_repair(&repaired, s, size);
	CHECK(utf8_valid(repaired.s, repaired.len));
	buf_release(&once);
	buf_release(&twice);
	buf_release(&repaired);
	return 0;
}
