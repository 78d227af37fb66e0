// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netlink_crowd SECONDS: 64 subscribers, every other of which never reads, at
 * a period of 1 ms. No tick is missed for their sake, who reads gets every
 * sample, and who does not takes no more memory than its socket may.
 *
 * Only a guest whose clock stands still while the host does something else
 * can hold a machine to that: QEMU's -icount.
 */
#include <linux/sock_diag.h>
#include <sys/epoll.h>

#include "lib/netlink/genl.h"
#include "netlink.h"

enum {
	CROWD = 64,
	PERIOD_US = 1000,
	BUFFER_BYTES = 128 << 10,
};

struct listener {
	struct family *family;
	uint64_t first, last, count, lost;
};

static struct listener readers[CROWD / 2];
static int sleepers[CROWD / 2];
static struct family *f;
static int group = -1;

static void take_group(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *groups = message_attr(h, CTRL_ATTR_MCAST_GROUPS);
	const struct nlattr *one, *id;

	if (!groups)
		return;
	for_each_attr(one, attr_data(groups), attr_len(groups))
	{
		id = find_attr(attr_data(one), attr_len(one),
			       CTRL_ATTR_MCAST_GRP_ID);
		if (id)
			group = attr_u32(id);
	}
}

static int create_sleeper(void)
{
	int bytes = BUFFER_BYTES, fd = raw_socket();

	need(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) ==
			     0 &&
		     setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
				sizeof(group)) == 0,
	     "a subscriber that sleeps");
	return fd;
}

static void take_sample(const struct family_sample *s, void *arg)
{
	struct listener *l = arg;

	l->first = l->count++ ? l->first : s->number;
	l->last = s->number;
	l->lost += s->lost;
}

static void gather(int epoll)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct request r;
	unsigned int i;
	int fd = raw_socket();

	request_begin(&r, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	request_string(&r, CTRL_ATTR_FAMILY_NAME, KTACH_GENL_NAME);
	raw_ask(fd, &r, take_group, NULL);
	close(fd);
	need(group >= 0, "the group");
	for (i = 0; i < CROWD / 2; i++) {
		need(family_open(&readers[i].family) == 0 &&
			     family_subscribe(readers[i].family) == 0,
		     "a subscriber");
		event.data.ptr = &readers[i];
		need(epoll_ctl(epoll, EPOLL_CTL_ADD,
			       family_fd(readers[i].family), &event) == 0,
		     "epoll");
		sleepers[i] = create_sleeper();
	}
}

static void listen_for(int epoll, unsigned int seconds)
{
	uint64_t end = mono_ns() + seconds * 1000000000ULL;
	struct epoll_event events[CROWD];
	struct listener *l;
	int i, count;

	while (mono_ns() < end) {
		count = epoll_wait(epoll, events, CROWD, 1000);
		for (i = 0; i < count; i++) {
			l = events[i].data.ptr;
			need(family_receive(l->family, take_sample, l) == 0,
			     "receive");
		}
	}
}

/* Bytes that the sockets of those who sleep hold; none has more than it may. */
static unsigned long held_bytes(void)
{
	uint32_t info[SK_MEMINFO_VARS];
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < CROWD / 2; i++) {
		socklen_t size = sizeof(info);

		need(getsockopt(sleepers[i], SOL_SOCKET, SO_MEMINFO, info,
				&size) == 0,
		     "SO_MEMINFO");
		sum += info[SK_MEMINFO_RMEM_ALLOC];
	}
	return sum;
}

static struct family_source combined(void)
{
	struct family_source s;

	need(family_source(f, KTACH_COMBINED_NAME, &s) == 0, "the source");
	return s;
}

static void test_readers(uint64_t samples)
{
	uint64_t least = UINT64_MAX, lost = 0;
	unsigned int i;

	for (i = 0; i < CROWD / 2; i++) {
		least = readers[i].count < least ? readers[i].count : least;
		lost += readers[i].lost;
	}
	check(!lost && least >= samples / 2,
	      "each of %d readers has its samples, %lu at least, none lost",
	      CROWD / 2, least);
}

static void test_sleepers(void)
{
	unsigned int i, told = 0;
	char byte;

	for (i = 0; i < CROWD / 2; i++)
		told += recv(sleepers[i], &byte, 1, MSG_DONTWAIT) < 0 &&
			errno == ENOBUFS;
	check(told == CROWD / 2,
	      "each of %d sleepers is told that it lost some", CROWD / 2);
}

int main(int argc, char **argv)
{
	struct family_source before, after;
	unsigned long half, full;
	unsigned int seconds = argc > 1 ? atoi(argv[1]) : 0;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	need(seconds >= 2, "arguments: SECONDS, at least 2");
	skip_without(STAT_DEV);
	need((errno = -family_open(&f)) == 0, "open the family");
	gather(epoll);
	need(family_set_period(f, KTACH_COMBINED_NAME, PERIOD_US) == 0,
	     "set the period");
	sleep_ms(10);
	before = combined();
	listen_for(epoll, seconds - seconds / 2);
	half = held_bytes();
	listen_for(epoll, seconds / 2);
	full = held_bytes();
	after = combined();
	printf("# %lu samples, %lu missed, a sample took %lu us at most\n",
	       after.head - before.head, after.missed - before.missed,
	       after.fill_ns_max / 1000);
	check(after.head - before.head > seconds * 900,
	      "%lu samples are made at 1 ms", after.head - before.head);
	check(after.missed == before.missed,
	      "and no tick is missed with 64 subscribers: %lu",
	      after.missed - before.missed);
	test_readers(after.head - before.head);
	test_sleepers();
	/* The kernel doubles what was asked for, and fills it past the brim. */
	check(half > CROWD / 2 * BUFFER_BYTES &&
		      full <= CROWD / 2 * (2 * BUFFER_BYTES + 16384),
	      "unread messages take %lu bytes, then %lu", half, full);
	family_set_period(f, KTACH_COMBINED_NAME, 1000000);
	return done_testing();
}
