/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_LIFECYCLE_H
#define _VASMON_LIFECYCLE_H

int vasmon_lifecycle_init(void);
void vasmon_lifecycle_exit(void);

#endif /* _VASMON_LIFECYCLE_H */
