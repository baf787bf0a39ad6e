/*
 * Redaction: what a report may say to strangers. Literals of statements are left out; hosts and users
 * are called by tokens, host-1 and user-1, the same for the same name all over the report. Names are
 * learnt from what was sampled, then whole words are replaced wherever they stand in texts that are not
 * our own; addresses are recognised by their form, and quoted literals become '?'. Numbers, and the
 * names of schemas and tables, stay. One thread at a time.
 */
#ifndef DIAGNOSE_REDACT_H
#define DIAGNOSE_REDACT_H

#include "base/buf.h"
#include "diagnose/report.h"

struct redact;

struct redact *redact_new(void);
void redact_free(struct redact *r);
/* "localhost", "%", and the server's own accounts say nothing of anybody: they stay. */
void redact_host(struct redact *r, const char *name);
void redact_user(struct redact *r, const char *name);
/* All that a snapshot names. */
void redact_learn(struct redact *r, const struct snapshot *s);
/* Numbers the tokens by the names' order; before the first text. */
void redact_seal(struct redact *r);

/* A statement: its literals as ?, its comments left out. */
void redact_statement(struct redact *r, struct buf *out, const char *s, size_t n);
void redact_text(struct redact *r, struct buf *out, const char *s, size_t n);
/* A whole document in place, with its head. */
void redact_report(struct redact *r, struct report *doc);

#endif
