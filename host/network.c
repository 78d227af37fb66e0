// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/file.h"
#include "host/name.h"
#include "host/network.h"
#include "host/options.h"
#include "lib/kernel/proc.h"

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " ");
}

bool network_between(const char *first, const char *own, const char *last)
{
	uint64_t a, b, c;

	for (;;) {
		first = skip_blanks(first);
		own = skip_blanks(own);
		last = skip_blanks(last);
		if (*first != *own && !isdigit((unsigned char)*own))
			return false;
		if (!*own)
			return !*first && !*last;
		if (!isdigit((unsigned char)*own)) {
			if (*first++ != *own++ || own[-1] != *last++)
				return false;
			continue;
		}
		if (!proc_number(&first, &a) || !proc_number(&own, &b) ||
		    !proc_number(&last, &c) || a > b || b > c)
			return false;
	}
}

static bool counts_alike(const struct host_options *o)
{
	struct host_file first = { .fd = -1 }, own = first, last = first;
	bool alike = false;

	if (host_file_once(&first, o->proc, "1/net/dev"))
		return false;
	if (!host_file_once(&own, "/proc", "net/dev")) {
		if (!host_file_once(&last, o->proc, "1/net/dev")) {
			alike = network_between(first.text, own.text,
						last.text);
			host_file_close(&last);
		}
		host_file_close(&own);
	}
	host_file_close(&first);
	return alike;
}

static void name_of(const struct host_options *o, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/1/ns/net", o->proc);
}

bool network_is_own(const struct host_options *o)
{
	struct stat own, its;
	char path[PATH_MAX];

	if (!host_options_foreign(o))
		return true;
	if (!host_is_own(o))
		return false;
	name_of(o, path);
	if (stat("/proc/self/ns/net", &own) || stat(path, &its))
		return counts_alike(o);
	return own.st_dev == its.st_dev && own.st_ino == its.st_ino;
}

struct visit {
	int network;
	int (*run)(void *arg);
	void *arg;
	int result;
};

static void *visit_network(void *arg)
{
	struct visit *v = arg;

	v->result = setns(v->network, CLONE_NEWNET) ? -errno : v->run(v->arg);
	return NULL;
}

int network_enter(const struct host_options *o, int (*run)(void *arg),
		  void *arg)
{
	struct visit visit = { .run = run, .arg = arg };
	char path[PATH_MAX];
	pthread_t thread;
	int err;

	if (network_is_own(o))
		return run(arg);
	if (!host_is_own(o))
		return -EXDEV;
	name_of(o, path);
	visit.network = open(path, O_RDONLY | O_CLOEXEC);
	if (visit.network < 0)
		return -errno;
	err = -pthread_create(&thread, NULL, visit_network, &visit);
	if (!err)
		pthread_join(thread, NULL);
	close(visit.network);
	return err ? err : visit.result;
}
