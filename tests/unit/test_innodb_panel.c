/* The InnoDB panel: its tables, moving about, and its screens on either flavor, strained and idle. */
#include <math.h>

#include "collect/innodb.h"
#include "panels/innodb.h"
#include "tests/unit/panelrig.h"

/* --- two servers ------------------------------------------------------------------------------ */

static const struct rig_counter mysql_status[] = {
	{"Questions", 900000, 12400}, {"Threads_running", 48, 0}, {"Threads_connected", 212, 0},
	{"Innodb_buffer_pool_pages_total", 6291456, 0}, {"Innodb_buffer_pool_pages_free", 314572, 0},
	{"Innodb_buffer_pool_pages_dirty", 1321205, 0}, {"Innodb_buffer_pool_pages_data", 5976884, 0},
	{"Innodb_buffer_pool_read_requests", 90000000, 51500}, {"Innodb_buffer_pool_reads", 40000, 412},
	{"Innodb_buffer_pool_read_ahead", 9000, 31}, {"Innodb_buffer_pool_read_ahead_evicted", 10, 0},
	{"Innodb_buffer_pool_read_ahead_rnd", 0, 0}, {"Innodb_buffer_pool_wait_free", 20, 2},
	{"Innodb_buffer_pool_pages_flushed", 800000, 12100}, {"Innodb_pages_read", 50000, 443},
	{"Innodb_pages_created", 9000, 120}, {"Innodb_page_size", 16384, 0},
	{"Innodb_data_read", 900000000, 7258112}, {"Innodb_data_written", 1900000000, 81788928},
	{"Innodb_data_reads", 51000, 450}, {"Innodb_data_writes", 900000, 2600},
	{"Innodb_data_fsyncs", 70000, 210}, {"Innodb_data_pending_reads", 2, 0},
	{"Innodb_data_pending_writes", 0, 0}, {"Innodb_data_pending_fsyncs", 5, 0},
	{"Innodb_dblwr_pages_written", 800000, 2100}, {"Innodb_dblwr_writes", 12000, 31},
	{"Innodb_log_waits", 0, 0}, {"Innodb_log_write_requests", 9000000, 61000},
	{"Innodb_log_writes", 70000, 900}, {"Innodb_os_log_written", 1, 39845888},
	{"Innodb_os_log_fsyncs", 60000, 205}, {"Innodb_os_log_pending_fsyncs", 1, 0},
	{"Innodb_os_log_pending_writes", 0, 0}, {"Innodb_num_open_files", 412, 0},
	{"Innodb_redo_log_current_lsn", 900000000000, 39845888},
	{"Innodb_redo_log_checkpoint_lsn", 887500000000, 17000000},
	{"Innodb_redo_log_capacity_resized", 17179869184, 0}, {"Innodb_redo_log_physical_size", 17179869184, 0},
	{"Innodb_undo_tablespaces_active", 2, 0}, {"Innodb_undo_tablespaces_total", 2, 0},
	{"Innodb_rows_read", 90000000, 240000}, {"Innodb_rows_inserted", 800000, 1200},
	{"Innodb_rows_updated", 700000, 2300}, {"Innodb_rows_deleted", 10000, 90},
	{"Innodb_row_lock_waits", 410, 12}, {"Innodb_row_lock_current_waits", 41, 0},
	{"Innodb_row_lock_time_avg", 730, 0},
};

static const struct rig_counter mysql_counters[] = {
	{"trx_rseg_history_len", 1180000, 2600}, {"lock_deadlocks", 12, 0}, {"lock_timeouts", 3, 0},
	{"adaptive_hash_searches", 700000, 71000}, {"adaptive_hash_searches_btree", 300000, 29000},
	{"ibuf_size", 70, 0}, {"ibuf_merges", 900, 12}, {"ibuf_merges_insert", 4000, 60},
	{"ibuf_merges_delete", 300, 4}, {"ibuf_merges_delete_mark", 100, 2}, {"purge_undo_log_pages", 900, 400},
	{"innodb_rwlock_s_os_waits", 4000, 90}, {"innodb_rwlock_x_os_waits", 9000, 310},
	{"innodb_rwlock_sx_os_waits", 10, 0}, {"innodb_rwlock_s_spin_waits", 40000, 900},
	{"innodb_rwlock_x_spin_waits", 90000, 3100}, {"innodb_rwlock_sx_spin_waits", 100, 3},
	{"innodb_rwlock_s_spin_rounds", 90000, 9000}, {"innodb_rwlock_x_spin_rounds", 190000, 31000},
	{"innodb_rwlock_sx_spin_rounds", 300, 30},
};

