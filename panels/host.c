/*
 * Host: what the machine under the server does, on one sheet: CPU and memory with their limits, the server's
 * process, disks, filesystems, network, and who else takes part. It goes on when the server is down: a dead
 * server on a living host is the moment it is for.
 */
#include "panels/host.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "ui/help.h"

const struct host_topic_info host_topics[N_HOSTTOPICS] = {
	[HOSTTOPIC_HOST] = {PART_HOST, NULL, {0}},
	[HOSTTOPIC_CPU] = {PART_HOST_CPU, "user system iowait steal pressure_some",
			   {METRIC_HOST_CPU, METRIC_HOST_STEAL}},
	[HOSTTOPIC_MEMORY] = {PART_HOST_MEMORY, "used limit cached buffers available free", {METRIC_HOST_MEMORY}},
	[HOSTTOPIC_LIMITS] = {PART_HOST_CPU, "quota_cores cgroup_cpu throttled throttled_periods", {0}},
	[HOSTTOPIC_SERVER] = {PART_HOST_PROCESS, "cpu rss swap threads fds fd_limit read_bytes written_bytes "
						 "oom_score", {0}},
	[HOSTTOPIC_DISK] = {PART_HOST_DISK, "read_time write_time busy queue_time read_bytes written_bytes "
					    "io_errors used_for", {METRIC_HOST_LATENCY, METRIC_HOST_UTIL}},
	[HOSTTOPIC_FS] = {PART_HOST_FS, "used available inodes_used read_only fs_errors used_for", {0}},
	[HOSTTOPIC_NET] = {PART_HOST_NET, "in_bytes out_bytes in_errors in_drops out_errors out_drops", {0}},
	[HOSTTOPIC_PROCESS] = {PART_HOST_PROCESS, "cpu rss swap threads state age", {0}},
};

struct host {
	struct sheet sheet;
};

#define HOST_PARTS \
	(PART_BIT(PART_HOST) | PART_BIT(PART_HOST_CPU) | PART_BIT(PART_HOST_MEMORY) | \
	 PART_BIT(PART_HOST_DISK) | PART_BIT(PART_HOST_FS) | PART_BIT(PART_HOST_NET) | \
	 PART_BIT(PART_HOST_PROCESS) | PART_BIT(PART_HOST_PROCESSES))

static const enum part_id shown_parts[] = {PART_HOST_CPU, PART_HOST_MEMORY, PART_HOST_DISK,
					   PART_HOST_FS,  PART_HOST_NET,    PART_HOST_PROCESS};

/* --- what there is to say instead ------------------------------------------------------------- */

static bool anything(const struct console *c)
{
	for (size_t i = 0; i < COUNT_OF(shown_parts); i++)
		if (host_part(c, shown_parts[i]))
			return true;
	return false;
}

static void put_ways(struct sheet *s)
{
	sheet_text(s, 2, UI_STRONG, "How to see it:");
	sheet_labelled(s, 4, 34, "--ssh [user@]host[:port]", UI_TEXT,
		       "through SSH, with nothing to install over there");
	sheet_labelled(s, 4, 34, "--host-command 'COMMAND'", UI_TEXT,
		       "through any command that gives a shell: kubectl exec -i db-0 -- sh, docker exec -i db sh");
	sheet_labelled(s, 4, 34, "ssh = …   host-command = …", UI_TEXT,
		       "the same, for a target in the configuration file");
	sheet_text(s, 4, UI_DIM, "A server on this machine needs none of it.");
}

/* Why not, once each, of the parts that could not be read. */
static void put_reasons(struct sheet *s, const struct console *c)
{
	const struct snapshot *now = console_frame(c)->now;
	const char *last = now && now->host.note ? now->host.note->err.why : "";
	for (size_t i = 0; i < COUNT_OF(shown_parts); i++) {
		const struct part *p = console_part(c, shown_parts[i]);
		const char *why = p ? part_reason(p) : NULL;
		if (!why || part_status(p) == PART_OK || strcmp(why, last) == 0)
			continue;
		/* That there is no way is said at length elsewhere. */
		if (part_status(p) == PART_UNSUPPORTED && !now->host.transport)
			continue;
		struct buf b = BUF_INIT;
		double age = (double)(clock_mono_ns() - part_read_mono(p)) / (double)NS_PER_S;
		if (part_status(p) == PART_STALE)
			buf_addf(&b, "Stale: read %.0f s ago; %s", age, why);
		else
			buf_addf(&b, "%s: %s", anything(c) ? part_title(shown_parts[i]) : "The host cannot be read",
				 why);
		sheet_about(s, 0, NULL, NULL);
		sheet_text(s, 0, UI_WARNING, buf_str(&b));
		buf_release(&b);
		last = why;
	}
}

