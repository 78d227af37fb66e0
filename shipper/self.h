/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the shipper says about itself, in the first table of each frame. */
#ifndef KTACH_SHIPPER_SELF_H
#define KTACH_SHIPPER_SELF_H

#include "shipper/carrier.h"
#include "shipper/config.h"
#include "shipper/identity.h"

void self_put(struct output *output, const struct config *config,
	      const struct identity *identity, const struct carrier *carrier);

#endif /* KTACH_SHIPPER_SELF_H */
