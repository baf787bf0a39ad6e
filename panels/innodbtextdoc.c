#include "panels/innodbtextdoc.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "panels/draw.h"
#include "parse/innodb_deadlock.h"

const char innodb_text_cut_note[] =
	"The server left out the middle: the text would be longer than 1 MB. There are very many transactions or "
	"locks; what is missing is among the transactions.";

/* A thread that waits so long for a latch is no longer normal. */
#define LONG_WAIT 1.0
/* Under innodb_log_buffer_size and the like more fsyncs stand in line when the disk is slow. */
enum { MANY_PENDING = 2 };

#define S(x) (int)(x).len, (x).s

/* --- in brief --------------------------------------------------------------------------------- */

static void add_number(struct buf *out, const struct innodb_rule *r, double v)
{
	struct value value = v == floor(v) && fabs(v) < 9e15 ? value_int((int64_t)v) : value_real(v);
	unit_format(out, r->unit, value, false);
}

static void brief_named(struct buf *out, const struct innodb_status *s, const char *const *names)
{
	for (; *names; names++)
		for (size_t i = 0; i < s->n_numbers; i++) {
			const struct innodb_number *n = &s->numbers[i];
			if (n->instance >= 0 || strcmp(n->rule->name, *names) != 0)
				continue;
			buf_addf(out, "%s%s ", out->len ? ", " : "", n->rule->title);
			add_number(out, n->rule, n->value);
			break;
		}
}

static double longest_wait(const struct innodb_status *s)
{
	double longest = 0;
	for (size_t i = 0; i < s->n_waits; i++)
		longest = fmax(longest, s->waits[i].seconds);
	return longest;
}

static void brief_log(struct buf *out, const struct innodb_status *s)
{
	static const char *const names[] = {"log_capacity", "log_pending_flushes", "log_ios_per_second", NULL};
	double age = innodb_status_number(s, "lsn") - innodb_status_number(s, "lsn_checkpoint");
	if (!isnan(age)) {
		buf_adds(out, "Checkpoint age ");
		unit_bytes(out, age);
	}
	brief_named(out, s, names);
}

static void brief_deadlock(struct buf *out, const struct innodb_section *of)
{
	struct innodb_deadlock d;
	if (!innodb_deadlock_parse(&d, of->body.s, of->body.len)) {
		innodb_deadlock_release(&d);
		return;
	}
	buf_addf(out, "%.*s, %zu transactions", S(d.time), d.n_sides);
	for (size_t i = 0; i < d.n_sides; i++)
		if (d.sides[i].victim && d.sides[i].trx.thread >= 0)
			buf_addf(out, "; rolled back: session %lld", (long long)d.sides[i].trx.thread);
	innodb_deadlock_release(&d);
}

static void brief_transactions(struct buf *out, const struct innodb_status *s)
{
	static const char *const names[] = {"history", NULL};
	size_t active = 0, waiting = 0;
	for (size_t i = 0; i < s->n_trxs; i++) {
		active += s->trxs[i].active;
		waiting += s->trxs[i].lock_wait;
	}
	brief_named(out, s, names);
	buf_addf(out, "%s%zu active, %zu wait for locks", out->len ? ", " : "", active, waiting);
}

static void brief_line(struct buf *out, struct slice body)
{
	struct slice line;
	while (slice_line(&body, &line))
		if (slice_trim(line).len) {
			buf_add(out, line.s, line.len);
			return;
		}
	buf_adds(out, "empty");
}

