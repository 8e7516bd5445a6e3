// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that does as it is told: system calls and touches of memory, one at
 * a time, and nothing else. Between two requests it waits in read(2), so its
 * address space stands still, and it changes by nothing but the request: no
 * stdio, no malloc.
 *
 * puppet IN:OUT [IN:OUT]...   a pair of pipes for each thread, the first one for
 *                             the main thread
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum op {
	OP_CALL = 1,	/* a system call, count times; the first argument moves on */
	OP_STORE,	/* a byte into memory */
	OP_FORK,	/* a child that waits for ever */
	OP_VFORK,	/* a system call by a child that shares the address space */
};

struct request {
	uint64_t op;
	uint64_t nr;
	uint64_t args[6];
	uint64_t count;
	uint64_t stride;
};

struct reply {
	int64_t ret;
	int64_t pid;
};

/* Sent by each thread when it is ready. */
struct hello {
	uint64_t tid;
	uint64_t buffer;
	uint64_t sp;
};

struct pipes {
	int in;
	int out;
};

/* For strings and structs; the one who gives the orders fills it. */
static char buffer[65536] __attribute__((aligned(4096)));
static char child_stack[16384] __attribute__((aligned(16)));

static int64_t call(const struct request *req)
{
	register uint64_t r10 __asm__("r10") = req->args[3];
	register uint64_t r8 __asm__("r8") = req->args[4];
	register uint64_t r9 __asm__("r9") = req->args[5];
	int64_t ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(req->nr), "D"(req->args[0]), "S"(req->args[1]),
			   "d"(req->args[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static int64_t calls(struct request *req)
{
	int64_t ret = 0;

	for (; req->count && ret >= -4095 && !(ret < 0); req->count--) {
		ret = call(req);
		req->args[0] += req->stride;
	}
	return ret;
}

struct vfork {
	const struct request *req;
	int64_t ret;
};

static int vfork_child(void *arg)
{
	struct vfork *v = arg;

	v->ret = call(v->req);
	return 0;
}

static void serve(struct request *req, struct reply *reply)
{
	struct vfork v = { .req = req };

	reply->pid = 0;
	switch (req->op) {
	case OP_CALL:
		reply->ret = calls(req);
		break;
	case OP_STORE:
		*(volatile char *)req->args[0] = (char)req->args[1];
		reply->ret = 0;
		break;
	case OP_FORK:
		reply->ret = syscall(SYS_fork);
		while (!reply->ret)
			pause();
		reply->pid = reply->ret;
		break;
	case OP_VFORK:
		reply->pid = clone(vfork_child, child_stack + sizeof(child_stack),
				   CLONE_VM | CLONE_VFORK | SIGCHLD, &v);
		waitpid((pid_t)reply->pid, NULL, 0);
		reply->ret = v.ret;
		break;
	default:
		_exit(101);
	}
}

static void *obey(void *arg)
{
	const struct pipes *pipes = arg;
	struct request req;
	struct reply reply;
	struct hello hello = {
		.tid = (uint64_t)syscall(SYS_gettid),
		.buffer = (uint64_t)buffer,
		.sp = (uint64_t)&req,
	};

	if (write(pipes->out, &hello, sizeof(hello)) != sizeof(hello))
		_exit(102);
	while (read(pipes->in, &req, sizeof(req)) == sizeof(req)) {
		serve(&req, &reply);
		if (write(pipes->out, &reply, sizeof(reply)) != sizeof(reply))
			_exit(103);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	static struct pipes pipes[64];
	pthread_t thread;
	int i;

	for (i = 1; i < argc && i < 64; i++) {
		if (sscanf(argv[i], "%d:%d", &pipes[i].in, &pipes[i].out) != 2)
			return 104;
		/* One after the other: the next one is there when this one is ready. */
		if (i > 1 && pthread_create(&thread, NULL, obey, &pipes[i]))
			return 105;
	}
	obey(&pipes[1]);
	return 0;
}
