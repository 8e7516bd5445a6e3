// SPDX-License-Identifier: GPL-2.0-only
/* The generic-netlink family; include/spec/vasmon.yaml is its contract. */
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <linux/vasmon.h>

#include "mark.h"
#include "message.h"
#include "netlink.h"
#include "snapshot.h"
#include "watch.h"

static const struct nla_policy vasmon_netlink_mm_policy[VASMON_A_MM_WATCH_ID + 1] = {
	[VASMON_A_MM_PID] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy vasmon_netlink_region_policy[VASMON_A_MM_WATCH_ID + 1] = {
	[VASMON_A_MM_PID] = NLA_POLICY_MIN(NLA_U32, 1),
	[VASMON_A_MM_WATCH_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* All there are. */
#define VASMON_NETLINK_CHAIN_CAUSES (2 * VASMON_CHAIN_CAUSE_OTHER - 1)

/* Not const: nla_policy has no const there in 6.1. */
static struct netlink_range_validation vasmon_netlink_ring_size = {
	.min = VASMON_RING_SIZE_MIN,
	.max = VASMON_RING_SIZE_MAX,
};

static const struct nla_policy vasmon_netlink_watch_policy[VASMON_A_WATCH_CALLCHAIN_TID + 1] = {
	[VASMON_A_WATCH_PID] = NLA_POLICY_MIN(NLA_U32, 1),
	[VASMON_A_WATCH_RING_SIZE] = NLA_POLICY_FULL_RANGE(NLA_U32, &vasmon_netlink_ring_size),
	[VASMON_A_WATCH_FOLLOW] = { .type = NLA_FLAG },
	[VASMON_A_WATCH_LOSSLESS] = { .type = NLA_FLAG },
	[VASMON_A_WATCH_CALLCHAIN] = { .type = NLA_FLAG },
	[VASMON_A_WATCH_STACK_SIZE] = NLA_POLICY_MAX(NLA_U32, VASMON_STACK_MAX),
	[VASMON_A_WATCH_CALLCHAIN_CAUSES] = NLA_POLICY_MAX(NLA_U32, VASMON_NETLINK_CHAIN_CAUSES),
	[VASMON_A_WATCH_CALLCHAIN_TID] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy vasmon_netlink_mark_policy[VASMON_A_EVENT_TEXT + 1] = {
	[VASMON_A_EVENT_PID] = NLA_POLICY_MIN(NLA_U32, 1),
	[VASMON_A_EVENT_TEXT] = { .type = NLA_NUL_STRING, .len = VASMON_MARK_MAX },
};

static const struct nla_policy vasmon_netlink_process_policy[VASMON_A_PROCESS_WATCH_ID + 1] = {
	[VASMON_A_PROCESS_WATCH_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy vasmon_netlink_thread_policy[VASMON_A_THREAD_PID + 1] = {
	[VASMON_A_THREAD_PID] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy vasmon_netlink_unwatch_policy[VASMON_A_WATCH_ID + 1] = {
	[VASMON_A_WATCH_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* Nothing but the filler, which is not accepted either. */
static const struct nla_policy vasmon_netlink_none_policy[VASMON_A_WATCH_PAD + 1] = { };

/*
 * Addresses are secrets. As netlink_capable() has it, both who opened the
 * socket and who sends must have the capability, so that a privileged program
 * can not be made to ask by handing it a socket.
 */
static int vasmon_netlink_permit(struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (netlink_capable(skb, CAP_SYS_PTRACE))
		return 0;
	NL_SET_ERR_MSG(extack, "CAP_SYS_PTRACE is needed, in the initial user namespace");
	return -EPERM;
}

/* Return: the process that a request names, with a reference, or an error. */
static struct pid *vasmon_netlink_pid(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct pid *pid;

	if (!attr) {
		NL_SET_ERR_MSG(extack, "the attribute pid is missing");
		return ERR_PTR(-EINVAL);
	}
	pid = find_get_pid(nla_get_u32(attr));
	if (!pid) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "no such process");
		return ERR_PTR(-ESRCH);
	}
	return pid;
}

static int vasmon_netlink_mm_get(struct sk_buff *skb, struct genl_info *info)
{
	struct vasmon_snapshot *snap;
	struct sk_buff *reply;
	struct pid *pid;
	char *buf;
	void *header;
	int err;

	err = vasmon_netlink_permit(skb, info->extack);
	if (err)
		return err;
	pid = vasmon_netlink_pid(info->attrs[VASMON_A_MM_PID], info->extack);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	err = vasmon_snapshot_take(&snap, pid, false, NULL, info->extack);
	put_pid(pid);
	if (err)
		return err;

	err = -ENOMEM;
	buf = kmalloc(VASMON_PATH_MAX, GFP_KERNEL_ACCOUNT);
	reply = genlmsg_new(VASMON_PATH_MAX + 1024, GFP_KERNEL_ACCOUNT);
	if (!buf || !reply)
		goto out;
	err = -EMSGSIZE;
	header = genlmsg_put_reply(reply, info, &vasmon_netlink_family, 0, VASMON_CMD_MM_GET);
	if (!header || vasmon_message_put_mm(reply, snap, buf))
		goto out;
	genlmsg_end(reply, header);
	err = genlmsg_reply(reply, info);
	reply = NULL;
out:
	nlmsg_free(reply);
	kfree(buf);
	vasmon_snapshot_free(snap);
	return err;
}

/**
 * struct vasmon_netlink_dump - a dump of regions under way
 * @snap: what is dumped, taken when the dump started
 * @next: index of the next region
 * @begun: was the summary sent?
 * @buf: for paths
 */
struct vasmon_netlink_dump {
	struct vasmon_snapshot *snap;
	unsigned long next;
	bool begun;
	char *buf;
};

static int vasmon_netlink_region_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = vasmon_compat_dump_attrs(cb);
	struct vasmon_watch *watch = NULL;
	struct vasmon_netlink_dump *dump;
	struct pid *pid;
	int err;

	err = vasmon_netlink_permit(cb->skb, cb->extack);
	if (err)
		return err;
	pid = vasmon_netlink_pid(attrs[VASMON_A_MM_PID], cb->extack);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	err = -ENOMEM;
	dump = kzalloc(sizeof(*dump), GFP_KERNEL_ACCOUNT);
	if (!dump)
		goto out;
	dump->buf = kmalloc(VASMON_PATH_MAX, GFP_KERNEL_ACCOUNT);
	if (!dump->buf)
		goto out;
	if (attrs[VASMON_A_MM_WATCH_ID]) {
		err = -ENOENT;
		watch = vasmon_watch_get(nla_get_u32(attrs[VASMON_A_MM_WATCH_ID]));
		if (!watch) {
			NL_SET_ERR_MSG_ATTR(cb->extack, attrs[VASMON_A_MM_WATCH_ID],
					    "no such watch");
			goto out;
		}
	}
	err = vasmon_snapshot_take(&dump->snap, pid, true, watch, cb->extack);
	vasmon_watch_put(watch);
out:
	put_pid(pid);
	if (err) {
		if (dump)
			kfree(dump->buf);
		kfree(dump);
		return err;
	}
	/* A region with the longest path has to fit into one message. */
	cb->min_dump_alloc = VASMON_MESSAGE_MAX;
	cb->args[0] = (long)dump;
	return 0;
}

static int vasmon_netlink_region_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vasmon_netlink_dump *dump = (struct vasmon_netlink_dump *)cb->args[0];
	struct vasmon_snapshot *snap = dump->snap;
	unsigned long first = dump->next;
	bool begun = dump->begun;
	void *header;

	if (begun && first == snap->nr)
		return 0;
	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			     &vasmon_netlink_family, NLM_F_MULTI, VASMON_CMD_REGION_GET);
	if (!header)
		return -EMSGSIZE;
	if (!begun) {
		if (vasmon_message_put_mm(skb, snap, dump->buf))
			goto too_long;
		dump->begun = true;
	}
	while (dump->next < snap->nr &&
	       !vasmon_message_put_region(skb, &snap->regions[dump->next], dump->buf))
		dump->next++;
	if (begun && dump->next == first)
		goto too_long;
	genlmsg_end(skb, header);
	return skb->len;
too_long:
	genlmsg_cancel(skb, header);
	return -EMSGSIZE;
}

static int vasmon_netlink_region_done(struct netlink_callback *cb)
{
	struct vasmon_netlink_dump *dump = (struct vasmon_netlink_dump *)cb->args[0];

	if (dump) {
		vasmon_snapshot_free(dump->snap);
		kfree(dump->buf);
		kfree(dump);
	}
	return 0;
}

static int vasmon_netlink_watch(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *causes = info->attrs[VASMON_A_WATCH_CALLCHAIN_CAUSES];
	struct nlattr *stack_size = info->attrs[VASMON_A_WATCH_STACK_SIZE];
	struct nlattr *ring_size = info->attrs[VASMON_A_WATCH_RING_SIZE];
	struct nlattr *tid = info->attrs[VASMON_A_WATCH_CALLCHAIN_TID];
	struct vasmon_watch_request request;
	struct vasmon_watch_info watch;
	struct vasmon_target target;
	struct sk_buff *reply;
	struct pid *pid;
	void *header;
	int err;

	err = vasmon_netlink_permit(skb, info->extack);
	if (err)
		return err;
	if (stack_size && nla_get_u32(stack_size) && !info->attrs[VASMON_A_WATCH_CALLCHAIN]) {
		NL_SET_ERR_MSG_ATTR(info->extack, stack_size, "a stack comes with a callchain");
		return -EINVAL;
	}
	if ((causes || tid) && !info->attrs[VASMON_A_WATCH_CALLCHAIN]) {
		NL_SET_ERR_MSG_ATTR(info->extack, causes ?: tid, "no callchain is asked for");
		return -EINVAL;
	}
	if (stack_size && !IS_ALIGNED(nla_get_u32(stack_size), sizeof(u64))) {
		NL_SET_ERR_MSG_ATTR(info->extack, stack_size, "not a multiple of 8");
		return -EINVAL;
	}
	pid = vasmon_netlink_pid(info->attrs[VASMON_A_WATCH_PID], info->extack);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	err = vasmon_target_get(&target, pid, info->extack);
	put_pid(pid);
	if (err)
		return err;
	/* Before the watch, which nothing that fails afterwards would end. */
	reply = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL_ACCOUNT);
	if (!reply) {
		err = -ENOMEM;
		goto out;
	}
	request.sk = NETLINK_CB(skb).sk;
	request.portid = info->snd_portid;
	request.ring_size = ring_size ? nla_get_u32(ring_size) : 0;
	request.follow = info->attrs[VASMON_A_WATCH_FOLLOW];
	request.wishes.lossless = info->attrs[VASMON_A_WATCH_LOSSLESS];
	request.wishes.callchain = info->attrs[VASMON_A_WATCH_CALLCHAIN];
	request.wishes.chain_causes = causes ? nla_get_u32(causes) : VASMON_NETLINK_CHAIN_CAUSES;
	request.wishes.chain_tid = tid ? nla_get_u32(tid) : 0;
	request.wishes.stack_size = stack_size ? nla_get_u32(stack_size) : 0;
	err = vasmon_watch_subscribe(&target, &request, &watch, info->extack);
	if (err)
		goto out;
	header = genlmsg_put_reply(reply, info, &vasmon_netlink_family, 0, VASMON_CMD_WATCH);
	if (WARN_ON(!header || vasmon_message_put_watch(reply, &watch))) {
		err = -EMSGSIZE;
		goto out;
	}
	genlmsg_end(reply, header);
	err = genlmsg_reply(reply, info);
	reply = NULL;
	/* Who is not told the number can not end it. */
	if (err)
		vasmon_watch_unsubscribe(watch.id, request.sk);
out:
	nlmsg_free(reply);
	vasmon_target_put(&target);
	return err;
}

static int vasmon_netlink_unwatch(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *id = info->attrs[VASMON_A_WATCH_ID];
	int err = vasmon_netlink_permit(skb, info->extack);

	if (err)
		return err;
	if (!id) {
		NL_SET_ERR_MSG(info->extack, "the attribute id is missing");
		return -EINVAL;
	}
	err = vasmon_watch_unsubscribe(nla_get_u32(id), NETLINK_CB(skb).sk);
	if (err)
		NL_SET_ERR_MSG_ATTR(info->extack, id, "this socket has no such watch");
	return err;
}

static int vasmon_netlink_watch_get_start(struct netlink_callback *cb)
{
	/* A watch with all its subscribers has to fit into one message. */
	cb->min_dump_alloc = VASMON_MESSAGE_MAX;
	return vasmon_netlink_permit(cb->skb, cb->extack);
}

static int vasmon_netlink_put_watch(struct sk_buff *skb, struct netlink_callback *cb,
				    struct vasmon_watch *watch)
{
	struct vasmon_subscriber *sub;
	struct vasmon_watch_info info;
	void *header;
	int err;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			     &vasmon_netlink_family, NLM_F_MULTI, VASMON_CMD_WATCH_GET);
	if (!header)
		return -EMSGSIZE;
	vasmon_watch_info(watch, &info);
	err = vasmon_message_put_watch(skb, &info);
	mutex_lock(&watch->mutex);
	list_for_each_entry(sub, &watch->subscribers, node)
		if (!err)
			err = vasmon_message_put_subscriber(skb, watch, sub);
	mutex_unlock(&watch->mutex);
	if (err)
		genlmsg_cancel(skb, header);
	else
		genlmsg_end(skb, header);
	return err;
}

static int vasmon_netlink_watch_get(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vasmon_watch *watch;
	int err = 0;

	mutex_lock(&vasmon_watch_mutex);
	list_for_each_entry(watch, &vasmon_watches, node) {
		/* In the order of their numbers, which are not used again. */
		if (watch->id <= (unsigned long)cb->args[0])
			continue;
		err = vasmon_netlink_put_watch(skb, cb, watch);
		if (err)
			break;
		cb->args[0] = watch->id;
	}
	mutex_unlock(&vasmon_watch_mutex);
	return err && !skb->len ? err : skb->len;
}

static int vasmon_netlink_mark(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *text = info->attrs[VASMON_A_EVENT_TEXT];
	struct pid *pid;
	int err;

	err = vasmon_netlink_permit(skb, info->extack);
	if (err)
		return err;
	pid = vasmon_netlink_pid(info->attrs[VASMON_A_EVENT_PID], info->extack);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	if (text) {
		err = vasmon_mark(pid, nla_data(text), strlen(nla_data(text)), info->extack);
	} else {
		err = -EINVAL;
		NL_SET_ERR_MSG(info->extack, "the attribute text is missing");
	}
	put_pid(pid);
	return err;
}

/*
 * A message for each of @n things, as many as have room. cb->args[0] is what they
 * are put from, cb->args[1] the index of the next one.
 */
static int vasmon_netlink_dump_each(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
				    unsigned long n,
				    int (*put)(struct sk_buff *skb, const void *dump,
					       unsigned long i))
{
	void *header;

	for (; cb->args[1] < n; cb->args[1]++) {
		header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				     &vasmon_netlink_family, NLM_F_MULTI, cmd);
		if (!header)
			break;
		if (put(skb, (const void *)cb->args[0], cb->args[1])) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
	}
	return skb->len;
}

/**
 * struct vasmon_netlink_processes - a dump of processes under way
 * @watch_id: their watch
 * @process: the processes
 * @n: how many
 */
struct vasmon_netlink_processes {
	u32 watch_id;
	struct vasmon_watch_process *process;
	unsigned int n;
};

static int vasmon_netlink_process_start(struct netlink_callback *cb)
{
	struct nlattr *id = vasmon_compat_dump_attrs(cb)[VASMON_A_PROCESS_WATCH_ID];
	struct vasmon_netlink_processes *dump;
	struct vasmon_watch *watch;
	int err;

	err = vasmon_netlink_permit(cb->skb, cb->extack);
	if (err)
		return err;
	if (!id) {
		NL_SET_ERR_MSG(cb->extack, "the attribute watch-id is missing");
		return -EINVAL;
	}
	watch = vasmon_watch_get(nla_get_u32(id));
	if (!watch) {
		NL_SET_ERR_MSG_ATTR(cb->extack, id, "no such watch");
		return -ENOENT;
	}
	dump = kzalloc(sizeof(*dump), GFP_KERNEL_ACCOUNT);
	err = dump ? vasmon_watch_processes(watch, &dump->process, &dump->n) : -ENOMEM;
	if (!err) {
		dump->watch_id = watch->id;
		cb->args[0] = (long)dump;
	} else {
		kfree(dump);
	}
	vasmon_watch_put(watch);
	return err;
}

static int vasmon_netlink_put_process(struct sk_buff *skb, const void *dump, unsigned long i)
{
	const struct vasmon_netlink_processes *processes = dump;

	return vasmon_message_put_process(skb, processes->watch_id, &processes->process[i]);
}

static int vasmon_netlink_process_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct vasmon_netlink_processes *dump = (void *)cb->args[0];

	return vasmon_netlink_dump_each(skb, cb, VASMON_CMD_PROCESS_GET, dump->n,
					vasmon_netlink_put_process);
}

