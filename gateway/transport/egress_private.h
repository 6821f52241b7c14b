/* SPDX-License-Identifier: Apache-2.0 */
/* Between egress.c and egress_inside.c. */
#ifndef AUTOMODE_TRANSPORT_EGRESS_PRIVATE_H
#define AUTOMODE_TRANSPORT_EGRESS_PRIVATE_H

#include "transport/egress.h"

/* Listening sockets, non-blocking, in the network namespace of first:
 * fds[i] for v[i], or -1 where the box's kernel would not have it (IPv6
 * switched off).  Negative when there is none at all. */
int egress_inside(pid_t first, const struct egress_address *v, size_t n,
		  int *fds, struct err *e);

#endif
