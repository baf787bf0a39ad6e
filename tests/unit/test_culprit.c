/* From a finding to its culprit by one key: each kind of them, on a console without a server. */
#include <stdlib.h>
#include <string.h>

#include "panels/culprit.h"
#include "tests/unit/panelrig.h"
#include "ui/tableview.h"

static void take(struct console *c, const struct finding *f)
{
	struct snapshot *s = snapshot_new(0);
	s->seq = timeline_length(c->watches[0].timeline) + 1;
	s->epoch = 1;
	s->mono = RIG_LAST * NS_PER_S;
	s->link = LINK_LIVE;
	s->server = (struct server_info){.flavor = FLAVOR_MYSQL, .version = "8.4.3", .version_short = "8.4.3"};
	snapshot_set(s, rows_part(PART_PROCESSLIST, RIG_LAST,
				  "id=812 kind=user user=app host=web1 db=shop command=Sleep time=9\n"
				  "id=813 kind=user user='o ddly' host=web2 command=Query time=1 "
				  "info='SELECT * FROM stock'\n"));
	snapshot_set(s, rows_part(PART_STATEMENTS, RIG_LAST,
				  "id=shop.ab12 db=shop digest=ab12 text='SELECT ?'\n"
				  "id=shop.cd34 db=shop digest=cd34 text='SELECT ? + ?'\n"));
	snapshot_set(s, rows_part(PART_VARIABLES, RIG_LAST,
				  "name=a value=1\nname=innodb_io_capacity value=200\nname=z value=2\n"));
	snapshot_set(s, rows_part(PART_REPLICATION, RIG_LAST,
				  "channel=east source_host=db1 source_port=3306\n"
				  "channel=west source_host=db2 source_port=3306\n"));
	snapshot_set(s, rows_part(PART_REPLICAS, RIG_LAST, "id=77 name=db4:3306 host=db4\n"));
	snapshot_set(s, rows_part(PART_GROUP, RIG_LAST, "id=uuid-1 host=n1 port=3306\nid=uuid-2 host=n2 port=3306\n"));
	snapshot_set(s, rows_part(PART_HOST_DISK, RIG_LAST, "name=sda\nname=sdb\n"));
	snapshot_set(s, rows_part(PART_HOST_FS, RIG_LAST, "mount=/ device=/dev/sda1\nmount=/data device=/dev/sdb1\n"));
	snapshot_set(s, rows_part(PART_HOST_PROCESS, RIG_LAST, "pid=9 name=mysqld\npid=10 name=rsync\n"));
	snapshot_set(s, findings_part(&f, 1, s->mono, 1));
	console_take(c, s);
}

/* Goes by `c` in the list of findings, from a console that shows them. */
static void go(struct console *c, const char *id, enum subject_kind kind, const char *culprit)
{
	struct finding f = {.id = id, .title = id};
	struct arena a = {0};
	finding_say(&f, &a, SEVERITY_WARNING, 1, "something is wrong");
	finding_culprit(&f, &a, kind, "%s", culprit);
	take(c, &f);
	arena_release(&a);
	console_show(c, "findings");
	rig_draw(c, 120, 40, false);
	c->notice.len = 0;
	console_key(c, (struct key){.code = 'c'});
	rig_draw(c, 120, 40, false);
}

static bool on_screen(struct console *c, const char *text)
{
	struct buf b = BUF_INIT;
	canvas_dump(term_shown(c->term), &b);
	bool found = strstr(buf_str(&b), text) != NULL;
	buf_release(&b);
	return found;
}

