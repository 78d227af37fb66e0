// SPDX-License-Identifier: GPL-2.0-or-later
#include <grp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "agentd/doors/caller.h"

enum {
	GROUPS_MAX = 1024,
};

static bool in_group(int fd, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t size = sizeof(groups);
	size_t i;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size))
		return false;
	for (i = 0; i < size / sizeof(groups[0]); i++)
		if (groups[i] == group)
			return true;
	return false;
}

enum caller caller_of(int fd)
{
	struct ucred who;
	socklen_t size = sizeof(who);
	const struct group *group;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size))
		return CALLER_ANYBODY;
	if (!who.uid)
		return CALLER_ROOT;
	group = getgrnam("ktach");
	if (group && (who.gid == group->gr_gid || in_group(fd, group->gr_gid)))
		return CALLER_GROUP;
	return CALLER_ANYBODY;
}
