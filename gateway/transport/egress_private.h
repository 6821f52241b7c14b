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
/* egress_nobody.c: an address of loopback where nobody listens: the kernel
 * lists no socket (proc_net_tcp(5)) and a connection is refused. */
bool egress_nobody(const struct egress_address *a);
/* The kernel lists one.  Makes no connection: to be asked again and again,
 * until a server is there that may serve a single client. */
bool egress_listed(const struct egress_address *a);
#define EGRESS_BACKLOG 64

#endif
