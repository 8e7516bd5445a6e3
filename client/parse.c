// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

#define U32	{ .type = NLA_U32, .minlen = 4, .maxlen = 4 }
#define U64	{ .type = NLA_U64, .minlen = 8, .maxlen = 8 }
#define STRING	{ .type = NLA_STRING, .minlen = 1 }
#define NEST	{ .type = NLA_NESTED }
#define FLAG	{ .type = NLA_FLAG }

static const struct nla_policy parse_region_policy[VASMON_A_REGION_MAX + 1] = {
	[VASMON_A_REGION_START] = U64,
	[VASMON_A_REGION_END] = U64,
	[VASMON_A_REGION_PROT] = U32,
	[VASMON_A_REGION_TRAITS] = U64,
	[VASMON_A_REGION_VM_FLAGS] = U64,
	[VASMON_A_REGION_OFFSET] = U64,
	[VASMON_A_REGION_DEV_MAJOR] = U32,
	[VASMON_A_REGION_DEV_MINOR] = U32,
	[VASMON_A_REGION_INODE] = U64,
	[VASMON_A_REGION_NAME_TYPE] = U32,
	[VASMON_A_REGION_NAME] = STRING,
};

static const struct nla_policy parse_mm_policy[VASMON_A_MM_MAX + 1] = {
	[VASMON_A_MM_PID] = U32,
	[VASMON_A_MM_WATCH_ID] = U32,
	[VASMON_A_MM_SEQ] = U64,
	[VASMON_A_MM_TIME] = U64,
	[VASMON_A_MM_COMM] = STRING,
	[VASMON_A_MM_EXE] = STRING,
	[VASMON_A_MM_START_CODE] = U64,
	[VASMON_A_MM_END_CODE] = U64,
	[VASMON_A_MM_START_DATA] = U64,
	[VASMON_A_MM_END_DATA] = U64,
	[VASMON_A_MM_START_BRK] = U64,
	[VASMON_A_MM_BRK] = U64,
	[VASMON_A_MM_START_STACK] = U64,
	[VASMON_A_MM_ARG_START] = U64,
	[VASMON_A_MM_ARG_END] = U64,
	[VASMON_A_MM_ENV_START] = U64,
	[VASMON_A_MM_ENV_END] = U64,
	[VASMON_A_MM_TOTAL_VM] = U64,
	[VASMON_A_MM_LOCKED_VM] = U64,
	[VASMON_A_MM_PINNED_VM] = U64,
	[VASMON_A_MM_DATA_VM] = U64,
	[VASMON_A_MM_EXEC_VM] = U64,
	[VASMON_A_MM_STACK_VM] = U64,
	[VASMON_A_MM_MAP_COUNT] = U32,
	[VASMON_A_MM_HEAP_INCLUSIVE] = FLAG,
	[VASMON_A_MM_REGION] = NEST,
};

