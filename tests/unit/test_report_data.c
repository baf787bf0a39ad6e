/* Sections of a report about what no rule judges: inventory, schema, security, backups. */
#include "diagnose/knownsettings.h"
#include "diagnose/reportsections.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/collect_rows.h"
#include "tests/unit/reportkit.h"

static void put(struct report_kit *k, enum part_id id, const char *rows)
{
	part_unref(k->kit.next[id]);
	k->kit.next[id] = rows_part(id, 1, rows);
}

/* The kit's report as text; `up`: seconds that the server is up. */
static const char *text_of(struct report_kit *k, double up)
{
	kit_status(&k->kit, "Uptime", up);
	reportkit_tick(k, 1);
	k->kit.last->uptime = up;
	reportkit_build(k);
	return reportkit_write(k, report_write_text);
}

static void has(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no \"%s\" in:\n%s", what, text);
}

static void has_not(const char *text, const char *what)
{
	if (strstr(text, what))
		fail_msg("\"%s\" in:\n%s", what, text);
}

static void settings_that_somebody_changed(void **state)
{
	struct report_kit k;
	(void)state;
	reportkit_open(&k);
	put(&k, PART_VARIABLES,
	    "name=sync_binlog value=0 changed=1 source=CONFIG path=/etc/my.cnf default_value=1\n"
	    "name=max_connections value=151 changed=1 source=CONFIG default_value=151\n"
	    "name=datadir value=/data/ changed=1 source=CONFIG\n"
	    "name=wait_timeout value=28800 changed=1 source=DYNAMIC\n"
	    "name=lock_wait_timeout value=5 changed=1 source=DYNAMIC set_user=eve set_time='2026-01-02 03:04:05'\n"
	    "name=odd_thing value='' changed=1 source=CONFIG\nname=usual_thing value=5 changed=0\n");
	const char *t = text_of(&k, 1e6);
	has(t, "sync_binlog");
	has(t, "CONFIG /etc/my.cnf");
	has(t, "a crash");
	has(t, "DYNAMIC by eve,");
	has(t, "odd_thing");
	has(t, "(empty)");
	has_not(t, "usual_thing");
	has_not(t, "wait_timeout        ");
	has_not(t, "  datadir  ");
	has_not(t, "  max_connections  151  151");
	assert_true(strstr(t, "odd_thing") > strstr(t, "sync_binlog"));
	assert_non_null(known_setting("innodb_flush_log_at_trx_commit"));
	assert_null(known_setting("odd_thing"));
	reportkit_close(&k);
}

static void schemas(void **state)
{
	struct report_kit k;
	(void)state;
	reportkit_open(&k);
	k.kit.server.flavor = FLAVOR_MARIADB;
	put(&k, PART_TABLE_SIZES, "id=shop kind=schema tables=3 rows=5000 data=1048576 indexes=2048\n"
				  "id=shop.orders kind=table tables=1 rows=4000 data=1000000 indexes=2000\n");
	put(&k, PART_AUTOINC_TABLES, "id=shop.kinds db=shop table=kinds value=101\n");
	put(&k, PART_AUTOINC, "id=shop.kinds column=nr type=tinyint\n");
	put(&k, PART_INDEXES,
	    "id=1 table=shop.orders name=PRIMARY type=3 columns=id\n"
	    "id=2 table=shop.orders name=by_day type=0 columns=day\n"
	    "id=3 table=shop.orders name=by_day_user type=0 columns='day, user'\n"
	    "id=4 table=shop.orders name=by_name type=0 columns=name\n"
	    "id=5 table=shop.orders name=by_name10 type=0 columns='name, id'\n"
	    "id=6 table=shop.orders name=nr type=2 columns=nr\n"
	    "id=7 table=shop.orders name=nr_day type=0 columns='nr, day'\n"
	    "id=8 table=shop.log name=GEN_CLUST_INDEX type=1\n"
	    "id=9 table=shop.log name=GEN_CLUST_INDEX type=1\n"
	    "id=10 table=mysql.own name=GEN_CLUST_INDEX type=1\n");
	put(&k, PART_INDEX_COLUMNS, "id=shop.orders.by_name columns=name\n"
				    "id=shop.orders.by_name10 columns='name(10), id'\n");
	put(&k, PART_INDEX_USE, "id=shop.orders.by_day table=shop.orders index=by_day uses=0\n"
				"id=shop.orders.nr table=shop.orders index=nr uses=0\n");
	const char *t = text_of(&k, 3600);
	has(t, "shop.orders       1");
	has(t, "shop.kinds  nr      tinyint         101               127  78.7%");
	has(t, "shop.log\n");
	has_not(t, "mysql.own");
	has(t, "by_day  day          by_day_user   day, user    no");
	has_not(t, "by_name10");
	has_not(t, "nr_day");
	has(t, "shop.orders  by_day  day\n");
	has_not(t, "shop.orders  nr");
	has(t, "too short to drop anything by it");
	assert_null(strstr(strstr(t, "shop.log") + 1, "shop.log"));
	reportkit_close(&k);
}

