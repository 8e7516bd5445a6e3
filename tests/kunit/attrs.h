/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_KUNIT_ATTRS_H
#define _VASMON_KUNIT_ATTRS_H

#include <kunit/test.h>
#include <net/netlink.h>

struct sk_buff *attrs_alloc(struct kunit *test, unsigned int size);
void attrs_parse(struct kunit *test, struct nlattr **attrs, int max, const struct sk_buff *skb);
void attrs_parse_nest(struct kunit *test, struct nlattr **attrs, int max,
		      const struct nlattr *nest);
const struct nlattr *attrs_nest(const struct sk_buff *skb, int type, unsigned int skip);

/* The attribute of a number has to be there, as long as it should be, and to have a value. */
void attrs_expect_u32(struct kunit *test, struct nlattr **attrs, int type, u32 value);
void attrs_expect_u64(struct kunit *test, struct nlattr **attrs, int type, u64 value);
void attrs_expect_string(struct kunit *test, struct nlattr **attrs, int type, const char *value);
void attrs_expect_none(struct kunit *test, struct nlattr **attrs, int type);

#endif /* _VASMON_KUNIT_ATTRS_H */
