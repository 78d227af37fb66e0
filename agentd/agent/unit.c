// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "agentd/agent/unit.h"
#include "agentd/agent/words.h"

enum {
	US_NS = 1000,
};

void unit_name(char *unit, const char *agent)
{
	snprintf(unit, UNIT_NAME_SIZE, UNIT_PREFIX "%s.service", agent);
}

void unit_check_name(char *unit, const char *agent)
{
	snprintf(unit, UNIT_NAME_SIZE, UNIT_CHECK_PREFIX "%s.service", agent);
}

/* For systemd a % begins a name of its own. */
static void write_plain(FILE *out, const char *key, const char *text)
{
	if (!text)
		return;
	fprintf(out, "%s=", key);
	for (; *text; text++) {
		if (*text == '%')
			fputc('%', out);
		fputc(*text, out);
	}
	fputc('\n', out);
}

static void write_duration(FILE *out, const char *key, uint64_t ns)
{
	fprintf(out, "%s=%" PRIu64 "us\n", key, ns / US_NS);
}

/* A command line: $ begins a variable there, but in the program's name. */
static void write_command(FILE *out, const struct definition *d)
{
	const char *text = d->args;
	char word[AGENT_WORD_SIZE];

	fputs("ExecStart=", out);
	words_write(out, "", d->exec, "%");
	while (text && words_next(&text, word, sizeof(word)) > 0) {
		fputc(' ', out);
		words_write(out, "", word, "%$");
	}
	fputc('\n', out);
}

static void write_variable(FILE *out, const char *name, const char *value)
{
	fputs("Environment=", out);
	words_write(out, name, value, "%");
	fputc('\n', out);
}

static void write_environment(FILE *out, const struct definition *d)
{
	const char *text = d->environment;
	char word[AGENT_WORD_SIZE];

	write_variable(out, "KTACH_AGENT=", d->name);
	if (d->config)
		write_variable(out, "KTACH_AGENT_CONFIG=", d->config);
	if (d->check == HEALTH_HEARTBEAT)
		write_variable(out, "KTACH_HEARTBEAT=", AGENT_HEARTBEAT_SOCKET);
	while (text && words_next(&text, word, sizeof(word)) > 0)
		write_variable(out, "", word);
}

/* How often it may be restarted is counted by systemd. */
static void write_head(FILE *out, const struct definition *d)
{
	fputs("# Written by ktach-agent-generator; it is written again when systemd\n"
	      "# reads its units.\n[Unit]\n",
	      out);
	fprintf(out,
		"Description=ktach agent %s\nDocumentation=man:ktach-agent.conf(5)\n",
		d->name);
	write_plain(out, "SourcePath", d->path);
	fputs("After=network.target ktach-agentd.service\n", out);
	write_duration(out, "StartLimitIntervalSec", d->within_ns);
	fprintf(out, "StartLimitBurst=%" PRIu64 "\n", d->limit + 1);
}

static void write_restart(FILE *out, const struct definition *d, bool grows)
{
	unsigned int steps = 0;
	uint64_t ns;

	write_plain(out, "Restart", d->policy);
	write_duration(out, "RestartSec", d->delay_ns);
	for (ns = d->delay_ns; ns < d->delay_max_ns; ns *= 2)
		steps++;
	if (!grows || !steps)
		return;
	fprintf(out, "RestartSteps=%u\n", steps);
	write_duration(out, "RestartMaxDelaySec", d->delay_max_ns);
}

static void write_limits(FILE *out, const struct definition *d)
{
	if (d->memory_mib)
		fprintf(out, "MemoryMax=%" PRIu64 "M\nMemorySwapMax=0\n",
			d->memory_mib);
	if (d->cpu_percent)
		fprintf(out, "CPUQuota=%" PRIu64 "%%\n", d->cpu_percent);
	if (d->tasks)
		fprintf(out, "TasksMax=%" PRIu64 "\n", d->tasks);
	if (d->files)
		fprintf(out, "LimitNOFILE=%" PRIu64 "\n", d->files);
	fputs("Slice=" UNIT_SLICE "\n"
	      "CPUAccounting=yes\nMemoryAccounting=yes\n"
	      "IOAccounting=yes\nTasksAccounting=yes\n",
	      out);
}

static void write_service(FILE *out, const struct definition *d, bool grows)
{
	fprintf(out, "\n[Service]\nType=%s\n", d->notifies ? "notify" : "exec");
	write_command(out, d);
	write_plain(out, "User", d->user);
	write_plain(out, "Group", d->group);
	write_plain(out, "WorkingDirectory", d->folder);
	write_environment(out, d);
	write_restart(out, d, grows);
	if (strcmp(d->reload, "no")) /* the shell's own kill, as its user */
		fprintf(out, "ExecReload=/bin/sh -c \"kill -%s $MAINPID\"\n",
			d->reload);
	write_duration(out, "TimeoutStopSec", d->stop_ns);
	if (d->check == HEALTH_WATCHDOG)
		write_duration(out, "WatchdogSec", d->interval_ns * d->retries);
	if (d->check == HEALTH_WATCHDOG || d->notifies)
		fputs("NotifyAccess=main\n", out);
	write_limits(out, d);
	fputs("NoNewPrivileges=yes\nLogNamespace=" UNIT_JOURNAL "\n", out);
}

void unit_write(FILE *out, const struct definition *d, bool grows)
{
	write_head(out, d);
	write_service(out, d, grows);
	fputs("\n[Install]\nWantedBy=multi-user.target\n", out);
}
