/* Rules about InnoDB: purge, buffer pool, redo log, flushing, deadlocks. Trends, but for the last. */
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/deadlocks.h"
#include "collect/transactions.h"
#include "diagnose/rules.h"
#include "diagnose/sessions.h"
#include "parse/sqltext.h"

static double mean_of(const struct rule_input *in, unsigned metric, double seconds)
{
	return value_number(rule_mean(in, metric, seconds), 0);
}

static struct value setting(const struct rule_input *in, const char *name)
{
	return frame_value_of(in->frame, PART_VARIABLES, name);
}

/* --- purge-lag ------------------------------------------------------------------------------------- */

enum { PURGE_LENGTH, PURGE_GROWTH, PURGE_WINDOW };

/* Whom purge waits for, and how that is known. */
struct purge_holder {
	int row;             /* of processlist; -1: nobody there */
	double age;
	const char *by;      /* what the evidence is called */
	double confidence;
};

/* The session with the oldest transaction that can have a read view: none stays between the statements of
   READ COMMITTED. */
static struct purge_holder oldest_by_age(const struct part *p)
{
	int oldest = -1;
	double age = 0;
	for (unsigned i = 0; i < part_rows(p); i++) {
		double open = value_number(SESSION_CELL(p, i, TRANSACTION_AGE), -1);
		const char *isolation = value_cstr(SESSION_CELL(p, i, TRANSACTION_ISOLATION));
		bool keeps = strncmp(isolation, "READ", 4) != 0 || !session_idles_in_transaction(p, i);
		if (open > age && keeps) {
			age = open;
			oldest = (int)i;
		}
	}
	return (struct purge_holder){oldest, age, "oldest read view, by age", 0.9};
}

/* The status text tells which read view is the oldest; it is there while somebody looks at transactions. */
static bool oldest_by_text(const struct part *trx, const struct part *sessions, struct purge_holder *h)
{
	for (unsigned i = 0; trx && i < part_rows(trx); i++) {
		const char *holds = transaction_holds_purge(trx, i);
		if (!holds || strcmp(holds, "no") == 0)
			continue;
		bool sure = strcmp(holds, "yes") == 0;
		struct value view = part_get(trx, i, TRANSACTION_VIEW_AGE);
		*h = (struct purge_holder){
			.row = part_find(sessions, part_get(trx, i, TRANSACTION_SESSION)),
			.age = value_number(value_is_number(view) ? view
								  : part_get(trx, i, TRANSACTION_AGE), 0),
			.by = sure ? "oldest read view" : "oldest read view, most likely",
			.confidence = sure ? 0.95 : 0.9,
		};
		return true; /* be it a transaction that no session has */
	}
	return false;
}

static enum judged purge_lag(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_PROCESSLIST);
	struct value length = metric_read(METRIC_HISTORY, in->frame);
	if (!p)
		return JUDGED_BLIND;
	if (!value_is_number(length)) {
		in->why = "the history list length is not known";
		return JUDGED_BLIND;
	}
	double window = rule_limit(in, PURGE_WINDOW);
	struct value growth = rule_slope(in, METRIC_HISTORY, window);
	if (rule_reach(in) < window || !rule_over(in, PURGE_LENGTH, value_number(length, 0)) ||
	    !rule_over(in, PURGE_GROWTH, value_number(growth, 0)))
		return JUDGED_NO;
	struct buf b = BUF_INIT;
	buf_adds(&b, "purge is behind: ");
	unit_count(&b, value_number(length, 0));
	buf_adds(&b, " old row versions, ");
	unit_count(&b, value_number(growth, 0));
	buf_adds(&b, " more each second");
	struct purge_holder holder;
	if (!oldest_by_text(rule_part(in, PART_TRANSACTIONS), p, &holder))
		holder = oldest_by_age(p);
	/* Who came when it rose already did not begin it. */
	bool known = holder.row >= 0 && holder.age >= window;
	if (known) {
		long long id = session_id(p, (unsigned)holder.row);
		buf_addf(&b, " since %lld: ", id);
		session_describe(p, (unsigned)holder.row, &b);
		finding_culprit(f, in->arena, SUBJECT_SESSION, "%lld", id);
		finding_step(f, in->arena, STEP_KILL_CONNECTION, "%lld", id);
	}
	finding_say(f, in->arena, SEVERITY_WARNING, known ? holder.confidence : 0.7, "%s", buf_str(&b));
	finding_evidence(f, in->arena, "history", UNIT_COUNT, length);
	finding_evidence(f, in->arena, "growth a second", UNIT_COUNT, growth);
	if (known)
		finding_evidence(f, in->arena, holder.by, UNIT_SECONDS, value_real(holder.age));
	finding_evidence(f, in->arena, "innodb_purge_threads", UNIT_COUNT,
			 setting(in, "innodb_purge_threads"));
	buf_release(&b);
	return JUDGED_YES;
}

