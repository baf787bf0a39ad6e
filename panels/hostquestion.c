#include "panels/hostquestion.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "engine/sampler.h"

/* What is asked, while it is. */
struct asking {
	struct console *console;
	unsigned target;
	struct shell_question question;
};

static const struct shell_question *pending(const struct console *c, unsigned target)
{
	const struct snapshot *s = timeline_frame(c->watches[target].timeline)->now;
	const struct host_note *n = s ? s->host.note : NULL;

	return n && s->host.state == LINK_DOWN && n->question.kind != QUESTION_NONE ? &n->question : NULL;
}

/* --- answers ----------------------------------------------------------------------------------- */

static void answer(const struct asking *a, const char *text)
{
	if (a->console->sampler)
		sampler_answer(a->console->sampler, a->target, &a->question, text);
	else if (a->console->options->stand_in && a->console->options->stand_in->answer)
		a->console->options->stand_in->answer(a->target, &a->question, text);
	console_say(a->console, UI_NOTICE, "connecting to the host…");
}

static void keep_pending(const struct asking *a)
{
	if (!a->console->quit)
		console_say(a->console, UI_TEXT, "the host is not read until that is answered: :answer-host");
}

static void confirmed(void *ctx, bool yes)
{
	struct asking *a = ctx;

	if (yes)
		answer(a, "yes");
	else
		keep_pending(a);
	free(a);
}

static void typed(void *ctx, const char *text)
{
	struct asking *a = ctx;

	if (text)
		answer(a, text);
	else
		keep_pending(a);
	a->console->dirty = true;
	free(a);
}

/* --- questions --------------------------------------------------------------------------------- */

/* Yes or no; the others are typed. */
static const struct {
	const char *title, *yes, *about;
	bool danger;
} choices[] = {
	[QUESTION_HOST_KEY] = {"Trust this host?", "Trust it",
			       "Whoever sits between here and the host could show a key of its own. Compare "
			       "the fingerprint with the one that the host itself tells, on its console or "
			       "from its administrator: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
			       true},
	[QUESTION_CHILD] = {"Use the ssh command?", "Use ssh",
			    "It reads the host's load just as well, through a child process, with your own "
			    "configuration and keys, as far as it need not ask anything.",
			    false},
};

static bool is_choice(const struct shell_question *q)
{
	return (size_t)q->kind < COUNT_OF(choices) && choices[q->kind].title;
}

static void ask_choice(struct console *c, struct asking *a)
{
	struct doc d = {0};
	struct buf text = BUF_INIT;

	utf8_scrub(&text, a->question.text, strlen(a->question.text));
	doc_para(&d, UI_STRONG, buf_str(&text));
	doc_end(&d);
	doc_para(&d, UI_TEXT, choices[a->question.kind].about);
	console_dialog(c, dialog_confirm(choices[a->question.kind].title, &d, choices[a->question.kind].yes,
					 choices[a->question.kind].danger, confirmed, a));
	buf_release(&text);
}

static void ask_text(struct console *c, struct asking *a)
{
	struct buf label = BUF_INIT;

	/* A server's own words stand behind whose they are. */
	if (a->question.kind == QUESTION_PROMPT)
		buf_addf(&label, "%s asks: ", a->question.subject);
	utf8_scrub(&label, a->question.text, strlen(a->question.text));
	buf_adds(&label, ": ");
	console_prompt(c, &(struct prompt_spec){.label = buf_str(&label),
						.secret = !a->question.echo,
						.done = typed},
		       a);
	buf_release(&label);
}

bool hostquestion_pending(const struct console *c)
{
	return pending(c, c->target) != NULL;
}

bool hostquestion_ask(struct console *c)
{
	const struct shell_question *q = pending(c, c->target);
	struct asking *a;

	if (!q)
		return false;
	free(c->watches[c->target].asked_host);
	c->watches[c->target].asked_host = xstrdup(q->text);
	a = xcalloc(1, sizeof *a);
	*a = (struct asking){c, c->target, *q};
	if (is_choice(q))
		ask_choice(c, a);
	else
		ask_text(c, a);
	return true;
}

void hostquestion_look(struct console *c, unsigned target)
{
	const struct shell_question *q = target == c->target ? pending(c, target) : NULL;
	const char *asked = c->watches[target].asked_host;

	if (q && !c->dialog && !prompt_active() && (!asked || strcmp(asked, q->text) != 0))
		hostquestion_ask(c);
}
