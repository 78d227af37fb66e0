// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/facts/arm_part.h"
#include "host/facts/cpu_model.h"
#include "lib/kernel/proc.h"

enum {
	KINDS_MAX = 8, /* of cores in one machine */
};

/* Names of the line that has the model, which differ by architecture. */
static const char *const names[] = {
	"model name", /* x86, and others that follow it */
	"Model Name", /* LoongArch */
	"uarch", /* RISC-V */
	"cpu model", /* MIPS */
	"cpu", /* POWER */
};

struct word {
	const char *at;
	size_t size;
};

/* Kinds of cores, each once, in the order of the CPUs. */
struct kinds {
	struct word kind[KINDS_MAX];
	size_t count;
};

static void add_kind(struct kinds *k, struct word w)
{
	size_t i;

	for (i = 0; i < k->count; i++)
		if (k->kind[i].size == w.size &&
		    !memcmp(k->kind[i].at, w.at, w.size))
			return;
	if (w.size && k->count < KINDS_MAX)
		k->kind[k->count++] = w;
}

/* The value of a line "name<blanks>: value", without blanks around it. False for
 * another line, and for one without its end.
 */
static bool value_of(const char *line, const char *name, struct word *value)
{
	const char *at = proc_behind(line, name), *end;

	if (!at)
		return false;
	at += strspn(at, " \t");
	end = strchr(at, '\n');
	if (*at != ':' || !end)
		return false;
	at++;
	at += strspn(at, " \t");
	while (end > at && strchr(" \t", end[-1]))
		end--;
	*value = (struct word){ at, (size_t)(end - at) };
	return true;
}

static void find_named(struct kinds *k, const char *text, const char *name)
{
	struct word value;

	for (; *text; text = proc_next_line(text))
		if (value_of(text, name, &value))
			add_kind(k, value);
}

/* "0xd08". A number that is cut off would be another part. */
static bool number_of(struct word value, uint32_t *number)
{
	unsigned long v;
	char *end;

	if (value.size < 3 || strncmp(value.at, "0x", 2))
		return false;
	v = strtoul(value.at, &end, 16);
	*number = (uint32_t)v;
	return end == value.at + value.size && v <= UINT16_MAX;
}

/* Big cores and little ones have parts of their own. */
static void find_parts(struct kinds *k, const char *text)
{
	uint32_t implementer = 0, part;
	struct word value;

	for (; *text; text = proc_next_line(text)) {
		const char *name = NULL;

		if (value_of(text, "CPU implementer", &value)) {
			if (!number_of(value, &implementer))
				implementer = 0;
		} else if (value_of(text, "CPU part", &value) &&
			   number_of(value, &part)) {
			name = arm_part_name(implementer, part);
		}
		if (name)
			add_kind(k, (struct word){ name, strlen(name) });
	}
}

static struct word first(const char *text, const char *name)
{
	struct word value = { "", 0 };

	for (; *text; text = proc_next_line(text))
		if (value_of(text, name, &value))
			break;
	return value;
}

/* "processor 0: version = FF,  identification = 0133E8,  machine = 2964" */
static struct word machine_of(const char *text)
{
	static const char name[] = "machine = ";
	const char *at = strstr(text, "\nprocessor 0: ");
	const char *end = at ? proc_next_line(at + 1) : NULL;

	at = at ? strstr(at, name) : NULL;
	if (!at || at >= end)
		return (struct word){ "", 0 };
	at += sizeof(name) - 1;
	return (struct word){ at, strcspn(at, " ,\n") };
}

static size_t put_word(char *model, size_t size, size_t used,
		       const char *before, struct word w, const char *after)
{
	int n = snprintf(model + used, size - used, "%s%.*s%s", before,
			 (int)w.size, w.at, after);

	return n < 0 || (size_t)n >= size - used ? used : used + (size_t)n;
}

size_t cpu_model(const char *text, char *model, size_t size)
{
	struct word board = first(text, "Model"), machine = machine_of(text);
	struct kinds k = { .count = 0 };
	size_t i, used = 0;

	find_parts(&k, text);
	for (i = 0; i < sizeof(names) / sizeof(names[0]) && !k.count; i++)
		find_named(&k, text, names[i]);
	if (!k.count && machine.size)
		find_named(&k, text, "vendor_id"); /* s390 */
	for (i = 0; i < k.count; i++)
		used = put_word(model, size, used, i ? ", " : "", k.kind[i],
				"");
	if (board.size)
		used = used ? put_word(model, size, used, " (", board, ")") :
			      put_word(model, size, used, "", board, "");
	else if (machine.size && used)
		used = put_word(model, size, used, " ", machine, "");
	model[used] = '\0';
	return used;
}
