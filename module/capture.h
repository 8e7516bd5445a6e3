/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_CAPTURE_H
#define _VASMON_CAPTURE_H

#include "watch.h"

int vasmon_capture_start(void);
void vasmon_capture_stop(void);
bool vasmon_capture_add(struct vasmon_space *space);
void vasmon_capture_forget(struct vasmon_watch *watch, struct pid *tgid);
bool vasmon_capture_relieve(struct vasmon_space *space);
void vasmon_capture_lose(struct vasmon_watch *watch, struct pid *tgid, const struct mm_struct *mm);
void vasmon_capture_end_watch(struct vasmon_watch *watch);
void vasmon_capture_exec(struct pid *tgid, struct mm_struct *mm);
void vasmon_capture_exit(struct pid *tgid, u32 exit_code);
void vasmon_capture_fork(struct pid *parent, struct pid *child, struct mm_struct *mm);

int vasmon_capture_mark(struct pid *tgid, const char *text, unsigned int len);

#endif /* _VASMON_CAPTURE_H */
