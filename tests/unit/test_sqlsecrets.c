/* Passwords in statements do not come through, whatever they stand in; the rest does. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parse/sqlsecrets.h"
#include "tests/unit/cmocka_all.h"

static void expect(const char *text, const char *want)
{
	struct buf b = BUF_INIT;
	sql_hide_secrets(&b, text, strlen(text));
	assert_string_equal(buf_str(&b), want);
	assert_int_equal(sql_may_have_secrets(text, strlen(text)), strstr(want, "***") != NULL);
	buf_release(&b);
}

static void passwords_are_hidden(void **state)
{
	(void)state;
	expect("CREATE USER a@b IDENTIFIED BY 'hunter2'", "CREATE USER a@b IDENTIFIED BY '***'");
	expect("alter user u identified with 'sha' by \"it's\" REPLACE 'o''ld', v",
	       "alter user u identified with '***' by '***' REPLACE '***', v");
	expect("SET PASSWORD FOR 'u'@'h' = 'x\\'y'", "SET PASSWORD FOR '***'@'***' = '***'");
	expect("CHANGE MASTER TO MASTER_HOST='h', MASTER_PASSWORD='s', MASTER_PORT=1",
	       "CHANGE MASTER TO MASTER_HOST='h', MASTER_PASSWORD='***', MASTER_PORT=1");
	expect("SELECT PASSWORD('a'), 'b'", "SELECT PASSWORD('***'), 'b'");
	/* Cut in the middle, as in a process list; and in the midst of other text. */
	expect("SET PASSWORD = 'hunt", "SET PASSWORD = '***'");
	expect("don't: IDENTIFIED BY 'x'\nTRANSACTION 7", "don't: IDENTIFIED BY '***'\nTRANSACTION 7");
}

static void all_else_stays(void **state)
{
	(void)state;
	expect("", "");
	expect("SELECT 'a', \"b\" FROM t WHERE c = 'd'", "SELECT 'a', \"b\" FROM t WHERE c = 'd'");
	expect("UPDATE stock SET v = 'ident' WHERE s = 'pass'", "UPDATE stock SET v = 'ident' WHERE s = 'pass'");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_are_hidden),
		cmocka_unit_test(all_else_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
