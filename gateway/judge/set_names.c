/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a set that look like names: globs, prefixes, ranges, numbers. */
#include "base/listed.h"
#include "base/path.h"
#include "judge/names.h"
#include "judge/set_work.h"
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>
#include <talloc.h>

static bool
is_glob(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

static const char *const within[] = {"in", "under", "below", "inside", "from"};

/* "the tags for 4.0" are 4.0-rc1, and no 4.0.1. */
static bool
of_version(const char *name, const char *version)
{
	size_t n = strlen(version);

	for (const char *p = name; (p = strstr(p, version)); p++)
		if ((p == name || !strchr("0123456789.", p[-1])) &&
		    !(p[n] && strchr("0123456789.", p[n])))
			return true;
	return false;
}

static bool
is_version(const char *s)
{
	return isdigit((unsigned char)*s) && strchr(s, '.') &&
	       !s[strspn(s, "0123456789.")];
}

/* "the __pycache__ ones" */
static bool
says_ones(const struct message *m, size_t at)
{
	return at + 1 < m->ntokens && !m->tokens[at + 1].comma &&
	       !strcmp(m->low[at + 1], "ones");
}

/* A word that looks like a name: a glob, a prefix, a ticket.  Another object's
 * plain name narrows nothing and holds nothing. */
static void
take_name(struct set *t, const struct message *m, size_t i, size_t first,
	  const struct deed *d)
{
	const char *raw = m->tokens[i].raw;
	size_t n = strlen(raw);
	bool prefix = n && raw[n - 1] == '/';

	/* "discard all changes and go back to origin/main" */
	if (!d->text && !d->object && i > first &&
	    (!strcmp(m->low[i - 1], "to") || !strncmp(raw, "origin/", 7)))
		return;
	t->narrowed = true;
	/* "PROJ-31's branch" */
	if (n > 2 && !strcmp(raw + n - 2, "'s") && isupper((unsigned char)*raw))
		raw = talloc_strndup(m->tokens, raw, n - 2), n -= 2;
	if (i > first &&
	    (!strcmp(m->low[i - 1], "with") ||
	     !strcmp(m->low[i - 1], "under") ||
	     !strcmp(m->low[i - 1], "prefix") ||
	     !strcmp(m->low[i - 1], "below") || !strcmp(m->low[i - 1], "in")))
		prefix |= raw[n - 1] == '-' || raw[n - 1] == '_';
	if (!d->text)
		set_fails(t, TRUTH_UNKNOWN, "its name is not known");
	else if (i > first && *raw == '/' && *d->text == '/' &&
		 is_one_of(m->low[i - 1], within, 5))
		set_fails(t,
			  (prefix ? !strncmp(d->text, raw, n)
			   : is_glob(raw)
			       ? fnmatch(raw, d->text,
					 FNM_PATHNAME | FNM_LEADING_DIR) == 0
			       : path_is_under(d->text, raw) &&
				     strcmp(d->text, raw) != 0)
			      ? TRUTH_YES
			      : TRUTH_NO,
			  "it lies elsewhere");
	else if (*raw == '.' && isalpha((unsigned char)raw[1]) &&
		 !strchr(raw, '/') && name_in_place(m, first, i, d))
		set_fails(t, name_ends(d, raw) ? TRUTH_YES : TRUTH_NO,
			  "its name ends otherwise");
	else if (is_glob(raw))
		set_fails(t,
			  fnmatch(raw, d->text, 0) == 0 ||
				  (!strchr(raw, '/') &&
				   name_in_place(m, first, i, d) &&
				   fnmatch(raw, path_base(d->text), 0) == 0)
			      ? TRUTH_YES
			      : TRUTH_NO,
			  "its name does not match");
	else if (prefix)
		set_fails(t, name_begins(d, raw) ? TRUTH_YES : TRUTH_NO,
			  "its name begins otherwise");
	else if (i > first && is_version(raw) &&
		 (!strcmp(m->low[i - 1], "for") ||
		  !strcmp(m->low[i - 1], "of")))
		set_fails(t, of_version(d->text, raw) ? TRUTH_YES : TRUTH_NO,
			  "it is of another version");
	else if (says_ones(m, i) && *d->text == '/' &&
		 name_in_place(m, first, i, d))
		set_fails(
		    t, !strcmp(path_base(d->text), raw) ? TRUTH_YES : TRUTH_NO,
		    "those words name another");
	else if (raw[strspn(raw, "#0123456789")] == '\0' ||
		 (isupper((unsigned char)*raw) && strchr(raw, '-')))
		set_fails(t,
			  name_has_number(d->text, raw + strspn(raw, "#"))
			      ? TRUTH_YES
			      : TRUTH_NO,
			  "it has not that number");
	else
		set_fails(t, TRUTH_NO, "those words name another");
}

/* "90210 to 90214", "8081-8085", "rc1..rc4": how many words. */
static size_t
take_range(void *ctx, struct set *t, const struct message *m, size_t i,
	   size_t end, const struct deed *d)
{
	static const char *const joints[] = {
	    "to",    "through", "thru", "until", "till", "-",
	    "up to", "..",	".",	"...",	 "and"};
	char *low = talloc_strdup(ctx, m->tokens[i].raw), *high;
	size_t used = 1;
	bool in = false;

	if (!low)
		BUG("out of memory");
	high = strstr(low, "..");
	if (high) {
		*high = '\0';
		high += 2 + strspn(high + 2, ".");
	} else if (strchr(low, '-') && !low[strspn(low, "0123456789-")]) {
		high = strchr(low, '-');
		*high++ = '\0';
	} else if (i + 2 < end &&
		   is_one_of(
		       m->low[i + 1], joints,
		       sizeof(joints) / sizeof(*joints) -
			   !(i > 0 && !strcmp(m->low[i - 1], "between")))) {
		high = talloc_strdup(ctx, m->tokens[i + 2].raw);
		used = 3;
	} else if (i + 3 < end && !strcmp(m->low[i + 1], "up") &&
		   !strcmp(m->low[i + 2], "to")) {
		high = talloc_strdup(ctx, m->tokens[i + 3].raw);
		used = 4;
	} else if (i + 1 < end && m->tokens[i + 1].dash) {
		high = talloc_strdup(ctx, m->tokens[i + 1].raw);
		used = 2;
	}
	if (!high || !low[name_number(low)] || !high[name_number(high)])
		return 0;
	/* "v1..3" */
	if (!name_number(high) && name_number(low))
		high = talloc_asprintf(ctx, "%.*s%s", (int)name_number(low),
				       low, high);
	if (!name_between(high, low, high))
		return 0;
	for (size_t k = 0; k < d->nnames; k++)
		in |= name_between(d->names[k], low, high);
	t->narrowed = true;
	set_fails(t, in ? TRUTH_YES : TRUTH_NO, "it is not within that range");
	return used;
}

/* Behind the name before at in a list: where the next one stands; 0: the list
 * is over. */
static size_t
next_of_list(const struct vocabulary *v, const struct message *m, size_t at,
	     size_t end, const struct deed *d)
{
	static const char *const joints[] = {"and", "or", "&", "plus"};
	static const char *const again[] = {"for", "the", "all", "also"};
	bool joined = false, path = strchr("/~", *m->tokens[at - 1].raw);

	while (at < end && is_one_of(m->low[at], joints, 4))
		joined = true, at++;
	while (joined && at < end &&
	       (is_one_of(m->low[at], again, 4) ||
		set_noun_fits(v, m->low + at, 1, d)))
		at++;
	/* "in /srv/x (core.?)" narrows */
	if (at >= end || !token_is_name(&m->tokens[at]) || m->tokens[at].item ||
	    !strchr("/~", *m->tokens[at].raw) == path ||
	    (d->remote && !strcmp(m->tokens[at].raw, d->remote)))
		return 0;
	return joined || m->tokens[at].comma ? at : 0;
}

/* "spike-? and poc-?", "PROJ-1, PROJ-2": what one of them holds, the list
 * holds.  How many words. */
size_t
set_take_names(void *ctx, struct set *t, const struct vocabulary *v,
	       const struct message *m, size_t i, struct span s,
	       const struct deed *d)
{
	struct set best = {.holds = TRUTH_NO}, one;
	size_t at = i, next = i, used;
	bool place = i > s.first && is_one_of(m->low[i - 1], within, 5);

	do {
		one = (struct set){.holds = TRUTH_YES};
		t->globbed |= is_glob(m->tokens[next].raw);
		used = take_range(ctx, &one, m, next, s.end, d);
		if (used == 0) {
			take_name(&one, m, next, s.first, d);
			used = 1;
		}
		/* "in /srv/a and /srv/b" */
		if (place && next > i && d->text && *d->text == '/' &&
		    path_is_under(d->text, m->tokens[next].raw) &&
		    strcmp(d->text, m->tokens[next].raw) != 0)
			one.holds = TRUTH_YES;
		if (next == i || best.holds == TRUTH_NO ||
		    one.holds == TRUTH_YES)
			best = one;
		if (best.holds == TRUTH_YES)
			best.why = NULL;
		at = next + used;
		next = next_of_list(v, m, at, s.end, d);
	} while (next);
	t->narrowed = true;
	set_fails(t, best.holds, best.why);
	return at - i;
}