static int vasmon_netlink_process_done(struct netlink_callback *cb)
{
	struct vasmon_netlink_processes *dump = (void *)cb->args[0];

	if (dump) {
		while (dump->n)
			put_pid(dump->process[--dump->n].tgid);
		kvfree(dump->process);
		kfree(dump);
	}
	return 0;
}

static int vasmon_netlink_thread_start(struct netlink_callback *cb)
{
	struct vasmon_threads *threads;
	struct vasmon_target target;
	struct pid *pid;
	int err;

	err = vasmon_netlink_permit(cb->skb, cb->extack);
	if (err)
		return err;
	pid = vasmon_netlink_pid(vasmon_compat_dump_attrs(cb)[VASMON_A_THREAD_PID], cb->extack);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	err = vasmon_target_get(&target, pid, cb->extack);
	put_pid(pid);
	if (err)
		return err;
	threads = vasmon_threads_get(&target);
	vasmon_target_put(&target);
	if (IS_ERR(threads))
		return PTR_ERR(threads);
	cb->args[0] = (long)threads;
	return 0;
}

static int vasmon_netlink_put_thread(struct sk_buff *skb, const void *dump, unsigned long i)
{
	const struct vasmon_threads *threads = dump;

	return vasmon_message_put_thread(skb, threads, &threads->thread[i]);
}

