/*
 * A replica's channel on the replication panel: how it stands in words, what stopped it, the way of the
 * changes from the source through the relay log to the applier, the lag by every measure, and the workers.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "panels/replication.h"

enum { LABEL = 12, BOXES_FROM = 96 };

static struct value cell(const struct replication_channel *ch, const char *field)
{
	return part_cell(ch->part, ch->row, field);
}

static const char *text(const struct replication_channel *ch, const char *field)
{
	return value_cstr(cell(ch, field));
}

static const struct field *field_of(const struct replication_channel *ch, const char *name)
{
	int i = schema_field(part_schema(ch->part), name);
	return i < 0 ? NULL : &part_schema(ch->part)->fields[i];
}

/* --- the error -------------------------------------------------------------------------------- */

static void put_way(struct sheet *s, const struct replication_place *place, unsigned number,
		    const struct replication_way *w)
{
	char label[16];
	struct buf b = BUF_INIT;
	snprintf(label, sizeof label, "Way out %u", number);
	replication_error_fill(&b, w->text, place);
	sheet_labelled(s, 2, LABEL, label, UI_TEXT, buf_str(&b));
	buf_clear(&b);
	if (w->sql)
		replication_error_fill(&b, w->sql, place);
	sheet_sql(s, s->width < 40 ? 4 : 2 + LABEL + 2, buf_str(&b));
	buf_release(&b);
}

static void put_filled(struct sheet *s, const struct replication_place *place, const char *label,
		       enum ui_role role, const char *text)
{
	struct buf b = BUF_INIT;
	replication_error_fill(&b, text, place);
	sheet_labelled(s, 2, LABEL, label, role, buf_str(&b));
	buf_release(&b);
}

void replication_put_error(struct sheet *s, const struct console *c, const struct replication_channel *ch)
{
	const struct replication_error *e = ch->error;
	struct replication_place place = replication_channel_place(ch, console_frame(c));
	sheet_about(s, TOPIC_ERROR, ch->name, NULL);
	const char *thread = ch->receiver ? "Receiver" : "Applier", *text = ch->text[0] ? ch->text : "(no text)";
	sheet_labelled(s, 2, LABEL, ch->detail ? "Worker" : thread, UI_CRITICAL, ch->detail ? ch->detail : text);
	put_filled(s, &place, "It means", UI_STRONG, e->means);
	put_filled(s, &place, "Look at", UI_TEXT, e->look);
	unsigned n = 0;
	for (unsigned i = 0; i < REPLICATION_MOST_WAYS && e->ways[i].text; i++)
		if (replication_way_fits(&e->ways[i], &place))
			put_way(s, &place, ++n, &e->ways[i]);
	if (e->never)
		put_filled(s, &place, "Never", UI_WARNING, e->never);
	/* That of the coordinator only says that a worker failed. */
	if (ch->detail)
		sheet_labelled(s, 2, LABEL, thread, UI_TEXT, text);
	sheet_labelled(s, 2, LABEL, "", UI_DIM, "fathom runs none of this: it is for you to read, judge and type.");
}

/* --- the way of the changes ------------------------------------------------------------------- */

struct thread_state {
	enum ui_role role;
	const char *word;
};

static struct thread_state state_of(const struct replication_channel *ch, bool receiver)
{
	struct value v = cell(ch, receiver ? "io_running" : "sql_running");
	bool failed = value_integer(cell(ch, receiver ? "io_errno" : "sql_errno"), 0) != 0;
	const char *s = value_cstr(v);
	if (v.type == VALUE_ABSENT)
		return (struct thread_state){UI_WARNING, "–"};
	if (strcasecmp(s, "Yes") == 0)
		return (struct thread_state){UI_GOOD, "running"};
	if (strcasecmp(s, "No") == 0)
		return (struct thread_state){UI_CRITICAL, failed ? "stopped by an error" : "stopped"};
	if (strcasecmp(s, "Connecting") == 0)
		return (struct thread_state){failed ? UI_CRITICAL : UI_WARNING,
					     failed ? "cannot connect" : "connecting"};
	return (struct thread_state){UI_WARNING, s};
}

