// SPDX-License-Identifier: GPL-2.0-only
/* What was put into a message, read again. */
#include "attrs.h"

static void attrs_free(void *skb)
{
	nlmsg_free(skb);
}

/* A message without attributes, that is freed with the test. */
struct sk_buff *attrs_alloc(struct kunit *test, unsigned int size)
{
	struct sk_buff *skb = alloc_skb(size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, attrs_free, skb), 0);
	return skb;
}

static void attrs_parse_bytes(struct kunit *test, struct nlattr **attrs, int max,
			      const void *head, int len)
{
	KUNIT_ASSERT_EQ(test, nla_parse(attrs, max, head, len, NULL, NULL), 0);
}

/* Attributes by number. Of repeated ones it is the last. */
void attrs_parse(struct kunit *test, struct nlattr **attrs, int max, const struct sk_buff *skb)
{
	attrs_parse_bytes(test, attrs, max, skb->data, skb->len);
}

void attrs_parse_nest(struct kunit *test, struct nlattr **attrs, int max,
		      const struct nlattr *nest)
{
	KUNIT_ASSERT_NOT_NULL(test, nest);
	KUNIT_EXPECT_TRUE(test, nest->nla_type & NLA_F_NESTED);
	attrs_parse_bytes(test, attrs, max, nla_data(nest), nla_len(nest));
}

/* The nest of a number that comes after others of that number. */
const struct nlattr *attrs_nest(const struct sk_buff *skb, int type, unsigned int skip)
{
	const struct nlattr *attr;
	int rest;

	nla_for_each_attr(attr, (const struct nlattr *)skb->data, skb->len, rest)
		if (nla_type(attr) == type && !skip--)
			return attr;
	return NULL;
}

void attrs_expect_u32(struct kunit *test, struct nlattr **attrs, int type, u32 value)
{
	KUNIT_ASSERT_NOT_NULL_MSG(test, attrs[type], "attribute %d", type);
	KUNIT_EXPECT_EQ_MSG(test, nla_len(attrs[type]), sizeof(u32), "attribute %d", type);
	KUNIT_EXPECT_EQ_MSG(test, nla_get_u32(attrs[type]), value, "attribute %d", type);
}

void attrs_expect_u64(struct kunit *test, struct nlattr **attrs, int type, u64 value)
{
	KUNIT_ASSERT_NOT_NULL_MSG(test, attrs[type], "attribute %d", type);
	KUNIT_EXPECT_EQ_MSG(test, nla_len(attrs[type]), sizeof(u64), "attribute %d", type);
	KUNIT_EXPECT_EQ_MSG(test, nla_get_u64(attrs[type]), value, "attribute %d", type);
}

void attrs_expect_string(struct kunit *test, struct nlattr **attrs, int type, const char *value)
{
	KUNIT_ASSERT_NOT_NULL_MSG(test, attrs[type], "attribute %d", type);
	KUNIT_EXPECT_EQ_MSG(test, nla_len(attrs[type]), strlen(value) + 1, "attribute %d", type);
	KUNIT_EXPECT_STREQ_MSG(test, (char *)nla_data(attrs[type]), value, "attribute %d", type);
}

void attrs_expect_none(struct kunit *test, struct nlattr **attrs, int type)
{
	KUNIT_EXPECT_NULL_MSG(test, attrs[type], "attribute %d", type);
}
