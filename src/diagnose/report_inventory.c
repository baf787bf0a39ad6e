/* The inventory: what server this is, where it runs, what bounds it, and what somebody has set. */
#include "diagnose/reportsections.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "diagnose/knownsettings.h"

/* --- facts --------------------------------------------------------------------------------------------- */

static void fact_variable(struct report_section *s, const struct report_input *in, const char *title,
			  enum unit unit, const char *name)
{
	struct value v = report_variable(in, name);
	if (v.type != VALUE_ABSENT && !(v.type == VALUE_TEXT && !v.len))
		report_fact(s, title, v.type == VALUE_TEXT ? UNIT_NONE : unit, v, NULL);
}

static void add_server(struct report_section *s, const struct report_input *in)
{
	const struct server_info *i = &in->now->server;
	report_fact_text(s, "server", "%s %s", flavor_title(i->flavor), i->version);
	fact_variable(s, in, "edition", UNIT_NONE, "version_comment");
	fact_variable(s, in, "built for", UNIT_NONE, "version_compile_machine");
	fact_variable(s, in, "host name", UNIT_NONE, "hostname");
	fact_variable(s, in, "port", UNIT_ID, "port");
	fact_variable(s, in, "server_id", UNIT_ID, "server_id");
	fact_variable(s, in, "data directory", UNIT_NONE, "datadir");
	if (in->now->uptime >= 0)
		report_fact(s, "up for", UNIT_SECONDS, value_real(in->now->uptime), NULL);
	report_fact_text(s, "role", "%s%s", role_name(in->now->role),
			 !in->now->read_only_known ? "" : in->now->read_only ? ", read only" : ", writable");
	report_fact_text(s, "performance schema", "%s", i->performance_schema ? "on" : "off");
	report_fact_text(s, "read by", "%s, %s", i->account, i->socket ? "by the socket"
			 : i->cipher[0] ? "with TLS" : "without TLS");
}

static unsigned rows_of(const struct report_input *in, enum part_id id)
{
	const struct part *p = report_part_quietly(in, id);
	return p ? part_rows(p) : 0;
}

static void add_topology(struct report_section *s, const struct report_input *in)
{
	const struct part *channels = report_part_quietly(in, PART_REPLICATION);
	for (unsigned i = 0; channels && i < part_rows(channels) && i < 8; i++)
		report_fact_text(s, "replicates from", "%s:%lld",
				 value_cstr(part_cell(channels, i, "source_host")),
				 (long long)value_integer(part_cell(channels, i, "source_port"), 0));
	static const struct {
		enum part_id part;
		const char *title;
	} counts[] = {
		{PART_REPLICAS, "replicas that it serves"},
		{PART_GROUP, "members of its group"},
		{PART_GALERA, "nodes of its cluster"},
	};
	for (size_t i = 0; i < COUNT_OF(counts); i++)
		if (rows_of(in, counts[i].part))
			report_fact(s, counts[i].title, UNIT_COUNT, value_int(rows_of(in, counts[i].part)), NULL);
}

static void add_hardware(struct report_section *s, const struct report_input *in)
{
	static const struct {
		enum part_id part;
		const char *field, *title;
		enum unit unit;
	} facts[] = {
		{PART_HOST, "system", "system", UNIT_NONE},
		{PART_HOST, "kernel", "kernel", UNIT_NONE},
		{PART_HOST, "machine", "machine", UNIT_NONE},
		{PART_HOST, "container", "container", UNIT_NONE},
		{PART_HOST, "cores", "cores", UNIT_COUNT},
		{PART_HOST_CPU, "quota_cores", "cores that its cgroup may use", UNIT_COUNT},
		{PART_HOST_MEMORY, "total", "memory", UNIT_BYTES},
		{PART_HOST_MEMORY, "cgroup_limit", "memory that its cgroup may use", UNIT_BYTES},
		{PART_HOST_MEMORY, "swap_total", "swap", UNIT_BYTES},
		{PART_HOST, "uptime", "host up for", UNIT_SECONDS},
	};
	if (!rows_of(in, PART_HOST) && !rows_of(in, PART_HOST_CPU)) {
		report_note(s, "Hardware and storage: not applicable: no host data.");
		return;
	}
	for (size_t i = 0; i < COUNT_OF(facts); i++) {
		const struct part *p = report_part_quietly(in, facts[i].part);
		struct value v = p && part_rows(p) ? part_cell(p, 0, facts[i].field) : VALUE_NONE;
		if (v.type != VALUE_ABSENT)
			report_fact(s, facts[i].title, facts[i].unit, v, NULL);
	}
}

