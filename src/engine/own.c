#include "engine/own.h"

#include <string.h>

#include "base/clock.h"
#include "collect/self.h"

static void set_str(struct part_builder *b, unsigned field, const char *s)
{
	if (s && *s)
		part_set_text(b, field, s, strlen(s));
}

static void set_real(struct part_builder *b, unsigned field, double v)
{
	part_set(b, field, value_real(v));
}

static void add_cost(struct part_builder *b, const struct own_cost *c)
{
	set_real(b, SELF_SERVER_MS, c->server_ms);
	set_real(b, SELF_BYTES, c->bytes);
	set_real(b, SELF_STATEMENTS, c->statements);
}

static void add_connection(struct part_builder *b, const struct own *o)
{
	part_row_begin(b);
	set_str(b, SELF_NAME, "connection");
	set_str(b, SELF_STATUS, o->link);
	set_real(b, SELF_PERIOD, o->interval);
	set_real(b, SELF_BASE, o->interval);
	add_cost(b, &o->cost);
	part_set(b, SELF_RUNS, value_int((int64_t)o->runs));
	part_set(b, SELF_RECONNECTS, value_int(o->reconnects));
	set_real(b, SELF_ROUND_TRIP, o->round_trip_ms);
	set_real(b, SELF_LOOP_GAP, o->loop_gap_ms);
	part_row_end(b);
}

static void add_newest(struct part_builder *b, const struct part *p, int64_t now)
{
	set_str(b, SELF_STATUS, part_status_name(part_status(p)));
	set_str(b, SELF_REASON, part_reason(p));
	set_real(b, SELF_AGE, (double)(now - part_read_mono(p)) / (double)NS_PER_S);
}

static void add_reader(struct part_builder *b, const struct own *o, const struct reader *r,
		       int64_t now)
{
	enum part_id id = r->collector->part;
	struct own_cost cost = meter_cost(&r->meter, now);
	part_row_begin(b);
	set_str(b, SELF_NAME, part_name(id));
	if (r->share.base > 0) {
		set_real(b, SELF_PERIOD, share_period(&r->share));
		set_real(b, SELF_BASE, r->share.base);
		part_set(b, SELF_STRETCHED, value_int(r->share.stretch > 1));
	}
	add_cost(b, &cost);
	part_set(b, SELF_RUNS, value_int((int64_t)r->runs));
	if (r->runs) {
		set_real(b, SELF_LAST_MS, r->last_ms);
		set_real(b, SELF_MEAN_MS, r->share.mean_ms);
		part_set(b, SELF_ROWS, value_int(r->last_rows));
	}
	if (o->parts[id])
		add_newest(b, o->parts[id], now);
	if (r->source)
		set_str(b, SELF_GRANT, r->source->grant);
	set_str(b, SELF_STATEMENT, r->text);
	part_row_end(b);
}

/* What is read from the host: the part is N_PARTS for the loop that reads it. */
static void add_host(struct part_builder *b, const struct own *o, enum part_id id, int64_t now)
{
	struct hostfeed_row r;
	if (!hostfeed_row(o->host, id, &r, now))
		return;
	part_row_begin(b);
	set_str(b, SELF_NAME, id == N_PARTS ? "host" : part_name(id));
	set_str(b, SELF_STATUS, r.status);
	set_real(b, SELF_PERIOD, r.period);
	set_real(b, SELF_BASE, r.base);
	part_set(b, SELF_STRETCHED, value_int(r.stretched));
	if (r.cost_known) {
		set_real(b, SELF_HOST_MS, r.cpu_ms);
		set_real(b, SELF_BYTES, r.bytes);
	}
	part_set(b, SELF_RUNS, value_int((int64_t)r.runs));
	if (r.runs && id != N_PARTS) {
		set_real(b, SELF_LAST_MS, r.last_ms);
		part_set(b, SELF_ROWS, value_int(r.rows));
		if (o->parts[id])
			set_real(b, SELF_AGE,
				 (double)(now - part_read_mono(o->parts[id])) / (double)NS_PER_S);
	}
	if (id == N_PARTS)
		part_set(b, SELF_RECONNECTS, value_int(r.reconnects));
	set_str(b, SELF_REASON, r.reason);
	set_str(b, SELF_STATEMENT, r.request);
	part_row_end(b);
}

struct part *own_part(const struct own *o, int64_t mono, int64_t wall)
{
	struct part_builder *b = part_builder_new(PART_SELF, &self_schema);
	add_connection(b, o);
	for (int i = 0; i < N_PARTS; i++)
		if (o->readers[i] && (o->wanted & PART_BIT(i) || o->readers[i]->runs))
			add_reader(b, o, o->readers[i], mono);
	add_host(b, o, N_PARTS, mono);
	for (int i = 0; i < N_PARTS; i++)
		if (part_of_host((enum part_id)i))
			add_host(b, o, (enum part_id)i, mono);
	return part_seal(b, mono, wall, 0);
}
