#include "lab/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

/* Made for servers that run without rights, so they exist nearly everywhere. */
static const char *const accounts[] = {"mysql", "nobody"};

void account_find(struct account *a)
{
	*a = (struct account){.uid = geteuid(), .gid = getegid()};
	const struct passwd *pw = NULL;
	for (size_t i = 0; a->uid == 0 && !pw && i < COUNT_OF(accounts); i++)
		pw = getpwnam(accounts[i]);
	a->other = pw != NULL;
	if (!pw)
		pw = getpwuid(a->uid);
	if (!pw)
		return;
	a->uid = pw->pw_uid;
	a->gid = pw->pw_gid;
	snprintf(a->name, sizeof a->name, "%s", pw->pw_name);
}

bool account_of(struct account *a, const char *folder, struct err *e)
{
	struct stat st;
	if (stat(folder, &st) != 0)
		return err_set(e, ERR_IO, folder, strerror(errno), NULL);
	*a = (struct account){.uid = st.st_uid, .gid = st.st_gid};
	a->other = geteuid() == 0 && st.st_uid != 0;
	snprintf(a->name, sizeof a->name, "uid %u", (unsigned)st.st_uid);
	return true;
}

bool account_become(const struct account *a, struct err *e)
{
	if (!a->other)
		return true;
	if (setgroups(0, NULL) == 0 && setresgid(a->gid, a->gid, a->gid) == 0 &&
	    setresuid(a->uid, a->uid, a->uid) == 0)
		return true;
	return err_set(e, ERR_IO, a->name, strerror(errno),
		       "the servers cannot run as this account");
}

char *folder_default(void)
{
	const char *dir = getenv("FATHOM_LAB_DIR"), *home = getenv("HOME");
	if (dir && *dir)
		return xstrdup(dir);
	if (geteuid() == 0)
		return xstrdup("/var/tmp/fathom-lab-0");
	dir = getenv("XDG_STATE_HOME");
	if (dir && *dir == '/')
		return xasprintf("%s/fathom/lab", dir);
	if (home && *home == '/')
		return xasprintf("%s/.local/state/fathom/lab", home);
	return xasprintf("/var/tmp/fathom-lab-%u", (unsigned)geteuid());
}

static bool make_parents(char *path)
{
	for (char *slash = path; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		bool ok = mkdir(path, 0755) == 0 || errno == EEXIST || errno == EROFS;
		*slash = '/';
		if (!ok)
			return false;
	}
	return true;
}

static bool is_empty(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir)
		return false;
	bool empty = true;
	for (const struct dirent *d; empty && (d = readdir(dir));)
		empty = strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0 ||
			strcmp(d->d_name, LAB_STATE_NEW) == 0;
	closedir(dir);
	return empty;
}

/* Through one descriptor, so that nobody can put something else in its place on the way. */
static bool take_over(int fd, const char *path, const struct account *a, struct err *e)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return err_set(e, ERR_IO, path, strerror(errno), NULL);
	bool ours = st.st_uid == a->uid;
	if (!ours && st.st_uid == geteuid() && is_empty(fd))
		ours = fchown(fd, a->uid, a->gid) == 0;
	if (!ours)
		return err_setf(e, ERR_USAGE, path, "choose another folder with --dir",
				"the folder belongs to another account (uid %u)",
				(unsigned)st.st_uid);
	if ((st.st_mode & 07777) != 0700 && is_empty(fd))
		fchmod(fd, 0700);
	return true;
}

char *folder_make(const char *given, const struct account *a, struct err *e)
{
	char *path = xstrdup(given);
	for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
		path[n - 1] = '\0';
	char *real = NULL;
	int fd = -1;
	if (!make_parents(path) || (mkdir(path, 0700) != 0 && errno != EEXIST) ||
	    (fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
		err_set(e, ERR_USAGE, path, strerror(errno), "choose another folder with --dir");
	else if (take_over(fd, path, a, e) && !(real = realpath(path, NULL)))
		err_set(e, ERR_IO, path, strerror(errno), NULL);
	if (fd >= 0)
		close(fd);
	free(path);
	return real;
}

/* Still the folder of that name, and not one that was removed while we waited? */
static bool is_there(const struct folder *f)
{
	struct stat here, there;
	return fstat(f->fd, &here) == 0 && stat(f->path, &there) == 0 &&
	       here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

bool folder_open(struct folder *f, const char *path, int wait_s, struct err *e)
{
	f->path = path;
	f->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (f->fd < 0)
		return err_set(e, ERR_IO, path, strerror(errno), NULL);
	int64_t deadline = clock_mono_ns() + wait_s * NS_PER_S;
	while (flock(f->fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK || clock_mono_ns() > deadline) {
			folder_close(f);
			return err_set(e, ERR_IO, path, "another fathom lab is at work in it",
				       "try again when that has ended");
		}
		nanosleep(&(struct timespec){.tv_nsec = 50 * NS_PER_MS}, NULL);
	}
	if (is_there(f))
		return true;
	folder_close(f);
	return err_set(e, ERR_IO, path, "the folder was removed just now", "try again");
}

void folder_close(struct folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

bool folder_is_empty(const struct folder *f)
{
	return is_empty(f->fd);
}

/* Of everything in `dirfd` but `keep`. The first failure is told by errno; the rest goes on. */
static int clear(int dirfd, const char *keep)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), failure = 0;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir)
		return errno;
	for (const struct dirent *d; (d = readdir(dir));) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0 ||
		    (keep && strcmp(d->d_name, keep) == 0) || unlinkat(fd, d->d_name, 0) == 0)
			continue;
		int sub = openat(fd, d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int code = sub >= 0 ? clear(sub, NULL) : errno;
		if (sub >= 0)
			close(sub);
		if (!code && unlinkat(fd, d->d_name, AT_REMOVEDIR) != 0 && errno != ENOENT)
			code = errno;
		if (!failure)
			failure = code;
	}
	closedir(dir);
	return failure;
}

bool folder_clear(const struct folder *f, struct err *e)
{
	int code = clear(f->fd, LAB_STATE_NAME);
	if (!code && unlinkat(f->fd, LAB_STATE_NAME, 0) != 0 && errno != ENOENT)
		code = errno;
	if (!code)
		return true;
	return err_set(e, ERR_IO, f->path, strerror(code), "remove what is in it by hand");
}
