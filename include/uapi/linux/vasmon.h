/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * How a process's address space changes, as it changes.
 *
 * A client asks to watch a process. From then on every change of that process's
 * address space is one event: inside one window of addresses, the old regions
 * became these new ones; and the program break went from here to there. Events
 * of a watch are numbered from 1 without gaps. A region dump carries the number
 * of the last event that it includes, so a dump and the events numbered after
 * it give the exact map at every later moment.
 *
 * All addresses, sizes and offsets are in bytes. Process and thread ids are
 * those of the client's pid namespace; an id that has none there is 0.
 *
 * Addresses of a process are secrets: each request needs CAP_SYS_PTRACE in the
 * initial user namespace, both for the process that opened the socket and for
 * the one that sends, and is refused with EPERM otherwise. Malformed requests
 * get EINVAL or ERANGE, and every refusal says why in an extended
 * acknowledgment.
 *
 * Rendered from include/spec/vasmon.yaml by tests/lint/spec-header --write:
 * edit that one.
 */
#ifndef _UAPI_LINUX_VASMON_H
#define _UAPI_LINUX_VASMON_H

#define VASMON_FAMILY_NAME	"vasmon"
#define VASMON_FAMILY_VERSION	1

/* Bytes of a thread's name, the terminating zero included. */
#define VASMON_COMM_LEN	16
/* Arguments of a system call. */
#define VASMON_ARGS	6
/* Smallest ring of a watch, in bytes. */
#define VASMON_RING_SIZE_MIN	65536
/* Largest ring of a watch, in bytes. */
#define VASMON_RING_SIZE_MAX	67108864
/* Most addresses in a callchain. */
#define VASMON_CALLCHAIN_MAX	32
/* Most bytes of a stack that come with a callchain. */
#define VASMON_STACK_MAX	8192
/* Registers that come with a stack. */
#define VASMON_REGISTERS	17
/* Longest text of a mark, in bytes. */
#define VASMON_MARK_MAX	255
/* Most marks that a watch takes in a second. */
#define VASMON_MARK_RATE	10000

/**
 * enum vasmon_prot - The four letters of a line of /proc/PID/maps.
 * @VASMON_PROT_READ: May be read (r).
 * @VASMON_PROT_WRITE: May be written (w).
 * @VASMON_PROT_EXEC: May be executed (x).
 * @VASMON_PROT_SHARED: May be shared (s); private, copy on write (p), where not
 *   set.
 */
enum vasmon_prot {
	VASMON_PROT_READ = 1,
	VASMON_PROT_WRITE = 2,
	VASMON_PROT_EXEC = 4,
	VASMON_PROT_SHARED = 8,
};

/**
 * enum vasmon_trait - Further properties of a region. Unlike vm-flags, their
 *   numbers do not depend on the kernel.
 * @VASMON_TRAIT_GROWS_DOWN: A stack, it grows towards lower addresses when they
 *   are touched.
 * @VASMON_TRAIT_LOCKED: Its pages stay in memory (mlock).
 * @VASMON_TRAIT_LOCK_ON_FAULT: Its pages stay in memory once they are touched
 *   (MLOCK_ONFAULT).
 * @VASMON_TRAIT_IO: Memory-mapped device.
 * @VASMON_TRAIT_PFN: Page frames without struct page.
 * @VASMON_TRAIT_MIXED: May hold both pages and bare page frames.
 * @VASMON_TRAIT_HUGETLB: Pages of hugetlbfs.
 * @VASMON_TRAIT_HUGE: Transparent huge pages are asked for (MADV_HUGEPAGE).
 * @VASMON_TRAIT_NO_HUGE: Transparent huge pages are refused (MADV_NOHUGEPAGE).
 * @VASMON_TRAIT_MERGEABLE: Same pages may be merged (MADV_MERGEABLE).
 * @VASMON_TRAIT_DONT_FORK: A child does not inherit it (MADV_DONTFORK).
 * @VASMON_TRAIT_WIPE_ON_FORK: A child finds it zeroed (MADV_WIPEONFORK).
 * @VASMON_TRAIT_DONT_EXPAND: Can not be grown by mremap.
 * @VASMON_TRAIT_DONT_DUMP: Left out of core dumps (MADV_DONTDUMP).
 * @VASMON_TRAIT_NO_RESERVE: No swap space is reserved for it (MAP_NORESERVE).
 * @VASMON_TRAIT_SEQUENTIAL: Read ahead, for sequential use (MADV_SEQUENTIAL).
 * @VASMON_TRAIT_RANDOM: No read ahead (MADV_RANDOM).
 * @VASMON_TRAIT_SYNC: Synchronous page faults (MAP_SYNC).
 * @VASMON_TRAIT_UFFD_MISSING: Missing pages are handled by a userfaultfd.
 * @VASMON_TRAIT_UFFD_WP: Write protection is handled by a userfaultfd.
 * @VASMON_TRAIT_UFFD_MINOR: Minor faults are handled by a userfaultfd.
 * @VASMON_TRAIT_SEALED: Can not be unmapped or changed any more (mseal).
 * @VASMON_TRAIT_SHADOW_STACK: A shadow stack of control-flow enforcement.
 * @VASMON_TRAIT_DROPPABLE: Its pages may vanish under memory pressure
 *   (MAP_DROPPABLE).
 */
