/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where servers are, as a setting names them: Redis or Valkey that have a history, etcd that
 * knows who is in a fleet.
 *
 *   redis://[USER@]HOST[:PORT][,HOST[:PORT]...][/PREFIX][?NAME=VALUE[&...]]
 *
 * rediss:// is the same with TLS, etcd:// and etcds:// likewise. Names are password-file,
 * ca, insecure, and copies of a history.
 */
#ifndef KTACH_COLLECTOR_BASE_PLACE_H
#define KTACH_COLLECTOR_BASE_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum place_limits {
	PLACE_HOSTS_MAX = 16,
	PLACE_HOST_SIZE = 264,
	PLACE_NAME_SIZE = 64,
	PLACE_COPIES_MAX = 6,
	PLACE_PORT = 6379,
	PLACE_ETCD_PORT = 2379,
};

/* What is there. */
enum place_kind {
	PLACE_REDIS,
	PLACE_ETCD,
};

/**
 * struct place - read from such a text
 * @kind: what it has to be
 * @tls: rediss or etcds
 * @insecure: with TLS, but whoever answers is believed
 * @user: that they know; "": its default one
 * @password_file: its first line is the password; "": none
 * @ca: certificates that are trusted (PEM); "": the system's
 * @prefix: that all keys begin with
 * @hosts: asked one after the other; each HOST or HOST:PORT
 * @host_count: of them
 * @copies: servers that must have a frame before it is acknowledged; 0: two where
 *          there are replicas, else one
 */
struct place {
	enum place_kind kind;
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
bool place_is(const char *text, enum place_kind kind);

/* Read it. Return NULL, or what is wrong. */
const char *place_parse(struct place *p, const char *text,
			enum place_kind kind);

/* The first line of its file. Return 0, or -errno. */
int place_password(const struct place *p, char *password, size_t size);

#endif /* KTACH_COLLECTOR_BASE_PLACE_H */
