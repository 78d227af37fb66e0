/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_NET_INTERFACE_CHOICE_H
#define KTACH_HOST_NET_INTERFACE_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct interface_choice - which ones, and how
 * @with_lo: the loopback interface too
 * @include: names, as globs with commas between them; NULL for all
 * @exclude: the same, of names to leave out, or NULL
 * @over_percent: a 1 ms bucket is over the threshold if it holds more than this
 *                share of what the link can do in 1 ms; 0 for no threshold
 * @freeze_over: then the recording is frozen
 */
struct interface_choice {
	bool with_lo;
	const char *include;
	const char *exclude;
	uint32_t over_percent;
	bool freeze_over;
};

/* Whether an interface of this name is to be counted. */
bool interface_chosen(const struct interface_choice *c, const char *name,
		      bool loopback);

#endif /* KTACH_HOST_NET_INTERFACE_CHOICE_H */
