#include "tests/servers/sshd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

static char folder[64];

static char *script(const char *verb, const char *words)
{
	const char *top = getenv("srcdir");
	return xasprintf("%s/tests/tools/sshd.sh %s %s %s", top ? top : ".", verb, folder, words);
}

static void do_it(const char *verb, const char *words)
{
	char *command = script(verb, words);
	if (system(command) != 0) {
		fprintf(stderr, "%s: it failed\n", command);
		abort();
	}
	free(command);
}

/* "export A=B C=D" */
static void take_variables(char *line)
{
	char *next = line;
	for (char *word; (word = strsep(&next, " \n"));) {
		char *value = strchr(word, '=');
		if (value) {
			*value = '\0';
			setenv(word, value + 1, 1);
		}
	}
}

bool sshd_start(const char *words)
{
	const char *tmp = getenv("TMPDIR");
	char line[1024];
	if (!folder[0]) {
		snprintf(folder, sizeof folder, "%.40s/sshd-XXXXXX", tmp ? tmp : "/tmp");
		if (!mkdtemp(folder))
			abort();
	}
	char *command = script("start", words);
	FILE *out = popen(command, "r");
	free(command);
	while (out && fgets(line, sizeof line, out))
		take_variables(line);
	if (out && pclose(out) == 0)
		return true;
	rmdir(folder);
	folder[0] = '\0';
	return false;
}

void sshd_signal(const char *name, const char *signal)
{
	char *words = xasprintf("%s %s", name, signal);
	do_it("signal", words);
	free(words);
}

void sshd_signal_shells(const char *name, const char *signal)
{
	char *words = xasprintf("%s %s", name, signal);
	do_it("signal-shells", words);
	free(words);
}

void sshd_restart(const char *name)
{
	do_it("restart", name);
}

void sshd_stop(void)
{
	if (folder[0])
		do_it("stop", "");
	folder[0] = '\0';
}

const char *sshd_var(const char *name)
{
	char *full = xasprintf("FATHOM_SSHD_%s", name);
	const char *value = getenv(full);
	if (!value) {
		fprintf(stderr, "%s is not set\n", full);
		abort();
	}
	free(full);
	return value;
}
