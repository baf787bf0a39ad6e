/*
 * Network: each interface, and what TCP says of lost packets and full queues.
 */
#include "collect/hostmake.h"

enum { MOST_INTERFACES = 64 };

static void want(const struct host_ctx *ctx, struct buf *request)
{
	(void)ctx;
	host_want(request, "net/dev");
	host_want(request, "net/snmp");
	host_want(request, "net/netstat");
}

static void put_interface(struct part_builder *b, const struct proc_net *n)
{
	part_row_begin(b);
	part_set_text(b, HOST_NET_NAME, n->name.s, n->name.n);
	put_number(b, HOST_NET_IN_BYTES, true, n->in_bytes);
	put_number(b, HOST_NET_IN_PACKETS, true, n->in_packets);
	put_number(b, HOST_NET_IN_ERRORS, true, n->in_errors);
	put_number(b, HOST_NET_IN_DROPS, true, n->in_drops);
	put_number(b, HOST_NET_OUT_BYTES, true, n->out_bytes);
	put_number(b, HOST_NET_OUT_PACKETS, true, n->out_packets);
	put_number(b, HOST_NET_OUT_ERRORS, true, n->out_errors);
	put_number(b, HOST_NET_OUT_DROPS, true, n->out_drops);
	part_row_end(b);
}

static void put_tcp(struct part_builder *b, const struct host_tick *t)
{
	struct text snmp = host_text(t, "net/snmp"), stat = host_text(t, "net/netstat");
	if (!snmp.n)
		lacks(b, t, FIELDS(HOST_NET_SEGMENTS, HOST_NET_RETRANSMITS, HOST_NET_ESTABLISHED), "net/snmp");
	if (!stat.n)
		lacks(b, t, FIELDS(HOST_NET_OVERFLOWS, HOST_NET_LISTEN_DROPS), "net/netstat");
	if (!snmp.n && !stat.n)
		return;
	part_row_begin(b);
	part_set(b, HOST_NET_NAME, value_str("tcp"));
	put_pair(b, HOST_NET_SEGMENTS, snmp, "Tcp:", "OutSegs");
	put_pair(b, HOST_NET_RETRANSMITS, snmp, "Tcp:", "RetransSegs");
	put_pair(b, HOST_NET_ESTABLISHED, snmp, "Tcp:", "CurrEstab");
	put_pair(b, HOST_NET_OVERFLOWS, stat, "TcpExt:", "ListenOverflows");
	put_pair(b, HOST_NET_LISTEN_DROPS, stat, "TcpExt:", "ListenDrops");
	part_row_end(b);
}

static struct part *make(const struct host_ctx *ctx, const struct host_tick *t, double ms,
			 const char **why)
{
	(void)ctx;
	const struct host_file *f = host_file(t, "net/dev");
	struct proc_net n;
	if (!f) {
		*why = "/proc/net/dev cannot be read: not Linux, or no /proc";
		return NULL;
	}
	struct part_builder *b = part_builder_new(PART_HOST_NET, &host_net_schema);
	struct text rest = text_of(f->text, f->len);
	unsigned cut = 0;
	while (proc_net_next(&rest, &n)) {
		if (part_builder_rows(b) < MOST_INTERFACES)
			put_interface(b, &n);
		else
			cut++;
	}
	put_tcp(b, t);
	part_set_rows_cut(b, cut);
	return host_seal(b, t, ms);
}

const struct host_collector host_net_collector = {
	.part = PART_HOST_NET,
	.cost = COST_FAST,
	.schema = &host_net_schema,
	.want = want,
	.make = make,
};
