// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "host/arm_part.h"
#include "host/facts.h"

/* Main ID register, as the makers' manuals have it. */
static const struct {
	uint32_t implementer;
	uint32_t part;
	const char *name;
} parts[] = {
	{ 0x41, 0xd03, "Arm Cortex-A53" },
	{ 0x41, 0xd04, "Arm Cortex-A35" },
	{ 0x41, 0xd05, "Arm Cortex-A55" },
	{ 0x41, 0xd07, "Arm Cortex-A57" },
	{ 0x41, 0xd08, "Arm Cortex-A72" },
	{ 0x41, 0xd09, "Arm Cortex-A73" },
	{ 0x41, 0xd0a, "Arm Cortex-A75" },
	{ 0x41, 0xd0b, "Arm Cortex-A76" },
	{ 0x41, 0xd0c, "Arm Neoverse-N1" },
	{ 0x41, 0xd0d, "Arm Cortex-A77" },
	{ 0x41, 0xd40, "Arm Neoverse-V1" },
	{ 0x41, 0xd41, "Arm Cortex-A78" },
	{ 0x41, 0xd44, "Arm Cortex-X1" },
	{ 0x41, 0xd46, "Arm Cortex-A510" },
	{ 0x41, 0xd47, "Arm Cortex-A710" },
	{ 0x41, 0xd49, "Arm Neoverse-N2" },
	{ 0x41, 0xd4a, "Arm Neoverse-E1" },
	{ 0x41, 0xd4f, "Arm Neoverse-V2" },
	{ 0x41, 0xd83, "Arm Neoverse-V3AE" },
	{ 0x41, 0xd84, "Arm Neoverse-V3" },
	{ 0x41, 0xd8e, "Arm Neoverse-N3" },
	{ 0x43, 0x0a1, "Cavium ThunderX" },
	{ 0x43, 0x0af, "Cavium ThunderX2" },
	{ 0x46, 0x001, "Fujitsu A64FX" },
	{ 0x48, 0xd01, "HiSilicon Kunpeng-920" },
	{ 0xc0, 0xac3, "Ampere-1" },
	{ 0xc0, 0xac4, "Ampere-1A" },
};

const char *arm_part_name(uint32_t implementer, uint32_t part)
{
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i].implementer == implementer &&
		    parts[i].part == part)
			return parts[i].name;
	return NULL;
}

/* "0xd08", and the newline behind it: what was cut off is another part. */
static int take_hex(const char *text, const char *name, uint32_t *value)
{
	size_t size;
	const char *at = fact_line(text, name, &size);
	unsigned long v;
	char *end;

	if (!at || strncmp(at, "0x", 2))
		return -1;
	v = strtoul(at, &end, 16);
	if (end != at + size || v > UINT16_MAX)
		return -1;
	*value = (uint32_t)v;
	return 0;
}

const char *arm_part_of(const char *cpuinfo)
{
	uint32_t implementer, part;

	if (take_hex(cpuinfo, "CPU implementer\t: ", &implementer) ||
	    take_hex(cpuinfo, "CPU part\t: ", &part))
		return NULL;
	return arm_part_name(implementer, part);
}
