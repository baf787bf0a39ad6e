#include "lab/workload.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/rawdb.h"
#include "lab/fill.h"
#include "lab/labstate.h"
#include "lab/shop.h"

const struct lab_workload lab_workloads[] = {
	{"none", "the servers are left alone", 0},
	{"light", "about 50 statements a second", 1},
	{"busy", "about 1,000 statements a second", 20},
	{NULL},
};

enum {
	GONE_AFTER_S = 30,   /* a server that was restarted is back by then */
	COMPLAINTS_MAX = 20, /* of one client: the log must not fill the disk */
};

const struct lab_workload *lab_workload_find(const char *name)
{
	for (const struct lab_workload *w = lab_workloads; w->name; w++)
		if (strcmp(w->name, name) == 0)
			return w;
	return NULL;
}

/* --- one client --------------------------------------------------------------------------- */

struct client {
	const struct shop_client *row;
	struct rawdb_login login;
	struct rawdb *db;
	double rate;
	int64_t until_us;
	struct shop_dice dice;
	int complaints; /* written to the log so far */
};

static void nap(double seconds)
{
	double whole = floor(seconds);
	struct timespec t = {(time_t)whole, (long)((seconds - whole) * 1e9)};
	nanosleep(&t, NULL);
}

/* Again and again for a while; false when the server is gone. */
static bool client_connect(struct client *c)
{
	struct err e = {0};
	int64_t give_up = clock_mono_ns() + GONE_AFTER_S * NS_PER_S;
	rawdb_close(c->db);
	while (!(c->db = rawdb_open(&c->login, &e))) {
		if (clock_mono_ns() > give_up) {
			err_print(&e);
			return false;
		}
		nap(0.25);
	}
	return true;
}

/* A transaction ends where one of its statements fails. Anything can: sessions are killed here, and
   servers broken, for practice. */
static bool run_task(struct client *c, const struct shop_task *task, unsigned *statements)
{
	struct shop_run run;
	shop_run_init(&run, &c->dice);
	*statements = 0;
	for (const char *const *sql = task->sql; *sql; sql++) {
		struct err e = {0};
		char *text = filled(*sql, shop_word, &run);
		bool ok = rawdb_exec(c->db, text, &e);
		free(text);
		++*statements;
		if (ok)
			continue;
		if (c->complaints++ < COMPLAINTS_MAX)
			err_print(&e);
		return e.kind != ERR_LOST && rawdb_exec(c->db, "ROLLBACK", &e);
	}
	return true;
}

static int client_run(struct client *c)
{
	bool there = client_connect(c);
	while (there && clock_wall_us() < c->until_us) {
		int64_t start = clock_mono_ns();
		unsigned statements;
		if (!run_task(c, shop_task_pick(c->row->user, &c->dice), &statements))
			there = client_connect(c);
		/* Between none and twice the mean: even enough, and not in step with the others. */
		double pause = statements / c->rate * (shop_roll(&c->dice, 2000) / 1000.0);
		pause -= (double)(clock_mono_ns() - start) / NS_PER_S;
		if (pause > 0)
			nap(pause);
	}
	rawdb_close(c->db);
	return there ? 0 : 2;
}

/* --- all of them -------------------------------------------------------------------------- */

static void client_init(struct client *c, const struct lab_state *s, const struct shop_client *row,
			int number)
{
	const struct lab_server *server = &s->servers[0];
	for (size_t i = 0; row->on_replica && i < s->n; i++)
		if (s->servers[i].node->upstream >= 0)
			server = &s->servers[i];
	*c = (struct client){
		.row = row,
		.login = {.user = row->user,
			  .password = s->shop_password,
			  .database = "shop",
			  .program = row->program,
			  .timeout_s = 60},
		.rate = row->rate * s->workload->rate,
		.until_us = s->until_us,
		.dice = {(uint64_t)clock_wall_us() * 1000003 + (uint64_t)number + 1},
	};
	if (row->host) {
		c->login.host = "127.0.0.1";
		c->login.port = server->port;
		c->login.bind = row->host;
	} else {
		c->login.socket = server->socket;
	}
}

static bool start_client(const struct lab_state *s, const struct shop_client *row, int number)
{
	pid_t parent = getpid(), pid = fork();
	if (pid != 0)
		return pid > 0;
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		_exit(1);
	struct client c;
	client_init(&c, s, row, number);
	_exit(client_run(&c));
}

int lab_workload_main(const char *folder)
{
	struct lab_state s;
	struct err e = {0};
	if (lab_state_load(&s, folder, &e) != LAB_FOUND) {
		err_print(&e);
		return 2;
	}
	int number = 0, status = 0;
	bool ok = true;
	for (const struct shop_client *row = shop_clients; row->user && s.workload->rate > 0; row++)
		for (int i = 0; i < row->connections; i++)
			ok = start_client(&s, row, ++number) && ok;
	while (waitpid(-1, &status, 0) > 0)
		ok = ok && status == 0;
	lab_state_release(&s);
	return ok ? 0 : 2;
}
