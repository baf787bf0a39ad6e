#include "engine/feed.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/hostfeed.h"
#include "engine/intake.h"
#include "engine/own.h"
#include "engine/rescue.h"
#include "engine/schedule.h"

#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif

/* The second sample comes so soon after the first: rates want two. */
#define EARLY 0.3
/* How far a server's start may seem to move: its uptime is whole seconds, and answers take time. */
#define START_JITTER (5 * NS_PER_S / 2)
/* So many attempts in a row that hung, and the next one goes to the slow lane. */
enum { HUNG_OFTEN = 2 };
/* What is quick to read waits so long for the rest of its round, to be told in one snapshot with it. */
#define REST 0.02
/* No answer of ours is as large. */
#define MOST_BYTES (UINT64_C(256) << 20)

enum phase { PHASE_WAITING, PHASE_CONNECTING, PHASE_LIVE };

struct feed {
	struct feed_env *env;
	unsigned index;
	struct target *target;

	/* The link. */
	enum phase phase;
	struct db *db;
	struct err err;    /* of the last failure, until it is live again */
	bool tried, known; /* an attempt was made; one succeeded */
	unsigned hung;     /* attempts in a row that ran into their deadline */
	bool adrift;       /* connecting, but beyond its deadline */
	bool password_new; /* since the attempt under way began */
	bool again;        /* somebody asked while it was under way */
	struct backoff backoff;
	int64_t retry_at; /* INT64_MAX: when somebody asks */
	unsigned reconnects;
	struct server_info server;
	int64_t live_since;
	bool stalled;
	struct rescue rescue;
	bool second_under_way; /* an attempt for the rescue */
	int64_t regranted;     /* when it last logged in anew for the sake of privileges */

	/* Who answers: rates do not reach across a restart. */
	uint64_t seq, epoch;
	int64_t started; /* mono ns when the server began; 0: unknown */
	char uuid[64];
	int64_t status_seen, variables_seen; /* when what was looked at last was read */

	struct hostfeed *host;
	struct intake intake;
	bool in_round;
	bool force, soon; /* a round with all, or with what is due, right after this one */
	int64_t round_began, beat;
	int64_t tell_at; /* when what was read of this round is told, whatever lacks; 0: nothing waits */
	bool host_news;  /* what the host told waits for the server's round */
	unsigned rounds; /* since the login */
};

static int64_t ns(double seconds)
{
	return (int64_t)(seconds * (double)NS_PER_S);
}

/* --- snapshots -------------------------------------------------------------------------------- */

/* The server is reached through its host (--ssh-tunnel), and there is no way through yet. */
static bool waits_for_host(const struct feed *f)
{
	return f->phase == PHASE_WAITING && f->target->tunnel && !hostfeed_carries(f->host);
}

static enum link_state link_of(const struct feed *f)
{
	switch (f->phase) {
	case PHASE_WAITING:
		return f->tried ? LINK_DOWN : LINK_IDLE;
	case PHASE_CONNECTING:
		return f->adrift ? LINK_DOWN : LINK_CONNECTING;
	case PHASE_LIVE:
		break;
	}
	return f->stalled ? LINK_STALLED : LINK_LIVE;
}

static const char *link_name(enum link_state l)
{
	static const char *const names[] = {
		[LINK_IDLE] = "idle", [LINK_CONNECTING] = "connecting",
		[LINK_LIVE] = "live", [LINK_STALLED] = "stalled",
		[LINK_DOWN] = "down",
	};
	return names[l];
}

/* A part as it is told: old numbers say that they are old. A new reference. */
static const struct part *told(const struct feed *f, const struct part *p, enum link_state link)
{
	if (part_of_host(part_id(p)))
		return hostfeed_told(f->host, p);
	if (part_status(p) != PART_OK)
		return part_ref(p);
	if (link == LINK_STALLED)
		return part_with_status(p, PART_STALE, "the server does not answer");
	if (link != LINK_LIVE)
		return part_with_status(p, PART_STALE, "not connected");
	if (part_read_mono(p) < f->live_since)
		return part_with_status(p, PART_STALE,
					"not read again since the connection "
					"was set up anew");
	return part_ref(p);
}

