/* The sampler and jobs through an SSH tunnel, on real servers: what comes and goes with the session. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "collect/processlist.h"
#include "collect/self.h"
#include "engine/kill.h"
#include "io/child.h"
#include "io/db.h"
#include "io/rawdb.h"
#include "io/tunnel.h"
#include "tests/servers/server.h"
#include "tests/servers/sshd.h"
#include "tests/unit/enginerig.h"

static struct rig rig;
static char home[64];
/* Each test runs through each: where it can, through both at the same time, as targets of one sampler. */
static const char *const transports[] = {"ssh", "libssh2"};
enum { BOTH = COUNT_OF(transports) };

static struct target *through(const struct server *s, const char *transport, const char *ssh)
{
	struct target *t = TARGET("ssh", ssh, "ssh-config", "$FATHOM_SSHD_CONFIG", "ssh-transport", transport,
				  "ssh-tunnel", "1", "user", "full", "password", "full");
	struct err e;
	target_set(t, SETTING_PORT, s->port, "test");
	assert_true(tunnel_prepare(t, &e));
	return t;
}

/* With the targets that were added. */
static void start_all(part_mask parts)
{
	rig_start(&rig);
	rig.jobs = jobs_new(rig.box, (const struct target *const *)rig.targets, rig.n);
	for (unsigned i = 0; i < rig.n; i++)
		rig_demand(&rig, i, parts, 0.2);
}

static void start(struct target *t)
{
	rig_add_target(&rig, t);
	start_all(PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_STATUS) | PART_BIT(PART_SELF));
}

static void start_both(const struct server *s, const char *ssh, part_mask parts)
{
	for (unsigned i = 0; i < BOTH; i++)
		rig_add_target(&rig, through(s, transports[i], ssh));
	start_all(parts);
}

static void it_is_sampled(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		start_both(s, "main", PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_STATUS) | PART_BIT(PART_SELF));
		for (unsigned i = 0; i < BOTH; i++) {
			rig_wait_ok(&rig, i, PART_PROCESSLIST);
			const struct snapshot *snap = rig_wait_later(&rig, i, PART_STATUS, clock_mono_ns());
			assert_int_equal(snap->server.flavor == FLAVOR_MARIADB, !s->mysql);
			assert_int_equal(snap->host.state, LINK_LIVE);
		}
		rig_stop(&rig);
	}
}

/* --- a host whose load cannot be read --------------------------------------------------------------- */

static bool host_is_down(const struct rig *r, unsigned target, const void *words)
{
	const struct snapshot *s = r->last[target];
	return s && s->host.state == LINK_DOWN && s->host.note && strstr(s->host.note->err.why, words);
}

static bool is_cut_off(const struct rig *r, unsigned target, const void *arg)
{
	const struct snapshot *s = r->last[target];
	(void)arg;
	return s && s->link == LINK_DOWN && s->host.state == LINK_DOWN;
}

static void start_with_host(const struct server *s, const char *transport, const char *ssh)
{
	rig_add_target(&rig, through(s, transport, ssh));
	rig_start(&rig);
	rig_demand(&rig, 0, PART_BIT(PART_STATUS) | PART_BIT(PART_HOST_CPU), 0.2);
}

static void one_that_tells_nothing_still_carries(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		int64_t id[BOTH];
		start_both(s, "bare", PART_BIT(PART_STATUS) | PART_BIT(PART_HOST_CPU));
		for (unsigned i = 0; i < BOTH; i++) {
			id[i] = rig_wait_ok(&rig, i, PART_STATUS)->server.connection_id;
			const struct snapshot *snap = rig_wait(&rig, i, host_is_down, "FATHOM_ROOT");
			assert_non_null(strstr(part_reason(snap->parts[PART_HOST_CPU]), "FATHOM_ROOT"));
		}
		for (unsigned n = 0; n < 5; n++)
			for (unsigned i = 0; i < BOTH; i++)
				rig_wait_later(&rig, i, PART_STATUS, clock_mono_ns());
		for (unsigned i = 0; i < BOTH; i++) {
			assert_int_equal(rig.last[i]->server.connection_id, id[i]);
			assert_int_equal(rig.last[i]->host.state, LINK_DOWN);
		}
		rig_stop(&rig);
	}
}

