/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_NAME_H
#define KTACH_HOST_NAME_H

#include <stdbool.h>
#include <stddef.h>

struct host_options;

/* The host's name: of its etc/hostname if its root is elsewhere (host_options_root()),
 * as a container has a name of its own; else the kernel's. False if that had to
 * stand in for a file that can't be read.
 */
bool host_name(const struct host_options *o, char *text, size_t size);

/* Its kernel's release, and the machine that it was built for, as its /proc has them;
 * "" where another host's does not tell.
 */
void host_release(const struct host_options *o, char *text, size_t size);
void host_architecture(const struct host_options *o, char *text, size_t size);

/* Whether it is our own kernel, whose /proc may be mounted elsewhere in a container: one
 * that was booted once has one boot id.
 */
bool host_is_own(const struct host_options *o);

/* Where /proc is another host's, and nobody said where its /sys is, ours is not taken for
 * it: it becomes a place that nothing is below. Says so, once.
 */
void host_settle_sys(struct host_options *o);

#endif /* KTACH_HOST_NAME_H */
