#include "model/snapshot.h"

#include "base/mem.h"

const char *flavor_name(enum flavor f)
{
	static const char *const names[] = {"unknown", "mysql", "mariadb", "percona"};
	return names[f];
}

const char *flavor_title(enum flavor f)
{
	static const char *const titles[] = {"unknown server", "MySQL", "MariaDB", "Percona Server"};
	return titles[f];
}

const char *role_name(enum role r)
{
	static const char *const names[] = {
		[ROLE_UNKNOWN] = "unknown",
		[ROLE_PRIMARY] = "primary",
		[ROLE_REPLICA] = "replica",
		[ROLE_INTERMEDIATE] = "intermediate",
		[ROLE_STANDALONE] = "standalone",
		[ROLE_GROUP_PRIMARY] = "group-primary",
		[ROLE_GROUP_SECONDARY] = "group-secondary",
		[ROLE_GALERA] = "galera",
	};
	return names[r];
}

struct snapshot *snapshot_new(unsigned target)
{
	struct snapshot *s = xcalloc(1, sizeof *s);
	s->refs = 1;
	s->target = target;
	s->uptime = -1;
	return s;
}

/* The count is bookkeeping, not content: holders of a const snapshot may count. */
static struct snapshot *countable(const struct snapshot *s)
{
	return (struct snapshot *)(uintptr_t)s;
}

struct snapshot *snapshot_ref(const struct snapshot *s)
{
	__atomic_fetch_add(&countable(s)->refs, 1, __ATOMIC_RELAXED);
	return countable(s);
}

void snapshot_unref(const struct snapshot *s)
{
	if (!s || __atomic_fetch_sub(&countable(s)->refs, 1, __ATOMIC_ACQ_REL) > 1)
		return;
	for (int i = 0; i < N_PARTS; i++)
		part_unref(s->parts[i]);
	host_note_unref(s->host.note);
	free(countable(s));
}

struct snapshot *snapshot_copy(const struct snapshot *s)
{
	struct snapshot *copy = snapshot_new(s->target);
	*copy = *s;
	copy->refs = 1;
	for (int i = 0; i < N_PARTS; i++)
		if (copy->parts[i])
			part_ref(copy->parts[i]);
	host_note_ref(copy->host.note);
	return copy;
}

void snapshot_set(struct snapshot *s, const struct part *p)
{
	enum part_id id = part_id(p);
	part_unref(s->parts[id]);
	s->parts[id] = p;
}

size_t snapshot_memory(const struct snapshot *s)
{
	return sizeof *s;
}

/* --- notes ------------------------------------------------------------------------------------ */

struct host_note *host_note_new(const struct err *err, const struct shell_question *question)
{
	struct host_note *n = xcalloc(1, sizeof *n);
	n->refs = 1;
	n->err = *err;
	if (question)
		n->question = *question;
	return n;
}

struct host_note *host_note_ref(const struct host_note *n)
{
	struct host_note *counted = (struct host_note *)(uintptr_t)n;
	if (counted)
		__atomic_fetch_add(&counted->refs, 1, __ATOMIC_RELAXED);
	return counted;
}

void host_note_unref(const struct host_note *n)
{
	struct host_note *counted = (struct host_note *)(uintptr_t)n;
	if (counted && __atomic_fetch_sub(&counted->refs, 1, __ATOMIC_ACQ_REL) == 1)
		free(counted);
}
