/*
 * Logging in, in OpenSSH's order: the keys of the agent, the identity files, what the server asks for,
 * a password. A key is offered before anything is signed with it, so that nobody is asked for the
 * passphrase of a key that would not do.
 */
#include "io/sshimpl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "parse/sshkey.h"

struct login {
	struct ssh_try *t;
	struct ssh_agent agent;
	char place[400];      /* "me@db1" */
	char *methods;        /* that the server takes: "publickey,password" */
	struct buf tried;     /* what was offered, for people */
	bool done, asked, lost;
	bool signed_once;     /* with a key that the server knows: it may want something else besides */
	char beyond[256];     /* a key that libssh2 cannot use, and why */
	bool answered;        /* a prompt was */
	struct shell_question prompt; /* the first one without an answer */
};

/* --- words ----------------------------------------------------------------------------------- */

static void note(struct login *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void note(struct login *l, const char *fmt, ...)
{
	va_list ap;

	if (l->tried.len)
		buf_adds(&l->tried, ", ");
	va_start(ap, fmt);
	buf_vaddf(&l->tried, fmt, ap);
	va_end(ap);
}

static void note_beyond(struct login *l, const char *key, const char *why)
{
	if (!*l->beyond)
		snprintf(l->beyond, sizeof l->beyond, "%.120s: %.120s", key, why);
}

static bool has_method(const struct login *l, const char *name)
{
	const char *at = l->methods;
	size_t n = strlen(name);

	while (at && *at) {
		size_t len = strcspn(at, ",");
		if (len == n && strncmp(at, name, n) == 0)
			return true;
		at += len + (at[len] == ',');
	}
	return false;
}

/* What cannot be used, by its type; NULL: nothing. */
static const char *beyond_library(const char *type)
{
	if (strstr(type, "-cert-v0"))
		return "libssh2 cannot log in with certificates";
	if (strncmp(type, "sk-", 3) == 0)
		return "libssh2 cannot use FIDO keys";
	if (strcmp(type, "ssh-dss") == 0)
		return "servers no longer take DSA";
	return NULL;
}

static bool is_lost(const struct login *l)
{
	const struct ssh_session *s = l->t->session;
	return s->closed || s->no || *s->goodbye;
}

/* The end of one try with a key: true when the matter is decided. */
static bool settle(struct login *l, int rc, const char *type, const char *key)
{
	if (rc == 0) {
		shell_tell(l->t->a, "ssh-login", true, key);
		return l->done = true;
	}
	if (rc == LIBSSH2_ERROR_EAGAIN) {
		ssh_timed_out(l->t, "logging in");
		return l->lost = true;
	}
	if (is_lost(l))
		return l->lost = true;
	if (strcmp(type, "ssh-rsa") == 0 && !ssh_library_has_rsa_sha2()) {
		char why[128];
		snprintf(why, sizeof why, "libssh2 %s signs RSA with SHA-1 only, which servers refuse",
			 libssh2_version(0));
		note_beyond(l, key, why);
	}
	note(l, "%s", key);
	return false;
}

/* --- keys ------------------------------------------------------------------------------------ */

struct signing {
	struct login *login;
	const struct ssh_agent_key *key; /* NULL: only ask whether the server would take it */
	bool wanted;
};

static LIBSSH2_USERAUTH_PUBLICKEY_SIGN_FUNC(on_sign)
{
	struct signing *s = *abstract;
	(void)session;

	s->wanted = true;
	if (!s->key)
		return -1;
	*sig = ssh_agent_sign(&s->login->agent, s->key, data, data_len, sig_len);
	return *sig ? 0 : -1;
}

static int offer(struct login *l, struct signing *s, const unsigned char *blob, size_t n)
{
	struct ssh_try *t = l->t;
	void *arg = s;
	int rc;

	SSH_AWAIT(t->session, t->a->deadline, rc,
		  libssh2_userauth_publickey(t->session->raw, t->host->user, blob, n, on_sign, &arg));
	return rc;
}

static bool try_agent_key(struct login *l, const struct ssh_agent_key *k)
{
	struct signing s = {.login = l, .key = k};
	char type[SSH_KEY_TYPE_SIZE], text[384];
	const char *beyond;
	int rc;

	ssh_key_type(k->blob, k->n, type);
	snprintf(text, sizeof text, "%s key %s of the agent", ssh_key_title(type), k->comment);
	if ((beyond = beyond_library(type))) {
		note_beyond(l, text, beyond);
		return false;
	}
	rc = offer(l, &s, k->blob, k->n);
	l->signed_once |= s.wanted && rc == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED;
	if (rc && s.wanted && rc == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED)
		snprintf(text + strlen(text), sizeof text - strlen(text), " (it did not sign)");
	return settle(l, rc, type, text);
}

/* One identity file. */
struct identity {
	const char *path;
	struct buf text, public;
	struct ssh_private_key key;
};

static void identity_release(struct identity *i)
{
	if (i->text.s)
		mem_wipe(i->text.s, i->text.cap);
	buf_release(&i->text);
	buf_release(&i->public);
}

/* False: it cannot be used, and why is noted. */
static bool identity_read(struct login *l, struct identity *i)
{
	char path[600];
	struct buf text = BUF_INIT;
	struct stat st;

	if (!ssh_read_file(i->path, &i->text)) {
		if (errno != ENOENT || l->t->host->identities_named)
			note(l, "%s (%s)", i->path, strerror(errno));
		return false;
	}
	if (stat(i->path, &st) == 0 && st.st_uid == getuid() && st.st_mode & (S_IRWXG | S_IRWXO)) {
		note(l, "%s (left out: others may read it, chmod 600 makes it private)", i->path);
		return false;
	}
	if (!ssh_private_key_read(buf_str(&i->text), i->text.len, &i->key, &i->public)) {
		note(l, "%s (no private key)", i->path);
		return false;
	}
	snprintf(path, sizeof path, "%s.pub", i->path);
	if (!i->public.len && ssh_read_file(path, &text))
		ssh_public_key_read(buf_str(&text), text.len, &i->public);
	if (!*i->key.type && i->public.len)
		ssh_key_type((const unsigned char *)i->public.s, i->public.len, i->key.type);
	buf_release(&text);
	return true;
}

static bool ask_for_passphrase(struct login *l, const struct identity *i, bool again)
{
	struct ssh_try *t = l->t;

	ssh_fail(t, ERR_LOGIN, "put it into the agent (ssh-add), or connect where fathom can ask",
		 again ? "that is not the passphrase of %s" : "%s needs its passphrase", i->path);
	ssh_ask(t, QUESTION_PASSPHRASE, false, i->path, "%sPassphrase of %s",
		again ? "Not the right one. " : "", i->path);
	return l->asked = true;
}

/* Whether the server would take the key. */
static bool is_welcome(struct login *l, const struct identity *i, int *rc)
{
	struct signing s = {.login = l};

	*rc = offer(l, &s, (const unsigned char *)i->public.s, i->public.len);
	return s.wanted;
}

static bool try_identity(struct login *l, struct identity *i)
{
	struct ssh_try *t = l->t;
	const char *passphrase = NULL, *beyond = beyond_library(i->key.type);
	char text[640];
	int rc;

	snprintf(text, sizeof text, "%s key %s", ssh_key_title(i->key.type), i->path);
	if (beyond) {
		note_beyond(l, text, beyond);
		return false;
	}
	if (i->key.encrypted) {
		passphrase = ssh_answer(t, QUESTION_PASSPHRASE, i->path, "");
		if (!passphrase && i->public.len && !is_welcome(l, i, &rc))
			return settle(l, rc, i->key.type, text);
		if (!passphrase)
			return ask_for_passphrase(l, i, false);
	}
	SSH_AWAIT(t->session, t->a->deadline, rc,
		  libssh2_userauth_publickey_frommemory(t->session->raw, t->host->user,
							strlen(t->host->user), NULL, 0, i->text.s,
							i->text.len, passphrase));
	/* The library has several words for a key that it could not open. */
	if (rc && passphrase && rc != LIBSSH2_ERROR_EAGAIN && rc != LIBSSH2_ERROR_AUTHENTICATION_FAILED &&
	    rc != LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED && !is_lost(l))
		return ask_for_passphrase(l, i, true);
	l->signed_once |= rc == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED;
	return settle(l, rc, i->key.type, text);
}

/* A certificate beside a key is what the server may want. */
static void look_for_certificate(struct login *l, const char *path)
{
	char beside[600];

	snprintf(beside, sizeof beside, "%s-cert.pub", path);
	if (access(beside, F_OK) == 0)
		note_beyond(l, beside, "libssh2 cannot log in with certificates");
}

static bool is_of_agent(const struct login *l, const struct buf *public, unsigned *at)
{
	for (unsigned i = 0; i < l->agent.n; i++) {
		const struct ssh_agent_key *k = &l->agent.keys[i];
		if (k->n == public->len && memcmp(k->blob, public->s, k->n) == 0) {
			*at = i;
			return true;
		}
	}
	return false;
}

/* The agent's keys that are named by a file, then its others, then the files. --ssh-identity first
   of all: a server hangs up after a few keys. */
static bool try_keys(struct login *l)
{
	const struct ssh_host *h = l->t->host;
	const struct ssh_words *paths = &h->identities;
	struct identity *ids = xcalloc(paths->n + 1, sizeof *ids);
	bool *usable = xcalloc(paths->n + 1, sizeof *usable), decided = false;
	bool *used = xcalloc(l->agent.n + 1, sizeof *used);
	bool first = l->t->a->target->value[SETTING_SSH_IDENTITY] != NULL;
	unsigned at;

	for (unsigned i = 0; i < paths->n; i++) {
		ids[i].path = paths->of[i];
		usable[i] = identity_read(l, &ids[i]);
	}
	for (unsigned i = 0; i < paths->n && !decided; i++) {
		if (usable[i] && ids[i].public.len && is_of_agent(l, &ids[i].public, &at) && !used[at]) {
			used[at] = true;
			usable[i] = false;
			decided = try_agent_key(l, &l->agent.keys[at]);
		} else if (usable[i] && i == 0 && first) {
			usable[i] = false;
			decided = try_identity(l, &ids[i]);
		}
	}
	for (unsigned i = 0; i < l->agent.n && !decided && !h->only_identities; i++)
		if (!used[i])
			decided = try_agent_key(l, &l->agent.keys[i]);
	for (unsigned i = 0; i < paths->n; i++) {
		if (usable[i] && !decided)
			decided = try_identity(l, &ids[i]);
		if (!decided)
			look_for_certificate(l, ids[i].path);
		identity_release(&ids[i]);
	}
	free(ids);
	free(usable);
	free(used);
	return decided;
}

static void open_agent(struct login *l)
{
	const char *why, *path = l->t->host->agent;

	l->agent.fd = -1;
	if (path && !ssh_agent_open(&l->agent, path, l->t->a->deadline, &why))
		note(l, "the agent at %s (%s)", path, why);
}

/* --- what the server asks for ------------------------------------------------------------------ */

/* Its instruction and its question, on one line. */
static void add_prompt(struct buf *out, const char *instruction, int n_instruction,
		       const LIBSSH2_USERAUTH_KBDINT_PROMPT *p)
{
	buf_add(out, instruction, n_instruction > 0 ? (size_t)n_instruction : 0);
	if (out->len)
		buf_addc(out, ' ');
	buf_add(out, p->text, p->length);
	while (out->len && strchr(" :\n", out->s[out->len - 1]))
		out->s[--out->len] = '\0';
	for (size_t i = 0; i < out->len; i++)
		if ((unsigned char)out->s[i] < ' ')
			out->s[i] = ' ';
}

static LIBSSH2_USERAUTH_KBDINT_RESPONSE_FUNC(on_prompts)
{
	struct ssh_session *session = *abstract;
	struct login *l = session->login;
	(void)name;
	(void)name_len;

	for (int i = 0; i < num_prompts; i++) {
		struct buf text = BUF_INIT;
		const char *answer;
		add_prompt(&text, instruction, instruction_len, &prompts[i]);
		answer = ssh_answer(l->t, QUESTION_PROMPT, l->place, buf_str(&text));
		responses[i].text = strdup(answer ? answer : "");
		responses[i].length = answer ? (unsigned)strlen(answer) : 0;
		l->answered |= answer != NULL;
		if (!answer && !l->prompt.kind) {
			l->prompt = (struct shell_question){.kind = QUESTION_PROMPT,
							    .echo = prompts[i].echo};
			snprintf(l->prompt.text, sizeof l->prompt.text, "%s", buf_str(&text));
		}
		buf_release(&text);
	}
	/* An empty answer would count as a failed log-in: hang up, and ask. */
	if (l->prompt.kind)
		session->dead = true;
}

static bool ask_prompt(struct login *l, bool again)
{
	struct ssh_try *t = l->t;

	ssh_fail(t, ERR_LOGIN, "connect where fathom can ask",
		 again ? "%s: the answer was not accepted" : "%s: the server asks: %s", l->place,
		 l->prompt.text);
	ssh_ask(t, QUESTION_PROMPT, l->prompt.echo, l->place, "%s%s", again ? "Not accepted. " : "",
		l->prompt.text);
	return l->asked = true;
}

static bool try_prompts(struct login *l)
{
	struct ssh_try *t = l->t;
	int rc;

	t->session->login = l;
	SSH_AWAIT(t->session, t->a->deadline, rc,
		  libssh2_userauth_keyboard_interactive_ex(t->session->raw, t->host->user,
							   (unsigned)strlen(t->host->user),
							   on_prompts));
	t->session->login = NULL;
	if (l->prompt.kind)
		return ask_prompt(l, false);
	if (rc == LIBSSH2_ERROR_AUTHENTICATION_FAILED && l->answered) {
		/* Asked for once more. */
		const struct shell_answers *a = t->a->answers;
		for (unsigned i = a->n; i-- > 0 && !l->prompt.kind;)
			if (a->of[i].question.kind == QUESTION_PROMPT)
				l->prompt = a->of[i].question;
		if (strncmp(l->prompt.text, "Not accepted. ", 14) == 0)
			memmove(l->prompt.text, l->prompt.text + 14, strlen(l->prompt.text + 14) + 1);
		return ask_prompt(l, true);
	}
	return settle(l, rc, "", "keyboard-interactive");
}

static bool try_password(struct login *l)
{
	struct ssh_try *t = l->t;
	const char *password = ssh_answer(t, QUESTION_PASSWORD, l->place, "");
	int rc = LIBSSH2_ERROR_AUTHENTICATION_FAILED;

	if (password) {
		SSH_AWAIT(t->session, t->a->deadline, rc,
			  libssh2_userauth_password_ex(t->session->raw, t->host->user,
						       (unsigned)strlen(t->host->user), password,
						       (unsigned)strlen(password), NULL));
		if (rc == LIBSSH2_ERROR_PASSWORD_EXPIRED) {
			ssh_fail(t, ERR_LOGIN, "log in with ssh once, and change it",
				 "the password of %s has expired", l->place);
			return l->asked = true;
		}
		if (rc != LIBSSH2_ERROR_AUTHENTICATION_FAILED)
			return settle(l, rc, "", "password");
	}
	ssh_fail(t, ERR_LOGIN, "connect where fathom can ask, or log in with a key",
		 password ? "the password of %s is wrong" : "%s needs a password", l->place);
	ssh_ask(t, QUESTION_PASSWORD, false, l->place, "%sPassword of %s",
		password ? "Not accepted. " : "", l->place);
	return l->asked = true;
}

/* --- all of it ------------------------------------------------------------------------------- */

/* False: there is no list, since we are in, or out. */
static bool list_methods(struct login *l)
{
	struct ssh_try *t = l->t;
	LIBSSH2_SESSION *raw = t->session->raw;
	char *list;

	do {
		list = libssh2_userauth_list(raw, t->host->user, (unsigned)strlen(t->host->user));
	} while (!list && libssh2_session_last_errno(raw) == LIBSSH2_ERROR_EAGAIN &&
		 ssh_session_wait(t->session, t->a->deadline));
	free(l->methods);
	l->methods = xstrdup_null(list);
	if (list)
		return true;
	l->done = libssh2_userauth_authenticated(raw);
	l->lost = !l->done;
	if (l->lost && libssh2_session_last_errno(raw) == LIBSSH2_ERROR_EAGAIN)
		ssh_timed_out(t, "logging in");
	return false;
}

static void log_in(struct login *l)
{
	if (!list_methods(l))
		return;
	if (has_method(l, "publickey") && try_keys(l))
		return;
	/* Some servers want a key and a password. */
	if (l->signed_once && !list_methods(l))
		return;
	/* What a key of ours could do is worth more than asking. */
	if (*l->beyond && has_method(l, "publickey"))
		return;
	if (has_method(l, "keyboard-interactive") && try_prompts(l))
		return;
	if (has_method(l, "password"))
		try_password(l);
}

static bool say_lost(struct login *l)
{
	char why[256];

	if (l->t->err && l->t->err->kind == ERR_TIMEOUT)
		return false;
	ssh_session_error(l->t->session, why, sizeof why);
	return ssh_fail(l->t, ERR_LOGIN,
			strstr(why, "Too many") ? "name the right key with --ssh-identity, or set "
						  "IdentitiesOnly in the ssh configuration"
						: NULL,
			"%s: the server hung up while we logged in (%s)%s%s", l->place, why,
			l->tried.len ? "; tried: " : "", buf_str(&l->tried));
}

static bool say_refused(struct login *l)
{
	if (*l->beyond)
		return ssh_offer_child(l->t, "%s cannot be used: %s", l->place, l->beyond);
	return ssh_fail(l->t, ERR_LOGIN, "see the user's authorized_keys on the host, or name another key "
					 "with --ssh-identity",
			"%s: log-in refused; the server takes %s; tried: %s", l->place,
			l->methods ? l->methods : "nothing", l->tried.len ? l->tried.s : "no key");
}

bool ssh_log_in(struct ssh_try *t)
{
	struct login l = {.t = t};
	bool ok;

	snprintf(l.place, sizeof l.place, "%s@%s", t->host->user, t->host->typed);
	open_agent(&l);
	log_in(&l);
	ok = l.done || (l.asked ? false : l.lost ? say_lost(&l) : say_refused(&l));
	ssh_agent_close(&l.agent);
	buf_release(&l.tried);
	free(l.methods);
	return ok;
}
