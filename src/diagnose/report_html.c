/* Reports as one HTML page: no script, no external resource, dark or light as its reader likes it, and
   fit to be printed. */
#include "diagnose/reportwrite.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<meta name=\"referrer\" content=\"no-referrer\">\n"
	"<meta http-equiv=\"Content-Security-Policy\""
	" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";

static const char style[] =
	"<style>\n"
	":root{--bg:#fff;--fg:#1c2127;--dim:#5c6773;--line:#d8dee4;--soft:#f3f5f7;--accent:#0b6bcb;"
	"--critical:#b3261e;--warning:#8a5a00;--notice:#0b6bcb;--ok:#1a7f37}\n"
	"@media (prefers-color-scheme:dark){:root{--bg:#14181d;--fg:#dfe5ec;--dim:#93a1b0;"
	"--line:#333c46;--soft:#1d232a;--accent:#6cb6ff;--critical:#ff8a80;--warning:#f0b849;"
	"--notice:#6cb6ff;--ok:#5fd38a}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;padding:1rem;max-width:72rem;background:var(--bg);color:var(--fg);"
	"font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
	"h1{font-size:1.6rem;margin:1.5rem 0 .25rem}\n"
	"h2{font-size:1.25rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}\n"
	"h3{font-size:1.05rem;margin:0 0 .25rem}\n"
	"p{margin:.4rem 0}.dim{color:var(--dim)}\n"
	"nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0;margin:.5rem 0}\n"
	"a{color:var(--accent)}\n"
	".verdict,.finding{border:1px solid var(--line);border-left:.4rem solid var(--line);"
	"border-radius:.25rem;padding:.75rem 1rem;margin:.75rem 0;background:var(--soft)}\n"
	".critical{border-left-color:var(--critical)}.warning{border-left-color:var(--warning)}"
	".notice{border-left-color:var(--notice)}.ok{border-left-color:var(--ok)}\n"
	".tag{font-weight:700}.critical .tag{color:var(--critical)}.warning .tag{color:var(--warning)}"
	".notice .tag{color:var(--notice)}.ok .tag{color:var(--ok)}\n"
	".symptom{margin-left:2rem}\n"
	".scroll{overflow-x:auto;margin:.75rem 0}\n"
	"table{border-collapse:collapse;width:100%;font-size:.9rem}\n"
	"caption{text-align:left;font-weight:700;padding:.25rem 0}\n"
	"th,td{text-align:left;vertical-align:top;padding:.25rem .6rem;"
	"border-bottom:1px solid var(--line);overflow-wrap:normal}\n"
	"th{color:var(--dim);font-weight:600;white-space:nowrap}\n"
	".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n"
	"td.wide{min-width:16rem;overflow-wrap:anywhere}\n"
	"code,pre{font:.85rem/1.45 ui-monospace,monospace}\n"
	"pre{white-space:pre-wrap;background:var(--soft);padding:.5rem .75rem;border-radius:.25rem}\n"
	"dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.1rem 1rem;margin:.5rem 0}\n"
	"dt{color:var(--dim)}dd{margin:0;min-width:0}\n"
	"ul.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));"
	"gap:0 1.5rem;list-style:none;padding:0;margin:.5rem 0}\n"
	".facts li{display:flex;justify-content:space-between;gap:1rem;"
	"border-bottom:1px solid var(--line)}.facts li>.dim{overflow-wrap:normal}"
	".facts span+span{text-align:right;min-width:0}\n"
	".advice dt{color:var(--fg);font-weight:600}h4{margin:.75rem 0 0}dd pre{margin:0}td.s{white-space:nowrap}\n"
	".curves{display:flex;flex-wrap:wrap;gap:1rem}\n"
	"figure{margin:.5rem 0;flex:1 1 16rem;max-width:26rem}\n"
	"figcaption{font-size:.85rem;color:var(--dim)}\n"
	"svg{display:block;width:100%;height:4rem;border-bottom:1px solid var(--line)}\n"
	"svg path.line{fill:none;stroke:var(--accent);stroke-width:1.5;vector-effect:non-scaling-stroke}\n"
	"svg path.area{fill:var(--accent);opacity:.15;stroke:none}\n"
	"@media (max-width:40rem){dl{grid-template-columns:1fr}dd{margin-bottom:.3rem}"
	".symptom{margin-left:.5rem}}\n"
	"@media print{:root{--bg:#fff;--fg:#000;--dim:#444;--line:#bbb;--soft:#fff;--accent:#00539f;"
	"--critical:#900;--warning:#640;--notice:#00539f;--ok:#050}body{max-width:none;padding:0;"
	"font-size:10pt}nav{display:none}.scroll{overflow:visible}"
	".finding,figure,tr{break-inside:avoid}h2,h3{break-after:avoid}}\n"
	"</style>\n";

