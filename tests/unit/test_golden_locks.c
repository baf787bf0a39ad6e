/*
 * The locks panel as a person sees it, compared with the texts in tests/golden: a chain with several
 * blockers, a ring and a prepared transaction; suspects; commits that wait for replicas; nobody who waits. And
 * what its rows can be asked.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/panelrig.h"
#include "ui/tableview.h"

static const char sessions[] =
	"id=812 kind=user user=app_rw host=web-3.prod db=shop command=Sleep state='idle in transaction' "
	"time=372.41 transaction_age=372.6 rows_modified=1830 "
	"last_statement='UPDATE stock SET reserved = reserved + 1 WHERE item_id = 4711'\n"
	"id=825 kind=user user=app_rw host=web-1.prod db=shop command=Query state='row lock ← 812' time=31.2 "
	"transaction_age=31.21 rows_modified=2 info='UPDATE stock SET reserved = 0 WHERE item_id = 4711'\n"
	"id=831 kind=user user=app_rw host=web-2.prod db=shop command=Query state='row lock ← 825' time=12.9 "
	"transaction_age=12.9 rows_modified=0 info='DELETE FROM stock WHERE item_id IN (4711, 4712)'\n"
	"id=840 kind=user user=deploy host=10.0.4.17 db=shop command=Query state='metadata lock ← 812' "
	"time=8.05 info='ALTER TABLE stock ADD COLUMN note VARCHAR(200)'\n"
	"id=841 kind=user user=보고서 host=web-1.prod db=shop command=Query state='metadata lock ← 840' "
	"time=7.3 info='SELECT * FROM stock WHERE item_id = 12'\n"
	"id=850 kind=user user=batch host=job-1 db=shop command=Query state='row lock ← 851' time=3 "
	"transaction_age=4 info='UPDATE a SET n = 1'\n"
	"id=851 kind=user user=batch host=job-2 db=shop command=Query state='metadata lock ← 850' time=3 "
	"transaction_age=5 info='ALTER TABLE b ENGINE=InnoDB'\n"
	"id=860 kind=user user=legacy host=10.0.9.9 command=Query state='row lock ← prepared XA' time=2.5 "
	"transaction_age=3 info='SELECT \"\033[2J\", \"user\342\200\256gpj.exe\" FROM notes FOR UPDATE'\n";

#define ON_STOCK "table=shop.stock index=PRIMARY mode=X,REC_NOT_GAP "
static const char tangled[] =
	"id=825:812 waiter=825 blocker=812 kind='row lock' suspect=0 wait_age=31.2 " ON_STOCK "\n"
	"id=831:825 waiter=831 blocker=825 kind='row lock' suspect=0 wait_age=12.9 " ON_STOCK "\n"
	"id=831:812 waiter=831 blocker=812 kind='row lock' suspect=0 wait_age=12.9 " ON_STOCK "\n"
	"id=840:812 waiter=840 blocker=812 kind='metadata lock' suspect=0 wait_age=8.05 table=shop.stock "
	"mode=EXCLUSIVE\n"
	"id=841:840 waiter=841 blocker=840 kind='metadata lock' suspect=0 wait_age=7.3 table=shop.stock "
	"mode=SHARED_READ\n"
	"id=850:851 waiter=850 blocker=851 kind='row lock' suspect=0 wait_age=3 table=shop.a index=PRIMARY mode=X\n"
	"id=851:850 waiter=851 blocker=850 kind='metadata lock' suspect=0 wait_age=3 table=shop.b mode=EXCLUSIVE\n"
	"id=860:-77 waiter=860 blocker_trx=77 kind='row lock' suspect=0 wait_age=2.5 table=shop.notes index=PRIMARY "
	"mode=X\n";

static const char hidden[] =
	"id=840:812 waiter=840 blocker=812 kind='metadata lock' suspect=1 wait_age=8.05 table=shop.stock "
	"mode=EXCLUSIVE\n"
	"id=840:825 waiter=840 blocker=825 kind='metadata lock' suspect=1 wait_age=8.05 table=shop.stock "
	"mode=EXCLUSIVE\n"
	"id=841:840 waiter=841 blocker=840 kind='metadata lock' suspect=0 wait_age=7.3 table=shop.stock "
	"mode=SHARED_READ\n";

static const char commits[] =
	"id=825:0 waiter=825 kind='commit ack' suspect=0 wait_age=31.2\n"
	"id=831:825 waiter=831 blocker=825 kind='row lock' suspect=0 wait_age=12.9 " ON_STOCK "\n"
	"id=860:0 waiter=860 kind='commit ack' suspect=0 wait_age=2.5\n"
	"id=850:0 waiter=850 kind='row lock' suspect=0 wait_age=3\n";

static const char reason[] = "needs the plugin: INSTALL SONAME 'metadata_lock_info'";

static const struct scene {
	const char *name, *pairs, *reason;
	const char *keys;     /* typed before it is drawn */
	int64_t undone;       /* rows a second of a rollback that was watched; 0: none was */
} scenes[] = {
	{"locks", tangled, NULL, "", 0},
	{"locks-suspects", hidden, reason, "", 0},
	{"locks-commit", commits, NULL, "", 0},
	{"locks-nobody", "", NULL, "", 0},
	{"locks-kill", tangled, NULL, "X", 500},
	{"locks-kill-statement", tangled, NULL, "jx", 0},
	{"locks-kill-suspect", hidden, reason, "X", 0},
};

