#include "ui/key.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/utf8.h"

/* The keys with names: name, sign for people, then how terminals send them: `CSI number ~`, `CSI
   final` or `SS3 final`. Aliases (another number, another name) are rows of their own further
   down. */
static const struct {
	const char *name, *sign;
	uint32_t code;
	int number;
	char final;
} keys[] = {
	{"Enter", "↵", K_ENTER, 0, 'M'},
	{"Esc", NULL, K_ESC, 0, 0},
	{"Space", NULL, ' ', 0, 0},
	{"Tab", NULL, K_TAB, 0, 'I'},
	{"Backspace", NULL, K_BACKSPACE, 0, 0},
	{"Up", "↑", K_UP, 0, 'A'},
	{"Down", "↓", K_DOWN, 0, 'B'},
	{"Right", "→", K_RIGHT, 0, 'C'},
	{"Left", "←", K_LEFT, 0, 'D'},
	{"Home", NULL, K_HOME, 1, 'H'},
	{"End", NULL, K_END, 4, 'F'},
	{"PgUp", NULL, K_PGUP, 5, 0},
	{"PgDn", NULL, K_PGDN, 6, 0},
	{"Insert", NULL, K_INSERT, 2, 0},
	{"Delete", NULL, K_DELETE, 3, 0},
	{"F1", NULL, K_F1, 11, 'P'},
	{"F2", NULL, K_F2, 12, 'Q'},
	{"F3", NULL, K_F3, 13, 'R'},
	{"F4", NULL, K_F4, 14, 'S'},
	{"F5", NULL, K_F5, 15, 0},
	{"F6", NULL, K_F6, 17, 0},
	{"F7", NULL, K_F7, 18, 0},
	{"F8", NULL, K_F8, 19, 0},
	{"F9", NULL, K_F9, 20, 0},
	{"F10", NULL, K_F10, 21, 0},
	{"F11", NULL, K_F11, 23, 0},
	{"F12", NULL, K_F12, 24, 0},
	{"F13", NULL, K_F12 + 1, 25, 0},
	{"F14", NULL, K_F12 + 2, 26, 0},
	{"F15", NULL, K_F12 + 3, 28, 0},
	{"F16", NULL, K_F12 + 4, 29, 0},
	{"F17", NULL, K_F12 + 5, 31, 0},
	{"F18", NULL, K_F12 + 6, 32, 0},
	{"F19", NULL, K_F12 + 7, 33, 0},
	{"F20", NULL, K_F20, 34, 0},
	{"Unknown", NULL, K_UNKNOWN, 0, 0},
	{"Resize", NULL, K_RESIZE, 0, 0},
	{"Suspend", NULL, K_SUSPEND, 0, 0},
	{"Hangup", NULL, K_HANGUP, 0, 0},
	{"Home", NULL, K_HOME, 7, 0},
	{"End", NULL, K_END, 8, 0},
	{"Return", NULL, K_ENTER, 0, 0},
	{"Escape", NULL, K_ESC, 0, 0},
	{"PageUp", NULL, K_PGUP, 0, 0},
	{"PageDown", NULL, K_PGDN, 0, 0},
	{"Del", NULL, K_DELETE, 0, 0},
	{"Ins", NULL, K_INSERT, 0, 0},
	{"BackTab", NULL, K_TAB, 0, 0}, /* read with MOD_SHIFT, see key_parse() */
};

static const struct {
	char prefix;
	unsigned mod;
} mods[] = {{'C', MOD_CTRL}, {'M', MOD_ALT}, {'S', MOD_SHIFT}};

bool key_equal(struct key a, struct key b)
{
	return a.code == b.code && a.mods == b.mods;
}

/* Ctrl and a letter is one byte on a terminal, and some of those bytes are keys of their own. */
static struct key control(struct key k)
{
	if (k.code >= 'A' && k.code <= 'Z')
		k.code += 'a' - 'A';
	static const char own[] = {'i', K_TAB, 'm', K_ENTER, 'j', K_ENTER,
				   '[', K_ESC, 'h', K_BACKSPACE};
	for (size_t i = 0; i < sizeof own; i += 2) {
		if (k.code == (uint32_t)own[i])
			return (struct key){(uint32_t)own[i + 1], k.mods & ~MOD_CTRL};
	}
	return k;
}

