/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_COLLECTOR_BASE_FOLDER_H
#define KTACH_COLLECTOR_BASE_FOLDER_H

/* Make the data folder, and those above it, if they are missing: closed to others. Return 0 or
 * -errno.
 */
int folder_make(const char *folder);

#endif /* KTACH_COLLECTOR_BASE_FOLDER_H */