static const char mysql_variables[] =
	"name=innodb_buffer_pool_size value=103079215104 source=CONFIG\n"
	"name=innodb_buffer_pool_instances value=8\nname=innodb_old_blocks_pct value=37\n"
	"name=innodb_old_blocks_time value=1000\nname=innodb_lru_scan_depth value=1024\n"
	"name=innodb_read_ahead_threshold value=56\nname=innodb_io_capacity value=10000\n"
	"name=innodb_io_capacity_max value=20000\nname=innodb_max_dirty_pages_pct value=90.000000\n"
	"name=innodb_max_dirty_pages_pct_lwm value=10.000000\nname=innodb_adaptive_flushing value=ON\n"
	"name=innodb_adaptive_flushing_lwm value=10\nname=innodb_page_cleaners value=8\n"
	"name=innodb_flush_neighbors value=0\nname=innodb_log_buffer_size value=67108864\n"
	"name=innodb_flush_log_at_trx_commit value=1\nname=innodb_redo_log_capacity value=17179869184\n"
	"name=innodb_flush_sync value=ON\nname=innodb_max_purge_lag value=0\nname=innodb_purge_threads value=4\n"
	"name=innodb_purge_batch_size value=300\nname=innodb_undo_log_truncate value=ON\n"
	"name=innodb_max_undo_log_size value=1073741824\nname=innodb_change_buffering value=all\n"
	"name=innodb_change_buffer_max_size value=25\nname=innodb_adaptive_hash_index value=ON\n"
	"name=innodb_adaptive_hash_index_parts value=8\nname=innodb_file_per_table value=ON\n"
	"name=innodb_open_files value=4000\nname=innodb_flush_method value=O_DIRECT\n"
	"name=innodb_doublewrite value=ON\nname=innodb_doublewrite_pages value=128\n"
	"name=innodb_read_io_threads value=16\nname=innodb_write_io_threads value=4\n"
	"name=innodb_use_native_aio value=ON\nname=innodb_lock_wait_timeout value=50\n"
	"name=innodb_deadlock_detect value=ON\nname=innodb_sync_spin_loops value=30\n"
	"name=innodb_spin_wait_delay value=6\nname=innodb_thread_concurrency value=0\n"
	"name=max_connections value=512\n";

static const struct rig_counter mariadb_status[] = {
	{"Questions", 9000, 3}, {"Threads_running", 1, 0}, {"Threads_connected", 4, 0},
	{"Innodb_buffer_pool_pages_total", 8112, 0}, {"Innodb_buffer_pool_pages_free", 6000, 0},
	{"Innodb_buffer_pool_pages_dirty", 0, 0}, {"Innodb_buffer_pool_pages_data", 2112, 0},
	{"Innodb_buffer_pool_read_requests", 9000, 0}, {"Innodb_buffer_pool_reads", 400, 0},
	{"Innodb_buffer_pool_read_ahead", 0, 0}, {"Innodb_buffer_pool_wait_free", 0, 0},
	{"Innodb_buffer_pool_pages_flushed", 80, 0}, {"Innodb_pages_read", 400, 0},
	{"Innodb_pages_created", 90, 0}, {"Innodb_page_size", 16384, 0}, {"Innodb_data_read", 9000000, 0},
	{"Innodb_data_written", 900000, 0}, {"Innodb_data_reads", 500, 0}, {"Innodb_data_writes", 90, 0},
	{"Innodb_data_fsyncs", 70, 0}, {"Innodb_data_pending_reads", 0, 0}, {"Innodb_data_pending_writes", 0, 0},
	{"Innodb_data_pending_fsyncs", 0, 0}, {"Innodb_dblwr_pages_written", 80, 0},
	{"Innodb_dblwr_writes", 12, 0}, {"Innodb_log_waits", 0, 0}, {"Innodb_log_write_requests", 900, 0},
	{"Innodb_log_writes", 70, 0}, {"Innodb_os_log_written", 90000, 0}, {"Innodb_num_open_files", 12, 0},
	{"Innodb_lsn_current", 90044, 0}, {"Innodb_lsn_last_checkpoint", 90044, 0},
	{"Innodb_checkpoint_age", 0, 0}, {"Innodb_checkpoint_max_age", 80819529, 0},
	{"Innodb_history_list_length", 3, 0}, {"Innodb_undo_truncations", 0, 0}, {"Innodb_deadlocks", 0, 0},
	{"Innodb_ibuf_size", 2177548419073, 0}, {"Innodb_ibuf_merges", 0, 0},
	{"Innodb_adaptive_hash_hash_searches", 0, 0}, {"Innodb_adaptive_hash_non_hash_searches", 0, 0},
	{"Innodb_row_lock_waits", 0, 0}, {"Innodb_row_lock_current_waits", 0, 0},
	{"Innodb_row_lock_time_avg", 0, 0},
};

