/* Open transactions: what is joined to them, whose xid is whose, who holds purge back; how xids are written. */
#include <stdlib.h>
#include <string.h>

#include "collect/transactions.h"
#include "collect/xids.h"
#include "parse/innodb_status.h"
#include "tests/unit/collect_rows.h"

static struct world {
	struct server_info server;
	const struct part *parts[N_PARTS];
	struct collect_ctx ctx;
} w;

static int open_world(void **state)
{
	(void)state;
	w = (struct world){.server = {.flavor = FLAVOR_MYSQL, .performance_schema = true}};
	w.ctx = (struct collect_ctx){.server = &w.server, .parts = w.parts};
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	for (int i = 0; i < N_PARTS; i++)
		part_unref(w.parts[i]);
	return 0;
}

static void put(enum part_id id, double at, const char *rows)
{
	part_unref(w.parts[id]);
	w.parts[id] = rows_part(id, at, rows);
}

static void shows(const char *fields, const char *expected)
{
	const struct part *before = w.parts[PART_TRANSACTIONS];
	w.parts[PART_TRANSACTIONS] = derivation_for(PART_TRANSACTIONS)->make(&w.ctx, before);
	part_unref(before);
	char *text = rows_text(w.parts[PART_TRANSACTIONS], fields);
	assert_string_equal(text, expected);
	free(text);
}

/* --- its session ---------------------------------------------------------------------------------- */

static void who_has_it_and_what_it_ran(void **state)
{
	(void)state;
	put(PART_TRX, 10, "session=12 id=500 state=RUNNING age=40\nsession=13 id=501 state='LOCK WAIT' age=3 "
			  "query='UPDATE t'\nsession=99 id=502 state=RUNNING age=1 query='SELECT 1'\n");
	put(PART_PROCESSLIST, 10,
	    "id=12 user=app host=web1 db=shop command=Sleep state='idle in transaction' "
	    "last_statement='SELECT 2' thread_id=52\n"
	    "id=13 user=app host=web2 db=shop command=Query state='row lock ← 12' info='UPDATE t SET n=1' "
	    "thread_id=53\n");
	put(PART_TRX_EVENTS, 10, "thread_id=52 statements=4\nthread_id=53 statements=1\n");
	shows("name user host does statements last_statement prepared",
	      "12 | app | web1 | idle in transaction | 4 | SELECT 2 | 0\n"
	      "13 | app | web2 | row lock ← 12 | 2 | UPDATE t SET n=1 | 0\n"
	      "99 | - | - | - | - | SELECT 1 | 0\n");
}

/* --- prepared transactions ------------------------------------------------------------------------- */

#define ORPHAN(id, more) "session=0 id=" id " state=RUNNING started=" id " age=70 " more "\n"

static void one_xid_for_one_transaction(void **state)
{
	(void)state;
	put(PART_TRX, 10, "session=12 id=400 state=RUNNING age=1\n" ORPHAN("500", ""));
	put(PART_XIDS, 10, "xid=order-1 format_id=1\n");
	shows("name xid prepared does", "12 | - | 0 | -\norder-1 | order-1 | 1 | prepared, no session\n");
}

/* Two at once cannot be told apart; a third that comes later can. */
static void what_comes_later_is_told_apart(void **state)
{
	(void)state;
	put(PART_TRX, 10, ORPHAN("500", "") ORPHAN("501", ""));
	put(PART_XIDS, 10, "xid=a format_id=1\nxid=b format_id=1\n");
	shows("name xid prepared", "trx 500 | - | 1\ntrx 501 | - | 1\n");
	put(PART_TRX, 11, ORPHAN("501", ""));
	put(PART_XIDS, 11, "xid=b format_id=1\n");
	shows("name xid", "b | b\n");
	put(PART_TRX, 12, ORPHAN("501", "") ORPHAN("502", ""));
	put(PART_XIDS, 12, "xid=c format_id=1\nxid=b format_id=1\n");
	shows("name xid", "b | b\nc | c\n");
	/* The number was given away again, after a restart: not the same one. */
	put(PART_TRX, 13, "session=0 id=501 state=RUNNING started=9000 age=1\n" ORPHAN("502", "") ORPHAN("503", ""));
	put(PART_XIDS, 13, "xid=x format_id=1\nxid=y format_id=1\nxid=c format_id=1\n");
	shows("name xid", "trx 501 | -\nc | c\ntrx 503 | -\n");
}

