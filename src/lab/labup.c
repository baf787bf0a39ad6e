#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "lab/folder.h"
#include "lab/labcmd.h"

enum {
	LOCK_S = 90,      /* for another up or down to finish */
	END_MS = 60000,   /* for a keeper to end its lab; it gives its servers 30 s */
	GRACE_MS = 15000, /* for a server that has lost its keeper */
	RESTART_S = 60,
};

/* Everything that an earlier run has left running: first the keeper, which ends the rest in good
 * order. */
static bool end_processes(struct lab_state *s, struct err *e)
{
	bool ok = process_end_all((struct process *[]){&s->keeper}, 1, END_MS);
	struct process *list[LAB_NODES_MAX + 1];
	size_t n = 0;
	list[n++] = &s->worker;
	for (size_t i = 0; i < s->n; i++)
		list[n++] = &s->servers[i].process;
	ok = process_end_all(list, n, GRACE_MS) && ok;
	return ok || err_set(e, ERR_IO, s->folder, "a server does not end", "restart the machine");
}

static bool all_alive(const struct lab_state *s)
{
	bool alive = s->workload->rate <= 0 || process_alive(&s->worker);
	for (size_t i = 0; i < s->n; i++)
		alive = alive && process_alive(&s->servers[i].process);
	return alive;
}

/* --- up ----------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void on_interrupt(int sig)
{
	interrupted = sig;
}

static void catch_interrupts(const struct sigaction *act)
{
	sigaction(SIGINT, act, NULL);
	sigaction(SIGTERM, act, NULL);
	sigaction(SIGHUP, act, NULL);
}

struct progress {
	int64_t start;
};

static void say(const struct progress *p, const char *text)
{
	fprintf(stderr, "%5.1f s  %s\n", (double)(clock_mono_ns() - p->start) / NS_PER_S, text);
}

/* For a shell, in quotes. */
static void add_dir(struct buf *out, const char *folder)
{
	buf_adds(out, "FATHOM_LAB_DIR='");
	for (const char *s = folder; *s; s++)
		buf_adds(out, *s == '\'' ? "'\\''" : (char[]){*s, '\0'});
	buf_adds(out, "' ");
}

/* Commands that work as they stand: a folder of its own must be told to each of them. */
static void print_targets(const struct lab_state *s, const struct lab_ask *ask, const char *folder)
{
	struct buf env = BUF_INIT;
	if (ask->dir)
		add_dir(&env, folder);
	for (size_t i = 0; i < s->n; i++) {
		const struct lab_server *v = &s->servers[i];
		printf("%sfathom lab-%-9s %s %.*s %s, %s, 127.0.0.1:%u\n", buf_str(&env),
		       v->node->name, s->kind->title, lab_version_digits(s->programs.version), s->programs.version,
		       v->node->role, v->socket, v->port);
	}
	printf("%sfathom lab exec      a client on the source; also, in place of exec: status, down\n",
	       buf_str(&env));
	buf_release(&env);
}

static bool sockets_fit(const char *folder, const struct lab_topology *shape, struct err *e)
{
	size_t room = sizeof((struct sockaddr_un *)0)->sun_path, longest = 0;
	for (size_t i = 0; i < shape->n; i++)
		longest = strlen(shape->nodes[i].name) > longest ? strlen(shape->nodes[i].name)
								 : longest;
	longest += strlen("/.sock");
	return strlen(folder) + longest < room ||
	       err_setf(e, ERR_USAGE, folder,
			"choose a shorter one with --dir, such as /var/tmp/lab",
			"a socket's path has at most %zu bytes, so this folder's at most %zu",
			room - 1, room - 1 - longest);
}

/* A foreign folder is refused, an earlier lab's leftovers are removed. */
static bool make_room(const struct folder *f, enum lab_found found, struct lab_state *old,
		      const struct progress *p, struct err *e)
{
	if (found == LAB_DAMAGED)
		return false;
	if (found == LAB_NONE && !folder_is_empty(f))
		return err_set(e, ERR_USAGE, f->path, "the folder is not empty and not a lab's",
			       "choose another with --dir");
	if (found == LAB_NONE)
		return true;
	say(p, "removing what an earlier lab has left");
	return end_processes(old, e) && folder_clear(f, e);
}

/* One line of the keeper's; true when it was the last. */
static bool hear(const char *line, const struct progress *p, bool *ready, struct err *e)
{
	json_t *o = json_loads(line, 0, NULL);
	const char *step = json_string_value(json_object_get(o, "step"));
	if (step)
		say(p, step);
	*ready = json_is_true(json_object_get(o, "ready"));
	if (!step && !*ready)
		err_set(e, (enum err_kind)json_integer_value(json_object_get(o, "kind")),
			json_string_value(json_object_get(o, "what")),
			json_string_value(json_object_get(o, "why")),
			json_string_value(json_object_get(o, "hint")));
	json_decref(o);
	return !step;
}

