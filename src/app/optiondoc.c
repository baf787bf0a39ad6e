#include "app/optiondoc.h"

#include <string.h>

#include "diagnose/rule.h"
#include "lab/lab.h"
#include "model/part.h"

enum { WIDTH = 96, HELP_COLUMN = 34 };

static bool shown(const struct option_row *r, enum command c)
{
	return r->group != GROUP_HIDDEN && r->commands >> c & 1;
}

/* `-h, --host=HOST` */
static void add_names(struct buf *out, const struct option_row *r)
{
	if (r->letter)
		buf_addf(out, "-%c, --%s", r->letter, r->name);
	else
		buf_addf(out, "    --%s", r->name);
	if (r->arg && r->arg[0] == '[')
		buf_addf(out, "[=%s", r->arg + 1);
	else if (r->arg)
		buf_addf(out, "=%s", r->arg);
}

/* `text` in lines, all but the first behind `indent` blanks; the cursor stands at `column`. */
static void add_wrapped(struct buf *out, const char *text, size_t indent, size_t column)
{
	while (*text) {
		size_t n = strcspn(text, " ");
		if (column + 1 + n > WIDTH) {
			buf_addc(out, '\n');
			buf_fill(out, ' ', indent);
			column = indent;
		} else if (column > indent) {
			buf_addc(out, ' ');
			column++;
		}
		buf_add(out, text, n);
		column += n;
		text += n + strspn(text + n, " ");
	}
	buf_addc(out, '\n');
}

static void add_option(struct buf *out, const struct option_row *r)
{
	size_t start = out->len;
	buf_adds(out, "  ");
	add_names(out, r);
	size_t used = out->len - start;
	if (used + 1 > HELP_COLUMN) {
		buf_addc(out, '\n');
		used = 0;
	}
	buf_fill(out, ' ', HELP_COLUMN - used);
	add_wrapped(out, option_help(r), HELP_COLUMN, HELP_COLUMN);
}

static void add_options(struct buf *out, enum command c)
{
	size_t n;
	const struct option_row *rows = option_rows(&n);
	for (int g = 0; g < N_GROUPS; g++) {
		bool any = false;
		for (size_t i = 0; i < n; i++) {
			if (rows[i].group != (enum option_group)g || !shown(&rows[i], c))
				continue;
			if (!any)
				buf_addf(out, "\n%s\n", option_group_title((enum option_group)g));
			any = true;
			add_option(out, &rows[i]);
		}
	}
}

static void add_usage(struct buf *out, enum command c, const char *lead)
{
	const struct command_row *r = command_row(c);
	size_t start = out->len;
	buf_addf(out, "%sfathom %s%s%s", lead, r->word ? r->word : "", r->word ? " " : "", r->synopsis);
	size_t used = out->len - start;
	buf_fill(out, ' ', used < 50 ? 50 - used : 1);
	add_wrapped(out, r->help, 50, used < 50 ? 50 : used + 1);
}

void optiondoc_help(enum command c, struct buf *out)
{
	if (c == COMMAND_CONSOLE) {
		buf_adds(out, "A console for MySQL and MariaDB servers.\n\n");
		for (int i = 0; i < N_COMMANDS; i++)
			add_usage(out, (enum command)i, "  ");
		buf_adds(out, "\nfathom COMMAND --help says what else a command takes.\n");
	} else {
		add_usage(out, c, "");
	}
	buf_adds(out,
		 "\nTARGET is a name from the configuration, [user@]host[:port], the path of a socket, or\n"
		 "mysql://user@host:port/?key=value with long options as keys. Options are defaults for all\n"
		 "targets; without a TARGET they make one.\n");
	add_options(out, c);
}

/* --- man page --------------------------------------------------------------------------------- */

/* Text that roff does not take for commands. */
static void add_roff(struct buf *out, const char *s)
{
	if (*s == '.' || *s == '\'')
		buf_adds(out, "\\&");
	for (; *s; s++) {
		if (*s == '-')
			buf_adds(out, "\\-");
		else if (*s == '\\')
			buf_adds(out, "\\e");
		else
			buf_addc(out, *s);
	}
}

