#include "parse/ssh_says.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct ssh_trouble {
	const char *words; /* part of the line */
	enum err_kind kind;
	enum ssh_step step;
	const char *why;  /* NULL: the line */
	const char *hint; /* NULL: none */
};

/* The first that fits; the more particular ones come first. */
static const struct ssh_trouble troubles[] = {
	{"Could not resolve hostname", ERR_RESOLVE, SSH_STEP_RESOLVE, NULL, "check the host's name in --ssh"},
	{"Name or service not known", ERR_RESOLVE, SSH_STEP_RESOLVE, NULL, "check the host's name in --ssh"},
	{"REMOTE HOST IDENTIFICATION HAS CHANGED", ERR_TLS, SSH_STEP_HOST_KEY,
	 "the host key has changed: this is another machine, or somebody listens in",
	 "if the host was set up anew, remove its old key: ssh-keygen -R HOST"},
	{"REVOKED HOST KEY", ERR_TLS, SSH_STEP_HOST_KEY, "the host key is marked as revoked in known_hosts",
	 "do not connect before its owner has said why"},
	{"and you have requested strict checking", ERR_TLS, SSH_STEP_HOST_KEY, NULL,
	 "ssh to it in a shell, compare the key's fingerprint and accept it there; "
	 "--ssh-transport=libssh2 asks here"},
	{"Host key verification failed", ERR_TLS, SSH_STEP_HOST_KEY, "the host key is not known",
	 "ssh to it in a shell, compare the key's fingerprint and accept it there; "
	 "--ssh-transport=libssh2 asks here"},
	{"Bad owner or permissions", ERR_USAGE, SSH_STEP_RESOLVE, NULL,
	 "nobody else may be able to write to the configuration of ssh"},
	{"Bad configuration option", ERR_USAGE, SSH_STEP_RESOLVE, NULL, "mend the configuration of ssh"},
	{"Can't open user config file", ERR_USAGE, SSH_STEP_RESOLVE, NULL, "--ssh-config names it"},
	{"UNPROTECTED PRIVATE KEY FILE", ERR_LOGIN, SSH_STEP_LOGIN,
	 "others can read the private key file, so ssh does not use it", "chmod 600 it"},
	{"\": Permission denied", ERR_LOGIN, SSH_STEP_LOGIN, NULL,
	 "the account that fathom runs as may not read that key file; --ssh-identity names another"},
	{"Load key ", ERR_LOGIN, SSH_STEP_LOGIN, NULL, "that key cannot be used; --ssh-identity names another"},
	{"not accessible", ERR_LOGIN, SSH_STEP_LOGIN, NULL, "--ssh-identity names another key"},
	{"Too many authentication failures", ERR_LOGIN, SSH_STEP_LOGIN,
	 "the server refused all keys that it let us try",
	 "--ssh-identity and IdentitiesOnly yes in the configuration of ssh say which one is right"},
	{"Permission denied (", ERR_LOGIN, SSH_STEP_LOGIN, NULL,
	 "check user and key; the child ssh asks nothing: a key with a passphrase belongs into the agent (ssh-add), "
	 "passwords work with --ssh-transport=libssh2"},
	{"kex_exchange_identification", ERR_CONNECT, SSH_STEP_HOST_KEY,
	 "the other side ended the connection before it said who it is",
	 "is that an SSH server's port? It may also refuse this address, or have too many log-ins at once"},
	{"banner line contains invalid", ERR_PROTOCOL, SSH_STEP_HOST_KEY, "that is not an SSH server",
	 "check host and port of --ssh"},
	{"Unable to negotiate", ERR_UNSUPPORTED, SSH_STEP_HOST_KEY, NULL,
	 "the configuration of ssh can allow what an old server wants"},
	{"Connection refused", ERR_CONNECT, SSH_STEP_TCP, NULL,
	 "nobody listens there: does sshd run, and is that its port?"},
	{"timed out", ERR_TIMEOUT, SSH_STEP_TCP, NULL, "check host, port, routes and firewalls"},
	{"connect to host", ERR_CONNECT, SSH_STEP_TCP, NULL, "check host, port, routes and firewalls"},
	{"not responding", ERR_LOST, SSH_STEP_LOGIN, "the SSH server stopped answering", NULL},
	{"closed by remote host", ERR_LOST, SSH_STEP_LOGIN, "the SSH server ended the session", NULL},
	{"request failed on channel", ERR_DENIED, SSH_STEP_LOGIN, "the SSH server gives no shell",
	 "this account may be for other things; name another in --ssh"},
	{"onnection closed", ERR_LOST, SSH_STEP_LOGIN, NULL, NULL},
	{"onnection reset", ERR_LOST, SSH_STEP_LOGIN, NULL, NULL},
};

