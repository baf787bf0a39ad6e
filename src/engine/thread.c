#include "engine/thread.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/fatal.h"

/* Name look-up, TLS and a client library fit; instrumented builds have larger frames. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_SIZE = 2 << 20 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { STACK_SIZE = 2 << 20 };
#else
enum { STACK_SIZE = 256 << 10 };
#endif
#else
enum { STACK_SIZE = 256 << 10 };
#endif

static bool start(pthread_t *out, void *(*run)(void *arg), void *arg, int detach)
{
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, detach);
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool ok = pthread_create(out, &attr, run, arg) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return ok;
}

bool thread_start(pthread_t *out, void *(*run)(void *arg), void *arg)
{
	return start(out, run, arg, PTHREAD_CREATE_JOINABLE);
}

bool thread_detached(void *(*run)(void *arg), void *arg)
{
	pthread_t ignored;
	return start(&ignored, run, arg, PTHREAD_CREATE_DETACHED);
}

void thread_cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
}

bool thread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, int64_t until)
{
	if (until == INT64_MAX) {
		pthread_cond_wait(c, m);
		return true;
	}
	struct timespec t = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
	int r = pthread_cond_timedwait(c, m, &t);
	BUG_ON(r && r != ETIMEDOUT);
	return r == 0;
}
