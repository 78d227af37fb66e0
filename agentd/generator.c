// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ktach-agent-generator: systemd runs it before it reads its units, at boot and at
 * each daemon-reload, and finds a service for each agent in the folder it gives. It is
 * on its own here: no bus, no name service, and what it says goes to the kernel's log.
 */
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agentd/agent/folder.h"
#include "agentd/agent/unit.h"
#include "lib/base/log.h"

enum {
	GROWS_SINCE = 254, /* RestartSteps= */
};

static const char wants[] = "multi-user.target.wants";

/* systemd does not tell a generator its version, but its own library's name has it. */
static bool delay_grows(void)
{
	static const char *const places[] = {
		"/usr/lib/systemd/libsystemd-shared-*.so",
		"/usr/lib/*/systemd/libsystemd-shared-*.so",
	};
	glob_t found = { 0 };
	int version = 0;
	size_t i;

	for (i = 0; i < 2; i++)
		glob(places[i], i ? GLOB_APPEND : 0, NULL, &found);
	for (i = 0; i < found.gl_pathc; i++) {
		const char *number = strstr(found.gl_pathv[i], "shared-");

		if (atoi(number + strlen("shared-")) > version)
			version = atoi(number + strlen("shared-"));
	}
	globfree(&found);
	return version >= GROWS_SINCE;
}

static int write_unit(const char *folder, const struct definition *d,
		      bool grows)
{
	char unit[UNIT_NAME_SIZE], path[512];
	FILE *out;

	unit_name(unit, d->name);
	snprintf(path, sizeof(path), "%s/%s", folder, unit);
	out = fopen(path, "we");
	if (!out)
		return -errno;
	unit_write(out, d, grows);
	return fclose(out) ? -errno : 0;
}

/* As "systemctl enable" would. */
static int want_unit(const char *folder, const struct definition *d)
{
	char unit[UNIT_NAME_SIZE], target[UNIT_NAME_SIZE + 8], path[512];

	unit_name(unit, d->name);
	snprintf(path, sizeof(path), "%s/%s", folder, wants);
	if (mkdir(path, 0755) && errno != EEXIST)
		return -errno;
	snprintf(target, sizeof(target), "../%s", unit);
	snprintf(path, sizeof(path), "%s/%s/%s", folder, wants, unit);
	return symlink(target, path) && errno != EEXIST ? -errno : 0;
}

static int generate(const char *agents, const char *folder)
{
	bool grows = delay_grows();
	struct folder f;
	int err = folder_read(&f, agents), failed = err;
	size_t i;

	if (err)
		log_error("%s: %s", agents, strerror(-err));
	for (i = 0; i < f.count; i++) {
		const struct definition *d = &f.entries[i].definition;

		if (f.entries[i].problem[0]) {
			log_error("%s; this agent is left out",
				  f.entries[i].problem);
			continue;
		}
		err = write_unit(folder, d, grows);
		if (!err && d->enabled)
			err = want_unit(folder, d);
		if (err)
			log_error("%s: no unit of %s can be written: %s",
				  folder, d->name, strerror(-err));
		failed = failed ? failed : err;
	}
	folder_free(&f);
	return failed;
}

int main(int argc, char **argv)
{
	const char *agents = getenv(AGENTS_FOLDER_VARIABLE);

	log_init("ktach-agent-generator", LOG_INFO);
	if (argc != 2 && argc != 4) {
		fprintf(stderr,
			"Usage: ktach-agent-generator FOLDER [EARLY LATE]\n"
			"Write a unit of each agent of " AGENTS_FOLDER
			" to FOLDER; see systemd.generator(7).\n");
		return 2;
	}
	return generate(agents && *agents ? agents : AGENTS_FOLDER, argv[1]) ?
		       1 :
		       0;
}
