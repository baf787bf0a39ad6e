#include "app/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static bool fail(struct err *e, const char *path, int error, const char *hint)
{
	err_set(e, ERR_IO, path, strerror(error), hint);
	e->code = (unsigned)error;
	return false;
}

static bool open_in_place(struct outfile *f, struct err *e)
{
	f->fd = open(f->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return f->fd >= 0 || fail(e, f->path, errno, NULL);
}

bool outfile_open(struct outfile *f, const char *path, bool replace, struct err *e)
{
	struct stat was;
	*f = (struct outfile){.replace = replace, .fd = -1};
	/* A link stays one: what it leads to is replaced. */
	char *real = realpath(path, NULL);
	f->path = real ? real : xstrdup(path);
	bool there = stat(f->path, &was) == 0;
	if (there && S_ISDIR(was.st_mode))
		return fail(e, path, EISDIR, "name a file in it");
	if (there && !S_ISREG(was.st_mode))
		return open_in_place(f, e);
	if (there && !replace)
		return err_set(e, ERR_USAGE, path, "it exists", "--force replaces it");
	/* What may not be written is not to be replaced either. */
	if (there && access(f->path, W_OK) != 0)
		return fail(e, path, errno, NULL);
	f->draft = xasprintf("%s.XXXXXX", f->path);
	f->fd = mkostemp(f->draft, O_CLOEXEC);
	if (f->fd < 0) {
		int error = errno;
		free(f->draft);
		f->draft = NULL;
		return fail(e, path, error, NULL);
	}
	if (there)
		(void)!fchmod(f->fd, was.st_mode & 0777);
	return true;
}

static bool write_all(int fd, const struct buf *b)
{
	for (size_t done = 0; done < b->len;) {
		ssize_t n = write(fd, b->s + done, b->len - done);
		if (n < 0 && errno != EINTR)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* What came there meanwhile is kept too. */
static bool put_in_place(const struct outfile *f)
{
	if (!f->draft)
		return true;
	if (f->replace)
		return rename(f->draft, f->path) == 0;
	return renameat2(AT_FDCWD, f->draft, AT_FDCWD, f->path, RENAME_NOREPLACE) == 0 ||
	       (errno == EINVAL && access(f->path, F_OK) != 0 && rename(f->draft, f->path) == 0);
}

bool outfile_finish(struct outfile *f, const struct buf *b, struct err *e)
{
	bool good = write_all(f->fd, b) && (!f->draft || fsync(f->fd) == 0);
	good = good && put_in_place(f);
	if (!good) {
		int error = errno;
		fail(e, f->path, error, error == EEXIST ? "--force replaces it" : NULL);
	} else {
		free(f->draft);
		f->draft = NULL;
	}
	outfile_abandon(f);
	return good;
}

void outfile_abandon(struct outfile *f)
{
	if (f->draft)
		unlink(f->draft);
	if (f->fd >= 0)
		close(f->fd);
	free(f->draft);
	free(f->path);
	*f = (struct outfile){.fd = -1};
}
