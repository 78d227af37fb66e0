// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests from afar: what an operator has signed is carried out once; what is forged,
 * changed, old, out of order, for another node or for nobody is not, and is told so. There
 * is no bus to systemd, so what is carried out fails, which the record says, too.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "agentd/doors/gate.h"
#include "lib/base/pem_key.h"
#include "tests/unit/agentd_folder.h"

#define CARRIED "error web: systemd's bus is away\nagain no\n"
#define AGAIN "error web: systemd's bus is away\nagain yes\n"

static struct gate gate;
static char operators[80], node_id[80], answer[65536];
static const uint8_t seed[PEM_KEY_SIZE] = "alice", other[PEM_KEY_SIZE] = "eve";
static struct gate_setup setup = { .mode = GATE_OPERATE,
				   .operators = operators,
				   .node_id = node_id,
				   .name = "here" };

static void put_operator(const char *name, const uint8_t *of)
{
	uint8_t key[crypto_sign_PUBLICKEYBYTES],
		secret[crypto_sign_SECRETKEYBYTES];
	char path[160];

	crypto_sign_seed_keypair(key, secret, of);
	snprintf(path, sizeof(path), "%s/%s.pub", operators, name);
	assert_int_equal(pem_key_write_public(path, key), 0);
}

static void open_gate(void)
{
	assert_int_equal(gate_open(&gate, &loop, &agents, &setup, work, work),
			 0);
}

static int begin_gate(void **state)
{
	FILE *f;

	if (geteuid())
		return -1;
	if (begin(state) || sodium_init() < 0)
		return -1;
	memset(&gate, 0, sizeof(gate));
	setup.mode = GATE_OPERATE;
	put("web.conf", LEAST);
	put("db.conf", LEAST);
	start();
	snprintf(operators, sizeof(operators), "%s/operators.d", work);
	snprintf(node_id, sizeof(node_id), "%s/node-id", work);
	if (mkdir(operators, 0755))
		return -1;
	put_operator("alice", seed);
	f = fopen(node_id, "w");
	fputs("00000000-0000-0000-0000-00000000000a\n", f);
	fclose(f);
	open_gate();
	return 0;
}

static int end_gate(void **state)
{
	gate_close(&gate);
	return end(state);
}

static uint64_t now_us(void)
{
	return clock_real_ns() / 1000;
}

static unsigned int made;

/* An order as it is signed; each has its own nonce. */
struct made {
	char text[2048];
	size_t size;
};

static struct made make(const char *node, const char *agent, const char *verb,
			int64_t age_s, int64_t life_s, const uint8_t *by)
{
	uint64_t at_us = now_us() - (uint64_t)(age_s * 1000000) + ++made;
	struct made m;

	m.size = (size_t)sprintf(
		m.text,
		"ktach-order 1\nnode %s\nagent %s\nverb %s\nsigned %llu\nexpires %llu\nnonce %032u\n",
		node, agent, verb, (unsigned long long)at_us,
		(unsigned long long)(at_us / 1000000 + (uint64_t)life_s), made);
	m.size = order_sign(m.text, m.size, by);
	return m;
}

static struct made make_desired(uint64_t revision, const char *lines)
{
	struct made m;

	m.size = (size_t)sprintf(
		m.text,
		"ktach-desired 1\nnode here\nrevision %llu\nsigned %llu\n%s",
		(unsigned long long)revision, (unsigned long long)now_us(),
		lines);
	m.size = order_sign(m.text, m.size, seed);
	return m;
}

static const char *ask(const char *first, const char *text)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), left;
	struct pollfd p = { fd, POLLIN, 0 };
	size_t used = 0;
	ssize_t n = 1;

	strcpy(a.sun_path, gate.path);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	dprintf(fd, "%s\n%s\n", first, text);
	for (left = 10000; left && n; left--) {
		loop_run_once(&loop, false);
		if (poll(&p, 1, 1) <= 0)
			continue;
		n = recv(fd, answer + used, sizeof(answer) - 1 - used, 0);
		assert_true(n >= 0);
		used += (size_t)n;
	}
	assert_true(left > 0);
	answer[used] = '\0';
	close(fd);
	return answer;
}

static void assert_says(const char *got, const char *want)
{
	if (strncmp(got, want, strlen(want)))
		fail_msg("'%s' does not begin with '%s'", got, want);
}

static const char *order(const struct made *m)
{
	return ask("order bob", m->text);
}

/* What is kept is all that is left, as after a restart. */
static void start_again(void)
{
	desire_close(&gate.desire);
	orders_close(&gate.orders);
	assert_int_equal(orders_open(&gate.orders, work), 0);
	desire_open(&gate.desire, &gate.orders);
}

