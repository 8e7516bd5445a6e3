// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses memory in the ways that programs do, slowly, and says each time what it is about to do. It
 * stops itself first, so that there is time to watch it from the start.
 */
#include <alloca.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define KIB(n) ((size_t)(n) * 1024)

/* Straight to the file: stdio would allocate a buffer of its own, and that would be seen. */
static void say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		_exit(1);
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static void step(const char *title)
{
	pause_ms(700);
	say("\n--- ");
	say(title);
	say("\n");
	pause_ms(300);
}

/* Lets what a change brought about be printed before the next one. */
static void settle(void)
{
	pause_ms(250);
}

static void breaks(void)
{
	step("sbrk(100), sbrk(3000), sbrk(8192): the break moves by bytes, the region by pages");
	sbrk(100);
	settle();
	sbrk(3000);
	settle();
	sbrk(8192);
	settle();
}

static void small(void)
{
	char *volatile p;

	step("malloc(1000), twice, then free: the C library fetches 132 KiB at once, and keeps them");
	p = malloc(1000);
	settle();
	p = malloc(1000);
	settle();
	free(p);
	settle();
}

static void large(void)
{
	char *volatile p;

	step("malloc(200 KiB), then free: that much is a mapping of its own, and is given back");
	p = malloc(KIB(200));
	settle();
	free(p);
	settle();
}

static void pieces(void)
{
	char *p;

	step("mmap 64 KiB, mprotect 16 KiB in the middle (one region becomes three), munmap those, then all");
	p = mmap(NULL, KIB(64), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		_exit(1);
	settle();
	mprotect(p + KIB(24), KIB(16), PROT_READ);
	settle();
	munmap(p + KIB(24), KIB(16));
	settle();
	munmap(p, KIB(64));
	settle();
}

static void __attribute__((noinline)) recurse(int depth)
{
	char *volatile frame = alloca(KIB(64));

	memset(frame, depth, KIB(64));
	if (depth > 1)
		recurse(depth - 1);
	frame[0] = 0;
}

static void stack(void)
{
	step("a recursion of 512 KiB: page faults grow the stack, there is no call that asks for it");
	recurse(8);
	settle();
}

static void *work(void *arg)
{
	void *volatile p = malloc(1000);

	settle();
	free(p);
	return arg;
}

static void thread(void)
{
	pthread_t id;

	step("a thread that calls malloc: a stack with a guard page, and a heap of its own");
	if (pthread_create(&id, NULL, work, NULL) != 0)
		_exit(1);
	pthread_join(id, NULL);
	settle();
}

int main(void)
{
	raise(SIGSTOP);
	breaks();
	small();
	large();
	pieces();
	stack();
	thread();
	step("the end");
	return 0;
}
