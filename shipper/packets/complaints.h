/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saying why interfaces are not counted. */
#ifndef KTACH_SHIPPER_PACKETS_COMPLAINTS_H
#define KTACH_SHIPPER_PACKETS_COMPLAINTS_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct complaints - what was said, and what is to be
 * @busy: interfaces that another ktach counts, not yet said
 * @busy_name: the first of these
 * @full: said that there are too many
 */
struct complaints {
	unsigned int busy;
	char busy_name[IF_NAMESIZE];
	bool full;
};

/* -errno of attach() or rate_table_take(); -EBUSY waits for complain_busy(). */
void complain(struct complaints *c, const char *name, uint32_t ifindex,
	      int error);

/* One line, however many interfaces. */
void complain_busy(struct complaints *c);

/* No slot is left; said once. */
void complain_full(struct complaints *c, uint32_t slots);

#endif /* KTACH_SHIPPER_PACKETS_COMPLAINTS_H */
