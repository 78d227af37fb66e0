// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "collector/history/redis/slot.h"

enum {
	CRC16 = 0x1021,
};

uint16_t slot_of(const char *tag)
{
	uint32_t crc = 0;
	int bit;

	for (; *tag; tag++) {
		crc ^= (uint32_t)(uint8_t)*tag << 8;
		for (bit = 0; bit < 8; bit++)
			crc = crc & 0x8000 ? crc << 1 ^ CRC16 : crc << 1;
		crc &= 0xffff;
	}
	return crc % SLOTS;
}

void slot_tag(unsigned int bucket, unsigned int buckets,
	      char tag[SLOT_TAG_SIZE])
{
	unsigned int i = 0;

	if (bucket == BUCKET_CONTROL) {
		snprintf(tag, SLOT_TAG_SIZE, "control");
		return;
	}
	do {
		snprintf(tag, SLOT_TAG_SIZE, "%u.%u", bucket, i++);
	} while (slot_of(tag) / (SLOTS / buckets) != bucket);
}
