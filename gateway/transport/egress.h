/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One host and one port, reachable from a box that has a network namespace
 * of its own and nothing else in it: a socket of ours listens inside at the
 * very address the name resolves to, and what connects there is relayed to
 * the address that was looked up and checked once.  Any TCP client works
 * unchanged, TLS and all; everything else is unreachable, and there is no
 * name server.  For all tools that speak to a host, not only git.
 *
 * How: setns(2) into the user and network namespaces of the box's first
 * process (we own them), the address as /32 (/128) on lo, bind, listen
 * (rtnetlink(7), ioctl_ns(2)).
 */
#ifndef AUTOMODE_TRANSPORT_EGRESS_H
#define AUTOMODE_TRANSPORT_EGRESS_H

#include "base/err.h"
#include "transport/loop.h"
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define EGRESS_ADDRESSES 16

struct egress_target {
	const char *host; /* name or literal address, without brackets */
	uint16_t port;
	/* The host is named by the person (a remote of the session's start, a
	 * profile): loopback and private addresses are then as good as any.
	 * Without it loopback, link-local, multicast, unspecified and the
	 * machine's own addresses are refused; private ranges (RFC 1918, RFC
	 * 4193) are not.  Metadata services (169.254.169.254, fd00:ec2::254
	 * and their like) are refused unless the host is that very literal
	 * and named. */
	bool named;
};

struct egress_address {
	struct sockaddr_storage sa;
	socklen_t len;
};

struct egress; /* opaque */

/* Looks the name up once (getaddrinfo(3), the person's resolver and
 * /etc/hosts), checks every address; negative with the reason when the name
 * is malformed (NUL, other than letters, digits, hyphen, dot, underscore in
 * the first label; over 253 bytes), does not resolve, or no address is
 * allowed: all must be allowed, or the name is refused (DNS rebinding). */
int egress_resolve(void *ctx, const struct egress_target *t,
		   struct egress_address **v, size_t *n, struct err *e);
/* Text for the box's /etc/hosts: localhost and the pinned name. */
char *egress_hosts(void *ctx, const struct egress_target *t,
		   const struct egress_address *v, size_t n);
/* The listeners, inside the namespaces of first (pid 1 of a box that is held
 * back); relays run on loop.  The first connection that a client makes dials
 * the pinned address it meant.  Counters are kept for egress_bytes(). */
int egress_listen(void *ctx, struct loop *l, pid_t first,
		  const struct egress_target *t, const struct egress_address *v,
		  size_t n, struct egress **out, struct err *e);
/* Nothing is dialled: what connects is accept's, descriptor and all. */
void
egress_serve(struct egress *g, void (*accept)(int fd, void *data), void *data);
/* Where nobody listens at an address of this machine, nobody does inside
 * either, until somebody does: a client is refused as it would be outside. */
void egress_like_outside(struct egress *g);
/* That nobody does, in the words of egress_failed(); NULL: somebody does. */
const char *egress_nobody_said(const struct egress *g);
/* Why the last dial failed ("connection refused by 10.0.0.1 port 22"), or
 * NULL; the client in the box sees a reset. */
const char *egress_failed(const struct egress *g);
void egress_bytes(const struct egress *g, uint64_t *sent, uint64_t *received);

/*
 * Two sockets (or pipes) joined in both directions with splice(2), without
 * SPLICE_F_MORE, half-close kept.  Used by egress and by the brokers.  Owns
 * a and b.  done is called once, after both directions have ended (or one has
 * broken: the other side then sees a reset); the relay frees itself when it
 * returns.  Sockets become non-blocking; SIGPIPE is ignored from here on.
 */
struct relay;
struct relay *
relay_start(void *ctx, struct loop *l, int a, int b,
	    void (*done)(struct relay *r, void *data), void *data);
void relay_bytes(const struct relay *r, uint64_t *a_to_b, uint64_t *b_to_a);

#endif