static void once(void **state)
{
	struct made m = make("here", "web", "restart", 0, 30, seed);
	struct order_record r;
	struct order o;

	assert_says(order(&m), CARRIED);
	assert_says(order(&m), AGAIN);
	/* Over a restart, too. */
	start_again();
	assert_says(order(&m), AGAIN);
	assert_int_equal(order_parse(&o, m.text, m.size), 0);
	assert_int_equal(orders_get(&gate.orders, &o, &r), 0);
	assert_string_equal(r.operator, "alice");
	assert_string_equal(r.through, "bob");
	assert_true(r.begun_us && r.done_us >= r.begun_us);
}

/* ktach-agentd was killed while it was under way. */
static void cut_off(void **state)
{
	struct made m = make("here", "web", "restart", 0, 30, seed);
	struct order_record r = { .operator= "alice",
				  .through = "bob",
				  .begun_us = 1 };
	struct order o;

	assert_int_equal(order_parse(&o, m.text, m.size), 0);
	assert_int_equal(orders_begin(&gate.orders, &o, &r), 0);
	assert_says(order(&m), "pending\nagain yes\n");
	start_again();
	assert_says(order(&m),
		    "error ktach-agentd ended while it was under way");
}

static void by_name_or_id(void **state)
{
	struct made m = make("HERE", "web", "stop", 0, 30, seed);
	struct made id = make("0000000000000000000000000000000a", "web", "stop",
			      0, 30, seed);
	struct made there = make("there", "web", "stop", 0, 30, seed);

	assert_says(order(&m), CARRIED);
	assert_says(order(&id), CARRIED);
	assert_says(order(&there),
		    "refused it is for the node there, and this is here\n");
}

/* Whatever is changed, it is not carried out. */
static void changed(void **state)
{
	struct made m = make("here", "web", "stop", 0, 30, seed), x;
	size_t i;

	for (i = 0; i < m.size - 1; i++) {
		x = m;
		x.text[i] = x.text[i] == '1' ? '2' : '1';
		if (!memcmp(x.text, m.text, m.size))
			continue;
		assert_says(order(&x), "refused ");
	}
	assert_says(order(&m), CARRIED);
}

static void strangers(void **state)
{
	struct made m = make("here", "web", "stop", 0, 30, other);
	char path[160];

	assert_says(order(&m), "refused it is signed by nobody who is known");
	put_operator("eve", other);
	snprintf(path, sizeof(path), "%s/eve.pub", operators);
	chmod(path, 0666);
	assert_says(order(&m), "refused it is signed by nobody who is known");
	chmod(path, 0644);
	chmod(operators, 0777);
	assert_says(order(&m), "refused ");
	assert_non_null(strstr(answer, "others than root may write there"));
	chmod(operators, 0755);
	assert_says(order(&m), CARRIED);
}

static void too_late(void **state)
{
	struct made old = make("here", "web", "stop", 40, 30, seed);
	struct made long_lived = make("here", "web", "stop", 0, 3700, seed);
	struct made ahead = make("here", "web", "stop", -120, 30, seed);

	assert_says(order(&old), "refused it expired ");
	assert_says(order(&long_lived), "refused it is good for longer");
	assert_says(order(&ahead), "refused it was signed ");
}

/* Held back on the way, and let go after a later one. */
static void out_of_order(void **state)
{
	struct made first = make("here", "web", "stop", 20, 60, seed);
	struct made other_agent = make("here", "db", "stop", 19, 60, seed);
	struct made second = make("here", "web", "start", 10, 60, seed);
	struct made all = make("here", "*", "stop", 5, 60, seed);
	struct made before_all = make("here", "db", "start", 6, 60, seed);

	assert_says(order(&second), CARRIED);
	assert_says(order(&first),
		    "refused one that was signed later has been carried out");
	assert_says(order(&other_agent), "error db: ");
	assert_says(order(&all), "error db: systemd's bus is away; web: ");
	assert_says(order(&before_all), "refused one that was signed later");
}

static void no_such_things(void **state)
{
	struct made m = make("here", "nothing", "stop", 0, 30, seed);
	struct made verb = make("here", "web", "kill", 0, 30, seed);

	assert_says(order(&m), "refused there is no such agent\n");
	assert_says(order(&verb), "refused it is no order of this version\n");
	assert_says(ask("format bob", m.text), "refused no such request\n");
	assert_says(ask("order bob smith", m.text),
		    "refused it does not say through whom\n");
	assert_says(ask("order", m.text),
		    "refused it does not say through whom\n");
}

static void only_listed(void **state)
{
	struct made m = make("here", "web", "stop", 0, 30, seed);
	struct made d = make_desired(1, "agent web running\n");
	struct gate closed = { 0 };

	gate.setup.mode = GATE_LIST;
	assert_says(ask("list bob", ""),
		    "ok\nremote list\nsystemd no\n\nagent db\n");
	assert_says(order(&m), "refused this node lets itself be listed only");
	assert_says(ask("desired bob", d.text),
		    "refused this node lets itself be listed only");
	setup.mode = GATE_NONE;
	assert_int_equal(gate_open(&closed, &loop, &agents, &setup, work, work),
			 0);
	assert_int_equal(access(gate.path, F_OK), -1);
	gate_close(&closed);
}

