// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nl_call.h"
#include "utf8.h"

/*
 * libnl builds and parses the messages here. Receiving is done without it: it
 * copies each message once more, and turns ENOBUFS, which means that something
 * was lost, into -NLE_NOMEM.
 */
#define NL_RX_SIZE	(1024 * 1024)

/* The kernel's default holds about 250 small messages. */
#define NL_EVENTS_BUFFER	(8 * 1024 * 1024)

/* An answer is there when sendmsg() returns; this is for when it was lost. */
#define NL_ANSWER_MS	10000

struct vnl_backlog {
	struct vnl_backlog *next;
	int len;
	struct nlattr attrs[];
};

static int vnl_errno(int nle)
{
	switch (-nle) {
	case 0:
		return 0;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_PROTO_MISMATCH:
	case NLE_AF_NOSUPPORT:
		return -EPROTONOSUPPORT;
	default:
		return -EIO;
	}
}

static int vnl_socket(struct nl_sock **to)
{
	struct nl_sock *sk = nl_socket_alloc();
	int one = 1, err;

	if (!sk)
		return -ENOMEM;
	err = vnl_errno(genl_connect(sk));
	/* Without it the kernel says that something is wrong, but not what. */
	if (!err && setsockopt(nl_socket_get_fd(sk), SOL_NETLINK, NETLINK_EXT_ACK, &one,
			       sizeof(one)))
		err = -errno;
	if (err) {
		nl_socket_free(sk);
		return err;
	}
	*to = sk;
	return 0;
}

/* The kernel's words stand in attributes behind the error. */
static void vnl_take_words(struct vnl *nl, const struct nlmsghdr *h, size_t skip)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	size_t len = h->nlmsg_len - NLMSG_HDRLEN;
	struct buf safe = { 0 };

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || skip > len)
		return;
	if (nla_parse(tb, NLMSGERR_ATTR_MAX,
		      (struct nlattr *)((char *)h + NLMSG_HDRLEN + skip), (int)(len - skip),
		      NULL) < 0 || !tb[NLMSGERR_ATTR_MSG] || nla_len(tb[NLMSGERR_ATTR_MSG]) < 1)
		return;
	nla_strlcpy(nl->words, tb[NLMSGERR_ATTR_MSG], sizeof(nl->words));
	utf8_put_safe(&safe, nl->words);
	snprintf(nl->words, sizeof(nl->words), "%s", buf_str(&safe));
	buf_free(&safe);
}

static void vnl_take_error(struct vnl *nl, struct vnl_call *call, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = (const void *)((const char *)h + NLMSG_HDRLEN);
	size_t skip = sizeof(*e);

	call->done = true;
	if (h->nlmsg_len < NLMSG_HDRLEN + sizeof(*e)) {
		call->err = -EBADMSG;
		return;
	}
	if (!call->err)
		call->err = e->error;
	/* Unless it is capped, the request as a whole stands in between. */
	if (!(h->nlmsg_flags & NLM_F_CAPPED) && e->msg.nlmsg_len > NLMSG_HDRLEN)
		skip += NLMSG_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
	if (e->error)
		vnl_take_words(nl, h, skip);
}

static void vnl_take_done(struct vnl *nl, struct vnl_call *call, const struct nlmsghdr *h)
{
	int err = 0;

	call->done = true;
	/* A dump that fails half way tells so here. */
	if (h->nlmsg_len >= NLMSG_HDRLEN + sizeof(err))
		memcpy(&err, (const char *)h + NLMSG_HDRLEN, sizeof(err));
	if (err < 0) {
		vnl_take_words(nl, h, sizeof(err));
		if (!call->err)
			call->err = err;
	}
}