static void add_self(const struct feed *f, struct snapshot *s)
{
	struct own own = {
		.readers = f->intake.readers,
		.parts = f->intake.parts,
		.wanted = f->intake.wanted,
		.server = &f->server,
		.cost = s->cost,
		.link = link_name(s->link),
		.runs = f->intake.rounds,
		.reconnects = f->reconnects,
		.interval = f->intake.interval,
		.round_trip_ms = f->db ? db_round_trip(f->db) : 0,
		.loop_gap_ms = f->env->loop_gap_ms,
		.host = f->host,
	};
	snapshot_set(s, own_part(&own, s->mono, s->wall));
}

static void add_role(const struct feed *f, struct snapshot *s)
{
	struct collect_ctx ctx = intake_ctx(&f->intake, s->mono);
	s->role = collect_role(&ctx, &s->read_only, &s->read_only_known);
}

/* How the server's link stands is then how the host's does. */
static void tell_host_link(struct snapshot *s)
{
	bool down = s->host.state == LINK_DOWN;
	s->link = down ? LINK_DOWN : LINK_CONNECTING;
	s->retry_at = s->host.retry_at;
	if (s->host.note)
		s->err = s->host.note->err;
	else
		err_set(&s->err, ERR_NONE, NULL, "waiting for SSH", NULL);
}

static void set_beats(struct feed *f, int64_t now)
{
	f->intake.anchor = now + ns(f->intake.interval * f->intake.phase);
}

static void post(struct feed *f)
{
	f->tell_at = 0;
	f->host_news = false;
	struct snapshot *s = snapshot_new(f->index);
	s->seq = ++f->seq;
	s->epoch = f->epoch;
	s->mono = clock_mono_ns();
	s->wall = clock_wall_us();
	s->link = link_of(f);
	if (s->link != LINK_LIVE)
		s->err = f->err;
	if (s->link == LINK_DOWN && f->retry_at != INT64_MAX && !f->adrift)
		s->retry_at = f->retry_at;
	s->server = f->server;
	s->interval = f->intake.interval;
	s->uptime = value_number(part_lookup(f->intake.parts[PART_STATUS], "Uptime"), -1);
	s->cost = meter_cost(&f->intake.meter, s->mono);
	hostfeed_tell(f->host, &s->host, s->mono);
	if (waits_for_host(f))
		tell_host_link(s);
	if (f->known)
		add_role(f, s);
	/* What only feeds other parts stays here, unless somebody looks at it. */
	part_mask watched = f->intake.watched;
	for (int i = 0; i < N_PARTS; i++)
		if (f->intake.parts[i] && (part_exported((enum part_id)i) || watched & PART_BIT(i)))
			snapshot_set(s, told(f, f->intake.parts[i], s->link));
	if (f->intake.watched & PART_BIT(PART_SELF))
		add_self(f, s);
	mailbox_post(f->env->box, (struct message){.type = MESSAGE_SNAPSHOT, .snapshot = s});
}

/* --- who answers ------------------------------------------------------------------------------ */

static void check_uptime(struct feed *f)
{
	const struct part *status = f->intake.parts[PART_STATUS];
	if (!status || part_read_mono(status) == f->status_seen || part_status(status) != PART_OK)
		return;
	f->status_seen = part_read_mono(status);
	double uptime = value_number(part_lookup(status, "Uptime"), -1);
	if (uptime < 0)
		return;
	int64_t started = part_read_mono(status) - ns(uptime);
	if (f->started && started > f->started + START_JITTER)
		f->epoch++;
	/* The earliest guess is the best: seconds are cut off. But follow a server whose clock was
	 * set. */
	if (!f->started || started < f->started || started > f->started + START_JITTER)
		f->started = started;
}

static void check_uuid(struct feed *f)
{
	static const char *const names[] = {"server_uuid", "server_uid"};
	const struct part *variables = f->intake.parts[PART_VARIABLES];
	if (!variables || part_read_mono(variables) == f->variables_seen ||
	    part_status(variables) != PART_OK)
		return;
	f->variables_seen = part_read_mono(variables);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *uuid = value_cstr(part_lookup(variables, names[i]));
		if (!*uuid)
			continue;
		if (f->uuid[0] && strncmp(f->uuid, uuid, sizeof f->uuid - 1) != 0)
			f->epoch++;
		snprintf(f->uuid, sizeof f->uuid, "%s", uuid);
		return;
	}
}

