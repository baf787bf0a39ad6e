#include <string.h>

#include "parse/proc.h"

static struct text skip_words(struct text t, int n)
{
	while (n-- > 0)
		text_word(&t);
	return t;
}

static bool word_number(struct text t, int skip, uint64_t *out)
{
	t = skip_words(t, skip);
	return text_u64(text_word(&t), out);
}

bool proc_task(struct text file, struct proc_task *out)
{
	struct proc_task t = {0};
	size_t open = 0, close = file.n;
	while (open < file.n && file.s[open] != '(')
		open++;
	while (close > open && file.s[close - 1] != ')')
		close--;
	if (close <= open + 1)
		return false;
	struct text pid = {file.s, open}, rest = {file.s + close, file.n - close};
	if (!text_u64(text_word(&pid), &t.pid))
		return false;
	t.name = (struct text){file.s + open + 1, close - open - 2};
	struct text state = text_word(&rest);
	if (state.n != 1)
		return false;
	t.state = state.s[0];
	/* Fields 4, 14, 15, 20, 22 and 24 of proc(5); the state was 3. */
	if (!word_number(rest, 0, &t.parent) || !word_number(rest, 10, &t.user) ||
	    !word_number(rest, 11, &t.system) || !word_number(rest, 16, &t.threads) ||
	    !word_number(rest, 18, &t.start) || !word_number(rest, 20, &t.rss))
		return false;
	*out = t;
	return true;
}

const char *proc_state_name(char state)
{
	static const struct {
		char letter;
		const char *name;
	} names[] = {
		{'R', "running"},  {'S', "sleeping"}, {'D', "disk sleep"}, {'Z', "zombie"},
		{'T', "stopped"},  {'t', "traced"},   {'X', "dead"},       {'x', "dead"},
		{'I', "idle"},     {'P', "parked"},   {'K', "wakekill"},   {'W', "waking"},
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].letter == state)
			return names[i].name;
	return "unknown";
}

bool proc_limit(struct text file, const char *name, uint64_t *out)
{
	struct text line;
	size_t n = strlen(name);
	while (text_line(&file, &line)) {
		if (!text_begins(line, name) || line.n <= n || line.s[n] != ' ')
			continue;
		struct text rest = {line.s + n, line.n - n};
		struct text soft = text_word(&rest);
		if (text_is(soft, "unlimited")) {
			*out = UINT64_MAX;
			return true;
		}
		return text_u64(soft, out);
	}
	return false;
}

bool proc_schedstat(struct text file, uint64_t *ran, uint64_t *waited)
{
	return text_u64(text_word(&file), ran) && text_u64(text_word(&file), waited);
}

bool proc_inner_pid(struct text status, uint64_t *out)
{
	struct text line, word;
	bool any = false;
	if (!proc_line(status, "NSpid", &line))
		return false;
	while ((word = text_word(&line)).n) {
		if (!text_u64(word, out))
			return false;
		any = true;
	}
	return any;
}

/* --- cgroups ---------------------------------------------------------------------------------- */

static bool listed(struct text list, const char *name)
{
	if (!*name)
		return list.n == 0;
	while (list.n) {
		const char *comma = memchr(list.s, ',', list.n);
		size_t n = comma ? (size_t)(comma - list.s) : list.n;
		if (text_is((struct text){list.s, n}, name))
			return true;
		size_t taken = comma ? n + 1 : n;
		list = (struct text){list.s + taken, list.n - taken};
	}
	return false;
}

bool cgroup_path(struct text file, const char *controller, struct text *out)
{
	struct text line;
	while (text_line(&file, &line)) {
		const char *a = memchr(line.s, ':', line.n), *end = line.s + line.n;
		const char *b = a ? memchr(a + 1, ':', (size_t)(end - a - 1)) : NULL;
		if (!b || !listed((struct text){a + 1, (size_t)(b - a - 1)}, controller))
			continue;
		*out = (struct text){b + 1, (size_t)(end - b - 1)};
		return out->n > 0 && out->s[0] == '/';
	}
	return false;
}

bool cgroup_cpu_max(struct text file, double *cores)
{
	uint64_t quota, period;
	if (!text_u64(text_word(&file), &quota) || !text_u64(text_word(&file), &period) || !period ||
	    !quota)
		return false;
	*cores = (double)quota / (double)period;
	return true;
}

bool os_release(struct text file, const char *key, struct text *out)
{
	struct text line;
	size_t n = strlen(key);
	while (text_line(&file, &line)) {
		if (!text_begins(line, key) || line.n <= n || line.s[n] != '=')
			continue;
		struct text v = {line.s + n + 1, line.n - n - 1};
		if (v.n >= 2 && (v.s[0] == '"' || v.s[0] == '\'') && v.s[v.n - 1] == v.s[0])
			v = (struct text){v.s + 1, v.n - 2};
		*out = v;
		return true;
	}
	return false;
}
