/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's messages say, as plain structs. Nothing here knows of
 * sockets or of output.
 */
#ifndef VASMON_MODEL_H
#define VASMON_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/vasmon.h>

/**
 * struct region - one region of an address space
 * @name: zero-terminated, "" where there is none. In a parsed message it points
 *	into that message; in a struct space it belongs to the region.
 * @name_type: enum vasmon_name_type
 */
struct region {
	uint64_t start;
	uint64_t end;
	uint64_t traits;
	uint64_t vm_flags;
	uint64_t offset;
	uint64_t inode;
	uint32_t prot;
	uint32_t dev_major;
	uint32_t dev_minor;
	uint32_t name_type;
	const char *name;
};

struct regions {
	struct region *v;
	size_t n;
	size_t room;
};

static inline uint64_t region_size(const struct region *r)
{
	return r->end - r->start;
}

/* True where the region maps a file (shared anonymous memory is one). */
static inline bool region_has_file(const struct region *r)
{
	return r->name_type == VASMON_NAME_TYPE_FILE ||
	       r->name_type == VASMON_NAME_TYPE_ANON_SHMEM;
}

/* What, besides the region itself, decides whether it is [heap] or [stack]. */
struct layout {
	uint64_t start_brk;
	uint64_t brk;
	uint64_t start_stack;
	bool heap_inclusive;
};

/* The head of a dump; its regions come separately, see parse_mm(). */
struct mm {
	uint32_t pid;
	uint32_t watch_id;
	bool has_seq;
	uint64_t seq;
	uint64_t time;
	char comm[VASMON_COMM_LEN];
	char *exe;		/* owned, NULL where there is none */
	struct layout layout;
	uint64_t start_code, end_code, start_data, end_data;
	uint64_t arg_start, arg_end, env_start, env_end;
	uint64_t total_vm, locked_vm, pinned_vm, data_vm, exec_vm, stack_vm;
	uint32_t map_count;
};

struct event {
	uint32_t watch_id;
	uint64_t seq;
	uint64_t time;
	uint32_t pid;
	uint32_t cause;
	uint32_t flags;
	uint32_t tid;
	uint32_t tgid;
	char comm[VASMON_COMM_LEN];
	bool has_syscall;
	int32_t syscall;
	uint32_t arch;
	bool has_args;
	uint64_t args[VASMON_ARGS];
	bool has_window;
	uint64_t start;
	uint64_t end;
	bool has_old_count;
	uint32_t old_count;
	struct regions old;	/* empty where the kernel left them out */
	struct regions fresh;	/* what is in the window now */
	bool has_brk;
	uint64_t brk_from;
	uint64_t brk_to;
	bool has_start_brk;
	uint64_t start_brk;
	bool has_start_stack;
	uint64_t start_stack;
	bool has_map_count;
	uint32_t map_count;
	size_t n_chain;
	const uint8_t *stack;	/* from the stack pointer up, in the parsed message; not aligned */
	size_t stack_size;
	bool has_registers;
	bool has_exit_code;
	uint32_t exit_code;
	uint64_t lost;
	const char *text;	/* of a mark, in the parsed message; NULL where there is none */
	/* these two last: parse_event() leaves them as they are where they were not said */
	uint64_t chain[VASMON_CALLCHAIN_MAX];
	uint64_t registers[VASMON_REGISTERS];
};

/**
 * struct thread - one thread
 * @sp: its stack pointer in user mode, 0 where there is none
 * @tls: its thread pointer (%fs), 0 where there is none
 */
struct thread {
	uint32_t tid;
	uint64_t sp;
	uint64_t tls;
	char comm[VASMON_COMM_LEN];
};

struct subscriber {
	uint32_t portid;
	uint32_t pid;
	char comm[VASMON_COMM_LEN];
	uint64_t sent;
	uint64_t lost;
	uint64_t overruns;
	bool lossless;
	uint64_t waits;
};

/* How often the module compared what, to find what changed. */
struct effort {
	uint64_t window;
	uint64_t stack;
	uint64_t full_call;
	uint64_t full_remote;
	uint64_t full_totals;
};

struct watch_info {
	uint32_t id;
	uint32_t pid;
	uint32_t ring_size;
	bool follow;
	uint32_t processes;
	uint32_t unfollowed;
	uint64_t seq;
	char comm[VASMON_COMM_LEN];
	uint32_t regions;
	uint64_t memory;
	bool has_effort;
	struct effort effort;
	struct subscriber *subscribers;
	size_t n_subscribers;
};

#endif
