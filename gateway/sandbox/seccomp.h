/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTOMODE_SANDBOX_SECCOMP_H
#define AUTOMODE_SANDBOX_SECCOMP_H

#include "base/err.h"
#include <stddef.h>

/*
 * The BPF program of a named filter; built once and kept.  They differ in the
 * sockets they let be made:
 *	base	 Unix, IPv4, IPv6, netlink; in a network namespace of its own
 *	inet	 as base without netlink; for boxes whose helper watches
 *	noinet	 Unix only
 *	nosocket none; Unix sockets in the abstract name space are reachable
 *		 in a box without a network namespace, so where no foreign
 *		 code is expected there is none at all
 * The list of calls is in seccomp.c, with a reason for each group.
 */
int seccomp_program(const char *name, const void **bytes, size_t *len,
		    struct err *e);

#endif
