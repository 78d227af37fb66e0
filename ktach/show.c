// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <time.h>

#include "ktach/burst_view.h"
#include "ktach/command.h"
#include "ktach/show/csv.h"
#include "ktach/show/json.h"
#include "lib/base/log.h"

/* Samples that must not be older than this are the beginning of figures. */
#define HISTORY_NS 1000000000ULL

static void sleep_ns(uint64_t ns)
{
	struct timespec t = {
		.tv_sec = (time_t)(ns / 1000000000),
		.tv_nsec = (long)(ns % 1000000000),
	};

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

/* One answer: of the past where there is one, else of the next interval. */
static int take_figures(const struct settings *s, unsigned int sections,
			struct figures *f)
{
	struct readers_options options = settings_readers(s, sections);
	struct readers readers;
	int err = readers_open(&readers, &options, s->interval_ns);

	if (err)
		return err;
	err = readers_read(&readers, f);
	/* All sections are of the same time then: the past is passed over. */
	if (!err && readers_must_wait(&readers, f)) {
		sleep_ns(s->interval_ns);
		err = readers_read(&readers, f);
	}
	readers_close(&readers);
	return err;
}

int answer_flushed(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_OK;
	log_error("cannot write to the standard output: %s", strerror(errno));
	return EXIT_FAILED;
}

static void show_sections(struct paper *p, const struct figures *f,
			  const struct settings *s, int only)
{
	int i;

	for (i = 0; i < SECTIONS; i++) {
		if (only >= 0 && i != only)
			continue;
		view_section(p, f, i, s->order);
		if (only < 0)
			paper_line(p);
	}
	view_origins(p, f);
	view_notes(p, f);
}

static int answer(const struct settings *s, const struct figures *f, int only)
{
	struct paper p;

	if (s->json)
		return json_print(figures_json(f), false) ? EXIT_FAILED :
							    EXIT_OK;
	if (s->csv) {
		csv_titles(stdout, only);
		csv_lines(stdout, f, only);
		return answer_flushed();
	}
	paper_stream(&p, stdout);
	if (only < 0 && !s->options->operands)
		view_summary(&p, f);
	else
		show_sections(&p, f, s, only);
	return answer_flushed();
}

static int show(const struct settings *s, int only)
{
	unsigned int sections = only < 0 ? SECTION_ALL : 1U << only;
	struct figures f = { 0 };
	int status = take_figures(s, sections, &f) ? EXIT_FAILED :
						     answer(s, &f, only);

	figures_free(&f);
	return status;
}

int run_summary(const struct settings *s)
{
	return show(s, -1);
}

int run_show(const struct settings *s)
{
	const struct subject *subject = settings_subject(s);
	int only = subject ? -1 : settings_section(s, 0, -1);

	if (s->bursts && only != SECTION_NET)
		options_refuse(s->options, "--bursts: only with 'show net'");
	if (subject)
		return show_subject(s, subject);
	if (s->csv && only < 0)
		options_refuse(s->options, "--csv: name a section");
	return s->bursts ? show_bursts(s) : show(s, only);
}
