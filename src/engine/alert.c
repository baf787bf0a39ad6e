#include "engine/alert.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/child.h"

struct alert {
	char *command, *json;
	double seconds;
};

/* What it prints is nobody's; what it says when it fails may help. */
static const char wrapper[] = "exec >/dev/null; eval \"$1\"";

static void close_input(struct child *c)
{
	if (c->in >= 0)
		close(c->in);
	c->in = -1;
}

/* Whatever it takes of the text; one that does not care for it is none the worse. */
static void feed(struct child *c, const char **text, size_t *left)
{
	struct err e = {0};
	ssize_t n = *left ? child_write(c, *text, *left, &e) : -1;
	if (n > 0) {
		*text += n;
		*left -= (size_t)n;
	}
	if (n < 0 || !*left)
		close_input(c);
}

/* Reaped, then: nobody has to be seen off. */
static bool has_ended(struct child *c, int *status)
{
	if (waitpid(c->pid, status, WNOHANG) != c->pid)
		return false;
	c->pid = 0;
	return true;
}

static void describe_end(struct child *c, int status, struct alert_result *out)
{
	child_listen(c);
	const char *words = child_last_words(c);
	out->ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (out->ok)
		snprintf(out->text, sizeof out->text, "ended well");
	else if (WIFEXITED(status))
		snprintf(out->text, sizeof out->text, "ended with status %d%s%.100s", WEXITSTATUS(status),
			 *words ? ": " : "", words);
	else
		snprintf(out->text, sizeof out->text, "was ended by signal %d", WTERMSIG(status));
}

static void run_alert(struct job *job, struct db *db)
{
	const struct alert *in = job->input;
	const char *const argv[] = {"sh", "-c", wrapper, "fathom-alert", in->command, NULL};
	const char *text = in->json;
	struct alert_result *out = xcalloc(1, sizeof *out);
	struct child c;
	int64_t end = clock_mono_ns() + (int64_t)(in->seconds * (double)NS_PER_S);
	size_t left = strlen(text);
	int64_t pause = 2 * NS_PER_MS;
	int status;
	(void)db;
	job->result = out;
	if (!child_start(&c, argv, &job->err)) {
		snprintf(out->text, sizeof out->text, "%.150s", job->err.why);
		return;
	}
	bool ended;
	while (!(ended = has_ended(&c, &status)) && clock_mono_ns() < end && !job_cancelled(job)) {
		if (c.in >= 0)
			feed(&c, &text, &left);
		child_listen(&c);
		job_sleep(job, clock_mono_ns() + pause);
		pause = pause * 2 < NS_PER_S / 10 ? pause * 2 : NS_PER_S / 10;
	}
	if (ended)
		describe_end(&c, status, out);
	else
		snprintf(out->text, sizeof out->text, "took longer than %g s, and was ended", in->seconds);
	child_end(&c);
}

static void release_alert(struct job *job)
{
	struct alert *in = job->input;
	free(in->command);
	free(in->json);
	free(in);
	free(job->result);
}

struct job *alert_job(unsigned target, const char *command, char *json, double seconds)
{
	static const struct job_kind kind = {
		.name = "alert command",
		.lane = LANE_ALERT,
		.seconds = ALERT_SECONDS,
		.run = run_alert,
		.release = release_alert,
	};
	struct alert *in = xmalloc(sizeof *in);
	*in = (struct alert){xstrdup(command), json, seconds};
	return job_new(&kind, target, in);
}
