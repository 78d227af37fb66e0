/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * ktach rings: what /dev/cpu_stat_monitor and /dev/cpu_softirq_monitor map.
 *
 * A ring has one writer, an hrtimer in the kernel, and any number of readers.
 * Each tick of the timer completes one sample: a slot with its time stamps and
 * one record for each CPU. The writer never waits for a reader; a
 * reader that is too slow is lapped, and can tell by how much.
 *
 * A device is opened read-only and mapped MAP_SHARED or MAP_PRIVATE with
 * PROT_READ; a writable or executable mapping, or one that is longer than the
 * ring, is refused. All integers are in the byte order of the host. The first
 * page of the mapping is struct ktach_ring_header:
 *
 *   0           header_size   slots_offset
 *   +-----------+-- ... ------+--------+--------+-- ... --+--------+
 *   | header    | zeroes      | slot 0 | slot 1 |         | slot   |
 *   |           |             |        |        |         | slots-1|
 *   +-----------+-- ... ------+--------+--------+-- ... --+--------+
 *                             <-------->  slot_stride
 *
 *   slot:   0              records_offset
 *           +--------------+----------+----------+-- ... --+
 *           | ktach_slot   | record 0 | record 1 |         |
 *           +--------------+----------+----------+-- ... --+
 *                          <---------->  record_stride
 *
 * Compute every address from the published offsets and strides, never from
 * sizeof(): a later kernel may publish a longer header, slot header or record,
 * and then appends only. A record's first record_size bytes have a meaning,
 * the rest of its stride is zero. Map the first page, read slots_offset,
 * slot_stride and slots, then map the whole:
 *
 *   length = slots_offset + (size_t)slots * slot_stride
 *
 * This is version 1, and frozen: what is described here keeps its place and its
 * meaning. The ABI grows in three ways, none of which an older reader notices:
 * what is reserved (and zero) gets a meaning; a header, slot head or record
 * gets longer at its end, as header_size, records_offset and record_size say;
 * and a bit in features says that an optional part is there, which a reader
 * that does not know the bit ignores. Anything else is another version.
 *
 * Samples are numbered from 1 without gaps. Sample n lives in slot
 * (n & (slots - 1)); slots is a power of two. header.head is the number of the
 * newest complete sample, 0 before the first. A slot's sequence is 2n while it
 * holds sample n, and odd while sample n is being written (2n - 1). Reading
 * sample n:
 *
 *   slot  = base + slots_offset + (n & (slots - 1)) * slot_stride;
 *   begin = load_acquire(&slot->sequence);
 *   if (begin < 2 * n - 1)  sample n is not there yet
 *   if (begin == 2 * n - 1) it is being written: try again
 *   if (begin > 2 * n)      lapped: it is gone, go on at a newer sample
 *   copy the slot's time stamps and records;
 *   load_barrier();         (order the copy before the next load)
 *   if (load(&slot->sequence) != begin)
 *           lapped while copying: throw the copy away
 *
 * The writer's side of it, for reference:
 *
 *   store(&slot->sequence, 2 * n - 1); store_barrier();
 *   fill the slot;
 *   store_release(&slot->sequence, 2 * n); store_release(&header->head, n);
 *
 * With head == h, the oldest sample that can still be read is
 * max(1, h - slots + 2): the slot after the newest may be under the pen.
 *
 * poll() reports EPOLLIN when a sample newer than the caller's last is there.
 * For a file that was never read() or lseek()ed, "last" is the head of the
 * previous poll() that reported EPOLLIN (as with a mapped perf buffer);
 * otherwise it is the file's position. When the source's module goes, or its
 * ring is replaced by one of another number of slots, the mapping stays
 * readable, header.state loses KTACH_RING_LIVE, and poll() reports EPOLLHUP:
 * open the device anew.
 *
 * read() returns as many whole slots (of slot_stride bytes) as fit the buffer
 * and are there, from the file's position on; position p stands for sample
 * p / slot_stride + 1. A position that was lapped moves to the oldest
 * sample, or a newer one if that is lapped while it is copied; the loss shows
 * in the slot's sequence. Without a new sample read()
 * waits, or fails with EAGAIN under O_NONBLOCK; it returns 0 at the end of a
 * source that is gone. A buffer shorter than a slot, or a position inside a
 * slot, is EINVAL. lseek() takes SEEK_SET, SEEK_CUR and SEEK_END (the head).
 */
