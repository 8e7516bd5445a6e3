/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verbs and their options, declared once: getopt's tables and --help are both
 * made from them.
 */
#ifndef VASMON_OPT_H
#define VASMON_OPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "out.h"

enum {
	EXIT_DONE = 0,
	EXIT_ERROR = 1,
	EXIT_USAGE = 2,
	EXIT_NO_PROCESS = 42,
};

/* Its value is an argument like those that are no options. */
#define OPT_PROCESS	'p'

/* Options without a letter of their own. */
enum {
	OPT_JSON = 256,
	OPT_COLOUR,
	OPT_DURATION,
	OPT_COUNT,
	OPT_RAW,
	OPT_LOSSLESS,
	OPT_RING_SIZE,
	OPT_MAPS,
	OPT_MAPS_AT,
	OPT_PID,
	OPT_GAPS,
	OPT_SUMMARY,
	OPT_MIN_SIZE,
	OPT_RANGE,
	OPT_TID,
	OPT_PATH,
	OPT_INTERVAL,
	OPT_LEAKS,
	OPT_NO_DEMANGLE,
};

/**
 * struct opt - one option of a verb
 * @key: its letter, or a number above 255 where it has none
 * @name: its long name
 * @arg: name of its argument for --help, NULL where it takes none
 * @help: one line
 */
struct opt {
	int key;
	const char *name;
	const char *arg;
	const char *help;
};

/**
 * struct verb - one verb
 * @name: as it is typed
 * @args: its arguments for --help
 * @summary: one line for the list of verbs
 * @opts: its options, ended by an empty one; -h and --help are every verb's
 * @details: further text of --help, with units and exit status
 * @examples: lines of --help
 * @command: its arguments are a command, whose options are not for us
 * @run: does it; the arguments are those behind the verb
 *
 * Return of @run: the exit status.
 */
struct verb {
	const char *name;
	const char *args;
	const char *summary;
	const struct opt *opts;
	const char *details;
	const char *examples;
	bool command;
	int (*run)(const struct verb *verb, int argc, char **argv);
};

/* The options that have the same meaning wherever they occur. */
#define OPT_JSON_DECL	{ OPT_JSON, "json", NULL, "JSON Lines instead of text" }
#define OPT_VERBOSE_DECL { 'v', "verbose", NULL, \
			  "below each change, the regions before and after" }
#define OPT_COLOUR_DECL	{ OPT_COLOUR, "color", "WHEN", \
			  "colours: auto (only on a terminal), always, never" }
#define OPT_OUTPUT_DECL	{ 'o', "output", "FILE", "write into FILE" }
#define OPT_QUIET_DECL	{ 'q', "quiet", NULL, "do not print the map first" }
#define OPT_TIME_DECL	{ 't', "time", NULL, \
			  "time of day; -tt with microseconds, -ttt seconds since 1970" }
#define OPT_RELATIVE_DECL { 'r', "relative", NULL, "time since the line before" }
/* Those of filter.h. */
#define OPT_FILTERS_DECL \
	{ 'e', "filter", "EXPR", "only changes of these kinds, causes or regions" }, \
	{ OPT_MIN_SIZE, "min-size", "BYTES", "only changes of that size or larger: 64K, 1M" }, \
	{ OPT_RANGE, "range", "A-B", "only changes of addresses from A to B (hex)" }, \
	{ OPT_TID, "tid", "TID", "only changes by that thread, or these: 1,2" }, \
	{ OPT_PATH, "path", "GLOB", "only changes of files with such a name" }
#define OPT_CALLCHAIN_DECL { 'k', "callchain", NULL, \
			  "by which calls each change came about" }
#define OPT_NO_DEMANGLE_DECL { OPT_NO_DEMANGLE, "no-demangle", NULL, \
			       "names of functions as files have them" }
#define OPT_PROCESS_DECL { OPT_PROCESS, "pid", "PID", \
			  "the process, as for strace and perf; or just PID" }
#define OPT_FOLLOW_DECL	{ 'f', "follow", NULL, "the processes that it forks as well, and theirs" }
#define OPT_DURATION_DECL { OPT_DURATION, "duration", "SECONDS", \
			  "end after that time, 0.5 for example" }
