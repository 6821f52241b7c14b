/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a line as cobra and pflag do; see cobra.h.
 */
#include "parse/cobra.h"
#include "base/text.h"
#include <string.h>
#include <talloc.h>

struct reading {
	void *ctx;
	const char *table;
	size_t n, stride;
	const char **left; /* words not yet used, NULL-terminated */
	size_t nleft;
	struct cobra_line *out;
};

/* A flag as its row in the table says. */
struct found {
	char name[64];
	char letter;
	enum { FLAG_SWITCH, FLAG_VALUE, FLAG_OPTIONAL } kind;
	bool persistent;
};

static const struct cobra_command *
row(const struct reading *r, size_t i)
{
	return (const struct cobra_command *)(const void *)(r->table +
							    i * r->stride);
}

/* One word of a list of flags; the text behind it. */
static const char *
next_flag(const char *at, struct found *f)
{
	size_t len, name;

	at += strspn(at, " ");
	len = strcspn(at, " ");
	*f = (struct found){.kind = FLAG_SWITCH};
	if (!len)
		return NULL;
	if (*at == '^') {
		f->persistent = true;
		at++;
		len--;
	}
	name = strcspn(at, "|=? ");
	if (name >= sizeof(f->name))
		BUG("flag %.*s", (int)len, at);
	memcpy(f->name, at, name);
	if (at[name] == '|')
		f->letter = at[name + 1];
	if (at[len - 1] == '=')
		f->kind = FLAG_VALUE;
	else if (at[len - 1] == '?')
		f->kind = FLAG_OPTIONAL;
	return at + len;
}

static bool
flag_in(const char *flags, bool above, const char *name, size_t len,
	char letter, struct found *f)
{
	while (flags && (flags = next_flag(flags, f))) {
		if (above && !f->persistent)
			continue;
		if (name ? strlen(f->name) == len &&
			       strncmp(f->name, name, len) == 0
			 : f->letter && f->letter == letter)
			return true;
	}
	return false;
}

/* Is path above below, or the same? */
static bool
is_above(const char *path, const char *below)
{
	size_t len = strlen(path);

	return !len || (strncmp(path, below, len) == 0 &&
			(below[len] == ' ' || !below[len]));
}

/* By long name (len bytes of it) or by letter. */
static bool
find_flag(const struct reading *r, const struct cobra_command *c,
	  const char *name, size_t len, char letter, struct found *f)
{
	if (flag_in(c->flags, false, name, len, letter, f))
		return true;
	for (size_t i = 0; i < r->n; i++)
		if (row(r, i) != c && is_above(row(r, i)->path, c->path) &&
		    flag_in(row(r, i)->flags, true, name, len, letter, f))
			return true;
	/* every command has it, unless it has another use for the letter */
	if (name ? len == 4 && strncmp(name, "help", 4) == 0 : letter == 'h') {
		*f = (struct found){.name = "help", .letter = 'h'};
		return true;
	}
	return false;
}

static bool
one_of(const char *word, const char *list)
{
	size_t len = strlen(word), n;

	for (; list && *list; list += n) {
		list += strspn(list, " ");
		n = strcspn(list, " ");
		if (n == len && n && strncmp(list, word, n) == 0)
			return true;
	}
	return false;
}

/* The command of that name directly below c. */
static const struct cobra_command *
child(const struct reading *r, const struct cobra_command *c, const char *word)
{
	size_t len = strlen(c->path);

	for (size_t i = 0; i < r->n; i++) {
		const struct cobra_command *k = row(r, i);
		const char *last = k->path + len + (len ? 1 : 0);

		if (strlen(k->path) <= len || !is_above(c->path, k->path) ||
		    strchr(last, ' '))
			continue;
		if (strcmp(last, word) == 0 || one_of(word, k->aliases))
			return k;
	}
	return NULL;
}

/* Does this word take the next one with it, as the search for command words
 * sees it? */
