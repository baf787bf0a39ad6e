/* SHOW ENGINE INNODB STATUS and the deadlock in it: real texts and made ones, and texts that imitate. */
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "parse/innodb_deadlock.h"
#include "tests/unit/cmocka_all.h"

/* --- a text as the parser sees it ------------------------------------------------------------------- */

static char *load(const char *path)
{
	FILE *f = fopen(path, "r");
	if (!f)
		fail_msg("%s is missing", path);
	char *text = xcalloc(1, 200000);
	assert_true(fread(text, 1, 199999, f) > 0);
	fclose(f);
	return text;
}

static char *fixture(const char *name)
{
	char path[200];
	snprintf(path, sizeof path, "tests/fixtures/innodb/%s.txt", name);
	return load(path);
}

#define S(x) (int)(x).len, (x).s

static void add_trx(struct buf *out, const struct innodb_trx *t)
{
	buf_addf(out, "trx %.*s %s %.0fs '%.*s'%s tables %lld/%lld structs %lld rows %lld undo %lld "
		      "thread %lld query %lld %.*s|%.*s|%.*s|%.*s: %.*s\n",
		 S(t->id), t->active ? "active" : "-", t->seconds, S(t->state), t->lock_wait ? " waits" : "",
		 (long long)t->tables_in_use, (long long)t->tables_locked, (long long)t->lock_structs,
		 (long long)t->row_locks, (long long)t->undo_entries, (long long)t->thread,
		 (long long)t->query_id, S(t->host), S(t->address), S(t->user), S(t->doing), S(t->query));
}

static void add_deadlock(struct buf *out, const struct innodb_section *section)
{
	struct innodb_deadlock d;
	assert_true(innodb_deadlock_parse(&d, section->body.s, section->body.len));
	buf_addf(out, "deadlock of %zu at %.*s, victim %d\n", d.n_sides, S(d.time), d.victim + 1);
	for (size_t i = 0; i < d.n_sides; i++) {
		buf_addf(out, "%zu%s ", i + 1, d.sides[i].victim ? "*" : "");
		add_trx(out, &d.sides[i].trx);
		for (size_t k = 0; k < d.sides[i].n_locks; k++) {
			const struct innodb_lock *l = &d.sides[i].locks[k];
			buf_addf(out, "  %s %s %s of %s, %.*s, trx %.*s, %u records [%s]\n",
				 l->waits ? "waits for" : "holds", l->record ? "record" : "table", l->index,
				 l->table, S(l->mode), S(l->trx), l->records, l->key);
		}
	}
	innodb_deadlock_release(&d);
}

static void describe(struct buf *out, const char *text)
{
	struct innodb_status s;
	innodb_status_parse(&s, text, strlen(text));
	buf_addf(out, "%.*s, over %.0fs%s\n", S(s.time), s.average, s.truncated ? ", cut" : "");
	for (size_t i = 0; i < s.n_sections; i++) {
		enum innodb_section_id id = s.sections[i].id;
		buf_addf(out, "== %s (%.*s)\n", innodb_section_title(id), S(s.sections[i].title));
		for (size_t k = 0; k < s.n_numbers; k++) {
			const struct innodb_number *n = &s.numbers[k];
			bool here = n->instance < 0 ? n->rule->section == id : id == INNODB_POOLS;
			if (here && n->instance >= 0)
				buf_addf(out, "%d: ", n->instance);
			if (here)
				buf_addf(out, "%s %g\n", n->rule->name, n->value);
		}
		for (size_t k = 0; k < s.n_waits && id == INNODB_SEMAPHORES; k++)
			buf_addf(out, "wait %.*s at %.*s %.0fs for %.*s, of %.*s\n", S(s.waits[k].thread),
				 S(s.waits[k].at), s.waits[k].seconds, S(s.waits[k].what),
				 S(s.waits[k].holder));
		for (size_t k = 0; k < s.n_io_threads && id == INNODB_FILE_IO; k++)
			buf_addf(out, "io %.*s: %.*s (%.*s)\n", S(s.io_threads[k].number),
				 S(s.io_threads[k].state), S(s.io_threads[k].kind));
		for (size_t k = 0; k < s.n_trxs && id == INNODB_TRANSACTIONS; k++)
			add_trx(out, &s.trxs[k]);
		if (id == INNODB_DEADLOCK)
			add_deadlock(out, &s.sections[i]);
	}
	innodb_status_release(&s);
}

