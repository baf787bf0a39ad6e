#include "engine/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool folder(struct buf *out)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	/* The specification: a path that is not absolute is to be ignored. */
	if (state && *state == '/')
		buf_adds(out, state);
	else if (home && *home)
		buf_addf(out, "%s/.local/state", home);
	else
		return false;
	buf_adds(out, "/fathom");
	return true;
}

bool statefile_path(struct buf *out, const char *name)
{
	if (!folder(out))
		return false;
	buf_addf(out, "/%s", name);
	return true;
}

/* Like mkdir -p, for nobody else's eyes. What is there already stays as it is. */
static void make_folders(const char *path)
{
	struct buf b = BUF_INIT;
	for (const char *p = path; *p;) {
		size_t n = strcspn(p + 1, "/") + 1;
		buf_add(&b, p, n);
		p += n;
		mkdir(buf_str(&b), 0700);
	}
	buf_release(&b);
}

static bool append(const char *path, const char *line, size_t n, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, ERR_IO, path, strerror(errno), NULL);
	/* In one piece, so that lines of two consoles do not mix. */
	ssize_t wrote = write(fd, line, n);
	int why = wrote < 0 ? errno : wrote != (ssize_t)n ? ENOSPC : 0;
	if (close(fd) < 0 && !why)
		why = errno;
	return why ? err_set(e, ERR_IO, path, strerror(why), NULL) : true;
}

bool statefile_append(const char *name, json_t *o, struct err *e)
{
	struct buf path = BUF_INIT, line = BUF_INIT;
	char *text = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(6));
	bool ok = false;
	json_decref(o);
	if (!folder(&path)) {
		err_set(e, ERR_IO, name, "neither XDG_STATE_HOME nor HOME is set", NULL);
	} else if (!text) {
		err_set(e, ERR_IO, name, "the line could not be made", NULL);
	} else {
		make_folders(buf_str(&path));
		buf_addf(&path, "/%s", name);
		buf_addf(&line, "%s\n", text);
		ok = append(buf_str(&path), buf_str(&line), line.len, e);
	}
	free(text);
	buf_release(&path);
	buf_release(&line);
	return ok;
}

void statefile_tail(const char *name, size_t most, struct buf *out)
{
	struct buf path = BUF_INIT;
	int fd = statefile_path(&path, name) ? open(buf_str(&path), O_RDONLY | O_CLOEXEC) : -1;
	buf_release(&path);
	if (fd < 0)
		return;
	off_t end = lseek(fd, 0, SEEK_END), from = end > (off_t)most ? end - (off_t)most : 0;
	size_t begin = out->len;
	char chunk[4096];
	lseek(fd, from, SEEK_SET);
	for (ssize_t n; out->len - begin < most && (n = read(fd, chunk, sizeof chunk)) > 0;)
		buf_add(out, chunk, (size_t)n);
	close(fd);
	/* It begins in the middle of a line. */
	char *cut = from ? memchr(out->s + begin, '\n', out->len - begin) : NULL;
	if (!cut)
		return;
	size_t gone = (size_t)(cut + 1 - (out->s + begin));
	memmove(out->s + begin, cut + 1, out->len - begin - gone);
	out->len -= gone;
	out->s[out->len] = '\0';
}
