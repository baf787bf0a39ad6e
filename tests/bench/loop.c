/*
 * The least that a console could cost: sends statements at given times over one connection and throws
 * the answers away, until it is killed.
 *
 *   loop SOCKET USER PASSWORD <CYCLE
 *
 * CYCLE: the length of a cycle in seconds on the first line, then a line "OFFSET<TAB>STATEMENT" each.
 * The cycle is repeated. Prints "ready" once it is connected.
 */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct step {
	double at;
	char *sql;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void wait_until(double at)
{
	double s = at - now();
	if (s > 0) {
		struct timespec t = {(time_t)s, (long)((s - (double)(time_t)s) * 1e9)};
		nanosleep(&t, NULL);
	}
}

static size_t read_steps(struct step **steps, double *cycle)
{
	char *line = NULL;
	size_t cap = 0, n = 0;
	ssize_t len;
	if (getline(&line, &cap, stdin) < 0 || (*cycle = strtod(line, NULL)) <= 0)
		return 0;
	while ((len = getline(&line, &cap, stdin)) > 0) {
		char *tab = strchr(line, '\t');
		if (!tab)
			continue;
		line[len - 1] = '\0';
		*steps = realloc(*steps, (n + 1) * sizeof **steps);
		if (!*steps)
			abort();
		(*steps)[n++] = (struct step){strtod(line, NULL), strdup(tab + 1)};
	}
	free(line);
	return n;
}

static int run(MYSQL *my, const char *sql)
{
	if (mysql_query(my, sql) != 0) {
		fprintf(stderr, "loop: %s: %s\n", sql, mysql_error(my));
		return -1;
	}
	MYSQL_RES *res = mysql_use_result(my);
	while (res && mysql_fetch_row(res))
		;
	mysql_free_result(res);
	return 0;
}

int main(int argc, char **argv)
{
	struct step *steps = NULL;
	double cycle = 0;
	size_t n = argc == 4 ? read_steps(&steps, &cycle) : 0;
	if (n == 0) {
		fputs("usage: loop SOCKET USER PASSWORD <CYCLE\n", stderr);
		return 1;
	}
	MYSQL *my = mysql_init(NULL);
	if (!mysql_real_connect(my, NULL, argv[2], argv[3], NULL, 0, argv[1], 0)) {
		fprintf(stderr, "loop: %s\n", mysql_error(my));
		return 2;
	}
	puts("ready");
	fflush(stdout);
	for (double base = now();; base += cycle) {
		for (size_t i = 0; i < n; i++) {
			wait_until(base + steps[i].at);
			if (run(my, steps[i].sql) != 0)
				return 2;
		}
		wait_until(base + cycle);
	}
}
