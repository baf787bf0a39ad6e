/* Who waits for whom, and what is so with each session: derived from parts written down here. */
#include <time.h>

#include "tests/unit/collect_rows.h"

/* What was read of a server, and what is made of it. Rows as in collect_rows.h; NULL: never read. */
struct scene {
	enum flavor flavor;
	const char *sessions, *trx, *locks, *mdl, *statements, *stages, *waits;
	double trx_at; /* seconds before the sessions */
};

#define NOW 1000.0

struct world {
	struct server_info server;
	const struct part *parts[N_PARTS];
	struct collect_ctx ctx;
};

static void put(struct world *w, enum part_id id, double at, const char *rows)
{
	if (!rows)
		return;
	part_unref(w->parts[id]);
	w->parts[id] = rows_part(id, at, rows);
}

static void derive(struct world *w, enum part_id id)
{
	const struct derivation *d = derivation_for(id);
	const struct part *before = w->parts[id];
	w->parts[id] = d->make(&w->ctx, before);
	part_unref(before);
}

static void world_init(struct world *w, enum flavor f)
{
	*w = (struct world){.server = {.flavor = f, .connection_id = 7, .performance_schema = true}};
	w->ctx = (struct collect_ctx){.server = &w->server, .parts = w->parts};
}

static void look(struct world *w, const struct scene *s, double now)
{
	put(w, PART_SESSIONS, now, s->sessions);
	put(w, PART_TRX, now - s->trx_at, s->trx);
	put(w, PART_ROW_LOCKS, now - s->trx_at, s->locks);
	put(w, PART_METADATA_LOCKS, now, s->mdl);
	put(w, PART_STATEMENT_EVENTS, now, s->statements);
	put(w, PART_STAGE_EVENTS, now, s->stages);
	put(w, PART_WAIT_EVENTS, now, s->waits);
	if (w->parts[PART_ROW_LOCKS])
		derive(w, PART_ROW_LOCK_WAITS);
	derive(w, PART_PROCESSLIST);
}

static void world_release(struct world *w)
{
	for (int i = 0; i < N_PARTS; i++)
		part_unref(w->parts[i]);
}

static void shows(const struct world *w, enum part_id id, const char *fields, const char *expected)
{
	char *text = rows_text(w->parts[id], fields);
	assert_string_equal(text, expected);
	free(text);
}

static void scene_shows(struct scene s, const char *fields, const char *expected)
{
	struct world w;
	world_init(&w, s.flavor);
	look(&w, &s, NOW);
	shows(&w, PART_PROCESSLIST, fields, expected);
	world_release(&w);
}

static const char states[] = "id state blocked_by blocks";

/* --- states ------------------------------------------------------------------------------------ */

static void a_session_in_a_transaction_is_not_just_asleep(void **state)
{
	(void)state;
	scene_shows((struct scene){
		.flavor = FLAVOR_MARIADB,
		.sessions = "id=1 user=app command=Sleep time=372 state=''\n"
			    "id=2 user=app command=Sleep time=5 state=''\n"
			    "id=3 user=app command=Query time=0.1 state='Sending data' info='select 1'\n",
		.trx = "session=1 id=9 state=RUNNING age=380 rows_locked=12 rows_modified=3\n"
		       "session=3 id=0 state=RUNNING age=0\n"},
		"id state time transaction_age rows_locks rows_modified blocks",
		"1 | idle in transaction | 372.000 | 380.000 | 12 | 3 | 0\n"
		"2 |  | 5.000 | - | - | - | 0\n"
		"3 | Sending data | 0.100 | 0.000 | - | - | 0\n");
}