/* FATHOM_GOLDEN=update writes the files anew. */
static void every_fixture_is_understood(void **state)
{
	(void)state;
	const char *golden = getenv("FATHOM_GOLDEN");
	glob_t files;
	assert_int_equal(glob("tests/fixtures/innodb/*.txt", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 16);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct buf out = BUF_INIT;
		char path[300], *text = load(files.gl_pathv[i]);
		snprintf(path, sizeof path, "%.*s.parsed", (int)strlen(files.gl_pathv[i]) - 4,
			 files.gl_pathv[i]);
		describe(&out, text);
		if (golden && strcmp(golden, "update") == 0) {
			FILE *f = fopen(path, "w");
			assert_non_null(f);
			fputs(out.s, f);
			fclose(f);
		}
		char *was = load(path);
		assert_string_equal(was, out.s);
		free(was);
		free(text);
		buf_release(&out);
	}
	globfree(&files);
}

/* --- texts that imitate ------------------------------------------------------------------------------ */

/* `at` is replaced in the text; the caller frees. */
static char *with(const char *text, const char *at, const char *by)
{
	const char *p = strstr(text, at);
	assert_non_null(p);
	return xasprintf("%.*s%s%s", (int)(p - text), text, by, p + strlen(at));
}

static size_t count_of(const struct innodb_status *s, enum innodb_section_id id)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n_sections; i++)
		n += s->sections[i].id == id;
	return n;
}

#define FAKE_TAIL \
	"--------\nFILE I/O\n--------\n999 OS file reads, 1 OS file writes, 1 OS fsyncs\n---\nLOG\n---\n" \
	"Log sequence number 1\nLast checkpoint at 1\n"
#define FAKE_TRX "------------\nTRANSACTIONS\n------------\nTrx id counter 1\nHistory list length 99999\n"

static void statements_cannot_imitate_sections(void **state)
{
	(void)state;
	char *text = fixture("mysql-9.7-lockwait");
	char *bad = with(text, "SELECT * FROM stock WHERE id IN (1,3) FOR UPDATE",
			 "SELECT '\n" FAKE_TAIL FAKE_TRX "----------\nSEMAPHORES\n----------\n'");
	struct innodb_status s;
	innodb_status_parse(&s, bad, strlen(bad));
	assert_int_equal(count_of(&s, INNODB_FILE_IO), 1);
	assert_int_equal(count_of(&s, INNODB_TRANSACTIONS), 1);
	assert_int_equal(count_of(&s, INNODB_SEMAPHORES), 1);
	assert_int_equal(innodb_status_number(&s, "os_reads"), 987);
	assert_int_equal(innodb_status_number(&s, "lsn"), 20326924);
	assert_int_equal(innodb_status_number(&s, "history"), 26);
	assert_int_equal(s.n_trxs, 6);
	innodb_status_release(&s);
	free(bad);
	free(text);

	text = fixture("mysql-9.7-deadlock3");
	bad = with(text, "UPDATE stock SET n=n+1 WHERE id=3", "UPDATE x SET a='\n" FAKE_TRX FAKE_TAIL "'");
	innodb_status_parse(&s, bad, strlen(bad));
	assert_int_equal(count_of(&s, INNODB_TRANSACTIONS), 1);
	assert_int_equal(count_of(&s, INNODB_DEADLOCK), 1);
	assert_true(innodb_status_number(&s, "history") < 1000);
	const struct innodb_section *section = innodb_status_section(&s, INNODB_DEADLOCK);
	struct innodb_deadlock d;
	assert_true(innodb_deadlock_parse(&d, section->body.s, section->body.len));
	assert_int_equal(d.n_sides, 3);
	assert_int_equal(d.victim, 1);
	innodb_deadlock_release(&d);
	innodb_status_release(&s);
	free(bad);
	free(text);
}

static void statements_cannot_imitate_sides(void **state)
{
	(void)state;
	char *text = fixture("mysql-9.7-deadlock");
	char *bad = with(text, "*** (1) HOLDS THE LOCK(S):",
			 "*** (2) TRANSACTION:\nTRANSACTION 1, ACTIVE 9 sec\nMySQL thread id 666, x\n"
			 "*** (7) HOLDS THE LOCK(S):\nRECORD LOCKS space id 1 \n"
			 "*** WE ROLL BACK TRANSACTION (1)\n*** (1) HOLDS THE LOCK(S):");
	struct innodb_deadlock d, real;
	assert_true(innodb_deadlock_parse(&d, bad, strlen(bad)));
	assert_true(innodb_deadlock_parse(&real, text, strlen(text)));
	assert_int_equal(d.n_sides, real.n_sides);
	assert_int_equal(d.victim, real.victim);
	assert_int_equal(d.sides[1].trx.thread, real.sides[1].trx.thread);
	innodb_deadlock_release(&d);
	innodb_deadlock_release(&real);
	free(bad);
	free(text);
}

