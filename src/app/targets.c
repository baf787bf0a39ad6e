#include "app/targets.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/askpass.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "io/optfile.h"
#include "lab/lab.h"

/* What one source says of one target. */
struct layer {
	struct target *target;
	char *files[N_FILES];
	double interval;
};

static void layer_release(struct layer *l)
{
	target_free(l->target);
	for (int i = 0; i < N_FILES; i++)
		free(l->files[i]);
	*l = (struct layer){0};
}

static bool has_password(const struct target *t)
{
	return t->value[SETTING_PASSWORD] || t->ask_password;
}

/* A source that says where the server is hides what weaker ones say of it: a host their sockets,
   a socket their hosts. */
static bool hidden(const struct target *t, enum setting s)
{
	const char *host = t->value[SETTING_HOST];
	bool remote = host && strcmp(host, "localhost") != 0;
	bool local = t->value[SETTING_SOCKET] && !host;
	bool tcp = t->value[SETTING_PROTOCOL] && !strcmp(t->value[SETTING_PROTOCOL], "tcp");
	if (s == SETTING_SOCKET || s == SETTING_PROTOCOL)
		return remote || tcp || (s == SETTING_PROTOCOL && local);
	return local && (s == SETTING_HOST || s == SETTING_PORT);
}

/* Fill what is missing in `t` from a weaker source. */
static void merge(struct target *t, const struct target *from)
{
	bool take[N_SETTINGS];
	for (int s = 0; s < N_SETTINGS; s++)
		take[s] = from->value[s] && !t->value[s] && !hidden(t, (enum setting)s);
	take[SETTING_PASSWORD] &= !t->ask_password;
	t->ask_password |= from->ask_password && !has_password(t);
	for (int s = 0; s < N_SETTINGS; s++)
		if (take[s])
			target_set(t, (enum setting)s, from->value[s], from->origin[s]);
}

static void merge_files(char **files, char *const *from)
{
	for (int i = 0; i < N_FILES; i++)
		if (!files[i])
			files[i] = xstrdup_null(from[i]);
}

/* --- the text of a TARGET --------------------------------------------------------------------- */

#define TEXT_ORIGIN "command line TARGET"

static bool bad_text(struct err *e, const char *text, const char *why)
{
	/* Without what may be a password. */
	const char *from = strstr(text, "://"), *at;
	char shown[128];
	from = from ? from + 3 : text;
	at = strrchr(from, '@');
	bool hide = at && memchr(from, ':', (size_t)(at - from));
	const char *rest = hide ? at : text;
	snprintf(shown, sizeof shown, "\"%.*s%s%.*s\"", hide ? (int)(from - text) : 0, text,
		 hide ? "..." : "", (int)strcspn(rest, "?"), rest);
	return err_set(e, ERR_USAGE, shown, why,
		       "a TARGET is a configured name, [user@]host[:port], a socket's path or "
		       "mysql://user@host:port/?key=value");
}

static bool set_checked(struct target *t, enum setting s, const char *value, struct err *e,
			const char *text)
{
	struct buf clean = BUF_INIT, why = BUF_INIT;
	bool good = rule_check(target_rule(s), value, &clean, &why);
	if (good) {
		target_set(t, s, buf_str(&clean), TEXT_ORIGIN);
	} else {
		struct buf sentence = BUF_INIT;
		buf_addf(&sentence, "%s: %s", setting_name(s), buf_str(&why));
		bad_text(e, text, buf_str(&sentence));
		buf_release(&sentence);
	}
	buf_release(&clean);
	buf_release(&why);
	return good;
}

