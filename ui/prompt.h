/*
 * A line that someone types: commands, filters, search texts, passwords. Editing, history and
 * completion are readline's, through its callback interface, so that the screen goes on living
 * meanwhile; a password never goes near readline. readline is one per program, so at most one
 * prompt is open. The only user of readline. UI thread.
 */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include <stdbool.h>

#include "base/buf.h"
#include "ui/canvas.h"
#include "ui/key.h"

struct prompt;

/* What could stand at the cursor. */
struct prompt_candidates {
	char **words; /* NULL, or malloc'd strings */
	size_t n, cap;
};
void prompt_candidate(struct prompt_candidates *c, const char *word);

struct prompt_spec {
	const char *label;   /* before the text: ":" */
	const char *history; /* kind of history ("command", "filter"), NULL for none */
	const char *initial; /* NULL: empty */
	bool secret;         /* a password: no echo, no history, no completion */
	/* Offer what may stand in place of the word that begins at `start` and ends at the
	   cursor. May be NULL. */
	void (*complete)(void *ctx, const char *line, size_t start, size_t cursor,
			 struct prompt_candidates *out);
	/* The text was edited. May be NULL. */
	void (*changed)(void *ctx, const char *text);
	/* Called once, with NULL when it was cancelled; the prompt is closed by then. A secret
	   is wiped after it. */
	void (*done)(void *ctx, const char *text);
};

/* `ctx` goes to the functions; the spec's strings are copied. */
struct prompt *prompt_open(const struct prompt_spec *spec, void *ctx);
/* The prompt that is open, or NULL. */
struct prompt *prompt_active(void);
/* Feed a key. False when the prompt has closed; it is freed then. */
bool prompt_key(struct prompt *p, struct key key);
/* One line, and above it one of candidates while there are any to see. Places the canvas'
   cursor. */
void prompt_draw(struct prompt *p, struct canvas *c, struct rect r);
/* 1, or 2 with candidates. */
int prompt_height(const struct prompt *p);
/* Close without calling anything. */
void prompt_close(struct prompt *p);

/* Histories: at most PROMPT_HISTORY_MAX lines of each kind, oldest first, a line each. Reading
   and writing the files is the caller's business (they are jobs, or before the screen starts). */
enum { PROMPT_HISTORY_MAX = 500 };
void prompt_history_set(const char *kind, const char *text, size_t len);
void prompt_history_text(const char *kind, struct buf *out);
/* The same from and to `DIR/history.KIND`, for when nothing else is going on; a missing file is
   an empty history. */
bool prompt_history_load(const char *dir, const char *kind);
bool prompt_history_save(const char *dir, const char *kind);
void prompt_history_free(void);

#endif
