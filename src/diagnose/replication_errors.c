#include "diagnose/replication_errors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/mem.h"
#include "diagnose/replication_errortable.h"
#include "parse/sqltext.h"

static bool is_family(enum flavor wanted, enum flavor have)
{
	if (have == FLAVOR_PERCONA)
		have = FLAVOR_MYSQL;
	return wanted == FLAVOR_UNKNOWN || have == FLAVOR_UNKNOWN || wanted == have;
}

/* MySQL 8 gave what only replication says numbers of their own. */
static int64_t usual_number(int64_t number)
{
	static const struct {
		int renamed, usual;
	} names[] = {
		{13114, 1236}, {13117, 1593}, {13119, 1590}, {13120, 1597}, {13121, 1594}, {13122, 1595},
		{13123, 1871}, {13124, 1872}, {13146, 1677}, {13148, 1782}, {13149, 1782}, {13150, 1782},
		{13118, 1623},
	};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (names[i].renamed == number)
			return names[i].usual;
	return number;
}

const struct replication_error *replication_error_find(enum flavor flavor, int64_t number,
						       const char *text)
{
	number = usual_number(number);
	const struct replication_error *e = replication_error_table;
	for (; e->number; e++)
		if (e->number == number && is_family(e->flavor, flavor) &&
		    (!e->words || strcasestr(text, e->words)))
			return e;
	return e;
}

bool replication_error_known(const struct replication_error *e)
{
	return e->number != 0;
}

unsigned replication_error_count(void)
{
	unsigned n = 0;
	while (replication_error_table[n].number)
		n++;
	return n;
}

const struct replication_error *replication_error_at(unsigned i)
{
	return &replication_error_table[i];
}

/* --- what a text names ------------------------------------------------------------------------ */

/* The word behind `before`, up to one of the characters of `stop`. */
static bool take(const char *text, const char *before, const char *stop, char *out, size_t size)
{
	const char *s = strcasestr(text, before);
	if (!s)
		return false;
	s += strlen(before);
	size_t n = strcspn(s, stop);
	if (!n || n >= size)
		return false;
	memcpy(out, s, n);
	out[n] = '\0';
	return true;
}

/* The first table of the statement that failed, in its default schema. */
static void take_statement_table(struct replication_facts *f, const char *text)
{
	const char *query = strstr(text, "Query: '");
	const struct sql_table *tables;
	struct arena a = {0};
	char schema[80] = "";
	if (!query)
		return;
	query += strlen("Query: '");
	size_t len = strlen(query);
	len -= len && query[len - 1] == '\'';
	if (sql_tables(&a, query, len, &tables)) {
		take(text, "default database: '", "'", schema, sizeof schema);
		const char *in = tables[0].schema ? tables[0].schema : schema;
		snprintf(f->table, sizeof f->table, "%.79s%s%.110s", in, *in ? "." : "", tables[0].name);
	}
	arena_release(&a);
}

/* `"Table 'shop.orders' doesn't exist"`; where a statement failed, its own words. */
static void take_table(struct replication_facts *f, const char *text)
{
	if (take(text, "event on table ", "; ", f->table, sizeof f->table) ||
	    take(text, "of table '", "'", f->table, sizeof f->table))
		return;
	if (take(text, "table '", "'", f->table, sizeof f->table) && !strchr(f->table, '.')) {
		char schema[80], table[sizeof f->table];
		memcpy(table, f->table, sizeof table);
		if (take(text, "default database: '", "'", schema, sizeof schema))
			snprintf(f->table, sizeof f->table, "%.79s.%.119s", schema, table);
	}
	if (!f->table[0])
		take_statement_table(f, text);
}

/* The number behind a word, where one stands there. */
static int64_t take_number(const char *text, const char *before)
{
	char digits[24];
	return take(text, before, " ,;.:'()", digits, sizeof digits) ? strtoll(digits, NULL, 10) : 0;
}

void replication_facts_read(struct replication_facts *f, const char *text)
{
	*f = (struct replication_facts){0};
	take_table(f, text);
	take(text, "for key '", "'", f->key, sizeof f->key);
	take(text, "Duplicate entry '", "'", f->entry, sizeof f->entry);
	take(text, "executing transaction '", "'", f->gtid, sizeof f->gtid);
	if (strcmp(f->gtid, "ANONYMOUS") == 0 || strcmp(f->gtid, "NOT_YET_DETERMINED") == 0)
		f->gtid[0] = '\0';
	if (!take(text, "at source log ", ",", f->file, sizeof f->file) &&
	    !take(text, "source log ", ",", f->file, sizeof f->file) &&
	    !take(text, "at master log ", ",", f->file, sizeof f->file))
		take(text, "master log ", ",", f->file, sizeof f->file);
	f->position = take_number(text, "end_log_pos ");
	f->worker = take_number(text, "Worker ");
	f->number = take_number(text, "Error_code: MY-");
	if (!f->number)
		f->number = take_number(text, "Error_code: ");
}

/* --- filling in ------------------------------------------------------------------------------- */

static bool is_mariadb(const struct replication_place *p)
{
	return p->flavor == FLAVOR_MARIADB;
}

/* REPLICA came with 8.0.22, SOURCE with 8.0.23. */
static bool has_new_words(const struct replication_place *p)
{
	return !is_mariadb(p) && (!p->number || p->number >= 80023);
}

static void add_name(struct buf *out, const struct replication_place *p)
{
	const char *name = p->channel ? p->channel : "";
	/* Without a name MySQL means all channels, MariaDB the one that has none. */
	if (!*name && (is_mariadb(p) || !p->several))
		return;
	buf_adds(out, is_mariadb(p) ? " '" : " FOR CHANNEL '");
	buf_adds(out, name);
	buf_addc(out, '\'');
}

