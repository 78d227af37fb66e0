// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frames over TCP, to a collector that the test is: what it acknowledges goes, the rest
 * is sent again; what it says is understood; one that hangs is left.
 */
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

#include "shipper/send/resolve.h"
#include "shipper/send/stream.h"
#include "tests/unit/sending.h"

#define NEVER_NS (3600 * UINT64_C(1000000000))

static struct stream stream;
static int listener, visitor;
static uint16_t port;

/* Nobody listens there yet, and nobody else can take it. */
static int take_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t size = sizeof(a);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(listener, (struct sockaddr *)&a, size))
		return -1;
	getsockname(listener, (struct sockaddr *)&a, &size);
	port = ntohs(a.sin_port);
	return 0;
}

static int begin_listener(void)
{
	return take_port() || listen(listener, 8) ? -1 : 0;
}

static int setup(void **state)
{
	visitor = -1;
	return begin_listener() ? -1 : sending_begin();
}

static int teardown(void **state)
{
	stream_close(&stream);
	close(listener);
	if (visitor >= 0)
		close(visitor);
	sending_end();
	return 0;
}

static void open_stream(uint64_t patience_ns)
{
	char to[64];

	snprintf(to, sizeof(to), "127.0.0.1:%u", port);
	assert_int_equal(stream_open(&stream, &loop, &output, to, patience_ns),
			 0);
}

static void take_visitor(void)
{
	if (visitor >= 0)
		close(visitor);
	visitor = -1;
	until((visitor = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0);
}

static bool receive_frame(struct wire_frame *f, uint8_t *bytes)
{
	size_t size = 0;
	ssize_t n = recv(visitor, bytes, STREAM_FRAME_MAX, MSG_PEEK);

	if (n < 0 || wire_size(bytes, (size_t)n, &size) != WIRE_OK ||
	    (size_t)n < size)
		return false;
	recv(visitor, bytes, size, 0);
	return wire_open(f, bytes, size) == WIRE_OK;
}

static void assert_frame(uint32_t kind, uint64_t sequence)
{
	static uint8_t bytes[STREAM_FRAME_MAX];
	struct wire_frame f;

	until(receive_frame(&f, bytes));
	assert_int_equal(f.kind, kind);
	assert_int_equal(f.sequence, sequence);
}

static void answer(uint32_t kind, const struct wire_sender *of,
		   uint64_t sequence, const void *payload, size_t size)
{
	uint8_t frame[1024];
	size_t n = wire_message(frame, kind, of, sequence, 1, payload, size);

	assert_int_equal(send(visitor, frame, n, MSG_NOSIGNAL), n);
}

static bool is_gone(void)
{
	char c;

	return !recv(visitor, &c, 1, MSG_PEEK);
}

static void acknowledged_frames_go(void **state)
{
	struct wire_sender other = sender;

	open_stream(NEVER_NS);
	put(1);
	put(2);
	take_visitor();
	put(3);
	assert_frame(WIRE_SAMPLES, 1);
	assert_frame(WIRE_SAMPLES, 2);
	assert_frame(WIRE_SAMPLES, 3);
	assert_int_equal(queue.frames, 3);
	assert_int_equal(stream.connects, 1);
	assert_true(output.anew);

	/* Of another node, and of another session: not of these. */
	other.node[0]++;
	answer(WIRE_ACK, &other, 3, NULL, 0);
	other.node[0]--;
	other.session++;
	answer(WIRE_ACK, &other, 3, NULL, 0);
	answer(WIRE_ACK, &sender, 2, "\x03", 1);
	until(queue.frames == 1);
	assert_int_equal(stream.accepts, 3);
	answer(WIRE_ACK, &sender, 3, NULL, 0);
	until(queue.frames == 0);
	assert_int_equal(stream.accepts, 3);
	put(4);
	assert_frame(WIRE_SAMPLES, 4);
}

/* From the oldest that was not acknowledged on, in their order. */
static void sent_again_after_a_break(void **state)
{
	open_stream(NEVER_NS);
	put(1);
	put(2);
	put(3);
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	answer(WIRE_ACK, &sender, 1, NULL, 0);
	until(queue.frames == 2);
	output.anew = false;
	take_visitor();
	assert_frame(WIRE_SAMPLES, 2);
	assert_frame(WIRE_SAMPLES, 3);
	assert_int_equal(stream.connects, 2);
	/* The same collector: it knows what is seldom sent. */
	assert_false(output.anew);
	assert_true(stream.route.failing);
	answer(WIRE_ACK, &sender, 3, NULL, 0);
	until(queue.frames == 0);
	assert_false(stream.route.failing);
}

/* Byte by byte, and with kinds between that only newer collectors send. */
static void answers_in_pieces(void **state)
{
	uint8_t bytes[2 * WIRE_HEADER_SIZE + 2000];
	size_t size, i;

	open_stream(NEVER_NS);
	put(1);
	put(2);
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	assert_frame(WIRE_SAMPLES, 2);
	size = wire_message(bytes, WIRE_ACK, &sender, 1, 1, NULL, 0);
	memset(bytes + size + WIRE_HEADER_SIZE, 0, 2000);
	size += wire_message(bytes + size, 99, &sender, 1, 1,
			     bytes + size + WIRE_HEADER_SIZE, 2000);
	for (i = 0; i < size; i += 7) {
		send(visitor, bytes + i, size - i < 7 ? size - i : 7, 0);
		loop_run_once(&loop, false);
	}
	until(stream.unknown == 1);
	until(queue.frames == 1);
	answer(WIRE_ACK, &sender, 2, NULL, 0);
	until(queue.frames == 0);
	assert_int_equal(stream.state, STREAM_UP);
	assert_int_equal(stream.connects, 1);
}

static void no_collector(void **state)
{
	char page[WIRE_HEADER_SIZE];

	open_stream(NEVER_NS);
	put(1);
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	memset(page, ' ', sizeof(page));
	memcpy(page, "HTTP/1.1 400 Bad Request\r\n", 26);
	send(visitor, page, sizeof(page), 0);
	until(is_gone());
	assert_string_equal(stream.what, "this is no ktach collector");
	assert_int_equal(queue.frames, 1);
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
}

static void reasons_of_a_refusal(void **state)
{
	static const struct {
		const char *payload, *text;
	} cases[] = {
		{ "\1", "sealed frames only" },
		{ "\3", "no room for another" },
		{ "\4", "two hosts have one id" },
		{ "\5", "impossible number" },
		{ "\2", "it refuses frames" },
		{ "\x63", "it refuses frames" },
		{ "", "it refuses frames" },
	};
	size_t i;

	open_stream(NEVER_NS);
	put(1);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		take_visitor();
		assert_frame(WIRE_SAMPLES, 1);
		answer(WIRE_REFUSED, &sender, 1, cases[i].payload,
		       strlen(cases[i].payload));
		until(is_gone());
		assert_non_null(strstr(stream.what, cases[i].text));
		assert_int_equal(stream.err, 0);
		stream.route.hurried = true;
	}
	assert_int_equal(queue.frames, 1);
}

