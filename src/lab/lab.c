#include "lab/lab.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "lab/folder.h"
#include "lab/keeper.h"
#include "lab/labcmd.h"

enum { DEFAULT_S = 8 * 3600, MAX_S = 7 * 24 * 3600 };

#define V(verb) (1u << LAB_VERB_##verb)
#define ALL_SHOWN (V(UP) | V(DOWN) | V(STATUS) | V(EXEC))
#define ALL_HIDDEN (V(KEEPER) | V(WORKLOAD))

/* --- verbs and options -------------------------------------------------------------------- */

const struct lab_verb lab_verbs[] = {
	[LAB_VERB_UP] = {"up", "", "start a lab, or what has ended of it"},
	[LAB_VERB_DOWN] = {"down", "", "end it and remove its folder"},
	[LAB_VERB_STATUS] = {"status", "", "show its servers"},
	[LAB_VERB_EXEC] = {"exec", "[SERVER] [--] [ARGUMENT...]",
			   "run the mariadb or mysql client on one of its servers"},
	[LAB_VERB_KEEPER] = {"keeper", "", NULL},
	[LAB_VERB_WORKLOAD] = {"workload", "", NULL},
	{NULL},
};

#define PLACE(member) offsetof(struct lab_ask, member)

const struct lab_option lab_options[] = {
	{"dir", 'd', "DIR",
	 "the lab's folder (default: $FATHOM_LAB_DIR, or in $XDG_STATE_HOME/fathom)",
	 ALL_SHOWN | ALL_HIDDEN, PLACE(dir)},
	{"server", 0, "KIND", "mariadb (default) or mysql", V(UP), PLACE(server)},
	{"topology", 0, "NAME", "single, or replica: a source and its replica (default)", V(UP),
	 PLACE(topology)},
	{"workload", 0, "NAME", "none, light (default, 50 statements a second) or busy (1,000)",
	 V(UP), PLACE(workload)},
	{"seconds", 0, "N", "end by itself after N seconds (default: 28800, eight hours)", V(UP),
	 PLACE(seconds_text)},
	{"mysql-root", 0, "DIR", "take the server from an unpacked tree; implies --server mysql",
	 V(UP), PLACE(mysql_root)},
	{"performance-schema", 0, NULL, "turn it on for MariaDB too", V(UP),
	 PLACE(performance_schema)},
	{"format", 0, "FORMAT", "table (default) or json", V(STATUS), PLACE(format)},
	{"execute", 'e', "SQL", "run SQL and return, as the client's own -e", V(EXEC),
	 PLACE(execute)},
	{"report", 0, "FD", "where to tell progress", V(KEEPER), PLACE(report)},
	{"help", '?', NULL, "show this help", ALL_SHOWN, PLACE(help)},
	{NULL},
};

static void print_verbs(void)
{
	puts("Usage: fathom lab VERB [OPTION]...\n\n"
	     "Throw-away MariaDB or MySQL servers in a folder of their own, with a workload, to "
	     "look\n"
	     "at and to break. Nothing outside that folder is touched.\n");
	for (const struct lab_verb *v = lab_verbs; v->name; v++)
		if (v->help)
			printf("  %-8s %s\n", v->name, v->help);
	puts("\n`fathom lab VERB --help` lists its options.");
}

static void print_options(enum lab_verb_id verb)
{
	const struct lab_verb *v = &lab_verbs[verb];
	printf("Usage: fathom lab %s [OPTION]...%s%s\n\n%c%s.\n\n", v->name,
	       *v->arguments ? " " : "", v->arguments, v->help[0] - 'a' + 'A', v->help + 1);
	for (const struct lab_option *o = lab_options; o->name; o++) {
		if (!(o->verbs & 1u << verb))
			continue;
		char letter[8] = "    ", left[48];
		if (o->letter)
			snprintf(letter, sizeof letter, "-%c, ", o->letter);
		snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name, o->arg ? "=" : "",
			 o->arg ? o->arg : "");
		printf("  %-26s %s\n", left, o->help);
	}
}

