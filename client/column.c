// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "column.h"
#include "size.h"

/* In a column that is @width wide. */
void column_text(struct buf *b, const char *s, size_t width)
{
	size_t len = strlen(s);

	buf_pad(b, b->len, width > len ? width - len : 0);
	buf_add(b, s, len);
}

/* +8192, -4096 or 0, in a column. */
void column_net(struct buf *b, int64_t net, size_t width)
{
	struct buf tmp = { 0 };

	if (net)
		buf_putc(&tmp, net < 0 ? '-' : '+');
	buf_dec(&tmp, net < 0 ? 0 - (uint64_t)net : (uint64_t)net);
	column_text(b, buf_str(&tmp), width);
	b->failed |= tmp.failed;
	buf_free(&tmp);
}

void column_dec(struct buf *b, uint64_t v, size_t width)
{
	size_t digits = buf_dec_digits(v);

	buf_pad(b, b->len, width > digits ? width - digits : 0);
	buf_dec(b, v);
}

void column_human(struct buf *b, uint64_t bytes, size_t width)
{
	char s[16];
	struct buf tmp = { .s = s, .room = sizeof(s) };

	/* At most "1023.9 KiB", so that it never grows. */
	size_human(&tmp, bytes);
	buf_pad(b, b->len, width > tmp.len ? width - tmp.len : 0);
	buf_add(b, s, tmp.len);
}
