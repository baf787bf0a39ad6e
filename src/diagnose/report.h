/*
 * A report: what is known of one target, as a document that no longer knows anything of MySQL.
 * Sections hold paragraphs, facts, tables, curves and findings, in the order in which they were
 * added; writers (reportwrite.h) turn it into text, Markdown, HTML and JSON.
 *
 * It is built by section builders: one row of report_sections[] and one file report_*.c each.
 * Builders are pure functions of what was sampled. All memory is the report's own arena: whatever is
 * handed in is copied. Texts hold server text as it came; the writers make it harmless. One thread
 * at a time.
 */
#ifndef DIAGNOSE_REPORT_H
#define DIAGNOSE_REPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "diagnose/finding.h"
#include "model/timeline.h"

/* --- the document ----------------------------------------------------------------------------- */

struct report_column {
	const char *name;  /* snake_case: what JSON calls it */
	const char *title;
	enum unit unit;    /* UNIT_SQL: statements, without their literals once redacted */
	bool rate;         /* per second */
	bool ours;         /* fathom's own words, which nobody has to redact */
	unsigned most;     /* characters that people are shown; 0: all */
};

struct report_table {
	const char *name, *title;            /* `name` as in JSON */
	const struct report_column *columns; /* static, of the builder */
	unsigned n_columns, n_rows, cap;
	unsigned cut;                        /* rows that were left out */
	struct value *cells;                 /* row by row */
	struct report *report;
};

/* One named value. */
struct report_fact {
	const char *name; /* in words */
	struct value value;
	enum unit unit;
	bool rate;
	const char *note; /* what is odd about it, ours; NULL: nothing */
	struct report_fact *next;
};

struct report_curve {
	const char *name, *title;
	enum unit unit;
	bool rate;
	unsigned n;            /* points, oldest first */
	const float *age;      /* seconds before the newest */
	const float *value;    /* NaN: absent */
};

struct report_finding {
	struct finding f;
	struct report_curve *curves[FINDING_EVIDENCE]; /* of its evidence; NULL: it has none */
};

enum report_kind {
	REPORT_TEXT,  /* a paragraph */
	REPORT_NOTE,  /* one that says what is not there, or how far to trust what is */
	REPORT_CODE,  /* statements or shell lines to copy */
	REPORT_FACTS,
	REPORT_TABLE,
	REPORT_CURVE,
	REPORT_FINDING,
};

struct report_block {
	enum report_kind kind;
	bool ours; /* of texts: fathom's own words throughout */
	union {
		const char *text;
		struct report_fact *facts;
		struct report_table *table;
		struct report_curve *curve;
		struct report_finding *finding;
	};
	struct report_block *next;
};

struct report_section {
	const char *id, *title;
	struct report *report;
	struct report_block *first, *last;
	struct report_section *next;
};

struct report {
	struct arena arena;
	const char *target;       /* as people call it */
	const char *server, *role; /* "MariaDB 10.11.19", "primary"; "" while unknown */
	int64_t wall;             /* us: when the last reading was made */
	double seconds;           /* sampled for so long */
	bool partial;
	const char *why_partial;  /* NULL when it is not */
	enum severity severity;   /* of the worst finding, or of what kept us from judging */
	const char *verdict_id;   /* the worst finding's; NULL: there is none */
	const char *verdict;      /* in one line */
	struct report_section *first, *last;
	struct json_t *head;      /* what JSON says of target and sample (model/json.h); NULL: nothing */
};

/* --- building --------------------------------------------------------------------------------- */

/* What the last report of the same target said of a statement (reportpast.h). */
struct report_past;

struct report_input {
	const char *target;              /* its name */
	const struct timeline *timeline; /* what was sampled; its newest snapshot is `now` */
	const struct snapshot *now;
	/* The first good reading of each part since the server last started: what grew is now less this.
	   N_PARTS of them, NULL where there was none. */
	const struct part *const *begin;
	double seconds;                  /* sampled for so long */
	const struct err *lost;          /* why it is cut short; NULL or ERR_NONE: it is not */
	const char *const *blind;        /* by rule: why it could not judge, or NULL; NULL: unknown */
	const struct report_past *past;  /* of the last report; NULL: there is none */
};