/* Called when parts were read. */
static void check_identity(struct feed *f)
{
	check_uptime(f);
	check_uuid(f);
}

/* After a login that was not the first. */
static void check_server(struct feed *f, const struct server_info *now)
{
	bool same = strcmp(f->server.hostname, now->hostname) == 0 &&
		    strcmp(f->server.version, now->version) == 0;
	/* Connections are numbered from the server's start; and nobody will look at its uptime
	   unless the status is read. */
	if (!same || now->connection_id < f->server.connection_id ||
	    !(f->intake.wanted & PART_BIT(PART_STATUS))) {
		f->epoch++;
		f->started = 0;
	}
}

/* --- the link --------------------------------------------------------------------------------- */

static void connect_now(struct feed *f)
{
	f->phase = PHASE_CONNECTING;
	f->tried = true;
	f->adrift = false;
	f->password_new = f->again = false;
	connector_submit(f->env->connector, &(struct connect_order){
						    .tag = FEED_TAG(f->index, FEED_SAMPLING),
						    .target = f->target,
						    .purpose = DB_SAMPLE,
						    .hung_before = f->hung >= HUNG_OFTEN,
					    });
	post(f);
}

static void wait_to_retry(struct feed *f, int64_t now)
{
	double wait = backoff_next(&f->backoff, f->err.kind, f->known);
	hostfeed_server_told(f->host, now);
	f->phase = PHASE_WAITING;
	f->adrift = false;
	f->retry_at = wait < 0 ? INT64_MAX : now + ns(wait);
	if (f->again || (f->err.kind == ERR_LOGIN && f->password_new))
		f->retry_at = now;
	f->again = false;
	post(f);
}

static void lost(struct feed *f, const struct err *err, int64_t now)
{
	intake_abort(&f->intake);
	db_close(f->db);
	f->db = NULL;
	rescue_end(&f->rescue);
	f->in_round = false;
	f->stalled = false;
	f->reconnects++;
	f->err = *err;
	wait_to_retry(f, now);
}

static void live(struct feed *f, struct db *db, int64_t now)
{
	if (f->known)
		check_server(f, db_server(db));
	f->db = db;
	f->server = *db_server(db);
	f->phase = PHASE_LIVE;
	f->err = (struct err){0};
	f->known = true;
	f->adrift = false;
	f->hung = 0;
	f->live_since = now;
	f->rounds = 0;
	f->beat = now;
	set_beats(f, now);
	db_set_limit(db, intake_limit_ms(&f->intake));
	intake_login(&f->intake);
	post(f);
}

static void take_second(struct feed *f, struct db *db, int64_t now)
{
	if (f->rescue.state == RESCUE_CONNECTING)
		rescue_connected(&f->rescue, db, now);
	else
		db_close(db);
}

/* What goes through a tunnel need not wait for its turn when there is one again. */
static void tunnel_changed(struct feed *f, int64_t now)
{
	if (f->target->tunnel && hostfeed_carries(f->host) && f->phase == PHASE_WAITING &&
	    f->retry_at != INT64_MAX) {
		f->retry_at = now;
		backoff_reset(&f->backoff);
	}
}

static void host_connected(struct feed *f, const struct connect_result *r, int64_t now)
{
	hostfeed_connected(f->host, r, now);
	tunnel_changed(f, now);
	post(f);
}

/* The near end of a tunnel takes everybody in, and lets go who is refused at the far end. */
static void explain_tunnel(struct feed *f, int64_t now)
{
	const char *refused = f->target->tunnel ? hostfeed_trouble(f->host, now) : "";
	if (*refused && f->err.kind == ERR_LOST)
		err_setf(&f->err, ERR_CONNECT, f->err.what,
			 "does the server listen there, as the SSH host sees it? May that sshd forward to it?",
			 "the SSH host does not connect us: %s", refused);
}

