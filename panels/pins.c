/* Pins: status counters that are shown on the overview, the same for all targets. */
#include <string.h>

#include "base/mem.h"
#include "collect/status.h"
#include "panels/console.h"

bool console_pinned(const struct console *c, const char *name)
{
	for (unsigned i = 0; i < c->n_pins; i++)
		if (strcmp(c->pins[i], name) == 0)
			return true;
	return false;
}

unsigned console_pins(const struct console *c, const char *const **names)
{
	*names = c->pins;
	return c->n_pins;
}

static void unpin(struct console *c, const char *name)
{
	for (unsigned i = 0; i < c->n_pins; i++) {
		if (strcmp(c->pins[i], name) != 0)
			continue;
		free((char *)(uintptr_t)c->pins[i]);
		memmove(c->pins + i, c->pins + i + 1, (c->n_pins - i) * sizeof *c->pins);
		c->n_pins--;
		return;
	}
}

void console_pin(struct console *c, const char *name)
{
	bool there = console_pinned(c, name);
	if (there) {
		unpin(c, name);
	} else {
		GROW(c->pins, c->n_pins + 1, c->cap_pins);
		c->pins[c->n_pins++] = xstrdup(name);
		c->pins[c->n_pins] = NULL;
	}
	for (unsigned i = 0; i < c->n_watches; i++) {
		struct timeline *t = c->watches[i].timeline;
		unsigned pin = timeline_pin(t, name, status_is_counter(name));
		if (there)
			timeline_unpin(t, pin);
	}
	console_demand(c);
	console_say(c, UI_GOOD, "%s %s the overview", name, there ? "taken off" : "pinned to");
}

void pins_release(struct console *c)
{
	for (unsigned i = 0; i < c->n_pins; i++)
		free((char *)(uintptr_t)c->pins[i]);
	free(c->pins);
}
