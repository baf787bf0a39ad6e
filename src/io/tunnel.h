/*
 * --ssh-tunnel: the connections to a target's server go through its SSH session. The near end is a Unix
 * socket in a folder that nobody else may enter; no TCP port is opened. The client library is still
 * told the server's name, and holds its certificate to that (dbconnect.c).
 *
 * Where the socket is, is decided once a target, before anything is connected (target.tunnel), so that
 * everybody who connects knows it; a transport serves it while its session lives. A child `ssh` does that
 * by itself (shell_ssh_child.c); with libssh2 a struct tunnel takes the connections and gives each a
 * channel.
 */
#ifndef IO_TUNNEL_H
#define IO_TUNNEL_H

#include <poll.h>

#include "base/err.h"
#include "io/target.h"

/* The server, and its second door (--admin-port). */
enum tunnel_door { TUNNEL_SERVER, TUNNEL_ADMIN, TUNNEL_DOORS };

/* Decides on the socket of a target that asks for a tunnel, and makes the folder, which all targets
   share. Main thread. */
bool tunnel_prepare(struct target *t, struct err *e);
/* Removes the folder, at the end of the program; may be called from a signal handler. What a crash left is
   removed by the next tunnel_prepare(). */
void tunnel_clean_up(void);

/* The near end's path; fits into a sockaddr_un. */
enum { TUNNEL_PATH_SIZE = 108 };
const char *tunnel_path(const struct target *t, enum tunnel_door door, char out[TUNNEL_PATH_SIZE]);

/* The far end, as the far side sees it: a host and port there, or a Unix socket. */
struct tunnel_end {
	const char *host, *socket; /* one of them is NULL; borrowed from the target */
	unsigned port;
};
/* False when the target has no such door. */
bool tunnel_end_of(const struct target *t, enum tunnel_door door, struct tunnel_end *out);

/* --- through libssh2 ------------------------------------------------------------------------------ */

struct ssh;
struct tunnel;

/* Begins to listen. `ssh` is borrowed; close the tunnel first. NULL with *e. Then it belongs to the thread
   that pumps `ssh`, and nothing blocks. */
struct tunnel *tunnel_open(const struct target *t, struct ssh *ssh, struct err *e);
/* Loses all connections through it. NULL is fine. */
void tunnel_close(struct tunnel *n);

/* What to poll for, besides ssh_fd(). Returns how many of `p` were filled in. */
enum { TUNNEL_MOST_FDS = 18 };
unsigned tunnel_poll(const struct tunnel *n, struct pollfd p[TUNNEL_MOST_FDS]);
/* Moves what can be moved between the connections and the channels' buffers; call it after ssh_pump(), and
   once more ssh_pump() when it returns true: there is something for it to send. */
bool tunnel_step(struct tunnel *n);
/* More could be moved at once: step again without waiting, after whatever else is to be done. */
bool tunnel_hasty(const struct tunnel *n);
/* Why the last connection that got no channel was refused; "": none was, or one was let through since. */
const char *tunnel_trouble(const struct tunnel *n);

#endif