static void man_option(struct buf *out, const struct option_row *r)
{
	buf_adds(out, ".TP\n");
	if (r->letter) {
		buf_addf(out, "\\fB\\-%c\\fR", r->letter);
		if (r->arg && r->arg[0] != '[')
			buf_addf(out, " \\fI%s\\fR", r->arg);
		else if (r->arg)
			buf_addf(out, "[\\fI%.*s\\fR]", (int)strlen(r->arg) - 2, r->arg + 1);
		buf_adds(out, ", ");
	}
	buf_adds(out, "\\fB\\-\\-");
	add_roff(out, r->name);
	buf_adds(out, "\\fR");
	if (r->arg && r->arg[0] == '[')
		buf_addf(out, "[=\\fI%.*s\\fR]", (int)strlen(r->arg) - 2, r->arg + 1);
	else if (r->arg)
		buf_addf(out, "=\\fI%s\\fR", r->arg);
	buf_addc(out, '\n');
	add_roff(out, option_help(r));
	buf_adds(out, ".\n");
	const struct setting_rule *rule = option_rule(r);
	if (r->arg && rule->kind >= RULE_WHOLE) {
		struct buf what = BUF_INIT;
		rule_describe(rule, &what);
		buf_adds(out, "The value is ");
		add_roff(out, buf_str(&what));
		buf_adds(out, ".\n");
		buf_release(&what);
	}
	if (r->commands != (1u << COMMAND_CONSOLE | 1u << COMMAND_CHECK | 1u << COMMAND_SNAPSHOT |
			    1u << COMMAND_REPORT)) {
		const char *between = "For ";
		for (int c = 0; c < N_COMMANDS; c++) {
			if (!(r->commands >> c & 1))
				continue;
			const char *word = command_row((enum command)c)->word;
			buf_addf(out, "%s%s%s", between, word ? "fathom " : "", word ? word : "the console");
			between = " and ";
		}
		buf_adds(out, ".\n");
	}
}

static void man_setting(struct buf *out, const char *name, const struct setting_rule *rule,
			const char *standard, const char *help)
{
	buf_adds(out, ".TP\n\\fB");
	add_roff(out, name);
	buf_adds(out, "\\fR = \\fI");
	struct buf what = BUF_INIT;
	rule_describe(rule, &what);
	add_roff(out, buf_str(&what));
	buf_adds(out, "\\fR");
	buf_release(&what);
	if (standard) {
		buf_adds(out, " (");
		add_roff(out, standard);
		buf_adds(out, ")");
	}
	buf_addc(out, '\n');
	add_roff(out, help);
	buf_adds(out, ".\n");
}

static void man_options(struct buf *out)
{
	size_t n;
	const struct option_row *rows = option_rows(&n);
	for (int g = 0; g < GROUP_HIDDEN; g++) {
		buf_addf(out, ".SS %s\n", option_group_title((enum option_group)g));
		for (size_t i = 0; i < n; i++)
			if (rows[i].group == (enum option_group)g)
				man_option(out, &rows[i]);
	}
}

static void man_settings(struct buf *out)
{
	for (int i = 0; i < N_PROGRAM; i++) {
		const struct program_row *r = program_row((enum program_setting)i);
		man_setting(out, r->name, &r->rule, r->standard, r->help);
	}
}

static void man_targets(struct buf *out)
{
	for (int i = 0; i < N_SETTINGS; i++)
		man_setting(out, setting_name((enum setting)i), target_rule((enum setting)i), NULL,
			    setting_help((enum setting)i));
	for (int i = 0; i < N_FILES; i++)
		man_setting(out, file_setting_name((enum file_setting)i),
			    file_setting_rule((enum file_setting)i), NULL,
			    file_setting_help((enum file_setting)i));
	const struct program_row *interval = program_row(PROGRAM_INTERVAL);
	man_setting(out, interval->name, &interval->rule, NULL, interval->help);
}

static void man_parts(struct buf *out)
{
	for (int i = 0; i < N_PARTS; i++) {
		if (!part_exported((enum part_id)i))
			continue;
		buf_adds(out, ".TP\n\\fB");
		add_roff(out, part_name((enum part_id)i));
		buf_adds(out, "\\fR\n");
		add_roff(out, part_title((enum part_id)i));
		buf_adds(out, ".\n");
	}
}

