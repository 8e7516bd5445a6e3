// SPDX-License-Identifier: GPL-2.0-only
/* An event as it is written into the ring. */
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

	vasmon_record_end(space, rec, vasmon_record_texts(rec), space->shadow.count);
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
