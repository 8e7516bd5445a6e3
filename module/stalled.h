/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_STALLED_H
#define _VASMON_STALLED_H

#include "watch.h"

bool vasmon_stalled_room(const struct sock *sk, unsigned int truesize);
void vasmon_stalled_add(struct vasmon_subscriber *sub, unsigned int truesize);
void vasmon_stalled_remove(struct vasmon_subscriber *sub);
void vasmon_stalled_exit(void);

#endif /* _VASMON_STALLED_H */
