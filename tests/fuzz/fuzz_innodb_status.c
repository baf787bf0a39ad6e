/* InnoDB status texts, whole, cut and out of form: sections tile the text, all that is found lies in it. */
#include <stdint.h>
#include <stdlib.h>

#include "parse/innodb_deadlock.h"
#include "tests/fuzz/fuzz.h"

static void check_inside(const struct innodb_status *s, struct slice x)
{
	CHECK(!x.len || (x.s >= s->text.s && x.s + x.len <= s->text.s + s->text.len));
}

static void check_trx(const struct innodb_status *s, const struct innodb_trx *t)
{
	const struct slice all[] = {t->id, t->state, t->host, t->address, t->user, t->doing, t->query, t->text};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		check_inside(s, all[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct innodb_status s;
	innodb_status_parse(&s, (const char *)data, size);
	const char *at = (const char *)data;
	for (size_t i = 0; i < s.n_sections; i++) {
		const struct innodb_section *sec = &s.sections[i];
		CHECK(sec->text.s == at && sec->id < N_INNODB_SECTIONS);
		CHECK(innodb_section_title(sec->id)[0] && innodb_section_help(sec->id)[0]);
		check_inside(&s, sec->body);
		at += sec->text.len;
	}
	CHECK(s.n_sections && at == (const char *)data + size);
	for (size_t i = 0; i < s.n_numbers; i++)
		CHECK(s.numbers[i].rule && s.numbers[i].value >= 0);
	for (size_t i = 0; i < s.n_trxs; i++)
		check_trx(&s, &s.trxs[i]);
	for (size_t i = 0; i < s.n_waits; i++) {
		check_inside(&s, s.waits[i].what);
		check_inside(&s, s.waits[i].holder);
	}
	for (size_t i = 0; i < s.n_io_threads; i++)
		check_inside(&s, s.io_threads[i].kind);
	innodb_status_release(&s);
	return 0;
}
