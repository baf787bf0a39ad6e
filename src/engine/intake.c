#include "engine/intake.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/schedule.h"

enum { ROWS_A_TURN = 250 }; /* then other targets have their turn */

void intake_init(struct intake *in, const struct server_info *server, double phase)
{
	*in = (struct intake){
		.server = server,
		.phase = phase,
		.limit = BUDGET_LIMIT,
		.interval = 1,
	};
}

static void free_pins(struct intake *in)
{
	for (char **p = in->pins; p && *p; p++)
		free(*p);
	free(in->pins);
	in->pins = NULL;
}

void intake_release(struct intake *in)
{
	intake_abort(in);
	for (int i = 0; i < N_PARTS; i++) {
		reader_free(in->readers[i]);
		part_unref(in->parts[i]);
	}
	free_pins(in);
	buf_release(&in->keep);
}

/* --- the demand ------------------------------------------------------------------------------- */

static bool same_pins(char *const *a, const char *const *b)
{
	size_t i = 0;
	if (!a || !b)
		return (!a || !*a) && (!b || !*b);
	while (a[i] && b[i] && strcmp(a[i], b[i]) == 0)
		i++;
	return !a[i] && !b[i];
}

static void copy_pins(struct intake *in, const char *const *pins)
{
	size_t n = 0;
	free_pins(in);
	if (!pins)
		return;
	while (pins[n])
		n++;
	in->pins = xcalloc(n + 1, sizeof *in->pins);
	for (size_t i = 0; i < n; i++)
		in->pins[i] = xstrdup(pins[i]);
}

void intake_pace(const struct intake *in, enum part_id id, enum cost_class cost, struct share *share,
		 int64_t *due)
{
	double before = share->base;
	share->base = schedule_period(cost, in->interval, in->relaxed & PART_BIT(id));
	if (share->base < before)
		*due = 0; /* whoever looks closely now need not wait as long as before */
}

static void rebase(struct intake *in)
{
	for (int i = 0; i < N_PARTS; i++)
		if (in->readers[i])
			intake_pace(in, (enum part_id)i, in->readers[i]->collector->cost,
				    &in->readers[i]->share, &in->readers[i]->due);
}

static void want(struct intake *in, enum part_id id)
{
	const struct collector *c = collector_for(id);
	if (!c || !c->schema || in->readers[id])
		return;
	in->readers[id] = reader_new(c);
}

part_mask intake_demand(struct intake *in, const struct sampler_demand *d)
{
	part_mask before = in->wanted, anew = 0;
	in->watched = d->parts;
	in->wanted = collect_closure(d->parts);
	in->relaxed = d->relaxed & ~collect_closure(d->parts & ~d->relaxed);
	in->interval = d->interval < 0.1 ? 0.1 : d->interval > 60 ? 60 : d->interval;
	if (in->all_status != d->all_status || !same_pins(in->pins, d->pins))
		anew = PART_BIT(PART_STATUS);
	in->all_status = d->all_status;
	copy_pins(in, d->pins);
	for (int i = 0; i < N_PARTS; i++) {
		if (in->wanted & PART_BIT(i)) {
			want(in, (enum part_id)i);
		} else if (!part_exported((enum part_id)i)) {
			part_unref(in->parts[i]); /* only fed others */
			in->parts[i] = NULL;
			if (in->readers[i])
				in->readers[i]->due = 0;
		}
	}
	rebase(in);
	anew &= in->wanted;
	if (anew && in->readers[PART_STATUS])
		in->readers[PART_STATUS]->due = 0;
	return anew | (in->wanted & ~before);
}

struct collect_ctx intake_ctx(const struct intake *in, int64_t now)
{
	return (struct collect_ctx){
		.server = in->server,
		.parts = in->parts,
		.watched = in->watched,
		.all_status = in->all_status,
		.pins = (const char *const *)in->pins,
		.now = now,
	};
}

unsigned intake_limit_ms(const struct intake *in)
{
	return (unsigned)(900 * schedule_give_up_after(in->interval));
}

/* --- parts ------------------------------------------------------------------------------------ */

static int64_t seconds(double s)
{
	return (int64_t)(s * (double)NS_PER_S);
}

void intake_put(struct intake *in, struct part *p)
{
	enum part_id id = part_id(p);
	part_unref(in->parts[id]);
	in->parts[id] = p;
	in->fresh |= PART_BIT(id);
}

