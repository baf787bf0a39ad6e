#include "tests/servers/topology.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/mem.h"

void topology_enter(char **argv, const char *topology)
{
	if (getenv("FATHOM_TEST_TOPOLOGY"))
		return;
	execl("tests/tools/topology.sh", "topology.sh", "run", topology, "--", argv[0], (char *)NULL);
	die("tests/tools/topology.sh cannot be run");
}

static const char *variable(const char *server, const char *what)
{
	char name[80];
	snprintf(name, sizeof name, "FATHOM_TEST_%s_%s", server, what);
	for (char *c = name; *c; c++)
		*c = *c == '-' ? '_' : *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
	const char *value = getenv(name);
	if (!value)
		die("%s is not set", name);
	return value;
}

struct server topology_server(const char *name)
{
	return (struct server){
		.name = name,
		.mysql = strncmp(name, "mysql", 5) == 0 || strncmp(name, "group", 5) == 0,
		.socket = variable(name, "SOCKET"),
		.datadir = variable(name, "DATADIR"),
		.port = variable(name, "PORT"),
	};
}

void topology_launch(const char *name)
{
	char command[600];
	snprintf(command, sizeof command, "tests/tools/topology.sh launch '%s' %s",
		 getenv("FATHOM_TEST_TOPOLOGY"), name);
	if (system(command) != 0)
		die("%s does not start", name);
}

static int pid_of(const char *name)
{
	FILE *f = fopen(variable(name, "PIDFILE"), "r");
	int pid = 0;
	if (!f || fscanf(f, "%d", &pid) != 1 || pid <= 1)
		die("%s has no pid", name);
	fclose(f);
	return pid;
}

void topology_signal(const char *name, int number)
{
	kill(pid_of(name), number);
}

void topology_kill(const char *name)
{
	int pid = pid_of(name);
	kill(pid, SIGKILL);
	/* Its parent is the script that started it, long gone; once it is not there, its port is free. */
	for (int64_t end = in_ms(10000); kill(pid, 0) == 0 && clock_mono_ns() < end;)
		poll(NULL, 0, 20);
}

/* --- parts ------------------------------------------------------------------------------------------ */

static void print_part(const struct part *part)
{
	const struct schema *s = part_schema(part);
	fprintf(stderr, "# %s: %s %s\n", s->name, part_status_name(part_status(part)),
		part_reason(part) ? part_reason(part) : "");
	for (unsigned i = 0; i < part_rows(part); i++) {
		fprintf(stderr, "#");
		for (unsigned f = 0; f < s->n_fields; f++) {
			struct value v = part_get(part, i, f);
			if (v.type == VALUE_INT)
				fprintf(stderr, " %s=%lld", s->fields[f].name, (long long)v.i);
			else if (v.type == VALUE_REAL)
				fprintf(stderr, " %s=%.3f", s->fields[f].name, v.r);
			else if (v.type == VALUE_TEXT && v.len)
				fprintf(stderr, " %s='%s'", s->fields[f].name, v.s);
		}
		fprintf(stderr, "\n");
	}
}

unsigned topology_row(const struct pump *p, enum part_id id, const char *key, const char *text)
{
	const struct part *part = p->parts[id];
	for (unsigned i = 0; i < part_rows(part); i++)
		if (!key || strcmp(value_cstr(part_cell(part, i, key)), text) == 0)
			return i;
	print_part(part);
	die("%s has no row with %s '%s'", part_name(id), key ? key : "any", key ? text : "");
}

struct value topology_cell(const struct pump *p, enum part_id id, const char *key, const char *text,
			   const char *field)
{
	if (schema_field(part_schema(p->parts[id]), field) < 0)
		die("%s has no field %s", part_name(id), field);
	return part_cell(p->parts[id], topology_row(p, id, key, text), field);
}

void topology_until(struct pump *p, part_mask parts, bool (*is)(const struct pump *p, const void *arg),
		    const void *arg, enum part_id show)
{
	int64_t end = in_ms(30000);
	for (;;) {
		pump_round(p, parts);
		if (is(p, arg))
			return;
		if (clock_mono_ns() > end) {
			print_part(p->parts[show]);
			die("waited in vain");
		}
		/* InnoDB answers from a cache that it renews only after a tenth of a second without reads. */
		poll(NULL, 0, 120);
	}
}

/* --- the server's own words ------------------------------------------------------------------------- */

struct said {
	const char *column, *text, *wanted;
	char value[20000];
	bool found, null;
};

static void look(void *arg, const struct answer *a)
{
	struct said *s = arg;
	const char *at = s->column ? answer_cell(a, s->column, NULL) : NULL;
	bool known = false;
	if (s->found || (s->column && (!at || strcmp(at, s->text) != 0)))
		return;
	for (unsigned i = 0; i < a->n_columns; i++)
		known |= strcasecmp(a->columns[i], s->wanted) == 0;
	if (!known)
		die("no column %s", s->wanted);
	const char *cell = answer_cell(a, s->wanted, NULL);
	s->found = true;
	s->null = !cell;
	snprintf(s->value, sizeof s->value, "%s", cell ? cell : "");
}

const char *topology_outside(const struct pump *p, enum outside o)
{
	static struct buf said;
	struct snapshot *now = snapshot_new(0);
	for (int i = 0; i < N_PARTS; i++)
		if (p->parts[i])
			snapshot_set(now, part_ref(p->parts[i]));
	buf_clear(&said);
	outside_say(&said, o, now);
	snapshot_unref(now);
	printf("# waits for %s\n", buf_str(&said));
	return buf_str(&said);
}

const char *topology_says(struct db *db, const char *sql, const char *column, const char *text,
			  const char *wanted)
{
	static struct said s;
	static const struct db_sink sink = {NULL, look};
	const struct stmt stmt = {"test/says", sql, STMT_READ};
	struct err err = {0};
	s = (struct said){.column = column, .text = text, .wanted = wanted};
	if (!db_run(db, &stmt, NULL, 0, &sink, &s, in_ms(30000), -1, &err))
		die("%s: %s", sql, err.why);
	if (!s.found)
		die("%s: no row", sql);
	return s.null ? NULL : s.value;
}

void topology_reports(const struct server *s, const char *const *texts)
{
	struct buf command = BUF_INIT, out = BUF_INIT;
	char piece[4096];
	size_t n;
	buf_addf(&command, "exec \"$FATHOM\" report -u root '%s' --seconds 1 2>/dev/null", s->socket);
	FILE *f = popen(buf_str(&command), "r");
	if (!f)
		die("the report cannot be run");
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(&out, piece, n);
	if (pclose(f) != 0)
		die("no report of %s, but\n%s", s->name, buf_str(&out));
	for (; *texts; texts++)
		if (!strstr(buf_str(&out), *texts))
			die("no \"%s\" in the report of %s:\n%s", *texts, s->name, buf_str(&out));
	buf_release(&command);
	buf_release(&out);
}