enum vasmon_trait {
	VASMON_TRAIT_GROWS_DOWN = 1,
	VASMON_TRAIT_LOCKED = 2,
	VASMON_TRAIT_LOCK_ON_FAULT = 4,
	VASMON_TRAIT_IO = 8,
	VASMON_TRAIT_PFN = 16,
	VASMON_TRAIT_MIXED = 32,
	VASMON_TRAIT_HUGETLB = 64,
	VASMON_TRAIT_HUGE = 128,
	VASMON_TRAIT_NO_HUGE = 256,
	VASMON_TRAIT_MERGEABLE = 512,
	VASMON_TRAIT_DONT_FORK = 1024,
	VASMON_TRAIT_WIPE_ON_FORK = 2048,
	VASMON_TRAIT_DONT_EXPAND = 4096,
	VASMON_TRAIT_DONT_DUMP = 8192,
	VASMON_TRAIT_NO_RESERVE = 16384,
	VASMON_TRAIT_SEQUENTIAL = 32768,
	VASMON_TRAIT_RANDOM = 65536,
	VASMON_TRAIT_SYNC = 131072,
	VASMON_TRAIT_UFFD_MISSING = 262144,
	VASMON_TRAIT_UFFD_WP = 524288,
	VASMON_TRAIT_UFFD_MINOR = 1048576,
	VASMON_TRAIT_SEALED = 2097152,
	VASMON_TRAIT_SHADOW_STACK = 4194304,
	VASMON_TRAIT_DROPPABLE = 8388608,
};

/**
 * enum vasmon_name_type - What a region's name is.
 * @VASMON_NAME_TYPE_NONE: The region has no name of its own.
 * @VASMON_NAME_TYPE_FILE: Path of the mapped file; in a dump as who asks sees
 *   it, in an event as the kernel's initial root does.
 * @VASMON_NAME_TYPE_SPECIAL: The kernel's own name for it, brackets included,
 *   as in [vdso].
 * @VASMON_NAME_TYPE_ANON: Given to anonymous memory with PR_SET_VMA_ANON_NAME.
 * @VASMON_NAME_TYPE_ANON_SHMEM: Given to shared anonymous memory with
 *   PR_SET_VMA_ANON_NAME.
 */
enum vasmon_name_type {
	VASMON_NAME_TYPE_NONE,
	VASMON_NAME_TYPE_FILE,
	VASMON_NAME_TYPE_SPECIAL,
	VASMON_NAME_TYPE_ANON,
	VASMON_NAME_TYPE_ANON_SHMEM,
};

/**
 * enum vasmon_cause - Why the address space changed.
 * @VASMON_CAUSE_NONE: Not used.
 * @VASMON_CAUSE_SYSCALL: A system call of a thread of the process.
 * @VASMON_CAUSE_FAULT: A page fault of a thread of the process: a stack grew.
 *   If a system call is given, the fault came while the kernel read or wrote
 *   memory of the process for that call.
 * @VASMON_CAUSE_EXEC: The process started a new program. The event replaces the
 *   whole map, and brk, start-brk and start-stack are given.
 * @VASMON_CAUSE_EXIT: The process exited. This is the last event of its watch.
 * @VASMON_CAUSE_REMOTE: A thread of another process (process_madvise,
 *   clear_refs, a userfaultfd, ptrace). The system call is that thread's.
 * @VASMON_CAUSE_KERNEL: A kernel thread or an I/O worker.
 * @VASMON_CAUSE_RESYNC: The module could not tell what changed (it ran out of
 *   memory). The map has to be dumped anew.
 * @VASMON_CAUSE_OVERRUN: This subscriber was too slow: the events before this
 *   one were overwritten. Their count is given; the maps of all processes of
 *   the watch have to be dumped anew.
 * @VASMON_CAUSE_FORK: The process, whose pid is new to the watch, was forked by
 *   the thread in tid of the process in tgid. The event gives its whole map,
 *   and brk, start-brk and start-stack. A child that shares the address space
 *   (vfork, CLONE_VM) has no such event; it turns up when it starts a program,
 *   with the cause exec.
 * @VASMON_CAUSE_MARK: Nothing changed: a process has put the text here, with
 *   the command mark or by writing to the file mark in debugfs.
 */
