/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_MESSAGE_H
#define _VASMON_MESSAGE_H

#include <linux/skbuff.h>
#include "snapshot.h"
#include "thread.h"
#include "watch.h"

/* Largest datagram that is sent, in bytes of payload. */
#define VASMON_MESSAGE_MAX 32768UL

int vasmon_message_put_mm(struct sk_buff *skb, const struct vasmon_snapshot *snap, char *buf);
int vasmon_message_put_region(struct sk_buff *skb, const struct vasmon_snapshot_region *r,
			      char *buf);
int vasmon_message_put_watch(struct sk_buff *skb, const struct vasmon_watch_info *info);
int vasmon_message_put_subscriber(struct sk_buff *skb, const struct vasmon_watch *watch,
				  const struct vasmon_subscriber *sub);
int vasmon_message_put_event(struct sk_buff *skb, u32 watch_id, struct vasmon_record *rec,
			     const struct vasmon_subscriber *sub);
int vasmon_message_put_overrun(struct sk_buff *skb, u32 watch_id, u32 pid, u64 seq, u64 lost);
int vasmon_message_put_process(struct sk_buff *skb, u32 watch_id,
			       const struct vasmon_watch_process *process);
int vasmon_message_put_thread(struct sk_buff *skb, const struct vasmon_threads *threads,
			      const struct vasmon_thread *thread);

#endif /* _VASMON_MESSAGE_H */
