/* Jobs and kills against servers that play scripts. */
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "collect/processlist.h"
#include "engine/audit.h"
#include "engine/alert.h"
#include "engine/kill.h"
#include "engine/statefile.h"
#include "io/child.h"
#include "tests/unit/enginerig.h"

#define MARIADB "version 10.11.6-MariaDB\n"
#define SESSIONS                                                                                   \
	"table information_schema.PROCESSLIST ID USER HOST DB COMMAND STATE TIME_MS INFO_BINARY "  \
	"QUERY_ID\n"
#define NOBODY                                                                                     \
	"table information_schema.INNODB_TRX trx_mysql_thread_id trx_state trx_rows_modified\n"
#define VICTIM(query_id, command, info)                                                            \
	" row ID=812 USER=app HOST=web1:4000 DB=shop COMMAND=" command " STATE=x TIME_MS=70000"    \
	" INFO_BINARY=" info " QUERY_ID=" query_id "\n"

static struct rig rig;
static char home[64];

static struct fake *start_one(const char *script)
{
	struct fake *f = rig_fake(&rig, script);
	rig.box = mailbox_new();
	rig.jobs = jobs_new(rig.box, (const struct target *const *)rig.targets, rig.n);
	return f;
}

static int setup(void **state)
{
	(void)state;
	rig_state_home(home);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_stop(&rig);
	rig_state_home_free(home);
	return 0;
}

static bool all_done(const struct rig *r, unsigned target, const void *arg)
{
	(void)target;
	return r->jobs_done >= *(const unsigned *)arg;
}

static void wait_done(unsigned n)
{
	rig_wait(&rig, 0, all_done, &n);
}

/* --- jobs as such ----------------------------------------------------------------------------- */

static const struct stmt ask = {"test/ask", "SELECT a FROM t", STMT_READ};

/* What a test job is given and leaves behind; the test owns it. */
struct note {
	_Atomic int64_t connection;
	enum err_kind err;
	unsigned calls, progress;
	char text[64];
	bool twice;
};

static void run_ask(struct job *job, struct db *db)
{
	struct note *n = job->input;
	n->connection = db_server(db)->connection_id;
	job_report(job, "asking");
	db_run(db, &ask, NULL, 0, NULL, NULL, job->deadline, job->cancel_fd, &job->err);
}

static const struct job_kind asking = {"ask", LANE_DETAIL, DB_JOB, 10, run_ask, NULL};

static void run_twice(struct job *job, struct db *db)
{
	run_ask(job, db);
	job->follow = &asking;
}

static const struct job_kind asking_twice = {"ask twice", LANE_WATCH, DB_JOB, 10, run_twice, NULL};

static void take_note(struct job *job, void *owner)
{
	struct note *n = owner;
	if (job->progress) {
		n->progress++;
		snprintf(n->text, sizeof n->text, "%s", job->progress);
		return;
	}
	n->calls++;
	n->err = job->err.kind;
}

static void submit(const struct job_kind *kind, struct note *n)
{
	struct job *job = job_new(kind, 0, n);
	job->done = take_note;
	job->owner = n;
	jobs_submit(rig.jobs, job);
}

static void a_job_runs_reports_and_is_delivered(void **state)
{
	(void)state;
	struct fake *f = start_one(MARIADB "table t a\n row a=1\n");
	struct note n = {0}, again = {0};
	submit(&asking, &n);
	assert_int_equal(jobs_running(rig.jobs), 1);
	wait_done(1);
	assert_int_equal(n.calls, 1);
	assert_int_equal(n.err, ERR_NONE);
	assert_int_equal(n.progress, 1);
	assert_string_equal(n.text, "asking");
	assert_int_equal(jobs_running(rig.jobs), 0);
	/* The next one finds the connection still open. */
	submit(&asking, &again);
	wait_done(2);
	assert_int_equal(again.connection, n.connection);
	assert_int_equal(fake_accepted(f), 1);
}

