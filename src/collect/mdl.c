#include "collect/mdl.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

#define LOCKS(L) \
	L(INTENTION_EXCLUSIVE) L(SHARED) L(SHARED_HIGH_PRIO) L(SHARED_READ) L(SHARED_WRITE) \
	L(SHARED_WRITE_LOW_PRIO) L(SHARED_UPGRADABLE) L(SHARED_READ_ONLY) L(SHARED_NO_WRITE) \
	L(SHARED_NO_READ_WRITE) L(EXCLUSIVE) \
	L(BACKUP_START) L(BACKUP_FLUSH) L(BACKUP_WAIT_FLUSH) L(BACKUP_WAIT_DDL) L(BACKUP_WAIT_COMMIT) \
	L(BACKUP_FTWRL1) L(BACKUP_FTWRL2) L(BACKUP_DML) L(BACKUP_TRANS_DML) L(BACKUP_SYS_DML) \
	L(BACKUP_DDL) L(BACKUP_BLOCK_DDL) L(BACKUP_ALTER_COPY) L(BACKUP_COMMIT)

enum {
#define NUMBER(name) N_##name,
	LOCKS(NUMBER)
#undef NUMBER
};
enum {
#define BIT(name) name = 1 << N_##name,
	LOCKS(BIT)
#undef BIT
};

/* Those of tables and other objects; INTENTION_EXCLUSIVE, SHARED and EXCLUSIVE of global, schema and
   commit locks too. */
#define ALTERING (SHARED_UPGRADABLE | SHARED_NO_WRITE | SHARED_NO_READ_WRITE | EXCLUSIVE)
#define WRITING (SHARED_WRITE | SHARED_WRITE_LOW_PRIO)
#define FTWRL (BACKUP_FTWRL1 | BACKUP_FTWRL2)
#define CHANGES (BACKUP_DML | BACKUP_TRANS_DML | BACKUP_SYS_DML | BACKUP_DDL | BACKUP_ALTER_COPY)
#define STAGES \
	(BACKUP_START | BACKUP_FLUSH | BACKUP_WAIT_FLUSH | BACKUP_WAIT_DDL | BACKUP_WAIT_COMMIT)

static const struct {
	const char *name;
	uint32_t yields_to;
} locks[] = {
#define ROW(lock, others) [N_##lock] = {#lock, others}
	ROW(INTENTION_EXCLUSIVE, SHARED | EXCLUSIVE),
	ROW(SHARED, INTENTION_EXCLUSIVE | EXCLUSIVE),
	ROW(SHARED_HIGH_PRIO, EXCLUSIVE),
	ROW(SHARED_READ, SHARED_NO_READ_WRITE | EXCLUSIVE),
	ROW(SHARED_WRITE, SHARED_READ_ONLY | SHARED_NO_WRITE | SHARED_NO_READ_WRITE | EXCLUSIVE),
	ROW(SHARED_WRITE_LOW_PRIO,
	    SHARED_READ_ONLY | SHARED_NO_WRITE | SHARED_NO_READ_WRITE | EXCLUSIVE),
	ROW(SHARED_UPGRADABLE, ALTERING),
	ROW(SHARED_READ_ONLY, WRITING | SHARED_NO_READ_WRITE | EXCLUSIVE),
	/* GET_LOCK of MariaDB takes it on a name. */
	ROW(SHARED_NO_WRITE, WRITING | ALTERING),
	ROW(SHARED_NO_READ_WRITE, SHARED_READ | WRITING | SHARED_READ_ONLY | ALTERING),
	ROW(EXCLUSIVE, INTENTION_EXCLUSIVE | SHARED | SHARED_HIGH_PRIO | SHARED_READ | WRITING |
			       SHARED_READ_ONLY | ALTERING),

	ROW(BACKUP_START, STAGES | BACKUP_BLOCK_DDL),
	ROW(BACKUP_FLUSH, BACKUP_START),
	ROW(BACKUP_WAIT_FLUSH, BACKUP_START | BACKUP_DML),
	ROW(BACKUP_WAIT_DDL, BACKUP_START | BACKUP_DML | BACKUP_DDL),
	ROW(BACKUP_WAIT_COMMIT,
	    BACKUP_START | BACKUP_DML | BACKUP_SYS_DML | BACKUP_DDL | BACKUP_COMMIT),
	ROW(BACKUP_FTWRL1, CHANGES),
	ROW(BACKUP_FTWRL2, CHANGES | BACKUP_COMMIT),
	ROW(BACKUP_DML, (STAGES & ~BACKUP_START) | FTWRL),
	ROW(BACKUP_TRANS_DML, FTWRL),
	ROW(BACKUP_SYS_DML, BACKUP_WAIT_COMMIT | FTWRL),
	ROW(BACKUP_DDL, BACKUP_WAIT_DDL | BACKUP_WAIT_COMMIT | BACKUP_BLOCK_DDL | FTWRL),
	ROW(BACKUP_BLOCK_DDL, STAGES | BACKUP_BLOCK_DDL | BACKUP_DDL),
	ROW(BACKUP_ALTER_COPY, FTWRL),
	ROW(BACKUP_COMMIT, BACKUP_WAIT_COMMIT | BACKUP_FTWRL2),
#undef ROW
};

static int find(const char *name)
{
	if (strncmp(name, "MDL_", 4) == 0)
		name += 4;
	for (size_t i = 0; i < COUNT_OF(locks); i++)
		if (strcmp(locks[i].name, name) == 0)
			return (int)i;
	return -1;
}

bool mdl_conflict(const char *asked, const char *held)
{
	int a = find(asked), h = find(held);
	return a < 0 || h < 0 || locks[a].yields_to >> h & 1;
}

bool mdl_goes_first(const char *mode)
{
	static const uint32_t first = SHARED | SHARED_READ_ONLY | SHARED_NO_WRITE | SHARED_NO_READ_WRITE |
				      EXCLUSIVE | STAGES | FTWRL | BACKUP_BLOCK_DDL;
	int m = find(mode);
	return m >= 0 && first >> m & 1;
}

bool mdl_of_lock_tables(const char *mode)
{
	int m = find(mode);
	return m == N_SHARED_READ_ONLY || m == N_SHARED_NO_READ_WRITE;
}

/* `type` is OBJECT_TYPE of performance_schema; METADATA_LOCK_INFO of MariaDB has words of its own. */
static const struct {
	const char *type, *other, *state, *noun;
} kinds[] = {
	{"GLOBAL", "Global read lock", "Waiting for global read lock", "global read lock"},
	{"COMMIT", "Commit lock", "Waiting for commit lock", "global read lock"},
	{"BACKUP LOCK", "", "Waiting for backup lock", "backup lock"},
	{"BACKUP", "Backup lock", "Waiting for backup lock", "backup lock"},
	{"USER LEVEL LOCK", "User lock", "User lock", "user lock"},
	{"LOCKING SERVICE", "", "Waiting for locking service lock", "service lock"},
};

const char *mdl_noun(const char *type)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i].type, type) == 0 || strcmp(kinds[i].other, type) == 0)
			return kinds[i].noun;
	return "metadata lock";
}

const char *mdl_noun_of_state(const char *state)
{
	static const char end[] = " metadata lock";
	size_t n = strlen(state);
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i].state, state) == 0)
			return kinds[i].noun;
	return strncmp(state, "Waiting for ", 12) == 0 && n > sizeof end &&
			       strcmp(state + n - (sizeof end - 1), end) == 0
		       ? "metadata lock"
		       : NULL;
}