static void add_limits(struct report_section *s, const struct report_input *in)
{
	static const struct {
		const char *name;
		enum unit unit;
	} limits[] = {
		{"max_connections", UNIT_COUNT}, {"innodb_buffer_pool_size", UNIT_BYTES},
		{"innodb_redo_log_capacity", UNIT_BYTES}, {"innodb_log_file_size", UNIT_BYTES},
		{"tmp_table_size", UNIT_BYTES}, {"max_allowed_packet", UNIT_BYTES},
		{"table_open_cache", UNIT_COUNT}, {"table_definition_cache", UNIT_COUNT},
		{"open_files_limit", UNIT_COUNT},
	};
	for (size_t i = 0; i < COUNT_OF(limits); i++)
		fact_variable(s, in, limits[i].name, limits[i].unit, limits[i].name);
	struct value most = report_status(in, "Max_used_connections");
	if (value_is_number(most))
		report_fact(s, "connections at most so far", UNIT_COUNT, most, NULL);
}

/* --- storage ------------------------------------------------------------------------------------------- */

enum { FS_MOUNT, FS_TYPE, FS_HOLDS, FS_SIZE, FS_FREE };
static const struct report_column fs_columns[] = {
	[FS_MOUNT] = {.name = "mount", .title = "Mounted on"},
	[FS_TYPE] = {.name = "type", .title = "Type"},
	[FS_HOLDS] = {.name = "used_for", .title = "Holds"},
	[FS_SIZE] = {.name = "size", .title = "Size", .unit = UNIT_BYTES},
	[FS_FREE] = {.name = "available", .title = "Free", .unit = UNIT_BYTES},
};

/* Those that hold something of the server. */
static void add_storage(struct report_section *s, const struct report_input *in)
{
	const struct part *p = report_part_quietly(in, PART_HOST_FS);
	struct report_table *t = report_table(s, "storage", "Storage", fs_columns, COUNT_OF(fs_columns));
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		if (!value_cstr(part_cell(p, i, "used_for"))[0])
			continue;
		report_row(t);
		for (unsigned c = 0; c < COUNT_OF(fs_columns); c++)
			report_cell(t, c, part_cell(p, i, fs_columns[c].name));
	}
}

/* --- settings ------------------------------------------------------------------------------------------ */

enum { SET_NAME, SET_VALUE, SET_DEFAULT, SET_BY, SET_WHY };
static const struct report_column setting_columns[] = {
	[SET_NAME] = {.name = "name", .title = "Setting", .ours = true},
	[SET_VALUE] = {.name = "value", .title = "Value"},
	[SET_DEFAULT] = {.name = "default_value", .title = "Default"},
	[SET_BY] = {.name = "set_by", .title = "Set by"},
	[SET_WHY] = {.name = "why", .title = "Why it matters", .ours = true},
};
enum { MOST_SETTINGS = 120 };

/* What every server has of its own: nobody decided anything by it. */
static bool is_place(const char *name)
{
	static const char *const places[] = {"basedir", "datadir", "socket", "port", "pid_file", "plugin_dir",
					     "lc_messages_dir", "character_sets_dir", "hostname", "system_time_zone",
					     "version", "server_uuid", "report_port", "init_file"};
	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (strcmp(places[i], name) == 0)
			return true;
	return false;
}

static bool same(struct value a, struct value b)
{
	return a.type == VALUE_TEXT && b.type == VALUE_TEXT ? strcasecmp(a.s, b.s) == 0 : value_equal(a, b);
}

