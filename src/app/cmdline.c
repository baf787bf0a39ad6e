#include "app/cmdline.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"

#define COMMAND_LINE "command line"

/* Of the design's commands, those that other versions have: never taken for a host. */
static const char *const reserved[] = {"record", "replay", "drill"};

/* Whether the option says which server is meant, and not only how it is treated. */
static bool makes_target(const struct option_row *r)
{
	static const enum setting settings[] = {SETTING_HOST, SETTING_PORT,	SETTING_SOCKET,
						SETTING_USER, SETTING_PASSWORD, SETTING_PROTOCOL};
	for (size_t i = 0; r->does == DOES_TARGET && i < COUNT_OF(settings); i++)
		if (r->which == (int)settings[i])
			return true;
	return r->does == DOES_FILES && r->which != FILES_NO_DEFAULTS;
}

static bool apply(struct cmdline *o, const struct option_row *r, const char *value, struct err *e)
{
	struct buf clean = BUF_INIT;
	if (!value)
		value = r->value;
	bool good = true;
	switch (r->does) {
	case DOES_TARGET:
	case DOES_FILES:
	case DOES_TLS:
	case DOES_VERIFY:
		o->connects |= makes_target(r);
		return option_apply_target(r, value, o->given, o->files, COMMAND_LINE, e);
	case DOES_PROGRAM:
		good = option_check(r, value, &clean, e);
		if (good) {
			/* The last one on the line wins. */
			free(o->program.value[r->which]);
			free(o->program.origin[r->which]);
			o->program.value[r->which] = NULL;
			settings_offer(&o->program, (enum program_setting)r->which, buf_str(&clean),
				       COMMAND_LINE);
		}
		break;
	case DOES_COMMAND:
		good = option_check(r, value, &clean, e);
		if (good) {
			free(o->of_command[r->which]);
			o->of_command[r->which] = buf_steal(&clean);
		}
		break;
	case DOES_CONFIG:
		free(o->config);
		o->config = xstrdup(value);
		break;
	case DOES_SHOW:
		good = !r->arg || option_check(r, value, &clean, e);
		if (good && o->show == SHOW_NOTHING)
			o->show = (enum option_show)r->which;
		if (good && r->arg) {
			free(o->shell);
			o->shell = buf_steal(&clean);
		}
		break;
	case DOES_NOTHING:
		break;
	}
	buf_release(&clean);
	return good;
}

/* --- getopt's tables, and its complaints ---------------------------------------------------------------------------------- */

enum { LONG_BASE = 256 }; /* getopt's number for row i is LONG_BASE + i */

static bool named_before(const struct option_row *rows, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(rows[j].name, rows[i].name))
			return true;
	return false;
}

static struct option *long_options(void)
{
	size_t n, k = 0;
	const struct option_row *rows = option_rows(&n);
	struct option *longs = xcalloc(n + 1, sizeof *longs);
	for (size_t i = 0; i < n; i++) {
		int arg = !rows[i].arg		? no_argument
			  : rows[i].arg[0] == '[' ? optional_argument
						  : required_argument;
		if (!named_before(rows, i))
			longs[k++] = (struct option){rows[i].name, arg, NULL, LONG_BASE + (int)i};
	}
	return longs;
}

static void add_short_options(struct buf *out)
{
	size_t n;
	const struct option_row *rows = option_rows(&n);
	buf_addc(out, ':'); /* missing values are told from unknown options */
	for (size_t i = 0; i < n; i++)
		if (rows[i].letter && rows[i].letter != '?')
			buf_addf(out, "%c%s", rows[i].letter,
				 !rows[i].arg ? "" : rows[i].arg[0] == '[' ? "::" : ":");
}

static const struct option_row *row_of(int c)
{
	size_t n;
	const struct option_row *rows = option_rows(&n);
	for (size_t i = 0; i < n; i++)
		if (c == LONG_BASE + (int)i || c == rows[i].letter)
			return &rows[i];
	return NULL;
}

static bool unknown_long(const char *arg, struct err *e)
{
	char name[64], what[70], hint[160] = "";
	size_t n = strcspn(arg + 2, "=");
	snprintf(name, sizeof name, "%.*s", (int)(n < 60 ? n : 60), arg + 2);
	snprintf(what, sizeof what, "--%s", name);
	struct buf many = BUF_INIT;
	struct nearest near = NEAREST(name);
	unsigned matches = 0;
	size_t n_rows;
	const struct option_row *rows = option_rows(&n_rows);
	for (size_t i = 0; i < n_rows; i++) {
		if (rows[i].group == GROUP_HIDDEN || named_before(rows, i))
			continue;
		nearest_offer(&near, rows[i].name);
		if (!strncmp(rows[i].name, name, n))
			buf_addf(&many, "%s--%s", matches++ ? ", " : "", rows[i].name);
	}
	if (matches > 1) {
		err_setf(e, ERR_USAGE, what, NULL, "could be %s", buf_str(&many));
	} else {
		if (near.best)
			snprintf(hint, sizeof hint, "did you mean \"--%s\"?", near.best);
		err_set(e, ERR_USAGE, what, "unknown option",
			hint[0] ? hint : "fathom --help lists them");
	}
	buf_release(&many);
	return false;
}

static bool refuse(int c, char **argv, struct err *e)
{
	char what[64];
	const struct option_row *r = optopt ? row_of(optopt) : NULL;
	if (!optopt)
		return unknown_long(argv[optind - 1], e);
	if (!r) {
		snprintf(what, sizeof what, "-%c", isprint(optopt) ? optopt : '?');
		return err_set(e, ERR_USAGE, what, "unknown option", "fathom --help lists them");
	}
	if (optopt >= LONG_BASE)
		snprintf(what, sizeof what, "--%s", r->name);
	else
		snprintf(what, sizeof what, "-%c", optopt);
	if (c == ':')
		return err_setf(e, ERR_USAGE, what, NULL, "needs a value: %s", r->arg);
	return err_set(e, ERR_USAGE, what, "takes no value", NULL);
}

