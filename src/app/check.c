#include "app/check.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/checkhost.h"
#include "app/headless.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "collect/grants.h"
#include "collect/instruments.h"
#include "engine/control.h"
#include "io/db.h"
#include "io/tunnel.h"
#include "model/json.h"

enum { STATEMENT_SECONDS = 5, READ_SECONDS = 30, EXIT_LOST = 2, EXIT_STOPPED = 3 };

/* It cannot be switched on while the server runs. */
#define SCHEMA_LINE "performance_schema=ON under [mysqld] in my.cnf, and a restart of the server"

struct check {
	json_t *steps; /* NULL: lines */
	const struct target *target;
	struct server_info server;
	struct grants grants, missing;
	bool know_grants;
	const struct part *parts[N_PARTS]; /* of the last snapshot, borrowed, and the instruments */
	struct part *instruments;          /* owned; NULL: could not be read */
	struct buf enable;                 /* statements that switch instruments on */
	bool wants_schema;                 /* the performance schema is off and something needs it */
};

/* --- saying it -------------------------------------------------------------------------------- */

static const char *const status_names[] = {"ok", "warn", "fail", "skip"};

/* `fix` may be NULL or empty. */
static void say(struct check *c, enum check_status status, const char *step, const char *text, const char *fix)
{
	bool mend = fix && *fix;
	if (c->steps) {
		json_array_append_new(c->steps,
				      json_pack("{ss ss so so}", "step", step, "status", status_names[status],
						"text", json_of_text(text, strlen(text)), "fix",
						mend ? json_of_text(fix, strlen(fix)) : json_null()));
		return;
	}
	struct buf line = BUF_INIT;
	utf8_scrub(&line, text, strlen(text));
	if (mend && !strstr(text, fix)) {
		buf_adds(&line, "; ");
		utf8_scrub(&line, fix, strlen(fix));
	}
	printf("%s\t%s\t%s\n", status_names[status], step, buf_str(&line));
	fflush(stdout);
	buf_release(&line);
}

static void say_of_host(void *arg, enum check_status status, const char *step, const char *text,
			const char *fix)
{
	say(arg, status, step, text, fix);
}

static void say_options(struct check *c)
{
	const struct target *t = c->target;
	struct buf text = BUF_INIT;
	bool any = false;
	for (int s = 0; s < N_SETTINGS; s++) {
		if (!t->value[s])
			continue;
		any = true;
		buf_clear(&text);
		buf_addf(&text, "%s=%s from %s", setting_name((enum setting)s),
			 setting_secret((enum setting)s) ? "********" : t->value[s], t->origin[s]);
		say(c, CHECK_OK, "options", buf_str(&text), NULL);
	}
	if (!any)
		say(c, CHECK_OK, "options", "none are set", NULL);
	buf_release(&text);
}

/* --- connecting ------------------------------------------------------------------------------- */

static const char *const connect_steps[] = {"resolve", "tcp", "tls", "login"};

struct progress {
	struct check *check;
	struct {
		char step[16];
		bool ok;
		char *text;
	} seen[16];
	size_t n;
};

static void on_progress(const char *step, bool ok, const char *text, void *arg)
{
	struct progress *p = arg;
	if (p->n == COUNT_OF(p->seen))
		return;
	snprintf(p->seen[p->n].step, sizeof p->seen[p->n].step, "%s", step);
	p->seen[p->n].ok = ok;
	p->seen[p->n++].text = xstrdup(text);
}

/* What connecting gave, then what it never came to. */
static void say_progress(struct check *c, struct progress *p, const struct err *e)
{
	bool open = !c->server.cipher[0] && !target_uses_socket(c->target);
	const char *last = "";
	for (size_t i = 0; i < p->n; i++) {
		const char *step = last = p->seen[i].step;
		bool plain = !strcmp(step, "tls") && open && e->kind == ERR_NONE;
		say(c, !p->seen[i].ok ? CHECK_FAIL : plain ? CHECK_WARN : CHECK_OK, step, p->seen[i].text,
		    !p->seen[i].ok ? e->hint : plain ? "--ssl-mode=required asks for it" : NULL);
		free(p->seen[i].text);
	}
	if (e->kind == ERR_NONE)
		return;
	bool behind = false;
	for (size_t i = 0; i < COUNT_OF(connect_steps); i++) {
		if (behind)
			say(c, CHECK_SKIP, connect_steps[i], "it did not come to that", NULL);
		behind |= !strcmp(connect_steps[i], last);
	}
}

static void on_grant(void *arg, const struct answer *a)
{
	struct check *c = arg;
	if (a->n_columns && a->cells[0])
		grants_add(&c->grants, a->cells[0]);
}

static bool on_columns(void *arg, const struct answer *a)
{
	(void)arg;
	return a->n_columns > 0;
}

