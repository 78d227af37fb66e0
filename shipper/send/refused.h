/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_SHIPPER_SEND_REFUSED_H
#define KTACH_SHIPPER_SEND_REFUSED_H

#include "lib/wire/wire.h"

/**
 * refused_read() - why a collector takes no frames, and what to do
 * @f: its WIRE_REFUSED; a reason that this version does not know is one all the same
 * @moved_to: set to the collector that takes them instead, if it names one
 * @room: bytes there
 */
const char *refused_read(const struct wire_frame *f, char *moved_to,
			 size_t room);

#endif /* KTACH_SHIPPER_SEND_REFUSED_H */
