// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink attributes from what the module knows. Each function returns 0, or
 * -EMSGSIZE where the message has no room; the caller takes back what was put.
 */
#include <net/netlink.h>

#include "attr.h"
#include "call.h"
#include "message.h"

static int vasmon_message_put_u64(struct sk_buff *skb, int attr, u64 value)
{
	/* Each set of attributes has its filler as number 1. */
	return nla_put_u64_64bit(skb, attr, value, 1);
}

/**
 * struct vasmon_message_region - a region, wherever it comes from
 * @start: first byte
 * @end: first byte behind it
 * @flags: VM_*
 * @pgoff: offset, in pages
 * @has_inode: has it @dev and @inode?
 * @dev: of its file
 * @inode: of its file
 * @name_type: what its name is
 * @name: its name, or NULL
 */
struct vasmon_message_region {
	unsigned long start;
	unsigned long end;
	unsigned long flags;
	unsigned long pgoff;
	bool has_inode;
	dev_t dev;
	u64 inode;
	u32 name_type;
	const char *name;
};

/* The most that one takes without its name: six u64, four u32, in a nest. */
#define VASMON_MESSAGE_REGION_MAX \
	(NLA_HDRLEN + 6 * VASMON_ATTR_U64 + 4 * VASMON_ATTR_U32)

static __always_inline int vasmon_message_put_nest(struct sk_buff *skb, u16 type,
						   const struct vasmon_message_region r)
{
	bool named = r.name && r.name_type != VASMON_NAME_TYPE_NONE;
	size_t name_size = named ? strlen(r.name) + 1 : 0;
	char *nest = skb_tail_pointer(skb), *to;
	u64 traits;

	if (skb_tailroom(skb) < VASMON_MESSAGE_REGION_MAX + VASMON_ATTR_BYTES(name_size))
		return -EMSGSIZE;
	to = nest + NLA_HDRLEN;
	to = vasmon_attr_u64(to, VASMON_A_REGION_START, r.start);
	to = vasmon_attr_u64(to, VASMON_A_REGION_END, r.end);
	to = vasmon_attr_u32(to, VASMON_A_REGION_PROT, vasmon_region_prot(r.flags));
	traits = vasmon_region_traits(r.flags);
	if (traits)
		to = vasmon_attr_u64(to, VASMON_A_REGION_TRAITS, traits);
	to = vasmon_attr_u64(to, VASMON_A_REGION_VM_FLAGS, r.flags);
	if (r.pgoff)
		to = vasmon_attr_u64(to, VASMON_A_REGION_OFFSET, (u64)r.pgoff << PAGE_SHIFT);
	if (r.has_inode) {
		to = vasmon_attr_u32(to, VASMON_A_REGION_DEV_MAJOR, MAJOR(r.dev));
		to = vasmon_attr_u32(to, VASMON_A_REGION_DEV_MINOR, MINOR(r.dev));
		to = vasmon_attr_u64(to, VASMON_A_REGION_INODE, r.inode);
	}
	if (r.name_type != VASMON_NAME_TYPE_NONE)
		to = vasmon_attr_u32(to, VASMON_A_REGION_NAME_TYPE, r.name_type);
	if (named)
		to = vasmon_attr_bytes(to, VASMON_A_REGION_NAME, r.name, name_size);
	vasmon_attr_head(nest, type | NLA_F_NESTED, to - nest - NLA_HDRLEN);
	__skb_put(skb, to - nest);
	return 0;
}

/**
 * vasmon_message_put_region - a region of a snapshot
 * @skb: the message
 * @r: the region
 * @buf: VASMON_PATH_MAX bytes for its path
 *
 * Context: may sleep.
 * Return: 0 or -EMSGSIZE; nothing was put then.
 */
int vasmon_message_put_region(struct sk_buff *skb, const struct vasmon_snapshot_region *r,
			      char *buf)
{
	struct vasmon_message_region region = {
		.start = r->region.start,
		.end = r->region.end,
		.flags = r->region.flags,
		.pgoff = r->region.pgoff,
		.name_type = r->name_type,
		.name = r->text,
	};

	if (r->name_type == VASMON_NAME_TYPE_FILE || r->name_type == VASMON_NAME_TYPE_ANON_SHMEM) {
		const struct file *file = r->region.backing;

		region.has_inode = true;
		region.dev = file_user_inode(file)->i_sb->s_dev;
		region.inode = file_user_inode(file)->i_ino;
		if (r->name_type == VASMON_NAME_TYPE_FILE)
			region.name = vasmon_snapshot_path(file, buf);
	}
	return vasmon_message_put_nest(skb, VASMON_A_MM_REGION, region);
}

