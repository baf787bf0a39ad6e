/* Two GTID texts, a bar between: what is read prints as it is read again, and the arithmetic holds. */
#include "base/fatal.h"
#include "parse/gtid.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_sets(const struct gtid_set *a, const struct gtid_set *b)
{
	struct gtid_set both, rest, again;
	struct buf text = BUF_INIT;
	gtid_set_union(&both, a, b);
	gtid_set_subtract(&rest, a, b);
	BUG_ON(!gtid_set_contains(&both, a) || !gtid_set_contains(a, &rest));
	BUG_ON(gtid_set_count(&rest) > gtid_set_count(a));
	gtid_set_print(&text, &both);
	BUG_ON(!gtid_set_parse(&again, buf_str(&text), text.len));
	BUG_ON(!gtid_set_contains(&again, &both) || !gtid_set_contains(&both, &again));
	buf_clear(&text);
	gtid_set_fold(&text, &both, NULL, 3);
	gtid_set_release(&both);
	gtid_set_release(&rest);
	gtid_set_release(&again);
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	const char *nl = size ? memchr(s, '|', size) : NULL;
	size_t first = nl ? (size_t)(nl - s) : size, second = nl ? size - first - 1 : 0;
	const char *t = nl ? nl + 1 : s + size;
	struct gtid_set a, b;
	struct gtid_position p;
	bool both = gtid_set_parse(&a, s, first);
	if (gtid_set_parse(&b, t, second) && both)
		check_sets(&a, &b);
	gtid_set_release(&a);
	gtid_set_release(&b);
	if (gtid_position_parse(&p, s, first)) {
		struct buf text = BUF_INIT;
		gtid_position_fold(&text, &p);
		buf_release(&text);
	}
	gtid_position_release(&p);
	(void)gtid_position_gap(s, first, t, second);
	return 0;
}
