/* The lists in SHOW ENGINE INNODB STATUS: waits for latches, transactions, I/O threads. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parse/innodb_lines.h"

/* --- slices --------------------------------------------------------------------------------------- */

bool slice_line(struct slice *rest, struct slice *line)
{
	if (!rest->len)
		return false;
	const char *end = memchr(rest->s, '\n', rest->len);
	size_t n = end ? (size_t)(end - rest->s) : rest->len;
	*line = (struct slice){rest->s, n};
	if (n && line->s[n - 1] == '\r')
		line->len--;
	n += end != NULL;
	rest->s += n;
	rest->len -= n;
	return true;
}

bool slice_begins(struct slice s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.len >= n && memcmp(s.s, prefix, n) == 0;
}

struct slice slice_trim(struct slice s)
{
	while (s.len && strchr(" \t\r\n", s.s[0]))
		s.s++, s.len--;
	while (s.len && strchr(" \t\r\n", s.s[s.len - 1]))
		s.len--;
	return s;
}

bool slice_cut(struct slice *rest, const char *mark, struct slice *before)
{
	const char *at = rest->len ? memmem(rest->s, rest->len, mark, strlen(mark)) : NULL;
	if (!at)
		return false;
	*before = (struct slice){rest->s, (size_t)(at - rest->s)};
	size_t n = before->len + strlen(mark);
	rest->s += n;
	rest->len -= n;
	return true;
}

static struct slice word(struct slice *rest)
{
	while (rest->len && rest->s[0] == ' ')
		rest->s++, rest->len--;
	const char *end = rest->len ? memchr(rest->s, ' ', rest->len) : NULL;
	struct slice w = {rest->s, end ? (size_t)(end - rest->s) : rest->len};
	rest->s += w.len;
	rest->len -= w.len;
	return w;
}

static int64_t whole(struct slice s)
{
	int64_t v = 0;
	size_t n = 0;
	while (n < s.len && n < 18 && s.s[n] >= '0' && s.s[n] <= '9')
		v = 10 * v + (s.s[n++] - '0');
	return n ? v : -1;
}

/* The number behind `mark` in a line, or -1. */
static int64_t number_behind(struct slice line, const char *mark)
{
	struct slice before;
	return slice_cut(&line, mark, &before) ? whole(line) : -1;
}

/* The number just before `mark`, or -1. */
static int64_t number_before(struct slice line, const char *mark)
{
	struct slice before;
	if (!slice_cut(&line, mark, &before))
		return -1;
	size_t n = before.len;
	while (n && before.s[n - 1] >= '0' && before.s[n - 1] <= '9')
		n--;
	return whole((struct slice){before.s + n, before.len - n});
}

/* --- transactions --------------------------------------------------------------------------------- */

static bool is_address(struct slice s)
{
	bool sep = false;
	for (size_t i = 0; i < s.len; i++) {
		if (!strchr("0123456789abcdefABCDEF.:", s.s[i]))
			return false;
		sep |= s.s[i] == ':' || s.s[i] == '.';
	}
	return s.len > 2 && sep;
}

/* "TRANSACTION 2684, ACTIVE 2 sec starting index read" */
static void read_first_line(struct innodb_trx *t, struct slice line)
{
	struct slice id;
	if (slice_begins(line, "---"))
		line = (struct slice){line.s + 3, line.len - 3};
	if (slice_begins(line, "TRANSACTION "))
		line = (struct slice){line.s + 12, line.len - 12};
	if (!slice_cut(&line, ", ", &id)) {
		t->id = slice_trim(line);
		return;
	}
	t->id = slice_trim(id);
	t->state = slice_trim(line);
	t->active = slice_begins(line, "ACTIVE");
	if (!t->active)
		return;
	struct slice before, state = line;
	t->seconds = (double)number_before(line, " sec");
	if (slice_cut(&state, " sec", &before))
		t->state = slice_trim(state);
}

/* "MySQL thread id 9, OS thread handle 1, query id 5 web1 10.0.0.1 app updating"; the names of host and
   account may be missing, and what it does may be of several words. */