static int vasmon_netlink_thread_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct vasmon_threads *threads = (void *)cb->args[0];

	return vasmon_netlink_dump_each(skb, cb, VASMON_CMD_THREAD_GET, threads->n,
					vasmon_netlink_put_thread);
}

static int vasmon_netlink_thread_done(struct netlink_callback *cb)
{
	kvfree((void *)cb->args[0]);
	return 0;
}

static const struct genl_ops vasmon_netlink_ops[] = {
	{
		.cmd = VASMON_CMD_MM_GET,
		.doit = vasmon_netlink_mm_get,
		.policy = vasmon_netlink_mm_policy,
		.maxattr = ARRAY_SIZE(vasmon_netlink_mm_policy) - 1,
	},
	{
		.cmd = VASMON_CMD_REGION_GET,
		.start = vasmon_netlink_region_start,
		.dumpit = vasmon_netlink_region_dump,
		.done = vasmon_netlink_region_done,
		.policy = vasmon_netlink_region_policy,
		.maxattr = ARRAY_SIZE(vasmon_netlink_region_policy) - 1,
	},
	{
		.cmd = VASMON_CMD_WATCH,
		.doit = vasmon_netlink_watch,
		.policy = vasmon_netlink_watch_policy,
		.maxattr = ARRAY_SIZE(vasmon_netlink_watch_policy) - 1,
	},
	{
		.cmd = VASMON_CMD_UNWATCH,
		.doit = vasmon_netlink_unwatch,
		.policy = vasmon_netlink_unwatch_policy,
		.maxattr = ARRAY_SIZE(vasmon_netlink_unwatch_policy) - 1,
	},
	{
		.cmd = VASMON_CMD_WATCH_GET,
		.start = vasmon_netlink_watch_get_start,
		.dumpit = vasmon_netlink_watch_get,
		.policy = vasmon_netlink_none_policy,
		.maxattr = ARRAY_SIZE(vasmon_netlink_none_policy) - 1,
	},
	{
		.cmd = VASMON_CMD_MARK,
		.doit = vasmon_netlink_mark,
		.policy = vasmon_netlink_mark_policy,
		.maxattr = ARRAY_SIZE(vasmon_netlink_mark_policy) - 1,
	},
	{
		.cmd = VASMON_CMD_PROCESS_GET,
		.start = vasmon_netlink_process_start,
		.dumpit = vasmon_netlink_process_dump,
		.done = vasmon_netlink_process_done,
		.policy = vasmon_netlink_process_policy,
		.maxattr = ARRAY_SIZE(vasmon_netlink_process_policy) - 1,
	},
	{
		.cmd = VASMON_CMD_THREAD_GET,
		.start = vasmon_netlink_thread_start,
		.dumpit = vasmon_netlink_thread_dump,
		.done = vasmon_netlink_thread_done,
		.policy = vasmon_netlink_thread_policy,
		.maxattr = ARRAY_SIZE(vasmon_netlink_thread_policy) - 1,
	},
};

