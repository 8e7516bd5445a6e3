/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A growing string. Running out of memory is remembered rather than returned,
 * so that a line can be put together without a check after each piece; look at
 * @failed once, before the text is used.
 */
#ifndef VASMON_BUF_H
#define VASMON_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *s;	/* not zero-terminated, see buf_str() */
	size_t len;
	size_t room;
	bool failed;
};

void buf_free(struct buf *b);
void buf_reset(struct buf *b);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_hex(struct buf *b, uint64_t v, unsigned int min_digits);
void buf_dec(struct buf *b, uint64_t v);
void buf_pad(struct buf *b, size_t since, size_t width);
const char *buf_str(struct buf *b);

#endif