/* Bytes a second, within one file of the source: positions in two files have no difference. */
static struct value position_rate(const struct replication_channel *ch, const struct frame *f, bool received)
{
	const char *file = received ? "read_file" : "exec_file";
	const struct part *before = f->before[PART_REPLICATION];
	int was = before ? part_find(before, cell(ch, "channel")) : -1;
	for (unsigned i = 0; was < 0 && before && i < part_rows(before); i++)
		if (strcmp(value_cstr(part_cell(before, i, "channel")), ch->name) == 0)
			was = (int)i;
	if (was < 0 || strcmp(value_cstr(part_cell(before, (unsigned)was, file)), text(ch, file)) != 0)
		return VALUE_NONE;
	const char *position = received ? "read_position" : "exec_position";
	double now = value_number(cell(ch, position), NAN), dt = frame_dt(f, PART_REPLICATION);
	double then = value_number(part_cell(before, (unsigned)was, position), NAN);
	return dt > 0 && now >= then ? value_real((now - then) / dt) : VALUE_NONE;
}

static void line_position(struct line *l, const struct replication_channel *ch, const struct frame *f,
			  bool received)
{
	struct value at = cell(ch, received ? "read_position" : "exec_position");
	const char *file = text(ch, received ? "read_file" : "exec_file");
	if (!*file && at.type == VALUE_ABSENT)
		line_puts(l, UI_DIM, "–");
	else if (!*file)
		line_puts(l, UI_DIM, "nothing yet");
	else
		line_printf(l, UI_STRONG, "%s:%lld", file, (long long)value_integer(at, 0));
	struct value rate = position_rate(ch, f, received);
	struct buf b = BUF_INIT;
	unit_format(&b, UNIT_BYTES, rate, true);
	line_gap(l, 2);
	line_printf(l, rate.type == VALUE_ABSENT ? UI_DIM : UI_TEXT, "%s/s", buf_str(&b));
	buf_release(&b);
}

/* By position where the server does not say it (bytes_behind). */
static struct value bytes_behind(const struct replication_channel *ch)
{
	struct value v = cell(ch, "bytes_behind");
	if (v.type != VALUE_ABSENT || strcmp(text(ch, "read_file"), text(ch, "exec_file")) != 0)
		return v;
	double read = value_number(cell(ch, "read_position"), NAN);
	double done = value_number(cell(ch, "exec_position"), NAN);
	return read >= done ? value_real(read - done) : VALUE_NONE;
}

static void line_unit(struct line *l, enum ui_role role, enum unit unit, struct value v)
{
	struct buf b = BUF_INIT;
	sheet_value(&b, unit, v, false);
	line_puts(l, v.type == VALUE_ABSENT ? UI_DIM : role, buf_str(&b));
	buf_release(&b);
}

static void line_workers(struct line *l, const struct replication_channel *ch)
{
	struct value all = cell(ch, "workers"), busy = cell(ch, "workers_busy");
	if (value_integer(all, 0) < 2)
		return;
	line_gap(l, 2);
	if (value_is_number(busy)) {
		line_unit(l, UI_STRONG, UNIT_COUNT, busy);
		line_puts(l, UI_LABEL, " of ");
	}
	line_unit(l, UI_STRONG, UNIT_COUNT, all);
	line_puts(l, UI_LABEL, value_is_number(busy) ? " workers busy" : " workers");
}

static void line_state(struct line *l, const struct replication_channel *ch, bool receiver)
{
	struct thread_state st = state_of(ch, receiver);
	line_puts(l, st.role, st.word);
	if (!receiver)
		line_workers(l, ch);
}

static void line_source(struct line *l, const struct replication_channel *ch)
{
	line_printf(l, UI_STRONG, "%s:%lld", *ch->host ? ch->host : "–", (long long)ch->port);
}

