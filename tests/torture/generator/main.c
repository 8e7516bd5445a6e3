// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes its address space at random, in every way that a program can.
 *
 * torture SEED THREADS MEAN REGIONS MODE BOARD FILE
 *
 * MEAN	operations of each thread between two stops, on average
 * REGIONS	so many regions to begin with
 * MODE	0 everything, 1 each thread in an arena of its own
 * BOARD	a file that it tells what it does, see board.h
 * FILE	a file to map
 *
 * It stops itself (SIGSTOP) before the first operation, and then again and again;
 * it never ends. With one thread all is determined by SEED: also the addresses,
 * for it runs without their randomization.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <unistd.h>

#include "program.h"
#include "raw.h"
#include "touch.h"
#include "worker.h"

/* More than enough for what the main thread needs of its stack. */
#define STACK_USED	(48 * PAGE)
#define STACK_ROOM	(1800 * PAGE)
#define SHM_KEY		0x746f7274

struct torture torture;
struct board *board;

static char **program_args;

_Noreturn void die(const char *why)
{
	raw(SYS_write, 2, (unsigned long)why, strlen(why), 0, 0, 0);
	raw(SYS_write, 2, (unsigned long)"\n", 1, 0, 0, 0);
	for (;;)
		raw(SYS_exit_group, 3, 0, 0, 0, 0, 0);
}

void program_again(struct worker *w, uint64_t seed)
{
	static char text[32];
	char *args[16];
	unsigned int i;

	for (i = 0; program_args[i]; i++)
		args[i] = program_args[i];
	args[i] = NULL;
	args[0] = "again";
	snprintf(text, sizeof(text), "%llu", (unsigned long long)seed);
	args[1] = text;
	call(w, SYS_execve, (unsigned long)"/proc/self/exe", (unsigned long)args,
	     (unsigned long)environ, 0, 0, 0);
}

/* Addresses are to be the same each time; every fourth seed has them from below. */
static void program_settle(char **argv)
{
	unsigned int want = ADDR_NO_RANDOMIZE | (torture.seed % 4 == 3 ? ADDR_COMPAT_LAYOUT : 0);

	if (personality(want) < 0)
		die("no personality");
	argv[0] = "torture";
	execv("/proc/self/exe", argv);
	die("cannot execute itself");
}

static void program_board(void)
{
	board = mmap((void *)BOARD_START, sizeof(*board), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_FIXED, torture.board_fd, 0);
	if (board == MAP_FAILED)
		die("no board");
}

/* Regions that differ from their neighbours, so that none are merged. */
static void program_fill(void)
{
	unsigned long i, at = ARENA_START + ARENA_PAGES * PAGE;

	for (i = 0; i < torture.regions; i++)
		raw(SYS_mmap, at + i * PAGE, PAGE, i & 1 ? PROT_READ : PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void program_shm(void)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		torture.shm[i] = raw(SYS_shmget, SHM_KEY + i, 16 * PAGE, IPC_CREAT | 0600, 0, 0, 0);
}

int main(int argc, char **argv)
{
	unsigned long here = (unsigned long)&argc & -PAGE;
	bool again = !strcmp(argv[0], "again");

	if (argc != 8)
		die("usage: torture SEED THREADS MEAN REGIONS MODE BOARD FILE");
	torture.seed = strtoull(argv[1], NULL, 10);
	torture.threads = strtoul(argv[2], NULL, 10);
	torture.mean = strtoul(argv[3], NULL, 10);
	torture.regions = strtoul(argv[4], NULL, 10);
	torture.mode = strtoul(argv[5], NULL, 10);
	torture.board_fd = strtol(argv[6], NULL, 10);
	torture.path = argv[7];
	if (torture.threads < 1 || torture.threads > WORKERS_MAX || !torture.mean)
		die("1 to 8 threads, and some operations between stops");
	if (!again && strcmp(argv[0], "torture"))
		program_settle(argv);
	program_args = argv;
	program_board();
	torture.file = open(torture.path, O_RDWR | O_CLOEXEC);
	if (torture.file < 0)
		die("no file");
	torture.heap = raw(SYS_brk, 0, 0, 0, 0, 0, 0);
	torture.stack_high = here - STACK_USED;
	torture.stack_low = here - STACK_ROOM;
	torture.pkey = raw(SYS_pkey_alloc, 0, 0, 0, 0, 0, 0);
	torture.uffd = -1;
	program_shm();
	touch_init();
	op_init();
	if (again)
		board->execs++;
	program_fill();
	if (!again)
		raise(SIGSTOP);
	threads_start();
}
