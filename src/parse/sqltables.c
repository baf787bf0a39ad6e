#include "parse/sqltext.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/mem.h"

/*
 * One pass over the tokens. Each level of parentheses knows whether it is within a list of tables
 * (after FROM, until WHERE and the like) and what a name would be that came next.
 */
enum expects { NOTHING, TABLE, CTE };

/* One byte, as a hostile text opens millions of them. */
struct level {
	unsigned char selects : 1; /* had SELECT or DELETE, so that FROM brings tables */
	unsigned char from : 1;    /* in a list of tables: a comma or JOIN brings another */
	unsigned char with : 1;    /* among common table expressions: a comma brings another */
	unsigned char expects : 2;
};

/* A name as it stands in the text, without the backquotes around it. */
struct name {
	const char *s;
	size_t len;
};

struct table {
	struct name schema;
	struct name name;
};

struct tables {
	struct table items[SQL_TABLES_MAX];
	size_t n;
};

struct scan {
	struct sql_lexer lx;
	struct sql_token tok;
	enum sql_word before; /* keyword of the token before, if it was one */
	enum sql_word verb;   /* the statement's main verb as far as known */
	bool begun;           /* the statement had a token */
	bool indexes;         /* CREATE INDEX, CREATE TRIGGER: ON brings the table */
	struct level *levels;
	size_t depth;
	size_t cap;
	struct tables tables;
	struct tables ctes;
};

