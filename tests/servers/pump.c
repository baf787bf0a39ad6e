#include "tests/servers/pump.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"

void pump_init(struct pump *p, const struct server *s, const char *user)
{
	struct target *t = TARGET("socket", s->socket, "user", user ? user : "root",
				  user ? "password" : NULL, user);
	struct err err = {0};
	*p = (struct pump){.db = db_connect(t, DB_SAMPLE, in_ms(30000), NULL, NULL, &err)};
	if (!p->db)
		die("%s: %s: %s", s->name, err.what, err.why);
	p->ctx = (struct collect_ctx){.server = db_server(p->db), .parts = p->parts};
	target_free(t);
}

void pump_release(struct pump *p)
{
	for (int i = 0; i < N_PARTS; i++)
		part_unref(p->parts[i]);
	db_close(p->db);
}

static void put(struct pump *p, struct part *part)
{
	part_unref(p->parts[part_id(part)]);
	p->parts[part_id(part)] = part;
}

static void put_failed(struct pump *p, enum part_id id, enum part_status status, const char *why)
{
	put(p, part_new_failed(id, collect_schema(id), status, why, clock_mono_ns(), clock_wall_us()));
}

/* --- one collector ------------------------------------------------------------------------------ */

struct take {
	const struct collector *collector;
	const struct source *source;
	struct reading *reading;
	struct buf columns;
	bool probing;
};

static bool take_columns(void *arg, const struct answer *a)
{
	struct take *t = arg;
	if (t->probing)
		source_choose(t->source, a->columns, a->n_columns, &t->columns);
	else
		t->reading = reading_new(t->collector, t->source, a);
	return !t->probing;
}

static void take_row(void *arg, const struct answer *a)
{
	struct take *t = arg;
	reading_row(t->reading, a);
}

static bool send(struct pump *p, struct take *t, const struct stmt *s, const struct stmt_arg *args,
		 size_t n, struct err *err)
{
	static const struct db_sink sink = {take_columns, take_row};
	*err = (struct err){0};
	p->sent++;
	return db_run(p->db, s, args, n, &sink, t, in_ms(30000), -1, err);
}

static bool probe(struct pump *p, struct take *t, struct err *err)
{
	struct stmt_arg args[2];
	if (!t->source->table)
		return true;
	buf_clear(&t->columns);
	source_probe_args(t->source, args);
	t->probing = true;
	bool ok = send(p, t, &collect_probe, args, 2, err);
	t->probing = false;
	return ok;
}

/* False with *err when the server refuses. */
static bool read_source(struct pump *p, struct take *t, struct err *err)
{
	struct stmt_arg args[SOURCE_MAX_ARGS];
	struct buf keep = BUF_INIT;
	if (t->collector->gate && !t->collector->gate(&p->ctx)) {
		put(p, part_seal(part_builder_new(t->collector->part, t->collector->schema),
				 clock_mono_ns(), clock_wall_us(), 0));
		return true;
	}
	int64_t began = clock_mono_ns();
	size_t n = source_args(t->source, &p->ctx, &t->columns, args, &keep);
	bool ok = send(p, t, &t->source->stmt, args, n, err);
	buf_release(&keep);
	int64_t now = clock_mono_ns();
	if (ok)
		put(p, reading_finish(t->reading, now, clock_wall_us(),
				      (double)(now - began) / (double)NS_PER_MS));
	else
		reading_free(t->reading); /* refused in the middle of the answer: InnoDB's tables */
	t->reading = NULL;
	return ok;
}

static void read_part(struct pump *p, const struct collector *c)
{
	struct take t = {.collector = c};
	struct buf why = BUF_INIT;
	enum part_status status = PART_UNSUPPORTED;
	bool done = false;
	for (t.source = c->sources; t.source->stmt.sql && !done; t.source++) {
		struct err err;
		if (!source_usable(t.source, &p->ctx))
			continue;
		if (probe(p, &t, &err) && read_source(p, &t, &err)) {
			done = true;
		} else if (status != PART_DENIED) {
			status = err.kind == ERR_DENIED	       ? PART_DENIED
				 : err.kind == ERR_UNSUPPORTED ? PART_UNSUPPORTED
							       : PART_FAILED;
			buf_clear(&why);
			buf_adds(&why, err.why);
		}
	}
	if (!done) {
		if (status != PART_DENIED) {
			struct buf lack = BUF_INIT;
			source_reason(c, &p->ctx, &lack);
			if (lack.len) {
				buf_clear(&why);
				buf_adds(&why, lack.s);
			}
			buf_release(&lack);
		}
		put_failed(p, c->part, status, buf_str(&why));
	}
	buf_release(&why);
	buf_release(&t.columns);
}

