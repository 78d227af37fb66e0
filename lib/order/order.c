// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/order/order.h"

enum {
	NUMBER_DIGITS = 18, /* more may overflow */
};

#define ORDER_FIRST "ktach-order 1\n"
#define DESIRED_FIRST "ktach-desired 1\n"

static const char name_characters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

_Static_assert(crypto_sign_PUBLICKEYBYTES == ORDER_KEY_SIZE, "Ed25519");
_Static_assert(crypto_sign_BYTES == ORDER_SIGNATURE_SIZE, "Ed25519");

/* What is left of a text. */
struct reader {
	const char *at;
	const char *end;
};

/* The value of the next line, if that is "KEY VALUE"; NULL: it is not. */
static const char *read_value(struct reader *r, const char *key, size_t *size)
{
	size_t n = strlen(key), left = (size_t)(r->end - r->at);
	const char *end = memchr(r->at, '\n', left);
	const char *value = r->at + n + 1;

	if (!end || (size_t)(end - r->at) < n + 2 || memcmp(r->at, key, n) ||
	    r->at[n] != ' ')
		return NULL;
	*size = (size_t)(end - value);
	r->at = end + 1;
	return value;
}

static bool is_of(const char *text, size_t size, const char *characters)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (!text[i] || !strchr(characters, text[i]))
			return false;
	return size;
}

static bool read_text(struct reader *r, const char *key, char *to, size_t room)
{
	size_t size;
	const char *value = read_value(r, key, &size);

	if (!value || size >= room)
		return false;
	memcpy(to, value, size);
	to[size] = '\0';
	return true;
}

static bool read_name(struct reader *r, const char *key, char *to, size_t room)
{
	return read_text(r, key, to, room) &&
	       is_of(to, strlen(to), name_characters);
}

/* Without a zero in front: there is one way to write a number. */
static bool read_number(struct reader *r, const char *key, uint64_t *number)
{
	size_t size, i;
	const char *value = read_value(r, key, &size);

	if (!value || size > NUMBER_DIGITS || *value == '0' ||
	    !is_of(value, size, "0123456789"))
		return false;
	*number = 0;
	for (i = 0; i < size; i++)
		*number = *number * 10 + (uint64_t)(value[i] - '0');
	return true;
}

static bool read_bytes(struct reader *r, const char *key, uint8_t *bytes,
		       size_t count)
{
	size_t size, got;
	const char *value = read_value(r, key, &size);

	return value && size == 2 * count &&
	       is_of(value, size, "0123456789abcdef") &&
	       !sodium_hex2bin(bytes, count, value, size, NULL, &got, NULL) &&
	       got == count;
}

static bool read_signature(struct reader *r, const char *text,
			   struct signature *s)
{
	if (!read_bytes(r, "key", s->key, sizeof(s->key)))
		return false;
	s->size = (size_t)(r->at - text);
	return read_bytes(r, "signature", s->bytes, sizeof(s->bytes)) &&
	       r->at == r->end;
}

static bool begins_with(const char *text, size_t size, const char *first)
{
	return size >= strlen(first) && !memcmp(text, first, strlen(first));
}

bool order_is_one(const char *text, size_t size)
{
	return begins_with(text, size, ORDER_FIRST);
}

bool desired_is_one(const char *text, size_t size)
{
	return begins_with(text, size, DESIRED_FIRST);
}

bool order_agent_good(const char *agent)
{
	return !strcmp(agent, ORDER_EVERY) ||
	       (strlen(agent) < ORDER_AGENT_SIZE &&
		is_of(agent, strlen(agent), name_characters));
}

bool order_verb_good(const char *verb)
{
	return !strcmp(verb, "start") || !strcmp(verb, "stop") ||
	       !strcmp(verb, "restart") || !strcmp(verb, "reload");
}

