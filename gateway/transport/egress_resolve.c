/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A name becomes addresses once, and every one of them is judged by what it
 * means: whichever way it was written (2130706433 and 0177.1 are 127.0.0.1),
 * and whatever it wraps (IPv4 inside of IPv6).
 */
#include "base/own.h"
#include "base/text.h"
#include "transport/egress.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where cloud machines read their identity: Amazon, Google, Azure (also
 * 168.63.129.16), Oracle, Alibaba, Tencent, and what containers get. */
static const char *const metadata[] = {
    "169.254.169.254", "169.254.170.2", "169.254.170.23",  "169.254.0.23",
    "168.63.129.16",   "192.0.0.192",	"100.100.100.200", "fd00:ec2::254",
    "fd00:ec2::23",    "fd20:ce::254",	"fe80::a9fe:a9fe", NULL,
};

static bool
in_net(uint32_t a, uint32_t net, int bits)
{
	return bits == 0 || (a ^ net) >> (32 - bits) == 0;
}

static bool
is_metadata(const char *text)
{
	for (size_t i = 0; metadata[i]; i++)
		if (strcmp(metadata[i], text) == 0)
			return true;
	return false;
}

static const char *
judge4(uint32_t a, bool named)
{
	if (in_net(a, 0x00000000, 8))
		return "unspecified";
	if (in_net(a, 0xe0000000, 4))
		return "a multicast address";
	if (in_net(a, 0xf0000000, 4))
		return "reserved or a broadcast address";
	if (in_net(a, 0x7f000000, 8) && !named)
		return "a loopback address";
	if (in_net(a, 0xa9fe0000, 16) && !named)
		return "a link-local address";
	return NULL;
}

static const char *
judge6(const struct in6_addr *a, bool named)
{
	if (IN6_IS_ADDR_UNSPECIFIED(a))
		return "unspecified";
	if (IN6_IS_ADDR_MULTICAST(a))
		return "a multicast address";
	if (IN6_IS_ADDR_LOOPBACK(a) && !named)
		return "a loopback address";
	/* means nothing without an interface, and the box has another */
	if (IN6_IS_ADDR_LINKLOCAL(a))
		return "a link-local address";
	return NULL;
}

/* The IPv4 address that an IPv6 address stands for: mapped and compatible
 * (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056). */
static bool
wrapped4(const struct in6_addr *a, uint32_t *v4)
{
	static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
	const uint8_t *b = a->s6_addr, *from = NULL;

	if (IN6_IS_ADDR_V4MAPPED(a) ||
	    (IN6_IS_ADDR_V4COMPAT(a) && !IN6_IS_ADDR_LOOPBACK(a)) ||
	    memcmp(b, nat64, sizeof(nat64)) == 0)
		from = b + 12;
	else if (b[0] == 0x20 && b[1] == 0x02)
		from = b + 2;
	if (!from)
		return false;
	memcpy(v4, from, 4);
	*v4 = ntohl(*v4);
	return true;
}

static bool
same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	if (a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)b)->sin_addr.s_addr;
	return a->sa_family == AF_INET6 &&
	       memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
		      &((const struct sockaddr_in6 *)b)->sin6_addr, 16) == 0;
}

static bool
is_own(const struct ifaddrs *own, const struct sockaddr *sa)
{
	for (; own; own = own->ifa_next)
		if (own->ifa_addr && same_address(own->ifa_addr, sa))
			return true;
	return false;
}

/* NULL when it may be dialled. */
static const char *
judge(const struct egress_target *t, const struct sockaddr *sa,
      const struct ifaddrs *own, const char *text)
{
	const char *bad;
	uint32_t v4;

	if (is_metadata(text) && !(t->named && strcmp(t->host, text) == 0))
		return "a metadata service";
	if (sa->sa_family == AF_INET) {
		v4 = ntohl(((const struct sockaddr_in *)sa)->sin_addr.s_addr);
		bad = judge4(v4, t->named);
	} else {
		const struct in6_addr *a =
		    &((const struct sockaddr_in6 *)sa)->sin6_addr;

		bad = judge6(a, t->named);
		if (!bad && wrapped4(a, &v4)) {
			struct in_addr in = {.s_addr = htonl(v4)};
			char inner[INET_ADDRSTRLEN];

			inet_ntop(AF_INET, &in, inner, sizeof(inner));
			/* no literal spells a wrapped one on purpose */
			bad = is_metadata(inner) ? "a metadata service"
						 : judge4(v4, false);
		}
	}
	if (!bad && !t->named && is_own(own, sa))
		bad = "an address of this machine";
	return bad;
}

static bool
is_literal(const char *host)
{
	uint8_t b[16];

	return inet_pton(AF_INET, host, b) == 1 ||
	       inet_pton(AF_INET6, host, b) == 1;
}

static int
check_name(void *ctx, const struct egress_target *t, struct err *e)
{
	const char *h = t->host;
	size_t len = h ? strlen(h) : 0, label = 0;
	bool first = true;

	if (len == 0)
		return err_set(e, ERR_SYNTAX, "no host is named");
	if (t->port == 0)
		return err_set(e, ERR_SYNTAX, "no port is named");
	if (is_literal(h))
		return 0;
	if (len > 253)
		return err_set(e, ERR_SYNTAX, "the host's name is too long");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)h[i];

		if (c == '.' && label > 0) {
			label = 0;
			first = false;
		} else if ((c < 128 && isalnum(c)) || (c == '-' && label > 0) ||
			   (c == '_' && first)) {
			if (++label > 63)
				return err_set(e, ERR_SYNTAX,
					       "not a host's name: %s",
					       text_safe(ctx, h));
		} else {
			return err_set(e, ERR_SYNTAX, "not a host's name: %s",
				       text_safe(ctx, h));
		}
	}
	return 0;
}

