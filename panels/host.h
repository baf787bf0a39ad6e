/*
 * What the files of the host panel share: the topics that its lines are about, and the sections that they
 * put on the sheet. UI thread.
 */
#ifndef PANELS_HOST_H
#define PANELS_HOST_H

#include "panels/panel.h"
#include "panels/sheet.h"

enum host_topic {
	HOSTTOPIC_NONE,
	HOSTTOPIC_HOST,
	HOSTTOPIC_CPU,     /* key: "total", "cpu3" */
	HOSTTOPIC_MEMORY,
	HOSTTOPIC_LIMITS,  /* of the cgroup; its numbers are of CPU */
	HOSTTOPIC_SERVER,  /* key: its pid */
	HOSTTOPIC_DISK,    /* key: its name */
	HOSTTOPIC_FS,      /* key: where it is mounted */
	HOSTTOPIC_NET,     /* key: the interface */
	HOSTTOPIC_PROCESS, /* key: its pid */
	N_HOSTTOPICS,
};

struct host_topic_info {
	enum part_id part;
	const char *fields;       /* that `?` explains unless the line says others */
	unsigned metrics[6];      /* explained before them; 0 ends */
};
extern const struct host_topic_info host_topics[N_HOSTTOPICS];

enum { HOST_LABEL = 8 }; /* cells of the labels at the left */

/* How much room there is: sections fold their rows and bars by it. */
struct host_room {
	int width, height;
	bool tight; /* lists on one line each */
};

/* hostload.c: CPU, memory, what the cgroup allows, the server's process. */
void host_put_cpu(struct sheet *s, const struct console *c, const struct host_room *room);
void host_put_memory(struct sheet *s, const struct console *c, const struct host_room *room);
void host_put_limits(struct sheet *s, const struct console *c);
void host_put_server(struct sheet *s, const struct console *c);

/* hostlists.c: disks, filesystems, interfaces, processes. */
void host_put_disks(struct sheet *s, const struct console *c, const struct host_room *room);
void host_put_filesystems(struct sheet *s, const struct console *c, const struct host_room *room);
void host_put_network(struct sheet *s, const struct console *c, const struct host_room *room);
void host_put_processes(struct sheet *s, const struct console *c, const struct host_room *room);
/* Seconds until the filesystem is full if it goes on as in what the timeline holds; absent: it does not
   fill, or not long enough known. */
struct value host_time_to_full(const struct console *c, const char *mount);

/* The part of the frame that is shown if it has rows, else NULL. */
const struct part *host_part(const struct console *c, enum part_id id);

/* hosttables.c: the whole table of a part; NULL: there is none. */
const struct view_ops *host_table(enum part_id id);

#endif
