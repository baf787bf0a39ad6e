/*
 * The shell of this machine is none: it answers the requests of collect/hostloop.h by itself, in the very
 * words of the loop. What is asked for is read piece by piece, whenever somebody reads, so that a long
 * answer does not hold up the thread.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <inttypes.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "collect/hostloop.h"
#include "io/shellimpl.h"

enum { SLOTS = 8, MOST_OF_A_FILE = 512 << 10 };

struct names {
	char **of;
	size_t n, cap;
};

struct local {
	struct shell shell;
	char *root; /* "" or a folder, without the slash */
	char marker[HOSTLOOP_MARKER + 1];
	bool running; /* the script was seen whole */
	struct buf in;
	struct buf out;
	size_t told; /* of out */
	char *slots[SLOTS];

	/* The request at hand. */
	bool busy;
	unsigned number;
	struct names names; /* files that are still to be read, the last one first */
	int64_t cpu;        /* ns that all of this took so far */
};

static struct local *local_of(struct shell *s)
{
	return (struct local *)s;
}

/* --- names ------------------------------------------------------------------------------------ */

static void names_add(struct names *v, const char *name, size_t len)
{
	GROW(v->of, v->n, v->cap);
	v->of[v->n++] = xstrndup(name, len);
}

static void names_clear(struct names *v)
{
	while (v->n)
		free(v->of[--v->n]);
}

static char *path_of(const struct local *l, const char *name)
{
	return xasprintf("%s/%s", l->root, name);
}

/* Where a name has one part with wildcards: what its folder has that fits, without a look at each. */
static bool list(const struct local *l, const char *name, struct names *out)
{
	size_t fixed = strcspn(name, "*?[");
	const char *rest = name + fixed + strcspn(name + fixed, "/");
	while (fixed && name[fixed - 1] != '/')
		fixed--;
	if (strpbrk(rest, "*?["))
		return false;
	char *folder = xasprintf("%s/%.*s", l->root, (int)fixed, name);
	char *pattern = xstrndup(name + fixed, (size_t)(rest - name) - fixed);
	DIR *d = opendir(folder);
	for (struct dirent *e; d && (e = readdir(d));) {
		if (fnmatch(pattern, e->d_name, FNM_PERIOD) != 0)
			continue;
		char *found = xasprintf("%.*s%s%s", (int)fixed, name, e->d_name, rest);
		names_add(out, found, strlen(found));
		free(found);
	}
	if (d)
		closedir(d);
	free(pattern);
	free(folder);
	return true;
}

/* What a name with wildcards stands for; at most so many. */
static void expand(const struct local *l, const char *name, size_t most, struct names *out)
{
	char *pattern = path_of(l, name);
	glob_t found;
	if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
		size_t skip = strlen(l->root) + 1;
		for (size_t i = 0; i < found.gl_pathc && i < most; i++)
			names_add(out, found.gl_pathv[i] + skip, strlen(found.gl_pathv[i] + skip));
		globfree(&found);
	}
	free(pattern);
}

static void add_names(const struct local *l, const char *rest, struct names *out)
{
	while (*rest) {
		size_t len = strcspn(rest, "|");
		char *name = xstrndup(rest, len);
		if (!strpbrk(name, "*?["))
			names_add(out, name, len);
		else if (!list(l, name, out))
			expand(l, name, SIZE_MAX, out);
		free(name);
		rest += len + (rest[len] == '|');
	}
}

/* "@812|schedstat io|815 816|": returns what follows. */
static const char *add_threads(const char *rest, struct names *out)
{
	const char *part[3];
	size_t len[3];
	rest++;
	for (int i = 0; i < 3; i++) {
		part[i] = rest;
		len[i] = strcspn(rest, "|");
		rest += len[i] + (rest[len[i]] == '|');
	}
	for (const char *t = part[2]; t < part[2] + len[2]; t += strcspn(t, " |") + 1)
		for (const char *f = part[1]; f < part[1] + len[1]; f += strcspn(f, " |") + 1) {
			char *name = xasprintf("proc/%.*s/task/%.*s/%.*s", (int)len[0], part[0],
					       (int)strcspn(t, " |"), t, (int)strcspn(f, " |"), f);
			names_add(out, name, strlen(name));
			free(name);
		}
	return rest;
}

