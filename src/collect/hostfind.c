#include "collect/hostfind.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parse/proc.h"

void hostfind_begin(struct hostfind *f, const struct hostfind_facts *facts)
{
	*f = (struct hostfind){.facts = *facts, .owner = -1};
}

/* Where the pid file is: a path without a slash at its head is below the data folder. */
static void pid_file(const struct hostfind *f, char out[520])
{
	const struct hostfind_facts *k = &f->facts;
	out[0] = '\0';
	if (k->pid_file[0] == '/')
		snprintf(out, 520, "%s", k->pid_file);
	else if (k->pid_file[0] && k->datadir[0] == '/')
		snprintf(out, 520, "%s/%s", k->datadir, k->pid_file);
}

void hostfind_want(const struct hostfind *f, struct buf *request)
{
	char path[520];
	if (f->stage == HOSTFIND_NAMES) {
		host_want(request, "stat");
		host_want(request, "sys/kernel/hostname");
		host_want(request, "self/mountinfo");
		host_want(request, "[0-9]*/comm");
		pid_file(f, path);
		if (path[0])
			host_want(request, "%s", path);
	} else if (f->stage == HOSTFIND_DETAILS) {
		for (unsigned i = 0; i < f->n; i++) {
			host_want(request, "%" PRId64 "/status", f->of[i].pid);
			host_want(request, "%" PRId64 "/stat", f->of[i].pid);
			host_want(request, "%" PRId64 "/cmdline", f->of[i].pid);
			host_want(request, "%" PRId64 "/cgroup", f->of[i].pid);
		}
		host_want(request, "net/tcp");
		host_want(request, "net/tcp6");
		host_want(request, "net/unix");
	}
}

void hostfind_pids(const struct hostfind *f, struct buf *out)
{
	const char *blank = "";
	for (unsigned i = 0; i < f->n; i++) {
		if (!f->of[i].is_server)
			continue;
		buf_addf(out, "%s%" PRId64, blank, f->of[i].pid);
		blank = " ";
	}
}

static struct text text_of_file(const struct host_file *f)
{
	return f ? text_of(f->text, f->len) : text_of("", 0);
}

static const struct host_file *of_process(const struct host_tick *t, int64_t pid, const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "%" PRId64 "/%s", pid, name);
	return host_file(t, path);
}

/* The first line, or "". */
static void first_line(const struct host_file *f, char *out, size_t size)
{
	struct text rest = text_of_file(f), line = text_str("");
	text_line(&rest, &line);
	text_copy(line, out, size);
}

/* --- names ------------------------------------------------------------------------------------ */

static bool is_server_name(struct text name)
{
	static const char *const names[] = {"mysqld", "mariadbd", "mysqld-debug"};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (text_is(name, names[i]))
			return true;
	return false;
}

/* What runs other programs under its own name. */
static bool is_runner(struct text name)
{
	return text_begins(name, "ld-linux") || text_begins(name, "ld-musl") ||
	       text_begins(name, "rr") || text_begins(name, "memcheck") ||
	       text_begins(name, "qemu-");
}

static void take_names(struct hostfind *f, const struct host_tick *t)
{
	char path[520];
	for (unsigned i = 0; i < t->n_files && f->n < HOSTFIND_MOST; i++) {
		const char *slash = strchr(t->files[i].name, '/');
		if (!slash || strcmp(slash, "/comm") != 0)
			continue;
		struct text rest = text_of_file(&t->files[i]), name = text_str("");
		text_line(&rest, &name);
		if (!is_server_name(name) && !is_runner(name))
			continue;
		struct hostfind_candidate *c = &f->of[f->n++];
		c->pid = strtoll(t->files[i].name, NULL, 10);
		c->is_server = is_server_name(name);
		text_copy(name, c->name, sizeof c->name);
	}
	first_line(host_file(t, "sys/kernel/hostname"), f->hostname, sizeof f->hostname);
	f->elsewhere = f->hostname[0] && f->facts.hostname[0] &&
		       strcmp(f->hostname, f->facts.hostname) != 0;
	const struct host_file *mounts = host_file(t, "self/mountinfo");
	f->hidden = mounts && strstr(mounts->text, "hidepid=") &&
		    !strstr(mounts->text, "hidepid=0");
	pid_file(f, path);
	uint64_t pid;
	if (path[0] && proc_single(text_of_file(host_file(t, path)), &pid))
		f->named = (int64_t)pid;
}

/* --- details ---------------------------------------------------------------------------------- */

