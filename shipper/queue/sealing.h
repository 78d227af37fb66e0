/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether this node's frames are sealed, and with which key. */
#ifndef KTACH_SHIPPER_QUEUE_SEALING_H
#define KTACH_SHIPPER_QUEUE_SEALING_H

#include "lib/wire/seal.h"

/**
 * struct sealing - all zeroes: frames are not sealed
 * @on: they are
 * @seal: for frames that are sent, with the first key of the file
 * @keys: those of the file and the one that was in use before: what was sealed
 *        with any of them may be acknowledged yet
 * @frame: the sealed frame
 */
struct sealing {
	bool on;
	struct seal seal;
	struct seal_keys keys;
	uint8_t *frame;
};

/**
 * sealing_open() - read the node's key, for the first time or again
 * @s: all zeroes, or in use: changed only if there is a key
 * @path: file with this node's key, or a fleet key; NULL: changes nothing
 * @node: this node's id
 *
 * Return: 0, or -errno after a message.
 */
int sealing_open(struct sealing *s, const char *path, const uint8_t *node);
void sealing_close(struct sealing *s);

/**
 * sealing_needed() - whether a collector is elsewhere
 * @list: HOST[:PORT], or several with commas between them
 *
 * Return: true unless all are addresses of the loopback interface, or
 * "localhost".
 */
bool sealing_needed(const char *list);

/* Bytes that a frame grows by. */
size_t sealing_room(const struct sealing *s);

/* The frame as it goes out: itself, or sealed in memory that is used again for
 * the next one. Its size is brought up to date.
 */
const uint8_t *sealing_frame(struct sealing *s, const uint8_t *frame,
			     size_t *size);

/* Whether an answer, to be acted on, is genuine; @data may be changed. */
bool sealing_answer(struct sealing *s, struct wire_frame *f, uint8_t *data,
		    size_t size);

/* Whether an answer says, without a seal, that no key of this node is known: it may
 * be anybody's, and is good for a message only.
 */
bool sealing_is_hint(const struct sealing *s, struct wire_frame *f,
		     const uint8_t *data, size_t size);

#endif /* KTACH_SHIPPER_QUEUE_SEALING_H */
