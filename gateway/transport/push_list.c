/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets of a push (gitprotocol-pack(5)):
 *
 *	*(PKT-LINE("shallow" SP oid))
 *	PKT-LINE(old SP new SP ref NUL capabilities)
 *	*(PKT-LINE(old SP new SP ref))
 *	flush
 *
 * A signed push (push-cert) holds its list inside a certificate and is not
 * carried.  A list may have fewer updates than the permit (git leaves out
 * what is rejected by a lease), none more, and each only once.
 */
#include "transport/push_list.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

#define MAX_LIST   (64u << 20) /* a mirror of 500,000 refs */
#define MAX_PACKET 65520       /* LARGE_PACKET_MAX of pkt-line.h */

struct push_list {
	const struct transport_permit *permit;
	char *bytes;
	size_t len, room, at; /* at: the next packet */
	size_t hex;	      /* digits of an oid, once one was seen */
	bool updates;	      /* the first has been seen */
	bool *done;	      /* of the permit's updates */
	size_t next;	      /* likely the next of them */
};

struct push_list *
push_list_new(void *ctx, const struct transport_permit *permit)
{
	struct push_list *l = talloc_zero(ctx, struct push_list);

	if (!l)
		BUG("out of memory");
	l->permit = permit;
	l->done = talloc_zero_array(l, bool, (unsigned)permit->nupdates + 1);
	if (!l->done)
		BUG("out of memory");
	return l;
}

static int
length_of(const char *p)
{
	int n = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			return -1;
		n = n * 16 + digit;
	}
	return n;
}

/* An oid at p: SHA-1 or SHA-256, all of one push alike. */
static bool
is_oid(struct push_list *l, const char *p, size_t left)
{
	size_t n = 0;

	while (n < left &&
	       ((p[n] >= '0' && p[n] <= '9') || (p[n] >= 'a' && p[n] <= 'f')))
		n++;
	if ((n != 40 && n != 64) || (l->hex && n != l->hex))
		return false;
	l->hex = n;
	return true;
}

static bool
is_value(const char *p, size_t n, const char *value)
{
	if (!value)
		return strspn(p, "0") >= n;
	return strlen(value) == n && memcmp(p, value, n) == 0;
}

static int
strange(struct err *e)
{
	return err_set(e, ERR_SYNTAX,
		       "the push does not begin with a list of updates that "
		       "git would send");
}

static bool
forwards(const struct permit_update *u, const char *old, size_t n)
{
	char was[65] = "";

	memcpy(was, old, n);
	return permit_forwards(u, was);
}

/* old SP new SP ref; the text ends in NUL. */
static int
update(struct push_list *l, char *p, size_t len, struct err *e)
{
	const struct transport_permit *permit = l->permit;
	char *old = p, *new, *ref;
	size_t n;

	if (!is_oid(l, p, len))
		return strange(e);
	n = l->hex;
	if (len < 2 * n + 3 || p[n] != ' ' ||
	    !is_oid(l, p + n + 1, len - n - 1) || p[2 * n + 1] != ' ')
		return strange(e);
	new = p + n + 1;
	ref = p + 2 * n + 2;
	for (size_t k = 0; k < permit->nupdates; k++) {
		size_t i = (l->next + k) % permit->nupdates;
		const struct permit_update *u = &permit->updates[i];

		if (l->done[i] || strcmp(u->ref, ref) != 0)
			continue;
		if (!is_value(new, n, u->will) ||
		    (!is_value(old, n, u->was) && !forwards(u, old, n)))
			return err_set(
			    e, ERR_UNKNOWN,
			    "%.200s was to go from %.12s to %.12s when the "
			    "push was judged, and now from %.12s to %.12s",
			    text_safe(l, ref), u->was ? u->was : "nothing",
			    u->will ? u->will : "nothing", old, new);
		l->done[i] = true;
		l->next = i + 1;
		return 0;
	}
	return err_set(e, ERR_UNKNOWN,
		       permit->nupdates
			   ? "the push would change %.200s, which was not "
			     "judged"
			   : "the push would change %.200s, where refs may "
			     "only be looked at",
		       text_safe(l, ref));
}

static bool
begins(const char *p, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(p, with, strlen(with)) == 0;
}

static int
packet(struct push_list *l, char *p, size_t len, struct err *e)
{
	char *text, *nul;
	int rc;

	if (begins(p, len, "push-cert"))
		return err_set(e, ERR_UNKNOWN,
			       "a signed push (--signed, push.gpgSign) is not "
			       "carried");
	if (len > 0 && p[len - 1] == '\n')
		len--;
	if (!l->updates && begins(p, len, "shallow ")) {
		if (!is_oid(l, p + 8, len - 8) || len != 8 + l->hex)
			return strange(e);
		return 0;
	}
	nul = memchr(p, '\0', len);
	if (nul && l->updates)
		return strange(e);
	if (nul) { /* the rest are capabilities, words of printable text */
		for (const char *c = nul + 1; c < p + len; c++)
			if (!isprint((unsigned char)*c))
				return strange(e);
		len = (size_t)(nul - p);
	}
	l->updates = true;
	text = talloc_strndup(l, p, len);
	if (!text)
		BUG("out of memory");
	rc = update(l, text, len, e);
	talloc_free(text);
	return rc;
}

int
push_list_add(struct push_list *l, const char *part, size_t n, struct err *e)
{
	int len, rc;

	if (n > MAX_LIST - l->len)
		return err_set(e, ERR_LIMIT,
			       "a list of updates that is too "
			       "long");
	if (l->len + n > l->room) {
		l->room = (l->len + n) * 2;
		l->bytes = talloc_realloc_size(l, l->bytes, l->room);
		if (!l->bytes)
			BUG("out of memory");
	}
	memcpy(l->bytes + l->len, part, n);
	l->len += n;
	while (l->len - l->at >= 4) {
		len = length_of(l->bytes + l->at);
		if (len == 0)
			return 1;
		if (len < 5 || len > MAX_PACKET)
			return strange(e);
		if ((size_t)len > l->len - l->at)
			return 0;
		rc = packet(l, l->bytes + l->at + 4, (size_t)len - 4, e);
		if (rc < 0)
			return rc;
		l->at += (size_t)len;
	}
	return 0;
}

const char *
push_list_bytes(const struct push_list *l, size_t *n)
{
	*n = l->len;
	return l->bytes;
}