/* `host`, `host:port`, `[::1]:port` or `::1`; n bytes at s. */
static bool take_place(struct target *t, const char *s, size_t n, const char *text, struct err *e)
{
	char host[256], port[16] = "";
	const char *end = s + n, *host_end, *colon = memchr(s, ':', n);
	if (n && *s == '[') {
		host_end = memchr(s, ']', n);
		if (!host_end || (host_end + 1 < end && host_end[1] != ':'))
			return bad_text(e, text, "no ] behind the address, or no : behind that");
		s++;
		colon = host_end + 1 < end ? host_end + 1 : NULL;
	} else {
		/* Two colons are an IPv6 address. */
		if (colon && memchr(colon + 1, ':', (size_t)(end - colon - 1)))
			colon = NULL;
		host_end = colon ? colon : end;
	}
	if (host_end == s && !t->value[SETTING_SOCKET])
		return bad_text(e, text, "there is no host in it");
	snprintf(host, sizeof host, "%.*s", (int)(host_end - s), s);
	for (const char *p = host; *p; p++)
		if (isspace((unsigned char)*p) || iscntrl((unsigned char)*p))
			return bad_text(e, text, "a host has no blanks in its name");
	if (*host)
		target_set(t, SETTING_HOST, host, TEXT_ORIGIN);
	if (!colon)
		return true;
	snprintf(port, sizeof port, "%.*s", (int)(end - colon - 1), colon + 1);
	return set_checked(t, SETTING_PORT, port, e, text);
}

static int hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower(c) - 'a' + 10 : -1;
}

/* For free(); NULL when a % is not followed by the two digits of a byte. */
static char *percent_decode(const char *s, size_t n)
{
	char *out = xmalloc(n + 1), *p = out;
	for (size_t i = 0; i < n; i++) {
		if (s[i] != '%') {
			*p++ = s[i];
			continue;
		}
		int high = i + 2 < n ? hex(s[i + 1]) : -1, low = high >= 0 ? hex(s[i + 2]) : -1;
		if (low < 0 || !(high * 16 + low)) {
			free(out);
			return NULL;
		}
		*p++ = (char)(high * 16 + low);
		i += 2;
	}
	*p = '\0';
	return out;
}

/* Set one setting of a URL from n bytes; an empty one is left out. */
static bool take_decoded(struct layer *l, enum setting setting, const char *s, size_t n, const char *text,
			 struct err *e)
{
	if (!n)
		return true;
	char *value = percent_decode(s, n);
	if (!value)
		return bad_text(e, text, "% must be followed by two digits, as in %40");
	target_set(l->target, setting, value, TEXT_ORIGIN);
	mem_wipe(value, strlen(value));
	free(value);
	return true;
}

/* One `key=value` behind the `?`. */
static bool take_pair(struct layer *l, const char *s, size_t n, const char *text, struct err *e)
{
	const char *equals = memchr(s, '=', n);
	char key[64], why[160], hint[128];
	setting_canonical(s, equals ? (size_t)(equals - s) : n, key, sizeof key);
	const struct option_row *row = option_of_target(key), *rows;
	if (!row) {
		size_t n_rows;
		struct nearest near = NEAREST(key);
		rows = option_rows(&n_rows);
		for (size_t i = 0; i < n_rows; i++)
			if (option_of_target(rows[i].name))
				nearest_offer(&near, rows[i].name);
		snprintf(why, sizeof why, "unknown key \"%s\"", key);
		bad_text(e, text, why);
		if (near.best)
			snprintf(e->hint, sizeof e->hint, "%s", nearest_hint(&near, "", hint, sizeof hint));
		return false;
	}
	if (!equals && (row->arg || !row->value)) {
		snprintf(why, sizeof why, "\"%s\" needs a value", key);
		return bad_text(e, text, why);
	}
	char *value = equals ? percent_decode(equals + 1, n - (size_t)(equals + 1 - s)) : NULL;
	if (equals && !value)
		return bad_text(e, text, "% must be followed by two digits, as in %40");
	bool good = option_apply_target(row, value, l->target, l->files, TEXT_ORIGIN, e);
	if (value)
		mem_wipe(value, strlen(value));
	free(value);
	return good;
}

static bool take_query(struct layer *l, const char *s, const char *text, struct err *e)
{
	while (*s) {
		size_t n = strcspn(s, "&#");
		if (n && !take_pair(l, s, n, text, e))
			return false;
		s += n;
		if (*s == '#')
			break;
		s += *s == '&';
	}
	return true;
}