static const char mariadb_variables[] =
	"name=innodb_buffer_pool_size value=134217728\nname=innodb_old_blocks_pct value=37\n"
	"name=innodb_old_blocks_time value=1000\nname=innodb_lru_scan_depth value=1536\n"
	"name=innodb_io_capacity value=200\nname=innodb_io_capacity_max value=2000\n"
	"name=innodb_max_dirty_pages_pct value=90.000000\nname=innodb_log_buffer_size value=16777216\n"
	"name=innodb_log_file_size value=100663296\nname=innodb_flush_log_at_trx_commit value=1\n"
	"name=innodb_purge_threads value=4\nname=innodb_max_purge_lag value=0\n"
	"name=innodb_undo_log_truncate value=OFF\nname=innodb_undo_tablespaces value=0\n"
	"name=innodb_change_buffering value=none\nname=innodb_adaptive_hash_index value=OFF\n"
	"name=innodb_doublewrite value=ON\nname=innodb_read_io_threads value=4\n"
	"name=max_connections value=151\n";

static struct part *mysql_innodb(unsigned i)
{
	struct part_builder *b = rows_builder(PART_INNODB,
		"name=buffer_flush_sync enabled=0 "
		"turn_on='SET GLOBAL innodb_monitor_enable = \"buffer_flush_sync\"'\n"
		"name=undo_truncate_count enabled=0 "
		"turn_on='SET GLOBAL innodb_monitor_enable = \"undo_truncate_count\"'\n");
	for (unsigned k = 0; k < COUNT_OF(mysql_counters); k++) {
		part_row_begin(b);
		part_set_text(b, 0, mysql_counters[k].name, strlen(mysql_counters[k].name));
		part_set(b, 1, value_int(mysql_counters[k].start + i * mysql_counters[k].step));
		part_row_end(b);
	}
	return part_seal(b, (RIG_FIRST + (int64_t)i) * NS_PER_S, 0, 1);
}

static struct part *pools(unsigned i)
{
	struct buf b = BUF_INIT;
	for (unsigned k = 0; k < 8; k++)
		buf_addf(&b, "id=%u size=786432 free=39321 data=747110 old=276430 dirty=165150 made_young=%u "
			 "made_not_young=%u read=%u created=%u written=%u gets=%u pending_reads=0\n",
			 k, 9000 + 150 * i, 90000 + 2250 * i, 6000 + 55 * i, 1000 + 15 * i, 9000 + 1500 * i,
			 900000 + 6400 * i);
	struct part *p = rows_part(PART_INNODB_POOLS, RIG_FIRST + i, buf_str(&b));
	buf_release(&b);
	return p;
}

static const char spaces[] =
	"id=table kind=total type=table count=409 size=1539316278886 allocated=1539316278000\n"
	"id=undo kind=total type=undo count=2 size=33285996544 allocated=33285996000\n"
	"id=system kind=total type=system count=1 size=79691776 allocated=79691776\n"
	"id=4294967279 kind=space type=undo name=innodb_undo_001 size=16642998272 state=active\n"
	"id=44 kind=space type=table name=shop/stock size=939316278886 row_format=Dynamic\n";

static struct part *files(unsigned i)
{
	struct buf b = BUF_INIT;
	buf_addf(&b, "id=wait/io/file/innodb/innodb_data_file kind=total class=data "
		 "event=wait/io/file/innodb/innodb_data_file time=%u reads=%u writes=%u others=%u read_time=%f "
		 "write_time=%f other_time=%f bytes_read=%u bytes_written=%u other_max=0.4\n",
		 900 + i, 9000 + 400 * i, 9000 + 2100 * i, 900 + 20 * i, 35 + 1.56 * i, 90 + 1.1 * i,
		 9 + 0.04 * i, 1000000 + 6553600 * i, 1000000 + 34406400 * i);
	buf_addf(&b, "id=wait/io/file/innodb/innodb_log_file kind=total class=redo "
		 "event=wait/io/file/innodb/innodb_log_file time=%u reads=0 writes=%u others=%u read_time=0 "
		 "write_time=%f other_time=%f bytes_read=0 bytes_written=%u other_max=1.2\n",
		 700 + i, 9000 + 900 * i, 9000 + 205 * i, 9 + 0.2 * i, 90 + 0.23 * i, 39845888 * (i + 1));
	buf_addf(&b, "id=/var/lib/mysql/shop/stock.ibd kind=file class=data file=shop/stock.ibd time=%u reads=%u "
		 "writes=%u others=%u read_time=%f write_time=%f other_time=%f\n",
		 400 + i / 2, 4000 + 300 * i, 4000 + 1000 * i, 400 + 10 * i, 15 + 7.2 * i, 9 + i * 0.5, 1 + i * 0.1);
	struct part *p = rows_part(PART_INNODB_FILES, RIG_FIRST + i, buf_str(&b));
	buf_release(&b);
	return p;
}