enum vasmon_cause {
	VASMON_CAUSE_NONE,
	VASMON_CAUSE_SYSCALL,
	VASMON_CAUSE_FAULT,
	VASMON_CAUSE_EXEC,
	VASMON_CAUSE_EXIT,
	VASMON_CAUSE_REMOTE,
	VASMON_CAUSE_KERNEL,
	VASMON_CAUSE_RESYNC,
	VASMON_CAUSE_OVERRUN,
	VASMON_CAUSE_FORK,
	VASMON_CAUSE_MARK,
};

/**
 * enum vasmon_chain_cause - What a thread was at when a change came about.
 * @VASMON_CHAIN_CAUSE_FAULT: A page fault.
 * @VASMON_CHAIN_CAUSE_BRK: The call brk.
 * @VASMON_CHAIN_CAUSE_MMAP: The call mmap.
 * @VASMON_CHAIN_CAUSE_MUNMAP: The call munmap.
 * @VASMON_CHAIN_CAUSE_MREMAP: The call mremap.
 * @VASMON_CHAIN_CAUSE_MPROTECT: The call mprotect, or pkey_mprotect.
 * @VASMON_CHAIN_CAUSE_OTHER: Any other call.
 */
enum vasmon_chain_cause {
	VASMON_CHAIN_CAUSE_FAULT = 1,
	VASMON_CHAIN_CAUSE_BRK = 2,
	VASMON_CHAIN_CAUSE_MMAP = 4,
	VASMON_CHAIN_CAUSE_MUNMAP = 8,
	VASMON_CHAIN_CAUSE_MREMAP = 16,
	VASMON_CHAIN_CAUSE_MPROTECT = 32,
	VASMON_CHAIN_CAUSE_OTHER = 64,
};

/**
 * enum vasmon_event_flag - Flags of an event.
 * @VASMON_EVENT_FLAG_INCOMPLETE: The new regions of the window do not fit into
 *   the event: the map has to be dumped anew.
 * @VASMON_EVENT_FLAG_MORE: The same change goes on in another window, in the
 *   event with the next number: a region moved from here to there, or there are
 *   more new regions than fit into one event. map-count is right after each.
 * @VASMON_EVENT_FLAG_END: This is the last event of the watch, which is gone
 *   now.
 */
enum vasmon_event_flag {
	VASMON_EVENT_FLAG_INCOMPLETE = 1,
	VASMON_EVENT_FLAG_MORE = 2,
	VASMON_EVENT_FLAG_END = 4,
};

/**
 * enum vasmon_a_region - One region (VMA) of an address space.
 * @VASMON_A_REGION_PAD: Filler for alignment, ignore it.
 * @VASMON_A_REGION_START: (u64) First address.
 * @VASMON_A_REGION_END: (u64) First address after the region.
 * @VASMON_A_REGION_PROT: (u32, &enum vasmon_prot) What /proc/PID/maps shows as
 *   rwxs or rwxp.
 * @VASMON_A_REGION_TRAITS: (u64, &enum vasmon_trait) Further properties,
 *   numbered by this file.
 * @VASMON_A_REGION_VM_FLAGS: (u64) The running kernel's VM_* bits, for those
 *   who know that kernel. VM_SOFTDIRTY and the bit for guard regions are always
 *   0.
 * @VASMON_A_REGION_OFFSET: (u64) Where in the file the region begins, in bytes.
 *   Files only, left out where it is 0.
 * @VASMON_A_REGION_DEV_MAJOR: (u32) Device of the file. Files only.
 * @VASMON_A_REGION_DEV_MINOR: (u32) Device of the file. Files only.
 * @VASMON_A_REGION_INODE: (u64) Inode number of the file. Files only.
 * @VASMON_A_REGION_NAME_TYPE: (u32, &enum vasmon_name_type) Left out where the
 *   region has no name.
 * @VASMON_A_REGION_NAME: (string) Any bytes but zero, not escaped, not
 *   necessarily UTF-8. A path ends in " (deleted)" where the file has none any
 *   more.
 */
enum vasmon_a_region {
	VASMON_A_REGION_PAD = 1,
	VASMON_A_REGION_START,
	VASMON_A_REGION_END,
	VASMON_A_REGION_PROT,
	VASMON_A_REGION_TRAITS,
	VASMON_A_REGION_VM_FLAGS,
	VASMON_A_REGION_OFFSET,
	VASMON_A_REGION_DEV_MAJOR,
	VASMON_A_REGION_DEV_MINOR,
	VASMON_A_REGION_INODE,
	VASMON_A_REGION_NAME_TYPE,
	VASMON_A_REGION_NAME,

	/* private: */
	__VASMON_A_REGION_MAX,
	VASMON_A_REGION_MAX = (__VASMON_A_REGION_MAX - 1)
};