static const char *const step_names[] = {
	[SSH_STEP_RESOLVE] = "ssh-resolve",
	[SSH_STEP_TCP] = "ssh-tcp",
	[SSH_STEP_HOST_KEY] = "ssh-host-key",
	[SSH_STEP_LOGIN] = "ssh-login",
};

const char *ssh_step_name(enum ssh_step step)
{
	return step_names[step];
}

static bool begins(const char *line, const char *words)
{
	return strncmp(line, words, strlen(words)) == 0;
}

/* As much of it as there is room for. */
static void keep(char *to, size_t size, const char *line)
{
	size_t n = strlen(line);
	n = n < size ? n : size - 1;
	memcpy(to, line, n);
	to[n] = '\0';
}

/* "debug1: Connecting to HOST [ADDRESS] port N." */
static void connecting(struct ssh_says *s, const char *what)
{
	memset(s->done, 0, sizeof s->done);
	memset(s->text, 0, sizeof s->text);
	snprintf(s->text[SSH_STEP_TCP], sizeof s->text[0], "connected to %.150s", what);
	snprintf(s->text[SSH_STEP_RESOLVE], sizeof s->text[0], "it is %.150s", what);
	s->done[SSH_STEP_RESOLVE] = true;
}

/* What only -v tells. */
static void progress(struct ssh_says *s, const char *line)
{
	if (begins(line, "Connecting to "))
		connecting(s, line + strlen("Connecting to "));
	else if (begins(line, "Connection established"))
		s->done[SSH_STEP_TCP] = true;
	else if (begins(line, "Server host key: "))
		keep(s->text[SSH_STEP_HOST_KEY], sizeof s->text[0], line + strlen("Server host key: "));
	else if (begins(line, "Host '") && strstr(line, "is known"))
		s->done[SSH_STEP_HOST_KEY] = true;
	else if (begins(line, "mux_client_request_session: "))
		s->shared = true;
	else if (begins(line, "Connection to port ") && strstr(line, " requested"))
		s->refused[0] = '\0'; /* the next one through the tunnel has its own fate */
}

static void authenticated(struct ssh_says *s, const char *line)
{
	const char *by = strstr(line, " using ");
	for (int i = 0; i < N_SSH_STEPS; i++)
		s->done[i] = true;
	snprintf(s->text[SSH_STEP_LOGIN], sizeof s->text[0], "logged in by %.150s",
		 by ? by + strlen(" using ") : "a way unknown");
	s->trouble = NULL; /* one key of many, say */
}

static void note_trouble(struct ssh_says *s, const char *line)
{
	for (size_t i = 0; !s->trouble && i < COUNT_OF(troubles); i++)
		if (strstr(line, troubles[i].words)) {
			s->trouble = &troubles[i];
			keep(s->line, sizeof s->line, line);
		}
}

static bool tells_something(const char *line)
{
	return line[strspn(line, " \t@")] != '\0';
}

static void take_line(struct ssh_says *s, char *line)
{
	const char *failed = strstr(line, "open failed: ");
	size_t n = strlen(line);

	if (n && line[n - 1] == '.')
		line[n - 1] = '\0';
	if (begins(line, "debug1: ")) {
		progress(s, line + strlen("debug1: "));
	} else if (begins(line, "Authenticated to ")) {
		authenticated(s, line);
	} else if (begins(line, "channel ") && failed) {
		keep(s->refused, sizeof s->refused, failed + strlen("open failed: "));
	} else if (!begins(line, "debug") && !begins(line, "OpenSSH_") && tells_something(line)) {
		keep(s->last, sizeof s->last, line);
		note_trouble(s, line);
	}
}

void ssh_says_add(struct ssh_says *s, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n') {
			while (s->n_part && s->part[s->n_part - 1] == '\r')
				s->n_part--;
			s->part[s->n_part] = '\0';
			s->n_part = 0;
			take_line(s, s->part);
		} else if (s->n_part < sizeof s->part - 1) {
			s->part[s->n_part++] = bytes[i] ? bytes[i] : ' ';
		}
	}
}

enum ssh_step ssh_says_failed(const struct ssh_says *s)
{
	if (s->trouble)
		return s->trouble->step;
	for (int i = 0; i < N_SSH_STEPS; i++)
		if (!s->done[i])
			return (enum ssh_step)i;
	return SSH_STEP_LOGIN;
}

bool ssh_says_error(const struct ssh_says *s, struct err *e)
{
	const struct ssh_trouble *t = s->trouble;
	const char *key = s->text[SSH_STEP_HOST_KEY];
	if (t && t->kind == ERR_TLS && *key)
		err_setf(e, t->kind, NULL, t->hint, "%s; it is %s", t->why ? t->why : s->line, key);
	else if (t)
		err_set(e, t->kind, NULL, t->why ? t->why : s->line, t->hint);
	else
		err_set(e, ERR_LOST, NULL, s->last[0] ? s->last : "it ended without a word", NULL);
	return t != NULL;
}
