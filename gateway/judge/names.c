/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/names.h"
#include "base/listed.h"
#include "base/path.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>

bool
name_has_number(const char *text, const char *part)
{
	size_t n = strlen(part);

	for (const char *p = text; (p = strcasestr(p, part)); p++)
		if ((p == text || !isalnum((unsigned char)p[-1])) &&
		    !isalnum((unsigned char)p[n]))
			return true;
	return false;
}

bool
name_is_measure(const char *s)
{
	static const char *const units[] = {
	    "b",  "k",	"kb", "kib",  "m",   "mb", "mib", "g",	 "gb", "gib",
	    "t",  "tb", "s",  "ms",   "min", "h",  "hr",  "hrs", "d",  "am",
	    "pm", "x",	"%",  "days", "st",  "nd", "rd",  "th",	 "$",  "lines"};
	size_t n;

	s += strspn(s, "~<>+$");
	n = strspn(s, "0123456789.,");
	for (size_t i = 0; n && i < sizeof(units) / sizeof(*units); i++)
		if (!strcasecmp(s + n, units[i]))
			return true;
	return false;
}

bool
name_in_place(const struct message *m, size_t first, size_t at,
	      const struct deed *d)
{
	bool said = false;

	for (size_t i = first; i < m->ntokens && i < at + 6; i++) {
		said |= m->tokens[i].raw[0] == '/';
		if (m->tokens[i].raw[0] == '/' && *d->text == '/' &&
		    path_is_under(d->text, m->tokens[i].raw))
			return true;
	}
	/* "in /srv/x remove the .tmp files" */
	for (size_t i = first; !said && i > 0 && !m->tokens[i].begins; i--)
		if (m->tokens[i - 1].raw[0] == '/' && *d->text == '/')
			return path_is_under(d->text, m->tokens[i - 1].raw);
	return false;
}

bool
name_begins(const struct deed *d, const char *prefix)
{
	size_t n = strlen(prefix);

	if (!strncmp(d->text, prefix, n))
		return true;
	for (size_t k = 0; k < d->nnames; k++)
		if (!strncmp(d->names[k], prefix, n))
			return true;
	return false;
}

enum affix {
	AFFIX_NONE = 0,
	AFFIX_FIRST,
	AFFIX_LAST,
	AFFIX_PART,
	AFFIX_WHOLE, /* "named core" */
};

static enum affix
affix_at(const char *word)
{
	static const char *const first[] = {
	    "starting",	 "start",    "starts",	 "begin",  "begins",
	    "beginning", "begining", "prefixed", "prefix", "prefixes"};
	static const char *const last[] = {"ending", "end", "ends", "suffix",
					   "suffixed"};
	static const char *const part[] = {"containing", "contain", "contains"};

	if (is_one_of(word, first, sizeof(first) / sizeof(*first)))
		return AFFIX_FIRST;
	if (is_one_of(word, last, sizeof(last) / sizeof(*last)))
		return AFFIX_LAST;
	if (!strcmp(word, "named") || !strcmp(word, "called"))
		return AFFIX_WHOLE;
	return is_one_of(word, part, sizeof(part) / sizeof(*part)) ? AFFIX_PART
								   : AFFIX_NONE;
}

static bool
has_affix(const struct deed *d, enum affix affix, const char *word)
{
	const char *base = d->text ? path_base(d->text) : NULL;
	size_t n = strlen(word);

	if (!base)
		return false;
	switch (affix) {
	case AFFIX_FIRST:
		return name_begins(d, word) || !strncmp(base, word, n);
	case AFFIX_LAST:
		return name_ends(d, word);
	case AFFIX_WHOLE:
		return !strcmp(base, word);
	default:
		return strstr(d->text, word) != NULL;
	}
}

size_t
name_affix(const struct message *m, struct span s, size_t at,
	   const struct deed *d, bool *holds)
{
	static const char *const fill[] = {
	    "with",   "in",	"by",	  "the",  "a",	    "an",
	    "prefix", "suffix", "string", "word", "letter", "either"};
	static const char *const joints[] = {"or", "and"};
	static const char *const their[] = {"the", "their", "its", "branch"};
	enum affix affix = affix_at(m->low[at]);
	size_t i = at + 1, next;

	/* "with wip in the name" */
	if (!strcmp(m->low[at], "with") && at + 3 < s.end &&
	    !strcmp(m->low[at + 2], "in")) {
		next = at + 3;
		while (next < s.end && is_one_of(m->low[next], their, 4))
			next++;
		if (next == s.end || strncmp(m->low[next], "name", 4) != 0)
			return 0;
		*holds = has_affix(d, AFFIX_PART, m->tokens[at + 1].raw);
		return next + 1 - at;
	}
	if (affix == AFFIX_NONE)
		return 0;
	while (i < s.end && is_one_of(m->low[i], fill, 12))
		i++;
	/* "start x": no part of a name */
	if (i == s.end ||
	    (i == at + 1 && affix != AFFIX_PART && affix != AFFIX_WHOLE))
		return 0;
	/* others are read as names */
	if (affix == AFFIX_WHOLE && token_is_name(&m->tokens[i]))
		return 0;
	*holds = has_affix(d, affix, m->tokens[i].raw);
	for (next = i + 1; next < s.end; next = i + 1) {
		if (next + 1 < s.end && is_one_of(m->low[next], joints, 2))
			next++;
		else if (!m->tokens[next].comma)
			break;
		if (!token_is_name(&m->tokens[next]) &&
		    !strchr("-_.", *m->tokens[next].raw))
			break;
		i = next;
		*holds |= has_affix(d, affix, m->tokens[i].raw);
	}
	return i + 1 - at;
}

