#include "engine/kill.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/processlist.h"

const char *kill_verb_name(enum kill_verb v)
{
	return v == KILL_STATEMENT ? "kill-query" : "kill-connection";
}

const char *kill_outcome_name(enum kill_outcome o)
{
	static const char *const names[] = {
		[KILL_NOT_TRIED] = "not tried",
		[KILL_REFUSED] = "refused",
		[KILL_WAS_GONE] = "was gone",
		[KILL_DENIED] = "denied",
		[KILL_FAILED] = "failed",
		[KILL_SENT] = "sent",
		[KILL_ROLLING_BACK] = "rolling back",
		[KILL_SURVIVED] = "survived",
		[KILL_ENDED] = "ended",
		[KILL_GONE] = "gone",
	};
	return names[o];
}

/* --- victims ---------------------------------------------------------------------------------- */

void kill_victim_release(struct kill_victim *v)
{
	char *texts[] = {v->kind, v->user, v->host, v->db, v->command, v->state, v->info};
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		free(texts[i]);
	*v = (struct kill_victim){0};
}

static char *text_of(const struct part *p, unsigned row, unsigned field)
{
	struct value v = part_get(p, row, field);
	return v.type == VALUE_TEXT ? xstrndup(v.s, v.len) : NULL;
}

void kill_victim_from(struct kill_victim *v, const struct part *p, unsigned row)
{
#define TEXT(field) text_of(p, row, PROCESSLIST_##field)
	*v = (struct kill_victim){
		.id = value_integer(part_get(p, row, PROCESSLIST_ID), 0),
		.kind = TEXT(KIND),
		.user = TEXT(USER),
		.host = TEXT(HOST),
		.db = TEXT(DB),
		.command = TEXT(COMMAND),
		.state = TEXT(STATE),
		.info = TEXT(INFO),
		.query_id = value_integer(part_get(p, row, PROCESSLIST_QUERY_ID), -1),
		.time = value_number(part_get(p, row, PROCESSLIST_TIME), -1),
		.rows_modified = value_integer(part_get(p, row, PROCESSLIST_ROWS_MODIFIED), -1),
		.seen = part_read_mono(p),
	};
#undef TEXT
}

static bool is(const char *a, const char *b)
{
	return a && strcasecmp(a, b) == 0;
}

static bool begins(const char *s, const char *with)
{
	return s && strncasecmp(s, with, strlen(with)) == 0;
}

bool kill_victim_idle(const struct kill_victim *v)
{
	return is(v->command, "Sleep");
}

/* --- what may be killed ----------------------------------------------------------------------- */

/* By what the server says of a session; the beginnings of its words. */
static const struct {
	const char *user, *command; /* NULL: any */
	const char *why;
} untouchable[] = {
	{"system user", NULL, "it applies replication; stop the replica instead (STOP REPLICA)"},
	{NULL, "Binlog Dump",
	 "it sends the binary log to a replica, which would come back at once; "
	 "stop the replica there"},
	{NULL, "Slave", "it is a replication thread; stop the replica instead (STOP REPLICA)"},
	{NULL, "Replica", "it is a replication thread; stop the replica instead (STOP REPLICA)"},
	{NULL, "Group", "it belongs to group replication"},
	{"event_scheduler", NULL,
	 "it is the event scheduler; SET GLOBAL event_scheduler=OFF stops it"},
	{NULL, "Daemon", "it is one of the server's own threads"},
};

static const struct {
	const char *kind, *why;
} kinds[] = {
	{"replication", "it is a replication thread; stop the replica instead (STOP REPLICA)"},
	{"event", "it is the event scheduler; SET GLOBAL event_scheduler=OFF stops it"},
	{"system", "it is one of the server's own threads"},
	{"own", "it is fathom itself"},
};

