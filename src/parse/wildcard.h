/*
 * OpenSSH's patterns: `*` and `?`, and lists of them where `!` excludes. Used by known_hosts and
 * ssh_config. Pure, any thread.
 */
#ifndef PARSE_WILDCARD_H
#define PARSE_WILDCARD_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the pattern matches all of `text`; case does not count. */
bool wildcard_match(const char *pattern, size_t n, const char *text);

/* EXCLUDED: a pattern with `!` matches, whatever the others do. */
enum wildcard_answer { WILDCARD_NO, WILDCARD_YES, WILDCARD_EXCLUDED };
enum wildcard_answer wildcard_list(const char *list, size_t n, char separator, const char *text);

#endif
