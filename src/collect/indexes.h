/*
 * The indexes of InnoDB's tables: which tables have no primary key, which indexes begin like another one.
 * MariaDB's InnoDB lists them without opening a table, but leaves out prefixes and directions of columns:
 * those of the suspects are then read from information_schema.STATISTICS, which opens only these. Pure.
 */
#ifndef COLLECT_INDEXES_H
#define COLLECT_INDEXES_H

#include "collect/collector.h"

#define INDEX_FIELDS(F) \
	F(ID, "id", INT, ID, GAUGE, "Id", "Number of the index.", "INNODB_SYS_INDEXES INDEX_ID; made here on MySQL", "") \
	F(TABLE, "table", TEXT, NONE, GAUGE, "Table", "Schema and table.", "INNODB_SYS_TABLES NAME; " \
	  "STATISTICS TABLE_NAME (MySQL)", "") \
	F(NAME, "name", TEXT, NONE, GAUGE, "Index", \
	  "Its name. GEN_CLUST_INDEX is what InnoDB makes by itself for a table without a primary key.", \
	  "INNODB_SYS_INDEXES NAME; STATISTICS INDEX_NAME (MySQL)", "") \
	F(TYPE, "type", INT, ID, GAUGE, "Type", \
	  "InnoDB's bits: 1 clustered, 2 unique, 32 full text, 64 spatial; so 3 is a primary key, 1 the " \
	  "clustered index that stands in for a missing one.", "INNODB_SYS_INDEXES TYPE; made here on MySQL", "") \
	F(COLUMNS, "columns", TEXT, NONE, GAUGE, "Columns", "Its columns, in their order.", \
	  "INNODB_SYS_FIELDS NAME, POS; STATISTICS COLUMN_NAME (MySQL)", "")

enum index_field {
#define INDEX_ENUM(id, ...) INDEX_##id,
	INDEX_FIELDS(INDEX_ENUM)
#undef INDEX_ENUM
	N_INDEX_FIELDS,
};

enum { INDEX_CLUSTERED = 1, INDEX_UNIQUE = 2, INDEX_PRIMARY = 3 };

/* Whether the row's table is one of somebody's own: not of the server's schemas. */
bool index_is_users(const struct part *indexes, unsigned row);

/* Calls `f` for each index that another one makes needless: the rows of both. An index that guards
   uniqueness is needless only beside an equal one that does so too; of two equal ones the younger is. */
void indexes_redundant(const struct part *indexes,
		       void (*f)(unsigned row, unsigned by, void *arg), void *arg);

/* What the part index_columns says of an index: "a(10), b DESC"; NULL when it does not tell. */
const char *index_exact_columns(const struct part *exact, const char *table, const char *index);

#endif
