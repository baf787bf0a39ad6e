#include "app/reportfiles.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { MOST_BYTES = 4 << 20, MOST_NAME = 150 };

/* A file name that no target's name can leave its folder by. */
static void add_safe(struct buf *out, const char *name)
{
	size_t start = out->len;
	for (; *name && out->len - start < MOST_NAME; name++) {
		bool plain = isalnum((unsigned char)*name) || strchr("-_@", *name) ||
			     (*name == '.' && out->len > start);
		buf_addf(out, plain ? "%c" : "%%%02X", (unsigned char)*name);
	}
}

static bool file_path(struct buf *out, const struct target *t)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	/* The specification: a path that is not absolute is to be ignored. */
	if (state && *state == '/')
		buf_adds(out, state);
	else if (home && *home == '/')
		buf_addf(out, "%s/.local/state", home);
	else
		return false;
	buf_adds(out, "/fathom/reports/");
	add_safe(out, t->name);
	buf_adds(out, ".json");
	return true;
}

static void make_folders(const char *path)
{
	struct buf b = BUF_INIT;
	for (const char *p = path + 1; (p = strchr(p, '/')); p++) {
		buf_clear(&b);
		buf_add(&b, path, (size_t)(p - path));
		mkdir(buf_str(&b), 0700);
	}
	buf_release(&b);
}

struct report_past *reportfile_read(const struct target *t)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	FILE *f = file_path(&path, t) ? fopen(buf_str(&path), "re") : NULL;
	char piece[8192];
	size_t n;
	while (f && (n = fread(piece, 1, sizeof piece, f)) && text.len < MOST_BYTES)
		buf_add(&text, piece, n);
	if (f)
		fclose(f);
	struct report_past *past = text.len ? report_past_read(buf_str(&text), text.len) : NULL;
	buf_release(&path);
	buf_release(&text);
	return past;
}

/* Beside it and then in its place: whoever reads it meanwhile sees one or the other. */
void reportfile_write(const struct target *t, const struct buf *text)
{
	struct buf path = BUF_INIT;
	if (!text->len || !file_path(&path, t)) {
		buf_release(&path);
		return;
	}
	make_folders(buf_str(&path));
	char *draft = xasprintf("%s.XXXXXX", buf_str(&path));
	int fd = mkostemp(draft, O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text->s, text->len) == (ssize_t)text->len;
	if (fd >= 0) {
		good = close(fd) == 0 && good;
		if (!good || rename(draft, buf_str(&path)) != 0)
			unlink(draft);
	}
	free(draft);
	buf_release(&path);
}