const struct rule purge_lag_rule = {
	.id = "purge-lag",
	.title = "Purge falls behind",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_TRANSACTIONS) |
		 PART_BIT(PART_INNODB),
	.linger = 30,
	.window = 120,
	.thresholds = {{"length", UNIT_COUNT, 100000, 50000, "length of the history list"},
		       {"growth", UNIT_COUNT, 20, 0, "by how much it grows a second"},
		       {"window", UNIT_SECONDS, 120, 120, "looks back so long"}},
	.explanation = "Old versions of changed rows are kept as long as some read view may want them. One old "
		       "transaction, even an idle one that only reads, keeps them all: undo grows, and every "
		       "read has to step over more versions.",
	.right = "End the oldest transaction. Without one, purge cannot follow the writes: look at disk and at "
		 "long transactions that come and go.",
	.wrong = "Adding purge threads: they wait for the same read view.",
	.reference = "InnoDB multi-versioning; purge configuration",
	.judge = purge_lag,
};

/* --- deadlocks ------------------------------------------------------------------------------------- */

enum { DEADLOCKS_MINUTE };
enum { DEADLOCK_WINDOW = 60 };

/* The latest one whose text was seen, of those within the window; -1: none. */
static int latest_deadlock(const struct rule_input *in, const struct part *p)
{
	int64_t now = in->frame->now->wall / US_PER_S;
	for (unsigned i = p ? part_rows(p) : 0; i-- > 0;)
		if (part_get(p, i, DEADLOCK_TEXT).type == VALUE_TEXT &&
		    now - value_integer(part_get(p, i, DEADLOCK_SEEN), 0) <= DEADLOCK_WINDOW)
			return (int)i;
	return -1;
}

/* By the server's own digest where its list of digests has the statement, else by ours. */
static void name_statement(struct rule_input *in, struct finding *f, struct value sql)
{
	const struct part *p = in->frame->now->parts[PART_STATEMENTS];
	struct buf text = BUF_INIT;
	char own[SQL_DIGEST_HEX_SIZE];
	const char *id = own;
	if (sql.type != VALUE_TEXT)
		return;
	sql_digest_hex(sql_digest(&text, sql.s, sql.len), own);
	for (unsigned i = 0; p && i < part_rows(p); i++)
		if (strcmp(value_cstr(part_cell(p, i, "text")), buf_str(&text)) == 0)
			id = value_cstr(part_cell(p, i, "digest"));
	finding_culprit(f, in->arena, SUBJECT_STATEMENT, "%s", id);
	buf_release(&text);
}

static void name_tables(struct rule_input *in, struct finding *f, const char *list)
{
	for (const char *s = list; *s; s += strspn(s, ", ")) {
		size_t n = strcspn(s, ",");
		finding_culprit(f, in->arena, SUBJECT_TABLE, "%.*s", (int)n, s);
		s += n;
	}
}

