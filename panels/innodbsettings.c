/*
 * Settings beside the numbers that they govern: one row each.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "panels/console.h"
#include "panels/innodb.h"
#include "ui/help.h"

#define SET(names, page, unit, governs, now, too, help) \
	{names, PAGE_##page, UNIT_##unit, governs, INNO_##now, INNO_##too, help}

const struct inno_setting inno_settings[] = {
	SET("innodb_buffer_pool_size", POOL, BYTES, "hit rate", POOL_HIT, POOL_MISSES,
	    "The pool's size. It can be changed while the server runs; making it smaller takes a while."),
	SET("innodb_buffer_pool_instances", POOL, NONE, "latches of the pool", LATCH_WAITS, LATCH_WAITS,
	    "Into how many pools the memory is divided, so that threads meet less often. MariaDB 10.5 and newer "
	    "has one only."),
	SET("innodb_old_blocks_pct", POOL, PERCENT, "old part of the list", POOL_OLD, POOL_OLD,
	    "How much of the list is the old part, where pages of scans are thrown out first."),
	SET("innodb_old_blocks_time", POOL, MS, "pages made young", MADE_YOUNG, NOT_YOUNG,
	    "How long a page must have been there before another use makes it young."),
	SET("innodb_lru_scan_depth", POOL, COUNT, "free pages", POOL_FREE, POOL_WAITS,
	    "How many pages the page cleaner keeps free, per instance."),
	SET("innodb_read_ahead_threshold", POOL, NONE, "read ahead", READ_AHEAD, READ_AHEAD_WASTED,
	    "How many pages of an extent, read in order, have the next extent read ahead."),
	SET("innodb_io_capacity", FLUSHING, COUNT, "flushing", FLUSHED, FLUSH_SHARE,
	    "Pages a second that background flushing takes as its measure: what the disks do with ease."),
	SET("innodb_io_capacity_max", FLUSHING, COUNT, "flushing under pressure", FLUSHED, FLUSH_SHARE,
	    "Pages a second that flushing may go up to when redo or dirty pages demand it."),
	SET("innodb_max_dirty_pages_pct", FLUSHING, PERCENT, "dirty pages", POOL_DIRTY, POOL_DIRTY,
	    "From this share of dirty pages on, flushing runs at full speed."),
	SET("innodb_max_dirty_pages_pct_lwm", FLUSHING, PERCENT, "dirty pages", POOL_DIRTY, POOL_DIRTY,
	    "From this share of dirty pages on, flushing begins early. 0: it does not."),
	SET("innodb_adaptive_flushing_lwm", FLUSHING, PERCENT, "checkpoint age", REDO_USED, REDO_USED,
	    "From this share of the redo log on, adaptive flushing works."),
	SET("innodb_adaptive_flushing", FLUSHING, NONE, "evenness", FLUSH_ADAPTIVE, FLUSH_ADAPTIVE,
	    "Whether flushing follows the speed of the redo log."),
	SET("innodb_page_cleaners", FLUSHING, NONE, "free pages", POOL_WAITS, CLEANER_TIME,
	    "Threads that flush. MariaDB has one only."),
	SET("innodb_flush_neighbors", FLUSHING, NONE, "pages flushed along", FLUSHED, FLUSHED,
	    "Whether pages beside a flushed one are flushed with it: good for spinning disks only."),
	SET("innodb_log_buffer_size", LOG_BUFFER, BYTES, "log waits", LOG_WAITS, LOG_WAITS,
	    "Memory for redo records that are not written yet."),
	SET("innodb_flush_log_at_trx_commit", LOG_BUFFER, NONE, "log writes", LOG_WRITES, DATA_FSYNCS,
	    "1: each commit is on disk. 2: written at each commit, on disk each second; a crash of the machine "
	    "loses a second. 0: a crash of the server does, too."),
	SET("innodb_redo_log_capacity|innodb_log_file_size", REDO, BYTES, "checkpoint age", REDO_USED, REDO_FITS,
	    "How much redo there is room for. MySQL since 8.0.30 and MariaDB since 10.9 change it while running."),
	SET("innodb_log_files_in_group", REDO, NONE, "checkpoint age", REDO_USED, REDO_USED,
	    "How many files of innodb_log_file_size there are, on MySQL before 8.0.30 and MariaDB before 10.5."),
	SET("innodb_flush_log_at_trx_commit", REDO, NONE, "log fsyncs", REDO_FSYNCS, REDO_FSYNCS,
	    "1: each commit is on disk. 2: written at each commit, on disk each second; a crash of the machine "
	    "loses a second. 0: a crash of the server does, too."),
	SET("innodb_flush_sync", REDO, NONE, "forced flushing", FLUSH_SYNC, FLUSH_SYNC,
	    "Whether forced flushing may go beyond innodb_io_capacity_max."),
	SET("innodb_max_purge_lag", UNDO, COUNT, "history list", HISTORY, PURGE_DELAY,
	    "From this length of the history list on, changes are delayed. 0: never."),
	SET("innodb_purge_threads", UNDO, NONE, "purge", HISTORY_TREND, PURGED,
	    "Threads that remove what nobody may read any more."),
	SET("innodb_purge_batch_size", UNDO, COUNT, "purge", HISTORY_TREND, HISTORY_TREND,
	    "Undo pages that purge takes at a time."),
	SET("innodb_undo_log_truncate", UNDO, NONE, "undo files", UNDO_TRUNCATIONS, UNDO_TRUNCATIONS,
	    "Whether undo tablespaces that grew beyond innodb_max_undo_log_size are made small again."),
	SET("innodb_max_undo_log_size", UNDO, BYTES, "undo files", UNDO_TRUNCATIONS, UNDO_TRUNCATIONS,
	    "From this size on, an undo tablespace is truncated."),
	SET("innodb_undo_tablespaces", UNDO, NONE, "undo files", UNDO_SPACES, UNDO_SPACES,
	    "How many undo tablespaces there are; on MariaDB before 11.0, 0 leaves undo in the system tablespace."),
	SET("innodb_change_buffering", CHANGE_BUFFER, NONE, "merges", CHANGE_MERGES, CHANGE_SIZE,
	    "Which changes may wait: none, inserts, deletes, changes, purges, all. Newer versions have none as "
	    "default; MariaDB 11.0 and newer has no change buffer at all."),
	SET("innodb_change_buffer_max_size", CHANGE_BUFFER, PERCENT, "its size", CHANGE_SIZE, CHANGE_SIZE,
	    "How much of the buffer pool it may take."),
	SET("innodb_adaptive_hash_index", HASH, NONE, "hash searches", HASH_HITS, HASH_SEARCHES,
	    "Whether there is one. It can be switched while the server runs."),
	SET("innodb_adaptive_hash_index_parts", HASH, NONE, "latches", LATCH_WAITS, LATCH_WAITS,
	    "Into how many parts it is divided, so that threads meet less often."),
	SET("innodb_file_per_table", DATA, NONE, "tablespaces", OPEN_FILES, OPEN_FILES,
	    "Whether new tables get a file of their own."),
	SET("innodb_open_files", DATA, COUNT, "open files", OPEN_FILES, OPEN_FILES,
	    "How many files InnoDB may hold open."),
	SET("innodb_flush_method", DATA, NONE, "writes and fsyncs", DATA_FSYNCS, DATA_WRITES,
	    "How data files are opened and forced to disk; O_DIRECT keeps pages from being cached twice."),
	SET("innodb_doublewrite", DOUBLEWRITE, NONE, "pages written twice", DOUBLEWRITE_PAGES,
	    DOUBLEWRITE_BATCH, "Whether pages are written twice, against torn pages."),
	SET("innodb_doublewrite_pages", DOUBLEWRITE, NONE, "pages a batch", DOUBLEWRITE_BATCH,
	    DOUBLEWRITE_BATCH, "Most pages in a batch of a file; MySQL only."),
	SET("innodb_read_io_threads", IO, NONE, "reads pending", PENDING_READS, READ_AHEAD,
	    "Threads that finish reads in the background."),
	SET("innodb_write_io_threads", IO, NONE, "writes pending", PENDING_WRITES, FLUSHED,
	    "Threads that finish writes in the background."),
	SET("innodb_use_native_aio", IO, NONE, "asynchronous I/O", PENDING_WRITES, PENDING_WRITES,
	    "Whether the kernel does the waiting; without it a thread waits for each."),
	SET("innodb_lock_wait_timeout", ROWS, SECONDS, "lock waits", LOCK_WAITING, TIMEOUTS,
	    "How long a statement waits for a row lock before it gives up."),
	SET("innodb_deadlock_detect", ROWS, NONE, "deadlocks", DEADLOCKS, DEADLOCKS,
	    "Whether deadlocks are looked for at each wait; without it they end by time-out."),
	SET("innodb_sync_spin_loops", LATCHES, NONE, "spinning", LATCH_ROUNDS, LATCH_WAITS,
	    "How many rounds a thread spins before it sleeps."),
	SET("innodb_spin_wait_delay", LATCHES, NONE, "spinning", LATCH_ROUNDS, LATCH_ROUNDS,
	    "How long it pauses between two rounds."),
	SET("innodb_thread_concurrency", LATCHES, NONE, "threads inside", LATCH_WAITS, LATCH_WAITS,
	    "How many sessions InnoDB lets work at once; 0: all. MariaDB 10.6 and newer does not have it."),
};
const unsigned inno_n_settings = COUNT_OF(inno_settings);

void inno_setting_name(const struct inno_setting *s, const struct frame *f, char out[64])
{
	const char *p = s->names;
	snprintf(out, 64, "%.*s", (int)strcspn(p, "|"), p);
	for (; *p; p += strcspn(p, "|"), p += *p == '|') {
		char name[64];
		snprintf(name, sizeof name, "%.*s", (int)strcspn(p, "|"), p);
		if (inno_variable(f, name).type == VALUE_ABSENT)
			continue;
		memcpy(out, name, sizeof name);
		return;
	}
}

void inno_setting_value(struct buf *out, const struct inno_setting *s, const struct frame *f)
{
	struct value v = inno_variable(f, s->names);
	unit_format(out, s->unit == UNIT_PERCENT && v.type == VALUE_TEXT ? UNIT_NONE : s->unit, v, false);
}

void line_inno_setting(struct line *l, const struct inno_setting *s, const struct frame *f)
{
	line_inno(l, NULL, s->now, f);
	if (s->too != s->now) {
		line_gap(l, 2);
		line_inno(l, NULL, s->too, f);
	}
}

void inno_setting_explain(struct doc *d, const struct inno_setting *s, const struct console *c)
{
	const struct frame *f = console_frame(c);
	char name[64];
	inno_setting_name(s, f, name);
	struct value v = inno_variable(f, name);
	help_subject(d, name, s->unit == UNIT_NONE ? NULL : unit_name(s->unit), s->help, NULL,
		     "SHOW GLOBAL VARIABLES", v.type == VALUE_ABSENT ? "this server has no such setting" : NULL);
	const struct part *p = console_part(c, PART_VARIABLES);
	int row = p ? part_find(p, value_str(name)) : -1;
	struct buf b = BUF_INIT;
	inno_setting_value(&b, s, f);
	doc_field(d, 10, "Value", UI_STRONG, buf_str(&b));
	if (row >= 0 && part_cell(p, (unsigned)row, "source").type == VALUE_TEXT)
		doc_field(d, 10, "Set by", UI_TEXT, value_cstr(part_cell(p, (unsigned)row, "source")));
	doc_end(d);
	inno_explain(d, s->now, c);
	if (s->too != s->now) {
		doc_end(d);
		inno_explain(d, s->too, c);
	}
	buf_release(&b);
}

/* --- as a table ------------------------------------------------------------------------------- */

