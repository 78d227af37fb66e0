/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tokens that were taken back before they expire: a file in the data folder, a line
 * each, written by 'ktach-collector token --revoke' and looked at each second.
 *
 *   id ID            that token (login_id())
 *   name NAME S      those of this name that were issued until then, s since 1970
 *   encoded NAME S   the same, for a name with bytes in it that end a word, or %: these
 *                    are %XX
 *
 * A list with any other line is none: what was revoked stays so, and nothing else is.
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
 * @again_ns: when to try again; 0: it was read
 * @known: it was read once, or was not there
 * @list: @count of them
 */
struct revoked {
	char path[4096];
	struct stat seen;
	uint64_t again_ns;
	bool known;
	struct revoked_token *list;
	size_t count;
};

/* Read the file if it has changed. True: others are on it now. One that cannot be read
 * leaves all as it was, after a message; it is tried again when it changes, and after a
 * minute.
 */
bool revoked_look(struct revoked *r);

/* Whether it is known who is revoked, from the file as it is or was: else whoever is on
 * it would be let in.
 */
bool revoked_known(struct revoked *r);
void revoked_free(struct revoked *r);

/* Whether this token is one of them. */
bool revoked_has(const struct revoked *r, const struct login_claims *claims);

/* Add one to the file in a folder: a token, its id, or a name; a text that may be an id
 * or a name is both. Return 0, or -errno after a message.
 */
int revoked_add(const char *folder, const char *what);

#endif /* KTACH_COLLECTOR_LOGIN_REVOKED_H */