/* mysql://[user[:password]@]host[:port][/database][?key=value&…] */
static bool take_url(struct layer *l, const char *text, struct err *e)
{
	struct target *t = l->target;
	const char *s = strstr(text, "://") + 3, *end = s + strcspn(s, "/?#");
	if (strncmp(text, "mysql://", 8) != 0 && strncmp(text, "mariadb://", 10) != 0)
		return bad_text(e, text, "only mysql:// is known");
	const char *query = end + strcspn(end, "?#");
	if (*query == '?' && !take_query(l, query + 1, text, e))
		return false;
	const char *at = memrchr(s, '@', (size_t)(end - s));
	if (at) {
		const char *colon = memchr(s, ':', (size_t)(at - s));
		const char *user_end = colon ? colon : at;
		if (!take_decoded(l, SETTING_USER, s, (size_t)(user_end - s), text, e))
			return false;
		if (colon && !take_decoded(l, SETTING_PASSWORD, colon + 1, (size_t)(at - colon - 1), text, e))
			return false;
		s = at + 1;
	}
	if (!take_place(t, s, (size_t)(end - s), text, e))
		return false;
	t->name = end > s ? xstrndup(s, (size_t)(end - s)) : xstrdup(target_socket(t));
	return true;
}

static bool take_text(struct layer *l, const char *text, struct err *e)
{
	struct target *t = l->target;
	if (strstr(text, "://"))
		return take_url(l, text, e);
	t->name = xstrdup(text);
	if (*text == '/') {
		target_set(t, SETTING_SOCKET, text, TEXT_ORIGIN);
		return true;
	}
	const char *at = strrchr(text, '@'), *place = at ? at + 1 : text;
	if (at && memchr(text, ':', (size_t)(at - text)))
		return bad_text(e, text, "a password has no place here: -p asks for it");
	if (at && at > text) {
		char *user = xstrndup(text, (size_t)(at - text));
		target_set(t, SETTING_USER, user, TEXT_ORIGIN);
		free(user);
	}
	return take_place(t, place, strlen(place), text, e);
}

/* --- the other sources ------------------------------------------------------------------------ */

static void take_section(struct layer *l, const struct config *c, const char *name)
{
	const struct config_entry *entry = NULL;
	while ((entry = config_next(c, "target", name, NULL, entry))) {
		int s = setting_by_name(entry->key), f = file_setting_by_name(entry->key);
		if (s >= 0)
			target_set(l->target, (enum setting)s, entry->value, entry->origin);
		else if (f >= 0)
			l->files[f] = xstrdup(entry->value);
		else
			l->interval = strtod(entry->value, NULL);
	}
}

/* A server of this user's lab, when there is one of that name. */
static bool take_lab(struct layer *l, const char *name)
{
	struct lab_info info;
	if (strncmp(name, "lab", 3) != 0 || !lab_find(&info))
		return false;
	const struct lab_target *lab = lab_target(&info, name);
	if (lab) {
		char origin[] = "the lab";
		target_set(l->target, SETTING_SOCKET, lab->socket, origin);
		target_set(l->target, SETTING_USER, lab->user, origin);
		target_set(l->target, SETTING_PASSWORD, lab->password, origin);
		target_set(l->target, SETTING_LABEL, "lab", origin);
	}
	lab_info_release(&info);
	return lab != NULL;
}

static bool check_environment(const char *name, const char *value, const struct setting_rule *rule,
			      struct buf *clean, struct err *e)
{
	struct buf why = BUF_INIT;
	bool good = rule_check(rule, value, clean, &why);
	if (!good)
		err_setf(e, ERR_USAGE, name, "change that environment variable, or unset it", "%s",
			 buf_str(&why));
	buf_release(&why);
	return good;
}

/* FATHOM_SSL_MODE for ssl-mode */
static const char *environment_name(const char *setting, char *out, size_t size)
{
	snprintf(out, size, "FATHOM_%s", setting);
	for (char *p = out; *p; p++)
		*p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	return out;
}

static bool take_variable(struct layer *l, const char *name, enum setting s, struct err *e)
{
	const char *value = getenv(name);
	char origin[80];
	struct buf clean = BUF_INIT;
	if (!value || !*value || l->target->value[s])
		return true;
	snprintf(origin, sizeof origin, "environment %s", name);
	bool good = check_environment(name, value, target_rule(s), &clean, e);
	if (good)
		target_set(l->target, s, buf_str(&clean), origin);
	rule_release(&clean);
	return good;
}

