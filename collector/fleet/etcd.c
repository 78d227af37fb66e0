// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "collector/fleet/etcd.h"
#include "collector/fleet/etcd_http.h"

enum {
	BASE64_MAX = 4 * (ETCD_VALUE_MAX + 2) / 3 + 4,
};

struct etcd *etcd_open(const struct place *place)
{
	struct etcd *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->place = *place;
	if (!curl_global_init(CURL_GLOBAL_DEFAULT))
		e->multi = curl_multi_init();
	if (e->multi)
		return e;
	free(e);
	return NULL;
}

void etcd_close(struct etcd *e)
{
	etcd_http_unwatch(e);
	curl_multi_cleanup(e->multi);
	buffer_free(&e->came);
	explicit_bzero(e->password, sizeof(e->password));
	free(e);
}

const char *etcd_problem(const struct etcd *e)
{
	return e->problem;
}

void etcd_wake(struct etcd *e)
{
	curl_multi_wakeup(e->multi);
}

/* --- JSON ---------------------------------------------------------------- */

/* In etcd's JSON bytes are base64, and numbers of 64 bits are texts. */
static json_t *bytes_json(const char *text)
{
	char out[BASE64_MAX];
	size_t size = strlen(text);

	if (size > ETCD_VALUE_MAX)
		return NULL;
	sodium_bin2base64(out, sizeof(out), (const uint8_t *)text, size,
			  sodium_base64_VARIANT_ORIGINAL);
	return json_string(out);
}

static json_t *number_json(uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return json_string(text);
}

static uint64_t read_number(const json_t *object, const char *name)
{
	const json_t *v = json_object_get(object, name);

	if (json_is_string(v))
		return strtoull(json_string_value(v), NULL, 10);
	return json_is_integer(v) ? (uint64_t)json_integer_value(v) : 0;
}

/* Return false if it is too long, or none. */
static bool read_bytes(const json_t *object, const char *name, char *to,
		       size_t size)
{
	const json_t *v = json_object_get(object, name);
	size_t used = 0;

	if (v && !json_is_string(v))
		return false;
	if (v &&
	    sodium_base642bin((uint8_t *)to, size - 1, json_string_value(v),
			      json_string_length(v), NULL, &used, NULL,
			      sodium_base64_VARIANT_ORIGINAL))
		return false;
	to[used] = '\0';
	return true;
}

/* The end of a range: the first key behind all that begin with the prefix. */
static json_t *end_json(const char *prefix)
{
	char end[ETCD_KEY_SIZE];
	size_t size = strlen(prefix);

	if (!size || size >= sizeof(end))
		return NULL;
	memcpy(end, prefix, size + 1);
	end[size - 1]++;
	return bytes_json(end);
}

/* --- calls --------------------------------------------------------------- */

/* Ask, and look only at whether there is an answer. */
static int post(struct etcd *e, const char *path, json_t *body)
{
	json_t *answer;
	int err = etcd_post(e, path, body, &answer);

	if (!err)
		json_decref(answer);
	return err;
}

int etcd_grant(struct etcd *e, unsigned int seconds, uint64_t *lease)
{
	json_t *answer;
	int err = etcd_post(e, "lease/grant",
			    json_pack("{so}", "TTL", number_json(seconds)),
			    &answer);

	if (err)
		return err;
	*lease = read_number(answer, "ID");
	json_decref(answer);
	return *lease ? 0 : etcd_fail(e, "a lease has no number");
}

/* One that is gone has no time to live. */
int etcd_keep_alive(struct etcd *e, uint64_t lease)
{
	json_t *answer;
	bool lives;
	int err = etcd_post(e, "lease/keepalive",
			    json_pack("{so}", "ID", number_json(lease)),
			    &answer);

	if (err)
		return err;
	lives = read_number(json_object_get(answer, "result"), "TTL");
	json_decref(answer);
	if (lives)
		return 0;
	etcd_fail(e, "the lease has ended");
	return -ENOENT;
}

int etcd_revoke(struct etcd *e, uint64_t lease)
{
	return post(e, "lease/revoke",
		    json_pack("{so}", "ID", number_json(lease)));
}

static bool read_key(const json_t *kv, struct etcd_key *k)
{
	k->lease = read_number(kv, "lease");
	k->changed = read_number(kv, "mod_revision");
	return k->changed && read_bytes(kv, "key", k->key, sizeof(k->key)) &&
	       read_bytes(kv, "value", k->value, sizeof(k->value)) && k->key[0];
}

