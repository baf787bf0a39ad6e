#include "engine/rollback.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/statefile.h"

static const char file_name[] = "rollbacks.jsonl";
enum { READ_BYTES = 64 << 10 };
/* What was watched before counts that much beside what is watched now: disks and sizes change. */
#define FADES 0.7

bool rollback_learn(struct rollback_speed *s, int64_t rows, double seconds)
{
	if (rows < ROLLBACK_LEAST_ROWS || !(seconds >= ROLLBACK_LEAST_SECONDS))
		return false;
	double speed = (double)rows / seconds;
	s->rows = s->rows * FADES + (double)rows;
	s->seconds = s->seconds * FADES + seconds;
	s->slowest = s->seen && s->slowest < speed ? s->slowest : speed;
	s->seen++;
	return true;
}

struct rollback_estimate rollback_estimate(const struct rollback_speed *s, int64_t rows)
{
	/* Rows undone a second: in memory, and with pages to be read again. */
	enum { QUICK = 100000, SLOW = 10000 };
	bool watched = s && s->seen;
	double usual = watched ? s->rows / s->seconds : QUICK, slow = watched ? s->slowest : SLOW;
	if (rows <= 0)
		return (struct rollback_estimate){.watched = watched};
	return (struct rollback_estimate){
		.seconds = (double)rows / usual,
		.at_most = (double)rows / (slow < usual ? slow : usual),
		.watched = watched,
	};
}

bool rollback_write(const char *target, int64_t rows, double seconds, struct err *e)
{
	char time[CLOCK_RFC3339_SIZE];
	json_t *o = json_object();
	json_object_set_new(o, "time", json_string(clock_rfc3339(clock_wall_us(), time)));
	json_object_set_new(o, "target", json_string_nocheck(target));
	json_object_set_new(o, "rows", json_integer(rows));
	json_object_set_new(o, "seconds", json_real(seconds));
	return statefile_append(file_name, o, e);
}

void rollback_parse(const char *text, const char *const *targets, unsigned n, struct rollback_speed *out)
{
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		json_t *o = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
		const char *target = json_string_value(json_object_get(o, "target"));
		int64_t rows = json_integer_value(json_object_get(o, "rows"));
		double seconds = json_number_value(json_object_get(o, "seconds"));
		for (unsigned i = 0; target && i < n; i++)
			if (strcmp(targets[i], target) == 0)
				rollback_learn(&out[i], rows, seconds);
		json_decref(o);
		line += len + (line[len] == '\n');
	}
}

struct asked {
	unsigned n;
	char **targets;
};

static void run_read(struct job *job, struct db *db)
{
	const struct asked *in = job->input;
	struct rollback_speed *out = xcalloc(in->n, sizeof *out);
	struct buf text = BUF_INIT;
	(void)db;
	statefile_tail(file_name, READ_BYTES, &text);
	rollback_parse(buf_str(&text), (const char *const *)in->targets, in->n, out);
	buf_release(&text);
	job->result = out;
}

static void release_read(struct job *job)
{
	struct asked *in = job->input;
	for (unsigned i = 0; i < in->n; i++)
		free(in->targets[i]);
	free(in->targets);
	free(in);
	free(job->result);
}

struct job *rollback_read_job(const char *const *targets, unsigned n)
{
	static const struct job_kind kind = {
		.name = "read what rollbacks took",
		.lane = LANE_FILE,
		.seconds = 10,
		.run = run_read,
		.release = release_read,
	};
	struct asked *in = xmalloc(sizeof *in);
	*in = (struct asked){n, xcalloc(n, sizeof *in->targets)};
	for (unsigned i = 0; i < n; i++)
		in->targets[i] = xstrdup(targets[i]);
	return job_new(&kind, 0, in);
}
