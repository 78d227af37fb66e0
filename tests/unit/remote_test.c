// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests to ktach-agentd, which the test is, as it is the collector: they are passed on
 * whole, between frames of the feed, and so is what is answered.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/key_file.h"
#include "shipper/carrier.h"
#include "tests/unit/sending.h"

enum {
	LARGE = 20000, /* bytes of a request, or an answer */
};

static char folder[] = "/tmp/remoteXXXXXX";
static char path[108], to[32];
static struct carrier carrier;
static struct remote remote;
static struct config config = { .transport = "tcp",
				.patience_ns = 3600 * UINT64_C(1000000000) };
static struct seal_key key = { .id = 7, .secret = "secret" };
static int listener, collector, agentd, helper;

static int setup(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct sockaddr_un u = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(a);

	memcpy(key.node, sender.node, sizeof(key.node));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (!mkdtemp(folder) || sending_begin() || seal_init() ||
	    bind(listener, (struct sockaddr *)&a, size) || listen(listener, 8))
		return -1;
	getsockname(listener, (struct sockaddr *)&a, &size);
	snprintf(to, sizeof(to), "127.0.0.1:%u", ntohs(a.sin_port));
	snprintf(path, sizeof(path), "%s/remote.sock", folder);
	strcpy(u.sun_path, path);
	agentd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(agentd, (struct sockaddr *)&u, sizeof(u)) ||
	    listen(agentd, 16))
		return -1;
	seal_start(&output.sealing.seal, &key);
	output.sealing.on = true;
	output.sealing.frame = malloc(WIRE_FRAME_MAX);
	if (!output.sealing.frame ||
	    key_file_append(&output.sealing.keys, &key))
		return -1;
	config.collector = to;
	memset(&carrier, 0, sizeof(carrier));
	remote_open(&remote, &loop, &output, folder);
	carrier.remote = &remote;
	collector = -1;
	helper = -1;
	if (carrier_open(&carrier, &config, &loop, &output))
		return -1;
	until((collector = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0);
	until(carrier.stream.state == STREAM_UP);
	return 0;
}

static int teardown(void **state)
{
	carrier_close(&carrier);
	remote_close(&remote);
	unlink(path);
	rmdir(folder);
	strcpy(folder, "/tmp/remoteXXXXXX");
	close(listener);
	close(agentd);
	if (collector >= 0)
		close(collector);
	if (helper >= 0)
		close(helper);
	sending_end();
	return 0;
}

static void ask_as(const struct wire_sender *of, uint64_t id, const char *text,
		   size_t size)
{
	static uint8_t frame[STREAM_REQUEST_MAX];
	uint8_t *payload = frame + WIRE_HEADER_SIZE;
	size_t n, at = 0;

	payload[0] = WIRE_SERVICE_AGENTS;
	payload[1] = WIRE_PIECE_LAST;
	memcpy(payload + WIRE_REQUEST_HEAD, text, size);
	n = wire_message(frame, WIRE_REQUEST, of, id, 1, NULL,
			 WIRE_REQUEST_HEAD + size);
	n = seal_frame(&output.sealing.seal, frame, n);
	while (at < n) {
		ssize_t sent = send(collector, frame + at, n - at,
				    MSG_NOSIGNAL | MSG_DONTWAIT);

		at += sent > 0 ? (size_t)sent : 0;
		turn_loop();
	}
}

static void ask(uint64_t id, const char *text, size_t size)
{
	ask_as(&sender, id, text, size);
}

/* What ktach-agentd gets: @size bytes. */
static void assert_passed_on(const char *text, size_t size)
{
	static char bytes[LARGE];
	size_t have = 0;

	until((helper = accept4(agentd, NULL, NULL, SOCK_NONBLOCK)) >= 0);
	while (have < size) {
		ssize_t n;

		until((n = recv(helper, bytes + have, sizeof(bytes) - have,
				0)) > 0);
		have += (size_t)n;
	}
	assert_int_equal(have, size);
	assert_memory_equal(bytes, text, size);
}

static bool receive_frame(struct wire_frame *f, uint8_t *bytes, uint8_t *plain)
{
	size_t size = 0;
	ssize_t n = recv(collector, bytes, WIRE_FRAME_MAX, MSG_PEEK);

	if (n < 0 || wire_size(bytes, (size_t)n, &size) != WIRE_OK ||
	    (size_t)n < size)
		return false;
	recv(collector, bytes, size, 0);
	return seal_open(f, &output.sealing.keys, bytes, size, plain) ==
	       WIRE_OK;
}