static void set(struct lab_ask *a, const struct lab_option *o, const char *value)
{
	void *place = (char *)a + o->place;
	if (o->arg)
		*(const char **)place = value;
	else
		*(bool *)place = true;
}

/* The verb's own rows, for getopt_long(); `letters` without '?', which getopt keeps for itself. */
static void list_options(const struct lab_ask *a, struct option *longs,
			 const struct lab_option **rows, char *letters)
{
	for (const struct lab_option *o = lab_options; o->name; o++) {
		if (!(o->verbs & 1u << a->verb))
			continue;
		*rows++ = o;
		*longs++ =
			(struct option){o->name, o->arg ? required_argument : no_argument, NULL, 0};
		if (o->letter && o->letter != '?') {
			*letters++ = o->letter;
			if (o->arg)
				*letters++ = ':';
		}
	}
}

static bool bad_option(const struct lab_ask *a, const char *given, const char *why, struct err *e)
{
	char *hint = xasprintf("fathom lab %s --help lists the options", lab_verbs[a->verb].name);
	err_set(e, ERR_USAGE, given, why, hint);
	free(hint);
	return false;
}

static bool parse_options(struct lab_ask *a, int argc, char **argv, struct err *e)
{
	struct option longs[COUNT_OF(lab_options)] = {{0}};
	const struct lab_option *rows[COUNT_OF(lab_options)] = {NULL};
	char letters[2 * COUNT_OF(lab_options) + 3] = "+:";
	list_options(a, longs, rows, letters + 2);
	optind = 1;
	opterr = 0;
	for (int c, index = 0; (c = getopt_long(argc, argv, letters, longs, &index)) != -1;) {
		if (c == '?' && optopt == '?') {
			a->help = true;
			continue;
		}
		if (c == ':')
			return bad_option(a, argv[optind - 1], "it needs a value", e);
		if (c == '?')
			return bad_option(a, argv[optind - 1], "no such option here", e);
		const struct lab_option *o = c == 0 ? rows[index] : NULL;
		for (size_t i = 0; !o; i++)
			o = rows[i]->letter == c ? rows[i] : NULL;
		set(a, o, optarg);
	}
	a->args = argv + optind;
	return !*a->args || a->verb == LAB_VERB_EXEC || a->help ||
	       bad_option(a, a->args[0], "it takes no such argument", e);
}

static void say_unknown(struct err *e, const char *option, const char *given, const char *names)
{
	char *what = xasprintf("--%s=%s", option, given),
	     *hint = xasprintf("it is one of: %s", names);
	err_set(e, ERR_USAGE, what, "no such name", hint);
	free(what);
	free(hint);
}

static bool find_rows(struct lab_ask *a, struct err *e)
{
	const char *kind = a->server ? a->server : a->mysql_root ? "mysql" : "mariadb";
	const char *shape = a->topology ? a->topology : "replica";
	const char *load = a->workload ? a->workload : "light";
	struct buf names = BUF_INIT;
	if (!(a->kind = lab_kind_find(kind))) {
		for (const struct lab_kind *const *k = lab_kinds; *k; k++)
			buf_addf(&names, " %s", (*k)->name);
		say_unknown(e, "server", kind, buf_str(&names) + 1);
	} else if (!(a->shape = lab_topology_find(shape))) {
		for (const struct lab_topology *t = lab_topologies; t->name; t++)
			buf_addf(&names, " %s", t->name);
		say_unknown(e, "topology", shape, buf_str(&names) + 1);
	} else if (!(a->load = lab_workload_find(load))) {
		for (const struct lab_workload *w = lab_workloads; w->name; w++)
			buf_addf(&names, " %s", w->name);
		say_unknown(e, "workload", load, buf_str(&names) + 1);
	}
	buf_release(&names);
	return a->kind && a->shape && a->load;
}

