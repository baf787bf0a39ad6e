#include "parse/innodb_status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parse/innodb_lines.h"

/* --- headings ------------------------------------------------------------------------------------- */

/*
 * A heading is a title between two rows of as many dashes as it has letters. Only the foreign key error,
 * the deadlock and the transactions quote statements, and they stand one after the other:
 *
 *	what comes before them, up to the first heading of the three, is the server's own;
 *	what comes after them begins with the last heading FILE I/O;
 *	in between only the three headings count, each once and in order, TRANSACTIONS only in front of
 *	"Trx id counter" and, after a deadlock, behind the line that names its victim.
 */
static const struct {
	const char *title;
	enum innodb_section_id id;
} titles[] = {
	{"BACKGROUND THREAD", INNODB_BACKGROUND},
	{"SEMAPHORES", INNODB_SEMAPHORES},
	{"LATEST FOREIGN KEY ERROR", INNODB_FOREIGN_KEY},
	{"LATEST DETECTED DEADLOCK", INNODB_DEADLOCK},
	{"TRANSACTIONS", INNODB_TRANSACTIONS},
	{"FILE I/O", INNODB_FILE_IO},
	{"INSERT BUFFER AND ADAPTIVE HASH INDEX", INNODB_IBUF},
	{"INSERT BUFFER", INNODB_IBUF},
	{"ADAPTIVE HASH INDEX", INNODB_IBUF},
	{"LOG", INNODB_LOG},
	{"BUFFER POOL AND MEMORY", INNODB_POOL},
	{"INDIVIDUAL BUFFER POOL INFO", INNODB_POOLS},
	{"ROW OPERATIONS", INNODB_ROWS},
};

static bool all_of(struct slice s, char c)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] != c)
			return false;
	return s.len > 0;
}

static bool is_title(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.s[i] >= 'A' && s.s[i] <= 'Z') || s.s[i] == ' ' || s.s[i] == '/' || s.s[i] == '-'))
			return false;
	return s.len >= 3 && s.s[0] != '-' && s.s[0] != ' ';
}

/* Some titles come with fewer dashes than letters, or with more. */
static bool long_enough(size_t dashes, size_t letters)
{
	return dashes + 4 >= letters && dashes <= letters + 4;
}

/* Whether `at` begins with a heading; *title and *after are set. */
static bool heading_at(struct slice at, struct slice *title, struct slice *after)
{
	struct slice above, below;
	if (!at.len || at.s[0] != '-' || !slice_line(&at, &above) || !all_of(above, '-') ||
	    !slice_line(&at, title) || !is_title(*title) || !slice_line(&at, &below) || !all_of(below, '-'))
		return false;
	*after = at;
	return above.len == below.len && long_enough(above.len, title->len);
}

static enum innodb_section_id section_of(struct slice title)
{
	for (size_t i = 0; i < COUNT_OF(titles); i++)
		if (strlen(titles[i].title) == title.len && memcmp(titles[i].title, title.s, title.len) == 0)
			return titles[i].id;
	return INNODB_UNKNOWN;
}

struct sections {
	struct innodb_section *at;
	size_t n, cap;
};

static bool quotes_statements(enum innodb_section_id id)
{
	return id == INNODB_FOREIGN_KEY || id == INNODB_DEADLOCK || id == INNODB_TRANSACTIONS;
}

/* Where the last heading FILE I/O stands; the end when there is none. */
static const char *end_of_statements(struct slice text)
{
	static const char title[] = "\n--------\nFILE I/O\n--------\n";
	const size_t n = sizeof title - 1;
	for (const char *p = text.s + text.len; text.len >= n && p - n >= text.s; p--)
		if (p[-1] == '\n' && memcmp(p - n, title, n) == 0)
			return p - n + 1;
	return text.s + text.len;
}