static void kinds_are_told_apart(void **state)
{
	(void)state;
	scene_shows((struct scene){
		.flavor = FLAVOR_MARIADB,
		.sessions = "id=1 user='system user' command=Slave_IO\n"
			    "id=2 user='system user' command=Slave_worker state='Waiting for work'\n"
			    "id=3 user='system user' command=Daemon state='InnoDB purge worker'\n"
			    "id=4 user='event_scheduler' command=Daemon\n"
			    "id=5 user=repl command='Binlog Dump'\n"
			    "id=7 user=root command=Query info='/* fathom */ SELECT 1'\n"
			    "id=8 user=root command=Query info='/* fathom */ SHOW EXPLAIN FOR 9'\n"
			    "id=9 user=root command=Sleep\n"},
		"id kind",
		"1 | replication\n2 | replication\n3 | system\n4 | event\n5 | replication\n7 | own\n"
		"8 | own\n9 | user\n");
	scene_shows((struct scene){
		.flavor = FLAVOR_MYSQL,
		.sessions = "id=1 user='root' command=Query thread_name=thread/sql/replica_sql\n"
			    "id=2 command=Connect thread_name=thread/sql/slave_io\n"
			    "id=5 user=event_scheduler command=Daemon thread_name=thread/sql/event_scheduler\n"
			    "id=6 command=Daemon thread_name=thread/sql/compress_gtid_table\n"
			    "id=8 user=app command=Sleep\n"},
		"id kind", "1 | replication\n2 | replication\n5 | event\n6 | system\n8 | user\n");
}

static void hosts_lose_their_ports(void **state)
{
	(void)state;
	scene_shows((struct scene){
		.flavor = FLAVOR_MARIADB,
		.sessions = "id=1 host=web1:4711\nid=2 host=localhost\nid=3 host=10.0.0.1:33060\n"
			    "id=4 host=2001:db8::1\nid=5 host=[2001:db8::1]:5\nid=6 host=x:\nid=8 host=''\n"},
		"id host client_port",
		"1 | web1 | 4711\n2 | localhost | -\n3 | 10.0.0.1 | 33060\n4 | 2001:db8::1 | -\n"
		"5 | [2001:db8::1] | 5\n6 | x: | -\n8 |  | -\n");
}

static void what_the_statement_tells_is_better(void **state)
{
	(void)state;
	scene_shows((struct scene){
		.flavor = FLAVOR_MYSQL,
		.sessions = "id=1 thread_id=41 command=Query time=3 info='SELECT Zo'\n"
			    "id=2 thread_id=42 command=Sleep time=9\n"
			    "id=3 thread_id=43 command=Sleep time=4\n",
		.trx = "session=2 id=1 state=RUNNING age=9\n",
		.statements = "thread_id=41 running=1 time=3.25 text='SELECT Zoë' digest=abc "
			      "rows_examined=5 no_index=1 tmp_disk_tables=2\n"
			      "thread_id=42 running=0 time=0.5 text='UPDATE t' digest=def rows_examined=9\n"
			      "thread_id=43 running=0 time=0.5 text='UPDATE u' digest=ghi\n"
			      "thread_id=99 running=1 text=gone\n",
		.stages = "thread_id=41 stage='stage/innodb/alter table (flush)' progress=37.5\n",
		.waits = "thread_id=41 wait=wait/io/table/sql/handler age=0.001\n"},
		"id time info digest rows_examined no_index tmp_disk_tables stage progress wait "
		"last_statement last_exact",
		"1 | 3.250 | SELECT Zoë | abc | 5 | 1 | 2 | alter table (flush) | 37.500 | "
		"wait/io/table/sql/handler | - | -\n"
		"2 | 9.000 | - | def | - | - | - | - | - | - | UPDATE t | 1\n"
		"3 | 4.000 | - | - | - | - | - | - | - | - | - | -\n");
}

static void progress_is_over_all_stages(void **state)
{
	(void)state;
	scene_shows((struct scene){
		.flavor = FLAVOR_MARIADB,
		.sessions = "id=1 command=Query stage=2 max_stage=4 progress=50 rows_examined=3\n"
			    "id=2 command=Query stage=0 max_stage=0 progress=0 rows_examined=0\n"
			    "id=3 command=Sleep stage=0 max_stage=0 progress=0 rows_examined=77\n"},
		"id progress rows_examined", "1 | 37.500 | 3\n2 | - | -\n3 | - | -\n");
}