static bool vnl_payload(const struct nlmsghdr *h, const struct nlattr **head, int *len,
			uint8_t *cmd)
{
	const struct genlmsghdr *g = (const void *)((const char *)h + NLMSG_HDRLEN);

	if (h->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return false;
	*cmd = g->cmd;
	*head = (const void *)((const char *)g + GENL_HDRLEN);
	*len = (int)(h->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN);
	return true;
}

static int vnl_keep(struct vnl *nl, const struct nlattr *head, int len)
{
	struct vnl_backlog *b = malloc(sizeof(*b) + (size_t)len);

	if (!b)
		return -ENOMEM;
	b->next = NULL;
	b->len = len;
	memcpy(b->attrs, head, (size_t)len);
	*nl->backlog_end = b;
	nl->backlog_end = &b->next;
	return 0;
}

static int vnl_dispatch(struct vnl *nl, struct vnl_call *call, vnl_event_fn fn, void *arg,
			const void *rx, int len)
{
	const struct nlmsghdr *h = rx;
	const struct nlattr *head;
	int attrs, err;
	uint8_t cmd;

	for (; nlmsg_ok(h, len); h = nlmsg_next((struct nlmsghdr *)h, &len)) {
		bool ours = call && h->nlmsg_seq == call->seq;

		if (ours && (h->nlmsg_flags & NLM_F_DUMP_INTR))
			call->torn = true;
		if (h->nlmsg_type == NLMSG_ERROR) {
			if (ours)
				vnl_take_error(nl, call, h);
			continue;
		}
		if (h->nlmsg_type == NLMSG_DONE) {
			if (ours)
				vnl_take_done(nl, call, h);
			continue;
		}
		if (h->nlmsg_type < NLMSG_MIN_TYPE || !vnl_payload(h, &head, &attrs, &cmd))
			continue;
		if (h->nlmsg_type == nl->family && nl->family && cmd == VASMON_CMD_EVENT) {
			err = fn ? fn(arg, head, attrs) : vnl_keep(nl, head, attrs);
			if (err)
				return err;
			continue;
		}
		/* After an error the rest of an answer is only read away. */
		if (ours && !call->err && call->fn)
			call->err = call->fn(call->arg, head, attrs);
	}
	return 0;
}

/*
 * Receive one datagram and hand out what is in it: to @call what answers it,
 * events to @fn, or to the backlog without one.
 *
 * Return: 1 if there was one, 0 if none is there, or an error. -ENOBUFS: the
 * buffer was full and something was lost.
 */
static int vnl_receive(struct vnl *nl, struct nl_sock *sk, struct vnl_call *call, vnl_event_fn fn,
		       void *arg)
{
	struct sockaddr_nl from = { 0 };
	void *rx = sk == nl->events ? nl->events_rx : nl->rx;
	struct iovec iov = { .iov_base = rx, .iov_len = NL_RX_SIZE };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
	};
	ssize_t n;
	int err;

	do
		n = recvmsg(nl_socket_get_fd(sk), &msg, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	/* Other programs can send to our port; only the kernel is believed. */
	if (msg.msg_namelen != sizeof(from) || from.nl_pid)
		return 1;
	err = vnl_dispatch(nl, call, fn, arg, rx, (int)n);
	return err ? err : 1;
}

static int vnl_wait(struct nl_sock *sk)
{
	struct pollfd p = { .fd = nl_socket_get_fd(sk), .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, NL_ANSWER_MS);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n ? 0 : -ETIMEDOUT;
}

/* Send @msg, which is used up, and see to it that the answer is read as a whole. */
static int vnl_exchange(struct vnl *nl, struct nl_sock *sk, struct nl_msg *msg,
			struct vnl_call *call)
{
	int err;

	nl->words[0] = '\0';
	if (!msg)
		return -ENOMEM;
	err = nl_send_auto(sk, msg);
	call->seq = nlmsg_hdr(msg)->nlmsg_seq;
	nlmsg_free(msg);
	if (err < 0)
		return vnl_errno(err);

	while (!call->done) {
		err = vnl_receive(nl, sk, call, NULL, NULL);
		if (!err)
			err = vnl_wait(sk);
		if (err < 0)
			return err;
	}
	return call->err;
}

/* A new message, or NULL. */
struct nl_msg *vnl_request(uint16_t family, int flags, uint8_t cmd, uint8_t version)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags, cmd, version)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* Has the family gone since it was found? Its number is not soon another one's. */
static bool vnl_gone(struct vnl *nl)
{
	struct nl_msg *msg = vnl_request(GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, 1);
	struct vnl_call call = { 0 };

	if (msg && nla_put_u16(msg, CTRL_ATTR_FAMILY_ID, nl->family)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return vnl_exchange(nl, nl->requests, msg, &call) == -ENOENT;
}

/*
 * Make a request, @msg, which is used up. -EPROTONOSUPPORT is the kernel's alone, for a module
 * that goes; -ENOENT is the module's as well, and before Linux 6.7 a dump's comes without words.
 *
 * Return: 0 or an error, see @nl->words; -ENODEV: the module was unloaded.
 */
int vnl_call(struct vnl *nl, struct nl_sock *sk, struct nl_msg *msg, struct vnl_call *call)
{
	int err = vnl_exchange(nl, sk, msg, call);

	if (!nl->family || *nl->words)
		return err;
	if (err == -EPROTONOSUPPORT || (err == -ENOENT && vnl_gone(nl)))
		return -ENODEV;
	return err;
}

static int vnl_on_family(void *arg, const struct nlattr *head, int len)
{
	struct nlattr *tb[CTRL_ATTR_MAX + 1];
	struct vnl *nl = arg;

	if (nla_parse(tb, CTRL_ATTR_MAX, (struct nlattr *)head, len, NULL) < 0 ||
	    !tb[CTRL_ATTR_FAMILY_ID] || nla_len(tb[CTRL_ATTR_FAMILY_ID]) < 2 ||
	    !tb[CTRL_ATTR_VERSION] || nla_len(tb[CTRL_ATTR_VERSION]) < 4)
		return -EBADMSG;
	nl->family = nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	nl->version = nla_get_u32(tb[CTRL_ATTR_VERSION]);
	return 0;
}

/**
 * vnl_open - connect for requests
 * @nl: the connection; close it with vnl_close(), also after an error
 *
 * Return: 0; -ENOENT if the module is not loaded; -EPROTO if it speaks another
 * version, then @nl->version has it; another error.
 */
int vnl_open(struct vnl *nl)
{
	struct vnl_call call = { .fn = vnl_on_family, .arg = nl };
	struct nl_msg *msg;
	int err;

	*nl = (struct vnl){ 0 };
	nl->backlog_end = &nl->backlog;
	nl->rx = malloc(NL_RX_SIZE);
	if (!nl->rx)
		return -ENOMEM;
	err = vnl_socket(&nl->requests);
	if (err)
		return err;

	msg = vnl_request(GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, 1);
	if (msg && nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, VASMON_FAMILY_NAME)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	err = vnl_call(nl, nl->requests, msg, &call);
	if (!err && !nl->family)
		err = -ENOENT;
	if (!err && nl->version != VASMON_FAMILY_VERSION)
		err = -EPROTO;
	return err;
}

/**
 * vnl_open_events - connect for events, and for news of the module
 * @nl: an open connection
 *
 * Return: 0 or an error.
 */
int vnl_open_events(struct vnl *nl)
{
	int size = NL_EVENTS_BUFFER, group, err, fd;

	nl->events_rx = malloc(NL_RX_SIZE);
	if (!nl->events_rx)
		return -ENOMEM;
	err = vnl_socket(&nl->news);
	if (err)
		return err;
	group = genl_ctrl_resolve_grp(nl->news, "nlctrl", "notify");
	err = group < 0 ? group : nl_socket_add_membership(nl->news, group);
	if (err < 0)
		return vnl_errno(err);

	err = vnl_socket(&nl->events);
	if (err)
		return err;
	fd = nl_socket_get_fd(nl->events);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)))
		return -errno;
	return 0;
}

