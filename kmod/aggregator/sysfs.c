// SPDX-License-Identifier: GPL-2.0-only
#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/kstrtox.h>
#include <linux/sysfs.h>

#include "source.h"
#include "sysfs.h"

static const struct ktach_ring_header *header_of(struct device *dev)
{
	const struct ktach_feed *feed = dev_get_drvdata(dev);

	return feed->ring->header;
}

static ssize_t emit(char *buf, u64 value)
{
	return sysfs_emit(buf, "%llu\n", value);
}

static ssize_t slots_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return emit(buf, READ_ONCE(header_of(dev)->slots));
}
static DEVICE_ATTR_RO(slots);

static ssize_t records_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return emit(buf, READ_ONCE(header_of(dev)->records));
}
static DEVICE_ATTR_RO(records);

static ssize_t head_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return emit(buf, READ_ONCE(header_of(dev)->head));
}
static DEVICE_ATTR_RO(head);

static ssize_t missed_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return emit(buf, READ_ONCE(header_of(dev)->missed));
}
static DEVICE_ATTR_RO(missed);

static ssize_t fill_ns_last_show(struct device *dev,
				 struct device_attribute *attr, char *buf)
{
	return emit(buf, READ_ONCE(header_of(dev)->fill_ns_last));
}
static DEVICE_ATTR_RO(fill_ns_last);

static ssize_t fill_ns_max_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	return emit(buf, READ_ONCE(header_of(dev)->fill_ns_max));
}
static DEVICE_ATTR_RO(fill_ns_max);

static ssize_t backward_events_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	return emit(buf, READ_ONCE(header_of(dev)->backward_events));
}
static DEVICE_ATTR_RO(backward_events);

static ssize_t period_us_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	u64 period_ns = READ_ONCE(header_of(dev)->period_ns);

	return emit(buf, div_u64(period_ns, NSEC_PER_USEC));
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
	if (err)
		dev_err_ratelimited(dev, "period_us refused: give %u to %u\n",
				    KTACH_PERIOD_US_MIN, KTACH_PERIOD_US_MAX);
	return err ?: count;
}
static DEVICE_ATTR_RW(period_us);

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