static void a_cut_text_says_so(void **state)
{
	(void)state;
	char sessions[5000], text[1200];
	memset(text, 'x', sizeof text);
	text[1023] = '\0';
	/* Ends in the first of two bytes of an ë. */
	snprintf(sessions, sizeof sessions,
		 "id=1 command=Query info='abc\xc3' info_length=2000\n"
		 "id=2 command=Query info='%s'\nid=3 command=Query info='ab\xc3\xab'\n", text);
	scene_shows((struct scene){.flavor = FLAVOR_MYSQL, .sessions = sessions},
		    "id info_cut info_length", "1 | 1 | 2000\n2 | 1 | -\n3 | 0 | 4\n");
	struct world w;
	world_init(&w, FLAVOR_MARIADB);
	look(&w, &(struct scene){.sessions = sessions}, NOW);
	int info = schema_field(part_schema(w.parts[PART_PROCESSLIST]), "info");
	assert_string_equal(value_cstr(part_get(w.parts[PART_PROCESSLIST], 0, (unsigned)info)), "abc");
	world_release(&w);
}

/* --- row locks ---------------------------------------------------------------------------------- */

/* MariaDB: 25 sleeps in a transaction and has the row; 31 to 33 queue for it; 40 waits for another row,
   that 31 has. */
static const struct scene chain = {
	.flavor = FLAVOR_MARIADB,
	.sessions = "id=25 user=app command=Sleep time=60 state=''\n"
		    "id=31 user=app command=Query time=50 state=Updating info='update a'\n"
		    "id=32 user=app command=Query time=40 state=Updating info='update b'\n"
		    "id=33 user=app command=Query time=30 state=Updating info='update c'\n"
		    "id=40 user=app command=Query time=20 state=Updating info='update d'\n"
		    "id=50 user=app command=Query time=900 state='Sending data' info='select long'\n",
	.trx = "session=25 id=100 state=RUNNING age=70 rows_locked=1 rows_modified=1\n"
	       "session=31 id=101 state='LOCK WAIT' age=50 wait_age=50 requested_lock=101:5:3:2\n"
	       "session=32 id=102 state='LOCK WAIT' age=40 wait_age=40 requested_lock=102:5:3:2\n"
	       "session=33 id=103 state='LOCK WAIT' age=30 wait_age=30 requested_lock=103:5:3:2\n"
	       "session=40 id=104 state='LOCK WAIT' age=20 wait_age=20 requested_lock=104:5:3:9\n",
	.locks = "id=100:5:3:2 trx=100 table=shop.stock index=PRIMARY mode=X\n"
		 "id=101:5:3:2 trx=101 table=shop.stock index=PRIMARY mode=X\n"
		 "id=102:5:3:2 trx=102 table=shop.stock index=PRIMARY mode=X\n"
		 "id=103:5:3:2 trx=103 table=shop.stock index=PRIMARY mode=X\n"
		 "id=101:5:3:9 trx=101 table=shop.stock index=PRIMARY mode=X\n"
		 "id=104:5:3:9 trx=104 table=shop.stock index=PRIMARY mode=X\n",
};

