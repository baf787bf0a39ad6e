/*
 * A finding: what a rule concluded about a target, with its evidence, so that a person can disagree.
 * Findings travel as a part (PART_FINDINGS), like everything else that is known of a target; here are
 * the two directions, and what a rule fills in. Pure; the texts hold server text as it came, so scrub
 * them before they are shown.
 */
#ifndef DIAGNOSE_FINDING_H
#define DIAGNOSE_FINDING_H

#include "base/arena.h"
#include "model/part.h"

enum severity { SEVERITY_OK, SEVERITY_NOTICE, SEVERITY_WARNING, SEVERITY_CRITICAL };
/* "ok", "notice", "warning", "critical". */
const char *severity_name(enum severity s);

/* What a culprit or suspect is; ids as the design fixes them. */
#define SUBJECTS(S) \
	S(SESSION, "session") S(TRANSACTION, "transaction") S(STATEMENT, "statement") \
	S(TABLE, "table") S(CHANNEL, "channel") S(REPLICA, "replica") S(MEMBER, "member") \
	S(USER, "user") S(HOST, "host") S(DEVICE, "device") S(FILE, "file") S(VARIABLE, "variable")
enum subject_kind {
#define SUBJECT_ENUM(id, name) SUBJECT_##id,
	SUBJECTS(SUBJECT_ENUM)
#undef SUBJECT_ENUM
	N_SUBJECTS,
};
const char *subject_name(enum subject_kind k);

/* What can be done; only the first two can be done from the console. */
#define STEPS(S) \
	S(KILL_QUERY, "kill-query") S(KILL_CONNECTION, "kill-connection") S(SQL, "sql") \
	S(SHELL, "shell") S(CONFIG, "config") S(LOOK, "look")
enum step_kind {
#define STEP_ENUM(id, name) STEP_##id,
	STEPS(STEP_ENUM)
#undef STEP_ENUM
	N_STEPS,
};
const char *step_name(enum step_kind k);

struct evidence {
	const char *name; /* in words: "sessions behind it"; or a metric's id: then it has a curve */
	struct value value;
	enum unit unit;
};
struct subject {
	enum subject_kind kind;
	const char *id;
};
struct step {
	enum step_kind kind;
	const char *text;
};

enum { FINDING_EVIDENCE = 16, FINDING_SUBJECTS = 24, FINDING_STEPS = 8, FINDING_CAUSES = 16 };

struct finding {
	const char *id; /* of incidents: "row-lock-pileup" */
	const char *title;
	enum severity severity;
	double confidence; /* 0 … 1 */
	unsigned waiters;  /* sessions that it holds up, where a rule counts them: of two as bad the more come first */
	int64_t since;     /* wall us: when it was first concluded */
	const char *text;  /* one line, as the verdict says it; names the culprit */
	const char *explanation, *right, *wrong, *reference; /* as its rule has them; NULL: nothing to say */
	bool outside;          /* it comes from outside the server: nothing in the server explains it */
	const char *caused_by; /* id of the finding that explains this one; NULL: none does */
	unsigned n_evidence, n_culprits, n_suspects, n_steps, n_causes;
	struct evidence evidence[FINDING_EVIDENCE];
	struct subject culprits[FINDING_SUBJECTS], suspects[FINDING_SUBJECTS];
	struct step steps[FINDING_STEPS];
	const char *causes[FINDING_CAUSES]; /* ids of those that this one explains */
};

/* What there is to say about it besides its evidence, each under its title, in the order to be read. */
struct advice {
	const char *title, *text;
};
enum { FINDING_ADVICE = 4 };
/* How many there are. */
unsigned finding_advice(const struct finding *f, struct advice out[FINDING_ADVICE]);

/* --- what rules fill in: texts go into `a`; what is more than fits is left out --------------------- */

void finding_say(struct finding *f, struct arena *a, enum severity severity, double confidence,
		 const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void finding_evidence(struct finding *f, struct arena *a, const char *name, enum unit unit,
		      struct value v);
void finding_culprit(struct finding *f, struct arena *a, enum subject_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void finding_suspect(struct finding *f, struct arena *a, enum subject_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void finding_step(struct finding *f, struct arena *a, enum step_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* --- as a part ------------------------------------------------------------------------------------ */

/* A row each, in the order given. */
struct part *findings_part(const struct finding *const *list, unsigned n, int64_t mono, int64_t wall);
/* One back; texts go into `a` or are the part's own. False when the row makes no sense. */
bool finding_read(struct finding *f, struct arena *a, const struct part *findings, unsigned row);

#endif
