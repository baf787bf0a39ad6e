#include "collect/hostloop.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum {
	LONGEST_LINE = 64 << 10,
	MOST_OF_A_FILE = 256 << 10,
	MOST_IN_ALL = 4 << 20, /* of one tick */
	MOST_FILES = 20000,
};

/* --- the script ------------------------------------------------------------------------------- */

const char hostloop_script_end[] = "} # requests follow";

/* Read as a whole before any of it runs, so that no shell takes requests for more of the script. Nice,
   but not nicest: on a host whose cores are all taken, which is when one looks, 19 gets one part in
   hundreds of a core, and a tick takes seconds. A loop that refuses waits to be hung up on: its session
   may carry other things. */
static const char script[] =
	"{\n"
	"m='%.8s''%.8s'\n"
	"echo\n"
	"case $- in *r*) echo \"$m restricted\"; while read -r l; do :; done; exit;; esac\n"
	"exec 3<&0 </dev/null 2>/dev/null\n"
	"LC_ALL=C; export LC_ALL\n"
	"renice -n 10 -p $$ >/dev/null\n"
	"cd \"${FATHOM_ROOT:-/}\" || { echo \"$m nofolder ${FATHOM_ROOT:-/}\"; while read -r l <&3; do :; done; exit; }\n"
	/* Prints files, each line after the name of its file. */
	"if grep -as x -- /dev/null; [ $? = 1 ]; then\n"
	"	how='grep -a'; show() { grep -as -e '' -- \"$@\" /dev/null; }\n"
	"elif grep -s x /dev/null; [ $? = 1 ]; then\n"
	"	how=grep; show() { grep -s '' \"$@\" /dev/null; }\n"
	"else\n"
	"	how=read; show() { for f; do [ -f \"$f\" ] && [ -r \"$f\" ] && mark \"$f\" <\"$f\"; done; }\n"
	"fi\n"
	"mark() { while IFS= read -r l || [ \"$l\" ]; do printf '%%s:%%s\\n' \"$1\" \"$l\"; l=; done; }\n"
	"why() { for x; do :; break; done; if [ -r \"$x\" ]; then echo \"?:r $f\"\n"
	"	elif [ -e \"$x\" ]; then echo \"?:d $f\"; else echo \"?:n $f\"; fi; }\n"
	"set -f\n"
	"echo \"$m os $(uname -s) $(uname -r)\"\n"
	"echo \"$m shell $$\"\n"
	"echo \"$m user $(id -u)\"\n"
	"echo \"$m getconf $(getconf CLK_TCK) $(getconf PAGESIZE)\"\n"
	"echo \"$m show $how\"\n"
	"[ -r proc/stat ] && echo \"$m proc\"\n"
	"echo \"$m ready\"\n"
	"while IFS='|' read -r n verb k rest <&3; do\n"
	"	echo \"$m + $n\"\n"
	"	case $verb in\n"
	"	r)	if [ \"$rest\" ]; then eval \"s$k=\\$rest\"; else eval \"rest=\\$s$k\"; fi\n"
	"		more=\n"
	"		case $rest in @*)\n"
	"			p=${rest#@}; f=${p#*\\|}; t=${f#*\\|}; rest=${t#*\\|}\n"
	"			p=${p%%%%\\|*}; f=${f%%%%\\|*}; t=${t%%%%\\|*}\n"
	"			for i in $t; do for g in $f; do\n"
	"				more=\"$more|proc/$p/task/$i/$g\"\n"
	"			done; done;;\n"
	"		esac\n"
	"		set +f; IFS='|'; set -- $rest$more; unset IFS; set -f\n"
	"		show \"$@\";;\n"
	"	d)	IFS='|'; set -- $rest; unset IFS\n"
	"		df -Pk -- \"$@\" | mark '!df'\n"
	"		df -Pi -- \"$@\" | mark '!df-i';;\n"
	"	t)	[ -f \"$rest\" ] && tail -c 200000 -- \"$rest\" | sed 's/^/!log:/';;\n"
	"	w)	IFS='|'; set -- $rest; unset IFS\n"
	"		for f; do set +f; IFS='|'; why $f; unset IFS; set -f; done;;\n"
	"	h)	for p in $rest; do\n"
	"			ls -l \"proc/$p/fd\" | grep -F \"[$k]\" | mark \"!fd $p\"\n"
	"		done;;\n"
	"	n)	set +f; set -- proc/$k/fd/*; set -f\n"
	"		[ -e \"proc/$k/fd/0\" ] || [ -L \"$1\" ] && echo \"!fds $k:$#\";;\n"
	"	esac\n"
	"	echo \"$m ~\"; times; echo \"$m - $n\"\n"
	"done\n"
	"exit\n"
	"%s\n";