int order_parse(struct order *o, const char *text, size_t size)
{
	struct reader r = { text + strlen(ORDER_FIRST), text + size };

	*o = (struct order){ 0 };
	if (size > ORDER_TEXT_MAX || !order_is_one(text, size) ||
	    !read_name(&r, "node", o->node, sizeof(o->node)) ||
	    !read_text(&r, "agent", o->agent, sizeof(o->agent)) ||
	    !order_agent_good(o->agent) ||
	    !read_text(&r, "verb", o->verb, sizeof(o->verb)) ||
	    !order_verb_good(o->verb) ||
	    !read_number(&r, "signed", &o->signed_us) ||
	    !read_number(&r, "expires", &o->expires_s) ||
	    !read_bytes(&r, "nonce", o->nonce, sizeof(o->nonce)) ||
	    !read_signature(&r, text, &o->signature))
		return -EINVAL;
	return 0;
}

/* "NAME running" or "NAME stopped". */
static bool read_agent(struct reader *r, char *agent, const char **state)
{
	char line[ORDER_AGENT_SIZE + sizeof(" running")];
	char *space;

	if (!read_text(r, "agent", line, sizeof(line)))
		return false;
	space = strchr(line, ' ');
	if (!space || space - line >= ORDER_AGENT_SIZE)
		return false;
	*space++ = '\0';
	if (!strcmp(space, "running"))
		*state = "running";
	else if (!strcmp(space, "stopped"))
		*state = "stopped";
	else
		return false;
	strcpy(agent, line);
	return is_of(agent, strlen(agent), name_characters);
}

bool desired_next(const struct desired *d, const char **at,
		  char agent[ORDER_AGENT_SIZE], const char **state)
{
	struct reader r = { *at, d->agents + d->agents_size };
	bool more = read_agent(&r, agent, state);

	*at = r.at;
	return more;
}

const char *desired_of(const struct desired *d, const char *agent)
{
	const char *at = d->agents, *state;
	char name[ORDER_AGENT_SIZE];

	while (desired_next(d, &at, name, &state))
		if (!strcmp(name, agent))
			return state;
	return "";
}

int desired_parse(struct desired *d, const char *text, size_t size)
{
	struct reader r = { text + strlen(DESIRED_FIRST), text + size };
	char agent[ORDER_AGENT_SIZE];
	const char *state;

	*d = (struct desired){ 0 };
	if (size > ORDER_TEXT_MAX || !desired_is_one(text, size) ||
	    !read_name(&r, "node", d->node, sizeof(d->node)) ||
	    !read_number(&r, "revision", &d->revision) ||
	    !read_number(&r, "signed", &d->signed_us))
		return -EINVAL;
	d->agents = r.at;
	while (read_agent(&r, agent, &state))
		;
	d->agents_size = (size_t)(r.at - d->agents);
	return read_signature(&r, text, &d->signature) ? 0 : -EINVAL;
}

bool signature_good(const struct signature *s, const char *text)
{
	return !crypto_sign_verify_detached(s->bytes, (const uint8_t *)text,
					    s->size, s->key);
}

size_t order_sign(char *text, size_t size, const uint8_t *seed)
{
	uint8_t public[ORDER_KEY_SIZE], secret[crypto_sign_SECRETKEYBYTES];
	uint8_t bytes[ORDER_SIGNATURE_SIZE];
	char key[2 * sizeof(public) + 1], signature[2 * sizeof(bytes) + 1];

	crypto_sign_seed_keypair(public, secret, seed);
	sodium_bin2hex(key, sizeof(key), public, sizeof(public));
	size += (size_t)sprintf(text + size, "key %s\n", key);
	crypto_sign_detached(bytes, NULL, (const uint8_t *)text, size, secret);
	sodium_memzero(secret, sizeof(secret));
	sodium_bin2hex(signature, sizeof(signature), bytes, sizeof(bytes));
	return size + (size_t)sprintf(text + size, "signature %s\n", signature);
}
