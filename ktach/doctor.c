// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ktach/doctor.h"
#include "ktach/show/json.h"

static const struct check checks[] = {
	{ "modules", check_modules },
	{ "devices", check_devices },
	{ "rings", check_rings },
	{ "netlink", check_netlink },
	{ "rights", check_rights },
	{ "btf", check_btf },
	{ "bpffs", check_bpffs },
	{ "packets", check_packets },
	{ "tc", check_tc },
	{ "clock", check_clock },
	{ "accounting", check_accounting },
	{ "lockdown", check_lockdown },
	{ "secureboot", check_secure_boot },
	{ "io_uring", check_io_uring },
};

enum {
	CHECKS = sizeof(checks) / sizeof(checks[0]),
	TEXT_COLUMN = 19, /* behind verdict and name */
};

static const struct {
	const char *name;
	enum style style;
} verdicts[VERDICTS] = {
	[VERDICT_OK] = { "ok", STYLE_GOOD },
	[VERDICT_WARNING] = { "warning", STYLE_WARN },
	[VERDICT_FAILED] = { "failed", STYLE_BAD },
};

void found(struct finding *f, enum verdict verdict, const char *text,
	   const char *advice)
{
	f->verdict = verdict;
	snprintf(f->text, sizeof(f->text), "%s", text);
	snprintf(f->advice, sizeof(f->advice), "%s", advice);
}

void found_more(struct finding *f, const char *format, ...)
{
	size_t used = strlen(f->text);
	va_list args;

	used += (size_t)snprintf(f->text + used, sizeof(f->text) - used, "%s",
				 used ? ", " : "");
	if (used >= sizeof(f->text))
		return;
	va_start(args, format);
	vsnprintf(f->text + used, sizeof(f->text) - used, format, args);
	va_end(args);
}

int read_line(const char *path, char *line, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	ssize_t n;

	*line = '\0';
	if (fd < 0)
		return -errno;
	n = read(fd, line, size - 1);
	if (n < 0)
		err = -errno;
	close(fd);
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return err;
}

static void look_at_all(const struct settings *s, struct finding *findings)
{
	int i;

	for (i = 0; i < CHECKS; i++) {
		memset(&findings[i], 0, sizeof(findings[i]));
		checks[i].look(s, &findings[i]);
	}
}

static void count_verdicts(const struct finding *findings, int counts[VERDICTS])
{
	int i;

	memset(counts, 0, VERDICTS * sizeof(*counts));
	for (i = 0; i < CHECKS; i++)
		counts[findings[i].verdict]++;
}

static int print_json(const struct finding *findings, const int *counts)
{
	json_t *o = json_answer(), *list = json_array();
	int i;

	for (i = 0; i < CHECKS; i++) {
		const struct finding *f = &findings[i];

		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s}", "name",
					checks[i].name, "verdict",
					verdicts[f->verdict].name, "text",
					f->text, "advice", f->advice));
	}
	json_object_set_new(o, "checks", list);
	for (i = 0; i < VERDICTS; i++)
		json_object_set_new(o, verdicts[i].name,
				    json_integer(counts[i]));
	return json_print(o, false);
}

static void print_text(const struct finding *findings, const int *counts)
{
	struct paper p;
	int i;

	paper_stream(&p, stdout);
	for (i = 0; i < CHECKS; i++) {
		const struct finding *f = &findings[i];

		paper_put(&p, verdicts[f->verdict].style, "%-8s",
			  verdicts[f->verdict].name);
		paper_put(&p, STYLE_TITLE, "%-11s", checks[i].name);
		paper_wrap(&p, STYLE_PLAIN, TEXT_COLUMN, f->text);
		if (!*f->advice)
			continue;
		paper_pad(&p, TEXT_COLUMN - 3);
		paper_put(&p, STYLE_DIM, "-> ");
		paper_wrap(&p, STYLE_DIM, TEXT_COLUMN, f->advice);
	}
	paper_put(&p, STYLE_TITLE, "%d ok, %d warnings, %d failed",
		  counts[VERDICT_OK], counts[VERDICT_WARNING],
		  counts[VERDICT_FAILED]);
	paper_line(&p);
}

int run_doctor(const struct settings *s)
{
	static struct finding findings[CHECKS];
	int counts[VERDICTS];

	look_at_all(s, findings);
	count_verdicts(findings, counts);
	if (s->json) {
		if (print_json(findings, counts))
			return EXIT_FAILED;
	} else {
		print_text(findings, counts);
	}
	if (counts[VERDICT_FAILED])
		return EXIT_FAILED;
	return counts[VERDICT_WARNING] ? EXIT_AMISS : EXIT_OK;
}
