/* Findings as a part; who makes them is above this layer (diagnose/finding.h). Lists are JSON texts. */
#ifndef COLLECT_FINDINGS_H
#define COLLECT_FINDINGS_H

#include "model/schema.h"

#define FINDINGS_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Finding", "Which kind of incident it is.", "fathom's rules", "") \
	F(SEVERITY, "severity", TEXT, NONE, GAUGE, "Severity", "critical, warning or notice.", \
	  "fathom's rules", "No findings at all.") \
	F(TITLE, "title", TEXT, NONE, GAUGE, "Title", "What it is called.", "fathom's rules", "") \
	F(TEXT, "text", TEXT, NONE, GAUGE, "What is wrong", "In one line, with who causes it.", \
	  "fathom's rules", "") \
	F(CONFIDENCE, "confidence", REAL, RATIO, GAUGE, "Sure", \
	  "How sure the rule is, from what it could see.", "fathom's rules", \
	  "100 %: it was seen; less: it was inferred.") \
	F(SINCE, "since", INT, WALL, GAUGE, "Since", "When it was first concluded.", \
	  "fathom's rules", "Any.") \
	F(CAUSED_BY, "caused_by", TEXT, NONE, GAUGE, "Caused by", \
	  "The finding that explains this one: mend that first.", "fathom's rules", "") \
	F(EVIDENCE, "evidence", TEXT, JSON, GAUGE, "Evidence", "The numbers that it was concluded from.", \
	  "fathom's rules", "") \
	F(CULPRITS, "culprits", TEXT, JSON, GAUGE, "Culprits", "Who causes it.", "fathom's rules", "") \
	F(SUSPECTS, "suspects", TEXT, JSON, GAUGE, "Suspects", \
	  "Who may cause it, where the server does not tell.", "fathom's rules", "") \
	F(CAUSES, "causes", TEXT, JSON, GAUGE, "Explains", "Findings that this one explains.", \
	  "fathom's rules", "") \
	F(EXPLANATION, "explanation", TEXT, NONE, GAUGE, "Explanation", \
	  "What it means.", "fathom's rules", "") \
	F(ACTIONS, "actions", TEXT, JSON, GAUGE, "Actions", "What can be done.", "fathom's rules", "") \
	F(RIGHT, "right", TEXT, NONE, GAUGE, "Right move", "What to do about it.", "fathom's rules", "") \
	F(WRONG, "wrong", TEXT, NONE, GAUGE, "Wrong move", "What not to do about it.", "fathom's rules", "") \
	F(REFERENCE, "reference", TEXT, NONE, GAUGE, "Read on", "Where the manuals tell of it.", \
	  "fathom's rules", "")

enum findings_field {
#define FINDINGS_ENUM(id, ...) FINDINGS_##id,
	FINDINGS_FIELDS(FINDINGS_ENUM)
#undef FINDINGS_ENUM
	N_FINDINGS_FIELDS,
};

extern const struct schema findings_schema;

#endif