/**
 * enum vasmon_a_mm - An address space at one moment.
 * @VASMON_A_MM_PAD: Filler for alignment, ignore it.
 * @VASMON_A_MM_PID: (u32, min 1) Process id (of the thread group).
 * @VASMON_A_MM_WATCH_ID: (u32, min 1) In a request: the watch whose event
 *   numbers the dump shall be in step with. In a reply: that watch.
 * @VASMON_A_MM_SEQ: (u64) Number of the last event of the watch that is
 *   included. Left out where no watch was named, or where the process is just
 *   starting a new program (an event that replaces the whole map follows, or,
 *   when memory ran out, one that asks for another dump).
 * @VASMON_A_MM_TIME: (u64) CLOCK_BOOTTIME, in nanoseconds.
 * @VASMON_A_MM_COMM: (string) Name of the process's main thread.
 * @VASMON_A_MM_EXE: (string) Path of the program. Left out where there is none.
 * @VASMON_A_MM_START_CODE: (u64) As mm_struct has it: start-code.
 * @VASMON_A_MM_END_CODE: (u64) As mm_struct has it: end-code.
 * @VASMON_A_MM_START_DATA: (u64) As mm_struct has it: start-data.
 * @VASMON_A_MM_END_DATA: (u64) As mm_struct has it: end-data.
 * @VASMON_A_MM_START_BRK: (u64) Where the heap begins, to the byte.
 * @VASMON_A_MM_BRK: (u64) The program break, to the byte.
 * @VASMON_A_MM_START_STACK: (u64) Stack pointer of the main thread when the
 *   program started.
 * @VASMON_A_MM_ARG_START: (u64) As mm_struct has it: arg-start.
 * @VASMON_A_MM_ARG_END: (u64) As mm_struct has it: arg-end.
 * @VASMON_A_MM_ENV_START: (u64) As mm_struct has it: env-start.
 * @VASMON_A_MM_ENV_END: (u64) As mm_struct has it: env-end.
 * @VASMON_A_MM_TOTAL_VM: (u64) Sum of all regions, in bytes, as the kernel
 *   accounts it.
 * @VASMON_A_MM_LOCKED_VM: (u64) Locked by mlock, in bytes.
 * @VASMON_A_MM_PINNED_VM: (u64) Pinned for input and output, in bytes.
 * @VASMON_A_MM_DATA_VM: (u64) Private and writable, stacks excepted, in bytes.
 * @VASMON_A_MM_EXEC_VM: (u64) Executable and not writable, stacks excepted, in
 *   bytes.
 * @VASMON_A_MM_STACK_VM: (u64) Stacks, in bytes.
 * @VASMON_A_MM_MAP_COUNT: (u32) Number of regions; vm.max_map_count bounds it.
 * @VASMON_A_MM_HEAP_INCLUSIVE: (flag) How this kernel names [heap]. Where set
 *   (before 6.6), a region that only touches the range from start-brk to brk is
 *   named so as well; otherwise it has to overlap it.
 * @VASMON_A_MM_REGION: (nest of &enum vasmon_a_region, repeated) The regions,
 *   by ascending address.
 */
enum vasmon_a_mm {
	VASMON_A_MM_PAD = 1,
	VASMON_A_MM_PID,
	VASMON_A_MM_WATCH_ID,
	VASMON_A_MM_SEQ,
	VASMON_A_MM_TIME,
	VASMON_A_MM_COMM,
	VASMON_A_MM_EXE,
	VASMON_A_MM_START_CODE,
	VASMON_A_MM_END_CODE,
	VASMON_A_MM_START_DATA,
	VASMON_A_MM_END_DATA,
	VASMON_A_MM_START_BRK,
	VASMON_A_MM_BRK,
	VASMON_A_MM_START_STACK,
	VASMON_A_MM_ARG_START,
	VASMON_A_MM_ARG_END,
	VASMON_A_MM_ENV_START,
	VASMON_A_MM_ENV_END,
	VASMON_A_MM_TOTAL_VM,
	VASMON_A_MM_LOCKED_VM,
	VASMON_A_MM_PINNED_VM,
	VASMON_A_MM_DATA_VM,
	VASMON_A_MM_EXEC_VM,
	VASMON_A_MM_STACK_VM,
	VASMON_A_MM_MAP_COUNT,
	VASMON_A_MM_HEAP_INCLUSIVE,
	VASMON_A_MM_REGION,

	/* private: */
	__VASMON_A_MM_MAX,
	VASMON_A_MM_MAX = (__VASMON_A_MM_MAX - 1)
};

