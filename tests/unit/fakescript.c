#include "tests/unit/fakescript.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/fatal.h"
#include "base/mem.h"

void row_release(struct row *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->cells[i]);
	free(r->cells);
}

static void rows_free(struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		row_release(&rows[i]);
	free(rows);
}

void script_release(struct script *s)
{
	for (size_t i = 0; i < s->n_rules; i++) {
		struct rule *r = &s->rules[i];
		pattern_release(&r->pattern);
		buf_release(&r->text);
		row_release(&r->columns);
		rows_free(r->rows, r->n_rows);
	}
	for (size_t i = 0; i < s->n_tables; i++) {
		free(s->tables[i].name);
		row_release(&s->tables[i].columns);
		rows_free(s->tables[i].rows, s->tables[i].n_rows);
	}
	for (size_t i = 0; i < s->n_variables; i++) {
		free(s->variables[i].name);
		free(s->variables[i].value);
	}
	for (size_t i = 0; i < N_STAGES; i++)
		buf_release(&s->faults[i].text);
	free(s->rules);
	free(s->tables);
	free(s->variables);
	free(s->version);
	free(s->comment);
	free(s->plugin);
	free(s->tls_certificate);
	free(s->tls_key);
	*s = (struct script){0};
}

bool begins(const char *s, const char *prefix)
{
	return strncasecmp(s, prefix, strlen(prefix)) == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The next word of *p, "" at the end; *p goes on behind it. */
static char *next_word(const char **p)
{
	const char *s = *p + strspn(*p, " \t");
	size_t n = strcspn(s, " \t");
	*p = s + n + strspn(s + n, " \t");
	return xstrndup(s, n);
}

static unsigned next_number(const char **p)
{
	char *end;
	unsigned n = (unsigned)strtoul(*p, &end, 10);
	*p = end + strspn(end, " \t");
	return n;
}

void add_unescaped(struct buf *out, const char *s)
{
	for (; *s; s++) {
		unsigned byte;
		if (*s != '\\' || !s[1]) {
			buf_addc(out, *s);
			continue;
		}
		switch (*++s) {
		case 't': buf_addc(out, '\t'); break;
		case 'n': buf_addc(out, '\n'); break;
		case 's': buf_addc(out, ' '); break;
		case 'E': break;
		case 'x':
			if (sscanf(s + 1, "%2x", &byte) == 1) {
				buf_addc(out, (char)byte);
				s += 2;
			}
			break;
		default: buf_addc(out, *s);
		}
	}
}

static void parse_cells(struct row *r, const char *p)
{
	size_t cap = 0;
	while (*p) {
		GROW(r->cells, r->n, cap);
		r->cells[r->n++] = next_word(&p);
	}
}

/* Statements are compared without our comment, limits and hints, with single blanks. */
char *normalise(const char *s, size_t n)
{
	static const char limit[] = "SET STATEMENT max_statement_time=";
	struct buf out = BUF_INIT;
	const char *end = s + n;

	buf_reserve(&out, n);
	while (s < end) {
		if (*s == '\'' || *s == '"') {
			const char *close = memchr(s + 1, *s, (size_t)(end - s - 1));
			const char *next = close ? close + 1 : end;
			buf_add(&out, s, (size_t)(next - s));
			s = next;
		} else if (end - s >= 4 && memcmp(s, "/*", 2) == 0) {
			const char *close = memmem(s + 2, (size_t)(end - s - 2), "*/", 2);
			s = close ? close + 2 : end;
		} else if (is_blank(*s) || *s == '\n' || *s == '\r') {
			if (out.len && out.s[out.len - 1] != ' ')
				buf_addc(&out, ' ');
			s++;
		} else {
			buf_addc(&out, *s++);
		}
	}
	if (out.len && strncmp(out.s, limit, sizeof limit - 1) == 0) {
		char *from = strstr(out.s, " FOR ");
		if (from)
			memmove(out.s, from + 5, strlen(from + 5) + 1);
	}
	return out.s ? buf_steal(&out) : xstrdup("");
}

struct pattern pattern_parse(const char *text)
{
	struct pattern p = {0};

	if (*text != '~') {
		p.prefix = normalise(text, strlen(text));
		return p;
	}
	p.regex = xcalloc(1, sizeof *p.regex);
	if (regcomp(p.regex, text + 1, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
		die("fake server: bad expression: %s", text + 1);
	return p;
}

void pattern_release(struct pattern *p)
{
	free(p->prefix);
	if (p->regex)
		regfree(p->regex);
	free(p->regex);
}

bool pattern_fits(const struct pattern *p, const char *statement)
{
	if (p->regex)
		return regexec(p->regex, statement, 0, NULL, 0) == 0;
	return begins(statement, p->prefix);
}

static bool parse_fault(struct fault *f, const char *p)
{
	static const struct {
		const char *word;
		enum fault_type type;
		bool number;
	} words[] = {
		{"delay", FAULT_DELAY, true}, {"hang", FAULT_HANG, false},
		{"close", FAULT_CLOSE, false}, {"error", FAULT_ERROR, true},
		{"raw", FAULT_RAW, false},     {"switch", FAULT_SWITCH, false},
	};
	char *word = next_word(&p);

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strcmp(word, words[i].word) != 0)
			continue;
		f->type = words[i].type;
		f->number = words[i].number ? next_number(&p) : 0;
		buf_clear(&f->text);
		add_unescaped(&f->text, p);
	}
	free(word);
	return f->type != FAULT_NONE;
}

/* A line below `on`. */
static bool parse_rule_line(struct rule *r, const char *word, const char *p)
{
	static const struct {
		const char *word;
		enum answer answer;
	} answers[] = {
		{"columns", ANSWER_ROWS}, {"ok", ANSWER_OK},       {"error", ANSWER_ERROR},
		{"hang", ANSWER_HANG},    {"close", ANSWER_CLOSE}, {"reset", ANSWER_RESET},
		{"raw", ANSWER_RAW},      {"infile", ANSWER_INFILE},
	};

	if (strcmp(word, "row") == 0 || strcmp(word, "repeat") == 0) {
		unsigned repeat = strcmp(word, "row") == 0 ? 1 : next_number(&p);
		GROW(r->rows, r->n_rows, r->cap_rows);
		r->rows[r->n_rows] = (struct row){.repeat = repeat};
		parse_cells(&r->rows[r->n_rows++], p);
		return true;
	}
	if (strcmp(word, "delay") == 0)
		return (r->delay = next_number(&p)) > 0;
	if (strcmp(word, "stall") == 0)
		return (r->stall = next_number(&p)) > 0;
	if (strcmp(word, "cut") == 0)
		return (r->cut = next_number(&p)) > 0;
	if (strcmp(word, "once") == 0)
		return r->once = true;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		if (strcmp(word, answers[i].word) != 0)
			continue;
		r->answer = answers[i].answer;
		if (r->answer == ANSWER_ERROR)
			r->code = next_number(&p);
		if (r->answer == ANSWER_ROWS)
			parse_cells(&r->columns, p);
		else
			add_unescaped(&r->text, p);
		return true;
	}
	return false;
}