static void man_lab(struct buf *out)
{
	for (const struct lab_verb *v = lab_verbs; v->name; v++) {
		if (!v->help)
			continue;
		buf_addf(out, ".SS fathom lab %s %s\n", v->name, v->arguments);
		buf_addf(out, "%c", v->help[0] - 'a' + 'A');
		add_roff(out, v->help + 1);
		buf_adds(out, ".\n");
		for (const struct lab_option *o = lab_options; o->name; o++) {
			if (!(o->verbs >> (v - lab_verbs) & 1))
				continue;
			buf_adds(out, ".TP\n\\fB");
			if (o->letter)
				buf_addf(out, "\\-%c\\fR, \\fB", o->letter);
			buf_adds(out, "\\-\\-");
			add_roff(out, o->name);
			buf_adds(out, "\\fR");
			if (o->arg)
				buf_addf(out, "=\\fI%s\\fR", o->arg);
			buf_addc(out, '\n');
			add_roff(out, o->help);
			buf_adds(out, ".\n");
		}
	}
}

static void man_rules(struct buf *out)
{
	for (unsigned i = 0; rules[i]; i++)
		for (unsigned k = 0; k < RULE_THRESHOLDS && rules[i]->thresholds[k].name; k++) {
			const struct threshold *t = &rules[i]->thresholds[k];
			struct buf name = BUF_INIT, text = BUF_INIT;
			buf_addf(&name, "%s.%s", rules[i]->id, t->name);
			buf_addf(&text, "%s: %s (%s). %.10g", rules[i]->title, t->help, unit_name(t->unit), t->raise);
			if (t->clear < t->raise || t->clear > t->raise)
				buf_addf(&text, "/%.10g", t->clear);
			buf_adds(&text, " unless told");
			buf_adds(out, ".TP\n\\fB");
			add_roff(out, buf_str(&name));
			buf_adds(out, "\\fR\n");
			add_roff(out, buf_str(&text));
			buf_adds(out, ".\n");
			buf_release(&name);
			buf_release(&text);
		}
}

void optiondoc_man(struct buf *out)
{
	static const struct {
		const char *name;
		void (*add)(struct buf *out);
	} sections[] = {
		{"options", man_options}, {"settings", man_settings}, {"targets", man_targets},
		{"parts", man_parts},	  {"lab", man_lab},	    {"rules", man_rules},
	};
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		buf_addf(out, "@@%s\n", sections[i].name);
		sections[i].add(out);
	}
}

/* --- completion ------------------------------------------------------------------------------- */

/* The words that a value can be, blanks between; nothing when they are not known. */
static void add_choices(struct buf *out, const struct option_row *r)
{
	const struct setting_rule *rule = option_rule(r);
	if (r->does == DOES_COMMAND && r->which == COMMAND_PART) {
		for (int i = 0, k = 0; i < N_PARTS; i++)
			if (part_exported((enum part_id)i))
				buf_addf(out, "%s%s", k++ ? " " : "", part_name((enum part_id)i));
	} else if (rule->kind == RULE_CHOICE) {
		buf_adds(out, rule->choices);
	}
}

/* The words behind `lab`. */
static void add_verbs(struct buf *out)
{
	for (const struct lab_verb *v = lab_verbs; v->name; v++)
		if (v->help)
			buf_addf(out, "%s%s", v > lab_verbs ? " " : "", v->name);
}

/* The long options of any of its verbs, a blank before each. */
static void add_lab_options(struct buf *out)
{
	unsigned shown_verbs = 0;
	for (const struct lab_verb *v = lab_verbs; v->name; v++)
		shown_verbs |= v->help ? 1u << (v - lab_verbs) : 0;
	for (const struct lab_option *o = lab_options; o->name; o++)
		if (o->verbs & shown_verbs)
			buf_addf(out, " --%s%s", o->name, o->arg ? "=" : "");
}

/* The words of all commands. */
static void add_words(struct buf *out)
{
	for (int c = 1; c < N_COMMANDS; c++)
		buf_addf(out, "%s%s", c > 1 ? " " : "", command_row((enum command)c)->word);
}

static void bash_names(struct buf *out, enum command c)
{
	size_t n;
	const struct option_row *rows = option_rows(&n);
	for (size_t i = 0; i < n; i++)
		if (shown(&rows[i], c))
			buf_addf(out, " --%s%s", rows[i].name, rows[i].arg && rows[i].arg[0] != '[' ? "=" : "");
}

/* The word of the one command that has the option; NULL when several have it, or the console. */
static const char *only_command(const struct option_row *r)
{
	for (int c = 1; c < N_COMMANDS; c++)
		if (r->commands == 1u << c)
			return command_row((enum command)c)->word;
	return NULL;
}

