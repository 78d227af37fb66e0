/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_BASE_CONTAINER_H
#define KTACH_LIB_BASE_CONTAINER_H

#include <stddef.h>

/* The structure of @type whose @member @pointer points to. */
#define container_of(pointer, type, member) \
	((type *)((char *)(pointer)-offsetof(type, member)))

#endif /* KTACH_LIB_BASE_CONTAINER_H */