/* The pair of statements, where they met and why. */
static void tell_latest(struct rule_input *in, struct finding *f, struct buf *text)
{
	const struct part *p = in->frame->now->parts[PART_DEADLOCKS];
	int row = latest_deadlock(in, p);
	if (row < 0)
		return;
	unsigned r = (unsigned)row;
	struct value loser = part_get(p, r, DEADLOCK_LOSER), other = part_get(p, r, DEADLOCK_OTHER);
	buf_addf(text, ", the latest on %s %s: %s", value_cstr(part_get(p, r, DEADLOCK_TABLES)),
		 value_cstr(part_get(p, r, DEADLOCK_INDEXES)), value_cstr(part_get(p, r, DEADLOCK_KIND)));
	name_statement(in, f, loser);
	name_statement(in, f, other);
	name_tables(in, f, value_cstr(part_get(p, r, DEADLOCK_TABLES)));
	finding_evidence(f, in->arena, "was rolled back", UNIT_SQL, loser);
	finding_evidence(f, in->arena, "went on", UNIT_SQL, other);
	finding_evidence(f, in->arena, "indexes", UNIT_NONE, part_get(p, r, DEADLOCK_INDEXES));
	finding_evidence(f, in->arena, "why, the latest", UNIT_NONE, part_get(p, r, DEADLOCK_KIND));
}

static enum judged deadlocks(struct rule_input *in, struct finding *f)
{
	struct value total = rule_total(in, METRIC_DEADLOCKS, DEADLOCK_WINDOW);
	if (!value_is_number(total)) {
		in->why = rule_lacks(in, METRIC_DEADLOCKS, "the server's counter of deadlocks is not read, or off");
		return JUDGED_BLIND;
	}
	double n = value_number(total, 0);
	if (!rule_over(in, DEADLOCKS_MINUTE, n + 0.01))
		return JUDGED_NO;
	struct buf b = BUF_INIT;
	buf_addf(&b, "%.0f deadlocks within a minute", n);
	tell_latest(in, f, &b);
	finding_say(f, in->arena, SEVERITY_WARNING, 1, "%s", buf_str(&b));
	finding_evidence(f, in->arena, "deadlocks", UNIT_COUNT,
			 rule_mean(in, METRIC_DEADLOCKS, DEADLOCK_WINDOW));
	finding_evidence(f, in->arena, "lock_waits", UNIT_COUNT,
			 rule_mean(in, METRIC_LOCK_WAITS, DEADLOCK_WINDOW));
	finding_step(f, in->arena, STEP_LOOK, "the deadlocks panel (:deadlocks): both sides, the locks in the order "
					      "taken, and what helps");
	buf_release(&b);
	return JUDGED_YES;
}

const struct rule deadlocks_rule = {
	.id = "deadlocks",
	.title = "Transactions deadlock again and again",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_INNODB) | PART_BIT(PART_DEADLOCKS),
	.linger = 5,
	.window = DEADLOCK_WINDOW,
	.thresholds = {{"minute", UNIT_COUNT, 5, 2, "deadlocks within a minute"}},
	.explanation = "Two transactions wait for each other; InnoDB rolls one back at once. Now and then one is "
		       "normal with an application that tries again. Many mean that two pieces of code lock the "
		       "same rows in different orders, or lock far more rows than they change.",
	.right = "Look at the two sides: lock in the same order, add the index that makes them lock fewer rows, "
		 "and try again after error 1213.",
	.wrong = "Raising lock_wait_timeout: nobody waits here, one is rolled back at once.",
	.reference = "Deadlocks in InnoDB; innodb_print_all_deadlocks",
	.judge = deadlocks,
};

/* --- which files, and how fast -------------------------------------------------------------------- */

static double file_rate(const struct rule_input *in, unsigned row, const char *field)
{
	int at = schema_field(part_schema(in->frame->now->parts[PART_INNODB_FILES]), field);
	return at < 0 ? 0 : value_number(frame_rate(in->frame, PART_INNODB_FILES, row, (unsigned)at), 0);
}

/* Part innodb_files: rows of that kind and of class data. */
static bool is_data(const struct part *p, unsigned row, const char *kind)
{
	return strcmp(value_cstr(part_cell(p, row, "kind")), kind) == 0 &&
	       strcmp(value_cstr(part_cell(p, row, "class")), "data") == 0;
}

/* shop.stock of shop/stock.ibd, or of one of its partitions; false for what is no table's. */
static bool table_of_file(struct buf *out, const char *file)
{
	const char *slash = strchr(file, '/'), *end = slash ? strstr(slash, ".ibd") : NULL;
	const char *partition = slash ? strcasestr(slash, "#p#") : NULL;
	if (!end || strcmp(slash, "/mysql.ibd") == 0)
		return false;
	if (partition)
		end = partition;
	buf_addf(out, "%.*s.%.*s", (int)(slash - file), file, (int)(end - slash - 1), slash + 1);
	return true;
}

