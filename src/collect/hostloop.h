/*
 * The far side of reading a host: one small loop for any POSIX shell, and the text that it sends back.
 * The loop is sent once, on the shell's standard input, and from then on answers requests, a line each;
 * it never runs ahead, writes nothing anywhere, and ends by itself at the end of its input. A request
 * for files costs the far side one fork: `grep '' FILE...` prints them all, each line after the name of
 * its file.
 *
 *   fathom                                     the far side
 *   the script                                 (banners, start-up noise: skipped)
 *                                              MARKER os Linux 6.1.0 … MARKER ready
 *   1|r|a|proc/stat|proc/loadavg               MARKER + 1
 *                                              proc/stat:cpu  1 2 3
 *                                              MARKER ~
 *                                              (what `times` prints: the loop's own cost)
 *                                              MARKER - 1
 *   2|r|a                                      the same files again
 *
 * MARKER is random, and no text of a file can begin a line: nothing that stands in a file can be taken
 * for the frame. All names are below the folder $FATHOM_ROOT, which is / unless the environment of the
 * shell says else: a doctored host is a folder with proc/ and sys/ in it, and
 * --host-command 'FATHOM_ROOT=/the/folder sh'.
 *
 * The parser is pure and bounded; one owner.
 */
#ifndef COLLECT_HOSTLOOP_H
#define COLLECT_HOSTLOOP_H

#include "base/buf.h"
#include "collect/host.h"

/* 16 random letters and digits. */
enum { HOSTLOOP_MARKER = 16 };
void hostloop_script(struct buf *out, const char *marker);
/* The last line of the script, for whoever plays the far side. */
extern const char hostloop_script_end[];

/* --- requests, one line each ------------------------------------------------------------------- */

/* What host_want() and host_want_threads() collected, each name once; kept over there under `slot`
   (a … h). `request` NULL: what the slot holds already. */
void hostloop_ask_files(struct buf *out, unsigned number, char slot, const struct buf *request);
/* "!df" and "!df-i" of these mount points, bars between them. */
void hostloop_ask_df(struct buf *out, unsigned number, const char *mounts);
/* Why files are absent, names with bars between. The answer is a file "?" with a line for each: n (there
   is none), d (it may not be read) or r (it can be read, so it is empty), a blank, and the name as the
   loop knows it. */
void hostloop_ask_why(struct buf *out, unsigned number, const char *names);
/* The last 200 kB of a log: file "!log". `path` begins with a slash. */
void hostloop_ask_log(struct buf *out, unsigned number, const char *path);
/* How many descriptors a process has: file "!fds 812". */
void hostloop_ask_fds(struct buf *out, unsigned number, int64_t pid);
/* Which of these processes ("812 1033") hold the socket with that inode: files "!fd 812". */
void hostloop_ask_holder(struct buf *out, unsigned number, int64_t inode, const char *pids);

/* --- answers ----------------------------------------------------------------------------------- */

enum hostloop_event {
	HOSTLOOP_MORE,    /* all was taken in, more is needed */
	HOSTLOOP_READY,   /* the loop runs and waits for requests */
	HOSTLOOP_FRAME,   /* a request was answered: l->number */
	HOSTLOOP_REFUSED, /* it cannot work there: l->refusal says why */
};

struct hostloop_file {
	size_t name, text, len; /* offsets into `names` and `texts` */
	bool cut;
};

struct hostloop {
	char marker[HOSTLOOP_MARKER + 1];
	bool ready;

	/* What it says when it begins. */
	char os[128];   /* "Linux 6.1.0-18-amd64" */
	char show[16];  /* how it reads: "grep -a", "grep", "read" */
	char user[16];  /* numeric id */
	int64_t shell;  /* its process id, in its own namespace */
	long ticks_per_second, page_size;
	bool proc;      /* /proc/stat can be read */
	char refusal[256];
	char noise[160]; /* the last line that was none of the loop's */

	/* The answers since hostloop_clear(). */
	unsigned number;
	double cpu; /* seconds that the loop and its children used so far; negative: unknown */
	uint64_t bytes;
	bool overfull; /* something was left out: too much */

	/* Inside. */
	enum { HOSTLOOP_OUTSIDE, HOSTLOOP_INSIDE, HOSTLOOP_TIMES } where;
	unsigned inside; /* number of the frame at hand */
	double times;
	struct buf line;
	bool skipping; /* the rest of a line that is too long */
	struct buf names, texts;
	struct hostloop_file *entries;
	unsigned n_entries, cap_entries, n_whole; /* n_whole: of frames that are complete */
	struct buf colons; /* names with a colon in them that were asked for */
	struct host_file *files;
};

void hostloop_init(struct hostloop *l, const char *marker);
void hostloop_release(struct hostloop *l);
/* What is going to be asked for: a colon ends the name of a file, unless it belongs to it. */
void hostloop_expect(struct hostloop *l, const struct buf *request);
/* Takes in bytes up to the next event; *bytes and *n move on. */
enum hostloop_event hostloop_feed(struct hostloop *l, const char **bytes, size_t *n);
/* All complete answers since hostloop_clear(), sorted; borrowed until the next call. mono and wall are
   the caller's. */
struct host_tick hostloop_tick(struct hostloop *l);
void hostloop_clear(struct hostloop *l);

#endif
