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

/* Options without a letter of their own. */
enum {
	OPT_JSON = 256,
	OPT_COLOUR,
	OPT_DURATION,
	OPT_COUNT,
	OPT_RAW,
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
	int (*run)(const struct verb *verb, int argc, char **argv);
};

/* The options that have the same meaning wherever they occur. */
#define OPT_JSON_DECL	{ OPT_JSON, "json", NULL, "JSON Lines instead of text" }
#define OPT_COLOUR_DECL	{ OPT_COLOUR, "color", "WHEN", \
			  "colours: auto (only on a terminal), always, never" }

#define OPT_END		(-1)
#define OPT_ERROR	(-2)
#define OPT_HELP	'h'

struct opt_parser {
	const struct verb *verb;
	int argc;
	char **argv;
	struct option *longs;
	char *shorts;
};

int opt_begin(struct opt_parser *p, const struct verb *verb, int argc, char **argv);
int opt_next(struct opt_parser *p);
int opt_end(struct opt_parser *p);

bool opt_parse_pid(const struct verb *verb, const char *s, uint32_t *pid);
bool opt_parse_colour(const struct verb *verb, const char *s, enum out_colour *colour);
bool opt_parse_seconds(const struct verb *verb, const char *s, uint64_t *ns);
bool opt_parse_count(const struct verb *verb, const char *s, uint64_t *count);
int opt_usage(const struct verb *verb, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void opt_help(FILE *to, const struct verb *verb);

#endif
