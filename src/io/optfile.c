#include "io/optfile.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "io/loginpath.h"
#include "io/target.h"

enum { DEEPEST_INCLUDE = 10, MOST_BYTES = 4 << 20 };

/* Texts here hold passwords. */
static void wipe(struct buf *b)
{
	if (b->s)
		mem_wipe(b->s, b->cap);
	buf_release(b);
}

/* --- the parser ---------------------------------------------------------------------------- */

struct parser {
	const char *path;
	unsigned line;
	struct buf group, text, value;
	struct err *err;
};

static bool broken(const struct parser *p, const char *why, const char *hint)
{
	return err_setf(p->err, ERR_USAGE, "option file", hint, "%s:%u: %s", p->path, p->line, why);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Narrow [s, s+n) to what is between its blanks. */
static const char *trim(const char *s, size_t *n)
{
	while (*n && blank(*s))
		s++, (*n)--;
	while (*n && blank(s[*n - 1]))
		(*n)--;
	return s;
}

/* The length of s without the comment at its end. */
static size_t without_comment(const char *s, size_t n)
{
	char quote = 0;
	bool escaped = false;

	for (size_t i = 0; i < n; i++) {
		if ((s[i] == '\'' || s[i] == '"') && !escaped) {
			if (!quote)
				quote = s[i];
			else if (quote == s[i])
				quote = 0;
		}
		if (!quote && s[i] == '#')
			return i;
		escaped = quote && s[i] == '\\' && !escaped;
	}
	return n;
}

static void unescape(struct buf *out, const char *s, size_t n)
{
	static const char letters[] = "ntrbs\\'\"", meant[] = "\n\t\r\b \\'\"";

	buf_clear(out);
	buf_adds(out, "");
	for (size_t i = 0; i < n; i++) {
		const char *l = s[i] == '\\' && i + 1 < n && s[i + 1] ? strchr(letters, s[i + 1]) : NULL;
		buf_addc(out, l ? meant[l - letters] : s[i]);
		i += l != NULL;
	}
}

static void add_name(struct buf *out, const char *s, size_t n)
{
	buf_clear(out);
	for (size_t i = 0; i < n; i++)
		buf_addc(out, s[i] == '_' ? '-' : (char)tolower((unsigned char)s[i]));
}

static bool parse_group(struct parser *p, const char *s, size_t n)
{
	const char *end = memchr(s, ']', n);
	size_t len;

	if (!end)
		return broken(p, "a group needs a closing bracket", "write it as [client]");
	len = (size_t)(end - ++s);
	s = trim(s, &len);
	buf_clear(&p->group);
	buf_add(&p->group, s, len);
	return true;
}

/* "!include PATH" or "!includedir PATH". */
static bool parse_directive(struct parser *p, const char *s, size_t n, struct optfile_line *line)
{
	static const char dir[] = "!includedir", file[] = "!include";
	size_t word = n > sizeof dir - 1 && strncmp(s, dir, sizeof dir - 1) == 0 ? sizeof dir - 1
									       : sizeof file - 1;

	if (n <= word || strncmp(s, word == sizeof file - 1 ? file : dir, word) != 0 || !blank(s[word]))
		return broken(p, "unknown directive", "known are !include FILE and !includedir FOLDER");
	line->type = word == sizeof dir - 1 ? OPTFILE_INCLUDEDIR : OPTFILE_INCLUDE;
	s += word, n -= word;
	s = trim(s, &n);
	buf_clear(&p->text);
	buf_add(&p->text, s, n);
	line->name = buf_str(&p->text);
	return true;
}

static bool parse_option(struct parser *p, const char *s, size_t n, struct optfile_line *line)
{
	const char *eq, *value;
	size_t name_len;

	if (!p->group.len)
		return broken(p, "an option before any group", "put it below a line [client]");
	n = without_comment(s, n);
	eq = memchr(s, '=', n);
	name_len = eq ? (size_t)(eq - s) : n;
	s = trim(s, &name_len);
	if (!name_len)
		return broken(p, "an option without a name", NULL);
	add_name(&p->text, s, name_len);
	line->type = OPTFILE_OPTION;
	line->group = buf_str(&p->group);
	line->name = buf_str(&p->text);
	line->value = NULL;
	if (!eq)
		return true;
	value = eq + 1;
	n -= (size_t)(value - s);
	value = trim(value, &n);
	if (n >= 2 && (*value == '"' || *value == '\'') && value[n - 1] == *value)
		value++, n -= 2;
	unescape(&p->value, value, n);
	line->value = buf_str(&p->value);
	return true;
}

static bool parse_line(struct parser *p, const char *s, size_t n,
		       bool (*f)(const struct optfile_line *, void *), void *arg)
{
	struct optfile_line line = {.line = p->line};

	s = trim(s, &n);
	if (!n || *s == '#' || *s == ';')
		return true;
	if (memchr(s, 0, n))
		return broken(p, "a zero byte: this is no text file", NULL);
	if (*s == '[')
		return parse_group(p, s, n);
	if (!(*s == '!' ? parse_directive(p, s, n, &line) : parse_option(p, s, n, &line)))
		return false;
	return f(&line, arg);
}

bool optfile_parse(const char *path, const char *bytes, size_t n,
		   bool (*f)(const struct optfile_line *, void *), void *arg, struct err *err)
{
	struct parser p = {.path = path, .err = err};
	const char *end = bytes + n;
	bool ok = true;

	if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		bytes += 3;
	while (ok && bytes < end) {
		const char *nl = memchr(bytes, '\n', (size_t)(end - bytes));
		const char *stop = nl ? nl : end;
		p.line++;
		ok = parse_line(&p, bytes, (size_t)(stop - bytes), f, arg);
		bytes = stop + 1;
	}
	buf_release(&p.group);
	buf_release(&p.text);
	wipe(&p.value);
	return ok;
}

/* --- the loader ---------------------------------------------------------------------------- */

/* Whose options we read: the mysql client's and our own. */
static const char *const groups[] = {
	"client", "client-server", "client-mariadb", "mysql", "mariadb-client", "fathom",
};

struct loader {
	struct options *options;
	const char *suffix;
	const char *login_path; /* while the login file is read: this group counts, too */
	bool login_path_seen;
	struct err *err;
	const char *path;
	unsigned depth;
};

static bool load_file(struct loader *l, const char *path, bool needed);
static bool load_folder(struct loader *l, const char *path);

static void warn(struct options *o, char *text)
{
	GROW(o->warnings, o->n_warnings, o->cap_warnings);
	o->warnings[o->n_warnings++] = text;
}

/* `group` is `name`, or `name` with the suffix. */
static bool is_group(const char *group, const char *name, const char *suffix)
{
	size_t n = strlen(name);
	return strncmp(group, name, n) == 0 &&
	       (!group[n] || (suffix && *suffix && strcmp(group + n, suffix) == 0));
}

static bool wanted(struct loader *l, const char *group)
{
	if (l->login_path && is_group(group, l->login_path, l->suffix))
		return l->login_path_seen = true;
	for (size_t i = 0; i < COUNT_OF(groups); i++)
		if (is_group(group, groups[i], l->suffix))
			return true;
	return false;
}

/* A relative path is one beside the file that includes it. */
static char *beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	if (name[0] == '/' || !slash)
		return xstrdup(name);
	return xasprintf("%.*s/%s", (int)(slash - path), path, name);
}

