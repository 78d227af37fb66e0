// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/ktach_netlink.h>

#include "input.h"
#include "ring_dev.h"
#include "source.h"
#include "sysfs.h"

static LIST_HEAD(feeds);
static DEFINE_MUTEX(feeds_lock);
static unsigned int generation = 1;

static int check_source(const struct ktach_source *source)
{
	if (!source->name || !source->nodename || !source->sample ||
	    !source->record_size || source->record_size % 8 ||
	    source->record_size > KTACH_RECORD_BYTES_MAX ||
	    strlen(source->name) >= KTACH_RING_NAME_LEN) {
		pr_err("a source without name, node, callback or with records of %u bytes is refused\n",
		       source->record_size);
		return -EINVAL;
	}
	if (!ktach_tick_period_valid(source->period_us)) {
		pr_err("%s: period_us=%u refused: it must be from %u to %u\n",
		       source->name, source->period_us, KTACH_PERIOD_US_MIN,
		       KTACH_PERIOD_US_MAX);
		return -ERANGE;
	}
	return 0;
}

/* Work out the geometry of a ring of @slots, and whether it may be. */
static int shape_ring(struct ktach_ring *ring,
		      const struct ktach_source *source, unsigned int slots)
{
	if (!ktach_ring_slots_valid(slots)) {
		pr_err("%s: slots=%u refused: it must be a power of two from %u to %u\n",
		       source->name, slots, KTACH_SLOTS_MIN, KTACH_SLOTS_MAX);
		return -EINVAL;
	}
	ring->slots = slots;
	ring->records = nr_cpu_ids;
	ring->record_size = source->record_size;
	ktach_ring_shape(ring);
	if (ring->bytes > KTACH_RING_BYTES_MAX) {
		pr_err("%s: slots=%u refused: with %u possible CPUs the ring takes %llu bytes, and %u is the most; use fewer slots\n",
		       source->name, ring->slots, ring->records, ring->bytes,
		       KTACH_RING_BYTES_MAX);
		return -ERANGE;
	}
	return 0;
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
	kfree(ring);
}

void ktach_ring_put(struct ktach_ring *ring)
{
	kref_put(&ring->refs, release_ring);
}

struct ktach_ring *ktach_feed_ring(struct ktach_feed *feed)
{
	struct ktach_ring *ring;

	mutex_lock(&feed->lock);
	ring = feed->ring;
	kref_get(&ring->refs);
	mutex_unlock(&feed->lock);
	return ring;
}

/* Nobody writes it any more: tell those who have it open. */
static void end_ring(struct ktach_ring *ring)
{
	ktach_ring_end(ring);
	wake_up_interruptible_all(&ring->wait);
}

static int replace_ring(struct ktach_feed *feed, unsigned int slots)
{
	struct ktach_ring *old = feed->ring;
	struct ktach_ring *ring;
	int err;

	if (slots == old->slots)
		return 0;
	ring = create_ring(feed->source, slots);
	if (IS_ERR(ring))
		return PTR_ERR(ring);
	err = ktach_tick_set_ring(&feed->tick, ring);
	feed->ring = ring;
	end_ring(old);
	ktach_ring_put(old);
	return err;
}

int ktach_feed_set_slots(struct ktach_feed *feed, unsigned int slots)
{
	int err;

	mutex_lock(&feed->lock);
	err = replace_ring(feed, slots);
	mutex_unlock(&feed->lock);
	return err;
}

static struct ktach_feed *create_feed(struct ktach_source *source)
{
	struct ktach_feed *feed = kzalloc(sizeof(*feed), GFP_KERNEL);
	void *err;

	if (!feed)
		return ERR_PTR(-ENOMEM);
	feed->source = source;
	cpumask_clear(&source->seen);
	mutex_init(&feed->lock);
	feed->input = ktach_input_create(source);
	if (IS_ERR(feed->input)) {
		err = feed->input;
		goto free_feed;
	}
	feed->ring = create_ring(source, source->slots);
	if (IS_ERR(feed->ring)) {
		err = feed->ring;
		goto destroy_input;
	}
	ktach_tick_init(&feed->tick, source, feed->ring);
	return feed;

destroy_input:
	ktach_input_destroy(feed->input);
free_feed:
	kfree(feed);
	return err;
}

static void destroy_feed(struct ktach_feed *feed)
{
	ktach_ring_put(feed->ring);
	ktach_input_destroy(feed->input);
	kfree(feed);
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
		goto remove_dev;
	return 0;

remove_dev:
	ktach_ring_dev_remove(feed);
	/* Somebody may have it open already. */
	end_ring(feed->ring);
remove_sysfs:
	ktach_sysfs_remove(feed);
	return err;
}

static void stop_feed(struct ktach_feed *feed)
{
	ktach_ring_dev_remove(feed);
	ktach_sysfs_remove(feed);
	ktach_tick_stop(&feed->tick);
	end_ring(feed->ring);
}

int ktach_feed_visit(int (*visit)(struct ktach_feed *feed, void *arg),
		     void *arg)
{
	struct ktach_feed *feed;
	int ret = 0;

	mutex_lock(&feeds_lock);
	list_for_each_entry(feed, &feeds, node) {
		ret = visit(feed, arg);
		if (ret)
			break;
	}
	mutex_unlock(&feeds_lock);
	return ret;
}

unsigned int ktach_feed_generation(void)
{
	return READ_ONCE(generation);
}

/* feeds_lock. A count that wraps leaves out 0. */
static void list_changed(void)
{
	WRITE_ONCE(generation, generation + 1 ?: 1);
}

static bool name_in_use(const char *name)
{
	struct ktach_feed *feed;

	if (!strcmp(name, KTACH_COMBINED_NAME))
		return true;
	list_for_each_entry(feed, &feeds, node)
		if (!strcmp(feed->source->name, name))
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
		destroy_feed(feed);
		return err;
	}
	source->feed = feed;
	list_add_tail(&feed->node, &feeds);
	list_changed();
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
	if (!err)
		pr_info("%s: /dev/%s, %u slots, a sample each %u us\n",
			source->name, source->nodename, source->slots,
			source->period_us);
	return err;
}
EXPORT_SYMBOL_GPL(ktach_source_register);

void ktach_source_unregister(struct ktach_source *source)
{
	struct ktach_feed *feed = source->feed;

	mutex_lock(&feeds_lock);
	list_del(&feed->node);
	list_changed();
	stop_feed(feed);
	mutex_unlock(&feeds_lock);
	source->feed = NULL;
	destroy_feed(feed);
}
EXPORT_SYMBOL_GPL(ktach_source_unregister);
