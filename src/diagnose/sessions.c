#include "diagnose/sessions.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "parse/sqltext.h"

#define NAME_ROW(id, name, ...) [PROCESSLIST_##id] = name,
static const char *const names[N_PROCESSLIST_FIELDS] = {PROCESSLIST_FIELDS(NAME_ROW)};

struct value session_cell(const struct part *p, unsigned row, unsigned field)
{
	bool whole = part_schema(p)->n_fields == N_PROCESSLIST_FIELDS;
	return whole ? part_get(p, row, field) : part_cell(p, row, names[field]);
}

int64_t session_id(const struct part *p, unsigned row)
{
	return value_integer(SESSION_CELL(p, row, ID), 0);
}

const char *session_text(const struct part *p, unsigned row, const char *field)
{
	return value_cstr(part_cell(p, row, field));
}

double session_number(const struct part *p, unsigned row, const char *field, double otherwise)
{
	return value_number(part_cell(p, row, field), otherwise);
}

bool session_is_clients(const struct part *p, unsigned row)
{
	return strcmp(value_cstr(SESSION_CELL(p, row, KIND)), "user") == 0;
}

static bool sleeps(const struct part *p, unsigned row)
{
	return strcmp(value_cstr(SESSION_CELL(p, row, COMMAND)), "Sleep") == 0;
}

bool session_runs(const struct part *p, unsigned row)
{
	return session_is_clients(p, row) && strcmp(session_text(p, row, "command"), "Sleep") != 0;
}

bool session_idles_in_transaction(const struct part *p, unsigned row)
{
	return value_number(SESSION_CELL(p, row, TRANSACTION_AGE), -1) >= 0 && sleeps(p, row);
}

bool session_waits(const struct part *p, unsigned row)
{
	if (SESSION_CELL(p, row, BLOCKED_BY).type != VALUE_ABSENT)
		return true;
	/* Waits for somebody who cannot be seen. */
	const char *state = value_cstr(SESSION_CELL(p, row, STATE));
	return strncmp(state, "row lock", 8) == 0 || strncmp(state, "metadata lock", 13) == 0;
}

bool session_works(const struct part *p, unsigned row)
{
	const char *command = value_cstr(SESSION_CELL(p, row, COMMAND));
	return (strcmp(command, "Query") == 0 || strcmp(command, "Execute") == 0) && !session_waits(p, row);
}

bool session_is_passive(const struct part *p, unsigned row)
{
	static const char *const states[] = {"User sleep", "User lock", "Waiting", "Writing to net",
					     "Sending to client", "Reading from net", "starting wait"};
	const char *state = value_cstr(SESSION_CELL(p, row, SERVER_STATE));
	for (size_t i = 0; i < COUNT_OF(states); i++)
		if (strncasecmp(state, states[i], strlen(states[i])) == 0)
			return true;
	return false;
}

const char *session_statement(const struct part *p, unsigned row)
{
	const char *info = value_cstr(SESSION_CELL(p, row, INFO));
	return *info ? info : value_cstr(SESSION_CELL(p, row, LAST_STATEMENT));
}

const char *session_digest(const struct part *p, unsigned row, struct arena *a)
{
	const char *digest = value_cstr(SESSION_CELL(p, row, DIGEST));
	const char *text = value_cstr(SESSION_CELL(p, row, INFO));
	if (*digest)
		return arena_strdup(a, digest);
	if (!*text)
		return NULL;
	struct buf normal = BUF_INIT;
	char *hex = arena_alloc(a, SQL_DIGEST_HEX_SIZE);
	sql_digest_hex(sql_digest(&normal, text, strlen(text)), hex);
	buf_release(&normal);
	return hex;
}

void add_duration(struct buf *out, double seconds)
{
	if (seconds < 60)
		buf_addf(out, "%.0f s", seconds < 0 ? 0 : seconds);
	else
		unit_duration(out, seconds);
}

void session_describe(const struct part *p, unsigned row, struct buf *out)
{
	const char *state = session_text(p, row, "state");
	double age = session_number(p, row, "transaction_age", -1);
	if (age < 0)
		age = session_number(p, row, "time", 0);
	buf_addf(out, "%s ", *state ? state : session_text(p, row, "command"));
	add_duration(out, age);
	buf_adds(out, ", ");
	session_account(p, row, out);
}

void session_account(const struct part *p, unsigned row, struct buf *out)
{
	/* Such a thread carries the name of whoever started it. */
	if (strcmp(session_text(p, row, "kind"), "replication") == 0)
		buf_adds(out, "a thread of replication");
	else
		buf_addf(out, "%s@%s", session_text(p, row, "user"), session_text(p, row, "host"));
}
