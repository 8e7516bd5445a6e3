// SPDX-License-Identifier: GPL-2.0-only
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "progress.h"
#include "utf8.h"

#define PROGRESS_BYTES	(256 * 1024)
#define PROGRESS_FIRST	1000000000ull
#define PROGRESS_AGAIN	200000000ull

uint64_t progress_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/**
 * progress_begin - begin to read
 * @p: overwritten
 * @what: its name
 * @fd: the file; of a pipe nobody knows how long it is
 * @out: where results go: on a terminal they are progress enough
 * @tell: where to tell it, if that is a terminal
 */
void progress_begin(struct progress *p, const char *what, int fd, int out, int tell)
{
	struct stat st;

	*p = (struct progress){ .what = what, .tell = -1, .next = UINT64_MAX };
	if (!isatty(tell) || isatty(out) || fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size)
		return;
	p->tell = tell;
	p->total = (uint64_t)st.st_size;
	p->next = 0;
}

/* It is @now, and @at bytes are read. */
void progress_look(struct progress *p, uint64_t at, uint64_t now)
{
	struct buf b = { 0 };

	if (p->tell < 0)
		return;
	p->next = at + PROGRESS_BYTES;
	if (!p->started)
		p->started = now;
	if (now - p->started < PROGRESS_FIRST || (p->told && now - p->told < PROGRESS_AGAIN))
		return;
	p->told = now;
	buf_puts(&b, "\rreading ");
	utf8_put_safe(&b, p->what);
	buf_printf(&b, ": %u %% ", (unsigned int)(at >= p->total ? 100 : at * 100 / p->total));
	if (!b.failed && write(p->tell, b.s, b.len) < 0)
		p->tell = -1;
	buf_free(&b);
}

/* Take away what was told. */
void progress_end(struct progress *p)
{
	if (p->told && p->tell >= 0 && write(p->tell, "\r\033[K", 4) < 0)
		p->tell = -1;
	p->tell = -1;
	p->next = UINT64_MAX;
}
