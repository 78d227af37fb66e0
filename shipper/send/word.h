/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame that is no part of the feed: it goes between two frames of the queue. */
#ifndef KTACH_SHIPPER_SEND_WORD_H
#define KTACH_SHIPPER_SEND_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/list.h"

/**
 * struct word - one; its owner keeps it until @said
 * @link: of those that wait
 * @data: as it goes out
 * @size: of it
 * @said: called once it has left (@left), or will not any more
 */
struct word {
	struct list link;
	const uint8_t *data;
	size_t size;
	void (*said)(struct word *word, bool left);
};

#endif /* KTACH_SHIPPER_SEND_WORD_H */
