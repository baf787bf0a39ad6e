#include "collect/grants.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

/* What servers print for a privilege under another name; the first is one that all of them take. */
static const char *const aliases[][2] = {
	{"REPLICA MONITOR", "SLAVE MONITOR"},
	{"REPLICATION CLIENT", "BINLOG MONITOR"},
	{"REPLICATION SLAVE ADMIN", "REPLICATION REPLICA ADMIN"},
	{"REPLICATION SLAVE", "REPLICATION REPLICA"},
};

void grants_release(struct grants *g)
{
	for (size_t i = 0; i < g->n; i++) {
		free(g->list[i].privilege);
		free(g->list[i].db);
		free(g->list[i].table);
	}
	free(g->list);
	*g = (struct grants){0};
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " ");
}

static char *upper(const char *s, size_t n)
{
	while (n && s[n - 1] == ' ')
		n--;
	char *out = xstrndup(s, n);
	for (char *p = out; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	for (size_t i = 0; i < COUNT_OF(aliases); i++)
		if (!strcmp(out, aliases[i][1])) {
			free(out);
			return xstrdup(aliases[i][0]);
		}
	return out;
}

/* `name`, 'name', "name" or name, up to a dot or blank; NULL for *. Moves *s behind it. */
static char *take_name(const char **s)
{
	struct buf name = BUF_INIT;
	const char *p = *s;
	buf_adds(&name, "");
	if (*p && strchr("`'\"", *p)) {
		char quote = *p++;
		for (; *p && (*p != quote || p[1] == quote); p++) {
			p += *p == quote;
			buf_addc(&name, *p);
		}
		p += *p == quote;
	} else {
		size_t n = strcspn(p, ". ");
		buf_add(&name, p, n);
		p += n;
	}
	*s = p;
	if (strcmp(name.s, "*") != 0)
		return buf_steal(&name);
	buf_release(&name);
	return NULL;
}

static void put(struct grants *g, char *privilege, const char *db, const char *table, bool revoked)
{
	GROW(g->list, g->n, g->cap);
	g->list[g->n++] = (struct grant){privilege, xstrdup_null(db), xstrdup_null(table), revoked};
}

/* Where the list of privileges ends: at " ON " outside of brackets. */
static const char *find_on(const char *s)
{
	int depth = 0;
	for (; *s; s++) {
		depth += (*s == '(') - (*s == ')');
		if (depth == 0 && !strncmp(s, " ON ", 4))
			return s;
	}
	return NULL;
}

void grants_add(struct grants *g, const char *line)
{
	bool revoked = !strncasecmp(line, "REVOKE ", 7);
	if (!revoked && strncasecmp(line, "GRANT ", 6) != 0)
		return;
	const char *s = line + (revoked ? 7 : 6), *end = find_on(s), *place = end ? end + 4 : NULL;
	if (!place || *place == '\'')
		return; /* a role, or PROXY */
	char *db = take_name(&place), *table = NULL;
	bool good = *place == '.';
	if (good) {
		place++;
		table = take_name(&place);
	}
	while (good && s < end) {
		size_t n = strcspn(s, ",(");
		if (s + n > end)
			n = (size_t)(end - s);
		if (s[n] == '(' && s + n < end) {
			/* Some columns are not the whole. */
			s = memchr(s, ')', (size_t)(end - s));
			s = s ? s + 1 : end;
		} else {
			put(g, upper(s, n), db, table, revoked);
			s += n;
		}
		s += strspn(s, ", ");
	}
	free(db);
	free(table);
}

/* LIKE, with \ before what is meant literally. */
static bool matches(const char *pattern, const char *s)
{
	for (; *pattern; pattern++, s++) {
		if (*pattern == '%') {
			/* One stands for many: each of them would try everything behind it anew. */
			while (pattern[1] == '%')
				pattern++;
			while (!matches(pattern + 1, s))
				if (!*s++)
					return false;
			return true;
		}
		if (*pattern == '\\' && pattern[1])
			pattern++;
		else if (*pattern == '_' && *s)
			continue;
		if (tolower((unsigned char)*pattern) != tolower((unsigned char)*s))
			return false;
	}
	return !*s;
}

static bool covers(const struct grant *have, const struct grant *need)
{
	if (strcmp(have->privilege, need->privilege) != 0 &&
	    strcmp(have->privilege, "ALL PRIVILEGES") != 0 && strcmp(have->privilege, "ALL") != 0)
		return false;
	if (have->db && (!need->db || !matches(have->db, need->db)))
		return false;
	return !have->table || (need->table && !strcasecmp(have->table, need->table));
}

static bool has(const struct grants *g, const struct grant *need)
{
	bool yes = false;
	for (size_t i = 0; i < g->n; i++) {
		if (!covers(&g->list[i], need))
			continue;
		if (g->list[i].revoked)
			return false;
		yes = true;
	}
	return yes;
}

/* The next of `needs` as a grant of its own; false at the end. */
static bool next_need(const char **needs, struct grant *out)
{
	const char *s = skip_blanks(*needs);
	if (!*s)
		return false;
	size_t n = strcspn(s, ",");
	const char *on = memmem(s, n, " ON ", 4), *place = on ? on + 4 : NULL;
	*out = (struct grant){.privilege = upper(s, on ? (size_t)(on - s) : n)};
	if (place) {
		char *text = xstrndup(place, n - (size_t)(place - s)), *p = text;
		const char *rest = p;
		out->db = take_name(&rest);
		rest += *rest == '.';
		out->table = take_name(&rest);
		free(text);
	}
	*needs = s + n + (s[n] == ',');
	return true;
}

static void free_need(struct grant *need)
{
	free(need->privilege);
	free(need->db);
	free(need->table);
}

bool grants_have(const struct grants *g, const char *needs)
{
	struct grants missing = {0};
	grants_note_missing(g, needs, &missing);
	bool all = !missing.n;
	grants_release(&missing);
	return all;
}

void grants_note_missing(const struct grants *g, const char *needs, struct grants *missing)
{
	struct grant need;
	while (next_need(&needs, &need)) {
		if (!has(g, &need) && !has(missing, &need))
			put(missing, xstrdup(need.privilege), need.db, need.table, false);
		free_need(&need);
	}
}

static void add_quoted(struct buf *out, const char *s, size_t n)
{
	buf_addc(out, '\'');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\'' || s[i] == '\\')
			buf_addc(out, s[i]);
		buf_addc(out, s[i]);
	}
	buf_addc(out, '\'');
}

