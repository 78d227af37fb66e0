/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of the shipper's own section of its file, set in the midst of what an admin wrote. */
#ifndef KTACH_SHIPPER_ENROLL_CONFIG_EDIT_H
#define KTACH_SHIPPER_ENROLL_CONFIG_EDIT_H

/**
 * config_edit() - set a key
 * @text: of a file; freed
 * @key: its name
 * @value: its value from now on
 *
 * Its line is changed where it stands; if there is none, it comes behind the comment
 * that shows the default, or first in its section. The rest stays as it is.
 *
 * Return: the new text; NULL: there is no memory, or there was no @text.
 */
char *config_edit(char *text, const char *key, const char *value);

#endif /* KTACH_SHIPPER_ENROLL_CONFIG_EDIT_H */