static bool on_line(const struct optfile_line *line, void *arg)
{
	struct loader *l = arg;
	struct options *o = l->options;

	if (line->type != OPTFILE_OPTION) {
		char *path = beside(l->path, line->name);
		bool ok = line->type == OPTFILE_INCLUDE ? load_file(l, path, false)
							: load_folder(l, path);
		free(path);
		return ok;
	}
	if (!wanted(l, line->group))
		return true;
	GROW(o->list, o->n, o->cap);
	o->list[o->n++] = (struct option){
		.group = xstrdup(line->group),
		.name = xstrdup(line->name),
		.value = xstrdup_null(line->value),
		.origin = xasprintf("%s:%u [%s]", l->path, line->line, line->group),
	};
	return true;
}

/* Whether a file may be read, by what it is. */
static bool acceptable(struct loader *l, const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)) {
		warn(l->options, xasprintf("%s is left out: it is no file", path));
		return false;
	}
	if (S_ISREG(st.st_mode) && st.st_mode & S_IWOTH) {
		warn(l->options, xasprintf("%s is left out: everybody may write to it", path));
		return false;
	}
	return true;
}

static bool read_whole(FILE *f, struct buf *out)
{
	size_t n;
	do {
		buf_reserve(out, 16384);
		n = fread(out->s + out->len, 1, 16384, f);
		out->len += n;
	} while (n && out->len < MOST_BYTES);
	return !ferror(f);
}

