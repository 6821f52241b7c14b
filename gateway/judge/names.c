/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/names.h"
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
name_in_place(const struct message *m, size_t first, size_t at,
	      const struct deed *d)
{
	for (size_t i = first; i < m->ntokens && i < at + 6; i++)
		if (m->tokens[i].raw[0] == '/' && *d->text == '/' &&
		    path_is_under(d->text, m->tokens[i].raw))
			return true;
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

	for (const char *p = text; n > 2 && (p = strcasestr(p, word)); p++)
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

	if (!d->noun || strcmp(d->noun, "host") != 0)
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