/* Others' keys may be larger than ours are: those are passed over. */
static void tell_keys(const json_t *kvs, etcd_found *found, void *context)
{
	struct etcd_key k = { .gone = false };
	const json_t *kv;
	size_t i;

	json_array_foreach(kvs, i, kv) if (read_key(kv, &k)) found(context, &k);
}

int etcd_range(struct etcd *e, const char *prefix, etcd_found *found,
	       void *context, uint64_t *revision)
{
	json_t *answer;
	int err = etcd_post(e, "kv/range",
			    json_pack("{so so}", "key", bytes_json(prefix),
				      "range_end", end_json(prefix)),
			    &answer);

	if (err)
		return err;
	*revision = read_number(json_object_get(answer, "header"), "revision");
	if (*revision)
		tell_keys(json_object_get(answer, "kvs"), found, context);
	json_decref(answer);
	return *revision ? 0 : etcd_fail(e, "an answer has no revision");
}

int etcd_put_new(struct etcd *e, const char *key, const char *value,
		 uint64_t lease)
{
	json_t *answer, *body;
	bool done;
	int err;

	body = json_pack("{s[{so ss ss ss}] s[{s{so so so}}]}", "compare",
			 "key", bytes_json(key), "target", "CREATE", "result",
			 "EQUAL", "create_revision", "0", "success",
			 "request_put", "key", bytes_json(key), "value",
			 bytes_json(value), "lease", number_json(lease));
	err = etcd_post(e, "kv/txn", body, &answer);
	if (err)
		return err;
	done = json_is_true(json_object_get(answer, "succeeded"));
	json_decref(answer);
	return done ? 0 : -EEXIST;
}

int etcd_put(struct etcd *e, const char *key, const char *value, uint64_t lease)
{
	return post(e, "kv/put",
		    json_pack("{so so so}", "key", bytes_json(key), "value",
			      bytes_json(value), "lease", number_json(lease)));
}

int etcd_delete(struct etcd *e, const char *key)
{
	return post(e, "kv/deleterange",
		    json_pack("{so}", "key", bytes_json(key)));
}

/* --- watch --------------------------------------------------------------- */

int etcd_watch(struct etcd *e, const char *prefix, uint64_t from)
{
	return etcd_http_watch(
		e, json_pack("{s{so so so}}", "create_request", "key",
			     bytes_json(prefix), "range_end", end_json(prefix),
			     "start_revision", number_json(from)));
}

static bool tell_event(const json_t *event, etcd_found *found, void *context)
{
	const char *type = json_string_value(json_object_get(event, "type"));
	struct etcd_key k = { .gone = type && !strcmp(type, "DELETE") };

	if (!read_key(json_object_get(event, "kv"), &k))
		return false;
	found(context, &k);
	return true;
}

/* A line of the answer. Return false if it is none, or the end. */
static bool take_line(struct etcd *e, const char *line, size_t size,
		      etcd_found *found, void *context)
{
	json_t *all = json_loadb(line, size, 0, NULL);
	const json_t *result = json_object_get(all, "result"), *event;
	bool good = json_is_object(result) &&
		    !json_is_true(json_object_get(result, "canceled"));
	size_t i;

	json_array_foreach(json_object_get(result, "events"), i, event)
		good = good && tell_event(event, found, context);
	json_decref(all);
	if (!good)
		etcd_fail(e, "%s: its watch tells what can't be",
			  e->place.hosts[e->host]);
	return good;
}

/* Lines that came before the watch ended are whole, and are told all the same. */
static void take_lines(struct etcd *e, etcd_found *found, void *context)
{
	const char *at = (const char *)e->came.data, *end;
	size_t left = e->came.used;
	bool good = true;

	while (good && left && (end = memchr(at, '\n', left))) {
		size_t size = (size_t)(end - at);

		good = !size || take_line(e, at, size, found, context);
		at = end + 1;
		left -= size + 1;
	}
	if (left && at != (const char *)e->came.data)
		memmove(e->came.data, at, left);
	e->came.used = left;
	e->broken = e->broken || !good;
}

int etcd_wait(struct etcd *e, int ms, etcd_found *found, void *context)
{
	take_lines(e, found, context);
	if (!e->broken)
		etcd_http_move(e, ms);
	take_lines(e, found, context);
	if (!e->broken)
		return 0;
	etcd_http_unwatch(e);
	return -EIO;
}
