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

static enum ui_role tint_sent_all(struct value v)
{
	return value_integer(v, 0) ? UI_GOOD : UI_NOTICE;
}

static void put_replicas(struct sheet *s, const struct part *p)
{
	static const struct sheet_column columns[] = {
		{"Replica", 32, 0, false, false}, {"Session", 10, 3, true, false},
		{"Connected", 9, 4, true, false}, {"Sent all", 8, 1, false, false},
		{"Reads", 24, 2, false, false},   {"Semi-sync", 9, 5, false, false},
		{"By GTID", 7, 6, false, false},  {"User", 16, 8, false, false},
		{"State", 80, 7, false, true},
	};
	static const struct part_column fields[] = {
		{"name", NULL}, {"id", NULL},       {"time", NULL},    {"sent_all", tint_sent_all},
		{"file", NULL}, {"semisync", NULL}, {"by_gtid", NULL}, {"user", NULL},
		{"state", NULL},
	};
	put_part(s, p, columns, fields, COUNT_OF(columns), TOPIC_REPLICA);
}

/* "412 files, 41G; db4:3306 reads binlog.000398". */
static void add_files(struct sheet_flow *flow, const struct console *c)
{
	const struct part *p = replication_part(c, PART_BINLOG_FILES);
	if (!p)
		return;
	sheet_flow_value(flow, "files", UNIT_COUNT, value_int(part_rows(p)), false, "");
	sheet_flow_value(flow, "all together", UNIT_BYTES, part_cell(p, 0, "to_end"), false, "");
	for (unsigned i = 0; i < part_rows(p); i++)
		if (*value_cstr(part_cell(p, i, "needed_by"))) {
			sheet_flow_add(flow, "oldest still read", UI_STRONG, value_cstr(part_cell(p, i, "file")));
			return;
		}
}

static void put_gtids(struct sheet *s, const struct console *c, const struct part *p)
{
	static const struct {
		const char *field, *label;
	} sets[] = {{"gtid_executed", "Executed"}, {"gtid_purged", "Purged"}, {"gtid_state", "GTID state"}};
	for (size_t i = 0; i < COUNT_OF(sets); i++) {
		struct buf b = BUF_INIT;
		replication_fold_gtids(&b, c, value_cstr(part_cell(p, 0, sets[i].field)));
		sheet_about(s, TOPIC_BINLOG, NULL, sets[i].field);
		if (b.len)
			sheet_labelled(s, 2, LABEL, sets[i].label, UI_TEXT, buf_str(&b));
		buf_release(&b);
	}
}

static void put_binlog(struct sheet *s, const struct console *c, const struct part *p)
{
	static const struct replication_fact settings[] = {
		{"format", "format", false},         {"row_image", "row image", false}, {"sync", "sync", true},
		{"expire", "kept", false},           {"max_size", "file size", false},  {"gtid_mode", "GTID mode", false},
		{"cache_use", "through cache", true}, {"cache_disk_use", "spilled", true, true},
		{"commits", "commits", true},        {"group_commits", "group commits", true},
		{"do_db", "only", false},            {"ignore_db", "not", false},
	};
	static const struct replication_fact semisync[] = {
		{"semisync", "semi-sync", true},          {"semisync_clients", "acknowledging", true},
		{"semisync_wait_for", "needed", true},    {"semisync_sessions", "waiting now", true},
		{"semisync_waits", "waits", true},        {"semisync_average", "average wait", true},
		{"semisync_yes", "acknowledged", true},   {"semisync_no", "not acknowledged", true, true},
		{"semisync_fell_back", "fell back", true, true}, {"semisync_timeout", "time-out", true},
		{"semisync_wait_point", "wait point", true},
	};
	struct buf b = BUF_INIT;
	sheet_about(s, TOPIC_BINLOG, NULL, "file position bytes_written");
	buf_addf(&b, "%s:%lld", value_cstr(part_cell(p, 0, "file")),
		 (long long)value_integer(part_cell(p, 0, "position"), 0));
	struct sheet_flow f = sheet_flow(s, 2);
	sheet_flow_add(&f, "Binary log ", UI_STRONG, buf_str(&b));
	sheet_flow_value(&f, "written", UNIT_BYTES, timeline_metric(console_timeline(c), METRIC_BINLOG_BYTES), true,
			 "/s");
	add_files(&f, c);
	sheet_flow_end(&f);
	buf_release(&b);
	sheet_about(s, TOPIC_BINLOG, NULL,
		    "format row_image sync expire max_size gtid_mode cache_use cache_disk_use commits group_commits");
	replication_put_facts(s, c, PART_BINLOG, 0, settings, COUNT_OF(settings));
	put_gtids(s, c, p);
	sheet_about(s, TOPIC_BINLOG, NULL,
		    "semisync semisync_clients semisync_wait_for semisync_sessions semisync_waits semisync_average "
		    "semisync_yes semisync_no semisync_fell_back semisync_timeout semisync_wait_point");
	if (value_integer(part_cell(p, 0, "semisync_enabled"), 0))
		replication_put_facts(s, c, PART_BINLOG, 0, semisync, COUNT_OF(semisync));
}

