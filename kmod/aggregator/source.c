// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/ktach_netlink.h>

#include "input.h"
#include "ring_dev.h"
#include "source.h"
#include "sysfs.h"

/*
 * Written under feeds_lock, by those who load and unload modules. Read by the
 * combining thread under feeds_srcu, which unregistering waits for, and by
 * everybody else under RCU, only to get a reference: whoever asks for the list, and
 * however slow, nobody waits for him.
 */
static LIST_HEAD(feeds);
static DEFINE_MUTEX(feeds_lock);
DEFINE_STATIC_SRCU(feeds_srcu);
static unsigned int generation = 1;
static u32 last_id; /* feeds_lock */

static int check_source(const struct ktach_source *source)
{
	if (!source->name || !source->nodename || !source->sample ||
	    !source->record_size || source->record_size % 8 ||
	    source->record_size > KTACH_RECORD_BYTES_MAX ||
	    strlen(source->name) >= KTACH_RING_NAME_LEN ||
	    strlen(source->nodename) >= KTACH_DEVICE_LEN) {
		pr_err("a source without name, node, callback or with records of %u bytes is refused\n",
		       source->record_size);
		return -EINVAL;
	}
	if (!ktach_tick_period_valid(source->period_us)) {
		pr_warn("%s: period_us=%u refused: it must be from %u to %u\n",
			source->name, source->period_us, KTACH_PERIOD_US_MIN,
			KTACH_PERIOD_US_MAX);
		return -ERANGE;
	}
	return 0;
}

/*
 * Work out the geometry of a ring of @slots, and whether it may be; of 0 slots:
 * of as many as fit, up to the default.
 */
static int shape_ring(struct ktach_ring *ring,
		      const struct ktach_source *source, unsigned int slots)
{
	ring->records = nr_cpu_ids;
	ring->record_size = source->record_size;
	if (!slots)
		return ktach_ring_shape_within(ring, KTACH_SLOTS_DEFAULT);
	if (!ktach_ring_slots_valid(slots))
		return -EINVAL;
	ring->slots = slots;
	ktach_ring_shape(ring);
	return ring->bytes > KTACH_RING_BYTES_MAX ? -ERANGE : 0;
}

/* Whoever loads a module gets an error's number, and not which parameter it is. */
static void explain_slots(const struct ktach_source *source, int err)
{
	struct ktach_ring ring = {};

	if (err == -EINVAL)
		pr_warn("%s: slots=%u refused: it must be a power of two from %u to %u\n",
			source->name, source->slots, KTACH_SLOTS_MIN,
			KTACH_SLOTS_MAX);
	if (err == -ERANGE && shape_ring(&ring, source, source->slots))
		pr_warn("%s: slots=%u refused: with %u possible CPUs the ring takes %llu bytes, and %u is the most; use fewer slots\n",
			source->name, source->slots, ring.records, ring.bytes,
			KTACH_RING_BYTES_MAX);
}

/* Slot by slot: a record that nobody fills yet has its CPU's number. */
static void number_records(struct ktach_ring *ring)
{
	struct ktach_record *record;
	u32 slot, cpu;
	void *records;

	for (slot = 0; slot < ring->slots; slot++) {
		records = ktach_ring_records(ktach_ring_slot(ring, slot));
		for (cpu = 0; cpu < ring->records; cpu++) {
			record = records + cpu * ring->record_stride;
			record->cpu = cpu;
		}
		cond_resched();
	}
}

static struct ktach_ring *create_ring(const struct ktach_source *source,
				      unsigned int slots)
{
	struct ktach_ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL);
	int err;

	if (!ring)
		return ERR_PTR(-ENOMEM);
	err = shape_ring(ring, source, slots);
	if (err)
		goto free_ring;
	err = -ENOMEM;
	ring->header = vmalloc_user(ring->bytes);
	if (!ring->header)
		goto free_ring;
	ktach_ring_format(ring, source->name, source->kind);
	ring->header->features = source->features;
	number_records(ring);
	init_waitqueue_head(&ring->wait);
	kref_init(&ring->refs);
	return ring;