/* The table whose files take most bytes of that kind, as a culprit beside the first; and how long an
   operation on data files takes. Only where the performance schema counts files. */
static void tell_files(struct rule_input *in, struct finding *f, struct buf *text, const char *bytes,
		       const char *times, const char *numbers)
{
	const struct part *p = in->frame->now->parts[PART_INNODB_FILES];
	struct buf table = BUF_INIT;
	int worst = -1;
	double most = 0, all = 0;
	for (unsigned i = 0; p && in->frame->before[PART_INNODB_FILES] && i < part_rows(p); i++) {
		double n = is_data(p, i, "file") ? file_rate(in, i, bytes) : 0;
		all += n;
		if (n > most) {
			most = n;
			worst = (int)i;
		}
		double done = is_data(p, i, "total") ? file_rate(in, i, numbers) : 0;
		if (done > 0)
			finding_evidence(f, in->arena, "each takes", UNIT_SECONDS,
					 value_real(file_rate(in, i, times) / done));
	}
	if (worst >= 0 && 2 * most > all &&
	    table_of_file(&table, value_cstr(part_cell(p, (unsigned)worst, "file")))) {
		buf_addf(text, ", %.0f %% of it on %s", 100 * most / all, buf_str(&table));
		finding_culprit(f, in->arena, SUBJECT_TABLE, "%s", buf_str(&table));
		finding_evidence(f, in->arena, "a second on that table", UNIT_BYTES, value_real(most));
	}
	/* Nothing else that is cheap counts by table. */
	if (!p || part_status(p) != PART_OK)
		finding_evidence(f, in->arena, "no table is named", UNIT_NONE,
				 value_str(p && part_reason(p) ? part_reason(p) : "files were not read"));
	buf_release(&table);
}

/* --- buffer-pool-small ----------------------------------------------------------------------------- */

enum { POOL_MISS, POOL_READS, POOL_WINDOW };

static void tell_memory(struct rule_input *in, struct finding *f)
{
	const struct part *p = in->frame->now->parts[PART_HOST_MEMORY];
	if (p && part_rows(p)) {
		finding_evidence(f, in->arena, "memory of the host", UNIT_BYTES, part_cell(p, 0, "limit"));
		finding_evidence(f, in->arena, "available on the host", UNIT_BYTES,
				 part_cell(p, 0, "available"));
		finding_step(f, in->arena, STEP_CONFIG, "innodb_buffer_pool_size, within what the host has");
	} else {
		finding_step(f, in->arena, STEP_LOOK, "whether a larger pool fits: not applicable here, no host "
						      "data");
	}
}

/* Room that is left is for what was not read yet, but for what the page cleaner keeps free; and who reads
   the pool's size over again within the window is not just warming it. */
static bool is_cold(const struct rule_input *in, double reads)
{
	double pages = value_number(
		frame_value_of(in->frame, PART_STATUS, "Innodb_buffer_pool_pages_total"), 0);
	double free_pages = value_number(metric_read(METRIC_POOL_FREE, in->frame), 0);
	double kept = value_number(setting(in, "innodb_lru_scan_depth"), 0) *
		      value_number(setting(in, "innodb_buffer_pool_instances"), 1);
	return pages <= 0 || (free_pages > 0.05 * pages + 1.1 * kept) ||
	       (free_pages > 0.05 * pages && reads * rule_limit(in, POOL_WINDOW) < pages);
}

