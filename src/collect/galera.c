/* Nodes of a Galera cluster, as this node names them in its status. */
#include <string.h>

#include "base/mem.h"
#include "collect/all.h"

#define GALERA_FIELDS(F) \
	F(ADDRESS, "address", TEXT, NONE, GAUGE, "Node", "Address at which the node takes clients.", \
	  "SHOW GLOBAL STATUS: wsrep_incoming_addresses", "")

enum { ADDRESS };
static const struct field fields[] = {GALERA_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"galera", fields, COUNT_OF(fields), ADDRESS};

static struct part *make(const struct collect_ctx *ctx, const struct part *before)
{
	(void)before;
	const struct part *status = ctx->parts[PART_STATUS];
	struct part_builder *b = part_builder_new(PART_GALERA, &schema);
	const char *s = value_cstr(part_lookup(status, "wsrep_incoming_addresses"));
	for (size_t n; *s; s += n) {
		n = strcspn(s, ",");
		if (n && strncmp(s, "AUTO", n) != 0) {
			part_row_begin(b);
			part_set_text(b, ADDRESS, s, n);
			part_row_end(b);
		}
		n += s[n] == ',';
	}
	return part_seal(b, part_read_mono(status), part_read_wall(status), 0);
}

const struct derivation galera_derivation = {
	.part = PART_GALERA,
	.schema = &schema,
	.from = PART_BIT(PART_STATUS),
	.requires = PART_BIT(PART_STATUS),
	.make = make,
};
