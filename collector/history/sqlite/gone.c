// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes, as it is old or as there is no room. */
#include <errno.h>

#include "collector/history/sqlite/database.h"

int database_trim(struct engine *e, uint64_t first)
{
	struct database *d = database_of(e);
	const int64_t from = (int64_t)first;

	return database_step(d, d->sql[SCHEMA_TRIM_LOG], 1, &from);
}

/* Hours beyond all that a key can have are its end. */
static int64_t bound(uint64_t hour, bool parts)
{
	if (hour > INT64_MAX >> SCHEMA_NODE_BITS)
		return INT64_MAX;
	if (!hour && parts)
		return INT64_MIN; /* those that are set aside, too */
	return parts ? (int64_t)hour : schema_key(hour, 0);
}

int database_drop(struct engine *e, const struct engine_drop *drop)
{
	struct database *d = database_of(e);
	const bool parts = drop->tier == ENGINE_PARTS;
	const int64_t from = bound(drop->from, parts),
		      to = bound(drop->to, parts), most = drop->most;
	int64_t id;
	int err;

	if (!drop->node) {
		const int64_t values[] = { from, to, most };

		err = database_step(d,
				    parts ? d->sql[SCHEMA_DROP_PARTS] :
					    d->drop[drop->tier],
				    3, values);
		return err ? err : sqlite3_changes(d->db);
	}
	err = database_find(d, drop->node, &id, NULL);
	if (!err) {
		const int64_t values[] = { id, from, to, most };

		err = database_step(d,
				    parts ? d->sql[SCHEMA_DROP_NODE_PARTS] :
					    d->drop_node[drop->tier],
				    4, values);
		return err ? err : sqlite3_changes(d->db);
	}
	return err == -ENOENT ? 0 : err;
}

int database_forget(struct engine *e, const struct engine_age *a)
{
	struct database *d = database_of(e);
	const struct {
		uint64_t before;
		enum schema_statement statement;
	} all[] = {
		{ a->marks_ns, SCHEMA_EXPIRE_MARKS },
		{ a->states_ns, SCHEMA_EXPIRE_LATEST }, /* by accounts */
		{ a->states_ns, SCHEMA_EXPIRE_ACCOUNTS },
		{ a->minute, SCHEMA_EXPIRE_LOSSES },
		{ a->future, SCHEMA_EXPIRE_FUTURE },
		{ a->hour, SCHEMA_EXPIRE_ASIDE },
	};
	size_t i;
	int err = 0;

	for (i = 0; !err && i < sizeof(all) / sizeof(all[0]); i++) {
		const int64_t before = (int64_t)all[i].before;

		if (before)
			err = database_step(d, d->sql[all[i].statement], 1,
					    &before);
	}
	return err;
}
