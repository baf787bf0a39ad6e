#include "collect/collector.h"

#include <string.h>
#include <strings.h>

#include "base/fatal.h"
#include "base/mem.h"
#include "collect/all.h"
#include "collect/deadlocks.h"
#include "collect/detail.h"
#include "collect/findings.h"
#include "collect/hostfields.h"
#include "collect/instruments.h"
#include "collect/self.h"
#include "collect/session.h"

static const struct collector *const collectors[] = {
	&status_collector,
	&variables_collector,
	&sessions_collector,
	&trx_collector,
	&trx_events_collector,
	&xids_collector,
	&deadlock_text_collector,
	&row_locks_collector,
	&metadata_locks_collector,
	&statement_events_collector,
	&stage_events_collector,
	&wait_events_collector,
	&threads_collector,
	&instruments_collector,
	&innodb_collector,
	&innodb_files_collector,
	&innodb_mutexes_collector,
	&innodb_pools_collector,
	&innodb_spaces_collector,
	&innodb_status_collector,
	&statements_collector,
	&channels_collector,
	&channel_times_collector,
	&workers_collector,
	&heartbeat_collector,
	&binlog_end_collector,
	&binlog_list_collector,
	&binlog_readers_collector,
	&gtids_collector,
	&replica_hosts_collector,
	&replica_vars_collector,
	&group_collector,
	&galera_members_collector,
	&autoinc_tables_collector,
	&autoinc_collector,
	&indexes_collector,
	&index_columns_collector,
	&index_use_collector,
	&table_sizes_collector,
	&accounts_collector,
	&plugins_collector,
	&backups_collector,
};

/* Of parts that do not come from the server's answers. */
static const struct schema *const further_schemas[N_PARTS] = {
	[PART_SELF] = &self_schema,
	[PART_FINDINGS] = &findings_schema,
	[PART_HOST] = &host_schema,
	[PART_HOST_CPU] = &host_cpu_schema,
	[PART_HOST_MEMORY] = &host_memory_schema,
	[PART_HOST_DISK] = &host_disk_schema,
	[PART_HOST_FS] = &host_fs_schema,
	[PART_HOST_NET] = &host_net_schema,
	[PART_HOST_PROCESS] = &host_process_schema,
	[PART_HOST_PROCESSES] = &host_processes_schema,
	[PART_HOST_THREADS] = &host_threads_schema,
	[PART_LOGGED_DEADLOCKS] = &logged_deadlocks_schema,
};

static const struct derivation *const derivations[] = {
	&processlist_derivation,
	&row_lock_waits_derivation,
	&transactions_derivation,
	&deadlocks_derivation,
	&blocking_derivation,
	&replication_derivation,
	&appliers_derivation,
	&binlog_derivation,
	&binlog_files_derivation,
	&replicas_derivation,
	&galera_derivation,
};

const struct collector *collector_for(enum part_id id)
{
	for (size_t i = 0; i < COUNT_OF(collectors); i++)
		if (collectors[i]->part == id)
			return collectors[i];
	return NULL;
}

const struct derivation *derivation_for(enum part_id id)
{
	for (size_t i = 0; i < COUNT_OF(derivations); i++)
		if (derivations[i]->part == id)
			return derivations[i];
	return NULL;
}

const struct schema *collect_schema(enum part_id id)
{
	const struct collector *c = collector_for(id);
	const struct derivation *d = derivation_for(id);
	return c ? c->schema : d ? d->schema : further_schemas[id];
}

part_mask collect_closure(part_mask wanted)
{
	/* Those are read when somebody asks for them, never for the sake of others. */
	part_mask all = wanted, before, host = parts_of_host();
	/* The server's process is found by its pid file, port and socket. */
	if (wanted & host)
		all |= PART_BIT(PART_VARIABLES);
	do {
		before = all;
		for (size_t i = 0; i < COUNT_OF(collectors); i++)
			if (all & PART_BIT(collectors[i]->part))
				all |= collectors[i]->after;
		for (size_t i = 0; i < COUNT_OF(derivations); i++)
			if (all & PART_BIT(derivations[i]->part))
				all |= derivations[i]->from & ~host;
		if (all & PART_BIT(PART_HOST_PROCESS))
			all |= PART_BIT(PART_HOST_PROCESSES);
	} while (all != before);
	return all;
}

/* --- asking ----------------------------------------------------------------------------------- */

const struct stmt collect_probe = {"probe", "SELECT * FROM %n.%n LIMIT 0", STMT_READ};

void source_probe_args(const struct source *s, struct stmt_arg args[2])
{
	const char *dot = strchr(s->table, '.');
	BUG_ON(!dot);
	args[0] = STMT_STRING(s->table, (size_t)(dot - s->table));
	args[1] = STMT_STRING(dot + 1, strlen(dot + 1));
}

static bool fits_flavor(const struct source *s, enum flavor f)
{
	return s->flavor == FLAVOR_UNKNOWN || s->flavor == f ||
	       (s->flavor == FLAVOR_MYSQL && f == FLAVOR_PERCONA);
}

