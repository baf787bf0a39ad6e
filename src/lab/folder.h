/*
 * The one folder that a lab lives in. Everything the lab makes is in it and belongs to one account,
 * and nothing else is ever written or removed. Whoever changes a lab holds its lock; the lock is on
 * the folder itself, so that none is left behind.
 */
#ifndef LAB_FOLDER_H
#define LAB_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* The state file; a folder with it, or with nothing in it, is a lab's. */
#define LAB_STATE_NAME "lab.json"
/* While it is written; alone in a folder it is all that a lab came to. */
#define LAB_STATE_NEW "lab.json.new"

/* Who a lab runs as. Root trusts nothing that such an account may have written: before it acts on
   what a lab's files say, it becomes the account. */
struct account {
	uid_t uid;
	gid_t gid;
	char name[64];
	bool other; /* we are root and it is not */
};

/* For a new lab of this user. */
void account_find(struct account *a);
/* Of the lab in this folder. */
bool account_of(struct account *a, const char *folder, struct err *e);
/* Become it for good. Only in a process that does nothing else afterwards. */
bool account_become(const struct account *a, struct err *e);

/* $FATHOM_LAB_DIR, or where this user's lab is unless told otherwise; for free(). */
char *folder_default(void);
/* Make it and its parents where they are missing, hand an empty one to the account. The absolute
   path, without symbolic links, for free(); NULL when it cannot be or is somebody else's. */
char *folder_make(const char *path, const struct account *a, struct err *e);

struct folder {
	int fd; /* holds the lock */
	const char *path;
};

/* Waits up to `wait_s` for whoever has the lock. `path` is borrowed. */
bool folder_open(struct folder *f, const char *path, int wait_s, struct err *e);
void folder_close(struct folder *f);
bool folder_is_empty(const struct folder *f);
/* Remove all that is in it, the state file last. Symbolic links are removed, never followed. */
bool folder_clear(const struct folder *f, struct err *e);

#endif
