/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire form of ssh, and what an agent of ours signs: to log in, or for
 * git.  Everything else that a key could vouch for (a host key, another
 * protocol's challenge) is refused.
 */
#include "transport/agent_private.h"
#include <string.h>

#define USERAUTH_REQUEST 50
#define CERTIFICATE	 "-cert-v01@openssh.com"

uint8_t
wire_byte(struct wire *w)
{
	if (w->bad || w->left < 1) {
		w->bad = true;
		return 0;
	}
	w->left--;
	return *w->p++;
}

uint32_t
wire_u32(struct wire *w)
{
	uint32_t n;

	if (w->bad || w->left < 4) {
		w->bad = true;
		return 0;
	}
	n = (uint32_t)w->p[0] << 24 | (uint32_t)w->p[1] << 16 |
	    (uint32_t)w->p[2] << 8 | w->p[3];
	w->p += 4;
	w->left -= 4;
	return n;
}

struct wire_bytes
wire_string(struct wire *w)
{
	struct wire_bytes b = {0};
	uint32_t n = wire_u32(w);

	if (w->bad || n > w->left) {
		w->bad = true;
		return b;
	}
	b.p = w->p;
	b.len = n;
	w->p += n;
	w->left -= n;
	return b;
}

bool
wire_done(const struct wire *w)
{
	return !w->bad && w->left == 0;
}

bool
wire_is(struct wire_bytes b, const char *text)
{
	return b.p && b.len == strlen(text) && memcmp(b.p, text, b.len) == 0;
}

bool
wire_same(struct wire_bytes a, struct wire_bytes b)
{
	return a.p && b.p && a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

/* ssh logs in with a certificate and signs with the plain key when the agent
 * has that: type, nonce, then the fields of the plain key. */
static bool
certifies(struct wire_bytes certificate, struct wire_bytes plain)
{
	struct wire c = {.p = certificate.p, .left = certificate.len};
	struct wire k = {.p = plain.p, .left = plain.len};
	struct wire_bytes ctype = wire_string(&c), ktype = wire_string(&k);
	size_t tail = strlen(CERTIFICATE);

	wire_string(&c); /* nonce */
	return !c.bad && !k.bad && ctype.len == ktype.len + tail &&
	       memcmp(ctype.p, ktype.p, ktype.len) == 0 &&
	       memcmp(ctype.p + ktype.len, CERTIFICATE, tail) == 0 &&
	       k.left > 0 && c.left > k.left && memcmp(c.p, k.p, k.left) == 0;
}

static bool
one_of(struct wire_bytes user, const char *const *users)
{
	if (!users)
		return true;
	for (; *users; users++)
		if (wire_is(user, *users))
			return true;
	return false;
}

bool
agent_data_login(struct wire_bytes data, struct wire_bytes key,
		 const char *const *users)
{
	struct wire w = {.p = data.p, .left = data.len};
	struct wire_bytes session = wire_string(&w), user, service, method,
			  algorithm, blob;
	uint8_t type = wire_byte(&w), signature;

	user = wire_string(&w);
	service = wire_string(&w);
	method = wire_string(&w);
	signature = wire_byte(&w);
	algorithm = wire_string(&w);
	blob = wire_string(&w);
	if (wire_is(method, "publickey-hostbound-v00@openssh.com"))
		wire_string(&w); /* the host's key */
	else if (!wire_is(method, "publickey"))
		return false;
	/* a session id is a hash; SHA-1's is the shortest */
	return wire_done(&w) && session.len >= 20 && session.len <= 64 &&
	       type == USERAUTH_REQUEST && signature == 1 &&
	       algorithm.len > 0 && wire_is(service, "ssh-connection") &&
	       one_of(user, users) &&
	       (wire_same(blob, key) || certifies(blob, key));
}

bool
agent_data_git(struct wire_bytes data)
{
	struct wire w = {.p = data.p, .left = data.len};
	struct wire_bytes space, reserved, hash, digest;

	if (data.len < 6 || memcmp(data.p, "SSHSIG", 6) != 0)
		return false;
	w.p += 6;
	w.left -= 6;
	space = wire_string(&w);
	reserved = wire_string(&w);
	hash = wire_string(&w);
	digest = wire_string(&w);
	return wire_done(&w) && wire_is(space, "git") && reserved.len == 0 &&
	       ((wire_is(hash, "sha256") && digest.len == 32) ||
		(wire_is(hash, "sha512") && digest.len == 64));
}

bool
agent_data_bind(struct wire_bytes contents)
{
	struct wire w = {.p = contents.p, .left = contents.len};
	struct wire_bytes name = wire_string(&w);
	bool forwarding;

	wire_string(&w); /* host key */
	wire_string(&w); /* session id */
	wire_string(&w); /* signature */
	forwarding = wire_byte(&w) != 0;
	return wire_done(&w) && wire_is(name, AGENT_BIND_HOST_KEY) &&
	       !forwarding;
}