/* Log-ins that give no shell: one is told so, others are answered by something else. */
static const struct shell_less {
	const char *ssh, *words[BOTH]; /* of ssh, of libssh2 */
} shell_less[] = {
	{"closed", {"go away", "go away"}},
	{"sftp", {"no POSIX shell answers", "it ended"}},
	{"menu", {"1) backup", "1) backup"}},
};
enum { SHELL_LESS = BOTH * COUNT_OF(shell_less) };

/* Each is told once; the next attempt may find other words for it. */
static bool all_are_told(const struct rig *r, unsigned target, const void *arg)
{
	static bool told[SHELL_LESS];
	unsigned n = 0;
	(void)target;
	(void)arg;
	for (unsigned k = 0; k < SHELL_LESS; k++) {
		const struct snapshot *s = r->last[k];
		if (!told[k] && host_is_down(r, k, shell_less[k / BOTH].words[k % BOTH])) {
			told[k] = true;
			print_message("# %s, %s: %s: %s; %s\n", transports[k % BOTH], shell_less[k / BOTH].ssh,
				      s->host.note->err.what, s->host.note->err.why, s->host.note->err.hint);
			assert_int_equal(part_status(s->parts[PART_HOST_CPU]), PART_FAILED);
		}
		n += told[k];
	}
	return n == SHELL_LESS;
}

static void one_without_a_shell_carries(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		int64_t id[SHELL_LESS];
		for (size_t k = 0; k < SHELL_LESS; k++)
			rig_add_target(&rig, through(s, transports[k % BOTH], shell_less[k / BOTH].ssh));
		start_all(PART_BIT(PART_STATUS) | PART_BIT(PART_HOST_CPU));
		for (unsigned k = 0; k < SHELL_LESS; k++)
			id[k] = rig_wait_ok(&rig, k, PART_STATUS)->server.connection_id;
		rig_wait(&rig, 0, all_are_told, NULL);
		for (unsigned n = 0; n < 3; n++)
			for (unsigned k = 0; k < SHELL_LESS; k++)
				rig_wait_later(&rig, k, PART_STATUS, clock_mono_ns());
		for (unsigned k = 0; k < SHELL_LESS; k++) {
			assert_int_equal(rig.last[k]->server.connection_id, id[k]);
			assert_int_not_equal(rig.last[k]->host.state, LINK_LIVE);
		}
		rig_stop(&rig);
		break; /* another server makes no difference */
	}
}

/* A connection that the person's ssh shares (ControlMaster); `key` is what the configuration names for those that
   it opens itself. */
struct shared {
	char *folder, *config;
};

static void run_ssh(const struct shared *m, const char *words)
{
	char *command = xasprintf("ssh -F %s -i %s/ed25519 %s closed </dev/null >%s/log 2>&1", m->config,
				  sshd_var("KEYS"), words, m->folder);
	assert_int_equal(system(command), 0);
	free(command);
}

static struct shared share(const char *key)
{
	struct shared m = {.folder = xasprintf("%s/shared-%s", getenv("FATHOM_SSHD"), key)};
	m.config = xasprintf("%s/config", m.folder);
	assert_int_equal(mkdir(m.folder, 0700), 0);
	FILE *f = fopen(m.config, "w");
	assert_non_null(f);
	fprintf(f, "Host closed\n\tControlPath %s/s\n\tHostName 127.0.0.1\n\tPort %s\n\tUser %s\n"
		"\tIdentityFile %s/%s\n\tIdentitiesOnly yes\n\tIdentityAgent none\n\tUserKnownHostsFile %s\n",
		m.folder, sshd_var("CLOSED_PORT"), sshd_var("USER"), sshd_var("KEYS"), key,
		sshd_var("KNOWN_HOSTS"));
	fclose(f);
	run_ssh(&m, "-M -N -f");
	return m;
}

static void unshare(struct shared *m)
{
	run_ssh(m, "-O exit");
	free(m->folder);
	free(m->config);
}

/* Over it nothing can be run that is nothing; so the tunnel gets a connection of its own, where that can log in
   by itself. */
