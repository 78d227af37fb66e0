/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory and load, from /proc. */
#ifndef KTACH_KTACH_HOST_FILES_H
#define KTACH_KTACH_HOST_FILES_H

#include "ktach/figures.h"

/* From meminfo below @proc. Return 0, or -errno after a message. */
int mem_read(const char *proc, struct mem_figures *f);

/* From loadavg and uptime below @proc. Return 0, or -errno after a message. */
int load_read(const char *proc, struct load_figures *f);

/* -EINVAL if the text is not that file's; what it lacks is FIGURE_UNKNOWN. */
int mem_parse(const char *text, struct mem_figures *f);

#endif /* KTACH_KTACH_HOST_FILES_H */
