/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTACH_LIB_KERNEL_BPF_LOG_H
#define KTACH_LIB_KERNEL_BPF_LOG_H

/* What libbpf says goes to the log, as debug messages. */
void bpf_log_init(void);

#endif /* KTACH_LIB_KERNEL_BPF_LOG_H */
