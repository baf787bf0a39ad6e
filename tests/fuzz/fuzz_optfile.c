/*
 * Any bytes as an option file: names come out lower case and without `_`, texts end where they say,
 * and what is written again in its plainest form reads the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "io/optfile.h"
#include "tests/fuzz/fuzz.h"

/* The line once more, in quotes. */
static bool on_line(const struct optfile_line *l, void *arg)
{
	struct buf *out = arg;

	CHECK(l->name);
	if (l->type != OPTFILE_OPTION)
		return true;
	CHECK(*l->name && !strchr(l->name, '_'));
	/* a quote in a name would open a text that ends who knows where */
	if (strpbrk(l->name, "'\""))
		return true;
	buf_addf(out, "[%s]\n%s", l->group, l->name);
	if (l->value) {
		buf_adds(out, "=\"");
		for (const char *p = l->value; *p; p++)
			buf_adds(out, *p == '\n' ? "\\n" : *p == '\\' ? "\\\\" : *p == '"' ? "\\\"" :
				      (const char[]){*p, '\0'});
		buf_adds(out, "\"");
	}
	buf_addc(out, '\n');
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct err err = {0};

	if (optfile_parse("f", (const char *)data, size, on_line, &once, &err)) {
		CHECK(optfile_parse("f", buf_str(&once), once.len, on_line, &twice, &err));
		CHECK(strcmp(buf_str(&once), buf_str(&twice)) == 0);
	} else {
		CHECK(err.kind == ERR_USAGE && strncmp(err.why, "f:", 2) == 0);
	}
	buf_release(&once);
	buf_release(&twice);
	return 0;
}
