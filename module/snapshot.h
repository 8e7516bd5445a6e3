/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_SNAPSHOT_H
#define _VASMON_SNAPSHOT_H

#include "region.h"
#include "target.h"

struct vasmon_watch;

/* Longest path that is shown, its zero included. */
#define VASMON_PATH_MAX (4 * PATH_MAX)

/**
 * struct vasmon_snapshot_region - a region as it was
 * @region: the region; a reference to its file is held
 * @name_type: what its name is
 * @text: its name, where it is a text
 */
struct vasmon_snapshot_region {
	struct vasmon_region region;
	enum vasmon_name_type name_type;
	char *text;
};

/**
 * struct vasmon_snapshot - an address space at one moment
 * @target: the process; its mm is let go of once it is copied
 * @exe: its program; a reference is held, or NULL
 * @watch_id: watch that was asked for, or 0
 * @has_seq: does @seq hold?
 * @seq: number of the last event of the watch that is included
 * @time: CLOCK_BOOTTIME, ns
 * @start_code: as struct mm_struct has it, as the addresses below
 * @end_code: as in struct mm_struct
 * @start_data: as in struct mm_struct
 * @end_data: as in struct mm_struct
 * @start_brk: as in struct mm_struct
 * @brk: as in struct mm_struct
 * @start_stack: as in struct mm_struct
 * @arg_start: as in struct mm_struct
 * @arg_end: as in struct mm_struct
 * @env_start: as in struct mm_struct
 * @env_end: as in struct mm_struct
 * @total_vm: as struct mm_struct has it, but in bytes, as the sizes below
 * @locked_vm: in bytes
 * @pinned_vm: in bytes
 * @data_vm: in bytes
 * @exec_vm: in bytes
 * @stack_vm: in bytes
 * @map_count: number of regions as the kernel counts them
 * @nr: number of @regions
 * @regions: by ascending address; NULL if only the summary was asked for
 */
struct vasmon_snapshot {
	struct vasmon_target target;
	struct file *exe;
	u32 watch_id;
	bool has_seq;
	u64 seq;
	u64 time;
	unsigned long start_code, end_code, start_data, end_data;
	unsigned long start_brk, brk, start_stack;
	unsigned long arg_start, arg_end, env_start, env_end;
	u64 total_vm, locked_vm, pinned_vm, data_vm, exec_vm, stack_vm;
	u32 map_count;
	unsigned long nr;
	struct vasmon_snapshot_region *regions;
};

int vasmon_snapshot_take(struct vasmon_snapshot **snapshot, struct pid *pid, bool regions,
			 struct vasmon_watch *watch, struct netlink_ext_ack *extack);
void vasmon_snapshot_free(struct vasmon_snapshot *snapshot);
const char *vasmon_snapshot_path(const struct file *file, char *buf);

#endif /* _VASMON_SNAPSHOT_H */