static void the_holder_blocks_not_the_queue(void **state)
{
	(void)state;
	scene_shows(chain, "id state blocked_by blocks lock_table lock_index lock_mode wait_age",
		    "25 | idle in transaction | - | 4 | - | - | - | -\n"
		    "31 | row lock ← 25 | 25 | 1 | shop.stock | PRIMARY | X | 50.000\n"
		    "32 | row lock ← 25 | 25 | 0 | shop.stock | PRIMARY | X | 40.000\n"
		    "33 | row lock ← 25 | 25 | 0 | shop.stock | PRIMARY | X | 30.000\n"
		    "40 | row lock ← 31 | 31 | 0 | shop.stock | PRIMARY | X | 20.000\n"
		    "50 | Sending data | - | 0 | - | - | - | -\n");
	struct world w;
	world_init(&w, FLAVOR_MARIADB);
	look(&w, &chain, NOW);
	shows(&w, PART_ROW_LOCK_WAITS, "id waiter blocker waiter_trx blocker_trx wait_age",
	      "31:25 | 31 | 25 | 101 | 100 | 50.000\n32:25 | 32 | 25 | 102 | 100 | 40.000\n"
	      "33:25 | 33 | 25 | 103 | 100 | 30.000\n40:31 | 40 | 31 | 104 | 101 | 20.000\n");
	world_release(&w);
}

static void several_holders_all_block(void **state)
{
	(void)state;
	scene_shows((struct scene){
		.flavor = FLAVOR_MARIADB,
		.sessions = "id=1 command=Sleep time=9\nid=2 command=Sleep time=9\n"
			    "id=3 command=Query time=5 state=Updating\nid=4 command=Query time=4\n",
		.trx = "session=1 id=10 state=RUNNING age=9\nsession=2 id=11 state=RUNNING age=9\n"
		       "session=3 id=12 state='LOCK WAIT' wait_age=5 requested_lock=12:1:1:1\n"
		       "session=4 id=13 state='LOCK WAIT' wait_age=4 requested_lock=13:1:1:1\n",
		.locks = "id=10:1:1:1 trx=10 mode=S\nid=11:1:1:1 trx=11 mode=S\n"
			 "id=12:1:1:1 trx=12 mode=X\nid=13:1:1:1 trx=13 mode=X\n"},
		states,
		"1 | idle in transaction | - | 2\n2 | idle in transaction | - | 2\n"
		"3 | row lock ← 1 | 1 | 0\n4 | row lock ← 1 | 1 | 0\n");
}

static void locks_that_go_together_do_not_block(void **state)
{
	(void)state;
	/* 2 has a gap only, which keeps nobody from the record; 3 shares with 1 but waits behind 4. */
	scene_shows((struct scene){
		.flavor = FLAVOR_MARIADB,
		.sessions = "id=1 command=Sleep time=9\nid=2 command=Sleep time=9\n"
			    "id=3 command=Query time=5\n",
		.trx = "session=1 id=10 state=RUNNING age=9\nsession=2 id=11 state=RUNNING age=9\n"
		       "session=3 id=12 state='LOCK WAIT' wait_age=5 requested_lock=12:1:1:1\n",
		.locks = "id=11:1:1:1 trx=11 mode=X,GAP\nid=10:1:1:1 trx=10 mode=X\n"
			 "id=12:1:1:1 trx=12 mode=X,REC_NOT_GAP\n"},
		states,
		"1 | idle in transaction | - | 1\n2 | idle in transaction | - | 0\n"
		"3 | row lock ← 1 | 1 | 0\n");
}

static void mysql_pairs_name_the_holder(void **state)
{
	(void)state;
	/* data_lock_waits was asked for 31 and 40 only; 32 wants the same record as 31. */
	scene_shows((struct scene){
		.flavor = FLAVOR_MYSQL,
		.sessions = "id=25 thread_id=65 command=Sleep time=60\n"
			    "id=31 thread_id=71 command=Query time=50\n"
			    "id=32 thread_id=72 command=Query time=40\n"
			    "id=40 thread_id=80 command=Query time=20\n"
			    "id=41 thread_id=81 command=Sleep time=2\n",
		.trx = "session=25 id=100 state=RUNNING age=70\n"
		       "session=31 id=101 state='LOCK WAIT' wait_age=50 requested_lock=9001:2:2:4:2:771\n"
		       "session=32 id=102 state='LOCK WAIT' wait_age=40 requested_lock=9002:7:2:4:2:772\n"
		       "session=40 id=104 state='LOCK WAIT' wait_age=20 requested_lock=9004:2:2:4:9:774\n",
		.locks = "id=9000:84:2:4:2:770 wanted=9001:2:2:4:2:771 trx=100 thread_id=65 "
			 "table=shop.stock index=PRIMARY mode=X,REC_NOT_GAP\n"
			 "id=9005:1:2:4:9:775 wanted=9004:2:2:4:9:774 trx=421 thread_id=81 "
			 "table=shop.stock index=PRIMARY mode=X,REC_NOT_GAP\n"},
		states,
		"25 | idle in transaction | - | 2\n31 | row lock ← 25 | 25 | 0\n"
		"32 | row lock ← 25 | 25 | 0\n40 | row lock ← 41 | 41 | 0\n41 |  | - | 1\n");
}