void hostloop_script(struct buf *out, const char *marker)
{
	buf_addf(out, script, marker, marker + 8, hostloop_script_end);
}

/* --- requests --------------------------------------------------------------------------------- */

/* The names of a request one by one, without the bar; NULL at the end. */
static char *next_name(char **rest)
{
	char *name = *rest, *bar = strchr(name, '|');
	if (!*name)
		return NULL;
	*rest = bar ? bar + 1 : name + strlen(name);
	if (bar)
		*bar = '\0';
	return name;
}

/* As the far side knows it: below the root. */
static void add_path(struct buf *out, const char *name)
{
	if (*name == '/')
		buf_adds(out, name + 1);
	else
		buf_addf(out, "proc/%s", name);
}

static bool among(char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* "@812:schedstat io:815 816" as the loop takes it, before all others. */
static void add_threads(struct buf *out, const char *token)
{
	for (; *token; token++)
		buf_addc(out, *token == ':' ? '|' : *token);
	buf_addc(out, '|');
}

void hostloop_ask_files(struct buf *out, unsigned number, char slot, const struct buf *request)
{
	buf_addf(out, "%u|r|%c|", number, slot);
	char *text = xstrdup(request ? buf_str(request) : ""), *rest = text, *name;
	char **names = NULL;
	size_t n = 0, cap = 0;
	bool threads = false;
	while ((name = next_name(&rest))) {
		if (*name == '@' && !threads)
			add_threads(out, name);
		threads |= *name == '@';
		if (strchr("@!", *name) || among(names, n, name))
			continue;
		GROW(names, n, cap);
		names[n++] = name;
	}
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(out, '|');
		add_path(out, names[i]);
	}
	buf_addc(out, '\n');
	free(names);
	free(text);
}

void hostloop_ask_df(struct buf *out, unsigned number, const char *mounts)
{
	buf_addf(out, "%u|d||%s\n", number, mounts);
}

void hostloop_ask_why(struct buf *out, unsigned number, const char *names)
{
	char *text = xstrdup(names), *rest = text, *name;
	const char *bar = "";
	buf_addf(out, "%u|w||", number);
	while ((name = next_name(&rest))) {
		buf_adds(out, bar);
		add_path(out, name);
		bar = "|";
	}
	buf_addc(out, '\n');
	free(text);
}

void hostloop_ask_log(struct buf *out, unsigned number, const char *path)
{
	buf_addf(out, "%u|t||", number);
	add_path(out, path);
	buf_addc(out, '\n');
}

void hostloop_ask_fds(struct buf *out, unsigned number, int64_t pid)
{
	buf_addf(out, "%u|n|%" PRId64 "|\n", number, pid);
}

void hostloop_ask_holder(struct buf *out, unsigned number, int64_t inode, const char *pids)
{
	buf_addf(out, "%u|h|%" PRId64 "|%s\n", number, inode, pids);
}

/* --- files ------------------------------------------------------------------------------------ */

void hostloop_init(struct hostloop *l, const char *marker)
{
	*l = (struct hostloop){.cpu = -1, .ticks_per_second = 100, .page_size = 4096};
	snprintf(l->marker, sizeof l->marker, "%s", marker);
}

void hostloop_release(struct hostloop *l)
{
	buf_release(&l->line);
	buf_release(&l->names);
	buf_release(&l->texts);
	buf_release(&l->colons);
	free(l->entries);
	free(l->files);
	*l = (struct hostloop){0};
}

void hostloop_clear(struct hostloop *l)
{
	buf_clear(&l->names);
	buf_clear(&l->texts);
	l->n_entries = l->n_whole = 0;
	l->bytes = 0;
	l->overfull = false;
}

/* The name of a file as parts know it, from where the loop found it. */
static void add_name(struct buf *out, const char *path, size_t n)
{
	if (n >= 5 && memcmp(path, "proc/", 5) == 0) {
		path += 5;
		n -= 5;
	} else if (*path != '!' && *path != '?') {
		buf_addc(out, '/');
	}
	buf_add(out, path, n);
	buf_addc(out, '\0');
}

static struct hostloop_file *entry_for(struct hostloop *l, const char *path, size_t n)
{
	size_t at = l->names.len;
	add_name(&l->names, path, n);
	if (l->n_entries > l->n_whole) {
		struct hostloop_file *last = &l->entries[l->n_entries - 1];
		if (strcmp(l->names.s + last->name, l->names.s + at) == 0) {
			l->names.len = at;
			return last;
		}
	}
	if (l->n_entries >= MOST_FILES) {
		l->names.len = at;
		l->overfull = true;
		return NULL;
	}
	GROW(l->entries, l->n_entries, l->cap_entries);
	buf_addc(&l->texts, '\0'); /* ends the text before */
	struct hostloop_file *f = &l->entries[l->n_entries++];
	*f = (struct hostloop_file){.name = at, .text = l->texts.len};
	return f;
}

