/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame: what a shipper sends and a collector receives.
 *
 * A frame is one UDP datagram, or one unit of a TCP stream. It decodes alone.
 * All integers of the header are little endian:
 *
 *   offset size
 *        0    4  magic        "KTCH"
 *        4    1  version      1
 *        5    1  kind         enum wire_kind
 *        6    2  flags        0
 *        8    4  length       bytes of payload that follow the header
 *       12    4  crc          CRC32C of header and payload, this field as 0
 *       16   16  node         id of the host, made once and kept
 *       32   16  boot         the kernel's boot id
 *       48    8  session      real time when the sender started, ns
 *       56    8  sequence     1, 2, 3 ... within a session
 *       64    8  time         real time when the frame was begun, ns
 *       72
 *
 * (node, session, sequence) names a frame for ever: what is missing between
 * two sequences of a session was lost on the way.
 *
 * The payload of WIRE_SAMPLES is a run of tables. Integers are LEB128 varints
 * of at most 10 bytes, signed ones zigzagged first:
 *
 *   varint kind          enum wire_table_kind
 *   varint schema        version of that kind's columns
 *   varint size          bytes of the body; a reader skips what it doesn't know
 *   body:
 *     varint origin      enum wire_origin
 *     varint sample      number of this sample at its origin, 0 if it has none
 *     signed real_ns     of the sample, less the frame's time
 *     varint mono_ns     of the sample
 *     varint lost        samples of this table that the sender lost before
 *                        this one, counted from the start of its session
 *     varint columns, varint rows, varint texts
 *     for each column, for each row: signed value, less that of the row above
 *                        (the first row: less 0); arithmetic is modulo 2^64
 *     for each text, for each row: varint size, bytes of UTF-8
 *
 * A table with more rows than a frame has room for is cut into several tables
 * with the same sample number and time; a row's first column is its key.
 *
 * Growing: columns and texts are appended to a schema and the schema's version
 * goes up by one. A reader takes the columns that it knows from any version and
 * ignores the rest; it refuses a table that lacks one of them. Another layout
 * of the header or of tables is another frame version.
 */
#ifndef KTACH_WIRE_H
#define KTACH_WIRE_H

#define WIRE_MAGIC	"KTCH"

enum wire_limits {
	WIRE_VERSION = 1,
	WIRE_HEADER_SIZE = 72,
	WIRE_FRAME_MAX = 65507,		/* the largest UDP datagram on IPv4 */
	WIRE_ID_SIZE = 16,
	WIRE_COLUMNS_MAX = 64,
	WIRE_TEXTS_MAX = 8,
	WIRE_ROWS_MAX = 16384,
	WIRE_TEXT_MAX = 255,
	WIRE_PORT = 4766,		/* UDP and TCP, unless told otherwise */
};

enum wire_kind {
	WIRE_SAMPLES = 1,
};

/* Where a table's values were taken. */
enum wire_origin {
	WIRE_ORIGIN_RING = 1,		/* a ktach ring */
	WIRE_ORIGIN_PROC = 2,		/* /proc */
	WIRE_ORIGIN_BPF = 3,		/* the rate table of bpf/ */
	WIRE_ORIGIN_SHIPPER = 4,	/* the sender about itself */
};

enum wire_table_kind {
	WIRE_NODE = 1,
	WIRE_CPU = 2,
	WIRE_SOFTIRQ = 3,
	WIRE_NET = 4,
};

/* WIRE_NODE, schema 1: one row about the sender. */
enum wire_node_column {
	WIRE_NODE_KEY,			/* 0 */
	WIRE_NODE_PERIOD_NS,		/* time between two frames */
	WIRE_NODE_SEND_FAILED,		/* frames that send() refused */
	WIRE_NODE_COLUMNS
};

enum wire_node_text {
	WIRE_NODE_NAME,			/* host name */
	WIRE_NODE_VERSION,		/* the shipper's */
	WIRE_NODE_TEXTS
};

/* flags of a row of WIRE_CPU and WIRE_SOFTIRQ */
enum wire_cpu_flag {
	WIRE_CPU_ONLINE = 1,
	WIRE_CPU_SEEN = 2,		/* has been online since boot */
};

/* WIRE_CPU, schema 1: a row a CPU, times since boot in ns. As in /proc/stat,
 * user includes guest and nice includes guest_nice.
 */
enum wire_cpu_column {
	WIRE_CPU_KEY,			/* CPU number */
	WIRE_CPU_FLAGS,			/* enum wire_cpu_flag */
	WIRE_CPU_USER_NS,
	WIRE_CPU_NICE_NS,
	WIRE_CPU_SYSTEM_NS,
	WIRE_CPU_IDLE_NS,
	WIRE_CPU_IOWAIT_NS,
	WIRE_CPU_IRQ_NS,
	WIRE_CPU_SOFTIRQ_NS,
	WIRE_CPU_STEAL_NS,
	WIRE_CPU_GUEST_NS,
	WIRE_CPU_GUEST_NICE_NS,
	WIRE_CPU_COLUMNS
};

/* WIRE_SOFTIRQ, schema 1: a row a CPU, softirqs since boot by vector. */
enum wire_softirq_column {
	WIRE_SOFTIRQ_KEY,		/* CPU number */
	WIRE_SOFTIRQ_FLAGS,		/* enum wire_cpu_flag */
	WIRE_SOFTIRQ_HI,
	WIRE_SOFTIRQ_TIMER,
	WIRE_SOFTIRQ_NET_TX,
	WIRE_SOFTIRQ_NET_RX,
	WIRE_SOFTIRQ_BLOCK,
	WIRE_SOFTIRQ_IRQ_POLL,
	WIRE_SOFTIRQ_TASKLET,
	WIRE_SOFTIRQ_SCHED,
	WIRE_SOFTIRQ_HRTIMER,
	WIRE_SOFTIRQ_RCU,
	WIRE_SOFTIRQ_COLUMNS
};

/* WIRE_NET, schema 1: a row an interface, counted as on the wire. */
enum wire_net_column {
	WIRE_NET_KEY,			/* ifindex */
	WIRE_NET_RX_BYTES,		/* since the interface was first seen */
	WIRE_NET_RX_PACKETS,
	WIRE_NET_RX_BYTES_PER_S,	/* over the last tick */
	WIRE_NET_RX_PACKETS_PER_S,
	WIRE_NET_TX_BYTES,
	WIRE_NET_TX_PACKETS,
	WIRE_NET_TX_BYTES_PER_S,
	WIRE_NET_TX_PACKETS_PER_S,
	WIRE_NET_COLUMNS
};

enum wire_net_text {
	WIRE_NET_NAME,
	WIRE_NET_TEXTS
};

#endif /* KTACH_WIRE_H */
