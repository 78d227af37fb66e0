/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a history in Redis or Valkey is, as a setting names it:
 *
 *   redis://[USER@]HOST[:PORT][,HOST[:PORT]...][/PREFIX][?NAME=VALUE[&...]]
 *
 * rediss:// is the same with TLS. Names are password-file, ca, copies and insecure.
 */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_PLACE_H
#define KTACH_COLLECTOR_HISTORY_REDIS_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum place_limits {
	PLACE_HOSTS_MAX = 16,
	PLACE_HOST_SIZE = 264,
	PLACE_NAME_SIZE = 64,
	PLACE_COPIES_MAX = 6,
	PLACE_PORT = 6379,
};

/**
 * struct place - read from such a text
 * @tls: rediss
 * @insecure: with TLS, but whoever answers is believed
 * @user: of the engine's ACL; "": its default one
 * @password_file: its first line is the password; "": none
 * @ca: certificates that are trusted (PEM); "": the system's
 * @prefix: that all keys begin with
 * @hosts: asked one after the other; each HOST or HOST:PORT
 * @host_count: of them
 * @copies: servers that must have a frame before it is acknowledged; 0: two where
 *          there are replicas, else one
 */
struct place {
	bool tls;
	bool insecure;
	char user[PLACE_NAME_SIZE];
	char password_file[PATH_MAX];
	char ca[PATH_MAX];
	char prefix[PLACE_NAME_SIZE];
	char hosts[PLACE_HOSTS_MAX][PLACE_HOST_SIZE];
	unsigned int host_count;
	unsigned int copies;
};

/* Whether a text names such a place, well or not. */
bool place_is(const char *text);

/* Read it. Return NULL, or what is wrong. */
const char *place_parse(struct place *p, const char *text);

/* The first line of its file. Return 0, or -errno. */
int place_password(const struct place *p, char *password, size_t size);

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_PLACE_H */
