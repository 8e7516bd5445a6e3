// SPDX-License-Identifier: GPL-2.0-only
/* The parsers of messages: the first four bytes choose one, the rest are attributes. */
#include "fuzz.h"
#include "parse.h"

/* Names point into the message, and end there. */
static void regions_hold(const struct regions *regions, const char *head, size_t len)
{
	size_t i;

	for (i = 0; i < regions->n; i++) {
		const struct region *r = &regions->v[i];

		FUZZ_HOLDS(r->start < r->end);
		if (*r->name)
			FUZZ_HOLDS(r->name > head && r->name + strlen(r->name) < head + len);
	}
}

static void fuzz_mm(const void *head, size_t len)
{
	struct regions regions = { 0 };
	struct mm mm = { 0 };
	unsigned int part;

	/* The messages of a dump are gathered in one. */
	for (part = 0; part < 2; part++)
		if (!parse_mm(head, (int)len, &mm, &regions))
			regions_hold(&regions, head, len);
	parse_regions_free(&regions);
	parse_mm_free(&mm);
}

static void fuzz_event(const void *head, size_t len)
{
	struct event ev = { 0 };
	unsigned int again;

	for (again = 0; again < 2; again++) {
		if (parse_event(head, (int)len, &ev))
			continue;
		regions_hold(&ev.old, head, len);
		regions_hold(&ev.fresh, head, len);
		FUZZ_HOLDS(!ev.has_window || ev.start < ev.end);
		FUZZ_HOLDS(ev.has_window || !ev.fresh.n);
		FUZZ_HOLDS(ev.n_chain <= VASMON_CALLCHAIN_MAX);
		FUZZ_HOLDS(strnlen(ev.comm, sizeof(ev.comm)) < sizeof(ev.comm));
		FUZZ_HOLDS(!ev.text || strlen(ev.text) < len);
	}
	parse_event_free(&ev);
}

static void fuzz_watch(const void *head, size_t len)
{
	struct watch_info info;
	size_t i;

	if (!parse_watch(head, (int)len, &info))
		for (i = 0; i < info.n_subscribers; i++)
			FUZZ_HOLDS(strnlen(info.subscribers[i].comm, VASMON_COMM_LEN) <
				   VASMON_COMM_LEN);
	parse_watch_free(&info);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct thread thread;
	uint32_t pid;
	size_t len;
	void *head;

	if (size < 4)
		return 0;
	len = size - 4;
	head = fuzz_copy(data + 4, len);
	switch (data[0] % 5) {
	case 0:
		fuzz_event(head, len);
		break;
	case 1:
		fuzz_mm(head, len);
		break;
	case 2:
		fuzz_watch(head, len);
		break;
	case 3:
		if (!parse_thread(head, (int)len, &thread))
			FUZZ_HOLDS(strnlen(thread.comm, VASMON_COMM_LEN) < VASMON_COMM_LEN);
		break;
	case 4:
		parse_process(head, (int)len, &pid);
		break;
	}
	free(head);
	return 0;
}