static bool has_rows(const struct part *p)
{
	return p && (part_status(p) == PART_OK || part_status(p) == PART_STALE);
}

void intake_put_failure(struct intake *in, enum part_id id, const struct schema *schema,
			enum part_status status, const char *reason, int64_t now)
{
	const struct part *old = in->parts[id];
	if (status == PART_FAILED && has_rows(old))
		intake_put(in, part_with_status(old, PART_STALE, reason));
	else
		intake_put(in, part_new_failed(id, schema, status, reason, now, clock_wall_us()));
}

/* --- derived parts ---------------------------------------------------------------------------- */

/* The first part without which `d` cannot be made; N_PARTS: none lacks. */
static enum part_id lacking(const struct intake *in, const struct derivation *d)
{
	for (int i = 0; i < N_PARTS; i++)
		if (d->requires & PART_BIT(i) && !has_rows(in->parts[i]))
			return (enum part_id)i;
	return N_PARTS;
}

static void derive_one(struct intake *in, const struct derivation *d, int64_t now)
{
	enum part_id lack = lacking(in, d);
	const struct part *p = lack < N_PARTS ? in->parts[lack] : NULL;
	if (p) {
		intake_put_failure(in, d->part, d->schema, part_status(p), part_reason(p), now);
	} else if (lack == N_PARTS) {
		struct collect_ctx ctx = intake_ctx(in, now);
		struct part *made = d->make(&ctx, in->parts[d->part]);
		if (made)
			intake_put(in, made);
	}
}

static void derive(struct intake *in, int64_t now)
{
	part_mask open = 0;
	for (int i = 0; i < N_PARTS; i++)
		if (in->wanted & PART_BIT(i) && derivation_for((enum part_id)i))
			open |= PART_BIT(i);
	/* Each once, and after those of the others that it is made from. */
	for (bool moved = true; moved;) {
		moved = false;
		for (int i = 0; i < N_PARTS; i++) {
			const struct derivation *d = derivation_for((enum part_id)i);
			if (!(open & PART_BIT(i)) || d->from & open & ~PART_BIT(i))
				continue;
			open &= ~PART_BIT(i);
			moved = true;
			if (d->from & in->fresh || !in->parts[i])
				derive_one(in, d, now);
		}
	}
	in->fresh = 0;
}

/* --- the round -------------------------------------------------------------------------------- */

void intake_login(struct intake *in)
{
	in->first = true;
	for (int i = 0; i < N_PARTS; i++) {
		struct reader *r = in->readers[i];
		if (!r)
			continue;
		reader_restart(r);
		r->due = 0;
	}
}

static bool due(const struct intake *in, const struct reader *r, enum intake_scope scope, int64_t latest)
{
	if (r->collector->cost == COST_FAST &&
	    (scope == SCOPE_FAST || share_period(&r->share) <= in->interval))
		return true; /* with each beat */
	return scope == SCOPE_ALL || r->due <= latest;
}

bool intake_begin(struct intake *in, enum intake_scope scope, int64_t now)
{
	int64_t slack = seconds(in->interval / 4);
	in->todo = 0;
	in->quick_told = false;
	for (int i = 0; i < N_PARTS; i++) {
		struct reader *r = in->readers[i];
		if (!r || !(in->wanted & PART_BIT(i)))
			continue;
		if (r->fallback && (now >= r->recheck || scope == SCOPE_ALL))
			reader_restart(r);
		if (due(in, r, scope, now + slack))
			in->todo |= PART_BIT(i);
	}
	return in->todo != 0;
}

/* The lower, the sooner in a round. The first screen wants the variables too. */
static int rank(const struct intake *in, const struct reader *r)
{
	if (in->first && r->collector->part == PART_VARIABLES)
		return COST_FAST;
	return r->collector->cost;
}

static struct reader *pick(const struct intake *in)
{
	struct reader *best = NULL;
	for (int i = 0; i < N_PARTS; i++) {
		struct reader *r = in->readers[i];
		if (!(in->todo & PART_BIT(i)) || r->collector->after & in->todo & ~PART_BIT(i))
			continue;
		if (!best || rank(in, r) < rank(in, best))
			best = r;
	}
	return best;
}

static bool quick_left(const struct intake *in, part_mask among)
{
	for (int i = 0; i < N_PARTS; i++)
		if (among & PART_BIT(i) && in->readers[i] && rank(in, in->readers[i]) == COST_FAST)
			return true;
	return false;
}

