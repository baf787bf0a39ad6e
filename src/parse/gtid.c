#include "parse/gtid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { MOST_INTERVALS = 1000000 };

/* --- reading ---------------------------------------------------------------------------------------- */

struct input {
	const char *at, *end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

static bool is_word(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
}

static void skip_blanks(struct input *in)
{
	while (in->at < in->end && is_blank(*in->at))
		in->at++;
}

static char peek(struct input *in)
{
	skip_blanks(in);
	return in->at < in->end ? *in->at : '\0';
}

static bool take(struct input *in, char c)
{
	if (peek(in) != c || in->at >= in->end)
		return false;
	in->at++;
	return true;
}

static bool take_number(struct input *in, uint64_t most, uint64_t *out)
{
	uint64_t n = 0;
	if (!is_digit(peek(in)))
		return false;
	for (; in->at < in->end && is_digit(*in->at); in->at++) {
		unsigned digit = (unsigned)(*in->at - '0');
		if (n > (most - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}

static bool take_uuid(struct input *in, char out[GTID_UUID + 1])
{
	skip_blanks(in);
	if (in->end - in->at < GTID_UUID)
		return false;
	for (int i = 0; i < GTID_UUID; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? in->at[i] != '-' : !is_hex(in->at[i]))
			return false;
		out[i] = lower(in->at[i]);
	}
	out[GTID_UUID] = '\0';
	in->at += GTID_UUID;
	return true;
}

static bool take_tag(struct input *in, char out[GTID_TAG + 1])
{
	int n = 0;
	for (; in->at < in->end && is_word(*in->at); in->at++) {
		if (n == GTID_TAG)
			return false;
		out[n++] = lower(*in->at);
	}
	out[n] = '\0';
	return n > 0;
}

/* --- groups ----------------------------------------------------------------------------------------- */

static int group_compare(const void *a, const void *b)
{
	const struct gtid_group *x = a, *y = b;
	int d = strcmp(x->uuid, y->uuid);
	return d ? d : strcmp(x->tag, y->tag);
}

static int interval_compare(const void *a, const void *b)
{
	const struct gtid_interval *x = a, *y = b;
	return (x->first > y->first) - (x->first < y->first);
}

static struct gtid_group *add_group(struct gtid_set *s, const char *uuid, const char *tag)
{
	GROW(s->at, s->n, s->cap);
	struct gtid_group *g = &s->at[s->n++];
	*g = (struct gtid_group){.n = 0};
	memcpy(g->uuid, uuid, sizeof g->uuid);
	memcpy(g->tag, tag, sizeof g->tag);
	return g;
}

static void add_interval(struct gtid_group *g, int64_t first, int64_t last)
{
	GROW(g->at, g->n, g->cap);
	g->at[g->n++] = (struct gtid_interval){first, last};
}

/* Takes b's intervals into a. */
static void absorb(struct gtid_group *a, struct gtid_group *b)
{
	for (size_t i = 0; i < b->n; i++)
		add_interval(a, b->at[i].first, b->at[i].last);
	free(b->at);
	b->at = NULL;
	b->n = b->cap = 0;
}

/* Intervals that overlap or touch become one. */
static void merge_intervals(struct gtid_group *g)
{
	size_t n = 0;
	if (g->n)
		qsort(g->at, g->n, sizeof *g->at, interval_compare);
	for (size_t i = 0; i < g->n; i++) {
		struct gtid_interval *last = n ? &g->at[n - 1] : NULL;
		if (!last || g->at[i].first - 1 > last->last)
			g->at[n++] = g->at[i];
		else if (g->at[i].last > last->last)
			last->last = g->at[i].last;
	}
	g->n = n;
}

static void normalise(struct gtid_set *s)
{
	size_t n = 0;
	if (s->n)
		qsort(s->at, s->n, sizeof *s->at, group_compare);
	for (size_t i = 0; i < s->n; i++) {
		if (n && group_compare(&s->at[n - 1], &s->at[i]) == 0)
			absorb(&s->at[n - 1], &s->at[i]);
		else
			s->at[n++] = s->at[i];
	}
	s->n = n;
	n = 0;
	for (size_t i = 0; i < s->n; i++) {
		merge_intervals(&s->at[i]);
		if (s->at[i].n)
			s->at[n++] = s->at[i];
		else
			free(s->at[i].at);
	}
	s->n = n;
}

/* --- sets ------------------------------------------------------------------------------------------- */

/* A number, or two with a dash between. One that ends before it begins holds nothing. */
static bool take_interval(struct input *in, struct gtid_group *g)
{
	uint64_t first, last;
	if (!take_number(in, INT64_MAX - 1, &first) || !first)
		return false;
	last = first;
	if (take(in, '-') && !take_number(in, INT64_MAX - 1, &last))
		return false;
	if (last >= first)
		add_interval(g, (int64_t)first, (int64_t)last);
	return true;
}

/* uuid, then intervals and tags in any order: a tag holds for what follows it. */
static bool take_source(struct input *in, struct gtid_set *s, size_t *intervals)
{
	char uuid[GTID_UUID + 1], tag[GTID_TAG + 1] = "";
	if (!take_uuid(in, uuid))
		return false;
	struct gtid_group *g = add_group(s, uuid, tag);
	while (take(in, ':')) {
		if (is_digit(peek(in))) {
			if (++*intervals > MOST_INTERVALS || !take_interval(in, g))
				return false;
			continue;
		}
		memset(tag, 0, sizeof tag);
		if (++*intervals > MOST_INTERVALS || !take_tag(in, tag))
			return false;
		g = add_group(s, uuid, tag);
	}
	return true;
}

bool gtid_set_parse(struct gtid_set *out, const char *s, size_t len)
{
	struct input in = {s, s + len};
	size_t intervals = 0;
	*out = (struct gtid_set){0};
	while (peek(&in) == ',' && take(&in, ','))
		;
	while (peek(&in) || in.at < in.end) {
		if (!take_source(&in, out, &intervals) || (peek(&in) && !take(&in, ','))) {
			gtid_set_release(out);
			return false;
		}
		while (take(&in, ','))
			;
	}
	normalise(out);
	return true;
}

void gtid_set_release(struct gtid_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->at[i].at);
	free(s->at);
	*s = (struct gtid_set){0};
}

static void add_all(struct gtid_set *out, const struct gtid_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct gtid_group *g = add_group(out, s->at[i].uuid, s->at[i].tag);
		for (size_t k = 0; k < s->at[i].n; k++)
			add_interval(g, s->at[i].at[k].first, s->at[i].at[k].last);
	}
}

void gtid_set_union(struct gtid_set *out, const struct gtid_set *a, const struct gtid_set *b)
{
	*out = (struct gtid_set){0};
	add_all(out, a);
	add_all(out, b);
	normalise(out);
}

static const struct gtid_group *find_group(const struct gtid_set *s, const struct gtid_group *like)
{
	return s->n ? bsearch(like, s->at, s->n, sizeof *s->at, group_compare) : NULL;
}

/* What of the interval the group does not have; *from is where in the group the last one ended. */
static void add_rest(struct gtid_group *to, struct gtid_interval rest, const struct gtid_group *less,
		     size_t *from)
{
	while (*from < less->n && less->at[*from].last < rest.first)
		++*from;
	for (size_t i = *from; i < less->n && less->at[i].first <= rest.last; i++) {
		if (less->at[i].first > rest.first)
			add_interval(to, rest.first, less->at[i].first - 1);
		if (less->at[i].last >= rest.last)
			return;
		rest.first = less->at[i].last + 1;
	}
	add_interval(to, rest.first, rest.last);
}

void gtid_set_subtract(struct gtid_set *out, const struct gtid_set *a, const struct gtid_set *b)
{
	static const struct gtid_group none;
	*out = (struct gtid_set){0};
	for (size_t i = 0; i < a->n; i++) {
		const struct gtid_group *less = find_group(b, &a->at[i]);
		struct gtid_group *g = add_group(out, a->at[i].uuid, a->at[i].tag);
		size_t from = 0;
		for (size_t k = 0; k < a->at[i].n; k++)
			add_rest(g, a->at[i].at[k], less ? less : &none, &from);
	}
	normalise(out);
}

int64_t gtid_set_count(const struct gtid_set *s)
{
	int64_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->at[i].n; k++)
			if (__builtin_add_overflow(n, s->at[i].at[k].last - s->at[i].at[k].first + 1, &n))
				return INT64_MAX;
	return n;
}

