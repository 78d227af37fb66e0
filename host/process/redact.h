/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines without what is secret in them. */
#ifndef KTACH_HOST_PROCESS_REDACT_H
#define KTACH_HOST_PROCESS_REDACT_H

#include <stddef.h>

/* Words that secrets follow. */
#define REDACT_DEFAULT \
	"*passw*,*passphrase*,*pwd*,*secret*,*token*,*credential*,*cookie*," \
	"*authorization*,*api?key*,*apikey*,*access?key*,*private?key*," \
	"*auth?key*,*encrypt*key*,*sign*key*,*license?key*," \
	"auth,-auth,--auth,--pass,-pass,--key,-key"

/**
 * redact() - a command line, as text
 * @args: arguments, a NUL after each, as in /proc/PID/cmdline
 * @size: bytes
 * @globs: words, with commas between them, in any case
 * @out: filled: arguments with a blank between them, NUL-terminated
 * @room: there: what does not fit is left out
 *
 * Words are what is between blanks and punctuation: "password" is one in
 * "--set=db,password=x". After one that matches, "***" stands for the rest of
 * the argument; where that word is the whole argument, for the next one. So it
 * does for user and password in a URL. The first word of all is the program,
 * and stays.
 *
 * Return: length of the text.
 */
size_t redact(const char *args, size_t size, const char *globs, char *out,
	      size_t room);

#endif /* KTACH_HOST_PROCESS_REDACT_H */