/* The arguments of a command line are separated by NULs. */
static bool next_argument(struct text *rest, struct text *out)
{
	if (rest->n == 0)
		return false;
	const char *end = memchr(rest->s, '\0', rest->n);
	*out = (struct text){rest->s, end ? (size_t)(end - rest->s) : rest->n};
	size_t used = out->n + (end != NULL);
	rest->s += used;
	rest->n -= used;
	return true;
}

static struct text base_name(struct text path)
{
	for (size_t i = path.n; i-- > 0;)
		if (path.s[i] == '/')
			return (struct text){path.s + i + 1, path.n - i - 1};
	return path;
}

/* "--port=3306" with name "--port". */
static bool option_is(struct text argument, const char *name, const char *value)
{
	size_t n = strlen(name);
	if (!*value || !text_begins(argument, name) || argument.n <= n || argument.s[n] != '=')
		return false;
	return text_is((struct text){argument.s + n + 1, argument.n - n - 1}, value);
}

static void take_command_line(struct hostfind *f, struct hostfind_candidate *c,
			      const struct host_file *file)
{
	char port[16], path[520];
	struct text rest = text_of_file(file), argument;
	snprintf(port, sizeof port, "%u", f->facts.port);
	pid_file(f, path);
	if (rest.n && rest.s[rest.n - 1] == '\n')
		rest.n--;
	for (int i = 0; next_argument(&rest, &argument); i++) {
		struct text name = base_name(argument);
		if (i < 8 && !c->is_server && is_server_name(name)) {
			c->is_server = true;
			text_copy(name, c->name, sizeof c->name);
		}
		c->by_line |= option_is(argument, "--pid-file", path) ||
			      (f->facts.port && option_is(argument, "--port", port)) ||
			      option_is(argument, "--socket", f->facts.socket);
	}
}

/* Of the controller that limits memory, else of version 2. */
static void take_cgroup(struct hostfind_candidate *c, const struct host_file *file)
{
	struct text path, text = text_of_file(file);
	if (!cgroup_path(text, "memory", &path) && !cgroup_path(text, "cpu", &path)) {
		if (!cgroup_path(text, "", &path))
			return;
		c->cgroup_v2 = true;
	}
	while (path.n && *path.s == '/') {
		path.s++;
		path.n--;
	}
	/* What is outside of this login's namespace cannot be read. */
	if (!text_begins(path, ".."))
		text_copy(path, c->cgroup, sizeof c->cgroup);
}

static uint64_t start_of(const struct host_file *stat)
{
	struct proc_task task;
	return proc_task(text_of_file(stat), &task) ? task.start : 0;
}

static void take_candidate(struct hostfind *f, struct hostfind_candidate *c,
			   const struct host_tick *t)
{
	struct text status = text_of_file(of_process(t, c->pid, "status")), line;
	uint64_t n;
	c->inner = proc_inner_pid(status, &n) ? (int64_t)n : c->pid;
	c->uid = proc_line(status, "Uid", &line) && text_u64(text_word(&line), &n) ? (int64_t)n : -1;
	take_command_line(f, c, of_process(t, c->pid, "cmdline"));
	c->start = start_of(of_process(t, c->pid, "stat"));
	const struct host_file *cgroup = of_process(t, c->pid, "cgroup");
	take_cgroup(c, cgroup);
	c->by_host = cgroup && strlen(f->facts.hostname) >= 12 &&
		     strstr(cgroup->text, f->facts.hostname);
}

/* The socket that listens on our port, of net/tcp or net/tcp6. */
static void take_tcp(struct hostfind *f, const struct host_file *file)
{
	struct text rest = text_of_file(file), line;
	while (f->facts.port && !f->inode && text_line(&rest, &line)) {
		char s[256];
		unsigned port, state, uid;
		unsigned long inode;
		text_copy(line, s, sizeof s);
		if (sscanf(s, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %u %*u %lu",
			   &port, &state, &uid, &inode) == 4 &&
		    state == 0x0a && port == f->facts.port) {
			f->inode = (int64_t)inode;
			f->owner = uid;
		}
	}
}

static void take_unix(struct hostfind *f, const struct host_file *file)
{
	enum { LISTENS = 0x10000 };
	struct text rest = text_of_file(file), line;
	while (f->facts.socket[0] && !f->inode && text_line(&rest, &line)) {
		char s[512], path[256];
		unsigned flags;
		unsigned long inode;
		text_copy(line, s, sizeof s);
		if (sscanf(s, "%*s %*x %*x %x %*x %*x %lu %255[^\n]", &flags, &inode, path) == 3 &&
		    flags & LISTENS && strcmp(path, f->facts.socket) == 0)
			f->inode = (int64_t)inode;
	}
}