#define OPT_COUNT_DECL	{ OPT_COUNT, "count", "N", "end after N events" }
#define OPT_LOSSLESS_DECL { OPT_LOSSLESS, "lossless", NULL, \
			  "make the process wait rather than miss an event" }
#define OPT_RING_SIZE_DECL { OPT_RING_SIZE, "ring-size", "BYTES", \
			  "room for events on their way: 65536 to 64M" }

/* What --help says about them. */
#define OPT_HOW_HELP \
	"With -f children are followed, too; a line that shows an event begins with its\n" \
	"process then. A child is there from its first instruction on, with a copy of its\n" \
	"parent's map; a child of vfork, which shares the map of its parent, once it starts\n" \
	"a program. It ends with the last of them.\n" \
	"\n" \
	"--ring-size is in bytes, or in units of 1024 with K, of 1048576 with M, and is\n" \
	"rounded up to a power of two; the first who watches a process chooses it. It is\n" \
	"4M, unless the module was told otherwise. With --lossless the threads of the\n" \
	"process are held up, when they return from the kernel, while more than half of the\n" \
	"ring is full; but not for a client that is stopped (Ctrl-Z), which may miss events.\n"
#define OPT_CALLCHAIN_HELP \
	"-k shows below each change by which functions it came about, innermost first, and\n"\
	"whose idea it was: the program's, or that of libc (malloc) or the loader. An event\n" \
	"brings the innermost part of the stack; .eh_frame, which nearly all code has, leads\n" \
	"through that, and frame pointers (-fno-omit-frame-pointer) lead on behind it. Where\n" \
	"callers are missing '...' says so, and once a note why. It costs the process, but\n" \
	"not for what the kinds and causes of -e, or --tid, rule out. A recording has to be\n" \
	"made with -k, too; replay names functions of files that are still there, and the same.\n"

#define OPT_FILTER_HELP \
	"-e takes KIND[,KIND]..., or cause=CAUSE[,CAUSE]..., or region=WHAT[,WHAT]...; with !\n" \
	"before the list what is not to be shown. KIND is map, unmap, move, grow, shrink,\n" \
	"replace, protect, flags, name, split, merge, brk, stack, exec, fork, mark or exit;\n" \
	"CAUSE is a system call, or fault, exec, fork, remote or kernel; WHAT is what maps\n" \
	"--json has as .what.is: heap, stack, library, and so on. A change has to meet all\n" \
	"that is asked for. Marks and the exit are shown all the same: -e '!mark,exit'.\n"

/**
 * enum opt_taken - what became of an option
 * @OPT_FOREIGN: it is for somebody else
 * @OPT_TAKEN: it was taken
 * @OPT_WRONG: what is wrong with it was told
 */
enum opt_taken {
	OPT_FOREIGN,
	OPT_TAKEN,
	OPT_WRONG,
};

typedef enum opt_taken (*opt_take_fn)(void *arg, int key, const char *value);

/* From opt_read(): the verb goes on. */
#define OPT_GO	(-1)

int opt_read(const struct verb *verb, int argc, char **argv, opt_take_fn take, void *arg,
	     int *first);
bool opt_is_command(char **argv, int first);

bool opt_parse_pid(const struct verb *verb, const char *s, uint32_t *pid);
bool opt_parse_colour(const struct verb *verb, const char *s, enum out_colour *colour);
bool opt_parse_seconds(const struct verb *verb, const char *s, uint64_t *ns);
bool opt_parse_ring_size(const struct verb *verb, const char *s, uint32_t *bytes);
bool opt_parse_seq(const struct verb *verb, const char *s, uint64_t *seq);
bool opt_parse_address(const struct verb *verb, const char *s, uint64_t *address);
bool opt_parse_size(const struct verb *verb, const char *s, uint64_t *bytes);
bool opt_parse_range(const struct verb *verb, const char *s, uint64_t *start, uint64_t *end);
bool opt_parse_count(const struct verb *verb, const char *s, uint64_t *count);
int opt_usage(const struct verb *verb, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void opt_help(FILE *to, const struct verb *verb);

#endif
