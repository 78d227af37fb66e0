// SPDX-License-Identifier: GPL-2.0-or-later
/* Starts and ends that are counted, delays that grow, records that are kept, and whose
 * a process is.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agentd/agents/health.h"
#include "agentd/agents/life.h"
#include "agentd/agents/process.h"
#include "agentd/agents/records.h"
#include "tests/unit/scratch.h"

#define S_NS UINT64_C(1000000000)

/* As systemd tells of start number @number. */
static struct unit_state started(uint8_t number, uint32_t n_restarts)
{
	struct unit_state s = { .known = true,
				.active = "active",
				.result = "success",
				.main_pid = 100 + number,
				.n_restarts = n_restarts,
				.start_us = 1000U * number };

	memset(s.invocation, number, sizeof(s.invocation));
	return s;
}

static void starts(void **state)
{
	struct record r = { 0 };
	struct unit_state s = started(1, 0);

	assert_int_equal(life_take(&r, &s, "boot", ""), LIFE_STARTED);
	assert_int_equal(r.starts, 1);
	assert_int_equal(r.restarts, 0);
	assert_int_equal(r.started_us, 1000);
	assert_int_equal(life_take(&r, &s, "boot", ""), 0);
	/* systemd's own restart, of which the number came before the start did */
	s.n_restarts = 1;
	assert_int_equal(life_take(&r, &s, "boot", ""), 0);
	s = started(2, 1);
	life_take(&r, &s, "boot", "");
	assert_int_equal(r.restarts, 1);
	/* three that nobody saw */
	s = started(5, 4);
	life_take(&r, &s, "boot", "");
	assert_int_equal(r.restarts, 4);
	/* somebody's: systemd begins anew, and has restarted it twice since */
	s = started(8, 2);
	life_take(&r, &s, "boot", "");
	assert_int_equal(r.restarts, 7);
	/* another boot */
	s = started(9, 0);
	life_take(&r, &s, "next boot", "");
	assert_int_equal(r.restarts, 7);
	assert_int_equal(r.starts, 9);
}

static void ends(void **state)
{
	struct record r = { 0 };
	struct unit_state s = started(1, 0);

	life_take(&r, &s, "boot", "");
	s.exit_us = 2000;
	s.exit_code = CLD_EXITED;
	s.exit_status = 3;
	strcpy(s.result, "exit-code");
	assert_int_equal(life_take(&r, &s, "boot", ""), LIFE_ENDED);
	assert_string_equal(r.exit, "exited with 3");
	assert_string_equal(r.reason, "exit-code");
	assert_int_equal(life_take(&r, &s, "boot", ""), 0);
	s.exit_us = 3000;
	s.exit_code = CLD_KILLED;
	s.exit_status = SIGKILL;
	strcpy(s.result, "oom-kill");
	life_take(&r, &s, "boot", "");
	assert_string_equal(r.exit, "killed by SIGKILL");
	assert_string_equal(r.reason, "oom-kill");
	s.exit_us = 4000;
	life_take(&r, &s, "boot", "stop asked for");
	assert_string_equal(r.reason, "stop asked for");
	strcpy(s.result, "success");
	s.exit_us = 5000;
	life_take(&r, &s, "boot", "");
	assert_string_equal(r.reason, "stopped");
}

/* That it was given up is news once, until it is started again. */
static void given_up(void **state)
{
	struct record r = { 0 };
	struct unit_state s = started(1, 0);

	life_take(&r, &s, "boot", "");
	strcpy(s.result, "exit-code");
	assert_true(life_give_up(&r, &s));
	assert_string_equal(r.failure, "systemd: exit-code");
	assert_false(life_give_up(&r, &s));
	s = started(2, 0);
	life_take(&r, &s, "boot", "");
	assert_false(r.failed);
	assert_true(life_give_up(&r, &s));
}

static void delays(void **state)
{
	const struct definition d = { .delay_ns = S_NS,
				      .delay_max_ns = 10 * S_NS };

	assert_int_equal(health_delay_ns(&d, 0), S_NS);
	assert_int_equal(health_delay_ns(&d, 3), 8 * S_NS);
	assert_int_equal(health_delay_ns(&d, 4), 10 * S_NS);
	assert_int_equal(health_delay_ns(&d, 4000000000U), 10 * S_NS);
}

static void kept(void **state)
{
	struct record r = { .name = "web",
			    .version = "1.2",
			    .starts = 7,
			    .restarts = 5,
			    .health_restarts = 2,
			    .started_us = UINT64_C(1796036518006305),
			    .exit_us = 3,
			    .exit = "exited with 1",
			    .reason = "it's \"so\"",
			    .beat_us = 4,
			    .failed = true,
			    .failure = "systemd: timeout",
			    .boot = "b",
			    .invocation = { 1, 0, 255 },
			    .n_restarts = 9 };
	struct records all;
	struct record got;
	char folder[64], path[80];

	assert_non_null(scratch_folder(folder));
	assert_int_equal(records_open(&all, folder), 0);
	records_get(&all, &got, "web");
	assert_int_equal(got.starts, 0);
	assert_string_equal(got.name, "web");
	assert_int_equal(records_put(&all, &r), 0);
	r.starts++;
	assert_int_equal(records_put(&all, &r), 0);
	records_close(&all);
	assert_int_equal(records_open(&all, folder), 0);
	records_get(&all, &got, "web");
	assert_memory_equal(&got, &r, sizeof(r));
	records_close(&all);
	snprintf(path, sizeof(path), "%s/agents.db", folder);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
}

static void whose(void **state)
{
	char group[PROCESS_GROUP_SIZE];

	assert_true(process_group_within("/a.slice/x.service",
					 "/a.slice/x.service"));
	assert_true(process_group_within("/a.slice/x.service/sub",
					 "/a.slice/x.service"));
	assert_false(process_group_within("/a.slice/x.service2",
					  "/a.slice/x.service"));
	assert_false(process_group_within("/user/a.slice/x.service",
					  "/a.slice/x.service"));
	assert_false(process_group_within("/", ""));
	assert_false(process_group_within("/x", "/"));
	assert_int_equal(process_group(getpid(), group, sizeof(group)), 0);
	assert_int_equal(group[0], '/');
	assert_int_not_equal(process_group(-1, group, sizeof(group)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts),   cmocka_unit_test(ends),
		cmocka_unit_test(given_up), cmocka_unit_test(delays),
		cmocka_unit_test(kept),	    cmocka_unit_test(whose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