/* An xid more than transactions without session: one of them still has its session. */
static void an_xid_may_have_its_session(void **state)
{
	(void)state;
	put(PART_TRX, 10, ORPHAN("500", "") "session=12 id=501 state=RUNNING age=2\n");
	put(PART_XIDS, 10, "xid=a format_id=1\nxid=b format_id=1\n");
	shows("name xid prepared", "trx 500 | - | 1\n12 | - | 0\n");
}

static void no_xid_no_orphan(void **state)
{
	(void)state;
	put(PART_TRX, 10, ORPHAN("500", "") "session=0 id=501 state='ROLLING BACK' age=9\n");
	shows("name prepared does", "trx 500 | 1 | prepared, no session\ntrx 501 | 0 | the server's own\n");
	put(PART_XIDS, 10, "");
	shows("name prepared does", "trx 500 | 0 | the server's own\ntrx 501 | 0 | the server's own\n");
	assert_false(transaction_is_orphan(w.parts[PART_TRANSACTIONS], 0));
}

static void a_refusal_is_told(void **state)
{
	(void)state;
	put(PART_TRX, 10, ORPHAN("500", ""));
	w.parts[PART_XIDS] = part_new_failed(PART_XIDS, collect_schema(PART_XIDS), PART_DENIED,
					     "needs the privilege XA_RECOVER_ADMIN", 1, 1);
	shows("name xid prepared", "trx 500 | - | 1\n");
	assert_string_equal(part_absent_reason(w.parts[PART_TRANSACTIONS], TRANSACTION_XID),
			    "needs the privilege XA_RECOVER_ADMIN");
}

static void xids_are_asked_for_when_nobody_has_one(void **state)
{
	(void)state;
	const struct collector *c = collector_for(PART_XIDS);
	put(PART_TRX, 10, "session=12 id=400 state=RUNNING age=1\n");
	assert_false(c->gate(&w.ctx));
	put(PART_TRX, 10, ORPHAN("500", ""));
	assert_true(c->gate(&w.ctx));
}

/* --- how xids are written ----------------------------------------------------------------------------- */

static void xid_is(const char *flavor_data, const char *gtrid_len, const char *bqual_len, const char *format,
		   const char *name, const char *sql)
{
	static const char *const columns[] = {"formatID", "gtrid_length", "bqual_length", "data"};
	const char *cells[] = {format, gtrid_len, bqual_len, flavor_data};
	unsigned long lengths[] = {strlen(format), strlen(gtrid_len), strlen(bqual_len), strlen(flavor_data)};
	struct answer a = {4, columns, cells, lengths};
	const struct collector *c = collector_for(PART_XIDS);
	struct reading *r = reading_new(c, &c->sources[0], &a);
	reading_row(r, &a);
	struct part *p = reading_finish(r, 1, 1, 1);
	struct buf b = BUF_INIT;
	assert_string_equal(value_cstr(part_get(p, 0, XID_XID)), name);
	xid_sql(&b, name);
	assert_string_equal(buf_str(&b), sql);
	buf_release(&b);
	part_unref(p);
}

/* As MariaDB 10.11 and MySQL 9.7 answered. */
static void both_servers_forms(void **state)
{
	(void)state;
	xid_is("locks", "5", "0", "1", "locks", "'locks'");
	xid_is("0x6C6F636B73", "5", "0", "1", "locks", "'locks'");
	xid_is("g'xb", "3", "1", "5", "'g''x','b',5", "'g''x','b',5");
	xid_is("0x67277862", "3", "1", "5", "'g''x','b',5", "'g''x','b',5");
	xid_is("0xFF0041", "2", "1", "1", "X'ff00','A'", "X'ff00','A'");
	xid_is("0x41", "4", "0", "1", "0x41", "'0x41'"); /* it is called that */
	xid_is("cut", "9", "3", "1", "cut", "'cut'");     /* what makes no sense stays as it is */
}

/* --- read views ------------------------------------------------------------------------------------------ */

