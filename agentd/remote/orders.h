/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The orders that were carried out here, and the desired state: over restarts, so that
 * none is carried out twice. They are also the record of who did what, and how it ended.
 */
#ifndef KTACH_AGENTD_REMOTE_ORDERS_H
#define KTACH_AGENTD_REMOTE_ORDERS_H

#include <stdbool.h>
#include <stdio.h>

#include "agentd/remote/operators.h"
#include "lib/order/order.h"

struct sqlite3;

enum orders_sizes {
	ORDER_RESULT_SIZE = 512,
	ORDER_THROUGH_SIZE = 64,
};

/**
 * struct order_record - an order that was taken
 * @operator: who signed it
 * @through: whom the collector took it from, as that says
 * @begun_us: when, as all of them us since 1970
 * @done_us: when it was over; 0: it is not
 * @result: "" where all went well, else what went wrong
 */
struct order_record {
	char operator[OPERATOR_NAME_SIZE];
	char through[ORDER_THROUGH_SIZE];
	uint64_t begun_us;
	uint64_t done_us;
	char result[ORDER_RESULT_SIZE];
};

struct orders {
	struct sqlite3 *db;
};

/* Orders that were under way when ktach-agentd ended become so that this is their
 * result. Return 0, or -errno after a message.
 */
int orders_open(struct orders *s, const char *folder);
void orders_close(struct orders *s);

/* Return 0; -ENOENT: no order had this nonce; -EEXIST: another one had. */
int orders_get(struct orders *s, const struct order *o,
	       struct order_record *record);

/* Whether an order that was signed later was taken of that agent, or one so old was
 * forgotten.
 */
bool orders_is_late(struct orders *s, const struct order *o);

/* Note one that begins: on the disk when this returns. Return 0 or -EIO. */
int orders_begin(struct orders *s, const struct order *o,
		 const struct order_record *record);

/* It is over. Return 0 or -EIO. */
int orders_end(struct orders *s, const struct order *o,
	       const struct order_record *record);

/* Forget what is too old to come again, now and then. */
void orders_forget(struct orders *s, uint64_t now_us);

/* The newest ones, a line "KEY VALUE" each thing, and an empty one behind each. */
void orders_show(struct orders *s, FILE *out, unsigned int most);

/* The desired state: its text, to be freed; NULL: there is none. */
char *orders_get_desired(struct orders *s, size_t *size);

/* Return 0 or -EIO. */
int orders_put_desired(struct orders *s, const char *text, size_t size);

#endif /* KTACH_AGENTD_REMOTE_ORDERS_H */
