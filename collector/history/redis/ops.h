/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of struct engine_ops: their comments are there. */
#ifndef KTACH_COLLECTOR_HISTORY_REDIS_OPS_H
#define KTACH_COLLECTOR_HISTORY_REDIS_OPS_H

#include "collector/history/redis/call.h"

extern const struct engine_ops redis_ops;

/* Before something else than a commit is written. Return 0 or a negative errno. */
int redis_may_write(struct redis *r);

/* Take all buckets with a turn that nobody has used. Return 0 or a negative errno. */
int redis_own(struct redis *r);

/* commit.c */
int redis_commit(struct engine *e, const struct engine_commit *c);
int redis_mark(struct engine *e, const uint8_t *node, uint64_t session,
	       uint64_t *stored);

/* log.c */
int redis_settle(struct engine *e, engine_found_log *found, void *context);
int redis_logs(struct engine *e, engine_found_log *found, void *context);
int redis_trim(struct engine *e, uint64_t first);
int redis_trim_now(struct redis *r);

/* Of some buckets only. */
int redis_logs_of(struct redis *r, const bool *buckets, engine_found_log *found,
		  void *context);

/* claim.c */
int redis_claim(struct engine *e, const struct engine_claim *c);

/* fold.c */
int redis_fold(struct engine *e, const struct engine_fold *folds, size_t count);

/* merge.c */
int redis_merge(struct engine *e, const struct engine_merge *merges,
		size_t count);

/* aside.c */
int redis_set_aside(struct engine *e, const struct engine_key *key);
int redis_retry(struct engine *e, uint64_t memory, struct engine_aside *left);

/* The oldest frames that are set aside go but for ENGINE_ASIDE_MAX. */
int aside_trim(struct redis *r);

/* hours.c */
int redis_ripe(struct engine *e, uint64_t hour, unsigned int parts,
	       struct engine_key *keys, unsigned int most);
int redis_next(struct engine *e, const uint8_t *node, uint64_t hour,
	       uint64_t *first);
int redis_drop(struct engine *e, const struct engine_drop *d);

/* gone.c */
int redis_forget(struct engine *e, const struct engine_age *a);
int redis_room(struct engine *e, struct engine_room *room);
int redis_largest(struct engine *e, uint8_t *node, uint64_t *bytes);

/* small.c */
int redis_everybody(struct engine *e, engine_found_id *found, void *context);
int redis_small(struct engine *e, const uint8_t *node,
		engine_found_commit *found, void *context);
int redis_leave(struct engine *e, const uint8_t *node, bool row);

/* rows.c, states.c */
void rows_tell_nodes(const redisReply *pairs, engine_found_node *found,
		     void *context);
int redis_nodes(struct engine *e, engine_found_node *found, void *context);
int redis_find(struct engine *e, const uint8_t *node, struct engine_node *n);
int redis_parts(struct engine *e, const struct engine_key *key,
		engine_found_blob *found, void *context);
int redis_chunk(struct engine *e, enum tier tier, const struct engine_key *key,
		engine_found_blob *found, void *context);
int redis_losses(struct engine *e, const struct history_losses_query *q,
		 engine_found_loss *found, void *context);
int redis_accounts(struct engine *e, size_t count, history_state *found,
		   void *context);
int redis_latest(struct engine *e, const uint8_t *after, size_t count,
		 history_state *found, void *context);

/* walk.c */
int redis_walk(struct engine *e, struct engine_walk *w,
	       engine_found_piece *found, void *context);

#endif /* KTACH_COLLECTOR_HISTORY_REDIS_OPS_H */
