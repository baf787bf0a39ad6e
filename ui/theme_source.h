/*
 * The themes that are compiled in: the files in themes/, made into a table by embed.awk. Ended by a
 * row without a name.
 */
#ifndef UI_THEME_SOURCE_H
#define UI_THEME_SOURCE_H

struct theme_source {
	const char *name, *text;
};

extern const struct theme_source theme_sources[];

#endif