size_t
name_number(const char *s)
{
	size_t n = strlen(s);

	while (n > 0 && isdigit((unsigned char)s[n - 1]))
		n--;
	return n;
}

bool
name_between(const char *name, const char *low, const char *high)
{
	size_t n = name_number(low);
	int64_t a, b, x;

	return low[n] && name_number(high) == n && name_number(name) == n &&
	       !strncmp(low, high, n) && !strncmp(low, name, n) &&
	       (low[n] != '0' || strlen(low) == strlen(name)) &&
	       text_number(low + n, 0, INT64_MAX, &a, NULL) == 0 &&
	       text_number(high + n, 0, INT64_MAX, &b, NULL) == 0 &&
	       text_number(name + n, 0, INT64_MAX, &x, NULL) == 0 && a <= x &&
	       x <= b;
}

bool
name_has_part(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text; n > 1 && (p = strcasestr(p, word)); p++)
		if ((p == text || !isalnum((unsigned char)p[-1])) &&
		    !isalpha((unsigned char)p[n]))
			return true;
	return false;
}

bool
name_ends(const struct deed *d, const char *ending)
{
	size_t n = strlen(d->text), len = strlen(ending);

	return n > len && !strcmp(d->text + n - len, ending);
}

static int64_t
unit_seconds(const char *word)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {{"hour", 3600},
		     {"day", 86400},
		     {"week", 7 * 86400},
		     {"month", 30 * 86400},
		     {"year", 365 * 86400}};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strncmp(word, units[i].name, strlen(units[i].name)))
			return units[i].seconds;
	return 0;
}

static int64_t
small_number(const char *word)
{
	static const char *const names[] = {
	    "zero",  "one",   "two",  "three", "four",	 "five",  "six",
	    "seven", "eight", "nine", "ten",   "eleven", "twelve"};
	int64_t n;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(word, names[i]))
			return (int64_t)i;
	if (!strcmp(word, "a") || !strcmp(word, "an"))
		return 1;
	return text_number(word, 0, 100000, &n, NULL) == 0 ? n : -1;
}

size_t
name_duration(const struct message *m, size_t i, size_t end, int64_t *seconds)
{
	int64_t n, unit;

	if (i + 1 >= end)
		return 0;
	n = small_number(m->low[i]);
	unit = unit_seconds(m->low[i + 1]);
	if (n < 0 || !unit)
		return 0;
	*seconds = n * unit;
	return 2;
}

bool
name_is_duration(const struct message *m, size_t at, size_t end)
{
	static const char *const units[] = {"minute", "hour",  "day",
					    "week",   "month", "year"};
	const char *raw = m->tokens[at].raw;

	if (raw[strspn(raw, "0123456789")] || at + 1 >= end)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strncmp(m->low[at + 1], units[i], strlen(units[i])))
			return true;
	return false;
}

bool
name_is_host(const struct deed *d, const char *word)
{
	const char *at = strstr(word, "://"), *end;

	if (d->noun ? strcmp(d->noun, "host") != 0
		    : d->kind != EFFECT_RESOURCE_DELETE)
		return false;
	word = at ? at + 3 : word;
	end = word + strcspn(word, "/?#");
	at = memrchr(word, '@', (size_t)(end - word));
	word = at ? at + 1 : word;
	for (size_t k = 0; k < d->nnames; k++) {
		size_t n = strlen(d->names[k]);

		if (n && !strncasecmp(word, d->names[k], n) &&
		    (word + n == end || word[n] == ':'))
			return true;
	}
	return false;
}

/* "notes/today.md", "report.csv"; not "1.2" */
static bool
is_file(const char *word)
{
	const char *dot = strrchr(word, '.');
	size_t n = dot ? strlen(dot + 1) : 0;

	if (strstr(word, "://") || strpbrk(word, "@:"))
		return false;
	return strchr(word, '/') ||
	       (n && n <= 5 && dot > word && isalpha((unsigned char)dot[1]));
}

static bool
is_sent(const char *path, const char *word)
{
	size_t n, len = strlen(path);

	word += !strncmp(word, "./", 2) || !strncmp(word, "~/", 2) ? 2 : 0;
	n = strlen(word);
	while (n > 1 && word[n - 1] == '/')
		n--;
	for (const char *p = path; (p = strstr(p, word)); p++)
		if ((p == path || p[-1] == '/' || *p == '/') &&
		    (p + n == path + len || p[n] == '/'))
			return true;
	return false;
}

bool
name_sends(const struct deed *d, const struct message *m, size_t first,
	   size_t end)
{
	bool any = false;

	for (size_t i = first; i < end; i++)
		any |= is_file(m->tokens[i].raw) &&
		       !name_is_host(d, m->tokens[i].raw);
	for (size_t k = 0; any && k < d->nsends; k++) {
		bool said = false;

		for (size_t i = first; i < end && !said; i++)
			said = is_sent(d->sends[k], m->tokens[i].raw);
		if (!said)
			return false;
	}
	return true;
}
