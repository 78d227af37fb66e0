/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the netlink tests share besides TAP: requests byte by byte, and the
 * kernel's answers taken apart, without the client that is under test as well.
 */
#ifndef KTACH_SELFTESTS_NETLINK_H
#define KTACH_SELFTESTS_NETLINK_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/ktach_netlink.h>
#include <sys/socket.h>

#include "ring.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

struct request {
	_Alignas(8) uint8_t bytes[16384];
	size_t len;
};

struct answer {
	int error;		/* 0 or -errno */
	char text[256];		/* the kernel's reason */
	int offset;		/* of the attribute that is at fault, or -1 */
	int missing;		/* the attribute that is not there, or -1 */
	unsigned int messages;	/* of the family itself */
	bool interrupted;
};

/* Called with each message of the family. */
typedef void (*message_fn)(const struct nlmsghdr *header, void *arg);

enum { RECEIVE_BYTES_MAX = 65536 };

static int family_id __attribute__((unused));
static uint32_t sequence;
static size_t receive_bytes = RECEIVE_BYTES_MAX; /* that a recv() takes */

/* --- requests ----------------------------------------------------------- */

static inline struct nlmsghdr *request_header(struct request *r)
{
	return (struct nlmsghdr *)r->bytes;
}

static inline void request_begin(struct request *r, int type, int cmd,
				 int flags)
{
	struct nlmsghdr *h = request_header(r);
	struct genlmsghdr *g = (struct genlmsghdr *)(r->bytes + NLMSG_HDRLEN);

	memset(r, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	r->len = NLMSG_HDRLEN + GENL_HDRLEN;
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	h->nlmsg_seq = ++sequence;
	g->cmd = cmd;
	g->version = KTACH_GENL_VERSION;
}

/* The length that the attribute claims is @claim, what is there is @len. */
static inline void request_claim(struct request *r, int type, const void *data,
				 size_t len, size_t claim)
{
	struct nlattr attr = { .nla_len = NLA_HDRLEN + claim,
			       .nla_type = type };

	memcpy(r->bytes + r->len, &attr, NLA_HDRLEN);
	memset(r->bytes + r->len + NLA_HDRLEN, 0, NLA_ALIGN(len));
	memcpy(r->bytes + r->len + NLA_HDRLEN, data, len);
	r->len += NLA_HDRLEN + NLA_ALIGN(len);
}

static inline void request_add(struct request *r, int type, const void *data,
			       size_t len)
{
	request_claim(r, type, data, len, len);
}

static inline void request_u32(struct request *r, int type, uint32_t value)
{
	request_add(r, type, &value, sizeof(value));
}

static inline void request_u64(struct request *r, int type, uint64_t value)
{
	request_add(r, type, &value, sizeof(value));
}

static inline void request_string(struct request *r, int type,
				  const char *value)
{
	request_add(r, type, value, strlen(value) + 1);
}

static inline int raw_socket(void)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	int one = 1, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				 NETLINK_GENERIC);

	need(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0,
	     "a netlink socket");
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	return fd;
}

static inline int request_send(int fd, struct request *r)
{
	request_header(r)->nlmsg_len = r->len;
	return send(fd, r->bytes, r->len, 0) == (ssize_t)r->len ? 0 : -errno;
}

/* --- answers ------------------------------------------------------------ */

static inline const struct nlattr *next_attr(const void *at, size_t left)
{
	const struct nlattr *attr = at;

	if (left < NLA_HDRLEN || attr->nla_len < NLA_HDRLEN ||
	    attr->nla_len > left)
		return NULL;
	return attr;
}

#define for_each_attr(attr, start, size)                                     \
	for (const uint8_t *at_ = (const void *)(start), *end_ = at_ + (size); \
	     (attr = next_attr(at_, end_ > at_ ? end_ - at_ : 0)) != NULL;     \
	     at_ += NLA_ALIGN(attr->nla_len))

static inline int attr_type(const struct nlattr *attr)
{
	return attr->nla_type & NLA_TYPE_MASK;
}

static inline size_t attr_len(const struct nlattr *attr)
{
	return attr->nla_len - NLA_HDRLEN;
}

static inline const void *attr_data(const struct nlattr *attr)
{
	return attr + 1;
}

static inline uint32_t attr_u32(const struct nlattr *attr)
{
	uint32_t value = 0;

	memcpy(&value, attr_data(attr),
	       attr_len(attr) < sizeof(value) ? attr_len(attr) : sizeof(value));
	return value;
}

