/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands on a history: they run beside a collector, too. */
#ifndef KTACH_COLLECTOR_HISTORY_TOOL_H
#define KTACH_COLLECTOR_HISTORY_TOOL_H

/* 'ktach-collector export': samples as CSV. Return the exit status. */
int export_main(int argc, char **argv);

/* 'ktach-collector check': verify a history, repair it. */
int check_main(int argc, char **argv);

#endif /* KTACH_COLLECTOR_HISTORY_TOOL_H */
