/*
 * A descriptor that any thread makes readable and one thread polls: an eventfd, or a pipe where the
 * system has none. Never blocks; any number of posts before a drain count as one.
 */
#ifndef ENGINE_WAKE_H
#define ENGINE_WAKE_H

#include <stdbool.h>

struct wake {
	int fd[2]; /* to poll, to write; the same one for an eventfd */
};

/* Ends the program when there is no descriptor left. */
void wake_init(struct wake *w);
/* False then: both ends are -1, which is never readable; all other functions take it. */
bool wake_try(struct wake *w);
void wake_release(struct wake *w);
static inline int wake_fd(const struct wake *w)
{
	return w->fd[0];
}
void wake_post(const struct wake *w);
void wake_drain(const struct wake *w);

#endif
