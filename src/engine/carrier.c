#include "engine/carrier.h"

#include "base/clock.h"
#include "base/mem.h"
#include "engine/thread.h"
#include "engine/wake.h"

struct carrier {
	struct shell *shell;
	pthread_t thread;
	struct wake stop;
};

static int wait_ms(const struct shell *s)
{
	int64_t left = shell_due(s) - clock_mono_ns();
	if (left <= 0)
		return 0;
	return left > NS_PER_S ? 1000 : (int)(left / NS_PER_MS) + 1;
}

/* Until it is told to stop, or the session is lost. What a shell still says is dropped. */
static void *carry(void *arg)
{
	struct carrier *c = arg;
	for (bool deaf = false;;) {
		struct pollfd p[1 + SHELL_MOST_FDS];
		struct err e;
		char bytes[256];
		p[0] = (struct pollfd){.fd = wake_fd(&c->stop), .events = POLLIN};
		poll(p, 1 + shell_poll(c->shell, false, p + 1), wait_ms(c->shell));
		if (p[0].revents || !shell_step(c->shell, clock_mono_ns(), &e))
			return NULL;
		deaf = deaf || shell_read(c->shell, bytes, sizeof bytes, &e) < 0;
		if (deaf && !shell_carries(c->shell))
			return NULL;
	}
}

struct carrier *carrier_new(struct shell *s)
{
	struct carrier *c = xcalloc(1, sizeof *c);
	c->shell = s;
	wake_init(&c->stop);
	if (thread_start(&c->thread, carry, c))
		return c;
	wake_release(&c->stop);
	free(c);
	return NULL;
}

void carrier_free(struct carrier *c)
{
	if (!c)
		return;
	wake_post(&c->stop);
	pthread_join(c->thread, NULL);
	wake_release(&c->stop);
	free(c);
}
