#include "panels/innodbthreads.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define S(x) (int)(x).len, (x).s

/* A thread that waits so long for a latch is no longer normal; after ten minutes InnoDB gives up. */
#define LONG_WAIT 1.0
#define STALL 30.0

static const char *in_arena(struct inno_lines *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static const char *in_arena(struct inno_lines *l, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	const char *s = arena_strndup(&l->arena, buf_str(&b), b.len);
	buf_release(&b);
	return s;
}

static void add(struct inno_lines *l, struct inno_line line)
{
	if (l->n < MOST_INNO_LINES)
		l->at[l->n++] = line;
}

static void add_note(struct inno_lines *l, const char *text)
{
	add(l, (struct inno_line){.name = "–", .text = text, .role = UI_DIM});
}

/* The last line says how many there was no room for. */
static void add_rest(struct inno_lines *l, size_t shown, size_t all)
{
	if (shown < all)
		l->at[MOST_INNO_LINES - 1] = (struct inno_line){
			.name = "",
			.text = in_arena(l, "and %zu more", all - shown + 1),
			.role = UI_DIM,
		};
}

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

/* --- I/O threads ------------------------------------------------------------------------------ */

static bool told_before(const struct innodb_status *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same(s->io_threads[k].kind, s->io_threads[i].kind) &&
		    same(s->io_threads[k].state, s->io_threads[i].state))
			return true;
	return false;
}

static unsigned count_alike(const struct innodb_status *s, const struct innodb_io_thread *t)
{
	unsigned n = 0;
	for (size_t i = 0; i < s->n_io_threads; i++)
		n += same(s->io_threads[i].kind, t->kind) && same(s->io_threads[i].state, t->state);
	return n;
}

/* Those of one kind in one state stand together. */
static void add_io_threads(struct inno_lines *l, const struct innodb_status *s)
{
	for (size_t i = 0; i < s->n_io_threads; i++) {
		const struct innodb_io_thread *t = &s->io_threads[i];
		unsigned n = count_alike(s, t);
		if (told_before(s, i))
			continue;
		add(l, (struct inno_line){
			.name = in_arena(l, "%.*s%s", S(t->kind), n > 1 ? "s" : ""),
			.text = in_arena(l, "%-3u %.*s", n, S(t->state)),
			.role = slice_begins(t->state, "waiting for") ? UI_TEXT : UI_STRONG,
		});
	}
}

/* "Pending normal aio reads: [0, 0] , aio writes: [0, 0] ,": what each of the threads has to do. */
static void add_pending(struct inno_lines *l, const struct innodb_status *s)
{
	static const char mark[] = "Pending normal aio ";
	const struct innodb_section *of = innodb_status_section(s, INNODB_FILE_IO);
	struct slice rest = of ? of->body : (struct slice){"", 0}, line;
	while (slice_line(&rest, &line)) {
		if (!slice_begins(line, mark))
			continue;
		struct buf b = BUF_INIT;
		bool any = false;
		for (size_t i = sizeof mark - 1; i < line.len; i++) {
			char c = line.s[i];
			any |= c >= '1' && c <= '9';
			if (c == ' ' && i + 1 < line.len && line.s[i + 1] == ',')
				continue;
			if (c == 'a' && slice_begins((struct slice){line.s + i, line.len - i}, "aio "))
				i += 3;
			else if (c != ':')
				buf_addc(&b, c);
		}
		while (b.len && strchr(" ,", b.s[b.len - 1]))
			b.s[--b.len] = '\0';
		add(l, (struct inno_line){
			.name = "pending by thread",
			.text = in_arena(l, "%s", buf_str(&b)),
			.role = any ? UI_STRONG : UI_TEXT,
		});
		buf_release(&b);
		return;
	}
}

static void io_lines(struct inno_lines *l, const struct innodb_status *s)
{
	add_io_threads(l, s);
	add_pending(l, s);
	if (!l->n)
		add_note(l, "the text lists none: MariaDB has had a common pool of threads for it since 10.5");
}

