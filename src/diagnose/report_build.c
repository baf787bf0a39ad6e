#include "diagnose/reportsections.h"

#include <string.h>

#include "base/buf.h"
#include "diagnose/rule.h"
#include "diagnose/verdict.h"

const struct report_builder *const report_sections[] = {
	&report_summary,
	&report_findings,
	&report_inventory,
	&report_innodb,
	&report_replication,
	&report_workload,
	&report_schema,
	&report_security,
	&report_backups,
	&report_host,
	&report_unseen,
	NULL,
};

part_mask report_needs(void)
{
	part_mask all = PART_BIT(PART_FINDINGS) | PART_BIT(PART_STATUS) | PART_BIT(PART_VARIABLES) |
			rules_need();
	for (unsigned i = 0; report_sections[i]; i++)
		all |= report_sections[i]->needs;
	return all;
}

/* Who it is about and what is to be said first. */
static void fill_head(struct report *r, const struct report_input *in)
{
	const struct snapshot *now = in->now;
	struct verdict v = {0};
	struct buf server = BUF_INIT;
	verdict_make(&v, timeline_frame(in->timeline), in->target, now ? now->mono : 0);
	r->verdict = arena_strdup(&r->arena, buf_str(&v.text));
	r->severity = v.severity;
	verdict_release(&v);
	r->seconds = in->seconds;
	if (!now)
		return;
	r->wall = now->wall;
	r->role = role_name(now->role);
	if (now->server.flavor != FLAVOR_UNKNOWN)
		buf_addf(&server, "%s %s", flavor_title(now->server.flavor), now->server.version_short);
	r->server = arena_strdup(&r->arena, buf_str(&server));
	buf_release(&server);
}

/* The worst finding; the first of equals, which leads the others. What is only to be noticed is none. */
static void fill_verdict(struct report *r, const struct report_input *in)
{
	const struct part *p = report_part_quietly(in, PART_FINDINGS);
	struct arena a = {0};
	enum severity worst = SEVERITY_NOTICE;
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		struct finding f;
		if (!finding_read(&f, &a, p, i) || f.severity <= worst)
			continue;
		worst = f.severity;
		r->verdict_id = arena_strdup(&r->arena, f.id);
		r->verdict = arena_strdup(&r->arena, f.text);
	}
	if (r->verdict_id)
		r->severity = worst;
	arena_release(&a);
}

struct report *report_build(const struct report_input *in)
{
	struct report *r = report_new(in->target);
	fill_head(r, in);
	if (in->lost && in->lost->kind != ERR_NONE) {
		struct buf why = BUF_INIT;
		err_format(in->lost, &why);
		r->partial = true;
		r->why_partial = arena_strdup(&r->arena, buf_str(&why));
		buf_release(&why);
	}
	fill_verdict(r, in);
	/* Of a server that was never reached there is nothing to tell. */
	bool reached = in->now && in->now->link == LINK_LIVE;
	for (unsigned i = 0; reached && report_sections[i]; i++) {
		const struct report_builder *b = report_sections[i];
		b->build(report_section(r, b->id, b->title), in);
	}
	return r;
}
