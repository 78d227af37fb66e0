// SPDX-License-Identifier: GPL-2.0-or-later
/* Speeds and drops of CPUs, and interrupts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/cpu/core.h"
#include "host/cpu/interrupts.h"
#include "lib/kernel/proc.h"

enum {
	CPUS = 4,
};

/* processed dropped squeezed, ..., backlog, CPU, two more of newer kernels */
#define NONE "00000000 "
#define SOFTNET(packets, dropped, squeezed, cpu)                     \
	packets " " dropped " " squeezed                             \
		" " NONE NONE NONE NONE NONE NONE NONE NONE NONE cpu \
		" 00000000 00000000\n"

static const char softnet[] =
	SOFTNET("00004221", "00000002", "000000ff", "00000000")
		SOFTNET("ffffffff", "00000000", "00000000", "00000003");

static void softnets(void **state)
{
	struct core cores[CPUS] = { 0 };

	assert_int_equal(softnet_parse(softnet, cores, CPUS), 0);
	assert_true(cores[0].seen && cores[3].seen);
	assert_false(cores[1].seen || cores[2].seen);
	assert_int_equal(cores[0].total[SOFTNET_PACKETS], 0x4221);
	assert_int_equal(cores[0].total[SOFTNET_DROPPED], 2);
	assert_int_equal(cores[0].total[SOFTNET_SQUEEZED], 255);
	assert_int_equal(cores[3].total[SOFTNET_PACKETS], UINT32_MAX);
}

/* The kernel's 32 bits run over; ours go on. */
static void softnet_runs_over(void **state)
{
	struct core cores[CPUS] = { 0 };

	assert_int_equal(softnet_parse(softnet, cores, CPUS), 0);
	assert_int_equal(softnet_parse(SOFTNET("00000004", "00000000",
					       "00000000", "00000003"),
				       cores, CPUS),
			 0);
	assert_int_equal(cores[3].total[SOFTNET_PACKETS],
			 (uint64_t)UINT32_MAX + 5);
}

static void softnet_damaged(void **state)
{
	static const char garbage[] = { 'x', '\xff', '-', 'G', '+' };
	char *text = strdup(softnet);
	size_t i, g;

	for (i = 0; i < strlen(softnet); i++) {
		for (g = 0; g <= sizeof(garbage); g++) {
			struct core cores[CPUS] = { 0 };

			text[i] = g ? garbage[g - 1] : '\0';
			softnet_parse(text, cores, CPUS);
			assert_true(
				!cores[0].seen ||
				(cores[0].total[SOFTNET_PACKETS] == 0x4221 &&
				 cores[0].total[SOFTNET_SQUEEZED] == 255));
			assert_true(!cores[3].seen ||
				    cores[3].total[SOFTNET_PACKETS] ==
					    UINT32_MAX);
			assert_false(cores[1].seen || cores[2].seen);
			text[i] = softnet[i];
		}
	}
	free(text);
}

/* Of more CPUs than there can be, or without the number of the CPU. */
static void softnet_odd(void **state)
{
	struct core cores[CPUS] = { 0 };

	assert_int_equal(softnet_parse(SOFTNET("00000001", "00000000",
					       "00000000", "00000004"),
				       cores, CPUS),
			 -EINVAL);
	assert_int_equal(softnet_parse("00000001 00000002 00000003\n", cores,
				       CPUS),
			 -EINVAL);
	assert_int_equal(softnet_parse("", cores, CPUS), 0);
	assert_false(cores[0].seen);
}

static void speeds(void **state)
{
	struct core cores[CPUS] = { 0 };

	assert_int_equal(cpuinfo_hz("processor\t: 0\n"
				    "model name\t: A CPU\n"
				    "cpu MHz\t\t: 2596.150\n"
				    "\n"
				    "processor\t: 2\n"
				    "cpu MHz\t\t: 800.000\n"
				    "\n"
				    "processor\t: 1\n"
				    "cpu MHz\t\t: unknown\n"
				    "\n"
				    "processor\t: 9\n"
				    "cpu MHz\t\t: 1000.000\n"
				    "\n"
				    "processor\t: 3\n"
				    "cpu MHz\t\t: 1234.5",
				    cores, CPUS),
			 2);
	assert_int_equal(cores[0].hz, 2596150000);
	assert_int_equal(cores[2].hz, 800000000);
	assert_false(cores[1].seen || cores[3].seen);
}

static const char interrupts[] =
	"           CPU0       CPU1       \n"
	"  0:         41          1  IO-APIC   2-edge      timer\n"
	" 36:          7      85559 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0, other\n"
	" 40:          5          6  GICv3  27 Level     arch_timer\n"
	" 41:          0          9  IO-APIC   9-fasteoi   \n"
	"LOC:     178033     195445   Local timer interrupts\n"
	"IPI0:         3          4       Rescheduling interrupts\n"
	"ERR:         12\n";

/* The line of @number lines after the first. */
static int line(int number, struct irq *irq)
{
	const char *at = interrupts;

	while (number--)
		at = proc_next_line(at);
	return irq_line(at, 2, irq);
}

static void expect(int number, const char *symbol, uint64_t count,
		   const char *name)
{
	char text[IRQ_SYMBOL_SIZE];
	struct irq irq;

	assert_int_equal(line(number, &irq), 0);
	assert_string_equal(irq_symbol(irq.key, text), symbol);
	assert_int_equal(irq.count, count);
	assert_int_equal(irq.size, strlen(name));
	assert_memory_equal(irq.name, name, irq.size);
}

static void irqs(void **state)
{
	struct irq irq;

	assert_int_equal(irq_cpus(interrupts), 2);
	expect(1, "0", 42, "timer");
	expect(2, "36", 85566, "virtio1-req.0, other");
	expect(3, "40", 11, "arch_timer");
	expect(4, "41", 9, "9-fasteoi");
	expect(5, "LOC", 373478, "Local timer interrupts");
	expect(6, "IPI0", 7, "Rescheduling interrupts");
	expect(7, "ERR", 12, "");
	assert_int_equal(line(5, &irq), 0);
	assert_int_equal(irq.key, IRQ_NAMED | 'L' | 'O' << 8 | 'C' << 16);
}

static void irqs_odd(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		" 36:    1   2",
		" 36  1 2 timer\n",
		": 1 2 timer\n",
		"LONGNAME: 1 2 timer\n",
		" 36: 9223372036854775807 1 timer\n",
		" 99999999999999999999: 1 2 timer\n",
		" 36: 1x 2 timer\n",
	};
	struct irq irq;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(irq_line(bad[i], 2, &irq), -EINVAL);
	assert_int_equal(irq_cpus(""), 0);
	assert_int_equal(irq_cpus("CPU0 CPU1"), 0);
	assert_int_equal(irq_cpus("CPU0 GPU1\n"), 0);
	assert_int_equal(irq_cpus("\xff\xfe\n"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(softnets),
		cmocka_unit_test(softnet_runs_over),
		cmocka_unit_test(softnet_damaged),
		cmocka_unit_test(softnet_odd),
		cmocka_unit_test(speeds),
		cmocka_unit_test(irqs),
		cmocka_unit_test(irqs_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
