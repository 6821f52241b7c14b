/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTOMODE_SANDBOX_SECCOMP_H
#define AUTOMODE_SANDBOX_SECCOMP_H

#include "base/err.h"
#include <stddef.h>

/* The BPF program of a named filter ("base", "noinet"); built once and kept.
 * The list of calls is in seccomp.c, with a reason for each group. */
int seccomp_program(const char *name, const void **bytes, size_t *len,
		    struct err *e);

#endif
