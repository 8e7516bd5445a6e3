// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 32-bit program that does as it is told, as puppet.c does, of which it speaks
 * the protocol: one thread, system calls and stores. Freestanding, for a 32-bit
 * libc is seldom installed.
 *
 * puppet32 THREADS IN:OUT
 */
typedef unsigned int u32;
typedef unsigned long long u64;

enum {
	NR_EXIT = 1, NR_READ = 3, NR_WRITE = 4, NR_GETTID = 224,
	OP_CALL = 1, OP_STORE = 2,
};

struct request {
	u64 op;
	u64 nr;
	u64 args[6];
	u64 count;
	u64 stride;
};

static char buffer[65536] __attribute__((aligned(4096)));
/* Of the system call under way: there are too few registers to pass them otherwise. */
static u32 regs[7];

static int call(void)
{
	int ret;

	__asm__ volatile("push %%ebp\n\t"
			 "mov 24(%%eax), %%ebp\n\t"
			 "mov 4(%%eax), %%ebx\n\t"
			 "mov 8(%%eax), %%ecx\n\t"
			 "mov 12(%%eax), %%edx\n\t"
			 "mov 16(%%eax), %%esi\n\t"
			 "mov 20(%%eax), %%edi\n\t"
			 "mov (%%eax), %%eax\n\t"
			 "int $0x80\n\t"
			 "pop %%ebp"
			 : "=a"(ret)
			 : "a"(regs)
			 : "ebx", "ecx", "edx", "esi", "edi", "memory");
	return ret;
}

static int call3(u32 nr, u32 a, u32 b, u32 c)
{
	regs[0] = nr;
	regs[1] = a;
	regs[2] = b;
	regs[3] = c;
	return call();
}

static int failed(int ret)
{
	return (u32)ret > 0xfffff000;
}

static int serve(struct request *req)
{
	int ret = 0;
	u32 i;

	switch (req->op) {
	case OP_CALL:
		for (; req->count && !failed(ret); req->count--) {
			regs[0] = (u32)req->nr;
			for (i = 0; i < 6; i++)
				regs[i + 1] = (u32)req->args[i];
			ret = call();
			req->args[0] += req->stride;
		}
		return ret;
	case OP_STORE:
		*(volatile char *)(u32)req->args[0] = (char)req->args[1];
		return 0;
	}
	call3(NR_EXIT, 101, 0, 0);
	return 0;
}

static u32 number(const char **at)
{
	u32 n = 0;

	for (; **at >= '0' && **at <= '9'; ++*at)
		n = n * 10 + (u32)(**at - '0');
	return n;
}

/* @stack: argc, then the words of the command line */
__attribute__((used)) static void obey(const u32 *stack)
{
	const char *at = (const char *)stack[3];
	u32 in = number(&at), out = (at++, number(&at));
	struct request req;
	u64 reply[3] = { (u32)call3(NR_GETTID, 0, 0, 0), (u32)buffer, (u32)&req };
	int ret;

	call3(NR_WRITE, out, (u32)reply, sizeof(reply));
	while (call3(NR_READ, in, (u32)&req, sizeof(req)) == sizeof(req)) {
		ret = serve(&req);
		/* An address may have its highest bit set; only the last page is errors. */
		reply[0] = failed(ret) ? (u64)(long long)ret : (u32)ret;
		reply[1] = 0;
		call3(NR_WRITE, out, (u32)reply, 2 * sizeof(*reply));
	}
	call3(NR_EXIT, 0, 0, 0);
}

__asm__(".globl _start\n"
	"_start:\n\t"
	"mov %esp, %eax\n\t"
	"and $-16, %esp\n\t"
	"sub $12, %esp\n\t"
	"push %eax\n\t"
	"call obey\n");