static void take_details(struct hostfind *f, const struct host_tick *t)
{
	for (unsigned i = 0; i < f->n; i++)
		take_candidate(f, &f->of[i], t);
	take_tcp(f, host_file(t, "net/tcp"));
	take_tcp(f, host_file(t, "net/tcp6"));
	take_unix(f, host_file(t, "net/unix"));
}

static void take_holders(struct hostfind *f, const struct host_tick *t)
{
	for (unsigned i = 0; i < f->n; i++) {
		char name[32];
		snprintf(name, sizeof name, "!fd %" PRId64, f->of[i].pid);
		f->of[i].holds = host_file(t, name) != NULL;
	}
}

/* --- the conclusion --------------------------------------------------------------------------- */

typedef bool evidence(const struct hostfind *f, const struct hostfind_candidate *c);

static bool pid_file_names(const struct hostfind *f, const struct hostfind_candidate *c)
{
	return f->named && c->pid == f->named && (!f->elsewhere || c->by_host);
}

static bool pid_file_names_inner(const struct hostfind *f, const struct hostfind_candidate *c)
{
	return f->named && c->inner == f->named && c->inner != c->pid &&
	       (!f->elsewhere || c->by_host);
}

static bool holds_socket(const struct hostfind *f, const struct hostfind_candidate *c)
{
	(void)f;
	return c->holds;
}

static bool is_container(const struct hostfind *f, const struct hostfind_candidate *c)
{
	return f->elsewhere && c->by_host;
}

static bool line_names(const struct hostfind *f, const struct hostfind_candidate *c)
{
	return c->by_line && !f->elsewhere;
}

static bool owns_socket(const struct hostfind *f, const struct hostfind_candidate *c)
{
	return f->inode && f->owner >= 0 && c->uid == f->owner && !f->elsewhere;
}

/* The only server process that this holds for. */
static const struct hostfind_candidate *only(const struct hostfind *f, evidence *holds)
{
	const struct hostfind_candidate *found = NULL;
	for (unsigned i = 0; i < f->n; i++) {
		if (!f->of[i].is_server || !holds(f, &f->of[i]))
			continue;
		if (found)
			return NULL;
		found = &f->of[i];
	}
	return found;
}

/* In words; `how` has room. */
static void tell_how(const struct hostfind *f, evidence *by, const struct hostfind_candidate *c,
		     char how[192])
{
	char path[520];
	pid_file(f, path);
	if (by == pid_file_names)
		snprintf(how, 192, "pid file %.120s", path);
	else if (by == pid_file_names_inner)
		snprintf(how, 192, "pid file %.100s, process %" PRId64 " of its container", path, c->inner);
	else if (by == is_container)
		snprintf(how, 192, "the control group of container %.100s", f->facts.hostname);
	else if (by == line_names)
		snprintf(how, 192, "its command line");
	else if (f->facts.port && f->owner >= 0)
		snprintf(how, 192, by == holds_socket ? "port %u" : "the owner of port %u",
			 f->facts.port);
	else
		snprintf(how, 192, "socket %.150s", f->facts.socket);
}

static unsigned servers(const struct hostfind *f)
{
	unsigned n = 0;
	for (unsigned i = 0; i < f->n; i++)
		n += f->of[i].is_server;
	return n;
}

static void tell_why_not(const struct hostfind *f, char why[256])
{
	unsigned n = servers(f);
	if (f->elsewhere)
		snprintf(why, 256,
			 "the server calls its host %.60s, this is %.60s: it runs in a container "
			 "that cannot be told from others here, or on another machine",
			 f->facts.hostname, f->hostname);
	else if (n == 0 && f->hidden)
		snprintf(why, 256, "this login sees its own processes only (/proc is mounted with "
				   "hidepid): log in as the server's user or in the group that may");
	else if (n == 0)
		snprintf(why, 256, "no mysqld or mariadbd runs on %.60s",
			 f->hostname[0] ? f->hostname : "this host");
	else if (!f->inode && !f->named && f->facts.port)
		snprintf(why, 256, "nobody listens on port %u of %.60s, and none of the %u server "
				   "process%s there can be told to be ours",
			 f->facts.port, f->hostname, n, n == 1 ? "" : "es");
	else
		snprintf(why, 256,
			 "%u server process%s here, but neither pid file, port nor socket say %s is "
			 "ours: who holds a socket is seen by the server's user and root only",
			 n, n == 1 ? " runs" : "es run", n == 1 ? "that it" : "which of them");
}

