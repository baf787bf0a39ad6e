/*
 * The roles that a cell can play (a server's role is something else: model/snapshot.h). Code names
 * roles, themes (theme.h) give them colours; no code names a colour. One row per role: the enum,
 * the names in theme files, the help and the fallback (the role whose look is taken where a theme
 * says nothing) all come from it.
 */
#ifndef UI_ROLE_H
#define UI_ROLE_H

/* id, name in theme files, fallback, help */
#define UI_ROLE_TABLE(X) \
	X(TEXT, "text", TEXT, "everything without a role of its own, and the background") \
	X(DIM, "dim", TEXT, "what is there but does not matter now; absent values") \
	X(STRONG, "strong", TEXT, "numbers and words that carry the meaning") \
	X(TITLE, "title", STRONG, "headings inside a panel") \
	X(LABEL, "label", DIM, "the name before a value") \
	X(HEADER, "header", TEXT, "the first line: who is watched") \
	X(HEADER_KEY, "header.key", HEADER, "the program's name, and names in the header") \
	X(HEADER_VALUE, "header.value", HEADER, "values in the header") \
	X(HEADER_LABEL, "header.label", WARNING, "the target's label, such as production") \
	X(GOOD, "good", TEXT, "as it should be") \
	X(NOTICE, "notice", STRONG, "worth knowing") \
	X(WARNING, "warning", STRONG, "look at this soon") \
	X(CRITICAL, "critical", WARNING, "look at this now") \
	X(VERDICT_OK, "verdict.ok", GOOD, "the verdict line, nothing wrong") \
	X(VERDICT_NOTICE, "verdict.notice", NOTICE, "the verdict line, a notice") \
	X(VERDICT_WARNING, "verdict.warning", WARNING, "the verdict line, a warning") \
	X(VERDICT_CRITICAL, "verdict.critical", CRITICAL, "the verdict line, critical") \
	X(VERDICT_KEY, "verdict.key", VERDICT_CRITICAL, "keys on the verdict line") \
	X(TAB, "tab", DIM, "the names of the panels") \
	X(TAB_CURRENT, "tab.current", TABLE_CURSOR, "the panel that is shown") \
	X(RULE, "rule", DIM, "lines and boxes") \
	X(TABLE_HEAD, "table.head", TITLE, "column titles") \
	X(TABLE_HEAD_SORT, "table.head.sort", TABLE_HEAD, "the title of the column that sorts") \
	X(TABLE_CURSOR, "table.cursor", TEXT, "the row under the cursor") \
	X(TABLE_TAGGED, "table.tagged", TITLE, "tagged rows") \
	X(TABLE_STALE, "table.stale", DIM, "data that could not be refreshed") \
	X(TABLE_GROUP, "table.group", STRONG, "the number of rows in a group") \
	X(IDLE, "idle", DIM, "sessions that do nothing") \
	X(RUNNING, "running", TEXT, "sessions that work") \
	X(WAITING, "waiting", WARNING, "sessions that wait for another") \
	X(BLOCKING, "blocking", CRITICAL, "sessions that others wait for") \
	X(SQL_KEYWORD, "sql.keyword", STRONG, "words of SQL") \
	X(SQL_STRING, "sql.string", TEXT, "strings in SQL") \
	X(SQL_NUMBER, "sql.number", TEXT, "numbers in SQL") \
	X(SQL_COMMENT, "sql.comment", DIM, "comments in SQL") \
	X(SQL_IDENTIFIER, "sql.identifier", TEXT, "names in SQL") \
	X(BAR_USED, "bar.used", STRONG, "the used part of a bar") \
	X(BAR_OTHER, "bar.other", BAR_USED, "a second part of a bar") \
	X(BAR_FREE, "bar.free", DIM, "the free part of a bar") \
	X(SPARK, "spark", TEXT, "small curves in a line") \
	X(CHART, "chart", SPARK, "curves and columns of a chart") \
	X(INPUT, "input", STRONG, "what someone types") \
	X(INPUT_PROMPT, "input.prompt", LABEL, "what stands before it, and the candidates") \
	X(DIALOG, "dialog", TEXT, "menus and questions") \
	X(DIALOG_TITLE, "dialog.title", TITLE, "their titles") \
	X(DIALOG_CURSOR, "dialog.cursor", TABLE_CURSOR, "the chosen line or answer") \
	X(DIALOG_DANGER, "dialog.danger", CRITICAL, "questions about what cannot be undone") \
	X(FOOTER_KEY, "footer.key", STRONG, "keys on the last line") \
	X(FOOTER_TEXT, "footer.text", DIM, "what they do") \
	X(SEARCH_MATCH, "search.match", TABLE_CURSOR, "what a search found")

enum ui_role {
#define ROLE_ID(id, name, fallback, help) UI_##id,
	UI_ROLE_TABLE(ROLE_ID)
#undef ROLE_ID
	UI_ROLES
};

struct ui_role_info {
	const char *name;
	const char *help;
	enum ui_role fallback; /* UI_TEXT is its own */
};

/* The table, UI_ROLES rows. */
extern const struct ui_role_info ui_role_table[];

#endif
