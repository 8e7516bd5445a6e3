// SPDX-License-Identifier: GPL-2.0-only
/* What a system call can do to regions. */
#include <kunit/test.h>

#include "call.h"

struct call_case {
	const char *name;
	int syscall;
	u32 arch;
	enum vasmon_call call;
};

static const struct call_case call_cases[] = {
	{ "mmap", 9, AUDIT_ARCH_X86_64, VASMON_CALL_MMAP },
	{ "mprotect", 10, AUDIT_ARCH_X86_64, VASMON_CALL_PROTECT },
	{ "munmap", 11, AUDIT_ARCH_X86_64, VASMON_CALL_UNMAP },
	{ "brk", 12, AUDIT_ARCH_X86_64, VASMON_CALL_BRK },
	{ "mremap", 25, AUDIT_ARCH_X86_64, VASMON_CALL_MREMAP },
	{ "madvise", 28, AUDIT_ARCH_X86_64, VASMON_CALL_RANGE },
	{ "shmat", 30, AUDIT_ARCH_X86_64, VASMON_CALL_ATTACH },
	{ "fork", 57, AUDIT_ARCH_X86_64, VASMON_CALL_NOTHING },
	{ "prctl", 157, AUDIT_ARCH_X86_64, VASMON_CALL_PRCTL },
	{ "pkey_mprotect", 329, AUDIT_ARCH_X86_64, VASMON_CALL_PROTECT },
	{ "clone", 56, AUDIT_ARCH_X86_64, VASMON_CALL_CLONE },
	{ "clone3", 435, AUDIT_ARCH_X86_64, VASMON_CALL_CLONE3 },
	/* x32 has the numbers of x86-64, and a bit. */
	{ "mmap of x32", 0x40000000 | 9, AUDIT_ARCH_X86_64, VASMON_CALL_MMAP },
	/* ia32 has numbers of its own. */
	{ "brk of ia32", 45, AUDIT_ARCH_I386, VASMON_CALL_BRK },
	{ "munmap of ia32", 91, AUDIT_ARCH_I386, VASMON_CALL_UNMAP },
	{ "mmap2 of ia32", 192, AUDIT_ARCH_I386, VASMON_CALL_MMAP },
	{ "old mmap of ia32, whose arguments are in memory", 90, AUDIT_ARCH_I386,
	  VASMON_CALL_MMAP_OLD },
	{ "execve of ia32, which is munmap of x86-64", 11, AUDIT_ARCH_I386, VASMON_CALL_EXEC },
	/* Who knows: everything is compared. */
	{ "execve", 59, AUDIT_ARCH_X86_64, VASMON_CALL_EXEC },
	{ "execveat", 322, AUDIT_ARCH_X86_64, VASMON_CALL_OTHER },
	{ "process_madvise, of another process", 440, AUDIT_ARCH_X86_64,
	  VASMON_CALL_OTHER },
	{ "none", -1, AUDIT_ARCH_X86_64, VASMON_CALL_OTHER },
	{ "none of ia32", -1, AUDIT_ARCH_I386, VASMON_CALL_OTHER },
	{ "the last that fits", VASMON_CALL_NATIVE_MAX - 1, AUDIT_ARCH_X86_64, VASMON_CALL_OTHER },
	{ "one too many", VASMON_CALL_NATIVE_MAX, AUDIT_ARCH_X86_64, VASMON_CALL_OTHER },
	{ "one too many of ia32", VASMON_CALL_IA32_MAX, AUDIT_ARCH_I386, VASMON_CALL_OTHER },
	{ "the largest", INT_MAX, AUDIT_ARCH_X86_64, VASMON_CALL_OTHER },
	{ "the largest of ia32", INT_MAX, AUDIT_ARCH_I386, VASMON_CALL_OTHER },
	{ "the smallest", INT_MIN, AUDIT_ARCH_X86_64, VASMON_CALL_OTHER },
};

KUNIT_ARRAY_PARAM_DESC(call, call_cases, name);

static void call_of_a_number(struct kunit *test)
{
	const struct call_case *param = test->param_value;

	KUNIT_EXPECT_EQ(test, vasmon_call_of(param->syscall, param->arch), param->call);
}

static struct kunit_case vasmon_call_cases[] = {
	KUNIT_CASE_PARAM(call_of_a_number, call_gen_params),
	{}
};

static struct kunit_suite vasmon_call_suite = {
	.name = "vasmon_call",
	.test_cases = vasmon_call_cases,
};

kunit_test_suite(vasmon_call_suite);
