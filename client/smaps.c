// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proc.h"
#include "smaps.h"

/**
 * smaps_line - take the next line of the file
 * @s: what the lines before said
 * @line: either the head of a region, or one of its figures
 *
 * Return: 0, -ENOMEM.
 */
int smaps_line(struct smaps *s, const char *line)
{
	struct smaps_region *v;
	uint64_t start, end, kib;
	char key[24];

	/* A figure's name has a hex digit first as well, but nothing like this. */
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " ", &start, &end) == 2) {
		if (s->n == s->room) {
			size_t room = s->room ? s->room * 2 : 64;

			v = reallocarray(s->v, room, sizeof(*v));
			if (!v)
				return -ENOMEM;
			s->v = v;
			s->room = room;
		}
		s->v[s->n++] = (struct smaps_region){ .start = start, .end = end };
		return 0;
	}
	if (!s->n || sscanf(line, "%23[A-Za-z_]: %" SCNu64 " kB", key, &kib) != 2)
		return 0;
	v = &s->v[s->n - 1];
	if (!strcmp(key, "Rss"))
		v->resident = kib * 1024;
	else if (!strcmp(key, "Shared_Dirty") || !strcmp(key, "Private_Dirty"))
		v->dirty += kib * 1024;
	else if (!strcmp(key, "Swap"))
		v->swapped = kib * 1024;
	/* Huge pages of hugetlbfs are not in Rss. */
	else if (!strcmp(key, "Shared_Hugetlb") || !strcmp(key, "Private_Hugetlb"))
		v->resident += kib * 1024;
	return 0;
}

/**
 * smaps_read - read those of a process
 * @s: overwritten; smaps_free() it, also after an error
 * @pid: the process, whose page tables are gone through meanwhile
 *
 * Return: 0 or a negative errno.
 */
int smaps_read(struct smaps *s, uint32_t pid)
{
	char path[32], *line = NULL;
	size_t room = 0;
	FILE *file;
	int err = 0;

	*s = (struct smaps){ 0 };
	if (!proc_is_ours())
		return -ENOENT;
	snprintf(path, sizeof(path), "/proc/%u/smaps", pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	errno = 0;
	while (!err && getline(&line, &room, file) > 0)
		err = smaps_line(s, line);
	if (!err && ferror(file))
		err = errno ? -errno : -EIO;
	free(line);
	fclose(file);
	return err;
}

/* The figures of a region, NULL if it was another one when they were read. */
const struct smaps_region *smaps_find(const struct smaps *s, uint64_t start, uint64_t end)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->v[mid].start < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->n && s->v[low].start == start && s->v[low].end == end ? &s->v[low] : NULL;
}

void smaps_free(struct smaps *s)
{
	free(s->v);
	*s = (struct smaps){ 0 };
}