/* The collector that it names instead is gone to without a wait, and is none to leave for
 * home; where that can't be reached, those of the configuration are tried again.
 */
static void moved_to_another(void **state)
{
	const int home = listener;
	const uint16_t home_port = port;
	char payload[64];

	open_stream(NEVER_NS);
	put(1);
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	assert_int_equal(begin_listener(), 0);
	snprintf(payload, sizeof(payload), "\006127.0.0.1:%u", port);
	answer(WIRE_REFUSED, &sender, 1, payload, strlen(payload));
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	assert_int_equal(stream.route.backoff.failures, 0);
	assert_true(output.anew);
	answer(WIRE_ACK, &sender, 1, NULL, 0);
	until(queue.frames == 0);
	assert_false(route_go_home(&stream.route));

	close(listener);
	listener = home;
	port = home_port;
	stream.route.hurried = true;
	take_visitor();
	put(2);
	assert_frame(WIRE_SAMPLES, 2);
}

/* Two that send us to each other are no way to go on for ever; nor is what is no address. */
static void moved_in_vain(void **state)
{
	char payload[64];
	int i;

	open_stream(NEVER_NS);
	put(1);
	snprintf(payload, sizeof(payload), "\006127.0.0.1:%u", port);
	for (i = 0; i <= ROUTE_MOVES; i++) {
		take_visitor();
		assert_frame(WIRE_SAMPLES, 1);
		assert_int_equal(stream.route.backoff.failures, 0);
		answer(WIRE_REFUSED, &sender, 1, payload, strlen(payload));
		until(is_gone());
	}
	until(stream.route.backoff.failures == 1);
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	stream.route.moves = 0;
	answer(WIRE_REFUSED, &sender, 1, "\006no address:", 13);
	until(stream.route.backoff.failures == 2);
}