struct reader {
	const struct collector *collector;
	struct reading *reading;
};

static bool begin_reading(void *arg, const struct answer *a)
{
	struct reader *r = arg;
	r->reading = reading_new(r->collector, r->collector->sources, a);
	return true;
}

static void take_row(void *arg, const struct answer *a)
{
	reading_row(((struct reader *)arg)->reading, a);
}

/* Which consumers and instruments are on; NULL when that cannot be had. */
static struct part *read_instruments(struct db *db, int64_t deadline)
{
	static const struct db_sink sink = {begin_reading, take_row};
	struct reader r = {.collector = collector_for(PART_INSTRUMENTS)};
	struct err e;
	if (!db_server(db)->performance_schema)
		return NULL;
	if (db_run(db, &r.collector->sources->stmt, NULL, 0, &sink, &r, deadline, -1, &e) && r.reading)
		return reading_finish(r.reading, clock_mono_ns(), clock_wall_us(), 0);
	reading_free(r.reading);
	return NULL;
}

/* The tunnel lets everybody in, and only then finds out that nobody is at its far end. */
static void explain_tunnel(struct progress *p, const char *refused, struct err *e)
{
	if (!*refused)
		return;
	err_setf(e, ERR_CONNECT, e->what,
		 "does the server listen there, as the SSH host sees it? May that sshd forward to it?",
		 "the SSH host does not connect us: %s", refused);
	for (size_t i = 0; i < p->n; i++)
		if (!p->seen[i].ok) {
			free(p->seen[i].text);
			p->seen[i].text = xstrdup(e->why);
		}
}

/* `host` NULL: no tunnel. */
static bool connect_once(struct check *c, struct checkhost *host)
{
	static const struct db_sink sink = {on_columns, on_grant};
	struct progress progress = {.check = c};
	struct err e = {0};
	int64_t deadline = clock_mono_ns() +
			   (int64_t)(target_connect_timeout(c->target) * (double)NS_PER_S);
	struct db *db = db_connect(c->target, DB_JOB, deadline, on_progress, &progress, &e);
	if (db)
		c->server = *db_server(db);
	else if (e.kind == ERR_NONE)
		err_set(&e, ERR_CONNECT, "", "no connection", NULL);
	if (!db && host)
		explain_tunnel(&progress, checkhost_end(host, true), &e);
	say_progress(c, &progress, &e);
	if (!db)
		return false;
	deadline = clock_mono_ns() + STATEMENT_SECONDS * NS_PER_S;
	c->know_grants = db_run(db, &kill_grants, NULL, 0, &sink, c, deadline, -1, &e);
	if (c->know_grants)
		c->instruments = read_instruments(db, deadline);
	db_close(db);
	return true;
}

/* --- what can be seen ------------------------------------------------------------------------- */

static void say_server(struct check *c)
{
	const struct server_info *s = &c->server;
	struct buf text = BUF_INIT;
	buf_addf(&text, "%s %s, performance schema %s", flavor_title(s->flavor), s->version,
		 s->performance_schema ? "on" : "off");
	unsigned oldest = s->flavor == FLAVOR_MARIADB ? 100400 : 50700;
	bool old = s->number < oldest;
	say(c, old ? CHECK_WARN : CHECK_OK, "server", buf_str(&text),
	    old ? "it is older than what fathom is made for: MySQL 5.7, MariaDB 10.4" : NULL);
	buf_release(&text);
}

static void say_role(struct check *c, const struct snapshot *s)
{
	struct buf text = BUF_INIT;
	buf_addf(&text, "%s%s", role_name(s->role),
		 !s->read_only_known ? "" : s->read_only ? ", read only" : ", writable");
	say(c, CHECK_OK, "role", buf_str(&text), NULL);
	buf_release(&text);
}

static struct collect_ctx context(const struct check *c)
{
	return (struct collect_ctx){.server = &c->server, .parts = c->parts, .now = clock_mono_ns()};
}

/* The source that the sampler takes where no privilege is missing; NULL: there is none. */
static const struct source *usable_source(const struct check *c, const struct collector *of)
{
	struct collect_ctx ctx = context(c);
	const struct source *s = of->sources;
	while (s->stmt.sql && !source_usable(s, &ctx))
		s++;
	return s->stmt.sql ? s : NULL;
}

/* The first that is made for this flavor, whether it can tell anything now or not; NULL: none is. */
static const struct source *best_source(const struct check *c, const struct collector *of)
{
	enum flavor f = c->server.flavor == FLAVOR_PERCONA ? FLAVOR_MYSQL : c->server.flavor;
	const struct source *s = of->sources;
	while (s->stmt.sql && s->flavor != FLAVOR_UNKNOWN && s->flavor != f)
		s++;
	return s->stmt.sql ? s : NULL;
}

