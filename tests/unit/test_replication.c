/* How replication stands in words, when it will be level, and what is known of errors. */
#include <math.h>

#include "diagnose/replication.h"
#include "tests/unit/collect_rows.h"

/* --- words ------------------------------------------------------------------------------------ */

static struct snapshot *sample(double at, const char *rows)
{
	struct snapshot *s = snapshot_new(0);
	s->link = LINK_LIVE;
	s->epoch = 1;
	s->mono = (int64_t)(at * (double)NS_PER_S);
	s->server.flavor = FLAVOR_MYSQL;
	s->server.number = 80403;
	snapshot_set(s, rows_part(PART_REPLICATION, at, rows));
	return s;
}

/* The words for the first channel of the rows, without a past. */
static void expect_words(const char *rows, enum replication_health health, const char *words)
{
	struct snapshot *s = sample(1, rows);
	struct frame f = {.now = s};
	struct replication_channel c;
	struct buf b = BUF_INIT;
	assert_true(replication_channel_read(&c, &f, 0));
	replication_channel_words(&c, NULL, &b);
	assert_string_equal(buf_str(&b), words);
	assert_int_equal(c.health, health);
	buf_release(&b);
	snapshot_unref(s);
}

static void words(void **state)
{
	(void)state;
	expect_words("channel='' io_running=Yes sql_running=Yes lag=0", REPLICATION_LEVEL, "level");
	expect_words("channel='' io_running=Yes sql_running=Yes lag=12", REPLICATION_BEHIND, "12 s behind");
	expect_words("channel='' io_running=Yes sql_running=Yes lag=3600 delay=3600", REPLICATION_LEVEL,
		     "kept 1h00m behind on purpose, and no further");
	expect_words("channel='' io_running=Yes sql_running=Yes lag=3700 delay=3600", REPLICATION_BEHIND,
		     "1h01m behind, 1m40s more than ordered");
	/* NULL is not 0. */
	expect_words("channel='' io_running=Yes sql_running=Yes", REPLICATION_UNKNOWN,
		     "receiver Yes, applier Yes, lag unknown");
	expect_words("channel='' io_running=Connecting sql_running=Yes lag=0 io_errno=0", REPLICATION_CONNECTING,
		     "receiver is connecting, no error so far");
	expect_words("channel='' io_running=No sql_running=No", REPLICATION_STOPPED,
		     "stopped without an error: somebody did that");
	expect_words("channel='' io_running=Yes sql_running=No", REPLICATION_STOPPED,
		     "applier stopped without an error: somebody did that");
	expect_words("channel='' io_running=Pondering sql_running=Yes lag=0", REPLICATION_UNKNOWN,
		     "receiver Pondering, applier Yes, lag unknown");
}

static void broken(void **state)
{
	(void)state;
	expect_words("channel='' io_running=Yes sql_running=No sql_errno=1062 "
		     "sql_error=\"Could\" io_errno=0", REPLICATION_BROKEN,
		     "applier stopped: 1062 duplicate key");
	expect_words("channel='' io_running=Yes sql_running=No sql_errno=1062 sql_error='Could not execute "
		     "Write_rows event on table shop.orders; Duplicate entry \"7\" for key, Error_code: 1062; handler "
		     "error HA_ERR_FOUND_DUPP_KEY; the event_s master log master-bin.000001, end_log_pos 801'",
		     REPLICATION_BROKEN, "applier stopped: 1062 duplicate key in shop.orders");
	expect_words("channel='' io_running=Connecting sql_running=Yes io_errno=2003 io_error='error connecting' "
		     "lag=0", REPLICATION_BROKEN, "receiver cannot connect: 2003 source cannot be reached");
	expect_words("channel='' io_running=No sql_running=Yes io_errno=13114 lag=0 "
		     "io_error='Got fatal error 1236 from source: has purged required binary logs'",
		     REPLICATION_BROKEN, "receiver stopped: 13114 needed binary logs are purged");
	expect_words("channel='' io_running=Yes sql_running=No sql_errno=64999 sql_error=what",
		     REPLICATION_BROKEN, "applier stopped: 64999 (see its text)");
	/* An old error of a channel that runs again is history. */
	expect_words("channel='' io_running=Yes sql_running=Yes lag=0 sql_errno=1062 sql_error=old",
		     REPLICATION_LEVEL, "level");
}

