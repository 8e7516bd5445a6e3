// SPDX-License-Identifier: GPL-2.0-only
#include "memo.h"
#include "size.h"

/* 512 B, 4.0 KiB, 132.0 KiB, 1.5 GiB */
void size_human(struct buf *b, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	char tail[] = ".0 KiB";
	unsigned int unit, shift;
	uint64_t tenths;

	if (bytes < 1024) {
		buf_dec(b, bytes);
		buf_puts(b, " B");
		return;
	}
	/* Rounded to the nearest; what would be shown as 1024.0 is 1.0 of the next unit. */
	for (unit = (63 - (unsigned int)__builtin_clzll(bytes)) / 10 - 1;; unit++) {
		shift = 10 * (unit + 1);
		tenths = (bytes >> shift) * 10 +
			 ((bytes >> (shift - 10) & 1023) * 10 + 512) / 1024;
		if (tenths < 10240 || unit == 5)
			break;
	}
	tail[1] = (char)('0' + tenths % 10);
	tail[3] = units[unit];
	buf_dec(b, tenths / 10);
	buf_add(b, tail, sizeof(tail) - 1);
}

/* 33 bytes, 40960 (40.0 KiB) */
void size_put(struct buf *b, uint64_t bytes)
{
	static struct memo memo;
	size_t at = b->len;

	if (memo_put(&memo, &bytes, sizeof(bytes), b))
		return;
	buf_dec(b, bytes);
	if (bytes < 1024) {
		buf_puts(b, bytes == 1 ? " byte" : " bytes");
		return;
	}
	buf_puts(b, " (");
	size_human(b, bytes);
	buf_putc(b, ')');
	memo_keep(&memo, &bytes, sizeof(bytes), b, at);
}
