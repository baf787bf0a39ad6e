#include "io/dbimpl.h"

#include <errmsg.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"

const char *db_client_name(void)
{
	return client_name();
}

const struct server_info *db_server(const struct db *db)
{
	return &db->server;
}

bool db_used_admin_port(const struct db *db)
{
	return db->admin_port;
}

int db_fd(const struct db *db)
{
	return client_fd(db);
}

short db_events(const struct db *db)
{
	return db->wait;
}

bool db_pending(const struct db *db)
{
	return db->pending;
}

void db_set_limit(struct db *db, unsigned ms)
{
	db->limit_ms = ms;
}

uint64_t db_bytes(const struct db *db)
{
	return client_bytes(db);
}

uint64_t db_statements(const struct db *db)
{
	return db->statements;
}

double db_round_trip(const struct db *db)
{
	return db->round_trip;
}

/* --- one statement as a state machine ------------------------------------------------------ */

/* Rows to handle in one go where the caller has no say. */
enum { BUDGET_ROWS = 256 };

/* Nothing may wait for this peer any more, closing neither. */
static void give_up(struct db *db)
{
	db->lost = true;
	shutdown(db_fd(db), SHUT_RDWR);
}

static void finish(struct db *db)
{
	if (db->result)
		mysql_free_result(db->result);
	db->result = NULL;
	db->phase = PHASE_IDLE;
	db->wait = 0;
	db->pending = false;
}

static enum db_state failed(struct db *db, struct err *err)
{
	struct err e = {0};
	db_error_stmt(&e, db->stmt->name, client_errno(db), mysql_error(&db->mysql));
	if (e.kind == ERR_LOST || e.kind == ERR_PROTOCOL)
		give_up(db);
	finish(db);
	if (err)
		*err = e;
	return DB_FAILED;
}

static void measure(struct db *db)
{
	double ms = (double)(clock_mono_ns() - db->sent_at) / NS_PER_MS;
	if (db->round_trip == 0 || ms < db->round_trip)
		db->round_trip = ms;
}

/* The head of a result is here: hand on the names of its columns. */
static void begin_rows(struct db *db, bool discard)
{
	unsigned n = mysql_num_fields(db->result);
	const MYSQL_FIELD *f = mysql_fetch_fields(db->result);

	if (n > db->n_columns) {
		db->columns = xrealloc(db->columns, n, sizeof *db->columns);
		db->n_columns = n;
	}
	for (unsigned i = 0; i < n; i++)
		db->columns[i] = f[i].name;
	db->answer = (struct answer){.n_columns = n, .columns = db->columns};
	db->discard = discard || !db->sink.row ||
		      (db->sink.columns && !db->sink.columns(db->sink_arg, &db->answer));
	db->phase = PHASE_ROWS;
}

static void hand_on_row(struct db *db)
{
	if (db->discard)
		return;
	db->answer.cells = (const char *const *)db->row;
	db->answer.lengths = mysql_fetch_lengths(db->result);
	db->sink.row(db->sink_arg, &db->answer);
}

/* A statement, or one more result of it, was answered: with rows, or with no more than "done". */
static bool answered(struct db *db, bool discard)
{
	if (db->status)
		return false;
	if (db->result)
		begin_rows(db, discard);
	else if (mysql_field_count(&db->mysql))
		return false;
	else
		db->phase = PHASE_NEXT;
	return true;
}

static enum db_state advance(struct db *db, short ready, unsigned budget, struct err *err)
{
	for (;;) {
		switch (db->phase) {
		case PHASE_QUERY:
			if (!client_query(db, ready))
				return DB_BUSY;
			measure(db);
			if (!answered(db, false))
				return failed(db, err);
			break;
		case PHASE_ROWS:
			if (!client_fetch(db, ready))
				return DB_BUSY;
			if (db->row) {
				hand_on_row(db);
				if (--budget == 0) {
					db->pending = true;
					return DB_BUSY;
				}
			} else if (client_errno(db)) {
				return failed(db, err);
			} else {
				mysql_free_result(db->result);
				db->result = NULL;
				db->phase = PHASE_NEXT;
			}
			break;
		case PHASE_NEXT:
			if (!ready && !mysql_more_results(&db->mysql)) {
				finish(db);
				return DB_DONE;
			}
			if (!client_next(db, ready))
				return DB_BUSY;
			if (!answered(db, true))
				return failed(db, err);
			break;
		case PHASE_IDLE:
			die("BUG: step of an idle connection");
		}
		ready = 0;
	}
}

enum db_state db_start(struct db *db, const struct stmt *s, const struct stmt_arg *args, size_t n,
		       const struct db_sink *sink, void *arg, struct err *err)
{
	if (db->lost) {
		err_set(err, ERR_LOST, s->name, "the connection was given up", NULL);
		return DB_FAILED;
	}
	BUG_ON(db->phase != PHASE_IDLE);
	buf_clear(&db->text);
	stmt_render(&db->text, s, args, n, db->limit, db->limit_ms);
	db->stmt = s;
	db->sink = sink ? *sink : (struct db_sink){0};
	db->sink_arg = arg;
	db->phase = PHASE_QUERY;
	db->statements++;
	db->sent_at = clock_mono_ns();
	return advance(db, 0, BUDGET_ROWS, err);
}

enum db_state db_step(struct db *db, short revents, unsigned budget_rows, struct err *err)
{
	if (db->phase == PHASE_IDLE)
		return DB_IDLE;
	if (db->pending) {
		db->pending = false;
		return advance(db, 0, budget_rows, err);
	}
	if (revents & (POLLERR | POLLHUP | POLLNVAL))
		revents |= POLLIN | POLLOUT;
	short ready = revents & db->wait;
	return ready ? advance(db, ready, budget_rows, err) : DB_BUSY;
}

bool db_run(struct db *db, const struct stmt *s, const struct stmt_arg *args, size_t n,
	    const struct db_sink *sink, void *arg, int64_t deadline, int cancel_fd, struct err *err)
{
	enum db_state state = db_start(db, s, args, n, sink, arg, err);

	while (state == DB_BUSY) {
		struct pollfd p[2] = {{db_fd(db), db_events(db), 0}, {cancel_fd, POLLIN, 0}};
		int64_t left = deadline - clock_mono_ns();
		if (left <= 0) {
			give_up(db);
			return err_set(err, ERR_TIMEOUT, s->name, "no answer in time",
				       "the server may be overloaded or hang");
		}
		int wait_ms = db->pending ? 0 : (int)(left / NS_PER_MS) + 1;
		if (poll(p, 2, wait_ms) < 0)
			continue; /* interrupted */
		if (p[1].revents) {
			give_up(db);
			return err_set(err, ERR_CANCELLED, s->name, "cancelled", NULL);
		}
		state = db_step(db, p[0].revents, BUDGET_ROWS, err);
	}
	return state == DB_DONE;
}

/* --- the end ------------------------------------------------------------------------------- */

static void unwind(struct db *db)
{
	give_up(db);
	db->discard = true;
	client_unwind(db);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	/* Only an idle connection can say goodbye without a risk to block. */
	if (db->phase != PHASE_IDLE)
		unwind(db);
	finish(db);
	mysql_close(&db->mysql);
	buf_release(&db->text);
	free(db->columns);
	free(db);
}
