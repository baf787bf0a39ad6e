#include "base/mem.h"
#include "io/child.h"
#include "io/shellimpl.h"

struct command {
	struct shell shell;
	struct child child;
};

static struct command *command_of(struct shell *s)
{
	return (struct command *)s;
}

static struct shell *command_open(const struct shell_attempt *a, struct shell_question *question,
				  struct err *err)
{
	const char *const argv[] = {"/bin/sh", "-c", a->target->value[SETTING_HOST_COMMAND], NULL};
	struct command *c = xcalloc(1, sizeof *c);
	(void)question;
	if (child_start(&c->child, argv, err))
		return &c->shell;
	free(c);
	return NULL;
}

static void command_close(struct shell *s)
{
	child_end(&command_of(s)->child);
	free(s);
}

static ssize_t command_read(struct shell *s, void *out, size_t size, struct err *err)
{
	return child_read(&command_of(s)->child, out, size, err);
}

static ssize_t command_write(struct shell *s, const void *bytes, size_t n, struct err *err)
{
	return child_write(&command_of(s)->child, bytes, n, err);
}

static unsigned command_poll(struct shell *s, bool writing, struct pollfd p[SHELL_MOST_FDS])
{
	return child_poll(&command_of(s)->child, writing, p);
}

static bool command_step(struct shell *s, int64_t now, struct err *err)
{
	(void)now;
	(void)err;
	child_listen(&command_of(s)->child);
	return true;
}

const struct shell_ops shell_command_ops = {
	.open = command_open,
	.close = command_close,
	.read = command_read,
	.write = command_write,
	.poll = command_poll,
	.step = command_step,
};
