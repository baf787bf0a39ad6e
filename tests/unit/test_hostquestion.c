/*
 * What the way to a host asks, from the snapshot to the answer: each kind of question as a person sees it, compared
 * with tests/golden (GOLDEN_UPDATE=1 writes them anew: then look at what changed), and what goes back.
 */
#include "panels/hostquestion.h"
#include "tests/unit/goldenrig.h"

static const struct row {
	const char *name;
	struct shell_question question;
	const char *yes, *text; /* keys that answer, and what then goes back */
} rows[] = {
	{"hostquestion-key",
	 {QUESTION_HOST_KEY, false, "db3.prod",
	  "db3.prod shows a key that is not known: ED25519 SHA256:Xo2bq1sJvQp5aY7m4gq3M0o9mX0yq8nE0c3S5s7Tn2k"},
	 "y", "yes"},
	{"hostquestion-child",
	 {QUESTION_CHILD, false, "db3.prod", "the configuration wants ProxyCommand, which only the ssh command can do"},
	 "y", "yes"},
	{"hostquestion-passphrase",
	 {QUESTION_PASSPHRASE, false, "/home/dba/.ssh/id_ed25519", "passphrase of /home/dba/.ssh/id_ed25519"},
	 "horse\r", "horse"},
	{"hostquestion-password", {QUESTION_PASSWORD, false, "db3.prod", "password of dba on db3.prod"}, "pw 1\r", "pw 1"},
	/* A hostile server's own words. */
	{"hostquestion-prompt",
	 {QUESTION_PROMPT, true, "db3.prod", "\033[2JEnter the root password of your \342\200\256bank"},
	 "123456\r", "123456"},
};

static struct {
	unsigned n;
	struct shell_question question;
	char text[64];
} got;

static void take_answer(unsigned index, const struct shell_question *question, const char *text)
{
	assert_int_equal(index, 0);
	got.n++;
	got.question = *question;
	snprintf(got.text, sizeof got.text, "%s", text);
}

static void open_with(struct console *c)
{
	static const struct console_stand_in stand = {.answer = take_answer};
	static struct console_options with;
	open_console(c, false);
	with = *c->options;
	with.stand_in = &stand;
	c->options = &with;
	resize(c, 80, 24, false);
	memset(&got, 0, sizeof got);
}

static void send(struct console *c, const struct shell_question *q, bool waits)
{
	static uint64_t seq;
	struct snapshot *s = snapshot_new(0);
	struct err e = {0};
	err_set(&e, ERR_LOGIN, "host", "it waits for an answer", NULL);
	s->seq = ++seq;
	s->epoch = 1;
	s->mono = LAST * NS_PER_S;
	s->wall = WALL * US_PER_S;
	s->link = LINK_LIVE;
	s->server = (struct server_info){.flavor = FLAVOR_MYSQL, .version_short = "8.4.3"};
	s->host.state = q ? LINK_DOWN : LINK_LIVE;
	s->host.note = q ? host_note_new(&e, q) : NULL;
	snapshot_set(s, rows_part(PART_PROCESSLIST, LAST,
				  waits ? "id=1 kind=user user=a host=h command=Query time=9 blocks=0 "
					  "state='row lock' wait='row lock'\n"
					: "id=1 kind=user user=a host=h command=Sleep time=9 blocks=0\n"));
	console_take(c, s);
	console_draw(c);
}

static bool shows(struct console *c, const char *text)
{
	struct buf b = BUF_INIT;
	canvas_dump(term_shown(c->term), &b);
	bool yes = strstr(buf_str(&b), text);
	buf_release(&b);
	return yes;
}

static void each_is_asked_and_answered(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT_OF(rows); i++) {
		struct console c;
		open_with(&c);
		send(&c, &rows[i].question, false);
		compare(&c, rows[i].name);
		type(&c, rows[i].yes);
		if (c.dialog || prompt_active())
			fail_msg("%s: it is still open", rows[i].name);
		assert_int_equal(got.n, 1);
		assert_int_equal(got.question.kind, rows[i].question.kind);
		assert_string_equal(got.question.text, rows[i].question.text);
		assert_string_equal(got.text, rows[i].text);
		close_console(&c);
	}
}

/* Esc says nothing; the same question does not come up again by itself, but the keys and the command ask it. */
static void no_is_no_answer(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT_OF(rows); i++) {
		struct console c;
		open_with(&c);
		send(&c, &rows[i].question, false);
		console_key(&c, (struct key){.code = K_ESC});
		assert_null(c.dialog);
		assert_null(prompt_active());
		send(&c, &rows[i].question, false);
		assert_null(c.dialog);
		assert_null(prompt_active());
		assert_true(shows(&c, "answer"));
		type(&c, i % 2 ? "V" : "A");
		assert_true(c.dialog || prompt_active());
		console_key(&c, (struct key){.code = K_ESC});
		assert_true(console_run_command(&c, "answer-host"));
		assert_true(c.dialog || prompt_active());
		console_key(&c, (struct key){.code = K_ESC});
		assert_int_equal(got.n, 0);
		close_console(&c);
	}
}

/* The key is offered whatever the verdict is about, as long as it would answer. */
static void the_hint_stands_beside_other_news(void **state)
{
	(void)state;
	struct console c;
	open_with(&c);
	send(&c, &rows[2].question, false);
	console_key(&c, (struct key){.code = K_ESC});
	c.notice_until = 0;
	send(&c, &rows[2].question, true);
	assert_string_equal(c.watches[0].verdict.id, "waiting");
	assert_int_equal(c.watches[0].verdict.session, 1);
	assert_true(shows(&c, "A answer"));
	resize(&c, 120, 24, false); /* in 80 columns "V go there" gives way to the sentence */
	console_draw(&c);
	assert_true(shows(&c, "V go there") && shows(&c, "A answer"));
	resize(&c, 80, 24, false);
	type(&c, "A");
	assert_true(prompt_active());
	console_key(&c, (struct key){.code = K_ESC});
	send(&c, NULL, false);
	assert_false(shows(&c, "A answer"));
	type(&c, "A");
	assert_null(c.dialog);
	assert_null(prompt_active());
	close_console(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_asked_and_answered),
		cmocka_unit_test(no_is_no_answer),
		cmocka_unit_test(the_hint_stands_beside_other_news),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