static void derive(struct pump *p, const struct derivation *d)
{
	for (int i = 0; i < N_PARTS; i++) {
		const struct part *need = p->parts[i];
		if (!(d->requires & PART_BIT(i)) || (need && part_status(need) == PART_OK))
			continue;
		put_failed(p, d->part, need ? part_status(need) : PART_FAILED,
			   need ? part_reason(need) : "nobody read it");
		return;
	}
	struct part *made = d->make(&p->ctx, p->parts[d->part]);
	if (made) /* else there is nothing new */
		put(p, made);
}

void pump_round(struct pump *p, part_mask wanted)
{
	part_mask todo = collect_closure(wanted);
	p->sent = 0;
	for (bool moved = true; moved;) {
		moved = false;
		for (int i = 0; i < N_PARTS; i++) {
			const struct collector *c = collector_for((enum part_id)i);
			const struct derivation *d = derivation_for((enum part_id)i);
			part_mask before = (c ? c->after : 0) | (d ? d->from : 0);
			if (!(todo & PART_BIT(i)) || before & todo)
				continue;
			p->ctx.now = clock_mono_ns();
			if (c)
				read_part(p, c);
			else if (d)
				derive(p, d);
			todo &= ~PART_BIT(i);
			moved = true;
		}
	}
}

/* --- looking at rows ---------------------------------------------------------------------------- */

unsigned pump_row(const struct pump *p, enum part_id id, int64_t key)
{
	int row = p->parts[id] ? part_find(p->parts[id], value_int(key)) : -1;
	if (row < 0)
		die("%s has no row %lld", part_name(id), (long long)key);
	return (unsigned)row;
}

struct value pump_cell(const struct pump *p, enum part_id id, int64_t key, const char *field)
{
	int f = schema_field(part_schema(p->parts[id]), field);
	if (f < 0)
		die("%s has no field %s", part_name(id), field);
	return part_get(p->parts[id], pump_row(p, id, key), (unsigned)f);
}

const char *pump_text(const struct pump *p, enum part_id id, int64_t key, const char *fields)
{
	static char text[4096];
	char list[256], *save;
	size_t n = 0;
	text[0] = '\0';
	snprintf(list, sizeof list, "%s", fields);
	for (char *f = strtok_r(list, " ", &save); f; f = strtok_r(NULL, " ", &save)) {
		struct value v = pump_cell(p, id, key, f);
		const char *sep = n ? " | " : "";
		int m = v.type == VALUE_INT    ? snprintf(text + n, sizeof text - n, "%s%lld", sep,
							  (long long)v.i)
			: v.type == VALUE_REAL ? snprintf(text + n, sizeof text - n, "%s%.3f", sep, v.r)
					       : snprintf(text + n, sizeof text - n, "%s%s", sep,
							  v.type == VALUE_TEXT ? v.s : "-");
		n += (size_t)m;
		if (n >= sizeof text)
			die("row too long");
	}
	return text;
}

/* --- sessions that wait --------------------------------------------------------------------------- */

struct db *pump_session(const struct server *s)
{
	struct db *db = server_root(s);
	server_sql(db, "SET SESSION lock_wait_timeout = 600, innodb_lock_wait_timeout = 600");
	return db;
}

void pump_start(struct db *db, const char *sql)
{
	const struct stmt s = {"test/start", sql, STMT_READ};
	struct err err = {0};
	if (db_start(db, &s, NULL, 0, NULL, NULL, &err) == DB_FAILED)
		die("%s: %s", sql, err.why);
}

void pump_kill(struct db *root, struct db *session)
{
	char sql[64];
	snprintf(sql, sizeof sql, "KILL %lld", (long long)db_server(session)->connection_id);
	server_sql(root, sql);
	db_close(session);
}

void pump_until(struct db *db, const char *sql, const char *value)
{
	int64_t end = in_ms(30000);
	for (;;) {
		char *now = server_value(db, sql);
		bool same = now && strcmp(now, value) == 0;
		if (!same && clock_mono_ns() > end)
			die("%s: %s, not %s", sql, now ? now : "NULL", value);
		free(now);
		if (same)
			return;
		/* InnoDB answers from a cache that it renews only after a tenth of a second without reads. */
		poll(NULL, 0, 120);
	}
}