/* What the servers' own clients read; the variables that bear our name come before. */
static const struct {
	const char *name;
	enum setting setting;
} client_variables[] = {
	{"MYSQL_HOST", SETTING_HOST},
	{"MYSQL_TCP_PORT", SETTING_PORT},
	{"MYSQL_UNIX_PORT", SETTING_SOCKET},
	{"MYSQL_PWD", SETTING_PASSWORD},
};

static bool take_environment(struct layer *l, struct err *e)
{
	char name[64];
	for (int s = 0; s < N_SETTINGS; s++)
		if (!take_variable(l, environment_name(setting_name((enum setting)s), name, sizeof name),
				   (enum setting)s, e))
			return false;
	for (int f = 0; f < N_FILES; f++) {
		const char *value = getenv(environment_name(file_setting_name((enum file_setting)f), name,
							    sizeof name));
		if (value && *value)
			l->files[f] = xstrdup(value);
	}
	for (size_t i = 0; i < COUNT_OF(client_variables); i++)
		if (!take_variable(l, client_variables[i].name, client_variables[i].setting, e))
			return false;
	return true;
}

bool environment_offer(struct settings *s, struct err *e)
{
	char name[64], origin[80];
	for (int i = 0; i < N_PROGRAM; i++) {
		const struct program_row *row = program_row((enum program_setting)i);
		const char *value = getenv(environment_name(row->name, name, sizeof name));
		struct buf clean = BUF_INIT;
		if (!value || !*value || s->value[i])
			continue;
		snprintf(origin, sizeof origin, "environment %s", name);
		bool good = check_environment(name, value, &row->rule, &clean, e);
		if (good)
			settings_offer(s, (enum program_setting)i, buf_str(&clean), origin);
		buf_release(&clean);
		if (!good)
			return false;
	}
	return true;
}

/* --- putting them together -------------------------------------------------------------------- */

struct sources {
	const struct cmdline *options;
	const struct config *config;
	struct layer environment;
	/* The option files as they were read last, with what chose them. */
	struct options loaded;
	char *files[N_FILES];
	bool have_loaded;
};

static bool same_files(char *const *a, char *const *b)
{
	for (int i = 0; i < N_FILES; i++)
		if (a[i] && b[i] ? strcmp(a[i], b[i]) != 0 : a[i] != b[i])
			return false;
	return true;
}

static void forget_files(struct sources *from)
{
	options_release(&from->loaded);
	for (int i = 0; i < N_FILES; i++)
		free(from->files[i]);
	memset(from->files, 0, sizeof from->files);
	from->have_loaded = false;
}

static bool load_files(struct sources *from, char *const *files, struct err *e)
{
	if (from->have_loaded && same_files(from->files, files))
		return true;
	forget_files(from);
	const char *none = files[FILES_NO_DEFAULTS];
	struct optfile_args args = {
		.no_defaults = none && !strcmp(none, "1"),
		.file = files[FILES_DEFAULTS_FILE],
		.extra_file = files[FILES_DEFAULTS_EXTRA_FILE],
		.group_suffix = files[FILES_DEFAULTS_GROUP_SUFFIX],
		.login_path = files[FILES_LOGIN_PATH],
	};
	if (!options_load(&from->loaded, &args, e))
		return false;
	for (size_t i = 0; i < from->loaded.n_warnings; i++)
		fprintf(stderr, "fathom: %s\n", from->loaded.warnings[i]);
	merge_files(from->files, files);
	from->have_loaded = true;
	return true;
}

/* What a servers' client takes to mean nothing special. */
static bool is_zero(const char *number)
{
	return number[strspn(number, "0.")] == '\0';
}

/* Values of option files are held to the rules of all others: a word that is none must not leave less than
   was asked for. A number that does not fit may suit the programs that share the file. */
