// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/address.h"
#include "lib/base/log.h"
#include "shipper/enroll/contact.h"

enum {
	CONNECT_MS = 10000,
};

#define REFUSED "refused "

static int wait_connected(int fd)
{
	struct pollfd p = { fd, POLLOUT, 0 };
	int err, n = poll(&p, 1, CONNECT_MS);
	socklen_t size = sizeof(err);

	if (n <= 0)
		return n ? -errno : -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size))
		return -errno;
	return -err;
}

static int connect_to(const struct address *a)
{
	int err = 0, fd = socket(a->family,
				 SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&a->storage, a->size))
		err = errno == EINPROGRESS ? wait_connected(fd) : -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* A name may have several addresses, of which one answers. */
static int reach(const char *collector)
{
	struct address a, first = { 0 };
	char text[80];
	unsigned int turn;
	int fd = -EHOSTUNREACH;

	for (turn = 0; turn < 8; turn++) {
		const char *problem =
			address_find(&a, collector, ENROLL_PORT, turn);

		if (problem) {
			log_error("%s: %s", collector, problem);
			return -EHOSTUNREACH;
		}
		if (turn && address_same(&a, &first))
			break;
		if (!turn)
			first = a;
		fd = connect_to(&a);
		if (fd >= 0)
			return fd;
	}
	address_format(&first, text, sizeof(text));
	log_error(
		"%s (%s): %s; does the collector there run with --enroll, and is the way to that port open?",
		collector, text, strerror(-fd));
	return fd;
}

/* GnuTLS's own waits need a socket that blocks. */
static int let_block(int fd)
{
	return fcntl(fd, F_SETFL, 0) ? -errno : 0;
}

static int begin_tls(struct contact *c)
{
	static const char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
	int err = gnutls_certificate_allocate_credentials(&c->credentials);

	if (err >= 0)
		err = gnutls_init(&c->session,
				  GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);
	if (err >= 0)
		err = gnutls_priority_set_direct(c->session, priorities, NULL);
	if (err >= 0)
		err = gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE,
					     c->credentials);
	if (err < 0)
		return err;
	gnutls_transport_set_int(c->session, c->fd);
	gnutls_handshake_set_timeout(c->session, CONNECT_MS);
	do
		err = gnutls_handshake(c->session);
	while (err < 0 && !gnutls_error_is_fatal(err));
	return err;
}

static int check_print(struct contact *c, const struct enroll_token *token)
{
	const gnutls_datum_t *chain;
	uint8_t print[ENROLL_PRINT_SIZE];
	size_t size = sizeof(print);
	unsigned int count;

	chain = gnutls_certificate_get_peers(c->session, &count);
	if (!chain || !count ||
	    gnutls_fingerprint(GNUTLS_DIG_SHA256, chain, print, &size) < 0 ||
	    size != sizeof(print) ||
	    sodium_memcmp(print, token->print, sizeof(print)))
		return -EPERM;
	return 0;
}

int contact_open(struct contact *c, const char *collector,
		 const struct enroll_token *token)
{
	int err;

	*c = (struct contact){ .fd = reach(collector) };
	if (c->fd < 0)
		return c->fd;
	err = let_block(c->fd);
	if (!err)
		err = begin_tls(c);
	if (err < 0) {
		log_error("%s: %s; is that the port of --enroll?", collector,
			  gnutls_strerror(err));
		contact_close(c);
		return -EPROTO;
	}
	err = check_print(c, token);
	if (err) {
		log_error(
			"%s: its certificate is not the one that the token names: it is another collector, or somebody stands in between; nothing was sent",
			collector);
		contact_close(c);
	}
	return err;
}

void contact_close(struct contact *c)
{
	if (c->session)
		gnutls_deinit(c->session);
	if (c->credentials)
		gnutls_certificate_free_credentials(c->credentials);
	if (c->fd >= 0)
		close(c->fd);
	sodium_memzero(c->in, sizeof(c->in));
	*c = (struct contact){ .fd = -1 };
}

static int fail(ssize_t err)
{
	log_error("the collector: %s",
		  err ? gnutls_strerror((int)err) :
			"it closed the connection without a word");
	return -ECONNRESET;
}

int contact_say(struct contact *c, const char *line)
{
	char text[ENROLL_LINE_SIZE + 1];
	size_t size = (size_t)snprintf(text, sizeof(text), "%s\n", line),
	       done = 0;
	ssize_t n = 0;

	while (done < size) {
		n = gnutls_record_send(c->session, text + done, size - done);
		if (n > 0)
			done += (size_t)n;
		else if (gnutls_error_is_fatal((int)n))
			break;
	}
	sodium_memzero(text, sizeof(text));
	return done < size ? fail(n) : 0;
}

/* Take a line from what was read. Return whether there is a whole one. */
static int take_line(struct contact *c, char line[ENROLL_LINE_SIZE])
{
	char *end = memchr(c->in, '\n', c->size);
	size_t size = end ? (size_t)(end - c->in) : 0;

	if (!end || size >= ENROLL_LINE_SIZE)
		return 0;
	memcpy(line, c->in, size);
	line[size] = '\0';
	c->size -= size + 1;
	memmove(c->in, end + 1, c->size);
	return 1;
}

static int read_line(struct contact *c, char line[ENROLL_LINE_SIZE],
		     unsigned int wait_s)
{
	ssize_t n;

	gnutls_record_set_timeout(c->session, wait_s * 1000);
	while (!take_line(c, line)) {
		if (c->size == sizeof(c->in))
			return fail(GNUTLS_E_UNEXPECTED_PACKET);
		n = gnutls_record_recv(c->session, c->in + c->size,
				       sizeof(c->in) - c->size);
		if (n == GNUTLS_E_TIMEDOUT)
			return -ETIMEDOUT;
		if (n > 0)
			c->size += (size_t)n;
		else if (!n || gnutls_error_is_fatal((int)n))
			return fail(n);
	}
	return 0;
}

int contact_hear(struct contact *c, const char *begin,
		 char line[ENROLL_LINE_SIZE], unsigned int wait_s)
{
	size_t size = strlen(begin);
	int err = read_line(c, line, wait_s);

	if (err == -ETIMEDOUT)
		log_error("the collector said nothing for %u s", wait_s);
	if (err)
		return err;
	if (!strncmp(line, REFUSED, sizeof(REFUSED) - 1)) {
		log_error("the collector refuses: %s",
			  line + sizeof(REFUSED) - 1);
		return -ECONNREFUSED;
	}
	if (!strncmp(line, begin, size)) {
		memmove(line, line + size, strlen(line + size) + 1);
		return 0;
	}
	log_error(
		"the collector said '%s', expected '%s...'; is it a newer one?",
		line, begin);
	return -EPROTO;
}
