/*
 * The program: reads the command line and the configuration, finds the targets, and hands over to a
 * command or the console.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/db.h"
#include "app/check.h"
#include "app/config.h"
#include "app/console.h"
#include "app/optiondoc.h"
#include "app/cmdline.h"
#include "app/report.h"
#include "app/snapshot.h"
#include "app/targets.h"
#include "io/tunnel.h"
#include "lab/lab.h"

enum { EXIT_DONE = 0, EXIT_USAGE = 1, EXIT_INTERRUPTED = 3 };

struct program {
	struct cmdline options;
	struct config config;
	struct settings settings;
	struct targets targets;
	int wrong; /* the exit status of wrong usage */
};

/* A monitoring system takes 1 for a warning of the server's; that nobody looked is "unknown". It is told even by
   a command line that has a mistake elsewhere. */
static int status_of_wrong(int argc, char **argv)
{
	static const char option[] = "--exit-code";
	bool report = false, wanted = false;
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		size_t n = strlen(argv[i]);
		report |= !strcmp(argv[i], command_row(COMMAND_REPORT)->word);
		wanted |= n > strlen("--e") && !strncmp(argv[i], option, n);
	}
	return report && wanted ? REPORT_UNKNOWN : EXIT_USAGE;
}

static int fail(const struct program *p, const struct err *e)
{
	err_print(e);
	return e->kind == ERR_CANCELLED ? EXIT_INTERRUPTED : p->wrong;
}

static int print(struct buf *b)
{
	fwrite(buf_str(b), 1, b->len, stdout);
	buf_release(b);
	return EXIT_DONE;
}

/* --- things to print and end ------------------------------------------------------------------ */

static void add_targets(const struct program *p, struct buf *out)
{
	struct lab_info lab;
	for (size_t i = 0; i < p->config.n_sections; i++)
		if (!strcmp(p->config.sections[i].section, "target"))
			buf_addf(out, "%s\n", p->config.sections[i].name);
	if (!lab_find(&lab))
		return;
	for (size_t i = 0; i < lab.n; i++)
		buf_addf(out, "%s\n", lab.targets[i].name);
	lab_info_release(&lab);
}

static void add_settings(const struct program *p, struct buf *out)
{
	buf_addf(out, "# configuration: %s\n\n[fathom]\n", p->config.path ? p->config.path : "none");
	for (int i = 0; i < N_PROGRAM; i++) {
		const char *value = settings_get(&p->settings, (enum program_setting)i);
		const char *origin = p->settings.origin[i];
		if (value)
			buf_addf(out, "# %s\n%s = %s\n", origin ? origin : "standard",
				 program_row((enum program_setting)i)->name, value);
	}
}

static int show_without_config(const struct cmdline *o)
{
	struct buf out = BUF_INIT;
	switch (o->show) {
	case SHOW_HELP:
		optiondoc_help(o->command, &out);
		break;
	case SHOW_VERSION:
		buf_addf(&out, "fathom %s\nwith %s\n", PACKAGE_VERSION, db_client_name());
		break;
	case SHOW_MAN:
		optiondoc_man(&out);
		break;
	case SHOW_COMPLETION:
		optiondoc_completion(o->shell, &out);
		break;
	default:
		return -1;
	}
	return print(&out);
}

/* --- commands --------------------------------------------------------------------------------- */

