/*
 * SHOW ENGINE INNODB STATUS: a text, read only while a person looks, since it costs, and since the
 * averages in it are since anybody's last look. parse/innodb_status.h takes it apart.
 */
#include <math.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/innodb.h"
#include "parse/innodb_status.h"

#define SEIS "SHOW ENGINE INNODB STATUS"
#define TEXT_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Engine", "The storage engine.", SEIS ": Type", "InnoDB.") \
	F(TEXT, "text", TEXT, NONE, GAUGE, "Text", "The text as it came, of at most 1 MB.", SEIS ": Status", "") \
	F(TRUNCATED, "truncated", INT, BOOL, GAUGE, "Cut", \
	  "Whether the server left out the middle, as it does with what is longer than 1 MB.", SEIS, \
	  "No. Otherwise there are very many transactions or locks.") \
	F(LSN, "lsn", INT, BYTES, COUNTER, "Newest position", "Up to where changes are made.", \
	  SEIS ": Log sequence number", "Grows with the changes.") \
	F(CHECKPOINT, "checkpoint", INT, BYTES, COUNTER, "Last checkpoint", \
	  "From here a recovery would begin.", SEIS ": Last checkpoint at", "Follows the newest position.") \
	F(AGE, "checkpoint_age", INT, BYTES, GAUGE, "Checkpoint age", \
	  "The newest position less the last checkpoint.", SEIS, "Below 75 % of the redo log's capacity.") \
	F(SEMAPHORES, "semaphore_waits", INT, COUNT, GAUGE, "Semaphore waits", \
	  "Threads that wait for a mutex or latch inside InnoDB.", SEIS ": SEMAPHORES", "0, or few and short.") \
	F(LONGEST, "semaphore_longest", REAL, SECONDS, GAUGE, "Longest", \
	  "For how long the one waits that has waited longest.", SEIS ": SEMAPHORES", \
	  "0. At 600 seconds InnoDB ends the server.") \
	F(VIEWS, "read_views", INT, COUNT, GAUGE, "Read views", \
	  "Transactions that see the data as of some moment; purge waits for the oldest.", \
	  SEIS ": ROW OPERATIONS", "About as many as run, or are left open.") \
	F(VIEW_LIST, "view_list", TEXT, NONE, GAUGE, "Views", \
	  "Sessions with a read view, each with the number below which it sees transactions.", \
	  SEIS ": TRANSACTIONS", "")

enum {
#define TEXT_ENUM(id, ...) TEXT_##id,
	TEXT_FIELDS(TEXT_ENUM)
#undef TEXT_ENUM
};
static const struct field fields[] = {TEXT_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"innodb_status", fields, COUNT_OF(fields), TEXT_NAME};

static const struct source_column columns[] = {
	{"name", "Type", NULL},
	{"text", "Status", NULL},
	{0},
};

static void set_number(struct part_builder *b, unsigned field, double v)
{
	if (!isnan(v))
		part_set(b, field, value_int((int64_t)v));
}

static void set_numbers(const struct innodb_status *s, struct part_builder *b)
{
	double lsn = innodb_status_number(s, "lsn"), at = innodb_status_number(s, "lsn_checkpoint");
	double longest = 0;
	for (size_t i = 0; i < s->n_waits; i++)
		longest = fmax(longest, s->waits[i].seconds);
	part_set(b, TEXT_TRUNCATED, value_int(s->truncated));
	set_number(b, TEXT_LSN, lsn);
	set_number(b, TEXT_CHECKPOINT, at);
	set_number(b, TEXT_AGE, lsn - at);
	set_number(b, TEXT_VIEWS, innodb_status_number(s, "read_views"));
	if (s->lists_waits) {
		part_set(b, TEXT_SEMAPHORES, value_int((int64_t)s->n_waits));
		part_set(b, TEXT_LONGEST, value_real(longest));
	} else {
		part_set_absent(b, TEXT_SEMAPHORES, INNODB_NO_WAIT_LIST);
		part_set_absent(b, TEXT_LONGEST, INNODB_NO_WAIT_LIST);
	}
}

static void set_views(const struct innodb_status *s, struct part_builder *b)
{
	struct buf list = BUF_INIT;
	for (size_t i = 0; i < s->n_trxs; i++)
		if (s->trxs[i].view >= 0 && s->trxs[i].thread > 0)
			buf_addf(&list, "%lld:%lld ", (long long)s->trxs[i].thread,
				 (long long)s->trxs[i].view);
	part_set_text(b, TEXT_VIEW_LIST, buf_str(&list), list.len);
	buf_release(&list);
}

bool innodb_status_views(const struct part *status, struct pairs *views)
{
	struct value v = part_rows(status) ? part_get(status, 0, TEXT_VIEW_LIST) : VALUE_NONE;
	if (v.type != VALUE_TEXT)
		return false;
	for (const char *s = v.s; *s;) {
		char *end;
		int64_t session = strtoll(s, &end, 10);
		if (*end != ':')
			break;
		pairs_add(views, session, strtoll(end + 1, &end, 10));
		s = end + (*end == ' ');
	}
	pairs_sort(views);
	return true;
}

/* The answer has a column Name as well, which is empty. */
static bool take_apart(const struct answer *a, struct part_builder *b)
{
	struct innodb_status s;
	unsigned long len = 0;
	const char *type = answer_cell(a, "Type", NULL), *text = answer_cell(a, "Status", &len);
	if (!text)
		return false;
	if (type)
		part_set_text(b, TEXT_NAME, type, strlen(type));
	innodb_status_parse(&s, text, len);
	set_numbers(&s, b);
	if (!s.truncated)
		set_views(&s, b);
	innodb_status_release(&s);
	return true;
}

static const struct source sources[] = {
	{
		.columns = columns,
		.stmt = {"innodb_status", "SHOW ENGINE INNODB STATUS", STMT_READ},
		.grant = "PROCESS",
	},
	{0},
};

const struct collector innodb_status_collector = {
	.part = PART_INNODB_STATUS,
	.cost = COST_SLOW,
	.schema = &schema,
	.sources = sources,
	.row = take_apart,
	.feature = "InnoDB: the status text",
};
