#include <string.h>

#include "parse/proc.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct text text_of(const char *s, size_t n)
{
	return (struct text){s ? s : "", s ? n : 0};
}

struct text text_str(const char *s)
{
	return text_of(s, strlen(s));
}

bool text_line(struct text *rest, struct text *line)
{
	if (!rest->n)
		return false;
	const char *end = memchr(rest->s, '\n', rest->n);
	size_t n = end ? (size_t)(end - rest->s) : rest->n;
	size_t taken = end ? n + 1 : n;
	*line = (struct text){rest->s, n};
	*rest = (struct text){rest->s + taken, rest->n - taken};
	return true;
}

struct text text_word(struct text *rest)
{
	size_t i = 0, from;
	while (i < rest->n && (blank(rest->s[i]) || rest->s[i] == '\n'))
		i++;
	from = i;
	while (i < rest->n && !blank(rest->s[i]) && rest->s[i] != '\n')
		i++;
	struct text word = {rest->s + from, i - from};
	*rest = (struct text){rest->s + i, rest->n - i};
	return word;
}

bool text_is(struct text t, const char *s)
{
	return t.n == strlen(s) && memcmp(t.s, s, t.n) == 0;
}

bool text_begins(struct text t, const char *s)
{
	size_t n = strlen(s);
	return t.n >= n && memcmp(t.s, s, n) == 0;
}

bool text_u64(struct text word, uint64_t *out)
{
	uint64_t v = 0;
	if (!word.n || word.n > 19)
		return false;
	for (size_t i = 0; i < word.n; i++) {
		if (word.s[i] < '0' || word.s[i] > '9')
			return false;
		v = 10 * v + (uint64_t)(word.s[i] - '0');
	}
	if (v > INT64_MAX)
		return false;
	*out = v;
	return true;
}

bool text_real(struct text word, double *out)
{
	const char *dot = memchr(word.s, '.', word.n);
	size_t whole = dot ? (size_t)(dot - word.s) : word.n;
	uint64_t a, b = 0;
	if (!text_u64((struct text){word.s, whole}, &a))
		return false;
	struct text digits = {word.s + whole + 1, dot ? word.n - whole - 1 : 0};
	if (digits.n > 9)
		digits.n = 9;
	if (dot && !text_u64(digits, &b))
		return false;
	double r = (double)b;
	for (size_t i = 0; i < digits.n; i++)
		r /= 10;
	*out = (double)a + r;
	return true;
}

void text_copy(struct text t, char *out, size_t size)
{
	size_t n = t.n < size ? t.n : size - 1;
	if (n)
		memcpy(out, t.s, n);
	out[n] = '\0';
}

static struct text trimmed(struct text t)
{
	while (t.n && blank(t.s[0]))
		t = (struct text){t.s + 1, t.n - 1};
	while (t.n && blank(t.s[t.n - 1]))
		t.n--;
	return t;
}

/* Whether a line is `key` and then a blank or a colon; what follows is left in *line. */
static bool keyed(struct text *line, const char *key)
{
	size_t n = strlen(key);
	if (!text_begins(*line, key) || line->n == n || (line->s[n] != ':' && !blank(line->s[n])))
		return false;
	*line = (struct text){line->s + n + 1, line->n - n - 1};
	return true;
}

bool proc_line(struct text file, const char *key, struct text *out)
{
	struct text line;
	while (text_line(&file, &line)) {
		if (!keyed(&line, key))
			continue;
		*out = trimmed(line);
		return true;
	}
	return false;
}

bool proc_number(struct text file, const char *key, uint64_t *out)
{
	struct text line;
	uint64_t v;
	if (!proc_line(file, key, &line) || !text_u64(text_word(&line), &v))
		return false;
	if (text_is(text_word(&line), "kB")) {
		if (v > INT64_MAX / 1024)
			return false;
		v *= 1024;
	}
	*out = v;
	return true;
}

bool proc_single(struct text file, uint64_t *out)
{
	return text_u64(text_word(&file), out);
}
