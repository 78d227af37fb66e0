// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <gnutls/x509.h>
#include <stdlib.h>

#include "collector/http/tls.h"
#include "lib/base/log.h"

struct tls_pair {
	gnutls_certificate_credentials_t credentials;
	unsigned int users;
};

static const char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
static gnutls_priority_t order;
static struct tls_pair *current;

static void pair_put(struct tls_pair *p)
{
	if (!p || --p->users)
		return;
	gnutls_certificate_free_credentials(p->credentials);
	free(p);
}

static int complain(const char *option, const char *file, int err)
{
	log_error("%s %s: %s", option, file, gnutls_strerror(err));
	return -EINVAL;
}

/* Whether it is a chain at all; which of both files is bad is said that way. */
static int check_chain(const gnutls_datum_t *pem)
{
	gnutls_x509_crt_t *chain;
	unsigned int count, i;
	int err = gnutls_x509_crt_list_import2(&chain, &count, pem,
					       GNUTLS_X509_FMT_PEM, 0);

	if (err < 0)
		return err;
	for (i = 0; i < count; i++)
		gnutls_x509_crt_deinit(chain[i]);
	gnutls_free(chain);
	return 0;
}

static int read_pair(struct tls_pair *p, const struct http_tls *tls)
{
	gnutls_datum_t chain = { 0 }, key = { 0 };
	int err = gnutls_load_file(tls->certificate, &chain);

	if (err >= 0)
		err = check_chain(&chain);
	if (err < 0) {
		err = complain("--tls-cert", tls->certificate, err);
		goto free;
	}
	err = gnutls_load_file(tls->key, &key);
	if (err >= 0)
		err = gnutls_certificate_set_x509_key_mem2(p->credentials,
							   &chain, &key,
							   GNUTLS_X509_FMT_PEM,
							   NULL, 0);
	err = err < 0 ? complain("--tls-key", tls->key, err) : 0;
free:
	gnutls_free(chain.data);
	gnutls_free(key.data);
	return err;
}

static struct tls_pair *pair_new(void)
{
	struct tls_pair *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->users = 1;
	if (gnutls_certificate_allocate_credentials(&p->credentials) >= 0)
		return p;
	free(p);
	return NULL;
}

int tls_load(const struct http_tls *tls)
{
	struct tls_pair *p;
	int err;

	if (!order && gnutls_priority_init(&order, priorities, NULL) < 0) {
		log_error("GnuTLS does not know %s", priorities);
		return -EINVAL;
	}
	p = pair_new();
	err = p ? read_pair(p, tls) : -ENOMEM;
	if (err) {
		pair_put(p);
		return err;
	}
	pair_put(current);
	current = p;
	return 0;
}

void tls_exit(void)
{
	pair_put(current);
	current = NULL;
	if (order)
		gnutls_priority_deinit(order);
	order = NULL;
}

int tls_begin(gnutls_session_t *session, struct tls_pair **pair)
{
	static const gnutls_datum_t protocol = { (unsigned char *)"http/1.1",
						 8 };
	int err = gnutls_init(session, GNUTLS_SERVER | GNUTLS_NONBLOCK |
					       GNUTLS_NO_SIGNAL |
					       GNUTLS_NO_TICKETS);

	if (err < 0)
		return err;
	err = gnutls_priority_set(*session, order);
	if (err >= 0)
		err = gnutls_credentials_set(*session, GNUTLS_CRD_CERTIFICATE,
					     current->credentials);
	if (err >= 0)
		err = gnutls_alpn_set_protocols(*session, &protocol, 1,
						GNUTLS_ALPN_MANDATORY);
	if (err < 0) {
		gnutls_deinit(*session);
		return err;
	}
	*pair = current;
	current->users++;
	return 0;
}

void tls_end(gnutls_session_t session, struct tls_pair *pair)
{
	gnutls_deinit(session);
	pair_put(pair);
}