void vnl_close(struct vnl *nl)
{
	struct vnl_backlog *b;

	while ((b = nl->backlog)) {
		nl->backlog = b->next;
		free(b);
	}
	nl_socket_free(nl->requests);
	nl_socket_free(nl->events);
	nl_socket_free(nl->news);
	free(nl->rx);
	free(nl->events_rx);
	*nl = (struct vnl){ 0 };
}

/**
 * vnl_read_events - hand out the events of one datagram, or one that was kept
 * @nl: the connection
 * @fn: called for each event with its attributes
 * @arg: for @fn
 *
 * Return: 1 if there was something, 0 if there is nothing, or an error; -ENOBUFS:
 * something was lost.
 */
int vnl_read_events(struct vnl *nl, vnl_event_fn fn, void *arg)
{
	struct vnl_backlog *b = nl->backlog;
	int err;

	if (!b)
		return vnl_receive(nl, nl->events, NULL, fn, arg);
	nl->backlog = b->next;
	if (!b->next)
		nl->backlog_end = &nl->backlog;
	err = fn(arg, b->attrs, b->len);
	free(b);
	return err ? err : 1;
}

/**
 * vnl_family_gone - read the news: was the module unloaded?
 * @nl: the connection
 *
 * Return: 1 if so, 0 if not, or an error.
 */
int vnl_family_gone(struct vnl *nl)
{
	struct nlattr *tb[CTRL_ATTR_MAX + 1];
	const struct nlattr *head;
	const struct nlmsghdr *h;
	bool gone = false;
	uint8_t cmd;
	int len, attrs;
	ssize_t n;

	for (;;) {
		n = recv(nl_socket_get_fd(nl->news), nl->rx, NL_RX_SIZE, MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == ENOBUFS))
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ? gone : -errno;
		len = (int)n;
		for (h = (void *)nl->rx; nlmsg_ok(h, len);
		     h = nlmsg_next((struct nlmsghdr *)h, &len)) {
			if (h->nlmsg_type != GENL_ID_CTRL ||
			    !vnl_payload(h, &head, &attrs, &cmd) || cmd != CTRL_CMD_DELFAMILY ||
			    nla_parse(tb, CTRL_ATTR_MAX, (struct nlattr *)head, attrs, NULL) < 0)
				continue;
			if (tb[CTRL_ATTR_FAMILY_ID] && nla_len(tb[CTRL_ATTR_FAMILY_ID]) >= 2 &&
			    nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]) == nl->family)
				gone = true;
		}
	}
}