/* --- files ------------------------------------------------------------------------------------ */

/* Reading some files waits for the memory map of their process, which one that hangs in the kernel may
   hold. */
static bool may_hang(const struct local *l, const char *name)
{
	const char *slash = strrchr(name, '/');
	char text[512];
	if (!slash || strcmp(slash, "/cmdline") != 0 || strncmp(name, "proc/", 5) != 0)
		return false;
	char *path = xasprintf("%s/%.*s/stat", l->root, (int)(slash - name), name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	free(path);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	const char *end = strrchr(text, ')');
	return end && strncmp(end, ") D", 3) == 0;
}

static void slurp(int fd, struct buf *text)
{
	ssize_t n;
	do {
		buf_reserve(text, 32 << 10);
		n = read(fd, text->s + text->len, 32 << 10);
		if (n > 0)
			text->len += (size_t)n;
	} while ((n > 0 && text->len < MOST_OF_A_FILE) || (n < 0 && errno == EINTR));
}

static void print_lines(struct local *l, const char *name, const struct buf *text)
{
	for (size_t at = 0; at < text->len;) {
		const char *s = text->s + at, *end = memchr(s, '\n', text->len - at);
		size_t len = end ? (size_t)(end - s) : text->len - at;
		buf_addf(&l->out, "%s:", name);
		buf_add(&l->out, s, len);
		buf_addc(&l->out, '\n');
		at += len + 1;
	}
}

static void print_file(struct local *l, const char *name)
{
	char *path = path_of(l, name);
	int fd = may_hang(l, name) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	struct buf text = BUF_INIT;
	free(path);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		slurp(fd, &text);
	close(fd);
	print_lines(l, name, &text);
	buf_release(&text);
}

static char why_absent(const struct local *l, const char *name)
{
	struct names found = {0};
	char why = 'n';
	if (strpbrk(name, "*?["))
		expand(l, name, 1, &found);
	else
		names_add(&found, name, strlen(name));
	if (found.n) {
		char *path = path_of(l, found.of[0]);
		if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0)
			why = 'r';
		else if (errno == EACCES || faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0)
			why = 'd';
		free(path);
	}
	names_clear(&found);
	free(found.of);
	return why;
}

/* The last of a log, its first line cut where it is longer. */
static void print_log(struct local *l, const char *name)
{
	enum { MOST_OF_A_LOG = 200000 };
	char *path = path_of(l, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	struct buf text = BUF_INIT;
	free(path);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (st.st_size > MOST_OF_A_LOG)
			lseek(fd, st.st_size - MOST_OF_A_LOG, SEEK_SET);
		slurp(fd, &text);
	}
	close(fd);
	print_lines(l, "!log", &text);
	buf_release(&text);
}

/* --- filesystems ------------------------------------------------------------------------------ */

static void find_device(const char *mount, char out[256])
{
	char line[4096];
	struct mntent entry;
	FILE *f = setmntent("/proc/self/mounts", "re");
	strcpy(out, "-");
	while (f && getmntent_r(f, &entry, line, sizeof line))
		if (strcmp(entry.mnt_dir, mount) == 0)
			snprintf(out, 256, "%s", entry.mnt_fsname);
	if (f)
		endmntent(f);
}

/* Of what is there for us, rounded up. */
static unsigned percent(uint64_t used, uint64_t free)
{
	return used + free ? (unsigned)((100 * used + used + free - 1) / (used + free)) : 0;
}

static void print_df(struct local *l, const struct names *mounts)
{
	struct buf inodes = BUF_INIT;
	buf_adds(&l->out, "!df:Filesystem 1024-blocks Used Available Capacity Mounted on\n");
	buf_adds(&inodes, "!df-i:Filesystem Inodes IUsed IFree IUse% Mounted on\n");
	for (size_t i = 0; i < mounts->n; i++) {
		struct statvfs fs;
		char device[256];
		if (statvfs(mounts->of[i], &fs) != 0)
			continue;
		find_device(mounts->of[i], device);
		uint64_t unit = fs.f_frsize ? fs.f_frsize : 1024;
		uint64_t used = (uint64_t)(fs.f_blocks - fs.f_bfree) * unit / 1024;
		uint64_t left = (uint64_t)fs.f_bavail * unit / 1024;
		uint64_t iused = (uint64_t)(fs.f_files - fs.f_ffree);
		buf_addf(&l->out, "!df:%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %u%% %s\n", device,
			 (uint64_t)fs.f_blocks * unit / 1024, used, left, percent(used, left),
			 mounts->of[i]);
		buf_addf(&inodes, "!df-i:%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %u%% %s\n", device,
			 (uint64_t)fs.f_files, iused, (uint64_t)fs.f_ffree,
			 percent(iused, (uint64_t)fs.f_ffree), mounts->of[i]);
	}
	buf_add(&l->out, buf_str(&inodes), inodes.len);
	buf_release(&inodes);
}