static bool reads_performance_schema(const struct source *s)
{
	return s->table && strncmp(s->table, "performance_schema.", 19) == 0;
}

bool source_usable(const struct source *s, const struct collect_ctx *ctx)
{
	if (!fits_flavor(s, ctx->server->flavor))
		return false;
	if (reads_performance_schema(s) && !ctx->server->performance_schema)
		return false;
	return !s->usable || s->usable(ctx);
}

static void add_remedy(struct buf *out, const struct source *s, const struct collect_ctx *ctx)
{
	bool off = reads_performance_schema(s) && !ctx->server->performance_schema;
	const char *or = out->len ? "; or " : "";
	if (off)
		buf_addf(out, "%sthe performance schema is off: start the server with "
			      "performance_schema=ON", or);
	else if (s->instrument && s->usable && !s->usable(ctx)) {
		buf_adds(out, or);
		instrument_reason(out, s->instrument);
	} else if (s->install && !(s->usable && s->usable(ctx))) {
		buf_addf(out, "%s%s", or, s->install);
	}
}

void source_reason(const struct collector *c, const struct collect_ctx *ctx, struct buf *out)
{
	struct buf b = BUF_INIT;
	bool meant = false;
	for (const struct source *s = c->sources; s->stmt.sql; s++) {
		if (!fits_flavor(s, ctx->server->flavor))
			continue;
		meant = true;
		add_remedy(&b, s, ctx);
	}
	if (!meant)
		buf_addf(&b, "%s has nothing like it", flavor_title(ctx->server->flavor));
	buf_adds(out, buf_str(&b));
	buf_release(&b);
}

size_t source_args(const struct source *s, const struct collect_ctx *ctx, const struct buf *columns,
		   struct stmt_arg args[SOURCE_MAX_ARGS], struct buf *keep)
{
	size_t n = 0;
	if (strstr(s->stmt.sql, "%c"))
		args[n++] = STMT_COLUMNS(buf_str(columns), columns->len);
	return s->args ? n + s->args(ctx, args + n, keep) : n;
}

static bool has_column(const char *const *have, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(have[i], name) == 0)
			return true;
	return false;
}

/* Whether an earlier row gives the same field already. */
static bool field_given(const struct source *s, const struct source_column *c,
			const char *const *have, size_t n)
{
	for (const struct source_column *d = s->columns; d < c; d++)
		if (strcmp(d->field, c->field) == 0 && (!d->needs || has_column(have, n, d->needs)))
			return true;
	return false;
}

static bool chosen(const struct source *s, const struct source_column *c, const char *const *have,
		   size_t n)
{
	return (!c->needs || has_column(have, n, c->needs)) && !field_given(s, c, have, n);
}

void source_choose(const struct source *s, const char *const *have, size_t n_have, struct buf *out)
{
	const char *comma = "";
	for (const struct source_column *c = s->columns; c && c->field; c++) {
		if (!chosen(s, c, have, n_have))
			continue;
		buf_addf(out, "%s%s AS `%s`", comma, c->expr, c->field);
		comma = ", ";
	}
}

/* --- reading ---------------------------------------------------------------------------------- */

/* One column of the answer. */
struct binding {
	int field; /* -1: nobody wants it */
	bool yes_no;
};

struct reading {
	const struct collector *collector;
	const struct source *source;
	struct part_builder *builder;
	struct binding *bindings;
	unsigned n_columns, cut;
	uint64_t seen; /* fields that are bound, or that some row had */
};

/* Columns that source_choose() chose are named after the field; those of a SHOW statement have the
   server's own names, which the source's rows translate. */
static const char *field_name(const struct source *s, const char *column)
{
	if (strstr(s->stmt.sql, "%c"))
		return column;
	for (const struct source_column *c = s->columns; c && c->field; c++)
		if (strcasecmp(c->expr, column) == 0)
			return c->field;
	return column;
}

static struct binding bind_column(const struct reading *r, const char *column)
{
	const struct schema *schema = r->collector->schema;
	const char *name = field_name(r->source, column);
	for (unsigned i = 0; i < schema->n_fields; i++) {
		const struct field *f = &schema->fields[i];
		if (strcasecmp(f->name, name) == 0 && !(r->seen >> i & 1))
			return (struct binding){(int)i, f->unit == UNIT_BOOL && f->type == FIELD_INT};
	}
	return (struct binding){-1, false};
}

struct reading *reading_new(const struct collector *c, const struct source *s,
			    const struct answer *columns)
{
	struct reading *r = xcalloc(1, sizeof *r);
	r->collector = c;
	r->source = s;
	r->builder = part_builder_new(c->part, c->schema);
	r->n_columns = columns->n_columns;
	r->bindings = xcalloc(r->n_columns + 1, sizeof *r->bindings);
	for (unsigned i = 0; i < r->n_columns; i++) {
		r->bindings[i] = bind_column(r, columns->columns[i]);
		if (r->bindings[i].field >= 0)
			r->seen |= (uint64_t)1 << r->bindings[i].field;
	}
	return r;
}

