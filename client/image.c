// SPDX-License-Identifier: GPL-2.0-only
#include "image.h"

#define IMAGE_PAGE	4096ull

/* Are the addresses memory of @prot, of @file or (NULL) of none? */
static bool image_has(const struct scene *scene, uint64_t start, uint64_t end, uint32_t prot,
		      const struct region *file, size_t *regions)
{
	struct region at = { .start = start };
	size_t n = scene_count(scene), i = scene_find(scene, &at);

	/* A region can begin below where two segments share it. */
	if (i == n)
		return start >= end;
	for (; start < end; i++) {
		const struct region *r = i < n ? scene_at(scene, i) : NULL;

		if (!r || r->start != start || (r->prot & ~VASMON_PROT_SHARED) != prot)
			return false;
		if (file ? r->inode != file->inode || !region_has_file(r) : region_has_file(r))
			return false;
		++*regions;
		start = r->end;
	}
	return true;
}

/* All of the file that @w is a part of, as its headers want it. */
static bool image_is_whole(const struct scene *scene, const struct what *w,
			   const struct region *file, size_t *regions)
{
	size_t i;

	*regions = 0;
	for (i = 0; i < w->elf->n_segments; i++) {
		const struct elffile_segment *s = &w->elf->segments[i];
		uint64_t start = w->bias + (s->addr & -IMAGE_PAGE);
		uint64_t middle = w->bias + ((s->addr + s->filesz + IMAGE_PAGE - 1) & -IMAGE_PAGE);
		uint64_t end = w->bias + ((s->addr + s->memsz + IMAGE_PAGE - 1) & -IMAGE_PAGE);

		if (!s->filesz)
			middle = start;
		if (!image_has(scene, start, middle, s->prot, file, regions) ||
		    !image_has(scene, middle, end, s->prot, NULL, regions))
			return false;
	}
	return true;
}

/**
 * image_completed - was it the last part of a file that an event mapped?
 * @image: the file, if so
 * @before: the map before the event
 * @after: the map after it
 *
 * The loader maps a library by one call a segment; only the last one makes it whole.
 */
bool image_completed(struct image *image, const struct scene *before, const struct scene *after)
{
	const struct region *r, *file;
	struct what w;
	size_t regions;

	if (!after->n_fresh || !after->facts)
		return false;
	/* What is new is a part of the file, or the memory that follows it. */
	r = after->fresh;
	file = r;
	if (!region_has_file(r)) {
		if (!after->first)
			return false;
		file = scene_at(after, after->first - 1);
		if (!region_has_file(file) || file->end != r->start)
			return false;
	}
	w = what_of(after, file);
	if (!w.elf || !image_is_whole(after, &w, file, &regions))
		return false;
	*image = (struct image){
		.file = file->name, .segments = w.elf->n_segments, .regions = regions,
	};
	return !image_is_whole(before, &w, file, &regions);
}
