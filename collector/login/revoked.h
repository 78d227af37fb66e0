/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tokens that were taken back before they expire: a file in the data folder, a line
 * each, written by 'ktach-collector token --revoke' and looked at each second.
 *
 *   id ID          that token (login_id())
 *   name NAME S    those of this name that were issued until then, s since 1970
 */
#ifndef KTACH_COLLECTOR_LOGIN_REVOKED_H
#define KTACH_COLLECTOR_LOGIN_REVOKED_H

#include <stdbool.h>
#include <sys/stat.h>

#include "collector/login/login.h"

#define REVOKED_FILE "revoked-tokens"

/* @id: or a name, if @until_s is not 0 */
struct revoked_token {
	char id[LOGIN_NAME_SIZE];
	uint64_t until_s;
};

/**
 * struct revoked - all of them
 * @path: of the file
 * @seen: it, when it was read last
 * @told_ns: when the log last said that it cannot be read
 * @list: @count of them
 */
struct revoked {
	char path[4096];
	struct stat seen;
	uint64_t told_ns;
	struct revoked_token *list;
	size_t count;
};

/* Read the file if it has changed. True: it has. One that cannot be read leaves
 * all as it was.
 */
bool revoked_look(struct revoked *r);
void revoked_free(struct revoked *r);

/* Whether this token is one of them. */
bool revoked_has(const struct revoked *r, const struct login_claims *claims);

/* Add one to the file in a folder: a token, its id, or a name. Return 0, or -errno
 * after a message.
 */
int revoked_add(const char *folder, const char *what);

#endif /* KTACH_COLLECTOR_LOGIN_REVOKED_H */
