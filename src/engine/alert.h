/*
 * The command that a person wants run when something critical is found: by sh, with a JSON object on its standard
 * input, its output thrown away, for some seconds at the most. A job, with a worker of its own: a command that
 * hangs delays the next one and nothing else.
 */
#ifndef ENGINE_ALERT_H
#define ENGINE_ALERT_H

#include "engine/job.h"

/* The job's result. */
struct alert_result {
	bool ok;
	char text[160]; /* "ended well", "ended with status 3: its last words", "took longer than 10 s" */
};

enum { ALERT_SECONDS = 10 };

/* Takes over `json`, a text for its standard input; copies the command. After `seconds`, ALERT_SECONDS at the most,
   it is ended, with whatever it started. */
struct job *alert_job(unsigned target, const char *command, char *json, double seconds);

#endif
