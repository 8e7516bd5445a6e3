/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_SHADOW_H
#define _VASMON_SHADOW_H

#include <linux/rbtree.h>
#include "region.h"

/**
 * struct vasmon_shadow_node - a region in a shadow, or spare
 * @rb: place in the tree
 * @next: next spare node
 * @region: the region
 */
struct vasmon_shadow_node {
	union {
		struct rb_node rb;
		struct vasmon_shadow_node *next;
	};
	struct vasmon_region region;
};

/**
 * struct vasmon_shadow - the regions of an address space as last reported
 * @root: the regions, by address; they do not overlap
 * @count: how many they are
 * @bytes: sum of their sizes
 * @near: the region that was looked up or inserted last, or one beside it; or
 *	NULL. What changes next is often there
 * @spare: nodes for regions to come
 * @spares: how many they are
 *
 * Pure data with no lock of its own: its owner serialises all access.
 */
struct vasmon_shadow {
	struct rb_root root;
	struct vasmon_shadow_node *near;
	unsigned long count;
	unsigned long bytes;
	struct vasmon_shadow_node *spare;
	unsigned long spares;
};

#define vasmon_shadow_node_of(rb_node) \
	rb_entry_safe(rb_node, struct vasmon_shadow_node, rb)

static inline struct vasmon_shadow_node *
vasmon_shadow_first(const struct vasmon_shadow *shadow)
{
	return vasmon_shadow_node_of(rb_first(&shadow->root));
}

static inline struct vasmon_shadow_node *
vasmon_shadow_next(const struct vasmon_shadow_node *node)
{
	return vasmon_shadow_node_of(rb_next(&node->rb));
}

/**
 * vasmon_shadow_set - let a node hold another region
 * @shadow: the regions
 * @node: one of them
 * @r: copied; has the same place in the order as the old one
 */
static __always_inline void vasmon_shadow_set(struct vasmon_shadow *shadow,
					      struct vasmon_shadow_node *node,
					      const struct vasmon_region *r)
{
	shadow->bytes += (r->end - r->start) - (node->region.end - node->region.start);
	node->region = *r;
}

struct vasmon_shadow_node *vasmon_shadow_insert(struct vasmon_shadow *shadow,
						struct vasmon_shadow_node *above);
struct vasmon_shadow_node *vasmon_shadow_search(struct vasmon_shadow *shadow,
						unsigned long addr);

/**
 * vasmon_shadow_after - first region that ends after an address
 * @shadow: the regions
 * @addr: the address
 *
 * Return: the region that holds @addr or else the next above it, or NULL.
 */
static __always_inline struct vasmon_shadow_node *
vasmon_shadow_after(struct vasmon_shadow *shadow, unsigned long addr)
{
	struct vasmon_shadow_node *near = shadow->near;

	if (near && near->region.start <= addr && addr < near->region.end)
		return near;
	return vasmon_shadow_search(shadow, addr);
}

void vasmon_shadow_erase(struct vasmon_shadow *shadow, struct vasmon_shadow_node *node);
void vasmon_shadow_give(struct vasmon_shadow *shadow, struct vasmon_shadow *from);
int vasmon_shadow_reserve(struct vasmon_shadow *shadow, unsigned long nodes, gfp_t gfp);
void vasmon_shadow_free(struct vasmon_shadow *shadow);

int vasmon_shadow_init(void);
void vasmon_shadow_exit(void);

#endif /* _VASMON_SHADOW_H */