bool gtid_set_contains(const struct gtid_set *a, const struct gtid_set *b)
{
	struct gtid_set rest;
	gtid_set_subtract(&rest, b, a);
	bool all = rest.n == 0;
	gtid_set_release(&rest);
	return all;
}

void gtid_set_print(struct buf *out, const struct gtid_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct gtid_group *g = &s->at[i];
		if (!i || strcmp(g->uuid, s->at[i - 1].uuid) != 0)
			buf_addf(out, "%s%s", i ? "," : "", g->uuid);
		if (g->tag[0])
			buf_addf(out, ":%s", g->tag);
		for (size_t k = 0; k < g->n; k++) {
			buf_addf(out, ":%lld", (long long)g->at[k].first);
			if (g->at[k].last > g->at[k].first)
				buf_addf(out, "-%lld", (long long)g->at[k].last);
		}
	}
}

int64_t gtid_set_gap(const char *all, size_t all_len, const char *less, size_t less_len)
{
	struct gtid_set a, b, rest = {0};
	int64_t gap = -1;
	bool both = gtid_set_parse(&a, all, all_len);
	both &= gtid_set_parse(&b, less, less_len);
	if (both) {
		gtid_set_subtract(&rest, &a, &b);
		gap = gtid_set_count(&rest);
	}
	gtid_set_release(&rest);
	gtid_set_release(&a);
	gtid_set_release(&b);
	return gap;
}

/* --- for people ------------------------------------------------------------------------------------- */

static bool same_uuid(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b))
		a++, b++;
	return !*a && !*b;
}

