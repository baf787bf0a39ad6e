/* Sections of InnoDB's status text as documents: everything explained, nothing lost, nothing dangerous. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "panels/innodbtextdoc.h"
#include "tests/unit/cmocka_all.h"

static char *section_text(const struct innodb_status *s, enum innodb_section_id id)
{
	struct doc d = {0};
	struct buf b = BUF_INIT;
	const struct innodb_section *of = innodb_status_section(s, id);
	assert_non_null(of);
	innodb_section_doc(&d, s, of);
	doc_text(&d, &b);
	assert_true(utf8_valid(b.s, b.len));
	doc_release(&d);
	return buf_steal(&b);
}

static char *load(const char *path)
{
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	char *text = xcalloc(1, 200000);
	assert_true(fread(text, 1, 199999, f) > 0);
	fclose(f);
	return text;
}

static void every_section_is_explained_and_whole(void **state)
{
	(void)state;
	glob_t files;
	assert_int_equal(glob("tests/fixtures/innodb/*.txt", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct innodb_status s;
		char *text = load(files.gl_pathv[i]);
		innodb_status_parse(&s, text, strlen(text));
		for (size_t k = 0; k < s.n_sections; k++) {
			struct buf brief = BUF_INIT;
			char *shown = section_text(&s, s.sections[k].id);
			assert_non_null(strstr(shown, innodb_section_help(s.sections[k].id)));
			assert_non_null(strstr(shown, "As the server says it"));
			innodb_section_brief(&brief, &s, &s.sections[k]);
			assert_true(brief.len > 0);
			buf_release(&brief);
			free(shown);
		}
		innodb_status_release(&s);
		free(text);
	}
	globfree(&files);
}

static void the_sides_of_a_deadlock_are_named(void **state)
{
	(void)state;
	struct innodb_status s;
	char *text = load("tests/fixtures/innodb/mysql-9.7-deadlock.txt");
	innodb_status_parse(&s, text, strlen(text));
	char *shown = section_text(&s, INNODB_DEADLOCK);
	assert_non_null(strstr(shown, "rolled back  session "));
	assert_non_null(strstr(shown, "holds PRIMARY of shop.stock"));
	assert_non_null(strstr(shown, "waits for PRIMARY of shop.stock"));
	free(shown);
	innodb_status_release(&s);
	free(text);
}

static void long_waits_alarm(void **state)
{
	(void)state;
	struct innodb_status s;
	char *text = load("tests/fixtures/innodb/shape-mysql-5.7.txt");
	innodb_status_parse(&s, text, strlen(text));
	assert_true(innodb_section_alarms(&s, innodb_status_section(&s, INNODB_SEMAPHORES)));
	assert_true(innodb_section_alarms(&s, innodb_status_section(&s, INNODB_ROWS)));
	assert_false(innodb_section_alarms(&s, innodb_status_section(&s, INNODB_POOL)));
	innodb_status_release(&s);
	free(text);
}

static void hostile_text_is_harmless(void **state)
{
	(void)state;
	static const char text[] =
		"------------\nTRANSACTIONS\n------------\nTrx id counter 5\nLIST OF TRANSACTIONS\n"
		"---TRANSACTION 4, ACTIVE 3 sec \x1b[2J\nMySQL thread id 9, x, query id 5 \x1b]0;host\a app \xff\n"
		"SELECT '\x1b[31m' \xe2\x80\xae\n";
	struct innodb_status s;
	innodb_status_parse(&s, text, sizeof text - 1);
	char *shown = section_text(&s, INNODB_TRANSACTIONS);
	assert_null(strchr(shown, '\x1b'));
	assert_null(strchr(shown, '\a'));
	free(shown);
	innodb_status_release(&s);
}

static void what_was_cut_is_said(void **state)
{
	(void)state;
	struct buf b = BUF_INIT;
	buf_adds(&b, "---\nLOG\n---\nLog sequence number 7\n");
	buf_fill(&b, 'x', 600000);
	buf_adds(&b, "\n... truncated...\n");
	struct innodb_status s;
	innodb_status_parse(&s, b.s, b.len);
	char *shown = section_text(&s, INNODB_LOG);
	assert_non_null(strstr(shown, innodb_text_cut_note));
	free(shown);
	innodb_status_release(&s);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_section_is_explained_and_whole),
		cmocka_unit_test(the_sides_of_a_deadlock_are_named),
		cmocka_unit_test(long_waits_alarm),
		cmocka_unit_test(hostile_text_is_harmless),
		cmocka_unit_test(what_was_cut_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
