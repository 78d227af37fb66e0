/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of 'ktach doctor': each looks at one thing, and says what to do. */
#ifndef KTACH_KTACH_DOCTOR_H
#define KTACH_KTACH_DOCTOR_H

#include "ktach/command.h"

enum verdict {
	VERDICT_OK,
	VERDICT_WARNING,	/* ktach works, with less */
	VERDICT_FAILED,		/* something is there, and does not work */
	VERDICTS
};

enum finding_limits {
	FINDING_SIZE = 400,
};

/**
 * struct finding - what a check found
 * @verdict: enum verdict
 * @text: one line
 * @advice: what to do; "" if nothing has to be done
 */
struct finding {
	enum verdict verdict;
	char text[FINDING_SIZE];
	char advice[FINDING_SIZE];
};

/**
 * struct check - a row of the table
 * @name: short, one word
 * @look: fills a finding that is VERDICT_OK and empty
 */
struct check {
	const char *name;
	void (*look)(const struct settings *s, struct finding *f);
};

/* Set all of a finding. */
void found(struct finding *f, enum verdict verdict, const char *text,
	   const char *advice);

/* Add to its text, behind a comma. */
void found_more(struct finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Read the first line of a file, without its end. Return 0 or -errno. */
int read_line(const char *path, char *line, size_t size);


void check_modules(const struct settings *s, struct finding *f);
void check_devices(const struct settings *s, struct finding *f);
void check_rings(const struct settings *s, struct finding *f);
void check_netlink(const struct settings *s, struct finding *f);

void check_rights(const struct settings *s, struct finding *f);
void check_btf(const struct settings *s, struct finding *f);
void check_lockdown(const struct settings *s, struct finding *f);
void check_secure_boot(const struct settings *s, struct finding *f);
void check_io_uring(const struct settings *s, struct finding *f);
void check_clock(const struct settings *s, struct finding *f);
void check_accounting(const struct settings *s, struct finding *f);

void check_bpffs(const struct settings *s, struct finding *f);
void check_packets(const struct settings *s, struct finding *f);
void check_tc(const struct settings *s, struct finding *f);

#endif /* KTACH_KTACH_DOCTOR_H */
