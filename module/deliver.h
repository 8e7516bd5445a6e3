/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_DELIVER_H
#define _VASMON_DELIVER_H

#include <linux/workqueue.h>

void vasmon_deliver_work(struct work_struct *work);

#endif /* _VASMON_DELIVER_H */
