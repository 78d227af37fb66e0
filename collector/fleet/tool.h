/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_COLLECTOR_FLEET_TOOL_H
#define KTACH_COLLECTOR_FLEET_TOOL_H

/* 'ktach-collector fleet': who is in it, and who is to go. Return the exit status. */
int fleet_main(int argc, char **argv);

#endif /* KTACH_COLLECTOR_FLEET_TOOL_H */