static void one_ahead_in_the_queue_blocks_if_nobody_else_does(void **state)
{
	(void)state;
	/* 3 wants to read what 1 reads: only 2, which wants to write, is in its way. */
	scene_shows((struct scene){
		.flavor = FLAVOR_MYSQL,
		.sessions = "id=1 thread_id=41 command=Sleep time=60\nid=2 thread_id=42 command=Query "
			    "time=50\nid=3 thread_id=43 command=Query time=40\n",
		.trx = "session=1 id=100 state=RUNNING age=70\n"
		       "session=2 id=101 state='LOCK WAIT' wait_age=50 requested_lock=21:1:4:2:71\n"
		       "session=3 id=102 state='LOCK WAIT' wait_age=40 requested_lock=22:1:4:2:72\n",
		.locks = "id=20:1:4:2:70 wanted=21:1:4:2:71 trx=100 thread_id=41 mode=X\n"
			 "id=21:1:4:2:71 wanted=22:1:4:2:72 trx=101 thread_id=42 mode=S\n"},
		states,
		"1 | idle in transaction | - | 2\n2 | row lock ← 1 | 1 | 1\n3 | row lock ← 2 | 2 | 0\n");
}

static void a_prepared_transaction_has_no_session(void **state)
{
	(void)state;
	scene_shows((struct scene){
		.flavor = FLAVOR_MARIADB,
		.sessions = "id=2 command=Query time=50\n",
		.trx = "session=0 id=100 state=RUNNING age=700\n"
		       "session=2 id=101 state='LOCK WAIT' wait_age=50 requested_lock=101:1:1:1\n",
		.locks = "id=100:1:1:1 trx=100 mode=X\nid=101:1:1:1 trx=101 mode=X\n"},
		states, "2 | row lock ← prepared XA | - | 0\n");
}

static void who_shares_a_number_is_not_accused(void **state)
{
	(void)state;
	static const char sessions[] = "id=1 command=Sleep time=60\nid=2 command=Sleep time=60\n"
				       "id=3 command=Query time=50\n";
	static const char locks[] = "id=0:1:1:1 trx=0 mode=S\nid=101:1:1:1 trx=101 mode=X\n";
	/* MariaDB shows locks of transactions that changed nothing under number 0. */
	scene_shows((struct scene){
		.flavor = FLAVOR_MARIADB, .sessions = sessions, .locks = locks,
		.trx = "session=1 id=0 state=RUNNING age=70 rows_locked=1\n"
		       "session=2 id=0 state=RUNNING age=70 rows_locked=0\n"
		       "session=3 id=101 state='LOCK WAIT' wait_age=50 requested_lock=101:1:1:1\n"},
		states,
		"1 | idle in transaction | - | 1\n2 | idle in transaction | - | 0\n"
		"3 | row lock ← 1 | 1 | 0\n");
	scene_shows((struct scene){
		.flavor = FLAVOR_MARIADB, .sessions = sessions, .locks = locks,
		.trx = "session=1 id=0 state=RUNNING age=70 rows_locked=1\n"
		       "session=2 id=0 state=RUNNING age=70 rows_locked=1\n"
		       "session=3 id=101 state='LOCK WAIT' wait_age=50 requested_lock=101:1:1:1\n"},
		states,
		"1 | idle in transaction | - | 0\n2 | idle in transaction | - | 0\n3 | row lock | - | 0\n");
}