/**
 * enum vasmon_a_watch - Somebody's interest in a process.
 * @VASMON_A_WATCH_PAD: Filler for alignment, ignore it.
 * @VASMON_A_WATCH_ID: (u32, min 1) Number of the watch, not used again while
 *   the module is loaded.
 * @VASMON_A_WATCH_PID: (u32, min 1) Process id (of the thread group).
 * @VASMON_A_WATCH_RING_SIZE: (u32, min VASMON_RING_SIZE_MIN, max
 *   VASMON_RING_SIZE_MAX) Bytes of the ring that holds events until every
 *   subscriber has them, rounded up to a power of two. It is set by the first
 *   subscriber of a watch; the module's parameter ring_size is the default.
 * @VASMON_A_WATCH_FOLLOW: (flag) Watch the children as well that the process
 *   forks from now on, and theirs, each from its first instruction. All of them
 *   share the events' numbers. A watch that follows and one that does not are
 *   two watches.
 * @VASMON_A_WATCH_LOSSLESS: (flag) Threads of the process wait, when they
 *   return to user mode, while this subscriber is behind by more than half of
 *   the ring. They go on when it catches up, ends or is stopped (SIGSTOP), or a
 *   signal comes. A process can not wait for itself (EINVAL).
 * @VASMON_A_WATCH_SEQ: (u64) Number of the last event so far.
 * @VASMON_A_WATCH_COMM: (string) Name of the process's main thread.
 * @VASMON_A_WATCH_REGIONS: (u32) Regions in the watched maps.
 * @VASMON_A_WATCH_PROCESSES: (u32) Processes under the watch, more than one if
 *   it follows.
 * @VASMON_A_WATCH_MEMORY: (u64) Memory that the watch uses, in bytes, its
 *   subscribers included.
 * @VASMON_A_WATCH_SUBSCRIBER: (nest of &enum vasmon_a_subscriber, repeated) Who
 *   receives its events.
 * @VASMON_A_WATCH_EFFORT: (nest of &enum vasmon_a_effort) How often what was
 *   compared, to find what changed.
 * @VASMON_A_WATCH_UNFOLLOWED: (u32) Children that could not be followed for
 *   want of memory. Left out where 0.
 * @VASMON_A_WATCH_CALLCHAIN: (flag) Events for this subscriber tell by which
 *   calls they came about.
 * @VASMON_A_WATCH_STACK_SIZE: (u32, max VASMON_STACK_MAX) Bytes of its stack
 *   that an event with a callchain brings to this subscriber, a multiple of 8.
 *   0, or left out: none, and no registers. Where a subscriber is lossless, the
 *   ring has to be at least 64 times as large, and 64 KiB more: ENOSPC.
 * @VASMON_A_WATCH_CALLCHAIN_CAUSES: (u32, &enum vasmon_chain_cause) Which
 *   events this subscriber wants a callchain of, and a stack; all where it is
 *   left out. It has all other events too, and may have callchains that other
 *   subscribers want.
 * @VASMON_A_WATCH_CALLCHAIN_TID: (u32, min 1) Of which thread this subscriber
 *   wants callchains; of all where it is left out.
 */
enum vasmon_a_watch {
	VASMON_A_WATCH_PAD = 1,
	VASMON_A_WATCH_ID,
	VASMON_A_WATCH_PID,
	VASMON_A_WATCH_RING_SIZE,
	VASMON_A_WATCH_FOLLOW,
	VASMON_A_WATCH_LOSSLESS,
	VASMON_A_WATCH_SEQ,
	VASMON_A_WATCH_COMM,
	VASMON_A_WATCH_REGIONS,
	VASMON_A_WATCH_PROCESSES,
	VASMON_A_WATCH_MEMORY,
	VASMON_A_WATCH_SUBSCRIBER,
	VASMON_A_WATCH_EFFORT,
	VASMON_A_WATCH_UNFOLLOWED,
	VASMON_A_WATCH_CALLCHAIN,
	VASMON_A_WATCH_STACK_SIZE,
	VASMON_A_WATCH_CALLCHAIN_CAUSES,
	VASMON_A_WATCH_CALLCHAIN_TID,

	/* private: */
	__VASMON_A_WATCH_MAX,
	VASMON_A_WATCH_MAX = (__VASMON_A_WATCH_MAX - 1)
};

/**
 * enum vasmon_a_effort - What the module compared after sections under the mmap
 *   lock held for write, since the watch began. Where it does not know which
 *   window to compare, it compares the whole map.
 * @VASMON_A_EFFORT_PAD: Filler for alignment, ignore it.
 * @VASMON_A_EFFORT_WINDOW: (u64) The range that the system call names, or where
 *   room was found.
 * @VASMON_A_EFFORT_STACK: (u64) The stack of a thread.
 * @VASMON_A_EFFORT_FULL_CALL: (u64) Everything, for the system call is not
 *   known to name a range.
 * @VASMON_A_EFFORT_FULL_REMOTE: (u64) Everything, for another process or the
 *   kernel did it.
 * @VASMON_A_EFFORT_FULL_TOTALS: (u64) Everything, for number and size of all
 *   regions differed after the window was compared.
 */
