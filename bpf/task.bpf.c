// SPDX-License-Identifier: GPL-2.0-only
/* All processes in one read: an iterator over tasks that writes records. */
#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "kernel_task.h"
#include "task.h"

char LICENSE[] SEC("license") = "GPL";

enum {
	THREADS_MAX = 1 << 22, /* PID_MAX_LIMIT */
	SUM_TRIES = 3,
	KERNEL_THREAD = 0x00200000, /* PF_KTHREAD */
	FILE_PAGES = 0, /* MM_FILEPAGES and the like */
	ANON_PAGES = 1,
	SHMEM_PAGES = 3,
};

/**
 * struct walk - over a process's threads
 * @at: the next thread's node
 * @head: where the list ends
 * @cpu_ns: of those so far
 */
struct walk {
	struct list_head *at;
	struct list_head *head;
	__u64 cpu_ns;
};

/* A thread that leaves the list meanwhile still leads on to the next one: the
 * iterator's program runs under RCU.
 */
static long add_thread(__u32 index, void *context)
{
	struct walk *w = context;
	struct list_head *node = w->at;
	struct task_struct *thread;
	__u64 thread_ns;

	if (node == w->head)
		return 1;
	thread = (void *)node -
		 bpf_core_field_offset(struct task_struct, thread_node);
	if (bpf_core_read(&thread_ns, sizeof(thread_ns),
			  &thread->se.sum_exec_runtime) ||
	    bpf_core_read(&node, sizeof(node), &node->next))
		return 1;
	w->cpu_ns += thread_ns;
	w->at = node;
	return 0;
}

/* Not inlined: the verifier wants an instruction to load from the stack or from
 * a task, where the compiler would make one for both.
 */
static __noinline __u64 walk_threads(struct signal_struct *signal)
{
	struct walk w = {
		.at = signal->thread_head.next,
		.head = &signal->thread_head,
	};

	bpf_loop(THREADS_MAX, add_thread, &w, 0);
	return w.cpu_ns;
}

static __u64 live_cpu_ns(struct task_struct *leader)
{
	if (leader->signal->nr_threads == 1)
		return leader->se.sum_exec_runtime;
	return walk_threads(leader->signal);
}

/* A thread that is reaped meanwhile is in both sums, or in neither: once more
 * then. As the kernel's thread_group_cputime(), less its lock.
 */
static __u64 cpu_ns(struct task_struct *leader)
{
	struct signal_struct *signal = leader->signal;
	__u64 reaped_ns, live_ns;
	int i;

	for (i = 0; i < SUM_TRIES; i++) {
		reaped_ns = signal->sum_sched_runtime;
		barrier();
		live_ns = live_cpu_ns(leader);
		barrier();
		if (signal->sum_sched_runtime == reaped_ns)
			break;
	}
	return reaped_ns + live_ns;
}

static __u64 positive(__s64 pages)
{
	return pages < 0 ? 0 : pages;
}

/* The verifier of old kernels does not look into typedefs: no plain load there. */
static __u64 old_rss_pages(struct mm_struct___atomic *mm)
{
	atomic_long_t pages[4] = { 0 };

	bpf_core_read(pages, sizeof(pages), &mm->rss_stat.count);
	return positive(pages[FILE_PAGES].counter) +
	       positive(pages[ANON_PAGES].counter) +
	       positive(pages[SHMEM_PAGES].counter);
}

static __u64 rss_pages(struct mm_struct *mm)
{
	struct mm_struct___atomic *old = (void *)mm;

	if (bpf_core_field_exists(old->rss_stat.count))
		return old_rss_pages(old);
	return positive(mm->rss_stat[FILE_PAGES].count) +
	       positive(mm->rss_stat[ANON_PAGES].count) +
	       positive(mm->rss_stat[SHMEM_PAGES].count);
}

SEC("iter/task")
int ktach_tasks(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct task_record r = { 0 };

	if (!task || task->pid != task->tgid)
		return 0;
	r.cpu_ns = cpu_ns(task);
	r.start_ns = task->start_boottime;
	r.pid = task->tgid;
	r.parent = task->real_parent->tgid;
	r.uid = task->cred->euid.val;
	r.state = task->__state | task->exit_state;
	r.threads = task->signal->nr_threads;
	r.kernel = !!(task->flags & KERNEL_THREAD);
	if (task->mm && !r.kernel)
		r.rss_pages = rss_pages(task->mm);
	bpf_core_read(r.name, sizeof(r.name), &task->comm);
	bpf_seq_write(context->meta->seq, &r, sizeof(r));
	return 0;
}