static void put_status(double at, const char *views)
{
	char row[200];
	snprintf(row, sizeof row, "name=InnoDB view_list='%s'", views);
	put(PART_INNODB_STATUS, at, row);
}

static void the_oldest_view_holds_purge_back(void **state)
{
	(void)state;
	put(PART_TRX, 100, "session=12 id=500 age=900\nsession=13 id=501 age=300\nsession=14 id=502 age=40\n");
	shows("name read_view view_age holds_purge", "12 | - | - | -\n13 | - | - | -\n14 | - | - | -\n");
	assert_non_null(part_absent_reason(w.parts[PART_TRANSACTIONS], TRANSACTION_PURGE));
	put_status(99, "13:490 14:501 ");
	/* 12 is older and has none: READ COMMITTED. */
	shows("name read_view view_age holds_purge", "12 | - | - | no\n13 | 490 | 300.000 | yes\n14 | 501 | 40.000 | no\n");
	put(PART_TRX, 105, "session=12 id=500 age=905\nsession=13 id=501 age=305\nsession=14 id=502 age=45\n");
	put_status(104, "12:510 13:490 14:501 ");
	/* 12 opened one within the last readings; 13's is as much older as time went by. */
	shows("name read_view view_age holds_purge", "12 | 510 | 31.000 | no\n13 | 490 | 305.000 | yes\n14 | 501 | 45.000 | no\n");
	put(PART_TRX, 106, "session=12 id=500 age=906\nsession=14 id=600 age=0\n");
	/* 13 is gone; 14 is in another transaction than the text tells of. */
	shows("name read_view view_age holds_purge", "12 | 510 | 32.000 | yes\n14 | - | - | no\n");
}

/* MySQL's text leaves out who has only read. */
static void a_reader_has_a_view(void **state)
{
	static const char rows[] =
		"session=12 id=500 age=900 isolation='REPEATABLE READ' lock_structs=0\n"
		"session=13 id=501 age=300 isolation='REPEATABLE READ' lock_structs=2\n"
		"session=14 id=502 age=950 isolation='READ COMMITTED' lock_structs=0\n"
		"session=15 id=503 age=990 isolation='REPEATABLE READ' lock_structs=3\n";
	(void)state;
	put(PART_TRX, 100, rows);
	put_status(99, "13:490 ");
	shows("name read_view view_age holds_purge",
	      "12 | - | 900.000 | likely\n13 | 490 | 300.000 | no\n14 | - | - | no\n15 | - | - | no\n");
	w.server.flavor = FLAVOR_MARIADB;
	shows("name read_view view_age holds_purge",
	      "12 | - | - | no\n13 | 490 | 300.000 | yes\n14 | - | - | no\n15 | - | - | no\n");
}

static void views_are_in_the_status_text(void **state)
{
	static const char *const lists[] = {
		"MariaDB thread id 12, OS thread handle 1, query id 30 localhost root User sleep\n"
		"select 'x\nTrx read view will not see trx with id >= 7, sees < 7\n'\n"
		"Trx read view will not see trx with id >= 23, sees < 22\n",
		"MySQL thread id 12, OS thread handle 1, query id 30 localhost root User sleep\n"
		"Trx read view will not see trx with id >= 23, sees < 20\n",
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct innodb_trx t;
		char *text = xasprintf("---TRANSACTION 25, ACTIVE 1 sec\n2 lock struct(s), heap size 1128, "
				       "1 row lock(s)\n%s", lists[i]);
		innodb_trx_parse(&t, (struct slice){text, strlen(text)});
		assert_int_equal(t.thread, 12);
		assert_int_equal(t.view, 23);
		free(text);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(who_has_it_and_what_it_ran),
		TEST(one_xid_for_one_transaction),
		TEST(what_comes_later_is_told_apart),
		TEST(an_xid_may_have_its_session),
		TEST(no_xid_no_orphan),
		TEST(a_refusal_is_told),
		TEST(xids_are_asked_for_when_nobody_has_one),
		TEST(both_servers_forms),
		TEST(the_oldest_view_holds_purge_back),
		TEST(a_reader_has_a_view),
		TEST(views_are_in_the_status_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