/* --- texts ------------------------------------------------------------------------------------ */

/* Code points that no HTML document may hold. */
static bool forbidden(uint32_t cp)
{
	return (cp & 0xFFFE) == 0xFFFE || (cp >= 0xFDD0 && cp <= 0xFDEF);
}

/* `s`, scrubbed already. */
static void add_escaped(struct buf *out, const char *s, size_t n)
{
	while (n) {
		uint32_t cp;
		size_t len = utf8_decode(s, n, &cp);
		switch (cp) {
		case '&':
			buf_adds(out, "&amp;");
			break;
		case '<':
			buf_adds(out, "&lt;");
			break;
		case '>':
			buf_adds(out, "&gt;");
			break;
		case '"':
			buf_adds(out, "&quot;");
			break;
		case '\'':
			buf_adds(out, "&#39;");
			break;
		default:
			if (forbidden(cp))
				buf_adds(out, "\xef\xbf\xbd");
			else
				buf_add(out, s, len);
			break;
		}
		s += len;
		n -= len;
	}
}

static void add_bytes(struct buf *out, const char *s, size_t n)
{
	struct buf line = BUF_INIT;
	utf8_scrub(&line, s, n);
	add_escaped(out, buf_str(&line), line.len);
	buf_release(&line);
}

static void add_text(struct buf *out, const char *s)
{
	add_bytes(out, s, strlen(s));
}

static void add_paragraphs(struct buf *out, const char *text, const char *class)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		buf_addf(out, *class ? "<p class=\"%s\">" : "<p>", class);
		add_bytes(out, text, n);
		buf_adds(out, "</p>\n");
		text += n + (text[n] == '\n');
	}
}

static void add_code(struct buf *out, const char *text)
{
	buf_adds(out, "<pre>");
	while (*text) {
		size_t n = strcspn(text, "\n");
		add_bytes(out, text, n);
		buf_addc(out, '\n');
		text += n + (text[n] == '\n');
	}
	buf_adds(out, "</pre>\n");
}

static void add_value(struct buf *out, enum unit u, struct value v, bool rate)
{
	struct buf text = BUF_INIT;
	report_value(&text, u, v, rate);
	buf_adds(out, u == UNIT_SQL && v.type == VALUE_TEXT ? "<code>" : "");
	add_escaped(out, buf_str(&text), text.len);
	buf_adds(out, u == UNIT_SQL && v.type == VALUE_TEXT ? "</code>" : "");
	buf_release(&text);
}

/* --- curves ----------------------------------------------------------------------------------- */

enum { CHART_WIDTH = 300, CHART_HEIGHT = 60 };

struct chart {
	const struct report_curve *curve;
	float oldest, most;
};

static void add_point(struct buf *out, const struct chart *ch, unsigned i, char command)
{
	const struct report_curve *c = ch->curve;
	double x = ch->oldest > 0 ? CHART_WIDTH * (1 - (double)c->age[i] / (double)ch->oldest) : 0;
	double y = CHART_HEIGHT;
	if (ch->most > 0)
		y -= (CHART_HEIGHT - 2) * fmax(0, (double)c->value[i]) / (double)ch->most;
	buf_addf(out, "%c%.1f %.1f", command, x, y);
}

/* Points from `from` up to the next gap; returns where that is. */
static unsigned add_run(struct buf *lines, struct buf *areas, const struct chart *ch, unsigned from)
{
	const struct report_curve *c = ch->curve;
	struct buf run = BUF_INIT;
	unsigned i = from;
	for (; i < c->n && !isnan(c->value[i]); i++)
		add_point(&run, ch, i, i == from ? 'M' : 'L');
	buf_add(lines, buf_str(&run), run.len);
	double x0 = ch->oldest > 0 ? CHART_WIDTH * (1 - (double)c->age[from] / (double)ch->oldest) : 0;
	double x1 = ch->oldest > 0 ? CHART_WIDTH * (1 - (double)c->age[i - 1] / (double)ch->oldest) : 0;
	buf_add(areas, buf_str(&run), run.len);
	buf_addf(areas, "L%.1f %dL%.1f %dZ", x1, CHART_HEIGHT, x0, CHART_HEIGHT);
	buf_release(&run);
	return i;
}