void innodb_section_brief(struct buf *out, const struct innodb_status *s, const struct innodb_section *of)
{
	static const char *const background[] = {"master_active", "master_idle", NULL};
	static const char *const file_io[] = {"pending_log_flushes", "pending_pool_flushes", "reads_per_second",
					      "writes_per_second", "fsyncs_per_second", NULL};
	static const char *const ibuf[] = {"ibuf_size", "ibuf_merges", "hash_searches", "tree_searches", NULL};
	static const char *const pool[] = {"pool_size", "pool_free", "pool_dirty", "pool_hits", NULL};
	static const char *const rows[] = {"read_views", "queries_inside", "queries_queued", "rows_read", NULL};
	static const char *const *const named[N_INNODB_SECTIONS] = {
		[INNODB_BACKGROUND] = background, [INNODB_FILE_IO] = file_io, [INNODB_IBUF] = ibuf,
		[INNODB_POOL] = pool, [INNODB_ROWS] = rows,
	};
	if (named[of->id])
		brief_named(out, s, named[of->id]);
	else if (of->id == INNODB_SEMAPHORES && s->n_waits)
		buf_addf(out, "%zu threads wait, the longest for %.0f s", s->n_waits, longest_wait(s));
	else if (of->id == INNODB_SEMAPHORES)
		buf_adds(out, s->lists_waits ? "nobody waits" : INNODB_NO_WAIT_LIST);
	else if (of->id == INNODB_LOG)
		brief_log(out, s);
	else if (of->id == INNODB_DEADLOCK)
		brief_deadlock(out, of);
	else if (of->id == INNODB_TRANSACTIONS)
		brief_transactions(out, s);
	if (!out->len)
		brief_line(out, of->body);
}

bool innodb_section_alarms(const struct innodb_status *s, const struct innodb_section *of)
{
	if (of->id == INNODB_SEMAPHORES)
		return longest_wait(s) >= LONG_WAIT;
	if (of->id == INNODB_FILE_IO)
		return innodb_status_number(s, "pending_log_flushes") >= MANY_PENDING;
	if (of->id == INNODB_ROWS)
		return innodb_status_number(s, "queries_queued") > 0;
	if (of->id == INNODB_POOL)
		return innodb_status_number(s, "pool_free") < 1;
	return false;
}

/* --- in full ---------------------------------------------------------------------------------- */

enum { LABEL = 2, VALUE = 25, MEANING = 36 };

static void put_number(struct doc *d, const struct innodb_number *n)
{
	struct buf b = BUF_INIT;
	add_number(&b, n->rule, n->value);
	doc_tab(d, LABEL);
	doc_puts(d, UI_LABEL, n->rule->title);
	doc_tab(d, VALUE);
	doc_puts(d, UI_STRONG, buf_str(&b));
	doc_tab(d, MEANING);
	doc_puts(d, UI_DIM, n->rule->help);
	doc_end_indent(d, MEANING);
	buf_release(&b);
}

static void put_numbers(struct doc *d, const struct innodb_status *s, const struct innodb_section *of)
{
	int instance = -1;
	bool any = false;
	for (size_t i = 0; i < s->n_numbers; i++) {
		const struct innodb_number *n = &s->numbers[i];
		if (n->instance < 0 ? n->rule->section != of->id : of->id != INNODB_POOLS)
			continue;
		if (n->instance != instance) {
			instance = n->instance;
			doc_printf(d, UI_TITLE, "Instance %d", instance);
			doc_end(d);
		}
		put_number(d, n);
		any = true;
	}
	if (any)
		doc_end(d);
}

static void put_waits(struct doc *d, const struct innodb_status *s)
{
	if (!s->n_waits)
		return;
	doc_heading(d, "Who waits");
	for (size_t i = 0; i < s->n_waits; i++) {
		const struct innodb_wait *w = &s->waits[i];
		doc_printf(d, w->seconds >= LONG_WAIT ? UI_WARNING : UI_TEXT, "  thread %.*s for %.0f s at %.*s",
			   S(w->thread), w->seconds, S(w->at));
		doc_end_indent(d, 4);
		doc_printf(d, UI_TEXT, "    %.*s", S(w->what));
		if (w->holder.len)
			doc_printf(d, UI_BLOCKING, "; thread %.*s has it", S(w->holder));
		doc_end_indent(d, 4);
	}
	doc_end(d);
}

static void put_trx(struct doc *d, const struct innodb_trx *t)
{
	if (t->thread >= 0)
		doc_printf(d, UI_STRONG, "session %lld  ", (long long)t->thread);
	doc_printf(d, UI_TEXT, "transaction %.*s", S(t->id));
	if (t->seconds >= 0)
		doc_printf(d, UI_STRONG, ", %.0f s", t->seconds);
	if (t->state.len)
		doc_printf(d, UI_TEXT, ", %.*s", S(t->state));
	if (t->lock_wait)
		doc_puts(d, UI_WAITING, ", waits for a lock");
	if (t->row_locks >= 0)
		doc_printf(d, UI_TEXT, ", %lld row locks", (long long)t->row_locks);
	if (t->undo_entries > 0)
		doc_printf(d, UI_STRONG, ", %lld undo entries", (long long)t->undo_entries);
	if (t->user.len)
		doc_printf(d, UI_DIM, ", %.*s@%.*s", S(t->user), S(t->host.len ? t->host : t->address));
	doc_end_indent(d, 4);
	if (!t->query.len)
		return;
	doc_puts(d, UI_TEXT, "    ");
	struct buf b = BUF_INIT;
	buf_add(&b, t->query.s, t->query.len < 2000 ? t->query.len : 2000);
	for (size_t i = 0; i < b.len; i++)
		if (b.s[i] == '\n')
			b.s[i] = ' ';
	draw_sql_doc(d, buf_str(&b), b.len, false);
	buf_release(&b);
}

