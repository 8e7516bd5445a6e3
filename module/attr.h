/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Netlink attributes written one behind the other, where there is known to be
 * room. nla_put() looks for room, and calls memcpy() and memset(), for each one;
 * what is told by the hundred thousand can not afford that. The bytes are those
 * that nla_put() would put.
 */
#ifndef _VASMON_ATTR_H
#define _VASMON_ATTR_H

#include <net/netlink.h>

/* The most bytes that an attribute takes, filler included. */
#define VASMON_ATTR_U32		(NLA_HDRLEN + 4)
#define VASMON_ATTR_U64		(2 * NLA_HDRLEN + 8)
#define VASMON_ATTR_BYTES(n)	(NLA_HDRLEN + NLA_ALIGN(n))

static __always_inline char *vasmon_attr_head(char *to, u16 type, u16 len)
{
	struct nlattr *attr = (struct nlattr *)to;

	attr->nla_len = NLA_HDRLEN + len;
	attr->nla_type = type;
	return to + NLA_HDRLEN;
}

static __always_inline char *vasmon_attr_u32(char *to, u16 type, u32 value)
{
	to = vasmon_attr_head(to, type, sizeof(value));
	*(u32 *)to = value;
	return to + sizeof(value);
}

static __always_inline char *vasmon_attr_u64(char *to, u16 type, u64 value)
{
	/* As nla_align_64bit(). Each set of attributes has its filler as number 1. */
	if (!IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) &&
	    IS_ALIGNED((unsigned long)to, sizeof(value)))
		to = vasmon_attr_head(to, 1, 0);
	to = vasmon_attr_head(to, type, sizeof(value));
	memcpy(to, &value, sizeof(value));
	return to + sizeof(value);
}

static __always_inline char *vasmon_attr_bytes(char *to, u16 type, const void *bytes, u16 len)
{
	to = vasmon_attr_head(to, type, len);
	/* The filler first: the last bytes may lie where it is. */
	if (len)
		*(u32 *)(to + NLA_ALIGN(len) - sizeof(u32)) = 0;
	memcpy(to, bytes, len);
	return to + NLA_ALIGN(len);
}

#endif /* _VASMON_ATTR_H */
