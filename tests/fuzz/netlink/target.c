// SPDX-License-Identifier: GPL-2.0-only
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "random.h"
#include "target.h"

#define PAGE		4096UL
#define ARENA_PAGES	256
#define MANY		600
#define SECOND		1000000000ULL
/* A pause is so many times as long as what was done before it. */
#define IDLE		16

static char *arena;
static unsigned int pause_ms;
static __thread unsigned long long busy;

/* For how long this thread has used a CPU, in nanoseconds. */
static unsigned long long target_busy(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (unsigned long long)t.tv_sec * SECOND + (unsigned long long)t.tv_nsec;
}

/* Those that ask are to have most of the time, also where a change, or an exec, takes long. */
static void target_pause(void)
{
	unsigned long long now = target_busy(), ns = pause_ms * (SECOND / 1000);

	if (ns < IDLE * (now - busy))
		ns = IDLE * (now - busy);
	busy = now;
	nanosleep(&(struct timespec){
		.tv_sec = (time_t)(ns / SECOND),
		.tv_nsec = (long)(ns % SECOND),
	}, NULL);
}

static char *target_somewhere(struct random *r, size_t *len)
{
	unsigned int page = random_below(r, ARENA_PAGES);

	*len = PAGE * (1 + random_below(r, ARENA_PAGES - page));
	return arena + page * PAGE;
}

/* So many regions that a dump takes several messages; more of them would take most of the time. */
static void target_many(void)
{
	char *v = mmap(NULL, MANY * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	for (i = 0; v != MAP_FAILED && i < MANY; i += 2)
		mprotect(v + i * PAGE, PAGE, PROT_READ);
}

/* Up and down again; what malloc has put behind it meanwhile stays. */
static void target_break(intptr_t bytes)
{
	char *before = sbrk(bytes);

	target_pause();
	if (before != (void *)-1 && sbrk(0) == before + bytes)
		sbrk(-bytes);
}

static void target_fork(struct random *r)
{
	pid_t child = fork();
	size_t len;

	if (!child) {
		char *at = target_somewhere(r, &len);

		munmap(at, len);
		_exit(0);
	}
	if (child > 0 && random_once(r, 2))
		waitpid(child, NULL, 0);
}

static void *target_thread(void *arg)
{
	(void)arg;
	target_pause();
	return NULL;
}

static void target_spawn(void)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, target_thread, NULL))
		pthread_detach(thread);
}

static void target_exec(struct random *r)
{
	char life[80];

	snprintf(life, sizeof(life), "%llu,%u,%llu", (unsigned long long)random_next(r), pause_ms,
		 target_busy());
	execl("/proc/self/exe", "target", "--target", life, NULL);
	_exit(127);
}

static void target_change(struct random *r)
{
	size_t len;
	char *at = target_somewhere(r, &len);

	switch (random_below(r, 6)) {
	case 0:
		munmap(at, len);
		break;
	case 1:
		mprotect(at, len, random_once(r, 2) ? PROT_READ : PROT_READ | PROT_WRITE);
		break;
	case 2:
		target_break(1 + (intptr_t)random_below(r, 32768));
		break;
	default:
		mmap(at, len, random_once(r, 2) ? PROT_READ : PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	}
}

/* What the program does as a target, started with --target LIFE; ends sooner or later. */
void target_run(const char *life)
{
	unsigned long long seed;
	struct random r;

	if (sscanf(life, "%llu,%u,%llu", &seed, &pause_ms, &busy) != 3)
		_exit(2);
	r = random_of(seed, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	/* A page before and after it: or else a thread's stack begins in a hole at its end. */
	arena = mmap(NULL, (ARENA_PAGES + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (arena == MAP_FAILED)
		_exit(1);
	arena += PAGE;
	if (random_once(&r, 8))
		target_many();
	while (!random_once(&r, 800)) {
		switch (random_below(&r, 64)) {
		case 0:
			target_fork(&r);
			break;
		case 1:
			target_spawn();
			break;
		case 2:
			if (random_once(&r, 4))
				target_exec(&r);
			break;
		default:
			target_change(&r);
		}
		target_pause();
	}
	_exit(0);
}

/* Return: its pid, or -1 with errno. */
pid_t target_start(uint64_t seed, unsigned int pause)
{
	pid_t pid = fork();

	if (!pid) {
		struct random r = { .state = seed };

		pause_ms = pause;
		/* Its map is to be its own, and our sockets are closed. */
		target_exec(&r);
	}
	return pid;
}