void feed_connected(struct feed *f, enum feed_way way, const struct connect_result *r, int64_t now)
{
	if (way == FEED_HOST) {
		host_connected(f, r, now);
		return;
	}
	if (way == FEED_SECOND) {
		if (!r->unfinished) {
			f->second_under_way = false;
			take_second(f, r->db, now);
		}
		return;
	}
	if (r->unfinished) {
		f->adrift = true;
		f->hung = HUNG_OFTEN;
		f->err = r->err;
		post(f);
	} else if (r->db) {
		live(f, r->db, now);
	} else {
		f->hung = r->err.kind == ERR_TIMEOUT ? f->hung + 1 : 0;
		f->err = r->err;
		explain_tunnel(f, now);
		wait_to_retry(f, now);
	}
}

/* --- a statement that does not come back ------------------------------------------------------ */

static void stall(struct feed *f, int64_t now)
{
	f->stalled = true;
	err_setf(&f->err, ERR_TIMEOUT, "reading", "what is shown is as old as it says",
		 "no answer for %.1f s", (double)(now - f->intake.sent) / (double)NS_PER_S);
	post(f);
}

static void recovered(struct feed *f)
{
	f->stalled = false;
	f->err = (struct err){0};
	rescue_end(&f->rescue);
}

static void step_rescue(struct feed *f, short revents, int64_t now)
{
	rescue_step(&f->rescue, revents, now);
	if (f->rescue.state == RESCUE_CONNECTING && !f->second_under_way) {
		f->second_under_way = true;
		connector_submit(f->env->connector, &(struct connect_order){
							    .tag = FEED_TAG(f->index, FEED_SECOND),
							    .target = f->target,
							    .purpose = DB_JOB,
							    .hung_before = true,
						    });
	}
	if (f->rescue.state == RESCUE_GONE) {
		struct err err = {0};
		err_set(&err, ERR_LOST, "reading", "the server has forgotten this connection",
			NULL);
		backoff_reset(&f->backoff);
		lost(f, &err, now);
	}
}

static void watch_clock(struct feed *f, int64_t now)
{
	int64_t waited = now - f->intake.sent;
	if (!f->stalled && waited >= ns(schedule_stall_after(f->intake.interval)))
		stall(f, now);
	if (db_bytes(f->db) - f->intake.bytes > MOST_BYTES) {
		struct err err = {0};
		err_set(&err, ERR_PROTOCOL, "reading", "the server's answer does not end", NULL);
		lost(f, &err, now);
	} else if (f->rescue.state == RESCUE_OFF &&
		   waited >= ns(schedule_give_up_after(f->intake.interval))) {
		rescue_begin(&f->rescue, &f->server, f->started, now);
		step_rescue(f, 0, now);
	}
}

/* --- rounds ----------------------------------------------------------------------------------- */

static void plan_next(struct feed *f, int64_t now)
{
	double interval = f->intake.interval;
	if (f->force || f->soon) {
		f->beat = now;
	} else if (f->rounds == 1) {
		f->beat = f->round_began + ns(interval < EARLY ? interval : EARLY);
	} else {
		/* Beats that passed meanwhile are skipped, and two rounds keep their distance. */
		int64_t soonest = f->round_began + ns(interval / 2);
		f->beat = schedule_beat(f->intake.anchor, interval, now > soonest ? now : soonest);
	}
}

static void end_round(struct feed *f, int64_t now)
{
	f->in_round = false;
	f->rounds++;
	backoff_reset(&f->backoff);
	check_identity(f);
	plan_next(f, now);
	hostfeed_server_told(f->host, now);
	post(f);
}

/* The first screen is not kept waiting. Later ones are drawn, and judged by the rules, once a round, unless
   the rest of it takes its time. */
static void tell_quick(struct feed *f, int64_t now)
{
	hostfeed_server_told(f->host, now);
	if (f->rounds < 2)
		post(f);
	else
		f->tell_at = now + ns(REST);
}

