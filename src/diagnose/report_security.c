/* Security: who gets in without a password, who may do everything from anywhere, what goes over the wire in
   clear, which plugins were added. Nothing here is a finding: what is meant so in one place is wrong in another. */
#include "diagnose/reportsections.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

/* --- accounts ------------------------------------------------------------------------------------------ */

enum { ACC_ACCOUNT, ACC_BY, ACC_TLS, ACC_WHAT };
static const struct report_column account_columns[] = {
	[ACC_ACCOUNT] = {.name = "account", .title = "Account"},
	[ACC_BY] = {.name = "plugin", .title = "Logs in by"},
	[ACC_TLS] = {.name = "tls", .title = "TLS asked for"},
	[ACC_WHAT] = {.name = "what", .title = "What is odd about it", .ours = true},
};
enum { MOST_ACCOUNTS = 60 };

static bool yes(const struct part *p, unsigned row, const char *field)
{
	return value_integer(part_cell(p, row, field), 0) != 0;
}

/* 127.% and its like are this host, whatever stands behind. */
static bool from_elsewhere(const char *host)
{
	return strncmp(host, "127.", 4) != 0 && (!host[0] || strchr(host, '%') || strchr(host, '_'));
}

static const char *from_where(const char *host)
{
	return strspn(host, "%") == strlen(host) ? "from anywhere" : "from a range of hosts";
}

/* `from`: NULL: it does not matter. */
static void add_what(struct buf *out, const char *what, const char *from)
{
	buf_addf(out, "%s%s%s%s", out->len ? "; " : "", what, from ? ", " : "", from ? from : "");
}

/* Whether it can log in at all. */
static bool can_log_in(const struct part *p, unsigned row)
{
	return !yes(p, row, "locked") && !yes(p, row, "is_role");
}

static void judge_account(const struct part *p, unsigned row, struct buf *out)
{
	struct value password = part_cell(p, row, "password");
	const char *host = value_cstr(part_cell(p, row, "host")), *from = from_where(host);
	bool wide = from_elsewhere(host), all = yes(p, row, "all_privileges");
	if (!value_cstr(part_cell(p, row, "user"))[0])
		add_what(out, "anonymous: whoever comes is let in", NULL);
	if (password.type == VALUE_INT && !password.i)
		add_what(out, "no password", NULL);
	if (all && wide)
		add_what(out, "may do everything", from);
	else if (yes(p, row, "super") && wide)
		add_what(out, "SUPER", from);
	if (yes(p, row, "grants") && wide && !all)
		add_what(out, "hands on its privileges", from);
	if (yes(p, row, "file") && wide && !all)
		add_what(out, "reads and writes files of the server", from);
	if (yes(p, row, "expired"))
		add_what(out, "its password has expired", NULL);
	if (strcmp(value_cstr(part_cell(p, row, "plugin")), "mysql_old_password") == 0)
		add_what(out, "a password hash that is broken", NULL);
}

static void add_account(struct report_table *t, const struct part *p, unsigned row, const char *what)
{
	if (t->n_rows >= MOST_ACCOUNTS) {
		t->cut++;
		return;
	}
	report_row(t);
	report_cell(t, ACC_ACCOUNT, part_cell(p, row, "id"));
	report_cell(t, ACC_BY, part_cell(p, row, "plugin"));
	report_cell(t, ACC_TLS, part_cell(p, row, "tls"));
	report_cell(t, ACC_WHAT, value_str(what));
}

static void add_accounts(struct report_section *s, const struct report_input *in)
{
	const struct part *p = report_part(s, in, PART_ACCOUNTS);
	unsigned locked = 0, native = 0, all = 0, people = 0;
	if (!p)
		return;
	struct report_table *t = report_table(s, "accounts", "Accounts to look at", account_columns,
					      COUNT_OF(account_columns));
	struct buf what = BUF_INIT;
	for (unsigned i = 0; i < part_rows(p); i++) {
		locked += yes(p, i, "locked");
		if (!can_log_in(p, i))
			continue;
		people++;
		all += yes(p, i, "all_privileges");
		native += strncmp(value_cstr(part_cell(p, i, "plugin")), "mysql_native_password", 21) == 0;
		buf_clear(&what);
		judge_account(p, i, &what);
		if (what.len)
			add_account(t, p, i, buf_str(&what));
	}
	buf_release(&what);
	if (!t->n_rows)
		report_advise(s, "No account stands out: each has a password or another proof, and none may do "
				 "everything from anywhere.");
	report_fact(s, "accounts that can log in", UNIT_COUNT, value_int(people), NULL);
	report_fact(s, "of these may do everything", UNIT_COUNT, value_int(all), NULL);
	report_fact(s, "by mysql_native_password", UNIT_COUNT, value_int(native),
		    native ? "SHA-1: caching_sha2_password or ed25519 instead" : NULL);
	report_fact(s, "locked", UNIT_COUNT, value_int(locked), NULL);
	if (part_rows_cut(p))
		report_note(s, "The first %u accounts were looked at; %u more were left out.", part_rows(p),
			    part_rows_cut(p));
}

/* --- the wire, and settings ---------------------------------------------------------------------------- */