static bool check(struct lab_ask *a, struct err *e)
{
	char *end = NULL;
	a->seconds = DEFAULT_S;
	if (a->seconds_text) {
		errno = 0;
		a->seconds = strtol(a->seconds_text, &end, 10);
		if (errno || !*a->seconds_text || *end || a->seconds < 1 || a->seconds > MAX_S)
			return err_setf(e, ERR_USAGE, "--seconds", NULL,
					"a number from 1 to %d is wanted", MAX_S);
	}
	a->json = a->format && strcmp(a->format, "json") == 0;
	if (a->format && !a->json && strcmp(a->format, "table") != 0)
		return say_unknown(e, "format", a->format, "table json"), false;
	if (a->dir && !*a->dir)
		return err_set(e, ERR_USAGE, "--dir", "it needs a value", NULL);
	return find_rows(a, e);
}

/* --- what the verbs share ----------------------------------------------------------------- */

int lab_fail(const struct err *e)
{
	err_print(e);
	return e->kind == ERR_USAGE ? 1 : e->kind == ERR_CANCELLED ? 3 : 2;
}

char *lab_existing_folder(const struct lab_ask *a)
{
	char *given = a->dir ? xstrdup(a->dir) : folder_default();
	char *real = realpath(given, NULL);
	free(given);
	return real;
}

bool lab_load(struct lab_state *s, const struct lab_ask *a, int *status)
{
	struct err e = {0};
	char *folder = lab_existing_folder(a);
	enum lab_found found = folder ? lab_state_load(s, folder, &e) : LAB_NONE;
	if (found == LAB_NONE)
		err_set(&e, ERR_CONNECT, "no lab is up", folder, "fathom lab up starts one");
	if (found != LAB_FOUND)
		*status = lab_fail(&e);
	free(folder);
	return found == LAB_FOUND;
}

int lab_version_digits(const char *version)
{
	return (int)strspn(version, "0123456789.");
}

/* --- exec --------------------------------------------------------------------------------- */

static const struct lab_server *server_named(const struct lab_state *s, const char *name)
{
	if (strncmp(name, "lab-", 4) == 0)
		name += 4;
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->servers[i].node->name, name) == 0)
			return &s->servers[i];
	return NULL;
}

static int run_client(const struct lab_state *s, const struct lab_server *v,
		      const struct lab_ask *a, char **rest)
{
	struct err e = {0};
	struct args args = {0};
	if (!s->programs.client.n) {
		char *what = xasprintf("no %s client", s->kind->clients[0]);
		char *hint =
			xasprintf("Debian and Ubuntu: apt-get install %s", s->kind->client_package);
		err_set(&e, ERR_CONNECT, what, "it is not installed", hint);
		free(what);
		free(hint);
		return lab_fail(&e);
	}
	struct account account;
	if (!account_of(&account, s->folder, &e) || !account_become(&account, &e))
		return lab_fail(&e);
	/* Where it may keep its history. */
	if (account.other)
		setenv("HOME", s->folder, 1);
	args_add_all(&args, &s->programs.client);
	args_addf(&args, "--defaults-file=%s/%s.cnf", s->folder, v->node->name);
	if (a->execute)
		args_addf(&args, "--execute=%s", a->execute);
	for (; *rest; rest++)
		args_add(&args, *rest);
	execvp(args.v[0], args.v);
	err_set(&e, ERR_IO, args.v[0], strerror(errno), NULL);
	args_release(&args);
	return lab_fail(&e);
}

int lab_exec(const struct lab_ask *a)
{
	struct lab_state s;
	int status;
	if (!lab_load(&s, a, &status))
		return status;
	char **rest = a->args;
	const struct lab_server *v = *rest ? server_named(&s, *rest) : NULL;
	if (v)
		rest++;
	if (*rest && strcmp(*rest, "--") == 0)
		rest++;
	status = run_client(&s, v ? v : &s.servers[0], a, rest);
	lab_state_release(&s);
	return status;
}

