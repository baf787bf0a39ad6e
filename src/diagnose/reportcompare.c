#include "diagnose/reportcompare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "diagnose/replication.h"
#include "model/metric.h"

struct comparison {
	const struct report_input *in;
	struct report *const *reports;
	unsigned n;
	struct report *doc;
};

static bool reached(const struct report_input *in)
{
	return in->now && in->now->link == LINK_LIVE;
}

/* --- at a glance ------------------------------------------------------------------------------ */

enum { AT_TARGET, AT_SERVER, AT_ROLE, AT_SEVERITY, AT_VERDICT };
static const struct report_column overview_columns[] = {
	[AT_TARGET] = {.name = "target", .title = "Target"},
	[AT_SERVER] = {.name = "server", .title = "Server", .ours = true},
	[AT_ROLE] = {.name = "role", .title = "Role", .ours = true},
	[AT_SEVERITY] = {.name = "severity", .title = "Severity", .ours = true},
	[AT_VERDICT] = {.name = "text", .title = "Verdict"},
};

static void add_overview(const struct comparison *c)
{
	struct report_section *s = report_section(c->doc, "targets", "Targets");
	struct report_table *t = report_table(s, "targets", "", overview_columns,
					      COUNT_OF(overview_columns));
	for (unsigned i = 0; i < c->n; i++) {
		const struct report *r = c->reports[i];
		report_row(t);
		report_cell(t, AT_TARGET, value_str(r->target));
		report_cell(t, AT_SERVER, value_str(r->server));
		report_cell(t, AT_ROLE, value_str(r->role));
		report_cell(t, AT_SEVERITY, value_str(severity_name(r->severity)));
		report_cell(t, AT_VERDICT, value_str(r->verdict));
	}
}

/* --- columns of targets ----------------------------------------------------------------------- */

/* "name", then a column for each target. `odd`: one more, who is the odd one out. */
static struct report_column *target_columns(const struct comparison *c, const char *first,
					    const char *title, bool odd)
{
	struct arena *a = &c->doc->arena;
	struct report_column *columns = arena_zalloc(a, (c->n + 2) * sizeof *columns);
	columns[0] = (struct report_column){.name = first, .title = title, .ours = true};
	for (unsigned i = 0; i < c->n; i++)
		columns[i + 1] = (struct report_column){.name = c->reports[i]->target,
							.title = c->reports[i]->target};
	columns[c->n + 1] = (struct report_column){.name = odd ? "odd_one_out" : NULL,
						   .title = "Odd one out"};
	return columns;
}

/* The one that differs where at least two others agree; -1: there is none. */
static int odd_one_out(const struct value *v, unsigned n)
{
	int odd = -1;
	for (unsigned i = 0; i < n; i++) {
		unsigned alike = 0, others = 0;
		const struct value *common = NULL;
		for (unsigned k = 0; k < n; k++) {
			if (k == i || v[k].type == VALUE_ABSENT)
				continue;
			others++;
			common = common ? common : &v[k];
			alike += value_equal(*common, v[k]);
		}
		if (others >= 2 && alike == others && v[i].type != VALUE_ABSENT &&
		    !value_equal(v[i], *common)) {
			if (odd >= 0)
				return -1;
			odd = (int)i;
		}
	}
	return odd;
}

/* --- settings --------------------------------------------------------------------------------- */