static void a_budget_that_ran_out_is_told(void **state)
{
	struct report_kit k;
	(void)state;
	reportkit_open(&k);
	kit_lacks(&k.kit, PART_INDEXES, PART_FAILED,
		  "Query execution was interrupted, maximum statement execution time exceeded");
	kit_lacks(&k.kit, PART_TABLE_SIZES, PART_DENIED, "needs the privilege X: GRANT X");
	struct part_builder *b = rows_builder(PART_AUTOINC_TABLES, "id=a.b db=a table=b value=1\n");
	part_set_rows_cut(b, 7);
	k.kit.next[PART_AUTOINC_TABLES] = part_seal(b, 1, 1, 1);
	put(&k, PART_AUTOINC, "id=a.b column=c type=int\n");
	const char *t = text_of(&k, 100);
	has(t, "Indexes: stopped at the budget of 1500 ms");
	has(t, "GRANT X");
	has(t, "the first 1 were looked at; 7 more were left out");
	reportkit_close(&k);
}

static void accounts_that_stand_out(void **state)
{
	struct report_kit k;
	(void)state;
	reportkit_open(&k);
	kit_text(&k.kit, PART_VARIABLES, "tls_version", "TLSv1,TLSv1.2");
	kit_text(&k.kit, PART_VARIABLES, "require_secure_transport", "OFF");
	kit_text(&k.kit, PART_VARIABLES, "secure_file_priv", "");
	put(&k, PART_ACCOUNTS,
	    "id=root@localhost user=root host=localhost plugin=unix_socket all_privileges=1 super=1 grants=1\n"
	    "id=app@% user=app host=% plugin=mysql_native_password password=1\n"
	    "id=boss@10.% user=boss host=10.% plugin=caching_sha2_password password=1 all_privileges=1 super=1\n"
	    "id=chief@% user=chief host=% plugin=caching_sha2_password password=1 all_privileges=1 super=1\n"
	    "id=here@127.% user=here host=127.% plugin=caching_sha2_password password=1 all_privileges=1 super=1\n"
	    "id=@localhost user='' host=localhost plugin=mysql_native_password password=0\n"
	    "id=old@h user=old host=h password=1 expired=1\n"
	    "id=shut@% user=shut host=% password=0 locked=1 super=1\n"
	    "id=role@ user=role host='' password=0 is_role=1 super=1\n");
	put(&k, PART_PLUGINS, "name=validate type='PASSWORD VALIDATION' status=ACTIVE library=x.so\n");
	const char *t = text_of(&k, 100);
	has(t, "boss@10.%");
	has(t, "may do everything, from a range of hosts");
	has(t, "chief@%");
	has(t, "may do everything, from anywhere");
	has(t, "anonymous: whoever comes is let in; no password");
	has(t, "its password has expired");
	has(t, "TLS before 1.2 is broken");
	has(t, "passwords and data in clear");
	has(t, "FILE reads and writes anywhere");
	has(t, "A plugin checks how good passwords are; no plugin writes down");
	has_not(t, "root@localhost");
	has_not(t, "here@127");
	has_not(t, "app@%");
	has_not(t, "shut@%");
	has_not(t, "role@");
	reportkit_close(&k);
	reportkit_open(&k);
	kit_lacks(&k.kit, PART_ACCOUNTS, PART_DENIED, "needs SELECT: GRANT SELECT ON mysql.user");
	kit_text(&k.kit, PART_VARIABLES, "tls_version", "TLSv1.2,TLSv1.3");
	t = text_of(&k, 100);
	has(t, "GRANT SELECT ON mysql.user");
	has_not(t, "TLS before 1.2");
	has_not(t, "stands out");
	reportkit_close(&k);
}

static void backups(void **state)
{
	struct report_kit k;
	(void)state;
	reportkit_open(&k);
	kit_lacks(&k.kit, PART_BACKUPS, PART_UNSUPPORTED, "Unknown database");
	kit_text(&k.kit, PART_VARIABLES, "log_bin", "OFF");
	const char *t = text_of(&k, 100);
	has(t, "No history");
	has(t, "No trace of a backup");
	has(t, "back to its time, and no further");
	reportkit_close(&k);
	reportkit_open(&k);
	put(&k, PART_BACKUPS, "id=1 tool=xtrabackup kind=full start=1700000000 end=1700003600 ok=1\n");
	put(&k, PART_STATEMENTS, "id=1 text='LOCK INSTANCE FOR BACKUP' calls=3 last_seen=1700000000\n"
				 "id=2 text='SELECT 1' calls=9\n");
	t = text_of(&k, 100);
	has(t, "xtrabackup  full  2023-11-14");
	has(t, "a physical backup");
	has_not(t, "No trace");
	has_not(t, "SELECT 1");
	reportkit_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_that_somebody_changed),
		cmocka_unit_test(schemas),
		cmocka_unit_test(a_budget_that_ran_out_is_told),
		cmocka_unit_test(accounts_that_stand_out),
		cmocka_unit_test(backups),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
