#include "engine/hostfeedimpl.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/feed.h"
#include "engine/schedule.h"

/* The second reading comes so soon after the first: rates want two. */
#define EARLY 0.3
/* So long a shell may take to begin with the loop. */
#define GREETING 10.0
/* So long an answer may be overdue until the shell is given up: over a slow link a new one costs
   more than patience. */
#define GIVE_UP 15.0
/* This machine's files are read in the sampler's own thread: the first screen of a server that answers comes
   before them, and it comes in this time. */
#define GIVES_WAY 0.5
/* So many attempts in a row that hung, and the next one goes to the slow lane. */
enum { HUNG_OFTEN = 2 };
/* One step takes in so much, then others have their turn. */
enum { BYTES_A_READ = 16 << 10, READS_A_STEP = 8 };

static int64_t ns(double seconds)
{
	return (int64_t)(seconds * (double)NS_PER_S);
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static double interval_of(const struct hostfeed *h)
{
	return h->round.in->interval;
}

/* Somebody looks at the host, or the connection to the server goes this way. */
static bool is_wanted(const struct hostfeed *h)
{
	return hostround_wanted(&h->round) || h->target->tunnel;
}

/* --- the link --------------------------------------------------------------------------------- */

static void set_note(struct hostfeed *h, const struct err *err,
		     const struct shell_question *question)
{
	host_note_unref(h->note);
	h->note = err ? host_note_new(err, question) : NULL;
}

static void drop_round(struct hostfeed *h)
{
	buf_clear(&h->out);
	h->written = 0;
	h->in_round = h->stalled = h->adrift = false;
}

static void hang_up(struct hostfeed *h)
{
	if (h->shell)
		h->carried += shell_bytes(h->shell);
	shell_close(h->shell);
	h->shell = NULL;
	drop_round(h);
}

static void connect_now(struct hostfeed *h, int64_t now)
{
	h->phase = HOST_CONNECTING;
	h->since = now;
	h->tried = true;
	h->adrift = h->again = false;
	connector_submit(h->env->connector, &(struct connect_order){
						    .tag = h->tag,
						    .target = h->target,
						    .shell = true,
						    .answers = &h->answers,
						    .hung_before = h->hung >= HUNG_OFTEN,
					    });
}

static void fail_parts(struct hostfeed *h, const struct err *err, int64_t now)
{
	char why[sizeof err->why + sizeof err->hint + 4];
	snprintf(why, sizeof why, err->hint[0] ? "%s; %s" : "%s", err->why, err->hint);
	hostround_fail(&h->round, PART_FAILED, why, now);
}

/* What a host does not offer it will hardly offer soon. */
static enum err_kind pace_of(const struct err *err)
{
	return err->kind == ERR_UNSUPPORTED ? ERR_PROTOCOL : err->kind;
}

static void wait_to_retry(struct hostfeed *h, const struct err *err,
			  const struct shell_question *question, int64_t now)
{
	bool asked = question && question->kind != QUESTION_NONE;
	double wait = asked ? -1 : backoff_next(&h->backoff, pace_of(err), h->known);
	hang_up(h);
	set_note(h, err, question);
	h->phase = HOST_WAITING;
	h->since = now;
	h->retry_at = h->again ? now : wait < 0 ? INT64_MAX : now + ns(wait);
	h->again = false;
	fail_parts(h, err, now);
}

/* The server is reached over the same session, which is fine as far as one can tell: a host that does
   not answer may be frozen as a whole. */
static bool goes_on(const struct hostfeed *h, const struct err *err, int64_t now)
{
	return h->shell && shell_carries(h->shell) &&
	       (err->kind != ERR_TIMEOUT || now - h->used < ns(GIVE_UP / 3));
}

static void carry_on(struct hostfeed *h, const struct err *err, int64_t now)
{
	double wait = backoff_next(&h->backoff, pace_of(err), h->known);
	drop_round(h);
	set_note(h, err, NULL);
	h->phase = HOST_CARRYING;
	h->since = h->used = now;
	h->deaf = false;
	h->retry_at = wait < 0 ? INT64_MAX : now + ns(wait);
	fail_parts(h, err, now);
}

static void lost(struct hostfeed *h, const struct err *err, int64_t now)
{
	h->reconnects += h->phase == HOST_LIVE;
	if (goes_on(h, err, now))
		carry_on(h, err, now);
	else
		wait_to_retry(h, err, NULL, now);
}

static void make_marker(char out[HOSTLOOP_MARKER + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char random[HOSTLOOP_MARKER];
	/* Without blocking: this early the system has had its entropy for long. */
	if (getrandom(random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
		for (size_t i = 0; i < sizeof random; i++)
			random[i] = (unsigned char)(clock_mono_ns() >> (i % 4));
	for (size_t i = 0; i < HOSTLOOP_MARKER; i++)
		out[i] = letters[random[i] % 32];
	out[HOSTLOOP_MARKER] = '\0';
}

static void greet(struct hostfeed *h, struct shell *shell, int64_t now)
{
	char marker[HOSTLOOP_MARKER + 1];
	make_marker(marker);
	h->shell = shell;
	h->phase = HOST_GREETING;
	h->since = now;
	hostround_login(&h->round, marker);
	hostloop_script(&h->out, marker);
}

void hostfeed_connected(struct hostfeed *h, const struct connect_result *r, int64_t now)
{
	if (r->unfinished) {
		h->adrift = true;
		h->hung = HUNG_OFTEN;
		set_note(h, &r->err, NULL);
	} else if (r->shell && h->phase == HOST_CONNECTING) {
		greet(h, r->shell, now);
	} else if (r->shell) {
		shell_close(r->shell); /* nobody wants it any more */
	} else if (h->phase == HOST_CONNECTING) {
		h->hung = r->err.kind == ERR_TIMEOUT ? h->hung + 1 : 0;
		wait_to_retry(h, &r->err, &r->question, now);
	}
}

static void live(struct hostfeed *h, int64_t now)
{
	h->phase = HOST_LIVE;
	h->known = true;
	h->hung = 0;
	h->rounds = 0;
	h->live_since = h->beat = now;
	set_note(h, NULL, NULL);
}

static void refused(struct hostfeed *h, int64_t now)
{
	struct err err = {0};
	err_set(&err, ERR_UNSUPPORTED, "shell on the host", h->round.loop.refusal, NULL);
	lost(h, &err, now);
}

/* --- rounds ----------------------------------------------------------------------------------- */

static void begin_round(struct hostfeed *h, int64_t now)
{
	bool all = h->force || h->rounds == 1;
	h->began = now;
	if (!hostround_begin(&h->round, all, now, &h->out)) {
		h->beat = schedule_beat(h->round.in->anchor, interval_of(h), now);
		return;
	}
	h->in_round = true;
	h->force &= h->round.finding;
}

static void end_round(struct hostfeed *h, int64_t now)
{
	double interval = interval_of(h);
	h->in_round = false;
	h->rounds++;
	backoff_reset(&h->backoff);
	if (h->force)
		h->beat = now;
	else if (h->rounds == 1)
		h->beat = h->began + ns(interval < EARLY ? interval : EARLY);
	else
		h->beat = schedule_beat(h->round.in->anchor, interval,
					now > h->began + ns(interval / 2) ? now
									  : h->began + ns(interval / 2));
}

static void recovered(struct hostfeed *h)
{
	if (!h->stalled)
		return;
	h->stalled = false;
	set_note(h, NULL, NULL);
}

static void stall(struct hostfeed *h, int64_t now)
{
	struct err err = {0};
	err_setf(&err, ERR_TIMEOUT, "reading the host", "what is shown is as old as it says",
		 "no answer for %.1f s", (double)(now - h->began) / (double)NS_PER_S);
	h->stalled = true;
	set_note(h, &err, NULL);
}

/* True when there is something new to tell. */
static bool take(struct hostfeed *h, const char *bytes, size_t n, int64_t now)
{
	bool news = false;
	while (n && h->shell) {
		switch (hostround_feed(&h->round, &bytes, &n, now)) {
		case HOSTROUND_MORE:
			break;
		case HOSTROUND_READY:
			live(h, now);
			news = true;
			break;
		case HOSTROUND_REFUSED:
			refused(h, now);
			return true;
		case HOSTROUND_FOUND:
			recovered(h);
			begin_round(h, now);
			break;
		case HOSTROUND_DONE:
			recovered(h);
			end_round(h, now);
			news = true;
			break;
		}
	}
	return news;
}

/* --- reading and writing ---------------------------------------------------------------------- */

static bool flush_out(struct hostfeed *h, struct err *err)
{
	while (h->written < h->out.len) {
		ssize_t n = shell_write(h->shell, h->out.s + h->written, h->out.len - h->written,
					err);
		if (n < 0)
			return false;
		if (n == 0)
			return true;
		h->written += (size_t)n;
	}
	buf_clear(&h->out);
	h->written = 0;
	return true;
}

static void say_what_was_said(const struct hostfeed *h, struct err *err)
{
	const char *noise = h->round.loop.noise;
	if (h->phase != HOST_GREETING || !*noise || strstr(err->why, noise))
		return;
	size_t n = strlen(err->why);
	snprintf(err->why + n, sizeof err->why - n, "; it said: %s", noise);
}

static bool broken(struct hostfeed *h, struct err *err, int64_t now)
{
	say_what_was_said(h, err);
	lost(h, err, now);
	return true;
}

static bool pump(struct hostfeed *h, int64_t now)
{
	char bytes[BYTES_A_READ];
	struct err err = {0};
	bool news = false;
	if (!shell_step(h->shell, now, &err))
		return broken(h, &err, now);
	/* What cannot be written any more is no reason not to hear why. */
	bool deaf = !flush_out(h, &err);
	for (int turn = 0; turn < READS_A_STEP; turn++) {
		ssize_t n = shell_read(h->shell, bytes, sizeof bytes, &err);
		if (n == 0)
			break;
		if (n < 0)
			return broken(h, &err, now);
		news |= take(h, bytes, (size_t)n, now);
		if (!h->shell || h->phase == HOST_CARRYING)
			return true;
	}
	if (deaf || !flush_out(h, &err))
		return broken(h, &err, now);
	return news;
}

/* What the shell still says is dropped. */
static void drop_words(struct hostfeed *h)
{
	char bytes[BYTES_A_READ];
	struct err err;
	for (int turn = 0; turn < READS_A_STEP && !h->deaf; turn++) {
		ssize_t n = shell_read(h->shell, bytes, sizeof bytes, &err);
		if (n == 0)
			break;
		h->deaf = n < 0;
	}
}

static bool carry(struct hostfeed *h, int64_t now)
{
	struct err err = h->note->err;
	bool up = shell_step(h->shell, now, &err);
	if (up)
		drop_words(h);
	if (!up || !shell_carries(h->shell) || now - h->used >= ns(GIVE_UP)) {
		wait_to_retry(h, &err, NULL, now);
		return true;
	}
	if (now < h->retry_at)
		return false;
	if (shell_again(h->shell))
		greet(h, h->shell, now);
	else
		h->retry_at = INT64_MAX;
	return true;
}

static bool watch_clock(struct hostfeed *h, int64_t now)
{
	struct err err = {0};
	if (h->phase == HOST_GREETING && now - h->since >= ns(GREETING)) {
		err_set(&err, ERR_TIMEOUT, "shell on the host", "no POSIX shell answers there",
			"the login or the command must give one that reads its standard input");
		say_what_was_said(h, &err);
		h->hung++;
		lost(h, &err, now);
		return true;
	}
	if (h->phase != HOST_LIVE || !h->in_round)
		return false;
	if (now - h->began >= ns(GIVE_UP)) {
		err_setf(&err, ERR_TIMEOUT, "reading the host", NULL,
			 "no answer for %.0f s; the shell was given up", GIVE_UP);
		h->hung++;
		lost(h, &err, now);
		return true;
	}
	if (h->stalled || now - h->began < ns(schedule_stall_after(interval_of(h))))
		return false;
	stall(h, now);
	return true;
}

static bool beats(const struct hostfeed *h)
{
	return h->phase == HOST_LIVE && !h->in_round && !h->env->paused &&
	       hostround_wanted(&h->round);
}

bool hostfeed_step(struct hostfeed *h, int64_t now)
{
	if (h->phase == HOST_WAITING && now >= h->retry_at) {
		connect_now(h, now);
		return true;
	}
	if (!h->shell)
		return false;
	if (h->phase == HOST_CARRYING)
		return carry(h, now);
	if (beats(h) && now >= h->beat)
		begin_round(h, now);
	bool news = pump(h, now);
	return watch_clock(h, now) || news;
}

/* --- what the feed calls ---------------------------------------------------------------------- */

struct hostfeed *hostfeed_new(struct feed_env *env, unsigned tag, const struct target *target,
			      struct intake *in, const struct server_info *server)
{
	struct hostfeed *h = xcalloc(1, sizeof *h);
	h->env = env;
	h->tag = tag;
	h->target = target;
	h->kind = shell_kind_of(target);
	h->backoff.random = tag * 2654435761u + (unsigned)clock_mono_ns();
	hostround_init(&h->round, in, server, target, h->kind == SHELL_LOCAL);
	hostfeed_demand(h, clock_mono_ns());
	return h;
}

void hostfeed_free(struct hostfeed *h)
{
	if (!h)
		return;
	hang_up(h);
	hostround_release(&h->round);
	shell_answers_release(&h->answers);
	host_note_unref(h->note);
	buf_release(&h->out);
	free(h);
}

void hostfeed_demand(struct hostfeed *h, int64_t now)
{
	hostround_demand(&h->round);
	if (h->kind == SHELL_NONE) {
		hostround_fail(&h->round, PART_UNSUPPORTED,
			       "it is not known how to reach the server's host; name it with --ssh "
			       "or --host-command",
			       now);
	} else if (h->phase == HOST_OFF && is_wanted(h)) {
		h->phase = HOST_WAITING;
		h->retry_at = now + (h->kind == SHELL_LOCAL && !h->server_told ? ns(GIVES_WAY) : 0);
	} else if (h->phase == HOST_LIVE) {
		h->beat = now; /* somebody may wait to see something new */
	} else if (h->phase == HOST_CARRYING) {
		fail_parts(h, &h->note->err, now);
	}
}

void hostfeed_server_told(struct hostfeed *h, int64_t now)
{
	if (h->server_told)
		return;
	h->server_told = true;
	if (h->phase == HOST_WAITING && !h->tried)
		h->retry_at = now;
}

void hostfeed_refresh(struct hostfeed *h, int64_t now)
{
	h->force = true;
	h->beat = now;
	h->again = h->phase == HOST_CONNECTING;
	if (h->phase == HOST_WAITING || h->phase == HOST_CONNECTING)
		backoff_reset(&h->backoff);
	if (h->phase == HOST_WAITING || h->phase == HOST_CARRYING)
		h->retry_at = now;
}

void hostfeed_used(struct hostfeed *h, int64_t now)
{
	h->used = now;
}

void hostfeed_answer(struct hostfeed *h, const struct shell_question *question, const char *text,
		     int64_t now)
{
	shell_answers_add(&h->answers, question, text);
	h->again = h->phase == HOST_CONNECTING;
	if (h->phase == HOST_WAITING)
		h->retry_at = now;
}

unsigned hostfeed_poll(const struct hostfeed *h, struct pollfd p[SHELL_MOST_FDS])
{
	return h->shell ? shell_poll(h->shell, h->out.len > 0, p) : 0;
}

int64_t hostfeed_due(const struct hostfeed *h)
{
	int64_t due = h->shell ? shell_due(h->shell) : INT64_MAX;
	if (h->phase == HOST_WAITING)
		due = sooner(due, h->retry_at);
	else if (h->phase == HOST_CARRYING)
		due = sooner(due, sooner(h->retry_at, h->used + ns(GIVE_UP)));
	else if (h->phase == HOST_GREETING)
		due = sooner(due, h->since + ns(GREETING));
	else if (beats(h))
		due = sooner(due, h->beat);
	else if (h->in_round)
		due = sooner(due, h->began + ns(h->stalled ? GIVE_UP
							   : schedule_stall_after(interval_of(h))));
	return due;
}

bool hostfeed_carries(const struct hostfeed *h)
{
	return h->shell && shell_tunnel_socket(h->shell);
}

const char *hostfeed_trouble(struct hostfeed *h, int64_t now)
{
	struct err err;
	if (!h->shell)
		return "";
	/* Its word may be on its way still; a loss is found again by the next step. */
	shell_step(h->shell, now, &err);
	return shell_tunnel_trouble(h->shell);
}
