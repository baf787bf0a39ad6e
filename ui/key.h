/*
 * Keys as the program sees them, their names ("Enter", "C-r", "M-x", "S-Tab", "F5", "x") and the
 * decoder that turns a terminal's bytes into them. Knows no terminal library. UI thread.
 */
#ifndef UI_KEY_H
#define UI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key_mod {
	MOD_SHIFT = 1,
	MOD_ALT = 2,
	MOD_CTRL = 4,
	MOD_PASTE = 8, /* pasted text: types into a prompt, never acts */
};

/* Beyond Unicode: keys without a character, and what a terminal reports beside keys. */
enum key_code {
	K_NONE = 0,
	K_TAB = '\t',
	K_ENTER = '\r',
	K_ESC = 0x1b,
	K_BACKSPACE = 0x7f,
	K_FIRST = 0x110000,
	K_UP = K_FIRST, K_DOWN, K_LEFT, K_RIGHT, K_HOME, K_END, K_PGUP, K_PGDN, K_INSERT, K_DELETE,
	K_F1, K_F2, K_F3, K_F4, K_F5, K_F6, K_F7, K_F8, K_F9, K_F10, K_F11, K_F12,
	K_F20 = K_F12 + 8,
	K_UNKNOWN,  /* a sequence that means nothing to us */
	K_RESIZE,   /* the terminal has another size; the canvas is already resized */
	K_SUSPEND,  /* someone wants us in the background (kill -TSTP) */
	K_HANGUP,   /* the terminal is gone, or someone told us to end: leave at once */
};

struct key {
	uint32_t code; /* a code point or enum key_code */
	unsigned mods; /* enum key_mod, or-ed */
};

enum { KEY_NAME_SIZE = 24 };

bool key_equal(struct key a, struct key b);
/* The key that a name means; false when it means none. Case counts for characters, not for
   names. */
bool key_parse(const char *name, struct key *key);
/* The name: what key_parse() reads. */
const char *key_print(struct key key, char out[KEY_NAME_SIZE]);
/* The name as shown to people: arrows and ↵ as signs, unless `ascii`. */
const char *key_label(struct key key, bool ascii, char out[KEY_NAME_SIZE]);

/* Decode one key from n bytes. Returns the bytes used; 0 when more may follow (a lone ESC, a cut
   sequence) and `last` is false. With `last`, what is there is all there is. */
size_t key_decode(const char *s, size_t n, bool last, struct key *key);
/* Decoded as such by key_decode() with code K_NONE: bracketed paste begins and ends. */
#define KEY_PASTE_BEGIN ((struct key){K_NONE, MOD_PASTE})
#define KEY_PASTE_END ((struct key){K_NONE, 0})

#endif