/* As the collector makes it of a text that was captured; read every ten seconds. */
static struct part *status_text(unsigned i, const char *fixture)
{
	static const char *const columns[] = {"Type", "Name", "Status"};
	const char *top = getenv("srcdir");
	char *path = xasprintf("%s/tests/fixtures/innodb/%s.txt", top ? top : ".", fixture);
	char *text = xcalloc(1, 1 << 18);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(text, 1, (1 << 18) - 1, f) > 0);
	fclose(f);
	const char *cells[] = {"InnoDB", "", text};
	unsigned long lengths[] = {6, 0, strlen(text)};
	struct answer a = {3, columns, cells, lengths};
	const struct collector *c = collector_for(PART_INNODB_STATUS);
	struct reading *r = reading_new(c, &c->sources[0], &a);
	reading_row(r, &a);
	struct part *p = reading_finish(r, (RIG_FIRST + (int64_t)i) / 10 * 10 * NS_PER_S, RIG_WALL * US_PER_S, 1);
	free(text);
	free(path);
	return p;
}

/* What SHOW ENGINE INNODB MUTEX makes of it. */
static struct part *latches(unsigned i)
{
	static const struct {
		const char *name;
		unsigned waits, spins;
	} hot[] = {{"sum rwlock: buf0buf.cc:853", 310, 4100}, {"dict0dict.cc:924", 12, 90}, {"trx0purge.cc:231", 0, 0},
		   {"fil0fil.cc:1147", 41, 0}};
	struct buf b = BUF_INIT;
	for (unsigned k = 0; k < COUNT_OF(hot); k++)
		buf_addf(&b, "name='%s' kind=rwlock waits=%u spins=%u\n", hot[k].name, 900 + hot[k].waits * i,
			 9000 + hot[k].spins * i);
	struct part *p = rows_part(PART_INNODB_MUTEXES, RIG_FIRST + i, buf_str(&b));
	buf_release(&b);
	return p;
}

static struct snapshot *bare(unsigned i, enum flavor flavor)
{
	struct snapshot *s = snapshot_new(0);
	s->seq = i + 1;
	s->epoch = 1;
	s->mono = (RIG_FIRST + (int64_t)i) * NS_PER_S;
	s->wall = (RIG_WALL - RIG_READINGS + 1 + i) * US_PER_S;
	s->link = LINK_LIVE;
	s->server.flavor = flavor;
	snprintf(s->server.version_short, sizeof s->server.version_short, "%s",
		 flavor == FLAVOR_MYSQL ? "8.4.3" : "10.11.19");
	s->role = ROLE_PRIMARY;
	s->read_only_known = true;
	s->uptime = 41 * 86400.0 + i;
	s->interval = 1;
	s->cost = (struct own_cost){4.1, 3.4, 18220, 0.0041};
	snapshot_set(s, rows_part(PART_PROCESSLIST, RIG_FIRST + i, ""));
	return s;
}

/* Under write load, an old transaction open, the redo log nearly full. */
static struct snapshot *strained(unsigned i)
{
	double at = RIG_FIRST + i;
	struct snapshot *s = bare(i, FLAVOR_MYSQL);
	snapshot_set(s, rig_counters(PART_STATUS, mysql_status, COUNT_OF(mysql_status), i));
	snapshot_set(s, rows_part(PART_VARIABLES, at, mysql_variables));
	snapshot_set(s, mysql_innodb(i));
	snapshot_set(s, pools(i));
	snapshot_set(s, rows_part(PART_INNODB_SPACES, at, spaces));
	snapshot_set(s, files(i));
	snapshot_set(s, status_text(i, "mysql-9.7-loaded"));
	snapshot_set(s, latches(i));
	snapshot_set(s, rows_part(PART_TRANSACTIONS, at,
				  "session=812 id=99 state=RUNNING age=372.6\nsession=825 id=100 state=RUNNING age=4\n"));
	return s;
}