static void add_text(struct hostloop *l, struct hostloop_file *f, const char *s, size_t n, bool cut)
{
	if (l->texts.len + n + 2 > MOST_IN_ALL) {
		l->overfull = f->cut = true;
	} else if (f->len + n + 1 > MOST_OF_A_FILE) {
		f->cut = true;
	} else {
		buf_add(&l->texts, s, n);
		buf_addc(&l->texts, '\n');
		f->len = l->texts.len - f->text;
		f->cut |= cut;
	}
}

/* How long the name at the beginning of a line is; 0: there is none. */
static size_t name_length(const struct hostloop *l, const char *s, size_t n)
{
	const char *known = buf_str(&l->colons);
	size_t fixed = 0;
	while (*known) {
		size_t len = strcspn(known, "|");
		if (len < n && strncmp(known, s, len) == 0 && len > fixed)
			fixed = len;
		known += len + (known[len] == '|');
	}
	const char *colon = memchr(s + fixed, ':', n - fixed);
	return colon ? (size_t)(colon - s) : 0;
}

/* Names with a colon in them end at a later one: what of them is fixed is remembered. */
void hostloop_expect(struct hostloop *l, const struct buf *request)
{
	char *text = xstrdup(buf_str(request)), *rest = text, *name;
	buf_clear(&l->colons);
	while ((name = next_name(&rest))) {
		name[strcspn(name, "*?[")] = '\0';
		if (*name == '@' || !strchr(name, ':'))
			continue;
		add_path(&l->colons, name);
		buf_addc(&l->colons, '|');
	}
	free(text);
}

static void take_file_line(struct hostloop *l, const char *s, size_t n, bool cut)
{
	size_t name = name_length(l, s, n);
	if (name == 0)
		return;
	struct hostloop_file *f = entry_for(l, s, name);
	if (f)
		add_text(l, f, s + name + 1, n - name - 1, cut);
}

/* --- frames ----------------------------------------------------------------------------------- */

/* "0m0.123s 1m2s": seconds. */
static double sum_of_times(const char *s)
{
	double sum = 0;
	for (char *end; *s; s = end) {
		double minutes = strtod(s, &end);
		if (end == s || *end != 'm')
			return sum;
		s = end + 1;
		double seconds = strtod(s, &end);
		if (end == s)
			return sum;
		sum += 60 * minutes + seconds;
		end += *end == 's';
		while (*end == ' ' || *end == '\t')
			end++;
	}
	return sum;
}

static enum hostloop_event refuse(struct hostloop *l, const char *why)
{
	snprintf(l->refusal, sizeof l->refusal, "%s", why);
	return HOSTLOOP_REFUSED;
}

static enum hostloop_event on_ready(struct hostloop *l)
{
	char why[256];
	if (l->os[0] && strncmp(l->os, "Linux", 5) != 0) {
		snprintf(why, sizeof why,
			 "the host runs %.60s; its load can be read on Linux only", l->os);
		return refuse(l, why);
	}
	if (!l->proc)
		return refuse(l, "the host has no /proc/stat that can be read: /proc is not "
				 "mounted there, or hidden");
	l->ready = true;
	return HOSTLOOP_READY;
}

static bool begins(const char *s, const char *with, const char **rest)
{
	size_t n = strlen(with);
	if (strncmp(s, with, n) != 0)
		return false;
	*rest = s + n;
	return true;
}

/* What the loop says when it begins. */
static enum hostloop_event take_greeting(struct hostloop *l, const char *s)
{
	const char *v;
	if (begins(s, "os ", &v)) {
		snprintf(l->os, sizeof l->os, "%s", v);
	} else if (begins(s, "shell ", &v)) {
		l->shell = strtoll(v, NULL, 10);
	} else if (begins(s, "user ", &v)) {
		snprintf(l->user, sizeof l->user, "%s", v);
	} else if (begins(s, "show ", &v)) {
		snprintf(l->show, sizeof l->show, "%s", v);
	} else if (begins(s, "getconf ", &v)) {
		long ticks = 0, page = 0;
		if (sscanf(v, "%ld %ld", &ticks, &page) == 2 && ticks > 0 && ticks <= 100000 &&
		    page >= 512 && page <= 1 << 24) {
			l->ticks_per_second = ticks;
			l->page_size = page;
		}
	} else if (strcmp(s, "proc") == 0) {
		l->proc = true;
	} else if (strcmp(s, "restricted") == 0) {
		return refuse(l, "the shell on the host is a restricted one, which may not read "
				 "files: log in with another account");
	} else if (begins(s, "nofolder ", &v)) {
		return refuse(l, "the folder that FATHOM_ROOT names on the host cannot be entered");
	} else if (strcmp(s, "ready") == 0) {
		return on_ready(l);
	}
	return HOSTLOOP_MORE;
}

