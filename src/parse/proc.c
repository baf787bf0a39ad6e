#include "parse/proc.h"

#include <string.h>

#include "base/buf.h"

static bool take_u64(struct text *rest, uint64_t *out)
{
	return text_u64(text_word(rest), out);
}

/* Up to `most` numbers in a row; returns how many there were. */
static unsigned take_numbers(struct text *rest, uint64_t *out, unsigned most)
{
	unsigned n = 0;
	while (n < most && take_u64(rest, &out[n]))
		n++;
	return n;
}

/* "8:16" */
static bool device_number(struct text word, unsigned *major, unsigned *minor)
{
	const char *colon = memchr(word.s, ':', word.n);
	uint64_t a, b;
	if (!colon)
		return false;
	size_t n = (size_t)(colon - word.s);
	if (!text_u64((struct text){word.s, n}, &a) ||
	    !text_u64((struct text){colon + 1, word.n - n - 1}, &b) || a > UINT32_MAX || b > UINT32_MAX)
		return false;
	*major = (unsigned)a;
	*minor = (unsigned)b;
	return true;
}

/* --- the machine ------------------------------------------------------------------------------ */

bool proc_cpu_next(struct text *rest, struct proc_cpu *out)
{
	struct text line;
	while (text_line(rest, &line)) {
		struct text name = text_word(&line);
		uint64_t core = 0;
		if (!text_begins(name, "cpu"))
			continue;
		struct text number = {name.s + 3, name.n - 3};
		if (number.n && (!text_u64(number, &core) || core > 1 << 20))
			continue;
		*out = (struct proc_cpu){.core = number.n ? (int)core : -1};
		out->n = take_numbers(&line, out->ticks, 8);
		/* Every kernel has had the first four; less is a line that was cut. */
		if (out->n >= 4)
			return true;
	}
	return false;
}

bool proc_load(struct text file, struct proc_load *out)
{
	*out = (struct proc_load){0};
	for (int i = 0; i < 3; i++)
		if (!text_real(text_word(&file), &out->load[i]))
			return false;
	struct text tasks = text_word(&file);
	const char *slash = memchr(tasks.s, '/', tasks.n);
	size_t n = slash ? (size_t)(slash - tasks.s) : 0;
	out->tasks = slash && text_u64((struct text){tasks.s, n}, &out->running) &&
		     text_u64((struct text){slash + 1, tasks.n - n - 1}, &out->total);
	return true;
}

static void pressure_line(struct text line, struct proc_pressure *out)
{
	static const char *const names[] = {"avg10=", "avg60=", "avg300=", "total="};
	double v[4];
	for (int i = 0; i < 4; i++) {
		struct text word = text_word(&line);
		size_t n = strlen(names[i]);
		if (!text_begins(word, names[i]) ||
		    !text_real((struct text){word.s + n, word.n - n}, &v[i]))
			return;
	}
	*out = (struct proc_pressure){true, v[0], v[1], v[2], (uint64_t)v[3]};
}

bool proc_pressure(struct text file, struct proc_pressure *some, struct proc_pressure *full)
{
	struct text line;
	*some = *full = (struct proc_pressure){0};
	while (text_line(&file, &line)) {
		struct text kind = text_word(&line);
		if (text_is(kind, "some"))
			pressure_line(line, some);
		else if (text_is(kind, "full"))
			pressure_line(line, full);
	}
	return some->there || full->there;
}

bool proc_disk_next(struct text *rest, struct proc_disk *out)
{
	struct text line;
	while (text_line(rest, &line)) {
		uint64_t device[2], n[11];
		if (take_numbers(&line, device, 2) != 2 || device[0] > UINT32_MAX || device[1] > UINT32_MAX)
			continue;
		struct text name = text_word(&line);
		if (!name.n || take_numbers(&line, n, 11) != 11)
			continue;
		*out = (struct proc_disk){(unsigned)device[0], (unsigned)device[1], name, n[0], n[1], n[2],
					  n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10]};
		return true;
	}
	return false;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

bool proc_is_partition(struct text name, struct text disk)
{
	if (!disk.n || name.n <= disk.n || memcmp(name.s, disk.s, disk.n) != 0)
		return false;
	size_t i = disk.n;
	if (digit(disk.s[disk.n - 1])) {
		if (name.s[i] != 'p')
			return false;
		i++;
	}
	if (i == name.n)
		return false;
	for (; i < name.n; i++)
		if (!digit(name.s[i]))
			return false;
	return true;
}

