/*
 * The host's part of `fathom check`: the way there step by step, what may be read there, the server's
 * process, the tunnel. Main thread; while the tunnel is up a thread of its own carries it.
 */
#ifndef APP_CHECKHOST_H
#define APP_CHECKHOST_H

#include "io/target.h"

enum check_status { CHECK_OK, CHECK_WARN, CHECK_FAIL, CHECK_SKIP };
/* One step. `fix` may be NULL. */
typedef void check_say(void *arg, enum check_status status, const char *step, const char *text,
		       const char *fix);

struct checkhost;
/* Never NULL. Whether the server can be tried: there is no tunnel, or it is up. */
struct checkhost *checkhost_new(const struct target *t, check_say *say, void *arg, bool *reachable);
/* The processes there that may be the server. `known`: it answers, so one of them is meant. */
void checkhost_server(struct checkhost *h, bool known);
/* Why the far side refused the tunnel's last connection; "" when it did not. `failed`: that connection
   did not come about. Ends the session. */
const char *checkhost_end(struct checkhost *h, bool failed);
void checkhost_free(struct checkhost *h);

#endif
