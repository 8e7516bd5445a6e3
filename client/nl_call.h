/* SPDX-License-Identifier: GPL-2.0-only */
/* What requests are made with: for nl.c and request.c alone. */
#ifndef VASMON_NL_CALL_H
#define VASMON_NL_CALL_H

#include "nl.h"

/**
 * struct vnl_call - a request that waits for its answer
 * @seq: its number
 * @fn: called for each message of the answer
 * @arg: for @fn
 * @err: result
 * @done: the answer is complete
 * @torn: the kernel says that the dump is not consistent
 */
struct vnl_call {
	uint32_t seq;
	int (*fn)(void *arg, const struct nlattr *head, int len);
	void *arg;
	int err;
	bool done;
	bool torn;
};

int vnl_call(struct vnl *nl, struct nl_sock *sk, struct nl_msg *msg, struct vnl_call *call);
struct nl_msg *vnl_request(uint16_t family, int flags, uint8_t cmd, uint8_t version);

#endif
