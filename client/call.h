/* SPDX-License-Identifier: GPL-2.0-only */
/* The request beside an event: system call and arguments, as strace has them. */
#ifndef VASMON_CALL_H
#define VASMON_CALL_H

#include "buf.h"
#include "model.h"

/* What is kept of each call, see call_memo_put(). */
enum call_memo {
	CALL_MEMO_TEXT,
	CALL_MEMO_JSON,
	CALL_MEMOS,
};

bool call_memo_put(struct buf *b, const struct event *ev, enum call_memo which);
void call_memo_keep(const struct buf *b, size_t at, const struct event *ev, enum call_memo which);
const char *call_name(const struct event *ev);
void call_put(struct buf *b, const struct event *ev);
void call_put_request(struct buf *b, const struct event *ev);
const char *call_cause_name(uint32_t cause);

#endif
