#include "diagnose/sessions.h"

#include <string.h>

int64_t session_id(const struct part *p, unsigned row)
{
	return value_integer(part_cell(p, row, "id"), 0);
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
	return strcmp(session_text(p, row, "kind"), "user") == 0;
}

bool session_runs(const struct part *p, unsigned row)
{
	return session_is_clients(p, row) && strcmp(session_text(p, row, "command"), "Sleep") != 0;
}

bool session_idles_in_transaction(const struct part *p, unsigned row)
{
	return strcmp(session_text(p, row, "command"), "Sleep") == 0 &&
	       session_number(p, row, "transaction_age", -1) >= 0;
}

bool session_waits(const struct part *p, unsigned row)
{
	if (part_cell(p, row, "blocked_by").type != VALUE_ABSENT)
		return true;
	/* Waits for somebody who cannot be seen. */
	const char *state = session_text(p, row, "state");
	return strncmp(state, "row lock", 8) == 0 || strncmp(state, "metadata lock", 13) == 0;
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
	buf_addf(out, "%s@%s", session_text(p, row, "user"), session_text(p, row, "host"));
}