void replication_put_source(struct sheet *s, const struct console *c)
{
	const struct part *replicas = replication_part(c, PART_REPLICAS), *log = replication_part(c, PART_BINLOG);
	if (!replicas && !log)
		return;
	sheet_heading(s, replicas ? "As source" : "Binary log");
	put_unread(s, c, PART_REPLICAS);
	if (replicas)
		put_replicas(s, replicas);
	put_unread(s, c, PART_BINLOG);
	if (log)
		put_binlog(s, c, log);
}

void replication_put_files(struct sheet *s, const struct console *c)
{
	static const struct sheet_column columns[] = {
		{"File", 40, 0, false, false},     {"Size", 9, 0, true, false},    {"To the end", 10, 2, true, false},
		{"Encrypted", 9, 4, false, false}, {"Readers", 7, 3, true, false}, {"Needed by", 80, 1, false, true},
	};
	static const struct part_column fields[] = {
		{"file", NULL},      {"size", NULL},    {"to_end", NULL},
		{"encrypted", NULL}, {"readers", NULL}, {"needed_by", NULL},
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
		{"Member", 32, 0, false, false},    {"Port", 6, 3, true, false},      {"State", 12, 0, false, false},
		{"Role", 10, 1, false, false},      {"This one", 8, 6, false, false}, {"To certify", 10, 2, true, false},
		{"To apply", 8, 2, true, false},    {"Conflicts", 9, 4, true, false}, {"Rolled back", 11, 7, true, false},
		{"Version", 10, 5, false, false},   {"Member id", 36, 9, false, false},
	};
	static const struct part_column fields[] = {
		{"host", NULL},    {"port", NULL},       {"state", tint_state},       {"role", NULL},
		{"is_self", NULL}, {"queue", tint_count}, {"apply_queue", tint_count}, {"conflicts", tint_count},
		{"rolled_back", tint_count}, {"version", NULL}, {"id", NULL},
	};
	static const struct replication_fact facts[] = {
		{"view_id", "view", false},         {"stack", "stack", false},       {"checked", "certified", true},
		{"applied", "applied", true},       {"proposed", "begun here", true}, {"conflicts", "conflicts", true, true},
		{"rows_validating", "certification rows", true},
	};
	const struct part *p = replication_part(c, PART_GROUP);
	if (!p)
		return;
	sheet_heading(s, "Replication group");
	put_unread(s, c, PART_GROUP);
	put_part(s, p, columns, fields, COUNT_OF(columns), TOPIC_MEMBER);
	for (unsigned i = 0; i < part_rows(p); i++) {
		if (!value_integer(part_cell(p, i, "is_self"), 0))
			continue;
		struct buf b = BUF_INIT;
		sheet_about(s, TOPIC_MEMBER, value_cstr(part_cell(p, i, "id")),
			    "view_id stack checked applied proposed conflicts rows_validating");
		replication_put_facts(s, c, PART_GROUP, i, facts, COUNT_OF(facts));
		replication_fold_gtids(&b, c, value_cstr(part_cell(p, i, "committed_all")));
		if (b.len)
			sheet_labelled(s, 2, LABEL, "On all", UI_TEXT, buf_str(&b));
		buf_release(&b);
	}
}

