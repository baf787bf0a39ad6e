#include "engine/audit.h"

#include <jansson.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "engine/statefile.h"

static const char audit_name[] = "audit.jsonl";

bool audit_path(struct buf *out)
{
	return statefile_path(out, audit_name);
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

bool audit_kill(const struct target *target, const char *account, enum kill_verb verb,
		const struct kill_victim *victim, const struct kill_fate *fate, struct err *e)
{
	return statefile_append(audit_name, describe(target, account, verb, victim, fate), e);
}
