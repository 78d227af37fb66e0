/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From samples to frames: samples of a table wait for each other until the
 * flush, then they are packed into the frame that is being written; a frame that is full,
 * or flushed, is numbered and goes to the queue.
 *
 * A frame that has a number is never dropped. When the queue fills up, because
 * nobody takes what is sent, tables are refused before they get that far, the
 * least important ones first:
 *
 *   queue   0 %          25 %           50 %           75 %          100 %
 *           | everything  | no processes, | no interfaces, | no rows of  | nothing
 *           |             | mounts, IRQs  | disks, sensors | CPUs either |
 *
 * With a spool it is the spool that fills up: the queue has the oldest frames,
 * and takes the next ones from the spool as they leave.
 */
#ifndef KTACH_SHIPPER_QUEUE_OUTPUT_H
#define KTACH_SHIPPER_QUEUE_OUTPUT_H

#include "lib/wire/incident.h"
#include "lib/wire/wire.h"
#include "shipper/queue/queue.h"
#include "shipper/queue/refusal.h"
#include "shipper/queue/sealing.h"
#include "shipper/queue/series.h"
#include "shipper/queue/spool.h"

/* The least important comes last. */
enum output_class {
	OUTPUT_HOST,
	OUTPUT_CPU,
	OUTPUT_DEVICE,
	OUTPUT_DETAIL,
	OUTPUT_INCIDENT,
	OUTPUT_CLASSES
};

enum output_limits {
	OUTPUT_CPU_PERCENT = 75, /* fuller, and no rows of CPUs */
	OUTPUT_DEVICE_PERCENT = 50, /* fuller, and none of interfaces, disks */
	OUTPUT_DETAIL_PERCENT = 25, /* fuller, and none of processes */
	OUTPUT_INCIDENT_PERCENT = 10, /* fuller, and nothing of incidents */
	OUTPUT_KINDS = 32, /* of tables, at most */
};

/* Why something has got no number; in the order of the columns of WIRE_NODE. */
enum lost_cause {
	LOST_QUEUE, /* samples */
	LOST_SPOOL, /* frames */
	LOST_SIZE, /* rows */
	LOST_KEY, /* frames */
	LOST_CAUSES
};

/**
 * struct output - what writes frames
 * @sender: goes into each frame
 * @queue: gets the frames
 * @spool: gets them first; NULL without one
 * @sealing: of the frames; opened by the owner, after output_init()
 * @refusal: of frames whose key no collector knows
 * @ready: called when frames are in the queue that may leave
 * @carrier: handed to it
 * @tap: told each table that is put; NULL: nobody
 * @tapper: handed to it
 * @forgets: it is a memory: nothing leaves, and the oldest frames make room
 * @anew: set when frames go to a collector that may have none of the former ones;
 *        cleared by who repeats what is seldom sent
 * @frame_max: largest frame, bytes; may change between two frames
 * @memory: of the frame that is being written
 * @memory_size: its size, bytes
 * @open: whether a frame is being written
 * @samples: that have rows in it
 * @encoder: of that frame
 * @sequence: of the last frame
 * @series: samples that are packed with the next flush, by kind of table
 * @shed: samples that found no room, by kind of table
 * @shed_class: by importance
 * @oversize: tables with a row that fits no frame
 */
struct output {
	const struct wire_sender *sender;
	struct queue *queue;
	struct spool *spool;
	struct sealing sealing;
	struct refusal refusal;
	void (*ready)(void *carrier);
	void *carrier;
	void (*tap)(void *tapper, const struct wire_table *table);
	void *tapper;
	bool forgets;
	bool anew;
	size_t frame_max;
	uint8_t *memory;
	size_t memory_size;
	bool open;
	uint64_t samples;
	struct wire_encoder encoder;
	uint64_t sequence;
	struct series series[OUTPUT_KINDS];
	uint64_t shed[OUTPUT_KINDS];
	uint64_t shed_class[OUTPUT_CLASSES];
	uint64_t oversize;
};

/**
 * output_init() - get ready
 * @o: filled
 * @sender: must stay
 * @queue: gets the frames
 * @frame_max: largest frame ever, bytes
 *
 * Return: 0 or -ENOMEM.
 */
int output_init(struct output *o, const struct wire_sender *sender,
		struct queue *queue, size_t frame_max);
void output_exit(struct output *o);

/* Frames from the next one on are at most that large. */
void output_frame_max(struct output *o, size_t frame_max);

/* Append a sample; frames go to the queue as they fill up. Those of a table
 * without texts are packed together by output_flush(), or when they are many.
 */
void output_put(struct output *o, const struct wire_table *table);

/* Append bytes of an incident, which need no answer but whether there is room: samples
 * go first. Returns how many of @piece->data; 0: none now.
 */
size_t output_put_piece(struct output *o, const struct incident_piece *piece);

/* Whether nothing was put since the last output_flush(). */
bool output_empty(const struct output *o);

/* Frames are done: forget the oldest ones, in memory and on disk. */
void output_trim(struct output *o);

/* Give up the oldest frames as far as their key is given up. Nothing may be
 * under way.
 */
void output_give_up(struct output *o);

/* Pack all samples and queue the frame that is being written: all that is in the
 * queue may leave.
 */
void output_flush(struct output *o);

/* Nothing more will be put: what is in no frame yet, as there was no room, is lost.
 */
void output_end(struct output *o);

/* What was lost so far. */
void output_lost(const struct output *o, uint64_t lost[LOST_CAUSES]);

#endif /* KTACH_SHIPPER_QUEUE_OUTPUT_H */