/* Until the keeper is ready, has failed, or we were interrupted: then it cleans up after itself. */
static bool listen_to(int fd, struct process *keeper, const struct progress *p, struct err *e)
{
	FILE *f = fdopen(fd, "re");
	char *line = NULL;
	size_t cap = 0;
	bool ready = false, over = false;
	err_set(e, ERR_LOST, "lab", "its keeper ended without a word", NULL);
	while (f && !over && !interrupted && getline(&line, &cap, f) > 0)
		over = hear(line, p, &ready, e);
	if (interrupted) {
		say(p, "interrupted: cleaning up");
		ready = false;
		err_set(e, ERR_CANCELLED, "lab", "interrupted", NULL);
	}
	if (!ready)
		process_end_all((struct process *[]){keeper}, 1, END_MS);
	free(line);
	if (f)
		fclose(f);
	return ready;
}

static bool start_keeper(const char *folder, const struct progress *p, struct err *e)
{
	struct args args = {0};
	struct process keeper;
	int pipefd[2];
	if (pipe2(pipefd, O_CLOEXEC) != 0)
		return err_set(e, ERR_IO, "pipe", strerror(errno), NULL);
	char *log = xasprintf("%s/keeper.log", folder);
	args_add(&args, "fathom");
	args_add(&args, "lab");
	args_add(&args, "keeper");
	args_add(&args, "--dir");
	args_add(&args, folder);
	args_addf(&args, "--report=%d", pipefd[1]);
	bool ok = process_spawn(&keeper,
				&(struct spawn){.args = &args,
						.log = log,
						.mark = folder,
						.keep_fd = pipefd[1],
						.self = true,
						.session = true},
				e);
	close(pipefd[1]);
	if (!ok)
		err_set(e, e->kind, e->what, e->why,
			"the servers' account must be able to run this program");
	if (ok)
		ok = listen_to(pipefd[0], &keeper, p, e);
	else
		close(pipefd[0]);
	process_release(&keeper);
	args_release(&args);
	free(log);
	return ok;
}

static bool start_new(const struct lab_ask *a, const struct folder *f, const struct progress *p,
		      struct err *e)
{
	struct lab_state s;
	lab_state_init(&s, f->path, a->kind, a->shape);
	s.workload = a->load;
	s.performance_schema = a->kind->performance_schema || a->performance_schema;
	s.until_us = clock_wall_us() + a->seconds * US_PER_S;
	bool ok = programs_find(&s.programs, a->kind, a->mysql_root, e);
	if (ok) {
		char *text = xasprintf("%s %.*s, in %s", a->kind->title,
				       lab_version_digits(s.programs.version), s.programs.version,
				       f->path);
		say(p, text);
		free(text);
	}
	ok = ok && lab_state_save(&s, e) && start_keeper(f->path, p, e);
	if (!ok)
		folder_clear(f, NULL);
	lab_state_release(&s);
	return ok;
}

/* What was asked for must be what is there. */
static bool fits(const struct lab_ask *a, const struct lab_state *s, struct err *e)
{
	const char *other = (a->server || a->mysql_root) && a->kind != s->kind ? s->kind->name
			    : a->topology && a->shape != s->topology           ? s->topology->name
			    : a->workload && a->load != s->workload            ? s->workload->name
									       : NULL;
	return !other || err_setf(e, ERR_USAGE, "another lab is up",
				  "fathom lab down ends it; or choose "
				  "another folder with --dir",
				  "%s in %s", other, s->folder);
}

/* The keeper does it; wait until all is there again. */
static bool revive(struct lab_state *s, const struct progress *p, struct err *e)
{
	char *folder = xstrdup(s->folder);
	int64_t deadline = clock_mono_ns() + RESTART_S * NS_PER_S;
	bool ok = all_alive(s);
	if (!ok) {
		say(p, "starting again what has ended");
		process_signal(&s->keeper, SIGHUP);
	}
	while (!ok && !interrupted && clock_mono_ns() < deadline) {
		nanosleep(&(struct timespec){.tv_nsec = 50 * NS_PER_MS}, NULL);
		struct lab_state now;
		if (lab_state_load(&now, folder, e) != LAB_FOUND)
			break;
		lab_state_release(s);
		*s = now;
		ok = all_alive(s);
	}
	free(folder);
	return ok || err_set(e, ERR_CONNECT, "a server does not start again", NULL,
			     "fathom lab down, then up, makes a new lab");
}