/* How the way to the host stands, unless all is well. */
static void put_link(struct sheet *s, const struct console *c)
{
	const struct snapshot *now = console_frame(c)->now;
	const struct host_link *link = now ? &now->host : NULL;
	const struct err *e = link && link->note ? &link->note->err : NULL;
	struct buf b = BUF_INIT;
	if (!link || !link->transport || link->state == LINK_LIVE)
		return;
	if (link->state == LINK_CONNECTING || link->state == LINK_IDLE)
		buf_addf(&b, "Connecting to the host (%s)…", link->transport);
	else if (link->state == LINK_STALLED)
		buf_addf(&b, "The host does not answer (%s).", link->transport);
	else
		buf_addf(&b, "No way to the host (%s).", link->transport);
	sheet_text(s, 0, link->state == LINK_CONNECTING || link->state == LINK_IDLE ? UI_NOTICE : UI_WARNING,
		   buf_str(&b));
	buf_release(&b);
	if (e && e->why[0])
		sheet_text(s, 2, UI_STRONG, e->why);
	if (e && e->hint[0])
		sheet_text(s, 2, UI_TEXT, e->hint);
	if (link->note && link->note->question.kind != QUESTION_NONE)
		sheet_text(s, 2, UI_NOTICE, link->note->question.text);
}

static void put_nothing(struct sheet *s, const struct console *c)
{
	const struct snapshot *now = console_frame(c)->now;
	if (now && now->host.transport)
		return;
	sheet_text(s, 0, UI_STRONG, "No way to the server's host is configured.");
	sheet_gap(s);
	put_ways(s);
}

/* --- building --------------------------------------------------------------------------------- */

static void piece(struct line *l, const struct part *p, const char *field, const char *before)
{
	struct value v = part_cell(p, 0, field);
	struct buf b = BUF_INIT;
	if (v.type == VALUE_ABSENT)
		return;
	unit_format(&b, strcmp(field, "uptime") == 0 ? UNIT_SECONDS : UNIT_NONE, v, false);
	line_gap(l, l->text.len ? 2 : 0);
	line_printf(l, UI_DIM, "%s", before);
	line_puts(l, l->n <= 1 ? UI_STRONG : UI_TEXT, buf_str(&b));
	buf_release(&b);
}

/* What the reading itself costs over there. */
static void put_cost(struct line *l, const struct snapshot *now)
{
	const struct host_link *link = &now->host;
	if (!link->transport)
		return;
	line_printf(l, UI_DIM, "  read through %s", link->transport);
	if (link->cost_known && strcmp(link->transport, "local") != 0)
		line_printf(l, link->cpu_ms > 20 ? UI_WARNING : UI_DIM, ", cost %.1f%% of a core", link->cpu_ms / 10);
}

static void put_host(struct sheet *s, const struct console *c)
{
	const struct part *p = host_part(c, PART_HOST);
	struct line l = {0};
	if (!p)
		return;
	piece(&l, p, "name", "");
	piece(&l, p, "system", "");
	piece(&l, p, "kernel", "Linux ");
	piece(&l, p, "uptime", "up ");
	piece(&l, p, "container", "in ");
	put_cost(&l, console_frame(c)->now);
	piece(&l, p, "machine", "on ");
	sheet_about(s, HOSTTOPIC_HOST, "", NULL);
	sheet_pieces(s, s->width, &l);
	sheet_line_end(s);
	line_release(&l);
}

static void build(struct view *v, struct rect r)
{
	struct host *h = v->state;
	struct sheet *s = &h->sheet;
	const struct console *c = v->console;
	const struct host_room room = {r.w, r.h, r.h < 22};
	sheet_begin(s, r.w);
	put_link(s, c);
	put_reasons(s, c);
	if (anything(c)) {
		if (r.h >= 14)
			put_host(s, c);
		host_put_cpu(s, c, &room);
		host_put_memory(s, c, &room);
		host_put_limits(s, c);
		host_put_server(s, c);
		host_put_disks(s, c, &room);
		host_put_filesystems(s, c, &room);
		host_put_network(s, c, &room);
		host_put_processes(s, c, &room);
	} else {
		put_nothing(s, c);
	}
	sheet_end(s);
}

