/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may look: JSON Web Tokens signed with HMAC-SHA-256 (HS256) or Ed25519
 * (EdDSA) and one of the keys that were read (login_key.h), made by
 * 'ktach-collector token' or by somebody who has the private key. A token's
 * algorithm chooses among the keys that are for it; no other is read. libsodium
 * signs and compares, in constant time: Debian's libjwt compares with strcmp().
 *
 * Who fails too often has to wait, wherever on the network: see guard.h.
 */
#ifndef KTACH_COLLECTOR_LOGIN_LOGIN_H
#define KTACH_COLLECTOR_LOGIN_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/login/login_key.h"

enum login_limits {
	LOGIN_TOKEN_MAX = 1024,
	LOGIN_NAME_SIZE = 64,
	LOGIN_ID_SIZE = 33,
};

enum login_role {
	LOGIN_NOBODY,
	LOGIN_READ, /* "view"; "read" in older tokens */
	LOGIN_SEND,
	LOGIN_OPERATE,
	LOGIN_ADMIN,
	LOGIN_SERVICE,
	LOGIN_ROLES
};

/* As tokens have them, "" for nobody; rights.h has what they may. */
extern const char *const login_roles[LOGIN_ROLES];

/**
 * struct login - what tokens are checked with
 * @keys: any of them may have signed
 * @required: nothing is shown without a token
 */
struct login {
	struct login_keys keys;
	bool required;
};

/* Begin to ask for tokens, signed with keys of @files; NULL: ask for none.
 * Return 0, or -errno after a message.
 */
int login_init(struct login *login, const char *files);
void login_exit(struct login *login);

/**
 * struct login_claims - what a token says
 * @name: who it is for
 * @role: what they may
 * @expires_s: until when, s since 1970
 * @issued_s: since when; 0: it does not say
 * @id: a hash of what is signed, in hex: no two tokens have the same
 */
struct login_claims {
	char name[LOGIN_NAME_SIZE];
	enum login_role role;
	uint64_t expires_s;
	uint64_t issued_s;
	char id[LOGIN_ID_SIZE];
};

/**
 * login_sign() - make a token
 * @keys: the first one that can sign does, those of Ed25519 before secrets
 * @claims: what it says; the name is of letters, digits and "-._@" only
 * @token: where it goes, LOGIN_TOKEN_MAX bytes
 *
 * Return: 0; -EINVAL for a name that is empty or has other characters; -ENOKEY
 * if there are public keys only.
 */
int login_sign(const struct login_keys *keys, const struct login_claims *claims,
	       char *token);

/**
 * login_check() - what a token permits
 * @login: the keys
 * @token: NULL: none
 * @now_s: real time, s
 * @claims: filled, if it is valid
 *
 * Return: the role; LOGIN_NOBODY for no token, a wrong or an old one.
 */
enum login_role login_check(const struct login *login, const char *token,
			    uint64_t now_s, struct login_claims *claims);

/* The id of a token, whether it is good or not. False: it has not the form of one. */
bool login_id(const char *token, char id[LOGIN_ID_SIZE]);

/* The role of a name; LOGIN_NOBODY: there is none such. */
enum login_role login_role_named(const char *name);

#endif /* KTACH_COLLECTOR_LOGIN_LOGIN_H */
