/*
 * What the detail of one session asks the server: statements, one row each, in the order in which they
 * are tried. Rows of the same page and slot are alternatives: the first that works is shown.
 */
#ifndef COLLECT_DETAIL_H
#define COLLECT_DETAIL_H

#include "collect/stmt.h"
#include "model/snapshot.h"

enum detail_page {
	DETAIL_STATEMENT,
	DETAIL_PLAN,
	DETAIL_TABLES,
	DETAIL_TRANSACTION,
	DETAIL_LOCKS,
	DETAIL_ATTRIBUTES,
	DETAIL_COUNTERS,
	N_DETAIL_PAGES,
};

/* What an answer is, and so how it is shown. */
enum detail_kind {
	DETAIL_SQL,       /* first column of the first row: a statement */
	DETAIL_FIELDS,    /* one row, shown name by name */
	DETAIL_TABLE,     /* rows */
	DETAIL_PLAN_JSON, /* first column: EXPLAIN … FORMAT=JSON */
	DETAIL_PLAN_TREE, /* first column: EXPLAIN FORMAT=TREE */
	DETAIL_PLAN_ROWS, /* the traditional table */
	DETAIL_DDL,       /* second column of the first row: SHOW CREATE TABLE */
};

/* What stands in for the % of the statement. */
enum detail_arg {
	DETAIL_BY_ID,      /* %i: the connection id */
	DETAIL_BY_TABLE,   /* schema and table, %n or %s */
	DETAIL_BY_TEXT,    /* %q: the statement's text */
	DETAIL_IN_LIST,    /* nothing: of the rows, the one whose Id it is, and of that the Info */
};

struct detail_query {
	enum detail_page page;
	unsigned slot;
	const char *title;
	enum flavor flavor; /* FLAVOR_UNKNOWN: any; FLAVOR_MYSQL stands for Percona as well */
	enum detail_kind kind;
	enum detail_arg arg;
	bool performance_schema; /* it must be on */
	bool live;          /* worth asking again while one looks */
	struct stmt stmt;
	const char *grant;  /* the least that it needs */
	const char *enable; /* how to have it where the server lacks it; may be NULL */
};

/* Ends with stmt.sql NULL. */
extern const struct detail_query detail_queries[];
/* `USE schema`, before the plan of a text. */
extern const struct stmt detail_use;

#endif