enum vasmon_a_effort {
	VASMON_A_EFFORT_PAD = 1,
	VASMON_A_EFFORT_WINDOW,
	VASMON_A_EFFORT_STACK,
	VASMON_A_EFFORT_FULL_CALL,
	VASMON_A_EFFORT_FULL_REMOTE,
	VASMON_A_EFFORT_FULL_TOTALS,

	/* private: */
	__VASMON_A_EFFORT_MAX,
	VASMON_A_EFFORT_MAX = (__VASMON_A_EFFORT_MAX - 1)
};

/**
 * enum vasmon_a_subscriber - One socket that receives the events of a watch.
 * @VASMON_A_SUBSCRIBER_PAD: Filler for alignment, ignore it.
 * @VASMON_A_SUBSCRIBER_PORTID: (u32) Netlink port of the socket.
 * @VASMON_A_SUBSCRIBER_PID: (u32) Process that asked for the watch.
 * @VASMON_A_SUBSCRIBER_COMM: (string) Name of the thread that asked for the
 *   watch.
 * @VASMON_A_SUBSCRIBER_SENT: (u64) Events delivered to it.
 * @VASMON_A_SUBSCRIBER_LOST: (u64) Events it missed, being too slow.
 * @VASMON_A_SUBSCRIBER_OVERRUNS: (u64) How often it missed any.
 * @VASMON_A_SUBSCRIBER_LOSSLESS: (flag) Threads of the process wait for it.
 * @VASMON_A_SUBSCRIBER_WAITS: (u64) How often a thread waited for it.
 * @VASMON_A_SUBSCRIBER_CALLCHAIN: (flag) Events for it tell by which calls they
 *   came about.
 * @VASMON_A_SUBSCRIBER_STACK_SIZE: (u32) Bytes of the stack that come with a
 *   callchain. Left out where 0.
 */
enum vasmon_a_subscriber {
	VASMON_A_SUBSCRIBER_PAD = 1,
	VASMON_A_SUBSCRIBER_PORTID,
	VASMON_A_SUBSCRIBER_PID,
	VASMON_A_SUBSCRIBER_COMM,
	VASMON_A_SUBSCRIBER_SENT,
	VASMON_A_SUBSCRIBER_LOST,
	VASMON_A_SUBSCRIBER_OVERRUNS,
	VASMON_A_SUBSCRIBER_LOSSLESS,
	VASMON_A_SUBSCRIBER_WAITS,
	VASMON_A_SUBSCRIBER_CALLCHAIN,
	VASMON_A_SUBSCRIBER_STACK_SIZE,

	/* private: */
	__VASMON_A_SUBSCRIBER_MAX,
	VASMON_A_SUBSCRIBER_MAX = (__VASMON_A_SUBSCRIBER_MAX - 1)
};

/**
 * enum vasmon_a_process - A process under a watch.
 * @VASMON_A_PROCESS_PAD: Filler for alignment, ignore it.
 * @VASMON_A_PROCESS_WATCH_ID: (u32, min 1) Number of the watch.
 * @VASMON_A_PROCESS_PID: (u32) Process id (of the thread group).
 * @VASMON_A_PROCESS_REGIONS: (u32) Regions in its map as last reported. Left
 *   out where the module has no map of it at the moment.
 */
enum vasmon_a_process {
	VASMON_A_PROCESS_PAD = 1,
	VASMON_A_PROCESS_WATCH_ID,
	VASMON_A_PROCESS_PID,
	VASMON_A_PROCESS_REGIONS,

	/* private: */
	__VASMON_A_PROCESS_MAX,
	VASMON_A_PROCESS_MAX = (__VASMON_A_PROCESS_MAX - 1)
};

/**
 * enum vasmon_a_thread - A thread of a process, as it is at one moment.
 * @VASMON_A_THREAD_PAD: Filler for alignment, ignore it.
 * @VASMON_A_THREAD_PID: (u32, min 1) Process id (of the thread group).
 * @VASMON_A_THREAD_TID: (u32) Thread id.
 * @VASMON_A_THREAD_COMM: (string) Name of the thread.
 * @VASMON_A_THREAD_STACK_POINTER: (u64) Where its stack was when it last
 *   entered the kernel: while it runs in user mode, a moment ago.
 * @VASMON_A_THREAD_TLS: (u64) Base of its thread-local storage (x86-64: the
 *   base of FS), as it was when the thread was last switched away from. Left
 *   out where it is 0 or the module does not know it.
 */
enum vasmon_a_thread {
	VASMON_A_THREAD_PAD = 1,
	VASMON_A_THREAD_PID,
	VASMON_A_THREAD_TID,
	VASMON_A_THREAD_COMM,
	VASMON_A_THREAD_STACK_POINTER,
	VASMON_A_THREAD_TLS,