static void old_waits_are_not_pinned_on_new_statements(void **state)
{
	(void)state;
	struct scene old = chain;
	old.trx_at = 35; /* 33 has been waiting for 30 s only: not the one that was read */
	scene_shows(old, "id state transaction_age",
		    "25 | idle in transaction | 105.000\n31 | row lock ← 25 | 85.000\n"
		    "32 | row lock ← 25 | 75.000\n33 | Updating | -\n40 | Updating | -\n"
		    "50 | Sending data | -\n");
}

/* --- metadata locks ----------------------------------------------------------------------------- */

#define MDL_WAIT "state='Waiting for table metadata lock'"

static void the_reader_blocks_the_alter_and_the_alter_the_rest(void **state)
{
	(void)state;
	scene_shows((struct scene){
		.flavor = FLAVOR_MYSQL,
		.sessions = "id=25 command=Sleep time=99\nid=30 command=Query time=9 " MDL_WAIT "\n"
			    "id=31 command=Query time=8 " MDL_WAIT "\nid=32 command=Query time=7 " MDL_WAIT
			    "\nid=33 command=Query time=700 state=executing\n",
		.trx = "session=25 id=1 state=RUNNING age=100\n",
		.mdl = "session=32 status=PENDING type=TABLE schema=shop name=stock mode=SHARED_WRITE\n"
		       "session=31 status=PENDING type=TABLE schema=shop name=stock mode=SHARED_READ\n"
		       "session=30 status=PENDING type=TABLE schema=shop name=stock mode=EXCLUSIVE\n"
		       "session=30 status=GRANTED type=TABLE schema=shop name=stock "
		       "mode=SHARED_UPGRADABLE\n"
		       "session=25 status=GRANTED type=TABLE schema=shop name=stock mode=SHARED_READ\n"},
		"id state blocked_by blocks lock_table lock_mode",
		"25 | idle in transaction | - | 3 | - | -\n"
		"30 | metadata lock ← 25 | 25 | 2 | shop.stock | EXCLUSIVE\n"
		"31 | metadata lock ← 30 | 30 | 0 | shop.stock | SHARED_READ\n"
		"32 | metadata lock ← 30 | 30 | 0 | shop.stock | SHARED_WRITE\n"
		"33 | executing | - | 0 | - | -\n");
}

static void the_plugin_shows_locks_that_are_had(void **state)
{
	(void)state;
	scene_shows((struct scene){
		.flavor = FLAVOR_MARIADB,
		.sessions = "id=25 command=Sleep time=99\n"
			    "id=30 db=shop command=Query time=9 " MDL_WAIT " info='alter table stock add c int'\n"
			    "id=31 db=x command=Query time=8 " MDL_WAIT " info='select * from shop.stock'\n"
			    "id=32 command=Sleep time=9\n"
			    "id=33 command=Query time=7 state='User lock' info='do get_lock(\"nightly\", 9)'\n",
		.mdl = "session=25 status=GRANTED type='Table metadata lock' schema=shop name=stock "
		       "mode=MDL_SHARED_READ\n"
		       "session=30 status=GRANTED type='Table metadata lock' schema=shop name=stock "
		       "mode=MDL_SHARED_UPGRADABLE\n"
		       "session=32 status=GRANTED type='User lock' schema=nightly mode=MDL_SHARED_NO_WRITE\n"},
		states,
		"25 |  | - | 2\n30 | metadata lock ← 25 | 25 | 1\n31 | metadata lock ← 30 | 30 | 0\n"
		"32 |  | - | 1\n33 | user lock ← 32 | 32 | 0\n");
}

