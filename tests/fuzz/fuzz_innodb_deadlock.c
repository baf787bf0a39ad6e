/* Deadlocks of InnoDB, whole, cut and out of form; and the bytes as an error log that has some. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "parse/innodb_log.h"
#include "parse/innodb_why.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct innodb_deadlock d;
	bool ok = innodb_deadlock_parse(&d, (const char *)data, size);
	CHECK(ok == (d.n_sides > 0));
	CHECK(d.victim < (int)d.n_sides);
	const char *end = (const char *)data + size;
	for (size_t i = 0; i < d.n_sides; i++) {
		const struct innodb_deadlock_side *s = &d.sides[i];
		CHECK(s->victim == (d.victim == (int)i));
		CHECK(!s->trx.query.len || s->trx.query.s + s->trx.query.len <= end);
		for (size_t k = 0; k < s->n_locks; k++) {
			const struct innodb_lock *l = &s->locks[k];
			CHECK(strlen(l->table) + strlen(l->index) + strlen(l->key) < size + 1000);
			CHECK(!l->mode.len || l->mode.s + l->mode.len <= end);
			CHECK(!k || s->locks[k - 1].waits <= l->waits);
		}
	}
	struct buf why = BUF_INIT;
	if (ok)
		innodb_deadlock_why(&why, &d);
	CHECK(!ok || strstr(buf_str(&why), deadlock_kind_help(innodb_deadlock_kind(&d))));
	buf_release(&why);
	innodb_deadlock_release(&d);
	struct slice rest = {(const char *)data, size};
	struct buf logged = BUF_INIT;
	for (size_t left = size + 1; innodb_log_next_deadlock(&rest, &logged); left = rest.len) {
		CHECK(rest.len < left && logged.len && logged.len <= size);
		innodb_deadlock_parse(&d, buf_str(&logged), logged.len);
		innodb_deadlock_release(&d);
	}
	CHECK(!rest.len);
	buf_release(&logged);
	return 0;
}
