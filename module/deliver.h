/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_DELIVER_H
#define _VASMON_DELIVER_H

#include <linux/hrtimer.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>

/* Payload of a datagram, so that its buffer is an allocation of 16 KiB. */
#define VASMON_DELIVER_MAX ((unsigned int)SKB_WITH_OVERHEAD(16384))

void vasmon_deliver_work(struct work_struct *work);
enum hrtimer_restart vasmon_deliver_linger(struct hrtimer *timer);

#endif /* _VASMON_DELIVER_H */
