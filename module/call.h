/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_CALL_H
#define _VASMON_CALL_H

#include <linux/kernel.h>
#include <asm/unistd.h>
#include <uapi/linux/audit.h>

/**
 * enum vasmon_call - what a system call can do to regions
 * @VASMON_CALL_OTHER: who knows
 * @VASMON_CALL_NOTHING: it takes the mmap lock for write, and changes nothing
 * @VASMON_CALL_CLONE: as NOTHING; its first argument says whether it waits for
 *	the child
 * @VASMON_CALL_CLONE3: as CLONE; its first argument is where that is said
 * @VASMON_CALL_RANGE: changes from its first argument on, as far as its second
 *	argument says
 * @VASMON_CALL_UNMAP: as RANGE, and accounts for what it unmaps later, with the
 *	mmap lock downgraded
 * @VASMON_CALL_PROTECT: as RANGE, but for PROT_GROWSDOWN and PROT_GROWSUP
 * @VASMON_CALL_BRK: moves the program break
 * @VASMON_CALL_MMAP: maps at an address or where there is room
 * @VASMON_CALL_MMAP_OLD: as MMAP, but nobody knows where: its arguments are in memory
 * @VASMON_CALL_MREMAP: two ranges
 * @VASMON_CALL_PRCTL: names regions, or sets fields of the mm
 * @VASMON_CALL_ATTACH: shmat: maps where there is room, or at an address
 * @VASMON_CALL_EXEC: as OTHER; once it has done its work its arguments are gone
 */
enum vasmon_call {
	VASMON_CALL_OTHER,
	VASMON_CALL_NOTHING,
	VASMON_CALL_CLONE,
	VASMON_CALL_CLONE3,
	VASMON_CALL_RANGE,
	VASMON_CALL_UNMAP,
	VASMON_CALL_PROTECT,
	VASMON_CALL_BRK,
	VASMON_CALL_MMAP,
	VASMON_CALL_MMAP_OLD,
	VASMON_CALL_MREMAP,
	VASMON_CALL_PRCTL,
	VASMON_CALL_ATTACH,
	VASMON_CALL_EXEC,
};

/* Numbers beyond these are not known. */
#define VASMON_CALL_NATIVE_MAX 512
#define VASMON_CALL_IA32_MAX 512

extern const u8 vasmon_call_native[VASMON_CALL_NATIVE_MAX];
#ifdef CONFIG_X86_64
extern const u8 vasmon_call_ia32[VASMON_CALL_IA32_MAX];
#endif

/**
 * vasmon_call_of - what a system call can do
 * @syscall: its number, or -1
 * @arch: its AUDIT_ARCH_*
 *
 * Context: any; does not sleep.
 * Return: what it can do to regions.
 */
static __always_inline enum vasmon_call vasmon_call_of(int syscall, u32 arch)
{
	unsigned int nr = syscall;

	if (syscall < 0)
		return VASMON_CALL_OTHER;
#ifdef CONFIG_X86_64
	if (arch == AUDIT_ARCH_I386)
		return nr < VASMON_CALL_IA32_MAX ? vasmon_call_ia32[nr] :
							  VASMON_CALL_OTHER;
	nr &= ~__X32_SYSCALL_BIT;
#endif
	return nr < VASMON_CALL_NATIVE_MAX ? vasmon_call_native[nr] : VASMON_CALL_OTHER;
}

#endif /* _VASMON_CALL_H */