static void bash_values(struct buf *out)
{
	size_t n;
	const struct option_row *rows = option_rows(&n);
	for (size_t i = 0; i < n; i++) {
		const struct option_row *r = &rows[i];
		if (r->group == GROUP_HIDDEN || !r->arg)
			continue;
		struct buf choices = BUF_INIT;
		add_choices(&choices, r);
		enum rule_kind kind = option_rule(r)->kind;
		/* The same name may come twice, with other values for each command. */
		const char *word = only_command(r);
		buf_addf(out, "\t%s:--%s", word ? word : "*", r->name);
		if (r->letter)
			buf_addf(out, " | *:-%c", r->letter);
		if (choices.len)
			buf_addf(out, ") COMPREPLY=($(compgen -W '%s' -- \"$cur\")) ;;\n", choices.s);
		else if (kind == RULE_FILE)
			buf_adds(out, ") COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n");
		else if (kind == RULE_FOLDER)
			buf_adds(out, ") COMPREPLY=($(compgen -d -- \"$cur\")) ;;\n");
		else
			buf_adds(out, ") COMPREPLY=() ;;\n");
		buf_release(&choices);
	}
}

static void add_bash(struct buf *out)
{
	buf_adds(out, "# bash completion for fathom, made by: fathom --completion=bash\n"
		      "_fathom()\n{\n"
		      "\tlocal cur=$2 prev=$3 command= names word\n"
		      "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
		      "\t\tcase $word in\n\t\t");
	for (int c = 1; c < N_COMMANDS; c++)
		buf_addf(out, "%s%s", c > 1 ? " | " : "", command_row((enum command)c)->word);
	buf_adds(out, ") command=$word && break ;;\n\t\tesac\n\tdone\n"
		      "\t# --name=value arrives as three words\n"
		      "\t[ \"$prev\" != = ] || prev=${COMP_WORDS[COMP_CWORD-2]}\n"
		      "\t[ \"$cur\" != = ] || cur=\n"
		      "\tcase $command:$prev in\n");
	bash_values(out);
	buf_adds(out, "\t*)\n\t\tcase $command in\n");
	for (int c = 1; c < N_COMMANDS; c++) {
		buf_addf(out, "\t\t%s) names='", command_row((enum command)c)->word);
		if (c == COMMAND_LAB) {
			add_verbs(out);
			add_lab_options(out);
		} else {
			bash_names(out, (enum command)c);
		}
		buf_adds(out, "' ;;\n");
	}
	buf_adds(out, "\t\t*) names='");
	bash_names(out, COMMAND_CONSOLE);
	buf_adds(out, " ");
	add_words(out);
	buf_adds(out, "' ;;\n\t\tesac\n"
		      "\t\t[ \"$command\" = lab ] || names+=\" $(fathom --list-targets 2>/dev/null)\"\n"
		      "\t\tCOMPREPLY=($(compgen -W \"$names\" -- \"$cur\"))\n"
		      "\t\t[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace\n"
		      "\t\t;;\n\tesac\n}\ncomplete -F _fathom fathom\n");
}

/* Text in single quotes of a shell; `special` are further characters that get a backslash. */
static void add_quoted(struct buf *out, const char *s, const char *special)
{
	for (; *s; s++) {
		if (*s == '\'')
			buf_adds(out, "'\\''");
		else if (strchr(special, *s))
			buf_addf(out, "\\%c", *s);
		else
			buf_addc(out, *s);
	}
}

static void zsh_value(struct buf *out, const struct option_row *r)
{
	struct buf choices = BUF_INIT;
	add_choices(&choices, r);
	enum rule_kind kind = option_rule(r)->kind;
	buf_addf(out, "%s:%s:", r->arg[0] == '[' ? ":" : "", r->name);
	if (choices.len)
		buf_addf(out, "(%s)", choices.s);
	else if (kind == RULE_FILE)
		buf_adds(out, "_files");
	else if (kind == RULE_FOLDER)
		buf_adds(out, "_files -/");
	else
		buf_addc(out, ' ');
	buf_release(&choices);
}

static void zsh_options(struct buf *out, enum command c)
{
	size_t n;
	const struct option_row *rows = option_rows(&n);
	for (size_t i = 0; i < n; i++) {
		const struct option_row *r = &rows[i];
		if (!shown(r, c))
			continue;
		for (int is_long = !r->letter; is_long < 2; is_long++) {
			buf_adds(out, "\t\t\t'");
			if (is_long)
				buf_addf(out, "--%s%s", r->name,
					 !r->arg ? "" : r->arg[0] == '[' ? "=-" : "=");
			else
				buf_addf(out, "-%c%s", r->letter,
					 !r->arg ? "" : r->arg[0] == '[' ? "-" : "+");
			buf_addc(out, '[');
			add_quoted(out, option_help(r), "[]:");
			buf_addc(out, ']');
			if (r->arg)
				zsh_value(out, r);
			buf_adds(out, "' \\\n");
		}
	}
	buf_adds(out, "\t\t\t'*:target:(${targets})'\n");
}

