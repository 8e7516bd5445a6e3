/* SPDX-License-Identifier: GPL-2.0-only */
/* The file that record writes and replay reads: see RECORDING.md. */
#ifndef VASMON_RECORDING_H
#define VASMON_RECORDING_H

#include <stdint.h>

/* No text begins so, and what changes line ends or the eighth bit spoils it. */
#define REC_MAGIC	"\x89VMREC\r\n"
#define REC_MAGIC_LEN	8
#define REC_VERSION	1
#define REC_ORDER	0x01020304u

/* Bits of rec_header.flags. */
#define REC_HEAP_INCLUSIVE	(1u << 0)
#define REC_FOLLOW		(1u << 1)
#define REC_LOSSLESS		(1u << 2)
#define REC_FROM_EXEC		(1u << 3)

/**
 * struct rec_header - the beginning of the file
 * @magic: REC_MAGIC
 * @order: REC_ORDER in the byte order of everything in the file
 * @version: REC_VERSION
 * @size: bytes of this header; a later version may append to it
 * @page_size: of the machine
 * @flags: REC_*
 * @pid: process that was to be recorded
 * @watch_id: number of the watch
 * @boottime: CLOCK_BOOTTIME of the beginning, in ns
 * @realtime: CLOCK_REALTIME at the same moment, in ns
 * @machine: architecture as uname has it
 * @release: kernel as uname has it
 * @pad: 0
 * @crc: CRC-32 of all that is before it
 */
struct rec_header {
	char magic[REC_MAGIC_LEN];
	uint32_t order;
	uint32_t version;
	uint32_t size;
	uint32_t page_size;
	uint32_t flags;
	uint32_t pid;
	uint32_t watch_id;
	uint32_t pad;
	uint64_t boottime;
	uint64_t realtime;
	char machine[16];
	char release[76];
	uint32_t crc;
};

_Static_assert(sizeof(struct rec_header) == 152, "the header has holes");

/**
 * enum rec_type - what a frame is
 * @REC_EVENT: attributes of an event, as the kernel sent them
 * @REC_SNAPSHOT: struct rec_snapshot: a snapshot begins, or there is none
 * @REC_PART: attributes of one message of the snapshot, as the kernel sent them
 * @REC_SNAPSHOT_END: struct rec_snapshot_end: it is complete
 * @REC_LOSSY: nothing: the socket's buffer was full, events may be missing here
 * @REC_END: struct rec_end: the recorder ended
 * @REC_FILE: struct rec_file: which file it is that code can be executed of
 */
enum rec_type {
	REC_EVENT = 1,
	REC_SNAPSHOT,
	REC_PART,
	REC_SNAPSHOT_END,
	REC_LOSSY,
	REC_END,
	REC_FILE,
};

/**
 * struct rec_frame - what each frame begins with
 * @type: enum rec_type
 * @len: bytes that follow, less the filling up to a multiple of 8
 * @crc: CRC-32 of @type, @len and the bytes, less the filling
 * @pad: 0
 */
struct rec_frame {
	uint32_t type;
	uint32_t len;
	uint32_t crc;
	uint32_t pad;
};

/* No datagram is larger, so no frame has to be. */
#define REC_FRAME_MAX	(1024u * 1024)
#define REC_ALIGN(len)	(((len) + 7u) & ~7u)

/**
 * struct rec_snapshot - a snapshot begins
 * @pid: the process
 * @error: 0, or the errno that says why there is none; no part follows then
 */
struct rec_snapshot {
	uint32_t pid;
	int32_t error;
};

/**
 * struct rec_snapshot_end - a snapshot is complete
 * @parts: number of parts
 * @pad: 0
 */
struct rec_snapshot_end {
	uint32_t parts;
	uint32_t pad;
};

/**
 * struct rec_file - a file of which code can be executed, by those who want call chains
 * @inode: as the regions that map it have it
 * @dev_major: as these have it
 * @dev_minor: as these have it
 * @size: bytes; 0 where it could not be read
 * @mtime: when it was written last, in ns
 * @id_len: bytes of @id; 0 where it has none
 * @pad: 0
 * @id: its build id
 *
 * Its name follows, as the regions have it, with a zero at its end.
 */
struct rec_file {
	uint64_t inode;
	uint32_t dev_major;
	uint32_t dev_minor;
	uint64_t size;
	int64_t mtime;
	uint32_t id_len;
	uint32_t pad;
	uint8_t id[64];
};

/**
 * enum rec_reason - why a recording ends
 * @REC_REASON_ENDED: the processes have ended
 * @REC_REASON_STOPPED: the user or a limit ended it
 * @REC_REASON_UNLOADED: the module was unloaded
 * @REC_REASON_FAILED: an error
 */
enum rec_reason {
	REC_REASON_ENDED = 1,
	REC_REASON_STOPPED,
	REC_REASON_UNLOADED,
	REC_REASON_FAILED,
};

/**
 * struct rec_end - the recorder ended
 * @reason: enum rec_reason
 * @pad: 0
 * @events: number of REC_EVENT frames
 * @missed: events that were lost
 * @boottime: CLOCK_BOOTTIME in ns
 */
struct rec_end {
	uint32_t reason;
	uint32_t pad;
	uint64_t events;
	uint64_t missed;
	uint64_t boottime;
};

#endif