/**
 * vasmon_message_put_mm - an address space without its regions
 * @skb: the message
 * @snap: the snapshot
 * @buf: VASMON_PATH_MAX bytes for the path of the program
 *
 * Context: may sleep; in the asking task, for whose pid namespace it is.
 * Return: 0 or -EMSGSIZE.
 */
int vasmon_message_put_mm(struct sk_buff *skb, const struct vasmon_snapshot *snap, char *buf)
{
	const char *exe = snap->exe ? vasmon_snapshot_path(snap->exe, buf) : NULL;
	const struct {
		int attr;
		u64 value;
	} fields[] = {
		{ VASMON_A_MM_TIME, snap->time },
		{ VASMON_A_MM_START_CODE, snap->start_code },
		{ VASMON_A_MM_END_CODE, snap->end_code },
		{ VASMON_A_MM_START_DATA, snap->start_data },
		{ VASMON_A_MM_END_DATA, snap->end_data },
		{ VASMON_A_MM_START_BRK, snap->start_brk },
		{ VASMON_A_MM_BRK, snap->brk },
		{ VASMON_A_MM_START_STACK, snap->start_stack },
		{ VASMON_A_MM_ARG_START, snap->arg_start },
		{ VASMON_A_MM_ARG_END, snap->arg_end },
		{ VASMON_A_MM_ENV_START, snap->env_start },
		{ VASMON_A_MM_ENV_END, snap->env_end },
		{ VASMON_A_MM_TOTAL_VM, snap->total_vm },
		{ VASMON_A_MM_LOCKED_VM, snap->locked_vm },
		{ VASMON_A_MM_PINNED_VM, snap->pinned_vm },
		{ VASMON_A_MM_DATA_VM, snap->data_vm },
		{ VASMON_A_MM_EXEC_VM, snap->exec_vm },
		{ VASMON_A_MM_STACK_VM, snap->stack_vm },
	};
	unsigned int i;

	if (nla_put_u32(skb, VASMON_A_MM_PID, pid_vnr(snap->target.tgid)) ||
	    (snap->watch_id && nla_put_u32(skb, VASMON_A_MM_WATCH_ID, snap->watch_id)) ||
	    (snap->has_seq && vasmon_message_put_u64(skb, VASMON_A_MM_SEQ, snap->seq)) ||
	    nla_put_string(skb, VASMON_A_MM_COMM, snap->target.comm) ||
	    (exe && nla_put_string(skb, VASMON_A_MM_EXE, exe)) ||
	    nla_put_u32(skb, VASMON_A_MM_MAP_COUNT, snap->map_count) ||
	    (VASMON_COMPAT_HEAP_INCLUSIVE && nla_put_flag(skb, VASMON_A_MM_HEAP_INCLUSIVE)))
		return -EMSGSIZE;
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (vasmon_message_put_u64(skb, fields[i].attr, fields[i].value))
			return -EMSGSIZE;
	return 0;
}

/**
 * vasmon_message_put_watch - a watch without its subscribers
 * @skb: the message
 * @info: the watch
 *
 * Return: 0 or -EMSGSIZE.
 */