/* --- who holds a socket ----------------------------------------------------------------------- */

static void print_holder(struct local *l, const char *pid, size_t len, const char *inode)
{
	struct names links = {0};
	char *pattern = xasprintf("proc/%.*s/fd/*", (int)len, pid);
	char *wanted = xasprintf("socket:[%s]", inode), to[64];
	expand(l, pattern, 65536, &links);
	for (size_t i = 0; i < links.n; i++) {
		char *path = path_of(l, links.of[i]);
		ssize_t n = readlink(path, to, sizeof to - 1);
		to[n > 0 ? n : 0] = '\0';
		if (strcmp(to, wanted) == 0)
			buf_addf(&l->out, "!fd %.*s:%s -> %s\n", (int)len, pid, links.of[i], to);
		free(path);
	}
	names_clear(&links);
	free(links.of);
	free(wanted);
	free(pattern);
}

static void print_fds(struct local *l, const char *pid)
{
	struct names fds = {0};
	char *pattern = xasprintf("proc/%s/fd/*", pid);
	list(l, pattern, &fds);
	if (fds.n)
		buf_addf(&l->out, "!fds %s:%zu\n", pid, fds.n);
	names_clear(&fds);
	free(fds.of);
	free(pattern);
}

/* --- requests --------------------------------------------------------------------------------- */

static void begin_files(struct local *l, char slot, const char *rest)
{
	if (slot < 'a' || slot >= 'a' + SLOTS)
		return;
	char **kept = &l->slots[slot - 'a'];
	if (*rest) {
		free(*kept);
		*kept = xstrdup(rest);
	}
	rest = *kept ? *kept : "";
	if (*rest == '@')
		rest = add_threads(rest, &l->names);
	add_names(l, rest, &l->names);
}

static void run_at_once(struct local *l, char verb, const char *k, const char *rest)
{
	struct names names = {0};
	while (verb != 'h' && *rest) {
		size_t len = strcspn(rest, "|");
		names_add(&names, rest, len);
		rest += len + (rest[len] == '|');
	}
	if (verb == 'd')
		print_df(l, &names);
	if (verb == 'n')
		print_fds(l, k);
	if (verb == 't' && names.n)
		print_log(l, names.of[0]);
	for (size_t i = 0; verb == 'w' && i < names.n; i++)
		buf_addf(&l->out, "?:%c %s\n", why_absent(l, names.of[i]), names.of[i]);
	for (; verb == 'h' && *rest; rest += strspn(rest, " ")) {
		size_t len = strcspn(rest, " ");
		print_holder(l, rest, len, k);
		rest += len;
	}
	names_clear(&names);
	free(names.of);
}

/* "1|r|a|proc/stat|proc/loadavg" */
static void begin_request(struct local *l, char *line)
{
	char *fields[4] = {line};
	for (int i = 1; i < 4; i++) {
		char *bar = fields[i - 1] + strcspn(fields[i - 1], "|");
		fields[i] = *bar ? bar + 1 : bar;
		*bar = '\0';
	}
	l->number = (unsigned)strtoul(fields[0], NULL, 10);
	l->busy = true;
	buf_addf(&l->out, "%s + %u\n", l->marker, l->number);
	if (fields[1][0] == 'r')
		begin_files(l, fields[2][0], fields[3]);
	else
		run_at_once(l, fields[1][0], fields[2], fields[3]);
}

static void end_request(struct local *l)
{
	l->busy = false;
	buf_addf(&l->out, "%s ~\n0m%.6fs 0m0s\n%s - %u\n", l->marker,
		 (double)l->cpu / (double)NS_PER_S, l->marker, l->number);
}