static const struct nla_policy parse_event_policy[VASMON_A_EVENT_MAX + 1] = {
	[VASMON_A_EVENT_WATCH_ID] = U32,
	[VASMON_A_EVENT_SEQ] = U64,
	[VASMON_A_EVENT_TIME] = U64,
	[VASMON_A_EVENT_PID] = U32,
	[VASMON_A_EVENT_CAUSE] = U32,
	[VASMON_A_EVENT_FLAGS] = U32,
	[VASMON_A_EVENT_TID] = U32,
	[VASMON_A_EVENT_TGID] = U32,
	[VASMON_A_EVENT_COMM] = STRING,
	[VASMON_A_EVENT_SYSCALL] = U32,
	[VASMON_A_EVENT_ARCH] = U32,
	[VASMON_A_EVENT_ARGS] = {
		.type = NLA_UNSPEC,
		.minlen = VASMON_ARGS * sizeof(uint64_t),
		.maxlen = VASMON_ARGS * sizeof(uint64_t),
	},
	[VASMON_A_EVENT_START] = U64,
	[VASMON_A_EVENT_END] = U64,
	[VASMON_A_EVENT_OLD_COUNT] = U32,
	[VASMON_A_EVENT_OLD] = NEST,
	[VASMON_A_EVENT_NEW] = NEST,
	[VASMON_A_EVENT_BRK_FROM] = U64,
	[VASMON_A_EVENT_BRK_TO] = U64,
	[VASMON_A_EVENT_START_BRK] = U64,
	[VASMON_A_EVENT_START_STACK] = U64,
	[VASMON_A_EVENT_MAP_COUNT] = U32,
	[VASMON_A_EVENT_EXIT_CODE] = U32,
	[VASMON_A_EVENT_LOST] = U64,
	[VASMON_A_EVENT_TEXT] = STRING,
	[VASMON_A_EVENT_CALLCHAIN] = {
		.type = NLA_UNSPEC,
		.maxlen = VASMON_CALLCHAIN_MAX * sizeof(uint64_t),
	},
	[VASMON_A_EVENT_STACK] = {
		.type = NLA_UNSPEC,
		.maxlen = VASMON_STACK_MAX,
	},
	[VASMON_A_EVENT_REGISTERS] = {
		.type = NLA_UNSPEC,
		.minlen = VASMON_REGISTERS * sizeof(uint64_t),
		.maxlen = VASMON_REGISTERS * sizeof(uint64_t),
	},
};

static const struct nla_policy parse_thread_policy[VASMON_A_THREAD_MAX + 1] = {
	[VASMON_A_THREAD_PID] = U32,
	[VASMON_A_THREAD_TID] = U32,
	[VASMON_A_THREAD_COMM] = STRING,
	[VASMON_A_THREAD_STACK_POINTER] = U64,
	[VASMON_A_THREAD_TLS] = U64,
};

static const struct nla_policy parse_watch_policy[VASMON_A_WATCH_MAX + 1] = {
	[VASMON_A_WATCH_ID] = U32,
	[VASMON_A_WATCH_PID] = U32,
	[VASMON_A_WATCH_RING_SIZE] = U32,
	[VASMON_A_WATCH_FOLLOW] = FLAG,
	[VASMON_A_WATCH_SEQ] = U64,
	[VASMON_A_WATCH_COMM] = STRING,
	[VASMON_A_WATCH_REGIONS] = U32,
	[VASMON_A_WATCH_PROCESSES] = U32,
	[VASMON_A_WATCH_MEMORY] = U64,
	[VASMON_A_WATCH_SUBSCRIBER] = NEST,
	[VASMON_A_WATCH_EFFORT] = NEST,
	[VASMON_A_WATCH_UNFOLLOWED] = U32,
};

static const struct nla_policy parse_effort_policy[VASMON_A_EFFORT_MAX + 1] = {
	[VASMON_A_EFFORT_WINDOW] = U64,
	[VASMON_A_EFFORT_STACK] = U64,
	[VASMON_A_EFFORT_FULL_CALL] = U64,
	[VASMON_A_EFFORT_FULL_REMOTE] = U64,
	[VASMON_A_EFFORT_FULL_TOTALS] = U64,
};

static const struct nla_policy parse_subscriber_policy[VASMON_A_SUBSCRIBER_MAX + 1] = {
	[VASMON_A_SUBSCRIBER_PORTID] = U32,
	[VASMON_A_SUBSCRIBER_PID] = U32,
	[VASMON_A_SUBSCRIBER_COMM] = STRING,
	[VASMON_A_SUBSCRIBER_SENT] = U64,
	[VASMON_A_SUBSCRIBER_LOST] = U64,
	[VASMON_A_SUBSCRIBER_OVERRUNS] = U64,
	[VASMON_A_SUBSCRIBER_LOSSLESS] = FLAG,
	[VASMON_A_SUBSCRIBER_WAITS] = U64,
};

/*
 * The attributes are gone through here, and not by libnl: a call for each step and
 * each value was most of the cost of an event.
 */
static inline const void *parse_data(const struct nlattr *attr)
{
	return (const char *)attr + NLA_HDRLEN;
}

