/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the family "ktach" taken apart: for lib/netlink/genl.c only. */
#ifndef KTACH_LIB_NETLINK_GENL_SAMPLE_H
#define KTACH_LIB_NETLINK_GENL_SAMPLE_H

#include <stdbool.h>

#include "lib/netlink/genl_types.h"

struct genlmsghdr;

/**
 * struct assembly - a sample that is put together from its messages
 * @sample: what there is of it
 * @cpu: its CPUs, room for @room
 * @room: CPUs that fit
 * @open: it lacks messages
 */
struct assembly {
	struct family_sample sample;
	struct ktach_cpu_sample *cpu;
	unsigned int room;
	bool open;
};

/**
 * assembly_add() - take one message of a sample
 * @a: the sample that it continues, or begins anew
 * @message: of KTACH_CMD_SAMPLE_GET or KTACH_CMD_SAMPLE_NTF
 *
 * Return: 1 if the sample is whole; 0 if it is not, yet; -EPROTO for a message
 * that makes no sense; -ENOMEM.
 */
int assembly_add(struct assembly *a, struct genlmsghdr *message);
void assembly_free(struct assembly *a);

/* Take a message of KTACH_CMD_SOURCE_GET. Return: 0 or -EPROTO. */
int source_parse(struct family_source *source, struct genlmsghdr *message);

#endif /* KTACH_LIB_NETLINK_GENL_SAMPLE_H */
