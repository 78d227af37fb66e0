// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames as datagrams: none is kept, those that fail are counted, and many lead to
 * another collector.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "shipper/send/datagram.h"
#include "tests/unit/sending.h"

static struct datagram datagram;
static int collector;
static uint16_t port;

static int listen_at(const char *address, uint16_t at)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(at) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	inet_pton(AF_INET, address, &a.sin_addr);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static int setup(void **state)
{
	struct sockaddr_in a;
	socklen_t size = sizeof(a);

	collector = listen_at("127.0.0.1", 0);
	getsockname(collector, (struct sockaddr *)&a, &size);
	port = ntohs(a.sin_port);
	return sending_begin();
}

static int teardown(void **state)
{
	datagram_close(&datagram);
	close(collector);
	sending_end();
	return 0;
}

static void open_datagram(const char *format, size_t largest)
{
	char to[80];

	snprintf(to, sizeof(to), format, port, port);
	assert_int_equal(datagram_open(&datagram, &loop, &output, to, largest),
			 0);
}

/* The sequence of the next frame that is there; 0: there is none. */
static uint64_t receive_frame(void)
{
	uint8_t bytes[65536];
	ssize_t n = recv(collector, bytes, sizeof(bytes), 0);
	struct wire_frame f;

	if (n < 0)
		return 0;
	assert_int_equal(wire_open(&f, bytes, (size_t)n), WIRE_OK);
	return f.sequence;
}

static void what_left_is_gone(void **state)
{
	uint64_t i, got = 0;

	open_datagram("127.0.0.1:%u", DATAGRAM_SAFE);
	assert_true(output.anew);
	assert_int_equal(output.frame_max, DATAGRAM_SAFE);
	for (i = 1; i <= 3 * DATAGRAM_SENDS; i++)
		put(i);
	until(datagram.sent == 3 * DATAGRAM_SENDS);
	assert_int_equal(queue.frames, 0);
	assert_int_equal(datagram.under_way, 0);
	for (i = 1; i <= 3 * DATAGRAM_SENDS; i++) {
		until((got = receive_frame()));
		assert_int_equal(got, i);
	}
	assert_true(datagram_has_room(&datagram));
	assert_null(datagram_leaves_for(&datagram));
}

/* The loopback's path takes 64 KiB. */
static void as_large_as_the_path_takes(void **state)
{
	open_datagram("127.0.0.1:%u", 8000);
	assert_int_equal(output.frame_max, 8000);
	datagram_close(&datagram);
	open_datagram("127.0.0.1:%u", 200000);
	assert_int_equal(output.frame_max, SENDING_FRAME_MAX);
}

/* Nobody listens: every second one fails, by what came back of the one before. */
static void nobody_is_there(void **state)
{
	open_datagram("127.0.0.1:%u", DATAGRAM_SAFE);
	close(collector);
	put(1);
	until(datagram.sent == 1);
	put(2);
	until(datagram.failed == 1);
	assert_true(datagram.failing);
	assert_int_equal(datagram.bad, 1);
	assert_int_equal(queue.frames, 0);
	collector = listen_at("127.0.0.1", port);
	for (uint64_t i = 3; i < 2 + DATAGRAM_RECOVERED; i++)
		put(i);
	until(datagram.sent == DATAGRAM_RECOVERED);
	assert_true(datagram.failing);
	put(99);
	until(datagram.sent == 1 + DATAGRAM_RECOVERED);
	assert_false(datagram.failing);
	assert_int_equal(datagram.bad, 0);
	assert_int_equal(datagram.passed, DATAGRAM_RECOVERED);
}

/* Only where there is another one is this one left so soon. */
static void another_one_after_so_many(void **state)
{
	char second[PEER_SIZE];
	unsigned int first;

	open_datagram("127.0.0.1:%u,127.0.0.2:%u", DATAGRAM_SAFE);
	close(collector);
	first = datagram.route.current;
	snprintf(second, sizeof(second), "%s",
		 datagram.route.peers.list[1].text);
	*strchr(second, ':') = '\0';
	collector = listen_at(second, port);
	while (datagram.route.current == first) {
		uint64_t before = datagram.sent + datagram.failed;

		assert_in_range(datagram.bad, 0, DATAGRAM_LEAVE - 1);
		put(before + 1);
		until(datagram.sent + datagram.failed > before);
	}
	assert_int_equal(datagram.failed, DATAGRAM_LEAVE);
	/* That it is looked for takes its time. */
	put(1);
	until(receive_frame());
	assert_int_equal(datagram.bad, 0);
	/* It is a spare: left when that is due, and nothing waits. */
	assert_null(datagram_leaves_for(&datagram));
	datagram.route.home_at_ns = 1;
	until(!datagram.under_way);
	assert_string_equal(datagram_leaves_for(&datagram),
			    datagram.route.peers.list[0].text);
	datagram_leave(&datagram);
	assert_int_equal(datagram.route.current, 0);
}

static void stopped(void **state)
{
	open_datagram("127.0.0.1:%u", DATAGRAM_SAFE);
	put(1);
	assert_false(datagram_stop(&datagram));
	until(datagram_stop(&datagram));
	assert_int_equal(datagram.sent, 1);
	assert_false(datagram_has_room(&datagram));
	put(2);
	assert_int_equal(datagram.under_way, 0);
	assert_int_equal(queue.frames, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_left_is_gone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(as_large_as_the_path_takes,
						setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_is_there, setup,
						teardown),
		cmocka_unit_test_setup_teardown(another_one_after_so_many,
						setup, teardown),
		cmocka_unit_test_setup_teardown(stopped, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