static void run(struct feed *f, short revents, int64_t now)
{
	for (;;) {
		struct err err = {0};
		int64_t sent = f->intake.sent;
		enum intake_state state = intake_step(&f->intake, f->db, revents, now, &err);
		now = clock_mono_ns();
		revents = 0;
		if (f->stalled && (state != INTAKE_BUSY || f->intake.sent != sent))
			recovered(f);
		switch (state) {
		case INTAKE_BUSY:
			return;
		case INTAKE_QUICK:
			check_identity(f);
			tell_quick(f, now);
			break;
		case INTAKE_DONE:
			end_round(f, now);
			return;
		case INTAKE_LOST:
			lost(f, &err, now);
			return;
		}
	}
}

static void begin_round(struct feed *f, int64_t now)
{
	enum intake_scope scope = f->force ? SCOPE_ALL : f->rounds == 1 ? SCOPE_FAST : SCOPE_DUE;
	f->force = f->soon = false;
	f->round_began = now;
	f->in_round = intake_begin(&f->intake, scope, now);
	if (f->in_round) {
		run(f, 0, now);
		return;
	}
	plan_next(f, now);
	if (f->host_news)
		post(f);
}

static bool beat_wanted(const struct feed *f)
{
	return f->intake.wanted && (!f->env->paused || f->force);
}

/* Privileges that were granted meanwhile often count for new connections only: worth one now and
   then, when somebody asks. */
static bool lacks_privileges(const struct feed *f, int64_t now)
{
	if (f->regranted && now - f->regranted < ns(10))
		return false;
	for (int i = 0; i < N_PARTS; i++)
		if (f->intake.wanted & PART_BIT(i) && f->intake.parts[i] &&
		    part_status(f->intake.parts[i]) == PART_DENIED)
			return true;
	return false;
}

static void log_in_anew(struct feed *f, int64_t now)
{
	f->regranted = now;
	db_close(f->db);
	f->db = NULL;
	f->phase = PHASE_WAITING;
	f->retry_at = now;
}

static void step_live(struct feed *f, short revents, int64_t now)
{
	if (f->in_round) {
		if (revents || db_pending(f->db))
			run(f, revents, now);
		if (f->in_round)
			watch_clock(f, now);
		if (f->tell_at && now >= f->tell_at)
			post(f);
	} else if (revents & (POLLERR | POLLHUP | POLLNVAL | POLLRDHUP)) {
		struct err err = {0};
		err_set(&err, ERR_LOST, "reading", "the server closed the connection", NULL);
		lost(f, &err, now);
	} else if (now >= f->beat && beat_wanted(f)) {
		if (f->force && lacks_privileges(f, now))
			log_in_anew(f, now);
		else
			begin_round(f, now);
	}
}

/* --- what the sampler calls ------------------------------------------------------------------- */

struct feed *feed_new(struct feed_env *env, unsigned index, const struct target *target)
{
	struct feed *f = xcalloc(1, sizeof *f);
	f->env = env;
	f->index = index;
	f->target = target_copy(target);
	f->epoch = 1;
	f->backoff.random = index * 2654435761u + (unsigned)clock_mono_ns();
	intake_init(&f->intake, &f->server, schedule_phase(index));
	set_beats(f, clock_mono_ns());
	f->host = hostfeed_new(env, FEED_TAG(index, FEED_HOST), f->target, &f->intake, &f->server);
	if (f->target->ask_password && !f->target->value[SETTING_PASSWORD]) {
		f->tried = true;
		f->retry_at = INT64_MAX;
		err_set(&f->err, ERR_LOGIN, "login", "a password is needed", NULL);
		post(f);
	}
	return f;
}

void feed_free(struct feed *f)
{
	if (!f)
		return;
	rescue_end(&f->rescue);
	hostfeed_free(f->host);
	intake_release(&f->intake);
	db_close(f->db);
	target_free(f->target);
	free(f);
}