static void story(const char *rows, const char *text, enum severity severity)
{
	struct timeline *t = timeline_new(1 << 20);
	struct replication_story story = {0};
	timeline_push(t, sample(1, rows));
	replication_story_make(&story, t, timeline_frame(t));
	assert_int_equal(story.n, 1);
	assert_string_equal(buf_str(&story.sentences[0].text), text);
	assert_int_equal(story.sentences[0].severity, severity);
	replication_story_release(&story);
	timeline_free(t);
}

static void stories(void **state)
{
	(void)state;
	story("", "This server replicates from nobody", SEVERITY_OK);
	story("channel='' source_host=db1 source_port=3306 io_running=Yes sql_running=Yes lag=0",
	      "Replica of db1:3306: level", SEVERITY_OK);
	story("channel=west source_host=2001:db8::1 source_port=3306 io_running=Yes sql_running=Yes lag=90",
	      "Replica of west ([2001:db8::1]:3306): 1m30s behind", SEVERITY_WARNING);
	story("channel=west source_host=db1 source_port=3306 io_running=Yes sql_running=Yes lag=3\n"
	      "channel=east source_host=db2 source_port=3306 io_running=Yes sql_running=No sql_errno=1032 sql_error=x",
	      "Replica of 2 sources, 1 of them broken or not running: east (db2:3306): applier stopped: 1032 row "
	      "not found", SEVERITY_CRITICAL);
	story("channel=west source_host=db1 source_port=3306 io_running=Yes sql_running=Yes lag=3\n"
	      "channel=east source_host=db2 source_port=3306 io_running=Yes sql_running=Yes lag=0",
	      "Replica of 2 sources, all running; the slowest, west (db1:3306): 3 s behind", SEVERITY_NOTICE);
}

/* --- trend ------------------------------------------------------------------------------------ */

static struct replication_trend trend_of(const double *lag, unsigned n, double delay)
{
	struct replication_trend t = {.n = n};
	double at[REPLICATION_TREND_POINTS];
	for (unsigned i = 0; i < n; i++) {
		t.lag[i] = lag[i];
		at[i] = 2.0 * i;
	}
	replication_trend_fit(&t, at, delay);
	return t;
}

static void trends(void **state)
{
	(void)state;
	static const double falling[] = {30, 28, 26, 24, 22, 20}, rising[] = {1, 3, 5, 7, 9};
	static const double flat[] = {5, 5, 5, 5, 5, 5}, few[] = {9, 1};
	static const double gap[] = {100, 90, NAN, 12, 11, 10}, last[] = {9, 8, 7, 6, NAN};
	struct replication_trend t = trend_of(falling, COUNT_OF(falling), 0);
	assert_true(fabs(t.slope + 1) < 1e-9);
	assert_true(fabs(t.eta - 20) < 1e-6);
	t = trend_of(falling, COUNT_OF(falling), 15);
	assert_true(fabs(t.eta - 5) < 1e-6);
	t = trend_of(rising, COUNT_OF(rising), 0);
	assert_true(fabs(t.slope - 1) < 1e-9);
	assert_true(isnan(t.eta));
	t = trend_of(flat, COUNT_OF(flat), 0);
	assert_true(fabs(t.slope) < 1e-9);
	assert_true(isnan(t.eta));
	assert_true(isnan(trend_of(few, COUNT_OF(few), 0).slope));
	/* What was before a break does not count, and while it is broken there is no line. */
	t = trend_of(gap, COUNT_OF(gap), 0);
	assert_true(fabs(t.slope + 0.5) < 1e-9);
	assert_true(isnan(trend_of(last, COUNT_OF(last), 0).slope));
}