static void line_source_id(struct line *l, const struct replication_channel *ch)
{
	line_puts(l, UI_LABEL, "id ");
	line_unit(l, UI_TEXT, UNIT_ID, cell(ch, "source_id"));
	if (*text(ch, "source_uuid"))
		line_printf(l, UI_DIM, "  %.8s…", text(ch, "source_uuid"));
}

/* What its end of the log is, only the source knows; how fresh the news from it is, we do. */
static void line_source_news(struct line *l, const struct replication_channel *ch)
{
	struct value heart = cell(ch, "heartbeat_age"), lag = cell(ch, "receive_lag");
	bool level = strcasestr(text(ch, "io_state"), "waiting for") &&
		     strcasestr(text(ch, "io_state"), "to send event");
	if (level)
		line_puts(l, UI_GOOD, "sent all it had");
	else if (value_is_number(lag)) {
		line_puts(l, UI_LABEL, "receiving what is ");
		line_unit(l, UI_STRONG, UNIT_SECONDS, lag);
		line_puts(l, UI_LABEL, " old");
	} else
		line_puts(l, UI_DIM, "end of its log –");
	if (value_is_number(heart)) {
		line_puts(l, UI_LABEL, "  heartbeat ");
		line_unit(l, UI_TEXT, UNIT_SECONDS, heart);
		line_puts(l, UI_LABEL, " ago");
	}
}

enum { BOX_LINES = 3 };
struct box {
	const char *title;
	enum ui_role role; /* of the title */
	struct line lines[BOX_LINES];
};

static void put_edge(struct sheet *s, const struct box *b, int width, bool upper)
{
	struct line l = {0};
	line_puts(&l, UI_RULE, upper ? "╭─" : "╰─");
	if (upper)
		line_printf(&l, b->role, " %s ", b->title);
	while (line_width(&l) < width - 1)
		line_puts(&l, UI_RULE, "─");
	line_puts(&l, UI_RULE, upper ? "╮" : "╯");
	sheet_pieces(s, width, &l);
	line_release(&l);
}

static void put_boxes(struct sheet *s, const struct box *boxes, unsigned n)
{
	enum { ARROW = 5 };
	int width = (s->width - 2 - ARROW * ((int)n - 1)) / (int)n;
	for (int row = -1; row <= BOX_LINES; row++) {
		sheet_blanks(s, 2);
		for (unsigned i = 0; i < n; i++) {
			if (i)
				sheet_puts(s, UI_STRONG, row == 1 ? " ══▶ " : "     ");
			if (row < 0 || row == BOX_LINES) {
				put_edge(s, &boxes[i], width, row < 0);
				continue;
			}
			sheet_puts(s, UI_RULE, "│ ");
			sheet_pieces(s, width - 4, &boxes[i].lines[row]);
			sheet_puts(s, UI_RULE, " │");
		}
		sheet_line_end(s);
	}
}

static void put_wide(struct sheet *s, const struct replication_channel *ch, const struct frame *f)
{
	struct box boxes[] = {{"source", UI_TITLE, {{{0}}}},
			      {"receiver", UI_TITLE, {{{0}}}},
			      {"applier", UI_TITLE, {{{0}}}}};
	line_source(&boxes[0].lines[0], ch);
	line_source_news(&boxes[0].lines[1], ch);
	line_source_id(&boxes[0].lines[2], ch);
	for (int i = 1; i <= 2; i++) {
		line_state(&boxes[i].lines[0], ch, i == 1);
		line_position(&boxes[i].lines[1], ch, f, i == 1);
		line_puts(&boxes[i].lines[2], UI_DIM, text(ch, i == 1 ? "io_state" : "sql_state"));
	}
	sheet_about(s, TOPIC_CHANNEL, ch->name,
		    "io_running sql_running read_file read_position exec_file exec_position io_state sql_state");
	put_boxes(s, boxes, COUNT_OF(boxes));
	for (unsigned i = 0; i < COUNT_OF(boxes); i++)
		for (unsigned k = 0; k < BOX_LINES; k++)
			line_release(&boxes[i].lines[k]);
}

