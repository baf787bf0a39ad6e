/*
 * The script of a fake server (fakeserver.h says what its lines are), and how statements are compared. Read
 * once from text; changed by the server only in what counts down.
 */
#ifndef TESTS_FAKESCRIPT_H
#define TESTS_FAKESCRIPT_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum fault_type { FAULT_NONE, FAULT_DELAY, FAULT_HANG, FAULT_CLOSE, FAULT_ERROR, FAULT_RAW, FAULT_SWITCH };
enum stage { STAGE_GREETING, STAGE_HANDSHAKE, STAGE_LOGIN, N_STAGES };

struct fault {
	enum fault_type type;
	unsigned number; /* milliseconds, or an error code */
	struct buf text;
	unsigned times; /* 0: always */
};

/* A row's cells; NULL pointers are SQL NULL. */
struct row {
	char **cells;
	size_t n;
	unsigned repeat;
};

/* A prefix or ~REGEX, to hold statements against. */
struct pattern {
	char *prefix;
	regex_t *regex;
};

enum answer { ANSWER_OK, ANSWER_ROWS, ANSWER_ERROR, ANSWER_HANG, ANSWER_CLOSE, ANSWER_RESET, ANSWER_RAW,
	      ANSWER_INFILE };

struct rule {
	struct pattern pattern;
	enum answer answer;
	unsigned code;
	struct buf text;
	unsigned delay;
	size_t stall, cut; /* bytes; 0: off */
	bool once, used;
	struct row columns, *rows;
	size_t n_rows, cap_rows;
};

struct table {
	char *name;
	struct row columns, *rows; /* cells of rows: "COLUMN=VALUE" */
	size_t n_rows, cap_rows;
};

struct variable {
	char *name, *value;
};

struct script {
	char *version, *comment, *plugin;
	char *tls_certificate, *tls_key; /* "" where a client must not get further */
	struct fault faults[N_STAGES];
	struct rule *rules;
	size_t n_rules, cap_rules;
	struct table *tables;
	size_t n_tables, cap_tables;
	struct variable *variables;
	size_t n_variables, cap_variables;
};

/* Ends the process when a line is wrong. */
struct script script_parse(const char *text);
void script_release(struct script *s);
void row_release(struct row *r);

/* Append `s` with its escapes resolved. */
void add_unescaped(struct buf *out, const char *s);
/* A statement without our comment, limits and hints, with single blanks. */
char *normalise(const char *s, size_t n);
bool begins(const char *s, const char *prefix);

struct pattern pattern_parse(const char *text);
void pattern_release(struct pattern *p);
bool pattern_fits(const struct pattern *p, const char *statement);

#endif
