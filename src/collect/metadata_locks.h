/* Metadata locks on things that somebody waits for. Nothing while nobody waits. */
#ifndef COLLECT_METADATA_LOCKS_H
#define COLLECT_METADATA_LOCKS_H

#include "collect/collector.h"

#define MDL_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Lock", "Which lock it is.", \
	  "metadata_locks OBJECT_INSTANCE_BEGIN, or session, object and mode together", "") \
	F(SESSION, "session", INT, ID, GAUGE, "Session", "Session that has it or waits for it.", \
	  "metadata_locks OWNER_THREAD_ID through threads; METADATA_LOCK_INFO THREAD_ID", \
	  "No rows at all.") \
	F(STATUS, "status", TEXT, NONE, GAUGE, "Status", "GRANTED, or PENDING: it waits.", \
	  "metadata_locks LOCK_STATUS", "") \
	F(TYPE, "type", TEXT, NONE, GAUGE, "Type", \
	  "What is locked: TABLE, SCHEMA, GLOBAL, COMMIT, BACKUP LOCK, USER LEVEL LOCK …", \
	  "metadata_locks OBJECT_TYPE; METADATA_LOCK_INFO LOCK_TYPE", "") \
	F(SCHEMA, "schema", TEXT, NONE, GAUGE, "Schema", "Schema of the object.", \
	  "metadata_locks OBJECT_SCHEMA; METADATA_LOCK_INFO TABLE_SCHEMA", "") \
	F(NAME, "name", TEXT, NONE, GAUGE, "Name", "Name of the object.", \
	  "metadata_locks OBJECT_NAME; METADATA_LOCK_INFO TABLE_NAME", "") \
	F(MODE, "mode", TEXT, NONE, GAUGE, "Mode", \
	  "How it is locked. SHARED_READ and SHARED_WRITE come from statements and stay until the " \
	  "transaction ends; EXCLUSIVE is what DDL wants.", \
	  "metadata_locks LOCK_TYPE; METADATA_LOCK_INFO LOCK_MODE", "") \
	F(DURATION, "duration", TEXT, NONE, GAUGE, "Until", \
	  "STATEMENT or TRANSACTION: released at its end; EXPLICIT: when it is let go.", \
	  "metadata_locks LOCK_DURATION", "")

enum {
#define MDL_ENUM(id, ...) MDL_##id,
	MDL_FIELDS(MDL_ENUM)
#undef MDL_ENUM
	N_MDL_FIELDS,
};

#endif
