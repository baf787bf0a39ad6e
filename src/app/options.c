#include "app/options.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define COMMAND_ROW(id, w, s, h) {w, s, h},
static const struct command_row commands[] = {COMMANDS(COMMAND_ROW)};

const struct command_row *command_row(enum command c)
{
	return &commands[c];
}

const char *option_group_title(enum option_group g)
{
	static const char *const titles[] = {
		[GROUP_CONNECTION] = "Connection",
		[GROUP_TLS] = "TLS",
		[GROUP_HOST] = "The server's host",
		[GROUP_FILES] = "Option files",
		[GROUP_CONSOLE] = "Console",
		[GROUP_DATA] = "Data",
		[GROUP_OTHER] = "Other",
		[GROUP_HIDDEN] = "",
	};
	return titles[g];
}

enum {
	CONSOLE = 1 << COMMAND_CONSOLE,
	CHECK = 1 << COMMAND_CHECK,
	SNAPSHOT = 1 << COMMAND_SNAPSHOT,
	REPORT = 1 << COMMAND_REPORT,
	ALL = CONSOLE | CHECK | SNAPSHOT | REPORT,
};

#define TARGET(name, letter, arg, group, id) \
	{name, letter, arg, GROUP_##group, ALL, DOES_TARGET, SETTING_##id}
#define PROGRAM(name, letter, arg, commands, id) \
	{name, letter, arg, GROUP_CONSOLE, commands, DOES_PROGRAM, PROGRAM_##id}
#define FILES_ROW(id, n, a, kind, h) \
	{.name = n, .arg = a, .group = GROUP_FILES, .commands = ALL, .does = DOES_FILES, \
	 .which = FILES_##id, .value = "1"},
#define SHOW(name, letter, arg, group, what, help) \
	{name, letter, arg, GROUP_##group, ALL, DOES_SHOW, SHOW_##what, NULL, help}
#define IGNORED(name, letter, arg) \
	{name, letter, arg, GROUP_OTHER, ALL, DOES_NOTHING, 0, NULL, \
	 "accepted for the mysql client's sake, has no effect"}

static const struct option_row rows[] = {
	TARGET("host", 'h', "HOST", CONNECTION, HOST),
	TARGET("user", 'u', "USER", CONNECTION, USER),
	TARGET("password", 'p', "[PASSWORD]", CONNECTION, PASSWORD),
	TARGET("port", 'P', "PORT", CONNECTION, PORT),
	TARGET("socket", 'S', "FILE", CONNECTION, SOCKET),
	TARGET("protocol", 0, "HOW", CONNECTION, PROTOCOL),
	TARGET("connect-timeout", 0, "SECONDS", CONNECTION, CONNECT_TIMEOUT),
	TARGET("admin-port", 0, "PORT", CONNECTION, ADMIN_PORT),
	TARGET("label", 0, "TEXT", CONNECTION, LABEL),
	{"read-only", 0, NULL, GROUP_CONNECTION, ALL, DOES_TARGET, SETTING_READ_ONLY, "1",
	 "refuse all actions on the servers"},
	TARGET("plugin-dir", 0, "FOLDER", CONNECTION, PLUGIN_DIR),

	TARGET("ssl-mode", 0, "MODE", TLS, SSL_MODE),
	{"ssl", 0, "[0|1]", GROUP_TLS, ALL, DOES_TLS, 0, "1",
	 "like --ssl-mode=required (0: disabled)"},
	{"skip-ssl", 0, NULL, GROUP_TLS, ALL, DOES_TLS, 0, "0", "like --ssl-mode=disabled"},
	{"ssl-verify-server-cert", 0, "[0|1]", GROUP_TLS, ALL, DOES_VERIFY, 0, "1",
	 "like --ssl-mode=verify-identity (0: required)"},
	{"skip-ssl-verify-server-cert", 0, NULL, GROUP_TLS, ALL, DOES_VERIFY, 0, "0",
	 "do not check the server's certificate"},
	TARGET("ssl-ca", 0, "FILE", TLS, SSL_CA),
	TARGET("ssl-capath", 0, "FOLDER", TLS, SSL_CAPATH),
	TARGET("ssl-cert", 0, "FILE", TLS, SSL_CERT),
	TARGET("ssl-key", 0, "FILE", TLS, SSL_KEY),
	TARGET("ssl-cipher", 0, "LIST", TLS, SSL_CIPHER),
	TARGET("tls-version", 0, "LIST", TLS, TLS_VERSION),
	TARGET("server-public-key-path", 0, "FILE", TLS, SERVER_PUBLIC_KEY),

	TARGET("ssh", 0, "HOST", HOST, SSH),
	{"ssh-tunnel", 0, NULL, GROUP_HOST, ALL, DOES_TARGET, SETTING_SSH_TUNNEL, "1", NULL},
	TARGET("ssh-transport", 0, "HOW", HOST, SSH_TRANSPORT),
	TARGET("ssh-config", 0, "FILE", HOST, SSH_CONFIG),
	TARGET("ssh-identity", 0, "FILE", HOST, SSH_IDENTITY),
	TARGET("host-command", 0, "COMMAND", HOST, HOST_COMMAND),

	FILE_SETTINGS(FILES_ROW)

	PROGRAM("interval", 'i', "SECONDS", CONSOLE | SNAPSHOT, INTERVAL),
	PROGRAM("panel", 0, "NAME", CONSOLE, PANEL),
	PROGRAM("filter", 0, "EXPR", CONSOLE, FILTER),
	PROGRAM("theme", 0, "NAME", CONSOLE, THEME),
	{"ascii", 0, NULL, GROUP_CONSOLE, CONSOLE, DOES_PROGRAM, PROGRAM_ASCII, "1", NULL},
	{"no-color", 0, NULL, GROUP_CONSOLE, CONSOLE, DOES_PROGRAM, PROGRAM_COLOR, "0",
	 "use no colours"},
	{"no-bell", 0, NULL, GROUP_CONSOLE, CONSOLE, DOES_PROGRAM, PROGRAM_BELL, "0",
	 "do not ring the terminal's bell when something critical is found"},
	{"no-notify", 0, NULL, GROUP_CONSOLE, CONSOLE, DOES_PROGRAM, PROGRAM_NOTIFY, "0",
	 "do not notify the desktop then (OSC 9)"},
	PROGRAM("alert-command", 0, "COMMAND", CONSOLE, ALERT_COMMAND),
	PROGRAM("bundle-folder", 0, "FOLDER", CONSOLE, BUNDLE_FOLDER),
	PROGRAM("history-memory", 0, "SIZE", CONSOLE, HISTORY_MEMORY),

	{"part", 0, "NAME[,NAME]", GROUP_DATA, SNAPSHOT, DOES_COMMAND, COMMAND_PART, NULL,
	 "the parts to read, all unless told"},
	{"format", 0, "FORMAT", GROUP_DATA, SNAPSHOT, DOES_COMMAND, COMMAND_FORMAT, NULL,
	 "json (a line for each target and sample, unless told), csv (one part) or table",
	 {RULE_CHOICE, 0, 0, "json csv table"}},
	{"format", 0, "FORMAT", GROUP_DATA, CHECK, DOES_COMMAND, COMMAND_FORMAT, NULL,
	 "text (a line for each step, unless told) or json", {RULE_CHOICE, 0, 0, "text json"}},
	{"format", 0, "FORMAT", GROUP_DATA, REPORT, DOES_COMMAND, COMMAND_FORMAT, NULL,
	 "text (unless told), markdown (for a ticket), html (one page) or json (a line for each target)",
	 {RULE_CHOICE, 0, 0, "text markdown html json"}},
	{"seconds", 0, "N", GROUP_DATA, REPORT, DOES_COMMAND, COMMAND_SECONDS, NULL,
	 "how long to sample, 10 unless told", {RULE_NUMBER, 1, 3600, NULL}},
	{"output", 'o', "FILE", GROUP_DATA, REPORT, DOES_COMMAND, COMMAND_OUTPUT, NULL,
	 "write to this file, which must not exist", {.kind = RULE_FILE}},
	{"force", 0, NULL, GROUP_DATA, REPORT, DOES_COMMAND, COMMAND_FORCE, "1",
	 "replace the file of --output", {.kind = RULE_FLAG}},
	{"redact", 0, NULL, GROUP_DATA, REPORT, DOES_COMMAND, COMMAND_REDACT, "1",
	 "leave out literals of statements, and say host-1 and user-1 for hosts and users",
	 {.kind = RULE_FLAG}},
	{"exit-code", 0, NULL, GROUP_DATA, REPORT, DOES_COMMAND, COMMAND_EXIT_CODE, "1",
	 "exit as monitoring plugins do: 0 ok, 1 warning, 2 critical, 3 unknown", {.kind = RULE_FLAG}},
	{"count", 0, "N", GROUP_DATA, SNAPSHOT, DOES_COMMAND, COMMAND_COUNT, NULL,
	 "how many samples, 1 unless told; 0: until interrupted", {RULE_WHOLE, 0, 1e9, NULL}},

	{"config", 0, "FILE", GROUP_OTHER, ALL, DOES_CONFIG, 0, NULL,
	 "read this configuration instead of ~/.config/fathom/config", {.kind = RULE_FILE}},
	SHOW("print-config", 0, NULL, OTHER, CONFIG,
	     "say what is set and where each value came from, then end"),
	SHOW("help", '?', NULL, OTHER, HELP, "say this, then end"),
	SHOW("version", 'V', NULL, OTHER, VERSION, "say which version this is, then end"),
	{"completion", 0, "SHELL", GROUP_OTHER, ALL, DOES_SHOW, SHOW_COMPLETION, NULL,
	 "print a completion script, then end", {RULE_CHOICE, 0, 0, "bash zsh fish"}},
	IGNORED("database", 'D', "NAME"),
	IGNORED("compress", 'C', NULL),
	IGNORED("no-auto-rehash", 'A', NULL),
	IGNORED("default-character-set", 0, "NAME"),
	IGNORED("get-server-public-key", 0, NULL),
	SHOW("help-man", 0, NULL, HIDDEN, MAN, ""),
	SHOW("list-targets", 0, NULL, HIDDEN, TARGETS, ""),
};

const struct option_row *option_rows(size_t *n)
{
	*n = COUNT_OF(rows);
	return rows;
}

const char *option_help(const struct option_row *r)
{
	if (r->help)
		return r->help;
	switch (r->does) {
	case DOES_TARGET:
		return setting_help((enum setting)r->which);
	case DOES_PROGRAM:
		return program_row((enum program_setting)r->which)->help;
	case DOES_FILES:
		return file_setting_help((enum file_setting)r->which);
	default:
		return "";
	}
}

const struct setting_rule *option_rule(const struct option_row *r)
{
	static const struct setting_rule flag = {.kind = RULE_FLAG};
	switch (r->does) {
	case DOES_TARGET:
		return target_rule((enum setting)r->which);
	case DOES_PROGRAM:
		return &program_row((enum program_setting)r->which)->rule;
	case DOES_FILES:
		return file_setting_rule((enum file_setting)r->which);
	case DOES_TLS:
	case DOES_VERIFY:
		return &flag;
	default:
		return &r->rule;
	}
}

const struct option_row *option_of_target(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if ((rows[i].does == DOES_TARGET || rows[i].does == DOES_FILES ||
		     rows[i].does == DOES_TLS || rows[i].does == DOES_VERIFY) &&
		    !strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

const struct option_row *option_for(const struct option_row *r, enum command c)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (!strcmp(rows[i].name, r->name) && rows[i].commands >> c & 1)
			return &rows[i];
	return NULL;
}

/* --- what a row does -------------------------------------------------------------------------- */

static void set_tls(struct target *t, bool on, const char *origin)
{
	const char *mode = t->value[SETTING_SSL_MODE];
	int now = mode ? tls_mode_parse(mode) : -1;
	if (!on)
		target_set(t, SETTING_SSL_MODE, tls_mode_name(TLS_DISABLED), origin);
	else if (now < (int)TLS_REQUIRED)
		target_set(t, SETTING_SSL_MODE, tls_mode_name(TLS_REQUIRED), origin);
}

static void set_verify(struct target *t, bool on, const char *origin)
{
	const char *mode = t->value[SETTING_SSL_MODE];
	if (on)
		target_set(t, SETTING_SSL_MODE, tls_mode_name(TLS_VERIFY_IDENTITY), origin);
	else if (mode && tls_mode_parse(mode) > (int)TLS_REQUIRED)
		target_set(t, SETTING_SSL_MODE, tls_mode_name(TLS_REQUIRED), origin);
}

bool option_check(const struct option_row *r, const char *value, struct buf *out, struct err *e)
{
	struct buf why = BUF_INIT;
	bool good = rule_check(option_rule(r), value, out, &why);
	if (!good) {
		char what[64];
		snprintf(what, sizeof what, "--%s", r->name);
		err_set(e, ERR_USAGE, what, buf_str(&why), NULL);
	}
	buf_release(&why);
	return good;
}

bool option_apply_target(const struct option_row *r, const char *value, struct target *t,
			 char **files, const char *origin, struct err *e)
{
	if (!value && r->does == DOES_TARGET && r->which == SETTING_PASSWORD) {
		t->ask_password = true;
		return true;
	}
	struct buf clean = BUF_INIT;
	bool good = option_check(r, value ? value : r->value, &clean, e);
	if (good) {
		bool on = !strcmp(buf_str(&clean), "1");
		switch (r->does) {
		case DOES_TARGET:
			target_set(t, (enum setting)r->which, buf_str(&clean), origin);
			if (r->which == SETTING_PASSWORD)
				t->ask_password = false;
			break;
		case DOES_FILES:
			free(files[r->which]);
			files[r->which] = xstrdup(buf_str(&clean));
			break;
		case DOES_TLS:
			set_tls(t, on, origin);
			break;
		default:
			set_verify(t, on, origin);
			break;
		}
	}
	rule_release(&clean);
	return good;
}
