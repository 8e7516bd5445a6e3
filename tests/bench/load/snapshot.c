// SPDX-License-Identifier: GPL-2.0-only
/*
 * snapshot HOW PID TIMES: looks at the whole address space of a process, so
 * many times, and writes for each the nanoseconds of CPU time (instructions
 * under QEMU's -icount), and how many regions it found, if it parses them.
 *
 * received		vasmon's dump, unparsed
 * netlink, model	parsed as well; and kept as the client does
 * debugfs, maps, smaps	the file read, unparsed
 * parsed		/proc/PID/maps, read and parsed
 * query		PROCMAP_QUERY for one region after the other
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "nl_call.h"
#include "parse.h"

#define ROOM (8 << 20)	/* maps of 60 000 regions */
#define PART (128 << 10)	/* that cat(1) reads at once */

/* As include/uapi/linux/fs.h has it since 6.11; the headers here can be older. */
struct query {
	uint64_t size, flags, address;
	uint64_t start, end, vma_flags, page_size, offset, inode;
	uint32_t major, minor, name_size, build_id_size;
	uint64_t name, build_id;
};

#define QUERY _IOWR('f', 17, struct query)
#define QUERY_COVERING_OR_NEXT 0x10

static char *bytes;
static struct regions regions;
static struct vnl nl;
static long found;

static int on_part(void *arg, const struct nlattr *head, int len)
{
	int error = parse_mm(head, len, arg, &regions);

	found += regions.n;
	return error;
}

static void dump(int pid, struct vnl_call *call)
{
	struct nl_msg *msg;

	msg = vnl_request(nl.family, NLM_F_DUMP, VASMON_CMD_REGION_GET, VASMON_FAMILY_VERSION);
	if (!msg || nla_put_u32(msg, VASMON_A_MM_PID, pid))
		errx(1, "out of memory");
	errno = -vnl_call(&nl, nl.requests, msg, call);
	if (errno)
		err(1, "dump: %s", nl.words);
}

static void by_receiving(int pid)
{
	dump(pid, &(struct vnl_call){ .fn = NULL });
}

static void by_netlink(int pid)
{
	struct mm mm = { 0 };

	dump(pid, &(struct vnl_call){ .fn = on_part, .arg = &mm });
	if (found != mm.map_count)
		errx(1, "%ld regions of %u", found, mm.map_count);
	parse_mm_free(&mm);
}

static void by_model(int pid)
{
	struct space space;
	struct mm mm;

	errno = -vnl_map(&nl, pid, 0, &mm, &space, NULL, NULL);
	if (errno)
		err(1, "dump: %s", nl.words);
	found = space.n;
	space_free(&space);
	parse_mm_free(&mm);
}

static int open_of(int pid, const char *format)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), format, pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void by_file(int pid, const char *format)
{
	int fd = open_of(pid, format);
	ssize_t n;

	while ((n = read(fd, bytes, PART)) > 0)
		;
	if (n < 0)
		err(1, format, pid);
	close(fd);
}

/* By hand, which is faster than sscanf. */
static uint64_t number(char **at, int base)
{
	uint64_t v = strtoull(*at, at, base);

	(*at)++;
	return v;
}

static void by_parsing(int pid)
{
	int fd = open_of(pid, "/proc/%d/maps");
	char *at = bytes, *end = bytes;
	ssize_t n;

	while ((n = read(fd, end, bytes + ROOM - end)) > 0)
		end += n;
	if (n < 0 || end == bytes + ROOM)
		err(1, "maps");
	close(fd);
	while (at < end) {
		struct region r = { 0 };

		r.start = number(&at, 16);
		r.end = number(&at, 16);
		r.prot = (at[0] == 'r') | (at[1] == 'w') << 1 | (at[2] == 'x') << 2 |
			 (at[3] == 's') << 3;
		at += 5;
		r.offset = number(&at, 16);
		r.dev_major = number(&at, 16);
		r.dev_minor = number(&at, 16);
		r.inode = number(&at, 10);
		at += strspn(at, " ");
		r.name = at;
		at = memchr(at, '\n', end - at);
		*at++ = '\0';
		if (r.end <= r.start)
			errx(1, "a region that is none");
		found++;
	}
}

static void by_query(int pid)
{
	struct query q = { .size = sizeof(q), .flags = QUERY_COVERING_OR_NEXT };
	int fd = open_of(pid, "/proc/%d/maps");
	char name[4096];

	for (;;) {
		q.name = (uintptr_t)name;
		q.name_size = sizeof(name);
		if (ioctl(fd, QUERY, &q))
			break;
		found++;
		q.address = q.end;
	}
	if (errno != ENOENT)
		err(1, "PROCMAP_QUERY");
	close(fd);
}

static int64_t cpu_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static const struct way {
	const char *name;
	void (*look)(int pid);
	const char *file;
} ways[] = {
	{ .name = "netlink", .look = by_netlink },
	{ .name = "received", .look = by_receiving },
	{ .name = "model", .look = by_model },
	{ .name = "debugfs", .file = "/sys/kernel/debug/vasmon/%d" },
	{ .name = "maps", .file = "/proc/%d/maps" },
	{ .name = "parsed", .look = by_parsing },
	{ .name = "query", .look = by_query },
	{ .name = "smaps", .file = "/proc/%d/smaps" },
};

int main(int argc, char **argv)
{
	const struct way *way = ways;
	int64_t start;
	int pid, times;

	if (argc != 4)
		errx(2, "usage: snapshot HOW PID TIMES");
	while (strcmp(way->name, argv[1]))
		if (++way == ways + sizeof(ways) / sizeof(ways[0]))
			errx(2, "no such way: %s", argv[1]);
	pid = atoi(argv[2]);
	bytes = malloc(ROOM);
	if (!bytes)
		err(1, "malloc");
	memset(bytes, 1, ROOM);
	if (!way->file && way->look != by_parsing && way->look != by_query) {
		errno = -vnl_open(&nl);
		if (errno)
			err(1, "vasmon");
	}
	for (times = atoi(argv[3]); times > 0; times--) {
		found = 0;
		start = cpu_time();
		if (way->file)
			by_file(pid, way->file);
		else
			way->look(pid);
		printf("%" PRId64 " %ld\n", cpu_time() - start, found);
		fflush(stdout);
	}
	return 0;
}