int vasmon_message_put_watch(struct sk_buff *skb, const struct vasmon_watch_info *info)
{
	struct nlattr *nest;
	unsigned int i;

	if (nla_put_u32(skb, VASMON_A_WATCH_ID, info->id) ||
	    nla_put_u32(skb, VASMON_A_WATCH_PID, info->pid) ||
	    nla_put_u32(skb, VASMON_A_WATCH_RING_SIZE, info->ring_size) ||
	    (info->follow && nla_put_flag(skb, VASMON_A_WATCH_FOLLOW)) ||
	    vasmon_message_put_u64(skb, VASMON_A_WATCH_SEQ, info->seq) ||
	    nla_put_string(skb, VASMON_A_WATCH_COMM, info->comm) ||
	    nla_put_u32(skb, VASMON_A_WATCH_PROCESSES, info->processes) ||
	    (info->unfollowed &&
	     nla_put_u32(skb, VASMON_A_WATCH_UNFOLLOWED, info->unfollowed)) ||
	    nla_put_u32(skb, VASMON_A_WATCH_REGIONS, info->regions) ||
	    vasmon_message_put_u64(skb, VASMON_A_WATCH_MEMORY, info->memory))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, VASMON_A_WATCH_EFFORT);
	if (!nest)
		return -EMSGSIZE;
	BUILD_BUG_ON(VASMON_A_EFFORT_WINDOW + VASMON_EFFORT_FULL_TOTALS !=
		     VASMON_A_EFFORT_FULL_TOTALS);
	for (i = 0; i < VASMON_EFFORT_COUNT; i++)
		if (vasmon_message_put_u64(skb, VASMON_A_EFFORT_WINDOW + i, info->effort[i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * vasmon_message_put_subscriber - a subscriber of a watch
 * @skb: the message
 * @watch: its watch
 * @sub: the subscriber
 *
 * Context: in the asking task; under the watch's mutex.
 * Return: 0 or -EMSGSIZE; nothing was put then.
 */
int vasmon_message_put_subscriber(struct sk_buff *skb, const struct vasmon_watch *watch,
				  const struct vasmon_subscriber *sub)
{
	struct nlattr *nest = nla_nest_start(skb, VASMON_A_WATCH_SUBSCRIBER);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u32(skb, VASMON_A_SUBSCRIBER_PORTID, sub->portid) ||
	    nla_put_u32(skb, VASMON_A_SUBSCRIBER_PID, pid_vnr(sub->pid)) ||
	    nla_put_string(skb, VASMON_A_SUBSCRIBER_COMM, sub->comm) ||
	    vasmon_message_put_u64(skb, VASMON_A_SUBSCRIBER_SENT, sub->sent) ||
	    vasmon_message_put_u64(skb, VASMON_A_SUBSCRIBER_LOST, sub->lost) ||
	    vasmon_message_put_u64(skb, VASMON_A_SUBSCRIBER_OVERRUNS, sub->overruns) ||
	    (sub->wishes.callchain && nla_put_flag(skb, VASMON_A_SUBSCRIBER_CALLCHAIN)) ||
	    (sub->wishes.stack_size &&
	     nla_put_u32(skb, VASMON_A_SUBSCRIBER_STACK_SIZE, sub->wishes.stack_size)) ||
	    (sub->wishes.lossless &&
	     (nla_put_flag(skb, VASMON_A_SUBSCRIBER_LOSSLESS) ||
	      vasmon_message_put_u64(skb, VASMON_A_SUBSCRIBER_WAITS,
				     atomic64_read(&watch->waits))))) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * vasmon_message_put_process - a process of a watch
 * @skb: the message
 * @watch_id: the watch
 * @process: the process
 *
 * Context: in the asking task.
 * Return: 0 or -EMSGSIZE.
 */
int vasmon_message_put_process(struct sk_buff *skb, u32 watch_id,
			       const struct vasmon_watch_process *process)
{
	if (nla_put_u32(skb, VASMON_A_PROCESS_WATCH_ID, watch_id) ||
	    nla_put_u32(skb, VASMON_A_PROCESS_PID, pid_vnr(process->tgid)) ||
	    (!process->stale && nla_put_u32(skb, VASMON_A_PROCESS_REGIONS, process->regions)))
		return -EMSGSIZE;
	return 0;
}

/**
 * vasmon_message_put_thread - a thread of a process
 * @skb: the message
 * @threads: all of them
 * @thread: one of them
 *
 * Return: 0 or -EMSGSIZE.
 */
int vasmon_message_put_thread(struct sk_buff *skb, const struct vasmon_threads *threads,
			      const struct vasmon_thread *thread)
{
	if (nla_put_u32(skb, VASMON_A_THREAD_PID, threads->pid) ||
	    nla_put_u32(skb, VASMON_A_THREAD_TID, thread->tid) ||
	    nla_put_string(skb, VASMON_A_THREAD_COMM, thread->comm) ||
	    vasmon_message_put_u64(skb, VASMON_A_THREAD_STACK_POINTER, thread->sp) ||
	    (thread->tls && vasmon_message_put_u64(skb, VASMON_A_THREAD_TLS, thread->tls)))
		return -EMSGSIZE;
	return 0;
}

static int vasmon_message_put_old(struct sk_buff *skb, const struct vasmon_ring_old *old)
{
	return vasmon_message_put_nest(skb, VASMON_A_EVENT_OLD, (struct vasmon_message_region){
		.start = old->start,
		.end = old->end,
		.flags = old->flags,
		.pgoff = old->pgoff,
		.name_type = VASMON_NAME_TYPE_NONE,
	});
}

static int vasmon_message_put_new(struct sk_buff *skb, const struct vasmon_record *rec,
				  const struct vasmon_ring_region *r)
{
	struct vasmon_message_region region = {
		.start = r->start,
		.end = r->end,
		.flags = r->flags,
		.pgoff = r->pgoff,
		.name_type = r->name_type,
	};

	if (r->named && r->name) {
		region.has_inode = true;
		region.dev = r->name->dev;
		region.inode = r->name->inode;
		region.name = r->name->path;
	}
	if (r->text)
		region.name = (const char *)rec + r->text;
	return vasmon_message_put_nest(skb, VASMON_A_EVENT_NEW, region);
}

/* Was there no memory to resolve the name of one of its files? */
static bool vasmon_message_unnamed(const struct vasmon_record *rec)
{
	unsigned int i;

	for (i = 0; i < rec->nr_new; i++)
		if (rec->new[i].named && !rec->new[i].name)
			return true;
	return false;
}

static int vasmon_message_put_chain(struct sk_buff *skb, struct vasmon_record *rec,
				    const struct vasmon_subscriber *sub)
{
	u32 stack_size = min_t(u32, rec->stack_size, sub->wishes.stack_size);

	if ((rec->nr_chain &&
	     nla_put(skb, VASMON_A_EVENT_CALLCHAIN, rec->nr_chain * sizeof(u64),
		     vasmon_record_chain(rec))) ||
	    (stack_size &&
	     (nla_put(skb, VASMON_A_EVENT_STACK, stack_size, vasmon_record_stack(rec)) ||
	      nla_put(skb, VASMON_A_EVENT_REGISTERS, VASMON_REGISTERS * sizeof(u64),
		      vasmon_record_registers(rec)))))
		return -EMSGSIZE;
	return 0;
}

/*
 * An exec clears the registers, for the new program: of what it changes after that, in its
 * own process or by leaving another one's address space, there are no arguments. The number
 * is that of execve() then, see set_personality_64bit(), which never succeeds without any.
 */
static bool vasmon_message_has_args(const struct vasmon_record *rec)
{
	return rec->cause != VASMON_CAUSE_EXEC &&
	       (vasmon_call_of(rec->syscall, rec->arch) != VASMON_CALL_EXEC ||
		memchr_inv(rec->args, 0, sizeof(rec->args)));
}

/* The most that those attributes take which are no longer than they always are. */
#define VASMON_MESSAGE_EVENT_MAX							\
	(11 * VASMON_ATTR_U32 + 8 * VASMON_ATTR_U64 + VASMON_ATTR_BYTES(VASMON_COMM_LEN) + \
	 VASMON_ATTR_BYTES(VASMON_ARGS * sizeof(u64)))

static int vasmon_message_put_fixed(struct sk_buff *skb, u32 watch_id,
				    const struct vasmon_record *rec, unsigned int ns)
{
	char *begin = skb_tail_pointer(skb), *to = begin;
	u32 flags = rec->flags;
	u64 args[VASMON_ARGS];
	unsigned int i;

	if (skb_tailroom(skb) < VASMON_MESSAGE_EVENT_MAX)
		return -EMSGSIZE;
	if (vasmon_message_unnamed(rec))
		flags |= VASMON_EVENT_FLAG_INCOMPLETE;
	to = vasmon_attr_u32(to, VASMON_A_EVENT_WATCH_ID, watch_id);
	to = vasmon_attr_u64(to, VASMON_A_EVENT_SEQ, rec->seq);
	to = vasmon_attr_u64(to, VASMON_A_EVENT_TIME, rec->time);
	to = vasmon_attr_u32(to, VASMON_A_EVENT_PID, ns < rec->nr_ns ? rec->ids[ns].pid : 0);
	to = vasmon_attr_u32(to, VASMON_A_EVENT_CAUSE, rec->cause);
	if (flags)
		to = vasmon_attr_u32(to, VASMON_A_EVENT_FLAGS, flags);
	to = vasmon_attr_u32(to, VASMON_A_EVENT_TID, ns < rec->nr_ns ? rec->ids[ns].tid : 0);
	to = vasmon_attr_u32(to, VASMON_A_EVENT_TGID, ns < rec->nr_ns ? rec->ids[ns].tgid : 0);
	to = vasmon_attr_u32(to, VASMON_A_EVENT_MAP_COUNT, rec->map_count);
	if (rec->has & VASMON_HAS_SYSCALL) {
		to = vasmon_attr_u32(to, VASMON_A_EVENT_SYSCALL, rec->syscall);
		to = vasmon_attr_u32(to, VASMON_A_EVENT_ARCH, rec->arch);
		if (vasmon_message_has_args(rec)) {
			for (i = 0; i < VASMON_ARGS; i++)
				args[i] = rec->args[i];
			to = vasmon_attr_bytes(to, VASMON_A_EVENT_ARGS, args, sizeof(args));
		}
	}
	if (rec->has & VASMON_HAS_BRK) {
		to = vasmon_attr_u64(to, VASMON_A_EVENT_BRK_FROM, rec->brk_from);
		to = vasmon_attr_u64(to, VASMON_A_EVENT_BRK_TO, rec->brk);
	}
	if (rec->has & VASMON_HAS_START_BRK)
		to = vasmon_attr_u64(to, VASMON_A_EVENT_START_BRK, rec->start_brk);
	if (rec->has & VASMON_HAS_START_STACK)
		to = vasmon_attr_u64(to, VASMON_A_EVENT_START_STACK, rec->start_stack);
	if (rec->has & VASMON_HAS_EXIT_CODE)
		to = vasmon_attr_u32(to, VASMON_A_EVENT_EXIT_CODE, rec->exit_code);
	if (rec->has & VASMON_HAS_WINDOW) {
		to = vasmon_attr_u64(to, VASMON_A_EVENT_START, rec->start);
		to = vasmon_attr_u64(to, VASMON_A_EVENT_END, rec->end);
		to = vasmon_attr_u32(to, VASMON_A_EVENT_OLD_COUNT, rec->old_count);
	}
	to = vasmon_attr_bytes(to, VASMON_A_EVENT_COMM, rec->comm, strlen(rec->comm) + 1);
	__skb_put(skb, to - begin);
	return 0;
}

/**
 * vasmon_message_put_event - an event
 * @skb: the message
 * @watch_id: its watch
 * @rec: the event, its names resolved
 * @sub: whom it is for
 *
 * Return: 0 or -EMSGSIZE.
 */
int vasmon_message_put_event(struct sk_buff *skb, u32 watch_id, struct vasmon_record *rec,
			     const struct vasmon_subscriber *sub)
{
	unsigned int i;

	if (vasmon_message_put_fixed(skb, watch_id, rec, sub->ns) ||
	    (rec->has & VASMON_HAS_MARK &&
	     nla_put_string(skb, VASMON_A_EVENT_TEXT, vasmon_record_texts(rec))) ||
	    (sub->wishes.callchain && vasmon_message_put_chain(skb, rec, sub)))
		return -EMSGSIZE;
	if (!(rec->has & VASMON_HAS_WINDOW))
		return 0;
	for (i = 0; i < rec->nr_old; i++)
		if (vasmon_message_put_old(skb, &vasmon_record_old(rec)[i]))
			return -EMSGSIZE;
	for (i = 0; i < rec->nr_new; i++)
		if (vasmon_message_put_new(skb, rec, &rec->new[i]))
			return -EMSGSIZE;
	return 0;
}

/**
 * vasmon_message_put_overrun - tell a subscriber that it was too slow
 * @skb: the message
 * @watch_id: its watch
 * @pid: the process
 * @seq: number of the last event that it missed
 * @lost: how many it missed
 *
 * Return: 0 or -EMSGSIZE.
 */
int vasmon_message_put_overrun(struct sk_buff *skb, u32 watch_id, u32 pid, u64 seq, u64 lost)
{
	if (nla_put_u32(skb, VASMON_A_EVENT_WATCH_ID, watch_id) ||
	    vasmon_message_put_u64(skb, VASMON_A_EVENT_SEQ, seq) ||
	    nla_put_u32(skb, VASMON_A_EVENT_PID, pid) ||
	    nla_put_u32(skb, VASMON_A_EVENT_CAUSE, VASMON_CAUSE_OVERRUN) ||
	    vasmon_message_put_u64(skb, VASMON_A_EVENT_LOST, lost))
		return -EMSGSIZE;
	return 0;
}
