// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "lib/base/enroll.h"

#define MARK "kt1_"
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

enum {
	MARK_SIZE = sizeof(MARK) - 1,
	BYTES = ENROLL_SECRET_SIZE + ENROLL_PRINT_SIZE,
};

_Static_assert(MARK_SIZE + BYTES / 3 * 4 + 1 == ENROLL_TOKEN_SIZE,
	       "48 bytes are 64 characters");
_Static_assert(sizeof(struct enroll_token) == BYTES, "there are no gaps");

void enroll_token_format(const struct enroll_token *token,
			 char text[ENROLL_TOKEN_SIZE])
{
	memcpy(text, MARK, MARK_SIZE);
	sodium_bin2base64(text + MARK_SIZE, ENROLL_TOKEN_SIZE - MARK_SIZE,
			  (const unsigned char *)token, BYTES, VARIANT);
}

int enroll_token_parse(struct enroll_token *token, const char *text)
{
	size_t size;

	if (strlen(text) != ENROLL_TOKEN_SIZE - 1 ||
	    strncmp(text, MARK, MARK_SIZE))
		return -EINVAL;
	if (sodium_base642bin((unsigned char *)token, BYTES, text + MARK_SIZE,
			      ENROLL_TOKEN_SIZE - 1 - MARK_SIZE, NULL, &size,
			      NULL, VARIANT) ||
	    size != BYTES)
		return -EINVAL;
	return 0;
}
