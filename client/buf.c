// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

void buf_free(struct buf *b)
{
	free(b->s);
	*b = (struct buf){ 0 };
}

/* Forget the text, and that memory had run out; keep the room. */
void buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

static bool buf_grow(struct buf *b, size_t more)
{
	size_t room = b->room ? b->room : 256;
	char *s;

	if (b->failed)
		return false;
	while (room - b->len < more) {
		if (room > SIZE_MAX / 2)
			goto fail;
		room *= 2;
	}
	s = realloc(b->s, room);
	if (!s)
		goto fail;
	b->s = s;
	b->room = room;
	return true;
fail:
	b->failed = true;
	return false;
}

static inline bool buf_reserve(struct buf *b, size_t more)
{
	return more <= b->room - b->len || buf_grow(b, more);
}

void buf_add_slowly(struct buf *b, const void *bytes, size_t len)
{
	if (!len || !buf_reserve(b, len))
		return;
	memcpy(b->s + b->len, bytes, len);
	b->len += len;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	size_t room = b->room - b->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room ? b->s + b->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if ((size_t)n >= room) {
		if (!buf_reserve(b, (size_t)n + 1))
			return;
		va_start(ap, fmt);
		vsnprintf(b->s + b->len, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
}

/* Eight hex digits at once: each nibble in a byte, then those above 9 lifted to letters. */
static void buf_hex_digits(char to[8], uint32_t v)
{
	uint64_t x = v, letters;

	x = (x | x << 16) & 0x0000ffff0000ffff;
	x = (x | x << 8) & 0x00ff00ff00ff00ff;
	x = (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
	letters = (x + 0x0606060606060606) >> 4 & 0x0101010101010101;
	x = htobe64(x + 0x3030303030303030 + letters * ('a' - '0' - 10));
	memcpy(to, &x, 8);
}

/* Numbers are most of a line: printf would be most of its cost. */
void buf_hex(struct buf *b, uint64_t v, unsigned int min_digits)
{
	unsigned int n = v ? (67 - (unsigned int)__builtin_clzll(v)) / 4 : 1;

	if (n < min_digits)
		n = min_digits < 16 ? min_digits : 16;
	if (!buf_reserve(b, 16))
		return;
	v <<= 4 * (16 - n);
	buf_hex_digits(b->s + b->len, (uint32_t)(v >> 32));
	if (n > 8)
		buf_hex_digits(b->s + b->len + 8, (uint32_t)v);
	b->len += n;
}

void buf_dec(struct buf *b, uint64_t v)
{
	char digits[20];
	unsigned int n = sizeof(digits);

	if (v < 10) {
		buf_putc(b, (char)('0' + v));
		return;
	}
	for (; v >= 10; v /= 100) {
		unsigned int pair = v % 100;

		n -= 2;
		digits[n] = (char)('0' + pair / 10);
		digits[n + 1] = (char)('0' + pair % 10);
	}
	if (v)
		digits[--n] = (char)('0' + v);
	buf_add(b, digits + n, sizeof(digits) - n);
}

/* The last @digits digits of @v, zeros included. */
void buf_dec_padded(struct buf *b, uint64_t v, unsigned int digits)
{
	unsigned int i;

	if (!buf_reserve(b, digits))
		return;
	for (i = digits; i--; v /= 10)
		b->s[b->len + i] = (char)('0' + v % 10);
	b->len += digits;
}

/* Blanks until the text that began at @since is @width bytes long. */
void buf_pad(struct buf *b, size_t since, size_t width)
{
	size_t have = b->len - since;

	if (have >= width || !buf_reserve(b, width - have))
		return;
	memset(b->s + b->len, ' ', width - have);
	b->len += width - have;
}

/* The text as a string, valid until the next change; "" if memory ran out. */
const char *buf_str(struct buf *b)
{
	if (b->failed || !buf_reserve(b, 1))
		return "";
	b->s[b->len] = '\0';
	return b->s;
}