static void a_shared_connection_without_a_shell(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		struct shared m = share("ed25519");
		struct target *t = through(s, "ssh", "closed");
		target_set(t, SETTING_SSH_CONFIG, m.config, "test");
		rig_add_target(&rig, t);
		rig_start(&rig);
		rig_demand(&rig, 0, PART_BIT(PART_STATUS) | PART_BIT(PART_HOST_CPU), 0.2);
		rig_wait_ok(&rig, 0, PART_STATUS);
		const struct snapshot *snap = rig_wait(&rig, 0, host_is_down, "go away");
		assert_int_equal(snap->link, LINK_LIVE);
		rig_stop(&rig);
		unshare(&m);

		m = share("stranger");
		t = through(s, "ssh", "closed");
		target_set(t, SETTING_SSH_CONFIG, m.config, "test");
		rig_add_target(&rig, t);
		rig_start(&rig);
		rig_demand(&rig, 0, PART_BIT(PART_STATUS) | PART_BIT(PART_HOST_CPU), 0.2);
		snap = rig_wait(&rig, 0, host_is_down, "a connection of its own");
		assert_non_null(strstr(snap->host.note->err.why, "go away"));
		assert_non_null(strstr(snap->host.note->err.hint, "--ssh-transport=libssh2"));
		print_message("# %s: %s; %s\n", snap->host.note->err.what, snap->host.note->err.why,
			      snap->host.note->err.hint);
		rig_stop(&rig);
		unshare(&m);
		break; /* another server makes no difference */
	}
}

/* Such a session goes and comes, too. */
static void it_comes_back_without_a_shell(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		start(through(s, "ssh", "closed"));
		rig_wait_later(&rig, 0, PART_STATUS, rig_wait_ok(&rig, 0, PART_STATUS)->mono);
		sshd_signal("closed", "KILL");
		rig_wait(&rig, 0, is_cut_off, NULL);
		sshd_restart("closed");
		sampler_refresh(rig.sampler, 0);
		rig_wait_later(&rig, 0, PART_STATUS, clock_mono_ns());
		rig_stop(&rig);
		break;
	}
}

/* The server's connection does not notice, and another shell is soon up. */
static void a_shell_that_dies_comes_back(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		start_with_host(s, "libssh2", "main");
		int64_t id = rig_wait_ok(&rig, 0, PART_STATUS)->server.connection_id;
		rig_wait_ok(&rig, 0, PART_HOST_CPU);
		sshd_signal_shells("main", "KILL");
		rig_wait(&rig, 0, host_is_down, "it ended");
		sampler_refresh(rig.sampler, 0);
		const struct snapshot *snap = rig_wait_later(&rig, 0, PART_HOST_CPU, clock_mono_ns());
		assert_int_equal(snap->host.state, LINK_LIVE);
		assert_int_equal(snap->server.connection_id, id);
		assert_int_equal(snap->link, LINK_LIVE);
		rig_stop(&rig);
	}
}

/* One that hangs is given up while the session, by which the server answers, goes on. */
static void a_shell_that_hangs_is_given_up(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		start_with_host(s, "libssh2", "main");
		int64_t id = rig_wait_ok(&rig, 0, PART_STATUS)->server.connection_id;
		rig_wait_ok(&rig, 0, PART_HOST_CPU);
		sshd_signal_shells("main", "STOP");
		const struct snapshot *snap = rig_wait(&rig, 0, host_is_down, "was given up");
		assert_int_equal(part_status(snap->parts[PART_HOST_CPU]), PART_STALE);
		assert_int_equal(snap->link, LINK_LIVE);
		sampler_refresh(rig.sampler, 0);
		snap = rig_wait_later(&rig, 0, PART_HOST_CPU, clock_mono_ns());
		assert_int_equal(snap->host.state, LINK_LIVE);
		assert_int_equal(snap->server.connection_id, id);
		rig_stop(&rig);
		sshd_signal_shells("main", "KILL");
		break; /* another server makes no difference, and it takes its time */
	}
}

/* --- a kill ---------------------------------------------------------------------------------------- */

static int victim_row(const struct rig *r, int64_t id)
{
	const struct part *p = rig_part(r, 0, PART_PROCESSLIST);
	return p ? part_find(p, value_int(id)) : -1;
}

static bool is_seen(const struct rig *r, unsigned target, const void *arg)
{
	(void)target;
	return victim_row(r, *(const int64_t *)arg) >= 0;
}

static enum kill_outcome outcome;

static void take_outcome(struct job *job, void *owner)
{
	const struct kill_result *r = job->result;
	(void)owner;
	if (!job->progress)
		outcome = r && r->n ? r->fates[0].outcome : KILL_FAILED;
}

static bool job_is_done(const struct rig *r, unsigned target, const void *arg)
{
	(void)target;
	(void)arg;
	return r->jobs_done > 0;
}