/* A fall of half a minute ago says nothing of an applier that stands still now. */
static void turns(void **state)
{
	(void)state;
	static const double blocked[] = {60, 50, 40, 30, 20, 22, 24, 26}, freed[] = {20, 22, 24, 26, 28, 20, 12};
	static const double wave[] = {60, 90, 30, 40, 50, 44, 38}, jitter[] = {50, 48, 45, 46, 42, 43, 40, 41};
	static const double young[] = {60, 50, 40, 30, 20, 21}, sudden[] = {300, 300, 280, 0, 2, 5};
	struct replication_trend t = trend_of(blocked, COUNT_OF(blocked), 0);
	assert_true(fabs(t.slope - 1) < 1e-9);
	assert_true(isnan(t.eta));
	t = trend_of(freed, COUNT_OF(freed), 0);
	assert_true(fabs(t.slope + 4) < 1e-9);
	assert_true(fabs(t.eta - 3) < 1e-6);
	t = trend_of(wave, COUNT_OF(wave), 0);
	assert_true(fabs(t.slope + 3) < 1e-9);
	/* It has just turned: nobody can tell how steeply. */
	t = trend_of(sudden, COUNT_OF(sudden) - 1, 0);
	assert_true(t.slope < 0);
	t = trend_of(sudden, COUNT_OF(sudden), 0);
	assert_true(t.slope > 0 && isnan(t.eta));
	/* Seconds that come and go are no turn; nor is one that has only begun. */
	t = trend_of(jitter, COUNT_OF(jitter), 0);
	assert_true(t.slope < -0.5 && t.slope > -1);
	assert_true(trend_of(young, COUNT_OF(young), 0).slope < 0);
}

static void trend_of_timeline(void **state)
{
	(void)state;
	struct timeline *t = timeline_new(1 << 20);
	for (int i = 0; i < 10; i++) {
		char rows[200];
		snprintf(rows, sizeof rows,
			 "channel=a io_running=Yes sql_running=Yes lag=%d\n"
			 "channel=b io_running=Yes sql_running=Yes lag=7", 60 - 3 * i);
		timeline_push(t, sample(1 + 2 * i, rows));
	}
	struct replication_trend trend;
	struct replication_channel c;
	struct buf b = BUF_INIT;
	replication_trend_read(&trend, t, "a");
	assert_int_equal(trend.n, 10);
	assert_true(trend.lag[0] == 60 && trend.lag[9] == 33);
	assert_true(replication_channel_read(&c, timeline_frame(t), 0));
	replication_channel_words(&c, &trend, &b);
	assert_string_equal(buf_str(&b), "33 s behind and catching up: level in about 20 s");
	replication_trend_read(&trend, t, "b");
	assert_true(replication_channel_read(&c, timeline_frame(t), 1));
	buf_clear(&b);
	replication_channel_words(&c, &trend, &b);
	assert_string_equal(buf_str(&b), "7 s behind, and stays so");
	buf_release(&b);
	timeline_free(t);
}

static void etas(void **state)
{
	(void)state;
	static const struct {
		double seconds;
		const char *words;
	} rows[] = {
		{0.4, "a second"}, {3.2, "about 3 s"}, {41, "about 40 s"}, {87, "about 90 s"},
		{200, "about 3 min"}, {3500, "about 58 min"}, {5400, "about 1.5 h"}, {100000, "about 28 h"},
		{864000, "about 10 days"},
	};
	for (unsigned i = 0; i < COUNT_OF(rows); i++) {
		struct buf b = BUF_INIT;
		replication_eta_words(rows[i].seconds, &b);
		assert_string_equal(buf_str(&b), rows[i].words);
		buf_release(&b);
	}
}

/* --- errors ----------------------------------------------------------------------------------- */

static void every_row(void **state)
{
	(void)state;
	static const struct replication_place places[] = {
		{.flavor = FLAVOR_MYSQL, .number = 80403, .gtid = true, .channel = "", .host = "db1", .user = "repl"},
		{.flavor = FLAVOR_MYSQL, .number = 50744, .channel = "west"},
		{.flavor = FLAVOR_MARIADB, .number = 101119, .channel = "west"},
	};
	unsigned n = replication_error_count();
	assert_true(n >= 50);
	for (unsigned i = 0; i <= n; i++) {
		const struct replication_error *e = replication_error_at(i);
		assert_true(e->name && e->means && e->look && e->ways[0].text);
		/* A row that stands behind one with the same number and no words is never found. */
		for (unsigned k = 0; k < i; k++) {
			const struct replication_error *before = replication_error_at(k);
			if (before->number == e->number && (!before->words && before->flavor == FLAVOR_UNKNOWN))
				fail_msg("%d: a row that nothing reaches", e->number);
		}
		for (unsigned w = 0; w < REPLICATION_MOST_WAYS && e->ways[w].text; w++)
			for (unsigned p = 0; p < COUNT_OF(places); p++) {
				struct buf b = BUF_INIT;
				replication_error_fill(&b, e->ways[w].text, &places[p]);
				replication_error_fill(&b, e->ways[w].sql ? e->ways[w].sql : "", &places[p]);
				if (strpbrk(buf_str(&b), "{}"))
					fail_msg("%d: an unknown placeholder in %s", e->number, buf_str(&b));
				buf_release(&b);
			}
	}
}

