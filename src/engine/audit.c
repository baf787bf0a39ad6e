#include "engine/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

static bool folder(struct buf *out)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	/* The specification: a path that is not absolute is to be ignored. */
	if (state && *state == '/')
		buf_adds(out, state);
	else if (home && *home)
		buf_addf(out, "%s/.local/state", home);
	else
		return false;
	buf_adds(out, "/fathom");
	return true;
}

bool audit_path(struct buf *out)
{
	if (!folder(out))
		return false;
	buf_adds(out, "/audit.jsonl");
	return true;
}

/* Like mkdir -p, for nobody else's eyes. What is there already stays as it is. */
static void make_folders(const char *path)
{
	struct buf b = BUF_INIT;
	for (const char *p = path; *p;) {
		size_t n = strcspn(p + 1, "/") + 1;
		buf_add(&b, p, n);
		p += n;
		mkdir(buf_str(&b), 0700);
	}
	buf_release(&b);
}

static void set_text(json_t *o, const char *key, const char *s)
{
	struct buf b = BUF_INIT;
	if (s)
		utf8_repair(&b, s, strlen(s));
	json_object_set_new(o, key, s ? json_stringn(buf_str(&b), b.len) : json_null());
	buf_release(&b);
}

static void set_user(json_t *o)
{
	char room[2048];
	struct passwd pw, *found = NULL;
	if (getpwuid_r(getuid(), &pw, room, sizeof room, &found) == 0 && found)
		set_text(o, "os_user", found->pw_name);
	else
		json_object_set_new(o, "os_user", json_sprintf("%u", (unsigned)getuid()));
}

static json_t *describe(const struct target *target, const char *account, enum kill_verb verb,
			const struct kill_victim *v, const struct kill_fate *fate)
{
	char time[CLOCK_RFC3339_SIZE];
	json_t *o = json_object();
	set_text(o, "time", clock_rfc3339(clock_wall_us(), time));
	set_user(o);
	set_text(o, "target", target->name);
	set_text(o, "label", target->value[SETTING_LABEL]);
	set_text(o, "account", account);
	set_text(o, "action", kill_verb_name(verb));
	json_object_set_new(o, "id", json_integer(v->id));
	set_text(o, "user", v->user);
	set_text(o, "host", v->host);
	set_text(o, "db", v->db);
	set_text(o, "command", v->command);
	json_object_set_new(o, "query_id",
			    v->query_id < 0 ? json_null() : json_integer(v->query_id));
	set_text(o, "statement", v->info);
	set_text(o, "outcome", kill_outcome_name(fate->outcome));
	set_text(o, "detail", fate->text);
	return o;
}

static bool append(const char *path, const char *line, size_t n, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, ERR_IO, path, strerror(errno), NULL);
	/* In one piece, so that lines of two consoles do not mix. */
	ssize_t wrote = write(fd, line, n);
	int why = wrote < 0 ? errno : wrote != (ssize_t)n ? ENOSPC : 0;
	if (close(fd) < 0 && !why)
		why = errno;
	return why ? err_set(e, ERR_IO, path, strerror(why), NULL) : true;
}

bool audit_kill(const struct target *target, const char *account, enum kill_verb verb,
		const struct kill_victim *victim, const struct kill_fate *fate, struct err *e)
{
	struct buf path = BUF_INIT, line = BUF_INIT;
	if (!folder(&path))
		return err_set(e, ERR_IO, "audit file", "neither XDG_STATE_HOME nor HOME is set",
			       NULL);
	make_folders(buf_str(&path));
	buf_adds(&path, "/audit.jsonl");

	json_t *o = describe(target, account, verb, victim, fate);
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	bool ok = false;
	if (text) {
		buf_addf(&line, "%s\n", text);
		ok = append(buf_str(&path), buf_str(&line), line.len, e);
	} else {
		err_set(e, ERR_IO, "audit file", "the line could not be made", NULL);
	}
	free(text);
	buf_release(&path);
	buf_release(&line);
	return ok;
}
