/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "make a secret gist of notes.md", "put notes.md into a public gist": the one
 * file that goes there has to be named, whole, and whether all may find it has
 * to be as was said.
 */
#include "base/listed.h"
#include "judge/object_work.h"
#include "judge/words_work.h"
#include <string.h>

static bool
is_gist(const char *word)
{
	return !strcmp(word, "gist");
}

/* "[a new secret] gist", from here on; *public: it says so.  Where the words
 * behind it begin; 0: there is none. */
static size_t
gist_at(const struct message *m, size_t at, size_t end, bool *public)
{
	static const char *const fill[] = {
	    "a",   "me",       "us",	 "new",	    "secret", "private",
	    "the", "unlisted", "github", "another", "one",    "public"};

	*public = false;
	while (at < end && !m->tokens[at].comma &&
	       is_one_of(m->low[at], fill, sizeof(fill) / sizeof(*fill))) {
		*public |= !strcmp(m->low[at], "public");
		at++;
	}
	return at < end && is_gist(m->low[at]) ? at + 1 : 0;
}

static size_t
skip(const struct message *m, size_t at, size_t end, const char *const *list,
     size_t n)
{
	while (at < end && !m->tokens[at].comma &&
	       is_one_of(m->low[at], list, n))
		at++;
	return at;
}

static bool
ends(const struct hearing *h, size_t at, size_t end)
{
	static const char *const not_yet[] = {"and",  "or",   "but", "if",
					      "when", "once", "plus"};

	return at == end ||
	       (h->m->tokens[at].comma && !token_is_name(&h->m->tokens[at])) ||
	       (object_mark(h, MARK_GLUE, at, end) > 0 &&
		!is_one_of(h->m->low[at], not_yet, 7));
}

bool
gist_asked(const struct hearing *h, const struct statement *t)
{
	static const char *const of[] = {"of",	"from", "with", "out",
					 "the", "my",	"file", "containing"};
	static const char *const into[] = {"in", "into", "as", "to"};
	static const char *const verbs[] = {"gist",    "create", "send", "push",
					    "publish", "write",	 "copy"};
	const struct message *m = h->m;
	size_t at = t->before.end, end = t->object.end, n;
	bool public = false;

	if (!is_one_of(t->verb->name, verbs, sizeof(verbs) / sizeof(*verbs)))
		return false;
	while (at < t->object.first && !gist_at(m, at, end, &public))
		at++;
	n = gist_at(m, at, end, &public);
	if (n) {
		at = skip(m, n, end, of, sizeof(of) / sizeof(*of));
		n = at < end ? object_at(h, at, end) : 0;
		at += n;
	} else {
		at = skip(m, at, end, of + 4, 3);
		n = at < end ? object_at(h, at, end) : 0;
		at += n;
		if (n && at < end && is_one_of(m->low[at], into, 4))
			at = gist_at(m, at + 1, end, &public);
		else
			n = 0;
		n = at ? n : 0;
	}
	return n && ends(h, at, end) &&
	       public == (h->d->kind == EFFECT_PUBLISH);
}
