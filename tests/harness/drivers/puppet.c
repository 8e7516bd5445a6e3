// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that does as it is told: system calls and touches of memory, one at
 * a time, and nothing else. Between two requests it waits in read(2), so its
 * address space stands still, and it changes by nothing but the request: no
 * stdio, no malloc.
 *
 * puppet THREADS IN:OUT [IN:OUT]...   a pair of pipes for each thread, the first
 *                                     one for the main thread; what is left is
 *                                     for children
 */
#define _GNU_SOURCE
#include <errno.h>
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
	OP_CHILD,	/* a child whose first instructions are a system call */
	OP_FORKS,	/* count children at once, each exits after a system call */
	OP_VFORK,	/* as OP_CALL, by a child that shares the address space */
	OP_INT80,	/* as OP_CALL, by the 32-bit entry */
	OP_ENOUGH,	/* the OP_CALLs of the other threads end before their count */
};

/* For OP_CHILD, count has the flags of clone(), and stride the child's pipes; 0: it has none. */
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

/* Sent by each thread, and each child that has pipes, when it is ready. */
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
static char child_stacks[8][16384] __attribute__((aligned(16)));
static struct pipes pipes[64];
/* How often it was said. */
static volatile unsigned int enough;

static void *obey(void *arg);

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

/* Six arguments, the last one in ebp; all are cut off to 32 bits. */
static int64_t call_int80(const struct request *req)
{
	register uint64_t sixth __asm__("r9") = req->args[5];
	uint64_t ret;

	__asm__ volatile("mov %%rbp, %%r12\n\t"
			 "mov %%r9, %%rbp\n\t"
			 "int $0x80\n\t"
			 "mov %%r12, %%rbp"
			 : "=a"(ret), "+r"(sixth)
			 : "a"(req->nr), "b"(req->args[0]), "c"(req->args[1]),
			   "d"(req->args[2]), "S"(req->args[3]), "D"(req->args[4])
			 : "r8", "r10", "r11", "r12", "memory");
	/* An address may have its highest bit set; only the last page is errors. */
	return (uint32_t)ret > 0xfffff000 ? (int32_t)ret : (int64_t)(uint32_t)ret;
}

static int64_t calls(struct request *req)
{
	unsigned int before = enough;
	int64_t ret = 0;

	for (; req->count && enough == before && ret >= 0; req->count--) {
		ret = call(req);
		req->args[0] += req->stride;
	}
	return ret;
}

struct vfork {
	struct request *req;
	int64_t ret;
};

static int vfork_child(void *arg)
{
	struct vfork *v = arg;

	v->ret = calls(v->req);
	return 0;
}

struct child {
	struct request req;
	struct pipes pipes;
};

static int child_main(void *arg)
{
	/* A copy: its parent may share the memory, and have another child. */
	struct child child = *(struct child *)arg;

	if (child.req.nr)
		call(&child.req);
	if (child.pipes.out)
		obey(&child.pipes);
	while (pause() < 0)
		;
	return 0;
}

static int64_t fork_child(const struct request *req)
{
	static struct child child;
	pid_t pid;

	if (req->stride >= sizeof(child_stacks) / sizeof(*child_stacks))
		return -1;
	child.req = *req;
	child.pipes = req->stride ? pipes[req->stride] : (struct pipes){ 0 };
	pid = clone(child_main, child_stacks[req->stride] + sizeof(*child_stacks),
		    (int)req->count | SIGCHLD, &child);
	return pid < 0 ? -errno : pid;
}

static int64_t fork_many(const struct request *req)
{
	uint64_t i;
	pid_t pid;

	for (i = 0; i < req->count; i++) {
		pid = (pid_t)syscall(SYS_fork);
		if (pid < 0)
			return -errno;
		if (!pid) {
			call(req);
			_exit((int)i & 0xff);
		}
	}
	while (i && waitpid(-1, NULL, 0) > 0)
		i--;
	return (int64_t)i;
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
	case OP_INT80:
		reply->ret = call_int80(req);
		break;
	case OP_ENOUGH:
		enough++;
		reply->ret = 0;
		break;
	case OP_CHILD:
		reply->ret = fork_child(req);
		reply->pid = reply->ret;
		break;
	case OP_FORKS:
		reply->ret = fork_many(req);
		break;
	case OP_VFORK:
		reply->pid = clone(vfork_child, child_stacks[0] + sizeof(*child_stacks),
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
	int threads = argc > 2 ? atoi(argv[1]) : 0;
	pthread_t thread;
	int i;

	for (i = 0; i + 2 < argc && i < 64; i++) {
		if (sscanf(argv[i + 2], "%d:%d", &pipes[i].in, &pipes[i].out) != 2)
			return 104;
		/* One after the other: the next one is there when this one is ready. */
		if (i && i < threads && pthread_create(&thread, NULL, obey, &pipes[i]))
			return 105;
	}
	obey(&pipes[0]);
	return 0;
}
