/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of an entry of files, as text:
 *
 *	automode-files 1
 *	id 7
 *	undoes 0
 *	of 7		the command
 *	depth 0		1: its undo, 2: the undo of that, ...
 *	as 0		the entry that has taken its place
 *	shown 0		the one whose place it has taken, the first of all
 *	time 1768471200
 *	session s1
 *	command rm -rf build
 *	state open|kept|undone
 *	stash /home/u/.local/state/automode/vault/files/entries/7/files
 *	item KIND WHOLE KEPT STASH SLOT[/BELOW] PATH TO BEFORE AFTER
 *						(tabs between)
 *	end
 *
 * Names are escaped as in manifest.c.  A state is "-", "?" or numbers with
 * colons between, see put_state().
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/own.h"
#include "reversal/files.h"
#include "reversal/manifest_form.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define FIRST_LINE "automode-files 1\n"
static const char kinds[] = "?rpwamvd"; /* by enum file_loss, FILE_PARENT */

/* --- writing ----------------------------------------------------------- */

struct text {
	char *s;
	size_t n, room;
};

static void
put(struct text *t, const char *s, size_t n)
{
	if (t->n + n + 1 > t->room) {
		t->room = (t->n + n + 1) * 2;
		t->s = have(talloc_realloc_size(NULL, t->s, t->room));
	}
	memcpy(t->s + t->n, s, n);
	t->n += n;
	t->s[t->n] = '\0';
}

static void
put_text(struct text *t, const char *s)
{
	put(t, s, strlen(s));
}

static void
put_number(struct text *t, char before, uint64_t n)
{
	char s[32];

	snprintf(s, sizeof(s), "%c%" PRIu64, before, n);
	put_text(t, s);
}

static void
put_escaped(struct text *t, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		char octal[5];

		if (c >= 0x20 && c < 0x7f && c != '\\') {
			put(t, s, 1);
			continue;
		}
		snprintf(octal, sizeof(octal), "\\%03o", c);
		put(t, octal, 4);
	}
}

static void
put_field(struct text *t, const char *name, const char *value)
{
	put_text(t, name);
	put_text(t, " ");
	put_escaped(t, value ? value : "");
	put_text(t, "\n");
}

static void
put_state(struct text *t, const struct file_state *s)
{
	const uint64_t v[] = {s->mode,	   s->uid,   s->gid,   s->dev,
			      s->rdev,	   s->ino,   s->nlink, s->size,
			      s->mtime_ns, s->digest};
	char time[32];

	if (s->what != '+') {
		put(t, s->what == '-' ? "-" : "?", 1);
		return;
	}
	put_text(t, "+");
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		put_number(t, ':', v[i]);
	snprintf(time, sizeof(time), ":%" PRId64 ":", s->mtime);
	put_text(t, time);
	put_text(t, s->xattrs ? s->xattrs : "?");
}

static void
put_item(struct text *t, const struct file_item *it)
{
	char head[16];

	snprintf(head, sizeof(head), "item %c\t%c\t%c\t", kinds[it->kind],
		 it->whole ? '1' : '0', (char)it->kept);
	put_text(t, head);
	put_number(t, '+', it->stash);
	put_number(t, '\t', it->slot);
	if (it->below) {
		put_text(t, "/");
		put_escaped(t, it->below);
	}
	put_text(t, "\t");
	put_escaped(t, it->path);
	put_text(t, "\t");
	put_escaped(t, it->to ? it->to : "");
	put_text(t, "\t");
	put_state(t, &it->before);
	put_text(t, "\t");
	put_state(t, &it->after);
	put_text(t, "\n");
}

int
file_entry_write(const struct file_entry *m, const char *dir, struct err *e)
{
	int fd OWNED_FD = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct text t = {0};
	char number[32];
	int rc;

	if (fd < 0)
		return err_sys(e, "the vault's entry");
	put_text(&t, FIRST_LINE);
	snprintf(number, sizeof(number), "%" PRIu64, m->id);
	put_field(&t, "id", number);
	snprintf(number, sizeof(number), "%" PRIu64, m->undoes);
	put_field(&t, "undoes", number);
	snprintf(number, sizeof(number), "%" PRIu64, m->of ? m->of : m->id);
	put_field(&t, "of", number);
	snprintf(number, sizeof(number), "%u", m->depth);
	put_field(&t, "depth", number);
	snprintf(number, sizeof(number), "%" PRIu64, m->as);
	put_field(&t, "as", number);
	snprintf(number, sizeof(number), "%" PRIu64, m->shown);
	put_field(&t, "shown", number);
	snprintf(number, sizeof(number), "%" PRId64, m->time);
	put_field(&t, "time", number);
	put_field(&t, "session", m->session);
	put_field(&t, "command", m->command);
	put_field(&t, "state", m->state);
	for (size_t i = 0; i < m->nstashes; i++)
		put_field(&t, "stash", m->stashes[i]);
	for (size_t i = 0; i < m->n; i++)
		put_item(&t, &m->v[i]);
	put_text(&t, "end\n");
	unlinkat(fd, "after", 0);
	rc = file_write(fd, "manifest", t.s, t.n, 0600, e);
	talloc_free(t.s);
	return rc < 0 ? err_wrap(e, "writing the record") : 0;
}