static void take(struct console *c, const struct scene *s)
{
	struct snapshot *snap = snapshot_new(0);
	struct part_builder *b = rows_builder(PART_BLOCKING, s->pairs);
	int64_t ns = RIG_LAST * NS_PER_S;
	snap->seq = 1;
	snap->epoch = 1;
	snap->mono = ns;
	snap->wall = RIG_WALL * US_PER_S;
	snap->link = LINK_LIVE;
	snap->interval = 1;
	snap->server = (struct server_info){.flavor = FLAVOR_MYSQL, .version = "8.4.3",
					    .version_short = "8.4.3", .connection_id = 14};
	if (s->reason)
		part_set_absent(b, (unsigned)schema_field(collect_schema(PART_BLOCKING), "blocker"), s->reason);
	snapshot_set(snap, part_seal(b, ns, snap->wall, 1));
	snapshot_set(snap, rows_part(PART_PROCESSLIST, RIG_LAST, sessions));
	snapshot_set(snap, rows_part(PART_BINLOG, RIG_LAST, "file=binlog.000007 semisync_wait_for=1 "
				     "semisync_clients=2 semisync_timeout=10"));
	snapshot_set(snap, rows_part(PART_REPLICAS, RIG_LAST, "id=7 name=db4.prod:3306 semisync=1 sent_all=1\n"
				     "id=8 name=db5.prod:3306 semisync=1 sent_all=0"));
	console_take(c, snap);
	console_show(c, "locks");
}

static void every_scene(bool ascii)
{
	static const struct {
		int cols, rows;
	} sizes[] = {{40, 12}, {80, 24}, {200, 50}};
	for (size_t i = 0; i < COUNT_OF(scenes); i++) {
		struct console c;
		rig_open(&c, ascii);
		take(&c, &scenes[i]);
		rollback_learn(&c.watches[0].rollbacks, 2 * scenes[i].undone, 2);
		rig_draw(&c, 80, 24, ascii);
		for (const char *key = scenes[i].keys; *key; key++)
			rig_key(&c, (uint32_t)*key);
		for (size_t k = 0; k < COUNT_OF(sizes); k++) {
			rig_draw(&c, sizes[k].cols, sizes[k].rows, ascii);
			rig_compare(&c, scenes[i].name);
		}
		rig_close(&c);
	}
}