static void checked_off(struct intake *in, struct reader *r, int64_t now)
{
	double period = share_period(&r->share);
	/* After a login all is read at once: spread what is slow over the beats that follow. */
	if (in->first && period > 2)
		period *= 0.5 + schedule_phase(r->collector->part) / 2;
	r->due = r->collector->cost == COST_DEMAND ? INT64_MAX : now + seconds(period);
	if (!r->source)
		r->due = r->recheck;
	in->todo &= ~PART_BIT(r->collector->part);
}

void intake_stood_still(struct intake *in, int64_t ns)
{
	if (in->busy)
		in->still += ns;
}

/* --- one statement ---------------------------------------------------------------------------- */

static bool take_columns(void *arg, const struct answer *a)
{
	struct intake *in = arg;
	if (in->probing) {
		reader_probed(in->busy, a);
		return false;
	}
	in->reading = reading_new(in->busy->collector, in->busy->source, a);
	return in->reading != NULL;
}

static void take_row(void *arg, const struct answer *a)
{
	struct intake *in = arg;
	in->rows++;
	reading_row(in->reading, a);
}

static double others_load(const struct intake *in, const struct reader *r, unsigned *n)
{
	double sum = 0;
	*n = 0;
	for (int i = 0; i < N_PARTS; i++) {
		const struct reader *o = in->readers[i];
		if (!o || !(in->wanted & PART_BIT(i)))
			continue;
		++*n;
		if (o != r)
			sum += share_load(&o->share);
	}
	return sum;
}

static void account(struct intake *in, const struct db *db, int64_t now)
{
	struct reader *r = in->busy;
	double ms = (double)(now - in->sent - in->still) / (double)NS_PER_MS;
	double theirs = ms - (double)in->ours / (double)NS_PER_MS - db_round_trip(db);
	uint64_t bytes = db_bytes(db) - in->bytes;
	/* While the server answered nobody it did not work for us: what is beyond that is unknown.
	 */
	double most = schedule_stall_after(in->interval) * 1000;
	theirs = theirs < 0 ? 0 : theirs > most ? most : theirs;
	meter_add(&in->meter, now, theirs, 1, bytes);
	meter_add(&r->meter, now, theirs, 1, bytes);
	if (in->probing)
		return;
	unsigned n;
	double others = others_load(in, r, &n);
	share_update(&r->share, theirs, in->interval, others, n, in->limit);
	r->last_ms = ms;
	r->last_rows = in->rows;
	r->runs++;
}

static void finish_reading(struct intake *in, int64_t now)
{
	struct reader *r = in->busy;
	struct reading *reading = in->reading;
	in->reading = NULL;
	if (reading)
		intake_put(in, reading_finish(reading, now, clock_wall_us(), r->last_ms));
	else
		intake_put_failure(in, r->collector->part, r->collector->schema, PART_FAILED,
			    "the server answered without a table", now);
	checked_off(in, r, in->sent);
}

static void finish_probe(struct intake *in, bool answered)
{
	struct reader *r = in->busy;
	struct err err = {.kind = ERR_UNSUPPORTED};
	if (answered && (r->columns.len || !strstr(r->source->stmt.sql, "%c")))
		return;
	snprintf(err.why, sizeof err.why, "%s has none of the columns that are known here",
		 r->source->table);
	reader_refused(r, in->server, &err, in->sent);
}

static void finish_failure(struct intake *in, const struct err *err, int64_t now)
{
	struct reader *r = in->busy;
	if (err->kind == ERR_DENIED || err->kind == ERR_UNSUPPORTED) {
		reader_refused(r, in->server, err,
			       now); /* the next source has its turn in this round */
		return;
	}
	intake_put_failure(in, r->collector->part, r->collector->schema, PART_FAILED, err->why, now);
	checked_off(in, r, in->sent);
}

/* False when the connection is lost. */
static bool finish(struct intake *in, const struct db *db, enum db_state state,
		   const struct err *err, int64_t now)
{
	if (state == DB_FAILED && (err->kind == ERR_LOST || err->kind == ERR_PROTOCOL))
		return false;
	account(in, db, now);
	if (state == DB_FAILED)
		finish_failure(in, err, now);
	else if (in->probing)
		finish_probe(in, in->busy->ready);
	else
		finish_reading(in, now);
	if (in->reading)
		reading_free(in->reading);
	in->reading = NULL;
	in->busy = NULL;
	return true;
}

