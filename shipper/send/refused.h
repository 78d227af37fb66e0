/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_SHIPPER_SEND_REFUSED_H
#define KTACH_SHIPPER_SEND_REFUSED_H

#include <stdint.h>

/* Why a collector takes no frames, and what to do, by enum wire_refusal. A reason that
 * this version does not know is one all the same.
 */
const char *refused_text(uint8_t why);

#endif /* KTACH_SHIPPER_SEND_REFUSED_H */
