/* Helpers of the screen's tests: a canvas compared as text. */
#ifndef TESTS_UI_TEST_H
#define TESTS_UI_TEST_H

#include "tests/unit/cmocka_all.h"
#include "ui/canvas.h"

static inline struct canvas new_canvas(int cols, int rows)
{
	struct canvas c = {0};
	canvas_resize(&c, cols, rows);
	return c;
}

static inline void expect(const struct canvas *c, const char *want)
{
	struct buf b = BUF_INIT;
	canvas_dump(c, &b);
	assert_string_equal(buf_str(&b), want);
	buf_release(&b);
}

static inline void expect_roles(const struct canvas *c, const char *want)
{
	struct buf b = BUF_INIT;
	canvas_dump_roles(c, &b);
	assert_string_equal(buf_str(&b), want);
	buf_release(&b);
}

#endif