static bool name_equal(struct name a, struct name b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

static void tables_add(struct tables *list, struct table t)
{
	for (size_t i = 0; i < list->n; i++)
		if (name_equal(list->items[i].schema, t.schema) &&
		    name_equal(list->items[i].name, t.name))
			return;
	if (list->n < SQL_TABLES_MAX)
		list->items[list->n++] = t;
}

static struct level *here(struct scan *sc)
{
	return &sc->levels[sc->depth];
}

static bool is_punct(const struct scan *sc, const struct sql_token *tok, char c)
{
	return tok->class == SQL_PUNCT && sc->lx.text[tok->off] == c;
}

static bool is_name(const struct sql_token *tok)
{
	return tok->class == SQL_IDENT ||
	       (tok->class == SQL_KEYWORD && !sql_word_reserved(tok->word));
}

static struct name token_name(const struct scan *sc, const struct sql_token *tok)
{
	const char *s = sc->lx.text + tok->off;
	if (s[0] != '`')
		return (struct name){s, tok->len};
	/* A name that the text ended in is not known: it becomes empty. */
	return (struct name){s + 1, tok->cut ? 0 : tok->len - 2};
}

/* The current token is a name where a table's is expected; a dot and a second name belong to it. */
static void take_table(struct scan *sc)
{
	struct table t = {.name = token_name(sc, &sc->tok)};
	struct sql_lexer ahead = sc->lx;
	struct sql_token next;

	here(sc)->expects = NOTHING;
	sql_next_solid(&ahead, &next);
	if (is_punct(sc, &next, '.')) {
		if (!sql_next_solid(&ahead, &next) || !is_name(&next))
			return;
		t = (struct table){.schema = t.name, .name = token_name(sc, &next)};
		sc->lx = ahead;
		sql_next_solid(&ahead, &next);
	}
	if (is_punct(sc, &next, '(') && here(sc)->from)
		return; /* a table function, or LATERAL */
	if (t.name.len > 0)
		tables_add(&sc->tables, t);
}

static void take_cte(struct scan *sc)
{
	here(sc)->expects = NOTHING;
	tables_add(&sc->ctes, (struct table){.name = token_name(sc, &sc->tok)});
}

static void on_punct(struct scan *sc, char c)
{
	struct level *lv = here(sc);
	switch (c) {
	case '(':
		/* FROM (a, b): the list goes on inside. */
		sc->depth++;
		GROW(sc->levels, sc->depth, sc->cap);
		sc->levels[sc->depth] = (struct level){0};
		if (sc->levels[sc->depth - 1].expects == TABLE) {
			sc->levels[sc->depth - 1].expects = NOTHING;
			sc->levels[sc->depth].expects = TABLE;
			sc->levels[sc->depth].from = true;
		}
		break;
	case ')':
		if (sc->depth > 0)
			sc->depth--;
		break;
	case ',':
		lv->expects = lv->from ? TABLE : lv->with ? CTE : NOTHING;
		break;
	case '{': /* { OJ a LEFT JOIN b … } */
		sql_next_solid(&sc->lx, &sc->tok);
		break;
	case ';':
		sc->depth = 0;
		*here(sc) = (struct level){0};
		sc->verb = SQLW_NONE;
		sc->begun = sc->indexes = false;
		return;
	default:
		lv->expects = NOTHING;
	}
}

/* Whether this keyword says what the statement does: it comes first, or behind EXPLAIN or so. */
static bool is_verb(const struct scan *sc)
{
	if (sc->depth > 0)
		return false;
	switch (sc->verb) {
	case SQLW_NONE:
		return !sc->begun;
	case SQLW_SET:
		return sc->before == SQLW_FOR;
	case SQLW_WITH:
	case SQLW_EXPLAIN:
	case SQLW_DESCRIBE:
	case SQLW_DESC:
	case SQLW_ANALYZE:
		return sc->tok.word == SQLW_SELECT || sc->tok.word == SQLW_INSERT ||
		       sc->tok.word == SQLW_UPDATE || sc->tok.word == SQLW_DELETE ||
		       sc->tok.word == SQLW_REPLACE || sc->tok.word == SQLW_WITH;
	default:
		return false;
	}
}

static void on_verb(struct scan *sc, struct level *lv)
{
	switch (sc->tok.word) {
	case SQLW_UPDATE:
		lv->from = true;
		lv->expects = TABLE;
		break;
	case SQLW_DELETE:
		lv->selects = true;
		break;
	case SQLW_INSERT:
	case SQLW_REPLACE:
	case SQLW_TRUNCATE:
	case SQLW_TABLE:
	case SQLW_DESC:
	case SQLW_DESCRIBE:
		lv->expects = TABLE;
		break;
	default:
		break;
	}
}

/* TABLE in the middle of a statement. */
static void on_table(struct scan *sc, struct level *lv)
{
	switch (sc->verb) {
	case SQLW_DROP:
	case SQLW_LOCK:
	case SQLW_RENAME:
	case SQLW_ANALYZE:
	case SQLW_OPTIMIZE:
	case SQLW_CHECK:
	case SQLW_CHECKSUM:
	case SQLW_REPAIR:
	case SQLW_FLUSH:
		lv->from = true;
		lv->expects = TABLE;
		break;
	case SQLW_SHOW:
		lv->expects = sc->before == SQLW_CREATE ? TABLE : NOTHING;
		break;
	case SQLW_ALTER:
	case SQLW_CREATE:
	case SQLW_LOAD:
	case SQLW_TRUNCATE:
		lv->expects = sc->depth == 0 && !lv->selects ? TABLE : NOTHING;
		break;
	default:
		break;
	}
}

static bool lists_columns(enum sql_word word)
{
	return word == SQLW_COLUMNS || word == SQLW_FIELDS || word == SQLW_INDEX ||
	       word == SQLW_INDEXES || word == SQLW_KEYS;
}

/* DELETE FROM aliases USING tables: the latter count. JOIN … USING (columns) is another thing. */
static void on_using(struct scan *sc, struct level *lv)
{
	struct sql_lexer ahead = sc->lx;
	struct sql_token next;
	sql_next_solid(&ahead, &next);
	if (!is_name(&next))
		return;
	sc->tables.n = 0;
	lv->expects = TABLE;
}

static void on_keyword(struct scan *sc)
{
	struct level *lv = here(sc);
	bool verb = is_verb(sc);
	if (verb) {
		sc->verb = sc->tok.word;
		on_verb(sc, lv);
	}
	switch (sc->tok.word) {
	case SQLW_SELECT:
		*lv = (struct level){.selects = true};
		break;
	case SQLW_WITH:
		if (!lv->selects) {
			lv->with = true;
			lv->expects = CTE;
		}
		break;
	case SQLW_FROM:
		if (lv->selects || (sc->verb == SQLW_SHOW && lists_columns(sc->before))) {
			lv->from = lv->selects;
			lv->expects = TABLE;
		}
		break;
	case SQLW_USING:
		if (sc->verb == SQLW_DELETE && sc->depth == 0 && lv->from)
			on_using(sc, lv);
		break;
	case SQLW_JOIN:
	case SQLW_STRAIGHT_JOIN:
		if (lv->from && sc->before != SQLW_FOR)
			lv->expects = TABLE;
		break;
	case SQLW_INTO:
		lv->from = false;
		if (lv->selects || (sc->verb != SQLW_INSERT && sc->verb != SQLW_REPLACE))
			lv->expects = NOTHING;
		break;
	case SQLW_TABLE:
	case SQLW_TABLES:
		on_table(sc, lv);
		break;
	case SQLW_INDEX:
	case SQLW_TRIGGER:
		sc->indexes |= sc->verb == SQLW_CREATE || sc->verb == SQLW_DROP;
		break;
	case SQLW_ON:
		if (sc->indexes && sc->depth == 0 && !lv->selects)
			lv->expects = TABLE;
		break;
	case SQLW_LIKE:
		if (sc->verb == SQLW_CREATE && !lv->selects)
			lv->expects = TABLE;
		break;
	case SQLW_REFERENCES:
		lv->expects = TABLE;
		break;
	case SQLW_UPDATE:
		if (verb)
			break;
		__attribute__((fallthrough));
	case SQLW_WHERE:
	case SQLW_GROUP:
	case SQLW_ORDER:
	case SQLW_HAVING:
	case SQLW_LIMIT:
	case SQLW_UNION:
	case SQLW_EXCEPT:
	case SQLW_INTERSECT:
	case SQLW_SET:
	case SQLW_VALUES:
	case SQLW_WINDOW:
	case SQLW_RETURNING:
	case SQLW_SHARE:
		lv->from = false;
		lv->expects = NOTHING;
		break;
	default:
		break;
	}
}

static void on_token(struct scan *sc)
{
	struct level *lv = here(sc);
	if (is_name(&sc->tok) && lv->expects == TABLE) {
		take_table(sc);
	} else if (is_name(&sc->tok) && lv->expects == CTE && sc->tok.word != SQLW_RECURSIVE) {
		take_cte(sc);
	} else if (sc->tok.class == SQL_KEYWORD) {
		on_keyword(sc);
	} else if (sc->tok.class == SQL_PUNCT) {
		char c = sc->lx.text[sc->tok.off];
		on_punct(sc, c);
		if (c == ';')
			return;
	} else {
		lv->expects = NOTHING;
	}
	sc->begun = true;
}

static bool is_cte(const struct tables *ctes, const struct table *t)
{
	for (size_t i = 0; i < ctes->n && t->schema.len == 0; i++)
		if (ctes->items[i].name.len == t->name.len &&
		    strncasecmp(ctes->items[i].name.s, t->name.s, t->name.len) == 0)
			return true;
	return false;
}

/* A copy with doubled backquotes made single. */
static const char *name_copy(struct arena *a, struct name name)
{
	char *copy = arena_strndup(a, name.s, name.len), *to = copy;
	for (const char *from = copy; *from; from++) {
		*to++ = *from;
		if (*from == '`' && from[1] == '`')
			from++;
	}
	*to = '\0';
	return copy;
}

size_t sql_tables(struct arena *a, const char *text, size_t len, const struct sql_table **out)
{
	struct scan sc = {0};
	struct sql_table found[SQL_TABLES_MAX];
	size_t n = 0;

	GROW(sc.levels, sc.depth, sc.cap);
	sc.levels[0] = (struct level){0};
	sql_lex(&sc.lx, text, len);
	while (sql_next_solid(&sc.lx, &sc.tok)) {
		enum sql_word word = sc.tok.word;
		on_token(&sc);
		sc.before = word;
	}
	free(sc.levels);
	for (size_t i = 0; i < sc.tables.n; i++) {
		const struct table *t = &sc.tables.items[i];
		if (is_cte(&sc.ctes, t))
			continue;
		found[n].schema = t->schema.len ? name_copy(a, t->schema) : NULL;
		found[n++].name = name_copy(a, t->name);
	}
	struct sql_table *copy = n ? arena_alloc(a, n * sizeof *copy) : NULL;
	if (n)
		memcpy(copy, found, n * sizeof *copy);
	*out = copy;
	return n;
}
