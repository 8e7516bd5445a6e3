/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that is loaded as a whole, as libraries are, segment by segment. Pure. */
#ifndef VASMON_IMAGE_H
#define VASMON_IMAGE_H

#include "what.h"

/**
 * struct image - a file of which all segments are mapped
 * @file: its path
 * @segments: how many segments it has
 * @regions: how many regions these are
 */
struct image {
	const char *file;
	size_t segments;
	size_t regions;
};

bool image_completed(struct image *image, const struct scene *before, const struct scene *after);

#endif
