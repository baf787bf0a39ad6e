#include "diagnose/outside.h"

#include <string.h>

static const struct {
	const char *kind, *name, *lack;
	part_mask needs;
} outsides[N_OUTSIDES] = {
	[OUTSIDE_NO] = {"", "", "", 0},
	[OUTSIDE_REPLICAS] = {"commit ack", "replicas", "semi-sync ack",
			      PART_BIT(PART_BINLOG) | PART_BIT(PART_REPLICAS)},
	[OUTSIDE_GROUP] = {"group commit", "the group", "its agreement", PART_BIT(PART_GROUP)},
	[OUTSIDE_CLUSTER] = {"flow control", "the cluster", "flow control", PART_BIT(PART_GALERA)},
	[OUTSIDE_APPLIER] = {"commit order", "the applier", "an earlier commit", 0},
};

enum outside outside_of(const char *kind)
{
	for (int o = OUTSIDE_NO + 1; o < N_OUTSIDES; o++)
		if (strcmp(kind, outsides[o].kind) == 0)
			return (enum outside)o;
	return OUTSIDE_NO;
}

const char *outside_name(enum outside o)
{
	return outsides[o].name;
}

const char *outside_lack(enum outside o)
{
	return outsides[o].lack;
}

part_mask outside_needs(enum outside o)
{
	return outsides[o].needs;
}

/* Rows that may be shown, or NULL. */
static const struct part *part_of(const struct snapshot *now, enum part_id id)
{
	const struct part *p = now ? now->parts[id] : NULL;
	return p && part_rows(p) ? p : NULL;
}

/* Whether it was looked at, be it that nothing was found. */
static bool was_read(const struct snapshot *now, enum part_id id)
{
	const struct part *p = now ? now->parts[id] : NULL;
	return p && (part_status(p) == PART_OK || part_rows(p));
}

static double number(const struct part *p, unsigned row, const char *field, double otherwise)
{
	return p ? value_number(part_cell(p, row, field), otherwise) : otherwise;
}

/* "a", "a, b", "a, b, c, d and 4 more". */
struct names {
	struct buf text;
	unsigned n;
};

enum { MOST_NAMES = 4 };

static void add_name(struct names *l, const char *name)
{
	if (l->n++ < MOST_NAMES)
		buf_addf(&l->text, "%s%s", l->text.len ? ", " : "", name);
}

static void put_names(struct buf *out, const struct names *l)
{
	buf_adds(out, buf_str(&l->text));
	if (l->n > MOST_NAMES)
		buf_addf(out, " and %u more", l->n - MOST_NAMES);
}

/* --- semi-sync ---------------------------------------------------------------------------------- */

/* Those that offered to acknowledge; where the server does not tell which did, all that are connected. What was not
   sent to a replica, it cannot acknowledge. */
static bool name_replicas(struct names *l, const struct part *replicas)
{
	bool told = false;
	for (unsigned i = 0; replicas && i < part_rows(replicas); i++)
		told |= part_cell(replicas, i, "semisync").type != VALUE_ABSENT;
	for (unsigned i = 0; replicas && i < part_rows(replicas); i++) {
		struct buf b = BUF_INIT;
		if (told && number(replicas, i, "semisync", 0) == 0)
			continue;
		buf_adds(&b, value_cstr(part_cell(replicas, i, "name")));
		if (number(replicas, i, "sent_all", 1) == 0)
			buf_adds(&b, " (not sent all yet)");
		add_name(l, buf_str(&b));
		buf_release(&b);
	}
	return told;
}

static void say_replicas(struct buf *out, const struct snapshot *now)
{
	const struct part *binlog = part_of(now, PART_BINLOG);
	double needed = number(binlog, 0, "semisync_wait_for", 1);
	double clients = number(binlog, 0, "semisync_clients", -1);
	double timeout = number(binlog, 0, "semisync_timeout", -1);
	struct names l = {BUF_INIT, 0};
	bool told = name_replicas(&l, part_of(now, PART_REPLICAS));
	buf_addf(out, "%.0f ack%s", needed, needed == 1 ? "" : "s");
	if (clients == 0) {
		buf_adds(out, ", and no replica that acknowledges is connected");
	} else if (!l.n && !was_read(now, PART_REPLICAS)) {
		buf_adds(out, " of replicas, which are not read yet");
	} else if (!l.n) {
		buf_adds(out, ", and no replica that acknowledges is seen");
	} else {
		if (told)
			buf_adds(out, " of ");
		else if (clients > 0)
			buf_addf(out, " of the %.0f replica%s that acknowledge%s, among ", clients,
				 clients == 1 ? "" : "s", clients == 1 ? "s" : "");
		else
			buf_adds(out, " of some of ");
		put_names(out, &l);
		if (clients >= 0 && clients < needed)
			buf_addf(out, ": only %.0f acknowledge", clients);
	}
	if (timeout > 0)
		buf_addf(out, "; given up after %.0f s", timeout);
	buf_release(&l.text);
}

