#include "parse/innodb_log.h"

#include <string.h>

enum { LONGEST_DEADLOCK = 64 << 10 };

/* "2026-11-22 10:28:02 7 [Note] InnoDB: …", "2026-11-22T10:28:02.020189Z 0 [Note] [MY-012468] [InnoDB] …" */
static bool is_entry(struct slice line)
{
	static const char form[] = "dddd-dd-dd dd:dd:dd";
	for (size_t i = 0; form[i]; i++) {
		char c = i < line.len ? line.s[i] : '\0';
		bool digit = c >= '0' && c <= '9';
		if (form[i] == 'd' ? !digit : form[i] == ' ' ? c != ' ' && c != 'T' : c != form[i])
			return false;
	}
	return true;
}

/* What InnoDB says in an entry; false: it is somebody else's. */
static bool says(struct slice entry, struct slice *what)
{
	struct slice before;
	*what = entry;
	if (!slice_cut(what, "] InnoDB:", &before) && !slice_cut(what, "[InnoDB]", &before))
		return false;
	*what = slice_trim(*what);
	return true;
}

bool innodb_log_next_deadlock(struct slice *rest, struct buf *out)
{
	struct slice line, text;
	bool inside = false;
	while (rest->len && slice_line(rest, &line)) {
		bool entry = is_entry(line);
		if (entry && !says(line, &text))
			continue;
		if (!entry)
			text = line;
		if (entry && slice_begins(text, "Transactions deadlock detected")) {
			inside = true;
			buf_clear(out);
			buf_addf(out, "%.10s %.8s\n", line.s, line.s + 11);
			continue;
		}
		if (!inside || !slice_trim(text).len)
			continue;
		buf_add(out, text.s, text.len);
		buf_addc(out, '\n');
		if (entry && slice_begins(text, "*** WE ROLL BACK TRANSACTION ("))
			return true;
		inside = out->len < LONGEST_DEADLOCK;
	}
	*rest = (struct slice){"", 0};
	return false;
}
