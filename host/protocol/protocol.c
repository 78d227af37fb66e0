// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "host/kernel/limit.h"
#include "host/number_file.h"
#include "host/protocol/protocol.h"
#include "lib/kernel/proc.h"

/**
 * struct wanted - a value of these files
 * @line: what its line begins with
 * @name: its name
 * @key: enum wire_counter, or wire_gauge if @gauge
 * @pages: it is counted in pages, and told in bytes
 * @minus: it may be less than 0
 */
struct wanted {
	const char *line;
	const char *name;
	uint64_t key;
	bool gauge;
	bool pages;
	bool minus;
};

/* Of snmp and netstat; those of a line stand together. */
static const struct wanted counts[] = {
	{ "Ip:", "Forwarding", WIRE_IP_FORWARDING, .gauge = true },
	{ "Icmp:", "InMsgs", WIRE_ICMP_IN },
	{ "Icmp:", "InErrors", WIRE_ICMP_IN_ERRORS },
	{ "Icmp:", "OutMsgs", WIRE_ICMP_OUT },
	{ "Tcp:", "MaxConn", WIRE_TCP_CONNECTIONS_MAX, .gauge = true,
	  .minus = true },
	{ "Tcp:", "ActiveOpens", WIRE_TCP_ACTIVE_OPENS },
	{ "Tcp:", "PassiveOpens", WIRE_TCP_PASSIVE_OPENS },
	{ "Tcp:", "AttemptFails", WIRE_TCP_ATTEMPTS_FAILED },
	{ "Tcp:", "EstabResets", WIRE_TCP_ESTABLISHED_RESETS },
	{ "Tcp:", "CurrEstab", WIRE_TCP_ESTABLISHED, .gauge = true },
	{ "Tcp:", "InSegs", WIRE_TCP_IN_SEGMENTS },
	{ "Tcp:", "OutSegs", WIRE_TCP_OUT_SEGMENTS },
	{ "Tcp:", "RetransSegs", WIRE_TCP_RETRANSMITTED },
	{ "Tcp:", "InErrs", WIRE_TCP_IN_ERRORS },
	{ "Tcp:", "OutRsts", WIRE_TCP_OUT_RESETS },
	{ "Udp:", "InDatagrams", WIRE_UDP_IN },
	{ "Udp:", "NoPorts", WIRE_UDP_NO_PORT },
	{ "Udp:", "InErrors", WIRE_UDP_IN_ERRORS },
	{ "Udp:", "OutDatagrams", WIRE_UDP_OUT },
	{ "Udp:", "RcvbufErrors", WIRE_UDP_RECEIVE_BUFFER_ERRORS },
	{ "Udp:", "SndbufErrors", WIRE_UDP_SEND_BUFFER_ERRORS },
	{ "UdpLite:", "InErrors", WIRE_UDPLITE_IN_ERRORS },
	{ "IpExt:", "InOctets", WIRE_IP_IN_BYTES },
	{ "IpExt:", "OutOctets", WIRE_IP_OUT_BYTES },
	{ "TcpExt:", "ListenOverflows", WIRE_TCP_LISTEN_OVERFLOWS },
	{ "TcpExt:", "ListenDrops", WIRE_TCP_LISTEN_DROPS },
	{ "TcpExt:", "SyncookiesSent", WIRE_TCP_SYNCOOKIES_SENT },
	{ "TcpExt:", "SyncookiesRecv", WIRE_TCP_SYNCOOKIES_RECEIVED },
	{ "TcpExt:", "SyncookiesFailed", WIRE_TCP_SYNCOOKIES_FAILED },
	{ "TcpExt:", "TCPTimeouts", WIRE_TCP_TIMEOUTS },
	{ "TcpExt:", "TCPSynRetrans", WIRE_TCP_SYN_RETRANSMITTED },
	{ "TcpExt:", "TCPOFOQueue", WIRE_TCP_OUT_OF_ORDER },
	{ "TcpExt:", "TCPRcvQDrop", WIRE_TCP_RECEIVE_DROPS },
	{ NULL },
};