static void without_a_source_a_waiter_has_no_arrow(void **state)
{
	(void)state;
	scene_shows((struct scene){
		.flavor = FLAVOR_MARIADB,
		.sessions = "id=30 command=Query time=9 " MDL_WAIT "\n"
			    "id=31 command=Query time=9 state='Waiting for backup lock'\n"
			    "id=32 command=Query time=9 state='Waiting for global read lock'\n"
			    "id=33 command=Query time=9 state='Waiting for table flush'\n"},
		"id state blocked_by wait wait_age",
		"30 | metadata lock | - | metadata lock | 9.000\n31 | backup lock | - | backup lock | 9.000\n"
		"32 | global read lock | - | global read lock | 9.000\n"
		"33 | table flush | - | table flush | 9.000\n");
}

static void a_lack_is_told_where_it_matters(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, FLAVOR_MARIADB);
	w.parts[PART_METADATA_LOCKS] = part_new_failed(PART_METADATA_LOCKS,
						       collect_schema(PART_METADATA_LOCKS),
						       PART_UNSUPPORTED, "the instrument is off", 0, 0);
	w.parts[PART_TRX] = part_new_failed(PART_TRX,
						     collect_schema(PART_TRX), PART_DENIED,
						     "needs PROCESS", 0, 0);
	look(&w, &(struct scene){.sessions = "id=1 command=Query time=9 " MDL_WAIT "\n"}, NOW);
	const struct part *p = w.parts[PART_PROCESSLIST];
	const struct schema *s = part_schema(p);
	assert_string_equal(part_absent_reason(p, (unsigned)schema_field(s, "blocked_by")),
			    "the instrument is off");
	assert_string_equal(part_absent_reason(p, (unsigned)schema_field(s, "transaction_age")),
			    "needs PROCESS");
	assert_null(part_absent_reason(p, (unsigned)schema_field(s, "state")));
	world_release(&w);
}

/* --- graphs -------------------------------------------------------------------------------------- */

/* Everybody n waits for what `of(n)` has; 0: for nobody. */
static void waits_as(struct world *w, unsigned n, unsigned (*of)(unsigned))
{
	struct buf sessions = BUF_INIT, mdl = BUF_INIT;
	for (unsigned i = 1; i <= n; i++) {
		buf_addf(&sessions, "id=%u command=Query time=9 %s\n", i, of(i) ? MDL_WAIT : "");
		if (of(i))
			buf_addf(&mdl, "session=%u status=PENDING type=TABLE name=t%u mode=EXCLUSIVE\n", i,
				 of(i));
		buf_addf(&mdl, "session=%u status=GRANTED type=TABLE name=t%u mode=SHARED_READ\n", i, i);
	}
	look(w, &(struct scene){.sessions = sessions.s, .mdl = mdl.s}, NOW);
	buf_release(&sessions);
	buf_release(&mdl);
}

static unsigned in_a_ring(unsigned i)
{
	/* 1 → 2 → 3 → 1; 4 → 1; 5 → 4; 6 for itself. */
	static const unsigned of[] = {0, 2, 3, 1, 1, 4, 0};
	return of[i];
}

static void a_ring_ends(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, FLAVOR_MYSQL);
	waits_as(&w, 6, in_a_ring);
	shows(&w, PART_PROCESSLIST, "id blocked_by blocks",
	      "1 | 2 | 4\n2 | 3 | 4\n3 | 1 | 4\n4 | 1 | 1\n5 | 4 | 0\n6 | - | 0\n");
	world_release(&w);
}

static unsigned in_a_row(unsigned i)
{
	return i - 1;
}

