/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is told of alarms, as the configuration says. */
#ifndef KTACH_COLLECTOR_OUTLETS_SETUP_H
#define KTACH_COLLECTOR_OUTLETS_SETUP_H

enum setup_limits {
	SETUP_ALERTMANAGERS = 3,
	SETUP_PROBLEM_SIZE = 512,
};

/**
 * struct outlets_config - options; each may be NULL
 * @alertmanager: URLs of Alertmanagers, separated by commas
 * @webhook: a URL
 * @webhook_key: file of the secret that messages to it are signed with
 * @ca: file of certificates (PEM) that are trusted in place of the system's
 */
struct outlets_config {
	const char *alertmanager;
	const char *webhook;
	const char *webhook_key;
	const char *ca;
};

/**
 * struct outlets_setup - what follows from them; all are NULL without
 * @alertmanagers: URLs that alarms are posted to
 * @webhook: URL
 * @secret: text
 * @ca: file
 */
struct outlets_setup {
	char *alertmanagers[SETUP_ALERTMANAGERS];
	char *webhook;
	char *secret;
	char *ca;
};

/**
 * setup_load() - judge the options, and read the secret
 * @s: filled
 * @c: the options
 * @problem: what is wrong, with the option's name before it
 *
 * Return: 0, or -errno with @problem and nothing in @s.
 */
int setup_load(struct outlets_setup *s, const struct outlets_config *c,
	       char problem[SETUP_PROBLEM_SIZE]);
void setup_free(struct outlets_setup *s);

#endif /* KTACH_COLLECTOR_OUTLETS_SETUP_H */