static inline uint64_t attr_u64(const struct nlattr *attr)
{
	uint64_t value = 0;

	memcpy(&value, attr_data(attr),
	       attr_len(attr) < sizeof(value) ? attr_len(attr) : sizeof(value));
	return value;
}

/* The attributes of a message of the family. */
static inline const uint8_t *message_attrs(const struct nlmsghdr *h,
					   size_t *size)
{
	*size = h->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	return (const uint8_t *)h + NLMSG_HDRLEN + GENL_HDRLEN;
}

static inline const struct nlattr *find_attr(const void *start, size_t size,
					     int type)
{
	const struct nlattr *attr;

	for_each_attr(attr, start, size)
		if (attr_type(attr) == type)
			return attr;
	return NULL;
}

static inline const struct nlattr *message_attr(const struct nlmsghdr *h,
						int type)
{
	size_t size;
	const uint8_t *start = message_attrs(h, &size);

	return find_attr(start, size, type);
}

static inline void take_reason(struct answer *a, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	size_t skip = sizeof(int);
	const struct nlattr *attr;

	memcpy(&a->error, NLMSG_DATA(h), sizeof(int));
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (h->nlmsg_type == NLMSG_ERROR)
		skip = h->nlmsg_flags & NLM_F_CAPPED ?
			       sizeof(*e) :
			       sizeof(int) + NLMSG_ALIGN(e->msg.nlmsg_len);
	for_each_attr(attr, (const uint8_t *)NLMSG_DATA(h) + skip,
		      h->nlmsg_len - NLMSG_HDRLEN - skip) {
		if (attr_type(attr) == NLMSGERR_ATTR_MSG)
			snprintf(a->text, sizeof(a->text), "%s",
				 (const char *)attr_data(attr));
		if (attr_type(attr) == NLMSGERR_ATTR_OFFS)
			a->offset = attr_u32(attr);
		if (attr_type(attr) == NLMSGERR_ATTR_MISS_TYPE)
			a->missing = attr_u32(attr);
	}
}

/* True when that was the last. */
static inline bool take_message(struct answer *a, const struct nlmsghdr *h,
				message_fn fn, void *arg)
{
	a->interrupted |= h->nlmsg_flags & NLM_F_DUMP_INTR;
	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		take_reason(a, h);
		return true;
	}
	a->messages++;
	if (fn)
		fn(h, arg);
	return false;
}

/* Take what one recv() gives; true when the answer is complete. */
static inline bool receive_once(int fd, struct answer *a, message_fn fn,
				void *arg)
{
	static _Alignas(8) uint8_t buffer[RECEIVE_BYTES_MAX];
	ssize_t left = recv(fd, buffer, receive_bytes, 0);
	const struct nlmsghdr *h = (void *)buffer;
	bool last = false;

	if (left < 0) {
		a->error = -errno;
		return true;
	}
	for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
		last = take_message(a, h, fn, arg);
	return last;
}

static inline void answer_begin(struct answer *a)
{
	memset(a, 0, sizeof(*a));
	a->offset = -1;
	a->missing = -1;
}

/* Send a request and take the answer to its end. */
static inline struct answer raw_ask(int fd, struct request *r, message_fn fn,
				    void *arg)
{
	struct answer a;

	answer_begin(&a);
	a.error = request_send(fd, r);
	if (!a.error)
		while (!receive_once(fd, &a, fn, arg))
			;
	return a;
}

static inline void keep_family_id(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *id = message_attr(h, CTRL_ATTR_FAMILY_ID);

	if (id)
		*(int *)arg = (uint16_t)attr_u32(id);
}

/* The number of the family, or -errno. */
static inline int find_family(int fd)
{
	struct request r;
	struct answer a;
	int id = -ENOENT;

	request_begin(&r, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	request_string(&r, CTRL_ATTR_FAMILY_NAME, KTACH_GENL_NAME);
	a = raw_ask(fd, &r, keep_family_id, &id);
	return a.error ? a.error : id;
}

/* The same, kept in family_id; without it there is nothing to test. */
static inline void need_family(int fd)
{
	family_id = find_family(fd);
	if (family_id == -ENOENT)
		skip_all("the family " KTACH_GENL_NAME, ENOENT);
	need(family_id > 0, "find the family");
}

#endif /* KTACH_SELFTESTS_NETLINK_H */