static void put_line(struct sheet *s, const char *label, struct line *l)
{
	sheet_blanks(s, 2);
	sheet_cell(s, LABEL, false, UI_LABEL, label);
	sheet_pieces(s, s->width - 2 - LABEL, l);
	sheet_line_end(s);
	line_release(l);
}

static void put_narrow(struct sheet *s, const struct replication_channel *ch, const struct frame *f)
{
	struct line l = {0};
	sheet_about(s, TOPIC_CHANNEL, ch->name, "source_host source_port source_id source_uuid");
	line_source(&l, ch);
	line_gap(&l, 2);
	line_source_news(&l, ch);
	put_line(s, "Source", &l);
	for (int i = 1; i <= 2; i++) {
		bool receiver = i == 1;
		sheet_about(s, TOPIC_CHANNEL, ch->name,
			    receiver ? "io_running io_state read_file read_position"
				     : "sql_running sql_state exec_file exec_position workers workers_busy");
		line_state(&l, ch, receiver);
		put_line(s, receiver ? "Receiver" : "Applier", &l);
		line_position(&l, ch, f, receiver);
		put_line(s, "", &l);
		const char *state = text(ch, receiver ? "io_state" : "sql_state");
		if (*state)
			sheet_labelled(s, 2, LABEL, "", UI_DIM, state);
	}
}

/* How much of the relay logs is applied. */
static void put_relay(struct sheet *s, const struct replication_channel *ch)
{
	struct value space = cell(ch, "relay_space"), behind = bytes_behind(ch);
	struct line l = {0};
	sheet_about(s, TOPIC_CHANNEL, ch->name, "relay_space bytes_behind");
	sheet_blanks(s, 2);
	sheet_cell(s, LABEL, false, UI_LABEL, "Relay log");
	int bar = s->width >= 120 ? 40 : s->width >= 60 ? 20 : 0;
	double all = value_number(space, 0), left = value_number(behind, 0);
	all = left > all ? left : all;
	if (bar && value_is_number(behind)) {
		sheet_bar(s, bar, all - left, all, UI_BAR_USED, left > 0 ? UI_WARNING : UI_BAR_FREE);
		sheet_blanks(s, 2);
	}
	line_unit(&l, UI_STRONG, UNIT_BYTES, space);
	line_puts(&l, UI_LABEL, " kept, ");
	line_unit(&l, left >= 1048576 ? UI_WARNING : UI_STRONG, UNIT_BYTES, behind);
	line_puts(&l, UI_LABEL, " not applied");
	sheet_pieces(s, s->width - 2 - LABEL - (bar && value_is_number(behind) ? bar + 2 : 0), &l);
	sheet_line_end(s);
	line_release(&l);
}

/* --- lag -------------------------------------------------------------------------------------- */

static const struct {
	const char *field, *label;
	const char *unit; /* behind the number */
} measures[] = {
	{"lag", "by the server", ""},
	{"apply_lag", "commit times", ""},
	{"receive_lag", "receiving", ""},
	{"heartbeat_lag", "heartbeat", ""},
	{"gtid_gap", "GTIDs", " transactions"},
};

static enum ui_role lag_role(const struct replication_channel *ch, enum unit unit, struct value v)
{
	if (v.type == VALUE_ABSENT)
		return ch->health == REPLICATION_BROKEN ? UI_CRITICAL : UI_DIM;
	double over = value_number(v, 0) - ch->delay;
	return unit != UNIT_SECONDS ? UI_STRONG : over >= 60 ? UI_CRITICAL : over >= 10 ? UI_WARNING : UI_STRONG;
}

/* Red where it is broken that makes a measure unknown, not where the server never had it. */
static bool never_had(const struct replication_channel *ch, const char *field)
{
	int i = schema_field(part_schema(ch->part), field);
	return i >= 0 && part_absent_reason(ch->part, (unsigned)i);
}

