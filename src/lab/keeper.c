#include "lab/keeper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "io/rawdb.h"
#include "lab/fill.h"
#include "lab/folder.h"
#include "lab/labstate.h"
#include "lab/shop.h"
#include "lab/workload.h"

enum {
	START_S = 60,     /* for a server to take connections, and for making its data */
	GRACE_MS = 30000, /* for a server to shut down */
	POLL_MS = 40,
	PORT_TRIES = 5,
};

struct keeper {
	struct lab_state s;
	int report;
	sigset_t signals;
	bool stop; /* asked to, or nobody waits for us any more */
	bool wake; /* SIGHUP */
};

/* --- words for options and SQL ------------------------------------------------------------ */

struct words {
	const struct lab_state *s;
	const struct lab_server *server;
	const char *gtid;
};

static bool put_word(struct buf *out, const char *word, void *ctx)
{
	const struct words *w = ctx;
	const struct lab_node *node = w->server->node;
	if (strcmp(word, "folder") == 0)
		buf_adds(out, w->s->folder);
	else if (strcmp(word, "name") == 0)
		buf_adds(out, node->name);
	else if (strcmp(word, "socket") == 0)
		buf_adds(out, w->server->socket);
	else if (strcmp(word, "port") == 0)
		buf_addf(out, "%u", w->server->port);
	else if (strcmp(word, "id") == 0)
		buf_addf(out, "%d", (int)(w->server - w->s->servers) + 1);
	else if (strcmp(word, "upstream_port") == 0)
		buf_addf(out, "%u", w->s->servers[node->upstream].port);
	else if (strcmp(word, "gtid") == 0)
		buf_adds(out, w->gtid);
	else if (strcmp(word, "root_password") == 0)
		buf_adds(out, w->s->root_password);
	else if (strcmp(word, "shop_password") == 0)
		buf_adds(out, w->s->shop_password);
	else if (strcmp(word, "replication_password") == 0)
		buf_adds(out, w->s->replication_password);
	else
		return false;
	return true;
}

static char *worded(const struct keeper *k, const struct lab_server *v, const char *text)
{
	struct words w = {.s = &k->s, .server = v, .gtid = ""};
	return filled(text, put_word, &w);
}

static void add_options(struct args *a, const struct keeper *k, const struct lab_server *v,
			const char *const *options)
{
	for (; *options; options++) {
		char *text = worded(k, v, *options);
		args_add(a, text);
		free(text);
	}
}

/* What is in its arguments and in nobody else's. */
static char *data_folder(const struct keeper *k, const struct lab_server *v)
{
	return xasprintf("%s/%s", k->s.folder, v->node->name);
}

/* --- telling and being told --------------------------------------------------------------- */

static void tell(struct keeper *k, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);
	if (k->report >= 0 && dprintf(k->report, "%s\n", text) < 0)
		k->stop = true;
	free(text);
	json_decref(o);
}

/* Logs of servers are quoted in it, so it may hold anything. */
static json_t *text_json(const char *text)
{
	struct buf clean = BUF_INIT;
	utf8_repair(&clean, text, strlen(text));
	json_t *o = json_string(buf_str(&clean));
	buf_release(&clean);
	return o;
}

static json_t *err_json(const struct err *e)
{
	return json_pack("{si so so so}", "kind", (int)e->kind, "what", text_json(e->what), "why",
			 text_json(e->why), "hint", text_json(e->hint));
}

/* A server that ended although nobody asked it to: remember how, for `status`. */
static void reaped(struct keeper *k, pid_t pid, int status)
{
	for (size_t i = 0; i < k->s.n; i++) {
		struct lab_server *v = &k->s.servers[i];
		if (v->process.pid != pid)
			continue;
		v->process.pid = 0;
		free(v->ended);
		v->ended = WIFSIGNALED(status)
				   ? xasprintf("killed by signal %d (%s)", WTERMSIG(status),
					       strsignal(WTERMSIG(status)))
				   : xasprintf("ended with status %d", WEXITSTATUS(status));
	}
	if (k->s.worker.pid == pid)
		k->s.worker.pid = 0;
}

static bool reap(struct keeper *k)
{
	int status;
	bool any = false;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0; any = true)
		reaped(k, pid, status);
	return any;
}