void grants_account(const char *account, struct buf *out)
{
	const char *at = strrchr(account, '@');
	if (!at) {
		buf_adds(out, "CURRENT_USER()");
		return;
	}
	add_quoted(out, account, (size_t)(at - account));
	buf_addc(out, '@');
	add_quoted(out, at + 1, strlen(at + 1));
}

static bool same_place(const struct grant *a, const struct grant *b)
{
	return (a->db && b->db ? !strcasecmp(a->db, b->db) : a->db == b->db) &&
	       (a->table && b->table ? !strcasecmp(a->table, b->table) : a->table == b->table);
}

void grants_statement(const struct grants *g, const char *account, struct buf *out)
{
	for (size_t i = 0; i < g->n; i++) {
		bool first = true;
		for (size_t j = 0; j < i && first; j++)
			first = !same_place(&g->list[i], &g->list[j]);
		if (!first)
			continue;
		buf_adds(out, i ? "; GRANT " : "GRANT ");
		for (size_t j = i; j < g->n; j++)
			if (same_place(&g->list[i], &g->list[j]))
				buf_addf(out, "%s%s", j > i ? ", " : "", g->list[j].privilege);
		buf_addf(out, " ON %s.%s TO ", g->list[i].db ? g->list[i].db : "*",
			 g->list[i].table ? g->list[i].table : "*");
		grants_account(account, out);
	}
}
