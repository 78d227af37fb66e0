/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may do what: one table of every path and verb, and of every kind of frame, by
 * role. What is not in it nobody may. docs/security.md shows the same table;
 * a test holds both against each other.
 */
#ifndef KTACH_COLLECTOR_LOGIN_RIGHTS_H
#define KTACH_COLLECTOR_LOGIN_RIGHTS_H

#include "collector/login/login.h"

/* A bit for each role, and one for who shows no token. */
enum rights_bits {
	RIGHTS_NOBODY = 0,
	RIGHTS_ANYBODY = (1 << LOGIN_ROLES) - 1,
};

/**
 * struct right - a line of the table
 * @verb: a method, or "frame"
 * @path: an address; with a star at its end all that begin so; of a frame its kind
 * @roles: who may
 */
struct right {
	const char *verb;
	const char *path;
	unsigned int roles;
};

/* The first line that fits counts; one without a verb ends the table. */
extern const struct right rights[];

/* Who may; HEAD is as GET. */
unsigned int rights_of(const char *verb, const char *path);

/* The bit of a role. */
static inline unsigned int rights_role(enum login_role role)
{
	return 1u << role;
}

#endif /* KTACH_COLLECTOR_LOGIN_RIGHTS_H */