static bool
takes_next(const struct reading *r, const struct cobra_command *c,
	   const char *s)
{
	struct found f;

	if (s[0] != '-' || strchr(s, '='))
		return false;
	if (s[1] == '-')
		return !find_flag(r, c, s + 2, strlen(s + 2), 0, &f) ||
		       f.kind == FLAG_VALUE;
	if (strlen(s) != 2)
		return false;
	return !find_flag(r, c, NULL, 0, s[1], &f) || f.kind == FLAG_VALUE;
}

/* Index of the next word that may name a command; nleft: none. */
static size_t
next_word(const struct reading *r, const struct cobra_command *c)
{
	for (size_t i = 0; i < r->nleft; i++) {
		const char *s = r->left[i];

		if (strcmp(s, "--") == 0)
			break;
		if (takes_next(r, c, s)) {
			/* with one word or none behind it the search ends */
			if (r->nleft - i - 1 <= 1)
				break;
			i++;
			continue;
		}
		if (*s && *s != '-')
			return i;
	}
	return r->nleft;
}

static void
find_command(struct reading *r)
{
	static const struct cobra_command none = {"", NULL, NULL};
	const struct cobra_command *c = &none, *k;
	size_t at;

	for (size_t i = 0; i < r->n; i++)
		if (!*row(r, i)->path)
			c = row(r, i);
	for (;;) {
		at = next_word(r, c);
		k = at < r->nleft ? child(r, c, r->left[at]) : NULL;
		if (!k)
			break;
		memmove(&r->left[at], &r->left[at + 1],
			(r->nleft - at) * sizeof(*r->left));
		r->nleft--;
		if (!*c->path)
			r->out->first = at;
		c = k;
	}
	r->out->cmd = c;
}

/* strconv.ParseBool of Go; -1: neither. */
static int
boolean(const char *s)
{
	if (one_of(s, "1 t T TRUE true True"))
		return 1;
	return one_of(s, "0 f F FALSE false False") ? 0 : -1;
}

static int
add_flag(struct reading *r, const struct found *f, const char *value,
	 struct err *e)
{
	struct cobra_line *l = r->out;

	if (f->kind == FLAG_SWITCH && value && boolean(value) < 0)
		return err_set(e, ERR_SYNTAX,
			       "--%s=%s is neither true nor "
			       "false",
			       f->name, text_safe(r->ctx, value));
	if (strcmp(f->name, "help") == 0 && (!value || boolean(value) == 1)) {
		l->help = true;
		return 0;
	}
	l->v =
	    talloc_realloc(r->ctx, l->v, struct cobra_flag, (unsigned)l->n + 1);
	if (!l->v)
		BUG("out of memory");
	l->v[l->n++] = (struct cobra_flag){
	    .name = talloc_strdup(r->ctx, f->name),
	    .value = value ? value : "true",
	    .bare = !value,
	};
	return 0;
}

/* The value of f is the next word. */
static int
next_value(struct reading *r, size_t *at, const struct found *f, struct err *e)
{
	if (*at + 1 >= r->nleft)
		return err_set(e, ERR_SYNTAX, "--%s needs a value", f->name);
	return add_flag(r, f, r->left[++*at], e);
}

static int
read_long(struct reading *r, size_t *at, struct err *e)
{
	const char *name = r->left[*at] + 2, *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	struct found f;

	if (*name == '-' || *name == '=')
		return err_set(e, ERR_SYNTAX, "bad flag %s",
			       text_safe(r->ctx, r->left[*at]));
	if (!find_flag(r, r->out->cmd, name, len, 0, &f))
		return err_set(e, ERR_UNKNOWN, "unknown flag --%s",
			       text_safe_len(r->ctx, name, len));
	if (equals)
		return add_flag(r, &f, equals + 1, e);
	if (f.kind != FLAG_VALUE)
		return add_flag(r, &f, NULL, e);
	return next_value(r, at, &f, e);
}