const struct inno_lines_kind inno_io_lines = {
	.title = "I/O threads",
	.help = "InnoDB's threads for reads and writes in the background, those of one kind in one state together, "
		"and how many requests each has to do. Waiting for completed requests is normal. Threads that do "
		"file I/O at every look, or requests that stand in line: the disk is behind.",
	.part = PART_INNODB_STATUS,
	.section = INNODB_FILE_IO,
	.of_text = io_lines,
};

/* --- waits for latches ------------------------------------------------------------------------ */

static int longest_first(const void *a, const void *b)
{
	const struct innodb_wait *x = *(const struct innodb_wait *const *)a;
	const struct innodb_wait *y = *(const struct innodb_wait *const *)b;
	if (x->seconds != y->seconds)
		return x->seconds > y->seconds ? -1 : 1;
	return (x > y) - (x < y);
}

/* "S-lock on RW-latch at 0x7f… created in file buf0buf.cc line 853", without the address. */
static void put_what(struct buf *b, struct slice what)
{
	const char *at = what.len ? memmem(what.s, what.len, " at 0x", 6) : NULL;
	size_t head = at ? (size_t)(at - what.s) : what.len, tail = head;
	if (at)
		for (tail = head + 4; tail < what.len && !strchr(" ,", what.s[tail]);)
			tail++;
	static const char made[] = " created in file ";
	struct slice rest = {what.s + tail, what.len - tail};
	buf_addf(b, "%.*s", (int)head, what.s);
	if (slice_begins(rest, made))
		buf_addf(b, " of %.*s", (int)(rest.len - (sizeof made - 1)), rest.s + sizeof made - 1);
	else
		buf_addf(b, "%.*s", S(rest));
}

static void put_thread(struct buf *b, const struct innodb_status *s, struct slice thread)
{
	int64_t session = innodb_status_session(s, thread);
	if (session)
		buf_addf(b, "session %lld", (long long)session);
	else
		buf_addf(b, "thread %.*s", S(thread));
}

static void add_wait(struct inno_lines *l, const struct innodb_status *s, const struct innodb_wait *w)
{
	struct buf name = BUF_INIT, b = BUF_INIT;
	put_thread(&name, s, w->thread);
	if (w->seconds >= 0)
		buf_addf(&b, "%.0f s", w->seconds);
	if (w->holder.len) {
		buf_adds(&b, " for ");
		put_thread(&b, s, w->holder);
	}
	buf_adds(&b, ": ");
	put_what(&b, w->what);
	buf_addf(&b, "; at %.*s", S(w->at));
	add(l, (struct inno_line){
		.name = in_arena(l, "%s", buf_str(&name)),
		.text = in_arena(l, "%s", buf_str(&b)),
		.role = w->seconds >= STALL ? UI_CRITICAL : w->seconds >= LONG_WAIT ? UI_WARNING : UI_TEXT,
		.session = innodb_status_session(s, w->thread),
	});
	buf_release(&name);
	buf_release(&b);
}

static void wait_lines(struct inno_lines *l, const struct innodb_status *s)
{
	const struct innodb_wait **order = xcalloc(s->n_waits + 1, sizeof(struct innodb_wait *));
	for (size_t i = 0; i < s->n_waits; i++)
		order[i] = &s->waits[i];
	qsort(order, s->n_waits, sizeof(struct innodb_wait *), longest_first);
	for (size_t i = 0; i < s->n_waits && l->n < MOST_INNO_LINES; i++)
		add_wait(l, s, order[i]);
	add_rest(l, l->n, s->n_waits);
	free(order);
	if (!l->n)
		add_note(l, s->lists_waits ? "nobody waits" : INNODB_NO_WAIT_LIST);
}

const struct inno_lines_kind inno_wait_lines = {
	.title = "Who waits for a latch",
	.help = "Threads that spun for a mutex or latch in vain and sleep, the longest first: the session that the "
		"thread works for (or the thread's handle, where it works for none), what it wants, who has it, "
		"and where in the server's source it stands. Some that wait 0 s are normal under load. One that "
		"waits for seconds is a stall: look at what the holder does.",
	.part = PART_INNODB_STATUS,
	.section = INNODB_SEMAPHORES,
	.of_text = wait_lines,
};