static void a_session_is_killed_through_it(void **state)
{
	(void)state;
	EACH_SERVER(s)
	for (size_t i = 0; i < COUNT_OF(transports); i++) {
		struct rawdb_login login = {.socket = s->socket, .user = "root", .timeout_s = 60};
		struct err err = {0};
		struct rawdb *victim = rawdb_open(&login, &err);
		assert_non_null(victim);
		char *text = rawdb_value(victim, "SELECT CONNECTION_ID()", &err);
		int64_t id = strtoll(text, NULL, 10);
		free(text);
		start(through(s, transports[i], "main"));
		const struct snapshot *snap = rig_wait(&rig, 0, is_seen, &id);
		jobs_warm(rig.jobs, 0);
		struct kill_request *r = kill_request_new(KILL_CONNECTION, snap->server.connection_id);
		kill_request_add(r, snap->parts[PART_PROCESSLIST], (unsigned)victim_row(&rig, id));
		struct job *job = kill_job(0, r);
		job->done = take_outcome;
		jobs_submit(rig.jobs, job);
		rig_wait(&rig, 0, job_is_done, NULL);
		assert_int_equal(outcome, KILL_GONE);
		rawdb_close(victim);
		rig_stop(&rig);
	}
}

/* --- sessions that go ------------------------------------------------------------------------------ */

static bool waits_for_ssh(const struct rig *r, unsigned target, const void *arg)
{
	const struct snapshot *s = r->last[target];
	(void)arg;
	return s && s->link == LINK_DOWN && s->host.state == LINK_DOWN && strncmp(s->err.what, "ssh", 3) == 0;
}

static void it_goes_and_comes_with_the_session(void **state)
{
	(void)state;
	EACH_SERVER(s)
	for (size_t i = 0; i < COUNT_OF(transports); i++) {
		start(through(s, transports[i], "main"));
		rig_wait_later(&rig, 0, PART_STATUS, rig_wait_ok(&rig, 0, PART_STATUS)->mono);
		sshd_signal("main", "KILL");
		const struct snapshot *snap = rig_wait(&rig, 0, waits_for_ssh, NULL);
		print_message("# %s: %s; %s\n", snap->err.what, snap->err.why, snap->err.hint);
		/* what was read stays, and says how old it is */
		assert_int_equal(part_status(snap->parts[PART_STATUS]), PART_STALE);
		sshd_restart("main");
		sampler_refresh(rig.sampler, 0);
		rig_wait_later(&rig, 0, PART_STATUS, clock_mono_ns());
		rig_stop(&rig);
	}
}

static bool is_down(const struct rig *r, unsigned target, const void *words)
{
	const struct snapshot *s = r->last[target];
	return s && s->link == LINK_DOWN && strstr(s->err.why, words);
}

static void why_there_is_no_connection_is_said(void **state)
{
	static const struct server nowhere = {.port = "1"};
	static const struct {
		const char *ssh, *words;
	} cases[] = {
		{"main", "the SSH host does not connect us: "},
		{"shut", "the SSH host does not connect us: "},
		{"closed", "the SSH host does not connect us: "},
		{"elsewhere", "the SSH host does not connect us: "},
		{"no.such.host.invalid", "no.such.host.invalid"},
	};
	(void)state;
	for (size_t i = 0; i < BOTH * COUNT_OF(cases); i++)
		rig_add_target(&rig, through(&nowhere, transports[i % BOTH], cases[i / BOTH].ssh));
	start_all(PART_BIT(PART_PROCESSLIST) | PART_BIT(PART_STATUS) | PART_BIT(PART_SELF));
	for (unsigned i = 0; i < BOTH * COUNT_OF(cases); i++) {
		const struct snapshot *s = rig_wait(&rig, i, is_down, cases[i / BOTH].words);
		print_message("# %s: %s: %s; %s\n", transports[i % BOTH], s->err.what, s->err.why,
			      s->err.hint);
	}
	rig_stop(&rig);
}

/* Of the longest turn of the sampler's loop. */
static double loop_gap(unsigned target)
{
	const struct part *self = rig_part(&rig, target, PART_SELF);
	int row = self ? part_find(self, value_str("connection")) : -1;
	return row < 0 ? -1 : value_number(part_get(self, (unsigned)row, SELF_LOOP_GAP), -1);
}

