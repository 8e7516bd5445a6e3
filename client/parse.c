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
static inline int parse_known(const struct nlattr **tb, unsigned int max,
			      const struct nlattr *attr, const struct nla_policy *policy)
{
	unsigned int type = parse_type(attr);

	if (!type || type > max)
		return 0;
	if (!parse_fits(attr, &policy[type]))
		return -EBADMSG;
	tb[type] = attr;
	return 0;
}

static int parse_attrs(const struct nlattr **tb, unsigned int max, const struct nlattr *head,
		       int len, const struct nla_policy *policy)
{
	const struct nlattr *pos;
	int rem, err;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	parse_for_each(pos, head, len, rem) {
		err = parse_known(tb, max, pos, policy);
		if (err)
			return err;
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

/*
 * Events and regions come by the hundred thousand: their attributes are taken as they
 * come, without a table of where each is. Return: false if one has a wrong size.
 */
static inline bool parse_take(const struct nlattr *attr, void *to, size_t size)
{
	if (parse_size(attr) != size)
		return false;
	memcpy(to, parse_data(attr), size);
	return true;
}

/*
 * The same where an attribute is the one that is expected next. Mostly it is, for the
 * module puts them in the order of the lists below; then it costs one comparison.
 */
static inline bool parse_take_next(const struct nlattr **pos, int *len, uint16_t type, void *to,
				   size_t size)
{
	const struct nlattr head = { .nla_len = (uint16_t)(NLA_HDRLEN + size), .nla_type = type };

	if (__builtin_expect(*len < head.nla_len || memcmp(*pos, &head, sizeof(head)), 0))
		return false;
	memcpy(to, parse_data(*pos), size);
	*pos = (const void *)((const char *)*pos + head.nla_len);
	*len -= head.nla_len;
	return true;
}

/* For lists of X(attribute, member of @to, part that it is): */
#define PARSE_NEXT(type, member, part) \
	parts |= parse_take_next(&pos, &len, type, &to->member, sizeof(to->member)) ? (part) : 0
#define PARSE_CASE(type, member, part) \
	case type: \
		return parse_take(attr, &to->member, sizeof(to->member)) ? (part) : -EBADMSG

static inline bool parse_take_string(const struct nlattr *attr, const char **to)
{
	size_t size = parse_size(attr);

	*to = parse_data(attr);
	return size && !(*to)[size - 1];
}

/* Return: which part of @to it was, or a negative errno. */
typedef int (*parse_take_fn)(const struct nlattr *attr, void *to);

/* Return: the parts, or a negative errno. */
static inline int parse_each(const struct nlattr *head, int len, parse_take_fn take, void *to)
{
	const struct nlattr *pos;
	int rem, parts = 0, part;

	parse_for_each(pos, head, len, rem) {
		part = take(pos, to);
		if (part < 0)
			return part;
		parts |= part;
	}
	/* What is cut off would be a lost region. */
	return len < 0 || rem > 0 ? -EBADMSG : parts;
}

#define PARSE_REGION(X)					\
	X(VASMON_A_REGION_START, start, 0);		\
	X(VASMON_A_REGION_END, end, 0);			\
	X(VASMON_A_REGION_PROT, prot, 0);		\
	X(VASMON_A_REGION_TRAITS, traits, 0);		\
	X(VASMON_A_REGION_VM_FLAGS, vm_flags, 0);	\
	X(VASMON_A_REGION_OFFSET, offset, 0);		\
	X(VASMON_A_REGION_DEV_MAJOR, dev_major, 0);	\
	X(VASMON_A_REGION_DEV_MINOR, dev_minor, 0);	\
	X(VASMON_A_REGION_INODE, inode, 0);		\
	X(VASMON_A_REGION_NAME_TYPE, name_type, 0)

static inline int parse_take_region(const struct nlattr *attr, void *arg)
{
	struct region *to = arg;

	switch (parse_type(attr)) {
	PARSE_REGION(PARSE_CASE);
	case VASMON_A_REGION_NAME:
		return parse_take_string(attr, &to->name) ? 0 : -EBADMSG;
	}
	return 0;
}

static inline int parse_region(const struct nlattr *pos, int len, struct region *to)
{
	int parts = 0, rest;

	PARSE_REGION(PARSE_NEXT);
	rest = parse_each(pos, len, parse_take_region, to);
	return rest < 0 ? rest : parts | rest;
}

/* Append the region that @nest is; its name stays where it is. */
static int parse_append(const struct nlattr *nest, struct regions *to)
{
	/* No region has these: they were not said. */
	const uint64_t no_start = UINT64_MAX;
	const uint32_t no_prot = UINT32_MAX;
	struct region *r;
	int err;

	if (to->n == to->room) {
		size_t room = to->room ? to->room * 2 : 8;

		r = reallocarray(to->v, room, sizeof(*r));
		if (!r)
			return -ENOMEM;
		to->v = r;
		to->room = room;
	}
	r = &to->v[to->n];
	*r = (struct region){ .name = "", .start = no_start, .prot = no_prot };
	err = parse_region(parse_data(nest), (int)parse_size(nest), r);
	if (err < 0)
		return err;
	if (r->start >= r->end || r->prot == no_prot)
		return -EBADMSG;
	to->n++;
	return 0;
}

void parse_regions_free(struct regions *regions)
{
	free(regions->v);
	*regions = (struct regions){ 0 };
}

struct parse_mm {
	const struct nlattr *tb[VASMON_A_MM_MAX + 1];
	struct regions *regions;
};

static inline int parse_take_mm(const struct nlattr *attr, void *to)
{
	unsigned int type = parse_type(attr);
	struct parse_mm *p = to;

	if (type == VASMON_A_MM_REGION)
		return parse_append(attr, p->regions);
	return parse_known(p->tb, VASMON_A_MM_MAX, attr, parse_mm_policy);
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
	struct parse_mm p = { .regions = regions };
	const struct nlattr **tb = p.tb;
	int err;

	regions->n = 0;
	err = parse_each(head, len, parse_take_mm, &p);
	if (err < 0)
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
	return 0;
}

void parse_mm_free(struct mm *mm)
{
	free(mm->exe);
	*mm = (struct mm){ 0 };
}

/* What an event has to have, what comes in pairs, and what need not be there. */
enum parse_event_part {
	PARSE_WATCH_ID = 1 << 0,
	PARSE_SEQ = 1 << 1,
	PARSE_CAUSE = 1 << 2,
	PARSE_ALWAYS = PARSE_WATCH_ID | PARSE_SEQ | PARSE_CAUSE,
	PARSE_START = 1 << 3,
	PARSE_END = 1 << 4,
	PARSE_WINDOW = PARSE_START | PARSE_END,
	PARSE_BRK_FROM = 1 << 5,
	PARSE_BRK_TO = 1 << 6,
	PARSE_BRK = PARSE_BRK_FROM | PARSE_BRK_TO,
	PARSE_MAP_COUNT = 1 << 7,
	PARSE_SYSCALL = 1 << 8,
	PARSE_ARGS = 1 << 9,
	PARSE_START_BRK = 1 << 10,
	PARSE_START_STACK = 1 << 11,
	PARSE_EXIT_CODE = 1 << 12,
	PARSE_OLD_COUNT = 1 << 13,
	PARSE_REGISTERS = 1 << 14,
};

static bool parse_take_chain(const struct nlattr *attr, struct event *ev)
{
	size_t size = parse_size(attr);

	if (size % sizeof(*ev->chain) || size > sizeof(ev->chain))
		return false;
	memcpy(ev->chain, parse_data(attr), size);
	ev->n_chain = size / sizeof(*ev->chain);
	return true;
}

#define PARSE_EVENT(X)							\
	X(VASMON_A_EVENT_WATCH_ID, watch_id, PARSE_WATCH_ID);		\
	X(VASMON_A_EVENT_SEQ, seq, PARSE_SEQ);				\
	X(VASMON_A_EVENT_TIME, time, 0);				\
	X(VASMON_A_EVENT_PID, pid, 0);					\
	X(VASMON_A_EVENT_CAUSE, cause, PARSE_CAUSE);			\
	X(VASMON_A_EVENT_FLAGS, flags, 0);				\
	X(VASMON_A_EVENT_TID, tid, 0);					\
	X(VASMON_A_EVENT_TGID, tgid, 0);				\
	X(VASMON_A_EVENT_MAP_COUNT, map_count, PARSE_MAP_COUNT);	\
	X(VASMON_A_EVENT_SYSCALL, syscall, PARSE_SYSCALL);		\
	X(VASMON_A_EVENT_ARCH, arch, 0);				\
	X(VASMON_A_EVENT_ARGS, args, PARSE_ARGS);			\
	X(VASMON_A_EVENT_BRK_FROM, brk_from, PARSE_BRK_FROM);		\
	X(VASMON_A_EVENT_BRK_TO, brk_to, PARSE_BRK_TO);			\
	X(VASMON_A_EVENT_START_BRK, start_brk, PARSE_START_BRK);	\
	X(VASMON_A_EVENT_START_STACK, start_stack, PARSE_START_STACK);	\
	X(VASMON_A_EVENT_EXIT_CODE, exit_code, PARSE_EXIT_CODE);	\
	X(VASMON_A_EVENT_START, start, PARSE_START);			\
	X(VASMON_A_EVENT_END, end, PARSE_END);				\
	X(VASMON_A_EVENT_OLD_COUNT, old_count, PARSE_OLD_COUNT)

static inline int parse_take_event(const struct nlattr *attr, void *arg)
{
	struct event *to = arg;
	const char *comm;

	switch (parse_type(attr)) {
	PARSE_EVENT(PARSE_CASE);
	PARSE_CASE(VASMON_A_EVENT_LOST, lost, 0);
	PARSE_CASE(VASMON_A_EVENT_REGISTERS, registers, PARSE_REGISTERS);
	case VASMON_A_EVENT_COMM:
		if (!parse_take_string(attr, &comm))
			return -EBADMSG;
		parse_comm(attr, to->comm);
		return 0;
	case VASMON_A_EVENT_OLD:
		return parse_append(attr, &to->old);
	case VASMON_A_EVENT_NEW:
		return parse_append(attr, &to->fresh);
	case VASMON_A_EVENT_CALLCHAIN:
		return parse_take_chain(attr, to) ? 0 : -EBADMSG;
	case VASMON_A_EVENT_STACK:
		to->stack = parse_data(attr);
		to->stack_size = parse_size(attr);
		return to->stack_size <= VASMON_STACK_MAX ? 0 : -EBADMSG;
	case VASMON_A_EVENT_TEXT:
		return parse_take_string(attr, &to->text) ? 0 : -EBADMSG;
	}
	return 0;
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
	struct regions old = { .v = ev->old.v, .room = ev->old.room };
	struct regions fresh = { .v = ev->fresh.v, .room = ev->fresh.room };
	const struct nlattr *pos = head;
	struct event *to = ev;
	int parts = 0, rest;

	memset(ev, 0, offsetof(struct event, chain));
	ev->old = old;
	ev->fresh = fresh;
	PARSE_EVENT(PARSE_NEXT);
	rest = parse_each(pos, len, parse_take_event, ev);
	if (rest < 0)
		return rest;
	parts |= rest;
	ev->has_window = parts & PARSE_WINDOW;
	ev->has_brk = parts & PARSE_BRK;
	ev->has_map_count = parts & PARSE_MAP_COUNT;
	ev->has_syscall = parts & PARSE_SYSCALL;
	ev->has_args = parts & PARSE_ARGS;
	ev->has_start_brk = parts & PARSE_START_BRK;
	ev->has_start_stack = parts & PARSE_START_STACK;
	ev->has_exit_code = parts & PARSE_EXIT_CODE;
	ev->has_old_count = parts & PARSE_OLD_COUNT;
	ev->has_registers = parts & PARSE_REGISTERS;
	if ((parts & PARSE_ALWAYS) != PARSE_ALWAYS ||
	    (ev->has_window && (parts & PARSE_WINDOW) != PARSE_WINDOW) ||
	    (ev->has_window && ev->start >= ev->end) ||
	    (ev->has_brk && (parts & PARSE_BRK) != PARSE_BRK) ||
	    (!ev->has_window && (ev->old.n || ev->fresh.n)))
		return -EBADMSG;
	return 0;
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