struct genl_family vasmon_netlink_family __ro_after_init = {
	.name = VASMON_FAMILY_NAME,
	.version = VASMON_FAMILY_VERSION,
	.module = THIS_MODULE,
	/* Pids are those of the asker; what it may see is a matter of capability. */
	.netnsok = true,
	/* A request may wait for the lock of a process; no other shall wait for it. */
	.parallel_ops = true,
	.ops = vasmon_netlink_ops,
	.n_ops = ARRAY_SIZE(vasmon_netlink_ops),
	/* All commands are new: strict validation. */
	.resv_start_op = VASMON_CMD_MM_GET,
};

/**
 * vasmon_netlink_put_event_header - begin an event
 * @skb: the datagram
 *
 * As genlmsg_put() does it, without its calls.
 *
 * Return: for genlmsg_end() or genlmsg_cancel(); NULL if there is no room.
 */
void *vasmon_netlink_put_event_header(struct sk_buff *skb)
{
	struct {
		struct nlmsghdr nl;
		struct genlmsghdr genl;
	} *header;

	BUILD_BUG_ON(sizeof(*header) != NLMSG_HDRLEN + GENL_HDRLEN);
	if (skb_tailroom(skb) < sizeof(*header))
		return NULL;
	header = __skb_put(skb, sizeof(*header));
	*header = (typeof(*header)){
		.nl.nlmsg_type = vasmon_netlink_family.id,
		.genl.cmd = VASMON_CMD_EVENT,
		.genl.version = VASMON_FAMILY_VERSION,
	};
	return header + 1;
}

/**
 * vasmon_netlink_init - let clients ask
 *
 * Return: 0 or a negative errno.
 */
int __init vasmon_netlink_init(void)
{
	return genl_register_family(&vasmon_netlink_family);
}

/**
 * vasmon_netlink_exit - let no client ask any more
 *
 * Context: may sleep. Listeners of nlctrl are told.
 */
void vasmon_netlink_exit(void)
{
	genl_unregister_family(&vasmon_netlink_family);
}
