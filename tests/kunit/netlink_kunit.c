// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a request may have, and what is refused before anything looks at it:
 * the attributes of each command as include/spec/vasmon.yaml has them, written
 * once more by hand, against the policies, parsed the way generic netlink does.
 */
#include <kunit/test.h>
#include <linux/vasmon.h>
#include <net/genetlink.h>

#include "attrs.h"
#include "netlink.h"

/* Larger than any request here. */
#define REQUEST_MAX	1024

/*
 * An attribute that a command takes. A number is from min to max, a text from
 * min to max bytes, a flag has neither.
 */
struct netlink_field {
	const char *name;
	u8 cmd;
	int type;
	enum { NUMBER, FLAG, TEXT } kind;
	u32 min, max;
};

static const struct netlink_field netlink_fields[] = {
	{ "mm-get: pid", VASMON_CMD_MM_GET, VASMON_A_MM_PID, NUMBER, 1, U32_MAX },
	{ "region-get: pid", VASMON_CMD_REGION_GET, VASMON_A_MM_PID, NUMBER, 1, U32_MAX },
	{ "region-get: watch-id", VASMON_CMD_REGION_GET, VASMON_A_MM_WATCH_ID, NUMBER, 1, U32_MAX },
	{ "watch: pid", VASMON_CMD_WATCH, VASMON_A_WATCH_PID, NUMBER, 1, U32_MAX },
	{ "watch: ring-size", VASMON_CMD_WATCH, VASMON_A_WATCH_RING_SIZE, NUMBER, 65536, 67108864 },
	{ "watch: follow", VASMON_CMD_WATCH, VASMON_A_WATCH_FOLLOW, FLAG },
	{ "watch: lossless", VASMON_CMD_WATCH, VASMON_A_WATCH_LOSSLESS, FLAG },
	{ "watch: callchain", VASMON_CMD_WATCH, VASMON_A_WATCH_CALLCHAIN, FLAG },
	{ "watch: stack-size", VASMON_CMD_WATCH, VASMON_A_WATCH_STACK_SIZE, NUMBER, 0, 8192 },
	{ "watch: callchain-causes", VASMON_CMD_WATCH, VASMON_A_WATCH_CALLCHAIN_CAUSES, NUMBER, 0,
	  127 },
	{ "watch: callchain-tid", VASMON_CMD_WATCH, VASMON_A_WATCH_CALLCHAIN_TID, NUMBER, 1,
	  U32_MAX },
	{ "unwatch: id", VASMON_CMD_UNWATCH, VASMON_A_WATCH_ID, NUMBER, 1, U32_MAX },
	{ "mark: pid", VASMON_CMD_MARK, VASMON_A_EVENT_PID, NUMBER, 1, U32_MAX },
	{ "mark: text", VASMON_CMD_MARK, VASMON_A_EVENT_TEXT, TEXT, 0, 255 },
	{ "process-get: watch-id", VASMON_CMD_PROCESS_GET, VASMON_A_PROCESS_WATCH_ID, NUMBER, 1,
	  U32_MAX },
	{ "thread-get: pid", VASMON_CMD_THREAD_GET, VASMON_A_THREAD_PID, NUMBER, 1, U32_MAX },
};

KUNIT_ARRAY_PARAM_DESC(field, netlink_fields, name);

/* Commands, and the last number of the set that their attributes are of. */
struct netlink_command {
	const char *name;
	u8 cmd;
	int last;
};

static const struct netlink_command netlink_commands[] = {
	{ "mm-get", VASMON_CMD_MM_GET, VASMON_A_MM_MAX },
	{ "region-get", VASMON_CMD_REGION_GET, VASMON_A_MM_MAX },
	{ "watch", VASMON_CMD_WATCH, VASMON_A_WATCH_MAX },
	{ "unwatch", VASMON_CMD_UNWATCH, VASMON_A_WATCH_MAX },
	{ "watch-get", VASMON_CMD_WATCH_GET, VASMON_A_WATCH_MAX },
	{ "mark", VASMON_CMD_MARK, VASMON_A_EVENT_MAX },
	{ "process-get", VASMON_CMD_PROCESS_GET, VASMON_A_PROCESS_MAX },
	{ "thread-get", VASMON_CMD_THREAD_GET, VASMON_A_THREAD_MAX },
};