/* False when who holds the socket is worth a question first. */
static bool conclude(const struct hostfind *f, bool last, struct host_server *server)
{
	/* The best first; who merely owns a socket is the last resort. */
	static evidence *const ladder[] = {pid_file_names, pid_file_names_inner, is_container,
					   holds_socket,   line_names,		 owns_socket};
	enum { SURE = 3 };
	const struct hostfind_candidate *c = NULL;
	size_t i = 0;
	for (; i < COUNT_OF(ladder) && !c; i++) {
		if (i == SURE && !last && f->inode && !f->elsewhere && servers(f))
			return false;
		c = only(f, ladder[i]);
	}
	server->pid = server->inner_pid = 0;
	server->how[0] = server->why_not[0] = server->cgroup[0] = '\0';
	if (!c) {
		tell_why_not(f, server->why_not);
		return true;
	}
	server->pid = c->pid;
	server->inner_pid = c->inner;
	server->start = c->start;
	snprintf(server->name, sizeof server->name, "%s", c->name);
	snprintf(server->cgroup, sizeof server->cgroup, "%s", c->cgroup);
	server->cgroup_v2 = c->cgroup_v2;
	tell_how(f, ladder[i - 1], c, server->how);
	return true;
}

static void count_cores(const struct host_tick *t, struct host_server *server)
{
	struct text rest = text_of_file(host_file(t, "stat"));
	struct proc_cpu cpu;
	unsigned n = 0;
	while (proc_cpu_next(&rest, &cpu))
		n += cpu.core >= 0;
	if (n)
		server->cores = n;
}

bool hostfind_take(struct hostfind *f, const struct host_tick *t, struct host_server *server)
{
	switch (f->stage) {
	case HOSTFIND_NAMES:
		take_names(f, t);
		count_cores(t, server);
		f->stage = HOSTFIND_DETAILS;
		if (f->n)
			return false;
		conclude(f, true, server);
		break;
	case HOSTFIND_DETAILS:
		take_details(f, t);
		f->stage = HOSTFIND_HOLDER;
		if (!conclude(f, false, server))
			return false;
		break;
	case HOSTFIND_HOLDER:
		take_holders(f, t);
		conclude(f, true, server);
		break;
	case HOSTFIND_DONE:
		break;
	}
	f->stage = HOSTFIND_DONE;
	return true;
}

bool hostfind_lives(const struct host_server *server, const struct host_tick *t)
{
	return server->pid && start_of(of_process(t, server->pid, "stat")) == server->start;
}

/* --- mounts ----------------------------------------------------------------------------------- */

/* No blocks, or somebody else's that may not answer. */
static bool leave_out(struct text type)
{
	static const char *const types[] = {
		"proc",       "sysfs",     "devtmpfs",    "devpts",   "cgroup",	  "cgroup2",
		"mqueue",     "pstore",    "bpf",	  "tracefs",  "debugfs",  "securityfs",
		"configfs",   "fusectl",   "hugetlbfs",	  "nsfs",     "efivarfs", "binfmt_misc",
		"rpc_pipefs", "selinuxfs", "squashfs",	  "iso9660",  "autofs",	  "nfs",
		"nfs4",	      "cifs",	   "smb3",	  "smbfs",    "9p",	  "afs",
		"ceph",	      "lustre",	   "gpfs",	  "beegfs",   "ncpfs",	  "coda",
		"virtiofs",   "fuse",	   "ramfs",
	};
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (text_is(type, types[i]))
			return true;
	return text_begins(type, "fuse.");
}

static void add_mount(struct buf *out, const struct proc_mount *m)
{
	size_t before = out->len;
	if (before)
		buf_addc(out, '|');
	size_t at = out->len;
	proc_unescape(out, m->point);
	for (size_t i = at; i < out->len; i++)
		if ((unsigned char)out->s[i] < ' ' || out->s[i] == '|') {
			out->len = before;
			out->s[before] = '\0';
			return;
		}
}

void hostfind_mounts(const struct host_file *mountinfo, struct buf *out)
{
	enum { MOST = 64 };
	struct { unsigned major, minor; } seen[MOST];
	unsigned n = 0;
	struct text rest = text_of_file(mountinfo);
	struct proc_mount m;
	while (n < MOST && proc_mount_next(&rest, &m)) {
		unsigned i = 0;
		/* A filesystem that is mounted twice is asked once: where it is mounted first. */
		while (i < n && (seen[i].major != m.major || seen[i].minor != m.minor))
			i++;
		if (i < n || leave_out(m.type))
			continue;
		seen[n].major = m.major;
		seen[n++].minor = m.minor;
		add_mount(out, &m);
	}
}
