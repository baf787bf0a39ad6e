/*
 * Everything about one thing of the replication panel: a channel, an error, a thread, a replica, the binary
 * logs, a member or a node. A text that scrolls, made anew with each reading.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "panels/console.h"
#include "panels/draw.h"
#include "panels/replication.h"
#include "ui/pager.h"

struct detail {
	struct sheet_mark what;
	struct sheet sheet;
	const struct part *part; /* the last that had it */
	bool gone;
};

static bool find_channel(const struct frame *f, const char *name, struct replication_channel *ch)
{
	for (unsigned i = 0; replication_channel_read(ch, f, i); i++)
		if (strcmp(ch->name, name) == 0)
			return true;
	return false;
}

/* Every field of a row, absent ones with their reason. */
static void put_fields(struct sheet *s, const struct part *p, unsigned row)
{
	const struct schema *schema = part_schema(p);
	for (unsigned i = 0; i < schema->n_fields; i++) {
		const struct field *f = &schema->fields[i];
		struct value v = part_get(p, row, i);
		const char *why = v.type == VALUE_ABSENT ? part_absent_reason(p, i) : NULL;
		struct buf b = BUF_INIT;
		unit_format(&b, f->unit, v, false);
		if (why)
			buf_addf(&b, "  %s", why);
		sheet_labelled(s, 2, 24, f->title, v.type == VALUE_ABSENT ? UI_DIM : UI_TEXT, buf_str(&b));
		buf_release(&b);
	}
}

static void put_channel(struct sheet *s, const struct console *c, const struct replication_channel *ch)
{
	replication_put_channel(s, c, ch);
	sheet_heading(s, "Threads");
	replication_put_threads(s, c, ch, true);
	sheet_heading(s, "Everything the server says of it");
	put_fields(s, ch->part, ch->row);
}

static void build(struct view *v, int width)
{
	struct detail *d = v->state;
	struct sheet *s = &d->sheet;
	struct console *c = v->console;
	const struct replication_topic_info *info = &replication_topics[d->what.topic];
	const struct part *p = replication_part(c, info->part);
	struct replication_channel ch;
	int row = p ? replication_row(p, d->what.key) : -1;
	sheet_begin(s, width);
	if (d->what.topic == TOPIC_BINLOG) {
		replication_put_source(s, c);
		sheet_heading(s, "Files");
		replication_put_files(s, c);
	} else if (info->part == PART_REPLICATION && find_channel(console_frame(c), d->what.key, &ch)) {
		put_channel(s, c, &ch);
	} else if (row >= 0) {
		sheet_heading(s, info->title);
		put_fields(s, p, (unsigned)row);
	} else {
		sheet_text(s, 2, UI_WARNING, "It is not there any more.");
	}
	sheet_end(s);
}

static void draw(struct view *v, struct canvas *c, struct rect r)
{
	struct detail *d = v->state;
	r.x += 1;
	r.w -= 2;
	build(v, r.w);
	/* A text to read: it scrolls, nothing in it is chosen. */
	d->sheet.at.topic = TOPIC_NONE;
	sheet_draw(&d->sheet, c, r);
}

static bool key(struct view *v, struct key k)
{
	struct detail *d = v->state;
	return k.code != K_ENTER && pager_key(&d->sheet.pager, k);
}

static void open(struct view *v, const void *arg)
{
	struct detail *d = v->state;
	d->what = *(const struct sheet_mark *)arg;
}

static void close(struct view *v)
{
	struct detail *d = v->state;
	sheet_release(&d->sheet);
}

const struct view_ops replication_detail = {
	.name = "replication-detail",
	.title = "Detail",
	.help = "Everything that the server says of one channel, thread, replica, binary log, member or node, "
		"with the reason where it does not say it. / searches.",
	.needs = PART_BIT(PART_REPLICATION) | PART_BIT(PART_REPLICAS) | PART_BIT(PART_BINLOG) |
		 PART_BIT(PART_GROUP) | PART_BIT(PART_GALERA) | PART_BIT(PART_VARIABLES) |
		 PART_BIT(PART_STATUS) | PART_BIT(PART_APPLIERS) | PART_BIT(PART_BINLOG_FILES),
	.size = sizeof(struct detail),
	.open = open,
	.close = close,
	.draw = draw,
	.key = key,
};