static enum judged buffer_pool_small(struct rule_input *in, struct finding *f)
{
	if (!rule_part(in, PART_STATUS))
		return JUDGED_BLIND;
	double window = rule_limit(in, POOL_WINDOW);
	struct value hit = rule_mean(in, METRIC_POOL_HIT, window);
	struct value reads = rule_mean(in, METRIC_POOL_READS, window);
	if (!value_is_number(hit) || rule_reach(in) < window || is_cold(in, value_number(reads, 0)) ||
	    !rule_over(in, POOL_MISS, 1 - value_number(hit, 1)) ||
	    !rule_over(in, POOL_READS, value_number(reads, 0)))
		return JUDGED_NO;
	struct buf b = BUF_INIT;
	buf_addf(&b, "%.1f %% of page reads miss the buffer pool: %.0f reads from disk a second",
		 100 * (1 - value_number(hit, 1)), value_number(reads, 0));
	finding_culprit(f, in->arena, SUBJECT_VARIABLE, "innodb_buffer_pool_size");
	finding_evidence(f, in->arena, "pool_hit", UNIT_RATIO, hit);
	finding_evidence(f, in->arena, "pool_reads", UNIT_COUNT, reads);
	tell_files(in, f, &b, "bytes_read", "read_time", "reads");
	finding_say(f, in->arena, SEVERITY_WARNING, 0.8, "%s", buf_str(&b));
	finding_evidence(f, in->arena, "innodb_buffer_pool_size", UNIT_BYTES,
			 setting(in, "innodb_buffer_pool_size"));
	finding_evidence(f, in->arena, "pages free", UNIT_COUNT, metric_read(METRIC_POOL_FREE, in->frame));
	finding_evidence(f, in->arena, "full_scans", UNIT_COUNT,
			 rule_mean(in, METRIC_FULL_SCANS, window));
	tell_memory(in, f);
	buf_release(&b);
	return JUDGED_YES;
}

const struct rule buffer_pool_small_rule = {
	.id = "buffer-pool-small",
	.title = "Reads miss the buffer pool",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_INNODB_FILES),
	.linger = 15,
	.window = 60,
	.thresholds = {{"miss", UNIT_RATIO, 0.05, 0.03, "share of page reads that go to disk"},
		       {"reads", UNIT_COUNT, 500, 300, "reads from disk a second"},
		       {"window", UNIT_SECONDS, 60, 60, "looks back so long"}},
	.explains = "host-io",
	.explanation = "What is read often does not fit into the buffer pool, which is full, so that pages are "
		       "read from disk again and again. Either the pool is small for what is really used, or a "
		       "statement reads far more than it needs.",
	.right = "Look first for the statement that scans: an index may spare all of it. Then give the pool more, "
		 "if the host has memory left.",
	.reference = "InnoDB buffer pool; configuring its size",
	.judge = buffer_pool_small,
};

/* --- redo-small ------------------------------------------------------------------------------------ */

enum { REDO_USED, REDO_MINUTES, REDO_WINDOW };

static enum judged redo_small(struct rule_input *in, struct finding *f)
{
	double window = rule_limit(in, REDO_WINDOW);
	struct value used = rule_mean(in, METRIC_REDO_USED, window);
	double peak = value_number(rule_peak(in, METRIC_REDO_USED, window), 0);
	struct value age = metric_read(METRIC_CHECKPOINT_AGE, in->frame);
	if (!value_is_number(used) || !value_is_number(age)) {
		in->why = rule_lacks(in, METRIC_REDO_USED, "checkpoint age or size of the redo log is not known");
		return JUDGED_BLIND;
	}
	double now = value_number(metric_read(METRIC_REDO_USED, in->frame), 0);
	double capacity = now > 0 ? value_number(age, 0) / now : 0;
	double written = mean_of(in, METRIC_REDO_WRITTEN, window);
	double minutes = written > 0 ? capacity / written / 60 : 0;
	/* A log that is used to the brim is well used, as long as it holds enough minutes of what is written.
	   Where it is small its use goes up and down like a saw. */
	if (rule_reach(in) < window || minutes <= 0 || minutes > rule_limit(in, REDO_MINUTES) ||
	    !rule_over(in, REDO_USED, peak) || 2 * value_number(used, 0) < rule_limit(in, REDO_USED))
		return JUDGED_NO;
	struct buf b = BUF_INIT;
	buf_addf(&b, "the redo log gets %.0f %% full and holds ", 100 * peak);
	add_duration(&b, 60 * minutes);
	buf_adds(&b, " of writing");
	finding_say(f, in->arena, SEVERITY_WARNING, 0.9, "%s", buf_str(&b));
	bool file = !value_is_number(setting(in, "innodb_redo_log_capacity"));
	const char *name = file ? "innodb_log_file_size" : "innodb_redo_log_capacity";
	finding_culprit(f, in->arena, SUBJECT_VARIABLE, "%s", name);
	finding_evidence(f, in->arena, "redo_used", UNIT_RATIO, used);
	finding_evidence(f, in->arena, "at its fullest", UNIT_RATIO, value_real(peak));
	finding_evidence(f, in->arena, "redo_written", UNIT_BYTES, value_real(written));
	finding_evidence(f, in->arena, "written an hour", UNIT_BYTES, value_real(3600 * written));
	finding_evidence(f, in->arena, "checkpoint_age", UNIT_BYTES, age);
	finding_evidence(f, in->arena, "capacity", UNIT_BYTES, value_real(capacity));
	finding_evidence(f, in->arena, "sync_flushes", UNIT_COUNT,
			 rule_mean(in, METRIC_SYNC_FLUSHES, window));
	finding_step(f, in->arena, STEP_CONFIG, "%s: about an hour of writing, %.0f MiB", name,
		     3600 * written / 1048576);
	buf_release(&b);
	return JUDGED_YES;
}

