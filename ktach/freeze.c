// SPDX-License-Identifier: GPL-2.0-or-later
/* 'ktach freeze': have the flight recorder of this host's shipper send what it has. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ktach/command.h"
#include "lib/base/clean.h"
#include "lib/base/log.h"

enum {
	PATIENCE_MS = 10000,
	TEXT_SIZE = 160,
	ANSWER_SIZE = 256,
};

static const char usual[] = "/run/ktach-shipper/flight.sock";

static int connect_to(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	strcpy(to.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)&to, sizeof(to)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int ask(int fd, const char *text, char answer[ANSWER_SIZE])
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char request[TEXT_SIZE];
	ssize_t n;

	snprintf(request, sizeof(request), "freeze %s", text);
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		return -errno;
	if (poll(&wait, 1, PATIENCE_MS) <= 0)
		return -ETIMEDOUT;
	n = recv(fd, answer, ANSWER_SIZE - 1, 0);
	if (n < 0)
		return -errno;
	answer[n] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	clean_string(answer);
	return 0;
}

static int complain(const char *path, int err)
{
	if (err == -ENOENT || err == -ECONNREFUSED)
		log_error(
			"%s: no flight recorder on this host: ktach-shipper does not run, or its 'flight-memory' is 0",
			path);
	else
		log_error("%s: %s", path, strerror(-err));
	return EXIT_FAILED;
}

int run_freeze(const struct settings *s)
{
	const char *path = s->flight_socket ? s->flight_socket : usual;
	char answer[ANSWER_SIZE];
	int fd = connect_to(path), err = fd;

	if (fd >= 0) {
		err = ask(fd, s->operand_count ? s->operands[0] : "", answer);
		close(fd);
	}
	if (err < 0)
		return complain(path, err);
	if (strncmp(answer, "ok ", 3)) {
		log_error("%s",
			  answer + (strncmp(answer, "error ", 6) ? 0 : 6));
		return EXIT_FAILED;
	}
	printf("%s\n", answer + 3);
	return answer_flushed();
}
