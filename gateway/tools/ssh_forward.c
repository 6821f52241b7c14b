/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tunnels of ssh -L: behind the person's own host they usually end in that
 * host's net.  One that ends at anybody's host makes a port of this machine
 * of it, and what goes to this machine is looked at less.
 */
#include "tools/ssh_line.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <talloc.h>

static bool
is_private4(uint32_t n)
{
	return n >> 24 == 10 || n >> 24 == 127 || n >> 20 == 0xac1 ||
	       n >> 16 == 0xc0a8 || n >> 22 == 0x191 || n == 0;
}

/* An address, in any form; *private: of a net of one's own. */
static bool
is_address(const char *host, bool *private)
{
	struct in6_addr a6;
	struct in_addr a4;
	uint32_t n;

	if (inet_aton(host, &a4)) {
		*private = is_private4(ntohl(a4.s_addr));
		return true;
	}
	if (inet_pton(AF_INET6, host, &a6) != 1)
		return false;
	memcpy(&n, &a6.s6_addr[12], sizeof(n));
	*private = IN6_IS_ADDR_V4MAPPED(&a6) ? is_private4(ntohl(n))
					     : IN6_IS_ADDR_LOOPBACK(&a6) ||
						   IN6_IS_ADDR_LINKLOCAL(&a6) ||
						   a6.s6_addr[0] >> 1 == 0x7e;
	return true;
}

static bool
ends(const char *host, const char *with)
{
	size_t n = strlen(host), m = strlen(with);

	return n > m && !strcmp(host + n - m, with);
}

/* Names that only a net of one's own knows, and databases that a cloud rents
 * out, for which such tunnels are made. */
static bool
is_inside(const char *host)
{
	static const char *const names[] = {".internal",
					    ".local",
					    ".lan",
					    ".corp",
					    ".home",
					    ".intra",
					    ".intranet",
					    ".private",
					    ".home.arpa",
					    ".svc",
					    ".rds.amazonaws.com",
					    ".cache.amazonaws.com",
					    ".docdb.amazonaws.com",
					    ".database.azure.com",
					    ".database.windows.net"};
	bool private = false;

	if (is_address(host, &private))
		return private;
	if (!strchr(host, '.'))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ends(host, names[i]))
			return true;
	return false;
}

/* [bind:]port:host:hostport, socket:host:hostport; a path at the end means a
 * socket there. */
void
ssh_forward(struct ssh_line *l, const char *value)
{
	const char *last = strrchr(value, ':'), *from;
	char *host;

	if (!last || last == value || strchr(last, '/'))
		return;
	from = last;
	if (last[-1] == ']') {
		while (from > value && *from != '[')
			from--;
	} else {
		while (from > value && from[-1] != ':')
			from--;
	}
	host = talloc_strndup(l->c->ctx, from, (size_t)(last - from));
	if (!host)
		BUG("out of memory");
	sender_says(&l->s, host, "-L");
	if (!is_inside(host) && sender_scope(&l->s, host, 0) == SCOPE_FOREIGN)
		l->beyond = host;
}
