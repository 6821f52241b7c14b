/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and commands in sed's own order (sed/compile.c of 4.9). */
#include "parse/sed_script.h"
#include "base/err.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

struct scan {
	void *ctx;
	const char *p;
	struct sed_script *out;
};

static void
blanks(struct scan *s, const char *set)
{
	s->p += strspn(s->p, set);
}

/* Behind the delimiter, which is met outside of brackets... sed itself does
 * not look at brackets here (match_slash() in compile.c). */
static bool
to_delimiter(struct scan *s, char end, bool regex)
{
	for (; *s->p && *s->p != end; s->p++) {
		if (*s->p == '\n' && regex)
			return false;
		if (*s->p == '\\' && s->p[1])
			s->p++;
	}
	if (!*s->p)
		return false;
	s->p++;
	return true;
}

static bool
address(struct scan *s, bool *there)
{
	*there = true;
	if (*s->p == '/' || (*s->p == '\\' && s->p[1])) {
		char end = *s->p == '/' ? '/' : *++s->p;

		s->p++;
		if (!to_delimiter(s, end, true))
			return false;
		s->p += strspn(s->p, "IM");
		return true;
	}
	if (isdigit((unsigned char)*s->p)) {
		s->p += strspn(s->p, "0123456789");
		blanks(s, " \t");
		if (*s->p == '~') {
			s->p++;
			s->p += strspn(s->p, "0123456789");
		}
		return true;
	}
	if (*s->p == '$') {
		s->p++;
		return true;
	}
	*there = false;
	return true;
}

static bool
addresses(struct scan *s)
{
	bool there;

	if (!address(s, &there))
		return false;
	blanks(s, " \t");
	if (there && *s->p == ',') {
		s->p++;
		blanks(s, " \t");
		if (*s->p == '+' || *s->p == '~') {
			s->p++;
			s->p += strspn(s->p, "0123456789");
		} else if (!address(s, &there) || !there) {
			return false;
		}
	}
	blanks(s, " \t");
	while (*s->p == '!') {
		s->p++;
		blanks(s, " \t");
	}
	return true;
}

static void
to_file(struct scan *s)
{
	size_t len;

	blanks(s, " \t");
	len = strcspn(s->p, "\n");
	s->out->writes = talloc_realloc(s->ctx, s->out->writes, const char *,
					(unsigned)s->out->nwrites + 1);
	if (!s->out->writes)
		BUG("out of memory");
	s->out->writes[s->out->nwrites++] = talloc_strndup(s->ctx, s->p, len);
	s->p += len;
}

/* s/a/b/flags and y/a/b/ */
static bool
substitute(struct scan *s, bool flags)
{
	char end = *s->p;

	if (!end || end == '\n' || end == '\\')
		return false;
	s->p++;
	if (!to_delimiter(s, end, false) || !to_delimiter(s, end, false))
		return false;
	for (; flags && *s->p; s->p++) {
		if (*s->p == 'e') {
			s->out->runs = true;
		} else if (*s->p == 'w') {
			s->p++;
			to_file(s);
			return true;
		} else if (!strchr("gpiImM0123456789", *s->p)) {
			break;
		}
	}
	return true;
}

/* a, i, c: to the end of the text, whose lines end with a backslash. */
static void
text(struct scan *s)
{
	blanks(s, " \t");
	for (; *s->p && *s->p != '\n'; s->p++)
		if (*s->p == '\\' && s->p[1])
			s->p++;
}

static bool
command(struct scan *s)
{
	char c = *s->p++;

	switch (c) {
	case '#':
		s->p += strcspn(s->p, "\n");
		return true;
	case '{':
	case '}':
		return true;
	case '=':
	case 'd':
	case 'D':
	case 'F':
	case 'g':
	case 'G':
	case 'h':
	case 'H':
	case 'n':
	case 'N':
	case 'p':
	case 'P':
	case 'z':
	case 'x':
		return true;
	case 'a':
	case 'i':
	case 'c':
		text(s);
		return true;
	case ':':
		s->p += strcspn(s->p, "\n;");
		return true;
	case 'b':
	case 't':
	case 'T':
	case 'v':
		s->p += strcspn(s->p, ";\n}");
		return true;
	case 'l':
	case 'L':
	case 'q':
	case 'Q':
		blanks(s, " \t");
		s->p += strspn(s->p, "0123456789");
		return true;
	case 'e':
		s->out->runs = true;
		s->p += strcspn(s->p, "\n");
		return true;
	case 'r':
	case 'R':
		s->out->reads = true;
		s->p += strcspn(s->p, "\n");
		return true;
	case 'w':
	case 'W':
		to_file(s);
		return true;
	case 's':
		return substitute(s, true);
	case 'y':
		return substitute(s, false);
	default:
		return false;
	}
}

bool
sed_script_read(void *ctx, const char *script, struct sed_script *out)
{
	struct scan s = {ctx, script, out};

	*out = (struct sed_script){0};
	for (;;) {
		blanks(&s, " \t\n;");
		if (!*s.p)
			return true;
		if (!addresses(&s) || !*s.p || !command(&s))
			return false;
		blanks(&s, " \t");
		if (*s.p && !strchr(";\n}#{", *s.p) && s.p[-1] != '{' &&
		    s.p[-1] != '}')
			return false;
	}
}
