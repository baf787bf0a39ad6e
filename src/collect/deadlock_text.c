/*
 * The section of SHOW ENGINE INNODB STATUS about the latest deadlock. The text is dear, so it is asked for only
 * when the counter of deadlocks, which is read anyway, says that there was one since.
 */
#include "base/mem.h"
#include "collect/all.h"
#include "collect/deadlocks.h"
#include "collect/innodb.h"
#include "parse/innodb_status.h"

#define TEXT_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Engine", "The storage engine.", LATEST, "InnoDB.") \
	F(TEXT, "text", TEXT, NONE, GAUGE, "Text", "The section as it came.", LATEST, "")

enum { TEXT_NAME, TEXT_TEXT };
static const struct field fields[] = {TEXT_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"deadlock_text", fields, COUNT_OF(fields), TEXT_NAME};

struct value deadlock_counter(const struct collect_ctx *ctx)
{
	struct value v = part_lookup(ctx->parts[PART_STATUS], "Innodb_deadlocks");
	return v.type != VALUE_ABSENT ? v : innodb_counter(ctx->parts[PART_INNODB], "lock_deadlocks");
}

struct value deadlock_text(const struct part *text)
{
	return text && part_rows(text) ? part_get(text, 0, TEXT_TEXT) : VALUE_NONE;
}

/* Each reading is remembered with the counter as it was then. */
static bool gate(const struct collect_ctx *ctx)
{
	const struct part *seen = ctx->parts[PART_DEADLOCKS];
	unsigned n = seen ? part_rows(seen) : 0;
	int64_t last = n ? value_integer(part_get(seen, n - 1, DEADLOCK_COUNTER), 0) : 0;
	return value_integer(deadlock_counter(ctx), last) != last;
}

static bool take_section(const struct answer *a, struct part_builder *b)
{
	enum { MOST = 64 * 1024 };
	struct innodb_status s;
	unsigned long len = 0;
	const char *text = answer_cell(a, "Status", &len);
	if (!text)
		return false;
	innodb_status_parse(&s, text, len);
	const struct innodb_section *of = innodb_status_section(&s, INNODB_DEADLOCK);
	part_set(b, TEXT_NAME, value_str("InnoDB"));
	part_set_text(b, TEXT_TEXT, of ? of->body.s : "", !of ? 0 : of->body.len < MOST ? of->body.len : MOST);
	innodb_status_release(&s);
	return true;
}

static const struct source sources[] = {
	{
		.stmt = {"deadlock_text", "SHOW ENGINE INNODB STATUS", STMT_READ},
		.grant = "PROCESS",
	},
	{0},
};

const struct collector deadlock_text_collector = {
	.part = PART_DEADLOCK_TEXT,
	.cost = COST_FAST,
	.schema = &schema,
	.sources = sources,
	.gate = gate,
	.after = PART_BIT(PART_STATUS) | PART_BIT(PART_INNODB),
	.row = take_section,
	.feature = "deadlocks as they happen",
};
