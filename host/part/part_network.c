// SPDX-License-Identifier: GPL-2.0-or-later
/* What files of the network tell that have tables in them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/part/part.h"
#include "lib/kernel/proc.h"

enum {
	NAME_ROOM = 64,
	TRACKED_WORDS = 32, /* of its header */
};

/* --- connections that are tracked ------------------------------------------------ */

static unsigned int count_words(const char *line)
{
	unsigned int n = 0;

	line += strspn(line, " \t");
	for (; part_word(line); n++)
		line = part_next(line);
	return n;
}

/* A line a CPU, of hexadecimal numbers. False if one makes no sense, or none is there: then
 * nothing is known of any sum.
 */
static bool add_tracked(const char *text, unsigned int words,
			uint64_t sum[TRACKED_WORDS])
{
	uint64_t value;
	unsigned int i;

	if (!*text)
		return false;
	for (; *text; text = proc_next_line(text)) {
		if (count_words(text) != words)
			return false;
		for (i = 0; i < words; i++) {
			if (!part_number(text, i, 16, &value))
				return false;
			sum[i] += value;
		}
	}
	return true;
}

static void put_tracked(struct parts *p, const char *name, uint64_t value)
{
	static const char wanted[] =
		" found invalid ignore insert insert_failed drop early_drop search_restart ";
	const size_t size = part_word(name);
	char series[NAME_ROOM], word[NAME_ROOM];

	snprintf(word, sizeof(word), " %.*s ", (int)size, name);
	if (!strstr(wanted, word))
		return;
	snprintf(series, sizeof(series), "node_nf_conntrack_stat_%.*s",
		 (int)size, name);
	part_count(p, series, NULL, value);
}

void part_conntrack(struct parts *p)
{
	const char *text = part_net_text(p, "stat/nf_conntrack"), *name = text;
	uint64_t sum[TRACKED_WORDS] = { 0 };
	unsigned int words = text ? count_words(text) : 0, i;

	if (!words || words > TRACKED_WORDS ||
	    !add_tracked(proc_next_line(text), words, sum))
		return;
	for (i = 0; i < words; i++) {
		put_tracked(p, name, sum[i]);
		name = part_next(name);
	}
}

/* --- bonds -------------------------------------------------------------------------- */

/* Whether a bond's interface is up; of one that says nothing nobody knows. */
static bool is_up(int dir, const char *name, size_t size, bool *known)
{
	char path[NAME_ROOM + 32], text[NAME_ROOM];
	int n;

	snprintf(path, sizeof(path), "%.*s/bonding_slave/mii_status", (int)size,
		 name);
	n = host_text_at(dir, path, text, sizeof(text));
	if (n > 0 && !strcmp(text, "up"))
		return true;
	*known = *known && n > 0 &&
		 (!strcmp(text, "down") || !strcmp(text, "going down") ||
		  !strcmp(text, "going back"));
	return false;
}

static void put_bond(struct parts *p, int dir, const char *bond,
		     const char *slaves)
{
	struct part_labels l = { .used = 0 };
	unsigned int all = 0, up = 0;
	bool known = true;

	for (; part_word(slaves); slaves = part_next(slaves)) {
		all++;
		up += is_up(dir, slaves, part_word(slaves), &known);
	}
	part_label(&l, "master", bond);
	part_put(p, "node_bonding_slaves", &l, all);
	if (known)
		part_put(p, "node_bonding_active", &l, up);
}

void part_bonding(struct parts *p)
{
	char masters[1024], path[NAME_ROOM + 32], name[NAME_ROOM], slaves[1024];
	int dir = host_dir(p->options->sys, "class/net");
	const char *at = masters;

	if (dir < 0)
		return;
	if (host_text_at(dir, "bonding_masters", masters, sizeof(masters)) < 0)
		*masters = '\0';
	for (; part_word(at); at = part_next(at)) {
		snprintf(name, sizeof(name), "%.*s", (int)part_word(at), at);
		snprintf(path, sizeof(path), "%s/bonding/slaves", name);
		if (host_text_at(dir, path, slaves, sizeof(slaves)) >= 0)
			put_bond(p, dir, name, slaves);
	}
	close(dir);
}

