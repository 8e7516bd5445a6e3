/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between two maps, as text and as JSON. */
#ifndef VASMON_DIFFERENCE_H
#define VASMON_DIFFERENCE_H

#include "out.h"

/* A map, and where it is from as the user has said it. */
struct difference_side {
	const char *source;
	const struct mm *mm;
	const struct space *space;
};

int difference_put(struct out *out, const struct difference_side *from,
		   const struct difference_side *to);

#endif