/* A connection that is open already is all that a kill needs. */
static void a_job_runs_without_a_descriptor_left(void **state)
{
	struct rlimit few, before;
	(void)state;
	struct fake *f = start_one(MARIADB "table t a\n row a=1\n");
	struct note n = {0}, again = {0};
	submit(&asking, &n);
	wait_done(1);
	int next = dup(0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){(rlim_t)next, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	submit(&asking, &again);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	wait_done(2);
	assert_int_equal(again.err, ERR_NONE);
	assert_int_equal(again.connection, n.connection);
	assert_int_equal(fake_accepted(f), 1);
}

static void a_job_may_go_on_as_another_kind(void **state)
{
	(void)state;
	struct fake *f = start_one(MARIADB "table t a\n row a=1\n");
	struct note n = {0};
	submit(&asking_twice, &n);
	wait_done(1);
	assert_int_equal(n.calls, 1);
	assert_int_equal(n.progress, 2);
	assert_int_equal(fake_count(f, "SELECT a"), 2);
}

/* --- the alert command ------------------------------------------------------------------------ */

static struct alert_result alerted;

static void take_alert(struct job *job, void *owner)
{
	(void)owner;
	alerted = *(const struct alert_result *)job->result;
}

static void alert(const char *command, const char *json, double seconds)
{
	struct job *job = alert_job(0, command, xstrdup(json), seconds);
	unsigned before = rig.jobs_done;
	job->done = take_alert;
	jobs_submit(rig.jobs, job);
	wait_done(before + 1);
}

static void an_alert_command_gets_the_finding_and_its_output_goes_nowhere(void **state)
{
	(void)state;
	struct buf command = BUF_INIT;
	char path[] = "/tmp/fathom-alert-XXXXXX", got[64] = "";
	int fd = mkstemp(path);
	start_one(MARIADB);
	buf_addf(&command, "cat >'%s'; echo noise", path);
	alert(buf_str(&command), "{\"id\":\"row-lock-pileup\"}\n", ALERT_SECONDS);
	assert_true(alerted.ok);
	assert_string_equal(alerted.text, "ended well");
	assert_true(read(fd, got, sizeof got - 1) > 0);
	assert_string_equal(got, "{\"id\":\"row-lock-pileup\"}\n");
	/* One that reads nothing is well too; one that fails says so. */
	alert("exec <&-; true", "{}\n", ALERT_SECONDS);
	assert_true(alerted.ok);
	alert("echo no such page >&2; exit 3", "{}\n", ALERT_SECONDS);
	assert_false(alerted.ok);
	assert_string_equal(alerted.text, "ended with status 3: no such page");
	close(fd);
	unlink(path);
	buf_release(&command);
}

static void an_alert_command_that_hangs_is_ended(void **state)
{
	(void)state;
	struct buf command = BUF_INIT;
	char path[] = "/tmp/fathom-alert-XXXXXX", got[64] = "";
	int fd = mkstemp(path);
	start_one(MARIADB);
	buf_addf(&command, "echo $$ >'%s'; exec sleep 1000", path);
	int64_t began = clock_mono_ns();
	alert(buf_str(&command), "{}\n", 0.3);
	assert_false(alerted.ok);
	assert_string_equal(alerted.text, "took longer than 0.3 s, and was ended");
	assert_true(clock_mono_ns() - began >= NS_PER_S * 3 / 10);
	/* It goes at once, but not before we come to look; a busy machine may not even have let it begin. */
	pid_t pid = read(fd, got, sizeof got - 1) > 0 ? (pid_t)strtol(got, NULL, 10) : 0;
	while (pid && kill(pid, 0) == 0 && clock_mono_ns() - began < 60 * NS_PER_S) {
		child_reap(clock_mono_ns());
		usleep(10000);
	}
	assert_true(!pid || kill(pid, 0) < 0);
	close(fd);
	unlink(path);
	buf_release(&command);
}

static void a_job_without_a_server_says_why(void **state)
{
	(void)state;
	start_one("greeting error 1040 Too many connections\n");
	struct note n = {0};
	submit(&asking, &n);
	wait_done(1);
	assert_int_equal(n.err, ERR_TOO_MANY);
	assert_int_equal(n.connection, 0);
}

static void a_dropped_connection_is_not_used_again(void **state)
{
	(void)state;
	struct fake *f = start_one(MARIADB "table t a\n row a=1\n");
	struct note n = {0}, again = {0};
	submit(&asking, &n);
	wait_done(1);
	fake_drop(f);
	submit(&asking, &again);
	wait_done(2);
	assert_int_equal(again.err, ERR_NONE);
	assert_int_equal(fake_accepted(f), 2);
}

static void a_cancelled_job_tells_nobody_and_leaves_nothing_behind(void **state)
{
	(void)state;
	struct fake *f = start_one(MARIADB "on SELECT a FROM t\n hang\n");
	static struct note n, queued[2]; /* workers may see them for longer than this function */
	submit(&asking, &n);
	assert_true(fake_wait(f, "SELECT a FROM t", 1));
	submit(&asking, &queued[0]); /* takes the second worker */
	submit(&asking, &queued[1]); /* waits */
	struct buf script = BUF_INIT;
	buf_addf(&script,
		 MARIADB "on SELECT a FROM t\n hang\n" SESSIONS
			 " row ID=%lld USER=app COMMAND=Query INFO_BINARY=/*\\sfathom\\s*/"
			 "\\sSELECT QUERY_ID=9\n",
		 (long long)n.connection);
	fake_script(f, buf_str(&script));
	jobs_cancel_owner(rig.jobs, &queued[1]);
	jobs_cancel_owner(rig.jobs, &n);
	jobs_cancel_owner(rig.jobs, &queued[0]);
	assert_int_equal(jobs_running(rig.jobs), 0);
	/* The statement is ended on the server. */
	buf_clear(&script);
	buf_addf(&script, "KILL CONNECTION %lld", (long long)n.connection);
	assert_true(fake_wait(f, buf_str(&script), 1));
	buf_release(&script);
	rig_take(&rig);
	assert_int_equal(n.calls + queued[0].calls + queued[1].calls, 0);
}

static void hung_jobs_do_not_hold_up_the_end(void **state)
{
	(void)state;
	struct fake *f = start_one(MARIADB "on SELECT a FROM t\n hang\n");
	static struct note n;
	submit(&asking, &n);
	assert_true(fake_wait(f, "SELECT a FROM t", 1));
	jobs_warm(rig.jobs, 0);
	int64_t began = clock_mono_ns();
	jobs_free(rig.jobs);
	rig.jobs = NULL;
	assert_true(clock_mono_ns() - began < NS_PER_S);
	assert_int_equal(n.calls, 0);
}

/* --- kills ------------------------------------------------------------------------------------ */

/* What the console saw: session 812 runs statement number 5, or sleeps. */
static struct kill_request *request(enum kill_verb verb, const char *command, const char *info)
{
	struct kill_request *r = kill_request_new(verb, 0);
	struct part_builder *b =
		part_builder_new(PART_PROCESSLIST, collect_schema(PART_PROCESSLIST));
	part_row_begin(b);
	part_set(b, PROCESSLIST_ID, value_int(812));
	part_set(b, PROCESSLIST_KIND, value_str("user"));
	part_set(b, PROCESSLIST_USER, value_str("app"));
	part_set(b, PROCESSLIST_HOST, value_str("web1"));
	part_set(b, PROCESSLIST_COMMAND, value_str(command));
	part_set(b, PROCESSLIST_TIME, value_real(60));
	part_set(b, PROCESSLIST_QUERY_ID, value_int(5));
	if (info)
		part_set(b, PROCESSLIST_INFO, value_str(info));
	part_row_end(b);
	struct part *p = part_seal(b, clock_mono_ns(), 0, 0);
	kill_request_add(r, p, 0);
	part_unref(p);
	return r;
}

/* How the last kill ended. */
static struct kill_fate fate;
static enum err_kind kill_err;
static char audit_error[192];
static char progress[160];

static void take_fate(struct job *job, void *owner)
{
	(void)owner;
	if (job->progress) {
		snprintf(progress, sizeof progress, "%s", job->progress);
		return;
	}
	const struct kill_result *r = job->result;
	kill_err = job->err.kind;
	fate = (struct kill_fate){0};
	if (r) {
		fate = r->fates[0];
		memcpy(audit_error, r->audit_error, sizeof audit_error);
	}
}

static void submit_kill(struct kill_request *r)
{
	struct job *job = kill_job(0, r);
	job->done = take_fate;
	progress[0] = audit_error[0] = '\0';
	jobs_submit(rig.jobs, job);
}

/* The audit file's last line; to be released. */
static json_t *last_audit(unsigned *lines)
{
	struct buf path = BUF_INIT;
	assert_true(audit_path(&path));
	FILE *f = fopen(buf_str(&path), "r");
	assert_non_null(f);
	struct stat st;
	fstat(fileno(f), &st);
	assert_int_equal(st.st_mode & 0777, 0600);
	json_t *last = NULL;
	char line[4096];
	*lines = 0;
	while (fgets(line, sizeof line, f)) {
		json_decref(last);
		last = json_loads(line, 0, NULL);
		assert_non_null(last);
		++*lines;
	}
	fclose(f);
	buf_release(&path);
	return last;
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static void another_statement_is_not_killed(void **state)
{
	(void)state;
	struct fake *f = start_one(MARIADB SESSIONS VICTIM("6", "Query", "DELETE\\sy"));
	submit_kill(request(KILL_STATEMENT, "Query", "UPDATE x"));
	wait_done(1);
	assert_int_equal(fate.outcome, KILL_REFUSED);
	assert_true(fate.changed);
	assert_non_null(strstr(fate.text, "DELETE y"));
	/* Nor its connection, unless told so. */
	submit_kill(request(KILL_CONNECTION, "Query", "UPDATE x"));
	wait_done(2);
	assert_int_equal(fate.outcome, KILL_REFUSED);
	assert_int_equal(fake_count(f, "KILL"), 0);
	fake_script(f, MARIADB "on KILL\n once\n ok\n" SESSIONS VICTIM("6", "Query", "DELETE\\sy"));
	struct kill_request *r = request(KILL_CONNECTION, "Query", "UPDATE x");
	r->whatever = true;
	submit_kill(r);
	assert_true(fake_wait(f, "KILL CONNECTION 812", 1));
	fake_script(f, MARIADB SESSIONS);
	wait_done(3);
	assert_int_equal(fate.outcome, KILL_GONE);
}

static void a_statement_is_killed_by_its_number_and_written_down(void **state)
{
	(void)state;
	struct fake *f = start_one(
		MARIADB "on KILL\n ok\n" SESSIONS NOBODY VICTIM("5", "Query", "UPDATE\\sx"));
	/* Rows go to the table before: the victim belongs to the sessions. */
	fake_script(f, MARIADB "on KILL\n ok\n" NOBODY SESSIONS VICTIM("5", "Query", "UPDATE\\sx"));
	submit_kill(request(KILL_STATEMENT, "Query", "UPDATE x"));
	assert_true(fake_wait(f, "KILL QUERY ID 5", 1));
	fake_script(f, MARIADB NOBODY SESSIONS VICTIM("5", "Sleep", "\\N"));
	wait_done(1);
	assert_int_equal(fate.outcome, KILL_ENDED);
	assert_string_equal(audit_error, "");
	unsigned lines;
	json_t *o = last_audit(&lines);
	assert_in_range(lines, 1, 2);
	assert_string_equal(text(o, "action"), "kill-query");
	assert_string_equal(text(o, "statement"), "UPDATE x");
	assert_string_equal(text(o, "user"), "app");
	assert_string_equal(text(o, "target"), "t0");
	assert_string_equal(text(o, "outcome"), "ended");
	assert_int_equal(json_integer_value(json_object_get(o, "id")), 812);
	assert_true(*text(o, "os_user") && *text(o, "time"));
	json_decref(o);
}

static void a_rollback_is_watched(void **state)
{
	(void)state;
#define TRX(rows)                                                                                  \
	"table information_schema.INNODB_TRX trx_mysql_thread_id trx_state trx_rows_modified\n"    \
	" row trx_mysql_thread_id=812 trx_state=ROLLING\\sBACK trx_rows_modified=" rows "\n"
	struct fake *f = start_one(MARIADB "on KILL\n ok\n" TRX("5000")
					   SESSIONS VICTIM("5", "Query", "UPDATE\\sx"));
	submit_kill(request(KILL_CONNECTION, "Query", "UPDATE x"));
	assert_true(fake_wait(f, "KILL CONNECTION 812", 1));
	/* The kill's own look and the watch that follows it. */
	assert_true(fake_wait(f, "SELECT trx_mysql_thread_id", 6));
	rig_take(&rig);
	assert_non_null(strstr(progress, "rolling back: 5,000 rows left"));
	fake_script(f, MARIADB TRX("4000") SESSIONS);
	wait_done(1);
	assert_int_equal(fate.outcome, KILL_GONE);
	assert_int_equal(fate.undone, 5000);
	assert_non_null(strstr(fate.text, "rolled back 5,000 rows in "));
	unsigned lines;
	json_decref(last_audit(&lines));
	assert_int_equal(lines, 2);
	/* And kept, for the estimate before the next kill. */
	struct rollback_speed kept = {0};
	struct buf b = BUF_INIT;
	statefile_tail("rollbacks.jsonl", 4096, &b);
	rollback_parse(buf_str(&b), (const char *const[]){"t0"}, 1, &kept);
	assert_int_equal(kept.seen, 1);
	assert_true(kept.rows == 5000 && kept.seconds > 0.1);
	buf_release(&b);
}

/* As many as there are workers for it, and then somebody else who wants one. */
static void rollbacks_that_take_long_let_others_have_their_turn(void **state)
{
	(void)state;
	enum { WATCHED = 3 };
	struct note n = {0};
	struct fake *f = start_one(MARIADB "on KILL\n ok\n" TRX("5000") SESSIONS VICTIM("5", "Query", "UPDATE\\sx")
				   "table t a\n row a=1\n");
	for (unsigned i = 0; i < WATCHED; i++)
		submit_kill(request(KILL_CONNECTION, "Query", "UPDATE x"));
	assert_true(fake_wait(f, "KILL CONNECTION 812", WATCHED));
	submit(&asking_twice, &n);
	wait_done(1);
	assert_int_equal(n.calls, 1);
	fake_script(f, MARIADB TRX("4000") SESSIONS);
	wait_done(1 + WATCHED);
	assert_int_equal(fate.outcome, KILL_GONE);
	/* One line for the kill, one for its end, however many turns there were. */
	unsigned lines;
	json_decref(last_audit(&lines));
	assert_int_equal(lines, 2 * WATCHED);
}

static void who_is_gone_already_is_no_failure(void **state)
{
	(void)state;
	struct fake *f = start_one(MARIADB SESSIONS);
	submit_kill(request(KILL_CONNECTION, "Query", "UPDATE x"));
	wait_done(1);
	assert_int_equal(fate.outcome, KILL_WAS_GONE);
	assert_int_equal(fake_count(f, "KILL"), 0);
}

static void a_missing_privilege_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *version, *grants, *want;
	} cases[] = {
		{"10.11.6-MariaDB", "GRANT\\sUSAGE", "GRANT CONNECTION ADMIN ON *.* TO"},
		{"10.4.2-MariaDB", "GRANT\\sUSAGE", "GRANT SUPER ON *.* TO"},
		{"8.4.0", "GRANT\\sUSAGE", "GRANT CONNECTION_ADMIN ON *.* TO"},
		{"8.4.0", "GRANT\\sCONNECTION_ADMIN", "GRANT SYSTEM_USER ON *.* TO"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf b = BUF_INIT;
		buf_addf(&b,
			 "version %s\non KILL\n error 1095 You are not owner of thread 812\n"
			 "on SHOW GRANTS\n columns Grants\n row %s\n"
			 "on ~ROUTINES\n columns name\n"
			 "on ~WHERE (t.PROCESSLIST_)?ID IN\n columns id user command info "
			 "query_id\n row 812 app Query UPDATE\\sx 5\n",
			 cases[i].version, cases[i].grants);
		start_one(buf_str(&b));
		submit_kill(request(KILL_CONNECTION, "Query", "UPDATE x"));
		wait_done(1);
		assert_int_equal(fate.outcome, KILL_DENIED);
		assert_non_null(strstr(fate.text, cases[i].want));
		buf_release(&b);
		rig_stop(&rig);
	}
}

static void a_managed_clouds_procedure_is_used(void **state)
{
	(void)state;
	struct fake *f =
		start_one("version 8.0.36\non KILL\n error 1095 You are not owner of thread 812\n"
			  "on ~ROUTINES\n columns name\n row rds_kill\n row rds_kill_query\n"
			  "on ~PROCESSLIST_ID IN\n once\n columns id user command info query_id\n"
			  " row 812 app Query UPDATE\\sx 5\n"
			  "on ~PROCESSLIST_ID IN\n columns id user command info query_id\n"
			  "on CALL\n ok\n");
	submit_kill(request(KILL_STATEMENT, "Query", "UPDATE x"));
	wait_done(1);
	assert_int_equal(fate.outcome, KILL_GONE);
	assert_int_equal(fake_count(f, "CALL mysql.rds_kill_query(812)"), 1);
}

static void a_read_only_target_refuses(void **state)
{
	(void)state;
	struct fake *f = rig_fake(&rig, MARIADB SESSIONS VICTIM("5", "Query", "UPDATE\\sx"));
	target_set(rig.targets[0], SETTING_READ_ONLY, "1", "test");
	rig.box = mailbox_new();
	rig.jobs = jobs_new(rig.box, (const struct target *const *)rig.targets, rig.n);
	submit_kill(request(KILL_STATEMENT, "Query", "UPDATE x"));
	wait_done(1);
	assert_int_equal(fate.outcome, KILL_REFUSED);
	assert_int_equal(fake_count(f, "KILL"), 0);
}

static void kills_use_the_warm_connection_and_wait_for_no_detail(void **state)
{
	(void)state;
	struct fake *f = start_one(MARIADB "on SELECT a FROM t\n hang\n" SESSIONS);
	jobs_warm(rig.jobs, 0);
	assert_true(fake_wait(f, "SET", 1));
	static struct note n[3];
	for (int i = 0; i < 3; i++)
		submit(&asking, &n[i]);
	assert_true(fake_wait(f, "SELECT a FROM t", 2));
	unsigned accepted = fake_accepted(f);
	fake_script(f, "greeting error 1040 Too many connections\n" MARIADB SESSIONS);
	int64_t began = clock_mono_ns();
	submit_kill(request(KILL_CONNECTION, "Query", "UPDATE x"));
	wait_done(1);
	assert_true(clock_mono_ns() - began < 5 * NS_PER_S);
	assert_int_equal(fate.outcome, KILL_WAS_GONE);
	assert_int_equal(fake_accepted(f), accepted);
}

static void a_lost_connection_is_told_with_the_fate(void **state)
{
	(void)state;
	start_one(MARIADB "on KILL\n close\n" SESSIONS VICTIM("5", "Query", "UPDATE\\sx"));
	submit_kill(request(KILL_STATEMENT, "Query", "UPDATE x"));
	wait_done(1);
	assert_int_equal(fate.outcome, KILL_SENT);
	assert_int_equal(kill_err, ERR_LOST);
	unsigned lines;
	json_t *o = last_audit(&lines);
	assert_string_equal(text(o, "outcome"), "sent");
	json_decref(o);
}

static void an_audit_file_that_cannot_be_written_is_told(void **state)
{
	(void)state;
	struct fake *f =
		start_one(MARIADB "on KILL\n ok\n" SESSIONS VICTIM("5", "Query", "UPDATE\\sx"));
	setenv("XDG_STATE_HOME", "/dev/null", 1);
	submit_kill(request(KILL_CONNECTION, "Query", "UPDATE x"));
	assert_true(fake_wait(f, "KILL CONNECTION 812", 1));
	fake_script(f, MARIADB SESSIONS);
	wait_done(1);
	setenv("XDG_STATE_HOME", home, 1);
	assert_int_equal(fate.outcome, KILL_GONE);
	assert_true(audit_error[0]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_job_runs_reports_and_is_delivered),
		TEST(a_job_runs_without_a_descriptor_left),
		TEST(a_job_may_go_on_as_another_kind),
		TEST(a_job_without_a_server_says_why),
		TEST(an_alert_command_gets_the_finding_and_its_output_goes_nowhere),
		TEST(an_alert_command_that_hangs_is_ended),
		TEST(a_dropped_connection_is_not_used_again),
		TEST(a_cancelled_job_tells_nobody_and_leaves_nothing_behind),
		TEST(hung_jobs_do_not_hold_up_the_end),
		TEST(another_statement_is_not_killed),
		TEST(a_statement_is_killed_by_its_number_and_written_down),
		TEST(a_rollback_is_watched),
		TEST(rollbacks_that_take_long_let_others_have_their_turn),
		TEST(who_is_gone_already_is_no_failure),
		TEST(a_missing_privilege_is_named),
		TEST(a_managed_clouds_procedure_is_used),
		TEST(a_read_only_target_refuses),
		TEST(kills_use_the_warm_connection_and_wait_for_no_detail),
		TEST(a_lost_connection_is_told_with_the_fate),
		TEST(an_audit_file_that_cannot_be_written_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