unsigned feed_poll(const struct feed *f, struct pollfd p[FEED_MOST_FDS])
{
	unsigned n = 2 + hostfeed_poll(f->host, &p[2]);
	p[0] = p[1] = (struct pollfd){.fd = -1};
	rescue_poll(&f->rescue, &p[1]);
	if (f->phase != PHASE_LIVE)
		return n;
	p[0].fd = db_fd(f->db);
	p[0].events = f->in_round ? db_events(f->db) : POLLRDHUP;
	return n;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t due_live(const struct feed *f)
{
	double interval = f->intake.interval;
	if (!f->in_round)
		return beat_wanted(f) ? f->beat : INT64_MAX;
	if (db_pending(f->db))
		return 0;
	if (!f->stalled) {
		int64_t stalls = f->intake.sent + ns(schedule_stall_after(interval));
		return f->tell_at ? sooner(f->tell_at, stalls) : stalls;
	}
	if (f->rescue.state == RESCUE_OFF)
		return f->intake.sent + ns(schedule_give_up_after(interval));
	return INT64_MAX;
}

bool feed_waits(const struct feed *f)
{
	return f->phase == PHASE_LIVE && f->in_round && !f->stalled;
}

void feed_stood_still(struct feed *f, int64_t ns)
{
	if (feed_waits(f))
		intake_stood_still(&f->intake, ns);
}

int64_t feed_due(const struct feed *f)
{
	int64_t due = sooner(rescue_due(&f->rescue), hostfeed_due(f->host));
	if (f->phase == PHASE_WAITING && !waits_for_host(f))
		due = sooner(due, f->retry_at);
	else if (f->phase == PHASE_LIVE)
		due = sooner(due, due_live(f));
	return due;
}

/* A round of the server that goes on as it should, or is about to begin, takes along what the host told. */
static bool round_will_tell(const struct feed *f, int64_t now)
{
	int64_t soon = ns(f->intake.interval / 4);
	if (f->phase != PHASE_LIVE || f->stalled)
		return false;
	return f->in_round ? now - f->round_began < soon : beat_wanted(f) && f->beat - now < soon;
}

static void step_host(struct feed *f, int64_t now)
{
	bool carried = hostfeed_carries(f->host);
	if (f->phase == PHASE_LIVE && !f->stalled)
		hostfeed_used(f->host, now);
	f->host_news |= hostfeed_step(f->host, now);
	if (carried != hostfeed_carries(f->host))
		tunnel_changed(f, now);
	if (f->host_news && !round_will_tell(f, now))
		post(f);
}

void feed_step(struct feed *f, const struct pollfd *p, int64_t now)
{
	step_host(f, now);
	if (f->rescue.state != RESCUE_OFF)
		step_rescue(f, p[1].revents, now);
	if (f->phase == PHASE_WAITING && now >= f->retry_at && !waits_for_host(f))
		connect_now(f);
	else if (f->phase == PHASE_LIVE)
		step_live(f, p[0].revents, now);
}

void feed_demand(struct feed *f, const struct sampler_demand *d, int64_t now)
{
	double before = f->intake.interval;
	part_mask anew = intake_demand(&f->intake, d);
	hostfeed_demand(f->host, now);
	if (f->intake.interval != before) {
		set_beats(f, now);
		f->beat = sooner(f->beat, now + ns(f->intake.interval));
		if (f->db)
			db_set_limit(f->db, intake_limit_ms(&f->intake));
	}
	/* Somebody waits to see it. */
	if (anew) {
		f->soon = true;
		f->beat = now;
	}
}

void feed_refresh(struct feed *f, int64_t now)
{
	hostfeed_refresh(f->host, now);
	f->force = true;
	f->beat = now;
	f->again = f->phase == PHASE_CONNECTING;
	if (f->phase != PHASE_LIVE)
		backoff_reset(&f->backoff);
	if (f->phase == PHASE_WAITING)
		f->retry_at = now;
}

void feed_urgent(struct feed *f, bool urgent)
{
	f->intake.limit = urgent ? BUDGET_LIMIT_URGENT : BUDGET_LIMIT;
}

void feed_password(struct feed *f, char *password, int64_t now)
{
	target_set(f->target, SETTING_PASSWORD, password, "prompt");
	f->target->ask_password = false;
	f->password_new = true;
	if (f->phase == PHASE_WAITING)
		f->retry_at = now;
	mem_wipe(password, strlen(password));
	free(password);
}

void feed_answer(struct feed *f, const struct shell_question *question, const char *text,
		 int64_t now)
{
	hostfeed_answer(f->host, question, text, now);
}