static const struct wanted counts6[] = {
	{ "", "Ip6InOctets", WIRE_IP6_IN_BYTES },
	{ "", "Ip6OutOctets", WIRE_IP6_OUT_BYTES },
	{ "", "Icmp6InMsgs", WIRE_ICMP6_IN },
	{ "", "Icmp6InErrors", WIRE_ICMP6_IN_ERRORS },
	{ "", "Icmp6OutMsgs", WIRE_ICMP6_OUT },
	{ "", "Udp6InDatagrams", WIRE_UDP6_IN },
	{ "", "Udp6NoPorts", WIRE_UDP6_NO_PORT },
	{ "", "Udp6InErrors", WIRE_UDP6_IN_ERRORS },
	{ "", "Udp6OutDatagrams", WIRE_UDP6_OUT },
	{ "", "Udp6RcvbufErrors", WIRE_UDP6_RECEIVE_BUFFER_ERRORS },
	{ "", "Udp6SndbufErrors", WIRE_UDP6_SEND_BUFFER_ERRORS },
	{ "", "UdpLite6InErrors", WIRE_UDPLITE6_IN_ERRORS },
};

static const struct wanted sockets[] = {
	{ "sockets:", "used", WIRE_SOCKETS, .gauge = true },
	{ "TCP:", "inuse", WIRE_TCP_SOCKETS, .gauge = true },
	{ "TCP:", "orphan", WIRE_TCP_ORPHANS, .gauge = true },
	{ "TCP:", "tw", WIRE_TCP_TIME_WAIT, .gauge = true },
	{ "TCP:", "alloc", WIRE_TCP_ALLOCATED, .gauge = true },
	{ "TCP:", "mem", WIRE_TCP_MEMORY_BYTES, .gauge = true, .pages = true },
	{ "UDP:", "inuse", WIRE_UDP_SOCKETS, .gauge = true },
	{ "UDP:", "mem", WIRE_UDP_MEMORY_BYTES, .gauge = true, .pages = true },
	{ "UDPLITE:", "inuse", WIRE_UDPLITE_SOCKETS, .gauge = true },
	{ "RAW:", "inuse", WIRE_RAW_SOCKETS, .gauge = true },
	{ "FRAG:", "inuse", WIRE_FRAGMENTS, .gauge = true },
	{ "FRAG:", "memory", WIRE_FRAGMENT_BYTES, .gauge = true },
	{ "TCP6:", "inuse", WIRE_TCP6_SOCKETS, .gauge = true },
	{ "UDP6:", "inuse", WIRE_UDP6_SOCKETS, .gauge = true },
	{ "UDPLITE6:", "inuse", WIRE_UDPLITE6_SOCKETS, .gauge = true },
	{ "RAW6:", "inuse", WIRE_RAW6_SOCKETS, .gauge = true },
	{ "FRAG6:", "inuse", WIRE_FRAGMENTS6, .gauge = true },
	{ "FRAG6:", "memory", WIRE_FRAGMENT6_BYTES, .gauge = true },
	{ NULL },
};

static bool is_end(char c)
{
	return !c || c == ' ' || c == '\n';
}

/* Some thousand words a reading, of some ten bytes: a call for each costs more. */
static size_t word_size(const char *at)
{
	size_t size = 0;

	while (!is_end(at[size]))
		size++;
	return size;
}

/* Behind this word and the blank after it. */
static const char *next_word(const char *at)
{
	at += word_size(at);
	return at + (*at == ' ');
}

static bool is_word(const char *at, const char *word)
{
	at = proc_behind(at, word);
	return at && is_end(*at);
}

/* Values that stand together, up to @end. */
struct wanted_line {
	const struct wanted *first;
	const struct wanted *end;
};

/* Those of a line that begins as @line does. */
static struct wanted_line find_line(const struct wanted *list, const char *line)
{
	struct wanted_line l;

	while (list->name && !is_word(line, list->line))
		list++;
	l.first = list;
	while (list->name && is_word(line, list->line))
		list++;
	l.end = list;
	return l;
}

static const struct wanted *find(struct wanted_line l, const char *name)
{
	for (; l.first < l.end; l.first++)
		if (*name == *l.first->name && is_word(name, l.first->name))
			return l.first;
	return NULL;
}

/* A number that ends a text without a newline may be cut off. */
static bool take(struct numbers *n, const struct wanted *w, const char *at)
{
	bool minus = w && w->minus && *at == '-';
	uint64_t value;

	at += minus;
	if (!w || !proc_number(&at, &value) || (*at != ' ' && *at != '\n'))
		return false;
	if (w->pages && __builtin_mul_overflow(
				value, (uint64_t)sysconf(_SC_PAGESIZE), &value))
		return false;
	if (value > INT64_MAX)
		return false;
	if (w->gauge)
		numbers_gauge(n, w->key, minus ? -value : value);
	else
		numbers_counter(n, w->key, value);
	return true;
}

