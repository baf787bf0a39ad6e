#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "io/rawdb.h"
#include "lab/labcmd.h"

/* What is known of one server now. */
struct look {
	const char *state; /* up, down, hung */
	char *version;
	char *replication; /* NULL: it is no replica */
};

static char *replication_of(struct rawdb *db, const struct lab_kind *kind)
{
	struct rawdb_rows rows;
	struct err e = {0};
	char *text = NULL;
	if (!rawdb_query(db, kind->replica_sql, &rows, &e)) {
		text = xstrdup(e.why);
	} else if (rows.nrows) {
		const char *io = rawdb_cell(&rows, 0, kind->io_running);
		const char *sql = rawdb_cell(&rows, 0, kind->sql_running);
		const char *lag = rawdb_cell(&rows, 0, kind->lag);
		const char *why = rawdb_cell(&rows, 0, kind->io_error);
		if (!why || !*why)
			why = rawdb_cell(&rows, 0, kind->sql_error);
		if (lag && io && sql && strcmp(io, "Yes") == 0 && strcmp(sql, "Yes") == 0)
			text = xasprintf("running, %s s behind", lag);
		else
			text = xasprintf("receiver %s, applier %s%s%s", io ? io : "?",
					 sql ? sql : "?", why && *why ? ": " : "", why ? why : "");
	}
	rawdb_rows_release(&rows);
	return text;
}

static void look_at(struct look *l, const struct lab_state *s, const struct lab_server *v)
{
	*l = (struct look){.state = "down"};
	if (!process_alive(&v->process))
		return;
	struct rawdb *db = rawdb_open(&(struct rawdb_login){.socket = v->socket,
							    .user = "root",
							    .password = s->root_password,
							    .timeout_s = 3},
				      NULL);
	l->state = db ? "up" : "hung";
	if (!db)
		return;
	l->version = xstrdup(rawdb_version(db));
	l->replication = replication_of(db, s->kind);
	rawdb_close(db);
}

static json_t *repaired(const char *text)
{
	if (!text)
		return json_null();
	struct buf clean = BUF_INIT;
	utf8_repair(&clean, text, strlen(text));
	json_t *o = json_string(buf_str(&clean));
	buf_release(&clean);
	return o;
}

static json_t *server_json(const struct lab_server *v, const struct look *l)
{
	char since[CLOCK_RFC3339_SIZE];
	bool alive = v->process.pid > 0;
	return json_pack("{ss ss ss so si ss so so so so}", "server", v->node->name, "role",
			 v->node->role, "state", l->state, "pid",
			 alive ? json_integer(v->process.pid) : json_null(), "port", (int)v->port,
			 "socket", v->socket, "version", repaired(l->version), "since",
			 alive ? json_string(clock_rfc3339(v->since_us, since)) : json_null(),
			 "ended", repaired(v->ended), "replication", repaired(l->replication));
}

static void print_json(const struct lab_state *s, const struct look *looks, bool up_now)
{
	char until[CLOCK_RFC3339_SIZE];
	json_t *servers = json_array();
	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(servers, server_json(&s->servers[i], &looks[i]));
	json_t *root = json_pack("{ss sb ss ss ss sb ss so}", "lab", s->folder, "up", up_now,
				 "kind", s->kind->name, "topology", s->topology->name, "workload",
				 s->workload->name, "working", process_alive(&s->worker), "until",
				 clock_rfc3339(s->until_us, until), "servers", servers);
	json_dumpf(root, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(root);
}

/* "3h 05m", "12m", "40 s" */
static char *span(int64_t seconds)
{
	if (seconds >= 3600)
		return xasprintf("%dh%02dm", (int)(seconds / 3600), (int)(seconds / 60 % 60));
	return seconds >= 60 ? xasprintf("%dm%02ds", (int)(seconds / 60), (int)(seconds % 60))
			     : xasprintf("%ds", (int)seconds);
}

static void print_row(const struct lab_state *s, const struct lab_server *v, const struct look *l)
{
	bool alive = v->process.pid > 0;
	char *age = alive ? span((clock_wall_us() - v->since_us) / US_PER_S) : xstrdup("-");
	char *pid = alive ? xasprintf("%d", (int)v->process.pid) : xstrdup("-");
	const char *version = l->version ? l->version : s->programs.version;
	const char *last = l->replication ? l->replication : v->ended ? v->ended : "-";
	struct buf text = BUF_INIT;
	utf8_scrub(&text, last, strlen(last));
	printf("%-8s %-8s %-5s %7s %5u  %-7s %-8.*s %6s  %s\n", v->node->name, v->node->role,
	       l->state, pid, v->port, s->kind->title, lab_version_digits(version), version, age,
	       buf_str(&text));
	free(age);
	free(pid);
	buf_release(&text);
}

static void print_table(const struct lab_state *s, const struct look *looks)
{
	int64_t left = (s->until_us - clock_wall_us()) / US_PER_S;
	bool idle = s->workload->rate > 0 && !process_alive(&s->worker);
	char *end = span(left > 0 ? left : 0);
	printf("%-8s %-8s %-5s %7s %5s  %-16s %6s  %s\n", "SERVER", "ROLE", "STATE", "PID", "PORT",
	       "VERSION", "UP", "REPLICATION");
	for (size_t i = 0; i < s->n; i++)
		print_row(s, &s->servers[i], &looks[i]);
	for (size_t i = 0; i < s->n; i++)
		printf("%s %s\n", i ? "        " : "\nsockets ", s->servers[i].socket);
	printf("workload %s%s\nends in  %s, or by fathom lab down\n", s->workload->name,
	       idle ? " (ended)" : "", end);
	free(end);
}

int lab_status(const struct lab_ask *a)
{
	struct lab_state s;
	struct look looks[LAB_NODES_MAX];
	int status;
	if (!lab_load(&s, a, &status))
		return status;
	bool up_now = s.phase == LAB_UP && process_alive(&s.keeper);
	for (size_t i = 0; i < s.n; i++) {
		look_at(&looks[i], &s, &s.servers[i]);
		up_now = up_now && strcmp(looks[i].state, "up") == 0;
	}
	if (a->json)
		print_json(&s, looks, up_now);
	else
		print_table(&s, looks);
	for (size_t i = 0; i < s.n; i++) {
		free(looks[i].version);
		free(looks[i].replication);
	}
	lab_state_release(&s);
	return up_now ? 0 : 2;
}
