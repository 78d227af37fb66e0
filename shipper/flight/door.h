/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where an operator on this host has the flight recorder freeze ('ktach freeze'): a unix
 * socket of datagrams, each "freeze TEXT", which is answered by one line. Who may write
 * to the file may do that.
 */
#ifndef KTACH_SHIPPER_FLIGHT_DOOR_H
#define KTACH_SHIPPER_FLIGHT_DOOR_H

#include "lib/loop/loop.h"
#include "shipper/flight/flight.h"

/**
 * struct flight_door - all zeroes: closed
 * @op: waits for datagrams
 * @loop: that it runs on
 * @flight: that is asked
 * @path: of the socket
 * @fd: of it
 * @open: it is there
 */
struct flight_door {
	struct loop_op op; /* first: done() gets the door */
	struct loop *loop;
	struct flight *flight;
	const char *path;
	int fd;
	bool open;
};

/* Without it all else goes on: a message says why. */
void flight_door_open(struct flight_door *d, struct loop *loop,
		      struct flight *flight, const char *path);

/* The loop does not run any more. */
void flight_door_close(struct flight_door *d);

#endif /* KTACH_SHIPPER_FLIGHT_DOOR_H */
