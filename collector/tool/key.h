/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `ktach-collector key`: makes keys for the feed. */
#ifndef KTACH_COLLECTOR_TOOL_KEY_H
#define KTACH_COLLECTOR_TOOL_KEY_H

/* argv[0] is "key". Returns an exit status. */
int key_main(int argc, char **argv);

#endif /* KTACH_COLLECTOR_TOOL_KEY_H */
