/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON put together piece by piece, without a tree of objects: an event a line is
 * what this program does most. Each value has a comma behind it, which gives way
 * to the bracket that closes an object or array.
 */
#ifndef VASMON_JSON_PUT_H
#define VASMON_JSON_PUT_H

#include <stdbool.h>

#include "buf.h"

/* Version of the format: grows where a field changes its meaning or goes. */
#define JSON_VERSION	"1"

#define json_put_literal(b, s)	buf_add(b, s, sizeof(s) - 1)

/* @key is a literal, here and below. */
#define json_put_key(b, key)	json_put_literal(b, "\"" key "\":")

#define json_put_uint(b, key, v) \
	do { json_put_key(b, key); json_put_value_uint(b, v); } while (0)

#define json_put_int(b, key, v) \
	do { json_put_key(b, key); json_put_value_int(b, v); } while (0)

#define json_put_bool(b, key, v) \
	do { json_put_key(b, key); buf_puts(b, (v) ? "true," : "false,"); } while (0)

/* Left out where false. */
#define json_put_flag(b, key, v) \
	do { if (v) json_put_bool(b, key, true); } while (0)

/* Addresses as strings: they do not fit the numbers of most JSON readers. */
#define json_put_hex(b, key, v) \
	do { json_put_literal(b, "\"" key "\":\"0x"); json_put_hex_rest(b, v); } while (0)

/* A string of our own: a word that has nothing to escape. */
#define json_put_word(b, key, s) \
	do { json_put_literal(b, "\"" key "\":\""); json_put_word_rest(b, s); } while (0)

/* Nanoseconds as a string of seconds. */
#define json_put_time(b, key, ns) \
	do { json_put_key(b, key); json_put_value_time(b, ns); } while (0)

/*
 * Bytes that somebody else chose. What is not UTF-8 is replaced, and then all
 * the bytes stand in hex beside it, so that nothing is lost.
 */
#define json_put_bytes(b, key, s) \
	do { \
		json_put_key(b, key); \
		if (!json_put_value(b, s)) { \
			json_put_key(b, key "_hex"); \
			json_put_value_bytes(b, s); \
		} \
	} while (0)

#define json_put_object(b, key)	json_put_literal(b, "\"" key "\":{")
#define json_put_array(b, key)	json_put_literal(b, "\"" key "\":[")

/* The same as elements of an array. */
#define json_put_value_word(b, s) \
	do { buf_putc(b, '"'); json_put_word_rest(b, s); } while (0)
#define json_put_value_hex(b, v) \
	do { json_put_literal(b, "\"0x"); json_put_hex_rest(b, v); } while (0)

/* Text that is put together in place, between these two: where it began. */
#define json_put_text(b, key) \
	(json_put_literal(b, "\"" key "\":\""), (b)->len)
void json_put_text_end(struct buf *b, size_t began);

static inline void json_put_close(struct buf *b, char bracket)
{
	b->len -= b->len && b->s[b->len - 1] == ',';
	buf_putc(b, bracket);
	buf_putc(b, ',');
}

/* A record is a line; @type is a literal. */
#define json_put_record(b, type) \
	json_put_literal(b, "{\"v\":" JSON_VERSION ",\"type\":\"" type "\",")

static inline void json_put_record_end(struct buf *b)
{
	json_put_close(b, '}');
	b->len--;
	buf_putc(b, '\n');
}

bool json_put_value(struct buf *b, const char *s);
void json_put_word_rest(struct buf *b, const char *s);
void json_put_hex_rest(struct buf *b, uint64_t v);
void json_put_value_uint(struct buf *b, uint64_t v);
void json_put_value_int(struct buf *b, int64_t v);
void json_put_value_time(struct buf *b, uint64_t ns);
void json_put_value_bytes(struct buf *b, const char *s);

#endif
