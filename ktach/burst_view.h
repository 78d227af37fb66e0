/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last milliseconds of each interface, as a chart or as numbers. */
#ifndef KTACH_KTACH_BURST_VIEW_H
#define KTACH_KTACH_BURST_VIEW_H

#include "ktach/command.h"

/* 'ktach show net --bursts'. Returns enum exit_status. */
int show_bursts(const struct settings *s);

/* 'ktach set bursts freeze|run [INTERFACE]': all, or one. */
int set_bursts(const struct settings *s);

#endif /* KTACH_KTACH_BURST_VIEW_H */
