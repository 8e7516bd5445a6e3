// SPDX-License-Identifier: GPL-2.0-only
/* Why a map changes: what is found in the registers of a thread that entered the kernel. */
#include <kunit/test.h>
#include <linux/preempt.h>

#include "why.h"

/* What a thread is, and what it has in orig_ax; args[0] is 0x1000, the next one 0x1001, ... */
struct why_case {
	const char *name;
	long orig_ax;
	unsigned int flags;
	bool remote;
	u8 cause;
	u8 call;
	int syscall;
};

static const struct why_case why_cases[] = {
	{ "mmap", 9, 0, false, VASMON_CAUSE_SYSCALL, VASMON_CALL_MMAP, 9 },
	{ "execve", 59, 0, false, VASMON_CAUSE_SYSCALL, VASMON_CALL_EXEC, 59 },
	{ "a number that no call has", 0x7fffffff, 0, false, VASMON_CAUSE_SYSCALL,
	  VASMON_CALL_OTHER, 0x7fffffff },
	{ "mmap of another process's", 9, 0, true, VASMON_CAUSE_REMOTE, VASMON_CALL_OTHER, 9 },
	{ "a fault", -1, 0, false, VASMON_CAUSE_FAULT, VASMON_CALL_OTHER, -1 },
	{ "a fault in memory of another process", -1, 0, true, VASMON_CAUSE_REMOTE,
	  VASMON_CALL_OTHER, -1 },
	/* In their registers is what was there when they were made. */
	{ "a kernel thread", 9, PF_KTHREAD, false, VASMON_CAUSE_KERNEL, VASMON_CALL_OTHER, -1 },
	{ "a worker of io_uring", 9, PF_IO_WORKER, false, VASMON_CAUSE_KERNEL, VASMON_CALL_OTHER,
	  -1 },
	{ "a worker of the user's", 9, PF_USER_WORKER, false, VASMON_CAUSE_KERNEL,
	  VASMON_CALL_OTHER, -1 },
};

KUNIT_ARRAY_PARAM_DESC(why, why_cases, name);

/**
 * struct why_disguise - the test's thread as another one; not to be preempted
 * @flags: what it was
 * @regs: what it had
 */
struct why_disguise {
	unsigned int flags;
	struct pt_regs regs;
};

static void why_disguise(struct why_disguise *own, long orig_ax, unsigned int flags)
{
	struct pt_regs *regs = task_pt_regs(current);

	preempt_disable();
	own->flags = current->flags;
	own->regs = *regs;
	current->flags &= ~PF_KTHREAD;
	current->flags |= flags;
	*regs = (struct pt_regs){
		.orig_ax = orig_ax, .di = 0x1000, .si = 0x1001, .dx = 0x1002, .r10 = 0x1003,
		.r8 = 0x1004, .r9 = 0x1005, .sp = 0x7ffc00001230,
	};
}

static void why_undisguise(const struct why_disguise *own)
{
	current->flags = own->flags;
	*task_pt_regs(current) = own->regs;
	preempt_enable();
}

static void why_of_a_thread(struct kunit *test)
{
	const struct why_case *param = test->param_value;
	const struct mm_struct *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	struct why_disguise own;
	struct vasmon_why why;

	KUNIT_ASSERT_NOT_NULL(test, other);
	why_disguise(&own, param->orig_ax, param->flags);
	/* A thread of the kernel has no mm: none is its own, and any other is not. */
	vasmon_why_get(&why, param->remote ? other : current->mm);
	why_undisguise(&own);

	KUNIT_EXPECT_EQ(test, why.cause, param->cause);
	KUNIT_EXPECT_EQ(test, why.call, param->call);
	KUNIT_ASSERT_EQ(test, why.syscall, param->syscall);
	for (unsigned int i = 0; param->syscall >= 0 && i < VASMON_ARGS; i++)
		KUNIT_EXPECT_EQ(test, why.args[i], 0x1000 + i);
	if (param->syscall >= 0)
		KUNIT_EXPECT_EQ(test, why.arch, AUDIT_ARCH_X86_64);
}

static void prctl_is_known(struct kunit *test)
{
	static const struct {
		long orig_ax;
		unsigned int flags;
		bool prctl;
	} cases[] = {
		{ 157, 0, true }, { 9, 0, false }, { -1, 0, false }, { 157, PF_KTHREAD, false },
		{ 157, PF_USER_WORKER, false },
	};
	struct why_disguise own;
	bool prctl;

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		why_disguise(&own, cases[i].orig_ax, cases[i].flags);
		prctl = vasmon_why_is_prctl();
		why_undisguise(&own);
		KUNIT_EXPECT_EQ_MSG(test, prctl, cases[i].prctl, "case %u", i);
	}
}

static void stack_is_the_one_of_user_mode(struct kunit *test)
{
	struct why_disguise own;
	unsigned long sp;

	why_disguise(&own, -1, 0);
	sp = vasmon_why_stack_pointer();
	why_undisguise(&own);
	KUNIT_EXPECT_EQ(test, sp, 0x7ffc00001230);
}

static struct kunit_case vasmon_why_cases[] = {
	KUNIT_CASE_PARAM(why_of_a_thread, why_gen_params),
	KUNIT_CASE(prctl_is_known),
	KUNIT_CASE(stack_is_the_one_of_user_mode),
	{}
};

static struct kunit_suite vasmon_why_suite = {
	.name = "vasmon_why",
	.test_cases = vasmon_why_cases,
};

kunit_test_suite(vasmon_why_suite);
