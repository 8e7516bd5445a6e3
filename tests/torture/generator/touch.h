/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TORTURE_TOUCH_H
#define TORTURE_TOUCH_H

#include <stdbool.h>

/* Each returns whether the memory was there. */
int touch_write(unsigned long addr);
int touch_read(unsigned long addr);
/* With the stack pointer there. */
int touch_push(unsigned long addr);

void touch_init(void);
void touch_thread(unsigned int slot, bool child);

#endif /* TORTURE_TOUCH_H */
