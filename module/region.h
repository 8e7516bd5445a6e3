/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_REGION_H
#define _VASMON_REGION_H

#include <linux/vasmon.h>
#include "compat/compat.h"

/*
 * Bits that change without the mmap lock held for write, or that tell about
 * pages and not about the region.
 */
#define VASMON_REGION_VM_IGNORED (VM_SOFTDIRTY | VM_MAYBE_GUARD)

/* Longest text that is a region's name but no path, its zero included. */
#define VASMON_REGION_TEXT_MAX 88	/* a multiple of 8 */

/**
 * struct vasmon_region - what a VMA is, as far as its map shows it
 * @start: first address
 * @end: first address after it
 * @flags: VM_*, without VASMON_REGION_VM_IGNORED
 * @pgoff: offset into the file, in pages; 0 where there is no file
 * @backing: the struct file, or what a special mapping keeps, or NULL; to be
 *	compared, not to be followed, unless its owner holds a reference
 * @anon_name: the struct anon_vma_name or NULL; to be compared only
 */
struct vasmon_region {
	unsigned long start;
	unsigned long end;
	unsigned long flags;
	unsigned long pgoff;
	const void *backing;
	const void *anon_name;
};

/**
 * vasmon_region_from_vma - describe a VMA
 * @r: filled
 * @vma: the VMA, its mmap lock held
 *
 * Context: any; does not sleep.
 */
static __always_inline void vasmon_region_from_vma(struct vasmon_region *r,
						   const struct vm_area_struct *vma)
{
	r->start = vma->vm_start;
	r->end = vma->vm_end;
	r->flags = vma->vm_flags & ~VASMON_REGION_VM_IGNORED;
	r->pgoff = 0;
	r->backing = NULL;
	if (vma->vm_file) {
		r->backing = vma->vm_file;
		r->pgoff = vma->vm_pgoff;
	} else if (vma->vm_ops && vma->vm_ops->name) {
		r->backing = vma->vm_private_data;
	}
	r->anon_name = vasmon_compat_anon_vma_name(vma);
}

/**
 * vasmon_region_equal - would the map show both alike?
 * @a: one region
 * @b: the other
 *
 * A struct file is compared by its address. That cannot mistake a new file for
 * an old one: within one hold of the mmap lock for write, the old mapping's
 * reference is at most queued to be dropped (fput() is deferred), so that the
 * address is not used again.
 *
 * Return: true if they are the same in all that the map shows.
 */
static __always_inline bool vasmon_region_equal(const struct vasmon_region *a,
						const struct vasmon_region *b)
{
	return a->start == b->start && a->end == b->end && a->flags == b->flags &&
	       a->pgoff == b->pgoff && a->backing == b->backing &&
	       a->anon_name == b->anon_name;
}

/**
 * vasmon_region_may_have_text - can its name be other than a path?
 * @vma: the region, its mmap lock held
 *
 * Return: false if vasmon_region_name_type() would not give a text.
 */
static inline bool vasmon_region_may_have_text(const struct vm_area_struct *vma)
{
	return vasmon_compat_anon_vma_name(vma) ||
	       (!vma->vm_file && vma->vm_ops && vma->vm_ops->name);
}

enum vasmon_name_type vasmon_region_name_type(const struct vm_area_struct *vma,
					      const char **text);
u32 vasmon_region_prot(unsigned long vm_flags);
u64 vasmon_region_traits(unsigned long vm_flags);

#endif /* _VASMON_REGION_H */