static void add_curve(struct buf *out, const struct report_curve *c)
{
	struct chart ch = {c, c->age[0], 0};
	struct buf lines = BUF_INIT, areas = BUF_INIT;
	float least = INFINITY;
	for (unsigned i = 0; i < c->n; i++) {
		ch.most = fmaxf(ch.most, c->value[i]);
		least = fminf(least, c->value[i]);
	}
	for (unsigned i = 0; i < c->n;)
		i = isnan(c->value[i]) ? i + 1 : add_run(&lines, &areas, &ch, i);
	buf_adds(out, "<figure><figcaption>");
	add_text(out, c->title);
	buf_adds(out, ", ");
	add_value(out, c->unit, value_real(least), c->rate);
	buf_adds(out, " … ");
	add_value(out, c->unit, value_real(ch.most), c->rate);
	buf_adds(out, "</figcaption>\n<svg role=\"img\" preserveAspectRatio=\"none\" aria-label=\"");
	add_text(out, c->title);
	buf_addf(out, "\" viewBox=\"0 0 %d %d\"><path class=\"area\" d=\"%s\"/>"
		      "<path class=\"line\" d=\"%s\"/></svg></figure>\n",
		 CHART_WIDTH, CHART_HEIGHT, buf_str(&areas), buf_str(&lines));
	buf_release(&lines);
	buf_release(&areas);
}

/* --- tables ----------------------------------------------------------------------------------- */

enum { SHORT = 16, WIDE = 40 }; /* up to so many bytes a column is not broken; from so many on, anywhere */

static unsigned longest_cell(const struct report_table *t, unsigned column)
{
	unsigned longest = 0;
	for (unsigned r = 0; r < t->n_rows && !t->columns[column].most; r++) {
		struct value v = report_cell_at(t, r, column);
		if (v.type == VALUE_TEXT && v.len > longest)
			longest = v.len;
	}
	return longest;
}

static const char *column_class(const struct report_table *t, unsigned column)
{
	unsigned longest = longest_cell(t, column);
	return unit_flush_right(t->columns[column].unit) ? " class=\"n\""
	       : longest >= WIDE		       ? " class=\"wide\""
	       : longest <= SHORT		       ? " class=\"s\""
						       : "";
}

static void add_table(struct buf *out, const struct report_table *t)
{
	if (!t->n_rows)
		return;
	buf_adds(out, "<div class=\"scroll\"><table>");
	if (*t->title) {
		buf_adds(out, "<caption>");
		add_text(out, t->title);
		buf_adds(out, "</caption>");
	}
	buf_adds(out, "\n<thead><tr>");
	for (unsigned k = 0; k < t->n_columns; k++) {
		buf_addf(out, "<th scope=\"col\"%s>",
			 unit_flush_right(t->columns[k].unit) ? " class=\"n\"" : "");
		add_text(out, t->columns[k].title);
		buf_adds(out, "</th>");
	}
	buf_adds(out, "</tr></thead>\n<tbody>\n");
	for (unsigned r = 0; r < t->n_rows; r++) {
		buf_adds(out, "<tr>");
		for (unsigned k = 0; k < t->n_columns; k++) {
			struct buf text = BUF_INIT;
			bool code = t->columns[k].unit == UNIT_SQL;
			report_cell_shown(&text, t, r, k);
			buf_addf(out, "<td%s>%s", column_class(t, k), code ? "<code>" : "");
			add_escaped(out, buf_str(&text), text.len);
			buf_adds(out, code ? "</code></td>" : "</td>");
			buf_release(&text);
		}
		buf_adds(out, "</tr>\n");
	}
	buf_adds(out, "</tbody></table></div>\n");
	if (t->cut)
		buf_addf(out, "<p class=\"dim\">%u more are left out.</p>\n", t->cut);
}

static void add_term(struct buf *out, const char *name)
{
	buf_adds(out, "<dt>");
	add_text(out, name);
	buf_adds(out, "</dt><dd>");
}