static inline size_t parse_size(const struct nlattr *attr)
{
	return attr->nla_len - NLA_HDRLEN;
}

static inline unsigned int parse_type(const struct nlattr *attr)
{
	return attr->nla_type & NLA_TYPE_MASK;
}

/* Whether there is an attribute, and all of it, in the @len bytes from there on. */
static inline bool parse_ok(const struct nlattr *attr, int len)
{
	return len >= NLA_HDRLEN && attr->nla_len >= NLA_HDRLEN && attr->nla_len <= len;
}

static inline const struct nlattr *parse_next(const struct nlattr *attr, int *len)
{
	*len -= NLA_ALIGN(attr->nla_len);
	return (const void *)((const char *)attr + NLA_ALIGN(attr->nla_len));
}

#define parse_for_each(pos, head, len, rem) \
	for ((pos) = (head), (rem) = (len); parse_ok(pos, rem); (pos) = parse_next(pos, &(rem)))

static bool parse_fits(const struct nlattr *attr, const struct nla_policy *policy)
{
	size_t size = parse_size(attr);

	if (size < policy->minlen || (policy->maxlen && size > policy->maxlen))
		return false;
	return policy->type != NLA_STRING || !((const char *)parse_data(attr))[size - 1];
}

/* The last of each type counts; those that nobody here knows are left out. */
static int parse_attrs(const struct nlattr **tb, unsigned int max, const struct nlattr *head,
		       int len, const struct nla_policy *policy)
{
	const struct nlattr *pos;
	int rem;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	parse_for_each(pos, head, len, rem) {
		unsigned int type = parse_type(pos);

		if (!type || type > max)
			continue;
		if (!parse_fits(pos, &policy[type]))
			return -EBADMSG;
		tb[type] = pos;
	}
	/* What is cut off would be a lost region. */
	return len < 0 || rem > 0 ? -EBADMSG : 0;
}

static inline bool parse_u32(const struct nlattr *attr, uint32_t *to)
{
	if (attr)
		memcpy(to, parse_data(attr), sizeof(*to));
	return attr;
}

static inline bool parse_u64(const struct nlattr *attr, uint64_t *to)
{
	if (attr)
		memcpy(to, parse_data(attr), sizeof(*to));
	return attr;
}

static void parse_comm(const struct nlattr *attr, char comm[VASMON_COMM_LEN])
{
	size_t len;

	if (!attr)
		return;
	len = strnlen(parse_data(attr), VASMON_COMM_LEN - 1);
	memcpy(comm, parse_data(attr), len);
	comm[len] = '\0';
}

/* There are many of them: each attribute goes where it belongs, without a table between. */
static int parse_region(const struct nlattr *nest, struct region *r)
{
	const uint32_t needed = 1u << VASMON_A_REGION_START | 1u << VASMON_A_REGION_END |
				1u << VASMON_A_REGION_PROT;
	const struct nlattr *pos;
	uint32_t seen = 0;
	int rem;

	*r = (struct region){ .name = "" };
	parse_for_each(pos, parse_data(nest), (int)parse_size(nest), rem) {
		unsigned int type = parse_type(pos);

		if (!type || type > VASMON_A_REGION_MAX)
			continue;
		if (!parse_fits(pos, &parse_region_policy[type]))
			return -EBADMSG;
		seen |= 1u << type;
		switch (type) {
		case VASMON_A_REGION_START:
			parse_u64(pos, &r->start);
			break;
		case VASMON_A_REGION_END:
			parse_u64(pos, &r->end);
			break;
		case VASMON_A_REGION_PROT:
			parse_u32(pos, &r->prot);
			break;
		case VASMON_A_REGION_TRAITS:
			parse_u64(pos, &r->traits);
			break;
		case VASMON_A_REGION_VM_FLAGS:
			parse_u64(pos, &r->vm_flags);
			break;
		case VASMON_A_REGION_OFFSET:
			parse_u64(pos, &r->offset);
			break;
		case VASMON_A_REGION_DEV_MAJOR:
			parse_u32(pos, &r->dev_major);
			break;
		case VASMON_A_REGION_DEV_MINOR:
			parse_u32(pos, &r->dev_minor);
			break;
		case VASMON_A_REGION_INODE:
			parse_u64(pos, &r->inode);
			break;
		case VASMON_A_REGION_NAME_TYPE:
			parse_u32(pos, &r->name_type);
			break;
		case VASMON_A_REGION_NAME:
			r->name = parse_data(pos);
			break;
		default:
			break;
		}
	}
	return rem > 0 || (seen & needed) != needed || r->start >= r->end ? -EBADMSG : 0;
}

