#include "engine/reader.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/grants.h"

struct reader *reader_new(const struct collector *c)
{
	struct reader *r = xcalloc(1, sizeof *r);
	r->collector = c;
	reader_restart(r);
	r->share = (struct share)SHARE_INIT;
	return r;
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	buf_release(&r->columns);
	free(r->reason);
	free(r->text);
	free(r);
}

void reader_grant(struct buf *out, const char *grant, const char *account)
{
	for (const char *sep = ""; *grant; sep = "; ") {
		size_t n = strcspn(grant, ",");
		bool on = memmem(grant, n, " ON ", 4) != NULL;
		buf_addf(out, "%sGRANT %.*s%s TO ", sep, (int)n, grant, on ? "" : " ON *.*");
		grants_account(account, out);
		grant += n;
		grant += strspn(grant, ", ");
	}
}

/* Of several refusals the one that a person can mend counts. */
static void note(struct reader *r, enum part_status status, char *reason)
{
	if (r->reason && (r->status == PART_DENIED || status != PART_DENIED)) {
		free(reason);
		return;
	}
	free(r->reason);
	r->status = status;
	r->reason = reason;
}

/* So long after it was found wanting, a better source is tried again. */
#define RECHECK_REFUSED (240 * NS_PER_S) /* costs a statement */
#define RECHECK_USELESS (30 * NS_PER_S)  /* costs a look at what was read already */

void reader_restart(struct reader *r)
{
	free(r->reason);
	r->reason = NULL;
	r->status = PART_OK;
	r->fallback = r->refused = r->ready = false;
	r->source = r->collector->sources;
}

static void pass_over(struct reader *r, int64_t now)
{
	r->fallback = true;
	r->ready = false;
	r->source++;
	r->recheck = now + (r->refused ? RECHECK_REFUSED : RECHECK_USELESS);
}

/* What a person can switch on tells more than how the server refused the next best source. */
static void note_lack(struct reader *r, const struct collect_ctx *ctx)
{
	struct buf why = BUF_INIT;
	source_reason(r->collector, ctx, &why);
	if (why.len && r->status != PART_DENIED) {
		free(r->reason);
		r->reason = NULL;
	}
	if (!r->reason)
		note(r, PART_UNSUPPORTED, why.len ? buf_steal(&why) : xstrdup("this server has none"));
	buf_release(&why);
}

bool reader_settle(struct reader *r, const struct collect_ctx *ctx)
{
	while (r->source && r->source->stmt.sql && !source_usable(r->source, ctx))
		pass_over(r, ctx->now);
	if (!r->source)
		return false;
	if (r->source->stmt.sql)
		return true;
	r->source = NULL;
	note_lack(r, ctx);
	return false;
}

bool reader_must_probe(const struct reader *r)
{
	return r->source && r->source->table && !r->ready;
}

void reader_probed(struct reader *r, const struct answer *columns)
{
	buf_clear(&r->columns);
	source_choose(r->source, columns->columns, columns->n_columns, &r->columns);
	r->ready = true;
}

static char *denied_text(const struct source *s, const struct server_info *server,
			 const struct err *err)
{
	if (!s->grant)
		return xstrdup(err->why);
	struct buf b = BUF_INIT;
	buf_addf(&b, "needs the privilege %s: ", s->grant);
	reader_grant(&b, s->grant, server->account);
	return buf_steal(&b);
}

void reader_refused(struct reader *r, const struct server_info *server, const struct err *err,
		    int64_t now)
{
	if (err->kind == ERR_DENIED)
		note(r, PART_DENIED, denied_text(r->source, server, err));
	else
		note(r, PART_UNSUPPORTED, xstrdup(err->why));
	r->refused = true;
	pass_over(r, now);
}