static void every_kind_has_its_place(void **state)
{
	static const struct {
		const char *id;
		enum subject_kind kind;
		const char *culprit, *view; /* the one that is shown then */
		const char *shows;          /* under the cursor, or on the screen */
	} cases[] = {
		{"row-lock-pileup", SUBJECT_SESSION, "812", "session-detail", "Session 812"},
		{"hot-digest", SUBJECT_STATEMENT, "cd34", "statements", "filter digest=cd34"},
		{"runaway-query", SUBJECT_TABLE, "shop.stock", "sessions", "filter stock"},
		{"connections-exhausted", SUBJECT_USER, "app@web1", "sessions", "filter user=app"},
		{"connections-exhausted", SUBJECT_USER, "o ddly@web2", "sessions", "filter \"o ddly\""},
		{"connections-exhausted", SUBJECT_USER, "x\" | user~\"@web2", "sessions", "filter 'x\" | user~\"'"},
		{"connections-exhausted", SUBJECT_USER, "o'\" | id>0@web2", "sessions", "filter 'o'"},
		{"replica-broken", SUBJECT_CHANNEL, "west", "replication-detail", "west"},
		{"replica-lag", SUBJECT_CHANNEL, "db1:3306", "replication", ""},
		{"semisync-stall", SUBJECT_REPLICA, "db4:3306", "replication-detail", "db4"},
		{"errant-gtid", SUBJECT_REPLICA, "db9:3306", "replication", ""},
		{"group-trouble", SUBJECT_MEMBER, "n2:3306", "replication-detail", "uuid-2"},
		{"replica-broken", SUBJECT_TRANSACTION, "uuid:7", "replication", ""},
		{"redo-small", SUBJECT_VARIABLE, "innodb_io_capacity", "variables", "innodb_io_capacity"},
		{"host-io", SUBJECT_DEVICE, "sdb", "host-disk", "sdb"},
		{"disk-full", SUBJECT_FILE, "/data", "host-fs", "/data"},
		{"host-cpu", SUBJECT_HOST, "rsync", "host-process", "rsync"},
		{"host-cpu", SUBJECT_HOST, "some-machine", "host", ""},
		{"topology-fault", SUBJECT_HOST, "db1:3306", "replication", ""},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct console c;
		rig_open(&c, false);
		go(&c, cases[i].id, cases[i].kind, cases[i].culprit);
		assert_string_equal(console_view(&c)->ops->name, cases[i].view);
		if (!on_screen(&c, cases[i].shows))
			fail_msg("%s %s: %s is not shown", cases[i].id, cases[i].culprit, cases[i].shows);
		rig_close(&c);
	}
	(void)state;
}

static void the_cursor_is_on_it(void **state)
{
	struct console c;
	(void)state;
	rig_open(&c, false);
	go(&c, "redo-small", SUBJECT_VARIABLE, "innodb_io_capacity");
	assert_string_equal(value_cstr(tableview_key(console_view(&c)->ops->table(console_view(&c)))),
			    "innodb_io_capacity");
	go(&c, "disk-full", SUBJECT_FILE, "/data");
	assert_string_equal(value_cstr(tableview_key(console_view(&c)->ops->table(console_view(&c)))), "/data");
	rig_close(&c);
}

static void who_is_gone_is_said_to_be(void **state)
{
	struct console c;
	(void)state;
	rig_open(&c, false);
	go(&c, "row-lock-pileup", SUBJECT_SESSION, "4711");
	assert_string_equal(console_view(&c)->ops->name, "findings");
	assert_non_null(strstr(buf_str(&c.notice), "session 4711 is not there any more"));
	rig_close(&c);
}

/* From the evidence the same key, and the verdict's own. */
static void the_finding_itself_and_the_verdict_lead_there_too(void **state)
{
	struct console c;
	(void)state;
	rig_open(&c, false);
	go(&c, "hot-digest", SUBJECT_STATEMENT, "ab12");
	console_show(&c, "findings");
	rig_key(&c, K_ENTER);
	assert_string_equal(console_view(&c)->ops->name, "finding");
	rig_key(&c, 'c');
	assert_string_equal(console_view(&c)->ops->name, "statements");
	console_show(&c, "overview");
	rig_draw(&c, 120, 40, false);
	assert_true(on_screen(&c, "V go there"));
	rig_key(&c, 'V');
	assert_string_equal(console_view(&c)->ops->name, "statements");
	rig_close(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_its_place),
		cmocka_unit_test(the_cursor_is_on_it),
		cmocka_unit_test(who_is_gone_is_said_to_be),
		cmocka_unit_test(the_finding_itself_and_the_verdict_lead_there_too),
	};
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