static void variants(void **state)
{
	(void)state;
	static const struct {
		enum flavor flavor;
		int number;
		const char *text, *name;
	} rows[] = {
		{FLAVOR_MYSQL, 13114, "Got fatal error 1236 from source when reading data from binary log: 'Cannot "
		 "replicate because the source purged required binary logs.'", "needed binary logs are purged"},
		{FLAVOR_MARIADB, 1236, "Got fatal error 1236 from master when reading data from binary log: 'Could not "
		 "find GTID state requested by slave in any binlog files. Probably the slave state is too old and "
		 "required binlog files have been purged.'", "needed binary logs are purged"},
		{FLAVOR_MARIADB, 1236, "'Could not find first log file name in binary log index file'",
		 "binary log not on the source"},
		{FLAVOR_MARIADB, 1236, "'Client requested master to start replication from impossible position'",
		 "source's log ends earlier"},
		{FLAVOR_MYSQL, 13114, "'Client requested source to start replication from position > file size'",
		 "source's log ends earlier"},
		{FLAVOR_MYSQL, 1236, "'log event entry exceeded max_allowed_packet; Increase max_allowed_packet on "
		 "source'", "event too big"},
		{FLAVOR_MARIADB, 1236, "'Error: connecting slave requested to start from GTID 0-1-7, which is not in the "
		 "master's binlog'", "position not in the source's log"},
		{FLAVOR_MYSQL, 13114, "'Replica has more GTIDs than the source has, using the source's SERVER_UUID.'",
		 "replica is ahead of its source"},
		{FLAVOR_MYSQL, 13114, "'A replica with the same server_uuid/server_id as this replica has connected'",
		 "two replicas with one id"},
		{FLAVOR_MARIADB, 1236, "'event read from binlog did not pass crc check'", "binary log damaged"},
		{FLAVOR_MARIADB, 1236, "'who knows'", "source cannot send its log"},
		{FLAVOR_MARIADB, 1593, "Fatal error: The slave I/O thread stops because master and slave have equal "
		 "MariaDB server ids", "same server id"},
		{FLAVOR_MYSQL, 13117, "Fatal error: something else", "fatal error"},
		{FLAVOR_MYSQL, 13121, "Relay log read failure", "relay log unreadable"},
		{FLAVOR_MYSQL, 1950, "not MySQL's number", "error"},
		{FLAVOR_MYSQL, 64999, "", "error"},
	};
	for (unsigned i = 0; i < COUNT_OF(rows); i++) {
		const struct replication_error *e = replication_error_find(rows[i].flavor, rows[i].number,
									   rows[i].text);
		assert_string_equal(e->name, rows[i].name);
	}
}

