/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what a collector told of interfaces to figures. No I/O. */
#ifndef KTACH_KTACH_FIGURES_NET_FIGURES_H
#define KTACH_KTACH_FIGURES_NET_FIGURES_H

#include "ktach/figures/figures.h"
#include "ktach/figures/reading.h"

/**
 * net_between() - what interfaces sent and received
 * @told: tables of host/net.h
 * @f: filled
 *
 * Counters and rates are the devices' own, but for those that packets are counted
 * of: their rates, averages and bursts are of the rate table, the devices' stand
 * beside them.
 *
 * Return: 0 or -ENOMEM.
 */
int net_between(const struct readings *told, struct net_figures *f);

#endif /* KTACH_KTACH_FIGURES_NET_FIGURES_H */
