/* SPDX-License-Identifier: GPL-2.0-only */
/* What the last column of /proc/PID/maps says about a region. */
#ifndef VASMON_LABEL_H
#define VASMON_LABEL_H

#include "model.h"

enum label_kind {
	LABEL_NONE,
	LABEL_FILE,
	LABEL_ANON_SHMEM,
	LABEL_SPECIAL,
	LABEL_HEAP,
	LABEL_STACK,
	LABEL_ANON,
};

/* The label is @before, @name and @after, one behind the other; none is NULL. */
struct label {
	enum label_kind kind;
	const char *before;
	const char *name;
	const char *after;
};

struct label label_of(const struct region *r, const struct layout *l);

#endif