static void put_trxs(struct doc *d, const struct innodb_status *s)
{
	size_t idle = 0;
	doc_heading(d, "Transactions that are active");
	for (size_t i = 0; i < s->n_trxs; i++) {
		idle += !s->trxs[i].active;
		if (!s->trxs[i].active)
			continue;
		doc_puts(d, UI_TEXT, "  ");
		put_trx(d, &s->trxs[i]);
	}
	if (idle == s->n_trxs)
		doc_para(d, UI_DIM, "  none");
	if (idle)
		doc_printf(d, UI_DIM, "  %zu sessions without one\n", idle);
	doc_end(d);
}

static void put_lock(struct doc *d, const struct innodb_lock *l)
{
	doc_printf(d, l->waits ? UI_WAITING : UI_BLOCKING, "    %s ", l->waits ? "waits for" : "holds");
	if (l->record)
		doc_printf(d, UI_TEXT, "%s of %s", l->index, l->table);
	else
		doc_printf(d, UI_TEXT, "the table %s", l->table);
	doc_printf(d, UI_STRONG, "  %.*s", S(l->mode));
	if (l->records > 1)
		doc_printf(d, UI_DIM, "  %u records,", l->records);
	if (l->key[0])
		doc_printf(d, UI_DIM, "  record %s", l->key);
	doc_end_indent(d, 6);
}

static void put_deadlock(struct doc *d, const struct innodb_section *of)
{
	struct innodb_deadlock dead;
	if (innodb_deadlock_parse(&dead, of->body.s, of->body.len)) {
		doc_printf(d, UI_TITLE, "Deadlock of %.*s\n", S(dead.time));
		for (size_t i = 0; i < dead.n_sides; i++) {
			const struct innodb_deadlock_side *side = &dead.sides[i];
			doc_printf(d, UI_TEXT, "  %zu ", i + 1);
			if (side->victim)
				doc_puts(d, UI_WARNING, "rolled back  ");
			put_trx(d, &side->trx);
			for (size_t k = 0; k < side->n_locks; k++)
				put_lock(d, &side->locks[k]);
		}
		doc_end(d);
	}
	innodb_deadlock_release(&dead);
}

static void put_io_threads(struct doc *d, const struct innodb_status *s)
{
	if (!s->n_io_threads)
		return;
	doc_heading(d, "Threads");
	for (size_t i = 0; i < s->n_io_threads; i++) {
		const struct innodb_io_thread *t = &s->io_threads[i];
		doc_printf(d, UI_TEXT, "  %.*s %.*s: ", S(t->number), S(t->kind));
		doc_printf(d, UI_TEXT, "%.*s\n", S(t->state));
	}
	doc_end(d);
}

void innodb_section_doc(struct doc *d, const struct innodb_status *s, const struct innodb_section *of)
{
	doc_heading(d, innodb_section_title(of->id));
	doc_para(d, UI_TEXT, innodb_section_help(of->id));
	doc_end(d);
	if (s->truncated) {
		doc_para(d, UI_WARNING, innodb_text_cut_note);
		doc_end(d);
	}
	put_numbers(d, s, of);
	if (of->id == INNODB_SEMAPHORES)
		put_waits(d, s);
	else if (of->id == INNODB_TRANSACTIONS)
		put_trxs(d, s);
	else if (of->id == INNODB_DEADLOCK)
		put_deadlock(d, of);
	else if (of->id == INNODB_FILE_IO)
		put_io_threads(d, s);
	doc_heading(d, "As the server says it");
	doc_add(d, UI_TEXT, of->body.s, of->body.len);
}
