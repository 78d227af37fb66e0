// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/key_file.h"
#include "lib/base/log.h"
#include "lib/base/whole_file.h"
#include "shipper/enroll/config_edit.h"
#include "shipper/enroll/settle.h"

enum {
	CONFIG_MAX = 1 << 20,
};

#define SERVICE_USER "ktach-shipper"

static int check_folder(const char *path)
{
	char copy[PATH_MAX];
	const char *folder;
	int err;

	snprintf(copy, sizeof(copy), "%s", path);
	folder = dirname(copy);
	if (!access(folder, W_OK))
		return 0;
	err = -errno;
	log_error(
		"%s: %s; run it as root, or name others with --config and --key",
		folder, strerror(-err));
	return err;
}

int settle_check(const char *config, const char *key_file, bool replace)
{
	int err = check_folder(config);

	if (!err)
		err = check_folder(key_file);
	if (err || replace || access(key_file, F_OK))
		return err;
	log_error(
		"%s: this host has a key already; --replace takes another one in its place",
		key_file);
	return -EEXIST;
}

/* NULL: after a message. */
static char *read_config(const char *path)
{
	char *text = calloc(1, CONFIG_MAX + 1);
	FILE *f = fopen(path, "re");
	size_t size = 0;
	int err = errno;

	if (text && f) {
		size = fread(text, 1, CONFIG_MAX, f);
		err = ferror(f) ? EIO : size == CONFIG_MAX ? EFBIG : 0;
	} else if (text && err == ENOENT) {
		strcpy(text, "[shipper]\ntransport = tcp\n");
		err = 0;
	}
	if (f)
		fclose(f);
	if (text && !err)
		return text;
	log_error("%s: %s", path, strerror(err ? err : ENOMEM));
	free(text);
	return NULL;
}

static int write_config(const char *path, const char *collector,
			const char *key_file)
{
	char *text = read_config(path);
	struct stat s;
	int err;

	if (!text)
		return -EIO;
	text = config_edit(text, "key", key_file);
	text = config_edit(text, "collector", collector);
	if (!text)
		return -ENOMEM;
	err = whole_file_write(path, text, strlen(text),
			       stat(path, &s) ? NULL : &s);
	free(text);
	if (err)
		log_error("%s: %s", path, strerror(-err));
	return err;
}

static int give_away(const char *path)
{
	const struct passwd *user = geteuid() ? NULL : getpwnam(SERVICE_USER);

	return user && chown(path, user->pw_uid, user->pw_gid) ? -errno : 0;
}

/* The old key stays until the new one is whole. */
static int write_key(const char *path, const struct seal_key *key)
{
	char fresh[PATH_MAX];
	int err;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >=
	    (int)sizeof(fresh))
		return -ENAMETOOLONG;
	unlink(fresh);
	err = key_file_write(fresh, key);
	if (err)
		return err;
	err = give_away(fresh);
	if (!err && rename(fresh, path))
		err = -errno;
	if (err) {
		log_error("%s: %s", path, strerror(-err));
		unlink(fresh);
	}
	return err;
}

int settle_write(const char *config, const char *key_file,
		 const struct seal_key *key, const char *collector)
{
	int err = write_key(key_file, key);

	return err ? err : write_config(config, collector, key_file);
}
