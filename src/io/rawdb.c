#include "io/rawdb.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdint.h>
#include <strings.h>

#include "base/mem.h"
#include "io/client.h"

struct rawdb {
	MYSQL handle;
	char *where; /* for messages */
};

static const struct {
	unsigned code;
	enum err_kind kind;
} kinds[] = {
	{CR_SOCKET_CREATE_ERROR, ERR_CONNECT}, {CR_CONNECTION_ERROR, ERR_CONNECT},
	{CR_CONN_HOST_ERROR, ERR_CONNECT},     {CR_UNKNOWN_HOST, ERR_RESOLVE},
	{CR_SERVER_GONE_ERROR, ERR_LOST},      {CR_SERVER_LOST, ERR_LOST},
	{CR_SSL_CONNECTION_ERROR, ERR_TLS},    {ER_ACCESS_DENIED_ERROR, ERR_LOGIN},
	{ER_CON_COUNT_ERROR, ERR_TOO_MANY},    {ER_SERVER_SHUTDOWN, ERR_LOST},
	{1927 /* killed, MariaDB */, ERR_LOST},
};

static enum err_kind kind_of(unsigned code)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (kinds[i].code == code)
			return kinds[i].kind;
	return ERR_SERVER;
}

static bool failed(struct rawdb *db, struct err *e)
{
	unsigned code = mysql_errno(&db->handle);
	err_set(e, kind_of(code), db->where, mysql_error(&db->handle), NULL);
	if (e)
		e->code = code;
	return false;
}

struct rawdb *rawdb_open(const struct rawdb_login *login, struct err *e)
{
	struct rawdb *db = xcalloc(1, sizeof *db);
	db->where = login->socket ? xstrdup(login->socket)
				  : xasprintf("%s:%u", login->host, login->port);
	mysql_init(&db->handle);
	unsigned timeout = login->timeout_s ? login->timeout_s : 10;
	unsigned local_infile = 0;
	mysql_options(&db->handle, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
	mysql_options(&db->handle, MYSQL_OPT_READ_TIMEOUT, &timeout);
	mysql_options(&db->handle, MYSQL_OPT_WRITE_TIMEOUT, &timeout);
	mysql_options(&db->handle, MYSQL_OPT_LOCAL_INFILE, &local_infile);
	client_set_lenient(&db->handle, login->bind);
	mysql_options(&db->handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options4(&db->handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name",
		       login->program ? login->program : "fathom-lab");
	if (mysql_real_connect(&db->handle, login->socket ? "localhost" : login->host, login->user,
			       login->password, login->database, login->socket ? 0 : login->port,
			       login->socket, 0))
		return db;
	failed(db, e);
	rawdb_close(db);
	return NULL;
}

void rawdb_close(struct rawdb *db)
{
	if (!db)
		return;
	mysql_close(&db->handle);
	free(db->where);
	free(db);
}

const char *rawdb_version(const struct rawdb *db)
{
	return db->handle.server_version;
}

static void take_rows(MYSQL_RES *res, struct rawdb_rows *rows)
{
	rows->ncols = mysql_num_fields(res);
	rows->nrows = (size_t)mysql_num_rows(res);
	rows->names = arena_alloc(&rows->arena, rows->ncols * sizeof *rows->names);
	const MYSQL_FIELD *fields = mysql_fetch_fields(res);
	for (size_t i = 0; i < rows->ncols; i++)
		rows->names[i] = arena_strdup(&rows->arena, fields[i].name);
	if (!rows->nrows)
		return;
	rows->cells = arena_alloc(&rows->arena, rows->ncols * rows->nrows * sizeof *rows->cells);
	const char **cell = rows->cells;
	for (MYSQL_ROW row; (row = mysql_fetch_row(res));) {
		const unsigned long *len = mysql_fetch_lengths(res);
		for (size_t i = 0; i < rows->ncols; i++)
			*cell++ = row[i] ? arena_strndup(&rows->arena, row[i], len[i]) : NULL;
	}
}

bool rawdb_query(struct rawdb *db, const char *sql, struct rawdb_rows *rows, struct err *e)
{
	*rows = (struct rawdb_rows){0};
	if (mysql_real_query(&db->handle, sql, strlen(sql)) != 0)
		return failed(db, e);
	MYSQL_RES *res = mysql_store_result(&db->handle);
	if (!res)
		return mysql_field_count(&db->handle) == 0 || failed(db, e);
	take_rows(res, rows);
	mysql_free_result(res);
	return true;
}

bool rawdb_exec(struct rawdb *db, const char *sql, struct err *e)
{
	struct rawdb_rows rows;
	bool ok = rawdb_query(db, sql, &rows, e);
	rawdb_rows_release(&rows);
	return ok;
}

char *rawdb_value(struct rawdb *db, const char *sql, struct err *e)
{
	struct rawdb_rows rows;
	char *value = NULL;
	if (rawdb_query(db, sql, &rows, e) && rows.nrows)
		value = xstrdup_null(rows.cells[0]);
	rawdb_rows_release(&rows);
	return value;
}

void rawdb_rows_release(struct rawdb_rows *rows)
{
	arena_release(&rows->arena);
	*rows = (struct rawdb_rows){0};
}

const char *rawdb_cell(const struct rawdb_rows *rows, size_t row, const char *name)
{
	for (size_t i = 0; i < rows->ncols && row < rows->nrows; i++)
		if (strcasecmp(rows->names[i], name) == 0)
			return rows->cells[row * rows->ncols + i];
	return NULL;
}
