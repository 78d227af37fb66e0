/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that holds the process id of a program while it runs, for init scripts.
 * Who runs holds a lock on it: a file without one is a leftover, whatever number
 * it has and whoever has that number now.
 */
#ifndef KTACH_LIB_BASE_PID_FILE_H
#define KTACH_LIB_BASE_PID_FILE_H

/**
 * struct pid_file - one of ours
 * @path: NULL: there is none to be, and all of these do nothing
 * @fd: locked; -1 until it is written
 */
struct pid_file {
	const char *path;
	int fd;
};

/**
 * pid_file_claim() - find out that nobody else holds it, and remove a leftover
 * @p: filled
 * @path: or NULL
 *
 * Return: 0; -EBUSY while another one runs, -EEXIST where there is another file,
 * or -errno, after a message.
 */
int pid_file_claim(struct pid_file *p, const char *path);

/* Write it, once all has been started. Return 0, or -errno after a message. */
int pid_file_write(struct pid_file *p);

/* Remove it, if it was written. */
void pid_file_remove(struct pid_file *p);

#endif /* KTACH_LIB_BASE_PID_FILE_H */