static void revisions_rise(void **state)
{
	struct made two = make_desired(2, "agent web stopped\n");
	struct made another = make_desired(2, "agent web running\n");
	struct made one = make_desired(1, "agent web running\n");
	struct made three = make_desired(3, "");

	assert_says(ask("desired bob", two.text), "ok\nrevision 2\n");
	assert_says(ask("desired bob", two.text), "ok\nrevision 2\n");
	assert_says(ask("desired bob", another.text), "refused revision 2 is");
	assert_says(ask("desired bob", one.text), "refused revision 2 is");
	start_again();
	assert_says(ask("desired bob", one.text), "refused revision 2 is");
	assert_string_equal(desired_of(&gate.desire.desired, "web"), "stopped");
	assert_string_equal(desired_of(&gate.desire.desired, "db"), "");
	assert_says(ask("list bob", ""),
		    "ok\nremote operate\nsystemd no\nrevision 2\n\n");
	assert_says(ask("desired bob", three.text), "ok\nrevision 3\n");
	three.text[three.size - 5] ^= 1;
	assert_says(ask("desired bob", three.text), "refused ");
}

static void put_state(const char *active, bool run)
{
	struct agent *a = find("web");

	a->unit.state.known = true;
	strcpy(a->unit.state.load, "loaded");
	strcpy(a->unit.state.active, active);
	a->wish.next_ns = 0;
	agents.bus.ready = true;
	desire_tick(&gate.desire, &agents, 1);
	agents.bus.ready = false;
	assert_int_equal(a->wish.next_ns != 0, run);
}

static void brought_about(void **state)
{
	struct made stop = make_desired(1, "agent web stopped\n");
	struct made run = make_desired(2, "agent web running\n");
	struct made m = make("here", "web", "stop", 0, 30, seed);
	struct agent *a = find("web");

	ask("desired bob", stop.text);
	put_state("inactive", false);
	assert_null(a->wish.why);
	put_state("active", true);
	assert_non_null(a->wish.why);
	ask("desired bob", run.text);
	put_state("active", false);
	put_state("inactive", true);
	/* Given up, or its file does not want it. */
	a->record.failed = true;
	put_state("failed", false);
	assert_string_equal(a->wish.why, "it has failed");
	a->record.failed = false;
	a->definition.enabled = false;
	put_state("inactive", false);
	assert_string_equal(a->wish.why, "its file has disabled it");
	a->definition.enabled = true;
	put_state("inactive", true);
	/* An order is newer than the state. */
	order(&m);
	put_state("inactive", false);
	assert_string_equal(a->wish.why, "somebody has said otherwise since");
}

/* What is old is forgotten, and does not come again when the clock is set back. */
static void forgotten(void **state)
{
	struct made m = make("here", "web", "stop", 0, 30, seed);
	struct order_record r = { .operator= "alice", .through = "bob" };
	struct order o, first;
	unsigned int i;

	assert_int_equal(order_parse(&o, m.text, m.size), 0);
	first = o;
	sqlite3_exec(gate.orders.db, "PRAGMA synchronous=OFF; BEGIN", NULL,
		     NULL, NULL);
	for (i = 0; i < 2100; i++) {
		memcpy(o.nonce, &i, sizeof(i));
		assert_int_equal(orders_begin(&gate.orders, &o, &r), 0);
		o.signed_us++;
	}
	sqlite3_exec(gate.orders.db, "COMMIT", NULL, NULL, NULL);
	/* All may come again yet. */
	orders_forget(&gate.orders, now_us());
	i = 0;
	memcpy(o.nonce, &i, sizeof(i));
	o.signed_us = first.signed_us;
	assert_int_equal(orders_get(&gate.orders, &o, &r), 0);
	orders_forget(&gate.orders, now_us() + 2 * 3600 * UINT64_C(1000000));
	assert_int_equal(orders_get(&gate.orders, &o, &r), -ENOENT);
	strcpy(o.agent, "db");
	assert_true(orders_is_late(&gate.orders, &o));
	o.signed_us += 1000000;
	assert_false(orders_is_late(&gate.orders, &o));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin_gate, end_gate)
	const struct CMUnitTest tests[] = {
		CASE(once),	      CASE(cut_off),	    CASE(by_name_or_id),
		CASE(changed),	      CASE(strangers),	    CASE(too_late),
		CASE(out_of_order),   CASE(no_such_things), CASE(only_listed),
		CASE(revisions_rise), CASE(brought_about),  CASE(forgotten),
	};

	if (geteuid()) {
		puts("1..0 # SKIP only root is asked to do anything");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
