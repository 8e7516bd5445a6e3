// SPDX-License-Identifier: GPL-2.0-only
#include <linux/genetlink.h>
#include <string.h>
#include <unistd.h>

#include "message.h"

#define LARGE		30000
/* Room for what is put behind the largest attribute. */
#define FULL		(sizeof(((struct message *)0)->bytes) - 2 * LARGE - 1024)

static void message_add(struct message *m, const void *bytes, size_t len)
{
	memcpy(m->bytes + m->len, bytes, len);
	memset(m->bytes + m->len + len, 0, NLA_ALIGN(len) - len);
	m->len += NLA_ALIGN(len);
}

static uint32_t message_pid(struct random *r, const struct message_world *world)
{
	const uint32_t odd[] = {
		0, 1, 2, (uint32_t)getpid(), (uint32_t)getppid(), 0x7fffffff, ~0u,
	};

	if (!random_once(r, 8))
		return (uint32_t)world->pids[random_below(r, MESSAGE_TARGETS)];
	if (random_once(r, 4))
		return random_below(r, 32768);
	return odd[random_below(r, sizeof(odd) / sizeof(odd[0]))];
}

static uint32_t message_number(struct random *r, const struct grammar_attr *attr)
{
	switch (random_below(r, 6)) {
	case 0:
		return attr->min;
	case 1:
		return attr->max;
	case 2:
		return attr->min - 1;
	case 3:
		return attr->max + 1;
	case 4:
		return attr->min + random_below(r, attr->max - attr->min);
	}
	return (uint32_t)random_next(r);
}

static uint32_t message_value(struct random *r, const struct grammar_attr *attr,
			      const struct message_world *world)
{
	switch (attr->role) {
	case GRAMMAR_PID:
		return message_pid(r, world);
	case GRAMMAR_WATCH:
		if (!random_once(r, 8))
			return world->watch - random_below(r, 8);
		break;
	case GRAMMAR_RING:
		/* Large rings take most of the time, and all memory. */
		if (!random_once(r, 64))
			return attr->min - 1 + random_below(r, 3);
		break;
	case GRAMMAR_PLAIN:
		break;
	}
	return message_number(r, attr);
}

/* Bytes of a value, mostly good ones. Return: how many. */
static size_t message_data(struct random *r, const struct grammar_attr *attr,
			   const struct message_world *world, unsigned char *to)
{
	size_t len, i;
	uint64_t wide;
	uint32_t v;

	switch (attr->kind) {
	case GRAMMAR_U32:
	case GRAMMAR_S32:
		v = message_value(r, attr, world);
		memcpy(to, &v, sizeof(v));
		return sizeof(v);
	case GRAMMAR_U64:
		wide = random_next(r);
		memcpy(to, &wide, sizeof(wide));
		return sizeof(wide);
	case GRAMMAR_STRING:
		len = attr->max < 1024 ? random_below(r, attr->max + 3) : random_below(r, 64);
		for (i = 0; i < len; i++)
			to[i] = (unsigned char)(1 + random_below(r, 255));
		if (random_once(r, 16))
			return len;
		to[len] = '\0';
		return len + 1;
	case GRAMMAR_BINARY:
		len = 8 * random_below(r, 8);
		for (i = 0; i < len; i++)
			to[i] = (unsigned char)random_next(r);
		return len;
	case GRAMMAR_PAD:
	case GRAMMAR_FLAG:
	case GRAMMAR_NEST:
		break;
	}
	return 0;
}

static void message_attr(struct message *m, struct random *r, const struct message_world *world,
			 const struct grammar_attr *attr, unsigned int depth);

static void message_any_attr(struct message *m, struct random *r, const struct message_world *world,
			     const struct grammar_set *set, unsigned int depth)
{
	message_attr(m, r, world, &set->attrs[random_below(r, set->n)], depth);
}

/* Attributes within an attribute, down to where the kernel's own limit is. */
static void message_nest(struct message *m, struct random *r, const struct message_world *world,
			 uint16_t type, const struct grammar_set *set, unsigned int depth)
{
	struct nlattr head = { .nla_type = type | (random_once(r, 4) ? 0 : NLA_F_NESTED) };
	size_t at = m->len;
	unsigned int n = depth ? 1 : random_below(r, 4);

	message_add(m, &head, sizeof(head));
	while (n--) {
		if (depth)
			message_nest(m, r, world, type, set, depth - 1);
		else
			message_any_attr(m, r, world, set, 0);
	}
	head.nla_len = (uint16_t)(m->len - at);
	memcpy(m->bytes + at, &head, sizeof(head));
}

