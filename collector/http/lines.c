// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "collector/http/lines.h"

enum {
	LINE_END = 2,
	HEAD_END = 2 * LINE_END,
	/* From this version on it refuses such heads itself. */
	TELLS = MHD_VERSION >= 0x01000000,
};

struct lines {
	const char *at; /* where the last text ended */
	bool broken;
};

const char *lines_address_end(const char *uri)
{
	return uri + strlen(uri);
}

static bool is_control(unsigned char c)
{
	return c <= ' ' || c == 0x7f;
}

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool is_hidden_control(const char *at)
{
	int high = digit_of(at[1]), low = high < 0 ? -1 : digit_of(at[2]);

	return low >= 0 && high * 16 + low != ' ' &&
	       is_control((unsigned char)(high * 16 + low));
}

bool lines_address_good(const char *uri)
{
	bool path = true;

	for (; *uri; uri++) {
		path = path && *uri != '?';
		if (is_control((unsigned char)*uri) ||
		    (path && *uri == '%' && is_hidden_control(uri)))
			return false;
	}
	return true;
}

/* Whether a text begins so many bytes behind the last one's end. */
static bool follows(const struct lines *l, const char *text, size_t bytes)
{
	return (uintptr_t)text - (uintptr_t)l->at == bytes;
}

static enum MHD_Result follow(void *argument, enum MHD_ValueKind kind,
			      const char *name, size_t name_size,
			      const char *value, size_t value_size)
{
	struct lines *l = argument;

	l->broken |= !follows(l, name, LINE_END);
	l->at = value ? value + value_size : name + name_size;
	return MHD_YES;
}

bool lines_whole(struct MHD_Connection *handle, const char *method,
		 const char *address_end, const char *version)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		handle, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	struct lines l = { .at = address_end };

	if (TELLS)
		return true;
	l.broken = !follows(&l, version, 1);
	l.at = version + strlen(version);
	MHD_get_connection_values_n(handle, MHD_HEADER_KIND, follow, &l);
	return !l.broken && info &&
	       follows(&l, method + info->header_size, HEAD_END);
}
