/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of the generic netlink family "ktach", on libnl: what rings there
 * are, combined samples, periods. What the figures mean stands in
 * <linux/ktach_netlink.h> and <linux/ktach_sample.h>.
 *
 * A struct family has two sockets, one for questions and one for the samples
 * that the kernel sends by itself. It is used by one thread at a time.
 */
#ifndef KTACH_LIB_NETLINK_GENL_H
#define KTACH_LIB_NETLINK_GENL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/netlink/genl_types.h"

struct family;

/* Which samples. All zeroes: the newest, with all CPUs. */
struct family_query {
	bool has_since;
	uint64_t since;			/* samples after this one; 0: all */
	bool totals_only;		/* no CPUs */
	bool has_range;
	uint32_t cpu_first, cpu_last;
	const uint8_t *cpu_mask;	/* or bits: n % 8 of byte n / 8 */
	size_t cpu_mask_len;		/* bytes, up to KTACH_CPU_MASK_LEN */
};

/* Called with each answer, which is gone after the call. */
typedef void (*family_source_fn)(const struct family_source *source, void *arg);
typedef void (*family_sample_fn)(const struct family_sample *sample, void *arg);

/**
 * family_open() - find the family and connect to it
 * @out: the new client
 *
 * Return: 0; -ENOENT if it is not there: the module ktach_aggregator is not
 * loaded, or this is not the initial network namespace; -ENOMEM; what socket()
 * gives.
 */
int family_open(struct family **out);
void family_close(struct family *f);

/**
 * family_error() - what the kernel said of the last call that it refused
 *
 * Return: a line without its end, such as "cpu-first: there is no such CPU";
 * "" if the kernel gave no reason. Valid up to the next call.
 */
const char *family_error(const struct family *f);

/**
 * family_sources() - all rings and the combined samples
 * @f: the client
 * @fn: called with each, in the order of their registration
 * @arg: for @fn
 *
 * Return: 0; -EINTR if one came or went meanwhile: ask again; what netlink gives.
 */
int family_sources(struct family *f, family_source_fn fn, void *arg);

/**
 * family_source() - one of them
 *
 * Return: 0; -ENOENT if there is none of this name.
 */
int family_source(struct family *f, const char *name,
		  struct family_source *source);

/**
 * family_samples() - combined samples that the kernel keeps
 * @f: the client
 * @query: which, and how much of them; NULL for the newest
 * @fn: called with each whole sample, oldest first
 * @arg: for @fn
 *
 * Samples that the kernel no longer had count in the next one's lost.
 *
 * Return: 0; -ERANGE for a since that is ahead of the kernel: it begins again
 * at 1 when the module is loaded anew; -EINVAL, -ERANGE for other bad queries.
 */
int family_samples(struct family *f, const struct family_query *query,
		   family_sample_fn fn, void *arg);

/**
 * family_subscribe() - have all samples from now on sent
 *
 * Return: 0 or what netlink gives. Again is no error.
 */
int family_subscribe(struct family *f);

/* To wait on, for reading, when subscribed. Does not block. */
int family_fd(const struct family *f);

/**
 * family_receive() - take what was sent to a subscriber
 *
 * Takes all that is there, and does not wait. What a slow caller lost counts in
 * the next sample's lost.
 *
 * Return: 0, also if nothing was there; -ENODEV when the module has gone: open
 * anew; what netlink gives.
 */
int family_receive(struct family *f, family_sample_fn fn, void *arg);

/**
 * family_set_period() - change the period of a source, or of "combined"
 * @f: the client
 * @name: of the source
 * @period_us: see KTACH_CMD_PERIOD_SET
 *
 * Return: 0; -EPERM without CAP_PERFMON; -ENOENT for a source that is not
 * there; -ERANGE for a period out of bounds.
 */
int family_set_period(struct family *f, const char *name, uint32_t period_us);

#endif /* KTACH_LIB_NETLINK_GENL_H */