static unsigned int words(const char *at)
{
	unsigned int n = 0;

	for (; !is_end(*at); n++)
		at = next_word(at);
	return n;
}

/* "Tcp: InSegs OutSegs", and below it "Tcp: 12 34", as many. */
static unsigned int take_pair(struct numbers *n, const char *line)
{
	const char *below = proc_next_line(line), *name = line, *value = below;
	const struct wanted_line l = find_line(counts, line);
	unsigned int taken = 0;

	if (l.first == l.end || word_size(line) != word_size(below) ||
	    memcmp(line, below, word_size(line)) || words(line) != words(below))
		return 0;
	for (;;) {
		name = next_word(name);
		value = next_word(value);
		if (is_end(*name) || is_end(*value))
			return taken;
		taken += take(n, find(l, name), value);
	}
}

int protocol_counts(const char *text, struct numbers *n)
{
	unsigned int taken = 0;

	for (; *text; text = proc_next_line(proc_next_line(text)))
		taken += take_pair(n, text);
	return taken ? 0 : -EINVAL;
}

/* "Ip6InOctets", blanks and a tab, its value. */
int protocol_counts6(const char *text, struct numbers *n)
{
	const size_t count = sizeof(counts6) / sizeof(*counts6);
	const struct wanted_line all = { counts6, counts6 + count };
	unsigned int taken = 0;

	for (; *text; text = proc_next_line(text)) {
		const char *at = text + word_size(text);

		at += strspn(at, " ");
		if (*at == '\t')
			taken += take(n, find(all, text), at + 1);
	}
	return taken ? 0 : -EINVAL;
}

/* "TCP: inuse 5 orphan 0": names and values by turns, to the end. */
static bool is_line(const char *line)
{
	const char *at = next_word(line);
	uint64_t value;

	while (!is_end(*at)) {
		at = next_word(at);
		if (!proc_number(&at, &value) || (*at != ' ' && *at != '\n'))
			return false;
		at = next_word(at);
	}
	return true;
}

static unsigned int take_line(struct numbers *n, const char *line)
{
	const struct wanted_line l = find_line(sockets, line);
	const char *name = next_word(line), *value;
	unsigned int taken = 0;

	while (!is_end(*name)) {
		value = next_word(name);
		taken += take(n, find(l, name), value);
		name = next_word(value);
	}
	return taken;
}

int protocol_sockets(const char *text, struct numbers *n)
{
	unsigned int taken = 0;

	for (; *text; text = proc_next_line(text))
		if (is_line(text))
			taken += take_line(n, text);
	return taken ? 0 : -EINVAL;
}

static int take_tracked(const char *text, struct numbers *n)
{
	return limit_number(text, n, WIRE_TRACKED);
}

static int take_tracked_max(const char *text, struct numbers *n)
{
	return limit_number(text, n, WIRE_TRACKED_MAX);
}

/* PROC/net is always the reader's own network, and so is PROC/sys/net. Two are not there
 * without IPv6, and two unless connections are tracked.
 */
static const struct number_file own[] = {
	{ "net/snmp", protocol_counts, true },
	{ "net/netstat", protocol_counts, true, .optional = true },
	{ "net/sockstat", protocol_sockets, true, .optional = true },
	{ "net/snmp6", protocol_counts6, true, .optional = true },
	{ "net/sockstat6", protocol_sockets, true, .optional = true },
	{ "sys/net/netfilter/nf_conntrack_count", take_tracked, true,
	  .optional = true },
	{ "sys/net/netfilter/nf_conntrack_max", take_tracked_max, true,
	  .optional = true },
	{ NULL },
};

static const struct number_file of_init[] = {
	{ "1/net/snmp", protocol_counts, true },
	{ "1/net/netstat", protocol_counts, true, .optional = true },
	{ "1/net/sockstat", protocol_sockets, true, .optional = true },
	{ "1/net/snmp6", protocol_counts6, true, .optional = true },
	{ "1/net/sockstat6", protocol_sockets, true, .optional = true },
	{ NULL },
};

static int protocol_open(void **state, const struct host_options *options)
{
	return number_files_open(state, "protocol", options,
				 host_options_foreign(options) ? of_init : own,
				 NULL);
}

const struct host_collector host_protocol = {
	.name = "protocol",
	.summary =
		"TCP, UDP, IP and ICMP: connections, segments, errors; sockets",
	.interval_ns = 5000000000,
	.enabled = true,
	.open = protocol_open,
	.read = number_files_read,
	.close = number_files_close,
};
