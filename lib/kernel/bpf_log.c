// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/kernel/bpf_log.h"

/*
 * libbpf speaks in lines and in whole verifier logs: hand on line by line. Its
 * own debug messages, a hundred a load, are left out.
 */
static int libbpf_line(enum libbpf_print_level level, const char *format,
		       va_list args)
{
	char *text, *rest, *line;

	if (level == LIBBPF_DEBUG)
		return 0;
	if (vasprintf(&text, format, args) < 0)
		return 0;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			log_debug("%s", line);
	}
	free(text);
	return 0;
}

void bpf_log_init(void)
{
	libbpf_set_print(libbpf_line);
}
