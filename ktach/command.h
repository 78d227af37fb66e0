/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program's commands: what a command line becomes, and who runs it. */
#ifndef KTACH_KTACH_COMMAND_H
#define KTACH_KTACH_COMMAND_H

#include "host/options.h"
#include "ktach/figures/readers.h"
#include "ktach/show/subject.h"
#include "ktach/show/views.h"
#include "lib/base/options.h"

enum exit_status {
	EXIT_OK = 0,
	EXIT_FAILED = 1, /* a message said why */
	EXIT_USAGE = 2,
	EXIT_AMISS = 3, /* done, but: doctor warned, a record was damaged */
};

/* Options that commands share; a command has a mask of them. */
enum setting {
	SET_JSON = 1,
	SET_CSV = 2,
	SET_FROM = 4,
	SET_INTERVAL = 8,
	SET_COUNT = 16,
	SET_SORT = 32,
	SET_PINS = 64,
	SET_BURSTS = 128,
	SET_SPEED = 256,
	SET_HOST = 512,
	SET_AGENT = 1024,
	SET_ROWS = 2048,
	SET_FLIGHT = 4096,
};

/**
 * struct settings - a command line, checked
 * @json: answer in JSON
 * @csv: answer in CSV
 * @bursts: show the packets' bursts
 * @from: where figures may come from
 * @order: of CPUs and interfaces
 * @sort: name of the value that a subject's rows are sorted by; NULL: @order says
 * @rows: of a subject, at most; 0: all
 * @interval_ns: time between two samples
 * @count: samples; 0: without end
 * @speed: of a replay; 0: at once
 * @host: what the collectors of host/ are told
 * @agentd: folder of ktach-agentd's socket
 * @flight_socket: of the shipper's flight recorder; NULL: the usual one
 * @every: all agents
 * @follow: go on with what comes
 * @command: for messages: see settings_refuse()
 * @operands: what followed the options
 * @operand_count: how many
 */
struct settings {
	int json;
	int csv;
	int bursts;
	enum host_from from;
	enum order order;
	const char *sort;
	uint64_t rows;
	uint64_t interval_ns;
	uint64_t count;
	uint64_t speed;
	struct host_options host;
	const char *agentd;
	const char *flight_socket;
	int every;
	int follow;
	const struct options *options;
	char **operands;
	int operand_count;
};

/**
 * struct command - a row of the table
 * @name: as typed; "" for none
 * @operands: as in struct options
 * @summary: one line for --help
 * @details: the rest of its --help
 * @settings: mask of enum setting
 * @interval_ns: default
 * @count: default
 * @run: returns enum exit_status
 */
struct command {
	const char *name;
	const char *operands;
	const char *summary;
	const char *details;
	unsigned int settings;
	uint64_t interval_ns;
	uint64_t count;
	int (*run)(const struct settings *s);
};

/* Ends with a row without run. */
extern const struct command commands[];

/* Read the command line of @c into @s. Exits with EXIT_USAGE if it is wrong. */
void settings_parse(struct settings *s, const struct command *c, int argc,
		    char **argv);

/* Operand @index as a section; @otherwise where there is none. */
int settings_section(const struct settings *s, int index, int otherwise);

/* The first operand as a subject of host/; NULL if it is no such. */
const struct subject *settings_subject(const struct settings *s);

/* What readers_open() takes. */
struct readers_options settings_readers(const struct settings *s,
					unsigned int sections);

/* 'ktach show SUBJECT'. Returns enum exit_status. */
int show_subject(const struct settings *s, const struct subject *subject);

/* EXIT_OK, or EXIT_FAILED after a message if the answer could not be written. */
int answer_flushed(void);

int run_summary(const struct settings *s);
int run_sources(const struct settings *s);
int run_show(const struct settings *s);
int run_top(const struct settings *s);
int run_watch(const struct settings *s);
int run_record(const struct settings *s);
int run_replay(const struct settings *s);
int run_set(const struct settings *s);
int run_doctor(const struct settings *s);
int run_freeze(const struct settings *s);
int run_agent(const struct settings *s);

#endif /* KTACH_KTACH_COMMAND_H */
