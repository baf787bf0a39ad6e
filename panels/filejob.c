/* Texts that a person has written to a file: a job, since a file may be on a disk that hangs. */
#include <stdio.h>

#include "base/mem.h"
#include "panels/console.h"

struct file_input {
	struct console *console;
	char *path, *text, *what;
	size_t len;
};

static void file_run(struct job *job, struct db *db)
{
	(void)db;
	const struct file_input *in = job->input;
	FILE *f = fopen(in->path, "wx");
	if (!f) {
		err_setf(&job->err, ERR_IO, "write", "choose another name", "%s: %m", in->path);
		return;
	}
	bool ok = fwrite(in->text, 1, in->len, f) == in->len;
	if (fclose(f) != 0 || !ok)
		err_setf(&job->err, ERR_IO, "write", NULL, "%s: %m", in->path);
}

static void file_release(struct job *job)
{
	struct file_input *in = job->input;
	free(in->path);
	free(in->text);
	free(in->what);
	free(in);
}

static void file_done(struct job *job, void *owner)
{
	struct console *c = owner;
	const struct file_input *in = job->input;
	if (job->err.kind != ERR_NONE) {
		struct buf b = BUF_INIT;
		err_format(&job->err, &b);
		console_say(c, UI_WARNING, "%s", buf_str(&b));
		buf_release(&b);
	} else {
		console_say(c, UI_GOOD, "%s written to %s", in->what, in->path);
	}
}

void console_write_file(struct console *c, const char *path, char *text, size_t len, const char *what)
{
	static const struct job_kind kind = {
		.name = "write-file",
		.lane = LANE_FILE,
		.seconds = 30,
		.run = file_run,
		.release = file_release,
	};
	struct file_input *in = xcalloc(1, sizeof *in);
	*in = (struct file_input){c, xstrdup(path), text, xstrdup(what), len};
	console_submit(c, job_new(&kind, c->target, in), file_done, c);
}