static void add_facts(struct buf *out, const struct report_fact *f)
{
	buf_adds(out, "<ul class=\"facts\">\n");
	for (; f; f = f->next) {
		buf_adds(out, "<li><span class=\"dim\">");
		add_text(out, f->name);
		buf_adds(out, "</span> <span>");
		add_value(out, f->unit, f->value, f->rate);
		if (f->note) {
			buf_adds(out, " <span class=\"dim\">(");
			add_text(out, f->note);
			buf_adds(out, ")</span>");
		}
		buf_adds(out, "</span></li>\n");
	}
	buf_adds(out, "</ul>\n");
}

/* --- findings --------------------------------------------------------------------------------- */

static void add_subjects(struct buf *out, const char *title, const struct subject *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		add_term(out, title);
		buf_addf(out, "%s <b>", subject_name(s[i].kind));
		add_text(out, s[i].id);
		buf_adds(out, "</b></dd>\n");
	}
}

static void add_evidence(struct buf *out, const struct report_finding *rf)
{
	for (unsigned i = 0; i < rf->f.n_evidence; i++) {
		const struct evidence *e = &rf->f.evidence[i];
		add_term(out, report_evidence_title(rf, i));
		add_value(out, e->unit, e->value, report_evidence_rate(rf, i));
		buf_adds(out, "</dd>\n");
	}
}

/* Statements keep their lines: a comment would swallow what follows it. */
static void add_step(struct buf *out, const struct step *s)
{
	struct buf text = BUF_INIT;
	report_step(&text, s);
	add_term(out, step_name(s->kind));
	if (strchr(buf_str(&text), '\n')) {
		add_code(out, buf_str(&text));
	} else {
		buf_adds(out, "<code>");
		add_text(out, buf_str(&text));
		buf_adds(out, "</code>");
	}
	buf_adds(out, "</dd>\n");
	buf_release(&text);
}

static void add_finding(struct buf *out, const struct report_finding *rf)
{
	const struct finding *f = &rf->f;
	const char *severity = severity_name(f->severity);
	buf_addf(out, "<article class=\"finding %s%s\">\n<h3><span class=\"tag\">%s</span> ", severity,
		 f->caused_by ? " symptom" : "", severity);
	add_text(out, f->title ? f->title : f->id);
	buf_adds(out, "</h3>\n<p><b>");
	add_text(out, f->text);
	buf_adds(out, "</b></p>\n<dl>\n");
	add_term(out, "finding");
	add_text(out, f->id);
	buf_adds(out, ", sure ");
	add_value(out, UNIT_RATIO, value_real(f->confidence), false);
	buf_adds(out, "</dd>\n");
	if (f->caused_by) {
		add_term(out, "caused by");
		add_text(out, f->caused_by);
		buf_adds(out, "</dd>\n");
	}
	for (unsigned i = 0; i < f->n_causes; i++) {
		add_term(out, "explains");
		add_text(out, f->causes[i]);
		buf_adds(out, "</dd>\n");
	}
	add_subjects(out, "culprit", f->culprits, f->n_culprits);
	add_subjects(out, "suspect", f->suspects, f->n_suspects);
	add_evidence(out, rf);
	buf_adds(out, "</dl>\n<div class=\"curves\">");
	for (unsigned i = 0; i < f->n_evidence; i++)
		if (rf->curves[i])
			add_curve(out, rf->curves[i]);
	buf_adds(out, "</div>\n");
	struct advice advice[FINDING_ADVICE];
	unsigned n = finding_advice(f, advice);
	buf_adds(out, n ? "<dl class=\"advice\">\n" : "");
	for (unsigned i = 0; i < n; i++) {
		add_term(out, advice[i].title);
		add_text(out, advice[i].text);
		buf_adds(out, "</dd>\n");
	}
	buf_adds(out, n ? "</dl>\n" : "");
	if (f->n_steps)
		buf_adds(out, "<h4>What can be done</h4>\n<dl>\n");
	for (unsigned i = 0; i < f->n_steps; i++)
		add_step(out, &f->steps[i]);
	buf_adds(out, f->n_steps ? "</dl>\n</article>\n" : "</article>\n");
}

/* --- all of it -------------------------------------------------------------------------------- */