/* --- dispatch ----------------------------------------------------------------------------- */

static int run_keeper(const struct lab_ask *a)
{
	prctl(PR_SET_NAME, "fathom-lab");
	return lab_keeper_main(a->dir, a->report ? atoi(a->report) : -1);
}

static int run_workload(const struct lab_ask *a)
{
	prctl(PR_SET_NAME, "fathom-shop");
	return lab_workload_main(a->dir);
}

static int (*const runs[])(const struct lab_ask *) = {
	[LAB_VERB_UP] = lab_up,         [LAB_VERB_DOWN] = lab_down,
	[LAB_VERB_STATUS] = lab_status, [LAB_VERB_EXEC] = lab_exec,
	[LAB_VERB_KEEPER] = run_keeper, [LAB_VERB_WORKLOAD] = run_workload,
};

int lab_main(int argc, char **argv)
{
	struct lab_ask a = {0};
	struct err e = {0};
	const char *name = argc > 1 ? argv[1] : "--help";
	if (strcmp(name, "--help") == 0 || strcmp(name, "-?") == 0) {
		print_verbs();
		return argc > 1 ? 0 : 1;
	}
	for (; lab_verbs[a.verb].name; a.verb++)
		if (strcmp(lab_verbs[a.verb].name, name) == 0)
			break;
	if (!lab_verbs[a.verb].name) {
		err_set(&e, ERR_USAGE, name, "no such verb", "it is one of: up down status exec");
		return lab_fail(&e);
	}
	if (!parse_options(&a, argc - 1, argv + 1, &e))
		return lab_fail(&e);
	if (a.help) {
		print_options(a.verb);
		return 0;
	}
	return check(&a, &e) ? runs[a.verb](&a) : lab_fail(&e);
}

/* --- for the console ---------------------------------------------------------------------- */

static void add_target(struct lab_info *info, const struct lab_state *s, const struct lab_server *v)
{
	info->targets[info->n++] = (struct lab_target){
		.name = xasprintf("lab-%s", v->node->name),
		.role = xstrdup(v->node->role),
		.socket = xstrdup(v->socket),
		.port = v->port,
		.user = xstrdup("root"),
		.password = xstrdup(s->root_password),
	};
}

bool lab_find(struct lab_info *info)
{
	struct lab_state s;
	*info = (struct lab_info){0};
	char *given = folder_default(), *folder = realpath(given, NULL);
	bool found = folder && lab_state_load(&s, folder, NULL) == LAB_FOUND;
	free(given);
	free(folder);
	if (!found)
		return false;
	info->targets = xcalloc(LAB_NODES_MAX, sizeof *info->targets);
	info->folder = xstrdup(s.folder);
	info->server = s.kind->name;
	for (size_t i = 0; i < s.n; i++)
		if (s.phase == LAB_UP && process_alive(&s.servers[i].process))
			add_target(info, &s, &s.servers[i]);
	lab_state_release(&s);
	if (!info->n)
		lab_info_release(info);
	return info->n > 0;
}

void lab_info_release(struct lab_info *info)
{
	for (size_t i = 0; i < info->n; i++) {
		struct lab_target *t = &info->targets[i];
		mem_wipe(t->password, strlen(t->password));
		free(t->name);
		free(t->role);
		free(t->socket);
		free(t->user);
		free(t->password);
	}
	free(info->targets);
	free(info->folder);
	*info = (struct lab_info){0};
}

const struct lab_target *lab_target(const struct lab_info *info, const char *name)
{
	for (size_t i = 0; i < info->n; i++)
		if (strcmp(info->targets[i].name, name) == 0 ||
		    (i == 0 && strcmp(name, "lab") == 0))
			return &info->targets[i];
	return NULL;
}
