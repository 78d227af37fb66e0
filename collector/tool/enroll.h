/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `ktach-collector enroll`: tokens that hosts enrol with. */
#ifndef KTACH_COLLECTOR_TOOL_ENROLL_H
#define KTACH_COLLECTOR_TOOL_ENROLL_H

/* argv[0] is "enroll". Returns an exit status. */
int enroll_main(int argc, char **argv);

#endif /* KTACH_COLLECTOR_TOOL_ENROLL_H */
