/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_DELIVER_H
#define _VASMON_DELIVER_H

#include <linux/hrtimer.h>
#include <linux/workqueue.h>

void vasmon_deliver_work(struct work_struct *work);
enum hrtimer_restart vasmon_deliver_linger(struct hrtimer *timer);

#endif /* _VASMON_DELIVER_H */