/* --- wireless ----------------------------------------------------------------------- */

/* "-40.": with a point, where the driver keeps it up to date. */
static bool level_of(const char *at, double *value)
{
	const bool minus = *at == '-';
	uint64_t v;

	at += minus;
	if (!proc_number(&at, &v) || v > 1000)
		return false;
	at += *at == '.';
	*value = minus ? -(double)v : (double)v;
	return *at == ' ' || *at == '\n';
}

static const char *word_at(const char *line, unsigned int n)
{
	line += strspn(line, " \t");
	for (; n; n--)
		line = part_next(line);
	return line;
}

/* What the driver does not know is -256. */
static void put_level(struct parts *p, const struct part_labels *l,
		      const char *series, const char *at)
{
	double value;

	if (level_of(at, &value) && value > -256)
		part_put(p, series, l, value);
}

/* "wlan0: 0000   70.  -40.  -256   0  0  0  0  6  0" */
static void put_wireless(struct parts *p, const char *line)
{
	static const char reasons[][8] = { "nwid", "crypt", "frag", "retry",
					   "misc" };
	struct part_labels l = { .used = 0 }, with;
	uint64_t value;
	unsigned int i;

	line += strspn(line, " ");
	part_label_size(&l, "device", line, strcspn(line, ": \n"));
	put_level(p, &l, "ktach_wireless_quality", word_at(line, 2));
	put_level(p, &l, "ktach_wireless_level_dbm", word_at(line, 3));
	put_level(p, &l, "ktach_wireless_noise_dbm", word_at(line, 4));
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		with = l;
		part_label(&with, "reason", reasons[i]);
		if (part_number(line, 5 + i, 10, &value))
			part_count(p, "ktach_wireless_discarded_total", &with,
				   value);
	}
	if (part_number(line, 10, 10, &value))
		part_count(p, "ktach_wireless_missed_beacons_total", &l, value);
}

void part_wireless(struct parts *p)
{
	const char *text = part_net_text(p, "wireless");

	for (; text && *text; text = proc_next_line(text))
		if (count_words(text) == 11 &&
		    part_word(word_at(text, 0)) > 1 &&
		    word_at(text, 0)[part_word(word_at(text, 0)) - 1] == ':')
			put_wireless(p, text);
}

/* --- UDP sockets ---------------------------------------------------------------------- */

/* "0: 0100007F:0035 00000000:0000 07 00000000:00000001 ...": sent, received. */
static bool add_queues(const char *line, uint64_t *sent, uint64_t *received)
{
	const char *at = word_at(line, 4);
	char text[20];
	uint64_t tx, rx;

	if (part_word(at) != 17 || at[8] != ':' || at[17] != ' ')
		return false;
	memcpy(text, at, 17);
	text[8] = ' ';
	text[17] = '\n';
	if (!part_number(text, 0, 16, &tx) || !part_number(text, 1, 16, &rx))
		return false;
	*sent += tx;
	*received += rx;
	return true;
}

static void put_queue(struct parts *p, const char *ip, const char *queue,
		      uint64_t bytes)
{
	struct part_labels l = { .used = 0 };

	part_label(&l, "ip", ip);
	part_label(&l, "queue", queue);
	part_put(p, "node_udp_queues", &l, (double)bytes);
}

static void put_queues(struct parts *p, const char *file, const char *ip)
{
	const char *line = part_net_text(p, file);
	uint64_t sent = 0, received = 0;

	if (!line || !strstr(line, "tx_queue rx_queue") || !strchr(line, '\n'))
		return;
	for (line = proc_next_line(line); *line; line = proc_next_line(line))
		if (!add_queues(line, &sent, &received))
			return;
	put_queue(p, ip, "tx", sent);
	put_queue(p, ip, "rx", received);
}

