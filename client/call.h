/* SPDX-License-Identifier: GPL-2.0-only */
/* The request beside an event: system call and arguments, as strace has them. */
#ifndef VASMON_CALL_H
#define VASMON_CALL_H

#include "buf.h"
#include "model.h"

/* What is kept of each call, see call_memo(). */
enum call_memo {
	CALL_MEMO_TEXT,
	CALL_MEMO_JSON,
	CALL_MEMOS,
};

struct buf *call_memo(const struct event *ev, enum call_memo which, bool *kept);
void call_memo_add(struct buf *b, struct buf *memo);
const char *call_name(const struct event *ev);
void call_put(struct buf *b, const struct event *ev);
void call_put_request(struct buf *b, const struct event *ev);
const char *call_cause_name(uint32_t cause);

#endif
