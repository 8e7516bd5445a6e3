/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_DEBUGFS_H
#define _VASMON_DEBUGFS_H

void vasmon_debugfs_processes_changed(void);
int vasmon_debugfs_init(void);
void vasmon_debugfs_exit(void);

#endif /* _VASMON_DEBUGFS_H */
