/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes that have the same name: who asks for one by name cannot tell them apart. */
#ifndef KTACH_COLLECTOR_NODES_NAMESAKES_H
#define KTACH_COLLECTOR_NODES_NAMESAKES_H

#include "collector/nodes/node.h"

/* Once a second, of one thread: name two that have one name, once a minute at most, and
 * only if any node's name has changed since. Return whether it did.
 */
bool namesakes_tell(struct nodes *nodes, uint64_t mono_ns);

#endif /* KTACH_COLLECTOR_NODES_NAMESAKES_H */
