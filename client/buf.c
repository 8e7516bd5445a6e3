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

/*
 * Numbers are most of a line, and printf would be most of its cost. Decimal ones go two
 * digits at a time, from a table; of hexadecimal ones all sixteen are made at once.
 */
static const char buf_dec_pairs[] =
	"00010203040506070809101112131415161718192021222324"
	"25262728293031323334353637383940414243444546474849"
	"50515253545556575859606162636465666768697071727374"
	"75767778798081828384858687888990919293949596979899";

#define BUF_HEX_DIGITS	16

/* Where there is no room: apart, so that the common way needs no frame. */
static __attribute__((noinline, cold)) void buf_hex_slowly(struct buf *b, uint64_t v,
							   unsigned int n)
{
	if (buf_grow(b, BUF_HEX_DIGITS))
		buf_hex(b, v, n);
}

typedef uint8_t buf_bytes __attribute__((vector_size(BUF_HEX_DIGITS)));

/* All digits of a number whose first byte in memory is its highest. */
static inline buf_bytes buf_hex_all(uint64_t v)
{
	const uint64_t halves[2] = { v };
	buf_bytes bytes, high, low, digits;

	memcpy(&bytes, halves, sizeof(bytes));
	high = bytes >> 4;
	low = bytes & 15;
	digits = __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22,
					 7, 23);
	return digits + '0' + ((buf_bytes)(digits > 9) & ('a' - '9' - 1));
}

void buf_hex(struct buf *b, uint64_t v, unsigned int min_digits)
{
	unsigned int n = v ? (67 - (unsigned int)__builtin_clzll(v)) / 4 : 1;
	buf_bytes digits;

	if (n < min_digits)
		n = min_digits < BUF_HEX_DIGITS ? min_digits : BUF_HEX_DIGITS;
	if (b->room - b->len < BUF_HEX_DIGITS) {
		buf_hex_slowly(b, v, n);
		return;
	}
	/* Those that count come first; what is behind them gets overwritten. */
	digits = buf_hex_all(htobe64(v << 4 * (BUF_HEX_DIGITS - n)));
	memcpy(b->s + b->len, &digits, sizeof(digits));
	b->len += n;
}

/* How many digits a number has. */
unsigned int buf_dec_digits(uint64_t v)
{
	static const uint64_t least[] = {
		0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
		10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
		1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
		10000000000000000000ull,
	};
	/* log10(2) is 1233/4096, nearly. */
	unsigned int n = (64 - (unsigned int)__builtin_clzll(v | 1)) * 1233 >> 12;

	return n + (v >= least[n]);
}

static __attribute__((noinline, cold)) void buf_dec_slowly(struct buf *b, uint64_t v)
{
	if (buf_grow(b, 20))
		buf_dec(b, v);
}

void buf_dec(struct buf *b, uint64_t v)
{
	unsigned int n = buf_dec_digits(v);
	char *to;

	if (b->room - b->len < n) {
		buf_dec_slowly(b, v);
		return;
	}
	b->len += n;
	for (to = b->s + b->len; n > 1; n -= 2, v /= 100) {
		to -= 2;
		memcpy(to, buf_dec_pairs + 2 * (v % 100), 2);
	}
	if (n)
		to[-1] = (char)('0' + v);
}

/* The last @digits digits of @v, zeros included. */
void buf_dec_padded(struct buf *b, uint64_t v, unsigned int digits)
{
	char *to;

	if (!buf_reserve(b, digits))
		return;
	b->len += digits;
	for (to = b->s + b->len; digits > 1; digits -= 2, v /= 100) {
		to -= 2;
		memcpy(to, buf_dec_pairs + 2 * (v % 100), 2);
	}
	if (digits)
		to[-1] = (char)('0' + v % 10);
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