static const struct stmt sixteen_megabytes = {"test/large", "SELECT REPEAT(REPEAT('x', 1024), 16384) AS a",
					      STMT_READ};

static void note_size(void *arg, const struct answer *a)
{
	*(size_t *)arg = a->cells[0] ? strlen(a->cells[0]) : 0;
}

static bool take_columns(void *arg, const struct answer *a)
{
	(void)arg;
	(void)a;
	return true;
}

/* It comes whole, and the samples beside it, which go the same way, still come. */
static void a_large_result_holds_up_nobody(void **state)
{
	static const struct db_sink sizes = {take_columns, note_size};
	(void)state;
	EACH_SERVER(s)
	for (size_t i = 0; i < COUNT_OF(transports); i++) {
		struct target *t = through(s, transports[i], "main");
		struct err e = {0};
		size_t size = 0;
		start(t);
		rig_wait_ok(&rig, 0, PART_STATUS);
		struct db *db = db_connect(t, DB_JOB, in_ms(10000), NULL, NULL, &e);
		if (!db)
			fail_msg("%s: %s", e.what, e.why);
		assert_true(db_run(db, &sixteen_megabytes, NULL, 0, &sizes, &size, in_ms(60000), -1, &e));
		assert_int_equal(size, 16 << 20);
		rig_wait_later(&rig, 0, PART_STATUS, clock_mono_ns());
		rig_wait_later(&rig, 0, PART_SELF, clock_mono_ns());
		print_message("# 16 MB through %s: loop gap %.1f ms\n", transports[i], loop_gap(0));
		db_close(db);
		rig_stop(&rig);
	}
}

/* Its own data gets old, nobody else's; and it comes back on the very same connection. */
static void a_frozen_host_holds_up_nobody(void **state)
{
	(void)state;
	EACH_SERVER(s)
	{
		int64_t id[BOTH];
		for (size_t i = 0; i < BOTH; i++)
			rig_add_target(&rig, through(s, transports[i], "main"));
		rig_add_target(&rig, TARGET("socket", s->socket, "user", "root"));
		start_all(PART_BIT(PART_STATUS) | PART_BIT(PART_SELF));
		for (unsigned i = 0; i < BOTH; i++)
			id[i] = rig_wait_ok(&rig, i, PART_STATUS)->server.connection_id;
		rig_wait_ok(&rig, BOTH, PART_STATUS);
		sshd_signal("main", "STOP");
		for (unsigned i = 0; i < BOTH; i++)
			rig_wait_link(&rig, i, LINK_STALLED);
		for (int n = 0; n < 5; n++)
			rig_wait_later(&rig, BOTH, PART_STATUS, clock_mono_ns());
		print_message("# loop gap %.1f ms\n", loop_gap(BOTH));
		sshd_signal("main", "CONT");
		for (unsigned i = 0; i < BOTH; i++) {
			rig_wait_ok(&rig, i, PART_STATUS);
			assert_int_equal(rig.last[i]->server.connection_id, id[i]);
		}
		rig_stop(&rig);
	}
}

static int setup(void **state)
{
	(void)state;
	if (!sshd_start("main shut 'AllowTcpForwarding no' closed 'ForceCommand echo go away' "
			"sftp 'ForceCommand internal-sftp' menu 'ForceCommand echo 1\\) backup; cat' "
			"elsewhere 'PermitOpen 127.0.0.1:2' "
			"bare 'SetEnv FATHOM_ROOT=/nonexistent'"))
		return -1;
	rig_state_home(home);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sshd_stop();
	tunnel_clean_up();
	child_reap(INT64_MAX);
	rig_state_home_free(home);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_sampled),
		cmocka_unit_test(one_that_tells_nothing_still_carries),
		cmocka_unit_test(one_without_a_shell_carries),
		cmocka_unit_test(a_shared_connection_without_a_shell),
		cmocka_unit_test(it_comes_back_without_a_shell),
		cmocka_unit_test(a_shell_that_dies_comes_back),
		cmocka_unit_test(a_shell_that_hangs_is_given_up),
		cmocka_unit_test(a_session_is_killed_through_it),
		cmocka_unit_test(it_goes_and_comes_with_the_session),
		cmocka_unit_test(why_there_is_no_connection_is_said),
		cmocka_unit_test(a_large_result_holds_up_nobody),
		cmocka_unit_test(a_frozen_host_holds_up_nobody),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