KUNIT_ARRAY_PARAM_DESC(command, netlink_commands, name);

static const struct genl_ops *netlink_ops(struct kunit *test, u8 cmd)
{
	const struct genl_family *family = &vasmon_netlink_family;
	const struct genl_ops *ops = NULL;
	unsigned int i;

	for (i = 0; i < family->n_ops && !ops; i++)
		if (family->ops[i].cmd == cmd)
			ops = &family->ops[i];
	KUNIT_ASSERT_NOT_NULL_MSG(test, ops, "command %u", cmd);
	return ops;
}

/*
 * genl_family_rcv_msg_attrs_parse(): what is found is for the command's
 * function; unless that does without, validation is strict.
 */
static int netlink_parse(struct kunit *test, u8 cmd, const struct sk_buff *skb,
			 struct nlattr ***attrs)
{
	const struct genl_family *family = &vasmon_netlink_family;
	const struct genl_ops *ops = netlink_ops(test, cmd);
	unsigned int maxattr = ops->maxattr ?: family->maxattr;
	struct nlattr **found = kunit_kcalloc(test, maxattr + 1, sizeof(*found), GFP_KERNEL);
	unsigned int validate = NL_VALIDATE_STRICT;
	struct netlink_ext_ack extack = {};
	int err;

	KUNIT_ASSERT_NOT_NULL(test, found);
	if (cmd < family->resv_start_op || ops->validate)
		validate = NL_VALIDATE_LIBERAL;
	err = __nla_parse(found, maxattr, (const struct nlattr *)skb->data, skb->len,
			  ops->policy ?: family->policy, validate, &extack);
	/* Who is refused is told why. */
	KUNIT_EXPECT_EQ(test, !err, !extack._msg);
	if (attrs)
		*attrs = found;
	return err;
}

static int netlink_parse_one(struct kunit *test, u8 cmd, int type, const void *data, int len)
{
	struct sk_buff *skb = attrs_alloc(test, REQUEST_MAX);

	KUNIT_ASSERT_EQ(test, nla_put(skb, type, len, data), 0);
	return netlink_parse(test, cmd, skb, NULL);
}

static int netlink_parse_number(struct kunit *test, const struct netlink_field *field, u32 value)
{
	return netlink_parse_one(test, field->cmd, field->type, &value, sizeof(value));
}

/* A text of so many bytes, and a zero behind it. */
static int netlink_parse_text(struct kunit *test, const struct netlink_field *field, int len)
{
	char text[300];

	memset(text, 'x', len);
	text[len] = '\0';
	return netlink_parse_one(test, field->cmd, field->type, text, len + 1);
}

static void netlink_values_of_a_field(struct kunit *test)
{
	const struct netlink_field *field = test->param_value;

	switch (field->kind) {
	case NUMBER:
		KUNIT_EXPECT_EQ(test, netlink_parse_number(test, field, field->min), 0);
		KUNIT_EXPECT_EQ(test, netlink_parse_number(test, field, field->max), 0);
		if (field->min)
			KUNIT_EXPECT_EQ(test, netlink_parse_number(test, field, field->min - 1),
					-ERANGE);
		if (field->max < U32_MAX)
			KUNIT_EXPECT_EQ(test, netlink_parse_number(test, field, field->max + 1),
					-ERANGE);
		break;
	case FLAG:
		KUNIT_EXPECT_EQ(test,
				netlink_parse_one(test, field->cmd, field->type, NULL, 0), 0);
		break;
	case TEXT:
		KUNIT_EXPECT_EQ(test, netlink_parse_text(test, field, field->min), 0);
		KUNIT_EXPECT_EQ(test, netlink_parse_text(test, field, field->max), 0);
		/* The zero is not within what may be: it might as well be missing. */
		KUNIT_EXPECT_EQ(test, netlink_parse_text(test, field, field->max + 1), -EINVAL);
		break;
	}
}

