#include "lab/fill.h"

#include <string.h>

#include "base/fatal.h"

#define WORD_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"

void fill(struct buf *out, const char *text, fill_word *put, void *ctx)
{
	for (const char *brace; (brace = strchr(text, '{'));) {
		size_t n = strspn(brace + 1, WORD_CHARS);
		char word[32];
		if (n == 0 || n >= sizeof word || brace[1 + n] != '}') {
			buf_add(out, text, (size_t)(brace + 1 - text));
			text = brace + 1;
			continue;
		}
		memcpy(word, brace + 1, n);
		word[n] = '\0';
		buf_add(out, text, (size_t)(brace - text));
		if (!put(out, word, ctx))
			die("BUG: nothing stands for {%s}", word);
		text = brace + n + 2;
	}
	buf_adds(out, text);
}

char *filled(const char *text, fill_word *put, void *ctx)
{
	struct buf out = BUF_INIT;
	fill(&out, text, put, ctx);
	return buf_steal(&out);
}