/* Append the regions of all attributes of @type; their names stay where they are. */
static int parse_regions(const struct nlattr *head, int len, unsigned int type, struct regions *to)
{
	const struct nlattr *pos;
	int rem, err;

	parse_for_each(pos, head, len, rem) {
		if (parse_type(pos) != type)
			continue;
		if (to->n == to->room) {
			size_t room = to->room ? to->room * 2 : 8;
			struct region *v = reallocarray(to->v, room, sizeof(*v));

			if (!v)
				return -ENOMEM;
			to->v = v;
			to->room = room;
		}
		err = parse_region(pos, &to->v[to->n]);
		if (err)
			return err;
		to->n++;
	}
	return 0;
}

void parse_regions_free(struct regions *regions)
{
	free(regions->v);
	*regions = (struct regions){ 0 };
}

/**
 * parse_mm - one message of a dump, or the answer to mm-get
 * @head: its first attribute
 * @len: bytes of all attributes
 * @mm: what was there is overwritten, the rest is left as it is, so that the
 *	messages of one dump can be gathered in one
 * @regions: emptied, then filled; the names point into the message
 *
 * Return: 0, -EBADMSG, -ENOMEM.
 */
int parse_mm(const struct nlattr *head, int len, struct mm *mm, struct regions *regions)
{
	const struct nlattr *tb[VASMON_A_MM_MAX + 1];
	int err;

	regions->n = 0;
	err = parse_attrs(tb, VASMON_A_MM_MAX, head, len, parse_mm_policy);
	if (err)
		return err;

	parse_u32(tb[VASMON_A_MM_PID], &mm->pid);
	parse_u32(tb[VASMON_A_MM_WATCH_ID], &mm->watch_id);
	if (parse_u64(tb[VASMON_A_MM_SEQ], &mm->seq))
		mm->has_seq = true;
	parse_u64(tb[VASMON_A_MM_TIME], &mm->time);
	parse_comm(tb[VASMON_A_MM_COMM], mm->comm);
	parse_u64(tb[VASMON_A_MM_START_CODE], &mm->start_code);
	parse_u64(tb[VASMON_A_MM_END_CODE], &mm->end_code);
	parse_u64(tb[VASMON_A_MM_START_DATA], &mm->start_data);
	parse_u64(tb[VASMON_A_MM_END_DATA], &mm->end_data);
	parse_u64(tb[VASMON_A_MM_START_BRK], &mm->layout.start_brk);
	parse_u64(tb[VASMON_A_MM_BRK], &mm->layout.brk);
	parse_u64(tb[VASMON_A_MM_START_STACK], &mm->layout.start_stack);
	if (tb[VASMON_A_MM_HEAP_INCLUSIVE])
		mm->layout.heap_inclusive = true;
	parse_u64(tb[VASMON_A_MM_ARG_START], &mm->arg_start);
	parse_u64(tb[VASMON_A_MM_ARG_END], &mm->arg_end);
	parse_u64(tb[VASMON_A_MM_ENV_START], &mm->env_start);
	parse_u64(tb[VASMON_A_MM_ENV_END], &mm->env_end);
	parse_u64(tb[VASMON_A_MM_TOTAL_VM], &mm->total_vm);
	parse_u64(tb[VASMON_A_MM_LOCKED_VM], &mm->locked_vm);
	parse_u64(tb[VASMON_A_MM_PINNED_VM], &mm->pinned_vm);
	parse_u64(tb[VASMON_A_MM_DATA_VM], &mm->data_vm);
	parse_u64(tb[VASMON_A_MM_EXEC_VM], &mm->exec_vm);
	parse_u64(tb[VASMON_A_MM_STACK_VM], &mm->stack_vm);
	parse_u32(tb[VASMON_A_MM_MAP_COUNT], &mm->map_count);
	if (tb[VASMON_A_MM_EXE]) {
		char *exe = strdup(parse_data(tb[VASMON_A_MM_EXE]));

		if (!exe)
			return -ENOMEM;
		free(mm->exe);
		mm->exe = exe;
	}
	return parse_regions(head, len, VASMON_A_MM_REGION, regions);
}