static void facts(void **state)
{
	(void)state;
	struct replication_facts f;
	replication_facts_read(&f, "Coordinator stopped because there were error(s) in the worker(s). The most recent "
			       "failure being: Worker 2 failed executing transaction '3e11fa47-71ca-11e1-9e33-"
			       "c80aa9429562:23' at source log binlog.000004, end_log_pos 1342. See error log");
	assert_int_equal(f.worker, 2);
	assert_string_equal(f.gtid, "3e11fa47-71ca-11e1-9e33-c80aa9429562:23");
	assert_string_equal(f.file, "binlog.000004");
	assert_int_equal(f.position, 1342);
	assert_string_equal(f.table, "");
	replication_facts_read(&f, "Error 'Duplicate entry '5' for key 'orders.PRIMARY'' on query. Default database: "
			       "'shop'. Query: 'INSERT INTO orders VALUES (5)'");
	assert_string_equal(f.table, "shop.orders");
	assert_string_equal(f.entry, "5");
	replication_facts_read(&f, "Error 'Duplicate entry '7' for key 'PRIMARY'' on query. Default database: ''. "
			       "Query: 'insert into shop.orders values (7,2)'");
	assert_string_equal(f.table, "shop.orders");
	replication_facts_read(&f, "Error 'Table 'shop.missing' doesn't exist' on query. Default database: 'shop'.");
	assert_string_equal(f.table, "shop.missing");
	replication_facts_read(&f, "Could not execute Update_rows_v1 event on table shop.stock; Can't find record in "
			       "'stock', Error_code: 1032; handler error HA_ERR_KEY_NOT_FOUND; the event's master log "
			       "master-bin.000001, end_log_pos 1711");
	assert_string_equal(f.table, "shop.stock");
	assert_int_equal(f.number, 1032);
	assert_string_equal(f.file, "master-bin.000001");
	replication_facts_read(&f, "");
	assert_string_equal(f.table, "");
	/* Longer than anything that is a name. */
	char text[600] = "event on table ";
	memset(text + 15, 'x', 500);
	replication_facts_read(&f, text);
	assert_string_equal(f.table, "");
}

static void expect_sql(const char *template, const struct replication_place *p, const char *sql)
{
	struct buf b = BUF_INIT;
	replication_error_fill(&b, template, p);
	assert_string_equal(buf_str(&b), sql);
	buf_release(&b);
}

static void statements(void **state)
{
	(void)state;
	struct replication_facts f = {.gtid = "u:5", .table = "shop.orders"};
	struct replication_place mysql = {.flavor = FLAVOR_MYSQL, .number = 90700, .gtid = true, .channel = "", .facts = &f};
	struct replication_place named = {.flavor = FLAVOR_MYSQL, .number = 80403, .channel = "west"};
	struct replication_place old = {.flavor = FLAVOR_MYSQL, .number = 50744, .channel = ""};
	struct replication_place maria = {.flavor = FLAVOR_MARIADB, .number = 101119, .channel = "west"};
	expect_sql(REPLICATION_SKIP, &mysql, "STOP REPLICA;\nSET SESSION gtid_next = 'u:5';\nBEGIN;\nCOMMIT;\n"
		   "SET SESSION gtid_next = 'AUTOMATIC';\nSTART REPLICA;");
	struct replication_place of_many = mysql;
	of_many.several = true;
	expect_sql("{start};", &of_many, "START REPLICA FOR CHANNEL '';");
	expect_sql(REPLICATION_SKIP, &named, "STOP REPLICA FOR CHANNEL 'west';\n"
		   "SET GLOBAL sql_replica_skip_counter = 1;\nSTART REPLICA FOR CHANNEL 'west';");
	expect_sql(REPLICATION_SKIP, &old, "STOP SLAVE;\nSET GLOBAL sql_slave_skip_counter = 1;\nSTART SLAVE;");
	expect_sql(REPLICATION_SKIP, &maria, "STOP SLAVE 'west';\n"
		   "SET SESSION default_master_connection = 'west';\nSET GLOBAL sql_slave_skip_counter = 1;\n"
		   "START SLAVE 'west';");
	expect_sql("{change} {SOURCE}_PORT = 1{end};", &named,
		   "CHANGE REPLICATION SOURCE TO SOURCE_PORT = 1 FOR CHANNEL 'west';");
	expect_sql("{change} {SOURCE}_PORT = 1{end};", &maria, "CHANGE MASTER 'west' TO MASTER_PORT = 1;");
	expect_sql("{change} {SOURCE}_PORT = 1{end};", &old, "CHANGE MASTER TO MASTER_PORT = 1;");
	expect_sql("{start_sql}; {table}", &maria, "START SLAVE 'west' SQL_THREAD; the_schema.the_table");
	expect_sql("{start_sql}; {table}", &mysql, "START REPLICA SQL_THREAD; shop.orders");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),     cmocka_unit_test(broken),
		cmocka_unit_test(stories),   cmocka_unit_test(trends),
		cmocka_unit_test(turns),
		cmocka_unit_test(trend_of_timeline), cmocka_unit_test(etas),
		cmocka_unit_test(every_row), cmocka_unit_test(variants),
		cmocka_unit_test(facts),     cmocka_unit_test(statements),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