/* Every other length, also none, is refused. */
static void netlink_length_of_a_field(struct kunit *test)
{
	const struct netlink_field *field = test->param_value;
	/* As a number it is in the range of each. */
	const u32 good[4] = { 65536, 0, 0, 0 };
	int len;

	for (len = 0; len <= sizeof(good); len++) {
		int err = netlink_parse_one(test, field->cmd, field->type, good, len);

		switch (field->kind) {
		case NUMBER:
			if (len != sizeof(u32))
				KUNIT_EXPECT_EQ_MSG(test, err, -EINVAL, "%d bytes", len);
			break;
		case FLAG:
			if (len)
				KUNIT_EXPECT_EQ_MSG(test, err, -ERANGE, "%d bytes", len);
			break;
		case TEXT:
			if (!len)
				KUNIT_EXPECT_EQ_MSG(test, err, -EINVAL, "%d bytes", len);
			break;
		}
	}
	/* A text that does not end. */
	if (field->kind == TEXT)
		KUNIT_EXPECT_EQ(test, netlink_parse_one(test, field->cmd, field->type, "xxxx", 4),
				-EINVAL);
}

/* A good value of each field. */
static void netlink_put(struct kunit *test, struct sk_buff *skb, const struct netlink_field *field,
			u32 value, u16 flags)
{
	int type = field->type | flags, err = 0;

	switch (field->kind) {
	case NUMBER:
		err = nla_put_u32(skb, type, value);
		break;
	case FLAG:
		err = nla_put_flag(skb, type);
		break;
	case TEXT:
		err = nla_put_string(skb, type, value == field->min ? "first" : "second");
		break;
	}
	KUNIT_ASSERT_EQ(test, err, 0);
}

/* It is no set of attributes. */
static void netlink_nested_field(struct kunit *test)
{
	const struct netlink_field *field = test->param_value;
	struct sk_buff *skb = attrs_alloc(test, REQUEST_MAX);

	netlink_put(test, skb, field, field->min, NLA_F_NESTED);
	KUNIT_EXPECT_EQ(test, netlink_parse(test, field->cmd, skb, NULL), -EINVAL);
}

/* The last one counts; a bad one is refused wherever it is. */
static void netlink_repeated_field(struct kunit *test)
{
	const struct netlink_field *field = test->param_value;
	struct sk_buff *skb = attrs_alloc(test, REQUEST_MAX);
	struct nlattr **attrs;
	unsigned int last;

	netlink_put(test, skb, field, field->min, 0);
	last = skb->len;
	netlink_put(test, skb, field, field->max, 0);
	KUNIT_ASSERT_EQ(test, netlink_parse(test, field->cmd, skb, &attrs), 0);
	KUNIT_EXPECT_PTR_EQ(test, (void *)attrs[field->type], (void *)(skb->data + last));

	skb = attrs_alloc(test, REQUEST_MAX);
	KUNIT_ASSERT_EQ(test, nla_put(skb, field->type, 7, "sixteen"), 0);
	netlink_put(test, skb, field, field->max, 0);
	KUNIT_EXPECT_LT(test, netlink_parse(test, field->cmd, skb, NULL), 0);
}

static bool netlink_takes(u8 cmd, int type)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(netlink_fields); i++)
		if (netlink_fields[i].cmd == cmd && netlink_fields[i].type == type)
			return true;
	return false;
}