static void utf8(void **state)
{
	(void)state;
	every_scene(false);
}

static void ascii(void **state)
{
	(void)state;
	every_scene(true);
}

static bool shown(struct console *c, const char *text)
{
	struct buf b = BUF_INIT;
	rig_draw(c, 80, 24, false);
	canvas_dump(term_shown(c->term), &b);
	bool found = strstr(buf_str(&b), text) != NULL;
	buf_release(&b);
	return found;
}

/* What is folded away is neither seen nor tagged; the cursor stays with the branch, and all comes back. */
static void branches_fold(void **state)
{
	struct console c;
	(void)state;
	rig_open(&c, false);
	take(&c, &scenes[0]);
	assert_true(shown(&c, "└ 841"));
	struct view *v = console_view(&c);
	rig_key(&c, 'z');
	assert_true(shown(&c, " 812 + "));
	assert_false(shown(&c, "841"));
	assert_true(shown(&c, "└ 860"));
	assert_int_equal(v->ops->session(v), 812);
	assert_int_equal(tableview_shown(v->ops->table(v)), 6);
	rig_key(&c, 'z');
	assert_true(shown(&c, "└ 841"));
	for (const char *k = "jjjj"; *k; k++) /* an end of the tree folds what it is in */
		rig_key(&c, (uint32_t)*k);
	assert_int_equal(v->ops->session(v), 841);
	rig_key(&c, 'z');
	assert_int_equal(v->ops->session(v), 840);
	assert_true(shown(&c, "└ 840 + "));
	rig_key(&c, 'Z'); /* something is folded: all unfold */
	assert_true(shown(&c, "└ 841"));
	rig_key(&c, 'Z');
	assert_int_equal(tableview_shown(v->ops->table(v)), 3);
	take(&c, &scenes[0]); /* other data, the same folds */
	v = console_view(&c);
	assert_int_equal(tableview_shown(v->ops->table(v)), 3);
	rig_close(&c);
}

/* The cursor's session is what actions are about; a prepared transaction has none. */
static void rows_are_sessions(void **state)
{
	static const int64_t want[] = {812, 825, 831, 840, 841, 831, 0, 860, 850, 851, 850};
	struct console c;
	(void)state;
	rig_open(&c, false);
	take(&c, &scenes[0]);
	rig_draw(&c, 80, 24, false);
	struct view *v = console_view(&c);
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		assert_int_equal(v->ops->session(v), want[i]);
		rig_key(&c, 'j');
	}
	rig_key(&c, 'g');
	rig_key(&c, K_ENTER);
	assert_string_equal(console_view(&c)->ops->name, "session-detail");
	rig_close(&c);
}

/* ↵ on a root that is elsewhere says whom it waits for; what tells is asked for while it is there. */
static void whom_a_commit_waits_for(void **state)
{
	struct console c;
	struct buf b = BUF_INIT;
	(void)state;
	rig_open(&c, false);
	take(&c, &(struct scene){"", commits, NULL, "", 0});
	struct view *v = console_view(&c);
	assert_true(view_parts(v) & PART_BIT(PART_REPLICAS));
	assert_true(view_parts(v) & PART_BIT(PART_BINLOG));
	rig_draw(&c, 200, 24, false);
	console_key(&c, (struct key){.code = K_ENTER});
	console_draw(&c);
	canvas_dump(term_shown(c.term), &b);
	assert_non_null(strstr(buf_str(&b), "waits for 1 ack of db4.prod:3306, db5.prod:3306 (not sent "
					    "all yet); given up after 10 s"));
	take(&c, &scenes[0]);
	assert_false(view_parts(v) & PART_BIT(PART_REPLICAS));
	rig_close(&c);
	buf_release(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8),
		cmocka_unit_test(ascii),
		cmocka_unit_test(rows_are_sessions),
		cmocka_unit_test(branches_fold),
		cmocka_unit_test(whom_a_commit_waits_for),
	};
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
