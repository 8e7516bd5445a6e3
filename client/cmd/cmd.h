/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VASMON_CMD_H
#define VASMON_CMD_H

#include "../opt.h"

extern const struct verb cmd_diff;
extern const struct verb cmd_help;
extern const struct verb cmd_list;
extern const struct verb cmd_maps;
extern const struct verb cmd_mark;
extern const struct verb cmd_record;
extern const struct verb cmd_replay;
extern const struct verb cmd_run;
extern const struct verb cmd_stat;
extern const struct verb cmd_version;
extern const struct verb cmd_watch;

/* All verbs, ended by NULL. */
extern const struct verb *const main_verbs[];
const struct verb *main_find(const char *name);
void main_usage(FILE *to);

#endif