static enum db_state launch(struct intake *in, struct db *db, struct reader *r, bool probing,
			    const struct stmt *s, const struct stmt_arg *args, size_t n,
			    struct err *err)
{
	static const struct db_sink sink = {take_columns, take_row};
	in->busy = r;
	in->probing = probing;
	in->rows = 0;
	in->bytes = db_bytes(db);
	in->still = 0;
	in->sent = clock_mono_ns();
	enum db_state state = db_start(db, s, args, n, &sink, in, err);
	in->left = clock_mono_ns();
	in->ours = in->left - in->sent;
	return state;
}

static enum db_state launch_probe(struct intake *in, struct db *db, struct reader *r,
				  struct err *err)
{
	struct stmt_arg args[2];
	source_probe_args(r->source, args);
	return launch(in, db, r, true, &collect_probe, args, 2, err);
}

/* As it goes over the wire: for whoever looks at fathom itself. */
static void remember_text(struct intake *in, struct reader *r, const struct stmt_arg *args,
			  size_t n)
{
	if (r->text && !(in->watched & PART_BIT(PART_SELF)))
		return;
	bool mariadb = in->server->flavor == FLAVOR_MARIADB;
	struct buf b = BUF_INIT;
	stmt_render(&b, &r->source->stmt, args, n, mariadb ? STMT_LIMIT_MARIADB : STMT_LIMIT_MYSQL,
		    intake_limit_ms(in));
	free(r->text);
	r->text = buf_steal(&b);
}

static enum db_state launch_read(struct intake *in, struct db *db, struct reader *r,
				 const struct collect_ctx *ctx, struct err *err)
{
	struct stmt_arg args[SOURCE_MAX_ARGS];
	buf_clear(&in->keep);
	size_t n = source_args(r->source, ctx, &r->columns, args, &in->keep);
	remember_text(in, r, args, n);
	return launch(in, db, r, false, &r->source->stmt, args, n, err);
}

static void put_empty(struct intake *in, struct reader *r, int64_t now)
{
	const struct collector *c = r->collector;
	intake_put(in, part_seal(part_builder_new(c->part, c->schema), now, clock_wall_us(), 0));
	checked_off(in, r, now);
}

/* What to do about `r` now. DB_IDLE: nothing had to be sent. */
static enum db_state attend(struct intake *in, struct db *db, struct reader *r, int64_t now,
			    struct err *err)
{
	struct collect_ctx ctx = intake_ctx(in, now);
	if (!reader_settle(r, &ctx)) {
		intake_put_failure(in, r->collector->part, r->collector->schema, r->status, r->reason,
			    now);
		checked_off(in, r, now);
		return DB_IDLE;
	}
	if (reader_must_probe(r))
		return launch_probe(in, db, r, err);
	if (r->collector->gate && !r->collector->gate(&ctx)) {
		put_empty(in, r, now);
		return DB_IDLE;
	}
	return launch_read(in, db, r, &ctx, err);
}

static enum intake_state proceed(struct intake *in, struct db *db, int64_t now, struct err *err)
{
	for (;;) {
		if (in->todo && !in->quick_told && quick_left(in, in->fresh) &&
		    !quick_left(in, in->todo)) {
			in->quick_told = true;
			derive(in, now);
			return INTAKE_QUICK;
		}
		struct reader *r = pick(in);
		if (!r) {
			in->todo = 0;
			in->first = false;
			in->rounds++;
			derive(in, now);
			return INTAKE_DONE;
		}
		enum db_state state = attend(in, db, r, now, err);
		if (state == DB_BUSY)
			return INTAKE_BUSY;
		now = clock_mono_ns();
		if (state != DB_IDLE && !finish(in, db, state, err, now))
			return INTAKE_LOST;
	}
}

enum intake_state intake_step(struct intake *in, struct db *db, short revents, int64_t now,
			      struct err *err)
{
	if (in->busy) {
		int64_t began = clock_mono_ns();
		if (db_pending(db)) /* the server was done with it while others had their turn */
			in->ours += began - in->left;
		enum db_state state = db_step(db, revents, ROWS_A_TURN, err);
		in->left = now = clock_mono_ns();
		in->ours += in->left - began;
		if (state == DB_BUSY)
			return INTAKE_BUSY;
		if (!finish(in, db, state, err, now))
			return INTAKE_LOST;
	}
	return proceed(in, db, now, err);
}

void intake_abort(struct intake *in)
{
	if (in->reading)
		reading_free(in->reading);
	in->reading = NULL;
	in->busy = NULL;
	in->todo = 0;
}