#ifndef _UAPI_LINUX_KTACH_RING_H
#define _UAPI_LINUX_KTACH_RING_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define KTACH_RING_MAGIC	0x4843544b	/* "KTCH" in memory */
#define KTACH_RING_VERSION	1
#define KTACH_RING_NAME_LEN	16

/* header.state */
#define KTACH_RING_LIVE		(1U << 0)	/* the source is still sampling */

/* header.features */
#define KTACH_RING_TIMING	(1U << 0)	/* records carry exact times */

/* header.kind: what a record is */
enum ktach_ring_kind {
	KTACH_RING_CPUSTAT = 1,	/* struct ktach_cpustat_record */
	KTACH_RING_SOFTIRQ = 2,	/* struct ktach_softirq_record */
};

/*
 * A record of any kind begins with these: the CPU's number, and KTACH_CPU_*
 * flags. That of a CPU which has not been online yet has the rest zero.
 */
struct ktach_record {
	__u32 cpu;
	__u32 flags;
};

/* flags of a record */
#define KTACH_CPU_ONLINE	(1U << 0)	/* was online at this tick */
#define KTACH_CPU_SEEN		(1U << 1)	/* was online at some tick */

/**
 * struct ktach_ring_header - the first page of a mapping
 * @magic: KTACH_RING_MAGIC
 * @version: KTACH_RING_VERSION; a reader refuses another
 * @header_size: bytes of this header that have a meaning
 * @features: optional parts that this ring has, such as KTACH_RING_TIMING; a
 *	reader ignores the bits that it does not know
 * @kind: enum ktach_ring_kind
 * @slots: number of slots, a power of two
 * @records: records a slot, one for each CPU from 0 to the last possible one
 * @record_size: bytes of a record that have a meaning
 * @record_stride: bytes from a record to the next
 * @records_offset: bytes from a slot to its first record
 * @slot_stride: bytes from a slot to the next
 * @reserved0: zero
 * @slots_offset: bytes from the header to slot 0
 * @name: the source's name, NUL-terminated
 * @reserved1: zeroes
 * @head: number of the newest complete sample, 0 before the first
 * @period_ns: time between two ticks; may change at any tick
 * @missed: ticks that had passed unserved when the timer ran, or were left out for
 *	want of CPU time (duty_percent of ktach_aggregator)
 * @fill_ns_last: time that the last sample took to make, ns
 * @fill_ns_max: the longest such time since the source was loaded, ns
 * @backward_events: times a value ran backwards in the kernel and was held
 * @state: KTACH_RING_LIVE or 0
 * @records_seen: records from this one on are of CPUs that have not been online
 *	since the source was loaded: there is nothing in them to copy
 *
 * Everything up to @reserved1 is constant while the ring exists; the writer
 * changes the rest, which has a cache line of its own.
 */
struct ktach_ring_header {
	__u32 magic;
	__u32 version;
	__u32 header_size;
	__u32 features;
	__u32 kind;
	__u32 slots;
	__u32 records;
	__u32 record_size;
	__u32 record_stride;
	__u32 records_offset;
	__u32 slot_stride;
	__u32 reserved0;
	__u64 slots_offset;
	char name[KTACH_RING_NAME_LEN];
	__u64 reserved1[7];

	__u64 head;
	__u64 period_ns;
	__u64 missed;
	__u64 fill_ns_last;
	__u64 fill_ns_max;
	__u64 backward_events;
	__u32 state;
	__u32 records_seen;
	__u64 reserved3;
};