static double seconds_of(unsigned n)
{
	struct world w;
	struct timespec a, b;
	world_init(&w, FLAVOR_MYSQL);
	waits_as(&w, n, in_a_row);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	derive(&w, PART_PROCESSLIST);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	int blocks = schema_field(part_schema(w.parts[PART_PROCESSLIST]), "blocks");
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(part_get(w.parts[PART_PROCESSLIST], i, (unsigned)blocks).i, n - 1 - i);
	world_release(&w);
	return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* Ten times the sessions, all in one queue: far from a hundred times the work. */
static void long_queues_take_linear_time(void **state)
{
	(void)state;
	double small = seconds_of(1000), large = seconds_of(10000);
	assert_true(large < 40 * small + 0.02);
}

/* --- what was seen before ------------------------------------------------------------------------- */

static void the_last_statement_is_remembered(void **state)
{
	(void)state;
	struct world w;
	world_init(&w, FLAVOR_MARIADB);
	static const char fields[] = "id last_statement last_exact";
	look(&w, &(struct scene){
		.sessions = "id=1 user=a command=Query query_id=70 info='update t'\n"
			    "id=2 user=a command=Query query_id=71 info='update u'\n"
			    "id=3 user=a command=Sleep query_id=72\n"
			    "id=4 user=a command=Query query_id=73 info='select 4'\n",
		.trx = "session=1 id=1 state=RUNNING\nsession=2 id=2 state=RUNNING\n"}, NOW);
	shows(&w, PART_PROCESSLIST, fields, "1 | - | -\n2 | - | -\n3 | - | -\n4 | - | -\n");
	/* 1 ended that statement; 2 ran another one unseen; 4 is somebody else with the same number. */
	look(&w, &(struct scene){
		.sessions = "id=1 user=a command=Sleep query_id=70\nid=2 user=a command=Sleep query_id=79\n"
			    "id=3 user=a command=Sleep query_id=72\nid=4 user=b command=Sleep query_id=73\n",
		.trx = "session=1 id=1 state=RUNNING\nsession=2 id=2 state=RUNNING\n"
		       "session=3 id=3 state=RUNNING\nsession=4 id=4 state=RUNNING\n"}, NOW + 1);
	shows(&w, PART_PROCESSLIST, fields,
	      "1 | update t | 1\n2 | update u | 0\n3 | - | -\n4 | - | -\n");
	look(&w, &(struct scene){
		.sessions = "id=1 user=a command=Sleep query_id=70\nid=2 user=a command=Sleep query_id=79\n",
		.trx = "session=1 id=1 state=RUNNING\nsession=2 id=2 state=RUNNING\n"}, NOW + 2);
	shows(&w, PART_PROCESSLIST, fields, "1 | update t | 1\n2 | update u | 0\n");
	look(&w, &(struct scene){
		.sessions = "id=1 user=a command=Sleep query_id=70\n", .trx = "session=9 id=9 state=RUNNING\n"},
	     NOW + 3);
	shows(&w, PART_PROCESSLIST, fields, "1 | - | -\n");
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_in_a_transaction_is_not_just_asleep),
		cmocka_unit_test(kinds_are_told_apart),
		cmocka_unit_test(hosts_lose_their_ports),
		cmocka_unit_test(what_the_statement_tells_is_better),
		cmocka_unit_test(progress_is_over_all_stages),
		cmocka_unit_test(a_cut_text_says_so),
		cmocka_unit_test(the_holder_blocks_not_the_queue),
		cmocka_unit_test(several_holders_all_block),
		cmocka_unit_test(locks_that_go_together_do_not_block),
		cmocka_unit_test(mysql_pairs_name_the_holder),
		cmocka_unit_test(one_ahead_in_the_queue_blocks_if_nobody_else_does),
		cmocka_unit_test(a_prepared_transaction_has_no_session),
		cmocka_unit_test(who_shares_a_number_is_not_accused),
		cmocka_unit_test(old_waits_are_not_pinned_on_new_statements),
		cmocka_unit_test(the_reader_blocks_the_alter_and_the_alter_the_rest),
		cmocka_unit_test(the_plugin_shows_locks_that_are_had),
		cmocka_unit_test(without_a_source_a_waiter_has_no_arrow),
		cmocka_unit_test(a_lack_is_told_where_it_matters),
		cmocka_unit_test(a_ring_ends),
		cmocka_unit_test(long_queues_take_linear_time),
		cmocka_unit_test(the_last_statement_is_remembered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