static int no_choice(const struct program *p)
{
	struct err e;
	struct buf names = BUF_INIT;
	for (size_t i = 0; i < p->targets.n; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", p->targets.v[i].target->name);
	err_setf(&e, ERR_USAGE, command_row(p->options.command)->word, "name one of them",
		 "no TARGET; the configuration has %s", buf_str(&names));
	buf_release(&names);
	return fail(p, &e);
}

static int snapshot_command(const struct program *p)
{
	char *const *given = p->options.of_command;
	const char *format = given[COMMAND_FORMAT];
	struct err e;
	struct snapshot_request q = {
		.targets = &p->targets,
		.config = &p->config,
		.parts = snapshot_all_parts(),
		.format = !format || !strcmp(format, "json") ? FORMAT_JSON
			  : !strcmp(format, "csv")	     ? FORMAT_CSV
							     : FORMAT_TABLE,
		.count = given[COMMAND_COUNT] ? (unsigned)strtoul(given[COMMAND_COUNT], NULL, 10) : 1,
		.interval = settings_number(&p->settings, PROGRAM_INTERVAL),
	};
	if (given[COMMAND_PART] && !snapshot_parts(given[COMMAND_PART], &q.parts, &e))
		return fail(p, &e);
	if (q.format == FORMAT_CSV && __builtin_popcount(q.parts) != 1) {
		err_set(&e, ERR_USAGE, "--format=csv", "it takes exactly one part", "name it: --part=processlist");
		return fail(p, &e);
	}
	return snapshot_run(&q);
}

static int report_command(const struct program *p)
{
	char *const *given = p->options.of_command;
	struct report_request q = {
		.targets = &p->targets,
		.config = &p->config,
		.seconds = given[COMMAND_SECONDS] ? strtod(given[COMMAND_SECONDS], NULL) : 10,
		.format = given[COMMAND_FORMAT] ? given[COMMAND_FORMAT] : "text",
		.output = given[COMMAND_OUTPUT],
		.force = given[COMMAND_FORCE] && !strcmp(given[COMMAND_FORCE], "1"),
		.redact = given[COMMAND_REDACT] && !strcmp(given[COMMAND_REDACT], "1"),
		.exit_code = given[COMMAND_EXIT_CODE] && !strcmp(given[COMMAND_EXIT_CODE], "1"),
	};
	return report_run(&q);
}

static int check_command(const struct program *p)
{
	const char *format = p->options.of_command[COMMAND_FORMAT];
	struct err e;
	if (p->targets.n != 1) {
		err_set(&e, ERR_USAGE, "check", "more than one TARGET", "check them one by one");
		return fail(p, &e);
	}
	return check_run(&p->targets.v[0], format && !strcmp(format, "json"));
}

static int run(struct program *p)
{
	struct cmdline *o = &p->options;
	struct err e = {0};
	int shown = show_without_config(o);
	if (shown >= 0)
		return shown;
	for (int i = 0; i < N_PROGRAM; i++)
		if (o->program.value[i])
			settings_offer(&p->settings, (enum program_setting)i, o->program.value[i],
				       o->program.origin[i]);
	if (!config_load(&p->config, o->config, &e))
		return fail(p, &e);
	struct buf out = BUF_INIT;
	if (o->show == SHOW_TARGETS) {
		add_targets(p, &out);
		return print(&out);
	}
	if (!environment_offer(&p->settings, &e))
		return fail(p, &e);
	config_offer(&p->config, &p->settings);
	bool found = targets_resolve(&p->targets, o, &p->config, &e);
	if (!found && e.kind != ERR_NONE)
		return fail(p, &e);
	if (o->show == SHOW_CONFIG) {
		add_settings(p, &out);
		targets_print(&p->targets, &out);
		return print(&out);
	}
	if (!found) {
		fputs(targets_how_to(), stderr);
		return p->wrong;
	}
	if (p->targets.choose && o->command != COMMAND_CONSOLE)
		return no_choice(p);
	if (!p->targets.choose && !targets_ask_passwords(&p->targets, &e))
		return fail(p, &e);
	for (size_t i = 0; i < p->targets.n; i++)
		if (!tunnel_prepare(p->targets.v[i].target, &e))
			return fail(p, &e);
	switch (o->command) {
	case COMMAND_CHECK:
		return check_command(p);
	case COMMAND_SNAPSHOT:
		return snapshot_command(p);
	case COMMAND_REPORT:
		return report_command(p);
	default:
		return console_command(&p->targets, &p->settings, &p->config);
	}
}

/* --- the streams of the program --------------------------------------------------------------- */

/* A stream that was closed would else be the next thing to be opened, a server's connection perhaps, and data
   would be written to that. What takes its place refuses to be read or written. */
static void hold_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return;
}

/* The exit status: what a full disk did not take was not done. A reader that has gone knows. */
static int told(int status)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
	struct err e;
	bool before = ferror(stdout);
	errno = 0;
	if (fflush(stdout) == 0 && !before)
		return status;
	if (poll(&out, 1, 0) > 0 && (out.revents & POLLERR))
		return status ? status : EXIT_INTERRUPTED;
	err_set(&e, ERR_IO, "standard output", errno ? strerror(errno) : "not all could be written", NULL);
	err_print(&e);
	return status ? status : EXIT_USAGE;
}

/* Sanitized builds look for leaks in such a handler of their own. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#define CHECK_LEAKS() __lsan_do_leak_check()
#else
#define CHECK_LEAKS() ((void)0)
#endif

/* A worker may still be inside a library, waiting for a server that hangs: the handlers that libraries
   have for the end of the program must not clear away what it uses. */
static void leave(int status) __attribute__((noreturn));
static void leave(int status)
{
	status = told(status);
	tunnel_clean_up();
	CHECK_LEAKS();
	_exit(status);
}

int main(int argc, char **argv)
{
	hold_streams();
	if (argc > 1 && !strcmp(argv[1], command_row(COMMAND_LAB)->word))
		return told(lab_main(argc - 1, argv + 1));
	/* Few threads, little memory: no arena for each of them. */
	mallopt(M_ARENA_MAX, 2);
	/* Only what characters are; numbers keep their point. */
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	struct program p = {0};
	struct err e;
	bool parsed = cmdline_parse(&p.options, argc, argv, &e);
	p.wrong = status_of_wrong(argc, argv);
	int status = parsed ? run(&p) : fail(&p, &e);
	cmdline_release(&p.options);
	config_release(&p.config);
	settings_release(&p.settings);
	targets_release(&p.targets);
	leave(status);
}