/* One section. An empty one is left out. */
struct report_builder {
	const char *id, *title; /* "innodb", "InnoDB" */
	part_mask needs;        /* parts to sample; dear ones are bounded by their collectors */
	void (*build)(struct report_section *s, const struct report_input *in);
};
/* All of them in their order; ends with NULL. */
extern const struct report_builder *const report_sections[];
/* Parts that the sections want, the rules' included. */
part_mask report_needs(void);

struct report *report_new(const char *target);
/* All sections. */
struct report *report_build(const struct report_input *in);
void report_free(struct report *r);

struct report_section *report_section(struct report *r, const char *id, const char *title);
struct report_section *report_section_by_id(const struct report *r, const char *id);

/* --- what builders fill in ---------------------------------------------------------------------- */

/* A paragraph that may hold names and texts of the server. */
void report_say(struct report_section *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A paragraph of our own words. */
void report_advise(struct report_section *s, const char *text);
void report_note(struct report_section *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void report_code(struct report_section *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A named value; facts that follow one another stand together. Absent ones are shown as such. `note` is
   ours and may be NULL. */
void report_fact(struct report_section *s, const char *name, enum unit unit, struct value v,
		 const char *note);
void report_fact_text(struct report_section *s, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A metric as it is now, under a name that a reader who never saw the console understands (NULL: its
   title); nothing when it cannot be had. */
void report_metric(struct report_section *s, const struct report_input *in, unsigned metric,
		   const char *name);
/* Its curve, when there are at least three points; nothing else. */
void report_curve(struct report_section *s, const struct report_input *in, unsigned metric,
		  const char *name);
/* Several of them. */
struct report_figure {
	unsigned metric;
	const char *name;
	bool curve;
};
void report_figures(struct report_section *s, const struct report_input *in,
		    const struct report_figure *figures, unsigned n);
/* The curve alone, for evidence; NULL when there is none. */
struct report_curve *report_curve_of(struct report *r, const struct report_input *in, unsigned metric);
/* A finding with its evidence. */
struct report_finding *report_finding(struct report_section *s, const struct finding *f);

/* `columns` lives as long as the program. A table without rows is left out by the writers. */
struct report_table *report_table(struct report_section *s, const char *name, const char *title,
				  const struct report_column *columns, unsigned n);
/* A further row, all cells absent; cells of the last row. */
void report_row(struct report_table *t);
void report_cell(struct report_table *t, unsigned column, struct value v);
void report_cell_text(struct report_table *t, unsigned column, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Rows of a part as a table, of counters what they grew a second; `names` of fields, blanks between
   (`=name`: a counter as it stands): those that no row has are left out. `title` NULL: the part's; at most `most` rows (0: all). NULL
   without such a part, and the section has a note that says why. */
struct report_table *report_part_table(struct report_section *s, const struct report_input *in,
				       enum part_id id, const char *title, const char *names,
				       unsigned most);
/* The part's rows by the number in `field`, greatest first, absent last; in the arena. */
unsigned *part_order(const struct part *p, const char *field, struct arena *a);

/* The part when it was read, also long ago; else NULL, and the section has a note that says why. */
const struct part *report_part(struct report_section *s, const struct report_input *in,
			       enum part_id id);
/* The same without a note. */
const struct part *report_part_quietly(const struct report_input *in, enum part_id id);
/* How much a counter cell grew since the sampling began, and in what time; absent without two readings,
   for a new row, and when it went backwards. `seconds` may be NULL. */
struct value report_growth(const struct report_input *in, enum part_id id, unsigned row,
			   unsigned field, double *seconds);
/* A status value or variable by its name, as the server has it. */
struct value report_status(const struct report_input *in, const char *name);
struct value report_variable(const struct report_input *in, const char *name);

#endif