const char *answer_cell(const struct answer *a, const char *name, unsigned long *len)
{
	for (unsigned i = 0; i < a->n_columns; i++) {
		if (strcasecmp(a->columns[i], name) != 0 || !a->cells[i])
			continue;
		if (len)
			*len = a->lengths[i];
		return a->cells[i];
	}
	return NULL;
}

static struct value yes_or_no(const char *s, unsigned long len)
{
	static const struct {
		const char *word;
		int64_t is;
	} words[] = {{"yes", 1}, {"on", 1}, {"true", 1}, {"no", 0}, {"off", 0}, {"false", 0}};
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strlen(words[i].word) == len && strncasecmp(words[i].word, s, len) == 0)
			return value_int(words[i].is);
	return value_parse(s, (uint32_t)len);
}

static void set_cell(struct reading *r, const struct binding *b, const char *s, unsigned long len)
{
	unsigned field = (unsigned)b->field;
	if (len > UINT32_MAX)
		len = UINT32_MAX;
	if (b->yes_no)
		part_set(r->builder, field, yes_or_no(s, len));
	else if (r->collector->schema->fields[field].type == FIELD_ANY)
		part_set(r->builder, field, value_parse(s, (uint32_t)len));
	else
		part_set_text(r->builder, field, s, len);
}

/* A collector's own code may fill fields that no column is bound to. */
static void note_own_fields(struct reading *r)
{
	for (unsigned i = 0; i < r->collector->schema->n_fields; i++)
		if (part_peek(r->builder, i).type != VALUE_ABSENT)
			r->seen |= (uint64_t)1 << i;
}

void reading_row(struct reading *r, const struct answer *a)
{
	unsigned most = r->collector->most_rows ? r->collector->most_rows : READING_MOST_ROWS;
	if (part_builder_rows(r->builder) >= most) {
		r->cut++;
		return;
	}
	part_row_begin(r->builder);
	unsigned n = a->n_columns < r->n_columns ? a->n_columns : r->n_columns;
	for (unsigned i = 0; i < n; i++)
		if (r->bindings[i].field >= 0 && a->cells[i])
			set_cell(r, &r->bindings[i], a->cells[i], a->lengths[i]);
	if (r->collector->row) {
		if (!r->collector->row(a, r->builder)) {
			part_row_cancel(r->builder);
			return;
		}
		note_own_fields(r);
	}
	part_row_end(r->builder);
}

static const char *column_of(const struct source *s, const char *field)
{
	for (const struct source_column *c = s->columns; c && c->field; c++)
		if (strcmp(c->field, field) == 0)
			return c->needs ? c->needs : c->expr;
	return NULL;
}

static void say_what_is_absent(struct reading *r)
{
	const struct schema *schema = r->collector->schema;
	bool own = r->collector->row && !part_builder_rows(r->builder);
	struct buf why = BUF_INIT;
	for (unsigned i = 0; i < schema->n_fields && !own; i++) {
		if (r->seen >> i & 1)
			continue;
		const struct source *s = r->source;
		const char *column = column_of(s, schema->fields[i].name);
		buf_clear(&why);
		if (column && s->table)
			buf_addf(&why, "this server's %s has no column %s", s->table, column);
		else if (column)
			buf_addf(&why, "this server does not say %s", column);
		else
			buf_addf(&why, "not known from %s", s->table ? s->table : "this server");
		part_set_absent(r->builder, i, buf_str(&why));
	}
	buf_release(&why);
}

struct part *reading_finish(struct reading *r, int64_t mono, int64_t wall, double ms)
{
	say_what_is_absent(r);
	if (r->cut)
		part_set_rows_cut(r->builder, r->cut);
	struct part *p = part_seal(r->builder, mono, wall, ms);
	r->builder = NULL;
	reading_free(r);
	return p;
}

void reading_free(struct reading *r)
{
	if (!r)
		return;
	part_builder_free(r->builder);
	free(r->bindings);
	free(r);
}

/* --- lists ------------------------------------------------------------------------------------ */

struct each {
	void (*f)(const struct stmt *s, const char *owner, void *arg);
	void *arg;
};

static void session_stmt(const struct stmt *s, void *arg)
{
	const struct each *e = arg;
	e->f(s, "session", e->arg);
}

void stmt_each(void (*f)(const struct stmt *s, const char *owner, void *arg), void *arg)
{
	session_each(session_stmt, &(struct each){f, arg});
	f(&collect_probe, "probe", arg);
	for (size_t i = 0; i < COUNT_OF(collectors); i++)
		for (const struct source *s = collectors[i]->sources; s->stmt.sql; s++)
			f(&s->stmt, part_name(collectors[i]->part), arg);
	f(&detail_use, "detail", arg);
	for (const struct detail_query *q = detail_queries; q->stmt.sql; q++)
		f(&q->stmt, "detail", arg);
}