/* Why there is no number. */
static const char *lag_absent(const struct replication_channel *ch, const char *field)
{
	int i = schema_field(part_schema(ch->part), field);
	const char *why = i < 0 ? NULL : part_absent_reason(ch->part, (unsigned)i);
	if (why)
		return why;
	switch (ch->health) {
	case REPLICATION_BROKEN:
		return "unknown while it is broken: that is not 0";
	case REPLICATION_STOPPED:
		return "unknown while it is stopped: that is not 0";
	case REPLICATION_CONNECTING:
		return "unknown without a source";
	default:
		return "the server does not say";
	}
}

static void trend_words(const struct replication_channel *ch, const struct replication_trend *t, struct buf *out)
{
	double lag = value_number(ch->lag, NAN);
	if (isnan(t->slope))
		buf_adds(out, isnan(lag) ? "" : t->n < 2 ? "" : "no trend yet");
	else if (fabs(t->slope) < 0.05)
		buf_adds(out, lag - ch->delay < 2 ? "steady" : "steady: it does not catch up");
	else
		buf_addf(out, "%s %.2g s each second", t->slope < 0 ? "falls" : "grows", fabs(t->slope));
	if (!isnan(t->eta)) {
		buf_adds(out, ", level in ");
		replication_eta_words(t->eta, out);
	}
}

static void put_measure(struct sheet *s, const struct replication_channel *ch, unsigned i,
			const struct replication_trend *trend)
{
	enum { NAME = 15, NUMBER = 9 };
	const struct field *field = field_of(ch, measures[i].field);
	if (!field)
		return;
	struct value v = cell(ch, measures[i].field);
	enum ui_role role = v.type == VALUE_ABSENT && never_had(ch, measures[i].field)
				    ? UI_DIM : lag_role(ch, field->unit, v);
	struct buf b = BUF_INIT, words = BUF_INIT;
	char label[LABEL + NAME + 1];
	snprintf(label, sizeof label, "%-*s%s", LABEL, i ? "" : "Lag", measures[i].label);
	sheet_value(&b, field->unit, v, false);
	buf_addf(&b, v.type == VALUE_ABSENT ? "  %s" : "%s",
		 v.type == VALUE_ABSENT ? lag_absent(ch, measures[i].field) : measures[i].unit);
	sheet_about(s, TOPIC_CHANNEL, ch->name, measures[i].field);
	int room = s->width - 2 - LABEL - NAME - NUMBER;
	if (i || !trend->n || room < 20) {
		sheet_labelled(s, 2, LABEL + NAME, label, role, buf_str(&b));
	} else {
		int spark = room > 70 ? 40 : room > 44 ? 16 : 0;
		sheet_blanks(s, 2);
		sheet_cell(s, LABEL + NAME, false, UI_LABEL, label);
		sheet_cell(s, v.type == VALUE_ABSENT ? room + NUMBER : NUMBER, false, role, buf_str(&b));
		if (spark && v.type != VALUE_ABSENT) {
			sheet_spark(s, spark, trend->lag, trend->n);
			sheet_blanks(s, 2);
		}
		trend_words(ch, trend, &words);
		if (v.type != VALUE_ABSENT)
			sheet_cell(s, room - (spark ? spark + 2 : 0), false, UI_TEXT, buf_str(&words));
		sheet_line_end(s);
	}
	buf_release(&b);
	buf_release(&words);
}

static void put_lag(struct sheet *s, const struct console *c, const struct replication_channel *ch)
{
	struct replication_trend trend;
	replication_trend_read(&trend, console_timeline(c), ch->name);
	for (unsigned i = 0; i < COUNT_OF(measures); i++)
		put_measure(s, ch, i, &trend);
}

/* --- workers ---------------------------------------------------------------------------------- */

enum { WORKER_NAME, WORKER_STATE, WORKER_WHAT, WORKER_SINCE, WORKER_RETRIES, WORKER_SESSION };