static void note_enable(struct check *c, const char *statement)
{
	if (!strstr(buf_str(&c->enable), statement))
		buf_addf(&c->enable, "%s%s", c->enable.len ? "; " : "", statement);
}

static bool wants_schema(const struct source *s)
{
	return s->instrument || (s->table && strncmp(s->table, "performance_schema.", 19) == 0);
}

/* What makes a collector readable: the cheapest way of its sources. */
static void add_remedy(struct check *c, const struct collector *of, struct buf *fix)
{
	struct collect_ctx ctx = context(c);
	const struct source *best = best_source(c, of);
	if (best && best->instrument && c->server.performance_schema &&
	    !instrument_on(&ctx, best->instrument))
		instrument_enable(fix, best->instrument);
	for (const struct source *s = of->sources; s->stmt.sql && !fix->len; s++)
		if (s->install && source_usable(s, &ctx))
			buf_adds(fix, s->install);
	if (fix->len) {
		note_enable(c, buf_str(fix));
	} else if (best && wants_schema(best) && !c->server.performance_schema) {
		buf_adds(fix, "performance_schema=ON");
		c->wants_schema = true;
	}
}

static void add_needs(const struct grants *g, struct buf *out)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct grant *need = &g->list[i];
		buf_addf(out, "%s%s", i ? ", " : "", need->privilege);
		if (need->db)
			buf_addf(out, " ON %s.%s", need->db, need->table ? need->table : "*");
	}
}

static void say_feature(struct check *c, const struct collector *of)
{
	const struct source *s = usable_source(c, of);
	const struct part *part = c->parts[of->part];
	/* What only feeds other parts, and those of another flavor, is nothing to miss. */
	if (!best_source(c, of) && !part_exported(of->part))
		return;
	struct buf text = BUF_INIT, fix = BUF_INIT;
	struct grants lacks = {0};
	enum check_status status = CHECK_OK;
	buf_adds(&text, of->feature);
	if (s && s->grant && c->know_grants) {
		grants_note_missing(&c->grants, s->grant, &lacks);
		grants_note_missing(&c->grants, s->grant, &c->missing);
	}
	if (!s) {
		struct collect_ctx ctx = context(c);
		status = best_source(c, of) ? CHECK_WARN : CHECK_SKIP;
		buf_adds(&text, ": ");
		source_reason(of, &ctx, &text);
		add_remedy(c, of, &fix);
		/* No switch is off: the server simply has no such thing. */
		if (!fix.len)
			status = CHECK_SKIP;
	} else if (lacks.n) {
		status = CHECK_WARN;
		/* The list of sessions still has the account's own. */
		bool partly = part && part_status(part) == PART_OK && part_rows(part) > 0;
		buf_adds(&text, partly ? ": not all of it: needs " : ": none of it: needs ");
		add_needs(&lacks, &text);
		grants_statement(&lacks, c->server.account, &fix);
	} else if (part && part_status(part) != PART_OK) {
		status = CHECK_WARN;
		buf_addf(&text, ": %s: %s", part_status_name(part_status(part)),
			 part_reason(part) ? part_reason(part) : "no reason given");
		add_remedy(c, of, &fix);
		/* Nobody can switch it on: the server has none. */
		if (part_status(part) == PART_UNSUPPORTED && !fix.len)
			status = CHECK_SKIP;
	}
	say(c, status, part_name(of->part), buf_str(&text), buf_str(&fix));
	grants_release(&lacks);
	buf_release(&text);
	buf_release(&fix);
}

/* What actions want, beyond reading. */
static void say_kill(struct check *c)
{
	const char *text = "ending other accounts' statements and connections";
	const char *read_only = c->target->value[SETTING_READ_ONLY];
	bool mariadb = c->server.flavor == FLAVOR_MARIADB;
	const char *need = mariadb ? "CONNECTION ADMIN" : "CONNECTION_ADMIN";
	bool super = grants_have(&c->grants, "SUPER") && !(mariadb && c->server.number >= 110001);
	if (read_only && !strcmp(read_only, "1")) {
		say(c, CHECK_SKIP, "kill", "this target is read-only", NULL);
	} else if (!c->know_grants || super || grants_have(&c->grants, need)) {
		say(c, CHECK_OK, "kill", text, NULL);
	} else {
		struct buf why = BUF_INIT, fix = BUF_INIT;
		struct grants lacks = {0};
		buf_addf(&why, "%s: needs %s", text, need);
		grants_note_missing(&c->grants, need, &lacks);
		grants_note_missing(&c->grants, need, &c->missing);
		grants_statement(&lacks, c->server.account, &fix);
		say(c, CHECK_WARN, "kill", buf_str(&why), buf_str(&fix));
		grants_release(&lacks);
		buf_release(&why);
		buf_release(&fix);
	}
}

