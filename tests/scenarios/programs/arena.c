// SPDX-License-Identifier: GPL-2.0-only
/* A second thread: its stack, and the heap that malloc makes for it. */
#include <pthread.h>
#include <sys/syscall.h>

#include "step.h"

static void *work(void *arg)
{
	void *volatile block;
	volatile int local = 0;

	step("malloc(1000) in the thread");
	block = malloc(1000);
	say("tid", (uint64_t)syscall(SYS_gettid));
	say_at("stack", &local);
	say_at("block", block);
	look("both");
	free(block);
	return arg;
}

int main(void)
{
	pthread_t thread;

	look("begin");
	step("pthread_create()");
	must(!pthread_create(&thread, NULL, work, NULL));
	must(!pthread_join(thread, NULL));
	step("end");
	return 0;
}