/* What only answers have, what there is not at all, and number 0, which is nothing. */
static void netlink_other_attributes(struct kunit *test)
{
	const struct netlink_command *command = test->param_value;
	const u32 value = 65536;
	int type;

	for (type = 0; type <= command->last + 2; type++)
		if (!netlink_takes(command->cmd, type))
			KUNIT_EXPECT_EQ_MSG(test,
					    netlink_parse_one(test, command->cmd, type, &value,
							      sizeof(value)),
					    -EINVAL, "attribute %d", type);
	KUNIT_EXPECT_EQ(test, netlink_parse_one(test, command->cmd, NLA_TYPE_MASK, &value,
						sizeof(value)), -EINVAL);
}

/* Nothing but attributes: bytes behind the last, or one that is longer than the request. */
static void netlink_torn_request(struct kunit *test)
{
	const struct netlink_command *command = test->param_value;
	struct sk_buff *skb = attrs_alloc(test, REQUEST_MAX);
	struct nlattr *attr;
	int len;

	KUNIT_EXPECT_EQ(test, netlink_parse(test, command->cmd, skb, NULL), 0);
	for (len = 1; len < NLA_HDRLEN; len++) {
		skb_put_zero(skb, 1);
		KUNIT_EXPECT_EQ_MSG(test, netlink_parse(test, command->cmd, skb, NULL), -EINVAL,
				    "%d bytes", len);
	}
	/* A header that says less than its own length, and one that says more than there is. */
	skb_put_zero(skb, 1);
	attr = (struct nlattr *)skb->data;
	for (len = 0; len <= NLA_HDRLEN + 1; len++) {
		attr->nla_type = 1;
		attr->nla_len = len;
		if (len != NLA_HDRLEN)
			KUNIT_EXPECT_EQ_MSG(test, netlink_parse(test, command->cmd, skb, NULL),
					    -EINVAL, "says %d bytes", len);
	}
}

/* The tables above are all that there is, and no command does without strictness. */
static void netlink_nothing_else(struct kunit *test)
{
	const struct genl_family *family = &vasmon_netlink_family;
	int taken = 0, type, i;

	KUNIT_EXPECT_EQ(test, family->n_ops, ARRAY_SIZE(netlink_commands));
	KUNIT_EXPECT_EQ(test, family->n_small_ops, 0);
	KUNIT_EXPECT_EQ(test, family->n_split_ops, 0);
	KUNIT_EXPECT_LE(test, family->resv_start_op, VASMON_CMD_MM_GET);
	for (i = 0; i < family->n_ops; i++) {
		const struct genl_ops *ops = &family->ops[i];

		KUNIT_EXPECT_EQ_MSG(test, ops->validate, 0, "command %u", ops->cmd);
		KUNIT_ASSERT_NOT_NULL_MSG(test, ops->policy, "command %u", ops->cmd);
		KUNIT_ASSERT_NE_MSG(test, ops->maxattr, 0, "command %u", ops->cmd);
		for (type = 0; type <= ops->maxattr; type++) {
			if (ops->policy[type].type == NLA_UNSPEC)
				continue;
			taken++;
			KUNIT_EXPECT_TRUE_MSG(test, netlink_takes(ops->cmd, type),
					      "command %u, attribute %d", ops->cmd, type);
		}
	}
	KUNIT_EXPECT_EQ(test, taken, ARRAY_SIZE(netlink_fields));
}

static struct kunit_case vasmon_netlink_cases[] = {
	KUNIT_CASE_PARAM(netlink_values_of_a_field, field_gen_params),
	KUNIT_CASE_PARAM(netlink_length_of_a_field, field_gen_params),
	KUNIT_CASE_PARAM(netlink_nested_field, field_gen_params),
	KUNIT_CASE_PARAM(netlink_repeated_field, field_gen_params),
	KUNIT_CASE_PARAM(netlink_other_attributes, command_gen_params),
	KUNIT_CASE_PARAM(netlink_torn_request, command_gen_params),
	KUNIT_CASE(netlink_nothing_else),
	{}
};

static struct kunit_suite vasmon_netlink_suite = {
	.name = "vasmon_netlink",
	.test_cases = vasmon_netlink_cases,
};

kunit_test_suite(vasmon_netlink_suite);
