#include "io/tunnel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define PREFIX "fathom-ssh-"

/* One for the whole program. It is locked while it is in use: one that can be locked is left over. */
static struct {
	char path[TUNNEL_PATH_SIZE - 16]; /* what is in it has short names */
	int fd;
	pid_t pid;
	unsigned sockets;
} folder = {.fd = -1};

/* "1", and "1a" for the second door. */
static const char *name_of(unsigned n, enum tunnel_door door, char out[16])
{
	char digits[16], *p = digits + sizeof digits;
	*--p = '\0';
	if (door == TUNNEL_ADMIN)
		*--p = 'a';
	for (; n; n /= 10)
		*--p = (char)('0' + n % 10);
	return memcpy(out, p, (size_t)(digits + sizeof digits - p));
}

/* --- the folder ------------------------------------------------------------------------------------ */

/* What is in it, and the folder itself. */
static void clear(int parent, const char *name, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
	if (!d) {
		if (copy >= 0)
			close(copy);
		return;
	}
	for (const struct dirent *e; (e = readdir(d));)
		if (e->d_name[0] != '.')
			unlinkat(fd, e->d_name, 0);
	closedir(d);
	unlinkat(parent, name, AT_REMOVEDIR);
}

/* Ours, and nobody uses it. */
static bool is_left_over(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && st.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static void sweep(const char *base)
{
	DIR *d = opendir(base);
	if (!d)
		return;
	for (const struct dirent *e; (e = readdir(d));) {
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		int fd = openat(dirfd(d), e->d_name, O_DIRECTORY | O_NOFOLLOW | O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (is_left_over(fd))
			clear(dirfd(d), e->d_name, fd);
		close(fd);
	}
	closedir(d);
}

/* Somebody else's sweep may have been quicker than the lock. */
static bool is_still(const char *path, int fd)
{
	struct stat a, b;
	return fstat(fd, &a) == 0 && lstat(path, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static bool make_in(const char *base)
{
	int n = snprintf(folder.path, sizeof folder.path, "%s/" PREFIX "XXXXXX", base);
	if (n < 0 || (size_t)n >= sizeof folder.path) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (!mkdtemp(folder.path))
		return false;
	int fd = open(folder.path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 || !is_still(folder.path, fd)) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		rmdir(folder.path);
		errno = why;
		return false;
	}
	folder.fd = fd;
	folder.pid = getpid();
	return true;
}

static bool make(struct err *e)
{
	const char *bases[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp"};
	int error = 0;
	for (size_t i = 0; i < COUNT_OF(bases); i++) {
		if (!bases[i] || bases[i][0] != '/')
			continue;
		sweep(bases[i]);
		if (make_in(bases[i]))
			return true;
		error = errno;
	}
	return err_set(e, ERR_IO, "--ssh-tunnel: no private folder for its socket", strerror(error),
		       "TMPDIR can name one");
}

/* No locks, no memory: a signal handler may want to be rid of it. */
void tunnel_clean_up(void)
{
	char name[16];
	if (folder.fd < 0 || folder.pid != getpid())
		return;
	for (unsigned i = 1; i <= folder.sockets; i++)
		for (int door = 0; door < TUNNEL_DOORS; door++)
			unlinkat(folder.fd, name_of(i, (enum tunnel_door)door, name), 0);
	rmdir(folder.path);
	close(folder.fd);
	folder.fd = -1;
	folder.sockets = 0;
}

/* --- a target's ends --------------------------------------------------------------------------------- */

bool tunnel_prepare(struct target *t, struct err *e)
{
	if (!target_tunnelled(t) || t->tunnel)
		return true;
	if (!t->value[SETTING_SSH])
		return err_set(e, ERR_USAGE, "--ssh-tunnel", "no SSH host to go through",
			       "--ssh names it: --ssh [user@]host[:port]");
	if (folder.fd < 0 && !make(e))
		return false;
	t->tunnel = xasprintf("%s/%u", folder.path, ++folder.sockets);
	return true;
}

const char *tunnel_path(const struct target *t, enum tunnel_door door, char out[TUNNEL_PATH_SIZE])
{
	snprintf(out, TUNNEL_PATH_SIZE, "%s%s", t->tunnel, door == TUNNEL_ADMIN ? "a" : "");
	return out;
}

bool tunnel_end_of(const struct target *t, enum tunnel_door door, struct tunnel_end *out)
{
	const char *admin = t->value[SETTING_ADMIN_PORT];
	bool by_socket = target_uses_socket(t);

	*out = (struct tunnel_end){.host = target_host(t), .port = target_port(t)};
	if (door == TUNNEL_ADMIN) {
		if (!admin)
			return false;
		out->port = (unsigned)strtoul(admin, NULL, 10);
		if (by_socket)
			out->host = "127.0.0.1";
	} else if (by_socket) {
		out->host = NULL;
		out->socket = target_socket(t);
	}
	return true;
}
