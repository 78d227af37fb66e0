/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose orders count here: a folder with a public key of Ed25519 in PEM each, NAME.pub.
 * They come to a host by hand or with a package, never over the feed.
 */
#ifndef KTACH_AGENTD_REMOTE_OPERATORS_H
#define KTACH_AGENTD_REMOTE_OPERATORS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/order/order.h"

enum operators_sizes {
	OPERATOR_NAME_SIZE = 64,
	OPERATOR_PROBLEM_SIZE = 256,
};

/**
 * operators_find() - whose key this is
 * @folder: of the keys
 * @key: the public key
 * @name: set to the operator's name, its file's
 * @problem: set after an error, OPERATOR_PROBLEM_SIZE bytes
 *
 * Files that others than root may write do not count.
 *
 * Return: 0, or -EPERM, with @problem.
 */
int operators_find(const char *folder, const uint8_t key[ORDER_KEY_SIZE],
		   char name[OPERATOR_NAME_SIZE], char *problem);

#endif /* KTACH_AGENTD_REMOTE_OPERATORS_H */
