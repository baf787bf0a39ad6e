/*
 * The terminal: shows a canvas, reads keys. The only user of curses. There is at most one real
 * terminal at a time; any number of memory terminals, which show nothing and type what they are
 * told.
 *
 * All of it belongs to the UI thread. Signals (window size, suspend, hang-up) only set a flag and
 * wake term_wake_fd(); crashes restore the terminal and go on crashing.
 *
 * The loop: poll term_fd() and term_wake_fd() for at most term_timeout_ms(), then take keys with
 * term_key() until there are none, draw on term_canvas(), term_show(). Nothing is written to the
 * terminal while the canvas stays the same.
 */
#ifndef UI_TERM_H
#define UI_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "ui/canvas.h"
#include "ui/key.h"

struct term;
struct theme;

struct term_options {
	int in_fd, out_fd;  /* -1: standard input and output */
	const char *type;   /* NULL: $TERM */
	bool ascii;         /* even where the locale is UTF-8 */
	int max_colours;    /* 0: as many as the terminal has */
	int cols, rows;     /* tests: of what is no terminal; 0: ask it */
};

/* NULL and *e where there is no terminal or none that can be drawn on. `o` may be NULL. */
struct term *term_open(const struct term_options *o, struct err *e);
struct term *term_new_memory(int cols, int rows);
/* Restores the terminal. NULL is fine. */
void term_free(struct term *t);

/* To draw on; cleared by the caller, not by term_show(). */
struct canvas *term_canvas(struct term *t);
/* Only what differs from what is on the terminal is written. */
void term_show(struct term *t);
/* What was last shown, for tests and screenshots. */
const struct canvas *term_shown(const struct term *t);
/* Everything is written anew with the next term_show(). */
void term_redraw(struct term *t);
/* Borrowed; a terminal without colours takes the built-in theme mono instead. */
void term_set_theme(struct term *t, const struct theme *theme);
/* 0, 8, 16 or 256. */
int term_colours(const struct term *t);

/* -1 for a memory terminal. */
int term_fd(const struct term *t);
int term_wake_fd(const struct term *t);
/* For poll(): -1, or until a lone Esc counts as one. */
int term_timeout_ms(const struct term *t);
/* The next key, if there is one. Never blocks. After K_HANGUP there is nothing but K_HANGUP. */
bool term_key(struct term *t, struct key *key);

/* Give the terminal back to the shell until someone brings us to the foreground. */
void term_suspend(struct term *t);
/* Another size; a memory terminal has no other way to learn it. */
void term_resize(struct term *t, int cols, int rows);
/* Memory terminals only: type. */
void term_type(struct term *t, struct key key);

void term_bell(struct term *t);
/* A notification on the person's desktop (OSC 9), where the terminal knows them. Any text: it is scrubbed and
   cut. */
void term_notify(struct term *t, const char *text);
/* Put text on the clipboard of the person's own machine (OSC 52). False when it is too long, or
   there is no terminal. */
enum { TERM_COPY_MAX = 74994 }; /* xterm takes 100,000 bytes, in base64 */
bool term_copy(struct term *t, const char *s, size_t len);

#endif