/**
 * struct ktach_slot - head of a slot; the records follow at records_offset
 * @sequence: 2n with sample n complete, 2n - 1 while it is written, 0 unused
 * @mono_ns: CLOCK_MONOTONIC when the sample was begun, ns
 * @real_ns: CLOCK_REALTIME at the same moment, ns
 * @missed: header.missed as of this sample
 * @reserved: zeroes
 */
struct ktach_slot {
	__u64 sequence;
	__u64 mono_ns;
	__u64 real_ns;
	__u64 missed;
	__u64 reserved[4];
};

/*
 * The times of a CPU since boot, as in /proc/stat but in ns. As there, user
 * includes guest, and nice includes guest_nice. No value ever runs backwards.
 * On a kernel without IRQ time accounting (Debian's) all but idle and iowait
 * move in steps of a timer tick (4 ms at HZ=250), however short the period.
 * An offline CPU keeps its last values; one that never came up has zeroes. From
 * one sample to the next idle_ns and iowait_ns go up by no more than mono_ns does;
 * time that a CPU was off is no idle time.
 */
struct ktach_cpustat_record {
	__u32 cpu;
	__u32 flags;		/* KTACH_CPU_* */
	__u64 user_ns;
	__u64 nice_ns;
	__u64 system_ns;
	__u64 idle_ns;
	__u64 iowait_ns;
	__u64 irq_ns;
	__u64 softirq_ns;
	__u64 steal_ns;
	__u64 guest_ns;
	__u64 guest_nice_ns;
};

/*
 * With KTACH_RING_TIMING each record of CPU times goes on with these. They are
 * taken at every switch of tasks, and so are exact to the ns at any period:
 * while the CPU is online, busy_ns + idle_ns advances as CLOCK_MONOTONIC does.
 * Softirqs that interrupt the idle task count as busy, hard interrupts that do
 * are too short to be told from idle.
 */
struct ktach_cpustat_timing {
	__u64 busy_ns;		/* ran tasks or softirqs, since the load */
	__u64 idle_ns;		/* ran the idle task, since the load */
};

/* Softirq vectors, in the kernel's order, which is that of /proc/softirqs. */
enum ktach_softirq_vector {
	KTACH_SOFTIRQ_HI,
	KTACH_SOFTIRQ_TIMER,
	KTACH_SOFTIRQ_NET_TX,
	KTACH_SOFTIRQ_NET_RX,
	KTACH_SOFTIRQ_BLOCK,
	KTACH_SOFTIRQ_IRQ_POLL,
	KTACH_SOFTIRQ_TASKLET,
	KTACH_SOFTIRQ_SCHED,
	KTACH_SOFTIRQ_HRTIMER,
	KTACH_SOFTIRQ_RCU,
	KTACH_SOFTIRQ_VECTORS
};

/* Softirqs raised and run on a CPU since boot. The kernel's own counters are
 * 32 bits wide and wrap; these are widened and do not.
 */
struct ktach_softirq_record {
	__u32 cpu;
	__u32 flags;		/* KTACH_CPU_* */
	__u64 count[KTACH_SOFTIRQ_VECTORS];
};

/*
 * With KTACH_RING_TIMING each record of softirqs goes on with these, since the
 * source was loaded. A run counts when it ends; hard interrupts that arrive
 * meanwhile count with it, and on PREEMPT_RT so do tasks that preempt it.
 */
struct ktach_softirq_timing {
	__u64 time_ns[KTACH_SOFTIRQ_VECTORS];	/* spent in the vector */
	__u64 max_ns[KTACH_SOFTIRQ_VECTORS];	/* longest single run */
	__u64 max_at_ns[KTACH_SOFTIRQ_VECTORS];	/* its end, as mono_ns */
};

/* The layout is an ABI: hold it on both sides of the boundary. */
#ifdef __KERNEL__
#include <linux/build_bug.h>
#elif !defined(__bpf__)
#include <assert.h>
#endif