/* Cells of the columns; what it governs goes first where there is little room. */
struct widths {
	int name, value, governs;
};

static struct widths widths_for(int w)
{
	struct widths wide = {33, 12, 25}, narrow = {31, 10, 0};
	return w >= 100 ? wide : narrow;
}

void inno_draw_setting_head(struct canvas *c, int x, int y, int w)
{
	struct widths k = widths_for(w);
	canvas_puts(c, x, y, k.name, UI_TABLE_HEAD, "Setting");
	canvas_puts(c, x + k.name, y, k.value, UI_TABLE_HEAD, "Value");
	canvas_puts(c, x + k.name + k.value, y, k.governs, UI_TABLE_HEAD, "Governs");
	canvas_puts(c, x + k.name + k.value + k.governs, y, w - k.name - k.value - k.governs, UI_TABLE_HEAD,
		    "Now");
}

void inno_draw_setting(struct canvas *c, int x, int y, int w, const struct inno_setting *s,
		       const struct frame *f)
{
	struct widths k = widths_for(w);
	char name[64];
	struct buf value = BUF_INIT;
	struct line now = {0};
	inno_setting_name(s, f, name);
	inno_setting_value(&value, s, f);
	line_inno_setting(&now, s, f);
	bool missing = inno_variable(f, s->names).type == VALUE_ABSENT;
	canvas_left(c, x, y, k.name - 1, missing ? UI_DIM : UI_TEXT, name, strlen(name));
	canvas_left(c, x + k.name, y, k.value - 1, missing ? UI_DIM : UI_STRONG, buf_str(&value), value.len);
	canvas_left(c, x + k.name + k.value, y, k.governs, UI_TEXT, s->governs, strlen(s->governs));
	int used = k.name + k.value + k.governs;
	if (missing)
		canvas_puts(c, x + used, y, w - used, UI_DIM, "not on this server");
	else
		line_draw(&now, c, x + used, y, w - used);
	buf_release(&value);
	line_release(&now);
}

int inno_draw_settings(struct canvas *c, struct rect r, enum inno_page_id page, const struct frame *f)
{
	int y = 0;
	if (r.h < 2)
		return 0;
	inno_draw_setting_head(c, r.x, r.y + y++, r.w);
	for (unsigned i = 0; i < inno_n_settings && y < r.h; i++)
		if (inno_settings[i].page == page)
			inno_draw_setting(c, r.x, r.y + y++, r.w, &inno_settings[i], f);
	return y;
}
