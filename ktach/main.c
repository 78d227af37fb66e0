// SPDX-License-Identifier: GPL-2.0-or-later
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "ktach/command.h"
#include "lib/base/log.h"

#define HALF_S 500000000ULL
#define ONE_S 1000000000ULL

static const char summary_details[] =
	"Commands (ktach COMMAND --help tells more):\n"
	"  sources               what samples this host, how often, at what cost\n"
	"  show [NAME]           a section now, or disks, mounts, processes, ...\n"
	"  top                   all of it, live, on the full screen\n"
	"  watch [SECTION]       a line a sample\n"
	"  record FILE           keep samples in a file\n"
	"  replay FILE           view them again\n"
	"  set period SOURCE US  change how often a source samples\n"
	"  set bursts freeze|run stop the recordings of bursts, or go on\n"
	"  agent [VERB [NAME]]   list and operate what ktach-agentd looks after\n"
	"  freeze                send what the flight recorder has, as an incident\n"
	"  doctor                what is wrong on this host, and what to do\n"
	"\n"
	"Figures come from the ktach modules where they are loaded and from /proc\n"
	"where they are not; the answer says which.\n"
	"\n"
	"Exit status: 0 done, 1 failed, 2 wrong command line, 3 done, but something\n"
	"is amiss: doctor has a warning, or a recording is damaged.\n";