/* Nothing goes on; without performance schema. */
static struct snapshot *idle(unsigned i)
{
	double at = RIG_FIRST + i;
	struct snapshot *s = bare(i, FLAVOR_MARIADB);
	snapshot_set(s, rig_counters(PART_STATUS, mariadb_status, COUNT_OF(mariadb_status), i));
	snapshot_set(s, rows_part(PART_VARIABLES, at, mariadb_variables));
	snapshot_set(s, rows_part(PART_INNODB, at, "name=dml_reads enabled=0 "
				  "turn_on='SET GLOBAL innodb_monitor_enable = \"dml_reads\"'"));
	snapshot_set(s, rows_part(PART_INNODB_POOLS, at, "id=0 size=8112 free=6000 data=2112 old=779 dirty=0 "
				  "made_young=0 made_not_young=0 read=400 created=90 written=80 gets=9000"));
	snapshot_set(s, rows_part(PART_INNODB_SPACES, at, "id=system kind=total type=system count=1 size=12582912"));
	snapshot_set(s, rows_part(PART_TRANSACTIONS, at, ""));
	snapshot_set(s, status_text(i, "mariadb-10.11-idle"));
	snapshot_set(s, rows_part(PART_INNODB_MUTEXES, at, "name=dict_sys.latch kind=rwlock waits=4"));
	snapshot_set(s, part_new_failed(PART_INNODB_FILES, collect_schema(PART_INNODB_FILES), PART_UNSUPPORTED,
					"needs performance_schema = ON in the server's configuration",
					RIG_LAST * NS_PER_S, RIG_WALL * US_PER_S));
	return s;
}

/* For an account that may see nothing but status and variables. */
static struct snapshot *blind(unsigned i)
{
	static const enum part_id denied[] = {PART_INNODB, PART_INNODB_POOLS, PART_INNODB_SPACES,
					      PART_TRANSACTIONS};
	struct snapshot *s = idle(i);
	for (unsigned k = 0; k < COUNT_OF(denied); k++)
		snapshot_set(s, part_new_failed(denied[k], collect_schema(denied[k]), PART_DENIED, "needs PROCESS",
						RIG_LAST * NS_PER_S, RIG_WALL * US_PER_S));
	return s;
}

static void feed(struct console *c, struct snapshot *(*sample)(unsigned))
{
	console_show(c, "innodb");
	for (unsigned i = 0; i < RIG_READINGS; i++)
		console_take(c, sample(i));
}

/* --- screens ---------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	struct snapshot *(*sample)(unsigned);
} servers[] = {{"innodb", strained}, {"innodb-idle", idle}, {"innodb-blind", blind}};

static void at_box(struct console *c, enum inno_box_id box)
{
	struct innodb *s = c->view->state;
	s->at = box;
}

static void overviews(void **state)
{
	(void)state;
	static const int sizes[][2] = {{40, 12}, {80, 24}, {110, 30}, {200, 50}};
	for (unsigned k = 0; k < COUNT_OF(servers); k++)
		for (unsigned z = 0; z < 2 * COUNT_OF(sizes); z++) {
			struct console c;
			bool ascii = z >= COUNT_OF(sizes);
			const int *size = sizes[z % COUNT_OF(sizes)];
			if (ascii && k == 2)
				continue;
			rig_open(&c, ascii);
			feed(&c, servers[k].sample);
			rig_draw(&c, size[0], size[1], ascii);
			rig_compare(&c, servers[k].name);
			rig_close(&c);
		}
}

static void boxes(void **state)
{
	(void)state;
	static const int sizes[][2] = {{40, 12}, {80, 24}, {120, 40}};
	for (unsigned k = 0; k < 2; k++) {
		struct console c;
		rig_open(&c, false);
		feed(&c, servers[k].sample);
		for (unsigned p = 0; p < N_INNO_PAGES; p++) {
			at_box(&c, inno_pages[p].box);
			rig_key(&c, K_ENTER);
			assert_ptr_equal(c.view->ops, inno_page_views[p]);
			for (unsigned z = 0; z < COUNT_OF(sizes); z++) {
				bool further = p == PAGE_REDO || p == PAGE_UNDO || inno_pages[p].lines[0];
				if (z != 1 && !further)
					continue;
				rig_draw(&c, sizes[z][0], sizes[z][1], false);
				char *name = xasprintf("%s-%s", servers[k].name, inno_pages[p].name);
				rig_compare(&c, name);
				free(name);
			}
			rig_key(&c, K_ESC);
		}
		rig_close(&c);
	}
}

static const struct view_ops *const tables[] = {&inno_files_view, &inno_spaces_view, &inno_mutexes_view,
						&inno_pools_view};

static void further(void **state)
{
	(void)state;
	struct console c;
	rig_open(&c, false);
	feed(&c, strained);
	for (unsigned i = 0; i < COUNT_OF(tables); i++) {
		console_push(&c, tables[i], NULL);
		rig_draw(&c, 120, 24, false);
		rig_compare(&c, tables[i]->name);
		console_pop(&c);
	}
	enum inno_number_id number = INNO_HISTORY;
	console_push(&c, &inno_graph_view, &number);
	rig_draw(&c, 80, 24, false);
	rig_compare(&c, "innodb-graph");
	console_pop(&c);
	rig_key(&c, '?');
	rig_draw(&c, 80, 24, false);
	rig_compare(&c, "innodb-explain");
	rig_close(&c);
}

static void any_size(void **state)
{
	(void)state;
	static const int sizes[][2] = {{1, 1}, {10, 3}, {500, 200}, {110, 4}, {109, 60}, {2, 60}, {300, 16}};
	struct console c;
	rig_open(&c, false);
	feed(&c, strained);
	for (unsigned z = 0; z < COUNT_OF(sizes); z++) {
		rig_draw(&c, sizes[z][0], sizes[z][1], false);
		rig_key(&c, K_DOWN);
		rig_key(&c, K_ENTER);
		rig_draw(&c, sizes[z][0], sizes[z][1], false);
		rig_key(&c, K_END);
		rig_key(&c, 'g');
		rig_draw(&c, sizes[z][0], sizes[z][1], false);
		while (c.view->below)
			console_pop(&c);
	}
	rig_close(&c);
}

/* --- moving ----------------------------------------------------------------------------------- */

