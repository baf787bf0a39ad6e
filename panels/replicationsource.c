/*
 * The panel's sections on those who depend on this server, or stand beside it: its replicas and binary logs,
 * the members of its group, the nodes of its cluster.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "panels/replication.h"

enum { LABEL = 12 };

/* --- generic: columns of a part ---------------------------------------------------------------- */

struct part_column {
	const char *field;
	enum ui_role (*tint)(struct value v); /* or NULL */
};

static void put_part(struct sheet *s, const struct part *p, const struct sheet_column *columns,
		     const struct part_column *fields, unsigned n, int topic)
{
	struct sheet_table t = {.columns = columns, .n_columns = n};
	const struct schema *schema = part_schema(p);
	for (unsigned i = 0; i < part_rows(p); i++) {
		struct buf key = BUF_INIT;
		unit_format(&key, UNIT_ID, part_get(p, i, schema->key), false);
		struct sheet_row *r = sheet_table_row(&t, buf_str(&key));
		buf_release(&key);
		for (unsigned k = 0; k < n; k++) {
			int f = schema_field(schema, fields[k].field);
			struct value v = f < 0 ? VALUE_NONE : part_get(p, i, (unsigned)f);
			sheet_row_value(r, k, f < 0 ? UNIT_NONE : schema->fields[f].unit, v, false);
			if (fields[k].tint && v.type != VALUE_ABSENT)
				r->cells[k].role = fields[k].tint(v);
		}
	}
	sheet_table_put(s, &t, 2, topic, NULL);
}

/* Says why a part has nothing to show; nothing when it was read. */
static void put_unread(struct sheet *s, const struct console *c, enum part_id id)
{
	const struct part *p = console_part(c, id);
	if (!p || part_status(p) == PART_OK || part_status(p) == PART_UNSUPPORTED)
		return;
	struct buf b = BUF_INIT;
	buf_addf(&b, "%s: %s", part_title(id), part_reason(p) ? part_reason(p) : part_status_name(part_status(p)));
	sheet_about(s, 0, NULL, NULL);
	sheet_text(s, 2, UI_WARNING, buf_str(&b));
	buf_release(&b);
}

static enum ui_role tint_state(struct value v)
{
	static const char *const good[] = {"ONLINE", "Synced", "Primary"};
	static const char *const bad[] = {"ERROR", "OFFLINE", "UNREACHABLE", "non-Primary", "Disconnected"};
	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (strcasecmp(value_cstr(v), good[i]) == 0)
			return UI_GOOD;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (strcasecmp(value_cstr(v), bad[i]) == 0)
			return UI_CRITICAL;
	return UI_WARNING;
}

/* Queues and conflicts: nothing to see while they are 0. */
static enum ui_role tint_count(struct value v)
{
	return value_number(v, 0) > 0 ? UI_STRONG : UI_DIM;
}

/* --- as source -------------------------------------------------------------------------------- */

static void put_replicas(struct sheet *s, const struct part *p)
{
	static const struct sheet_column columns[] = {
		{"Replica", 32, 0, false, false}, {"Session", 10, 2, true, false},
		{"Connected", 9, 3, true, false}, {"User", 16, 6, false, false},
		{"By GTID", 7, 5, false, false},  {"Needs", 24, 1, false, false},
		{"Behind", 9, 1, true, false},    {"State", 60, 4, false, true},
	};
	static const struct part_column fields[] = {
		{"host", NULL},    {"id", NULL},         {"time", NULL},         {"user", NULL},
		{"by_gtid", NULL}, {"needs_file", NULL}, {"bytes_behind", NULL}, {"state", NULL},
	};
	put_part(s, p, columns, fields, COUNT_OF(columns), TOPIC_REPLICA);
}

static void put_binlog(struct sheet *s, const struct console *c)
{
	const struct part *p = replication_part(c, PART_BINLOG);
	sheet_about(s, TOPIC_BINLOG, NULL, "file position");
	if (!p) {
		const struct part *none = console_part(c, PART_BINLOG);
		if (none && part_status(none) == PART_OK)
			sheet_labelled(s, 2, LABEL, "Binary log", UI_DIM, "off: nobody can replicate from this server");
		return;
	}
	struct buf b = BUF_INIT;
	buf_addf(&b, "%s:%lld", value_cstr(part_cell(p, 0, "file")),
		 (long long)value_integer(part_cell(p, 0, "position"), 0));
	struct sheet_flow f = sheet_flow(s, 2);
	sheet_flow_add(&f, "Binary log ", UI_STRONG, buf_str(&b));
	sheet_flow_value(&f, "written", UNIT_BYTES, timeline_metric(console_timeline(c), METRIC_BINLOG_BYTES), true,
			 "/s");
	sheet_flow_end(&f);
	buf_release(&b);
	const char *gtids = value_cstr(part_cell(p, 0, "gtid_executed"));
	if (*gtids) {
		sheet_about(s, TOPIC_BINLOG, NULL, "gtid_executed");
		sheet_labelled(s, 2, LABEL, "Executed", UI_TEXT, gtids);
	}
}