static bool up_in(const struct lab_ask *a, const struct folder *f, struct err *e)
{
	struct progress p = {clock_mono_ns()};
	struct lab_state s;
	enum lab_found found = lab_state_load(&s, f->path, e);
	bool ok;
	if (found == LAB_FOUND && s.phase == LAB_UP && process_alive(&s.keeper)) {
		ok = fits(a, &s, e) && revive(&s, &p, e);
	} else {
		ok = make_room(f, found, &s, &p, e) && start_new(a, f, &p, e);
		if (found == LAB_FOUND)
			lab_state_release(&s);
		found = ok ? lab_state_load(&s, f->path, e) : LAB_NONE;
	}
	if (ok && found == LAB_FOUND) {
		say(&p, "the lab is up");
		print_targets(&s, a, f->path);
	}
	if (found == LAB_FOUND)
		lab_state_release(&s);
	return ok;
}

struct job {
	const struct lab_ask *ask;
	const char *folder;
};

static int up_as_account(const struct job *j)
{
	struct folder f;
	struct err e = {0};
	/* No SA_RESTART: a wait must end. */
	catch_interrupts(&(struct sigaction){.sa_handler = on_interrupt});
	if (access(j->folder, W_OK | X_OK) != 0) {
		err_set(&e, ERR_USAGE, j->folder, "the servers' account cannot reach this folder",
			"choose one with --dir whose parents are open to all");
		return lab_fail(&e);
	}
	if (!folder_open(&f, j->folder, LOCK_S, &e))
		return lab_fail(&e);
	bool ok = up_in(j->ask, &f, &e);
	folder_close(&f);
	return ok ? 0 : lab_fail(&e);
}

/* --- down --------------------------------------------------------------------------------- */

static int down_as_account(const struct job *j)
{
	struct folder f;
	struct lab_state s;
	struct err e = {0};
	if (!folder_open(&f, j->folder, LOCK_S, &e))
		return lab_fail(&e);
	enum lab_found found = lab_state_load(&s, j->folder, &e);
	bool ok = found != LAB_DAMAGED;
	if (found == LAB_FOUND) {
		ok = end_processes(&s, &e) && folder_clear(&f, &e);
		lab_state_release(&s);
	}
	folder_close(&f);
	return ok ? 0 : lab_fail(&e);
}

/* --- as the account that owns the lab ----------------------------------------------------- */

static pid_t child;

static void pass_on(int sig)
{
	kill(child, sig);
}

/* As root: in a child that has become the account, so that nothing of what a lab does has more
   rights than the lab. */
static int as_account(const struct account *a, int (*run)(const struct job *), const struct job *j)
{
	if (!a->other)
		return run(j);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		struct err e = {0};
		bool ok = account_become(a, &e) && prctl(PR_SET_PDEATHSIG, SIGTERM) == 0;
		int status = ok ? run(j) : lab_fail(&e);
		fflush(NULL);
		_exit(status);
	}
	struct sigaction act = {.sa_handler = pass_on};
	catch_interrupts(&act);
	int status = 0;
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

int lab_up(const struct lab_ask *a)
{
	struct account account;
	struct err e = {0};
	account_find(&account);
	char *given = a->dir ? xstrdup(a->dir) : folder_default();
	char *folder = folder_make(given, &account, &e);
	int status;
	if (!folder) {
		status = lab_fail(&e);
	} else if (!sockets_fit(folder, a->shape, &e)) {
		rmdir(folder);
		status = lab_fail(&e);
	} else {
		status = as_account(&account, up_as_account, &(struct job){a, folder});
		/* Only when it is empty: nothing was started. */
		if (status != 0)
			rmdir(folder);
	}
	free(folder);
	free(given);
	return status;
}

int lab_down(const struct lab_ask *a)
{
	struct account account;
	struct lab_state s;
	struct err e = {0};
	char *folder = lab_existing_folder(a);
	enum lab_found found = folder ? lab_state_load(&s, folder, &e) : LAB_NONE;
	int status = 0;
	if (found == LAB_FOUND)
		lab_state_release(&s);
	if (found == LAB_NONE) {
		fprintf(stderr, "no lab is up\n");
	} else if (found == LAB_DAMAGED || !account_of(&account, folder, &e)) {
		status = lab_fail(&e);
	} else {
		status = as_account(&account, down_as_account, &(struct job){a, folder});
		/* Often the keeper has done that already. */
		if (status == 0 && (rmdir(folder) == 0 || errno == ENOENT))
			fprintf(stderr, "the lab is down, %s is removed\n", folder);
	}
	free(folder);
	return status;
}
