// SPDX-License-Identifier: GPL-2.0-only
#include "label.h"

/* vma_is_initial_heap(); before it existed, show_map_vma() had <= and >=. */
static bool label_is_heap(const struct region *r, const struct layout *l)
{
	if (l->heap_inclusive)
		return r->start <= l->brk && r->end >= l->start_brk;
	return r->start < l->brk && r->end > l->start_brk;
}

/* vma_is_initial_stack() */
static bool label_is_stack(const struct region *r, const struct layout *l)
{
	return r->start <= l->start_stack && r->end >= l->start_stack;
}

/* The order is that of get_vma_name() in fs/proc/task_mmu.c. */
struct label label_of(const struct region *r, const struct layout *l)
{
	switch (r->name_type) {
	case VASMON_NAME_TYPE_FILE:
		return (struct label){ LABEL_FILE, "", r->name, "" };
	case VASMON_NAME_TYPE_ANON_SHMEM:
		return (struct label){ LABEL_ANON_SHMEM, "[anon_shmem:", r->name, "]" };
	case VASMON_NAME_TYPE_SPECIAL:
		return (struct label){ LABEL_SPECIAL, "", r->name, "" };
	}
	if (label_is_heap(r, l))
		return (struct label){ LABEL_HEAP, "", "[heap]", "" };
	if (label_is_stack(r, l))
		return (struct label){ LABEL_STACK, "", "[stack]", "" };
	if (r->name_type == VASMON_NAME_TYPE_ANON)
		return (struct label){ LABEL_ANON, "[anon:", r->name, "]" };
	return (struct label){ LABEL_NONE, "", "", "" };
}