static enum inno_box_id under(struct console *c)
{
	return ((struct innodb *)c->view->state)->at;
}

static void arrows_in_the_picture(void **state)
{
	(void)state;
	static const struct {
		uint32_t key;
		enum inno_box_id box;
	} way[] = {
		{K_RIGHT, BOX_LOG_BUFFER}, {K_RIGHT, BOX_HASH}, {K_DOWN, BOX_HISTORY}, {K_DOWN, BOX_PURGE},
		{K_DOWN, BOX_UNDO}, {K_LEFT, BOX_REDO}, {K_LEFT, BOX_DATA}, {K_DOWN, BOX_DOUBLEWRITE},
		{K_DOWN, BOX_ROWS}, {K_DOWN, BOX_ROWS}, {K_RIGHT, BOX_LATCHES}, {K_HOME, BOX_POOL},
		{K_UP, BOX_POOL}, {K_LEFT, BOX_POOL}, {'j', BOX_READ}, {K_RIGHT, BOX_FLUSH}, {K_RIGHT, BOX_LOG},
		{K_UP, BOX_CHANGE_BUFFER}, {'k', BOX_LOG_BUFFER},
	};
	struct console c;
	rig_open(&c, false);
	feed(&c, strained);
	rig_draw(&c, 120, 40, false);
	assert_int_equal(under(&c), BOX_POOL);
	for (unsigned i = 0; i < COUNT_OF(way); i++) {
		rig_key(&c, way[i].key);
		console_draw(&c);
		if (under(&c) != way[i].box)
			fail_msg("step %u: at %d, not at %d", i, (int)under(&c), (int)way[i].box);
	}
	rig_close(&c);
}

/* Whatever the size, every box can be reached from every other. */
static void every_box_is_reached(void **state)
{
	(void)state;
	static const int sizes[][2] = {{110, 30}, {110, 22}, {160, 45}, {200, 50}};
	static const uint32_t keys[] = {K_UP, K_DOWN, K_LEFT, K_RIGHT};
	struct console c;
	rig_open(&c, false);
	feed(&c, strained);
	for (unsigned z = 0; z < COUNT_OF(sizes); z++) {
		unsigned reached = 1u << BOX_POOL, before = 0;
		rig_draw(&c, sizes[z][0], sizes[z][1], false);
		struct innodb *s = c.view->state;
		while (reached != before) {
			before = reached;
			for (unsigned b = 0; b < N_INNO_BOXES; b++)
				for (unsigned k = 0; before >> b & 1 && k < COUNT_OF(keys); k++) {
					s->at = (enum inno_box_id)b;
					rig_key(&c, keys[k]);
					reached |= 1u << s->at;
				}
		}
		unsigned drawn = 0;
		for (unsigned i = 0; i < s->n_spots; i++)
			drawn |= 1u << s->spots[i].box;
		assert_int_equal(reached, drawn);
		s->at = BOX_POOL;
	}
	rig_close(&c);
}

