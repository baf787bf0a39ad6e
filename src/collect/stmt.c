#include "collect/stmt.h"

#include <string.h>

#include "base/fatal.h"

static void add_string(struct buf *out, const char *s, size_t n)
{
	bool plain = true;
	for (size_t i = 0; i < n && plain; i++)
		plain = (unsigned char)s[i] >= 0x20 && (unsigned char)s[i] < 0x7f && s[i] != '\'' &&
			s[i] != '\\';
	if (plain) {
		buf_addf(out, "'%.*s'", (int)n, s);
		return;
	}
	buf_adds(out, "_utf8mb4 0x");
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%02x", (unsigned char)s[i]);
}

static void add_identifier(struct buf *out, const char *s, size_t n)
{
	buf_addc(out, '`');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '`')
			buf_addc(out, '`');
		if (s[i])
			buf_addc(out, s[i]);
	}
	buf_addc(out, '`');
}

static void add_ints(struct buf *out, const int64_t *v, size_t n)
{
	BUG_ON(n == 0);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s%lld", i ? "," : "", (long long)v[i]);
}

static void add_strings(struct buf *out, const char *const *v, size_t n)
{
	BUG_ON(n == 0);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(out, ',');
		add_string(out, v[i], strlen(v[i]));
	}
}

static void add_arg(struct buf *out, const struct stmt *s, char conversion, const struct stmt_arg *a)
{
	switch (conversion) {
	case 'i':
		BUG_ON(a->type != ARG_INT);
		buf_addf(out, "%lld", (long long)a->i);
		break;
	case 'l':
		BUG_ON(a->type != ARG_INTS);
		add_ints(out, a->ints, a->n);
		break;
	case 's':
		BUG_ON(a->type != ARG_STRING);
		add_string(out, a->s, a->n);
		break;
	case 't':
		BUG_ON(a->type != ARG_STRINGS);
		add_strings(out, a->strings, a->n);
		break;
	case 'n':
		BUG_ON(a->type != ARG_STRING);
		add_identifier(out, a->s, a->n);
		break;
	case 'c':
		BUG_ON(a->type != ARG_COLUMNS);
		buf_add(out, a->s, a->n);
		break;
	case 'q':
		BUG_ON(a->type != ARG_FOREIGN || !(s->flags & STMT_FOREIGN));
		buf_add(out, a->s, a->n);
		break;
	default:
		die("BUG: %%%c in statement %s", conversion, s->name);
	}
}

void stmt_render(struct buf *out, const struct stmt *s, const struct stmt_arg *args, size_t n_args,
		 enum stmt_limit limit, unsigned limit_ms)
{
	size_t used = 0;
	const char *p = s->sql;
	bool select = strncmp(p, "SELECT ", 7) == 0;

	if (s->limit_ms && s->limit_ms < limit_ms)
		limit_ms = s->limit_ms;
	buf_adds(out, "/* fathom */ ");
	if (select && limit == STMT_LIMIT_MARIADB)
		buf_addf(out, "SET STATEMENT max_statement_time=%u.%03u FOR ", limit_ms / 1000,
			 limit_ms % 1000);
	if (select && limit == STMT_LIMIT_MYSQL) {
		buf_addf(out, "SELECT /*+ MAX_EXECUTION_TIME(%u) */ ", limit_ms);
		p += 7;
	}
	for (; *p; p++) {
		if (*p != '%') {
			buf_addc(out, *p);
		} else if (*++p == '%') {
			buf_addc(out, '%');
		} else {
			BUG_ON(used >= n_args);
			add_arg(out, s, *p, &args[used++]);
		}
	}
	BUG_ON(used != n_args);
}