/* Until a signal comes or the time is over. True when a child has ended. */
static bool keeper_wait(struct keeper *k, int64_t ns)
{
	struct timespec t = {ns / NS_PER_S, ns % NS_PER_S};
	struct pollfd reader = {.fd = k->report};
	switch (sigtimedwait(&k->signals, NULL, &t)) {
	case SIGTERM:
	case SIGINT:
		k->stop = true;
		break;
	case SIGHUP:
		k->wake = true;
		break;
	}
	if (k->report >= 0 && poll(&reader, 1, 0) > 0 && (reader.revents & POLLERR))
		k->stop = true;
	return reap(k);
}

static bool cancelled(const struct keeper *k, struct err *e)
{
	return k->stop && !err_set(e, ERR_CANCELLED, "lab", "interrupted", NULL);
}

/* --- data folders ------------------------------------------------------------------------- */

/* A child that does one thing and ends; its status in *status. */
static bool run_child(struct keeper *k, const struct args *args, const char *log, int *status,
		      struct err *e)
{
	struct process p;
	if (!process_spawn(&p, &(struct spawn){.args = args, .log = log}, e))
		return false;
	int64_t deadline = clock_mono_ns() + START_S * NS_PER_S;
	pid_t done = 0;
	while (!k->stop && clock_mono_ns() < deadline &&
	       (done = waitpid(p.pid, status, WNOHANG)) == 0) {
		struct timespec t = {.tv_nsec = POLL_MS * NS_PER_MS};
		int sig = sigtimedwait(&k->signals, NULL, &t);
		k->stop = k->stop || sig == SIGTERM || sig == SIGINT;
	}
	if (done == 0)
		process_end_all((struct process *[]){&p}, 1, 2000);
	process_release(&p);
	if (cancelled(k, e))
		return false;
	return done > 0 || err_setf(e, ERR_TIMEOUT, args->v[0], NULL, "no end after %d s", START_S);
}

/* The first line of a log that says what is wrong (what follows from that comes after it), else its
   last line; for free(). */
static char *complaint_in(const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL, *best = xstrdup("it wrote no log");
	bool found = false;
	size_t cap = 0;
	while (f && !found && getline(&line, &cap, f) > 0) {
		found = strstr(line, "ERROR") != NULL;
		if (line[strspn(line, " \t\r\n")] == '\0')
			continue;
		free(best);
		best = xstrndup(line, strcspn(line, "\r\n"));
	}
	free(line);
	if (f)
		fclose(f);
	return best;
}

static bool log_failure(const struct keeper *k, const struct lab_server *v, const char *what,
			struct err *e)
{
	char *log = xasprintf("%s/%s.log", k->s.folder, v->node->name);
	char *why = complaint_in(log);
	err_set(e, ERR_CONNECT, what, why, NULL);
	free(why);
	free(log);
	return false;
}

static bool install_data(struct keeper *k, const struct lab_server *v, struct err *e)
{
	struct args args = {0};
	char *log = xasprintf("%s/%s.log", k->s.folder, v->node->name);
	int status = 0;
	args_add_all(&args, &k->s.programs.install);
	/* --no-defaults must come first, the tree's own places after it. */
	add_options(&args, k, v, k->s.kind->install);
	args_add_all(&args, &k->s.programs.options);
	bool ok = run_child(k, &args, log, &status, e) &&
		  (status == 0 || log_failure(k, v, "making a data folder", e));
	args_release(&args);
	free(log);
	return ok;
}

/* A second empty data folder is the first one, copied before any server has run on it. */
static bool copy_data(struct keeper *k, const struct lab_server *from, const struct lab_server *to,
		      struct err *e)
{
	struct args args = {0};
	char *a = data_folder(k, from), *b = data_folder(k, to);
	char *log = xasprintf("%s/%s.log", k->s.folder, to->node->name);
	char *identity = xasprintf("%s/auto.cnf", b);
	int status = 0;
	args_add(&args, "cp");
	args_add(&args, "-a");
	args_add(&args, "--");
	args_add(&args, a);
	args_add(&args, b);
	bool ok = run_child(k, &args, log, &status, e) &&
		  (status == 0 || log_failure(k, to, "copying a data folder", e));
	unlink(identity);
	args_release(&args);
	free(a);
	free(b);
	free(log);
	free(identity);
	return ok;
}