void parse_mm_free(struct mm *mm)
{
	free(mm->exe);
	*mm = (struct mm){ 0 };
}

/**
 * parse_event - one event
 * @head: its first attribute
 * @len: bytes of all attributes
 * @ev: overwritten; its arrays are used again. Names point into the message.
 *
 * Return: 0, -EBADMSG, -ENOMEM.
 */
int parse_event(const struct nlattr *head, int len, struct event *ev)
{
	const struct nlattr *tb[VASMON_A_EVENT_MAX + 1];
	struct regions old = ev->old, fresh = ev->fresh;
	bool half;
	int err;

	old.n = 0;
	fresh.n = 0;
	*ev = (struct event){ .old = old, .fresh = fresh };
	err = parse_attrs(tb, VASMON_A_EVENT_MAX, head, len, parse_event_policy);
	if (err)
		return err;

	if (!parse_u32(tb[VASMON_A_EVENT_WATCH_ID], &ev->watch_id) ||
	    !parse_u64(tb[VASMON_A_EVENT_SEQ], &ev->seq) ||
	    !parse_u32(tb[VASMON_A_EVENT_CAUSE], &ev->cause))
		return -EBADMSG;
	parse_u64(tb[VASMON_A_EVENT_TIME], &ev->time);
	parse_u32(tb[VASMON_A_EVENT_PID], &ev->pid);
	parse_u32(tb[VASMON_A_EVENT_FLAGS], &ev->flags);
	parse_u32(tb[VASMON_A_EVENT_TID], &ev->tid);
	parse_u32(tb[VASMON_A_EVENT_TGID], &ev->tgid);
	parse_comm(tb[VASMON_A_EVENT_COMM], ev->comm);
	if (tb[VASMON_A_EVENT_SYSCALL]) {
		ev->has_syscall = true;
		memcpy(&ev->syscall, parse_data(tb[VASMON_A_EVENT_SYSCALL]), sizeof(ev->syscall));
	}
	parse_u32(tb[VASMON_A_EVENT_ARCH], &ev->arch);
	if (tb[VASMON_A_EVENT_ARGS]) {
		ev->has_args = true;
		memcpy(ev->args, parse_data(tb[VASMON_A_EVENT_ARGS]), sizeof(ev->args));
	}
	ev->has_window = parse_u64(tb[VASMON_A_EVENT_START], &ev->start);
	half = parse_u64(tb[VASMON_A_EVENT_END], &ev->end) != ev->has_window;
	if (half || (ev->has_window && ev->start >= ev->end))
		return -EBADMSG;
	ev->has_old_count = parse_u32(tb[VASMON_A_EVENT_OLD_COUNT], &ev->old_count);
	ev->has_brk = parse_u64(tb[VASMON_A_EVENT_BRK_FROM], &ev->brk_from);
	if (parse_u64(tb[VASMON_A_EVENT_BRK_TO], &ev->brk_to) != ev->has_brk)
		return -EBADMSG;
	ev->has_start_brk = parse_u64(tb[VASMON_A_EVENT_START_BRK], &ev->start_brk);
	ev->has_start_stack = parse_u64(tb[VASMON_A_EVENT_START_STACK], &ev->start_stack);
	ev->has_map_count = parse_u32(tb[VASMON_A_EVENT_MAP_COUNT], &ev->map_count);
	if (tb[VASMON_A_EVENT_CALLCHAIN]) {
		int bytes = nla_len(tb[VASMON_A_EVENT_CALLCHAIN]);

		if (bytes % sizeof(uint64_t))
			return -EBADMSG;
		memcpy(ev->chain, nla_data(tb[VASMON_A_EVENT_CALLCHAIN]), (size_t)bytes);
		ev->n_chain = (size_t)bytes / sizeof(uint64_t);
	}
	if (tb[VASMON_A_EVENT_STACK]) {
		ev->stack = parse_data(tb[VASMON_A_EVENT_STACK]);
		ev->stack_size = parse_size(tb[VASMON_A_EVENT_STACK]);
	}
	ev->has_registers = tb[VASMON_A_EVENT_REGISTERS];
	if (ev->has_registers)
		memcpy(ev->registers, parse_data(tb[VASMON_A_EVENT_REGISTERS]),
		       sizeof(ev->registers));
	ev->has_exit_code = parse_u32(tb[VASMON_A_EVENT_EXIT_CODE], &ev->exit_code);
	parse_u64(tb[VASMON_A_EVENT_LOST], &ev->lost);
	if (tb[VASMON_A_EVENT_TEXT])
		ev->text = parse_data(tb[VASMON_A_EVENT_TEXT]);

	if (tb[VASMON_A_EVENT_OLD])
		err = parse_regions(head, len, VASMON_A_EVENT_OLD, &ev->old);
	if (!err && tb[VASMON_A_EVENT_NEW])
		err = parse_regions(head, len, VASMON_A_EVENT_NEW, &ev->fresh);
	if (!err && !ev->has_window && (ev->old.n || ev->fresh.n))
		err = -EBADMSG;
	return err;
}

