/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where an operator on this host has the flight recorder freeze ('ktach freeze'): a unix
 * socket of packets (SOCK_SEQPACKET). One asks "freeze TEXT", and is answered by a line;
 * one after the other. Who may write to the file may do that.
 */
#ifndef KTACH_SHIPPER_FLIGHT_DOOR_H
#define KTACH_SHIPPER_FLIGHT_DOOR_H

#include "lib/loop/loop.h"
#include "shipper/flight/flight.h"

/**
 * struct flight_door - all zeroes: closed
 * @op: waits for somebody, or for what he asks
 * @loop: that it runs on
 * @flight: that is asked
 * @path: of the socket
 * @fd: of it
 * @client: who is there; -1: nobody
 * @open: it is there
 */
struct flight_door {
	struct loop_op op; /* first: done() gets the door */
	struct loop *loop;
	struct flight *flight;
	const char *path;
	int fd;
	int client;
	bool open;
};

/* Without it all else goes on: a message says why. */
void flight_door_open(struct flight_door *d, struct loop *loop,
		      struct flight *flight, const char *path);

/* The loop does not run any more. */
void flight_door_close(struct flight_door *d);

#endif /* KTACH_SHIPPER_FLIGHT_DOOR_H */