static void greet(struct local *l)
{
	struct utsname u;
	char *stat_path = path_of(l, "proc/stat");
	uname(&u);
	buf_addf(&l->out, "%s os %s %s\n%s shell %d\n%s user %u\n", l->marker, u.sysname, u.release,
		 l->marker, (int)getpid(), l->marker, (unsigned)geteuid());
	buf_addf(&l->out, "%s getconf %ld %ld\n%s show in process\n", l->marker,
		 sysconf(_SC_CLK_TCK), sysconf(_SC_PAGESIZE), l->marker);
	if (access(stat_path, R_OK) == 0)
		buf_addf(&l->out, "%s proc\n", l->marker);
	buf_addf(&l->out, "%s ready\n", l->marker);
	free(stat_path);
	l->running = true;
}

/* The script's only lines that mean something here. */
static void take_script(struct local *l, const char *line)
{
	char first[9] = "", second[9] = "";
	if (!l->marker[0] && sscanf(line, "m='%8[^']''%8[^']'", first, second) == 2)
		snprintf(l->marker, sizeof l->marker, "%s%s", first, second);
	if (strcmp(line, hostloop_script_end) == 0)
		greet(l);
}

/* False when there is no whole line. */
static bool take_line(struct local *l)
{
	char *end = l->in.len ? memchr(l->in.s, '\n', l->in.len) : NULL;
	if (!end)
		return false;
	*end = '\0';
	if (l->running)
		begin_request(l, l->in.s);
	else
		take_script(l, l->in.s);
	size_t used = (size_t)(end - l->in.s) + 1;
	memmove(l->in.s, l->in.s + used, l->in.len - used);
	l->in.len -= used;
	return true;
}

/* False when there is nothing to do. */
static bool work(struct local *l)
{
	if (!l->busy)
		return take_line(l);
	if (l->names.n) {
		char *name = l->names.of[--l->names.n];
		print_file(l, name);
		free(name);
	} else {
		end_request(l);
	}
	return true;
}

/* --- the row ---------------------------------------------------------------------------------- */

static struct shell *local_open(const struct shell_attempt *a, struct shell_question *question,
				struct err *err)
{
	const char *root = getenv("FATHOM_ROOT");
	struct local *l = xcalloc(1, sizeof *l);
	(void)question;
	(void)err;
	l->root = xstrdup(root && strcmp(root, "/") != 0 ? root : "");
	shell_tell(a, "host-shell", true, "this machine's own files are read");
	return &l->shell;
}

static void local_close(struct shell *s)
{
	struct local *l = local_of(s);
	names_clear(&l->names);
	free(l->names.of);
	for (int i = 0; i < SLOTS; i++)
		free(l->slots[i]);
	buf_release(&l->in);
	buf_release(&l->out);
	free(l->root);
	free(l);
}

static int64_t cpu_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static ssize_t local_read(struct shell *s, void *out, size_t size, struct err *err)
{
	struct local *l = local_of(s);
	int64_t began = cpu_now();
	(void)err;
	while (l->out.len - l->told < size && work(l))
		;
	size_t n = l->out.len - l->told;
	if (n > size)
		n = size;
	if (n)
		memcpy(out, l->out.s + l->told, n);
	l->told += n;
	if (l->told == l->out.len) {
		buf_clear(&l->out);
		l->told = 0;
	}
	l->cpu += cpu_now() - began;
	return (ssize_t)n;
}

static ssize_t local_write(struct shell *s, const void *bytes, size_t n, struct err *err)
{
	(void)err;
	buf_add(&local_of(s)->in, bytes, n);
	return (ssize_t)n;
}

static unsigned local_poll(struct shell *s, bool writing, struct pollfd p[SHELL_MOST_FDS])
{
	(void)s;
	(void)writing;
	(void)p;
	return 0;
}

static int64_t local_due(const struct shell *s)
{
	const struct local *l = (const struct local *)s;
	bool line = l->in.len && memchr(l->in.s, '\n', l->in.len);
	return l->busy || line || l->told < l->out.len ? 0 : INT64_MAX;
}

const struct shell_ops shell_local_ops = {
	.open = local_open,
	.close = local_close,
	.read = local_read,
	.write = local_write,
	.poll = local_poll,
	.due = local_due,
};
