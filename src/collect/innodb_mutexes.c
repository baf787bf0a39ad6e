/*
 * Hot mutexes and latches. The performance schema times them where its instruments are on, which costs
 * the server some percent and is off by default; without, the servers count waits (SHOW ENGINE INNODB
 * MUTEX).
 */
#include "base/mem.h"
#include "collect/all.h"
#include "collect/innodb.h"
#include "collect/instruments.h"

#define EWS "events_waits_summary_global_by_event_name: "
#define SEIM "SHOW ENGINE INNODB MUTEX: "
#define MUTEX_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Name", \
	  "Name of the mutex or latch, or the place in the server's source where it was made.", \
	  EWS "EVENT_NAME; " SEIM "Name", "") \
	F(KIND, "kind", TEXT, NONE, GAUGE, "Kind", "mutex, rwlock or sxlock.", EWS "EVENT_NAME", "") \
	F(EVENTS, "events", INT, COUNT, COUNTER, "Taken", "How often it was taken, waiting or not.", \
	  EWS "COUNT_STAR; " SEIM "calls", "Follows the load.") \
	F(TIME, "time", REAL, SECONDS, COUNTER, "Time", "Time that threads took to get it.", \
	  EWS "SUM_TIMER_WAIT", "The rate is how many threads wait for it at a time: near zero.") \
	F(LONGEST, "longest", REAL, SECONDS, GAUGE, "Longest", \
	  "The longest wait since the server was started.", EWS "MAX_TIMER_WAIT", "Milliseconds.") \
	F(WAITS, "waits", INT, COUNT, COUNTER, "Waits", \
	  "How often a thread had to be put to sleep for it, spinning having been in vain.", SEIM "waits", \
	  "Hundreds a second and rising with the load: many sessions want the same page, index or structure.") \
	F(SPINS, "spins", INT, COUNT, COUNTER, "Spins", "Rounds of spinning before it was had.", SEIM "spins", \
	  "Follows the load; far more than it is taken means that it is fought over.")

enum {
#define MUTEX_ENUM(id, ...) MUTEX_##id,
	MUTEX_FIELDS(MUTEX_ENUM)
#undef MUTEX_ENUM
};
static const struct field fields[] = {MUTEX_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"innodb_mutexes", fields, COUNT_OF(fields), MUTEX_NAME};

/* "waits=1" or "spins=5,waits=1,calls=20"; -1 where `key` is not in it. */
static int64_t number_after(const char *status, const char *key)
{
	size_t n = strlen(key);
	for (const char *p = status; p && (p = strstr(p, key)); p++)
		if ((p == status || p[-1] == ',' || p[-1] == ' ') && p[n] == '=')
			return strtoll(p + n + 1, NULL, 10);
	return -1;
}

static void take_status(const char *status, struct part_builder *b)
{
	static const struct {
		const char *key;
		unsigned field;
	} numbers[] = {{"waits", MUTEX_WAITS}, {"os_waits", MUTEX_WAITS}, {"spins", MUTEX_SPINS},
		       {"rounds", MUTEX_SPINS}, {"calls", MUTEX_EVENTS}, {"count", MUTEX_EVENTS}};
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		int64_t n = number_after(status, numbers[i].key);
		if (n >= 0)
			part_set(b, numbers[i].field, value_int(n));
	}
}

static bool complete_row(const struct answer *a, struct part_builder *b)
{
	unsigned long len;
	const char *status = answer_cell(a, "Status", NULL), *event = answer_cell(a, "event", &len);
	if (status) {
		const char *name = answer_cell(a, "Name", NULL);
		const char *kind = name && strstr(name, "rwlock") ? "rwlock" : "mutex";
		part_set_text(b, MUTEX_KIND, kind, strlen(kind));
		take_status(status, b);
	}
	if (!event)
		return status != NULL;
	/* wait/synch/KIND/innodb/NAME */
	const char *kind = event + strlen("wait/synch/"), *slash = len > 11 ? strchr(kind, '/') : NULL;
	const char *name = strrchr(event, '/');
	if (!slash || !name)
		return false;
	part_set_text(b, MUTEX_KIND, kind, (size_t)(slash - kind));
	part_set_text(b, MUTEX_NAME, name + 1, strlen(name + 1));
	return true;
}

static bool latches_are_timed(const struct collect_ctx *ctx)
{
	const struct part *p = ctx->parts[PART_INSTRUMENTS];
	return p && part_find(p, value_str(INSTRUMENT_INNODB_LATCHES)) >= 0 &&
	       instrument_on(ctx, INSTRUMENT_INNODB_LATCHES);
}

static const struct source_column show_columns[] = {
	{"name", "Name", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.table = "performance_schema.events_waits_summary_global_by_event_name",
		.stmt = {"innodb_mutexes/waits",
			 "SELECT EVENT_NAME AS event, COUNT_STAR AS events, SUM_TIMER_WAIT/1e12 AS time, "
			 "MAX_TIMER_WAIT/1e12 AS longest "
			 "FROM performance_schema.events_waits_summary_global_by_event_name "
			 "WHERE EVENT_NAME LIKE '" "wait/synch/%%/innodb/%%" "' AND COUNT_STAR > 0 "
			 "ORDER BY SUM_TIMER_WAIT DESC LIMIT 60", STMT_READ},
		.grant = "SELECT ON performance_schema.*",
		.usable = latches_are_timed,
	},
	{
		.columns = show_columns,
		.stmt = {"innodb_mutexes/show", "SHOW ENGINE INNODB MUTEX", STMT_READ},
		.grant = "PROCESS",
	},
	{0},
};

const struct collector innodb_mutexes_collector = {
	.part = PART_INNODB_MUTEXES,
	.cost = COST_SLOW,
	.schema = &schema,
	.sources = sources,
	.after = PART_BIT(PART_INSTRUMENTS),
	.most_rows = 200,
	.row = complete_row,
	.feature = "InnoDB: hot mutexes and latches",
};