static void read_thread(struct innodb_trx *t, struct slice line)
{
	struct slice before, rest = line;
	t->thread = number_behind(line, "thread id ");
	t->query_id = number_behind(line, "query id ");
	if (slice_cut(&rest, "OS thread handle ", &before) && slice_cut(&rest, ",", &before))
		t->handle = slice_trim(before);
	rest = line;
	if (!slice_cut(&rest, "query id ", &before))
		return;
	word(&rest);
	struct slice first = word(&rest), then = rest, second = word(&then);
	if (is_address(first)) {
		t->address = first;
	} else {
		t->host = first;
		if (is_address(second)) {
			t->address = second;
			rest = then;
		}
	}
	t->user = word(&rest);
	t->doing = slice_trim(rest);
}

static bool is_thread_line(struct slice line)
{
	return slice_begins(line, "MySQL thread id ") || slice_begins(line, "MariaDB thread id ");
}

/* What can come behind a statement. */
static bool ends_statement(struct slice line)
{
	return slice_begins(line, "------- TRX HAS BEEN WAITING") || slice_begins(line, "Trx read view will not") ||
	       slice_begins(line, "TABLE LOCK table ") || slice_begins(line, "RECORD LOCKS space id ") ||
	       slice_begins(line, "Trx #rec lock waits ");
}

/* "Trx read view will not see trx with id >= 25, sees < 23". A statement may imitate it, but stands before it. */
static void read_view(struct innodb_trx *t, struct slice rest)
{
	static const char mark[] = "Trx read view will not see trx with id >= ";
	struct slice line;
	while (slice_line(&rest, &line))
		if (slice_begins(line, mark))
			t->view = number_behind(line, mark);
}

void innodb_trx_parse(struct innodb_trx *t, struct slice text)
{
	struct slice rest = text, line;
	*t = (struct innodb_trx){.text = text, .seconds = -1, .tables_in_use = -1, .tables_locked = -1,
				 .lock_structs = -1, .row_locks = -1, .undo_entries = -1, .thread = -1,
				 .query_id = -1, .view = -1};
	if (slice_line(&rest, &line))
		read_first_line(t, line);
	while (slice_line(&rest, &line)) {
		if (is_thread_line(line)) {
			read_thread(t, line);
			break;
		}
		if (slice_begins(line, "mysql tables in use ")) {
			t->tables_in_use = number_behind(line, "in use ");
			t->tables_locked = number_behind(line, "locked ");
		} else if (number_before(line, " lock struct(s)") >= 0) {
			t->lock_wait = slice_begins(line, "LOCK WAIT");
			t->lock_structs = number_before(line, " lock struct(s)");
			t->row_locks = number_before(line, " row lock(s)");
			t->undo_entries = number_behind(line, "undo log entries ");
		}
	}
	read_view(t, rest);
	t->query = rest;
	for (struct slice q = rest; slice_line(&q, &line);)
		if (ends_statement(line)) {
			t->query.len = (size_t)(line.s - t->query.s);
			break;
		}
	t->query = slice_trim(t->query);
}

/* "---TRANSACTION 12, ACTIVE 3 sec", "---TRANSACTION (0x7f12), not started" */
static bool begins_trx(struct slice line)
{
	if (!slice_begins(line, "---TRANSACTION ") || line.len < 16)
		return false;
	return line.s[15] == '(' || (line.s[15] >= '0' && line.s[15] <= '9');
}

static void read_trxs(struct innodb_status *s, struct slice body)
{
	struct slice rest = body, line;
	struct innodb_trx *list = NULL;
	size_t n = 0, cap = 0;
	const char *from = NULL;
	for (bool more = true; more;) {
		const char *here = rest.s;
		more = slice_line(&rest, &line);
		if (more && !begins_trx(line))
			continue;
		if (from) {
			GROW(list, n, cap);
			innodb_trx_parse(&list[n++], (struct slice){from, (size_t)(here - from)});
		}
		from = here;
	}
	s->n_trxs = n;
	if (n) {
		s->trxs = arena_alloc(&s->arena, n * sizeof *list);
		memcpy(s->trxs, list, n * sizeof *list);
	}
	free(list);
}

