/* How the host of a target stands, for snapshots and for the part `self`. */
#include "engine/hostfeedimpl.h"

static enum link_state link_of(const struct hostfeed *h)
{
	switch (h->phase) {
	case HOST_OFF:
		break;
	case HOST_WAITING:
		return h->tried ? LINK_DOWN : LINK_IDLE;
	case HOST_CONNECTING:
		return h->adrift ? LINK_DOWN : LINK_CONNECTING;
	case HOST_GREETING:
		return LINK_CONNECTING;
	case HOST_CARRYING:
		return LINK_DOWN;
	case HOST_LIVE:
		return h->stalled ? LINK_STALLED : LINK_LIVE;
	}
	return LINK_IDLE;
}

void hostfeed_tell(const struct hostfeed *h, struct host_link *out, int64_t now)
{
	struct own_cost cost = meter_cost(&h->round.meter, now);
	bool waits = h->phase == HOST_WAITING || h->phase == HOST_CARRYING;
	*out = (struct host_link){
		.state = link_of(h),
		.transport = h->kind == SHELL_NONE ? NULL
			     : shell_kind_name(h->shell ? shell_kind(h->shell) : h->kind),
		.retry_at = waits && h->retry_at != INT64_MAX ? h->retry_at : 0,
		.note = host_note_ref(h->note),
		.cpu_ms = cost.server_ms,
		.bytes = cost.bytes,
		.cost_known = h->round.rounds > 0,
	};
}

const struct part *hostfeed_told(const struct hostfeed *h, const struct part *p)
{
	if (part_status(p) != PART_OK)
		return part_ref(p);
	if (h->phase == HOST_LIVE && !h->stalled && part_read_mono(p) >= h->live_since)
		return part_ref(p);
	if (h->stalled)
		return part_with_status(p, PART_STALE, "the host does not answer");
	return part_with_status(p, PART_STALE,
				h->note && h->note->err.why[0] ? h->note->err.why
							       : "not connected to the host");
}

const struct host_server *hostfeed_server(const struct hostfeed *h)
{
	return &h->round.server;
}

static void tell_loop(const struct hostfeed *h, struct hostfeed_row *out, int64_t now)
{
	static const char *const states[] = {
		[LINK_IDLE] = "idle",	    [LINK_CONNECTING] = "connecting",
		[LINK_LIVE] = "live",	    [LINK_STALLED] = "stalled",
		[LINK_DOWN] = "down",
	};
	struct own_cost cost = meter_cost(&h->round.meter, now);
	*out = (struct hostfeed_row){
		.status = states[link_of(h)],
		.reason = h->note ? h->note->err.why : NULL,
		.period = h->round.in->interval,
		.base = h->round.in->interval,
		.cpu_ms = cost.server_ms,
		.bytes = cost.bytes,
		.cost_known = h->round.rounds > 0,
		.runs = h->round.rounds,
		.reconnects = h->reconnects,
	};
}

bool hostfeed_row(const struct hostfeed *h, enum part_id id, struct hostfeed_row *out, int64_t now)
{
	if (id == N_PARTS) {
		tell_loop(h, out, now);
		return h->kind != SHELL_NONE && h->phase != HOST_OFF;
	}
	const struct hostreader *o = &h->round.readers[id];
	const struct part *p = h->round.in->parts[id];
	struct own_cost cost = meter_cost(&o->meter, now);
	*out = (struct hostfeed_row){
		.status = p ? part_status_name(part_status(p)) : NULL,
		.reason = p ? part_reason(p) : NULL,
		.request = o->request,
		.period = share_period(&o->share),
		.base = o->share.base,
		.cpu_ms = cost.server_ms,
		.bytes = cost.bytes,
		.last_ms = o->last_ms,
		.stretched = o->share.stretch > 1,
		.cost_known = o->runs > 0,
		.runs = o->runs,
		.rows = o->last_rows,
	};
	return o->collector && (h->round.in->wanted & PART_BIT(id) || o->runs);
}
