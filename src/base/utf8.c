#include "base/utf8.h"

#include <string.h>
#include <utf8proc.h>

#include "base/buf.h"

size_t utf8_decode(const char *s, size_t n, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)s;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	utf8proc_int32_t c;
	/* The library reads at most four bytes; handing it more would only make it look at `n`. */
	utf8proc_ssize_t used = utf8proc_iterate(p, (utf8proc_ssize_t)(n < 4 ? n : 4), &c);
	if (used <= 0 || c < 0) {
		*cp = UTF8_REPLACEMENT;
		return 1;
	}
	*cp = (uint32_t)c;
	return (size_t)used;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
	utf8proc_ssize_t n = utf8proc_encode_char((utf8proc_int32_t)cp, (utf8proc_uint8_t *)out);
	if (n > 0)
		return (size_t)n;
	memcpy(out, "\xEF\xBF\xBD", 3);
	return 3;
}

int utf8_cp_width(uint32_t cp)
{
	if (cp >= 0x20 && cp < 0x7f)
		return 1;
	int w = utf8proc_charwidth((utf8proc_int32_t)cp);
	return w < 0 ? 0 : w;
}

size_t utf8_cluster(const char *s, size_t n, int *width)
{
	uint32_t cp;
	size_t at = utf8_decode(s, n, &cp);
	*width = utf8_cp_width(cp);
	/* Nearly all text: an ASCII byte followed by another one. */
	if (cp < 0x80 && (at == n || (unsigned char)s[at] < 0x80))
		return at;
	utf8proc_int32_t state = 0;
	while (at < n) {
		uint32_t next;
		size_t used = utf8_decode(s + at, n - at, &next);
		if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)cp, (utf8proc_int32_t)next,
						     &state))
			break;
		int w = utf8_cp_width(next);
		if (w > *width)
			*width = w;
		if (next == 0xFE0F && *width == 1)
			*width = 2; /* shown as an emoji */
		cp = next;
		at += used;
	}
	return at;
}

int utf8_width(const char *s, size_t n)
{
	int cells = 0;
	for (size_t at = 0; at < n;) {
		int w;
		at += utf8_cluster(s + at, n - at, &w);
		cells += w;
	}
	return cells;
}

size_t utf8_fit(const char *s, size_t n, int cells)
{
	size_t at = 0;
	while (at < n) {
		int w;
		size_t used = utf8_cluster(s + at, n - at, &w);
		if (w > cells)
			break;
		cells -= w;
		at += used;
	}
	return at;
}

bool utf8_valid(const char *s, size_t n)
{
	for (size_t at = 0; at < n;) {
		uint32_t cp;
		size_t used = utf8_decode(s + at, n - at, &cp);
		/* A genuine U+FFFD takes three bytes; the one that stands for an error took one. */
		if (cp == UTF8_REPLACEMENT && used == 1)
			return false;
		at += used;
	}
	return true;
}

static const char REPLACEMENT[] = "\xEF\xBF\xBD";

/* Characters that change how others are shown, or that cannot be seen, without being marks. */
static bool treacherous(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x061c || cp == 0x180e ||
	       (cp >= 0x200b && cp <= 0x200c) || (cp >= 0x200e && cp <= 0x200f) ||
	       (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
	       (cp >= 0xfff9 && cp <= 0xfffb) || (cp >= 0xe0000 && cp <= 0xe0fff);
}

void utf8_scrub(struct buf *out, const char *s, size_t n)
{
	enum { MOST_MARKS = 8 };
	int marks = 0;
	bool base = false;

	buf_reserve(out, n);
	for (size_t at = 0; at < n;) {
		uint32_t cp;
		size_t used = utf8_decode(s + at, n - at, &cp);
		const char *from = s + at;
		at += used;
		if (cp >= 0x20 && cp < 0x7f) {
			buf_addc(out, (char)cp);
			base = true;
			marks = 0;
		} else if (cp == '\r' && at < n && s[at] == '\n') {
			continue; /* one line break, one blank */
		} else if (cp == '\n' || cp == '\r' || cp == '\t') {
			buf_addc(out, ' ');
			base = false;
		} else if (cp == 0xad) {
			continue;
		} else if (treacherous(cp) || (cp == UTF8_REPLACEMENT && used == 1)) {
			buf_adds(out, REPLACEMENT);
			base = false;
		} else if (utf8_cp_width(cp) == 0) {
			if (base && ++marks <= MOST_MARKS)
				buf_add(out, from, used);
		} else {
			buf_add(out, from, used);
			base = true;
			marks = 0;
		}
	}
}

void utf8_repair(struct buf *out, const char *s, size_t n)
{
	size_t done = 0;
	for (size_t at = 0; at < n;) {
		uint32_t cp;
		size_t used = utf8_decode(s + at, n - at, &cp);
		if (cp == UTF8_REPLACEMENT && used == 1) {
			buf_add(out, s + done, at - done);
			buf_adds(out, REPLACEMENT);
			done = at + 1;
		}
		at += used;
	}
	buf_add(out, s + done, n - done);
}
