/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of the relay, on the connections of one worker. */
#ifndef KTACH_COLLECTOR_FEED_ASK_H
#define KTACH_COLLECTOR_FEED_ASK_H

struct streams;

/* Send those that are for nodes which are connected here. */
void ask_nodes(struct streams *s);

#endif /* KTACH_COLLECTOR_FEED_ASK_H */
