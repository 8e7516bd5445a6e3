/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the attributes of a message to structs. Safe on any bytes: what does not
 * fit the contract is refused as a whole. No socket is needed.
 */
#ifndef VASMON_PARSE_H
#define VASMON_PARSE_H

#include <netlink/attr.h>

#include "model.h"

int parse_mm(const struct nlattr *head, int len, struct mm *mm, struct regions *regions);
int parse_event(const struct nlattr *head, int len, struct event *ev);
int parse_thread(const struct nlattr *head, int len, struct thread *thread);
int parse_process(const struct nlattr *head, int len, uint32_t *pid);
int parse_watch(const struct nlattr *head, int len, struct watch_info *info);
void parse_mm_free(struct mm *mm);
void parse_event_free(struct event *ev);
void parse_watch_free(struct watch_info *info);
void parse_regions_free(struct regions *regions);

#endif