free_ring:
	kfree(ring);
	return ERR_PTR(err);
}

static void release_ring(struct kref *refs)
{
	struct ktach_ring *ring = container_of(refs, struct ktach_ring, refs);

	vfree(ring->header);
	/* Somebody may be looking whether there is a reference to be had. */
	kfree_rcu(ring, rcu);
}

void ktach_ring_put(struct ktach_ring *ring)
{
	kref_put(&ring->refs, release_ring);
}

/* The feed has a reference to the ring of now: there is always one to be had. */
struct ktach_ring *ktach_feed_ring(struct ktach_feed *feed)
{
	struct ktach_ring *ring;

	rcu_read_lock();
	do
		ring = rcu_dereference(feed->ring);
	while (!kref_get_unless_zero(&ring->refs));
	rcu_read_unlock();
	return ring;
}

/* Nobody writes it any more: tell those who have it open. */
static void end_ring(struct ktach_ring *ring)
{
	ktach_ring_end(ring);
	wake_up_interruptible_all(&ring->wait);
}

/* The ring, for those whom nobody can replace it under. */
static struct ktach_ring *own_ring(struct ktach_feed *feed)
{
	return rcu_dereference_protected(feed->ring, true);
}

/*
 * Without a tick, as before it was started, or when it cannot be armed again, the
 * new ring is all the same the one that the next tick fills.
 */
static int replace_ring(struct ktach_feed *feed, unsigned int slots)
{
	struct ktach_ring *old = own_ring(feed);
	struct ktach_ring *ring;
	int err;

	lockdep_assert_held(&feed->lock);

	if (slots == old->slots)
		return 0;
	ring = create_ring(feed->source, slots);
	if (IS_ERR(ring))
		return PTR_ERR(ring);
	err = ktach_tick_set_ring(&feed->tick, ring);
	rcu_assign_pointer(feed->ring, ring);
	end_ring(old);
	ktach_ring_put(old);
	return err;
}

int ktach_feed_set_slots(struct ktach_feed *feed, unsigned int slots)
{
	int err;

	if (!ktach_ring_slots_valid(slots))
		return -EINVAL;
	mutex_lock(&feed->lock);
	err = replace_ring(feed, slots);
	mutex_unlock(&feed->lock);
	return err;
}

static void init_feed(struct ktach_feed *feed, struct ktach_source *source)
{
	kref_init(&feed->refs);
	strscpy(feed->name, source->name, sizeof(feed->name));
	strscpy(feed->device, source->nodename, sizeof(feed->device));
	feed->source = source;
	cpumask_clear(&source->seen);
	mutex_init(&feed->lock);
}

static struct ktach_feed *create_feed(struct ktach_source *source)
{
	struct ktach_feed *feed = kzalloc(sizeof(*feed), GFP_KERNEL);
	struct ktach_ring *ring;
	void *err;

	if (!feed)
		return ERR_PTR(-ENOMEM);
	init_feed(feed, source);
	feed->input = ktach_input_create(source);
	if (IS_ERR(feed->input)) {
		err = feed->input;
		goto free_feed;
	}
	ring = create_ring(source, source->slots);
	if (IS_ERR(ring)) {
		err = ring;
		explain_slots(source, PTR_ERR(ring));
		goto destroy_input;
	}
	RCU_INIT_POINTER(feed->ring, ring);
	ktach_tick_init(&feed->tick, source, ring);
	return feed;

destroy_input:
	ktach_input_destroy(feed->input);
free_feed:
	kfree(feed);
	return err;
}

static void release_feed(struct kref *refs)
{
	struct ktach_feed *feed = container_of(refs, struct ktach_feed, refs);

	ktach_ring_put(own_ring(feed));
	ktach_input_destroy(feed->input);
	kfree_rcu(feed, rcu);
}

void ktach_feed_put(struct ktach_feed *feed)
{
	kref_put(&feed->refs, release_feed);
}

/*
 * Whoever has a file open, or writes an attribute, may replace the ring: it ends when
 * neither can be any more.
 */