/* The whole of what would mend the rest, for copying. */
static void say_remedies(struct check *c)
{
	struct buf fix = BUF_INIT;
	grants_statement(&c->missing, c->server.account, &fix);
	if (!c->know_grants)
		say(c, CHECK_WARN, "grants", "SHOW GRANTS was refused", NULL);
	else if (fix.len)
		say(c, CHECK_WARN, "grants", buf_str(&fix), buf_str(&fix));
	else
		say(c, CHECK_OK, "grants", "no privilege is missing", NULL);
	buf_release(&fix);
	if (c->enable.len)
		say(c, CHECK_WARN, "enable", buf_str(&c->enable), buf_str(&c->enable));
	if (c->wants_schema)
		say(c, CHECK_WARN, "settings", SCHEMA_LINE, SCHEMA_LINE);
}

/* Until each part was read once. Borrowed from `h`; NULL when interrupted. */
static const struct snapshot *read_once(struct headless *h, part_mask parts, bool *stopped)
{
	int64_t deadline = clock_mono_ns() + READ_SECONDS * NS_PER_S;
	for (;;) {
		const struct snapshot *s = headless_newest(h, 0);
		bool all = s && s->link == LINK_LIVE;
		for (int i = 0; i < N_PARTS && all; i++)
			all = !(parts & PART_BIT(i)) || s->parts[i];
		if (all || (s && s->link == LINK_DOWN && s->err.kind != ERR_NONE))
			return s;
		switch (headless_wait(h, deadline)) {
		case HEADLESS_NEWS:
			break;
		case HEADLESS_TIME:
			return s;
		case HEADLESS_INTERRUPTED:
			*stopped = true;
			return NULL;
		}
	}
}

/* What a snapshot has, and what of the rest something is said of; but nothing that is read on demand only. */
static bool is_looked_at(enum part_id id)
{
	const struct collector *of = collector_for(id);
	if (part_exported(id) && collect_schema(id))
		return true;
	return of && of->schema && of->feature && of->cost != COST_DEMAND;
}

static int look(struct check *c, const struct watch *w)
{
	struct watch one = *w;
	struct targets targets = {&one, 1, false};
	part_mask parts = 0;
	bool stopped = false;
	for (int i = 0; i < N_PARTS; i++)
		if (is_looked_at((enum part_id)i))
			parts |= PART_BIT(i);
	struct headless *h = headless_new(&targets, NULL, parts, false, 1);
	const struct snapshot *s = read_once(h, parts, &stopped);
	if (stopped) {
		headless_free(h);
		return EXIT_STOPPED;
	}
	say_server(c);
	if (s && s->link == LINK_LIVE)
		say_role(c, s);
	for (int i = 0; i < N_PARTS; i++)
		c->parts[i] = s ? s->parts[i] : NULL;
	c->parts[PART_INSTRUMENTS] = c->instruments;
	for (int i = 0; i < N_PARTS; i++) {
		const struct collector *of = collector_for((enum part_id)i);
		/* Which instruments are on tells of others, and is nothing by itself. */
		if (of && of->schema && of->feature && i != PART_INSTRUMENTS)
			say_feature(c, of);
	}
	say_kill(c);
	say_remedies(c);
	headless_free(h);
	return 0;
}

/* The host, then the server, through the host where it is to be. */
static bool reach(struct check *c)
{
	bool reachable, tunnel = target_tunnelled(c->target), in = false;
	struct checkhost *host = checkhost_new(c->target, say_of_host, c, &reachable);
	if (!tunnel)
		checkhost_end(host, false);
	if (reachable)
		in = connect_once(c, tunnel ? host : NULL);
	else
		for (size_t i = 0; i < COUNT_OF(connect_steps); i++)
			say(c, CHECK_SKIP, connect_steps[i], "it did not come to that", NULL);
	checkhost_server(host, in);
	checkhost_free(host);
	return in;
}

static void stop(int number)
{
	(void)number;
	tunnel_clean_up();
	_exit(EXIT_STOPPED);
}

int check_run(const struct watch *w, bool json)
{
	struct check c = {.target = w->target, .steps = json ? json_array() : NULL};
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	say_options(&c);
	int status = EXIT_LOST;
	if (reach(&c))
		status = look(&c, w);
	else
		say(&c, CHECK_SKIP, "server", "no login", NULL);
	if (json) {
		struct buf out = BUF_INIT;
		struct err e;
		json_t *all = json_pack("{so}", "steps", c.steps);
		json_add_line(&out, all);
		if (!headless_write(&out, &e))
			err_print(&e);
		json_decref(all);
		buf_release(&out);
	}
	grants_release(&c.grants);
	grants_release(&c.missing);
	part_unref(c.instruments);
	buf_release(&c.enable);
	return status;
}
