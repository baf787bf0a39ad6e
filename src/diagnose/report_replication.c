/* Replication: what this server is in it, its channels, its replicas, its group or cluster. */
#include "diagnose/reportsections.h"

#include "base/mem.h"
#include "diagnose/replication.h"
#include "model/metric.h"

static const struct report_figure figures[] = {
	{METRIC_LAG, "lag", true},
	{METRIC_LAG_SLOPE, "growth of the lag", false},
	{METRIC_APPLY_LAG, "lag by commit times", false},
	{METRIC_GTID_GAP, "transactions not applied", false},
	{METRIC_BYTES_BEHIND, "bytes not received", false},
	{METRIC_SEMISYNC_SESSIONS, "sessions awaiting semi-sync", false},
	{METRIC_GROUP_QUEUE, "transactions queued in the group", false},
	{METRIC_FLOW_PAUSED, "paused by flow control", false},
	{METRIC_BINLOG_BYTES, "binary log written", true},
};

/* One broken channel: the server's words, what they mean, and the safe ways out. */
static void add_error(struct report_section *s, const struct frame *f,
		      const struct replication_channel *c)
{
	struct buf b = BUF_INIT;
	replication_channel_title(c, &b);
	report_say(s, "Channel %s is broken: error %lld: %s", buf_str(&b), (long long)c->number,
		   c->detail ? c->detail : c->text ? c->text : "the server gives no text");
	buf_clear(&b);
	if (c->error && c->error->means) {
		struct replication_place place = replication_channel_place(c, f);
		replication_error_fill(&b, c->error->means, &place);
		report_say(s, "%s", buf_str(&b));
	}
	buf_release(&b);
}

static void add_channels(struct report_section *s, const struct report_input *in)
{
	const struct frame *f = timeline_frame(in->timeline);
	const struct part *p = report_part_quietly(in, PART_REPLICATION);
	struct replication_channel c;
	if (!p || !part_rows(p))
		return;
	report_part_table(s, in, PART_REPLICATION, "Channels",
			  "channel source_host source_port state lag receive_lag apply_lag gtid_gap "
			  "bytes_behind delay workers gtid tls io_running sql_running io_error sql_error", 20);
	for (unsigned i = 0; i < part_rows(p); i++)
		if (replication_channel_read(&c, f, i) && c.health == REPLICATION_BROKEN)
			add_error(s, f, &c);
}

static void add_members(struct report_section *s, const struct report_input *in, enum part_id id,
			const char *title, const char *fields)
{
	const struct part *p = report_part_quietly(in, id);
	if (p && part_rows(p))
		report_part_table(s, in, id, title, fields, 40);
}

static void build(struct report_section *s, const struct report_input *in)
{
	struct replication_story story = {0};
	replication_story_make(&story, in->timeline, timeline_frame(in->timeline));
	for (unsigned i = 0; i < story.n; i++)
		report_say(s, "%s", buf_str(&story.sentences[i].text));
	/* Who takes no part in it has only its binary log, if that. */
	if (story.nothing)
		report_metric(s, in, METRIC_BINLOG_BYTES, "binary log written");
	else
		report_figures(s, in, figures, COUNT_OF(figures));
	replication_story_release(&story);
	add_channels(s, in);
	add_members(s, in, PART_REPLICAS, "Replicas", "name replica_host replica_port user host state semisync time");
	add_members(s, in, PART_GROUP, "Group members",
		    "host port state role version is_self queue apply_queue conflicts");
	add_members(s, in, PART_GALERA, "Cluster nodes",
		    "name address state ready cluster_status cluster_size is_self flow_paused recv_queue "
		    "send_queue cert_failures");
	const struct part *b = report_part_quietly(in, PART_BINLOG);
	if (b && part_rows(b))
		report_part_table(s, in, PART_BINLOG, "Binary log",
				  "file =position format row_image sync expire gtid_mode bytes_written commits "
				  "cache_disk_use semisync semisync_clients semisync_wait_for", 1);
}

const struct report_builder report_replication = {
	.id = "replication",
	.title = "Replication",
	.needs = PART_BIT(PART_REPLICATION) | PART_BIT(PART_REPLICAS) | PART_BIT(PART_GROUP) |
		 PART_BIT(PART_GALERA) | PART_BIT(PART_BINLOG),
	.build = build,
};