static void stop_feed(struct ktach_feed *feed)
{
	ktach_ring_dev_remove(feed);
	ktach_sysfs_remove(feed);
	ktach_tick_stop(&feed->tick);
	end_ring(own_ring(feed));
}

static int start_feed(struct ktach_feed *feed)
{
	int err;

	err = ktach_sysfs_add(feed);
	if (err)
		return err;
	err = ktach_ring_dev_add(feed);
	if (err)
		goto remove_sysfs;
	err = ktach_tick_start(&feed->tick);
	if (err)
		stop_feed(feed);
	return err;

remove_sysfs:
	ktach_sysfs_remove(feed);
	return err;
}

void ktach_feed_visit(void (*visit)(struct ktach_feed *feed, void *arg),
		      void *arg)
{
	struct ktach_feed *feed;
	int idx = srcu_read_lock(&feeds_srcu);

	list_for_each_entry_srcu(feed, &feeds, node,
				 srcu_read_lock_held(&feeds_srcu))
		visit(feed, arg);
	srcu_read_unlock(&feeds_srcu, idx);
}

/* One that is on its way out has no reference to be had. */
struct ktach_feed *ktach_feed_after(u32 id)
{
	struct ktach_feed *feed;

	rcu_read_lock();
	list_for_each_entry_rcu(feed, &feeds, node)
		if (feed->id > id && kref_get_unless_zero(&feed->refs))
			goto unlock;
	feed = NULL;
unlock:
	rcu_read_unlock();
	return feed;
}

struct ktach_feed *ktach_feed_find(const char *name)
{
	struct ktach_feed *feed = ktach_feed_after(0);
	u32 id;

	while (feed && strcmp(feed->name, name)) {
		id = feed->id;
		ktach_feed_put(feed);
		feed = ktach_feed_after(id);
	}
	return feed;
}

unsigned int ktach_feed_generation(void)
{
	return READ_ONCE(generation);
}

/* A count that wraps leaves out 0. */
static void list_changed(void)
{
	lockdep_assert_held(&feeds_lock);
	WRITE_ONCE(generation, generation + 1 ?: 1);
}

static bool name_in_use(const char *name)
{
	struct ktach_feed *feed;

	lockdep_assert_held(&feeds_lock);
	if (!strcmp(name, KTACH_COMBINED_NAME))
		return true;
	list_for_each_entry(feed, &feeds, node)
		if (!strcmp(feed->name, name))
			return true;
	return false;
}

static int add_source(struct ktach_source *source)
{
	struct ktach_feed *feed;
	int err;

	if (name_in_use(source->name)) {
		pr_err("%s: there is a source of this name already\n",
		       source->name);
		return -EEXIST;
	}
	feed = create_feed(source);
	if (IS_ERR(feed))
		return PTR_ERR(feed);
	err = start_feed(feed);
	if (err) {
		pr_err("%s: /dev/%s cannot be set up: error %d\n", source->name,
		       source->nodename, err);
		ktach_feed_put(feed);
		return err;
	}
	feed->id = ++last_id;
	source->feed = feed;
	list_add_tail_rcu(&feed->node, &feeds);
	list_changed();
	pr_info("%s: /dev/%s, %u slots, a sample each %u us\n", feed->name,
		feed->device, own_ring(feed)->slots, source->period_us);
	return 0;
}

int ktach_source_register(struct ktach_source *source)
{
	int err = check_source(source);

	if (err)
		return err;
	mutex_lock(&feeds_lock);
	err = add_source(source);
	mutex_unlock(&feeds_lock);
	return err;
}
EXPORT_SYMBOL_GPL(ktach_source_register);

void ktach_source_unregister(struct ktach_source *source)
{
	struct ktach_feed *feed = source->feed;

	mutex_lock(&feeds_lock);
	list_del_rcu(&feed->node);
	list_changed();
	/* The combining thread reads what is the source's own. */
	synchronize_srcu(&feeds_srcu);
	stop_feed(feed);
	mutex_unlock(&feeds_lock);
	source->feed = NULL;
	ktach_feed_put(feed);
}
EXPORT_SYMBOL_GPL(ktach_source_unregister);