static const struct sheet_column worker_columns[] = {
	[WORKER_NAME] = {"Worker", 12, 0, false, false},
	[WORKER_STATE] = {"State", 44, 0, false, false},
	[WORKER_WHAT] = {"On what", 200, 2, false, true},
	[WORKER_SINCE] = {"Since", 8, 1, true, false},
	[WORKER_RETRIES] = {"Tried again", 11, 4, true, false},
	[WORKER_SESSION] = {"Session", 10, 3, true, false},
};

static bool is_idle(const struct part *p, unsigned row)
{
	return value_integer(part_cell(p, row, "running"), 0) && !value_integer(part_cell(p, row, "busy"), 0) &&
	       !value_integer(part_cell(p, row, "errno"), 0);
}

static void worker_row(struct sheet_table *t, const struct part *p, unsigned row)
{
	const char *kind = value_cstr(part_cell(p, row, "kind"));
	struct value number = part_cell(p, row, "number");
	bool failed = value_integer(part_cell(p, row, "errno"), 0) != 0;
	bool runs = value_integer(part_cell(p, row, "running"), 0) != 0;
	bool blocked = part_cell(p, row, "blocked_by").type != VALUE_ABSENT;
	const char *state = value_cstr(part_cell(p, row, "state"));
	struct sheet_row *r = sheet_table_row(t, value_cstr(part_cell(p, row, "id")));
	char name[40];
	if (strcmp(kind, "worker") == 0 && number.type == VALUE_INT)
		snprintf(name, sizeof name, "%lld", (long long)number.i);
	else
		snprintf(name, sizeof name, "%.39s", kind);
	sheet_row_text(r, WORKER_NAME, UI_TEXT, name);
	sheet_row_text(r, WORKER_STATE,
		       failed     ? UI_CRITICAL
		       : !runs    ? UI_WARNING
		       : blocked  ? UI_WAITING
				  : UI_RUNNING,
		       failed    ? "failed"
		       : !runs   ? "not running"
		       : *state  ? state
		       : value_integer(part_cell(p, row, "busy"), 0) ? "busy" : "idle");
	static const char *const what[] = {"statement", "stage", "applying", "lock_table"};
	const char *s = failed ? value_cstr(part_cell(p, row, "error")) : "";
	for (unsigned i = 0; !*s && i < COUNT_OF(what); i++) {
		s = value_cstr(part_cell(p, row, what[i]));
		if (strcmp(s, state) == 0)
			s = "";
	}
	sheet_row_text(r, WORKER_WHAT, failed ? UI_CRITICAL : UI_TEXT, s);
	sheet_row_value(r, WORKER_SINCE, UNIT_SECONDS, part_cell(p, row, "applying_since"), false);
	sheet_row_value(r, WORKER_RETRIES, UNIT_COUNT, part_cell(p, row, "applying_retries"), false);
	sheet_row_value(r, WORKER_SESSION, UNIT_ID, part_cell(p, row, "session"), false);
}

static bool is_of(const struct part *p, unsigned row, const struct replication_channel *ch)
{
	struct value channel = part_cell(p, row, "channel");
	return ch ? channel.type == VALUE_TEXT && strcmp(channel.s, ch->name) == 0 : channel.type == VALUE_ABSENT;
}

void replication_put_threads(struct sheet *s, const struct console *c, const struct replication_channel *ch,
			     bool all)
{
	const struct part *p = replication_part(c, PART_APPLIERS);
	struct sheet_column columns[COUNT_OF(worker_columns)];
	struct sheet_table t = {.columns = columns, .n_columns = COUNT_OF(columns)};
	unsigned idle = 0;
	memcpy(columns, worker_columns, sizeof columns);
	/* What it works on matters more than the end of a long state. */
	columns[WORKER_STATE].width = s->width < 120 ? 22 : 44;
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		if (!is_of(p, i, ch))
			continue;
		bool worker = strcmp(value_cstr(part_cell(p, i, "kind")), "worker") == 0;
		if (!all && worker && is_idle(p, i))
			idle++;
		else
			worker_row(&t, p, i);
	}
	if (t.n_rows && !ch)
		sheet_heading(s, "Threads whose channel the server does not tell");
	if (t.n_rows)
		sheet_table_put(s, &t, 2, TOPIC_WORKER, NULL);
	if (!idle)
		return;
	char line[40];
	snprintf(line, sizeof line, "%u idle worker%s", idle, idle == 1 ? "" : "s");
	sheet_about(s, ch ? TOPIC_CHANNEL : TOPIC_NONE, ch ? ch->name : NULL, "workers workers_busy");
	sheet_text(s, 2, UI_DIM, line);
}

