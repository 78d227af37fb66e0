/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring that BPF fills (bpf/rings.bpf.c) where the kernel modules are not there. It is
 * pinned, so that it goes on when its process ends: the next one takes it over. One
 * process at a time looks after it; others read.
 */
#ifndef KTACH_HOST_CPU_RING_BPF_H
#define KTACH_HOST_CPU_RING_BPF_H

#include <stdbool.h>

#include "host/options.h"
#include "lib/kernel/cpu_table.h"
#include "lib/kernel/pinned_map.h"
#include "lib/kernel/pins.h"

enum {
	RING_BPF_WHY = 160, /* bytes of a reason */
};

/**
 * struct ring_bpf - one that this process looks after
 * @spec: which
 * @options: as given
 * @dir: the folder of its pins
 * @pins: the same
 * @control: what the programs are told
 * @is_ours: the rest is there
 * @is_refused: this kernel does not take the programs, which costs some time to ask
 */
struct ring_bpf {
	const struct cpu_source_spec *spec;
	const struct host_options *options;
	char dir[PIN_PATH_MAX];
	struct pins pins;
	struct pinned_map control;
	bool is_ours;
	bool is_refused;
};

/* Nothing is begun yet. @options stay. */
void ring_bpf_init(struct ring_bpf *b, const struct cpu_source_spec *spec,
		   const struct host_options *options);

/**
 * ring_bpf_start() - have the ring filled
 * @b: by ring_bpf_init(); its options' @rings say how, and @net.pins where
 * @why: says what is missing, if something is
 *
 * Return: 0, also if another process looks after it; or -errno.
 */
int ring_bpf_start(struct ring_bpf *b, char why[RING_BPF_WHY]);

/* Now and then: what the programs cannot know for themselves. */
void ring_bpf_keep(struct ring_bpf *b);

/* Leave it to the next process; it goes on to be filled. */
void ring_bpf_leave(struct ring_bpf *b);

/* End it, unless another process looks after it: its readers see that it is not live
 * any more.
 */
void ring_bpf_end(struct ring_bpf *b);

/**
 * ring_bpf_map() - map it, whoever looks after it
 * @r: filled
 * @spec: which
 * @pins: the folder of all pins
 *
 * Return: 0, or -errno as pinned_map_open(), -ESTALE if nobody fills it any more.
 */
int ring_bpf_map(struct ring *r, const struct cpu_source_spec *spec,
		 const char *pins);

/* End all below @pins, at once. 0, or -errno after a message: -EBUSY if a process
 * looks after one.
 */
int ring_bpf_detach(const char *pins);

#endif /* KTACH_HOST_CPU_RING_BPF_H */
