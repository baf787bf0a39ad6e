#include "engine/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/eventfd.h>
#endif

#include "base/fatal.h"

static bool open_pipe(struct wake *w)
{
	if (pipe(w->fd) < 0)
		return false;
	for (int i = 0; i < 2; i++) {
		fcntl(w->fd[i], F_SETFL, O_NONBLOCK);
		fcntl(w->fd[i], F_SETFD, FD_CLOEXEC);
	}
	return true;
}

bool wake_try(struct wake *w)
{
#ifdef __linux__
	w->fd[0] = w->fd[1] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (w->fd[0] >= 0)
		return true;
#endif
	if (open_pipe(w))
		return true;
	w->fd[0] = w->fd[1] = -1;
	return false;
}

void wake_init(struct wake *w)
{
	if (!wake_try(w))
		die("no descriptor left for a wake-up: %s", strerror(errno));
}

void wake_release(struct wake *w)
{
	if (w->fd[0] >= 0)
		close(w->fd[0]);
	if (w->fd[1] != w->fd[0])
		close(w->fd[1]);
	w->fd[0] = w->fd[1] = -1;
}

void wake_post(const struct wake *w)
{
	uint64_t one = 1;
	/* A full pipe is as readable as can be. */
	while (write(w->fd[1], &one, sizeof one) < 0 && errno == EINTR)
		;
}

void wake_drain(const struct wake *w)
{
	uint64_t seen[8];
	while (read(w->fd[0], seen, sizeof seen) > 0)
		;
}
