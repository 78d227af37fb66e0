/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * News that come several at once, such as those of an interface that is made:
 * what they say is put once, a tenth of a second after the first of them.
 */
#ifndef KTACH_HOST_SETTLE_H
#define KTACH_HOST_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct settle - the wait
 * @timer: runs from the first news on
 * @epoll: readable when there are news, or @timer is over: for a collector's fd
 */
struct settle {
	int timer;
	int epoll;
};

/* 0, or -errno: nothing to close then. */
int settle_open(struct settle *s);
void settle_close(struct settle *s);

/* Have @epoll be readable when @fd has @events (EPOLLIN and the like). 0 or
 * -errno.
 */
int settle_watch(struct settle *s, int fd, uint32_t events);

/* There are news. */
void settle_begin(struct settle *s);

/* They are put, whatever comes after it is new. */
void settle_end(struct settle *s);

/* Whether it is time to put what came; once. */
bool settle_over(struct settle *s);

#endif /* KTACH_HOST_SETTLE_H */