void parse_event_free(struct event *ev)
{
	parse_regions_free(&ev->old);
	parse_regions_free(&ev->fresh);
	*ev = (struct event){ 0 };
}

static int parse_subscriber(const struct nlattr *nest, struct subscriber *s)
{
	const struct nlattr *tb[VASMON_A_SUBSCRIBER_MAX + 1];
	int err;

	err = parse_attrs(tb, VASMON_A_SUBSCRIBER_MAX, parse_data(nest), (int)parse_size(nest),
			  parse_subscriber_policy);
	if (err)
		return err;

	*s = (struct subscriber){ 0 };
	parse_u32(tb[VASMON_A_SUBSCRIBER_PORTID], &s->portid);
	parse_u32(tb[VASMON_A_SUBSCRIBER_PID], &s->pid);
	parse_comm(tb[VASMON_A_SUBSCRIBER_COMM], s->comm);
	parse_u64(tb[VASMON_A_SUBSCRIBER_SENT], &s->sent);
	parse_u64(tb[VASMON_A_SUBSCRIBER_LOST], &s->lost);
	parse_u64(tb[VASMON_A_SUBSCRIBER_OVERRUNS], &s->overruns);
	s->lossless = tb[VASMON_A_SUBSCRIBER_LOSSLESS];
	parse_u64(tb[VASMON_A_SUBSCRIBER_WAITS], &s->waits);
	return 0;
}

static int parse_effort(const struct nlattr *nest, struct effort *e)
{
	const struct nlattr *tb[VASMON_A_EFFORT_MAX + 1];
	int err;

	err = parse_attrs(tb, VASMON_A_EFFORT_MAX, parse_data(nest), (int)parse_size(nest),
			  parse_effort_policy);
	if (err)
		return err;

	parse_u64(tb[VASMON_A_EFFORT_WINDOW], &e->window);
	parse_u64(tb[VASMON_A_EFFORT_STACK], &e->stack);
	parse_u64(tb[VASMON_A_EFFORT_FULL_CALL], &e->full_call);
	parse_u64(tb[VASMON_A_EFFORT_FULL_REMOTE], &e->full_remote);
	parse_u64(tb[VASMON_A_EFFORT_FULL_TOTALS], &e->full_totals);
	return 0;
}

