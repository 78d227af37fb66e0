// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/kstrtox.h>
#include <linux/sysfs.h>

#include "source.h"
#include "sysfs.h"

/* The ring may be replaced at any time: the header is that of now. */
static ssize_t show(struct device *dev, char *buf, size_t offset, u32 unit)
{
	struct ktach_ring *ring = ktach_feed_ring(dev_get_drvdata(dev));
	u64 value = READ_ONCE(*(u64 *)((void *)ring->header + offset));

	ktach_ring_put(ring);
	return sysfs_emit(buf, "%llu\n", div_u64(value, unit));
}

#define OFFSET(_field) offsetof(struct ktach_ring_header, _field)

static ssize_t head_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return show(dev, buf, OFFSET(head), 1);
}
static DEVICE_ATTR_RO(head);

static ssize_t missed_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return show(dev, buf, OFFSET(missed), 1);
}
static DEVICE_ATTR_RO(missed);

static ssize_t fill_ns_last_show(struct device *dev,
				 struct device_attribute *attr, char *buf)
{
	return show(dev, buf, OFFSET(fill_ns_last), 1);
}
static DEVICE_ATTR_RO(fill_ns_last);

static ssize_t fill_ns_max_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	return show(dev, buf, OFFSET(fill_ns_max), 1);
}
static DEVICE_ATTR_RO(fill_ns_max);

static ssize_t backward_events_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	return show(dev, buf, OFFSET(backward_events), 1);
}
static DEVICE_ATTR_RO(backward_events);

static ssize_t records_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%u\n", nr_cpu_ids);
}
static DEVICE_ATTR_RO(records);

static ssize_t period_us_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return show(dev, buf, OFFSET(period_ns), NSEC_PER_USEC);
}

static ssize_t period_us_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t count)
{
	struct ktach_feed *feed = dev_get_drvdata(dev);
	unsigned int period_us;
	int err = kstrtouint(buf, 0, &period_us);

	if (!err)
		err = ktach_tick_set_period(&feed->tick, period_us);
	return err ?: count;
}
static DEVICE_ATTR_RW(period_us);

static ssize_t slots_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct ktach_ring *ring = ktach_feed_ring(dev_get_drvdata(dev));
	u32 slots = ring->slots;

	ktach_ring_put(ring);
	return sysfs_emit(buf, "%u\n", slots);
}

static ssize_t slots_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	unsigned int slots;
	int err = kstrtouint(buf, 0, &slots);

	if (!err)
		err = ktach_feed_set_slots(dev_get_drvdata(dev), slots);
	return err ?: count;
}
static DEVICE_ATTR_RW(slots);

static struct attribute *source_attrs[] = {
	&dev_attr_period_us.attr,
	&dev_attr_slots.attr,
	&dev_attr_records.attr,
	&dev_attr_head.attr,
	&dev_attr_missed.attr,
	&dev_attr_fill_ns_last.attr,
	&dev_attr_fill_ns_max.attr,
	&dev_attr_backward_events.attr,
	NULL,
};
ATTRIBUTE_GROUPS(source);

static struct class ktach_class = {
	.name = "ktach",
	.dev_groups = source_groups,
};

int ktach_sysfs_init(void)
{
	return class_register(&ktach_class);
}

void ktach_sysfs_uninit(void)
{
	class_unregister(&ktach_class);
}

int ktach_sysfs_add(struct ktach_feed *feed)
{
	struct device *dev = device_create(&ktach_class, NULL, 0, feed, "%s",
					   feed->source->name);

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	feed->dev = dev;
	return 0;
}

void ktach_sysfs_remove(struct ktach_feed *feed)
{
	device_unregister(feed->dev);
}
