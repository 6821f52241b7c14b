/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this a commit or a tag, as git 2.39 writes them (commit.c, tag.c)?
 * Nothing else gets a signature: a key may vouch for more than history.
 */
#include "transport/sign_private.h"
#include <ctype.h>
#include <string.h>

struct text {
	const char *at, *end;
};

/* The rest of the line that begins so; false where it does not. */
static bool
line(struct text *t, const char *begin, const char **rest, size_t *len)
{
	size_t n = strlen(begin);
	const char *eol;

	if ((size_t)(t->end - t->at) < n || memcmp(t->at, begin, n) != 0)
		return false;
	*rest = t->at + n;
	eol = memchr(*rest, '\n', (size_t)(t->end - *rest));
	if (!eol)
		return false;
	*len = (size_t)(eol - *rest);
	t->at = eol + 1;
	return true;
}

static bool
oid(struct text *t, const char *begin)
{
	const char *s;
	size_t n;

	if (!line(t, begin, &s, &n) || (n != 40 && n != 64))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isdigit((unsigned char)s[i]) && (s[i] < 'a' || s[i] > 'f'))
			return false;
	return true;
}

/* "Name <mail> 1700000000 +0100" */
static bool
person(struct text *t, const char *begin)
{
	const char *s, *mail;
	size_t n;

	if (!line(t, begin, &s, &n))
		return false;
	mail = memrchr(s, '>', n);
	if (!mail || !memchr(s, '<', (size_t)(mail - s)) || mail + 2 >= s + n ||
	    mail[1] != ' ')
		return false;
	for (mail += 2; mail < s + n; mail++)
		if (!isdigit((unsigned char)*mail) && !strchr(" +-", *mail))
			return false;
	return true;
}

static bool
is_commit(struct text t)
{
	const char *s;
	size_t n;

	if (!oid(&t, "tree "))
		return false;
	while (oid(&t, "parent "))
		;
	if (!person(&t, "author ") || !person(&t, "committer "))
		return false;
	/* encoding, mergetag with its lines, and what others have added */
	while (t.at < t.end && *t.at != '\n')
		if (!line(&t, "", &s, &n) || n < 1)
			return false;
	return t.at < t.end;
}

static bool
is_tag(struct text t)
{
	static const char *const types[] = {"commit", "tree", "blob", "tag"};
	const char *s;
	bool known = false;
	size_t n;

	if (!oid(&t, "object ") || !line(&t, "type ", &s, &n))
		return false;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		known =
		    known || (strlen(types[i]) == n && !memcmp(types[i], s, n));
	return known && line(&t, "tag ", &s, &n) && n > 0 &&
	       person(&t, "tagger ") && t.at < t.end && *t.at == '\n';
}

bool
sign_is_object(const char *bytes, size_t len)
{
	struct text t = {.at = bytes, .end = bytes + len};

	return is_commit(t) || is_tag(t);
}
