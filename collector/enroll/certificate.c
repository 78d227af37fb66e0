// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector/enroll/certificate.h"
#include "lib/base/list_file.h"
#include "lib/base/log.h"
#include "lib/base/whole_file.h"

enum {
	YEARS = 30,
	SERIAL_SIZE = 16,
};

/* A key and its certificate, in PEM. */
struct pair {
	gnutls_datum_t key;
	gnutls_datum_t certificate;
};

static void free_pair(struct pair *p)
{
	if (p->key.data)
		gnutls_memset(p->key.data, 0, p->key.size);
	gnutls_free(p->key.data);
	gnutls_free(p->certificate.data);
}

/* Nobody looks at its names and dates: who connects compares the whole of it. */
static int sign(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
	static const char name[] = "ktach-collector";
	unsigned char serial[SERIAL_SIZE];
	time_t now = time(NULL);
	int err = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));

	serial[0] &= 0x7f; /* a positive number */
	if (err >= 0)
		err = gnutls_x509_crt_set_version(crt, 3);
	if (err >= 0)
		err = gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
	if (err >= 0)
		err = gnutls_x509_crt_set_dn_by_oid(crt,
						    GNUTLS_OID_X520_COMMON_NAME,
						    0, name, sizeof(name) - 1);
	if (err >= 0)
		err = gnutls_x509_crt_set_activation_time(crt, now - 86400);
	if (err >= 0)
		err = gnutls_x509_crt_set_expiration_time(
			crt, now + (time_t)YEARS * 365 * 86400);
	if (err >= 0)
		err = gnutls_x509_crt_set_key(crt, key);
	return err >= 0 ? gnutls_x509_crt_sign2(crt, crt, key,
						GNUTLS_DIG_SHA256, 0) :
			  err;
}

static int make_pair(struct pair *p)
{
	gnutls_x509_privkey_t key = NULL;
	gnutls_x509_crt_t crt = NULL;
	int err = gnutls_x509_privkey_init(&key);

	if (err >= 0)
		err = gnutls_x509_crt_init(&crt);
	if (err >= 0)
		err = gnutls_x509_privkey_generate(
			key, GNUTLS_PK_ECDSA,
			GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (err >= 0)
		err = sign(crt, key);
	if (err >= 0)
		err = gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM,
						  &p->key);
	if (err >= 0)
		err = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM,
					      &p->certificate);
	if (crt)
		gnutls_x509_crt_deinit(crt);
	if (key)
		gnutls_x509_privkey_deinit(key);
	return err;
}

/* Both in one file: they belong together. */
static int write_pair(const char *folder, const char *path,
		      const struct pair *p)
{
	struct stat like;
	int size, err = list_file_like(&like, folder, 0600);
	char *text;

	if (err)
		return err;
	size = asprintf(
		&text,
		"# What hosts that enrol know this collector by; tokens name it.\n%.*s%.*s",
		(int)p->key.size, p->key.data, (int)p->certificate.size,
		p->certificate.data);
	if (size < 0)
		return -ENOMEM;
	err = whole_file_write(path, text, (size_t)size, &like);
	gnutls_memset(text, 0, (size_t)size);
	free(text);
	return err;
}

static int make_file(const char *folder, const char *path)
{
	struct pair p = { 0 };
	int err = make_pair(&p);

	if (err < 0) {
		log_error("%s: %s", path, gnutls_strerror(err));
		err = -EIO;
	} else {
		err = write_pair(folder, path, &p);
		if (err)
			log_error("%s: %s; --data names the collector's folder",
				  path, strerror(-err));
	}
	free_pair(&p);
	return err;
}

/* Two may find at once that there is none. */
static int make_once(const char *folder, const char *path)
{
	int err = 0, lock = list_file_lock(folder);

	if (lock < 0) {
		log_error("%s: %s; --data names the collector's folder", folder,
			  strerror(-lock));
		return lock;
	}
	if (access(path, F_OK))
		err = make_file(folder, path);
	close(lock);
	return err;
}

static int take_print(const gnutls_datum_t *pem,
		      uint8_t print[ENROLL_PRINT_SIZE])
{
	size_t size = ENROLL_PRINT_SIZE;
	gnutls_x509_crt_t crt;
	int err = gnutls_x509_crt_init(&crt);

	if (err < 0)
		return err;
	err = gnutls_x509_crt_import(crt, pem, GNUTLS_X509_FMT_PEM);
	if (err >= 0)
		err = gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256,
						      print, &size);
	gnutls_x509_crt_deinit(crt);
	return err;
}

static int make_credentials(const gnutls_datum_t *pem,
			    gnutls_certificate_credentials_t *credentials)
{
	int err = gnutls_certificate_allocate_credentials(credentials);

	if (err < 0)
		return err;
	err = gnutls_certificate_set_x509_key_mem2(
		*credentials, pem, pem, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (err < 0)
		gnutls_certificate_free_credentials(*credentials);
	return err;
}

int certificate_open(const char *folder, uint8_t print[ENROLL_PRINT_SIZE],
		     gnutls_certificate_credentials_t *credentials)
{
	gnutls_datum_t pem = { 0 };
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/enroll.pem", folder);
	err = access(path, F_OK) ? make_once(folder, path) : 0;
	if (err)
		return err;
	err = gnutls_load_file(path, &pem);
	if (err >= 0)
		err = take_print(&pem, print);
	if (err >= 0 && credentials)
		err = make_credentials(&pem, credentials);
	if (pem.data)
		gnutls_memset(pem.data, 0, pem.size);
	gnutls_free(pem.data);
	if (err >= 0)
		return 0;
	log_error(
		"%s: %s; without that file a new one is made, and tokens of before are void",
		path, gnutls_strerror(err));
	return -EINVAL;
}
