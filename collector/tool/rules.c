// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "collector/tool/rules.h"
#include "collector/alarms/rule.h"
#include "lib/base/options.h"

static const char details[] =
	"Without --check it prints the rules that ktach comes with, which hold while\n"
	"there is no folder of rules: a start for one's own.\n"
	"\n"
	"  ktach-collector rules >/etc/ktach/rules.d/ours.rules\n"
	"  ktach-collector rules --check /etc/ktach/rules.d\n"
	"  ktach-collector rules test ours.rules --node web1 --from -2d\n"
	"\n"
	"The last one says when they would have fired ('rules test --help').\n"
	"Files of that folder end with .rules; ktach.rules(5) tells of their keys. The\n"
	"collector reads them at its start and with SIGHUP.\n"
	"\n"
	"Exit status: 0 all is well, 2 usage or a wrong line.\n";

static int print_or_check(int argc, char **argv)
{
	const char *folder = NULL;
	const struct option_spec specs[] = {
		{ "check", 0, OPTION_TEXT, &folder, "DIR",
		  "say what is wrong with the rules of this folder" },
		{ 0 }
	};
	const struct options options = {
		.program = "ktach-collector rules",
		.summary =
			"Print the rules for alarms that ktach comes with, or check others.",
		.details = details,
		.specs = specs,
	};
	struct rules rules;
	char problem[1024];

	options_parse(&options, argc, argv);
	if (!folder) {
		fwrite(rules_default, 1,
		       (size_t)(rules_default_end - rules_default), stdout);
		return 0;
	}
	if (rules_load(&rules, folder, true, problem, sizeof(problem))) {
		fprintf(stderr, "ktach-collector rules: %s\n", problem);
		return 2;
	}
	printf("%s: %zu rules, good\n", folder, rules.count);
	rules_free(&rules);
	return 0;
}

int rules_main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "test"))
		return rules_test_main(argc - 1, argv + 1);
	return print_or_check(argc, argv);
}