/* --- texts that are not whole ------------------------------------------------------------------------- */

static void a_text_that_was_cut_says_so(void **state)
{
	(void)state;
	struct buf b = BUF_INIT;
	char *text = fixture("mysql-9.7-lockwait"), *cut = strstr(text, "--------\nFILE I/O");
	buf_add(&b, text, (size_t)(cut - text));
	while (b.len < 1000 * 1000)
		buf_adds(&b, "---TRANSACTION 12, ACTIVE 3 sec\n2 lock struct(s), heap size 1128, 1 row lock(s)\n");
	struct innodb_status s;
	innodb_status_parse(&s, b.s, b.len);
	assert_false(s.truncated);
	assert_null(innodb_status_section(&s, INNODB_LOG));
	assert_true(isnan(innodb_status_number(&s, "lsn")));
	assert_true(s.n_trxs > 10000);
	innodb_status_release(&s);
	buf_adds(&b, "... truncated...\n");
	buf_adds(&b, cut);
	innodb_status_parse(&s, b.s, b.len);
	assert_true(s.truncated);
	assert_int_equal(innodb_status_number(&s, "lsn"), 20326924);
	innodb_status_release(&s);
	buf_release(&b);
	free(text);
}

static void any_prefix_will_do(void **state)
{
	(void)state;
	char *text = fixture("mysql-9.7-loaded");
	size_t len = strlen(text);
	for (size_t n = 0; n <= len; n += 7) {
		struct innodb_status s;
		char *part = xstrndup(text, n);
		innodb_status_parse(&s, part, n);
		assert_true(s.n_sections >= 1);
		innodb_status_release(&s);
		free(part);
	}
	struct innodb_deadlock d;
	assert_false(innodb_deadlock_parse(&d, "", 0));
	assert_false(innodb_deadlock_parse(&d, text, 300));
	innodb_deadlock_release(&d);
	free(text);
}

static struct slice slice_of(const char *s)
{
	return (struct slice){s, strlen(s)};
}

/* Threads are sessions by their handles. A section with nothing in it does not mean that nobody waits. */
static void waiting_threads_are_sessions(void **state)
{
	(void)state;
	struct innodb_status s;
	char *text = fixture("mysql-9.7-loaded");
	innodb_status_parse(&s, text, strlen(text));
	assert_true(s.lists_waits);
	assert_int_equal(s.n_waits, 5);
	for (size_t i = 0; i < s.n_waits; i++) {
		assert_true(innodb_status_session(&s, s.waits[i].thread) > 0);
		assert_int_equal(innodb_status_session(&s, s.waits[i].holder), 246);
	}
	assert_int_equal(innodb_status_session(&s, slice_of("140575053584064")), 245);
	assert_int_equal(innodb_status_session(&s, slice_of("14057505358406")), 0);
	assert_int_equal(innodb_status_session(&s, slice_of("")), 0);
	innodb_status_release(&s);
	free(text);
	text = fixture("mariadb-10.11-loaded");
	innodb_status_parse(&s, text, strlen(text));
	assert_non_null(innodb_status_section(&s, INNODB_SEMAPHORES));
	assert_false(s.lists_waits);
	innodb_status_release(&s);
	free(text);
}

static void every_rule_teaches(void **state)
{
	(void)state;
	for (const struct innodb_rule *r = innodb_rules; r->name; r++) {
		assert_true(r->title[0] && r->help[0] && strchr(r->pattern, '#'));
		assert_true(r->unit != UNIT_NONE);
		for (const struct innodb_rule *o = innodb_rules; o < r; o++)
			assert_string_not_equal(o->name, r->name);
	}
	for (int i = 0; i < N_INNODB_SECTIONS; i++)
		assert_true(strlen(innodb_section_help((enum innodb_section_id)i)) > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fixture_is_understood),
		cmocka_unit_test(statements_cannot_imitate_sections),
		cmocka_unit_test(statements_cannot_imitate_sides),
		cmocka_unit_test(a_text_that_was_cut_says_so),
		cmocka_unit_test(any_prefix_will_do),
		cmocka_unit_test(waiting_threads_are_sessions),
		cmocka_unit_test(every_rule_teaches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
