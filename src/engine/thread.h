/*
 * Threads of the engine: small stacks, all signals blocked (they belong to the thread that owns the
 * terminal; a write to a peer that went away must not end the program). Everything that starts a
 * thread does it here.
 */
#ifndef ENGINE_THREAD_H
#define ENGINE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* A thread that somebody will join. False when the system gives no more threads. */
bool thread_start(pthread_t *out, void *(*run)(void *arg), void *arg);
/* A thread that nobody waits for: it holds references to all that it touches. */
bool thread_detached(void *(*run)(void *arg), void *arg);

/* A condition that is waited for by the monotonic clock. */
void thread_cond_init(pthread_cond_t *c);
/* False when `until` (monotonic ns) came first; INT64_MAX waits without end. */
bool thread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, int64_t until);

#endif