static bool is_on(struct value v)
{
	return v.type == VALUE_TEXT ? strcasecmp(v.s, "ON") == 0 || strcasecmp(v.s, "YES") == 0
				    : value_integer(v, 0) != 0;
}

/* "TLSv1" or "TLSv1.1" among them. */
static bool has_old_tls(const char *versions)
{
	for (const char *p = versions; (p = strstr(p, "TLSv1")); p += 5)
		if (p[5] != '.' || p[6] == '0' || p[6] == '1')
			return true;
	return false;
}

static void fact(struct report_section *s, const char *name, struct value v, const char *note)
{
	if (v.type == VALUE_ABSENT)
		return;
	if (v.type == VALUE_TEXT && !v.len)
		v = value_str("(empty)");
	report_fact(s, name, UNIT_NONE, v, note);
}

static void add_tls(struct report_section *s, const struct report_input *in)
{
	struct value have = report_variable(in, "have_ssl"), cert = report_variable(in, "ssl_cert");
	struct value versions = report_variable(in, "tls_version");
	struct value required = report_variable(in, "require_secure_transport");
	bool off = have.type == VALUE_TEXT && strcasecmp(have.s, "YES") != 0;
	/* MySQL from 8.4 on makes its own certificate, and has no have_ssl. */
	if (off)
		fact(s, "TLS", have, "clients can only talk in clear");
	else
		fact(s, "TLS", value_str(have.type == VALUE_TEXT || cert.type == VALUE_TEXT ? "on" : "unknown"), NULL);
	fact(s, "TLS versions", versions,
	     has_old_tls(value_cstr(versions)) ? "TLS before 1.2 is broken" : NULL);
	fact(s, "require_secure_transport", required,
	     required.type != VALUE_ABSENT && !is_on(required)
		     ? "clients may send passwords and data in clear, unless their account asks for TLS" : NULL);
	fact(s, "ssl_ca", report_variable(in, "ssl_ca"), NULL);
	fact(s, "ssl_cert", cert, NULL);
	struct value ends = report_status(in, "Ssl_server_not_after");
	if (ends.len) /* empty until somebody has connected with TLS */
		fact(s, "certificate ends", ends, NULL);
	report_fact_text(s, "this connection", "%s", in->now->server.socket ? "by the socket"
			 : in->now->server.cipher[0] ? in->now->server.cipher : "in clear");
}

static void add_settings(struct report_section *s, const struct report_input *in)
{
	struct value local = report_variable(in, "local_infile");
	struct value files = report_variable(in, "secure_file_priv");
	struct value trust = report_variable(in, "log_bin_trust_function_creators");
	fact(s, "bind_address", report_variable(in, "bind_address"), NULL);
	fact(s, "local_infile", local, is_on(local) ? "clients can be made to send their files" : NULL);
	fact(s, "secure_file_priv", files, files.type == VALUE_TEXT && !files.len
	     ? "FILE reads and writes anywhere on the host" : NULL);
	fact(s, "log_bin_trust_function_creators", trust, NULL);
	fact(s, "skip_name_resolve", report_variable(in, "skip_name_resolve"), NULL);
	fact(s, "default_password_lifetime", report_variable(in, "default_password_lifetime"), NULL);
}

/* --- plugins ------------------------------------------------------------------------------------------- */

static const struct report_column plugin_columns[] = {
	{.name = "name", .title = "Plugin"}, {.name = "type", .title = "Type"},
	{.name = "status", .title = "Status"}, {.name = "library", .title = "From"},
	{.name = "version", .title = "Version"},
};

static void add_plugins(struct report_section *s, const struct report_input *in)
{
	const struct part *p = report_part(s, in, PART_PLUGINS);
	bool audit = false, quality = false;
	if (!p)
		return;
	struct report_table *t = report_table(s, "plugins", "Plugins of note", plugin_columns,
					      COUNT_OF(plugin_columns));
	for (unsigned i = 0; i < part_rows(p); i++) {
		const char *type = value_cstr(part_cell(p, i, "type"));
		bool active = strcmp(value_cstr(part_cell(p, i, "status")), "ACTIVE") == 0;
		audit |= active && strcmp(type, "AUDIT") == 0 && part_cell(p, i, "library").type == VALUE_TEXT;
		quality |= active && strstr(type, "PASSWORD") != NULL;
		report_row(t);
		for (unsigned c = 0; c < COUNT_OF(plugin_columns); c++)
			report_cell(t, c, part_cell(p, i, plugin_columns[c].name));
	}
	report_say(s, "%s checks how good passwords are; %s writes down who did what. (Components of MySQL are not "
		   "in this list.)", quality ? "A plugin" : "No plugin", audit ? "a plugin" : "no plugin");
}

static void build(struct report_section *s, const struct report_input *in)
{
	add_tls(s, in);
	add_settings(s, in);
	add_accounts(s, in);
	add_plugins(s, in);
}

const struct report_builder report_security = {
	.id = "security",
	.title = "Security",
	.needs = PART_BIT(PART_ACCOUNTS) | PART_BIT(PART_PLUGINS) | PART_BIT(PART_VARIABLES) |
		 PART_BIT(PART_STATUS),
	.build = build,
};
