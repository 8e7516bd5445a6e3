/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_TARGET_H
#define _VASMON_TARGET_H

#include <linux/mm_types.h>
#include <linux/pid.h>
#include <linux/vasmon.h>

struct netlink_ext_ack;

/**
 * struct vasmon_target - a process that somebody asked for
 * @tgid: the process; a reference is held
 * @mm: its address space; a reference to its users is held
 * @comm: name of its main thread
 */
struct vasmon_target {
	struct pid *tgid;
	struct mm_struct *mm;
	char comm[VASMON_COMM_LEN];
};

struct mm_struct *vasmon_target_mm(struct pid *tgid);
void vasmon_target_comm(struct pid *tgid, char comm[VASMON_COMM_LEN]);
bool vasmon_target_exited(struct pid *tgid);
int vasmon_target_get(struct vasmon_target *target, struct pid *pid,
		      struct netlink_ext_ack *extack);
void vasmon_target_put(struct vasmon_target *target);

#endif /* _VASMON_TARGET_H */