/* --- the rest --------------------------------------------------------------------------------- */

static void put_gtids(struct sheet *s, const struct console *c, const struct replication_channel *ch)
{
	static const struct {
		const char *field, *label;
	} sets[] = {{"gtid_received", "Received"}, {"gtid_executed", "Applied"}};
	for (unsigned i = 0; i < COUNT_OF(sets); i++) {
		struct buf b = BUF_INIT;
		replication_fold_gtids(&b, c, text(ch, sets[i].field));
		sheet_about(s, TOPIC_CHANNEL, ch->name, sets[i].field);
		if (b.len)
			sheet_labelled(s, 2, LABEL, sets[i].label, UI_TEXT, buf_str(&b));
		buf_release(&b);
	}
}

static void put_facts(struct sheet *s, const struct console *c, const struct replication_channel *ch)
{
	static const struct replication_fact facts[] = {
		{"tls", "TLS", true},
		{"tls_verify", "verified", true},
		{"gtid", "by GTID", true},
		{"semisync", "semi-sync", true},
		{"delay", "delay", false},
		{"delay_remaining", "still to wait", true},
		{"filters", "filters", false},
		{"until", "until", false},
		{"parallel_mode", "parallel", false},
		{"connect_retry", "connects again every", false},
		{"retry_count", "times", false},
		{"retries", "retried", false, true},
		{"heartbeat_interval", "heartbeat every", false},
		{"transactions", "transactions", true},
		{"source_user", "as", false},
	};
	sheet_about(s, TOPIC_CHANNEL, ch->name,
		    "tls tls_verify gtid semisync delay delay_remaining filters until parallel_mode connect_retry "
		    "retry_count retries heartbeat_interval transactions source_user");
	replication_put_facts(s, c, PART_REPLICATION, ch->row, facts, COUNT_OF(facts));
}

static enum ui_role health_role(enum replication_health h)
{
	static const enum ui_role roles[] = {
		[REPLICATION_UNKNOWN] = UI_WARNING,    [REPLICATION_LEVEL] = UI_GOOD,
		[REPLICATION_BEHIND] = UI_NOTICE,      [REPLICATION_CONNECTING] = UI_WARNING,
		[REPLICATION_STOPPED] = UI_CRITICAL,   [REPLICATION_BROKEN] = UI_CRITICAL,
	};
	return roles[h];
}

void replication_put_channel(struct sheet *s, const struct console *c, const struct replication_channel *ch)
{
	const struct frame *f = console_frame(c);
	struct buf b = BUF_INIT;
	struct replication_trend trend;
	replication_trend_read(&trend, console_timeline(c), ch->name);
	buf_adds(&b, *ch->name ? "Channel " : "Replica of ");
	replication_channel_title(ch, &b);
	sheet_heading(s, buf_str(&b));
	buf_clear(&b);
	/* A single one was told of in the first line. */
	replication_channel_words(ch, &trend, &b);
	sheet_about(s, TOPIC_CHANNEL, ch->name, "state lag");
	if (part_rows(ch->part) > 1)
		sheet_text(s, 2, health_role(ch->health), buf_str(&b));
	buf_release(&b);
	if (ch->error)
		replication_put_error(s, c, ch);
	if (s->width >= BOXES_FROM)
		put_wide(s, ch, f);
	else
		put_narrow(s, ch, f);
	put_relay(s, ch);
	put_lag(s, c, ch);
	replication_put_threads(s, c, ch, false);
	put_gtids(s, c, ch);
	put_facts(s, c, ch);
}