static void arrows_in_the_list(void **state)
{
	(void)state;
	struct console c;
	rig_open(&c, false);
	feed(&c, strained);
	rig_draw(&c, 80, 24, false);
	for (unsigned p = 1; p < N_INNO_PAGES; p++) {
		rig_key(&c, K_DOWN);
		console_draw(&c);
		assert_int_equal(inno_box_page(under(&c)), p);
		struct buf b = BUF_INIT;
		canvas_dump(term_shown(c.term), &b);
		char *heading = xasprintf("▸ %s", inno_pages[p].title);
		if (!strstr(buf_str(&b), heading))
			fail_msg("%s is not on the screen:\n%s", heading, buf_str(&b));
		free(heading);
		buf_release(&b);
	}
	rig_key(&c, K_DOWN);
	assert_int_equal(inno_box_page(under(&c)), N_INNO_PAGES - 1);
	rig_key(&c, K_HOME);
	assert_int_equal(under(&c), BOX_POOL);
	rig_close(&c);
}

/* ↵ on the session that holds purge back opens it. */
static void to_the_session(void **state)
{
	(void)state;
	struct console c;
	rig_open(&c, false);
	feed(&c, strained);
	rig_draw(&c, 80, 24, false);
	at_box(&c, BOX_UNDO);
	rig_key(&c, K_ENTER);
	for (unsigned i = 0; i < inno_pages[PAGE_UNDO].n; i++)
		rig_key(&c, K_DOWN);
	assert_int_equal(c.view->ops->session(c.view), 812);
	rig_close(&c);
}

/* ↵ on a thread opens the session that it works for, or the section of the text; `?` has the line whole. */
static void to_the_waiter(void **state)
{
	(void)state;
	static const struct {
		enum inno_box_id box;
		const char *line, *view;
	} ways[] = {{BOX_LATCHES, "Who waits for a latch", "session-detail"},
		    {BOX_READ, "I/O threads", "innodb-section"}};
	for (unsigned i = 0; i < COUNT_OF(ways); i++) {
		struct console c;
		struct doc d = {0};
		struct buf text = BUF_INIT;
		rig_open(&c, false);
		feed(&c, strained);
		rig_draw(&c, 80, 40, false);
		at_box(&c, ways[i].box);
		rig_key(&c, K_ENTER);
		for (unsigned k = 0; k < inno_pages[inno_box_page(ways[i].box)].n; k++)
			rig_key(&c, K_DOWN);
		assert_true(c.view->ops->explain(c.view, &d));
		doc_text(&d, &text);
		assert_non_null(strstr(buf_str(&text), ways[i].line));
		rig_key(&c, K_ENTER);
		assert_string_equal(c.view->ops->name, ways[i].view);
		rig_draw(&c, 80, 40, false);
		rig_close(&c);
		doc_release(&d);
		buf_release(&text);
	}
}

/* --- tables ----------------------------------------------------------------------------------- */

static bool asked_for(enum part_id part, const char *name)
{
	const struct source *s = collector_for(part)->sources;
	struct collect_ctx ctx = {.watched = PART_BIT(PART_INNODB_POOLS)};
	struct stmt_arg args[SOURCE_MAX_ARGS];
	struct buf keep = BUF_INIT, sql = BUF_INIT, columns = BUF_INIT;
	buf_adds(&columns, "NAME");
	size_t n = source_args(s, &ctx, &columns, args, &keep);
	stmt_render(&sql, &s->stmt, args, n, STMT_LIMIT_NONE, 0);
	char *quoted = xasprintf("'%s'", name);
	bool found = strcasestr(buf_str(&sql), quoted) != NULL;
	free(quoted);
	buf_release(&keep);
	buf_release(&sql);
	buf_release(&columns);
	return found;
}

static void numbers_are_whole(void **state)
{
	(void)state;
	for (unsigned id = 0; id < INNO_N_NUMBERS; id++) {
		const struct inno_number *n = &inno_numbers[id];
		assert_non_null(n->title);
		assert_true(n->metric || (n->help && n->normal));
		assert_true(n->metric || n->source || n->status[0] || n->counter[0]);
		assert_true((n->warning > 0) == (n->critical > 0));
		for (unsigned i = 0; i < COUNT_OF(n->status) && n->status[i]; i++)
			if (!asked_for(PART_STATUS, n->status[i]))
				fail_msg("nobody asks for %s", n->status[i]);
		for (unsigned i = 0; i < COUNT_OF(n->counter) && n->counter[i]; i++)
			if (!asked_for(PART_INNODB, n->counter[i]))
				fail_msg("nobody asks for %s", n->counter[i]);
		bool shown = false;
		for (unsigned p = 0; p < N_INNO_PAGES; p++)
			for (unsigned i = 0; i < inno_pages[p].n; i++)
				shown |= inno_pages[p].numbers[i] == id;
		if (!shown)
			fail_msg("%s is on no page", n->title);
	}
	for (unsigned p = 0; p < N_INNO_PAGES; p++) {
		bool governed = false;
		assert_true(inno_pages[p].brief <= inno_pages[p].n);
		assert_int_equal(inno_box_page(inno_pages[p].box), p);
		for (unsigned i = 0; i < inno_n_settings; i++)
			governed |= inno_settings[i].page == p;
		assert_true(governed);
	}
}