static void drop_frame(struct hostloop *l)
{
	if (l->n_entries > l->n_whole) {
		l->names.len = l->entries[l->n_whole].name;
		l->texts.len = l->entries[l->n_whole].text;
		l->n_entries = l->n_whole;
	}
	l->where = HOSTLOOP_OUTSIDE;
}

static enum hostloop_event end_frame(struct hostloop *l, unsigned number)
{
	if (l->where != HOSTLOOP_TIMES || number != l->inside) {
		drop_frame(l);
		return HOSTLOOP_MORE;
	}
	l->where = HOSTLOOP_OUTSIDE;
	l->n_whole = l->n_entries;
	l->cpu = l->times;
	l->number = number;
	return HOSTLOOP_FRAME;
}

/* A line that begins with the marker. */
static enum hostloop_event take_mark(struct hostloop *l, const char *s)
{
	const char *v;
	if (begins(s, "+ ", &v)) {
		drop_frame(l);
		l->inside = (unsigned)strtoul(v, NULL, 10);
		l->where = HOSTLOOP_INSIDE;
		return HOSTLOOP_MORE;
	}
	if (strcmp(s, "~") == 0) {
		l->where = l->where == HOSTLOOP_INSIDE ? HOSTLOOP_TIMES : HOSTLOOP_OUTSIDE;
		l->times = 0;
		return HOSTLOOP_MORE;
	}
	if (begins(s, "- ", &v))
		return end_frame(l, (unsigned)strtoul(v, NULL, 10));
	return l->ready ? HOSTLOOP_MORE : take_greeting(l, s);
}

static bool tells_something(const char *s)
{
	for (; *s; s++)
		if (isalnum((unsigned char)*s))
			return true;
	return false;
}

static enum hostloop_event take_line(struct hostloop *l)
{
	const char *s = buf_str(&l->line), *rest;
	size_t n = l->line.len;
	bool cut = l->skipping;
	if (n && s[n - 1] == '\r')
		l->line.s[--n] = '\0';
	if (begins(s, l->marker, &rest) && *rest == ' ')
		return take_mark(l, rest + 1);
	if (l->where == HOSTLOOP_INSIDE)
		take_file_line(l, s, n, cut);
	else if (l->where == HOSTLOOP_TIMES)
		l->times += sum_of_times(s);
	else if (tells_something(s))
		snprintf(l->noise, sizeof l->noise, "%s", s);
	return HOSTLOOP_MORE;
}

enum hostloop_event hostloop_feed(struct hostloop *l, const char **bytes, size_t *n)
{
	while (*n) {
		const char *end = memchr(*bytes, '\n', *n);
		size_t len = end ? (size_t)(end - *bytes) : *n;
		size_t room = LONGEST_LINE - l->line.len, take = len < room ? len : room;
		buf_add(&l->line, *bytes, take);
		l->skipping |= take < len;
		l->bytes += len + (end != NULL);
		*bytes += len + (end != NULL);
		*n -= len + (end != NULL);
		if (!end)
			break;
		enum hostloop_event event = take_line(l);
		buf_clear(&l->line);
		l->skipping = false;
		if (event != HOSTLOOP_MORE)
			return event;
	}
	return HOSTLOOP_MORE;
}

/* --- the tick --------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct host_file *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : x->text < y->text ? -1 : x->text > y->text;
}

struct host_tick hostloop_tick(struct hostloop *l)
{
	struct host_tick t = {0};
	l->files = xrealloc(l->files, l->n_whole + 1, sizeof *l->files);
	buf_addc(&l->texts, '\0');
	for (unsigned i = 0; i < l->n_whole; i++) {
		const struct hostloop_file *f = &l->entries[i];
		l->files[i] = (struct host_file){
			.name = l->names.s + f->name,
			.text = l->texts.s + f->text,
			.len = f->len,
			.cut = f->cut,
		};
	}
	qsort(l->files, l->n_whole, sizeof *l->files, by_name);
	/* What came twice counts once. */
	for (unsigned i = 0; i < l->n_whole; i++)
		if (t.n_files == 0 || strcmp(l->files[t.n_files - 1].name, l->files[i].name) != 0)
			l->files[t.n_files++] = l->files[i];
	t.files = l->files;
	return t;
}