static bool unreadable(const struct loader *l, const char *path, int no)
{
	return err_setf(l->err, ERR_USAGE, "option file", NULL, "%s: %s", path, strerror(no));
}

static bool load_file(struct loader *l, const char *path, bool needed)
{
	const char *outer = l->path;
	struct buf text = BUF_INIT;
	bool ok = true;

	if (l->depth == DEEPEST_INCLUDE) {
		warn(l->options, xasprintf("%s is left out: includes are nested too deeply", path));
		return true;
	}
	FILE *f = fopen(path, "re");
	if (!f) {
		if (needed)
			return unreadable(l, path, errno);
		if (l->depth || errno != ENOENT)
			warn(l->options, xasprintf("%s is left out: %s", path, strerror(errno)));
		return true;
	}
	if (acceptable(l, path, fileno(f))) {
		ok = read_whole(f, &text) || unreadable(l, path, errno);
		l->path = path;
		l->depth++;
		ok = ok && optfile_parse(path, buf_str(&text), text.len, on_line, l, l->err);
		l->depth--;
		l->path = outer;
	} else if (needed) {
		ok = unreadable(l, path, EACCES);
	}
	fclose(f);
	wipe(&text);
	return ok;
}

static int is_cnf(const struct dirent *d)
{
	size_t n = strlen(d->d_name);
	return n > 4 && d->d_name[0] != '.' && strcmp(d->d_name + n - 4, ".cnf") == 0;
}

static bool load_folder(struct loader *l, const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, is_cnf, alphasort);
	bool ok = true;

	if (n < 0) {
		warn(l->options, xasprintf("%s is left out: %s", path, strerror(errno)));
		return true;
	}
	for (int i = 0; i < n; i++) {
		char *file = xasprintf("%s/%s", path, names[i]->d_name);
		ok = ok && load_file(l, file, false);
		free(file);
		free(names[i]);
	}
	free(names);
	return ok;
}

/* NAME in the folder that the environment names. */
static bool load_in(struct loader *l, const char *variable, const char *name)
{
	const char *dir = getenv(variable);
	char *path;
	bool ok;

	if (!dir || !*dir)
		return true;
	path = xasprintf("%s/%s", dir, name);
	ok = load_file(l, path, false);
	free(path);
	return ok;
}

static bool load_files(struct loader *l, const struct optfile_args *a)
{
	if (a->no_defaults)
		return true;
	if (a->file)
		return load_file(l, a->file, true);
	return load_file(l, "/etc/my.cnf", false) && load_file(l, "/etc/mysql/my.cnf", false) &&
	       load_in(l, "MYSQL_HOME", "my.cnf") && load_in(l, "MARIADB_HOME", "my.cnf") &&
	       (!a->extra_file || load_file(l, a->extra_file, true)) && load_in(l, "HOME", ".my.cnf");
}

