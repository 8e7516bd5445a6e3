// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recfile.h"
#include "recording.h"

static void recfile_free(void *arg)
{
	struct recfile *file = arg;

	free((char *)file->file.name);
	free(file);
}

/* The file of a region, or NULL. */
const struct recfile *recfiles_find(const struct recfiles *files, const struct region *r)
{
	struct mapped key = mapped_of(r);
	struct recfile **node = tfind(&key, &files->root, mapped_compare);

	return node ? *node : NULL;
}

/**
 * recfiles_add - keep a copy of a file
 * @files: some; of the same file that one counts which came first. Where there are
 *	RECFILES_MAX, they are forgotten.
 * @file: another one
 *
 * Return: 0 or -ENOMEM.
 */
int recfiles_add(struct recfiles *files, const struct recfile *file)
{
	struct recfile *copy = malloc(sizeof(*copy)), **node;

	if (!copy)
		return -ENOMEM;
	if (files->n >= RECFILES_MAX)
		recfiles_free(files);
	*copy = *file;
	copy->file.name = strdup(file->file.name);
	node = copy->file.name ? tsearch(copy, &files->root, mapped_compare) : NULL;
	if (!node || *node != copy)
		recfile_free(copy);
	else
		files->n++;
	return node ? 0 : -ENOMEM;
}

void recfiles_free(struct recfiles *files)
{
	tdestroy(files->root, recfile_free);
	*files = (struct recfiles){ 0 };
}

/* What there is to be known about an open file; nothing is, where it is not for us to read. */
void recfile_read(struct recfile *file, int fd)
{
	struct elffile elf;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return;
	file->size = (uint64_t)st.st_size;
	file->mtime = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (elffile_read(&elf, fd))
		return;
	memcpy(file->id, elf.id, sizeof(elf.id));
	file->id_len = elf.id_len;
	elffile_free(&elf);
}

/**
 * recfile_look - look at the file that a region maps
 * @file: overwritten; its name is the region's
 * @pid: the process, as /proc has it
 * @r: the region; by now it may be another one's
 */
void recfile_look(struct recfile *file, uint32_t pid, const struct region *r)
{
	int fd = mapped_open(pid, r);

	*file = (struct recfile){ .file = mapped_of(r) };
	recfile_read(file, fd);
	if (fd >= 0)
		close(fd);
}

/* The content of a frame. */
void recfile_put(struct buf *b, const struct recfile *file)
{
	struct rec_file f = {
		.inode = file->file.inode, .dev_major = file->file.dev_major,
		.dev_minor = file->file.dev_minor, .size = file->size, .mtime = file->mtime,
		.id_len = (uint32_t)file->id_len,
	};

	memcpy(f.id, file->id, file->id_len);
	buf_add(b, &f, sizeof(f));
	buf_add(b, file->file.name, strlen(file->file.name) + 1);
}

/**
 * recfile_parse - the file that a frame tells of
 * @file: overwritten; its name is in @bytes
 * @bytes: the content of the frame
 * @len: how many
 *
 * Return: 0 or -EBADMSG.
 */
int recfile_parse(struct recfile *file, const void *bytes, size_t len)
{
	const char *name = (const char *)bytes + sizeof(struct rec_file);
	struct rec_file f;

	_Static_assert(sizeof(f.id) == sizeof(file->id), "a build id is as long");
	if (len <= sizeof(f) || name[len - sizeof(f) - 1])
		return -EBADMSG;
	memcpy(&f, bytes, sizeof(f));
	if (f.id_len > sizeof(f.id))
		return -EBADMSG;
	*file = (struct recfile){
		.file = { name, f.inode, f.dev_major, f.dev_minor }, .size = f.size,
		.mtime = f.mtime, .id_len = f.id_len,
	};
	memcpy(file->id, f.id, f.id_len);
	return 0;
}

/* By the build id, on any machine; a file without one must not have been written since. */
static bool recfile_same(const struct recfile *file, int fd)
{
	struct recfile now = { 0 };

	recfile_read(&now, fd);
	if (file->id_len)
		return now.id_len == file->id_len && !memcmp(now.id, file->id, now.id_len);
	return file->size && now.size == file->size && now.mtime == file->mtime;
}

/**
 * recfile_open - open the file, if it is the same
 * @file: as it was recorded
 *
 * Return: a file descriptor of a regular file; -ESTALE if it is another one; another
 * error.
 */
int recfile_open(const struct recfile *file)
{
	int fd = mapped_open_path(file->file.name);

	if (fd >= 0 && !recfile_same(file, fd)) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}
