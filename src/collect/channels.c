/*
 * Replication channels as the server lists them. The servers renamed verbs and columns twice; both spellings
 * are known here, and one that a server refuses makes way for the next.
 */
#include "collect/channels.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/all.h"

static const struct field fields[] = {CHANNEL_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"channels", fields, COUNT_OF(fields), CHANNEL_CHANNEL};

/* field, present name, former name */
static const struct source_column columns[] = {
	{"channel", "Channel_Name", NULL},
	{"channel", "Connection_name", NULL},
	{"source_host", "Source_Host", NULL},
	{"source_host", "Master_Host", NULL},
	{"source_port", "Source_Port", NULL},
	{"source_port", "Master_Port", NULL},
	{"source_user", "Source_User", NULL},
	{"source_user", "Master_User", NULL},
	{"io_running", "Replica_IO_Running", NULL},
	{"io_running", "Slave_IO_Running", NULL},
	{"sql_running", "Replica_SQL_Running", NULL},
	{"sql_running", "Slave_SQL_Running", NULL},
	{"lag", "Seconds_Behind_Source", NULL},
	{"lag", "Seconds_Behind_Master", NULL},
	{"delay", "SQL_Delay", NULL},
	{"delay_remaining", "SQL_Remaining_Delay", NULL},
	{"io_state", "Replica_IO_State", NULL},
	{"io_state", "Slave_IO_State", NULL},
	{"sql_state", "Replica_SQL_Running_State", NULL},
	{"sql_state", "Slave_SQL_Running_State", NULL},
	{"io_errno", "Last_IO_Errno", NULL},
	{"io_error", "Last_IO_Error", NULL},
	{"io_error_time", "Last_IO_Error_Timestamp", NULL},
	{"sql_errno", "Last_SQL_Errno", NULL},
	{"sql_error", "Last_SQL_Error", NULL},
	{"sql_error_time", "Last_SQL_Error_Timestamp", NULL},
	{"read_file", "Source_Log_File", NULL},
	{"read_file", "Master_Log_File", NULL},
	{"read_position", "Read_Source_Log_Pos", NULL},
	{"read_position", "Read_Master_Log_Pos", NULL},
	{"exec_file", "Relay_Source_Log_File", NULL},
	{"exec_file", "Relay_Master_Log_File", NULL},
	{"exec_position", "Exec_Source_Log_Pos", NULL},
	{"exec_position", "Exec_Master_Log_Pos", NULL},
	{"relay_file", "Relay_Log_File", NULL},
	{"relay_position", "Relay_Log_Pos", NULL},
	{"relay_space", "Relay_Log_Space", NULL},
	{"gtid", "Auto_Position", NULL},
	{"gtid", "Using_Gtid", NULL},
	{"gtid_received", "Retrieved_Gtid_Set", NULL},
	{"gtid_received", "Gtid_IO_Pos", NULL},
	{"gtid_executed", "Executed_Gtid_Set", NULL},
	{"gtid_executed", "Gtid_Slave_Pos", NULL},
	{"source_id", "Source_Server_Id", NULL},
	{"source_id", "Master_Server_Id", NULL},
	{"source_uuid", "Source_UUID", NULL},
	{"source_uuid", "Master_UUID", NULL},
	{"tls", "Source_SSL_Allowed", NULL},
	{"tls", "Master_SSL_Allowed", NULL},
	{"tls_verify", "Source_SSL_Verify_Server_Cert", NULL},
	{"tls_verify", "Master_SSL_Verify_Server_Cert", NULL},
	{"tls_ca", "Source_SSL_CA_File", NULL},
	{"tls_ca", "Master_SSL_CA_File", NULL},
	{"tls_cert", "Source_SSL_Cert", NULL},
	{"tls_cert", "Master_SSL_Cert", NULL},
	{"connect_retry", "Connect_Retry", NULL},
	{"retry_count", "Source_Retry_Count", NULL},
	{"retry_count", "Master_Retry_Count", NULL},
	{"retries", "Retried_transactions", NULL},
	{"heartbeats", "Slave_received_heartbeats", NULL},
	{"heartbeat_interval", "Slave_heartbeat_period", NULL},
	{"parallel_mode", "Parallel_Mode", NULL},
	{0},
};

