/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What frames carry: the kinds of tables, their columns and texts. The layout
 * of a table is in wire.h, the type of each column in lib/wire_schema.c. Columns
 * from a kind's _REQUIRED on are optional; a kind without it has no such.
 *
 * Three tables take whatever has no rows of its own: WIRE_GAUGES, WIRE_COUNTERS
 * and WIRE_FACTS have one value a row, and the row's key says which. A new key
 * at the end of their enumerations is no new schema: a reader ignores the keys
 * that it doesn't know.
 *
 * A cell that could not be read is WIRE_ABSENT: in an optional column, and from
 * WIRE_GAUGES on in any but the key's.
 */
#ifndef KTACH_WIRE_TABLES_H
#define KTACH_WIRE_TABLES_H

/* Where a table's values were taken. */
enum wire_origin {
	WIRE_ORIGIN_RING = 1,		/* a ktach ring */
	WIRE_ORIGIN_PROC = 2,		/* /proc or /sys */
	WIRE_ORIGIN_BPF = 3,		/* the rate table of bpf/ */
	WIRE_ORIGIN_SHIPPER = 4,	/* the sender about itself */
	WIRE_ORIGIN_NETLINK = 5,	/* the kernel's netlink families */
};

enum wire_table_kind {
	WIRE_NODE = 1,
	WIRE_CPU = 2,
	WIRE_SOFTIRQ = 3,
	WIRE_NET = 4,
	WIRE_GAUGES = 5,
	WIRE_COUNTERS = 6,
	WIRE_FACTS = 7,
	WIRE_DISK = 8,
	WIRE_MOUNT = 9,
	WIRE_LINK = 10,
	WIRE_SENSOR = 11,
	WIRE_PROCESS = 12,
	WIRE_CORE = 13,
	WIRE_IRQ = 14,
	WIRE_KINDS
};

/* WIRE_NODE: one row about the sender. */
enum wire_node_column {
	WIRE_NODE_KEY,			/* 0 */
	WIRE_NODE_PERIOD_NS,		/* time between two frames */
	WIRE_NODE_SEND_FAILED,		/* frames that send() refused */
	WIRE_NODE_REQUIRED,
	WIRE_NODE_SAMPLE_NS = WIRE_NODE_REQUIRED, /* between two samples */
	WIRE_NODE_CPU_NS,		/* used by the sender since its start; read each 10 s */
	WIRE_NODE_MEMORY_BYTES,		/* its largest resident set so far; read each 10 s */
	WIRE_NODE_QUEUED_FRAMES,	/* in memory, not acknowledged */
	WIRE_NODE_QUEUED_BYTES,
	WIRE_NODE_SPOOLED_BYTES,	/* on disk, not acknowledged */
	WIRE_NODE_RECONNECTS,
	WIRE_NODE_LOST_QUEUE,		/* frames: the queue was full */
	WIRE_NODE_LOST_SPOOL,		/* frames: the spool was full, or damaged */
	WIRE_NODE_LOST_SIZE,		/* rows that fit no frame */
	WIRE_NODE_LOST_KEY,		/* frames: no collector knows their key */
	WIRE_NODE_UNKNOWN,		/* frames of unknown kinds that came back */
	WIRE_NODE_ACCEPTS,		/* enum wire_accepts */
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

/* WIRE_CPU: a row a CPU, times since boot. As in /proc/stat, user includes
 * guest and nice includes guest_nice. The optional columns are exact times
 * since the ring's source was loaded.
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
	WIRE_CPU_REQUIRED,
	WIRE_CPU_EXACT_BUSY_NS = WIRE_CPU_REQUIRED,
	WIRE_CPU_EXACT_IDLE_NS,
	WIRE_CPU_COLUMNS
};

enum wire_softirq {
	WIRE_SOFTIRQ_VECTORS = 10,	/* in the kernel's order */
};

