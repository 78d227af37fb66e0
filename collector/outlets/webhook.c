// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A webhook: alarms that fire and that are over as JSON, signed by HMAC-SHA256. A message
 * is sent until it is taken; each event has a key that is always the same, so that who
 * listens can leave out what came before.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "collector/outlets/outlet.h"
#include "lib/base/node_id.h"

enum {
	DIGEST = 32,
	BATCH = 100, /* events of a message */
	KEY_SIZE = 512,
};

#define S UINT64_C(1000000000)

static void write_event(struct outlet *o, struct document *w,
			const struct ledger_alarm *a, bool cleared)
{
	const char *event = cleared ? "cleared" : "fired";
	char id[NODE_ID_TEXT_SIZE], key[KEY_SIZE];

	o->events[o->count++] = (struct outlet_event){ a->id, cleared };
	node_id_format(a->node, id);
	snprintf(key, sizeof(key), "%s/%" PRIx64 "/%" PRIu64 "/%s/%.300s", id,
		 a->key, a->fired_ns, event, a->rule);
	json_open(w, '{');
	json_key_text(w, "key", key);
	json_key_text(w, "event", event);
	json_key_count(w, "id", a->id);
	json_key_text(w, "rule", a->rule);
	json_key_text(w, "severity", severity_names[a->severity]);
	json_key_text(w, "node", a->name);
	json_key_text(w, "node_id", id);
	json_key_text(w, "row", a->row);
	json_key_text(w, "text", a->text);
	json_key_number(w, "value", a->value);
	json_key_number(w, "limit", a->limit);
	json_key_text(w, "why", a->why);
	json_key_text(w, "look", a->look);
	json_key_count(w, "fired_ns", a->fired_ns);
	json_key(w, "cleared_ns");
	if (cleared)
		json_count(w, a->cleared_ns);
	else
		json_none(w);
	json_close(w, '}');
}

/* An alarm that is over already has both events in one message. */
static void write_alarm(struct outlet *o, struct document *w,
			const struct ledger_alarm *a, uint64_t real_ns)
{
	bool fire = outlet_wants_fire(o, a, real_ns);

	if (fire)
		write_event(o, w, a, false);
	if (outlet_wants_clear(o, a) || (fire && a->cleared_ns))
		write_event(o, w, a, true);
}

static bool compose(struct outlet *o, uint64_t mono_ns, uint64_t real_ns)
{
	size_t i, most = o->batch_max < BATCH ? o->batch_max : BATCH;
	const struct ledger *l = o->ledger;
	struct document w = { 0 };

	o->count = 0;
	json_open(&w, '{');
	json_key_count(&w, "version", 1);
	json_key(&w, "alarms");
	json_open(&w, '[');
	for (i = 0; i < l->count && o->count < most; i++)
		write_alarm(o, &w, l->all[i], real_ns);
	json_close(&w, ']');
	json_close(&w, '}');
	o->text = document_done(&w);
	if (o->count)
		return o->text;
	text_put(o->text);
	o->text = NULL;
	return false;
}

static void put_hex(char *text, const uint8_t *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
}

/* Of "SECONDS.BODY": one that was recorded is of the past. */
static int make_digest(const struct outlet *o, const char *seconds,
		       uint8_t digest[DIGEST])
{
	const char *secret = o->setup->secret;
	gnutls_hmac_hd_t h;
	int err =
		gnutls_hmac_init(&h, GNUTLS_MAC_SHA256, secret, strlen(secret));

	if (err)
		return err;
	err = gnutls_hmac(h, seconds, strlen(seconds));
	if (!err)
		err = gnutls_hmac(h, ".", 1);
	if (!err)
		err = gnutls_hmac(h, o->text->data, o->text->size);
	gnutls_hmac_deinit(h, digest);
	return err;
}

static void sign(struct outlet *o, uint64_t real_ns)
{
	static const char name[] = "Ktach-Signature: sha256=";
	uint8_t digest[DIGEST];
	char seconds[24];

	snprintf(seconds, sizeof(seconds), "%" PRIu64, real_ns / S);
	snprintf(o->headers[0], OUTLET_HEADER_SIZE, "Ktach-Timestamp: %s",
		 seconds);
	o->headers[1][0] = '\0';
	if (make_digest(o, seconds, digest))
		return; /* who listens refuses it */
	strcpy(o->headers[1], name);
	put_hex(o->headers[1] + sizeof(name) - 1, digest, DIGEST);
}

const struct outlet_kind outlet_webhook = {
	.compose = compose,
	.sign = sign,
	.patient = true,
};
