// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agentd/remote/operators.h"
#include "lib/base/pem_key.h"

#define SUFFIX ".pub"

static bool is_ours_alone(const struct stat *st)
{
	return (!st->st_uid || st->st_uid == geteuid()) &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static bool read_key(int folder, const char *file, uint8_t *key)
{
	int fd = openat(folder, file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char text[PEM_TEXT_MAX];
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && is_ours_alone(&st))
		n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0)
		return false;
	text[n] = '\0';
	return !pem_key_public(text, key);
}

static bool take_name(const char *file, char *name)
{
	size_t size = strlen(file);

	if (size <= strlen(SUFFIX) || size >= OPERATOR_NAME_SIZE ||
	    strcmp(file + size - strlen(SUFFIX), SUFFIX))
		return false;
	snprintf(name, OPERATOR_NAME_SIZE, "%.*s", (int)(size - strlen(SUFFIX)),
		 file);
	return true;
}

static bool find_file(DIR *d, const uint8_t *key, char *name)
{
	uint8_t one[PEM_KEY_SIZE];
	const struct dirent *e;

	while ((e = readdir(d)))
		if (take_name(e->d_name, name) &&
		    read_key(dirfd(d), e->d_name, one) &&
		    !memcmp(one, key, sizeof(one)))
			return true;
	return false;
}

int operators_find(const char *folder, const uint8_t key[ORDER_KEY_SIZE],
		   char name[OPERATOR_NAME_SIZE], char *problem)
{
	DIR *d = opendir(folder);
	struct stat st;
	int err = -EPERM;

	if (!d)
		snprintf(problem, OPERATOR_PROBLEM_SIZE,
			 "no operator is known here: %s: %s", folder,
			 strerror(errno));
	else if (fstat(dirfd(d), &st) || !is_ours_alone(&st))
		snprintf(problem, OPERATOR_PROBLEM_SIZE,
			 "%s: others than root may write there", folder);
	else if (find_file(d, key, name))
		err = 0;
	else
		snprintf(
			problem, OPERATOR_PROBLEM_SIZE,
			"it is signed by nobody who is known here: no file NAME.pub in %s has that key",
			folder);
	if (d)
		closedir(d);
	return err;
}
