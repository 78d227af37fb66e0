/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the host's users: those of its /etc/passwd, wherever that is. */
#ifndef KTACH_HOST_PROCESS_USERS_H
#define KTACH_HOST_PROCESS_USERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum users_limits {
	USERS_MAX = 64,			/* kept; those of a host's processes */
	USER_NAME = 64,			/* bytes */
};

/**
 * struct users - those that were asked for
 * @root: the host's root
 * @was: its /etc/passwd when they were read
 * @of: in no order
 * @count: of them
 */
struct users {
	const char *root;
	struct stat was;
	struct user {
		uint32_t uid;
		char name[USER_NAME];
	} of[USERS_MAX];
	uint32_t count;
};

void users_init(struct users *u, const char *root);

/* Once for a reading: forget them if the file changed. */
void users_refresh(struct users *u);

/* The name, or the number if it has none; valid until the next call. */
const char *users_name(struct users *u, uint32_t uid);

/**
 * users_find() - the first name of a user
 * @text: of /etc/passwd
 * @uid: the user
 * @name: filled
 * @size: room there: a longer name is none
 *
 * Return: 0, or -ENOENT.
 */
int users_find(const char *text, uint32_t uid, char *name, size_t size);

#endif /* KTACH_HOST_PROCESS_USERS_H */
