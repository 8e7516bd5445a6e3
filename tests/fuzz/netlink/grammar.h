/* SPDX-License-Identifier: GPL-2.0-only */
/* What include/spec/vasmon.yaml says of requests; grammar.py renders the tables. */
#ifndef FUZZ_GRAMMAR_H
#define FUZZ_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum grammar_kind {
	GRAMMAR_PAD,
	GRAMMAR_FLAG,
	GRAMMAR_U32,
	GRAMMAR_S32,
	GRAMMAR_U64,
	GRAMMAR_STRING,
	GRAMMAR_BINARY,
	GRAMMAR_NEST,
};

/* What a number stands for, where chance alone would never find a good one. */
enum grammar_role {
	GRAMMAR_PLAIN,
	GRAMMAR_PID,
	GRAMMAR_WATCH,
	GRAMMAR_RING,
};

/**
 * struct grammar_attr - an attribute
 * @min: least value
 * @max: largest value, or length
 * @nested: number of the set of what is nested in it
 */
struct grammar_attr {
	uint16_t type;
	enum grammar_kind kind;
	enum grammar_role role;
	uint32_t min;
	uint32_t max;
	unsigned int nested;
};

struct grammar_set {
	const struct grammar_attr *attrs;
	unsigned int n;
};

/**
 * struct grammar_command - a command
 * @dump: it is asked for with NLM_F_DUMP
 * @event: it is no request at all
 * @set: number of its set
 * @takes: the attributes of the set that a request may have
 */
struct grammar_command {
	const char *name;
	uint8_t number;
	bool dump;
	bool event;
	unsigned int set;
	const struct grammar_attr *const *takes;
	unsigned int n_takes;
};

extern const char grammar_family[];
extern const uint8_t grammar_version;
extern const struct grammar_set grammar_sets[];
extern const unsigned int grammar_n_sets;
extern const struct grammar_command grammar_commands[];
extern const unsigned int grammar_n_commands;

#endif
