// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening the very file that a process has mapped: it can be deleted, or in another
 * mount namespace, and its process hostile.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mapped.h"

/* 1 if the device is mounted there and answers by itself, 0 if it does not, -1 if unknown. */
static int mapped_answers_in(const char *mountinfo, uint32_t major, uint32_t minor)
{
	FILE *file = fopen(mountinfo, "re");
	unsigned int line_major, line_minor;
	char *line = NULL, *type;
	int answers = -1;
	size_t room = 0;

	while (file && answers < 0 && getline(&line, &room, file) > 0) {
		if (sscanf(line, "%*u %*u %u:%u", &line_major, &line_minor) != 2 ||
		    line_major != major || line_minor != minor)
			continue;
		type = strstr(line, " - ");
		answers = type && strncmp(type + 3, "fuse", 4);
	}
	free(line);
	if (file)
		fclose(file);
	return answers;
}

/*
 * The server of a FUSE file system can be the process itself, and let us wait for
 * ever. An unknown file system can be one.
 */
static bool mapped_answers(uint32_t pid, const struct region *r)
{
	char path[48];
	int answers;

	snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
	answers = mapped_answers_in(path, r->dev_major, r->dev_minor);
	if (answers < 0)
		answers = mapped_answers_in("/proc/self/mountinfo", r->dev_major, r->dev_minor);
	return answers > 0;
}

/* By its name, as seen from the process's root, or from ours: a later file can have it. */
static int mapped_open_name(uint32_t pid, const struct region *r, bool ours)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	char root[32] = "/";
	struct stat st;
	int dir, fd;

	if (!ours)
		snprintf(root, sizeof(root), "/proc/%u/root", pid);
	dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	fd = (int)syscall(SYS_openat2, dir, r->name, &how, sizeof(how));
	if (fd < 0)
		fd = -errno;
	close(dir);
	if (fd >= 0 && (fstat(fd, &st) || st.st_ino != r->inode ||
			(r->dev_major && (major(st.st_dev) != r->dev_major ||
					  minor(st.st_dev) != r->dev_minor)))) {
		close(fd);
		fd = -ESTALE;
	}
	return fd;
}

/* By the region: exactly the file, but only for those with CAP_CHECKPOINT_RESTORE. */
static int mapped_open_region(uint32_t pid, const struct region *r)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/map_files/%" PRIx64 "-%" PRIx64, pid, r->start,
		 r->end);
	fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
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
	char path[32];
	struct stat st;
	int handle, fd;

	if (!mapped_answers(pid, r))
		return -EACCES;
	handle = mapped_open_region(pid, r);
	if (handle >= 0 && (fstat(handle, &st) || st.st_ino != r->inode)) {
		close(handle);
		handle = -ESTALE;
	}
	if (handle < 0)
		handle = mapped_open_name(pid, r, false);
	if (handle < 0)
		handle = mapped_open_name(pid, r, true);
	if (handle < 0)
		return handle;
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
