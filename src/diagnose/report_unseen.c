/* What could not be seen, and what would show it: the other half of every claim of a report. */
#include "diagnose/reportsections.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { PART, STATUS, WHY };
static const struct report_column part_columns[] = {
	[PART] = {.name = "part", .title = "What", .ours = true},
	[STATUS] = {.name = "status", .title = "Status", .ours = true},
	[WHY] = {.name = "reason", .title = "Why, and what would show it"},
};

enum { OF, FIELDS, REASON };
static const struct report_column field_columns[] = {
	[OF] = {.name = "part", .title = "Of", .ours = true},
	[FIELDS] = {.name = "fields", .title = "What", .ours = true},
	[REASON] = {.name = "reason", .title = "Why, and what would show it"},
};

/* What servers of this kind do not have is not hidden; that nobody keeps a history of backups is told
   where backups are. */
static bool is_there_to_see(enum part_id id, const struct part *p, const char *reason)
{
	static const char none[] = " has nothing like it";
	size_t n = reason ? strlen(reason) : 0;
	if (p && part_status(p) == PART_UNSUPPORTED && id == PART_BACKUPS)
		return false;
	return n < sizeof none || strcmp(reason + n - (sizeof none - 1), none) != 0;
}

static void add_parts(struct report_section *s, const struct report_input *in)
{
	struct report_table *t = report_table(s, "parts", "Not read", part_columns,
					      COUNT_OF(part_columns));
	part_mask wanted = report_needs();
	for (int i = 0; i < N_PARTS; i++) {
		const struct part *p = in->now->parts[i];
		if (!(wanted & PART_BIT(i)) || (p && part_status(p) == PART_OK) ||
		    (p && !is_there_to_see((enum part_id)i, p, part_reason(p))))
			continue;
		report_row(t);
		report_cell(t, PART, value_str(part_title((enum part_id)i)));
		report_cell(t, STATUS, value_str(p ? part_status_name(part_status(p)) : "not read"));
		const char *why = p ? part_reason(p) : "there was no answer in the time there was";
		report_cell(t, WHY, why ? value_str(why) : VALUE_NONE);
	}
}

/* Whether the same reason stood at a field before. */
static bool said_before(const struct part *p, unsigned field, const char *reason)
{
	for (unsigned f = 0; f < field; f++) {
		const char *other = part_absent_reason(p, f);
		if (other && strcmp(other, reason) == 0)
			return true;
	}
	return false;
}

/* Fields of parts that were read, by the reason why they are missing. */
static void add_fields(struct report_section *s, const struct report_input *in)
{
	struct report_table *t = report_table(s, "fields", "Read in part", field_columns,
					      COUNT_OF(field_columns));
	for (int i = 0; i < N_PARTS; i++) {
		const struct part *p = report_part_quietly(in, (enum part_id)i);
		if (!p || !part_exported((enum part_id)i) || !part_rows(p))
			continue;
		const struct schema *schema = part_schema(p);
		for (unsigned f = 0; f < schema->n_fields; f++) {
			const char *reason = part_absent_reason(p, f);
			if (!reason || said_before(p, f, reason) || !is_there_to_see((enum part_id)i, NULL, reason))
				continue;
			struct buf names = BUF_INIT;
			for (unsigned k = f; k < schema->n_fields; k++) {
				const char *other = part_absent_reason(p, k);
				if (other && strcmp(other, reason) == 0)
					buf_addf(&names, "%s%s", names.len ? ", " : "",
						 schema->fields[k].name);
			}
			report_row(t);
			report_cell(t, OF, value_str(part_title((enum part_id)i)));
			report_cell(t, FIELDS, value_str(buf_str(&names)));
			report_cell(t, REASON, value_str(reason));
			buf_release(&names);
		}
	}
}

/* Each grant that a reason names, once, for copying. */
static void add_grants(struct buf *out, const char *reason)
{
	for (const char *p = reason; p && (p = strstr(p, "GRANT ")); p += strlen("GRANT ")) {
		struct buf line = BUF_INIT;
		buf_add(&line, p, strcspn(p, ";"));
		buf_addc(&line, ';');
		if (!strstr(buf_str(out), buf_str(&line)))
			buf_addf(out, "%s\n", buf_str(&line));
		buf_release(&line);
	}
}

static void add_remedies(struct report_section *s, const struct report_input *in)
{
	struct buf grants = BUF_INIT;
	for (int i = 0; i < N_PARTS; i++) {
		const struct part *p = in->now->parts[i];
		/* A grant on a table that is not there fails, and of backups' histories most are not. */
		if (!p || i == PART_BACKUPS)
			continue;
		add_grants(&grants, part_reason(p));
		for (unsigned f = 0; f < part_schema(p)->n_fields; f++)
			add_grants(&grants, part_absent_reason(p, f));
	}
	if (grants.len) {
		report_advise(s, "These grants would show the rest; fathom check says more.");
		report_code(s, "%s", buf_str(&grants));
	}
	buf_release(&grants);
}

static void build(struct report_section *s, const struct report_input *in)
{
	add_parts(s, in);
	add_fields(s, in);
	add_remedies(s, in);
}

const struct report_builder report_unseen = {
	.id = "unseen",
	.title = "What could not be seen",
	.build = build,
};
