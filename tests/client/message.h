/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages as the kernel sends them, for the unit tests. */
#ifndef VASMON_MESSAGE_H
#define VASMON_MESSAGE_H

#include <netlink/msg.h>

#include "check.h"

static inline struct nl_msg *message_new(void)
{
	struct nl_msg *msg = nlmsg_alloc_size(65536);

	assert_non_null(msg);
	assert_non_null(nlmsg_put(msg, 0, 0, 0x20, 0, 0));
	return msg;
}

static inline const struct nlattr *message_head(struct nl_msg *msg)
{
	return nlmsg_attrdata(nlmsg_hdr(msg), 0);
}

static inline int message_len(struct nl_msg *msg)
{
	return nlmsg_attrlen(nlmsg_hdr(msg), 0);
}

static inline void message_put_region(struct nl_msg *msg, int type, const struct region *r)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	nla_put_u64(msg, VASMON_A_REGION_START, r->start);
	nla_put_u64(msg, VASMON_A_REGION_END, r->end);
	nla_put_u32(msg, VASMON_A_REGION_PROT, r->prot);
	if (*r->name) {
		nla_put_u32(msg, VASMON_A_REGION_NAME_TYPE, r->name_type);
		nla_put_string(msg, VASMON_A_REGION_NAME, r->name);
	}
	nla_nest_end(msg, nest);
}

static inline struct nl_msg *message_event(const struct event *ev)
{
	struct nl_msg *msg = message_new();
	size_t i;

	nla_put_u32(msg, VASMON_A_EVENT_WATCH_ID, ev->watch_id);
	nla_put_u64(msg, VASMON_A_EVENT_SEQ, ev->seq);
	nla_put_u64(msg, VASMON_A_EVENT_TIME, ev->time);
	nla_put_u32(msg, VASMON_A_EVENT_PID, ev->pid);
	nla_put_u32(msg, VASMON_A_EVENT_CAUSE, ev->cause);
	nla_put_u32(msg, VASMON_A_EVENT_FLAGS, ev->flags);
	nla_put_u32(msg, VASMON_A_EVENT_TID, ev->tid);
	nla_put_u32(msg, VASMON_A_EVENT_TGID, ev->tgid);
	nla_put_string(msg, VASMON_A_EVENT_COMM, ev->comm);
	if (ev->has_window) {
		nla_put_u64(msg, VASMON_A_EVENT_START, ev->start);
		nla_put_u64(msg, VASMON_A_EVENT_END, ev->end);
	}
	for (i = 0; i < ev->fresh.n; i++)
		message_put_region(msg, VASMON_A_EVENT_NEW, &ev->fresh.v[i]);
	if (ev->has_map_count)
		nla_put_u32(msg, VASMON_A_EVENT_MAP_COUNT, ev->map_count);
	if (ev->has_exit_code)
		nla_put_u32(msg, VASMON_A_EVENT_EXIT_CODE, ev->exit_code);
	if (ev->text)
		nla_put_string(msg, VASMON_A_EVENT_TEXT, ev->text);
	if (ev->lost)
		nla_put_u64(msg, VASMON_A_EVENT_LOST, ev->lost);
	return msg;
}

#endif