/* MySQL says of these how our own session came by them: only a value that is unusual tells of the server. */
static const struct {
	const char *name, *usual;
} ours[] = {
	{"autocommit", "ON"}, {"foreign_key_checks", "ON"}, {"information_schema_stats_expiry", "86400"},
	{"innodb_lock_wait_timeout", "50"}, {"lock_wait_timeout", "31536000"}, {"max_execution_time", "0"},
	{"sql_mode", "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
		     "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"},
	{"sql_select_limit", "18446744073709551615"}, {"time_zone", "SYSTEM"},
	{"transaction_read_only", "OFF"}, {"tx_read_only", "OFF"}, {"wait_timeout", "28800"},
};

static bool is_usual(const char *name, struct value value)
{
	for (size_t i = 0; i < COUNT_OF(ours); i++)
		if (strcmp(ours[i].name, name) == 0)
			return same(value, value_parse(ours[i].usual, (uint32_t)strlen(ours[i].usual)));
	return false;
}

static bool is_set(const struct part *p, unsigned row)
{
	struct value value = part_cell(p, row, "value"), def = part_cell(p, row, "default_value");
	const char *name = value_cstr(part_get(p, row, 0));
	if (!value_integer(part_cell(p, row, "changed"), 0) || is_place(name))
		return false;
	return def.type != VALUE_ABSENT ? !same(value, def) : !is_usual(name, value);
}

static void add_setting(struct report_table *t, const struct part *p, unsigned row, const char *why)
{
	struct value by = part_cell(p, row, "source"), path = part_cell(p, row, "path");
	struct value who = part_cell(p, row, "set_user"), when = part_cell(p, row, "set_time");
	struct value value = part_cell(p, row, "value"), def = part_cell(p, row, "default_value");
	struct buf b = BUF_INIT;
	report_row(t);
	report_cell(t, SET_NAME, part_get(p, row, 0));
	report_cell(t, SET_VALUE, value.type == VALUE_TEXT && !value.len ? value_str("(empty)") : value);
	report_cell(t, SET_DEFAULT, def.type == VALUE_TEXT && !def.len ? value_str("(empty)") : def);
	buf_adds(&b, value_cstr(by));
	if (path.type == VALUE_TEXT)
		buf_addf(&b, " %s", path.s);
	if (who.type == VALUE_TEXT)
		buf_addf(&b, " by %s", who.s);
	if (who.type == VALUE_TEXT && when.type == VALUE_TEXT)
		buf_addf(&b, ", %.19s", when.s);
	report_cell(t, SET_BY, value_str(buf_str(&b)));
	report_cell(t, SET_WHY, why ? value_str(why) : VALUE_NONE);
	buf_release(&b);
}

/* First those that are known to matter. */
static void add_settings(struct report_section *s, const struct report_input *in)
{
	const struct part *p = report_part(s, in, PART_VARIABLES);
	if (!p)
		return;
	int changed = schema_field(part_schema(p), "changed");
	if (changed < 0 || part_absent_reason(p, (unsigned)changed)) {
		report_note(s, "Which settings differ from their defaults is not known from this server.");
		return;
	}
	struct report_table *t = report_table(s, "settings", "Settings that somebody changed", setting_columns,
					      COUNT_OF(setting_columns));
	for (int pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < part_rows(p); i++) {
			const char *why = known_setting(value_cstr(part_get(p, i, 0)));
			if (!is_set(p, i) || (why != NULL) != (pass == 0))
				continue;
			if (t->n_rows < MOST_SETTINGS)
				add_setting(t, p, i, why);
			else
				t->cut++;
		}
	if (!t->n_rows)
		report_advise(s, "Every setting is as the program has it built in.");
}

static void build(struct report_section *s, const struct report_input *in)
{
	add_server(s, in);
	add_topology(s, in);
	add_limits(s, in);
	add_hardware(s, in);
	add_storage(s, in);
	add_settings(s, in);
}

const struct report_builder report_inventory = {
	.id = "inventory",
	.title = "Inventory",
	.needs = PART_BIT(PART_VARIABLES) | PART_BIT(PART_STATUS) | PART_BIT(PART_REPLICATION) |
		 PART_BIT(PART_REPLICAS) | PART_BIT(PART_GROUP) | PART_BIT(PART_GALERA) | PART_BIT(PART_HOST) |
		 PART_BIT(PART_HOST_CPU) | PART_BIT(PART_HOST_MEMORY) | PART_BIT(PART_HOST_FS),
	.build = build,
};
