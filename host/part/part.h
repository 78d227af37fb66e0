/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of the host: series of tables/parts.def, as rows of WIRE_PART. Most are read as
 * that says (part_files.c); a group whose files are of another form has a function.
 */
#ifndef KTACH_HOST_PART_PART_H
#define KTACH_HOST_PART_PART_H

#include "host/file.h"
#include "host/own/own_rows.h"

/**
 * struct parts - a reading
 * @options: trees, and what is chosen
 * @net: folder of the host's network in PROC
 * @own_network: it is ours, which the kernel can be asked about
 * @rows: what was read
 * @memory: for a text, if @options have none
 */
struct parts {
	const struct host_options *options;
	const char *net;
	bool own_network;
	struct own_rows rows;
	struct host_memory memory;
};

/**
 * struct part_labels - of a series, as they are written; all zeroes: none
 * @text: with commas between them
 * @used: bytes
 */
struct part_labels {
	char text[OWN_NAME_SIZE];
	size_t used;
};

/* Add a label. One without a value, or for which there is no room, is left out. */
void part_label(struct part_labels *l, const char *name, const char *value);

/* The same of a value of so many bytes. */
void part_label_size(struct part_labels *l, const char *name, const char *value,
		     size_t size);

/* A value, or a count. NULL labels: none. */
void part_put(struct parts *p, const char *series, const struct part_labels *l,
	      double value);
void part_count(struct parts *p, const char *series,
		const struct part_labels *l, uint64_t value);

/* The text of a file below PROC, there until the next one is read; NULL without. */
const char *part_text(struct parts *p, const char *folder, const char *name);

/* The same below the host's network in PROC. */
const char *part_net_text(struct parts *p, const char *name);

/* The word that begins there: its size, and where the next one of its line begins. */
size_t part_word(const char *at);
const char *part_next(const char *at);

/* The number that is the word @n of a line, counted from 0. False if it is none, or may be
 * cut off.
 */
bool part_number(const char *line, unsigned int n, int base, uint64_t *value);

/* Whether a group is chosen. */
bool part_chosen(const struct host_options *o, const char *group);

/* What is read as the book says. */
void part_files(struct parts *p);

/* Groups that have a function, by their name. */
void part_neighbour(struct parts *p);
void part_qdisc(struct parts *p);
void part_tcp(struct parts *p);
void part_ethtool(struct parts *p);
void part_session(struct parts *p);
void part_update(struct parts *p);
void part_conntrack(struct parts *p);
void part_bonding(struct parts *p);
void part_wireless(struct parts *p);
void part_udp(struct parts *p);
void part_ipvs(struct parts *p);
void part_md(struct parts *p);
void part_nfs(struct parts *p);
void part_nfsd(struct parts *p);
void part_zram(struct parts *p);
void part_buddy(struct parts *p);
void part_selinux(struct parts *p);
void part_schedstat(struct parts *p);
void part_pps(struct parts *p);

#endif /* KTACH_HOST_PART_PART_H */
