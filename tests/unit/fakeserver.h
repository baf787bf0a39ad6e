/*
 * A MySQL server that plays a script: for tests of what real servers seldom do, and of those that cannot
 * be had. It accepts any login, answers statements as the script says, and breaks in the ways that the
 * script asks for. It runs on threads of its own; all functions may be called from any thread.
 *
 * A script is lines; `#` begins a comment at the start of a line. Values are separated by tabs or
 * blanks; within them \t \n \s (blank) \\ \xHH; \N alone is NULL, \E alone the empty text.
 *
 *   version 8.0.36            what the greeting and VERSION() say
 *   comment MySQL Community   @@version_comment (the rest of the line)
 *   set NAME VALUE            answers SELECT @@NAME, and a column of SHOW VARIABLES
 *   plugin NAME               authentication plugin of the greeting
 *   tls CERTIFICATE KEY       offer TLS; without files it is offered, and no handshake ever ends
 *
 *   greeting delay MS | hang | close | raw TEXT | error CODE TEXT     in place of a greeting
 *   handshake hang | close | error CODE TEXT     when the client asks for TLS
 *   login hang | close | error CODE TEXT | switch PLUGIN | raw TEXT   after the client's log-in
 *   times N                   the fault before is for the first N connections only
 *
 *   on PREFIX                 how statements that begin so are answered (blanks and case do not
 *   on ~REGEX                 count; our comment, time limits and hints are cut off before); the
 *                             first rule that fits is the one
 *     columns NAME...         a result: names, then any number of
 *     row VALUE...
 *     repeat N VALUE...       N rows; in the values $I is the number of the row
 *     ok                      done, no rows (this is also what a rule without a line does)
 *     error CODE TEXT
 *     delay MS                before the answer
 *     hang                    no answer; KILL from another connection ends it
 *     close                   end the connection instead
 *     reset                   the same, with a TCP reset
 *     stall N                 after N bytes of the answer, hang
 *     cut N                   after N bytes of the answer, end the connection
 *     raw TEXT                these bytes in place of an answer
 *     infile PATH             ask the client for its file
 *     once                    this rule counts one time only
 *   table NAME COLUMN...      a table to select from; SELECT ... FROM NAME is answered with
 *     row COLUMN=VALUE...     its rows: each column of the list is looked up by its alias, then by
 *                             its text, then by the first word in it that is a column
 *
 * $ID in any value is the connection's number. Unless a rule says else, SET is done, the statement that
 * greets a server is answered, KILL ends connections of this server or what they do, and all others
 * get error 1064.
 */
#ifndef TESTS_FAKESERVER_H
#define TESTS_FAKESERVER_H

#include <stdbool.h>

struct fake;

/* Starts to listen, at 127.0.0.1 with a port of its own or (path not NULL) at a Unix socket. Ends the
   process when the script is broken: tests have no use for less. */
struct fake *fake_start(const char *socket_path, const char *script);
/* Ends all connections. */
void fake_stop(struct fake *f);
unsigned fake_port(const struct fake *f);
/* Another script from now on, for new statements of old connections too. */
void fake_script(struct fake *f, const char *script);
/* Reset all connections, and come back when they are; new ones are accepted. */
void fake_drop(struct fake *f);
/* Answer nobody, neither statements nor connections, until thawed. */
void fake_freeze(struct fake *f, bool frozen);

/* How many statements that begin so were received (as `on`: a prefix or ~REGEX); "" counts all. */
unsigned fake_count(struct fake *f, const char *what);
/* Wait until there were at least `n`; false when that takes longer than 10 s. */
bool fake_wait(struct fake *f, const char *what, unsigned n);
/* Connections: accepted so far, open now. */
unsigned fake_accepted(struct fake *f);
unsigned fake_open(struct fake *f);
/* The last bytes that a client sent in place of a file, "" when it refused; NULL: never asked. */
const char *fake_infile(struct fake *f);
/* The last cleartext password received by `login switch mysql_clear_password`; NULL: none. */
const char *fake_cleartext(struct fake *f);

#endif
