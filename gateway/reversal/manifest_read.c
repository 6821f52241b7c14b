/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading manifests.  Strict: nothing is taken that the writer in manifest.c
 * would not have written, and no name can lead out of its tree.
 */
#include "base/file.h"
#include "reversal/manifest_form.h"
#include <errno.h>
#include <fcntl.h>
#include <talloc.h>

#define MANIFEST_FIELDS 5

/* Undoes put_escaped() in place.  Only what put_escaped() escapes may be
 * escaped, so that equal names are equal bytes. */
static bool
unescape(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		unsigned c;

		if ((unsigned char)*s < 0x20 || (unsigned char)*s >= 0x7f)
			return false;
		if (*s != '\\') {
			*to = *s;
			continue;
		}
		for (int i = 1; i <= 3; i++)
			if (s[i] < '0' || s[i] > '7')
				return false;
		c = (unsigned)(s[1] - '0') << 6 | (unsigned)(s[2] - '0') << 3 |
		    (unsigned)(s[3] - '0');
		if (c == 0 || c > 255 || (c >= 0x20 && c < 0x7f && c != '\\'))
			return false;
		*to = (char)c;
		s += 3;
	}
	*to = '\0';
	return true;
}

/* Whole digits of that base, up to stop; returns what follows stop. */
static char *
read_number(char *s, int base, char stop, uint64_t max, uint64_t *out)
{
	char *end;

	if (*s < '0' || *s > '9' || (s[0] == '0' && s[1] >= '0' && s[1] <= '9'))
		return NULL;
	errno = 0;
	*out = strtoull(s, &end, base);
	if (errno || *end != stop || *out > max)
		return NULL;
	return stop ? end + 1 : end;
}

static bool
is_hex(const char *s)
{
	size_t n = strspn(s, "0123456789abcdef");

	return s[n] == '\0' && (n == 40 || n == 64);
}

/* No absolute path, no "", "." or ".." component. */
static bool
is_below(const char *s)
{
	for (;;) {
		size_t n = strcspn(s, "/");

		if (n == 0 || (n == 1 && s[0] == '.') ||
		    (n == 2 && s[0] == '.' && s[1] == '.'))
			return false;
		if (!s[n])
			return true;
		s += n + 1;
	}
}

static bool
read_mode(char **s, char stop, struct value *v)
{
	uint64_t mode;

	*s = read_number(*s, 8, stop, 0177777, &mode);
	v->mode = (unsigned)mode;
	return *s != NULL;
}

/* What may follow a link or a node. */
static bool
read_time(char *s, struct value *v)
{
	char *colon = strchr(s, ':'), *rest;

	if (!colon)
		return true;
	*colon = '\0';
	rest = read_number(colon + 1, 10, '.', INT64_MAX, &v->mtime_s);
	return rest && read_number(rest, 10, '\0', 999999999, &v->mtime_ns);
}

static bool
read_value(char *s, struct value *v)
{
	static const char letters[] = "?-osbldkixn";
	char *p = *s ? strchr(letters, *s) : NULL;
	char *colon;

	memset(v, 0, sizeof(*v));
	if (!p)
		return false;
	v->kind = (enum value_kind)(p - letters);
	if (v->kind == VALUE_UNKNOWN || v->kind == VALUE_ABSENT)
		return s[1] == '\0';
	if (s[1] != ':')
		return false;
	v->text = s += 2;
	switch (v->kind) {
	case VALUE_OID:
		return is_hex(s);
	case VALUE_LINK:
		return read_time(s, v) && is_hex(s);
	case VALUE_SYMREF:
		return *s && unescape(s);
	case VALUE_OTHER:
		return unescape(s);
	case VALUE_DIR:
		colon = strchr(s, ':');
		v->text = colon ? colon + 1 : NULL;
		return read_mode(&s, colon ? ':' : '\0', v) &&
		       (!colon || unescape(colon + 1));
	case VALUE_BLOB:
		if (!read_mode(&s, ':', v) || !(colon = strchr(s, ':')))
			return false;
		*colon = '\0';
		v->text = s;
		return is_hex(s) && read_number(colon + 1, 10, '\0', UINT64_MAX,
						&v->size) != NULL;
	case VALUE_KEPT:
		if (!read_mode(&s, ':', v) ||
		    !(s = read_number(s, 10, ':', UINT64_MAX, &v->size)))
			return false;
		v->text = s;
		return unescape(s) && is_below(s);
	case VALUE_NODE:
		if (!read_mode(&s, ':', v))
			return false;
		v->text = s;
		return read_time(s, v) && *s &&
		       strspn(s, "0123456789") == strlen(s);
	case VALUE_INDEX:
		if (!read_mode(&s, ':', v))
			return false;
		v->text = s;
		return is_hex(s);
	case VALUE_UNKNOWN:
	case VALUE_ABSENT:
		break;
	}
	return false;
}

