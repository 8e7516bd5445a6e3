// SPDX-License-Identifier: GPL-2.0-only
/* One VMA, and what is said of it. */
#include "region.h"

/**
 * vasmon_region_name_type - what a region's own name is
 * @vma: the region, its mmap lock held
 * @text: set to the name where it is a text; valid under the lock
 *
 * The order is that of get_vma_name() in fs/proc/task_mmu.c, as far as a
 * region has the name by itself: [heap] and [stack] follow from brk and
 * start_stack and come last but for VASMON_NAME_TYPE_ANON.
 *
 * Context: any; does not sleep.
 * Return: the type; VASMON_NAME_TYPE_FILE has no text but a path.
 */
enum vasmon_name_type vasmon_region_name_type(const struct vm_area_struct *vma,
					      const char **text)
{
	const struct anon_vma_name *anon_name = vasmon_compat_anon_vma_name(vma);

	if (vma->vm_file) {
		if (!anon_name)
			return VASMON_NAME_TYPE_FILE;
		*text = anon_name->name;
		return VASMON_NAME_TYPE_ANON_SHMEM;
	}
	if (vma->vm_ops && vma->vm_ops->name) {
		/* The callback takes a VMA that it could change, and does not. */
		*text = vma->vm_ops->name((struct vm_area_struct *)vma);
		if (*text)
			return VASMON_NAME_TYPE_SPECIAL;
	}
	if (anon_name) {
		*text = anon_name->name;
		return VASMON_NAME_TYPE_ANON;
	}
	return VASMON_NAME_TYPE_NONE;
}

/**
 * vasmon_region_prot - the letters of /proc/PID/maps
 * @vm_flags: VM_*
 *
 * Return: a mask of &enum vasmon_prot.
 */
u32 vasmon_region_prot(unsigned long vm_flags)
{
	return (vm_flags & VM_READ ? VASMON_PROT_READ : 0) |
	       (vm_flags & VM_WRITE ? VASMON_PROT_WRITE : 0) |
	       (vm_flags & VM_EXEC ? VASMON_PROT_EXEC : 0) |
	       (vm_flags & VM_MAYSHARE ? VASMON_PROT_SHARED : 0);
}

/* A flag that this kernel lacks is 0 here, and its trait is never set. */
static const struct {
	unsigned long vm_flag;
	u64 trait;
} vasmon_region_trait_of[] = {
	{ VM_GROWSDOWN, VASMON_TRAIT_GROWS_DOWN },
	{ VM_LOCKED, VASMON_TRAIT_LOCKED },
	{ VM_LOCKONFAULT, VASMON_TRAIT_LOCK_ON_FAULT },
	{ VM_IO, VASMON_TRAIT_IO },
	{ VM_PFNMAP, VASMON_TRAIT_PFN },
	{ VM_MIXEDMAP, VASMON_TRAIT_MIXED },
	{ VM_HUGETLB, VASMON_TRAIT_HUGETLB },
	{ VM_HUGEPAGE, VASMON_TRAIT_HUGE },
	{ VM_NOHUGEPAGE, VASMON_TRAIT_NO_HUGE },
	{ VM_MERGEABLE, VASMON_TRAIT_MERGEABLE },
	{ VM_DONTCOPY, VASMON_TRAIT_DONT_FORK },
	{ VM_WIPEONFORK, VASMON_TRAIT_WIPE_ON_FORK },
	{ VM_DONTEXPAND, VASMON_TRAIT_DONT_EXPAND },
	{ VM_DONTDUMP, VASMON_TRAIT_DONT_DUMP },
	{ VM_NORESERVE, VASMON_TRAIT_NO_RESERVE },
	{ VM_SEQ_READ, VASMON_TRAIT_SEQUENTIAL },
	{ VM_RAND_READ, VASMON_TRAIT_RANDOM },
	{ VM_SYNC, VASMON_TRAIT_SYNC },
	{ VM_UFFD_MISSING, VASMON_TRAIT_UFFD_MISSING },
	{ VM_UFFD_WP, VASMON_TRAIT_UFFD_WP },
	{ VM_UFFD_MINOR, VASMON_TRAIT_UFFD_MINOR },
	{ VM_SEALED, VASMON_TRAIT_SEALED },
	{ VM_SHADOW_STACK, VASMON_TRAIT_SHADOW_STACK },
	{ VM_DROPPABLE, VASMON_TRAIT_DROPPABLE },
};

/**
 * vasmon_region_traits - properties by numbers that no kernel changes
 * @vm_flags: VM_*
 *
 * Return: a mask of &enum vasmon_trait.
 */
u64 vasmon_region_traits(unsigned long vm_flags)
{
	/* Found out once; most regions have none of them. */
	static unsigned long vm_flags_of_all;
	unsigned long of_all = READ_ONCE(vm_flags_of_all);
	u64 traits = 0;
	unsigned int i;

	if (unlikely(!of_all)) {
		for (i = 0; i < ARRAY_SIZE(vasmon_region_trait_of); i++)
			of_all |= vasmon_region_trait_of[i].vm_flag;
		WRITE_ONCE(vm_flags_of_all, of_all);
	}
	if (likely(!(vm_flags & of_all)))
		return 0;
	for (i = 0; i < ARRAY_SIZE(vasmon_region_trait_of); i++)
		if (vm_flags & vasmon_region_trait_of[i].vm_flag)
			traits |= vasmon_region_trait_of[i].trait;
	return traits;
}