/* --- hot latches ------------------------------------------------------------------------------ */

enum { HOT_LATCHES = 5 };

struct latch {
	const char *name;
	struct value waits, time, spins; /* a second */
};

static struct value rate(const struct frame *f, unsigned row, const char *field)
{
	int i = schema_field(part_schema(f->now->parts[PART_INNODB_MUTEXES]), field);
	return i < 0 ? VALUE_NONE : frame_rate(f, PART_INNODB_MUTEXES, row, (unsigned)i);
}

static int hotter(const void *a, const void *b)
{
	const struct latch *x = a, *y = b;
	double d = value_number(y->waits, 0) - value_number(x->waits, 0);
	if (d == 0)
		d = value_number(y->time, 0) - value_number(x->time, 0);
	return d > 0 ? 1 : d < 0 ? -1 : strcmp(x->name, y->name);
}

static void add_latch(struct inno_lines *l, const struct latch *latch)
{
	/* MySQL's "sum rwlock: buf0buf.cc:785" */
	const char *colon = strstr(latch->name, "lock: ");
	struct buf b = BUF_INIT;
	if (value_number(latch->waits, 0) > 0) {
		unit_count(&b, value_number(latch->waits, 0));
		buf_adds(&b, " waits/s");
	}
	if (value_number(latch->time, 0) > 0)
		buf_addf(&b, "%s%.2f threads at a time", b.len ? ", " : "", value_number(latch->time, 0));
	if (value_number(latch->spins, 0) > 0) {
		buf_adds(&b, b.len ? ", " : "");
		unit_count(&b, value_number(latch->spins, 0));
		buf_adds(&b, " spins/s");
	}
	add(l, (struct inno_line){
		.name = in_arena(l, "%s", colon ? colon + strlen("lock: ") : latch->name),
		.text = in_arena(l, "%s", buf_str(&b)),
		.role = UI_TEXT,
	});
	buf_release(&b);
}

static void latch_lines(struct inno_lines *l, const struct frame *f)
{
	const struct part *p = f->now->parts[PART_INNODB_MUTEXES];
	struct latch *all = xcalloc(part_rows(p) + 1, sizeof *all);
	unsigned n = 0;
	for (unsigned i = 0; i < part_rows(p); i++) {
		struct latch x = {value_cstr(part_cell(p, i, "name")), rate(f, i, "waits"), rate(f, i, "time"),
				  rate(f, i, "spins")};
		if (value_number(x.waits, 0) > 0 || value_number(x.time, 0) > 0)
			all[n++] = x;
	}
	qsort(all, n, sizeof *all, hotter);
	for (unsigned i = 0; i < n && i < HOT_LATCHES; i++)
		add_latch(l, &all[i]);
	free(all);
	if (!l->n)
		add_note(l, f->before[PART_INNODB_MUTEXES] ? "none was waited for in the last interval"
							   : "nothing to compare with yet");
}

const struct inno_lines_kind inno_latch_lines = {
	.title = "Hot latches",
	.help = "The latches that threads waited for most in the last interval; all of them are in the table below. "
		"Hundreds of waits a second that rise with the load: many sessions want the same page, index or "
		"structure.",
	.part = PART_INNODB_MUTEXES,
	.of_frame = latch_lines,
};

/* --- any of them ------------------------------------------------------------------------------ */

void inno_lines_release(struct inno_lines *l)
{
	arena_release(&l->arena);
	*l = (struct inno_lines){0};
}

void inno_lines_make(struct inno_lines *l, const struct inno_lines_kind *kind, const struct frame *f,
		     const struct innodb_status *text)
{
	const struct part *p = f->now ? f->now->parts[kind->part] : NULL;
	inno_lines_release(l);
	if (!p)
		add_note(l, "reading…");
	else if (part_status(p) != PART_OK && !part_rows(p))
		add_note(l, in_arena(l, "%s", part_reason(p) ? part_reason(p) : "could not be read"));
	else if (kind->of_frame)
		kind->of_frame(l, f);
	else if (text)
		kind->of_text(l, text);
	else
		add_note(l, "the server gave no text");
}
