#include "app/askhost.h"

#include <string.h>
#include <strings.h>

#include "app/askpass.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

char *ask_host(const struct shell_question *q, struct err *e)
{
	bool choice = q->kind == QUESTION_HOST_KEY || q->kind == QUESTION_CHILD;
	struct buf text = BUF_INIT;
	char *answer;

	if (q->kind == QUESTION_PROMPT)
		buf_addf(&text, "%s asks: ", q->subject);
	utf8_scrub(&text, q->text, strlen(q->text));
	buf_adds(&text, choice ? " Type yes or no: " : ": ");
	answer = ask_line(buf_str(&text), choice || q->echo, e);
	buf_release(&text);
	/* Only the whole word counts. */
	if (answer && choice && strcasecmp(answer, "yes") != 0) {
		free(answer);
		return xstrdup("no");
	}
	return answer;
}
