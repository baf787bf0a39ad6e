#include "collect/xids.h"

#include <string.h>

#include "base/mem.h"
#include "collect/all.h"
#include "collect/transactions.h"

static const struct field fields[] = {XID_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"xids", fields, N_XID_FIELDS, XID_XID};

/* --- how they are written ----------------------------------------------------------------------- */

static bool printable(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < ' ' || s[i] > '~')
			return false;
	return true;
}

static void add_piece(struct buf *out, const char *s, size_t n)
{
	bool plain = printable(s, n);
	buf_adds(out, plain ? "'" : "X'");
	for (size_t i = 0; i < n; i++) {
		if (!plain)
			buf_addf(out, "%02x", (unsigned char)s[i]);
		else if (s[i] == '\'' || s[i] == '\\')
			buf_addf(out, "%c%c", s[i], s[i]);
		else
			buf_addc(out, s[i]);
	}
	buf_addc(out, '\'');
}

static bool needs_no_quotes(const char *s, size_t n)
{
	return n && printable(s, n) && !memchr(s, '\'', n) && !memchr(s, '\\', n);
}

void xid_name(struct buf *out, const char *gtrid, size_t gtrid_len, const char *bqual, size_t bqual_len,
	      int64_t format)
{
	if (format == 1 && !bqual_len && needs_no_quotes(gtrid, gtrid_len)) {
		buf_add(out, gtrid, gtrid_len);
		return;
	}
	add_piece(out, gtrid, gtrid_len);
	if (bqual_len || format != 1) {
		buf_addc(out, ',');
		add_piece(out, bqual, bqual_len);
	}
	if (format != 1)
		buf_addf(out, ",%lld", (long long)format);
}

void xid_sql(struct buf *out, const char *xid)
{
	bool quoted = strchr(xid, '\'') != NULL; /* what needs no quotes has none */
	buf_addf(out, quoted ? "%s" : "'%s'", xid);
}

/* --- reading ------------------------------------------------------------------------------------- */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* "0x6c6f" as bytes; false when it is no such text. */
static bool unhex(struct buf *out, const char *s, size_t n)
{
	if (n < 2 || n % 2 || s[0] != '0' || s[1] != 'x')
		return false;
	for (size_t i = 2; i < n; i += 2) {
		int high = digit(s[i]), low = digit(s[i + 1]);
		if (high < 0 || low < 0)
			return false;
		buf_addc(out, (char)(high << 4 | low));
	}
	return true;
}

static size_t number(const struct answer *a, const char *column)
{
	const char *s = answer_cell(a, column, NULL);
	return s ? (size_t)strtoul(s, NULL, 10) : 0;
}

/* `data` is both pieces in one: as they are, or as hex where the server was asked for that. */
static bool name_it(const struct answer *a, struct part_builder *b)
{
	unsigned long len = 0;
	const char *data = answer_cell(a, "data", &len);
	size_t gtrid = number(a, "gtrid_length"), bqual = number(a, "bqual_length");
	struct buf bytes = BUF_INIT, xid = BUF_INIT;
	if (!data)
		return false;
	if (len != gtrid + bqual && unhex(&bytes, data, len)) {
		data = buf_str(&bytes);
		len = bytes.len;
	}
	bool whole = gtrid <= len && bqual == len - gtrid;
	if (whole)
		xid_name(&xid, data, gtrid, data + gtrid, bqual,
			 value_integer(part_peek(b, XID_FORMAT), 1));
	else
		buf_add(&xid, data, len);
	part_set_text(b, XID_XID, buf_str(&xid), xid.len);
	buf_release(&bytes);
	buf_release(&xid);
	return true;
}

static bool gate(const struct collect_ctx *ctx)
{
	const struct part *trx = ctx->parts[PART_TRX];
	for (unsigned i = 0; trx && i < part_rows(trx); i++)
		if (value_integer(part_get(trx, i, TRANSACTION_SESSION), -1) == 0)
			return true;
	return false;
}

static const struct source_column columns[] = {
	{"format_id", "formatID", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MYSQL,
		.columns = columns,
		.stmt = {"xids/mysql", "XA RECOVER CONVERT XID", STMT_READ},
		.grant = "XA_RECOVER_ADMIN",
	},
	{
		.columns = columns,
		.stmt = {"xids", "XA RECOVER", STMT_READ},
	},
	{0},
};

const struct collector xids_collector = {
	.part = PART_XIDS,
	.cost = COST_FAST,
	.schema = &schema,
	.sources = sources,
	.gate = gate,
	.after = PART_BIT(PART_TRX),
	.row = name_it,
	.feature = "names of prepared XA transactions",
};
