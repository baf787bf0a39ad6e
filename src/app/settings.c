#include "app/settings.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/nearest.h"

#define PROGRAM_ROW(id, n, kind, min, max, choices, standard, help) \
	{n, {RULE_##kind, min, max, choices}, standard, help},
static const struct program_row program_rows[] = {PROGRAM_SETTINGS(PROGRAM_ROW)};

const struct program_row *program_row(enum program_setting s)
{
	return &program_rows[s];
}

int program_by_name(const char *name)
{
	for (int i = 0; i < N_PROGRAM; i++)
		if (!strcmp(program_rows[i].name, name))
			return i;
	return -1;
}

#define FILE_ROW(id, n, arg, kind, help) {n, {RULE_##kind}, help},
static const struct {
	const char *name;
	struct setting_rule rule;
	const char *help;
} file_rows[] = {FILE_SETTINGS(FILE_ROW)};

const char *file_setting_name(enum file_setting s)
{
	return file_rows[s].name;
}

const char *file_setting_help(enum file_setting s)
{
	return file_rows[s].help;
}

const struct setting_rule *file_setting_rule(enum file_setting s)
{
	return &file_rows[s].rule;
}

int file_setting_by_name(const char *name)
{
	for (int i = 0; i < N_FILES; i++)
		if (!strcmp(file_rows[i].name, name))
			return i;
	return -1;
}

/* Those that are not here take any text. */
static const struct setting_rule target_rules[N_SETTINGS] = {
	[SETTING_PORT] = {RULE_WHOLE, 1, 65535, NULL},
	[SETTING_SOCKET] = {.kind = RULE_FILE},
	[SETTING_PROTOCOL] = {RULE_CHOICE, 0, 0, "tcp socket"},
	[SETTING_SSL_MODE] = {RULE_CHOICE, 0, 0,
			      "disabled preferred required verify-ca verify-identity"},
	[SETTING_SSL_CA] = {.kind = RULE_FILE},
	[SETTING_SSL_CAPATH] = {.kind = RULE_FOLDER},
	[SETTING_SSL_CERT] = {.kind = RULE_FILE},
	[SETTING_SSL_KEY] = {.kind = RULE_FILE},
	[SETTING_CONNECT_TIMEOUT] = {RULE_NUMBER, 0.1, 3600, NULL},
	[SETTING_READ_ONLY] = {.kind = RULE_FLAG},
	[SETTING_ADMIN_PORT] = {RULE_WHOLE, 1, 65535, NULL},
	[SETTING_PLUGIN_DIR] = {.kind = RULE_FOLDER},
	[SETTING_SERVER_PUBLIC_KEY] = {.kind = RULE_FILE},
	[SETTING_SSH_TUNNEL] = {.kind = RULE_FLAG},
	[SETTING_SSH_TRANSPORT] = {RULE_CHOICE, 0, 0, "auto libssh2 ssh"},
	[SETTING_SSH_CONFIG] = {.kind = RULE_FILE},
	[SETTING_SSH_IDENTITY] = {.kind = RULE_FILE},
};

const struct setting_rule *target_rule(enum setting s)
{
	return &target_rules[s];
}

/* --- values ----------------------------------------------------------------------------------- */

static void describe_size(double bytes, struct buf *out)
{
	const char *units = "KMG";
	bytes /= 1024;
	for (; bytes >= 1024 && units[1]; units++)
		bytes /= 1024;
	buf_addf(out, "%g%c", bytes, *units);
}

void rule_describe(const struct setting_rule *r, struct buf *out)
{
	switch (r->kind) {
	case RULE_TEXT:
		buf_adds(out, "a text");
		break;
	case RULE_FILE:
		buf_adds(out, "a file");
		break;
	case RULE_FOLDER:
		buf_adds(out, "a folder");
		break;
	case RULE_FLAG:
		buf_adds(out, "yes or no");
		break;
	case RULE_WHOLE:
		buf_addf(out, "a whole number from %.0f to %.0f", r->min, r->max);
		break;
	case RULE_NUMBER:
		buf_addf(out, "a number from %g to %g", r->min, r->max);
		break;
	case RULE_SIZE:
		buf_adds(out, "a size from ");
		describe_size(r->min, out);
		buf_adds(out, " to ");
		describe_size(r->max, out);
		break;
	case RULE_CHOICE:
		buf_adds(out, "one of ");
		for (const char *p = r->choices; *p; p++) {
			if (*p == ' ')
				buf_addc(out, ',');
			buf_addc(out, *p);
		}
		break;
	}
}

static bool refuse(const struct setting_rule *r, const char *value, struct buf *why)
{
	buf_addf(why, "\"%s\" is not ", value);
	rule_describe(r, why);
	return false;
}

static bool check_flag(const struct setting_rule *r, const char *value, struct buf *out, struct buf *why)
{
	static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1"};
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (!strcasecmp(value, words[i])) {
			buf_addc(out, i % 2 ? '1' : '0');
			return true;
		}
	return refuse(r, value, why);
}

static bool check_number(const struct setting_rule *r, const char *value, struct buf *out, struct buf *why)
{
	char *end;
	errno = 0;
	double d = strtod(value, &end);
	/* Neither hexadecimal nor infinite. */
	bool plain = *value && value + strspn(value, "0123456789.") == end;
	double scale = 1;
	if (r->kind == RULE_SIZE && *end) {
		const char *units = "KMG", *u = strchr(units, toupper((unsigned char)*end));
		if (u) {
			scale = 1024 * pow(1024, (double)(u - units));
			end++;
		}
	}
	d *= scale;
	if (!plain || *end || errno || !(d >= r->min && d <= r->max) ||
	    (r->kind == RULE_WHOLE && d != floor(d)))
		return refuse(r, value, why);
	if (r->kind == RULE_NUMBER)
		buf_adds(out, value);
	else
		buf_addf(out, "%.0f", d);
	return true;
}

/* As the mysql client takes them: in any case, VERIFY_CA too. */
static bool check_choice(const struct setting_rule *r, const char *value, struct buf *out, struct buf *why)
{
	char given[64], hint[128], *words = xstrdup(r->choices), *next = words, *word;
	setting_canonical(value, strlen(value), given, sizeof given);
	struct nearest near = NEAREST(given);
	bool found = false;
	while (!found && (word = strsep(&next, " "))) {
		found = !strcmp(word, given);
		nearest_offer(&near, word);
	}
	if (found) {
		buf_adds(out, given);
	} else {
		refuse(r, value, why);
		if (near.best)
			buf_addf(why, "; %s", nearest_hint(&near, "", hint, sizeof hint));
	}
	free(words);
	return found;
}

bool rule_check(const struct setting_rule *r, const char *value, struct buf *out, struct buf *why)
{
	switch (r->kind) {
	case RULE_FLAG:
		return check_flag(r, value, out, why);
	case RULE_WHOLE:
	case RULE_NUMBER:
	case RULE_SIZE:
		return check_number(r, value, out, why);
	case RULE_CHOICE:
		return check_choice(r, value, out, why);
	case RULE_FILE:
	case RULE_FOLDER:
		/* No shell has been over what a file or a URL says. */
		if (!strncmp(value, "~/", 2) && getenv("HOME")) {
			buf_addf(out, "%s%s", getenv("HOME"), value + 1);
			return true;
		}
		break;
	case RULE_TEXT:
		break;
	}
	buf_adds(out, value);
	return true;
}

void rule_release(struct buf *clean)
{
	if (clean->s)
		mem_wipe(clean->s, clean->cap);
	buf_release(clean);
}

/* --- a set of them ---------------------------------------------------------------------------- */

void settings_release(struct settings *s)
{
	for (int i = 0; i < N_PROGRAM; i++) {
		free(s->value[i]);
		free(s->origin[i]);
	}
	*s = (struct settings){0};
}

void settings_offer(struct settings *s, enum program_setting which, const char *value,
		    const char *origin)
{
	if (s->value[which])
		return;
	s->value[which] = xstrdup(value);
	s->origin[which] = xstrdup(origin);
}

const char *settings_get(const struct settings *s, enum program_setting which)
{
	return s->value[which] ? s->value[which] : program_rows[which].standard;
}

double settings_number(const struct settings *s, enum program_setting which)
{
	const char *value = settings_get(s, which);
	struct buf clean = BUF_INIT, why = BUF_INIT;
	double d = 0;
	if (value && rule_check(&program_rows[which].rule, value, &clean, &why))
		d = strtod(buf_str(&clean), NULL);
	buf_release(&clean);
	buf_release(&why);
	return d;
}

const char *setting_canonical(const char *name, size_t n, char *out, size_t size)
{
	size_t i;
	for (i = 0; i < n && i + 1 < size; i++)
		out[i] = name[i] == '_' ? '-' : (char)tolower((unsigned char)name[i]);
	out[i] = '\0';
	return out;
}