static bool make_data(struct keeper *k, struct err *e)
{
	char *tmp = xasprintf("%s/tmp", k->s.folder);
	bool ok = mkdir(tmp, 0700) == 0 || err_set(e, ERR_IO, tmp, strerror(errno), NULL);
	/* That of whoever called us may be shut to the account. */
	setenv("TMPDIR", tmp, 1);
	free(tmp);
	ok = ok && install_data(k, &k->s.servers[0], e);
	for (size_t i = 1; ok && i < k->s.n; i++)
		ok = copy_data(k, &k->s.servers[0], &k->s.servers[i], e);
	return ok;
}

/* --- servers ------------------------------------------------------------------------------ */

static int bind_free_port(unsigned *port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof in;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&in, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&in, &len) != 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*port = ntohs(in.sin_port);
	return fd;
}

/* All held at once, so that they differ. */
static bool pick_ports(struct lab_state *s, struct err *e)
{
	int fds[LAB_NODES_MAX];
	bool ok = true;
	for (size_t i = 0; i < s->n; i++) {
		fds[i] = bind_free_port(&s->servers[i].port);
		ok = ok && fds[i] >= 0;
	}
	for (size_t i = 0; i < s->n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return ok || err_set(e, ERR_IO, "no free port on 127.0.0.1", strerror(errno), NULL);
}

static void add_sql(FILE *f, const struct keeper *k, const struct lab_server *v,
		    const char *const *sql)
{
	for (; sql && *sql; sql++) {
		char *text = worded(k, v, *sql);
		fprintf(f, "%s;\n", text);
		free(text);
	}
}

/* Each statement on a line of its own: that is how --init-file wants it. */
static bool write_init_file(const struct keeper *k, const char *path, struct err *e)
{
	FILE *f = fopen(path, "wxe");
	if (f) {
		fputs("SET sql_log_bin = 0;\n", f);
		add_sql(f, k, &k->s.servers[0], k->s.kind->cleanup_sql);
		add_sql(f, k, &k->s.servers[0], lab_accounts_sql);
	}
	return (f && fclose(f) == 0) || err_set(e, ERR_IO, path, strerror(errno), NULL);
}

static bool start_server(struct keeper *k, struct lab_server *v, const char *init_file,
			 struct err *e)
{
	const struct lab_kind *kind = k->s.kind;
	struct args args = {0};
	args_add_all(&args, &k->s.programs.daemon);
	add_options(&args, k, v, lab_common_options);
	args_add_all(&args, &k->s.programs.options);
	add_options(&args, k, v, kind->options);
	if (v->node->upstream >= 0)
		add_options(&args, k, v, kind->replica_options);
	args_add(&args, k->s.performance_schema ? kind->performance_schema_on
						: kind->performance_schema_off);
	if (init_file)
		args_addf(&args, "--init-file=%s", init_file);
	char *log = xasprintf("%s/%s.log", k->s.folder, v->node->name), *data = data_folder(k, v);
	/* What making the data or an earlier try had to complain of is over. */
	if (init_file)
		unlink(log);
	process_release(&v->process);
	const struct spawn how = {.args = &args, .log = log, .mark = data};
	bool ok = process_spawn(&v->process, &how, e);
	v->since_us = clock_wall_us();
	free(v->ended);
	v->ended = NULL;
	free(log);
	free(data);
	args_release(&args);
	return ok;
}

static struct rawdb *connect_to(const struct keeper *k, const struct lab_server *v, struct err *e)
{
	return rawdb_open(&(struct rawdb_login){.socket = v->socket,
						.user = "root",
						.password = k->s.root_password,
						.timeout_s = START_S},
			  e);
}

/* Until it takes connections. */
static bool await_server(struct keeper *k, struct lab_server *v, struct err *e)
{
	int64_t deadline = clock_mono_ns() + START_S * NS_PER_S;
	for (;;) {
		struct err refused = {0};
		struct rawdb *db = connect_to(k, v, &refused);
		if (db) {
			free(k->s.programs.version);
			k->s.programs.version = xstrdup(rawdb_version(db));
			rawdb_close(db);
			return true;
		}
		keeper_wait(k, POLL_MS * NS_PER_MS);
		if (cancelled(k, e))
			return false;
		if (v->process.pid == 0)
			return log_failure(k, v, "a server ended while it started", e);
		if (refused.kind == ERR_LOGIN)
			return log_failure(k, v, "a server lets nobody in", e);
		if (clock_mono_ns() > deadline)
			return log_failure(k, v, "a server does not come up", e);
	}
}

static void end_servers(struct keeper *k)
{
	struct process *list[LAB_NODES_MAX + 1] = {&k->s.worker};
	process_end_all(list, 1, 2000);
	for (size_t i = 0; i < k->s.n; i++)
		list[i] = &k->s.servers[i].process;
	process_end_all(list, k->s.n, GRACE_MS);
	reap(k);
}

static bool start_all(struct keeper *k, const char *init_file, struct err *e)
{
	bool ok = pick_ports(&k->s, e);
	for (size_t i = 0; ok && i < k->s.n; i++)
		ok = start_server(k, &k->s.servers[i], init_file, e);
	ok = ok && lab_state_save(&k->s, e);
	for (size_t i = 0; ok && i < k->s.n; i++)
		ok = await_server(k, &k->s.servers[i], e);
	return ok;
}

/* Somebody else may take a port between our picking it and the server's taking it. */
static bool port_clash(const struct err *e)
{
	return strcasestr(e->why, "address already in use") || strcasestr(e->why, "port: ");
}

static bool start_servers(struct keeper *k, struct err *e)
{
	char *init = xasprintf("%s/init.sql", k->s.folder);
	bool ok = write_init_file(k, init, e);
	for (int tries = 1; ok; tries++) {
		ok = start_all(k, init, e);
		if (ok || tries == PORT_TRIES || !port_clash(e))
			break;
		end_servers(k);
		ok = true;
	}
	unlink(init);
	free(init);
	return ok;
}

static bool fill_shop(struct keeper *k, struct err *e)
{
	struct rawdb *db = connect_to(k, &k->s.servers[0], e);
	bool ok = db && shop_create(db, e);
	rawdb_close(db);
	return ok;
}

/* --- replication -------------------------------------------------------------------------- */

static bool follow(struct keeper *k, struct lab_server *v, const char *gtid, struct err *e)
{
	struct words w = {.s = &k->s, .server = v, .gtid = gtid};
	struct rawdb *db = connect_to(k, v, e);
	bool ok = db != NULL;
	for (const char *const *sql = k->s.kind->follow_sql; ok && *sql; sql++) {
		char *text = filled(*sql, put_word, &w);
		ok = rawdb_exec(db, text, e);
		free(text);
	}
	if (ok) {
		char *text = filled(k->s.kind->caught_up_sql, put_word, &w);
		char *late = rawdb_value(db, text, e);
		ok = (late && strcmp(late, "0") == 0) ||
		     log_failure(k, v, "a replica does not follow", e);
		free(late);
		free(text);
	}
	rawdb_close(db);
	return ok;
}

static bool link_replicas(struct keeper *k, struct err *e)
{
	struct rawdb *db = connect_to(k, &k->s.servers[0], e);
	char *gtid = db ? rawdb_value(db, k->s.kind->gtid_sql, e) : NULL;
	bool ok = gtid != NULL;
	rawdb_close(db);
	for (size_t i = 0; ok && i < k->s.n; i++)
		ok = k->s.servers[i].node->upstream < 0 || follow(k, &k->s.servers[i], gtid, e);
	free(gtid);
	return ok;
}

/* --- workload and option files ------------------------------------------------------------ */

static bool start_workload(struct keeper *k, struct err *e)
{
	struct args args = {0};
	if (k->s.workload->rate <= 0)
		return true;
	/* It reads ports and passwords there. */
	bool ok = lab_state_save(&k->s, e);
	char *log = xasprintf("%s/workload.log", k->s.folder);
	args_add(&args, "fathom");
	args_add(&args, "lab");
	args_add(&args, "workload");
	args_add(&args, "--dir");
	args_add(&args, k->s.folder);
	process_release(&k->s.worker);
	const struct spawn how = {.args = &args, .log = log, .mark = k->s.folder, .self = true};
	ok = ok && process_spawn(&k->s.worker, &how, e);
	args_release(&args);
	free(log);
	return ok;
}

/* For --defaults-file, of fathom and of the servers' own clients. */
static bool write_option_files(struct keeper *k, struct err *e)
{
	bool ok = true;
	for (size_t i = 0; ok && i < k->s.n; i++) {
		const struct lab_server *v = &k->s.servers[i];
		char *path = xasprintf("%s/%s.cnf", k->s.folder, v->node->name);
		FILE *f = fopen(path, "we");
		if (f)
			fprintf(f, "[client]\nuser=root\npassword=%s\nsocket=%s\n",
				k->s.root_password, v->socket);
		ok = (f && fclose(f) == 0) || err_set(e, ERR_IO, path, strerror(errno), NULL);
		free(path);
	}
	return ok;
}

/* --- the run ------------------------------------------------------------------------------ */

static const struct step {
	const char *done;
	bool replicas; /* only where there are some */
	bool (*run)(struct keeper *k, struct err *e);
} steps[] = {
	{"data folders made", false, make_data},
	{"servers take connections", false, start_servers},
	{"shop filled", false, fill_shop},
	{"replica follows", true, link_replicas},
	{"option files written", false, write_option_files},
	{"workload started", false, start_workload},
};

static bool set_up(struct keeper *k, struct err *e)
{
	for (const struct step *step = steps; step < steps + COUNT_OF(steps); step++) {
		if (step->replicas && k->s.n == 1)
			continue;
		if (!step->run(k, e))
			return false;
		tell(k, json_pack("{ss}", "step", step->done));
		if (cancelled(k, e))
			return false;
	}
	k->s.phase = LAB_UP;
	return lab_state_save(&k->s, e);
}

/* SIGHUP: what has ended starts again, on its data, where it was. */
static void start_missing(struct keeper *k)
{
	struct err e = {0};
	bool ok = true;
	for (size_t i = 0; i < k->s.n; i++)
		if (k->s.servers[i].process.pid == 0)
			ok = start_server(k, &k->s.servers[i], NULL, &e) && ok;
	for (size_t i = 0; i < k->s.n; i++)
		ok = ok && await_server(k, &k->s.servers[i], &e);
	if (ok && k->s.worker.pid == 0)
		ok = start_workload(k, &e);
	if (!ok)
		err_print(&e);
}

static void sit(struct keeper *k)
{
	struct err e = {0};
	int64_t end = clock_mono_ns() + (k->s.until_us - clock_wall_us()) * 1000;
	while (!k->stop) {
		int64_t left = end - clock_mono_ns();
		if (left <= 0)
			return;
		bool changed = keeper_wait(k, left);
		if (k->wake && !k->stop)
			start_missing(k);
		if ((changed || k->wake) && !lab_state_save(&k->s, &e))
			err_print(&e);
		k->wake = false;
	}
}

static void clean_up(struct keeper *k)
{
	struct folder f;
	struct err e = {0};
	k->s.phase = LAB_STOPPING;
	lab_state_save(&k->s, NULL);
	end_servers(k);
	/* No lock: who has it waits for our end, and a lab that has a keeper is left to it. */
	f.path = k->s.folder;
	f.fd = open(k->s.folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (f.fd >= 0 && !folder_clear(&f, &e))
		err_print(&e);
	folder_close(&f);
	/* Not ours to remove where a root's lab is in a folder of root's; `down` does it. */
	rmdir(k->s.folder);
}

int lab_keeper_main(const char *folder, int report)
{
	struct keeper k = {.report = report};
	struct err e = {0};
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	if (chdir("/") != 0)
		return 2;
	sigemptyset(&k.signals);
	sigaddset(&k.signals, SIGTERM);
	sigaddset(&k.signals, SIGINT);
	sigaddset(&k.signals, SIGHUP);
	sigaddset(&k.signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &k.signals, NULL);
	if (report >= 0)
		fcntl(report, F_SETFD, FD_CLOEXEC);
	if (lab_state_load(&k.s, folder, &e) != LAB_FOUND) {
		err_print(&e);
		return 2;
	}
	k.s.keeper = (struct process){getpid(), process_start_time(getpid()), xstrdup(k.s.folder)};
	bool ok = lab_state_save(&k.s, &e) && set_up(&k, &e);
	tell(&k, ok ? json_pack("{sb}", "ready", true) : err_json(&e));
	if (report >= 0)
		close(report);
	k.report = -1;
	if (ok)
		sit(&k);
	clean_up(&k);
	lab_state_release(&k.s);
	return ok ? 0 : 2;
}