/* WIRE_SOFTIRQ: a row a CPU, softirqs since boot by vector. The optional
 * columns are a vector's time, longest run and that run's end (as mono_ns)
 * since the ring's source was loaded, WIRE_SOFTIRQ_VECTORS each.
 */
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
	WIRE_SOFTIRQ_REQUIRED,
	WIRE_SOFTIRQ_TIME_NS = WIRE_SOFTIRQ_REQUIRED,
	WIRE_SOFTIRQ_MAX_NS = WIRE_SOFTIRQ_TIME_NS + WIRE_SOFTIRQ_VECTORS,
	WIRE_SOFTIRQ_MAX_AT_NS = WIRE_SOFTIRQ_MAX_NS + WIRE_SOFTIRQ_VECTORS,
	WIRE_SOFTIRQ_COLUMNS = WIRE_SOFTIRQ_MAX_AT_NS + WIRE_SOFTIRQ_VECTORS
};

/* The optional columns of a direction of WIRE_NET, in this order: averages and
 * buckets of 1 ms as in the rate table, then its classes, each bytes and
 * packets.
 */
enum wire_net_more {
	WIRE_NET_BYTES_PER_S_1S,	/* exponential moving averages */
	WIRE_NET_BYTES_PER_S_10S,
	WIRE_NET_BYTES_PER_S_60S,
	WIRE_NET_PACKETS_PER_S_1S,
	WIRE_NET_PACKETS_PER_S_10S,
	WIRE_NET_PACKETS_PER_S_60S,
	WIRE_NET_MAX_BUCKET_BYTES,	/* the largest of the last tick */
	WIRE_NET_MAX_BUCKET_MS,		/* when: ms of CLOCK_MONOTONIC */
	WIRE_NET_P99_BUCKET_BYTES,
	WIRE_NET_OVER_BYTES,		/* threshold of a bucket, 0: none */
	WIRE_NET_BUCKETS_OVER,		/* since the interface was first seen */
	WIRE_NET_UNICAST,		/* bytes; packets are the next column */
	WIRE_NET_MULTICAST = WIRE_NET_UNICAST + 2,
	WIRE_NET_BROADCAST = WIRE_NET_MULTICAST + 2,
	WIRE_NET_IPV4 = WIRE_NET_BROADCAST + 2,
	WIRE_NET_IPV6 = WIRE_NET_IPV4 + 2,
	WIRE_NET_NOT_IP = WIRE_NET_IPV6 + 2,
	WIRE_NET_TCP = WIRE_NET_NOT_IP + 2,
	WIRE_NET_UDP = WIRE_NET_TCP + 2,
	WIRE_NET_OTHER = WIRE_NET_UDP + 2,
	WIRE_NET_MORE = WIRE_NET_OTHER + 2
};

/*
 * WIRE_NET: a row an interface, in the wire's measure: what is received after XDP,
 * what is sent as it was offered, before the queueing discipline.
 */
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
	WIRE_NET_REQUIRED,
	WIRE_NET_RX_MORE = WIRE_NET_REQUIRED, /* enum wire_net_more, received */
	WIRE_NET_TX_MORE = WIRE_NET_RX_MORE + WIRE_NET_MORE, /* sent */
	WIRE_NET_COLUMNS = WIRE_NET_TX_MORE + WIRE_NET_MORE
};

enum wire_net_text {
	WIRE_NET_NAME,
	WIRE_NET_TEXTS
};

/* WIRE_GAUGES and WIRE_COUNTERS: a row a value. */
enum wire_value_column {
	WIRE_VALUE_KEY,			/* enum wire_gauge or wire_counter */
	WIRE_VALUE,
	WIRE_VALUE_COLUMNS
};

/* Shares of time (PSI) and load averages are in 1/100. Tasks that run or are
 * blocked are threads, by the scheduler's count; those that sleep, are zombies or
 * stopped are processes, by their first thread's state, as WIRE_PROCESSES are.
 */