static bool hold_to_rules(struct target *said, struct err *e)
{
	bool good = true;
	for (int s = 0; s < N_SETTINGS && good; s++) {
		const struct setting_rule *rule = target_rule((enum setting)s);
		const char *value = said->value[s], *origin = said->origin[s];
		struct buf clean = BUF_INIT, why = BUF_INIT;
		if (!value || rule->kind == RULE_TEXT)
			continue;
		if (rule_check(rule, value, &clean, &why)) {
			target_set(said, (enum setting)s, buf_str(&clean), origin);
		} else if (rule->kind == RULE_WHOLE || rule->kind == RULE_NUMBER) {
			if (!is_zero(value))
				fprintf(stderr, "fathom: %s: %s is left out: %s\n", origin,
					setting_name((enum setting)s), buf_str(&why));
			target_set(said, (enum setting)s, NULL, NULL);
		} else {
			good = err_setf(e, ERR_USAGE, origin, NULL, "%s: %s",
					setting_name((enum setting)s), buf_str(&why));
		}
		buf_release(&clean);
		buf_release(&why);
	}
	return good;
}

static bool take_files(struct sources *from, struct target *t, char *const *files, struct err *e)
{
	if (!load_files(from, files, e))
		return false;
	struct target *said = xcalloc(1, sizeof *said);
	bool good = options_apply(&from->loaded, said, e) && hold_to_rules(said, e);
	if (good)
		merge(t, said);
	target_free(said);
	return good;
}

/* A port alone means TCP and a socket alone means the socket, however localhost is reached otherwise. */
static void settle_protocol(struct target *t)
{
	bool host = t->value[SETTING_HOST], port = t->value[SETTING_PORT], socket = t->value[SETTING_SOCKET];
	if (t->value[SETTING_PROTOCOL])
		return;
	if (socket && !host)
		target_set(t, SETTING_PROTOCOL, "socket", t->origin[SETTING_SOCKET]);
	else if (port && !socket)
		target_set(t, SETTING_PROTOCOL, "tcp", t->origin[SETTING_PORT]);
}

/* What to call a target that options made. */
static void give_name(struct target *t)
{
	const char *host = t->value[SETTING_HOST], *port = t->value[SETTING_PORT];
	if (t->name)
		return;
	if (!target_uses_socket(t) && port)
		t->name = xasprintf(strchr(target_host(t), ':') ? "[%s]:%s" : "%s:%s", target_host(t), port);
	else if (target_uses_socket(t) && !host && t->value[SETTING_SOCKET])
		t->name = xstrdup(t->value[SETTING_SOCKET]);
	else
		t->name = xstrdup(target_host(t));
}

/* What is said of one target, strongest first: its text, the options, its section or lab, the
   environment, login path and option files. */
static bool add(struct targets *all, const char *text, struct sources *from, struct err *e)
{
	struct layer first = {.target = xcalloc(1, sizeof *first.target)};
	struct layer named = {.target = xcalloc(1, sizeof *named.target)};
	struct target *t = first.target;
	bool good = true;
	if (text && config_find(from->config, "target", text)) {
		take_section(&named, from->config, text);
		t->name = xstrdup(text);
	} else if (text && take_lab(&named, text)) {
		t->name = xstrdup(text);
	} else if (text) {
		good = take_text(&first, text, e);
	}
	if (good) {
		merge(t, from->options->given);
		merge(t, named.target);
		settle_protocol(t);
		merge(t, from->environment.target);
		merge_files(first.files, from->options->files);
		merge_files(first.files, named.files);
		merge_files(first.files, from->environment.files);
		good = take_files(from, t, first.files, e);
	}
	if (good) {
		give_name(t);
		all->v = xrealloc(all->v, all->n + 1, sizeof *all->v);
		bool told = from->options->program.value[PROGRAM_INTERVAL];
		all->v[all->n++] = (struct watch){t, told ? 0 : named.interval};
		first.target = NULL;
	}
	layer_release(&first);
	layer_release(&named);
	return good;
}

static bool resolve_words(struct targets *t, struct sources *from, struct err *e)
{
	for (size_t i = 0; i < from->options->n_targets; i++) {
		const char *text = from->options->targets[i];
		if (!*text)
			return bad_text(e, "", "there is no host in it");
		if (!add(t, text, from, e))
			return false;
	}
	return true;
}