static const struct source sources[] = {
	{
		/* All connections; plain SHOW REPLICA STATUS leaves named ones out. */
		.flavor = FLAVOR_MARIADB,
		.columns = columns,
		.stmt = {"channels/mariadb", "SHOW ALL SLAVES STATUS", STMT_READ},
		.grant = "REPLICA MONITOR",
	},
	{
		.flavor = FLAVOR_MYSQL,
		.columns = columns,
		.stmt = {"channels/replica", "SHOW REPLICA STATUS", STMT_READ},
		.grant = "REPLICATION CLIENT",
	},
	{
		.flavor = FLAVOR_MYSQL,
		.columns = columns,
		.stmt = {"channels/slave", "SHOW SLAVE STATUS", STMT_READ},
		.grant = "REPLICATION CLIENT",
	},
	{0},
};

/* --- what takes several columns --------------------------------------------------------------------- */

static const char filter_prefix[] = "Replicate_";

static char *lower(const char *s)
{
	char *copy = xstrdup(s);
	for (char *p = copy; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return copy;
}

/* Known and unknown ones alike, by their common prefix. */
static void set_filters(const struct answer *a, struct part_builder *b)
{
	size_t prefix = strlen(filter_prefix);
	struct buf text = BUF_INIT;
	for (unsigned i = 0; i < a->n_columns; i++) {
		if (strncasecmp(a->columns[i], filter_prefix, prefix) != 0 || !a->cells[i] ||
		    !a->lengths[i])
			continue;
		char *name = lower(a->columns[i] + prefix);
		buf_addf(&text, "%s%s=", text.len ? "; " : "", name);
		buf_add(&text, a->cells[i], a->lengths[i]);
		free(name);
	}
	part_set_text(b, CHANNEL_FILTERS, buf_str(&text), text.len);
	buf_release(&text);
}

static const char *cell(const struct answer *a, const char *name)
{
	const char *s = answer_cell(a, name, NULL);
	return s ? s : "";
}

static void set_until(const struct answer *a, struct part_builder *b)
{
	const char *condition = answer_cell(a, "Until_Condition", NULL);
	if (!condition)
		return;
	struct buf text = BUF_INIT;
	if (strcmp(condition, "None") != 0) {
		buf_adds(&text, condition);
		if (*cell(a, "Until_Log_File"))
			buf_addf(&text, " %s:%s", cell(a, "Until_Log_File"), cell(a, "Until_Log_Pos"));
	}
	part_set_text(b, CHANNEL_UNTIL, buf_str(&text), text.len);
	buf_release(&text);
}

static void set_transactions(const struct answer *a, struct part_builder *b)
{
	static const char *const groups[] = {"Slave_Transactional_Groups", "Slave_Non_Transactional_Groups",
					     "Slave_DDL_Groups"};
	int64_t sum = 0;
	bool any = false;
	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		const char *s = answer_cell(a, groups[i], NULL);
		sum += s ? strtoll(s, NULL, 10) : 0;
		any |= s != NULL;
	}
	if (any)
		part_set(b, CHANNEL_TRANSACTIONS, value_int(sum));
}

static bool set_composed(const struct answer *a, struct part_builder *b)
{
	set_filters(a, b);
	set_until(a, b);
	set_transactions(a, b);
	return true;
}

const struct collector channels_collector = {
	.part = PART_CHANNELS,
	.cost = COST_MEDIUM,
	.schema = &schema,
	.sources = sources,
	.row = set_composed,
	.feature = "replication: lag and errors of a replica",
};

/* --- asked by others -------------------------------------------------------------------------------- */

unsigned channels_count(const struct part *p)
{
	unsigned n = 0;
	for (unsigned i = 0; i < part_rows(p); i++)
		n += strncmp(value_cstr(part_cell(p, i, "channel")), "group_replication_", 18) != 0;
	return n;
}

bool channels_any(const struct collect_ctx *ctx)
{
	const struct part *p = ctx->parts[PART_CHANNELS];
	return p && part_rows(p) > 0;
}