	/* private: */
	__VASMON_A_THREAD_MAX,
	VASMON_A_THREAD_MAX = (__VASMON_A_THREAD_MAX - 1)
};

/**
 * enum vasmon_a_event - A replacement: the old regions that overlap the window
 *   from start to end became the new ones; every other region is as it was.
 * @VASMON_A_EVENT_PAD: Filler for alignment, ignore it.
 * @VASMON_A_EVENT_WATCH_ID: (u32) As mm_struct has it: watch-id.
 * @VASMON_A_EVENT_SEQ: (u64) Number of the event in its watch, from 1, without
 *   gaps. In an overrun: the number of the last event that was lost.
 * @VASMON_A_EVENT_TIME: (u64) CLOCK_BOOTTIME when the change was done, in
 *   nanoseconds.
 * @VASMON_A_EVENT_PID: (u32) Process whose address space changed.
 * @VASMON_A_EVENT_CAUSE: (u32, &enum vasmon_cause) As mm_struct has it: cause.
 * @VASMON_A_EVENT_FLAGS: (u32, &enum vasmon_event_flag) Left out where 0.
 * @VASMON_A_EVENT_TID: (u32) Thread that made the change.
 * @VASMON_A_EVENT_TGID: (u32) Process of that thread.
 * @VASMON_A_EVENT_COMM: (string) Name of that thread.
 * @VASMON_A_EVENT_SYSCALL: (s32) Number of the system call that the thread is
 *   in, for the architecture in arch. Left out where it is in none.
 * @VASMON_A_EVENT_ARCH: (u32) AUDIT_ARCH_* of that system call.
 * @VASMON_A_EVENT_ARGS: (binary) The six arguments of that system call, each a
 *   u64. Left out for an exec, which has cleared the registers.
 * @VASMON_A_EVENT_START: (u64) First address of the window. Left out where no
 *   region changed.
 * @VASMON_A_EVENT_END: (u64) First address after the window.
 * @VASMON_A_EVENT_OLD_COUNT: (u32) Number of old regions in the window.
 * @VASMON_A_EVENT_OLD: (nest of &enum vasmon_a_region, repeated) The old
 *   regions, by ascending address: start, end, prot, traits, vm-flags and
 *   offset. Left out as a whole where there are more than 16. The subscriber
 *   has them with their names in its map.
 * @VASMON_A_EVENT_NEW: (nest of &enum vasmon_a_region, repeated) The new
 *   regions, by ascending address. What is too much for one event goes on in
 *   the next ones (flag more), up to 1024 regions, and less where a subscriber
 *   is lossless and the ring small; where there are still more the event is
 *   incomplete.
 * @VASMON_A_EVENT_BRK_FROM: (u64) The program break before. Left out where it
 *   did not move.
 * @VASMON_A_EVENT_BRK_TO: (u64) The program break after.
 * @VASMON_A_EVENT_START_BRK: (u64) Where the heap begins now. Left out where it
 *   did not move.
 * @VASMON_A_EVENT_START_STACK: (u64) Where the main stack begins now. Left out
 *   where it did not move.
 * @VASMON_A_EVENT_MAP_COUNT: (u32) Number of regions after the change.
 * @VASMON_A_EVENT_EXIT_CODE: (u32) Status of an exited process, as waitpid(2)
 *   has it.
 * @VASMON_A_EVENT_LOST: (u64) Number of events lost in an overrun.
 * @VASMON_A_EVENT_CALLCHAIN: (binary) Where the thread was in user mode,
 *   innermost first: its instruction pointer, and the return addresses that a
 *   chain of frame pointers leads to, each a u64. It ends where that chain
 *   does, as in code that was built without frame pointers, or where memory is
 *   not present. Only for causes syscall and fault, and for subscribers that
 *   asked.
 * @VASMON_A_EVENT_STACK: (binary) With a callchain, for subscribers that asked
 *   for a stack-size: the bytes from the stack pointer up, as many as were
 *   asked for, or fewer where memory is not present; a multiple of 8. With the
 *   registers, they lead through code that has no frame pointers by its
 *   .eh_frame. Of several events that tell one change the first brings them.
 *   None where the event would not fit into a datagram.
 * @VASMON_A_EVENT_TEXT: (string, max-len VASMON_MARK_MAX) What a mark says: any
 *   bytes but zero, not escaped, not necessarily UTF-8.
 * @VASMON_A_EVENT_REGISTERS: (binary) With a stack: the registers in user mode,
 *   each a u64, by their DWARF numbers. On x86-64: rax, rdx, rcx, rbx, rsi,
 *   rdi, rbp, rsp, r8 to r15, rip; of a 32-bit program as the kernel has them.
 *   Left out on other machines.
 */