static bool load_login_path(struct loader *l, const struct optfile_args *a)
{
	struct buf text = BUF_INIT;
	char *path = loginpath_file();
	bool ok = true, found;
	struct err err = {0};

	if (a->no_login_paths) {
		free(path);
		return true;
	}
	found = path && loginpath_read(path, &text, &err);
	if (found) {
		l->path = path;
		l->login_path = a->login_path ? a->login_path : "client";
		ok = optfile_parse(path, buf_str(&text), text.len, on_line, l, l->err);
	} else if (err.kind != ERR_NONE && a->login_path) {
		if (l->err)
			*l->err = err;
		ok = false;
	} else if (err.kind != ERR_NONE && err.code != ENOENT) {
		warn(l->options, xasprintf("%s", err.why));
	}
	if (ok && a->login_path && !l->login_path_seen)
		ok = err_setf(l->err, ERR_USAGE, "--login-path", "mysql_config_editor print --all lists them",
			      "%s has no login path %s", path ? path : "the login file", a->login_path);
	wipe(&text);
	free(path);
	return ok;
}

bool options_load(struct options *o, const struct optfile_args *a, struct err *err)
{
	struct loader l = {
		.options = o,
		.suffix = a->group_suffix ? a->group_suffix : getenv("MYSQL_GROUP_SUFFIX"),
		.err = err,
	};
	return load_files(&l, a) && load_login_path(&l, a);
}

void options_release(struct options *o)
{
	for (size_t i = 0; i < o->n; i++) {
		struct option *p = &o->list[i];
		if (p->value)
			mem_wipe(p->value, strlen(p->value));
		free(p->group);
		free(p->name);
		free(p->value);
		free(p->origin);
	}
	for (size_t i = 0; i < o->n_warnings; i++)
		free(o->warnings[i]);
	free(o->list);
	free(o->warnings);
	*o = (struct options){0};
}

/* --- into a target ------------------------------------------------------------------------- */

static bool truth(const char *value)
{
	return !value || (strcmp(value, "0") != 0 && strcasecmp(value, "off") != 0 &&
			  strcasecmp(value, "false") != 0 && strcasecmp(value, "no") != 0);
}

/* Names that say in another way what a setting says: name, value without which the row does not
   count (NULL: any), setting, its value. */
static bool apply_synonym(const char *name, const char *value, const char *origin, struct target *t)
{
	static const struct {
		const char *name;
		bool on;
		const char *mode;
	} tls[] = {
		{"ssl", true, "required"},
		{"ssl", false, "disabled"},
		{"skip-ssl", true, "disabled"},
		{"disable-ssl", true, "disabled"},
		{"ssl-verify-server-cert", true, "verify-identity"},
	};
	bool known = false;

	for (size_t i = 0; i < COUNT_OF(tls); i++) {
		if (strcmp(name, tls[i].name) != 0)
			continue;
		known = true;
		if (truth(value) == tls[i].on)
			target_set(t, SETTING_SSL_MODE, tls[i].mode, origin);
	}
	return known;
}

static bool apply(const struct option *o, struct target *t, struct err *err)
{
	const char *name = o->name;
	bool loose = strncmp(name, "loose-", 6) == 0;
	int setting;

	name += loose ? 6 : 0;
	setting = setting_by_name(name);
	if (setting == SETTING_PASSWORD && !o->value) {
		t->ask_password = true;
	} else if (setting == SETTING_PASSWORD) {
		t->ask_password = false;
		target_set(t, SETTING_PASSWORD, o->value, o->origin);
	} else if (setting >= 0) {
		target_set(t, (enum setting)setting, o->value ? o->value : "1", o->origin);
	} else if (!apply_synonym(name, o->value, o->origin, t) && !loose &&
		   strncmp(o->group, "fathom", 6) == 0) {
		struct nearest near = NEAREST(name);
		char hint[128];
		for (int i = 0; i < N_SETTINGS; i++)
			nearest_offer(&near, setting_name((enum setting)i));
		return err_setf(err, ERR_USAGE, "option file",
				nearest_hint(&near, "see fathom --help", hint, sizeof hint),
				"%s: unknown option %s", o->origin, name);
	}
	return true;
}

bool options_apply(const struct options *o, struct target *t, struct err *err)
{
	for (size_t i = 0; i < o->n; i++)
		if (!apply(&o->list[i], t, err))
			return false;
	return true;
}
