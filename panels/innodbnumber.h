/*
 * The numbers of InnoDB that its panel shows: one row each in innodbnumbers.c, with where a server has it,
 * when it is a strain, and its teaching text. What a server does not have is absent with a reason. UI
 * thread; values are read from frames, nothing is kept.
 */
#ifndef PANELS_INNODBNUMBER_H
#define PANELS_INNODBNUMBER_H

#include "model/timeline.h"
#include "panels/draw.h"
#include "ui/doc.h"

#define INNO_NUMBERS(N) \
	/* buffer pool */ \
	N(POOL_SIZE) N(POOL_USED) N(POOL_CLEAN) N(POOL_DIRTY) N(POOL_FREE) N(POOL_OLD) N(POOL_HIT) \
	N(POOL_REQUESTS) N(POOL_MISSES) N(POOL_WAITS) N(MADE_YOUNG) N(NOT_YOUNG) N(PAGES_READ) \
	N(PAGES_CREATED) N(READ_AHEAD) N(READ_AHEAD_RANDOM) N(READ_AHEAD_WASTED) N(POOL_RESIZE) N(POOL_LOAD) \
	/* flushing */ \
	N(FLUSHED) N(FLUSH_SHARE) N(FLUSH_LRU) N(FLUSH_ADAPTIVE) N(FLUSH_BACKGROUND) N(FLUSH_SYNC) \
	N(FLUSH_FOR_REDO) N(FLUSH_FOR_DIRTY) N(CLEANER_TIME) \
	/* change buffer, adaptive hash */ \
	N(CHANGE_SIZE) N(CHANGE_MERGES) N(CHANGE_INSERTS) N(CHANGE_DELETE_MARKS) N(CHANGE_DELETES) \
	N(HASH_HITS) N(HASH_SEARCHES) N(HASH_MISSES) N(HASH_MEMORY) \
	/* log buffer, redo */ \
	N(LOG_BUFFER) N(LOG_WAITS) N(LOG_REQUESTS) N(LOG_WRITES) N(REDO_CAPACITY) N(REDO_AGE) N(REDO_USED) \
	N(REDO_WRITTEN) N(REDO_HOURLY) N(REDO_FITS) N(REDO_CHECKPOINT) N(REDO_FSYNCS) N(REDO_PENDING) \
	N(REDO_PENDING_FSYNCS) N(REDO_FILES) \
	/* undo and purge */ \
	N(HISTORY) N(HISTORY_TREND) N(OLDEST_VIEW) N(PURGED) N(PURGE_DELAY) N(UNDO_SPACES) N(UNDO_TRUNCATIONS) \
	/* files, doublewrite, I/O */ \
	N(DATA_READ) N(DATA_WRITTEN) N(DATA_READS) N(DATA_WRITES) N(DATA_FSYNCS) N(PENDING_READS) \
	N(PENDING_WRITES) N(PENDING_FSYNCS) N(OPEN_FILES) N(DOUBLEWRITE_PAGES) N(DOUBLEWRITE_WRITES) \
	N(DOUBLEWRITE_BATCH) N(DATA_SIZE) N(DATA_SPACES) N(UNDO_SIZE) N(DATA_READ_TIME) \
	N(DATA_WRITE_TIME) N(DATA_SYNC_TIME) N(LOG_SYNC_TIME) \
	/* rows and latches */ \
	N(ROWS_READ) N(ROWS_INSERTED) N(ROWS_UPDATED) N(ROWS_DELETED) N(LOCK_WAITS) N(LOCK_WAITING) \
	N(LOCK_TIME) N(DEADLOCKS) N(TIMEOUTS) N(LATCH_WAITS) N(LATCH_SPINS) N(LATCH_ROUNDS) \
	N(LATCH_WAITING) N(LATCH_LONGEST)

enum inno_number_id {
#define INNO_NUMBER_ENUM(id) INNO_##id,
	INNO_NUMBERS(INNO_NUMBER_ENUM)
#undef INNO_NUMBER_ENUM
	INNO_N_NUMBERS,
};

/* How hard a number is pressed. */
enum inno_strain { STRAIN_NONE, STRAIN_WARNING, STRAIN_CRITICAL };

struct inno_number {
	const char *title;      /* short; that of a metric may be another */
	enum unit unit;
	bool rate;
	const char *status[3];  /* of SHOW GLOBAL STATUS: the first that the server has */
	const char *counter[2]; /* of INNODB_METRICS, where status has none of them */
	/* Instead of names: a metric (1 + its id), which brings unit and texts, or a function. With a metric
	   `counter` says which one it may lack. */
	unsigned metric;
	struct value (*read)(const struct frame *f);
	/* At or above them; where `warning` is the larger one, at or below. 0: no strain. */
	double warning, critical;
	const char *word;       /* what a strained one is: "high", "waits"; NULL: "high" */
	const char *help, *source, *normal;
	enum part_id part;      /* that `read` looks at; PART_STATUS where none is said */
	const char *lacks;      /* why some server does not have it, and what brings it */
};

extern const struct inno_number inno_numbers[INNO_N_NUMBERS];

enum unit inno_unit(unsigned id);
bool inno_is_rate(unsigned id);
const char *inno_normal(unsigned id);
struct value inno_value(unsigned id, const struct frame *f);
/* The number, NaN when absent. */
double inno_real(unsigned id, const struct frame *f);
enum inno_strain inno_strain(unsigned id, struct value v);
enum ui_role inno_strain_role(enum inno_strain s);
/* "high", "too high", "" without strain. */
const char *inno_strain_word(unsigned id, enum inno_strain s);
/* As people read it, with /s behind rates. */
void inno_format(struct buf *out, unsigned id, struct value v);
/* Title, value and what is wrong with it, in their roles. */
void line_inno(struct line *l, const char *title, unsigned id, const struct frame *f);
/* The value and what is wrong with it. The second says it by `!` and `!!` where a word has no room. */
void line_inno_value(struct line *l, unsigned id, const struct frame *f);
void line_inno_brief(struct line *l, const char *title, unsigned id, const struct frame *f);
/* "42 s", "6m12s". */
void inno_seconds(struct buf *out, double seconds);
/* Why it is absent, appended; nothing when it is not. */
void inno_absent(struct buf *out, unsigned id, const struct frame *f);
void inno_explain(struct doc *d, unsigned id, const struct console *c);

/* The newest values that are still known, oldest first, NaN where absent. Returns how many. */
unsigned inno_history(unsigned id, const struct timeline *t, double *out, unsigned most, double *seconds);
/* ↗ ↘ by the last minute; "" when it is steady, or not known. */
const char *inno_trend(unsigned id, const struct timeline *t);
void inno_spark(struct canvas *c, int x, int y, int w, unsigned id, const struct timeline *t);

/* The oldest open transaction: its session and age. False when there is none, or none may be seen. */
bool inno_oldest(const struct frame *f, int64_t *session, double *age);
/* A setting of the server, the first of the names that it has. */
struct value inno_variable(const struct frame *f, const char *names);

#endif