static void strain(void **state)
{
	(void)state;
	assert_int_equal(inno_strain(INNO_REDO_USED, value_real(0.7)), STRAIN_NONE);
	assert_int_equal(inno_strain(INNO_REDO_USED, value_real(0.75)), STRAIN_WARNING);
	assert_int_equal(inno_strain(INNO_REDO_USED, value_real(0.9)), STRAIN_CRITICAL);
	assert_int_equal(inno_strain(INNO_POOL_HIT, value_real(0.99)), STRAIN_NONE);
	assert_int_equal(inno_strain(INNO_POOL_HIT, value_real(0.93)), STRAIN_WARNING);
	assert_int_equal(inno_strain(INNO_POOL_HIT, value_real(0.5)), STRAIN_CRITICAL);
	assert_int_equal(inno_strain(INNO_POOL_WAITS, value_real(0)), STRAIN_NONE);
	assert_int_equal(inno_strain(INNO_POOL_WAITS, value_real(0.5)), STRAIN_WARNING);
	assert_int_equal(inno_strain(INNO_POOL_HIT, VALUE_NONE), STRAIN_NONE);
}

/* What a server lacks is absent, and why is told; nothing of it is 0. */
static void lacking(void **state)
{
	(void)state;
	static const struct {
		enum inno_number_id id;
		const char *why;
	} lacks[] = {
		{INNO_ROWS_READ, "SET GLOBAL innodb_monitor_enable"}, {INNO_ROWS_UPDATED, "no longer"},
		{INNO_FLUSH_SYNC, "does not count"}, {INNO_CHANGE_SIZE, "change buffer"},
		{INNO_REDO_FSYNCS, "all files together"}, {INNO_LATCH_WAITS, "status text"},
		{INNO_LOG_SYNC_TIME, "performance_schema = ON"}, {INNO_OLDEST_VIEW, "no transaction is open"},
	};
	struct console c;
	rig_open(&c, false);
	feed(&c, idle);
	for (unsigned i = 0; i < COUNT_OF(lacks); i++) {
		struct buf b = BUF_INIT;
		const struct frame *f = console_frame(&c);
		assert_int_equal(inno_value(lacks[i].id, f).type, VALUE_ABSENT);
		inno_absent(&b, lacks[i].id, f);
		if (!strstr(buf_str(&b), lacks[i].why))
			fail_msg("%s: %s", inno_numbers[lacks[i].id].title, buf_str(&b));
		buf_release(&b);
	}
	assert_int_equal(inno_page_presence(&inno_pages[PAGE_HASH], console_frame(&c)), INNO_OFF);
	rig_close(&c);
}

static void past(void **state)
{
	(void)state;
	struct console c;
	double values[64], seconds;
	rig_open(&c, false);
	feed(&c, strained);
	const struct timeline *t = console_timeline(&c);
	unsigned n = inno_history(INNO_LOG_WRITES, t, values, 64, &seconds);
	assert_int_equal(n, RIG_READINGS);
	assert_true(isnan(values[0]));
	assert_true(fabs(values[n - 1] - 900) < 1);
	assert_true(fabs(seconds - (RIG_READINGS - 1)) < 0.1);
	assert_string_equal(inno_trend(INNO_HISTORY, t), "↗");
	assert_string_equal(inno_trend(INNO_LOG_WRITES, t), "");
	rig_close(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_whole),
		cmocka_unit_test(strain),
		cmocka_unit_test(lacking),
		cmocka_unit_test(past),
		cmocka_unit_test(arrows_in_the_picture),
		cmocka_unit_test(every_box_is_reached),
		cmocka_unit_test(arrows_in_the_list),
		cmocka_unit_test(to_the_session),
		cmocka_unit_test(to_the_waiter),
		cmocka_unit_test(any_size),
		cmocka_unit_test(overviews),
		cmocka_unit_test(boxes),
		cmocka_unit_test(further),
	};
	setenv("TZ", "UTC", 1);
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	unsetenv("NO_COLOR");
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