enum wire_gauge {
	WIRE_LOAD_1MIN, WIRE_LOAD_5MIN, WIRE_LOAD_15MIN,
	WIRE_TASKS_RUNNING, WIRE_TASKS_BLOCKED, WIRE_TASKS_SLEEPING,
	WIRE_TASKS_ZOMBIE, WIRE_TASKS_STOPPED, WIRE_THREADS,
	WIRE_MEMORY_TOTAL_BYTES, WIRE_MEMORY_FREE_BYTES,
	WIRE_MEMORY_AVAILABLE_BYTES, WIRE_MEMORY_BUFFERS_BYTES,
	WIRE_MEMORY_CACHED_BYTES, WIRE_MEMORY_SLAB_BYTES,
	WIRE_MEMORY_SHARED_BYTES, WIRE_MEMORY_DIRTY_BYTES,
	WIRE_MEMORY_WRITEBACK_BYTES, WIRE_MEMORY_HUGE_TOTAL_BYTES,
	WIRE_MEMORY_HUGE_FREE_BYTES, WIRE_SWAP_TOTAL_BYTES,
	WIRE_SWAP_FREE_BYTES,
	WIRE_PSI_CPU_SOME_10S, WIRE_PSI_CPU_SOME_60S, WIRE_PSI_CPU_SOME_300S,
	WIRE_PSI_MEMORY_SOME_10S, WIRE_PSI_MEMORY_SOME_60S,
	WIRE_PSI_MEMORY_SOME_300S, WIRE_PSI_MEMORY_FULL_10S,
	WIRE_PSI_MEMORY_FULL_60S, WIRE_PSI_MEMORY_FULL_300S,
	WIRE_PSI_IO_SOME_10S, WIRE_PSI_IO_SOME_60S, WIRE_PSI_IO_SOME_300S,
	WIRE_PSI_IO_FULL_10S, WIRE_PSI_IO_FULL_60S, WIRE_PSI_IO_FULL_300S,
	WIRE_MEMORY_RECLAIMABLE_BYTES,	/* of the slab */
	WIRE_PROCESSES, WIRE_PROCESSES_RUNNING, WIRE_PROCESSES_BLOCKED,
	WIRE_GAUGE_KEYS
};

/* Since boot. */
enum wire_counter {
	WIRE_CONTEXT_SWITCHES, WIRE_FORKS, WIRE_INTERRUPTS, WIRE_EXITS,
	WIRE_PAGES_IN_BYTES, WIRE_PAGES_OUT_BYTES, WIRE_SWAPPED_IN_BYTES,
	WIRE_SWAPPED_OUT_BYTES, WIRE_FAULTS, WIRE_MAJOR_FAULTS, WIRE_OOM_KILLS,
	WIRE_PSI_CPU_SOME_NS, WIRE_PSI_MEMORY_SOME_NS, WIRE_PSI_MEMORY_FULL_NS,
	WIRE_PSI_IO_SOME_NS, WIRE_PSI_IO_FULL_NS,
	WIRE_COUNTER_KEYS
};

/* WIRE_FACTS: a row a text, sent when it changes and now and then. A fact
 * that has several values, such as addresses, has several rows.
 */
enum wire_fact_column {
	WIRE_FACT_KEY,			/* enum wire_fact */
	WIRE_FACT_COLUMNS
};

enum wire_fact_text {
	WIRE_FACT,
	WIRE_FACT_TEXTS
};

enum wire_fact {
	WIRE_FACT_HOST_NAME, WIRE_FACT_KERNEL, WIRE_FACT_DISTRIBUTION,
	WIRE_FACT_ARCHITECTURE, WIRE_FACT_VIRTUALISATION, WIRE_FACT_CPU_MODEL,
	WIRE_FACT_SOCKETS, WIRE_FACT_CORES, WIRE_FACT_THREADS,
	WIRE_FACT_MEMORY_BYTES, WIRE_FACT_BOOT_REAL_NS, WIRE_FACT_TIME_ZONE,
	WIRE_FACT_ADDRESS, WIRE_FACT_MODULES_VERSION, WIRE_FACT_BOOT_ID,
	/* An interface that lies on others, and these, separated by spaces; a
	 * fact for each. What passes one is counted at those, too.
	 */
	WIRE_FACT_STACKED,
	WIRE_FACT_KEYS
};

