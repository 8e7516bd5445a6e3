/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_MARK_H
#define _VASMON_MARK_H

#include <linux/fs.h>
#include <linux/pid.h>

struct netlink_ext_ack;

int vasmon_mark(struct pid *pid, const char *text, size_t len, struct netlink_ext_ack *extack);

extern const struct file_operations vasmon_mark_fops;

#endif /* _VASMON_MARK_H */
