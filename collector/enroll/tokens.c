// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/enroll/tokens.h"
#include "lib/base/clock.h"
#include "lib/base/list_change.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"

#define MONTH_S (30 * UINT64_C(86400))
#define EXPECTED \
	"a hash, two times and a node's id or '-'; use 'ktach-collector enroll'"

enum {
	HASH_TEXT_SIZE = 2 * TOKENS_HASH_SIZE + 1,
};

static void hash_secret(uint8_t hash[TOKENS_HASH_SIZE],
			const uint8_t secret[ENROLL_SECRET_SIZE])
{
	_Static_assert(TOKENS_HASH_SIZE == crypto_hash_sha256_BYTES, "SHA-256");
	crypto_hash_sha256(hash, secret, ENROLL_SECRET_SIZE);
}

static int append_token(struct tokens *t, const struct token_line *token)
{
	struct token_line *list;

	if (t->count == TOKENS_MAX)
		return -E2BIG;
	list = realloc(t->list, (t->count + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	t->list = list;
	t->list[t->count++] = *token;
	return 0;
}

static int take_line(void *context, const char *line)
{
	struct token_line token = { 0 };
	char hash[HASH_TEXT_SIZE], node[NODE_ID_TEXT_SIZE], rest;

	_Static_assert(HASH_TEXT_SIZE == 65 && NODE_ID_TEXT_SIZE == 37,
		       "the widths below");
	if (sscanf(line, "%64s %" SCNu64 " %" SCNu64 " %36s %c", hash,
		   &token.expires_s, &token.used_s, node, &rest) != 4 ||
	    hex_parse(hash, token.hash, sizeof(token.hash)))
		return -EINVAL;
	token.bound = strcmp(node, "-") != 0;
	if (token.bound ? node_id_parse(node, token.node) : token.used_s != 0)
		return -EINVAL;
	return append_token(context, &token);
}

void tokens_free(struct tokens *t)
{
	free(t->list);
	*t = (struct tokens){ 0 };
}

static void put_token(FILE *f, const struct token_line *token)
{
	char hash[HASH_TEXT_SIZE], node[NODE_ID_TEXT_SIZE];

	sodium_bin2hex(hash, sizeof(hash), token->hash, sizeof(token->hash));
	node_id_format(token->node, node);
	fprintf(f, "%s %" PRIu64 " %" PRIu64 " %s\n", hash, token->expires_s,
		token->used_s, token->bound ? node : "-");
}

static void put_all(const void *context, FILE *f)
{
	const struct tokens *t = context;
	size_t i;

	fputs("# Changed by 'ktach-collector enroll'; HASH EXPIRES USED NODE\n",
	      f);
	for (i = 0; i < t->count; i++)
		put_token(f, &t->list[i]);
}

static const struct list_kind kind = {
	.name = "enroll-tokens",
	.expected = EXPECTED,
	.mode = 0600,
	.take = take_line,
	.put = put_all,
};

int tokens_load(struct tokens *t, const char *folder)
{
	int err;

	*t = (struct tokens){ 0 };
	err = list_load(&kind, folder, t);
	if (err)
		tokens_free(t);
	return err;
}

/* Return a lock, with the list behind it; or -errno after a message. */
static int begin_change(struct tokens *t, const char *folder)
{
	int lock;

	*t = (struct tokens){ 0 };
	lock = list_change_begin(&kind, folder, t);
	if (lock < 0)
		tokens_free(t);
	return lock;
}

/* @err: of the change: then nothing is written. */
static int end_change(struct tokens *t, const char *folder, int lock, int err)
{
	err = list_change_end(&kind, folder, t, lock, err);
	tokens_free(t);
	return err;
}

static void drop_old(struct tokens *t, uint64_t now_s)
{
	size_t i, left = 0;

	for (i = 0; i < t->count; i++)
		if (t->list[i].expires_s + MONTH_S > now_s)
			t->list[left++] = t->list[i];
	t->count = left;
}

int tokens_add(const char *folder, uint8_t secret[ENROLL_SECRET_SIZE],
	       uint64_t expires_s, const uint8_t *node)
{
	struct token_line token = { .expires_s = expires_s, .bound = node };
	struct tokens t;
	int err, lock = begin_change(&t, folder);

	if (lock < 0)
		return lock;
	drop_old(&t, clock_real_ns() / UINT64_C(1000000000));
	randombytes_buf(secret, ENROLL_SECRET_SIZE);
	hash_secret(token.hash, secret);
	if (node)
		memcpy(token.node, node, sizeof(token.node));
	err = append_token(&t, &token);
	if (err == -E2BIG)
		log_error(
			"there are %d tokens already; 'ktach-collector enroll --revoke all' takes back those that nobody has used",
			TOKENS_MAX);
	return end_change(&t, folder, lock, err);
}

static bool is_meant(const struct token_line *token, const char *id)
{
	char hash[HASH_TEXT_SIZE];

	if (!strcmp(id, "all"))
		return !token->used_s;
	sodium_bin2hex(hash, sizeof(hash), token->hash, sizeof(token->hash));
	return strlen(id) == TOKENS_ID_DIGITS &&
	       !strncasecmp(id, hash, TOKENS_ID_DIGITS);
}

int tokens_revoke(const char *folder, const char *id)
{
	struct tokens t;
	size_t i, left = 0;
	int lock = begin_change(&t, folder), err = 0;

	if (lock < 0)
		return lock;
	for (i = 0; i < t.count; i++)
		if (!is_meant(&t.list[i], id))
			t.list[left++] = t.list[i];
	if (left == t.count && strcmp(id, "all")) {
		log_error(
			"--revoke '%s': there is no such token; 'ktach-collector enroll --list' has their ids",
			id);
		err = -ENOENT;
	}
	t.count = left;
	return end_change(&t, folder, lock, err);
}

static struct token_line *find_token(struct tokens *t, const uint8_t *hash)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (!sodium_memcmp(t->list[i].hash, hash, TOKENS_HASH_SIZE))
			return &t->list[i];
	return NULL;
}

/* Whether a node has used a token, though nothing came of it yet. */
static bool has_enrolled(const struct tokens *t, const uint8_t *node)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (t->list[i].used_s &&
		    !memcmp(t->list[i].node, node, WIRE_ID_SIZE))
			return true;
	return false;
}

