// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Somebody else's program at tcx, for the tests: attaches one that lets all pass,
 * in front of those that are there or behind them, and stays until it is told to
 * end. Then it prints how many packets it saw.
 *
 *   net_user INTERFACE ingress|egress first|last|ask
 *
 * "ready" comes when it is attached. Exits with 77 if this kernel has no tcx; to
 * ask is no more than that.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/kernel/tc.h"

enum {
	EXIT_SKIP = 77,
	ATTACH_BEFORE = 1 << 3, /* BPF_F_BEFORE, since Linux 6.6 */
};

/* r0 = TCX_NEXT; exit */
static const struct bpf_insn let_pass[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = -1 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static void wait_for_end(void)
{
	sigset_t set;
	int signal;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	printf("ready\n");
	fflush(stdout);
	sigwait(&set, &signal);
}

static int attach(int program, int ifindex, enum ktach_net_direction direction,
		  bool first)
{
	LIBBPF_OPTS(bpf_link_create_opts, options,
		    .flags = first ? ATTACH_BEFORE : 0);

	return bpf_link_create(program, ifindex, tcx_attach_type(direction),
			       &options);
}

int main(int argc, char **argv)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info), ids[TC_FILTERS_MAX];
	unsigned int ifindex = argc == 4 ? if_nametoindex(argv[1]) : 0;
	enum ktach_net_direction direction;
	int program;

	if (!ifindex)
		return 2;
	direction = strcmp(argv[2], "egress") ? KTACH_NET_RX : KTACH_NET_TX;
	if (tcx_programs(ifindex, direction, ids) == -EINVAL)
		return EXIT_SKIP;
	if (!strcmp(argv[3], "ask"))
		return 0;
	program = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "let_pass", "GPL",
				let_pass, 2, NULL);
	if (program < 0 || bpf_enable_stats(BPF_STATS_RUN_TIME) < 0 ||
	    attach(program, (int)ifindex, direction,
		   !strcmp(argv[3], "first")) < 0) {
		perror("net_user");
		return 1;
	}
	wait_for_end();
	if (bpf_obj_get_info_by_fd(program, &info, &size))
		return 1;
	printf("%llu\n", (unsigned long long)info.run_cnt);
	return 0;
}
