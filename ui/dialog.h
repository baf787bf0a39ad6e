/*
 * What opens above the screen and takes all keys: a question, a menu, a text. A dialog ends by
 * calling the function that it was given, once; the owner then frees it. UI thread.
 */
#ifndef UI_DIALOG_H
#define UI_DIALOG_H

#include <stdbool.h>

#include "ui/canvas.h"
#include "ui/doc.h"
#include "ui/key.h"

struct dialog;

/* A question; No is the default, and what Esc means. `body` is taken over (left empty). `yes` is
   the word of the dangerous answer: "Kill". */
struct dialog *dialog_confirm(const char *title, struct doc *body, const char *yes, bool danger,
			      void (*done)(void *ctx, bool yes), void *ctx);

/* A list to choose from; typing finds. `done` gets the id of what was chosen, or -1. */
struct dialog *dialog_menu(const char *title, void (*done)(void *ctx, int id), void *ctx);
/* `note` stands behind it, dim; `key`, if any, chooses it at once when nothing was typed yet. */
void dialog_menu_add(struct dialog *d, int id, const char *text, const char *note);
/* Put the cursor on that id. */
void dialog_menu_select(struct dialog *d, int id);
/* Lines with a tick each: Space calls `toggle`, which returns the new state; S-Up and S-Down (or K
   and J) call `move` with -1 or 1, which returns whether it moved. Ids belong to places then: what
   moves takes on the id of where it goes. Either may be NULL. */
void dialog_menu_ticks(struct dialog *d, bool (*toggle)(void *ctx, int id),
		       bool (*move)(void *ctx, int id, int by));
void dialog_menu_set_tick(struct dialog *d, int id, bool on);

/* A text to read; `text` is taken over. `keys` (may be NULL) sees keys first and returns whether
   it used them; it may change the text through dialog_text(). `done` may be NULL. */
struct dialog *dialog_pager(const char *title, struct doc *text,
			    bool (*keys)(void *ctx, struct dialog *d, struct key key),
			    void (*done)(void *ctx), void *ctx);
/* The text of a pager, to be rebuilt; its title. */
struct doc *dialog_text(struct dialog *d);
void dialog_set_title(struct dialog *d, const char *title);

/* False when the dialog has ended (done was called): free it. */
bool dialog_key(struct dialog *d, struct key key);
/* Centred in `r`, no larger than it needs to be. */
void dialog_draw(struct dialog *d, struct canvas *c, struct rect r);
/* NULL is fine; `done` is not called. */
void dialog_free(struct dialog *d);

#endif