/* Who has a token for new hosts must not get the key of one that is there: it could
 * speak in its name.
 */
static enum token_verdict judge(const struct tokens *t,
				const struct token_line *token,
				const uint8_t *node, bool known, uint64_t now_s)
{
	if (!token)
		return TOKEN_UNKNOWN;
	if (token->used_s)
		return TOKEN_USED;
	if (token->expires_s <= now_s)
		return TOKEN_EXPIRED;
	if (token->bound)
		return memcmp(token->node, node, WIRE_ID_SIZE) ? TOKEN_OTHERS :
								 TOKEN_GOOD;
	return known || has_enrolled(t, node) ? TOKEN_NODE_KNOWN : TOKEN_GOOD;
}

enum token_verdict tokens_use(const char *folder,
			      const uint8_t secret[ENROLL_SECRET_SIZE],
			      const uint8_t *node, bool known, uint64_t now_s)
{
	uint8_t hash[TOKENS_HASH_SIZE];
	struct token_line *token;
	struct tokens t;
	enum token_verdict verdict;
	int lock = begin_change(&t, folder);

	if (lock < 0)
		return TOKEN_TROUBLE;
	hash_secret(hash, secret);
	token = find_token(&t, hash);
	verdict = judge(&t, token, node, known, now_s);
	if (verdict == TOKEN_GOOD) {
		token->used_s = now_s;
		token->bound = true;
		memcpy(token->node, node, WIRE_ID_SIZE);
	}
	if (end_change(&t, folder, lock,
		       verdict == TOKEN_GOOD ? 0 : -ECANCELED) &&
	    verdict == TOKEN_GOOD)
		return TOKEN_TROUBLE;
	return verdict;
}