/**
 * parse_watch - the answer to watch, or one message of watch-get
 * @head: its first attribute
 * @len: bytes of all attributes
 * @info: overwritten; free it with parse_watch_free(), also after an error
 *
 * Return: 0, -EBADMSG, -ENOMEM.
 */
int parse_watch(const struct nlattr *head, int len, struct watch_info *info)
{
	const struct nlattr *tb[VASMON_A_WATCH_MAX + 1];
	const struct nlattr *pos;
	size_t n = 0;
	int rem, err;

	*info = (struct watch_info){ 0 };
	err = parse_attrs(tb, VASMON_A_WATCH_MAX, head, len, parse_watch_policy);
	if (err)
		return err;

	if (!parse_u32(tb[VASMON_A_WATCH_ID], &info->id))
		return -EBADMSG;
	parse_u32(tb[VASMON_A_WATCH_PID], &info->pid);
	parse_u32(tb[VASMON_A_WATCH_RING_SIZE], &info->ring_size);
	info->follow = tb[VASMON_A_WATCH_FOLLOW];
	parse_u32(tb[VASMON_A_WATCH_PROCESSES], &info->processes);
	parse_u32(tb[VASMON_A_WATCH_UNFOLLOWED], &info->unfollowed);
	parse_u64(tb[VASMON_A_WATCH_SEQ], &info->seq);
	parse_comm(tb[VASMON_A_WATCH_COMM], info->comm);
	parse_u32(tb[VASMON_A_WATCH_REGIONS], &info->regions);
	parse_u64(tb[VASMON_A_WATCH_MEMORY], &info->memory);

	if (tb[VASMON_A_WATCH_EFFORT]) {
		info->has_effort = true;
		err = parse_effort(tb[VASMON_A_WATCH_EFFORT], &info->effort);
		if (err)
			return err;
	}

	parse_for_each(pos, head, len, rem)
		n += parse_type(pos) == VASMON_A_WATCH_SUBSCRIBER;
	if (!n)
		return 0;
	info->subscribers = calloc(n, sizeof(*info->subscribers));
	if (!info->subscribers)
		return -ENOMEM;
	parse_for_each(pos, head, len, rem) {
		if (parse_type(pos) != VASMON_A_WATCH_SUBSCRIBER)
			continue;
		err = parse_subscriber(pos, &info->subscribers[info->n_subscribers]);
		if (err)
			return err;
		info->n_subscribers++;
	}
	return 0;
}

/* One message of thread-get. */
int parse_thread(const struct nlattr *head, int len, struct thread *thread)
{
	const struct nlattr *tb[VASMON_A_THREAD_MAX + 1];
	int err;

	*thread = (struct thread){ 0 };
	err = parse_attrs(tb, VASMON_A_THREAD_MAX, head, len, parse_thread_policy);
	if (err)
		return err;
	if (!parse_u32(tb[VASMON_A_THREAD_TID], &thread->tid))
		return -EBADMSG;
	parse_u64(tb[VASMON_A_THREAD_STACK_POINTER], &thread->sp);
	parse_u64(tb[VASMON_A_THREAD_TLS], &thread->tls);
	parse_comm(tb[VASMON_A_THREAD_COMM], thread->comm);
	return 0;
}

/**
 * parse_process - a process of a watch
 * @head: first attribute
 * @len: bytes
 * @pid: set; 0 if it has no id in this pid namespace
 *
 * Return: 0 or -EBADMSG.
 */
int parse_process(const struct nlattr *head, int len, uint32_t *pid)
{
	static const struct nla_policy policy[VASMON_A_PROCESS_MAX + 1] = {
		[VASMON_A_PROCESS_PID] = U32,
	};
	const struct nlattr *tb[VASMON_A_PROCESS_MAX + 1];
	int err = parse_attrs(tb, VASMON_A_PROCESS_MAX, head, len, policy);

	if (err)
		return err;
	return parse_u32(tb[VASMON_A_PROCESS_PID], pid) ? 0 : -EBADMSG;
}

void parse_watch_free(struct watch_info *info)
{
	free(info->subscribers);
	*info = (struct watch_info){ 0 };
}