/* It takes frames, and acknowledges none: as soon as that is so for too long. */
static void left_as_it_hangs(void **state)
{
	open_stream(50000000);
	put(1);
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	/* The timer is still that of the attempt to connect: do not wait for it. */
	loop_cancel(&loop, &stream.timer);
	until(is_gone());
	assert_non_null(strstr(stream.what, "it hangs"));
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	answer(WIRE_ACK, &sender, 1, NULL, 0);
	until(queue.frames == 0);
	/* Nothing is awaited now. */
	loop_cancel(&loop, &stream.timer);
	until(!stream.timing);
	assert_int_equal(stream.state, STREAM_UP);
	assert_int_equal(stream.connects, 2);
}

static void assert_leaving_for(const char *where)
{
	static uint8_t bytes[STREAM_FRAME_MAX];
	struct wire_frame f;

	until(receive_frame(&f, bytes));
	assert_int_equal(f.kind, WIRE_LEAVING);
	assert_int_equal(f.end - f.at, strlen(where));
	assert_memory_equal(f.at, where, strlen(where));
}

/* Where to, for who understands it. */
static void stopped_with_a_word(void **state)
{
	open_stream(NEVER_NS);
	put(1);
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	stream_goes_to(&stream, "elsewhere:4766");
	assert_false(stream_stop(&stream));
	/* Nothing new any more. */
	put(2);
	answer(WIRE_ACK, &sender, 1, "\x02", 1);
	until(queue.frames == 1);
	until(stream_stop(&stream));
	assert_leaving_for("elsewhere:4766");
	until(is_gone());
	assert_int_equal(stream.fd, -1);
}

static void stopped_without_one(void **state)
{
	open_stream(NEVER_NS);
	put(1);
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	stream_goes_to(&stream, "elsewhere:4766");
	answer(WIRE_ACK, &sender, 1, "\x01", 1);
	until(queue.frames == 0);
	until(stream_stop(&stream));
	until(is_gone());
}

/* One that does not acknowledge is not waited for for ever. */
static void stopped_in_vain(void **state)
{
	open_stream(NEVER_NS);
	put(1);
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	assert_false(stream_stop(&stream));
	stream.stop_by_ns = 1;
	until(stream_stop(&stream));
	assert_int_equal(queue.frames, 1);
}

/* A spare is left when it is time, once it has acknowledged all. */
static void home_from_a_spare(void **state)
{
	char to[64];

	snprintf(to, sizeof(to), "127.0.0.1:%u,127.0.0.2:%u", port, port);
	assert_int_equal(stream_open(&stream, &loop, &output, to, NEVER_NS), 0);
	put(1);
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	if (!stream.route.current) {
		/* Its spare listens there as well, with the port of all. */
		stream.route.current = 1;
		stream.last = 1;
	}
	stream.route.home_at_ns = 1;
	output_flush(&output);
	put(2);
	assert_true(stream.going);
	answer(WIRE_ACK, &sender, 1, "\x02", 1);
	assert_leaving_for(stream.route.peers.list[0].text);
	until(is_gone());
	assert_int_equal(stream.route.current, 0);
	assert_int_equal(queue.frames, 1);
}

/* It fails, and tries again until somebody is there. */
static void nobody_listens(void **state)
{
	close(listener);
	assert_int_equal(take_port(), 0);
	open_stream(NEVER_NS);
	put(1);
	until(stream.route.failing && stream.route.waiting);
	assert_int_not_equal(stream.state, STREAM_UP);
	assert_int_equal(stream.connects, 0);
	assert_int_equal(listen(listener, 8), 0);
	route_hurry(&stream.route);
	take_visitor();
	assert_frame(WIRE_SAMPLES, 1);
	assert_int_equal(stream.connects, 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(acknowledged_frames_go, setup,
						teardown),
		cmocka_unit_test_setup_teardown(sent_again_after_a_break, setup,
						teardown),
		cmocka_unit_test_setup_teardown(answers_in_pieces, setup,
						teardown),
		cmocka_unit_test_setup_teardown(no_collector, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_listens, setup,
						teardown),
		cmocka_unit_test_setup_teardown(reasons_of_a_refusal, setup,
						teardown),
		cmocka_unit_test_setup_teardown(moved_to_another, setup,
						teardown),
		cmocka_unit_test_setup_teardown(moved_in_vain, setup, teardown),
		cmocka_unit_test_setup_teardown(left_as_it_hangs, setup,
						teardown),
		cmocka_unit_test_setup_teardown(stopped_with_a_word, setup,
						teardown),
		cmocka_unit_test_setup_teardown(stopped_without_one, setup,
						teardown),
		cmocka_unit_test_setup_teardown(stopped_in_vain, setup,
						teardown),
		cmocka_unit_test_setup_teardown(home_from_a_spare, setup,
						teardown),
	};

	if (argc > 1 && !strcmp(argv[1], RESOLVE_WORD))
		return resolve_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
