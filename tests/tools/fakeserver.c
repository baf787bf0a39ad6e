/*
 * The fake server (tests/unit/fakeserver.h) as a program, for tests that are scripts:
 *
 *   fakeserver [--socket PATH] SCRIPT...
 *
 * Plays the scripts, one behind the other as if they were one file; `-` is standard input. Prints the port
 * (or the path) on a line of its own once it listens. Ends at SIGTERM, SIGINT or SIGHUP.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fatal.h"
#include "tests/unit/fakeserver.h"

static void read_script(const char *path, struct buf *out)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *f = standard ? stdin : fopen(path, "re");
	size_t n;

	if (!f)
		die("%s: %s", path, strerror(errno));
	do {
		buf_reserve(out, 65536);
		n = fread(out->s + out->len, 1, 65536, f);
		out->len += n;
		out->s[out->len] = '\0';
	} while (n);
	buf_adds(out, "\n");
	if (!standard)
		fclose(f);
}

int main(int argc, char **argv)
{
	struct buf script = BUF_INIT;
	const char *path = NULL;
	sigset_t ends;
	int which;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--socket") == 0 && i + 1 < argc)
			path = argv[++i];
		else
			read_script(argv[i], &script);
	}
	/* Before there are threads, so that none of them takes the signal. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	struct fake *f = fake_start(path, buf_str(&script));
	buf_release(&script);
	if (path)
		puts(path);
	else
		printf("%u\n", fake_port(f));
	fflush(stdout);
	sigwait(&ends, &which);
	fake_stop(f);
	return 0;
}
