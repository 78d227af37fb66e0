// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Collector "own": series that are one's own, from files in Prometheus' format and
 * from programs that tell by statsd's lines. Nothing but what is asked for: without a
 * folder and a place to listen it does nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/collector.h"
#include "host/own/own_folder.h"
#include "host/own/statsd.h"
#include "host/settle.h"
#include "lib/base/address.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
	STATSD_PORT = 8125,
	DATAGRAM_MAX = 65536,
	DATAGRAM_COST = 256, /* bytes that take as long as one without any */
	DRAIN_BYTES = 1 << 20, /* at once: others have their turn then */
};

#define SAY_AGAIN_NS UINT64_C(60000000000)

/**
 * struct own - the collector
 * @folder: of files; without a path: none
 * @statsd: what programs told
 * @udp: where they do so; -1: nowhere
 * @local: the same, a unix socket
 * @path: of that
 * @settle: readable when they did
 * @rows: the table
 * @datagram: room for one
 * @said_ns: when refused lines were said last
 * @full: it was said that there are too many series
 */
struct own {
	struct own_folder folder;
	struct statsd statsd;
	int udp;
	int local;
	const char *path;
	struct settle settle;
	struct own_rows rows;
	char *datagram;
	uint64_t said_ns;
	bool full;
};

/* --- opening ------------------------------------------------------------------- */

static bool is_given(const char *text)
{
	return text && *text;
}

static int bind_socket(int family, const void *address, socklen_t size)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, address, size)) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int open_udp(const char *text)
{
	struct address a;

	if (address_numeric(&a, text, STATSD_PORT))
		return -EINVAL;
	return bind_socket(a.storage.ss_family, &a.storage, a.size);
}

/* Everybody may tell. What another one has left is taken away. */
static int open_local(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;
	int fd;

	if (strlen(path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	strcpy(a.sun_path, path);
	if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
	fd = bind_socket(AF_UNIX, &a, sizeof(a));
	if (fd >= 0 && chmod(path, 0666)) {
		close(fd);
		return -errno;
	}
	return fd;
}

static void listen_at(struct own *o, int *fd, const char *text,
		      int (*open_one)(const char *text))
{
	int err;

	if (!is_given(text))
		return;
	*fd = open_one(text);
	err = *fd < 0 ? *fd : settle_watch(&o->settle, *fd, EPOLLIN);
	if (err)
		log_warn("own: %s: %s; nobody can tell series there", text,
			 err == -EINVAL ? "it is no address in digits" :
					  strerror(-err));
}

static int start_listening(struct own *o, const struct host_options *options)
{
	int err;

	o->datagram = malloc(DATAGRAM_MAX);
	err = o->datagram ? settle_open(&o->settle) : -ENOMEM;
	if (err)
		return err;
	o->path = options->own_socket;
	listen_at(o, &o->udp, options->own_statsd, open_udp);
	listen_at(o, &o->local, options->own_socket, open_local);
	return 0;
}

static int own_open(void **state, const struct host_options *options)
{
	struct own *o = calloc(1, sizeof(*o));
	int err = 0;

	if (!o)
		return -ENOMEM;
	o->udp = o->local = o->settle.epoll = -1;
	if (is_given(options->own_statsd) || is_given(options->own_socket))
		err = start_listening(o, options);
	if (err) {
		log_warn("own: %s; series of your own are left out",
			 strerror(-err));
		free(o->datagram);
		free(o);
		return err;
	}
	o->folder.path = options->own_folder;
	o->statsd.most = o->rows.most = options->own;
	o->rows.rows.kind = WIRE_OWN;
	*state = o;
	return 0;
}

static void own_close(void *state)
{
	struct own *o = state;

	if (o->udp >= 0)
		close(o->udp);
	if (o->local >= 0) {
		close(o->local);
		unlink(o->path);
	}
	if (o->settle.epoll >= 0)
		settle_close(&o->settle);
	own_folder_close(&o->folder);
	statsd_exit(&o->statsd);
	rows_exit(&o->rows.rows);
	free(o->datagram);
	free(o);
}

/* --- reading ------------------------------------------------------------------- */

static void drain(struct own *o, int fd)
{
	const uint64_t now_ns = clock_mono_ns();
	ssize_t n, left = DRAIN_BYTES;

	for (; fd >= 0 && left > 0; left -= n + DATAGRAM_COST) {
		n = recv(fd, o->datagram, DATAGRAM_MAX, 0);
		if (n < 0)
			break;
		statsd_take(&o->statsd, o->datagram, (size_t)n, now_ns);
	}
}

static void tell_statsd(struct own *o, uint64_t now_ns)
{
	drain(o, o->udp);
	drain(o, o->local);
	if (o->udp < 0 && o->local < 0)
		return;
	own_rows_add(&o->rows, "ktach_statsd_lines_total", "",
		     (double)o->statsd.lines, true);
	own_rows_add(&o->rows, "ktach_statsd_refused_total", "",
		     (double)o->statsd.refused, true);
	statsd_tell(&o->statsd, &o->rows, now_ns);
	if (!o->statsd.why ||
	    (o->said_ns && now_ns - o->said_ns < SAY_AGAIN_NS))
		return;
	log_warn("own: statsd: '%s': %s; %" PRIu64 " of %" PRIu64
		 " lines were left out so far",
		 o->statsd.line, o->statsd.why, o->statsd.refused,
		 o->statsd.lines);
	o->statsd.why = NULL;
	o->said_ns = now_ns;
}

static int own_read(void *state, const struct host_sink *sink)
{
	struct own *o = state;
	const uint64_t real_ns = clock_real_ns(), mono_ns = clock_mono_ns();
	int err = 0;

	rows_clear(&o->rows.rows);
	o->rows.left_out = 0;
	if (is_given(o->folder.path))
		err = own_folder_read(&o->folder, &o->rows);
	tell_statsd(o, mono_ns);
	if (o->rows.left_out && !o->full)
		log_warn("own: %" PRIu64
			 " series are left out; --own-count allows %" PRIu64,
			 o->rows.left_out, o->rows.most);
	o->full = o->rows.left_out;
	rows_put(&o->rows.rows, sink, WIRE_ORIGIN_SHIPPER, real_ns, mono_ns);
	return err;
}

static int own_fd(void *state)
{
	struct own *o = state;

	return o->settle.epoll;
}

static int own_changed(void *state, const struct host_sink *sink)
{
	struct own *o = state;

	drain(o, o->udp);
	drain(o, o->local);
	return 0;
}

const struct host_collector host_own = {
	.name = "own",
	.summary = "series of your own: files in Prometheus' format, statsd",
	.interval_ns = 10000000000,
	.enabled = true,
	.open = own_open,
	.read = own_read,
	.close = own_close,
	.fd = own_fd,
	.changed = own_changed,
};