enum vasmon_a_event {
	VASMON_A_EVENT_PAD = 1,
	VASMON_A_EVENT_WATCH_ID,
	VASMON_A_EVENT_SEQ,
	VASMON_A_EVENT_TIME,
	VASMON_A_EVENT_PID,
	VASMON_A_EVENT_CAUSE,
	VASMON_A_EVENT_FLAGS,
	VASMON_A_EVENT_TID,
	VASMON_A_EVENT_TGID,
	VASMON_A_EVENT_COMM,
	VASMON_A_EVENT_SYSCALL,
	VASMON_A_EVENT_ARCH,
	VASMON_A_EVENT_ARGS,
	VASMON_A_EVENT_START,
	VASMON_A_EVENT_END,
	VASMON_A_EVENT_OLD_COUNT,
	VASMON_A_EVENT_OLD,
	VASMON_A_EVENT_NEW,
	VASMON_A_EVENT_BRK_FROM,
	VASMON_A_EVENT_BRK_TO,
	VASMON_A_EVENT_START_BRK,
	VASMON_A_EVENT_START_STACK,
	VASMON_A_EVENT_MAP_COUNT,
	VASMON_A_EVENT_EXIT_CODE,
	VASMON_A_EVENT_LOST,
	VASMON_A_EVENT_CALLCHAIN,
	VASMON_A_EVENT_STACK,
	VASMON_A_EVENT_TEXT,
	VASMON_A_EVENT_REGISTERS,

	/* private: */
	__VASMON_A_EVENT_MAX,
	VASMON_A_EVENT_MAX = (__VASMON_A_EVENT_MAX - 1)
};

/**
 * enum vasmon_cmd - Requests, and the event.
 * @VASMON_CMD_MM_GET: (do, attributes of &enum vasmon_a_mm) The address space
 *   of a process without its regions. ESRCH: no such process. EINVAL: it has no
 *   address space (a kernel thread). Takes: pid.
 * @VASMON_CMD_REGION_GET: (dump, attributes of &enum vasmon_a_mm) All regions
 *   of a process, taken under one hold of its mmap lock. The first message has
 *   what mm-get answers, taken under the same hold; regions follow in it and in
 *   further messages. Errors as for mm-get; ENOENT: no such watch. Takes: pid,
 *   watch-id.
 * @VASMON_CMD_WATCH: (do, attributes of &enum vasmon_a_watch) Subscribe the
 *   sending socket to the events of a process, until the process exits, the
 *   socket is closed or unwatch is sent. Events come to that socket alone; use
 *   another one for requests. Errors as for mm-get; EEXIST: this socket watches
 *   it already; ENOMEM; ENOSPC: too many watches or subscribers. Takes: pid,
 *   ring-size, follow, lossless, callchain, stack-size, callchain-causes,
 *   callchain-tid.
 * @VASMON_CMD_UNWATCH: (do, attributes of &enum vasmon_a_watch) End the
 *   subscription of the sending socket. ENOENT: there is none to that watch.
 *   Takes: id.
 * @VASMON_CMD_WATCH_GET: (dump, attributes of &enum vasmon_a_watch) All watches
 *   and their subscribers. Takes: nothing.
 * @VASMON_CMD_EVENT: (event, attributes of &enum vasmon_a_event) A change, sent
 *   to each subscriber of the watch. Several come in one datagram, each a
 *   message of its own.
 * @VASMON_CMD_MARK: (do, attributes of &enum vasmon_a_event) Put a text among
 *   the events of all watches of a process. ESRCH: no such process. ENOENT:
 *   nobody watches it. EBUSY: too many marks in this second. Takes: pid, text.
 * @VASMON_CMD_PROCESS_GET: (dump, attributes of &enum vasmon_a_process) The
 *   processes of a watch whose maps its events tell of, a message each. After
 *   an overrun, children that are not among them are gone, and others are new.
 *   ENOENT: no such watch. Takes: watch-id.
 * @VASMON_CMD_THREAD_GET: (dump, attributes of &enum vasmon_a_thread) The
 *   threads of a process, a message each. Errors as for mm-get. Takes: pid.
 */
enum vasmon_cmd {
	VASMON_CMD_MM_GET = 1,
	VASMON_CMD_REGION_GET,
	VASMON_CMD_WATCH,
	VASMON_CMD_UNWATCH,
	VASMON_CMD_WATCH_GET,
	VASMON_CMD_EVENT,
	VASMON_CMD_MARK,
	VASMON_CMD_PROCESS_GET,
	VASMON_CMD_THREAD_GET,

	/* private: */
	__VASMON_CMD_MAX,
	VASMON_CMD_MAX = (__VASMON_CMD_MAX - 1)
};

#endif /* _UAPI_LINUX_VASMON_H */
