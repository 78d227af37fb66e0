// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/base/place.h"
#include "lib/base/address.h"

static const struct {
	const char *plain;
	const char *sealed;
	const char *expected;
} schemes[] = {
	[PLACE_REDIS] = { "redis://", "rediss://",
			  "it begins with redis:// or rediss://" },
	[PLACE_ETCD] = { "etcd://", "etcds://",
			 "it begins with etcd:// or etcds://" },
};

static const char name_bytes[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-:";

/* How long it is where a text begins with it, else 0. */
static size_t begins(const char *text, const char *scheme)
{
	size_t size = strlen(scheme);

	return strncmp(text, scheme, size) ? 0 : size;
}

bool place_is(const char *text, enum place_kind kind)
{
	return begins(text, schemes[kind].plain) ||
	       begins(text, schemes[kind].sealed);
}

/* Return false if it is too long. */
static bool copy(char *to, size_t size, const char *from, size_t length)
{
	if (length >= size)
		return false;
	memcpy(to, from, length);
	to[length] = '\0';
	return true;
}

static const char *parse_hosts(struct place *p, const char *at, size_t length)
{
	const char *end = at + length;

	do {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		size_t size = (size_t)((comma ? comma : end) - at);
		char *host = p->hosts[p->host_count];

		if (p->host_count == PLACE_HOSTS_MAX)
			return "16 hosts at most are named, any one leads to the others";
		if (!copy(host, PLACE_HOST_SIZE, at, size) ||
		    address_check(host))
			return "a host is HOST or HOST:PORT";
		p->host_count++;
		at += size + 1;
	} while (at <= end);
	return NULL;
}

static const char *parse_value(struct place *p, const char *name,
			       const char *value)
{
	char *end;

	if (!strcmp(name, "password-file"))
		return copy(p->password_file, PATH_MAX, value, strlen(value)) ?
			       NULL :
			       "password-file: the name is too long";
	if (!strcmp(name, "ca"))
		return copy(p->ca, PATH_MAX, value, strlen(value)) ?
			       NULL :
			       "ca: the name is too long";
	if (!strcmp(name, "insecure")) {
		p->insecure = true;
		return *value ? "insecure: it has no value" : NULL;
	}
	if (p->kind == PLACE_ETCD)
		return "what follows ? is password-file=FILE, ca=FILE or insecure, joined by &";
	if (strcmp(name, "copies"))
		return "what follows ? is password-file=FILE, ca=FILE, copies=N or insecure, joined by &";
	p->copies = (unsigned int)strtoul(value, &end, 10);
	return *end || !*value || !p->copies || p->copies > PLACE_COPIES_MAX ?
		       "copies: a number from 1 to 6" :
		       NULL;
}

static const char *parse_values(struct place *p, const char *at)
{
	char pair[PATH_MAX + 32], *value;
	const char *problem = NULL;

	while (!problem && *at) {
		size_t size = strcspn(at, "&");

		if (!copy(pair, sizeof(pair), at, size))
			return "a value is too long";
		value = pair + strcspn(pair, "=");
		if (*value)
			*value++ = '\0';
		problem = parse_value(p, pair, value);
		at += size + (at[size] == '&');
	}
	return problem;
}

static const char *parse_prefix(struct place *p, const char *at, size_t size)
{
	if (!size)
		return NULL;
	if (!copy(p->prefix, sizeof(p->prefix), at, size) ||
	    p->prefix[strspn(p->prefix, name_bytes)])
		return "the prefix has letters, digits and _.-: only, 63 at most";
	return NULL;
}

const char *place_parse(struct place *p, const char *text, enum place_kind kind)
{
	const char *at, *user, *problem;
	size_t size;

	*p = (struct place){ .kind = kind, .prefix = "ktach" };
	if (!place_is(text, kind))
		return schemes[kind].expected;
	p->tls = begins(text, schemes[kind].sealed);
	at = text +
	     begins(text, p->tls ? schemes[kind].sealed : schemes[kind].plain);
	size = strcspn(at, "/?");
	user = memchr(at, '@', size);
	if (user) {
		if (memchr(at, ':', (size_t)(user - at)))
			return "a password does not belong here, where others see it: name a file with ?password-file=FILE";
		if (!copy(p->user, sizeof(p->user), at, (size_t)(user - at)))
			return "the user's name is too long";
		size -= (size_t)(user + 1 - at);
		at = user + 1;
	}
	problem = parse_hosts(p, at, size);
	at += size;
	if (!problem && *at == '/') {
		size = strcspn(++at, "?");
		problem = parse_prefix(p, at, size);
		at += size;
	}
	return problem || *at != '?' ? problem : parse_values(p, at + 1);
}

int place_password(const struct place *p, char *password, size_t size)
{
	int fd = open(p->password_file, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, password, size - 1);
	close(fd);
	if (got < 0)
		return -EIO;
	password[got] = '\0';
	password[strcspn(password, "\r\n")] = '\0';
	return password[0] ? 0 : -ENODATA;
}
