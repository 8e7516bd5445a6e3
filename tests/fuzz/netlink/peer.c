// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/vasmon.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"

static void peer_option(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value))) {
		perror("setsockopt");
		exit(1);
	}
}

/* A socket with options by chance. Return: 0, or -1 with errno. */
int peer_open(struct peer *p, struct random *r)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };

	p->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_GENERIC);
	if (p->fd < 0 || bind(p->fd, (struct sockaddr *)&self, sizeof(self)))
		return -1;
	peer_option(p->fd, SOL_NETLINK, NETLINK_EXT_ACK, (int)random_below(r, 2));
	peer_option(p->fd, SOL_NETLINK, NETLINK_CAP_ACK, (int)random_below(r, 2));
	peer_option(p->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, (int)random_below(r, 2));
	peer_option(p->fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, random_once(r, 8));
	if (random_once(r, 4))
		peer_option(p->fd, SOL_SOCKET, SO_RCVBUF, (int)random_below(r, 65536));
	return 0;
}

void peer_close(struct peer *p)
{
	close(p->fd);
	p->fd = -1;
}

/* Return: number of the family, 0 if there is none. */
uint16_t peer_family(void)
{
	struct {
		struct nlmsghdr nl;
		struct genlmsghdr genl;
		struct nlattr attr;
		char name[GENL_NAMSIZ];
	} ask = {
		.nl = {
			.nlmsg_len = sizeof(ask), .nlmsg_type = GENL_ID_CTRL,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 2 },
		.attr = { .nla_len = NLA_HDRLEN + GENL_NAMSIZ, .nla_type = CTRL_ATTR_FAMILY_NAME },
	};
	unsigned char answer[8192];
	const struct nlattr *attr;
	ssize_t n = -1, at;
	uint16_t family = 0;
	int fd;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	strncpy(ask.name, grammar_family, sizeof(ask.name) - 1);
	/* The name's attribute ends where the name does. */
	ask.attr.nla_len = (uint16_t)(NLA_HDRLEN + strlen(ask.name) + 1);
	ask.nl.nlmsg_len = (uint32_t)(offsetof(typeof(ask), attr) + NLA_ALIGN(ask.attr.nla_len));
	if (fd >= 0 && send(fd, &ask, ask.nl.nlmsg_len, 0) > 0)
		n = recv(fd, answer, sizeof(answer), 0);
	for (at = NLMSG_HDRLEN + GENL_HDRLEN; at + NLA_HDRLEN <= n;
	     at += NLA_ALIGN(attr->nla_len)) {
		attr = (const void *)(answer + at);
		if (attr->nla_len < NLA_HDRLEN ||
		    ((const struct nlmsghdr *)answer)->nlmsg_type != GENL_ID_CTRL)
			break;
		if (attr->nla_type == CTRL_ATTR_FAMILY_ID)
			memcpy(&family, answer + at + NLA_HDRLEN, sizeof(family));
	}
	close(fd);
	return family;
}

/* Return: 0, or -1 with errno. */
int peer_send(struct peer *p, const void *bytes, size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (sendto(p->fd, bytes, len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -1;
	return 0;
}

static void peer_learn(const struct nlmsghdr *nl, struct message_world *world)
{
	const struct genlmsghdr *genl = (const void *)((const char *)nl + NLMSG_HDRLEN);
	size_t at = NLMSG_HDRLEN + GENL_HDRLEN;

	if (genl->cmd != VASMON_CMD_WATCH)
		return;
	while (at + NLA_HDRLEN <= nl->nlmsg_len) {
		const struct nlattr *attr = (const void *)((const char *)nl + at);

		if (attr->nla_len < NLA_HDRLEN)
			return;
		if (attr->nla_type == VASMON_A_WATCH_ID)
			memcpy(&world->watch, attr + 1, sizeof(world->watch));
		at += NLA_ALIGN(attr->nla_len);
	}
}

static void peer_message(const struct nlmsghdr *nl, struct message_world *world,
			 struct peer_answers *answers)
{
	unsigned int command = answers->asked[nl->nlmsg_seq & 0xffff];
	int error;

	switch (nl->nlmsg_type) {
	case NLMSG_ERROR:
	case NLMSG_DONE:
		memcpy(&error, (const char *)nl + NLMSG_HDRLEN, sizeof(error));
		/* A dump's end may carry what it has dumped. */
		if (error > 0)
			error = 0;
		answers->errors[command][-error & (PEER_ERRNOS - 1)]++;
		break;
	default:
		if (nl->nlmsg_type != world->family)
			break;
		if (!nl->nlmsg_seq) {
			answers->events++;
			break;
		}
		answers->data[command]++;
		peer_learn(nl, world);
	}
}

/**
 * peer_read - take what has come
 * @p: the socket
 * @datagrams: how many at most
 * @world: learns of watches
 * @answers: what came is added
 *
 * Return: 0, or -1 if what came is not what netlink messages are.
 */
int peer_read(struct peer *p, unsigned int datagrams, struct message_world *world,
	      struct peer_answers *answers)
{
	static unsigned char bytes[1 << 17] __attribute__((aligned(NLMSG_ALIGNTO)));

	while (datagrams--) {
		ssize_t n = recv(p->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC), at = 0;

		if (n < 0 && errno == ENOBUFS) {
			answers->overruns++;
			continue;
		}
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		if ((size_t)n > sizeof(bytes))
			return -1;
		while (at < n) {
			const struct nlmsghdr *nl = (const void *)(bytes + at);

			if (n - at < (ssize_t)sizeof(*nl) || nl->nlmsg_len < sizeof(*nl) + 4 ||
			    nl->nlmsg_len > (size_t)(n - at)) {
				errno = EBADMSG;
				return -1;
			}
			peer_message(nl, world, answers);
			at += NLMSG_ALIGN(nl->nlmsg_len);
		}
	}
	return 0;
}
