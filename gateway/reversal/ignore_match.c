/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of gitignore(5): "*", "?", brackets, backslash, and "**" between
 * slashes.  Time is bounded: a pattern that would take longer is given up.
 */
#include "reversal/ignore.h"
#include <ctype.h>
#include <string.h>

struct match {
	bool path, fold;
	unsigned steps;
};

static unsigned char
folded(const struct match *m, char c)
{
	return m->fold ? (unsigned char)tolower((unsigned char)c)
		       : (unsigned char)c;
}

static bool
in_class(const char *name, size_t n, unsigned char c)
{
	static const struct {
		const char *name;
		int (*is)(int);
	} classes[] = {
	    {"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank},
	    {"cntrl", iscntrl}, {"digit", isdigit}, {"graph", isgraph},
	    {"lower", islower}, {"print", isprint}, {"punct", ispunct},
	    {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit},
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (strlen(classes[i].name) == n &&
		    !memcmp(classes[i].name, name, n))
			return classes[i].is(c) != 0;
	return false;
}

/* At *pattern, behind "[".  1 or 0, *pattern behind "]"; -1: no end. */
static int
bracket(const struct match *m, const char **pattern, char text)
{
	const char *p = *pattern;
	unsigned char c = folded(m, text), low, high;
	bool negated = *p == '!' || *p == '^', hit = false, first = true;

	if (negated)
		p++;
	for (; *p && (*p != ']' || first); first = false) {
		const char *end;

		if (*p == '[' && p[1] == ':' && (end = strstr(p + 2, ":]"))) {
			hit |= in_class(p + 2, (size_t)(end - p - 2),
					(unsigned char)text) ||
			       in_class(p + 2, (size_t)(end - p - 2), c);
			p = end + 2;
			continue;
		}
		if (*p == '\\' && !*++p)
			return -1;
		low = high = folded(m, *p++);
		if (*p == '-' && p[1] && p[1] != ']') {
			p++;
			if (*p == '\\' && !*++p)
				return -1;
			high = folded(m, *p++);
		}
		hit |= low <= c && c <= high;
	}
	if (!*p)
		return -1;
	*pattern = p + 1;
	return hit != negated && !(m->path && text == '/');
}

static int
match(struct match *m, const char *p, const char *t, const char *start);

/* "**" at p: between slashes it takes any number of directories. */
static int
match_stars(struct match *m, const char *p, const char *t, const char *start)
{
	const char *rest = p;
	bool deep, alone;
	int rc;

	while (*rest == '*')
		rest++;
	alone = rest - p == 1;
	deep = !m->path || (!alone && (p == start || p[-1] == '/') &&
			    (*rest == '\0' || *rest == '/'));
	if (m->path && deep && *rest == '/') {
		/* two stars and a slash also take nothing */
		rc = match(m, rest + 1, t, start);
		if (rc)
			return rc;
	}
	if (!*rest)
		return deep || !strchr(t, '/');
	for (;; t++) {
		rc = match(m, rest, t, start);
		if (rc || !*t)
			return rc;
		if (!deep && *t == '/')
			return 0;
	}
}

static int
match(struct match *m, const char *p, const char *t, const char *start)
{
	for (; *p; p++, t++) {
		int rc;

		if (++m->steps > 200000)
			return -1;
		if (*p == '*')
			return match_stars(m, p, t, start);
		if (!*t)
			return 0;
		if (*p == '?') {
			if (m->path && *t == '/')
				return 0;
			continue;
		}
		if (*p == '[') {
			p++;
			rc = bracket(m, &p, *t);
			if (rc <= 0)
				return 0;
			p--;
			continue;
		}
		if (*p == '\\' && !*++p)
			return 0;
		if (folded(m, *p) != folded(m, *t))
			return 0;
	}
	return !*t;
}

int
ignore_match(const char *pattern, const char *text, bool path, bool fold_case)
{
	struct match m = {.path = path, .fold = fold_case};

	/* git compares what comes before the first wildcard by itself (2.39,
	 * dir.c, match_pathname), so that in "a**" the stars come first. */
	if (path)
		for (; *pattern && !strchr("*?[\\", *pattern);
		     pattern++, text++)
			if (folded(&m, *pattern) != folded(&m, *text))
				return 0;
	return match(&m, pattern, text, pattern);
}
