/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "HOST", "HOST:PORT", "[HOST]:PORT": from text to a socket address and back. */
#ifndef KTACH_LIB_BASE_ADDRESS_H
#define KTACH_LIB_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
	int family;
	socklen_t size;
	struct sockaddr_storage storage;
};

/* Whether @text has one of these forms. Return 0 or -EINVAL. */
int address_check(const char *text);

/**
 * address_normal() - one spelling for all that mean the same
 * @text: one of the forms above
 * @port: left out of the result where it is this one
 * @normal: filled: HOST or HOST:PORT, an IPv6 address with a port in brackets;
 *          addresses as inet_ntop() writes them, names in lower case and
 *          without a dot at the end
 * @size: room there
 *
 * Return: 0, or -EINVAL if it has none of these forms, or is too long.
 */
int address_normal(const char *text, uint16_t port, char *normal, size_t size);

/**
 * address_find() - ask for the addresses of a name, and take one
 * @a: filled
 * @text: one of the forms above
 * @port: where it names none
 * @turn: which one: the system's first choice is 0, after the last one comes
 *        the first one again
 *
 * Return: NULL, or what the problem is.
 */
const char *address_find(struct address *a, const char *text, uint16_t port,
			 unsigned int turn);

/* Split and resolve @text; @port where it names none. Return 0, or -EINVAL or
 * -EHOSTUNREACH after a message.
 */
int address_resolve(struct address *a, const char *text, uint16_t port);

/* The same for an address in digits: never asks anybody. Return 0, or -EINVAL
 * without a message.
 */
int address_numeric(struct address *a, const char *text, uint16_t port);

/* Its port. */
unsigned int address_port(const struct address *a);

/* "192.0.2.7:4766" or "[2001:db8::7]:4766". */
void address_format(const struct address *a, char *text, size_t size);

enum {
	ADDRESS_NETWORK_SIZE = 8,
};

/* The part of an address that tells hosts apart: with IPv6 a host may choose any
 * address of its network, so the network counts.
 */
void address_network(const struct address *a,
		     uint8_t network[ADDRESS_NETWORK_SIZE]);

/* Whether both are known, and host and port are the same. */
bool address_same(const struct address *a, const struct address *b);

/* Of 127.0.0.0/8 or ::1: not to be reached from another machine. */
bool address_is_loopback(const struct address *a);

/* Whether it is each address of this host, which is none to go to. */
bool address_is_any(const struct address *a);

#endif /* KTACH_LIB_BASE_ADDRESS_H */