/* A deadlock ends with the verdict; a heading that stands elsewhere makes way for one behind a verdict. */
static bool ends_deadlock(const struct innodb_section *deadlock, const char *heading, struct slice after)
{
	static const char verdict[] = "*** WE ROLL BACK TRANSACTION (";
	static const char proper[] = ")\n------------\nTRANSACTIONS\n------------\nTrx id counter ";
	const char *line = heading - 1;
	while (line > deadlock->text.s && line[-1] != '\n')
		line--;
	struct slice before = {line, (size_t)(heading - line)};
	return slice_begins(before, verdict) || !after.len ||
	       !memmem(after.s, after.len, proper, sizeof proper - 1);
}

static bool counts(const struct sections *list, enum innodb_section_id id, const char *heading,
		   struct slice after, bool foreign)
{
	const struct innodb_section *last = &list->at[list->n - 1];
	if (!foreign)
		return true;
	if (!quotes_statements(id) || id <= last->id)
		return false;
	if (id == INNODB_TRANSACTIONS && !slice_begins(after, "Trx id counter "))
		return false;
	return last->id != INNODB_DEADLOCK || ends_deadlock(last, heading, after);
}

static void open_section(struct sections *list, enum innodb_section_id id, struct slice title,
			 const char *from, const char *body)
{
	if (list->n) {
		struct innodb_section *last = &list->at[list->n - 1];
		last->text.len = (size_t)(from - last->text.s);
		last->body.len = (size_t)(from - last->body.s);
	}
	GROW(list->at, list->n, list->cap);
	list->at[list->n++] = (struct innodb_section){id, title, {from, 0}, {body, 0}};
}

static void find_sections(struct innodb_status *s)
{
	struct sections list = {0};
	struct slice rest = s->text, line;
	const char *end = s->text.s + s->text.len, *safe = end_of_statements(s->text);
	open_section(&list, INNODB_HEAD, (struct slice){"", 0}, s->text.s, s->text.s);
	while (rest.len) {
		struct slice title, after;
		const char *from = rest.s;
		bool foreign = quotes_statements(list.at[list.n - 1].id) && from < safe;
		if (heading_at(rest, &title, &after) && counts(&list, section_of(title), from, after, foreign)) {
			open_section(&list, section_of(title), title, from, after.s);
			rest = after;
			continue;
		}
		slice_line(&rest, &line);
	}
	struct innodb_section *last = &list.at[list.n - 1];
	last->text.len = (size_t)(end - last->text.s);
	last->body.len = (size_t)(end - last->body.s);
	s->n_sections = list.n;
	s->sections = arena_alloc(&s->arena, list.n * sizeof *list.at);
	memcpy(s->sections, list.at, list.n * sizeof *list.at);
	free(list.at);
}

/* --- numbers -------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes that a number takes; *v is it. */
static size_t number_at(struct slice s, double *v)
{
	char digits[64];
	size_t n = 0;
	while (n < s.len && n < sizeof digits - 1 && (is_digit(s.s[n]) || (n && s.s[n] == '.')))
		digits[n] = s.s[n], n++;
	digits[n] = '\0';
	if (n)
		*v = strtod(digits, NULL);
	return n;
}

/*
 * A pattern holds for a line that begins with it. `#` is the number that is wanted, `@` another one, a
 * blank any blanks, `|` begins another pattern, all else stands for itself.
 */
static bool one_holds(const char *pattern, struct slice line, double *wanted)
{
	while (*pattern && *pattern != '|') {
		char c = *pattern++;
		if (c == ' ') {
			if (!line.len || !is_blank(*line.s))
				return false;
			while (line.len && is_blank(*line.s))
				line.s++, line.len--;
		} else if (c == '#' || c == '@') {
			double v = 0;
			size_t n = number_at(line, &v);
			if (!n)
				return false;
			if (c == '#')
				*wanted = v;
			line.s += n;
			line.len -= n;
		} else if (!line.len || *line.s != c) {
			return false;
		} else {
			line.s++, line.len--;
		}
	}
	return true;
}

static bool pattern_holds(const char *pattern, struct slice line, double *wanted)
{
	for (; pattern; pattern = strchr(pattern, '|') ? strchr(pattern, '|') + 1 : NULL)
		if (one_holds(pattern, line, wanted))
			return true;
	return false;
}

