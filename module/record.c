// SPDX-License-Identifier: GPL-2.0-only
/* An event as it is written into the ring. */
#include "call.h"
#include "chain.h"
#include "record.h"

/**
 * vasmon_record_fields - write an event in which no region changed
 * @space: of which brk or the like did
 * @why: why
 *
 * Context: under the watch's lock; does not sleep.
 * Return: as vasmon_record_begin().
 */
struct vasmon_record *vasmon_record_fields(struct vasmon_space *space,
					   const struct vasmon_why *why)
{
	struct vasmon_record *rec = vasmon_record_begin(space, why, 0, 0);

	vasmon_record_end(space, rec, vasmon_record_texts(rec), space->shadow.count, true);
	return rec;
}

/**
 * vasmon_record_exit - write the last event of a process
 * @space: it has exited
 * @exit_code: as waitpid() has it
 * @end: is it the last event of the watch?
 *
 * Context: under the watch's lock; does not sleep.
 */
void vasmon_record_exit(struct vasmon_space *space, u32 exit_code, bool end)
{
	static const struct vasmon_why why = { .cause = VASMON_CAUSE_EXIT, .syscall = -1 };
	struct vasmon_watch *watch = space->watch;
	struct vasmon_record *rec;

	rec = vasmon_ring_reserve(&watch->ring, sizeof(*rec), &watch->names);
	vasmon_record_head(space, rec, &why);
	rec->has = VASMON_HAS_WINDOW | VASMON_HAS_EXIT_CODE;
	rec->flags = end ? VASMON_EVENT_FLAG_END : 0;
	rec->start = 0;
	rec->end = ULONG_MAX;
	rec->old_count = space->shadow.count;
	rec->map_count = 0;
	rec->exit_code = exit_code;
	vasmon_ring_commit(&watch->ring, rec, sizeof(*rec));
	vasmon_watch_kick(watch);
}

/**
 * vasmon_record_mark - write an event that only says something
 * @space: of whose process; its watch's lock held
 * @text: what
 * @len: its bytes, at most VASMON_MARK_MAX, none of them zero
 *
 * Context: current is who says it; does not sleep.
 */
void vasmon_record_mark(struct vasmon_space *space, const char *text, unsigned int len)
{
	static const struct vasmon_why why = { .cause = VASMON_CAUSE_MARK, .syscall = -1 };
	struct vasmon_watch *watch = space->watch;
	struct vasmon_record *rec;
	unsigned long size = ALIGN(sizeof(*rec) + len + 1, 8);

	rec = vasmon_ring_reserve(&watch->ring, size, &watch->names);
	vasmon_record_head(space, rec, &why);
	rec->has = VASMON_HAS_MARK;
	rec->map_count = space->stale ? READ_ONCE(space->mm->map_count) : space->shadow.count;
	memcpy(vasmon_record_texts(rec), text, len);
	vasmon_record_texts(rec)[len] = '\0';
	vasmon_ring_commit(&watch->ring, rec, size);
	vasmon_watch_kick(watch);
}

/* What the thread was at, as &enum vasmon_chain_cause; 0 where a chain would tell nothing. */
static u32 vasmon_record_chain_cause(const struct vasmon_record *rec)
{
	if (rec->cause == VASMON_CAUSE_FAULT)
		return VASMON_CHAIN_CAUSE_FAULT;
	if (rec->cause != VASMON_CAUSE_SYSCALL)
		return 0;
	switch (vasmon_call_of(rec->has & VASMON_HAS_SYSCALL ? rec->syscall : -1, rec->arch)) {
	case VASMON_CALL_BRK:
		return VASMON_CHAIN_CAUSE_BRK;
	case VASMON_CALL_MMAP:
	case VASMON_CALL_MMAP_OLD:
		return VASMON_CHAIN_CAUSE_MMAP;
	case VASMON_CALL_UNMAP:
		return VASMON_CHAIN_CAUSE_MUNMAP;
	case VASMON_CALL_MREMAP:
		return VASMON_CHAIN_CAUSE_MREMAP;
	case VASMON_CALL_PROTECT:
		return VASMON_CHAIN_CAUSE_MPROTECT;
	default:
		return VASMON_CHAIN_CAUSE_OTHER;
	}
}

/**
 * vasmon_record_put_chain - write by which calls a change came about, and what
 *	leads through those that keep no frame pointers
 * @space: what changed
 * @rec: begun, all else put
 * @at: bytes of it
 * @first: is it the first that tells of a change?
 *
 * Context: as vasmon_record_begin().
 * Return: bytes that were added: none where nobody wants it of this event.
 */
unsigned long vasmon_record_put_chain(struct vasmon_space *space, struct vasmon_record *rec,
				      unsigned long at, bool first)
{
	const struct vasmon_chains *want = &space->watch->chains;
	u64 *to = (u64 *)((char *)rec + at);

	if (current->mm != space->mm || !(want->causes & vasmon_record_chain_cause(rec)) ||
	    (want->tid && rec->ids[want->ns].tid != want->tid))
		return 0;
	if (first && want->stack_size && vasmon_chain_registers(to)) {
		rec->stack_size = vasmon_chain_stack((char *)(to + VASMON_REGISTERS),
						     want->stack_size);
		if (rec->stack_size)
			to += VASMON_REGISTERS + rec->stack_size / sizeof(u64);
	}
	rec->nr_chain = vasmon_chain_get(to);
	to += rec->nr_chain;
	return (char *)to - (char *)rec - at;
}

/**
 * vasmon_record_put_text - write the name of a new region that is no path
 * @rec: begun
 * @new: the region's entry
 * @vma: the region, its mmap lock held
 * @texts: where the name goes
 *
 * Context: as vasmon_record_put_new().
 * Return: where the next one goes.
 */
char *vasmon_record_put_text(struct vasmon_record *rec, struct vasmon_ring_region *new,
			     const struct vm_area_struct *vma, char *texts)
{
	const char *name;

	new->name_type = vasmon_region_name_type(vma, &name);
	if (new->name_type <= VASMON_NAME_TYPE_FILE)
		return texts;
	new->text = texts - (char *)rec;
	strscpy(texts, name, VASMON_REGION_TEXT_MAX);
	return texts + strlen(texts) + 1;
}