static bool parse_table_line(struct table *t, const char *word, const char *p)
{
	if (strcmp(word, "row") != 0)
		return false;
	GROW(t->rows, t->n_rows, t->cap_rows);
	t->rows[t->n_rows] = (struct row){.repeat = 1};
	parse_cells(&t->rows[t->n_rows++], p);
	return true;
}

static void set_text(char **to, const char *text)
{
	free(*to);
	*to = xstrdup(text);
}

/* Where indented lines belong. */
struct place {
	bool rule, table;
	struct fault *fault;
};

static bool parse_top_line(struct script *s, const char *word, const char *p, struct place *at)
{
	static const char *const stages[] = {"greeting", "handshake", "login"};

	*at = (struct place){.fault = at->fault};
	if (strcmp(word, "version") == 0)
		return set_text(&s->version, p), true;
	if (strcmp(word, "comment") == 0)
		return set_text(&s->comment, p), true;
	if (strcmp(word, "plugin") == 0)
		return set_text(&s->plugin, p), true;
	if (strcmp(word, "tls") == 0) {
		free(s->tls_certificate);
		free(s->tls_key);
		s->tls_certificate = next_word(&p);
		s->tls_key = next_word(&p);
		return true;
	}
	if (strcmp(word, "times") == 0)
		return at->fault && (at->fault->times = next_number(&p)) > 0;
	if (strcmp(word, "set") == 0) {
		GROW(s->variables, s->n_variables, s->cap_variables);
		s->variables[s->n_variables].name = next_word(&p);
		s->variables[s->n_variables++].value = xstrdup(p);
		return true;
	}
	if (strcmp(word, "on") == 0) {
		GROW(s->rules, s->n_rules, s->cap_rules);
		s->rules[s->n_rules++] = (struct rule){.pattern = pattern_parse(p)};
		return at->rule = true;
	}
	if (strcmp(word, "table") == 0) {
		GROW(s->tables, s->n_tables, s->cap_tables);
		s->tables[s->n_tables] = (struct table){.name = next_word(&p)};
		parse_cells(&s->tables[s->n_tables++].columns, p);
		return at->table = true;
	}
	for (size_t i = 0; i < N_STAGES; i++)
		if (strcmp(word, stages[i]) == 0) {
			at->fault = &s->faults[i];
			return parse_fault(at->fault, p);
		}
	return false;
}

static bool parse_line(struct script *s, const char *line, struct place *at)
{
	const char *p = line;
	char *word = next_word(&p);
	bool ok;

	if (!*word || *word == '#')
		ok = true;
	else if (is_blank(*line) && at->rule)
		ok = parse_rule_line(&s->rules[s->n_rules - 1], word, p);
	else if (is_blank(*line) && at->table)
		ok = parse_table_line(&s->tables[s->n_tables - 1], word, p);
	else
		ok = parse_top_line(s, word, p, at);
	free(word);
	return ok;
}

struct script script_parse(const char *text)
{
	struct script s = {0};
	struct place at = {0};
	unsigned number = 0;

	while (*text) {
		size_t n = strcspn(text, "\n");
		char *line = xstrndup(text, n);
		number++;
		while (n && (is_blank(line[n - 1]) || line[n - 1] == '\r'))
			line[--n] = '\0';
		if (!parse_line(&s, line, &at))
			die("fake server: line %u of the script: %s", number, line);
		free(line);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (!s.version)
		s.version = xstrdup("8.0.36");
	if (!s.comment)
		s.comment = xstrdup("fake server");
	if (!s.plugin)
		s.plugin = xstrdup("mysql_native_password");
	return s;
}