/* No TARGET: what the options say, else what environment and option files say, else the local
   server, else the configured ones to choose from. */
static bool resolve_nothing(struct targets *t, struct sources *from, struct err *e)
{
	if (!add(t, NULL, from, e))
		return false;
	const struct target *only = t->v[0].target;
	bool host = only->value[SETTING_HOST];
	if (from->options->connects || host || !access(target_socket(only), F_OK))
		return true;
	targets_release(t);
	for (size_t i = 0; i < from->config->n_sections; i++) {
		const struct config_section *s = &from->config->sections[i];
		if (!strcmp(s->section, "target") && !add(t, s->name, from, e))
			return false;
	}
	t->choose = true;
	return t->n > 0 || err_set(e, ERR_NONE, NULL, NULL, NULL);
}

bool targets_resolve(struct targets *t, const struct cmdline *o, const struct config *c, struct err *e)
{
	struct sources from = {.options = o, .config = c};
	from.environment.target = xcalloc(1, sizeof(struct target));
	*t = (struct targets){0};
	bool good = take_environment(&from.environment, e) &&
		    (o->n_targets ? resolve_words(t, &from, e) : resolve_nothing(t, &from, e));
	layer_release(&from.environment);
	forget_files(&from);
	return good;
}

void targets_release(struct targets *t)
{
	for (size_t i = 0; i < t->n; i++)
		target_free(t->v[i].target);
	free(t->v);
	*t = (struct targets){0};
}

/* --- passwords that are typed ----------------------------------------------------------------- */

static bool asks(const struct target *t)
{
	return t->ask_password && !t->value[SETTING_PASSWORD];
}

static bool same_user(const struct target *a, const struct target *b)
{
	const char *x = a->value[SETTING_USER], *y = b->value[SETTING_USER];
	return x && y ? !strcmp(x, y) : x == y;
}

bool targets_ask_passwords(struct targets *t, struct err *e)
{
	for (size_t i = 0; i < t->n; i++) {
		struct target *first = t->v[i].target;
		if (!asks(first))
			continue;
		/* One question for all targets of the same user. */
		struct buf question = BUF_INIT;
		const char *user = first->value[SETTING_USER];
		buf_addf(&question, "Password of %s for", user ? user : "this account");
		for (size_t j = i; j < t->n; j++)
			if (asks(t->v[j].target) && same_user(first, t->v[j].target))
				buf_addf(&question, "%s %s", j > i ? "," : "", t->v[j].target->name);
		buf_adds(&question, ": ");
		char *answer = ask_password(buf_str(&question), e);
		buf_release(&question);
		if (!answer)
			return false;
		for (size_t j = t->n; j-- > i;)
			if (asks(t->v[j].target) && same_user(first, t->v[j].target))
				target_set(t->v[j].target, SETTING_PASSWORD, answer, "typed");
		mem_wipe(answer, strlen(answer));
		free(answer);
	}
	return true;
}

const char *targets_how_to(void)
{
	return "fathom: no TARGET, no socket of a local server, and none configured; connect like this:\n"
	       "  fathom -h db3.prod -u app -p         a server, as with the mysql client; -p asks\n"
	       "  fathom mysql://app@db3.prod:3306/?ssl-mode=verify-identity\n"
	       "  fathom /run/mysqld/mysqld.sock       the socket of a server on this host\n"
	       "  fathom --login-path=prod             from ~/.mylogin.cnf; ~/.my.cnf is read as well\n"
	       "  fathom lab up                        throw-away servers, to practise on\n";
}

void targets_print(const struct targets *t, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct target *target = t->v[i].target;
		buf_addf(out, "\n[target %s]\n", target->name);
		for (int s = 0; s < N_SETTINGS; s++)
			if (target->value[s])
				buf_addf(out, "# %s\n%s = %s\n", target->origin[s], setting_name((enum setting)s),
					 setting_secret((enum setting)s) ? "********" : target->value[s]);
		if (target->ask_password && !target->value[SETTING_PASSWORD])
			buf_adds(out, "# the password is asked for\n");
		if (t->v[i].interval > 0)
			buf_addf(out, "# configuration\ninterval = %g\n", t->v[i].interval);
	}
}
