// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/cpu/interrupts.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/resized.h"
#include "lib/kernel/proc.h"

enum {
	IRQS_DEFAULT = 10,
};

/* "           CPU0       CPU1       " */
uint32_t irq_cpus(const char *text)
{
	uint32_t cpus = 0;

	for (;;) {
		text += strspn(text, " ");
		if (strncmp(text, "CPU", 3) || !isdigit((unsigned char)text[3]))
			break;
		cpus++;
		text += 3;
		text += strspn(text, "0123456789");
	}
	return *text == '\n' ? cpus : 0;
}

static int take_key(const char **at, uint64_t *key)
{
	uint64_t number;
	int letters;

	if (proc_number(at, &number)) {
		*key = number;
		return number < IRQ_NAMED && *(*at)++ == ':' ? 0 : -EINVAL;
	}
	*key = IRQ_NAMED;
	for (letters = 0; isgraph((unsigned char)**at) && **at != ':';
	     letters++)
		if (letters < IRQ_LETTERS)
			*key |= (uint64_t)(unsigned char)*(*at)++
				<< 8 * letters;
		else
			return -EINVAL;
	return letters && *(*at)++ == ':' ? 0 : -EINVAL;
}

/* Sums without a place for each CPU, such as ERR, have one count only. */
static uint64_t take_counts(const char **at, uint32_t cpus)
{
	uint64_t sum = 0, count;

	while (cpus-- && proc_number(at, &count))
		if (__builtin_add_overflow(sum, count, &sum) || sum > INT64_MAX)
			return WIRE_ABSENT;
	return sum;
}

/* "FIQ: usb_fiq": a line that names the handler, but has no count. */
static bool is_counted(const char *at)
{
	at += strspn(at, " ");
	return isdigit((unsigned char)*at);
}

/* "  IO-APIC   5-edge      ACPI:Ged": two blanks before those who handle it. */
static void take_name(const char *at, const char *end, struct irq *irq)
{
	const char *from;

	while (end > at && end[-1] == ' ')
		end--;
	while (at < end && *at == ' ')
		at++;
	from = end;
	while (from > at &&
	       !(from[-1] == ' ' && from - at > 1 && from[-2] == ' '))
		from--;
	irq->name = irq->key & IRQ_NAMED ? at : from;
	irq->size = (size_t)(end - irq->name);
}

int irq_line(const char *at, uint32_t cpus, struct irq *irq)
{
	const char *end = strchr(at, '\n');

	if (!end || take_key(&at, &irq->key))
		return -EINVAL;
	if (!is_counted(at))
		return -ENODATA;
	irq->count = take_counts(&at, cpus);
	if (irq->count == WIRE_ABSENT || (*at != ' ' && *at != '\n'))
		return -EINVAL;
	take_name(at, end, irq);
	return 0;
}

struct irqs {
	size_t count;
	size_t room;
	struct irq *irq;
};

struct interrupts {
	struct host_file file;
	struct host_trouble trouble;
	struct rows rows;
	size_t wanted;
	struct irqs before;
	struct irqs now;
};

static int interrupts_open(void **state, const struct host_options *options)
{
	struct interrupts *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	err = host_file_open(&s->file, options->proc, "interrupts");
	if (err) {
		log_info("interrupts: cannot open %s/interrupts: %s",
			 options->proc, strerror(-err));
		free(s);
		return err;
	}
	s->rows.kind = WIRE_IRQ;
	s->wanted = options->irqs ? options->irqs : IRQS_DEFAULT;
	*state = s;
	return 0;
}

static void interrupts_close(void *state)
{
	struct interrupts *s = state;

	host_file_close(&s->file);
	rows_exit(&s->rows);
	free(s->before.irq);
	free(s->now.irq);
	free(s);
}

static struct irq *add_interrupt(struct irqs *list)
{
	struct irq *irq =
		grown(list->irq, list->count, &list->room, sizeof(*irq));

	if (!irq)
		return NULL;
	list->irq = irq;
	return &list->irq[list->count++];
}

/* Lines that make no sense are left out. */
static int parse_interrupts(const char *text, struct irqs *list)
{
	uint32_t cpus = irq_cpus(text);
	int err = cpus ? 0 : -EINVAL, ret;
	struct irq *irq;

	list->count = 0;
	if (err)
		return err;
	while (*(text = proc_next_line(text))) {
		irq = add_interrupt(list);
		if (!irq)
			return -ENOMEM;
		ret = irq_line(text, cpus, irq);
		if (!ret)
			continue;
		list->count--;
		if (ret != -ENODATA)
			err = ret;
	}
	return err;
}

static int by_key(const void *a, const void *b)
{
	const struct irq *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static int by_more(const void *a, const void *b)
{
	const struct irq *x = a, *y = b;

	if (x->more != y->more)
		return x->more > y->more ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return by_key(a, b);
}

static void sort(struct irqs *list, int (*order)(const void *a, const void *b))
{
	if (list->count)
		qsort(list->irq, list->count, sizeof(*list->irq), order);
}

/* Both are in order of keys. */
static void take_growth(const struct irqs *before, struct irqs *now)
{
	size_t i, last = 0;

	for (i = 0; i < now->count; i++) {
		struct irq *irq = &now->irq[i];

		while (last < before->count && before->irq[last].key < irq->key)
			last++;
		irq->more = irq->count;
		if (last < before->count && before->irq[last].key == irq->key &&
		    before->irq[last].count <= irq->count)
			irq->more -= before->irq[last].count;
	}
}

static void put_rows(struct interrupts *s, const struct irqs *list)
{
	uint64_t *row;
	size_t i;

	rows_clear(&s->rows);
	for (i = 0; i < list->count; i++) {
		row = rows_add(&s->rows, list->irq[i].key);
		if (!row)
			break;
		row[WIRE_IRQ_COUNT] = list->irq[i].count;
		rows_text(&s->rows, WIRE_IRQ_NAME, list->irq[i].name,
			  list->irq[i].size);
	}
}

/* Those that came most often since the last reading. */
static int interrupts_read(void *state, const struct host_sink *sink)
{
	struct interrupts *s = state;
	uint64_t real_ns = clock_real_ns(), mono_ns = clock_mono_ns();
	struct irqs old = s->before, top;
	int err = host_file_read(&s->file);

	if (!err)
		err = parse_interrupts(s->file.text, &s->now);
	else
		s->now.count = 0;
	host_trouble(&s->trouble, "interrupts", s->file.path, err);
	sort(&s->before, by_key);
	sort(&s->now, by_key);
	take_growth(&s->before, &s->now);
	sort(&s->now, by_more);
	top = s->now;
	if (top.count > s->wanted)
		top.count = s->wanted;
	sort(&top, by_key);
	put_rows(s, &top);
	rows_put(&s->rows, sink, WIRE_ORIGIN_PROC, real_ns, mono_ns);
	s->before = s->now;
	s->now = old;
	return err;
}

const struct host_collector host_interrupts = {
	.name = "interrupts",
	.summary = "interrupts that come most often",
	.interval_ns = 10000000000,
	.enabled = false,
	.open = interrupts_open,
	.read = interrupts_read,
	.close = interrupts_close,
};
