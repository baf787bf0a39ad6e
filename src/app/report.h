/*
 * `fathom report`: samples all targets at once for some seconds, diagnoses them, and writes what came of
 * it. Runs the same sampler and rules as the console, without a screen; progress goes to stderr. Main
 * thread; ends when all is written.
 */
#ifndef APP_REPORT_H
#define APP_REPORT_H

#include "app/config.h"
#include "app/targets.h"

struct report_request {
	const struct targets *targets;
	const struct config *config;
	double seconds;
	const char *format; /* "text", "markdown", "html", "json" */
	const char *output; /* a file; NULL: standard output */
	bool force;         /* replace what is there */
	bool redact;        /* no literals, hosts and users */
	bool exit_code;     /* as monitoring plugins have it */
};

/* What monitoring plugins return for the state of things, with --exit-code. */
enum { REPORT_OK = 0, REPORT_WARNING = 1, REPORT_CRITICAL = 2, REPORT_UNKNOWN = 3 };

/* The exit status. */
int report_run(const struct report_request *q);

#endif