static void fill_replica(struct buf *out, const struct replication_place *p)
{
	buf_adds(out, has_new_words(p) ? "REPLICA" : "SLAVE");
}

/* Of variables: replica_skip_errors came with 8.0.26. */
static void fill_variable(struct buf *out, const struct replication_place *p)
{
	buf_adds(out, !is_mariadb(p) && (!p->number || p->number >= 80026) ? "replica" : "slave");
}

static void fill_verb(struct buf *out, const struct replication_place *p, const char *verb)
{
	buf_addf(out, "%s ", verb);
	fill_replica(out, p);
}

static void fill_stop(struct buf *out, const struct replication_place *p)
{
	fill_verb(out, p, "STOP");
	add_name(out, p);
}

static void fill_start(struct buf *out, const struct replication_place *p)
{
	fill_verb(out, p, "START");
	add_name(out, p);
}

static void fill_reset(struct buf *out, const struct replication_place *p)
{
	fill_verb(out, p, "RESET");
	add_name(out, p);
}

/* MariaDB wants the threads behind the name: START SLAVE 'x' SQL_THREAD. */
static void fill_start_sql(struct buf *out, const struct replication_place *p)
{
	fill_verb(out, p, "START");
	if (is_mariadb(p))
		add_name(out, p);
	buf_adds(out, " SQL_THREAD");
	if (!is_mariadb(p))
		add_name(out, p);
}

static void fill_change(struct buf *out, const struct replication_place *p)
{
	buf_adds(out, has_new_words(p) ? "CHANGE REPLICATION SOURCE" : "CHANGE MASTER");
	if (is_mariadb(p))
		add_name(out, p);
	buf_adds(out, " TO");
}

static void fill_end(struct buf *out, const struct replication_place *p)
{
	if (!is_mariadb(p))
		add_name(out, p);
}

static void fill_source(struct buf *out, const struct replication_place *p)
{
	buf_adds(out, has_new_words(p) ? "SOURCE" : "MASTER");
}

static void add_or(struct buf *out, const char *s, const char *otherwise)
{
	buf_adds(out, s && *s ? s : otherwise);
}

static void fill_table(struct buf *out, const struct replication_place *p)
{
	add_or(out, p->facts ? p->facts->table : NULL, "the_schema.the_table");
}

static void fill_gtid(struct buf *out, const struct replication_place *p)
{
	add_or(out, p->facts ? p->facts->gtid : NULL, "UUID:NUMBER");
}

static void fill_host(struct buf *out, const struct replication_place *p)
{
	add_or(out, p->host, "the_source");
}

static void fill_port(struct buf *out, const struct replication_place *p)
{
	buf_addf(out, "%lld", (long long)(p->port > 0 ? p->port : 3306));
}

static void fill_user(struct buf *out, const struct replication_place *p)
{
	add_or(out, p->user, "the_user");
}

/* With GTIDs an empty transaction takes the place of the one that fails; else a counter skips it. */
static void fill_skip(struct buf *out, const struct replication_place *p)
{
	fill_stop(out, p);
	buf_adds(out, ";\n");
	if (is_mariadb(p)) {
		if (p->channel && *p->channel)
			buf_addf(out, "SET SESSION default_master_connection = '%s';\n", p->channel);
		buf_adds(out, "SET GLOBAL sql_slave_skip_counter = 1;\n");
		if (p->gtid)
			buf_adds(out, "-- refused with 1966 (parallel threads, several domains)? Then, with all\n"
				      "-- connections stopped: SET GLOBAL gtid_slave_pos to the failed GTID\n");
	} else if (p->gtid) {
		buf_adds(out, "SET SESSION gtid_next = '");
		fill_gtid(out, p);
		buf_adds(out, "';\nBEGIN;\nCOMMIT;\nSET SESSION gtid_next = 'AUTOMATIC';\n");
	} else {
		buf_adds(out, "SET GLOBAL sql_");
		fill_variable(out, p);
		buf_adds(out, "_skip_counter = 1;\n");
	}
	fill_start(out, p);
	buf_addc(out, ';');
}

static const struct {
	const char *name;
	void (*fill)(struct buf *out, const struct replication_place *p);
} placeholders[] = {
	{"stop", fill_stop},     {"start", fill_start}, {"start_sql", fill_start_sql},
	{"change", fill_change}, {"end", fill_end},     {"SOURCE", fill_source},
	{"reset", fill_reset},   {"REPLICA", fill_replica},
	{"replica", fill_variable},
	{"skip", fill_skip},     {"table", fill_table}, {"gtid", fill_gtid},
	{"host", fill_host},     {"port", fill_port},   {"user", fill_user},
};

/* The placeholder at s, "{name}"; -1 when it is none. */
static int placeholder_at(const char *s)
{
	for (size_t i = 0; *s == '{' && i < COUNT_OF(placeholders); i++) {
		size_t n = strlen(placeholders[i].name);
		if (strncmp(s + 1, placeholders[i].name, n) == 0 && s[n + 1] == '}')
			return (int)i;
	}
	return -1;
}

void replication_error_fill(struct buf *out, const char *text, const struct replication_place *p)
{
	while (*text) {
		int i = placeholder_at(text);
		if (i < 0) {
			buf_addc(out, *text++);
			continue;
		}
		placeholders[i].fill(out, p);
		text += strlen(placeholders[i].name) + 2;
	}
}

bool replication_way_fits(const struct replication_way *w, const struct replication_place *p)
{
	return is_family(w->flavor, p->flavor);
}