#define KTACH_AT(type, member, offset) \
	static_assert(__builtin_offsetof(struct type, member) == (offset), \
		      #type "." #member " moved")
KTACH_AT(ktach_ring_header, magic, 0);
KTACH_AT(ktach_ring_header, version, 4);
KTACH_AT(ktach_ring_header, header_size, 8);
KTACH_AT(ktach_ring_header, features, 12);
KTACH_AT(ktach_ring_header, kind, 16);
KTACH_AT(ktach_ring_header, slots, 20);
KTACH_AT(ktach_ring_header, records, 24);
KTACH_AT(ktach_ring_header, record_size, 28);
KTACH_AT(ktach_ring_header, record_stride, 32);
KTACH_AT(ktach_ring_header, records_offset, 36);
KTACH_AT(ktach_ring_header, slot_stride, 40);
KTACH_AT(ktach_ring_header, reserved0, 44);
KTACH_AT(ktach_ring_header, slots_offset, 48);
KTACH_AT(ktach_ring_header, name, 56);
KTACH_AT(ktach_ring_header, reserved1, 72);
KTACH_AT(ktach_ring_header, head, 128);
KTACH_AT(ktach_ring_header, period_ns, 136);
KTACH_AT(ktach_ring_header, missed, 144);
KTACH_AT(ktach_ring_header, fill_ns_last, 152);
KTACH_AT(ktach_ring_header, fill_ns_max, 160);
KTACH_AT(ktach_ring_header, backward_events, 168);
KTACH_AT(ktach_ring_header, state, 176);
KTACH_AT(ktach_ring_header, records_seen, 180);
KTACH_AT(ktach_ring_header, reserved3, 184);
KTACH_AT(ktach_slot, sequence, 0);
KTACH_AT(ktach_slot, mono_ns, 8);
KTACH_AT(ktach_slot, real_ns, 16);
KTACH_AT(ktach_slot, missed, 24);
KTACH_AT(ktach_slot, reserved, 32);
KTACH_AT(ktach_record, cpu, 0);
KTACH_AT(ktach_record, flags, 4);
KTACH_AT(ktach_cpustat_record, cpu, 0);
KTACH_AT(ktach_cpustat_record, flags, 4);
KTACH_AT(ktach_cpustat_record, user_ns, 8);
KTACH_AT(ktach_cpustat_record, nice_ns, 16);
KTACH_AT(ktach_cpustat_record, system_ns, 24);
KTACH_AT(ktach_cpustat_record, idle_ns, 32);
KTACH_AT(ktach_cpustat_record, iowait_ns, 40);
KTACH_AT(ktach_cpustat_record, irq_ns, 48);
KTACH_AT(ktach_cpustat_record, softirq_ns, 56);
KTACH_AT(ktach_cpustat_record, steal_ns, 64);
KTACH_AT(ktach_cpustat_record, guest_ns, 72);
KTACH_AT(ktach_cpustat_record, guest_nice_ns, 80);
KTACH_AT(ktach_cpustat_timing, busy_ns, 0);
KTACH_AT(ktach_cpustat_timing, idle_ns, 8);
KTACH_AT(ktach_softirq_record, cpu, 0);
KTACH_AT(ktach_softirq_record, flags, 4);
KTACH_AT(ktach_softirq_record, count, 8);
KTACH_AT(ktach_softirq_timing, time_ns, 0);
KTACH_AT(ktach_softirq_timing, max_ns, 80);
KTACH_AT(ktach_softirq_timing, max_at_ns, 160);
#undef KTACH_AT
static_assert(sizeof(struct ktach_ring_header) == 192, "header size");
static_assert(sizeof(struct ktach_slot) == 64, "slot head size");
static_assert(sizeof(struct ktach_record) == 8, "record head size");
static_assert(sizeof(struct ktach_cpustat_record) == 88, "cpustat size");
static_assert(sizeof(struct ktach_cpustat_timing) == 16, "cpustat timing size");
static_assert(sizeof(struct ktach_softirq_record) == 88, "softirq size");
static_assert(sizeof(struct ktach_softirq_timing) == 240,
	      "softirq timing size");

#endif /* _UAPI_LINUX_KTACH_RING_H */
