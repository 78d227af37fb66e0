// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collector/enroll/certificate.h"
#include "collector/enroll/enroll.h"
#include "collector/feed/listen.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	WAKE,
	LISTENER,
	OWN, /* descriptors of this thread */
};

#define MS UINT64_C(1000000)
#define DEAF_NS (1000 * MS)

static unsigned int count_network(const struct enroll *e,
				  const uint8_t network[PACE_KEY_SIZE])
{
	unsigned int i, count = 0;

	for (i = 0; i < e->count; i++)
		count += !memcmp(e->all[i].network, network, PACE_KEY_SIZE);
	return count;
}

/* The connection that has been without a token for longest; those that have
 * shown one stay.
 */
static struct applicant *find_oldest(struct enroll *e)
{
	struct applicant *a, *oldest = NULL;

	for (a = e->all; a < e->all + e->count; a++)
		if (a->stage < APPLICANT_WAITS &&
		    (!oldest || a->deadline_ns < oldest->deadline_ns))
			oldest = a;
	return oldest;
}

static void remove_gone(struct enroll *e)
{
	unsigned int i, left = 0;

	for (i = 0; i < e->count; i++) {
		if (e->all[i].stage == APPLICANT_GONE)
			continue;
		if (left != i)
			e->all[left] = e->all[i];
		left++;
	}
	e->count = left;
}

/* Whether there is a place for one from @from. */
static bool make_place(struct enroll *e, const struct address *from)
{
	struct peer peer = { .address = *from };
	uint8_t network[PACE_KEY_SIZE] = { 0 };
	struct applicant *oldest;

	address_network(from, network);
	if (count_network(e, network) >= ENROLL_OF_NETWORK) {
		refuse(REFUSAL_ENROLL_ADDRESS, peer_text(&peer));
		return false;
	}
	if (e->count < ENROLL_PLACES)
		return true;
	oldest = find_oldest(e);
	if (!oldest) {
		refuse(REFUSAL_ENROLL_FULL, peer_text(&peer));
		return false;
	}
	applicant_end(oldest, REFUSAL_ENROLL_FULL);
	remove_gone(e);
	return true;
}

static void take_one(struct enroll *e, uint64_t now_ns)
{
	struct address from = { .size = sizeof(from.storage) };
	int fd = accept4(e->fd, (struct sockaddr *)&from.storage, &from.size,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		    errno == ENOBUFS)
			e->deaf_ns = now_ns + DEAF_NS;
		return;
	}
	from.family = from.storage.ss_family;
	if (!make_place(e, &from))
		close(fd);
	else if (!applicant_begin(&e->all[e->count], &e->shared, fd, &from,
				  now_ns))
		e->count++;
}

/* How long poll() may wait: until the next deadline, in ms; -1: there is none. */
static int find_timeout(const struct enroll *e, uint64_t now_ns)
{
	uint64_t at_ns = e->deaf_ns > now_ns ? e->deaf_ns : UINT64_MAX;
	unsigned int i;

	for (i = 0; i < e->count; i++) {
		const struct applicant *a = &e->all[i];

		if (a->deadline_ns < at_ns)
			at_ns = a->deadline_ns;
		if (a->next_ns && a->next_ns < at_ns)
			at_ns = a->next_ns;
	}
	if (at_ns == UINT64_MAX)
		return -1;
	return at_ns > now_ns ? (int)((at_ns - now_ns + MS - 1) / MS) : 0;
}

/* What it says meanwhile can wait. */
static bool wants_room(const struct applicant *a)
{
	return a->stage == APPLICANT_GREETS ?
		       gnutls_record_get_direction(a->session) :
		       a->out_size != 0;
}

static void set_polls(struct enroll *e, struct pollfd *polls, uint64_t now_ns)
{
	unsigned int i;

	polls[WAKE] = (struct pollfd){ e->wake, POLLIN, 0 };
	polls[LISTENER] =
		(struct pollfd){ e->deaf_ns > now_ns ? -1 : e->fd, POLLIN, 0 };
	for (i = 0; i < e->count; i++) {
		const struct applicant *a = &e->all[i];
		bool greets = a->stage == APPLICANT_GREETS;

		/* Connections that have to wait for their turn are not polled. */
		polls[OWN + i].fd = greets && a->next_ns ? -1 : a->fd;
		polls[OWN + i].events = wants_room(a) ? POLLOUT : POLLIN;
	}
}

static bool is_due(const struct applicant *a, const struct pollfd *poll,
		   uint64_t now_ns)
{
	return (poll->fd >= 0 && poll->revents) || now_ns >= a->deadline_ns ||
	       (a->next_ns && now_ns >= a->next_ns);
}

static void *run_enroll(void *argument)
{
	struct enroll *e = argument;
	struct pollfd polls[OWN + ENROLL_PLACES];
	uint64_t now_ns = clock_mono_ns();
	unsigned int i;

	for (;;) {
		set_polls(e, polls, now_ns);
		if (poll(polls, OWN + e->count, find_timeout(e, now_ns)) < 0)
			continue;
		if (polls[WAKE].revents)
			return NULL;
		for (i = 0; i < e->count; i++) {
			now_ns = clock_mono_ns();
			if (is_due(&e->all[i], &polls[OWN + i], now_ns))
				applicant_step(&e->all[i], &e->shared, now_ns);
		}
		remove_gone(e);
		now_ns = clock_mono_ns();
		if (polls[LISTENER].fd >= 0 && polls[LISTENER].revents)
			take_one(e, now_ns);
	}
}

static int open_all(struct enroll *e, const struct address *address)
{
	uint8_t print[ENROLL_PRINT_SIZE];
	int err = certificate_open(e->shared.folder, print,
				   &e->shared.credentials);

	if (err)
		return err;
	e->fd = listen_tcp(address, "--enroll");
	if (e->fd < 0) {
		err = e->fd;
		goto free_credentials;
	}
	e->wake = eventfd(0, EFD_CLOEXEC);
	if (e->wake >= 0)
		return 0;
	err = -errno;
	log_error("enroll: %s", strerror(-err));
	close(e->fd);
free_credentials:
	gnutls_certificate_free_credentials(e->shared.credentials);
	return err;
}

int enroll_start(struct enroll *e, const struct address *address,
		 const char *folder, struct feed *feed, unsigned int feed_port)
{
	char text[PEER_TEXT_SIZE];
	struct address bound;
	int err;

	e->fd = -1;
	if (!address)
		return 0;
	e->shared.folder = folder;
	e->shared.feed = feed;
	e->shared.feed_port = feed_port;
	err = open_all(e, address);
	if (err)
		goto failed;
	err = -pthread_create(&e->thread, NULL, run_enroll, e);
	if (err) {
		log_error("enroll: %s", strerror(-err));
		close(e->wake);
		close(e->fd);
		gnutls_certificate_free_credentials(e->shared.credentials);
		goto failed;
	}
	listen_address(e->fd, &bound);
	address_format(&bound, text, sizeof(text));
	log_info("hosts may enrol on %s", text);
	return 0;
failed:
	e->fd = -1;
	return err;
}

void enroll_stop(struct enroll *e)
{
	const uint64_t one = 1;

	if (e->fd < 0)
		return;
	(void)!write(e->wake, &one, sizeof(one));
	pthread_join(e->thread, NULL);
	while (e->count)
		applicant_end(&e->all[--e->count], REFUSALS);
	close(e->wake);
	close(e->fd);
	gnutls_certificate_free_credentials(e->shared.credentials);
	e->fd = -1;
}