/* WIRE_DISK: a row a block device, since boot. */
enum wire_disk_column {
	WIRE_DISK_KEY,			/* major << 20 | minor */
	WIRE_DISK_READS,		/* operations completed */
	WIRE_DISK_READS_MERGED,
	WIRE_DISK_READ_BYTES,
	WIRE_DISK_READ_NS,		/* time that they waited and ran */
	WIRE_DISK_WRITES,
	WIRE_DISK_WRITES_MERGED,
	WIRE_DISK_WRITTEN_BYTES,
	WIRE_DISK_WRITE_NS,
	WIRE_DISK_IN_FLIGHT,		/* gauge */
	WIRE_DISK_BUSY_NS,
	WIRE_DISK_QUEUE_NS,		/* busy time, weighted by the queue */
	WIRE_DISK_REQUIRED,
	WIRE_DISK_DISCARDS = WIRE_DISK_REQUIRED,
	WIRE_DISK_DISCARDED_BYTES,
	WIRE_DISK_DISCARD_NS,
	WIRE_DISK_FLUSHES,
	WIRE_DISK_FLUSH_NS,
	WIRE_DISK_SIZE_BYTES,
	WIRE_DISK_STACKED,		/* 1: it lies on another row's, 0: not */
	WIRE_DISK_COLUMNS
};

enum wire_disk_text {
	WIRE_DISK_NAME,			/* as people know it */
	WIRE_DISK_TEXTS
};

enum wire_mount_flag {
	WIRE_MOUNT_READ_ONLY = 1,	/* the file system, not this mount of it */
	WIRE_MOUNT_HUNG = 2,		/* did not answer in time */
	WIRE_MOUNT_FAILED = 4,		/* answered with an error */
	WIRE_MOUNT_SHARED = 8,		/* its space is another row's, too */
};

/* WIRE_MOUNT: a row a mounted file system. */
enum wire_mount_column {
	WIRE_MOUNT_KEY,			/* mount id */
	WIRE_MOUNT_FLAGS,		/* enum wire_mount_flag */
	WIRE_MOUNT_SIZE_BYTES,
	WIRE_MOUNT_USED_BYTES,
	WIRE_MOUNT_AVAILABLE_BYTES,	/* to ordinary users */
	WIRE_MOUNT_INODES,
	WIRE_MOUNT_INODES_FREE,
	WIRE_MOUNT_COLUMNS
};

enum wire_mount_text {
	WIRE_MOUNT_POINT,
	WIRE_MOUNT_DEVICE,
	WIRE_MOUNT_TYPE,
	WIRE_MOUNT_TEXTS
};

enum wire_link_flag {
	WIRE_LINK_UP = 1,
	WIRE_LINK_CARRIER = 2,
	WIRE_LINK_FULL_DUPLEX = 4,
	WIRE_LINK_HALF_DUPLEX = 8,	/* neither: not known */
};

/* WIRE_LINK: a row an interface, as its driver and the kernel know it. */
enum wire_link_column {
	WIRE_LINK_KEY,			/* ifindex */
	WIRE_LINK_FLAGS,		/* enum wire_link_flag */
	WIRE_LINK_SPEED_BITS_PER_S,
	WIRE_LINK_MTU_BYTES,
	WIRE_LINK_RX_BYTES,		/* the device's own counters */
	WIRE_LINK_RX_PACKETS,
	WIRE_LINK_RX_ERRORS,
	WIRE_LINK_RX_DROPPED,
	WIRE_LINK_TX_BYTES,
	WIRE_LINK_TX_PACKETS,
	WIRE_LINK_TX_ERRORS,
	WIRE_LINK_TX_DROPPED,
	WIRE_LINK_COLLISIONS,
	WIRE_LINK_CARRIER_CHANGES,
	WIRE_LINK_REQUIRED,
	/* of its queueing discipline, between what is offered and what is sent */
	WIRE_LINK_QDISC_DROPS = WIRE_LINK_REQUIRED,
	WIRE_LINK_QDISC_OVERLIMITS,	/* times that it held packets back */
	WIRE_LINK_QDISC_BACKLOG_BYTES,
	WIRE_LINK_QDISC_BACKLOG_PACKETS,
	WIRE_LINK_COLUMNS
};