/* Statements of the status table, each only where the server has it. */
struct status_fact {
	const char *label, *names[2]; /* present and former name */
	bool rate;
};

static void put_status(struct sheet *s, const struct console *c, const struct status_fact *facts, size_t n)
{
	const struct frame *f = console_frame(c);
	struct sheet_flow flow = sheet_flow(s, 2);
	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; k < 2 && facts[i].names[k]; k++) {
			struct value v = facts[i].rate ? frame_rate_of(f, PART_STATUS, facts[i].names[k])
						       : frame_value_of(f, PART_STATUS, facts[i].names[k]);
			if (frame_value_of(f, PART_STATUS, facts[i].names[k]).type == VALUE_ABSENT)
				continue;
			sheet_flow_value(&flow, facts[i].label, UNIT_COUNT, v, facts[i].rate,
					 facts[i].rate ? "/s" : "");
			break;
		}
	sheet_flow_end(&flow);
}

void replication_put_source(struct sheet *s, const struct console *c)
{
	static const struct status_fact caches[] = {
		{"transactions cached", {"Binlog_cache_use", NULL}, true},
		{"spilled to disk", {"Binlog_cache_disk_use", NULL}, true},
		{"statements spilled", {"Binlog_stmt_cache_disk_use", NULL}, true},
	};
	static const struct status_fact semisync[] = {
		{"semi-sync replicas", {"Rpl_semi_sync_source_clients", "Rpl_semi_sync_master_clients"}, false},
		{"on", {"Rpl_semi_sync_source_status", "Rpl_semi_sync_master_status"}, false},
		{"waiting now", {"Rpl_semi_sync_source_wait_sessions", "Rpl_semi_sync_master_wait_sessions"}, false},
		{"waits", {"Rpl_semi_sync_source_tx_waits", "Rpl_semi_sync_master_tx_waits"}, true},
		{"mean wait us", {"Rpl_semi_sync_source_tx_avg_wait_time",
				  "Rpl_semi_sync_master_tx_avg_wait_time"}, false},
		{"acknowledged", {"Rpl_semi_sync_source_yes_tx", "Rpl_semi_sync_master_yes_tx"}, true},
		{"not acknowledged", {"Rpl_semi_sync_source_no_tx", "Rpl_semi_sync_master_no_tx"}, true},
	};
	const struct part *replicas = replication_part(c, PART_REPLICAS);
	if (!replicas && !replication_part(c, PART_BINLOG))
		return;
	sheet_heading(s, replicas ? "Source of" : "Binary log");
	put_unread(s, c, PART_REPLICAS);
	if (replicas)
		put_replicas(s, replicas);
	put_binlog(s, c);
	sheet_about(s, TOPIC_BINLOG, NULL, NULL);
	put_status(s, c, caches, COUNT_OF(caches));
	put_status(s, c, semisync, COUNT_OF(semisync));
}

void replication_put_files(struct sheet *s, const struct console *c)
{
	static const struct sheet_column columns[] = {
		{"File", 40, 0, false, false}, {"Size", 9, 0, true, false}, {"Encrypted", 9, 2, false, false},
		{"Needed by", 60, 1, false, true},
	};
	static const struct part_column fields[] = {
		{"file", NULL}, {"size", NULL}, {"encrypted", NULL}, {"needed_by", NULL},
	};
	const struct part *p = replication_part(c, PART_BINLOG_FILES);
	put_unread(s, c, PART_BINLOG_FILES);
	if (p)
		put_part(s, p, columns, fields, COUNT_OF(columns), TOPIC_BINLOG);
}

/* --- group and cluster ------------------------------------------------------------------------ */

void replication_put_group(struct sheet *s, const struct console *c)
{
	static const struct sheet_column columns[] = {
		{"Member", 32, 0, false, false}, {"Port", 6, 3, true, false}, {"State", 12, 0, false, false},
		{"Role", 10, 1, false, false},   {"Version", 10, 5, false, false}, {"To check", 8, 2, true, false},
		{"To apply", 8, 2, true, false}, {"Conflicts", 9, 4, true, false}, {"Member id", 36, 7, false, false},
	};
	static const struct part_column fields[] = {
		{"host", NULL},    {"port", NULL}, {"state", tint_state},
		{"role", NULL},    {"version", NULL}, {"queue", tint_count},
		{"applier_queue", tint_count}, {"conflicts", tint_count}, {"id", NULL},
	};
	const struct part *p = replication_part(c, PART_GROUP);
	if (!p)
		return;
	sheet_heading(s, "Replication group");
	put_unread(s, c, PART_GROUP);
	put_part(s, p, columns, fields, COUNT_OF(columns), TOPIC_MEMBER);
}

void replication_put_galera(struct sheet *s, const struct console *c)
{
	static const struct sheet_column columns[] = {{"Node", 60, 0, false, true}};
	static const struct part_column fields[] = {{"address", NULL}};
	const struct part *p = replication_part(c, PART_GALERA);
	if (!p)
		return;
	sheet_heading(s, "Galera cluster");
	put_unread(s, c, PART_GALERA);
	put_part(s, p, columns, fields, COUNT_OF(columns), TOPIC_NODE);
}