const struct rule redo_small_rule = {
	.id = "redo-small",
	.title = "The redo log is small for what is written",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_INNODB),
	.linger = 15,
	.window = 30,
	.thresholds = {{"used", UNIT_RATIO, 0.70, 0.60,
			"share of the redo log in use at its fullest, and half of it on average"},
		       {"minutes", UNIT_COUNT, 10, 15, "minutes of writing that it holds, at most"},
		       {"window", UNIT_SECONDS, 30, 30, "looks back so long"}},
	.explains = "dirty-flush-storm",
	.explanation = "Before the redo log's end meets its beginning, changed pages must be written out. When it "
		       "holds only minutes of writing they are flushed at any price, and statements that write "
		       "stall meanwhile.",
	.right = "Make it larger while the server runs: innodb_redo_log_capacity from MySQL 8.0.30 on, "
		 "innodb_log_file_size from MariaDB 10.9 on.",
	.wrong = "Turning off durability: it hides the stalls and loses data.",
	.reference = "InnoDB redo log; innodb_redo_log_capacity",
	.judge = redo_small,
};

/* --- dirty-flush-storm ----------------------------------------------------------------------------- */

enum { FLUSH_WAITS };
enum { FLUSH_WINDOW = 10 };

static enum judged dirty_flush_storm(struct rule_input *in, struct finding *f)
{
	if (!rule_part(in, PART_STATUS))
		return JUDGED_BLIND;
	struct value waits = rule_mean(in, METRIC_WAIT_FREE, FLUSH_WINDOW);
	struct value sync = rule_mean(in, METRIC_SYNC_FLUSHES, FLUSH_WINDOW);
	double all = value_number(waits, 0) + value_number(sync, 0);
	if (!rule_over(in, FLUSH_WAITS, all))
		return JUDGED_NO;
	struct buf b = BUF_INIT;
	buf_addf(&b, "statements wait for pages to be flushed, %.0f times a second", all);
	tell_files(in, f, &b, "bytes_written", "write_time", "writes");
	finding_say(f, in->arena, SEVERITY_WARNING, 0.8, "%s", buf_str(&b));
	buf_release(&b);
	finding_suspect(f, in->arena, SUBJECT_VARIABLE, "innodb_io_capacity");
	finding_evidence(f, in->arena, "wait_free", UNIT_COUNT, waits);
	finding_evidence(f, in->arena, "sync_flushes", UNIT_COUNT, sync);
	finding_evidence(f, in->arena, "pool_dirty", UNIT_RATIO, metric_read(METRIC_POOL_DIRTY, in->frame));
	finding_evidence(f, in->arena, "pages_flushed", UNIT_COUNT,
			 rule_mean(in, METRIC_PAGES_FLUSHED, FLUSH_WINDOW));
	finding_evidence(f, in->arena, "fsyncs", UNIT_COUNT, rule_mean(in, METRIC_FSYNCS, FLUSH_WINDOW));
	finding_evidence(f, in->arena, "pending_io", UNIT_COUNT, metric_read(METRIC_PENDING_IO, in->frame));
	finding_evidence(f, in->arena, "innodb_io_capacity", UNIT_COUNT, setting(in, "innodb_io_capacity"));
	finding_step(f, in->arena, STEP_LOOK, "the disks' write latency in the host panel (6): slow disks, or a "
					      "page cleaner that is held back by innodb_io_capacity");
	return JUDGED_YES;
}