bool key_parse(const char *name, struct key *key)
{
	struct key k = {0};
	for (size_t i = 0; i < COUNT_OF(mods);) {
		if (name[0] == mods[i].prefix && name[1] == '-' && name[2]) {
			k.mods |= mods[i].mod;
			name += 2;
			i = 0;
		} else {
			i++;
		}
	}
	size_t n = strlen(name);
	if (!n)
		return false;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		if (!strcasecmp(keys[i].name, name)) {
			k.code = keys[i].code;
			if (!strcmp(keys[i].name, "BackTab"))
				k.mods |= MOD_SHIFT;
			*key = k;
			return true;
		}
	}
	if (utf8_decode(name, n, &k.code) != n || k.code < 0x20 || (k.mods & MOD_SHIFT))
		return false;
	*key = k.mods & MOD_CTRL ? control(k) : k;
	return true;
}

static const char *label(struct key key, bool signs, char out[KEY_NAME_SIZE])
{
	size_t n = 0;
	for (size_t i = 0; i < COUNT_OF(mods); i++) {
		if (key.mods & mods[i].mod) {
			out[n++] = mods[i].prefix;
			out[n++] = '-';
		}
	}
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		if (keys[i].code == key.code) {
			const char *text = signs && keys[i].sign ? keys[i].sign : keys[i].name;
			snprintf(out + n, KEY_NAME_SIZE - n, "%s", text);
			return out;
		}
	}
	char text[5] = "?";
	if (key.code >= 0x20 && key.code < K_FIRST)
		text[utf8_encode(key.code, text)] = '\0';
	snprintf(out + n, KEY_NAME_SIZE - n, "%s", text);
	return out;
}

const char *key_print(struct key key, char out[KEY_NAME_SIZE])
{
	return label(key, false, out);
}

const char *key_label(struct key key, bool ascii, char out[KEY_NAME_SIZE])
{
	return label(key, !ascii, out);
}

static struct key by_number(int number, unsigned with)
{
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		if (keys[i].number == number)
			return (struct key){keys[i].code, with};
	}
	return (struct key){K_UNKNOWN, 0};
}

static struct key by_final(char final, unsigned with)
{
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		if (keys[i].final == final)
			return (struct key){keys[i].code, with};
	}
	return (struct key){K_UNKNOWN, 0};
}

/* A terminal's modifier parameter, one more than its bits. */
static unsigned modifiers(int param)
{
	unsigned bits = param > 1 ? (unsigned)param - 1 : 0;
	return (bits & 1 ? MOD_SHIFT : 0) | (bits & 2 ? MOD_ALT : 0) | (bits & 4 ? MOD_CTRL : 0);
}

/* A key that the terminal sent as its code point and modifiers. */
static struct key by_code(int code, unsigned with)
{
	if (code < 0x20 ? code != '\t' && code != '\r' && code != 0x1b : code >= K_FIRST)
		return (struct key){K_UNKNOWN, 0};
	struct key k = {(uint32_t)code, with};
	if (code > 0x20 && code != 0x7f)
		k.mods &= ~(unsigned)MOD_SHIFT;
	return k.mods & MOD_CTRL ? control(k) : k;
}

static struct key csi(const int param[3], int params, char final)
{
	unsigned with = modifiers(params > 1 ? param[1] : 0);
	if (final == '~' && param[0] == 200)
		return KEY_PASTE_BEGIN;
	if (final == '~' && param[0] == 201)
		return KEY_PASTE_END;
	if (final == '~' && param[0] == 27 && params > 2)
		return by_code(param[2], with);
	if (final == 'u')
		return by_code(param[0], with);
	if (final == 'Z')
		return (struct key){K_TAB, MOD_SHIFT};
	if (final == '~')
		return by_number(param[0], with);
	if (final == '^')
		return by_number(param[0], MOD_CTRL);
	if (final == 'I' || final == 'M') /* focus and mouse reports, not Tab and Enter */
		return (struct key){K_UNKNOWN, 0};
	return by_final(final, with);
}