enum wire_link_text {
	WIRE_LINK_NAME,
	WIRE_LINK_MAC,
	WIRE_LINK_DRIVER,
	WIRE_LINK_ADDRESSES,		/* separated by spaces */
	WIRE_LINK_TEXTS
};

/* Unit of WIRE_SENSOR's values. */
enum wire_sensor_type {
	WIRE_SENSOR_MILLI_CELSIUS = 1,
	WIRE_SENSOR_RPM,
	WIRE_SENSOR_MILLI_VOLT,
	WIRE_SENSOR_MICRO_WATT,
	WIRE_SENSOR_MILLI_AMPERE,
	WIRE_SENSOR_MICRO_JOULE,	/* counts up: RAPL */
};

/* WIRE_SENSOR: a row a sensor. */
enum wire_sensor_column {
	WIRE_SENSOR_KEY,		/* stable while the host is up */
	WIRE_SENSOR_TYPE,		/* enum wire_sensor_type */
	WIRE_SENSOR_VALUE,
	WIRE_SENSOR_MAX,
	WIRE_SENSOR_CRITICAL,
	WIRE_SENSOR_COLUMNS
};

enum wire_sensor_text {
	WIRE_SENSOR_CHIP,
	WIRE_SENSOR_LABEL,		/* "cpu": a CPU's temperature as a whole */
	WIRE_SENSOR_TEXTS
};

/* WIRE_PROCESS: a row a process of the top few. */
enum wire_process_column {
	WIRE_PROCESS_KEY,		/* pid */
	WIRE_PROCESS_STATE,		/* as in /proc/PID/stat: 'R', 'S', ... */
	WIRE_PROCESS_CPU_NS,		/* user and system, since its start */
	WIRE_PROCESS_CPU_SHARE,		/* of one CPU, of the interval, 1/10000 */
	WIRE_PROCESS_RSS_BYTES,
	WIRE_PROCESS_THREADS,
	WIRE_PROCESS_START_NS,		/* since boot */
	WIRE_PROCESS_PARENT,		/* pid */
	WIRE_PROCESS_COLUMNS
};

enum wire_process_text {
	WIRE_PROCESS_NAME,
	WIRE_PROCESS_USER,
	WIRE_PROCESS_CGROUP,
	WIRE_PROCESS_COMMAND,		/* its command line, if allowed */
	WIRE_PROCESS_TEXTS
};

/* WIRE_CORE: a row a CPU, what is known of it beside its times. */
enum wire_core_column {
	WIRE_CORE_KEY,			/* CPU number */
	WIRE_CORE_HZ,
	WIRE_CORE_PACKETS,		/* softnet: processed, since boot */
	WIRE_CORE_DROPPED,
	WIRE_CORE_SQUEEZED,		/* times its budget ran out */
	WIRE_CORE_COLUMNS
};

/* WIRE_IRQ: a row an interrupt of the top few, all CPUs, since boot. */
enum wire_irq_column {
	WIRE_IRQ_KEY,			/* number; or 2^32 + its letters */
	WIRE_IRQ_COUNT,
	WIRE_IRQ_COLUMNS
};

enum wire_irq_text {
	WIRE_IRQ_NAME,
	WIRE_IRQ_TEXTS
};

#endif /* KTACH_WIRE_TABLES_H */
