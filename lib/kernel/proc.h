/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in /proc: kept open, read again and again, taken apart. */
#ifndef KTACH_LIB_KERNEL_PROC_H
#define KTACH_LIB_KERNEL_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct proc_file - a /proc file that is read again and again
 * @path: its path
 * @fd: kept open
 * @text: what the last read gave, NUL-terminated
 * @size: room at @text
 */
struct proc_file {
	const char *path;
	int fd;
	char *text;
	size_t size;
};

/* CPUs that this machine may ever have: rows of /proc/softirqs, at most. @sys:
 * where /sys is.
 */
uint32_t possible_cpus(const char *sys);

/* Return 0 or -errno. @cpus: how many may show up in the file. */
int proc_open(struct proc_file *p, const char *path, uint32_t cpus);
void proc_close(struct proc_file *p);

/* Read the whole of it into @p->text, of a file that the kernel makes for one read, as
 * stat and softirqs; of others, as net/dev, it is the first piece (struct host_file).
 * Return 0 or -errno.
 */
int proc_read(struct proc_file *p);

/**
 * text_ends() - make each line of a text end with a newline, and nothing before it
 * @fd: the file that it was read from
 * @text: all that was read, NUL-terminated afterwards
 * @used: bytes of it; there is room for two more
 *
 * What was made by hand or by another system may have CRs before its newlines, or none
 * behind the last line. A text that ends within a line is whole where the file
 * is known to have no more; else, as in /proc, which tells no sizes, the number at
 * its end may be cut off, and stays without a newline.
 *
 * Return: bytes of the text now.
 */
size_t text_ends(int fd, char *text, size_t used);

/* Take the next number on this line, after blanks; false at its end. What does
 * not fit, as what is below 0 behind a blank, is UINT64_MAX.
 */
bool proc_number(const char **at, uint64_t *value);

/* Where the text goes on behind @word; NULL if it does not begin with that. */
const char *proc_behind(const char *at, const char *word);

/* Where the line after this one begins; the end of the text if there is none. */
const char *proc_next_line(const char *at);

#endif /* KTACH_LIB_KERNEL_PROC_H */
