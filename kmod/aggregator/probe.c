// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <ktach/probe.h>

static void look_at(struct tracepoint *tracepoint, void *data)
{
	struct ktach_probe *probe = data;

	if (!strcmp(tracepoint->name, probe->name))
		probe->tracepoint = tracepoint;
}

static int attach(struct ktach_probe *probe)
{
	probe->tracepoint = NULL;
	if (IS_ENABLED(CONFIG_TRACEPOINTS))
		for_each_kernel_tracepoint(look_at, probe);
	if (!probe->tracepoint) {
		pr_err("this kernel has no tracepoint %s: exact times need CONFIG_TRACEPOINTS\n",
		       probe->name);
		return -ENOENT;
	}
	return tracepoint_probe_register(probe->tracepoint, probe->function,
					 NULL);
}

void ktach_probes_detach(struct ktach_probe *probes, unsigned int count)
{
	while (IS_ENABLED(CONFIG_TRACEPOINTS) && count--)
		tracepoint_probe_unregister(probes[count].tracepoint,
					    probes[count].function, NULL);
	/* Who was called before the last line may still be under way. */
	tracepoint_synchronize_unregister();
}
EXPORT_SYMBOL_GPL(ktach_probes_detach);

int ktach_probes_attach(struct ktach_probe *probes, unsigned int count)
{
	unsigned int done;
	int err;

	for (done = 0; done < count; done++) {
		err = attach(&probes[done]);
		if (err) {
			ktach_probes_detach(probes, done);
			return err;
		}
	}
	return 0;
}
EXPORT_SYMBOL_GPL(ktach_probes_attach);
