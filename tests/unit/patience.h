/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long to wait for what must come: as patience() of tests/tap.sh. */
#ifndef KTACH_TESTS_UNIT_PATIENCE_H
#define KTACH_TESTS_UNIT_PATIENCE_H

#include <stdlib.h>

static inline int patience_ms(int ms)
{
	const char *percent = getenv("PATIENCE");

	return percent ? ms * atoi(percent) / 100 : ms;
}

#endif /* KTACH_TESTS_UNIT_PATIENCE_H */