static bool
name_fits(enum item_kind kind, const char *name)
{
	switch (kind) {
	case ITEM_REF:
	case ITEM_FILE:
	case ITEM_GITFILE:
		return is_below(name);
	case ITEM_PATH:
		return name[0] == '/' && is_below(name + 1);
	case ITEM_OBJECTS:
		return strcmp(name, "objects") == 0;
	case ITEM_REMOTE:
		return strchr(name, ' ') != NULL;
	}
	return false;
}

static const char *
read_item(struct manifest *m, char *const *field)
{
	struct value before, after;
	struct item *it;
	size_t kind = 0;
	bool made;

	while (kind < MANIFEST_KINDS &&
	       strcmp(manifest_kinds[kind], field[1]) != 0)
		kind++;
	if (kind == MANIFEST_KINDS)
		return "unknown kind of item";
	if (!unescape(field[2]) || !name_fits((enum item_kind)kind, field[2]))
		return "a name that cannot be";
	if (!read_value(field[3], &before) || !read_value(field[4], &after))
		return "a value that cannot be";
	it = manifest_add_here(m, (enum item_kind)kind, field[2], &made);
	if (!made)
		return "the same item twice";
	it->before = before;
	it->after = after;
	return NULL;
}

/* The header lines, in this order and no other. */
static const char *
read_header(struct manifest *m, size_t line, char *const *field)
{
	static const char *const words[] = {
	    NULL,      "automode-entry", "id",	   "time",
	    "session", "commondir",	 "gitdir", "worktree",
	    "command", "state",		 "undoes"};
	const char **const text[] = {&m->session,  &m->commondir, &m->gitdir,
				     &m->worktree, &m->command,	  &m->state};
	char *value = field[1];
	uint64_t number;

	if (strcmp(field[0], words[line]) != 0)
		return "not the header line that belongs here";
	if (line >= 4 && line <= 9) {
		if (!unescape(value))
			return "a byte that cannot be";
		*text[line - 4] = value;
		return NULL;
	}
	if (line == 3) {
		char *p = value[0] == '-' ? value + 1 : value;

		if (!read_number(p, 10, '\0', INT64_MAX, &number))
			return "not a time";
		m->time = p == value ? (int64_t)number : -(int64_t)number;
		return NULL;
	}
	if (!read_number(value, 10, '\0', UINT64_MAX, &number))
		return "not a number";
	if (line == 1 && number != 1)
		return "a version that this program does not know";
	if (line == 2)
		m->id = number;
	else if (line == 10)
		m->undoes = number;
	return NULL;
}

#define HEADER_LINES 10

/* One line without its newline; NULL or what is wrong. */
static const char *
read_line(struct manifest *m, char *s, size_t line, bool *ended)
{
	char *field[MANIFEST_FIELDS];
	size_t n = 0;
	uint64_t count;

	if (*ended)
		return "something behind the end";
	for (char *tab = s; tab; s = tab) {
		if (n == MANIFEST_FIELDS)
			return "too many fields";
		tab = strchr(s, '\t');
		if (tab)
			*tab++ = '\0';
		field[n++] = s;
	}
	if (line <= HEADER_LINES)
		return n == 2 ? read_header(m, line, field)
			      : "not a header line";
	if (n == 5 && strcmp(field[0], "item") == 0)
		return read_item(m, field);
	if (n != 2 || strcmp(field[0], "end") != 0)
		return "neither an item nor the end";
	if (!read_number(field[1], 10, '\0', UINT64_MAX, &count) ||
	    count != m->n)
		return "the count of items is wrong";
	*ended = true;
	return NULL;
}

int
manifest_read(void *ctx, const char *entry_dir, struct manifest *m,
	      struct err *e)
{
	char *path = talloc_asprintf(NULL, "%s/manifest", entry_dir);
	size_t len = 0, line = 0;
	bool ended = false;
	char *buf = NULL;
	int rc;

	if (!path)
		BUG("out of memory");
	manifest_init(ctx, m);
	/* names and values stay in buf */
	rc = file_read(ctx, AT_FDCWD, path, MANIFEST_MAX, &buf, &len, e);
	talloc_free(path);
	if (rc < 0)
		return err_wrap(e, "reading the manifest");
	if (rc > 0)
		return err_set(e, ERR_UNKNOWN, "there is no manifest");
	if (memchr(buf, '\0', len))
		return err_set(e, ERR_SYNTAX, "the manifest has a NUL byte");
	for (char *s = buf; s < buf + len;) {
		char *end = memchr(s, '\n', (size_t)(buf + len - s));
		const char *wrong;

		line++;
		if (!end)
			return err_set(e, ERR_SYNTAX,
				       "manifest line %zu: cut off", line);
		*end = '\0';
		wrong = read_line(m, s, line, &ended);
		if (wrong)
			return err_set(e, ERR_SYNTAX, "manifest line %zu: %s",
				       line, wrong);
		s = end + 1;
	}
	if (!ended)
		return err_set(e, ERR_SYNTAX, "manifest line %zu: ends early",
			       line + 1);
	return 0;
}