static int
read_letters(struct reading *r, size_t *at, struct err *e)
{
	const char *s = r->left[*at] + 1;
	struct found f;
	int rc;

	for (; *s; s++) {
		if (!find_flag(r, r->out->cmd, NULL, 0, *s, &f))
			return err_set(e, ERR_UNKNOWN, "unknown flag -%s",
				       text_safe_len(r->ctx, s, 1));
		if (s[1] == '=' && s[2])
			return add_flag(r, &f, s + 2, e);
		if (f.kind == FLAG_VALUE)
			return s[1] ? add_flag(r, &f, s + 1, e)
				    : next_value(r, at, &f, e);
		rc = add_flag(r, &f, NULL, e);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void
add_operand(struct reading *r, const char *word)
{
	struct cobra_line *l = r->out;

	l->operands[l->noperands++] = word;
	l->operands[l->noperands] = NULL;
}

static int
read_flags(struct reading *r, struct err *e)
{
	struct cobra_line *l = r->out;
	bool stops = l->cmd->flags && *l->cmd->flags == '!';
	int rc = 0;

	for (size_t i = 0; i < r->nleft && rc == 0; i++) {
		const char *s = r->left[i];

		if (s[0] != '-' || !s[1]) {
			add_operand(r, s);
			while (stops && ++i < r->nleft)
				add_operand(r, r->left[i]);
		} else if (strcmp(s, "--") == 0) {
			l->dash = l->noperands;
			while (++i < r->nleft)
				add_operand(r, r->left[i]);
		} else if (s[1] == '-') {
			rc = read_long(r, &i, e);
		} else {
			rc = read_letters(r, &i, e);
		}
	}
	return rc;
}

static void
compose(struct reading *r)
{
	struct cobra_line *l = r->out;
	char *path = talloc_strdup(r->ctx, l->cmd->path), *save = NULL;
	const char **v = talloc_array(r->ctx, const char *,
				      strlen(path) + l->n + l->noperands + 4);
	size_t n = 0;

	if (!v || !path)
		BUG("out of memory");
	for (char *w = strtok_r(path, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		v[n++] = w;
	if (l->help)
		v[n++] = "--help";
	for (size_t i = 0; i < l->n; i++)
		v[n++] = l->v[i].bare
			     ? talloc_asprintf(v, "--%s", l->v[i].name)
			     : talloc_asprintf(v, "--%s=%s", l->v[i].name,
					       l->v[i].value);
	for (size_t i = 0; i < l->noperands; i++) {
		if (i == l->dash)
			v[n++] = "--";
		v[n++] = l->operands[i];
	}
	if (l->dash == l->noperands)
		v[n++] = "--";
	v[n] = NULL;
	l->words = v;
}

int
cobra_read(void *ctx, const void *table, size_t n, size_t stride,
	   const char *const *argv, struct cobra_line *out, struct err *e)
{
	struct reading r = {
	    .ctx = ctx, .table = table, .n = n, .stride = stride, .out = out};
	int rc;

	*out = (struct cobra_line){.dash = SIZE_MAX};
	while (argv[r.nleft])
		r.nleft++;
	r.left = talloc_memdup(ctx, argv, (r.nleft + 1) * sizeof(*argv));
	out->operands = talloc_zero_array(ctx, const char *, r.nleft + 1);
	if (!r.left || !out->operands)
		BUG("out of memory");
	find_command(&r);
	rc = read_flags(&r, e);
	if (rc < 0)
		return rc;
	compose(&r);
	return 0;
}

static const struct cobra_flag *
last(const struct cobra_line *l, const char *name)
{
	for (size_t i = l->n; i-- > 0;)
		if (strcmp(l->v[i].name, name) == 0)
			return &l->v[i];
	return NULL;
}

bool
cobra_on(const struct cobra_line *l, const char *name)
{
	const struct cobra_flag *f = last(l, name);

	return f && (f->bare || boolean(f->value) != 0);
}

bool
cobra_given(const struct cobra_line *l, const char *name)
{
	return last(l, name) != NULL;
}

const char *
cobra_value(const struct cobra_line *l, const char *name)
{
	const struct cobra_flag *f = last(l, name);

	return f ? f->value : NULL;
}

const char *
cobra_nth(const struct cobra_line *l, const char *name, size_t i)
{
	for (size_t k = 0; k < l->n; k++)
		if (strcmp(l->v[k].name, name) == 0 && i-- == 0)
			return l->v[k].value;
	return NULL;
}

const char *
cobra_operand(const struct cobra_line *l, size_t i)
{
	return i < l->noperands ? l->operands[i] : NULL;
}
