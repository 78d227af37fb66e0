// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#include "ring_dev.h"
#include "source.h"

/**
 * struct ring_file - an open file; mappings hold the file, the file the ring
 * @ring: the ring, even after its source is gone
 * @polled: newest sample that poll() has reported
 * @positioned: the caller follows the file's position, poll() does too
 */
struct ring_file {
	struct ktach_ring *ring;
	u64 polled;
	bool positioned;
};

/*
 * The misc core holds its lock here, and to deregister takes the same: the
 * feed is there for as long as this runs. All who open any such device wait for
 * that lock: nothing here waits for who replaces the ring.
 */
static int ring_open(struct inode *inode, struct file *file)
{
	struct ktach_feed *feed =
		container_of(file->private_data, struct ktach_feed, misc);
	struct ring_file *rf;

	if (file->f_mode & FMODE_WRITE)
		return -EACCES;
	rf = kzalloc(sizeof(*rf), GFP_KERNEL);
	if (!rf)
		return -ENOMEM;
	rf->ring = ktach_feed_ring(feed);
	file->private_data = rf;
	/* ring_read() honours IOCB_NOWAIT: io_uring need not use a thread. */
	file->f_mode |= FMODE_NOWAIT;
	return 0;
}

static int ring_release(struct inode *inode, struct file *file)
{
	struct ring_file *rf = file->private_data;

	ktach_ring_put(rf->ring);
	kfree(rf);
	return 0;
}

static int ring_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct ring_file *rf = file->private_data;

	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EACCES;
	/* Nor later, by mprotect(). */
	vm_flags_clear(vma, VM_MAYWRITE | VM_MAYEXEC);
	/* Refuses what is longer than the ring. */
	return remap_vmalloc_range(vma, rf->ring->header, vma->vm_pgoff);
}

/*
 * Number of the sample that the caller has seen already. Once read() or
 * lseek() was used it is where the file's position is; pread() leaves that
 * alone. Unlocked: two threads that poll one file share its events.
 */
static u64 last_seen(struct file *file, struct ring_file *rf)
{
	loff_t pos = READ_ONCE(file->f_pos);

	if (!pos && !READ_ONCE(rf->positioned))
		return READ_ONCE(rf->polled);
	return div_u64(pos, rf->ring->slot_stride);
}

static __poll_t ring_poll(struct file *file, poll_table *wait)
{
	struct ring_file *rf = file->private_data;
	__poll_t events = 0;
	u64 head;

	poll_wait(file, &rf->ring->wait, wait);
	/* First in the queue, then look: pairs with wq_has_sleeper(). */
	smp_mb();
	if (!ktach_ring_live(rf->ring))
		events |= EPOLLHUP;
	head = ktach_ring_head(rf->ring);
	if (head > last_seen(file, rf)) {
		events |= EPOLLIN | EPOLLRDNORM;
		WRITE_ONCE(rf->polled, head);
	}
	return events;
}

/* 1 if sample @number or a newer one is there, 0 at the end, or an error. */
static int wait_for_sample(struct ktach_ring *ring, u64 number, bool nowait)
{
	bool live = ktach_ring_live(ring);

	if (ktach_ring_head(ring) >= number)
		return 1;
	if (!live)
		return 0;
	if (nowait)
		return -EAGAIN;
	if (wait_event_interruptible(ring->wait,
				     !ktach_ring_live(ring) ||
					     ktach_ring_head(ring) >= number))
		return -ERESTARTSYS;
	return ktach_ring_head(ring) >= number;
}

/*
 * Copy sample @number. Return 0, -EOVERFLOW if it was lapped before or while
 * it was copied (then nothing of it counts), or -EFAULT.
 */
static int copy_sample(struct ktach_ring *ring, u64 number, struct iov_iter *to)
{
	size_t stride = ring->slot_stride;
	size_t copied;

	if (!ktach_ring_holds(ring, number))
		return -EOVERFLOW;
	copied = copy_to_iter(ktach_ring_slot(ring, number), stride, to);
	if (copied == stride && ktach_ring_still_holds(ring, number))
		return 0;
	iov_iter_revert(to, copied);
	return copied == stride ? -EOVERFLOW : -EFAULT;
}

/*
 * Copy samples from *@number on, as many as fit and are there, and move
 * *@number behind them. Return the bytes copied, or an error if there are none.
 */
static ssize_t copy_samples(struct ktach_ring *ring, u64 *number,
			    struct iov_iter *to)
{
	unsigned int lapped = 0;
	ssize_t done = 0;
	int err;

	while (iov_iter_count(to) >= ring->slot_stride &&
	       *number <= ktach_ring_head(ring)) {
		*number = max(*number, ktach_ring_resume(ring, lapped));
		err = copy_sample(ring, *number, to);
		if (err == -EFAULT)
			return done ?: err;
		if (err) {
			/* A fast writer must not hold a killed reader. */
			if (fatal_signal_pending(current))
				return done ?: -EINTR;
			cond_resched();
			lapped++;
			continue;
		}
		lapped = 0;
		done += ring->slot_stride;
		++*number;
	}
	return done;
}

static ssize_t ring_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct ring_file *rf = iocb->ki_filp->private_data;
	struct ktach_ring *ring = rf->ring;
	bool nowait = iocb->ki_flags & IOCB_NOWAIT ||
		      iocb->ki_filp->f_flags & O_NONBLOCK;
	u64 number;
	u32 inside;
	ssize_t ret;

	number = div_u64_rem(iocb->ki_pos, ring->slot_stride, &inside) + 1;
	if (inside || iov_iter_count(to) < ring->slot_stride)
		return -EINVAL;
	ret = wait_for_sample(ring, number, nowait);
	if (ret <= 0)
		return ret;
	ret = copy_samples(ring, &number, to);
	if (ret > 0)
		iocb->ki_pos = (number - 1) * ring->slot_stride;
	return ret;
}

static loff_t ring_llseek(struct file *file, loff_t offset, int whence)
{
	struct ring_file *rf = file->private_data;
	loff_t end = ktach_ring_head(rf->ring) * rf->ring->slot_stride;
	loff_t pos;

	if (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END)
		return -EINVAL;
	pos = generic_file_llseek_size(file, offset, whence, MAX_LFS_FILESIZE,
				       end);
	if (pos >= 0)
		WRITE_ONCE(rf->positioned, true);
	return pos;
}

/* The owner keeps this module while a file or a mapping is there. */
static const struct file_operations ring_fops = {
	.owner = THIS_MODULE,
	.open = ring_open,
	.release = ring_release,
	.mmap = ring_mmap,
	.poll = ring_poll,
	.read_iter = ring_read,
	.llseek = ring_llseek,
};

int ktach_ring_dev_add(struct ktach_feed *feed)
{
	feed->misc.minor = MISC_DYNAMIC_MINOR;
	feed->misc.name = feed->source->nodename;
	feed->misc.nodename = feed->source->nodename;
	feed->misc.parent = feed->dev;
	feed->misc.fops = &ring_fops;
	feed->misc.mode = 0440;
	return misc_register(&feed->misc);
}

void ktach_ring_dev_remove(struct ktach_feed *feed)
{
	misc_deregister(&feed->misc);
}
