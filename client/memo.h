/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text that was made the last time, and of what. Who changes a map in a loop
 * mostly does the same again, and so the line says much of the same.
 *
 *	static struct memo memo;
 *	size_t at = b->len;
 *
 *	if (memo_put(&memo, &key, sizeof(key), b))
 *		return;
 *	... append to b ...
 *	memo_keep(&memo, &key, sizeof(key), b, at);
 *
 * The key is all that the text depends on, without a gap between its members.
 */
#ifndef VASMON_MEMO_H
#define VASMON_MEMO_H

#include <assert.h>

#include "buf.h"

#define MEMO_KEY	56

struct memo {
	bool kept;
	unsigned char key[MEMO_KEY];
	struct buf text;
};

/* Append the text, if it is the one of this key. Return: whether it is. */
static inline bool memo_put(const struct memo *m, const void *key, size_t size, struct buf *b)
{
	/* All sizes are constant. */
	assert(size <= MEMO_KEY);
	if (!m->kept || memcmp(m->key, key, size))
		return false;
	buf_add(b, m->text.s, m->text.len);
	return true;
}

/* Keep what was appended since @b was @at bytes long. */
static inline void memo_keep(struct memo *m, const void *key, size_t size, const struct buf *b,
			     size_t at)
{
	assert(size <= MEMO_KEY);
	buf_reset(&m->text);
	m->kept = !b->failed;
	if (!m->kept)
		return;
	memcpy(m->key, key, size);
	buf_add(&m->text, b->s + at, b->len - at);
	m->kept = !m->text.failed;
}

#endif
