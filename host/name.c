// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "host/file.h"
#include "host/name.h"
#include "host/options.h"
#include "lib/base/log.h"
#include "lib/kernel/proc.h"

/* As hostname(5) has it: one word; lines that begin with # are comments, blanks
 * around it are none of it. Some tools write it without a newline, or with a CR.
 */
static bool take_word(const char *at, char *text, size_t size)
{
	static const char blanks[] = " \t\r\n";
	size_t n;

	while (*(at += strspn(at, blanks)) == '#')
		at = proc_next_line(at);
	n = strcspn(at, blanks);
	if (!n || n >= size)
		return false;
	memcpy(text, at, n);
	text[n] = '\0';
	return true;
}

static bool name_of_root(const char *root, char *text, size_t size)
{
	struct host_file file;
	bool found;

	if (!*root || host_file_once(&file, root, "etc/hostname"))
		return false;
	found = take_word(file.text, text, size);
	host_file_close(&file);
	return found;
}

bool host_name(const struct host_options *o, char *text, size_t size)
{
	const char *root = host_options_root(o);

	if (name_of_root(root, text, size))
		return true;
	gethostname(text, size - 1);
	text[size - 1] = '\0';
	return !*root;
}

bool host_is_own(const struct host_options *o)
{
	static const char name[] = "sys/kernel/random/boot_id";
	char its[64], own[64];

	return !host_options_foreign(o) ||
	       (host_line(o->proc, name, its, sizeof(its)) &&
		host_line("/proc", name, own, sizeof(own)) &&
		!strcmp(its, own));
}

void host_release(const struct host_options *o, char *text, size_t size)
{
	struct utsname own;

	if (!host_line(o->proc, "sys/kernel/osrelease", text, size) &&
	    !host_options_foreign(o) && !uname(&own))
		snprintf(text, size, "%s", own.release);
}

/* Kernels before 6.1 have no such file. */
void host_architecture(const struct host_options *o, char *text, size_t size)
{
	struct utsname own;

	if (!host_line(o->proc, "sys/kernel/arch", text, size) &&
	    host_is_own(o) && !uname(&own))
		snprintf(text, size, "%s", own.machine);
}

void host_settle_sys(struct host_options *o)
{
	static bool said;

	if (strcmp(o->sys, "/sys") || host_is_own(o) || access(o->proc, F_OK))
		return;
	o->sys = "/dev/null";
	if (!said)
		log_warn(
			"%s is of another host, and nothing is told of what its /sys has: --sys-root says where that is",
			o->proc);
	said = true;
}
