/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_HOST_FACTS_CPU_MODEL_H
#define KTACH_HOST_FACTS_CPU_MODEL_H

#include <stddef.h>

/**
 * cpu_model() - what the CPUs are called
 * @text: /proc/cpuinfo
 * @model: filled: all kinds of cores, such as "Arm Cortex-A55, Arm Cortex-A76"; a
 *         board that has a name of its own is named behind them, in brackets
 * @size: room there
 *
 * Return: the name's length, 0 if nothing tells.
 */
size_t cpu_model(const char *text, char *model, size_t size);

#endif /* KTACH_HOST_FACTS_CPU_MODEL_H */