/* Mapped addresses become the IPv4 ones that they are. */
static void
normalise(struct sockaddr_storage *sa, socklen_t *len)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)sa;
	struct sockaddr_in four = {.sin_family = AF_INET};

	if (sa->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		return;
	four.sin_port = six->sin6_port;
	memcpy(&four.sin_addr, six->sin6_addr.s6_addr + 12, 4);
	memset(sa, 0, sizeof(*sa));
	memcpy(sa, &four, sizeof(four));
	*len = sizeof(four);
}

/* Is there a route?  connect(2) of a datagram socket sends nothing. */
static bool
has_route(const struct egress_address *a)
{
	int fd = socket(a->sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool yes;

	if (fd < 0)
		return false;
	yes = connect(fd, (const struct sockaddr *)&a->sa, a->len) == 0;
	close(fd);
	return yes;
}

/* Those without a route are left out, unless none has one: a client in the
 * box, where each has, would try them first. */
static size_t
keep_routed(struct egress_address *v, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (has_route(&v[i])) {
			struct egress_address a = v[i];

			v[i] = v[kept];
			v[kept++] = a;
		}
	return kept > 0 ? kept : n;
}

static int
add_address(void *ctx, const struct egress_target *t, const struct addrinfo *ai,
	    const struct ifaddrs *own, struct egress_address *v, size_t *n,
	    struct err *e)
{
	struct egress_address a = {.len = ai->ai_addrlen};
	const char *bad;
	char text[NI_MAXHOST];

	if ((ai->ai_family != AF_INET && ai->ai_family != AF_INET6) ||
	    ai->ai_addrlen > sizeof(a.sa))
		return 0;
	memcpy(&a.sa, ai->ai_addr, ai->ai_addrlen);
	normalise(&a.sa, &a.len);
	if (getnameinfo((struct sockaddr *)&a.sa, a.len, text, sizeof(text),
			NULL, 0, NI_NUMERICHOST) != 0)
		return err_set(e, ERR_SYSTEM, "%s has an unreadable address",
			       text_safe(ctx, t->host));
	bad = judge(t, (struct sockaddr *)&a.sa, own, text);
	if (bad)
		return err_set(e, ERR_UNKNOWN, "%s is not reached: %s is %s",
			       text_safe(ctx, t->host), text_safe(ctx, text),
			       bad);
	for (size_t i = 0; i < *n; i++)
		if (same_address((struct sockaddr *)&v[i].sa,
				 (struct sockaddr *)&a.sa))
			return 0;
	if (*n < EGRESS_ADDRESSES)
		v[(*n)++] = a;
	return 0;
}

int
egress_resolve(void *ctx, const struct egress_target *t,
	       struct egress_address **v, size_t *n, struct err *e)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list, *ai;
	struct ifaddrs *own = NULL;
	char port[8];
	int rc = check_name(ctx, t, e);

	*v = NULL;
	*n = 0;
	if (rc < 0)
		return rc;
	snprintf(port, sizeof(port), "%u", t->port);
	rc = getaddrinfo(t->host, port, &hints, &list);
	if (rc != 0)
		return err_set(e, ERR_SYSTEM, "Could not resolve host %s: %s",
			       text_safe(ctx, t->host),
			       rc == EAI_SYSTEM ? strerror(errno)
						: gai_strerror(rc));
	if (!t->named && getifaddrs(&own) < 0) {
		freeaddrinfo(list);
		return err_sys(e, "listing this machine's addresses");
	}
	*v = talloc_zero_array(ctx, struct egress_address, EGRESS_ADDRESSES);
	if (!*v)
		BUG("out of memory");
	rc = 0;
	for (ai = list; ai && rc == 0; ai = ai->ai_next)
		rc = add_address(ctx, t, ai, own, *v, n, e);
	freeaddrinfo(list);
	if (own)
		freeifaddrs(own);
	if (rc == 0 && *n == 0)
		rc = err_set(e, ERR_SYSTEM, "Could not resolve host %s",
			     text_safe(ctx, t->host));
	if (rc == 0)
		*n = keep_routed(*v, *n);
	else
		*n = 0;
	return rc;
}

char *
egress_hosts(void *ctx, const struct egress_target *t,
	     const struct egress_address *v, size_t n)
{
	char *s = talloc_strdup(ctx, "127.0.0.1\tlocalhost\n::1\tlocalhost\n");
	size_t len = strlen(t->host);
	char text[NI_MAXHOST];

	for (size_t i = 0; i < n && !is_literal(t->host) &&
			   strcasecmp(t->host, "localhost") != 0;
	     i++) {
		if (getnameinfo((const struct sockaddr *)&v[i].sa, v[i].len,
				text, sizeof(text), NULL, 0,
				NI_NUMERICHOST) != 0)
			continue;
		s = talloc_asprintf_append(s, "%s\t%s", text, t->host);
		/* looked up as it is written, and without the dot */
		if (len > 1 && t->host[len - 1] == '.')
			s = talloc_asprintf_append(s, " %.*s", (int)len - 1,
						   t->host);
		s = talloc_strdup_append(s, "\n");
	}
	if (!s)
		BUG("out of memory");
	return s;
}
