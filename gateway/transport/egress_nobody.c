/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether anybody listens at an address of loopback.  Told without a
 * connection where it can be: a server that serves one client would have had
 * it.
 */
#include "base/own.h"
#include "transport/egress_private.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define SOON_MS 1000 /* the kernel's own answer, on a machine that is busy */

static bool
is_loopback(const struct egress_address *a)
{
	const struct sockaddr_in *v4 = (const void *)&a->sa;
	const struct sockaddr_in6 *v6 = (const void *)&a->sa;

	if (a->sa.ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return a->sa.ss_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static unsigned
port_of(const struct egress_address *a)
{
	const struct sockaddr_in *v4 = (const void *)&a->sa;

	return ntohs(v4->sin_port); /* in6: at the same place */
}

/* proc_net_tcp: in words of the host's order; [::] takes IPv4 as well. */
static bool
covers(const char *hex, const struct egress_address *a)
{
	const struct sockaddr_in *v4 = (const void *)&a->sa;
	const struct sockaddr_in6 *v6 = (const void *)&a->sa;
	char own[33], mapped[33];
	uint32_t w[4];

	if (strspn(hex, "0") == strlen(hex))
		return strlen(hex) == 32 || a->sa.ss_family == AF_INET;
	if (a->sa.ss_family == AF_INET) {
		snprintf(own, sizeof(own), "%08X", v4->sin_addr.s_addr);
		snprintf(mapped, sizeof(mapped), "0000000000000000%08X%08X",
			 htonl(0xffff), v4->sin_addr.s_addr);
		return !strcmp(hex, own) || !strcmp(hex, mapped);
	}
	memcpy(w, &v6->sin6_addr, sizeof(w));
	snprintf(own, sizeof(own), "%08X%08X%08X%08X", w[0], w[1], w[2], w[3]);
	return !strcmp(hex, own);
}

static bool
listed(const char *table, const struct egress_address *a)
{
	FILE *f = fopen(table, "re");
	char line[512], hex[40];
	unsigned port, state;
	bool found = !f; /* not known */

	while (!found && f && fgets(line, sizeof(line), f))
		found =
		    sscanf(line, " %*u: %39[0-9A-F]:%4X %*[0-9A-F]:%*4X %2X",
			   hex, &port, &state) == 3 &&
		    state == 10 /* TCP_LISTEN */ && port == port_of(a) &&
		    covers(hex, a);
	if (f)
		fclose(f);
	return found;
}

/* A rule of the machine's may take the connection elsewhere. */
static bool
refuses(const struct egress_address *a)
{
	int fd OWNED_FD = socket(a->sa.ss_family,
				 SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t len = sizeof(error);

	if (fd < 0)
		return false;
	if (connect(fd, (const struct sockaddr *)&a->sa, a->len) == 0)
		return false;
	if (errno != EINPROGRESS)
		return errno == ECONNREFUSED;
	return poll(&p, 1, SOON_MS) == 1 &&
	       getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
	       error == ECONNREFUSED;
}

bool
egress_listed(const struct egress_address *a)
{
	return listed("/proc/net/tcp", a) || listed("/proc/net/tcp6", a);
}

bool
egress_nobody(const struct egress_address *a)
{
	return is_loopback(a) && !egress_listed(a) && refuses(a);
}