/* --ssl_ca=… is --ssl-ca=…, as for the mysql client. */
static void canonical_names(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strncmp(argv[i], "--", 2))
			for (char *p = argv[i] + 2; *p && *p != '='; p++)
				if (*p == '_')
					*p = '-';
}

static void wipe(char *s)
{
	mem_wipe(s, strlen(s));
}

/* A target's text may hold a password: `mysql://user:password@host`, or `user:password@host`, which is
   refused later. */
static void wipe_target(char *s)
{
	char *from = strstr(s, "://");
	from = from ? from + 3 : s;
	size_t authority = strcspn(from, "/?#");
	char *at = memrchr(from, '@', authority);
	char *colon = at ? memchr(from, ':', (size_t)(at - from)) : NULL;
	if (colon)
		memset(colon + 1, 'x', (size_t)(at - colon - 1));
	char *query = strchr(from, '?');
	if (query && strcasestr(query, "password="))
		memset(query + 1, 'x', strlen(query + 1));
}

/* Options in the order of the line: what they mean is known once the command is. */
struct seen {
	struct {
		const struct option_row *row;
		char *value;
	} *v;
	size_t n, cap;
};

static void seen_add(struct seen *s, const struct option_row *row, const char *value)
{
	GROW(s->v, s->n, s->cap);
	s->v[s->n].row = row;
	s->v[s->n++].value = xstrdup_null(value);
}

static void seen_release(struct seen *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].value)
			wipe(s->v[i].value);
		free(s->v[i].value);
	}
	free(s->v);
}

static bool reserved_word(const char *word, struct err *e)
{
	for (size_t i = 0; i < COUNT_OF(reserved); i++)
		if (!strcmp(word, reserved[i]))
			return err_set(e, ERR_USAGE, word, "this version does not have it",
				       "fathom --help lists what it has");
	return true;
}

static bool take_words(struct cmdline *o, int argc, char **argv, struct err *e)
{
	int i = optind;
	if (i < argc) {
		for (int c = 1; c < N_COMMANDS; c++)
			if (!strcmp(argv[i], command_row((enum command)c)->word))
				o->command = (enum command)c;
		if (o->command == COMMAND_LAB)
			return err_set(e, ERR_USAGE, "lab", "options must follow it",
				       "fathom lab --help lists them");
		if (!reserved_word(argv[i], e))
			return false;
		i += o->command != COMMAND_CONSOLE;
	}
	o->targets = xcalloc((size_t)(argc - i) + 1, sizeof *o->targets);
	for (; i < argc; i++) {
		o->targets[o->n_targets++] = xstrdup(argv[i]);
		wipe_target(argv[i]);
	}
	return true;
}

static bool scan(struct seen *seen, int argc, char **argv, struct err *e)
{
	struct option *longs = long_options();
	struct buf shorts = BUF_INIT;
	add_short_options(&shorts);
	canonical_names(argc, argv);
	opterr = 0;
	optind = 0;
	bool good = true;
	int c;
	while (good && (c = getopt_long(argc, argv, shorts.s, longs, NULL)) != -1) {
		/* -? is not in the table: it looks like getopt's own complaint. */
		if ((c == '?' && optopt != '?') || c == ':') {
			good = refuse(c, argv, e);
			break;
		}
		const struct option_row *r = row_of(c);
		seen_add(seen, r, optarg);
		if (optarg && r->does == DOES_TARGET && r->which == SETTING_PASSWORD)
			wipe(optarg);
	}
	free(longs);
	buf_release(&shorts);
	return good;
}

static bool apply_all(struct cmdline *o, const struct seen *seen, struct err *e)
{
	for (size_t i = 0; i < seen->n; i++) {
		const struct option_row *r = option_for(seen->v[i].row, o->command);
		char what[64];
		snprintf(what, sizeof what, "--%s", seen->v[i].row->name);
		if (!r && o->command == COMMAND_CONSOLE)
			return err_set(e, ERR_USAGE, what, "the console has no such option",
				       "it belongs to a command: fathom --help");
		if (!r)
			return err_setf(e, ERR_USAGE, what, "fathom --help lists what has",
					"fathom %s has no such option", command_row(o->command)->word);
		if (!apply(o, r, seen->v[i].value, e))
			return false;
	}
	return true;
}

bool cmdline_parse(struct cmdline *o, int argc, char **argv, struct err *e)
{
	*o = (struct cmdline){.given = xcalloc(1, sizeof *o->given)};
	if (argc > 1 && !strcmp(argv[1], command_row(COMMAND_LAB)->word)) {
		o->command = COMMAND_LAB;
		o->rest = 2;
		return true;
	}
	struct seen seen = {0};
	bool good = scan(&seen, argc, argv, e) && take_words(o, argc, argv, e) &&
		    apply_all(o, &seen, e);
	seen_release(&seen);
	return good;
}

void cmdline_release(struct cmdline *o)
{
	target_free(o->given);
	for (int i = 0; i < N_FILES; i++)
		free(o->files[i]);
	settings_release(&o->program);
	for (int i = 0; i < N_COMMAND_SETTINGS; i++)
		free(o->of_command[i]);
	free(o->config);
	free(o->shell);
	for (size_t i = 0; i < o->n_targets; i++) {
		wipe(o->targets[i]);
		free(o->targets[i]);
	}
	free(o->targets);
	*o = (struct cmdline){0};
}
