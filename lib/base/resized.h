/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_BASE_RESIZED_H
#define KTACH_LIB_BASE_RESIZED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

enum {
	GROWN_FIRST = 16
};

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

/* For an array that grows at its end: @array with room for more than @count elements of
 * @size bytes, twice as many as before where it has to be moved. NULL without memory; then
 * @array is as it was.
 */
static inline void *grown(void *array, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : GROWN_FIRST;

	if (count < *room)
		return array;
	array = reallocarray(array, more, size);
	if (array)
		*room = more;
	return array;
}

#endif /* KTACH_LIB_BASE_RESIZED_H */