static void message_attr(struct message *m, struct random *r, const struct message_world *world,
			 const struct grammar_attr *attr, unsigned int depth)
{
	static unsigned char data[LARGE];
	struct nlattr head = { .nla_type = attr->type };
	size_t len = message_data(r, attr, world, data), i;

	if (m->len > FULL)
		return;
	if (depth && (attr->kind == GRAMMAR_NEST || random_once(r, 32))) {
		message_nest(m, r, world, attr->type, &grammar_sets[attr->nested],
			     random_once(r, 16) ? 64 : random_below(r, 4));
		return;
	}
	if (random_once(r, 32))
		head.nla_type = (uint16_t)random_below(r, random_once(r, 2) ? 64 : 65536);
	if (random_once(r, 32))
		head.nla_type |= random_once(r, 2) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
	if (random_once(r, 24)) {
		size_t other = random_once(r, 64) ? LARGE : random_below(r, 20);

		for (i = len; i < other; i++)
			data[i] = (unsigned char)random_next(r);
		len = other;
	}
	head.nla_len = (uint16_t)(NLA_HDRLEN + len);
	if (random_once(r, 64))
		head.nla_len = (uint16_t)random_below(r, random_once(r, 2) ? 8 : 65536);
	message_add(m, &head, sizeof(head));
	message_add(m, data, len);
}

static void message_attrs(struct message *m, struct random *r, const struct message_world *world,
			  const struct grammar_command *command)
{
	const struct grammar_set *set = &grammar_sets[command->set];
	unsigned int i, n = random_once(r, 512) ? 300 : random_below(r, 4);

	for (i = 0; i < command->n_takes; i++) {
		/* A flag, or a watch to be in step with, is there as often as it is not. */
		if (random_once(r, command->takes[i]->role == GRAMMAR_PID ? 16 : 2))
			continue;
		do
			message_attr(m, r, world, command->takes[i], 0);
		while (random_once(r, 16));
	}
	if (!random_once(r, 4))
		return;
	while (n--) {
		if (random_once(r, 4))
			set = &grammar_sets[random_below(r, grammar_n_sets)];
		message_any_attr(m, r, world, set, 1);
	}
}

static uint16_t message_flags(struct random *r, const struct grammar_command *command)
{
	if (random_once(r, 16))
		return (uint16_t)random_next(r);
	return NLM_F_REQUEST | (command->dump ? NLM_F_DUMP : NLM_F_ACK);
}

/* What is behind the headers is not what was meant. */
static void message_spoil(struct message *m, struct random *r)
{
	unsigned int n = 1 + random_below(r, 4);

	while (n-- && m->len > NLMSG_HDRLEN) {
		unsigned char *at = m->bytes + NLMSG_HDRLEN +
				    random_below(r, (uint32_t)(m->len - NLMSG_HDRLEN));

		if (random_once(r, 2))
			*at ^= (unsigned char)(1u << random_below(r, 8));
		else
			*at = (unsigned char)random_next(r);
	}
}

static uint32_t message_wrong_length(struct random *r, size_t len)
{
	switch (random_below(r, 4)) {
	case 0:
		return random_below(r, NLMSG_HDRLEN + 1);
	case 1:
		return (uint32_t)random_next(r);
	case 2:
		return (uint32_t)len + 1 + random_below(r, 64);
	}
	return random_below(r, (uint32_t)len);
}

/**
 * message_make - the next request
 * @m: overwritten
 * @r: all of it follows from it
 * @world: what to name
 * @seq: its number, by which the answer is known
 */
void message_make(struct message *m, struct random *r, const struct message_world *world,
		  uint32_t seq)
{
	unsigned int number = random_below(r, grammar_n_commands);
	const struct grammar_command *command = &grammar_commands[number];
	struct genlmsghdr genl = { .cmd = command->number, .version = grammar_version };
	struct nlmsghdr nl = { .nlmsg_type = world->family, .nlmsg_seq = seq };

	m->command = number;
	if (random_once(r, 32)) {
		genl.cmd = (uint8_t)random_next(r);
		m->command = grammar_n_commands;
	}
	if (random_once(r, 32))
		genl.version = (uint8_t)random_next(r);
	if (random_once(r, 64))
		genl.reserved = (uint16_t)random_next(r);
	/* Below 16 is what netlink itself deals with; other families are not for us. */
	if (random_once(r, 64)) {
		nl.nlmsg_type = (uint16_t)random_below(r, NLMSG_MIN_TYPE);
		m->command = grammar_n_commands;
	}
	nl.nlmsg_flags = message_flags(r, command);

	m->len = 0;
	message_add(m, &nl, sizeof(nl));
	message_add(m, &genl, sizeof(genl));
	message_attrs(m, r, world, command);
	if (random_once(r, 16)) {
		message_spoil(m, r);
		m->command = grammar_n_commands;
	}
	if (random_once(r, 64))
		m->len = NLMSG_ALIGN(random_below(r, (uint32_t)m->len));
	nl.nlmsg_len = (uint32_t)m->len;
	if (random_once(r, 64))
		nl.nlmsg_len = message_wrong_length(r, m->len);
	memcpy(m->bytes, &nl, sizeof(nl));
	if (m->len < sizeof(nl))
		m->len = sizeof(nl);
}