struct numbers {
	struct innodb_number *at;
	size_t n, cap;
};

/* Numbers that stand in several lines are added up: hash tables, partitions. */
static void note_number(struct numbers *list, const struct innodb_rule *r, int instance, double v)
{
	for (size_t i = list->n; i-- > 0 && list->at[i].instance == instance;)
		if (list->at[i].rule == r) {
			list->at[i].value += v;
			return;
		}
	GROW(list->at, list->n, list->cap);
	list->at[list->n++] = (struct innodb_number){r, instance, v};
}

static void read_numbers(struct numbers *list, const struct innodb_section *section)
{
	enum innodb_section_id id = section->id == INNODB_POOLS ? INNODB_POOL : section->id;
	struct slice rest = section->body, line;
	int instance = -1;
	while (slice_line(&rest, &line)) {
		double v = 0;
		if (section->id == INNODB_POOLS && pattern_holds("---BUFFER POOL #", line, &v))
			instance = v < 1000 ? (int)v : -1;
		/* The list of transactions is other people's text. */
		if (section->id == INNODB_TRANSACTIONS && slice_begins(line, "LIST OF TRANSACTIONS"))
			return;
		if (section->id == INNODB_POOLS && instance < 0)
			continue;
		for (const struct innodb_rule *r = innodb_rules; r->name; r++)
			if (r->section == id && pattern_holds(r->pattern, line, &v))
				note_number(list, r, instance, v);
	}
}

static void find_numbers(struct innodb_status *s)
{
	struct numbers list = {0};
	for (size_t i = 0; i < s->n_sections; i++)
		if (s->sections[i].id != INNODB_FOREIGN_KEY && s->sections[i].id != INNODB_DEADLOCK)
			read_numbers(&list, &s->sections[i]);
	s->n_numbers = list.n;
	if (list.n) {
		s->numbers = arena_alloc(&s->arena, list.n * sizeof *list.at);
		memcpy(s->numbers, list.at, list.n * sizeof *list.at);
	}
	free(list.at);
}

/* --- the head ------------------------------------------------------------------------------------- */

static void read_head(struct innodb_status *s)
{
	struct slice rest = s->sections[0].body, line;
	static const char mark[] = "INNODB MONITOR OUTPUT";
	s->average = -1;
	while (slice_line(&rest, &line)) {
		double v;
		if (memmem(line.s, line.len, mark, sizeof mark - 1) && line.len > 19 && is_digit(line.s[0]))
			s->time = (struct slice){line.s, 19};
		else if (pattern_holds("Per second averages calculated from the last # second", line, &v))
			s->average = v;
	}
}

/* The server leaves out the middle of what is longer than 1 MB, among the transactions. */
static bool is_truncated(struct slice text)
{
	enum { LEAST = 512 * 1024 };
	static const char mark[] = "\n... truncated...\n";
	return text.len >= LEAST && memmem(text.s, text.len, mark, sizeof mark - 1);
}

/* --- API ------------------------------------------------------------------------------------------ */

const struct innodb_section *innodb_status_section(const struct innodb_status *s, enum innodb_section_id id)
{
	for (size_t i = 0; i < s->n_sections; i++)
		if (s->sections[i].id == id)
			return &s->sections[i];
	return NULL;
}

double innodb_status_number(const struct innodb_status *s, const char *name)
{
	for (size_t i = 0; i < s->n_numbers; i++)
		if (s->numbers[i].instance < 0 && strcmp(s->numbers[i].rule->name, name) == 0)
			return s->numbers[i].value;
	return NAN;
}

void innodb_status_parse(struct innodb_status *s, const char *text, size_t len)
{
	*s = (struct innodb_status){.text = {text, len}};
	s->truncated = is_truncated(s->text);
	find_sections(s);
	read_head(s);
	find_numbers(s);
	innodb_lists_read(s);
}

void innodb_status_release(struct innodb_status *s)
{
	arena_release(&s->arena);
	*s = (struct innodb_status){0};
}
