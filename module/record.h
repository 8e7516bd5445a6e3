/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_RECORD_H
#define _VASMON_RECORD_H

#include "watch.h"
#include "why.h"

struct vasmon_record *vasmon_record_begin(struct vasmon_space *space,
					  const struct vasmon_why *why, unsigned int nr_old,
					  unsigned int nr_new, unsigned int nr_texts);
void vasmon_record_end(struct vasmon_space *space, struct vasmon_record *rec, char *texts,
		       unsigned long map_count);
struct vasmon_record *vasmon_record_fields(struct vasmon_space *space,
					   const struct vasmon_why *why);
void vasmon_record_exit(struct vasmon_space *space, u32 exit_code, bool end);

/**
 * vasmon_record_put_old - write an old region
 * @rec: begun
 * @i: its number
 * @r: the region
 */
static __always_inline void vasmon_record_put_old(struct vasmon_record *rec, unsigned int i,
						  const struct vasmon_region *r)
{
	struct vasmon_ring_old *old = &vasmon_record_old(rec)[i];

	old->start = r->start;
	old->end = r->end;
	old->flags = r->flags;
	old->pgoff = r->pgoff;
}

/**
 * vasmon_record_put_new - write a new region
 * @rec: begun
 * @i: its number
 * @vma: the region
 * @r: the same
 * @texts: where its name goes if that is a text
 *
 * Context: the mmap lock held, for write or for read; does not sleep.
 * Return: where the next text goes.
 */
static __always_inline char *vasmon_record_put_new(struct vasmon_record *rec, unsigned int i,
						   const struct vm_area_struct *vma,
						   const struct vasmon_region *r, char *texts)
{
	struct vasmon_ring_region *new = &rec->new[i];
	const char *name;

	new->start = r->start;
	new->end = r->end;
	new->flags = r->flags;
	new->pgoff = r->pgoff;
	new->file = NULL;
	new->text = 0;
	new->named = false;
	new->name_type = VASMON_NAME_TYPE_NONE;
	if (vma->vm_file) {
		new->file = get_file(vma->vm_file);
		new->name_type = VASMON_NAME_TYPE_FILE;
	}
	if (unlikely(vasmon_region_may_have_text(vma))) {
		new->name_type = vasmon_region_name_type(vma, &name);
		if (new->name_type > VASMON_NAME_TYPE_FILE) {
			new->text = texts - (char *)rec;
			strscpy(texts, name, VASMON_REGION_TEXT_MAX);
			texts += strlen(texts) + 1;
		}
	}
	return texts;
}

#endif /* _VASMON_RECORD_H */
