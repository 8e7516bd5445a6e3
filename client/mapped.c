// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening the very file that a process has mapped: it can be deleted, or in another
 * mount namespace, and its process hostile.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mapped.h"

struct mapped mapped_of(const struct region *r)
{
	return (struct mapped){ r->name, r->inode, r->dev_major, r->dev_minor };
}

/* For tsearch(3), of what begins with a struct mapped. */
int mapped_compare(const void *a, const void *b)
{
	const struct mapped *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->dev_minor != y->dev_minor)
		return x->dev_minor < y->dev_minor ? -1 : 1;
	if (x->dev_major != y->dev_major)
		return x->dev_major < y->dev_major ? -1 : 1;
	return strcmp(x->name, y->name);
}

/*
 * Whether a mount is none of FUSE: its server can be the process itself, and let us
 * wait for ever. It is found by @id, or else by its device. 1 if so, 0 if it is of
 * FUSE, -1 if it is not there.
 */
static int mapped_answers_in(const char *mountinfo, unsigned int id, const struct region *r)
{
	FILE *file = fopen(mountinfo, "re");
	unsigned int line_id, major, minor;
	char *line = NULL, *type;
	int answers = -1;
	size_t room = 0;

	while (file && answers < 0 && getline(&line, &room, file) > 0) {
		if (sscanf(line, "%u %*u %u:%u", &line_id, &major, &minor) != 3)
			continue;
		if (id ? line_id != id : major != r->dev_major || minor != r->dev_minor)
			continue;
		type = strstr(line, " - ");
		answers = type && strncmp(type + 3, "fuse", 4);
	}
	free(line);
	if (file)
		fclose(file);
	return answers;
}

/* What is not known can be FUSE. */
static bool mapped_answers(uint32_t pid, unsigned int id, const struct region *r)
{
	char path[48];
	int answers;

	snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
	answers = mapped_answers_in(path, id, r);
	if (answers < 0)
		answers = mapped_answers_in("/proc/self/mountinfo", id, r);
	return answers > 0;
}

/* Is this mount point, as mountinfo has it, on the way to a file? */
static bool mapped_leads(const char *point, const char *name)
{
	const char *at = name;

	while (*point) {
		char c = *point++;

		/* Blanks and the like stand there as three octal digits. */
		if (c == '\\' && strspn(point, "01234567") >= 3) {
			c = (char)((point[0] - '0') << 6 | (point[1] - '0') << 3 |
				   (point[2] - '0'));
			point += 3;
		}
		if (c != *at)
			return false;
		at++;
	}
	return at > name && (!*at || *at == '/' || at[-1] == '/');
}

/* Whether no FUSE is on the way to a file in our own mount namespace. */
static bool mapped_way_answers(const char *name)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, *point, *type;
	bool found = false, fuse = false;
	size_t room = 0;

	while (file && !fuse && getline(&line, &room, file) > 0) {
		/* Nothing but blanks divides: \r, \v and \f stand there as they are. */
		if (sscanf(line, "%*u %*u %*u:%*u %*[^ ] %m[^ ]", &point) != 1)
			continue;
		if (mapped_leads(point, name)) {
			type = strstr(line, " - ");
			found = true;
			fuse = !type || !strncmp(type + 3, "fuse", 4);
		}
		free(point);
	}
	free(line);
	if (file)
		fclose(file);
	return found && !fuse;
}

/* The number of the mount that a file is opened through. */
static unsigned int mapped_mount(int fd)
{
	unsigned int id = 0;
	char path[40], *line = NULL;
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	while (file && !id && getline(&line, &room, file) > 0)
		sscanf(line, "mnt_id: %u", &id);
	free(line);
	if (file)
		fclose(file);
	return id;
}

/*
 * Is it the file that was mapped? Kernels before 6.8 tell of a file of an overlay the
 * device and inode that it has in its layer. The device is found nowhere. The inode is
 * the overlay's, too, below the bits that tell layers apart (xino), unless the file was
 * written through the overlay. Seen from the process's root, the name has to do; from
 * @ours, which can be another one's, it does not.
 */
