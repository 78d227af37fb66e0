/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Alarms that fired and are not done with: what has been said of them to others, and
 * what people said of them. They outlive the process.
 *
 *   who takes frames: ledger_fire(), ledger_clear()
 *        |
 *        v                       the ledger's thread
 *   in memory, "changed"  ------------------------------->  alarms.db, a row each
 *        ^                                                  (ledger_file.h)
 *        | ledger_told()                                          |
 *   outlets (collector/outlets)  <--- "kept": it is there --------'
 *
 * So an alarm is sent only once it is on disk, and what was sent is on disk soon after:
 * between the two a killed process sends it again, by the same number.
 */
#ifndef KTACH_COLLECTOR_ALARMS_LEDGER_H
#define KTACH_COLLECTOR_ALARMS_LEDGER_H

#include <pthread.h>

#include "collector/alarms/rule.h"

enum ledger_limits {
	LEDGER_MAX = 50000, /* alarms that are not done with */
	LEDGER_SILENCES_MAX = 1000,
	LEDGER_OUTLETS = 4,
};

/**
 * struct ledger_alarm - one of them; its texts don't change
 * @id: its number, which no other one ever has
 * @node: whose
 * @key: of the row
 * @severity: enum severity
 * @value: when it fired
 * @limit: the same
 * @fired_ns: real
 * @cleared_ns: real; 0: it fires
 * @marks: what people said of it; that it is silenced stands in struct ledger_silence
 * @fire_told: a bit for each outlet that knows that it fired
 * @clear_told: and that it is over
 * @sent_ns: when an outlet had it last, monotonic; not kept
 * @done: nothing is left to be said
 * @kept: it is on disk, or there is no disk
 * @changed: it is another than on disk
 * @name: the node's then
 * @rule: its name
 * @row: "" of the node itself
 * @text: what it said
 * @why: of its rule; "" without
 * @look: the same
 */
struct ledger_alarm {
	uint64_t id;
	uint8_t node[WIRE_ID_SIZE];
	uint64_t key;
	unsigned int severity;
	double value;
	double limit;
	uint64_t fired_ns;
	uint64_t cleared_ns;
	struct alarm_marks marks;
	unsigned int fire_told;
	unsigned int clear_told;
	uint64_t sent_ns[LEDGER_OUTLETS];
	bool done;
	bool kept;
	bool changed;
	const char *name;
	const char *rule;
	const char *row;
	const char *text;
	const char *why;
	const char *look;
};

/**
 * struct ledger_silence - alarms that nobody is told of for a while
 * @node: whose
 * @key: of the row
 * @until_ns: real
 * @rule: its name
 * @by: who said so
 */
struct ledger_silence {
	uint8_t node[WIRE_ID_SIZE];
	uint64_t key;
	uint64_t until_ns;
	char rule[64];
	char by[ALARM_WHO_SIZE];
};

struct ledger_file;

/**
 * struct ledger - all of them
 * @lock: of all that follows; below a node's
 * @news: told of every change
 * @all: in the order of their numbers
 * @count: of @all
 * @room: in @all
 * @last_id: of the newest one ever
 * @silences: in no order
 * @silence_count: of them
 * @silences_changed: they are others than on disk
 * @outlets: a bit for each that there is
 * @patient: of them, those that are told of what is over already, too
 * @refused: alarms that nobody is told of: there were too many
 * @changed: some alarm or silence is another than on disk
 * @file: NULL: in memory only
 * @failing: the file can't be written
 * @writer: a thread, if @running
 * @running: see @writer
 * @stop: set once
 */
struct ledger {
	pthread_mutex_t lock;
	pthread_cond_t news;
	struct ledger_alarm **all;
	size_t count;
	size_t room;
	uint64_t last_id;
	struct ledger_silence *silences;
	size_t silence_count;
	bool silences_changed;
	unsigned int outlets;
	unsigned int patient;
	uint64_t refused;
	bool changed;
	struct ledger_file *file;
	bool failing;
	pthread_t writer;
	bool running;
	bool stop;
};

/**
 * ledger_open() - go on with those of the process before
 * @l: filled
 * @folder: where their file is; one that can't be used is told of in the log, and
 *	    goes for none; NULL: in memory only
 * @past: told each alarm that is done with, the oldest first
 * @context: for @past
 *
 * Return: 0 or -ENOMEM.
 */
int ledger_open(struct ledger *l, const char *folder,
		void (*past)(void *context, const struct ledger_alarm *alarm),
		void *context);

/* Begin to write. Return 0 or -ENOMEM. */
int ledger_start(struct ledger *l);

/* What is not on disk yet goes there. */
void ledger_close(struct ledger *l);

/* An alarm of a node, which is locked, fires: gives it its number, and tells it whether
 * it is silenced. Without room it has none, and is counted.
 */
void ledger_fire(struct ledger *l, const struct node *node, struct alarm *alarm,
		 const char *text);

/* One that nobody is told of. */
void ledger_refuse(struct ledger *l);

/* It is over. */
void ledger_clear(struct ledger *l, uint64_t id, uint64_t real_ns);

/**
 * ledger_find() - an alarm by its number; the ledger is locked
 *
 * Return: NULL: there is none, or it is done with.
 */
struct ledger_alarm *ledger_find(const struct ledger *l, uint64_t id);

/* The one that holds back what is said of such an alarm; the ledger is locked. */
const struct ledger_silence *ledger_silenced(const struct ledger *l,
					     const struct ledger_alarm *alarm,
					     uint64_t real_ns);

/* Somebody, or "", has taken note of an alarm that fires; @node: set to whose. Return 0,
 * or -ENOENT.
 */
int ledger_acknowledge(struct ledger *l, uint64_t id, const char *who,
		       uint64_t real_ns, uint8_t *node);

/**
 * ledger_silence() - don't tell of an alarm, now and whenever it fires again
 * @l: the ledger
 * @id: its number, of one that fires
 * @who: says so, or ""
 * @until_ns: real; of the past: tell of it again
 * @node: set to whose
 *
 * Return: 0, -ENOENT, or -ENOSPC: there are too many silences.
 */
int ledger_silence(struct ledger *l, uint64_t id, const char *who,
		   uint64_t until_ns, uint8_t *node);

/* From now on these are told: see struct ledger. */
void ledger_tell(struct ledger *l, unsigned int outlets, unsigned int patient);

/* A copy that is the caller's, to be freed; NULL without memory. */
struct ledger_alarm *ledger_copy(const struct ledger_alarm *like);

/* An alarm is another than on disk; the ledger is locked. */
void ledger_touch(struct ledger *l, struct ledger_alarm *alarm);

#endif /* KTACH_COLLECTOR_ALARMS_LEDGER_H */
