/*
 * SHOW ENGINE INNODB STATUS: a text, read only while a person looks, since it costs, and since the
 * averages in it are since anybody's last look. parse/innodb_status.h takes it apart.
 */
#include "base/mem.h"
#include "collect/all.h"

#define SEIS "SHOW ENGINE INNODB STATUS"
#define TEXT_FIELDS(F) \
	F(NAME, "name", TEXT, NONE, GAUGE, "Engine", "The storage engine.", SEIS ": Type", "InnoDB.") \
	F(TEXT, "text", TEXT, NONE, GAUGE, "Text", "The text as it came, of at most 1 MB.", SEIS ": Status", "")

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

/* There may be a column of that name, too; it is empty. */
static bool name_it(const struct answer *a, struct part_builder *b)
{
	const char *type = answer_cell(a, "Type", NULL);
	if (type)
		part_set_text(b, TEXT_NAME, type, strlen(type));
	return answer_cell(a, "Status", NULL) != NULL;
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
	.row = name_it,
	.feature = "InnoDB: the status text",
};