void part_udp(struct parts *p)
{
	put_queues(p, "udp", "v4");
	put_queues(p, "udp6", "v6");
}

/* --- IPVS ------------------------------------------------------------------------------- */

/* The third line: connections, packets in and out, bytes in and out, in hexadecimal. */
static void put_balanced(struct parts *p)
{
	static const char series[][40] = {
		"node_ipvs_connections_total",
		"node_ipvs_incoming_packets_total",
		"node_ipvs_outgoing_packets_total",
		"node_ipvs_incoming_bytes_total",
		"node_ipvs_outgoing_bytes_total",
	};
	const char *line = part_net_text(p, "ip_vs_stats");
	uint64_t value;
	unsigned int i;

	if (!line)
		return;
	line = proc_next_line(proc_next_line(line));
	for (i = 0; i < sizeof(series) / sizeof(series[0]); i++)
		if (part_number(line, i, 16, &value))
			part_count(p, series[i], NULL, value);
}

/* "C0A80016:0CEA" as 192.168.0.22 and 3306; of IPv6 "[2001:...]:0CEA". */
static bool label_address(struct part_labels *l, const char *which,
			  const char *at)
{
	const size_t size = part_word(at);
	char name[NAME_ROOM], text[NAME_ROOM];
	uint64_t address, port;

	if (size < 6 || at[size - 5] != ':')
		return false;
	snprintf(text, sizeof(text), "%.4s\n", at + size - 4);
	if (!part_number(text, 0, 16, &port))
		return false;
	snprintf(name, sizeof(name), "%s_address", which);
	if (*at == '[') {
		part_label_size(l, name, at + 1, size - 7);
	} else {
		snprintf(text, sizeof(text), "%.8s\n", at);
		if (size != 13 || !part_number(text, 0, 16, &address))
			return false;
		snprintf(text, sizeof(text), "%u.%u.%u.%u",
			 (unsigned int)(address >> 24),
			 (unsigned int)(address >> 16 & 255),
			 (unsigned int)(address >> 8 & 255),
			 (unsigned int)(address & 255));
		part_label(l, name, text);
	}
	snprintf(name, sizeof(name), "%s_port", which);
	snprintf(text, sizeof(text), "%u", (unsigned int)port);
	part_label(l, name, text);
	return true;
}

/* "TCP  C0A80016:0CEA wlc", or "FWM  10001000 wlc". */
static bool service_of(const char *line, struct part_labels *l)
{
	const char *address = part_next(line);

	l->used = 0;
	if (!strncmp(line, "FWM ", 4)) {
		part_label_size(l, "local_mark", address, part_word(address));
		part_label(l, "proto", "FWM");
		return true;
	}
	if ((strncmp(line, "TCP ", 4) && strncmp(line, "UDP ", 4) &&
	     strncmp(line, "SCTP ", 5)) ||
	    !label_address(l, "local", address))
		return false;
	part_label_size(l, "proto", line, part_word(line));
	return true;
}

/* "  -> C0A85216:0CEA  Tunnel  100  248  2" */
static void put_backend(struct parts *p, const struct part_labels *service,
			const char *line)
{
	static const char series[][40] = {
		"node_ipvs_backend_weight",
		"node_ipvs_backend_connections_active",
		"node_ipvs_backend_connections_inactive",
	};
	struct part_labels l = *service;
	uint64_t value[3];
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (!part_number(line, 3 + i, 10, &value[i]))
			return;
	if (!label_address(&l, "remote", word_at(line, 1)))
		return;
	for (i = 0; i < 3; i++)
		part_put(p, series[i], &l, (double)value[i]);
}

void part_ipvs(struct parts *p)
{
	struct part_labels service = { .used = 0 };
	bool known = false;
	const char *line;

	put_balanced(p);
	for (line = part_net_text(p, "ip_vs"); line && *line;
	     line = proc_next_line(line))
		if (strncmp(line, "  -> ", 5))
			known = service_of(line, &service);
		else if (known)
			put_backend(p, &service, line);
}
