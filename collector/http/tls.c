// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "collector/http/tls.h"
#include "lib/log.h"

static int refuse(const char *option, const char *file)
{
	const char *why = ERR_reason_error_string(ERR_peek_error());

	ERR_clear_error();
	log_error("%s %s: %s", option, file,
		  why ? why : "OpenSSL does not take it");
	return -EINVAL;
}

static int check(SSL_CTX *context, const struct http_tls *tls)
{
	if (SSL_CTX_use_certificate_chain_file(context, tls->certificate) != 1)
		return refuse("--tls-cert", tls->certificate);
	if (SSL_CTX_use_PrivateKey_file(context, tls->key, SSL_FILETYPE_PEM) !=
	    1)
		return refuse("--tls-key", tls->key);
	return 0;
}

int tls_check(const struct http_tls *tls)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	int err = context ? check(context, tls) : -ENOMEM;

	SSL_CTX_free(context);
	return err;
}
