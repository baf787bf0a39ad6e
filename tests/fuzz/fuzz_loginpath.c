/* Any bytes as a login path file: an error or some text, and never more text than bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "io/loginpath.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT;
	struct err err = {0};

	if (!loginpath_decrypt("f", data, size, &text, &err) && err.kind != ERR_USAGE)
		abort();
	if (text.len > size)
		abort();
	buf_release(&text);
	return 0;
}
