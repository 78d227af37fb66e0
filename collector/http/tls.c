// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "collector/http/tls.h"
#include "lib/clock.h"
#include "lib/log.h"

enum {
	CHAIN_MAX = 16,
};

/* Longer than a connection may take to be made. */
#define KEEP_NS UINT64_C(60000000000)

/* A certificate with its chain, and its key. */
struct pair {
	struct pair *older;
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned int count;
	gnutls_privkey_t key;
	uint64_t replaced_ns;
};

/* GnuTLS hands its call-back no pointer of ours. This thread's only. */
static struct pair *pairs; /* the one in use first */

static void pair_free(struct pair *p)
{
	unsigned int i;

	for (i = 0; i < p->count; i++)
		gnutls_pcert_deinit(&p->chain[i]);
	if (p->key)
		gnutls_privkey_deinit(p->key);
	free(p);
}

static int complain(const char *option, const char *file, int err)
{
	log_error("%s %s: %s", option, file, gnutls_strerror(err));
	return -EINVAL;
}

static int read_chain(struct pair *p, const gnutls_datum_t *pem)
{
	int err;

	p->count = CHAIN_MAX;
	err = gnutls_pcert_list_import_x509_raw(p->chain, &p->count, pem,
						GNUTLS_X509_FMT_PEM, 0);
	if (err < 0)
		p->count = 0;
	return err;
}

static int read_key(struct pair *p, const gnutls_datum_t *pem)
{
	int err = gnutls_privkey_init(&p->key);

	return err < 0 ? err :
			 gnutls_privkey_import_x509_raw(
				 p->key, pem, GNUTLS_X509_FMT_PEM, NULL, 0);
}

/* Whether they belong to each other: GnuTLS finds out when it is to use them. */
static int match(const gnutls_datum_t *chain, const gnutls_datum_t *key)
{
	gnutls_certificate_credentials_t both;
	int err = gnutls_certificate_allocate_credentials(&both);

	if (err < 0)
		return err;
	err = gnutls_certificate_set_x509_key_mem2(
		both, chain, key, GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_certificate_free_credentials(both);
	return err;
}

static int read_pair(struct pair *p, const struct http_tls *tls)
{
	gnutls_datum_t chain = { 0 }, key = { 0 };
	int err = gnutls_load_file(tls->certificate, &chain);

	if (err >= 0)
		err = read_chain(p, &chain);
	if (err < 0) {
		err = complain("--tls-cert", tls->certificate, err);
		goto free;
	}
	err = gnutls_load_file(tls->key, &key);
	if (err >= 0)
		err = read_key(p, &key);
	if (err >= 0)
		err = match(&chain, &key);
	err = err < 0 ? complain("--tls-key", tls->key, err) : 0;
free:
	gnutls_free(chain.data);
	gnutls_free(key.data);
	return err;
}

static void forget_old(uint64_t now_ns)
{
	struct pair **at = pairs ? &pairs->older : &pairs;

	while (*at) {
		struct pair *p = *at;

		if (now_ns - p->replaced_ns < KEEP_NS) {
			at = &p->older;
			continue;
		}
		*at = p->older;
		pair_free(p);
	}
}

int tls_load(const struct http_tls *tls)
{
	struct pair *p = calloc(1, sizeof(*p));
	int err = p ? read_pair(p, tls) : -ENOMEM;

	if (err) {
		if (p)
			pair_free(p);
		return err;
	}
	if (pairs)
		pairs->replaced_ns = clock_mono_ns();
	p->older = pairs;
	pairs = p;
	forget_old(clock_mono_ns());
	return 0;
}

void tls_exit(void)
{
	struct pair *p;

	while ((p = pairs)) {
		pairs = p->older;
		pair_free(p);
	}
}

int tls_choose(gnutls_session_t session, const gnutls_datum_t *names,
	       int names_count, const gnutls_pk_algorithm_t *algorithms,
	       int algorithms_count, gnutls_pcert_st **certificates,
	       unsigned int *certificates_count, gnutls_privkey_t *key)
{
	if (!pairs)
		return -1;
	*certificates = pairs->chain;
	*certificates_count = pairs->count;
	*key = pairs->key;
	return 0;
}