bool proc_mount_next(struct text *rest, struct proc_mount *out)
{
	struct text line;
	while (text_line(rest, &line)) {
		struct proc_mount m = {0};
		text_word(&line);
		text_word(&line);
		if (!device_number(text_word(&line), &m.major, &m.minor))
			continue;
		text_word(&line);
		m.point = text_word(&line);
		struct text options = text_word(&line);
		m.read_only = text_is(options, "ro") || text_begins(options, "ro,");
		struct text word;
		do
			word = text_word(&line);
		while (word.n && !text_is(word, "-"));
		m.type = text_word(&line);
		m.device = text_word(&line);
		if (!m.point.n || m.point.s[0] != '/' || !m.device.n)
			continue;
		*out = m;
		return true;
	}
	return false;
}

static bool octal(const char *s, unsigned char *out)
{
	unsigned v = 0;
	for (int i = 0; i < 3; i++) {
		if (s[i] < '0' || s[i] > '7')
			return false;
		v = 8 * v + (unsigned)(s[i] - '0');
	}
	*out = (unsigned char)v;
	return v > 0 && v < 256;
}

void proc_unescape(struct buf *out, struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c;
		if (t.s[i] == '\\' && t.n - i > 3 && octal(t.s + i + 1, &c)) {
			buf_addc(out, (char)c);
			i += 3;
		} else {
			buf_addc(out, t.s[i]);
		}
	}
}

/* --- df --------------------------------------------------------------------------------------- */

/* A number, or `-` for what the filesystem does not tell. */
static bool df_cell(struct text word, uint64_t *out, bool *known)
{
	if (text_is(word, "-")) {
		*known = false;
		return true;
	}
	/* Below nothing is available: reserved blocks are in use. */
	if (word.n > 1 && word.s[0] == '-') {
		*out = 0;
		return text_u64((struct text){word.s + 1, word.n - 1}, &(uint64_t){0});
	}
	return text_u64(word, out);
}

/* What follows a device's name: three numbers, a share and a path. */
static bool df_tail(struct text tail, struct df_row *out)
{
	struct df_row r = {.known = true};
	if (!df_cell(text_word(&tail), &r.total, &r.known) || !df_cell(text_word(&tail), &r.used, &r.known) ||
	    !df_cell(text_word(&tail), &r.available, &r.known))
		return false;
	struct text share = text_word(&tail);
	if (!text_is(share, "-") && (share.n < 2 || share.s[share.n - 1] != '%'))
		return false;
	while (tail.n && tail.s[0] == ' ')
		tail = (struct text){tail.s + 1, tail.n - 1};
	if (!tail.n || tail.s[0] != '/')
		return false;
	r.point = tail;
	*out = r;
	return true;
}

bool df_next(struct text *rest, struct df_row *out)
{
	struct text line;
	while (text_line(rest, &line)) {
		struct text tail = line;
		/* The device may have blanks: it ends where numbers begin. A few words are enough. */
		for (int words = 0; words < 16 && text_word(&tail).n; words++) {
			if (!df_tail(tail, out))
				continue;
			out->device = (struct text){line.s, (size_t)(tail.s - line.s)};
			return true;
		}
	}
	return false;
}

/* --- network ---------------------------------------------------------------------------------- */

bool proc_net_next(struct text *rest, struct proc_net *out)
{
	struct text line;
	while (text_line(rest, &line)) {
		const char *colon = memchr(line.s, ':', line.n);
		uint64_t n[16];
		if (!colon)
			continue;
		size_t at = (size_t)(colon - line.s);
		struct text name = {line.s, at}, numbers = {colon + 1, line.n - at - 1};
		name = text_word(&name);
		if (!name.n || take_numbers(&numbers, n, 16) < 12)
			continue;
		*out = (struct proc_net){name, n[0], n[1], n[2], n[3], n[8], n[9], n[10], n[11]};
		return true;
	}
	return false;
}

static bool same_text(struct text a, struct text b)
{
	return a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
}

bool proc_pair(struct text file, const char *group, const char *name, uint64_t *out)
{
	struct text names, numbers;
	while (text_line(&file, &names)) {
		struct text peek = file;
		struct text head = text_word(&names);
		if (!text_is(head, group) || !text_line(&peek, &numbers) ||
		    !same_text(text_word(&numbers), head))
			continue;
		file = peek;
		for (struct text w; (w = text_word(&names)).n;) {
			struct text number = text_word(&numbers);
			if (text_is(w, name))
				return text_u64(number, out);
		}
	}
	return false;
}
