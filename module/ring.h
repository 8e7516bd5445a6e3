/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_RING_H
#define _VASMON_RING_H

#include <linux/llist.h>
#include <linux/refcount.h>
#include "region.h"

/* Distinct pid namespaces that the subscribers of one watch may live in. */
#define VASMON_RING_NS_MAX 4

/* Regions that one record holds; a change of more new ones is several. */
#define VASMON_RING_OLD_MAX 16
#define VASMON_RING_NEW_MAX 32

/**
 * struct vasmon_name - a file's name, resolved where one may sleep
 * @refs: each record of a ring and each reader holds one
 * @free: place among the names to be freed
 * @dev: device as users see it
 * @inode: inode number as users see it
 * @path: as d_path() has it
 */
struct vasmon_name {
	refcount_t refs;
	struct llist_node free;
	dev_t dev;
	u64 inode;
	char path[];
};

/**
 * struct vasmon_ring_region - a region in a record
 * @start: first address
 * @end: first address after it
 * @flags: VM_*
 * @pgoff: offset into the file, in pages
 * @file: reference, until the name is resolved
 * @name: reference, once @named
 * @text: offset of the name in the record, where it is a text; or 0
 * @name_type: what the name is
 * @named: @name holds, not @file. It may be NULL: no memory
 */
struct vasmon_ring_region {
	unsigned long start;
	unsigned long end;
	unsigned long flags;
	unsigned long pgoff;
	union {
		struct file *file;
		struct vasmon_name *name;
	};
	u16 text;
	u8 name_type;
	bool named;
};

/* An old region: subscribers know its name. */
struct vasmon_ring_old {
	unsigned long start;
	unsigned long end;
	unsigned long flags;
	unsigned long pgoff;
};

/**
 * struct vasmon_record - an event in a ring
 * @size: bytes up to the next record, a multiple of 8
 * @cause: &enum vasmon_cause; 0 for filler at the end of the ring
 * @flags: mask of &enum vasmon_event_flag
 * @has: mask of VASMON_HAS_*: which members tell something
 * @holds: does a new region refer to a file or a name?
 * @nr_ns: how many of @ids hold
 * @nr_old: entries of old regions in the record
 * @nr_new: entries of new regions in the record
 * @nr_chain: entries of the call chain in the record
 * @stack_size: bytes of the stack in the record, a multiple of 8; 0: nor are
 *	there registers
 * @seq: number of the event
 * @time: CLOCK_BOOTTIME, ns
 * @start: the window, where a region changed
 * @end: the window
 * @old_count: old regions in the window, also where they have no entry
 * @map_count: regions after the event
 * @brk_from: program break before
 * @brk: program break after
 * @start_brk: where the heap begins after
 * @start_stack: where the stack begins after
 * @syscall: number of the actor's system call
 * @arch: its AUDIT_ARCH_*
 * @args: its arguments
 * @exit_code: status of an exited process
 * @comm: the actor's name
 * @ids: process that changed, actor's process and thread, by pid namespace
 * @new: entries of the new regions
 *
 * It is followed by the entries of the new regions, those of the old ones, the
 * texts, the registers and the stack, and the entries of the call chain.
 */
struct vasmon_record {
	u32 size;
	u8 cause;
	u8 flags;
	u8 has;
	bool holds;
	u8 nr_ns;
	u8 nr_old;
	u8 nr_new;
	u8 nr_chain;
	u16 stack_size;
	u32 old_count;
	u32 map_count;
	u32 exit_code;
	u64 seq;
	u64 time;
	unsigned long start;
	unsigned long end;
	unsigned long brk_from;
	unsigned long brk;
	unsigned long start_brk;
	unsigned long start_stack;
	s32 syscall;
	u32 arch;
	unsigned long args[VASMON_ARGS];
	char comm[VASMON_COMM_LEN];
	struct {
		u32 pid;
		u32 tgid;
		u32 tid;
	} ids[VASMON_RING_NS_MAX];
	struct vasmon_ring_region new[];
};

#define VASMON_HAS_WINDOW BIT(0)
#define VASMON_HAS_BRK BIT(1)
#define VASMON_HAS_START_BRK BIT(2)
#define VASMON_HAS_START_STACK BIT(3)
#define VASMON_HAS_SYSCALL BIT(4)
#define VASMON_HAS_EXIT_CODE BIT(5)
#define VASMON_HAS_MARK BIT(6)	/* the first text is that of a mark */

