/* From SHOW GRANTS to what is missing and the statement that grants it. */
#include "base/buf.h"
#include "base/mem.h"
#include "collect/grants.h"
#include "tests/unit/cmocka_all.h"

#define PS "SELECT ON performance_schema.*"

static void needs_are_found_in_what_servers_print(void **state)
{
	(void)state;
	static const struct {
		const char *lines; /* one a line */
		const char *needs;
		bool have;
	} rows[] = {
		{"", "PROCESS", false},
		{"", "", true},
		{"GRANT USAGE ON *.* TO `a`@`%`", "PROCESS", false},
		{"GRANT PROCESS ON *.* TO `a`@`%`", "PROCESS", true},
		{"GRANT SELECT, PROCESS, RELOAD ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*8' WITH GRANT OPTION",
		 "PROCESS, RELOAD", true},
		{"GRANT SELECT, PROCESS ON *.* TO `a`@`%`", "PROCESS, RELOAD", false},
		{"GRANT XA_RECOVER_ADMIN,CONNECTION_ADMIN ON *.* TO `a`@`%`", "CONNECTION_ADMIN", true},
		{"GRANT ALL PRIVILEGES ON *.* TO `a`@`%`", "PROCESS, " PS, true},
		{"GRANT ALL PRIVILEGES ON `shop`.* TO `a`@`%`", PS, false},
		{"GRANT SELECT ON *.* TO `a`@`%`", PS, true},
		{"GRANT SELECT ON `performance_schema`.* TO `a`@`%`", PS, true},
		{"GRANT SELECT ON `performance\\_schema`.* TO `a`@`%`", PS, true},
		{"GRANT SELECT ON `performance%`.* TO `a`@`%`", PS, true},
		{"GRANT SELECT ON `performance`.* TO `a`@`%`", PS, false},
		{"GRANT SELECT ON `%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%x`.* TO `a`@`%`", PS, false},
		{"GRANT SELECT ON `%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%a`.* TO `a`@`%`", PS, true},
		{"GRANT SELECT ON `performance_schema`.`threads` TO `a`@`%`", PS, false},
		{"GRANT SELECT ON `performance_schema`.`threads` TO `a`@`%`",
		 "SELECT ON performance_schema.threads", true},
		{"GRANT SELECT ON `performance_schema`.* TO `a`@`%`", "SELECT", false},
		{"GRANT SELECT ON *.* TO `a`@`%`\nREVOKE SELECT ON `performance_schema`.* FROM `a`@`%`", PS, false},
		{"GRANT SELECT (`a`, `b`), INSERT ON `mysql`.`user` TO `a`@`%`", "INSERT ON mysql.user", true},
		{"GRANT SELECT (`a`, `b`), INSERT ON `mysql`.`user` TO `a`@`%`", "SELECT ON mysql.user", false},
		{"GRANT `mon` TO `a`@`%`\nGRANT PROXY ON ''@'%' TO 'a'@'%' WITH GRANT OPTION", "PROCESS", false},
		{"GRANT PROCESS, SLAVE MONITOR ON *.* TO `mon`", "REPLICA MONITOR", true},
		{"GRANT BINLOG MONITOR ON *.* TO `mon`", "REPLICATION CLIENT", true},
		{"SET DEFAULT ROLE `mon` FOR `a`@`%`", "PROCESS", false},
		{"GRANT", "PROCESS", false},
		{"GRANT PROCESS ON ", "PROCESS", false},
		{"GRANT PROCESS ON `x", "PROCESS", false},
		{"GRANT SELECT (`a", "SELECT", false},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct grants g = {0};
		char *copy = xstrdup(rows[i].lines), *next = copy, *line;
		while ((line = strsep(&next, "\n")))
			grants_add(&g, line);
		if (grants_have(&g, rows[i].needs) != rows[i].have)
			fail_msg("%s in: %s", rows[i].needs, rows[i].lines);
		free(copy);
		grants_release(&g);
	}
}

static void one_statement_grants_the_rest(void **state)
{
	(void)state;
	struct grants g = {0}, missing = {0};
	struct buf out = BUF_INIT;
	grants_add(&g, "GRANT PROCESS ON *.* TO `a`@`%`");
	grants_note_missing(&g, "PROCESS, " PS, &missing);
	grants_note_missing(&g, "REPLICATION CLIENT, PROCESS", &missing);
	grants_note_missing(&g, PS ", BACKUP_ADMIN", &missing);
	grants_statement(&missing, "o'brien@%", &out);
	assert_string_equal(buf_str(&out), "GRANT SELECT ON performance_schema.* TO 'o''brien'@'%'; "
					   "GRANT REPLICATION CLIENT, BACKUP_ADMIN ON *.* TO 'o''brien'@'%'");
	buf_clear(&out);
	grants_release(&missing);
	grants_note_missing(&g, "PROCESS", &missing);
	grants_statement(&missing, "a@b", &out);
	assert_int_equal(out.len, 0);
	grants_release(&missing);
	grants_release(&g);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_are_found_in_what_servers_print),
		cmocka_unit_test(one_statement_grants_the_rest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