static void put_own_node(struct sheet *s, const struct console *c, const struct part *p, unsigned row)
{
	static const char *const subjects[] = {
		"ready connected cluster_status cluster_size conf_id desync",
		"flow_paused flow_sent flow_received flow_active flow_requested recv_queue send_queue",
		"commits cert_failures bf_aborts replicated received deps_distance cert_index open_transactions appliers",
		"evs_delayed evs_latency sst_donor provider cached_downto last_committed",
	};
	static const struct replication_fact state[] = {
		{"cluster_status", "component", true}, {"cluster_size", "nodes", true}, {"ready", "ready", true},
		{"connected", "connected", true},      {"conf_id", "configuration", false}, {"desync", "desync", false},
	};
	static const struct replication_fact flow[] = {
		{"flow_paused", "paused", true},        {"flow_sent", "pauses sent", true},
		{"flow_received", "received", true},    {"flow_active", "paused now", true},
		{"recv_queue", "to apply", true},       {"recv_queue_avg", "average", true},
		{"recv_queue_max", "most", true},       {"send_queue", "to send", true},
		{"send_queue_avg", "average", true},
	};
	static const struct replication_fact work[] = {
		{"commits", "commits", true},           {"cert_failures", "certification failures", true, true},
		{"bf_aborts", "aborted", true, true},         {"replicated", "sent", true},
		{"replicated_bytes", "sent", true},     {"received", "received", true},
		{"received_bytes", "received", true},   {"deps_distance", "could apply at once", true},
		{"appliers", "appliers", true},         {"open_transactions", "open", true},
	};
	static const struct replication_fact rest[] = {
		{"evs_delayed", "delayed", false},     {"evs_latency", "latency", false},
		{"sst_donor", "donor", false},         {"provider", "Galera", false},
	};
	const struct {
		const struct replication_fact *facts;
		size_t n;
	} lines[] = {{state, COUNT_OF(state)}, {flow, COUNT_OF(flow)}, {work, COUNT_OF(work)}, {rest, COUNT_OF(rest)}};
	struct buf key = BUF_INIT;
	unit_format(&key, UNIT_ID, part_get(p, row, part_schema(p)->key), false);
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		sheet_about(s, TOPIC_NODE, buf_str(&key), subjects[i]);
		replication_put_facts(s, c, PART_GALERA, row, lines[i].facts, lines[i].n);
	}
	buf_release(&key);
}

void replication_put_galera(struct sheet *s, const struct console *c)
{
	static const struct sheet_column columns[] = {
		{"Node", 32, 0, false, false},      {"Address", 40, 2, false, false}, {"This one", 8, 4, false, false},
		{"State", 20, 0, false, false},     {"Component", 12, 3, false, false},
	};
	static const struct part_column fields[] = {
		{"name", NULL}, {"address", NULL}, {"is_self", NULL}, {"state", tint_state}, {"cluster_status", tint_state},
	};
	const struct part *p = replication_part(c, PART_GALERA);
	if (!p)
		return;
	sheet_heading(s, "Galera cluster");
	put_unread(s, c, PART_GALERA);
	put_part(s, p, columns, fields, COUNT_OF(columns), TOPIC_NODE);
	for (unsigned i = 0; i < part_rows(p); i++)
		if (value_integer(part_cell(p, i, "is_self"), 0))
			put_own_node(s, c, p, i);
}