/* --- a group ------------------------------------------------------------------------------------- */

static void add_member(struct names *l, const struct part *p, unsigned row, const char *what)
{
	struct buf b = BUF_INIT;
	buf_addf(&b, "%s:%.0f%s", value_cstr(part_cell(p, row, "host")), number(p, row, "port", 0), what);
	add_name(l, buf_str(&b));
	buf_release(&b);
}

static bool is_lost(const struct part *p, unsigned row)
{
	return strcmp(value_cstr(part_cell(p, row, "state")), "UNREACHABLE") == 0;
}

static void add_queues(struct names *l, const struct part *p, unsigned row)
{
	double queue = number(p, row, "queue", 0), apply = number(p, row, "apply_queue", 0);
	struct buf b = BUF_INIT;
	if (queue > 0)
		buf_addf(&b, " has %.0f to certify", queue);
	if (apply > 0)
		buf_addf(&b, "%s %.0f to apply", b.len ? " and" : " has", apply);
	if (b.len)
		add_member(l, p, row, buf_str(&b));
	buf_release(&b);
}

static void say_group(struct buf *out, const struct snapshot *now)
{
	const struct part *p = part_of(now, PART_GROUP);
	struct names lost = {BUF_INIT, 0}, queues = {BUF_INIT, 0}, others = {BUF_INIT, 0};
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		if (is_lost(p, i))
			add_member(&lost, p, i, "");
		else
			add_queues(&queues, p, i);
		if (number(p, i, "is_self", 0) == 0)
			add_member(&others, p, i, "");
	}
	if (!p) {
		buf_adds(out, "the group's agreement; its members are not read yet");
	} else if (lost.n) {
		bool majority = 2 * lost.n < part_rows(p);
		put_names(out, &lost);
		buf_addf(out, ": unreachable%s", majority ? "" : ", and so the group has no majority");
	} else if (queues.n) {
		put_names(out, &queues);
	} else {
		buf_adds(out, "the agreement of ");
		put_names(out, &others);
		buf_adds(out, ": no member has a queue");
	}
	buf_release(&lost.text);
	buf_release(&queues.text);
	buf_release(&others.text);
}

/* --- a cluster ------------------------------------------------------------------------------------ */

static const char *node_name(const struct part *p, unsigned row)
{
	const char *name = value_cstr(part_cell(p, row, "name"));
	return *name ? name : value_cstr(part_cell(p, row, "address"));
}

/* A node tells only of itself whether it asks for the pause. */
static void say_cluster(struct buf *out, const struct snapshot *now)
{
	const struct part *p = part_of(now, PART_GALERA);
	int self = -1;
	struct names others = {BUF_INIT, 0};
	for (unsigned i = 0; p && i < part_rows(p); i++) {
		if (number(p, i, "is_self", 0) != 0)
			self = (int)i;
		else
			add_name(&others, node_name(p, i));
	}
	struct value asks = self < 0 ? VALUE_NONE : part_cell(p, (unsigned)self, "flow_requested");
	if (value_integer(asks, 0)) {
		buf_addf(out, "this node itself, which asks for the pause: %.0f write sets to apply",
			 number(p, (unsigned)self, "recv_queue", 0));
	} else if (asks.type == VALUE_ABSENT) {
		buf_adds(out, "flow control of the cluster: some node cannot follow");
	} else if (others.n == 1 && number(p, (unsigned)self, "cluster_size", 0) == 2) {
		buf_addf(out, "%s, the only other node: it asks for the pause", buf_str(&others.text));
	} else {
		buf_adds(out, "flow control of the cluster: some other node");
		if (others.n) {
			buf_adds(out, ", one of ");
			put_names(out, &others);
			buf_adds(out, "; which one, only they tell");
		}
	}
	buf_release(&others.text);
}

/* --- any ------------------------------------------------------------------------------------------ */

void outside_say(struct buf *out, enum outside o, const struct snapshot *now)
{
	switch (o) {
	case OUTSIDE_REPLICAS:
		say_replicas(out, now);
		break;
	case OUTSIDE_GROUP:
		say_group(out, now);
		break;
	case OUTSIDE_CLUSTER:
		say_cluster(out, now);
		break;
	case OUTSIDE_APPLIER:
		buf_adds(out, "a transaction that the source committed before, with another worker");
		break;
	case OUTSIDE_NO:
	case N_OUTSIDES:
		break;
	}
}
