// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ring of records of various sizes. The writer never waits: it overwrites
 * the oldest. Readers keep a position of their own, and see by comparing it
 * with the tail that they were overrun.
 */
#include <linux/file.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "ring.h"

/**
 * vasmon_name_put - drop a reference to a name
 * @name: the name, or NULL
 * @names: gets it with the last reference, for vasmon_name_free_list()
 *
 * Context: any; nothing is freed here.
 */
void vasmon_name_put(struct vasmon_name *name, struct llist_head *names)
{
	if (name && refcount_dec_and_test(&name->refs))
		llist_add(&name->free, names);
}

/**
 * vasmon_name_free_list - free names that nobody holds any more
 * @names: emptied
 *
 * Context: may sleep.
 * Return: bytes that they took.
 */
size_t vasmon_name_free_list(struct llist_head *names)
{
	struct vasmon_name *name, *next;
	size_t freed = 0;

	llist_for_each_entry_safe(name, next, llist_del_all(names), free) {
		freed += struct_size(name, path, strlen(name->path) + 1);
		kfree(name);
		cond_resched();
	}
	return freed;
}

/**
 * vasmon_record_put - drop what a record refers to
 * @rec: the record
 * @names: see vasmon_name_put()
 *
 * Context: any but NMI; fput() puts off what could sleep.
 */
void vasmon_record_put(struct vasmon_record *rec, struct llist_head *names)
{
	unsigned int i;

	for (i = 0; i < rec->nr_new; i++) {
		struct vasmon_ring_region *r = &rec->new[i];

		if (r->named)
			vasmon_name_put(r->name, names);
		else if (r->file)
			fput(r->file);
	}
}

/**
 * vasmon_ring_init - allocate a ring
 * @ring: to be set up
 * @size: bytes, a power of two of at least VASMON_RING_SIZE_MIN
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int vasmon_ring_init(struct vasmon_ring *ring, unsigned long size)
{
	/* Half of the ring has to hold the largest record, see reserve. */
	BUILD_BUG_ON(VASMON_RECORD_MAX > VASMON_RING_SIZE_MIN / 2);
	/* And a filler of 8 bytes what reserve and drop look at. */
	BUILD_BUG_ON(offsetofend(struct vasmon_record, holds) > 8);

	ring->data = kvmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!ring->data)
		return -ENOMEM;
	ring->size = size;
	ring->head = 0;
	ring->tail = 0;
	return 0;
}

/**
 * vasmon_ring_free - free a ring
 * @ring: set up, or zeroed
 * @names: see vasmon_name_put()
 *
 * Context: may sleep.
 */
void vasmon_ring_free(struct vasmon_ring *ring, struct llist_head *names)
{
	while (ring->tail != ring->head) {
		vasmon_ring_drop(ring, names);
		cond_resched();
	}
	kvfree(ring->data);
	ring->data = NULL;
}

/**
 * vasmon_ring_read - the record at a position
 * @ring: the ring
 * @pos: the position, not before the tail; moves over filler
 *
 * Context: under the lock of the watch, as long as the record is used.
 * Return: the record, or NULL at the head.
 */
struct vasmon_record *vasmon_ring_read(const struct vasmon_ring *ring, u64 *pos)
{
	struct vasmon_record *rec;

	while (*pos != ring->head) {
		rec = vasmon_ring_at(ring, *pos);
		if (rec->cause != VASMON_CAUSE_NONE)
			return rec;
		*pos += rec->size;
	}
	return NULL;
}