static void next_frame(struct wire_frame *f)
{
	static uint8_t bytes[WIRE_FRAME_MAX], plain[WIRE_FRAME_MAX];

	until(receive_frame(f, bytes, plain));
}

/* All pieces of the answer, of which the last one is empty. */
static void assert_answer(uint64_t id, const char *text, size_t size)
{
	struct wire_frame f;
	size_t have = 0, n;

	do {
		next_frame(&f);
		assert_int_equal(f.kind, WIRE_ANSWER);
		assert_int_equal(f.sequence, id);
		assert_int_equal(f.at[0], WIRE_SERVICE_AGENTS);
		n = (size_t)(f.end - f.at) - WIRE_REQUEST_HEAD;
		assert_true(have + n <= size);
		assert_memory_equal(f.at + WIRE_REQUEST_HEAD, text + have, n);
		have += n;
	} while (f.at[1] == WIRE_PIECE_MORE);
	assert_int_equal(have, size);
}

static void hang_up(void)
{
	close(helper);
	helper = -1;
}

static void passed_on_and_answered(void **state)
{
	struct wire_frame f;

	assert_true(carrier_accepts(&carrier) & WIRE_ACCEPTS_AGENTS);
	put(1);
	next_frame(&f);
	assert_int_equal(f.kind, WIRE_SAMPLES);
	ask(77, "list\n\n", 6);
	assert_passed_on("list\n\n", 6);
	assert_int_equal(send(helper, "ok\n", 3, 0), 3);
	hang_up();
	assert_answer(77, "ok\n", 3);
	put(2);
	next_frame(&f);
	assert_int_equal(f.kind, WIRE_SAMPLES);
	assert_int_equal(f.sequence, 2);
}

/* More than the room for acknowledgements, and more than a piece. */
static void large_ones(void **state)
{
	static char text[LARGE];
	size_t i, at = 0;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	ask(78, text, sizeof(text));
	assert_passed_on(text, sizeof(text));
	assert_null(carrier.stream.large.data);
	while (at < sizeof(text)) {
		ssize_t n = send(helper, text + at, sizeof(text) - at,
				 MSG_DONTWAIT);

		at += n > 0 ? (size_t)n : 0;
		turn_loop();
	}
	hang_up();
	assert_answer(78, text, sizeof(text));
}

/* What was sent to a former session, or to another node, is not done. */
static void not_for_this_session(void **state)
{
	struct wire_sender other = sender;

	other.session--;
	ask_as(&other, 79, "stop\n\n", 6);
	ask(80, "list\n\n", 6);
	assert_passed_on("list\n\n", 6);
	assert_int_equal(accept4(agentd, NULL, NULL, SOCK_NONBLOCK), -1);
	hang_up();
	assert_answer(80, "", 0);
}

static void nobody_there(void **state)
{
	struct wire_frame f;

	unlink(path);
	assert_false(carrier_accepts(&carrier) & WIRE_ACCEPTS_AGENTS);
	ask(81, "list\n\n", 6);
	next_frame(&f);
	assert_int_equal(f.sequence, 81);
	assert_int_equal(f.at[1], WIRE_PIECE_LAST);
	assert_memory_equal(f.at + WIRE_REQUEST_HEAD, "error ", 6);
}

/* The collector goes: nobody hears the answer, and all is as before. */
static void collector_goes(void **state)
{
	char c;

	ask(82, "list\n\n", 6);
	assert_passed_on("list\n\n", 6);
	close(collector);
	until(remote.calls[0].fd < 0);
	until(recv(helper, &c, 1, 0) == 0);
	assert_null(remote.calls[0].answer);
	collector = -1;
	until((collector = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0);
	until(carrier.stream.state == STREAM_UP);
	hang_up();
	ask(83, "list\n\n", 6);
	assert_passed_on("list\n\n", 6);
	hang_up();
	assert_answer(83, "", 0);
}

/* One that is not sealed is a stranger's. */
static void unsealed_ends_it(void **state)
{
	uint8_t frame[256];
	size_t n = wire_message(frame, WIRE_REQUEST, &sender, 84, 1,
				"\1\1list\n\n", 8);
	char c;

	assert_int_equal(send(collector, frame, n, 0), n);
	until(recv(collector, &c, 1, 0) == 0);
	assert_int_equal(accept4(agentd, NULL, NULL, SOCK_NONBLOCK), -1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(passed_on_and_answered), CASE(large_ones),
		CASE(not_for_this_session),   CASE(nobody_there),
		CASE(collector_goes),	      CASE(unsealed_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