#define VASMON_RECORD_MAX						\
	(sizeof(struct vasmon_record) +					\
	 VASMON_RING_NEW_MAX * (sizeof(struct vasmon_ring_region) + VASMON_REGION_TEXT_MAX) + \
	 VASMON_RING_OLD_MAX * sizeof(struct vasmon_ring_old) +		\
	 (VASMON_REGISTERS + VASMON_CALLCHAIN_MAX) * sizeof(u64) + VASMON_STACK_MAX)

static inline struct vasmon_ring_old *vasmon_record_old(struct vasmon_record *rec)
{
	return (struct vasmon_ring_old *)&rec->new[rec->nr_new];
}

static inline char *vasmon_record_texts(struct vasmon_record *rec)
{
	return (char *)&vasmon_record_old(rec)[rec->nr_old];
}

static inline u64 *vasmon_record_chain(struct vasmon_record *rec)
{
	return (u64 *)((char *)rec + rec->size) - rec->nr_chain;
}

static inline char *vasmon_record_stack(struct vasmon_record *rec)
{
	return (char *)vasmon_record_chain(rec) - rec->stack_size;
}

/* There are some if there is a stack. */
static inline u64 *vasmon_record_registers(struct vasmon_record *rec)
{
	return (u64 *)vasmon_record_stack(rec) - VASMON_REGISTERS;
}

/**
 * struct vasmon_ring - records until every subscriber has had them
 * @data: the bytes
 * @size: how many, a power of two
 * @head: where the next record goes; grows for ever, the place is modulo @size
 * @tail: the oldest record that is still there
 *
 * No lock of its own: the watch's lock serialises all access.
 */
struct vasmon_ring {
	char *data;
	unsigned long size;
	u64 head;
	u64 tail;
};

static inline struct vasmon_record *vasmon_ring_at(const struct vasmon_ring *ring, u64 pos)
{
	return (struct vasmon_record *)(ring->data + (pos & (ring->size - 1)));
}

void vasmon_record_put(struct vasmon_record *rec, struct llist_head *names);

/**
 * vasmon_ring_drop - overwrite the oldest record
 * @ring: the ring, not empty
 * @names: see vasmon_name_put()
 *
 * Context: under the lock of the watch.
 */
static __always_inline void vasmon_ring_drop(struct vasmon_ring *ring, struct llist_head *names)
{
	struct vasmon_record *rec = vasmon_ring_at(ring, ring->tail);

	if (unlikely(rec->holds))
		vasmon_record_put(rec, names);
	ring->tail += rec->size;
}

/**
 * vasmon_ring_reserve - room for a record
 * @ring: the ring
 * @size: bytes, a multiple of 8 of at most VASMON_RECORD_MAX
 * @names: see vasmon_name_put()
 *
 * A record lies in one piece: where it would cross the end of the ring, filler
 * takes the rest.
 *
 * Context: under the lock of the watch.
 * Return: the room; vasmon_ring_commit() makes it a record.
 */
static __always_inline struct vasmon_record *
vasmon_ring_reserve(struct vasmon_ring *ring, unsigned long size, struct llist_head *names)
{
	unsigned long rest = ring->size - (ring->head & (ring->size - 1));
	unsigned long fill = rest < size ? rest : 0;

	while (ring->head + fill + size - ring->tail > ring->size)
		vasmon_ring_drop(ring, names);
	if (unlikely(fill)) {
		struct vasmon_record *rec = vasmon_ring_at(ring, ring->head);

		/* Records are multiples of 8: these members always have room. */
		rec->size = fill;
		rec->cause = VASMON_CAUSE_NONE;
		rec->holds = false;
		ring->head += fill;
	}
	return vasmon_ring_at(ring, ring->head);
}

/**
 * vasmon_ring_commit - let readers see a record
 * @ring: the ring
 * @rec: what vasmon_ring_reserve() gave, filled
 * @size: bytes that are used, at most those that were reserved
 *
 * Context: under the lock of the watch.
 */
static inline void vasmon_ring_commit(struct vasmon_ring *ring, struct vasmon_record *rec,
				      unsigned long size)
{
	rec->size = size;
	ring->head += size;
}

int vasmon_ring_init(struct vasmon_ring *ring, unsigned long size);
void vasmon_ring_free(struct vasmon_ring *ring, struct llist_head *names);
struct vasmon_record *vasmon_ring_read(const struct vasmon_ring *ring, u64 *pos);
void vasmon_name_put(struct vasmon_name *name, struct llist_head *names);
size_t vasmon_name_free_list(struct llist_head *names);

#endif /* _VASMON_RING_H */