const char *gtid_name_of(const struct gtid_names *names, const char *uuid, char keep[16])
{
	for (size_t i = 0; names && i < names->n; i++)
		if (same_uuid(names->at[i].uuid, uuid))
			return names->at[i].name;
	memcpy(keep, uuid, 8);
	memcpy(keep + 8, "…", sizeof "…");
	return keep;
}

static void add_number(struct buf *out, uint64_t n)
{
	char digits[32];
	int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_addc(out, ',');
		buf_addc(out, digits[i]);
	}
}

static void fold_interval(struct buf *out, const struct gtid_interval *i)
{
	add_number(out, (uint64_t)i->first);
	if (i->last > i->first) {
		buf_addc(out, '-');
		add_number(out, (uint64_t)i->last);
	}
}

void gtid_group_fold(struct buf *out, const struct gtid_group *g, const struct gtid_names *names,
		     unsigned most)
{
	char keep[16];
	size_t first = most && g->n > most ? g->n - most : 0;
	buf_adds(out, gtid_name_of(names, g->uuid, keep));
	if (g->tag[0])
		buf_addf(out, ":%s", g->tag);
	buf_addc(out, ' ');
	for (size_t i = first; i < g->n; i++) {
		buf_adds(out, i > first ? " " : "");
		fold_interval(out, &g->at[i]);
	}
	if (first)
		buf_addf(out, " and %zu older range%s", first, first == 1 ? "" : "s");
}

void gtid_set_fold(struct buf *out, const struct gtid_set *s, const struct gtid_names *names,
		   unsigned most)
{
	for (size_t i = 0; i < s->n; i++) {
		buf_adds(out, i ? "; " : "");
		gtid_group_fold(out, &s->at[i], names, most);
	}
}

/* --- MariaDB ---------------------------------------------------------------------------------------- */

static int domain_compare(const void *a, const void *b)
{
	const struct gtid_domain *x = a, *y = b;
	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	return (x->server > y->server) - (x->server < y->server);
}

bool gtid_position_parse(struct gtid_position *out, const char *s, size_t len)
{
	struct input in = {s, s + len};
	*out = (struct gtid_position){0};
	while (peek(&in) || in.at < in.end) {
		uint64_t domain, server, sequence;
		if (out->n == MOST_INTERVALS || !take_number(&in, UINT32_MAX, &domain) || !take(&in, '-') ||
		    !take_number(&in, UINT32_MAX, &server) || !take(&in, '-') ||
		    !take_number(&in, UINT64_MAX, &sequence) || (peek(&in) && !take(&in, ','))) {
			gtid_position_release(out);
			return false;
		}
		GROW(out->at, out->n, out->cap);
		out->at[out->n++] = (struct gtid_domain){(uint32_t)domain, (uint32_t)server, sequence};
	}
	if (out->n)
		qsort(out->at, out->n, sizeof *out->at, domain_compare);
	return true;
}

void gtid_position_release(struct gtid_position *p)
{
	free(p->at);
	*p = (struct gtid_position){0};
}

uint64_t gtid_position_sequence(const struct gtid_position *p, uint32_t domain)
{
	uint64_t most = 0;
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].domain == domain && p->at[i].sequence > most)
			most = p->at[i].sequence;
	return most;
}

void gtid_position_fold(struct buf *out, const struct gtid_position *p)
{
	for (size_t i = 0; i < p->n; i++) {
		buf_addf(out, "%sdomain %u: ", i ? "; " : "", p->at[i].domain);
		add_number(out, p->at[i].sequence);
		buf_addf(out, " (server %u)", p->at[i].server);
	}
}

/* Adds up; both are in order of domains. */
static int64_t position_gap(const struct gtid_position *ahead, const struct gtid_position *behind)
{
	uint64_t gap = 0;
	size_t b = 0;
	for (size_t a = 0; a < ahead->n; a++) {
		uint32_t domain = ahead->at[a].domain;
		uint64_t most = ahead->at[a].sequence, seen = 0;
		for (; a + 1 < ahead->n && ahead->at[a + 1].domain == domain; a++)
			if (ahead->at[a + 1].sequence > most)
				most = ahead->at[a + 1].sequence;
		while (b < behind->n && behind->at[b].domain < domain)
			b++;
		if (b == behind->n || behind->at[b].domain != domain)
			return -1;
		for (; b < behind->n && behind->at[b].domain == domain; b++)
			if (behind->at[b].sequence > seen)
				seen = behind->at[b].sequence;
		if (most > seen && __builtin_add_overflow(gap, most - seen, &gap))
			return INT64_MAX;
	}
	return gap > INT64_MAX ? INT64_MAX : (int64_t)gap;
}

int64_t gtid_position_gap(const char *ahead, size_t ahead_len, const char *behind, size_t behind_len)
{
	struct gtid_position a, b;
	bool both = gtid_position_parse(&a, ahead, ahead_len);
	both &= gtid_position_parse(&b, behind, behind_len);
	int64_t gap = both ? position_gap(&a, &b) : -1;
	gtid_position_release(&a);
	gtid_position_release(&b);
	return gap;
}
