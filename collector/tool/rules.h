/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `ktach-collector rules`: prints and checks rules. */
#ifndef KTACH_COLLECTOR_TOOL_RULES_H
#define KTACH_COLLECTOR_TOOL_RULES_H

/* argv[0] is "rules". Returns an exit status. */
int rules_main(int argc, char **argv);

/* 'rules test': when rules would have fired, by the history. argv[0] is "test". */
int rules_test_main(int argc, char **argv);

#endif /* KTACH_COLLECTOR_TOOL_RULES_H */