void
file_entry_write_after(const struct file_entry *m, const char *dir)
{
	int at OWNED_FD = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd OWNED_FD =
	    openat(at, "after",
		   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct text t = {0};

	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].kind != FILE_PARENT)
			continue;
		put_number(&t, '=', i);
		put_text(&t, "\t");
		put_state(&t, &m->v[i].after);
		put_text(&t, "\n");
	}
	put_text(&t, "end\n");
	/* without it the folders' times are put back unasked */
	if (fd >= 0)
		(void)file_write_all(fd, t.s, t.n);
	talloc_free(t.s);
}

/* --- reading ----------------------------------------------------------- */

void
file_entry_init(void *ctx, struct file_entry *m)
{
	memset(m, 0, sizeof(*m));
	m->ctx = ctx;
	m->session = m->command = "";
	m->state = "open";
}

struct file_item *
file_entry_add(struct file_entry *m, int kind, const char *path)
{
	struct file_item *it;

	GROW(m->ctx, m->v, m->n, m->room);
	it = &m->v[m->n++];
	memset(it, 0, sizeof(*it));
	it->kind = kind;
	it->kept = KEPT_NOT;
	it->path = path;
	it->before.what = it->after.what = '?';
	return it;
}

static bool
unescape(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		unsigned c = 0;

		*to = *s;
		if ((unsigned char)*s < 0x20 || (unsigned char)*s >= 0x7f)
			return false;
		if (*s != '\\')
			continue;
		for (int i = 1; i <= 3; i++) {
			if (s[i] < '0' || s[i] > '7')
				return false;
			c = c << 3 | (unsigned)(s[i] - '0');
		}
		if (c == 0 || c > 255)
			return false;
		*to = (char)c;
		s += 3;
	}
	*to = '\0';
	return true;
}

static bool
number(char **s, char stop, uint64_t *out)
{
	char *end;

	if (**s < '0' || **s > '9')
		return false;
	errno = 0;
	*out = strtoull(*s, &end, 10);
	if (errno || *end != stop)
		return false;
	*s = stop ? end + 1 : end;
	return true;
}

static bool
read_state(char *s, struct file_state *st)
{
	uint64_t v[10], seconds;
	bool minus;

	memset(st, 0, sizeof(*st));
	st->what = *s;
	if (*s == '-' || *s == '?')
		return !s[1];
	if (*s++ != '+' || *s++ != ':')
		return false;
	for (size_t i = 0; i < 10; i++)
		if (!number(&s, ':', &v[i]))
			return false;
	minus = *s == '-';
	s += minus;
	if (!number(&s, ':', &seconds) || seconds > INT64_MAX ||
	    v[8] > 999999999 || v[0] > UINT32_MAX)
		return false;
	*st = (struct file_state){.what = '+',
				  .mode = (uint32_t)v[0],
				  .uid = (uint32_t)v[1],
				  .gid = (uint32_t)v[2],
				  .dev = v[3],
				  .rdev = v[4],
				  .ino = v[5],
				  .nlink = v[6],
				  .size = v[7],
				  .mtime_ns = (uint32_t)v[8],
				  .digest = v[9],
				  .mtime = minus ? -(int64_t)seconds
						 : (int64_t)seconds};
	if (strcmp(s, "?") != 0) {
		st->xattrs = s;
		return s[strspn(s, "0123456789abcdef=,")] == '\0';
	}
	return true;
}

/* Absolute and without "", "." or "..". */
static bool
plain_path(const char *s)
{
	if (*s != '/')
		return false;
	while (*s++ == '/') {
		size_t n = strcspn(s, "/");

		if (!n || (n == 1 && *s == '.') ||
		    (n == 2 && s[0] == '.' && s[1] == '.'))
			return false;
		s += n;
	}
	return true;
}

