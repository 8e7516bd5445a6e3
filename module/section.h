/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_SECTION_H
#define _VASMON_SECTION_H

#include "watch.h"

void vasmon_section_begin(struct vasmon_space *space);
void vasmon_section_end(struct vasmon_space *space, bool downgrade);
void vasmon_section_fields(struct vasmon_space *space);
void vasmon_section_rebase(struct vasmon_space *space);
void vasmon_section_exec(struct vasmon_space *old, struct vasmon_space *new);
void vasmon_section_lose(struct vasmon_space *space);

#endif /* _VASMON_SECTION_H */
