// SPDX-License-Identifier: GPL-2.0-only
/* The system calls that change regions, and how. */
#include "call.h"

const u8 vasmon_call_native[VASMON_CALL_NATIVE_MAX] = {
	[__NR_brk] = VASMON_CALL_BRK,
	[__NR_clone] = VASMON_CALL_CLONE,
	[__NR_clone3] = VASMON_CALL_CLONE3,
#ifdef __NR_fork
	[__NR_fork] = VASMON_CALL_NOTHING,
#endif
	[__NR_execve] = VASMON_CALL_EXEC,
	[__NR_madvise] = VASMON_CALL_RANGE,
	[__NR_mbind] = VASMON_CALL_RANGE,
	[__NR_mlock] = VASMON_CALL_RANGE,
	[__NR_mlock2] = VASMON_CALL_RANGE,
	[__NR_mmap] = VASMON_CALL_MMAP,
	[__NR_mprotect] = VASMON_CALL_PROTECT,
	[__NR_mremap] = VASMON_CALL_MREMAP,
#ifdef __NR_mseal
	[__NR_mseal] = VASMON_CALL_RANGE,
#endif
	[__NR_munlock] = VASMON_CALL_RANGE,
	[__NR_munmap] = VASMON_CALL_UNMAP,
	[__NR_pkey_mprotect] = VASMON_CALL_PROTECT,
	[__NR_prctl] = VASMON_CALL_PRCTL,
	[__NR_remap_file_pages] = VASMON_CALL_RANGE,
	[__NR_shmat] = VASMON_CALL_ATTACH,
#ifdef __NR_vfork
	[__NR_vfork] = VASMON_CALL_NOTHING,
#endif
};

#ifdef CONFIG_X86_64
/* Numbers of ia32, which its ABI fixed. */
const u8 vasmon_call_ia32[VASMON_CALL_IA32_MAX] = {
	[2] = VASMON_CALL_NOTHING,	/* fork */
	[11] = VASMON_CALL_EXEC,
	[45] = VASMON_CALL_BRK,
	[90] = VASMON_CALL_MMAP_OLD,
	[91] = VASMON_CALL_UNMAP,
	[120] = VASMON_CALL_CLONE,	/* clone */
	[125] = VASMON_CALL_PROTECT,
	[150] = VASMON_CALL_RANGE,	/* mlock */
	[151] = VASMON_CALL_RANGE,	/* munlock */
	[163] = VASMON_CALL_MREMAP,
	[172] = VASMON_CALL_PRCTL,
	[190] = VASMON_CALL_NOTHING,	/* vfork */
	[192] = VASMON_CALL_MMAP,	/* mmap2 */
	[219] = VASMON_CALL_RANGE,	/* madvise */
	[257] = VASMON_CALL_RANGE,	/* remap_file_pages */
	[274] = VASMON_CALL_RANGE,	/* mbind */
	[376] = VASMON_CALL_RANGE,	/* mlock2 */
	[380] = VASMON_CALL_PROTECT,	/* pkey_mprotect */
	[397] = VASMON_CALL_ATTACH,	/* shmat */
	[435] = VASMON_CALL_CLONE3,	/* clone3 */
	[462] = VASMON_CALL_RANGE,	/* mseal */
};
#endif
