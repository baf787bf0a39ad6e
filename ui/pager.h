/*
 * Shows a document in a rectangle: scrolls, wraps between words or scrolls sideways, searches. The
 * keys are those of less and vim. UI thread.
 */
#ifndef UI_PAGER_H
#define UI_PAGER_H

#include <stdbool.h>

#include "ui/doc.h"
#include "ui/key.h"

/* Zero-initialised is valid. The fields are the caller's to set before drawing. */
struct pager {
	const struct doc *doc;  /* borrowed */
	bool no_wrap;           /* scroll sideways instead of wrapping */
	size_t top;             /* first line of the document that is shown */
	int skip;               /* rows of it that are scrolled out, when it wraps */
	int left;               /* cells, with no_wrap */
	char search[128];       /* "" for none */
	bool searching;         /* someone types the search text */
	bool not_found;
	size_t match_line, match_at; /* where the current match is; match_line SIZE_MAX: none */
	/* set by drawing: */
	int rows, cols;
	bool at_end;
};

void pager_set(struct pager *p, const struct doc *doc);
/* True when the key was the pager's. Esc and q only while a search is typed. */
bool pager_key(struct pager *p, struct key key);
void pager_draw(struct pager *p, struct canvas *c, struct rect r);
/* Search from the present match (or the top) onwards, or backwards; false when there is none. */
bool pager_find(struct pager *p, const char *text, bool backwards);
/* "12-40 of 96", or the search that is typed; for a title or a footer. */
void pager_status(const struct pager *p, struct buf *out);
void pager_scroll(struct pager *p, int rows);
void pager_home(struct pager *p);
void pager_end(struct pager *p);
/* Rows that the document would take at that width. */
int pager_height(const struct doc *doc, int cols, bool no_wrap, int most);

#endif