const char *kill_refusal(const struct kill_victim *v, enum kill_verb verb)
{
	for (size_t i = 0; i < COUNT_OF(untouchable); i++)
		if ((!untouchable[i].user || is(v->user, untouchable[i].user)) &&
		    (!untouchable[i].command || begins(v->command, untouchable[i].command)))
			return untouchable[i].why;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (is(v->kind, kinds[i].kind))
			return kinds[i].why;
	if (begins(v->info, "/* fathom */"))
		return "it is fathom itself";
	if (verb == KILL_STATEMENT && kill_victim_idle(v))
		return "it runs no statement: that would free nothing; its connection can be ended";
	return NULL;
}

/* --- is it still the same? -------------------------------------------------------------------- */

/* Some sources name the client's port with the host, others do not. */
static bool same_host(const char *a, const char *b)
{
	if (!a || !b)
		return true;
	const char *pa = strrchr(a, ':'), *pb = strrchr(b, ':');
	size_t na = pa ? (size_t)(pa - a) : strlen(a), nb = pb ? (size_t)(pb - b) : strlen(b);
	if (pa && pb && strcmp(pa, pb) != 0)
		return false;
	return na == nb && strncasecmp(a, b, na) == 0;
}

/* Where statements have no number: the same text (both may be cut), and as old as it must be. */
static bool same_statement(const struct kill_victim *seen, const struct kill_victim *now)
{
	const char *a = seen->info, *b = now->info;
	if (a && b) {
		size_t n = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
		if (strncmp(a, b, n) != 0)
			return false;
	} else if (!a != !b) {
		return false;
	}
	if (seen->time < 0 || now->time < 0)
		return a != NULL;
	double passed = (double)(now->seen - seen->seen) / (double)NS_PER_S;
	return now->time >= seen->time + passed - 1.5; /* whole seconds, and a slow answer */
}

enum kill_match kill_match(const struct kill_victim *seen, const struct kill_victim *now)
{
	if (!now || !now->id)
		return MATCH_GONE;
	if ((seen->user && now->user && strcmp(seen->user, now->user) != 0) ||
	    !same_host(seen->host, now->host))
		return MATCH_STRANGER;
	bool numbered = seen->query_id > 0 && now->query_id > 0;
	if (kill_victim_idle(now) && !kill_victim_idle(seen))
		return MATCH_ENDED;
	if (numbered ? seen->query_id == now->query_id : same_statement(seen, now))
		return MATCH_SAME;
	return MATCH_OTHER;
}

/* --- preview ---------------------------------------------------------------------------------- */

struct kill_preview kill_preview(const struct part *p, unsigned row, enum kill_verb verb,
				 const struct rollback_speed *speed)
{
	struct kill_victim v;
	kill_victim_from(&v, p, row);
	struct kill_preview out = {
		.rows = v.rows_modified,
		.rows_at_most = verb == KILL_STATEMENT,
		.waiting = value_integer(part_get(p, row, PROCESSLIST_BLOCKS), -1),
		.refusal = kill_refusal(&v, verb),
	};
	/* Without a transaction there is nothing to undo, if transactions can be seen at all. */
	if (out.rows < 0 && !part_absent_reason(p, PROCESSLIST_ROWS_MODIFIED))
		out.rows = 0;
	out.time = rollback_estimate(speed, out.rows);
	kill_victim_release(&v);
	return out;
}

/* --- requests --------------------------------------------------------------------------------- */

struct kill_request *kill_request_new(enum kill_verb verb, int64_t own_id)
{
	struct kill_request *r = xcalloc(1, sizeof *r);
	r->verb = verb;
	r->own_id = own_id;
	return r;
}

void kill_request_free(struct kill_request *r)
{
	if (!r)
		return;
	for (unsigned i = 0; i < r->n; i++)
		kill_victim_release(&r->victims[i]);
	free(r->victims);
	free(r);
}

void kill_request_add(struct kill_request *r, const struct part *processlist, unsigned row)
{
	GROW(r->victims, r->n, r->cap);
	kill_victim_from(&r->victims[r->n++], processlist, row);
}
