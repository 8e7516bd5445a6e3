/* SPDX-License-Identifier: GPL-2.0-only */
/* From a recording to what a tracker finds in it. */
#ifndef VASMON_REPLAY_H
#define VASMON_REPLAY_H

#include "recreader.h"
#include "recfile.h"
#include "tracker.h"

/**
 * struct replay - a recording that is replayed
 * @arg: for the owner
 * @reader: the file
 * @tracker: its processes, as the recorder had them; its arg is the replay
 * @started: the first snapshot was there
 * @end: how the recorder ended; reason 0 as long as it does not say
 * @ev: the event that is looked at; kept for its arrays
 * @message: its bytes: what it points to must stay while a snapshot is read
 * @regions: for the parts of a snapshot
 * @files: those that its processes could execute, as far as that was recorded
 */
struct replay {
	void *arg;
	struct recreader reader;
	struct tracker tracker;
	bool started;
	struct rec_end end;
	struct event ev;
	struct buf message;
	struct regions regions;
	struct recfiles files;
};

int replay_open(struct replay *r, int fd, const struct tracker_ops *ops);
int replay_step(struct replay *r);
int replay_snapshot(struct tracker *t, uint32_t pid, struct mm *mm, struct space *space);
void replay_free(struct replay *r);

#endif
