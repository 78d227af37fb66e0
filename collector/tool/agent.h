/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 'ktach-collector agent': see and operate the agents of nodes, from an operator's desk. */
#ifndef KTACH_COLLECTOR_TOOL_AGENT_H
#define KTACH_COLLECTOR_TOOL_AGENT_H

/* argv[0] is "agent". Returns an exit status. */
int agent_main(int argc, char **argv);

#endif /* KTACH_COLLECTOR_TOOL_AGENT_H */
