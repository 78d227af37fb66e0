/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_BASE_RESIZED_H
#define KTACH_LIB_BASE_RESIZED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* For several arrays that grow together: @old with room for @count elements of
 * @size bytes, or as it was, with *failed set. It is never NULL but then.
 */
static inline void *resized(void *old, size_t count, size_t size, bool *failed)
{
	void *p = realloc(old, (count ? count : 1) * (size ? size : 1));

	if (!p)
		*failed = true;
	return p ? p : old;
}

#endif /* KTACH_LIB_BASE_RESIZED_H */
