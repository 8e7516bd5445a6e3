/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_MAIN_H
#define _VASMON_MAIN_H

#include <linux/workqueue.h>

/* All work of the module: unbound, so that a watched CPU is not kept busy. */
extern struct workqueue_struct *vasmon_wq;

#endif /* _VASMON_MAIN_H */
