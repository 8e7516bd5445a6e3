// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends requests made of the grammar and of chance, while what they ask about
 * changes.
 *
 * fuzz --seed SEED --messages N   prints how often each command got what, as
 *                                 "COMMAND ERRNO TIMES", "COMMAND data TIMES"
 *
 * Message K of a seed is always the same, but for pids and watches.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "target.h"

#define PEERS	6

struct fuzz {
	uint64_t seed;
	uint64_t messages;
	uint64_t sent;
	uint64_t targets;
	struct peer peers[PEERS];
	struct message_world world;
	struct peer_answers answers;
};

static void fuzz_die(const struct fuzz *f, const char *what)
{
	fprintf(stderr, "seed %llu, message %llu: %s: %s\n", (unsigned long long)f->seed,
		(unsigned long long)f->sent, what, strerror(errno));
	exit(1);
}

static void fuzz_start_target(struct fuzz *f, unsigned int i)
{
	f->world.pids[i] = target_start(f->seed ^ ++f->targets << 32, TARGET_PAUSE_MS);
	if (f->world.pids[i] < 0)
		fuzz_die(f, "cannot start a process");
}

/* New processes for those that have ended. */
static void fuzz_reap(struct fuzz *f)
{
	unsigned int i;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (i = 0; i < MESSAGE_TARGETS; i++)
			if (f->world.pids[i] == pid)
				fuzz_start_target(f, i);
}

/* Several messages in a datagram, mostly one. */
static void fuzz_send(struct fuzz *f, struct random *r, struct peer *p)
{
	static unsigned char bytes[1 << 17];
	static struct message m;
	unsigned int n = random_once(r, 4) ? 2 + random_below(r, 7) : 1;
	size_t len = 0;

	while (n-- && f->sent < f->messages && len + sizeof(m.bytes) <= sizeof(bytes)) {
		struct random own = random_of(f->seed, ++f->sent);

		/* Events have the number 0. */
		message_make(&m, &own, &f->world, (uint32_t)f->sent);
		f->answers.asked[f->sent & 0xffff] = (uint8_t)m.command;
		memcpy(bytes + len, m.bytes, m.len);
		len += NLMSG_ALIGN(m.len);
	}
	/* ENOBUFS: the kernel had no memory for it; the answer's failure is the peer's. */
	if (peer_send(p, bytes, len) && errno != ENOBUFS && errno != EAGAIN)
		fuzz_die(f, "cannot send");
}

static void fuzz_step(struct fuzz *f, struct random *r)
{
	struct peer *p = &f->peers[random_below(r, PEERS)];

	fuzz_send(f, r, p);
	if (random_once(r, 48)) {
		/* Perhaps in the middle of a dump, or with events on their way. */
		peer_close(p);
		if (peer_open(p, r))
			fuzz_die(f, "cannot open a socket");
	} else if (!random_once(r, 4)) {
		if (peer_read(p, random_once(r, 8) ? 1 : 64, &f->world, &f->answers))
			fuzz_die(f, "what came is no message");
	}
	if (random_once(r, 64))
		kill(f->world.pids[random_below(r, MESSAGE_TARGETS)],
		     random_once(r, 16) ? SIGKILL : SIGCONT);
	if (random_once(r, 16))
		fuzz_reap(f);
}

static const char *fuzz_name(unsigned int command)
{
	return command < grammar_n_commands ? grammar_commands[command].name : "other";
}

static void fuzz_report(const struct fuzz *f)
{
	const struct peer_answers *a = &f->answers;
	unsigned int c, e;

	printf("sent messages %llu\n", (unsigned long long)f->sent);
	printf("sent events %llu\n", (unsigned long long)f->answers.events);
	printf("sent overruns %llu\n", (unsigned long long)f->answers.overruns);
	printf("sent targets %llu\n", (unsigned long long)f->targets);
	for (c = 0; c <= grammar_n_commands; c++) {
		if (a->data[c])
			printf("%s data %llu\n", fuzz_name(c), (unsigned long long)a->data[c]);
		for (e = 0; e < PEER_ERRNOS; e++)
			if (a->errors[c][e])
				printf("%s %s %llu\n", fuzz_name(c),
				       e ? strerrorname_np((int)e) : "0",
				       (unsigned long long)a->errors[c][e]);
	}
}

static void fuzz_run(struct fuzz *f)
{
	struct random r = random_of(f->seed, 0);
	unsigned int i;

	f->world.family = peer_family();
	if (!f->world.family)
		fuzz_die(f, "the family does not answer");
	for (i = 0; i < MESSAGE_TARGETS; i++)
		fuzz_start_target(f, i);
	for (i = 0; i < PEERS; i++)
		if (peer_open(&f->peers[i], &r))
			fuzz_die(f, "cannot open a socket");
	while (f->sent < f->messages)
		fuzz_step(f, &r);
	for (i = 0; i < PEERS; i++)
		peer_close(&f->peers[i]);
	for (i = 0; i < MESSAGE_TARGETS; i++)
		kill(f->world.pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	fuzz_report(f);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "messages", required_argument, NULL, 'n' },
		{ "target", required_argument, NULL, 't' },
		{ 0 },
	};
	static struct fuzz f;
	int key;

	while ((key = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (key) {
		case 's':
			f.seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			f.messages = strtoull(optarg, NULL, 0);
			break;
		case 't':
			target_run(optarg);
			break;
		default:
			return 2;
		}
	}
	fuzz_run(&f);
	return 0;
}