/* `s` is what follows ESC [. */
static size_t decode_csi(const char *s, size_t n, bool last, struct key *key)
{
	enum { LONGEST = 40 };
	int param[3] = {0}, params = 0;
	size_t at = 0;
	if (n >= 2 && s[0] == '[' && s[1] >= 'A' && s[1] <= 'E') { /* the Linux console */
		*key = (struct key){(uint32_t)(K_F1 + s[1] - 'A'), 0};
		return 2;
	}
	if (n == 1 && s[0] == '[' && !last)
		return 0;
	for (; at < n && at < LONGEST && s[at] >= 0x20 && s[at] < 0x40; at++) {
		if (s[at] >= '0' && s[at] <= '9') {
			if (!params)
				params = 1;
			int *p = &param[params - 1];
			*p = *p < 0x110000 ? *p * 10 + (s[at] - '0') : *p;
		} else if (s[at] == ';' && params < 3) {
			params = params ? params + 1 : 2;
		}
	}
	*key = (struct key){K_UNKNOWN, 0};
	if (at == n && at < LONGEST)
		return last ? at : 0;
	if (at == LONGEST || s[at] < 0x40 || s[at] == 0x7f)
		return at; /* not a sequence after all: what follows is read anew */
	*key = csi(param, params, s[at]);
	return at + 1;
}

static size_t decode_ss3(char c, struct key *key)
{
	static const char pad[] = "*+,-./0123456789"; /* j to y: the number pad */
	if (c >= 'j' && c <= 'y')
		*key = (struct key){(uint32_t)(unsigned char)pad[c - 'j'], 0};
	else
		*key = by_final(c, 0);
	return 1;
}

static size_t decode_escape(const char *s, size_t n, bool last, struct key *key)
{
	size_t used = 0;
	if (n >= 2 && s[1] == '[' && (n > 2 || !last)) {
		used = n > 2 ? decode_csi(s + 2, n - 2, last, key) : 0;
		return used || n > 2 ? (used || last ? used + 2 : 0) : 0;
	}
	if (n >= 2 && s[1] == 'O' && (n > 2 || !last))
		return n > 2 ? 2 + decode_ss3(s[2], key) : 0;
	if (n >= 2 && s[1] != 0x1b) {
		used = key_decode(s + 1, n - 1, last, key);
		key->mods |= MOD_ALT;
		return used ? used + 1 : 0;
	}
	if (n == 1 && !last)
		return 0;
	*key = (struct key){K_ESC, 0};
	return 1;
}

/* Is the UTF-8 sequence that starts here cut off by the end of what was read? */
static bool cut_off(const char *s, size_t n)
{
	unsigned char b = (unsigned char)s[0];
	size_t want = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
	if (b < 0xc2 || b >= 0xf5 || n >= want)
		return false;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return false;
	}
	return true;
}

size_t key_decode(const char *s, size_t n, bool last, struct key *key)
{
	*key = (struct key){K_UNKNOWN, 0};
	unsigned char b = (unsigned char)s[0];
	if (b == 0x1b)
		return decode_escape(s, n, last, key);
	if (b == '\t' || b == '\r' || b == '\n' || b == 0x7f || b == 0x08) {
		uint32_t code = b == '\n' ? K_ENTER : b == 0x08 ? K_BACKSPACE : b;
		*key = (struct key){code, 0};
		return 1;
	}
	if (b < 0x20) {
		*key = (struct key){b ? (b <= 26 ? b + 'a' - 1u : b + 0x40u) : ' ', MOD_CTRL};
		return 1;
	}
	if (!last && cut_off(s, n))
		return 0;
	key->code = 0;
	return utf8_decode(s, n, &key->code);
}
