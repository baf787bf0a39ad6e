/*
 * Prepared XA transactions, from XA RECOVER: read only while InnoDB has a transaction that no session has. No
 * server says which transaction of InnoDB's an xid belongs to; transactions.c finds out where it can.
 *
 * An xid is told as what was given to XA START where that was one plain text (`order-4711`), else as it has to be
 * written in SQL (`'order''s','branch',1`, `X'00ff',X'',7`).
 */
#ifndef COLLECT_XIDS_H
#define COLLECT_XIDS_H

#include "collect/collector.h"

#define XR "XA RECOVER "
#define XID_FIELDS(F) \
	F(XID, "xid", TEXT, NONE, GAUGE, "Xid", \
	  "Name of a prepared XA transaction; its session may still be there.", XR "data", \
	  "None, or for moments: between prepare and commit.") \
	F(FORMAT, "format_id", INT, ID, GAUGE, "Format", "Third part of the xid, 1 unless told.", \
	  XR "formatID", "1.")

enum {
#define XID_ENUM(id, ...) XID_##id,
	XID_FIELDS(XID_ENUM)
#undef XID_ENUM
	N_XID_FIELDS,
};

/* Appends an xid as told above. */
void xid_name(struct buf *out, const char *gtrid, size_t gtrid_len, const char *bqual, size_t bqual_len,
	      int64_t format);
/* The same as XA COMMIT takes it. */
void xid_sql(struct buf *out, const char *xid);

#endif