static bool
read_item(struct file_entry *m, char *s)
{
	char *field[9], *below;
	const char *kind;
	struct file_item *it;
	uint64_t stash;

	for (int i = 0; i < 9; i++) {
		field[i] = s;
		s = s ? strchr(s, '\t') : NULL;
		if ((s == NULL) != (i == 8))
			return false;
		if (s)
			*s++ = '\0';
	}
	kind = field[0][0] ? strchr(kinds + 1, field[0][0]) : NULL;
	if (!kind || field[0][1] || field[2][1] || !field[2][0] ||
	    !strchr("-scx", field[2][0]) || *field[3] != '+')
		return false;
	field[3]++;
	if (!unescape(field[5]) || !unescape(field[6]) ||
	    !(plain_path(field[5]) ||
	      (kind[0] == 'd' && !strcmp(field[5], "/"))) ||
	    (*field[6] && !plain_path(field[6])))
		return false;
	below = strchr(field[4], '/');
	if (below && (!unescape(below) || !plain_path(below)))
		return false;
	if (below)
		*below++ = '\0';
	it = file_entry_add(m, (int)(kind - kinds), field[5]);
	it->below = below;
	it->whole = field[1][0] == '1';
	it->kept = (enum file_kept)field[2][0];
	it->to = *field[6] ? field[6] : NULL;
	if (!number(&field[3], '\0', &stash) ||
	    !number(&field[4], '\0', &it->slot) ||
	    (it->kept != KEPT_NOT && stash >= m->nstashes))
		return false;
	it->stash = (unsigned)stash;
	return (it->kind != FILE_MOVED || it->to) &&
	       read_state(field[7], &it->before) &&
	       read_state(field[8], &it->after);
}

static bool
read_line(struct file_entry *m, char *line)
{
	char *value = strchr(line, ' ');
	uint64_t n;

	if (!value)
		return false;
	*value++ = '\0';
	if (!strcmp(line, "item"))
		return read_item(m, value);
	if (!unescape(value))
		return false;
	if (!strcmp(line, "session"))
		m->session = value;
	else if (!strcmp(line, "command"))
		m->command = value;
	else if (!strcmp(line, "state"))
		m->state = value;
	else if (!strcmp(line, "id"))
		return number(&value, '\0', &m->id);
	else if (!strcmp(line, "undoes"))
		return number(&value, '\0', &m->undoes);
	else if (!strcmp(line, "of"))
		return number(&value, '\0', &m->of);
	else if (!strcmp(line, "as"))
		return number(&value, '\0', &m->as);
	else if (!strcmp(line, "shown"))
		return number(&value, '\0', &m->shown);
	else if (!strcmp(line, "depth") && number(&value, '\0', &n))
		m->depth = (unsigned)n;
	else if (!strcmp(line, "time") && number(&value, '\0', &n))
		m->time = (int64_t)n;
	else if (!strcmp(line, "stash") && plain_path(value)) {
		m->stashes =
		    have(talloc_realloc(m->ctx, m->stashes, const char *,
					(unsigned)m->nstashes + 1));
		m->stashes[m->nstashes++] = value;
	} else
		return false;
	return true;
}

static void
read_after(struct file_entry *m, int fd)
{
	char *text = NULL, *line, *next;
	size_t len;
	uint64_t i;

	if (file_read(m->ctx, fd, "after", MANIFEST_MAX, &text, &len, NULL) !=
		0 ||
	    len < 4 || strcmp(text + len - 4, "end\n") != 0)
		return;
	/* a removal of our own is over */
	if (!strcmp(m->state, "open"))
		m->state = "kept";
	for (line = text; *line == '='; line = next) {
		struct file_state s;

		next = strchr(line, '\n');
		*next++ = '\0';
		line++;
		if (!number(&line, '\t', &i) || i >= m->n ||
		    !read_state(line, &s))
			return;
		m->v[i].after = s;
	}
}

int
file_entry_read(void *ctx, const char *dir, struct file_entry *m, struct err *e)
{
	int fd OWNED_FD =
	    open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char *text, *line, *next;
	size_t len, first = strlen(FIRST_LINE), n = 1;
	int rc;

	file_entry_init(ctx, m);
	if (fd < 0)
		return err_sys(e, "the entry's folder");
	rc = file_read(ctx, fd, "manifest", MANIFEST_MAX, &text, &len, e);
	if (rc)
		return rc < 0 ? rc
			      : err_set(e, ERR_UNKNOWN, "there is no record");
	if (strlen(text) != len || strncmp(text, FIRST_LINE, first) ||
	    len < first + 4 || strcmp(text + len - 5, "\nend\n") != 0)
		return err_set(e, ERR_SYNTAX, "the record is cut short");
	text[len - 4] = '\0';
	for (line = text + first; *line; line = next, n++) {
		next = strchr(line, '\n');
		*next++ = '\0';
		if (!read_line(m, line))
			return err_set(e, ERR_SYNTAX, "line %zu of the record",
				       n + 1);
	}
	/* as it was written before there were these */
	if (!m->of) {
		m->of = m->undoes ? m->undoes : m->id;
		m->depth = m->undoes != 0;
	}
	read_after(m, fd);
	m->nread = m->n;
	return 0;
}

bool
file_entry_is(const char *dir)
{
	int at OWNED_FD =
	    open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int fd OWNED_FD =
	    openat(at, "manifest", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char start[sizeof(FIRST_LINE)] = "";

	return fd >= 0 && read(fd, start, sizeof(start) - 1) > 0 &&
	       !strcmp(start, FIRST_LINE);
}
