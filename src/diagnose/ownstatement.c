#include "diagnose/ownstatement.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "collect/collector.h"
#include "parse/sqltext.h"

/* From so many bytes on a digest's text may be cut (see the collector). */
enum { MAY_BE_CUT = 1000 };

struct own_statements {
	char **forms;
	size_t n, cap;
};

/* What servers of all kinds agree on: no blanks, no quotes, small letters, one value like many. */
static void add_bare(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (isspace((unsigned char)s[i]) || s[i] == '`')
			continue;
		buf_addc(out, (char)tolower((unsigned char)s[i]));
		if (out->len >= 3 && memcmp(out->s + out->len - 3, "(?)", 3) == 0) {
			out->len -= 2;
			buf_adds(out, "...)");
		}
	}
}

static void add_form(struct buf *out, const char *text, size_t len)
{
	struct buf digest = BUF_INIT;
	sql_digest(&digest, text, len);
	add_bare(out, buf_str(&digest), digest.len);
	buf_release(&digest);
}

/* --- what collectors send --------------------------------------------------------------------- */

/* With any values for its arguments; false when its form depends on them. */
static bool add_example(struct buf *out, const char *sql)
{
	for (; *sql; sql++) {
		if (*sql != '%') {
			buf_addc(out, *sql);
			continue;
		}
		switch (*++sql) {
		case 'i':
		case 'l':
			buf_adds(out, "0");
			break;
		case 's':
		case 't':
			buf_adds(out, "''");
			break;
		case '%':
			buf_addc(out, '%');
			break;
		default:
			return false;
		}
	}
	return true;
}

static void note(const struct stmt *s, const char *owner, void *arg)
{
	struct own_statements *own = arg;
	struct buf text = BUF_INIT, form = BUF_INIT;
	(void)owner;
	if (add_example(&text, s->sql)) {
		add_form(&form, buf_str(&text), text.len);
		GROW(own->forms, own->n, own->cap);
		own->forms[own->n++] = buf_steal(&form);
	}
	buf_release(&text);
	buf_release(&form);
}

struct own_statements *own_statements_new(void)
{
	struct own_statements *own = xcalloc(1, sizeof *own);
	stmt_each(note, own);
	return own;
}

void own_statements_free(struct own_statements *own)
{
	for (size_t i = 0; own && i < own->n; i++)
		free(own->forms[i]);
	if (own)
		free(own->forms);
	free(own);
}

static bool is_sent(const struct own_statements *own, const char *text, size_t len)
{
	struct buf form = BUF_INIT;
	bool found = false;
	add_form(&form, text, len);
	for (size_t i = 0; i < own->n && !found; i++)
		found = strcmp(own->forms[i], buf_str(&form)) == 0 ||
			(len >= MAY_BE_CUT && strncmp(own->forms[i], buf_str(&form), form.len) == 0);
	buf_release(&form);
	return found;
}

/* --- limited in time, of the server's own tables ----------------------------------------------- */

static bool is_limited(const char *text, size_t len)
{
	static const char *const limits[] = {"select/*+max_execution_time(...)*/",
					     "setstatementmax_statement_time=?forselect"};
	struct buf bare = BUF_INIT;
	bool limited = false;
	add_bare(&bare, text, len);
	for (size_t i = 0; i < COUNT_OF(limits); i++)
		limited |= strncmp(buf_str(&bare), limits[i], strlen(limits[i])) == 0;
	buf_release(&bare);
	return limited;
}

static bool of_the_server(const char *text, size_t len)
{
	/* The last one is where backup tools keep their history. */
	static const char *const schemas[] = {"information_schema", "performance_schema", "mysql", "sys",
					      "percona_schema"};
	struct arena a = {0};
	const struct sql_table *tables;
	size_t n = sql_tables(&a, text, len, &tables);
	bool all = true;
	for (size_t i = 0; i < n && all; i++) {
		bool one = false;
		for (size_t k = 0; tables[i].schema && k < COUNT_OF(schemas); k++)
			one |= strcasecmp(tables[i].schema, schemas[k]) == 0;
		all = one;
	}
	arena_release(&a);
	return all;
}

bool own_statement(const struct own_statements *own, const struct part *p, unsigned row)
{
	struct value db = part_cell(p, row, "db"), text = part_cell(p, row, "text");
	if (text.type != VALUE_TEXT || (db.type == VALUE_TEXT && db.len))
		return false;
	return (is_limited(text.s, text.len) && of_the_server(text.s, text.len)) ||
	       is_sent(own, text.s, text.len);
}