/* --- semaphores ----------------------------------------------------------------------------------- */

/* "--Thread 1405 has waited at row0ins.cc line 2461 for 0 seconds the semaphore:" */
static bool read_wait(struct innodb_wait *w, struct slice line)
{
	struct slice rest = line, before;
	*w = (struct innodb_wait){.seconds = -1};
	if (!slice_begins(line, "--Thread ") || !slice_cut(&rest, "--Thread ", &before) ||
	    !slice_cut(&rest, " has waited at ", &w->thread))
		return false;
	if (slice_cut(&rest, " for ", &w->at))
		w->seconds = (double)whole(rest);
	return true;
}

static void read_waits(struct innodb_status *s, struct slice body)
{
	struct slice rest = body, line;
	struct innodb_wait *list = NULL;
	size_t n = 0, cap = 0;
	while (slice_line(&rest, &line)) {
		struct innodb_wait w;
		struct slice held = line, before;
		if (read_wait(&w, line)) {
			GROW(list, n, cap);
			list[n++] = w;
		} else if (!n) {
			continue;
		} else if (!list[n - 1].what.len && (memmem(line.s, line.len, " at 0x", 6) ||
						     memmem(line.s, line.len, "utex ", 5))) {
			list[n - 1].what = line;
		} else if (!list[n - 1].holder.len && slice_cut(&held, "(thread id ", &before) &&
			   slice_cut(&held, ")", &before)) {
			list[n - 1].holder = before;
		}
	}
	s->n_waits = n;
	s->lists_waits = slice_trim(body).len > 0;
	if (n) {
		s->waits = arena_alloc(&s->arena, n * sizeof *list);
		memcpy(s->waits, list, n * sizeof *list);
	}
	free(list);
}

int64_t innodb_status_session(const struct innodb_status *s, struct slice handle)
{
	for (size_t i = 0; handle.len && i < s->n_trxs; i++) {
		struct slice h = s->trxs[i].handle;
		if (h.len == handle.len && memcmp(h.s, handle.s, h.len) == 0 && s->trxs[i].thread > 0)
			return s->trxs[i].thread;
	}
	return 0;
}

/* --- I/O threads ---------------------------------------------------------------------------------- */

/* "I/O thread 1 state: waiting for completed aio requests (read thread) ev set" */
static bool read_io_thread(struct innodb_io_thread *t, struct slice line)
{
	struct slice before;
	*t = (struct innodb_io_thread){.state = {"", 0}};
	if (!slice_begins(line, "I/O thread ") || !slice_cut(&line, "I/O thread ", &before) ||
	    !slice_cut(&line, " state: ", &t->number))
		return false;
	t->state = slice_trim(line);
	if (slice_cut(&line, " (", &before)) {
		t->state = slice_trim(before);
		if (slice_cut(&line, ")", &before))
			t->kind = before;
	}
	return true;
}

static void read_io_threads(struct innodb_status *s, struct slice body)
{
	struct slice rest = body, line;
	struct innodb_io_thread *list = NULL, t;
	size_t n = 0, cap = 0;
	while (slice_line(&rest, &line))
		if (read_io_thread(&t, line)) {
			GROW(list, n, cap);
			list[n++] = t;
		}
	s->n_io_threads = n;
	if (n) {
		s->io_threads = arena_alloc(&s->arena, n * sizeof *list);
		memcpy(s->io_threads, list, n * sizeof *list);
	}
	free(list);
}

void innodb_lists_read(struct innodb_status *s)
{
	const struct innodb_section *of = innodb_status_section(s, INNODB_SEMAPHORES);
	if (of)
		read_waits(s, of->body);
	if ((of = innodb_status_section(s, INNODB_TRANSACTIONS)))
		read_trxs(s, of->body);
	if ((of = innodb_status_section(s, INNODB_FILE_IO)))
		read_io_threads(s, of->body);
}
