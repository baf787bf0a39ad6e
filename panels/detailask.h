/*
 * What a page of a session's detail asks the server, as a job: the statements are the rows of
 * collect/detail.h, the answer is a list of sections, each with a grid, an error or a note. The view
 * (detail.c) owns an answer once it has taken it from the job.
 */
#ifndef PANELS_DETAILASK_H
#define PANELS_DETAILASK_H

#include "collect/detail.h"
#include "engine/fetch.h"
#include "engine/job.h"

/* The job's input. */
struct detail_ask {
	int64_t id;
	enum detail_page page;
	enum flavor flavor;
	bool performance_schema;
	bool waits;         /* for a lock: MariaDB's SHOW EXPLAIN would not answer */
	bool complete;      /* `text` is the whole statement */
	bool running_only;  /* no plan of a text that does not run: that would lock its tables */
	char *text, *db;
};

/* One heading with what is below it. */
struct detail_section {
	const struct detail_query *query;
	char *title;
	struct grid grid;
	struct err err;     /* none of the slot's queries worked */
	const char *note;   /* instead of a grid; static */
};

enum { DETAIL_SECTIONS = 32 };

/* The job's result. */
struct detail_answer {
	enum detail_page page;
	bool here;          /* nobody was asked */
	unsigned n;
	struct detail_section sections[DETAIL_SECTIONS];
};

/* Takes over the title. The last section gives way when there is no room. */
struct detail_section *detail_section_add(struct detail_answer *a, const struct detail_query *q, char *title);
/* One page, from a job of whatever kind, on its connection, until its deadline. job->err says when that is
   broken. */
struct detail_answer *detail_ask_page(struct job *job, struct db *db, const struct detail_ask *in);
/* NULL is fine. */
void detail_answer_free(struct detail_answer *a);

extern const struct job_kind detail_job;
/* EXPLAIN of a text that changes data: its own kind of connection. */
extern const struct job_kind detail_dml_job;
/* The plan of a session that sleeps. */
extern const char detail_runs_nothing[];

#endif