static void draw(struct view *v, struct canvas *c, struct rect r)
{
	struct host *h = v->state;
	r.x += 1;
	r.w -= 2;
	build(v, r);
	sheet_draw(&h->sheet, c, r);
}

/* --- the view --------------------------------------------------------------------------------- */

static bool key(struct view *v, struct key k)
{
	struct host *h = v->state;
	return sheet_key(&h->sheet, k);
}

static void look(void *ctx, const struct action_call *call)
{
	(void)call;
	struct view *v = ctx;
	struct host *h = v->state;
	const struct sheet_mark *at = sheet_at(&h->sheet);
	const struct view_ops *table = at->topic ? host_table(host_topics[at->topic].part) : NULL;
	if (!table) {
		console_explain(v->console);
		return;
	}
	console_push(v->console, table, NULL);
	struct view *top = console_view(v->console);
	if (top->ops == table && *at->key)
		tableview_select(table->table(top), value_parse(at->key, (uint32_t)strlen(at->key)));
}

static void explain_one(const struct part *p, const char *name, int row, struct doc *d)
{
	const struct schema *schema = part_schema(p);
	int i = schema_field(schema, name);
	if (i < 0)
		return;
	const struct field *f = &schema->fields[i];
	bool absent = row >= 0 && part_get(p, (unsigned)row, (unsigned)i).type == VALUE_ABSENT;
	const char *why = absent ? part_absent_reason(p, (unsigned)i) : NULL;
	if (d->n_lines)
		doc_end(d);
	help_field(d, f->title, f, f->kind == FIELD_COUNTER, absent && !why ? "the host gave none" : why);
}

static void explain_metrics(const struct view *v, const struct host_topic_info *info, struct doc *d)
{
	for (unsigned i = 0; i < COUNT_OF(info->metrics) && info->metrics[i]; i++) {
		const struct metric *m = metric_get(info->metrics[i]);
		bool absent = timeline_metric(console_timeline(v->console), info->metrics[i]).type == VALUE_ABSENT;
		if (d->n_lines)
			doc_end(d);
		help_subject(d, m->title, unit_name(m->unit), m->help, m->normal, m->source,
			     absent ? "nothing to compare with yet, or it could not be read" : NULL);
	}
}

static bool explain(struct view *v, struct doc *d)
{
	struct host *h = v->state;
	const struct sheet_mark *at = sheet_at(&h->sheet);
	const struct host_topic_info *info = &host_topics[at->topic];
	const struct part *p = at->topic ? host_part(v->console, info->part) : NULL;
	const char *names = at->fields ? at->fields : info->fields;
	if (!p)
		return false;
	int row = *at->key ? part_find(p, value_parse(at->key, (uint32_t)strlen(at->key))) : 0;
	if (!at->fields)
		explain_metrics(v, info, d);
	if (at->topic == HOSTTOPIC_FS)
		help_subject(d, "Full in", "seconds", "When it is full if it goes on filling as in what fathom has "
			     "seen since it started.", "–: it does not fill, or was not watched for long enough.",
			     "df -kP, over time", NULL);
	for (unsigned i = 0; !names && i < part_schema(p)->n_fields; i++)
		explain_one(p, part_schema(p)->fields[i].name, row, d);
	while (names && *names) {
		char name[40] = "";
		size_t n = strcspn(names, " ");
		memcpy(name, names, n < sizeof name ? n : sizeof name - 1);
		explain_one(p, name, row, d);
		names += n + strspn(names + n, " ");
	}
	return d->n_lines > 0;
}

static void close(struct view *v)
{
	struct host *h = v->state;
	sheet_release(&h->sheet);
}

static const struct action actions[] = {
	{"host-look", "Enter", "detail", "The whole table behind what is under the cursor.", NULL, 0, 1, look},
};

static const struct action_set action_set = {"host", "Host", actions, COUNT_OF(actions)};

const struct view_ops host_panel = {
	.name = "host",
	.title = "Host",
	.brief = "Host",
	.digit = '6',
	.help = "The machine under the server: CPU with steal and I/O wait, the run queue, memory and swap, "
		"pressure, what the server's cgroup allows, its own process, disks with latency, filesystems "
		"with the time until they are full, network, and the processes beside it. A server in a "
		"container is judged by the container's limits. Read from this machine, through --ssh or "
		"through --host-command; it goes on when the server is down.",
	.needs = HOST_PARTS | PART_BIT(PART_VARIABLES),
	.size = sizeof(struct host),
	.close = close,
	.draw = draw,
	.key = key,
	.explain = explain,
	.actions = &action_set,
};