const struct command commands[] = {
	{ "", NULL, "Show what this host is doing, on one screen.",
	  summary_details,
	  SET_JSON | SET_FROM | SET_INTERVAL | SET_PINS | SET_HOST, HALF_S, 1,
	  run_summary },
	{ "sources", NULL,
	  "List what samples this host: its period, its ring, its losses, its cost.",
	  NULL, SET_JSON | SET_CSV | SET_PINS, 0, 1, run_sources },
	{ "show", "[NAME]",
	  "Show one section whole, or without its name all of them; or a subject.",
	  "Sections: cpu, softirq, net, mem (or memory), load.\n"
	  "Subjects, which are read for this answer alone:\n"
	  "  disk        operations, bytes, times, queue and use of block devices\n"
	  "  mount       file systems: size, used, available, inodes, state\n"
	  "  link        interfaces: state, speed, addresses, errors, drops\n"
	  "  sensor      temperatures, fans, voltages, power\n"
	  "  process     the top few by CPU and by memory, and how many in all\n"
	  "  pressure    time lost to waiting for CPU, memory and I/O\n"
	  "  meminfo     what else memory is used for\n"
	  "  protocol    TCP, UDP, IP, ICMP and sockets\n"
	  "  limit       open files, threads, process ids, entropy\n"
	  "  timex       how the clock is kept\n"
	  "  system      context switches, interrupts, forks\n"
	  "  core        MHz, and packets that each CPU took from its queue\n"
	  "  interrupts  the most frequent ones\n"
	  "  agent       what the agents of ktach-agentd use\n"
	  "  cgroup      what services, containers, pods and slices use\n"
	  "  own         series of your own: files in Prometheus' format, statsd\n"
	  "  part        batteries, RAID, NFS, memory errors and the like\n"
	  "  latency     how long tasks wait for a CPU, softirqs to run, requests for a disk\n"
	  "  facts       what this host is\n"
	  "\n"
	  "Examples: the busiest CPUs first, over two seconds; the disks over ten:\n"
	  "  ktach show cpu --sort activity --interval 2s\n"
	  "  ktach show disk --interval 10s\n"
	  "The three processes with most memory:\n"
	  "  ktach show process --sort rss_bytes --rows 3\n",
	  SET_JSON | SET_CSV | SET_FROM | SET_INTERVAL | SET_SORT | SET_ROWS |
		  SET_BURSTS | SET_PINS | SET_HOST,
	  HALF_S, 1, run_show },
	{ "top", NULL, "Show everything live, on the full screen.",
	  "Keys: q quit, p pause, s sort, + and - change the interval, Tab what is\n"
	  "shown, / filter, Enter all of a row, h help.\n"
	  "Where the terminal can't move its cursor, a screen follows the other.\n",
	  SET_FROM | SET_INTERVAL | SET_COUNT | SET_SORT | SET_PINS | SET_HOST,
	  ONE_S, 0, run_top },
	{ "watch", "[cpu|softirq|net|mem|load]",
	  "Print a line a sample; in JSON, an object a line.",
	  "Example: a minute of softirqs into a file:\n"
	  "  ktach watch softirq --csv --count 60 >softirqs.csv\n",
	  SET_JSON | SET_CSV | SET_FROM | SET_INTERVAL | SET_COUNT | SET_PINS |
		  SET_HOST,
	  ONE_S, 0, run_watch },
	{ "record", "FILE", "Keep samples of all sections in a file.",
	  "Ends with --count, SIGINT (Ctrl-C) or SIGTERM; what was taken is in the\n"
	  "file by then, and after a crash all but the last sample.\n"
	  "\n"
	  "Example: ten minutes, ten samples a second:\n"
	  "  ktach record --interval 100ms --count 6000 night.ktach\n",
	  SET_FROM | SET_INTERVAL | SET_COUNT | SET_PINS | SET_HOST, ONE_S, 0,
	  run_record },
	{ "replay", "FILE [cpu|softirq|net|mem|load|top]",
	  "View a recording again: as watch does, or in top.",
	  "Exit status 3: a part of the file is damaged or missing; the rest was shown.\n",
	  SET_JSON | SET_CSV | SET_SORT | SET_SPEED, 0, 0, run_replay },
	{ "set", "period SOURCE US | bursts freeze|run [INTERFACE]",
	  "Change the period of a source, or stop recordings of bursts.",
	  "US are microseconds, or a duration such as 10ms. 'ktach sources' lists the\n"
	  "sources. Recordings of bursts, of all interfaces or of one, are frozen with\n"
	  "the next tick, and keep what 'ktach show net --bursts' shows until they\n"
	  "run again. Needs root or CAP_PERFMON; CAP_BPF for bursts.\n"
	  "\n"
	  "Example: CPU times a hundred times a second:\n"
	  "  ktach set period cpustat 10ms\n",
	  SET_JSON | SET_PINS, 0, 0, run_set },
	{ "freeze", "[TEXT]",
	  "Have the flight recorder of this host send what it has, as an incident.",
	  "What is around now is frozen by ktach-shipper and goes to its collector, with\n"
	  "TEXT. It needs 'flight-memory' in the shipper's configuration, and the right to\n"
	  "write to the socket: be root, or of group ktach-shipper.\n"
	  "\n"
	  "Example:\n"
	  "  ktach freeze 'the page is slow'\n",
	  SET_FLIGHT, 0, 0, run_freeze },
	{ "agent",
	  "[list [NAME] | orders | start|stop|restart|reload|enable|disable|logs NAME]",
	  "See and operate the agents that ktach-agentd looks after.",
	  "Root and members of the group ktach may list; starting, stopping, enabling\n"
	  "and disabling need root. enable and disable change the agent's file; what it\n"
	  "says is done within a second or two. start, stop, restart and reload wait\n"
	  "until it is done. orders shows what was ordered from afar. logs asks journalctl.\n"
	  "\n"
	  "Example: why did it end, and what did it say?\n"
	  "  ktach agent list web\n"
	  "  ktach agent logs web --lines 100\n",
	  SET_JSON | SET_AGENT, 0, 20, run_agent },
	{ "doctor", NULL,
	  "Check what ktach needs on this host, and say what to do.",
	  "Exit status: 0 all is well, 3 a warning, 1 a check failed.\n",
	  SET_JSON | SET_PINS, 0, 0, run_doctor },
	{ 0 }
};

static const struct command *find_command(const char *name)
{
	const struct command *c;

	for (c = commands; c->run; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/* "ktach help show" is "ktach show --help". */
static void ask_for_help(char **argv)
{
	static char option[] = "--help";
	char *command = argv[2];

	if (command && !argv[3]) {
		argv[1] = command;
		argv[2] = option;
	} else {
		argv[1] = option;
	}
}

int main(int argc, char **argv)
{
	const struct command *c;
	struct settings s;
	bool named;

	setlocale(LC_CTYPE, "");
	log_init("ktach", LOG_INFO);
	if (argc > 1 && !strcmp(argv[1], "help"))
		ask_for_help(argv);
	named = argc > 1 && argv[1][0] != '-';
	c = find_command(named ? argv[1] : "");
	if (!c) {
		fprintf(stderr,
			"ktach: '%s': no such command\nTry 'ktach --help'.\n",
			argv[1]);
		return EXIT_USAGE;
	}
	settings_parse(&s, c, argc - named, argv + named);
	return c->run(&s);
}