static void add_block(struct buf *out, const struct report_block *b)
{
	switch (b->kind) {
	case REPORT_TEXT:
		add_paragraphs(out, b->text, "");
		break;
	case REPORT_NOTE:
		add_paragraphs(out, b->text, "dim");
		break;
	case REPORT_CODE:
		add_code(out, b->text);
		break;
	case REPORT_FACTS:
		add_facts(out, b->facts);
		break;
	case REPORT_TABLE:
		add_table(out, b->table);
		break;
	case REPORT_CURVE:
		add_curve(out, b->curve);
		break;
	case REPORT_FINDING:
		add_finding(out, b->finding);
		break;
	}
}

/* `which`: the target's number, for the links. */
static void add_section(struct buf *out, const struct report_section *s, unsigned which)
{
	if (!report_section_shown(s))
		return;
	buf_addf(out, "<section id=\"t%u-%s\">\n<h2>", which, s->id);
	add_text(out, s->title);
	buf_adds(out, "</h2>\n");
	bool curves = false;
	for (const struct report_block *b = s->first; b; b = b->next) {
		if ((b->kind == REPORT_CURVE) != curves) {
			curves = !curves;
			buf_adds(out, curves ? "<div class=\"curves\">\n" : "</div>\n");
		}
		add_block(out, b);
	}
	buf_adds(out, curves ? "</div>\n</section>\n" : "</section>\n");
}

static void add_links(struct buf *out, const struct report *r, unsigned which)
{
	buf_adds(out, "<nav aria-label=\"Sections\"><ul>");
	for (const struct report_section *s = r->first; s; s = s->next) {
		if (!report_section_shown(s))
			continue;
		buf_addf(out, "<li><a href=\"#t%u-%s\">", which, s->id);
		add_text(out, s->title);
		buf_adds(out, "</a></li>");
	}
	buf_adds(out, "</ul></nav>\n");
}

/* Of several targets: where each of them is. */
static void add_contents(struct buf *out, const struct report_book *b)
{
	buf_adds(out, "<nav aria-label=\"Targets\"><ul>");
	for (unsigned i = 0; i < b->n; i++) {
		buf_addf(out, "<li><a href=\"#t%u\">", i);
		add_text(out, b->reports[i]->target);
		buf_adds(out, "</a></li>");
	}
	buf_adds(out, "</ul></nav>\n");
}

static void add_head(struct buf *out, const struct report *r, unsigned which)
{
	char time[CLOCK_RFC3339_SIZE];
	buf_addf(out, "<header id=\"t%u\">\n<h1>", which);
	add_text(out, r->target);
	buf_adds(out, "</h1>\n<p class=\"dim\">");
	add_text(out, r->server);
	buf_addf(out, "%s%s", *r->server && *r->role ? ", " : "", r->role);
	if (r->wall)
		buf_addf(out, "%s%s, sampled for %.0f s by fathom %s", *r->server || *r->role ? ", " : "",
			 clock_rfc3339(r->wall, time), r->seconds, PACKAGE_VERSION);
	buf_adds(out, "</p>\n</header>\n");
	if (r->partial) {
		buf_adds(out, "<p class=\"verdict warning\"><span class=\"tag\">partial report</span> ");
		add_text(out, r->why_partial ? r->why_partial : "");
		buf_adds(out, "</p>\n");
	}
	const char *severity = severity_name(r->severity);
	buf_addf(out, "<p class=\"verdict %s\"><span class=\"tag\">%s</span> ", severity, severity);
	add_text(out, r->verdict);
	buf_adds(out, "</p>\n");
}

void report_write_html(struct buf *out, const struct report_book *b)
{
	buf_adds(out, head);
	buf_adds(out, "<title>fathom:");
	for (unsigned i = 0; i < b->n; i++) {
		buf_addc(out, ' ');
		add_text(out, b->reports[i]->target);
	}
	buf_adds(out, "</title>\n");
	buf_adds(out, style);
	buf_adds(out, "</head>\n<body>\n<main>\n");
	if (b->comparison) {
		buf_adds(out, "<h1>Comparison</h1>\n");
		add_contents(out, b);
		for (const struct report_section *s = b->comparison->first; s; s = s->next)
			add_section(out, s, b->n);
	}
	for (unsigned i = 0; i < b->n; i++) {
		add_head(out, b->reports[i], i);
		add_links(out, b->reports[i], i);
		for (const struct report_section *s = b->reports[i]->first; s; s = s->next)
			add_section(out, s, i);
	}
	buf_adds(out, "</main>\n</body>\n</html>\n");
}