const struct rule dirty_flush_storm_rule = {
	.id = "dirty-flush-storm",
	.title = "The page cleaner cannot follow",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_INNODB) | PART_BIT(PART_INNODB_FILES),
	.hold = 3,
	.linger = 10,
	.window = FLUSH_WINDOW,
	.thresholds = {{"waits", UNIT_COUNT, 5, 1,
			"times a second that a statement waits for a free page, or all flush at any price"}},
	.explanation = "Statements need a free page and find none, so that they wait until changed pages are "
		       "written out. Either the disk is too slow for what is changed, or the page cleaner is "
		       "held back.",
	.right = "Look at the disk's write latency. If it has room, raise innodb_io_capacity; if it has none, "
		 "spread or shrink the writes.",
	.wrong = "Raising innodb_max_dirty_pages_pct: it only puts the storm off.",
	.reference = "Configuring buffer pool flushing",
	.judge = dirty_flush_storm,
};

/* --- log-buffer-waits ------------------------------------------------------------------------------ */

enum { LOG_WAITS };
enum { LOG_WINDOW = 10 };

static enum judged log_buffer_waits(struct rule_input *in, struct finding *f)
{
	const struct part *p = rule_part(in, PART_PROCESSLIST);
	struct value waits = rule_mean(in, METRIC_LOG_WAITS, LOG_WINDOW);
	if (!rule_part(in, PART_STATUS) || !p)
		return JUDGED_BLIND;
	if (!rule_over(in, LOG_WAITS, value_number(waits, 0)))
		return JUDGED_NO;
	finding_say(f, in->arena, SEVERITY_WARNING, 0.9,
		    "changes wait for room in the log buffer, %.1f times a second", value_number(waits, 0));
	finding_culprit(f, in->arena, SUBJECT_VARIABLE, "innodb_log_buffer_size");
	int largest = -1;
	double most = 0;
	for (unsigned i = 0; i < part_rows(p); i++) {
		double rows = value_number(SESSION_CELL(p, i, ROWS_MODIFIED), 0);
		if (rows > most && session_works(p, i)) {
			most = rows;
			largest = (int)i;
		}
	}
	if (largest >= 0) {
		finding_suspect(f, in->arena, SUBJECT_SESSION, "%lld",
				(long long)session_id(p, (unsigned)largest));
		finding_evidence(f, in->arena, "rows changed by the largest transaction", UNIT_COUNT,
				 value_real(most));
		finding_evidence(f, in->arena, "its statement", UNIT_SQL,
				 SESSION_CELL(p, (unsigned)largest, INFO));
	}
	finding_evidence(f, in->arena, "log_waits", UNIT_COUNT, waits);
	finding_evidence(f, in->arena, "redo_written", UNIT_BYTES,
			 rule_mean(in, METRIC_REDO_WRITTEN, LOG_WINDOW));
	finding_evidence(f, in->arena, "innodb_log_buffer_size", UNIT_BYTES,
			 setting(in, "innodb_log_buffer_size"));
	finding_step(f, in->arena, STEP_CONFIG, "innodb_log_buffer_size, larger than what one large transaction "
						"writes between two flushes");
	return JUDGED_YES;
}

const struct rule log_buffer_waits_rule = {
	.id = "log-buffer-waits",
	.title = "The log buffer overflows",
	.needs = PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) | PART_BIT(PART_PROCESSLIST),
	.linger = 10,
	.window = LOG_WINDOW,
	.thresholds = {{"waits", UNIT_COUNT, 1, 0.2, "waits a second, over ten seconds"}},
	.explanation = "A change found no room in the log buffer and had to wait until it was written to disk: "
		       "large transactions, large values, or a slow disk under the redo log.",
	.right = "Make innodb_log_buffer_size larger, or the transactions smaller.",
	.wrong = "Setting innodb_flush_log_at_trx_commit to 0: that loses transactions in a crash, and the buffer "
		 "overflows all the same.",
	.reference = "innodb_log_buffer_size",
	.judge = log_buffer_waits,
};