/* What is each server's own by its nature. */
static bool own_by_nature(const char *name)
{
	static const char *const names[] = {
		"server_id", "server_uuid", "server_uid", "hostname", "pid_file", "socket", "port", "datadir",
		"report_host", "report_port", "tmpdir", "slave_load_tmpdir", "replica_load_tmpdir",
		"basedir", "log_error", "gtid_executed", "gtid_purged", "timestamp", "pseudo_thread_id",
		"rand_seed1", "rand_seed2", "error_count", "warning_count", "insert_id", "identity",
		"last_insert_id", "in_transaction", "relay_log_info_file", "wsrep_node_name",
		"wsrep_node_address", "wsrep_node_incoming_address", "group_replication_local_address",
	};
	static const char *const beginnings[] = {"gtid_binlog_", "gtid_current_", "gtid_slave_",
						 "general_log_file", "slow_query_log_file", "log_bin_",
						 "relay_log_", "last_gtid", "ssl_", "admin_port", "extra_port"};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	for (size_t i = 0; i < COUNT_OF(beginnings); i++)
		if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

enum { MOST_SETTINGS = 200 };

/* The values of a variable on all; false when it is missing somewhere (servers of other kinds), or the
   same everywhere. */
static bool differs(const struct comparison *c, const char *name, struct value *v)
{
	bool differ = false;
	const struct value *first = NULL;
	unsigned seen = 0;
	for (unsigned i = 0; i < c->n; i++) {
		v[i] = reached(&c->in[i]) ? report_variable(&c->in[i], name) : VALUE_NONE;
		if (!reached(&c->in[i]))
			continue;
		if (v[i].type == VALUE_ABSENT)
			return false;
		differ |= first && !value_equal(*first, v[i]);
		first = first ? first : &v[i];
		seen++;
	}
	return differ && seen > 1;
}

static const struct part *any_variables(const struct comparison *c)
{
	for (unsigned i = 0; i < c->n; i++)
		if (reached(&c->in[i]) && report_part_quietly(&c->in[i], PART_VARIABLES))
			return report_part_quietly(&c->in[i], PART_VARIABLES);
	return NULL;
}

static void add_settings(const struct comparison *c)
{
	struct report_section *s = report_section(c->doc, "settings", "Settings that differ");
	struct report_table *t = report_table(s, "settings", "",
					      target_columns(c, "name", "Setting", true), c->n + 2);
	const struct part *p = any_variables(c);
	struct value *v = xcalloc(c->n, sizeof *v);
	/* Greatest first: from the end on it is the alphabet. */
	unsigned *order = p ? part_order(p, "name", &c->doc->arena) : NULL;
	for (unsigned i = p ? part_rows(p) : 0; i-- > 0;) {
		const char *name = value_cstr(part_cell(p, order[i], "name"));
		if (own_by_nature(name) || !differs(c, name, v))
			continue;
		if (t->n_rows == MOST_SETTINGS) {
			t->cut++;
			continue;
		}
		int odd = odd_one_out(v, c->n);
		report_row(t);
		report_cell(t, 0, value_str(name));
		for (unsigned k = 0; k < c->n; k++)
			report_cell(t, k + 1, v[k]);
		if (odd >= 0)
			report_cell(t, c->n + 1, value_str(c->reports[odd]->target));
	}
	if (!t->n_rows)
		report_advise(s, "No setting differs but those that are each server's own.");
	free(v);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static const struct {
	enum metric_id metric;
	const char *name;
} figures[] = {
	{METRIC_QPS, "statements a second"},
	{METRIC_RUNNING, "threads running"},
	{METRIC_CONNECTED, "connections"},
	{METRIC_LAG, "replication lag"},
	{METRIC_POOL_HIT, "buffer pool hits"},
	{METRIC_HISTORY, "history list length"},
	{METRIC_HOST_CPU, "CPU of the host"},
	{METRIC_HOST_MEMORY, "memory of the host"},
	{METRIC_HOST_LATENCY, "disk latency"},
};

/* Far from all others: three times as much as the greatest of them, and not a trifle. */
static int far_out(const double *v, unsigned n)
{
	int greatest = -1;
	double next = 0;
	unsigned known = 0;
	for (unsigned i = 0; i < n; i++) {
		if (isnan(v[i]))
			continue;
		known++;
		if (greatest < 0 || v[i] > v[greatest]) {
			next = greatest < 0 ? 0 : v[greatest];
			greatest = (int)i;
		} else if (v[i] > next) {
			next = v[i];
		}
	}
	return known > 1 && v[greatest] > 3 * next && v[greatest] > 1 ? greatest : -1;
}

static void add_numbers(const struct comparison *c)
{
	struct report_section *s = report_section(c->doc, "numbers", "Numbers side by side");
	struct report_table *t = report_table(s, "numbers", "",
					      target_columns(c, "name", "Number", true), c->n + 2);
	double *v = xcalloc(c->n, sizeof *v);
	for (unsigned k = 0; k < COUNT_OF(figures); k++) {
		const struct metric *m = metric_get(figures[k].metric);
		bool any = false;
		report_row(t);
		report_cell(t, 0, value_str(figures[k].name));
		for (unsigned i = 0; i < c->n; i++) {
			struct value now = reached(&c->in[i])
						   ? timeline_metric(c->in[i].timeline, figures[k].metric)
						   : VALUE_NONE;
			struct buf b = BUF_INIT;
			v[i] = value_number(now, NAN);
			any |= !isnan(v[i]);
			unit_format(&b, m->unit, now, m->rate);
			report_cell(t, i + 1, value_str(buf_str(&b)));
			buf_release(&b);
		}
		int odd = far_out(v, c->n);
		if (odd >= 0)
			report_cell(t, c->n + 1, value_str(c->reports[odd]->target));
		if (!any)
			t->n_rows--;
	}
	free(v);
}

/* --- in words --------------------------------------------------------------------------------- */

/* Broken is no lag at all: each such channel is named. */
static unsigned add_broken(struct report_section *s, const struct report_input *in, const char *target)
{
	const struct frame *f = timeline_frame(in->timeline);
	const struct part *p = report_part_quietly(in, PART_REPLICATION);
	struct replication_channel c;
	unsigned said = 0;
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		if (!replication_channel_read(&c, f, i) || c.health != REPLICATION_BROKEN)
			continue;
		struct buf source = BUF_INIT, words = BUF_INIT;
		replication_channel_title(&c, &source);
		replication_channel_words(&c, NULL, &words);
		report_say(s, "%s does not replicate from %s: %s.", target, buf_str(&source), buf_str(&words));
		buf_release(&source);
		buf_release(&words);
		said++;
	}
	return said;
}

/* Who lags most, who is alone with a version or with being writable. */
static void add_words(const struct comparison *c)
{
	struct report_section *s = report_section(c->doc, "odd", "Who lags, who is odd");
	unsigned said = 0;
	struct value *v = xcalloc(c->n, sizeof *v);
	double worst = 0;
	int lags = -1;
	for (unsigned i = 0; i < c->n; i++) {
		double lag = reached(&c->in[i])
				     ? value_number(timeline_metric(c->in[i].timeline, METRIC_LAG), 0)
				     : 0;
		if (lag > worst) {
			worst = lag;
			lags = (int)i;
		}
		if (!reached(&c->in[i])) {
			report_say(s, "%s was not reached.", c->reports[i]->target);
			said++;
		} else {
			said += add_broken(s, &c->in[i], c->reports[i]->target);
		}
		v[i] = reached(&c->in[i]) ? value_str(c->reports[i]->server) : VALUE_NONE;
	}
	if (lags >= 0) {
		report_say(s, "%s lags most: %.0f s behind its source.", c->reports[lags]->target, worst);
		said++;
	}
	int odd = odd_one_out(v, c->n);
	if (odd >= 0) {
		report_say(s, "%s is the odd one out: it runs %s.", c->reports[odd]->target,
			   c->reports[odd]->server);
		said++;
	}
	for (unsigned i = 0; i < c->n; i++)
		v[i] = reached(&c->in[i]) ? value_int(c->reports[i]->severity >= SEVERITY_WARNING)
					  : VALUE_NONE;
	odd = odd_one_out(v, c->n);
	if (odd >= 0 && c->reports[odd]->severity >= SEVERITY_WARNING) {
		report_say(s, "Only %s is in trouble: %s", c->reports[odd]->target,
			   c->reports[odd]->verdict);
		said++;
	}
	if (!said)
		report_advise(s, "Nobody lags, and nobody is the odd one out.");
	free(v);
}

struct report *report_compare(const struct report_input *in, struct report *const *reports, unsigned n)
{
	struct comparison c = {in, reports, n, report_new("")};
	add_overview(&c);
	add_words(&c);
	add_numbers(&c);
	add_settings(&c);
	return c.doc;
}
