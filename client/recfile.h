/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which files a process could execute, so that a replay can tell whether those that
 * it finds under their names are the same: functions are named after them.
 */
#ifndef VASMON_RECFILE_H
#define VASMON_RECFILE_H

#include "buf.h"
#include "elffile.h"
#include "mapped.h"

/**
 * struct recfile - a file as it was recorded
 * @file: which one; first, for mapped_compare()
 * @size: bytes
 * @mtime: when it was written last, in ns
 * @id: its build id
 * @id_len: bytes of that, 0 if it has none
 */
struct recfile {
	struct mapped file;
	uint64_t size;
	int64_t mtime;
	uint8_t id[ELFFILE_ID];
	size_t id_len;
};

/* A process can map new files without end: no more than these are kept at a time. */
#define RECFILES_MAX	8192

/* Some of them: a tree of tsearch(3), and how many. */
struct recfiles {
	void *root;
	size_t n;
};

const struct recfile *recfiles_find(const struct recfiles *files, const struct region *r);
int recfiles_add(struct recfiles *files, const struct recfile *file);
void recfiles_free(struct recfiles *files);
void recfile_look(struct recfile *file, uint32_t pid, const struct region *r);
void recfile_read(struct recfile *file, int fd);
void recfile_put(struct buf *b, const struct recfile *file);
int recfile_parse(struct recfile *file, const void *bytes, size_t len);
int recfile_open(const struct recfile *file);

#endif