static bool mapped_is(int fd, const struct region *r, bool ours)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st))
		return false;
	if (st.st_ino == r->inode)
		return true;
	if (fstatfs(fd, &fs) || fs.f_type != OVERLAYFS_SUPER_MAGIC ||
	    (major(st.st_dev) == r->dev_major && minor(st.st_dev) == r->dev_minor))
		return false;
	return !ours || (uint32_t)st.st_ino == (uint32_t)r->inode;
}

/* The file of that name below a root, on which no link leads elsewhere. */
static int mapped_open_below(const char *root, const char *name)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int dir, fd;

	dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
	if (fd < 0)
		fd = -errno;
	close(dir);
	return fd;
}

/*
 * By its name, as seen from the process's root, or from ours, which is all that is left
 * once it has ended. On the way there can be FUSE as well: hence only where the file's
 * own device is known, or in our own mount namespace, where the mounts can be looked at.
 */
static int mapped_open_name(uint32_t pid, const struct region *r, bool ours)
{
	char root[32] = "/";

	if (!(ours ? mapped_way_answers(r->name) : mapped_answers(pid, 0, r)))
		return -EACCES;
	if (!ours)
		snprintf(root, sizeof(root), "/proc/%u/root", pid);
	return mapped_open_below(root, r->name);
}

/* By the region: exactly the file, but only for those with CAP_CHECKPOINT_RESTORE. */
static int mapped_open_region(uint32_t pid, const struct region *r)
{
	char path[80];
	unsigned int mount;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/map_files/%" PRIx64 "-%" PRIx64, pid, r->start,
		 r->end);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	mount = mapped_mount(fd);
	if (!mount || !mapped_answers(pid, mount, r)) {
		close(fd);
		return -EACCES;
	}
	return fd;
}

/* What a handle is of, to be read. It is closed. */
static int mapped_reopen(int handle)
{
	char path[32];
	struct stat st;
	int fd;

	/* No opening of anything else: a device can act on it. */
	if (fstat(handle, &st) || !S_ISREG(st.st_mode)) {
		close(handle);
		return -EINVAL;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", handle);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		fd = -errno;
	close(handle);
	return fd;
}

/**
 * mapped_open - open a mapped file to read it
 * @pid: the process
 * @r: a region of it that maps a file; by now it may be another one's
 *
 * Return: a file descriptor of a regular file, or a negative errno.
 */
int mapped_open(uint32_t pid, const struct region *r)
{
	int handle = -1, way;

	for (way = 0; way < 3; way++) {
		handle = !way ? mapped_open_region(pid, r) : mapped_open_name(pid, r, way == 2);
		if (handle >= 0 && mapped_is(handle, r, way == 2))
			break;
		if (handle >= 0)
			close(handle);
		handle = -ESTALE;
	}
	return handle < 0 ? handle : mapped_reopen(handle);
}

/* As the kernel tells a path: from the root, each part a name, so that mountinfo has them. */
static bool mapped_is_path(const char *s)
{
	size_t len;

	if (*s != '/')
		return false;
	for (; *s; s += len) {
		len = strcspn(++s, "/");
		if (!len || (len <= 2 && !strncmp(s, "..", len)))
			return false;
	}
	return true;
}

/**
 * mapped_open_path - open a file that a recording names
 * @path: where it was
 *
 * Return: as mapped_open(). It can be another file now.
 */
int mapped_open_path(const char *path)
{
	const struct region nowhere = { 0 };
	unsigned int mount;
	int handle;

	/* A recording is somebody else's: by no link, and no other way, may it lead into FUSE. */
	if (!mapped_is_path(path) || !mapped_way_answers(path))
		return -EACCES;
	handle = mapped_open_below("/", path);
	if (handle < 0)
		return handle;
	mount = mapped_mount(handle);
	if (!mount || mapped_answers_in("/proc/self/mountinfo", mount, &nowhere) <= 0) {
		close(handle);
		return -EACCES;
	}
	return mapped_reopen(handle);
}
