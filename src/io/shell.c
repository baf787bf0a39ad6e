#include "io/shell.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/shellimpl.h"

static const struct shell_ops *const transports[] = {
	[SHELL_NONE] = NULL,
	[SHELL_LOCAL] = &shell_local_ops,
	[SHELL_COMMAND] = &shell_command_ops,
	[SHELL_SSH] = &shell_ssh_ops,
	[SHELL_SSH_CHILD] = &shell_ssh_child_ops,
};

const char *shell_kind_name(enum shell_kind k)
{
	static const char *const names[] = {
		[SHELL_NONE] = "none",    [SHELL_LOCAL] = "local",   [SHELL_COMMAND] = "command",
		[SHELL_SSH] = "libssh2", [SHELL_SSH_CHILD] = "ssh",
	};
	return names[k];
}

/* --- which ------------------------------------------------------------------------------------ */

static bool is_this_machine(const char *host)
{
	char name[256];
	if (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
	    strncmp(host, "127.", 4) == 0)
		return true;
	return gethostname(name, sizeof name) == 0 && strcmp(host, name) == 0;
}

enum shell_kind shell_kind_of(const struct target *t)
{
	const char *how = t->value[SETTING_SSH_TRANSPORT];
	if (t->value[SETTING_HOST_COMMAND])
		return SHELL_COMMAND;
	if (t->value[SETTING_SSH])
		return how && strcmp(how, "ssh") == 0 ? SHELL_SSH_CHILD : SHELL_SSH;
	if (target_uses_socket(t) || is_this_machine(target_host(t)))
		return SHELL_LOCAL;
	return SHELL_NONE;
}

/* A person may have taken the child `ssh` in place of libssh2. */
static enum shell_kind kind_now(const struct target *t, const struct shell_answers *answers)
{
	enum shell_kind kind = shell_kind_of(t);
	const char *child = shell_answers_find(answers, QUESTION_CHILD, NULL);
	return kind == SHELL_SSH && child && strcmp(child, "yes") == 0 ? SHELL_SSH_CHILD : kind;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void forget(struct shell_answer *a)
{
	if (a->text)
		mem_wipe(a->text, strlen(a->text));
	free(a->text);
	*a = (struct shell_answer){0};
}

static bool same_question(const struct shell_question *a, const struct shell_question *b)
{
	return a->kind == b->kind && strcmp(a->subject, b->subject) == 0 &&
	       strcmp(a->text, b->text) == 0;
}

/* Where the answer belongs: in place of an earlier one to the same question, or of the oldest. */
static struct shell_answer *place_for(struct shell_answers *a, const struct shell_question *q)
{
	for (unsigned i = 0; i < a->n; i++)
		if (same_question(&a->of[i].question, q))
			return &a->of[i];
	if (a->n < SHELL_MOST_ANSWERS)
		return &a->of[a->n++];
	forget(&a->of[0]);
	memmove(&a->of[0], &a->of[1], (SHELL_MOST_ANSWERS - 1) * sizeof a->of[0]);
	struct shell_answer *last = &a->of[SHELL_MOST_ANSWERS - 1];
	*last = (struct shell_answer){0};
	return last;
}

void shell_answers_add(struct shell_answers *a, const struct shell_question *q, const char *text)
{
	struct shell_answer *place = place_for(a, q);
	forget(place);
	*place = (struct shell_answer){*q, xstrdup(text)};
}

void shell_answers_copy(struct shell_answers *to, const struct shell_answers *from)
{
	*to = *from;
	for (unsigned i = 0; i < to->n; i++)
		to->of[i].text = xstrdup(from->of[i].text);
}

void shell_answers_release(struct shell_answers *a)
{
	for (unsigned i = 0; i < a->n; i++)
		forget(&a->of[i]);
	a->n = 0;
}

const char *shell_answers_find(const struct shell_answers *a, enum shell_question_kind kind,
			       const char *subject)
{
	for (unsigned i = a->n; i-- > 0;)
		if (a->of[i].question.kind == kind &&
		    (!subject || strcmp(a->of[i].question.subject, subject) == 0))
			return a->of[i].text;
	return NULL;
}

/* --- dispatch --------------------------------------------------------------------------------- */

void shell_tell(const struct shell_attempt *a, const char *step, bool ok, const char *text)
{
	if (a->progress)
		a->progress(step, ok, text, a->arg);
}

struct shell *shell_open(const struct target *t, const struct shell_answers *answers,
			 int64_t deadline, shell_progress *progress, void *arg,
			 struct shell_question *question, struct err *err)
{
	static const struct shell_answers none;
	struct shell_attempt a = {t, answers ? answers : &none, deadline, progress, arg};
	enum shell_kind kind = kind_now(t, a.answers);
	*question = (struct shell_question){0};
	if (!transports[kind]) {
		err_set(err, ERR_UNSUPPORTED, "shell on the host",
			"it is not known how to reach the server's host",
			"name it with --ssh or --host-command");
		return NULL;
	}
	struct shell *s = transports[kind]->open(&a, question, err);
	if (s) {
		s->ops = transports[kind];
		s->kind = kind;
	}
	return s;
}

void shell_close(struct shell *s)
{
	if (s)
		s->ops->close(s);
}

enum shell_kind shell_kind(const struct shell *s)
{
	return s->kind;
}

ssize_t shell_read(struct shell *s, void *out, size_t size, struct err *err)
{
	ssize_t n = s->ops->read(s, out, size, err);
	s->bytes += n > 0 ? (uint64_t)n : 0;
	s->failed |= n < 0;
	return n;
}

ssize_t shell_write(struct shell *s, const void *bytes, size_t n, struct err *err)
{
	ssize_t done = s->ops->write(s, bytes, n, err);
	s->bytes += done > 0 ? (uint64_t)done : 0;
	s->failed |= done < 0;
	return done;
}

unsigned shell_poll(struct shell *s, bool writing, struct pollfd p[SHELL_MOST_FDS])
{
	return s->ops->poll(s, writing, p);
}

bool shell_step(struct shell *s, int64_t now, struct err *err)
{
	if (!s->ops->step || s->ops->step(s, now, err))
		return true;
	s->failed = true;
	return false;
}

int64_t shell_due(const struct shell *s)
{
	return s->ops->due ? s->ops->due(s) : INT64_MAX;
}

uint64_t shell_bytes(const struct shell *s)
{
	return s->bytes;
}

const char *shell_tunnel_socket(const struct shell *s)
{
	return s->ops->tunnel_socket ? s->ops->tunnel_socket(s) : NULL;
}

const char *shell_tunnel_trouble(const struct shell *s)
{
	return s->ops->tunnel_trouble ? s->ops->tunnel_trouble(s) : "";
}

bool shell_carries(const struct shell *s)
{
	return shell_tunnel_socket(s) && (s->ops->outlives ? s->ops->outlives(s) : !s->failed);
}

bool shell_again(struct shell *s)
{
	if (!s->ops->again || !s->ops->again(s))
		return false;
	s->failed = false;
	return true;
}
