/*
 * The newest part of each kind of one target at one instant, with how the connection stands. Immutable
 * once it was handed on; counted atomically, any thread may hold one.
 */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include "base/err.h"
#include "model/part.h"
#include "model/question.h"

enum flavor { FLAVOR_UNKNOWN, FLAVOR_MYSQL, FLAVOR_MARIADB, FLAVOR_PERCONA };
/* "mysql", "mariadb", "percona", "unknown". */
const char *flavor_name(enum flavor f);
/* "MySQL", "MariaDB", "Percona Server". */
const char *flavor_title(enum flavor f);

enum role {
	ROLE_UNKNOWN,
	ROLE_PRIMARY,
	ROLE_REPLICA,
	ROLE_INTERMEDIATE,
	ROLE_STANDALONE,
	ROLE_GROUP_PRIMARY,
	ROLE_GROUP_SECONDARY,
	ROLE_GALERA,
};
/* As in JSON: "primary", "group-primary", … */
const char *role_name(enum role r);

/* What is known of a server since the login. */
struct server_info {
	enum flavor flavor;
	unsigned number;      /* 100504 for 10.5.4 */
	char version[80];     /* as the server says it */
	char version_short[24]; /* 10.11.19, 9.7.4 */
	char hostname[128];
	char account[160];    /* CURRENT_USER() */
	char cipher[64];      /* of TLS; empty without */
	int64_t connection_id; /* of the sampling connection */
	bool performance_schema;
	bool socket;          /* connected through a Unix socket */
};

enum link_state {
	LINK_IDLE,       /* nothing was tried yet */
	LINK_CONNECTING,
	LINK_LIVE,
	LINK_STALLED,    /* a statement is overdue: data is stale, the connection is kept or given up */
	LINK_DOWN,       /* err says why; retry_at says when again */
};

/* fathom's own cost on this target, over the last 30 s. */
struct own_cost {
	double server_ms;  /* milliseconds of server time a second, as seen by the client less the round trip */
	double statements; /* a second */
	double bytes;      /* received a second */
	double share;      /* of one server core: 0.004 is 0.4 % */
};

/* What is to be said of the way to a host that does not work. Shared by snapshots; immutable. */
struct host_note {
	unsigned refs; /* only through host_note_ref() and _unref() */
	struct err err;
	struct shell_question question; /* QUESTION_NONE: none is pending */
};
struct host_note *host_note_new(const struct err *err, const struct shell_question *question);
/* NULL is fine. */
struct host_note *host_note_ref(const struct host_note *n);
void host_note_unref(const struct host_note *n);

/* The way to the server's host, beside the link to the server: each may be up while the other is down. */
struct host_link {
	enum link_state state;        /* LINK_IDLE: nobody wants host parts, or there is no way to it */
	const char *transport;        /* static: "local", "libssh2" …; NULL: none is configured */
	int64_t retry_at;             /* monotonic ns, with LINK_DOWN; 0: when somebody asks */
	const struct host_note *note; /* NULL while all is well */
	/* What reading costs the host, over the last 30 s; for "local" that is fathom itself. */
	double cpu_ms;                /* milliseconds of CPU a second, of the loop and its forks */
	double bytes;                 /* received a second */
	bool cost_known;
};

struct snapshot {
	unsigned refs; /* only through snapshot_ref() and _unref() */
	unsigned target;  /* index of the target */
	uint64_t seq;     /* grows by one with each snapshot of the target */
	uint64_t epoch;   /* changes when the server restarted or another one answers: no rates across */
	int64_t mono, wall;
	enum link_state link;
	struct err err;    /* of the connection; ERR_NONE while live */
	int64_t retry_at;  /* monotonic ns, with LINK_DOWN */
	struct server_info server;
	enum role role;
	bool read_only, read_only_known;
	double uptime;     /* seconds; negative when unknown */
	double interval;   /* seconds between samples */
	struct own_cost cost;
	struct host_link host;
	const struct part *parts[N_PARTS]; /* NULL: never read */
};

/* All zero but the reference, uptime unknown. */
struct snapshot *snapshot_new(unsigned target);
struct snapshot *snapshot_ref(const struct snapshot *s);
void snapshot_unref(const struct snapshot *s);
/* The same parts in one that may still be changed. */
struct snapshot *snapshot_copy(const struct snapshot *s);
/* Takes over the caller's reference to p. */
void snapshot_set(struct snapshot *s, const struct part *p);
size_t snapshot_memory(const struct snapshot *s);

#endif
