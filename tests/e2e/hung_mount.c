// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Usage: hung_mount DIR COMMAND...
 * Run a command where DIR, in a mount namespace of our own, is a FUSE file
 * system that takes questions for its space and never answers them. Exits as
 * the command does, or with 77 if this host can't do that.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	REQUEST_BYTES = 1 << 16,
	SKIPPED = 77,
};

static void reply(int fd, uint64_t unique, int error, const void *data,
		  size_t size)
{
	char text[sizeof(struct fuse_out_header) + 256] = "";
	const struct fuse_out_header head = {
		.len = (uint32_t)(sizeof(head) + size),
		.error = error,
		.unique = unique,
	};

	memcpy(text, &head, sizeof(head));
	memcpy(text + sizeof(head), data, size);
	if (write(fd, text, head.len) < 0)
		perror("hung_mount: reply");
}

static void serve(int fd)
{
	static const struct fuse_init_out init = { .major = 7,
						   .minor = 31,
						   .max_write = 4096 };
	static const struct fuse_attr_out root = {
		.attr = { .ino = 1, .mode = S_IFDIR | 0755, .nlink = 2 },
	};
	static char request[REQUEST_BYTES];
	const struct fuse_in_header *in = (const void *)request;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		ssize_t n = read(fd, request, sizeof(request));

		/* Not mounted yet. */
		if (n < 0 && errno == EPERM)
			usleep(1000);
		else if (n <= 0 && errno != EINTR)
			_exit(0);
		if (n <= 0)
			continue;
		if (in->opcode == FUSE_INIT)
			reply(fd, in->unique, 0, &init, sizeof(init));
		else if (in->opcode == FUSE_GETATTR)
			reply(fd, in->unique, 0, &root, sizeof(root));
		else if (in->opcode != FUSE_STATFS &&
			 in->opcode != FUSE_FORGET &&
			 in->opcode != FUSE_INTERRUPT)
			reply(fd, in->unique, -ENOSYS, "", 0);
	}
}

static int skip(const char *what)
{
	fprintf(stderr, "hung_mount: %s: %s\n", what, strerror(errno));
	return SKIPPED;
}

int main(int argc, char **argv)
{
	int fd, status, flags = CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0);
	pid_t server, command;
	char data[128];

	if (argc < 3)
		return 2;
	fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return skip("/dev/fuse");
	if (unshare(flags) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return skip("mount namespace");
	server = fork();
	if (!server)
		serve(fd);
	snprintf(data, sizeof(data),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("host:/share", argv[1], "fuse.hung", 0, data))
		return skip(argv[1]);
	close(fd);
	command = fork();
	if (!command) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	waitpid(command, &status, 0);
	kill(server, SIGKILL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
