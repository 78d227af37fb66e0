// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

#include "collector/outlets/setup.h"

enum {
	SECRET_MAX = 1024,
	SECRET_MIN = 16,
	OTHERS = 077, /* file mode bits */
};

#define API_PATH "/api/v2/alerts"

static int __attribute__((format(printf, 2, 3)))
refuse(char *problem, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(problem, SETUP_PROBLEM_SIZE, format, args);
	va_end(args);
	return -EINVAL;
}

static bool has_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool there = !curl_url_get(url, part, &text, 0);

	curl_free(text);
	return there;
}

static bool has_scheme(CURLU *url)
{
	char *scheme = NULL;
	bool good = !curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) &&
		    (!strcmp(scheme, "http") || !strcmp(scheme, "https"));

	curl_free(scheme);
	return good;
}

static int check_url(const char *option, const char *text, char *problem)
{
	CURLU *url = curl_url();
	int err = 0;

	if (!url)
		return -ENOMEM;
	if (curl_url_set(url, CURLUPART_URL, text, 0) || !has_scheme(url))
		err = refuse(
			problem,
			"%s: '%.200s': expected http://HOST[:PORT][/PATH], or https://",
			option, text);
	else if (has_part(url, CURLUPART_USER) ||
		 has_part(url, CURLUPART_PASSWORD))
		err = refuse(
			problem,
			"%s: a password does not belong into an address, where others see it",
			option);
	curl_url_cleanup(url);
	return err;
}

/* "http://host:9093/prefix/": alarms go to its API. */
static int add_alertmanager(struct outlets_setup *s, size_t count,
			    const char *text, size_t length, char *problem)
{
	char *url = strndup(text, length);
	int err = url ? check_url("alertmanager", url, problem) : -ENOMEM;

	if (!err && count == SETUP_ALERTMANAGERS)
		err = refuse(problem, "alertmanager: more than %d",
			     SETUP_ALERTMANAGERS);
	while (!err && length && url[length - 1] == '/')
		url[--length] = '\0';
	if (!err &&
	    asprintf(&s->alertmanagers[count], "%s" API_PATH, url) < 0) {
		s->alertmanagers[count] = NULL;
		err = -ENOMEM;
	}
	free(url);
	return err;
}

static int load_alertmanagers(struct outlets_setup *s, const char *list,
			      char *problem)
{
	size_t count = 0;
	int err = 0;

	while (!err && list && *list) {
		size_t length;

		list += strspn(list, ", \t");
		length = strcspn(list, ", \t");
		if (length)
			err = add_alertmanager(s, count++, list, length,
					       problem);
		list += length;
	}
	return err;
}

/* Its first line. */
static int read_secret(struct outlets_setup *s, const char *path, int fd,
		       char *problem)
{
	char text[SECRET_MAX + 1];
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) || (got = read(fd, text, SECRET_MAX)) < 0)
		return refuse(problem, "webhook-key: %s: %s", path,
			      strerror(errno));
	if (st.st_mode & OTHERS)
		return refuse(
			problem,
			"webhook-key: %s: others may read it (mode %03o); chmod 600 it, and make a new one if somebody did",
			path, st.st_mode & 0777);
	text[got] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (strlen(text) < SECRET_MIN)
		return refuse(
			problem,
			"webhook-key: %s: expected a line of %d characters at least, such as 'openssl rand -hex 32' makes",
			path, SECRET_MIN);
	s->secret = strdup(text);
	explicit_bzero(text, sizeof(text));
	return s->secret ? 0 : -ENOMEM;
}

static int load_secret(struct outlets_setup *s, const char *path, char *problem)
{
	int err, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return refuse(problem, "webhook-key: %s: %s", path,
			      strerror(errno));
	err = read_secret(s, path, fd, problem);
	close(fd);
	return err;
}

static int load_webhook(struct outlets_setup *s, const struct outlets_config *c,
			char *problem)
{
	int err;

	if (!c->webhook != !c->webhook_key)
		return refuse(
			problem,
			"webhook and webhook-key: both are needed, or none");
	if (!c->webhook)
		return 0;
	err = check_url("webhook", c->webhook, problem);
	if (!err)
		err = load_secret(s, c->webhook_key, problem);
	if (err)
		return err;
	s->webhook = strdup(c->webhook);
	return s->webhook ? 0 : -ENOMEM;
}

static int load_ca(struct outlets_setup *s, const char *path, char *problem)
{
	if (!path)
		return 0;
	if (access(path, R_OK))
		return refuse(problem, "alarm-ca: %s: %s", path,
			      strerror(errno));
	s->ca = strdup(path);
	return s->ca ? 0 : -ENOMEM;
}

int setup_load(struct outlets_setup *s, const struct outlets_config *c,
	       char problem[SETUP_PROBLEM_SIZE])
{
	int err;

	*s = (struct outlets_setup){ 0 };
	strcpy(problem, "no memory for addresses of alarms");
	err = load_alertmanagers(s, c->alertmanager, problem);
	if (!err)
		err = load_webhook(s, c, problem);
	if (!err)
		err = load_ca(s, c->ca, problem);
	if (err)
		setup_free(s);
	return err;
}

void setup_free(struct outlets_setup *s)
{
	size_t i;

	for (i = 0; i < SETUP_ALERTMANAGERS; i++)
		free(s->alertmanagers[i]);
	free(s->webhook);
	if (s->secret)
		explicit_bzero(s->secret, strlen(s->secret));
	free(s->secret);
	free(s->ca);
	*s = (struct outlets_setup){ 0 };
}
