// SPDX-License-Identifier: GPL-2.0-only
/*
 * The regions as last reported: an ordered set whose nodes are allocated ahead
 * of use, so that a probe can change it where nothing can be allocated.
 */
#include <linux/slab.h>

#include "shadow.h"

static struct kmem_cache *vasmon_shadow_cache;

/**
 * vasmon_shadow_search - vasmon_shadow_after() by a walk down the tree
 * @shadow: the regions
 * @addr: the address
 *
 * Return: the region that holds @addr or else the next above it, or NULL.
 */
struct vasmon_shadow_node *vasmon_shadow_search(struct vasmon_shadow *shadow,
						unsigned long addr)
{
	struct rb_node *rb = shadow->root.rb_node;
	struct vasmon_shadow_node *found = NULL, *below;

	/* Just below the one that was found last: the gap in which it grew or shrank. */
	if (shadow->near && addr < shadow->near->region.start) {
		below = vasmon_shadow_node_of(rb_prev(&shadow->near->rb));
		if (!below || below->region.end <= addr)
			return shadow->near;
	}
	while (rb) {
		struct vasmon_shadow_node *node = vasmon_shadow_node_of(rb);

		if (node->region.end > addr) {
			found = node;
			rb = rb->rb_left;
		} else {
			rb = rb->rb_right;
		}
	}
	if (found)
		shadow->near = found;
	return found;
}

/**
 * vasmon_shadow_insert - add a region
 * @shadow: the regions
 * @above: the next one above it, or NULL if there is none
 *
 * Return: its node, which has no bytes until vasmon_shadow_set() is called; or
 * NULL if there is no spare node left: nothing was changed then.
 */
struct vasmon_shadow_node *vasmon_shadow_insert(struct vasmon_shadow *shadow,
						struct vasmon_shadow_node *above)
{
	struct rb_node *parent = above ? &above->rb : NULL, **link;
	struct vasmon_shadow_node *node = shadow->spare;

	if (!node)
		return NULL;
	shadow->spare = node->next;
	shadow->spares--;
	shadow->count++;
	node->region.start = 0;
	node->region.end = 0;
	/* The place just below @above: its left child, or that one's far right. */
	link = above ? &parent->rb_left : &shadow->root.rb_node;
	while (*link) {
		parent = *link;
		link = &parent->rb_right;
	}
	rb_link_node(&node->rb, parent, link);
	rb_insert_color(&node->rb, &shadow->root);
	shadow->near = node;
	return node;
}

/**
 * vasmon_shadow_erase - remove a region; its node becomes a spare one
 * @shadow: the regions
 * @node: one of them
 */
void vasmon_shadow_erase(struct vasmon_shadow *shadow, struct vasmon_shadow_node *node)
{
	if (shadow->near == node)
		shadow->near = vasmon_shadow_next(node);
	rb_erase(&node->rb, &shadow->root);
	shadow->count--;
	shadow->bytes -= node->region.end - node->region.start;
	node->next = shadow->spare;
	shadow->spare = node;
	shadow->spares++;
}

/**
 * vasmon_shadow_give - move all spare nodes of one shadow to another
 * @shadow: gets them
 * @from: gives them
 */
void vasmon_shadow_give(struct vasmon_shadow *shadow, struct vasmon_shadow *from)
{
	struct vasmon_shadow_node *last = from->spare;

	if (!last)
		return;
	while (last->next)
		last = last->next;
	last->next = shadow->spare;
	shadow->spare = from->spare;
	shadow->spares += from->spares;
	from->spare = NULL;
	from->spares = 0;
}

/**
 * vasmon_shadow_reserve - have spare nodes
 * @shadow: gets them
 * @nodes: how many it shall have at least
 * @gfp: how to allocate. Without __GFP_ACCOUNT in a probe, where it would be the
 *	watched process that is charged
 *
 * Context: as @gfp says.
 * Return: 0, or -ENOMEM; what could be allocated is kept.
 */
int vasmon_shadow_reserve(struct vasmon_shadow *shadow, unsigned long nodes, gfp_t gfp)
{
	while (shadow->spares < nodes) {
		struct vasmon_shadow_node *node = kmem_cache_alloc(vasmon_shadow_cache, gfp);

		if (!node)
			return -ENOMEM;
		node->next = shadow->spare;
		shadow->spare = node;
		shadow->spares++;
	}
	return 0;
}

/**
 * vasmon_shadow_free - free all regions and spare nodes
 * @shadow: empty afterwards
 *
 * Context: may sleep.
 */
void vasmon_shadow_free(struct vasmon_shadow *shadow)
{
	struct vasmon_shadow_node *node, *next;

	might_sleep();
	rbtree_postorder_for_each_entry_safe(node, next, &shadow->root, rb) {
		kmem_cache_free(vasmon_shadow_cache, node);
		cond_resched();
	}
	for (node = shadow->spare; node; node = next) {
		next = node->next;
		kmem_cache_free(vasmon_shadow_cache, node);
	}
	*shadow = (struct vasmon_shadow){ };
}

/**
 * vasmon_shadow_init - prepare for shadows
 *
 * Return: 0 or -ENOMEM.
 */
int __init vasmon_shadow_init(void)
{
	vasmon_shadow_cache = KMEM_CACHE(vasmon_shadow_node, 0);
	return vasmon_shadow_cache ? 0 : -ENOMEM;
}

/** vasmon_shadow_exit - undo vasmon_shadow_init(), once all shadows are freed */
void vasmon_shadow_exit(void)
{
	kmem_cache_destroy(vasmon_shadow_cache);
}
