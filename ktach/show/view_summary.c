// SPDX-License-Identifier: GPL-2.0-or-later
#include "ktach/show/views.h"

enum {
	CPU_ROWS = 8, /* lines of bars, so that all of it fits 24 */
	NET_ROWS = 6, /* interfaces, with their title */
};

void view_summary(struct paper *p, const struct figures *f)
{
	view_title(p, f);
	if (f->cpu.span.origin) {
		view_cpu_total(p, &f->cpu);
		view_cpu_bars(p, &f->cpu, ORDER_NUMBER, CPU_ROWS, NULL);
	}
	if (f->load.span.origin)
		view_load_total(p, &f->load);
	if (f->mem.span.origin)
		view_mem_total(p, &f->mem);
	if (f->softirq.span.origin)
		view_softirq_total(p, &f->softirq);
	if (f->net.span.origin)
		view_net_table(p, &f->net, ORDER_ACTIVITY, 0, NET_ROWS, NULL);
	view_origins(p, f);
	view_notes(p, f);
}

void view_section(struct paper *p, const struct figures *f,
		  enum section section, enum order order)
{
	switch (section) {
	case SECTION_CPU:
		view_cpu_table(p, &f->cpu, order);
		break;
	case SECTION_SOFTIRQ:
		view_softirq_table(p, &f->softirq, order);
		break;
	case SECTION_NET:
		view_net_table(p, &f->net, order, 0, INT32_MAX, NULL);
		break;
	case SECTION_MEM:
		view_mem(p, &f->mem);
		break;
	default:
		view_load(p, &f->load);
		break;
	}
}
