// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "host/own/own_text.h"
#include "lib/kernel/proc.h"

/* The family that the last "# TYPE" names, in the text. */
struct family {
	const char *name;
	size_t size;
	enum {
		TYPE_GAUGE,
		TYPE_COUNTER,
		TYPE_PARTS
	} type;
};

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

static bool is_end(const char *at)
{
	at = skip_blanks(at);
	return *at == '\n' || !*at;
}

static bool is_word(const char *at, const char *word)
{
	size_t size = strlen(word);

	return !strncmp(at, word, size) && strchr(" \t\n", at[size]);
}

/* "# TYPE name counter"; of others nothing is known that would matter. */
static const char *take_comment(const char *line, struct family *f)
{
	const char *at = skip_blanks(line + 1);

	if (!is_word(at, "TYPE"))
		return NULL;
	at = skip_blanks(at + strlen("TYPE"));
	f->name = at;
	f->size = label_name_size(at, true);
	at = skip_blanks(at + f->size);
	f->type = is_word(at, "counter") ? TYPE_COUNTER :
		  is_word(at, "histogram") || is_word(at, "summary") ?
					   TYPE_PARTS :
					   TYPE_GAUGE;
	return f->size && !is_end(at) ? NULL : "TYPE has a name and a type";
}

/* Counters are the sum and the count of a summary, not its quantiles; and the
 * buckets of a histogram.
 */
static bool is_counter(const struct family *f, const char *name, size_t size)
{
	static const char *const parts[] = { "_bucket", "_sum", "_count" };
	size_t i;

	if (!f->name || size < f->size || memcmp(name, f->name, f->size))
		return false;
	if (f->type == TYPE_COUNTER)
		return size == f->size;
	for (i = 0; f->type == TYPE_PARTS && i < 3; i++)
		if (size == f->size + strlen(parts[i]) &&
		    !memcmp(name + f->size, parts[i], strlen(parts[i])))
			return true;
	return false;
}

static const char *take_labels(const char **at, char *labels)
{
	struct label list[OWN_LABELS_MAX];
	size_t count = 0;

	*labels = '\0';
	if (**at != '{')
		return NULL;
	*at = skip_blanks(*at + 1);
	while (**at != '}') {
		if (count == OWN_LABELS_MAX)
			return "it has more than 32 labels";
		if (!label_take(at, &list[count++]))
			return "a label is not NAME=\"VALUE\"";
		*at = skip_blanks(*at);
	}
	++*at;
	return own_labels(labels, list, count);
}

static const char *take_value(const char *at, double *value)
{
	char *end;

	if (is_end(at))
		return "it has no value";
	at = skip_blanks(at);
	*value = strtod(at, &end);
	if (end == at || (*end && !strchr(" \t\n", *end)))
		return "its value is no number";
	return is_end(end) ? NULL :
			     "something follows the value; times are not taken";
}

static const char *take_series(struct own_rows *o, const char *line,
			       const struct family *f)
{
	char name[OWN_NAME_SIZE], labels[OWN_NAME_SIZE];
	size_t size = label_name_size(line, true);
	const char *at = skip_blanks(line + size), *why;
	double value;

	if (!size || size >= sizeof(name))
		return "it does not begin with a name of at most 255 letters";
	memcpy(name, line, size);
	name[size] = '\0';
	why = take_labels(&at, labels);
	if (!why)
		why = take_value(at, &value);
	return why ? why :
		     own_rows_add(o, name, labels, value,
				  is_counter(f, line, size));
}

struct own_refused own_text(struct own_rows *o, const char *text)
{
	struct own_refused r = { 0 };
	struct family f = { 0 };
	size_t number = 1;
	const char *at, *why;

	for (; *text; text = proc_next_line(text), number++) {
		at = skip_blanks(text);
		why = is_end(at)	? NULL :
		      !strchr(at, '\n') ? "the text ends within it" :
		      *at == '#'	? take_comment(at, &f) :
					  take_series(o, at, &f);
		if (why && !r.count++) {
			r.line = number;
			r.why = why;
		}
	}
	return r;
}