static void add_zsh(struct buf *out)
{
	buf_adds(out, "#compdef fathom\n# made by: fathom --completion=zsh\n"
		      "_fathom() {\n"
		      "\tlocal command targets\n"
		      "\ttargets=(${(f)\"$(fathom --list-targets 2>/dev/null)\"})\n"
		      "\tcommand=${words[2]}\n"
		      "\tcase $command in\n");
	for (int c = 1; c < N_COMMANDS; c++) {
		buf_addf(out, "\t%s)\n", command_row((enum command)c)->word);
		if (c == COMMAND_LAB) {
			buf_adds(out, "\t\tcompadd -- ");
			add_verbs(out);
			add_lab_options(out);
			buf_adds(out, "\n\t\t;;\n");
			continue;
		}
		buf_adds(out, "\t\tshift words\n\t\t(( CURRENT-- ))\n\t\t_arguments \\\n");
		zsh_options(out, (enum command)c);
		buf_adds(out, "\t\t;;\n");
	}
	buf_adds(out, "\t*)\n\t\t(( CURRENT == 2 )) && compadd ");
	add_words(out);
	buf_adds(out, "\n\t\t_arguments \\\n");
	zsh_options(out, COMMAND_CONSOLE);
	buf_adds(out, "\t\t;;\n\tesac\n}\n_fathom \"$@\"\n");
}

static void fish_option(struct buf *out, const struct option_row *r, const char *words)
{
	const char *when = only_command(r);
	buf_adds(out, "complete -c fathom");
	if (when)
		buf_addf(out, " -n '__fish_seen_subcommand_from %s'", when);
	else if (r->commands == 1u << COMMAND_CONSOLE)
		buf_addf(out, " -n 'not __fish_seen_subcommand_from %s'", words);
	if (r->letter)
		buf_addf(out, " -s '%c'", r->letter);
	buf_addf(out, " -l %s", r->name);
	if (r->arg && r->arg[0] != '[') {
		struct buf choices = BUF_INIT;
		add_choices(&choices, r);
		enum rule_kind kind = option_rule(r)->kind;
		if (choices.len)
			buf_addf(out, " -x -a '%s'", choices.s);
		else if (kind == RULE_FILE)
			buf_adds(out, " -r -F");
		else if (kind == RULE_FOLDER)
			buf_adds(out, " -x -a '(__fish_complete_directories)'");
		else
			buf_adds(out, " -x");
		buf_release(&choices);
	}
	buf_adds(out, " -d '");
	for (const char *s = option_help(r); *s; s++)
		buf_addf(out, "%s%c", *s == '\'' || *s == '\\' ? "\\" : "", *s);
	buf_adds(out, "'\n");
}

static void add_fish(struct buf *out)
{
	struct buf words = BUF_INIT;
	add_words(&words);
	buf_adds(out, "# fish completion for fathom, made by: fathom --completion=fish\n"
		      "complete -c fathom -f\n"
		      "complete -c fathom -a '(fathom --list-targets 2>/dev/null)'\n");
	for (int c = 1; c < N_COMMANDS; c++)
		buf_addf(out, "complete -c fathom -n '__fish_use_subcommand' -a %s -d '%s'\n",
			 command_row((enum command)c)->word, command_row((enum command)c)->help);
	buf_adds(out, "complete -c fathom -n '__fish_seen_subcommand_from lab' -a '");
	add_verbs(out);
	add_lab_options(out);
	buf_adds(out, "'\n");
	size_t n;
	const struct option_row *rows = option_rows(&n);
	for (size_t i = 0; i < n; i++)
		if (rows[i].group != GROUP_HIDDEN)
			fish_option(out, &rows[i], words.s);
	buf_release(&words);
}

void optiondoc_completion(const char *shell, struct buf *out)
{
	if (!strcmp(shell, "bash"))
		add_bash(out);
	else if (!strcmp(shell, "zsh"))
		add_zsh(out);
	else
		add_fish(out);
}
