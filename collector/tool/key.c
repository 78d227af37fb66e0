// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/tool/key.h"
#include "collector/feed/revoked_keys.h"
#include "collector/login/login_key.h"
#include "lib/base/key_file.h"
#include "lib/base/log.h"
#include "lib/base/node_id.h"
#include "lib/base/options.h"

/* What the command line asks for. */
struct key_request {
	const char *node;
	const char *fleet;
	const char *out;
	int ed25519;
	const char *revoke;
	const char *restore;
	const char *id;
	const char *data;
};

static const char details[] =
	"Without --node it makes a fleet key: for collectors, which derive each node's\n"
	"key from it. With --node and --fleet it derives that node's key, for its\n"
	"shipper; with --node alone it makes a key for that node only, which its\n"
	"shipper and its collectors need. Without --out the key goes to stdout.\n"
	"With --ed25519 it makes a pair of keys for tokens instead: the private one\n"
	"goes to FILE, for 'ktach-collector token', the public one to FILE.pub, for\n"
	"--login.\n"
	"\n"
	"With --revoke a running collector takes no frames of that node any more, within\n"
	"seconds, and closes its connections; --id revokes one key only, so that the\n"
	"node can go on with another one.\n"
	"\n"
	"To change keys: add the new one to the collectors' folder, send them SIGHUP,\n"
	"give the nodes theirs, and remove the old one when no node uses it any more.\n"
	"\n"
	"Example: a fleet, and the key of one of its nodes:\n"
	"  ktach-collector key --out /etc/ktach/keys/fleet.key\n"
	"  ktach-collector key --fleet /etc/ktach/keys/fleet.key \\\n"
	"    --node $(ssh NODE ktach-shipper --make-id) | ssh NODE \\\n"
	"    'umask 077; cat >/etc/ktach/node.key'\n"
	"\n"
	"Exit status: 0 made, 1 could not, 2 usage.\n";

static void parse_request(struct key_request *r, int argc, char **argv)
{
	const struct option_spec specs[] = {
		{ "node", 'n', OPTION_TEXT, &r->node, "ID",
		  "whose key: the id in its shipper's node-id file" },
		{ "fleet", 'f', OPTION_TEXT, &r->fleet, "FILE",
		  "the fleet key to derive it from" },
		{ "out", 'o', OPTION_TEXT, &r->out, "FILE",
		  "where it goes, readable by its owner only" },
		{ "ed25519", 0, OPTION_FLAG, &r->ed25519, NULL,
		  "make a pair of keys that sign and check tokens" },
		{ "revoke", 0, OPTION_TEXT, &r->revoke, "ID",
		  "take no frames of this node any more" },
		{ "id", 0, OPTION_TEXT, &r->id, "KEY",
		  "only of those sealed with this key, of 8 digits" },
		{ "restore", 0, OPTION_TEXT, &r->restore, "ID",
		  "take all of this node's keys again" },
		{ "data", 'd', OPTION_TEXT, &r->data, "DIR",
		  "the collector's folder, for --revoke and --restore" },
		{ 0 }
	};
	const struct options options = {
		.program = "ktach-collector key",
		.summary =
			"Make a key that seals frames between shippers and collectors.",
		.details = details,
		.specs = specs,
	};

	options_parse(&options, argc, argv);
}

/* The one fleet key of a file. */
static int fleet_key(const char *path, struct seal_key *key)
{
	struct seal_keys keys;
	int err = key_file_load(&keys, path);

	if (err)
		return err;
	if (keys.count != 1 || !keys.list[0].fleet) {
		log_error("--fleet %s: expected one fleet key there", path);
		err = -1;
	}
	*key = keys.list[0];
	key_file_free(&keys);
	return err;
}

static int make_key(const struct key_request *r, struct seal_key *key)
{
	uint8_t node[WIRE_ID_SIZE];
	struct seal_key fleet;
	int err;

	if (r->node && node_id_parse(r->node, node)) {
		log_error("--node '%s': expected an id as in the file node-id",
			  r->node);
		return -1;
	}
	if (!r->fleet) {
		seal_make(key, r->node ? node : NULL);
		return 0;
	}
	if (!r->node) {
		log_error("--fleet: expected --node, too: whose key to derive");
		return -1;
	}
	err = fleet_key(r->fleet, &fleet);
	if (!err)
		seal_derive(key, &fleet, node);
	return err;
}

static int make_pair(const struct key_request *r)
{
	if (!r->out || r->node || r->fleet) {
		log_error(
			"--ed25519: expected --out FILE, and neither --node nor --fleet");
		return -1;
	}
	if (login_pair_make(r->out))
		return -1;
	log_info("%s: private key, %s.pub: public key", r->out, r->out);
	return 0;
}

static int parse_revoked(const struct key_request *r, struct revoked_key *key)
{
	char rest;

	if (node_id_parse(r->revoke, key->node)) {
		log_error(
			"--revoke '%s': expected an id as in the file node-id",
			r->revoke);
		return -1;
	}
	key->any = !r->id;
	if (r->id && (strlen(r->id) != 8 ||
		      sscanf(r->id, "%8" SCNx32 "%c", &key->key, &rest) != 1)) {
		log_error(
			"--id '%s': expected the 8 digits that a key file has before the node",
			r->id);
		return -1;
	}
	return 0;
}

static int revoke(const struct key_request *r)
{
	struct revoked_key key;

	if (parse_revoked(r, &key) || revoked_keys_add(r->data, &key))
		return -1;
	log_info("%s: %s is not taken any more", r->revoke,
		 key.any ? "whatever its key, it" : "that key of it");
	return 0;
}

static int restore(const struct key_request *r)
{
	uint8_t node[WIRE_ID_SIZE];

	if (node_id_parse(r->restore, node)) {
		log_error(
			"--restore '%s': expected an id as in the file node-id",
			r->restore);
		return -1;
	}
	return revoked_keys_remove(r->data, node);
}

int key_main(int argc, char **argv)
{
	struct key_request request = { .data = "/var/lib/ktach/collector" };
	struct seal_key key;

	parse_request(&request, argc, argv);
	log_init("ktach-collector key", LOG_INFO);
	if (seal_init()) {
		log_error("libsodium cannot be used here");
		return 1;
	}
	if (request.revoke)
		return revoke(&request) ? 1 : 0;
	if (request.restore)
		return restore(&request) ? 1 : 0;
	if (request.ed25519)
		return make_pair(&request) ? 1 : 0;
	if (make_key(&request, &key) || key_file_write(request.out, &key))
		return 1;
	if (request.out)
		log_info("%s: %s key %08x", request.out,
			 key.fleet ? "fleet" : "node", key.id);
	return 0;
}
