/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One option word of a git command line, read by one table: parse-options'
 * rules (prefixes, clusters, --no-), or the whole word where git compares
 * whole words.
 */
#include "base/text.h"
#include "parse/git_reader.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

static const struct option_spec *
next_row(const struct option_spec *o)
{
	o++;
	return o->name || o->letter || o->kind == OPTION_NUMBER ? o : NULL;
}

static const struct option_spec *
first_row(const struct option_spec *o)
{
	return o->name || o->letter || o->kind == OPTION_NUMBER ? o : NULL;
}

static const struct option_spec *
by_letter(const struct option_spec *table, char c)
{
	for (const struct option_spec *o = first_row(table); o; o = next_row(o))
		if (o->letter == c)
			return o;
	return NULL;
}

/* update-index's callbacks that walk the arguments themselves. */
static int
update_index(struct git_reader *r, struct git_pass *p,
	     const struct git_match *m, size_t at, bool *done)
{
	const struct option_spec *s = m->spec;
	size_t left = p->n - p->i - 1;
	const char *name = s->name ? s->name : "";
	const char *next = left ? p->w[p->i + 1].s : "";

	*done = true;
	if (!strcmp(name, "cacheinfo")) {
		size_t mode = strspn(next, "01234567");
		char *value;

		if (mode && next[mode] == ',') {
			git_add_option(r, m, next, at);
			p->i++;
			return 0;
		}
		if (left < 3)
			return err_set(r->e, ERR_SYNTAX,
				       "option 'cacheinfo' expects "
				       "<mode>,<sha1>,<path> (git %s)",
				       r->command);
		value = git_made(talloc_asprintf(r->ctx, "%s,%s,%s", next,
						 p->w[p->i + 2].s,
						 p->w[p->i + 3].s));
		git_add_option(r, m, value, at);
		p->i += 3;
		return 0;
	}
	if (!strcmp(name, "stdin") || !strcmp(name, "index-info")) {
		if (left)
			return err_set(r->e, ERR_SYNTAX,
				       "option '%s' must be the last argument "
				       "(git %s)",
				       name, r->command);
	} else if (!strcmp(name, "unresolve") || !strcmp(name, "again")) {
		git_add_option(r, m, NULL, at);
		while (++p->i < p->n)
			git_emit_operand(r, p->w[p->i].s);
		p->i = p->n - 1;
		return 0;
	}
	*done = false;
	return 0;
}

/* git refuses -amend and the like: somebody forgot a dash.  arg stands behind
 * the one dash. */
static bool
lacks_dash(const struct option_spec *table, const char *arg)
{
	size_t len = strlen(arg);

	if (len < 3)
		return false;
	if (!strncmp(arg, "no-", 3))
		return true;
	for (const struct option_spec *o = first_row(table); o; o = next_row(o))
		if (o->name && !strncmp(o->name, arg, len))
			return true;
	return false;
}

static int
forgotten_dash(struct git_reader *r, const struct option_spec *table,
	       const char *arg)
{
	if (!lacks_dash(table, arg))
		return 0;
	return err_set(r->e, ERR_SYNTAX,
		       "did you mean --%s with two dashes? (git %s)",
		       text_safe(r->ctx, arg), r->command);
}

static int
no_value(struct git_reader *r, const char *what, const struct git_match *m)
{
	const char *word = git_option_word(r, m);

	return err_set(r->e, ERR_SYNTAX, "%s: %s (git %s)", what, word,
		       r->command);
}

/* Takes the value as the row's kind says and adds the option. */
static int
take(struct git_reader *r, struct git_pass *p, const struct git_match *m)
{
	const struct option_spec *s = m->spec;
	const char *value = m->attached;
	size_t at = p->w[p->i].at;
	bool last = p->i + 1 >= p->n, done = false;
	struct git_match now = *m;

	if (m->negated) {
		if (value)
			return no_value(r, "option takes no value", m);
	} else if (s->kind == OPTION_FLAG) {
		if (value)
			return no_value(r, "option takes no value", m);
		if (!strcmp(r->command, "update-index")) {
			int ret = update_index(r, p, m, at, &done);

			if (ret < 0 || done)
				return ret;
		}
	} else if (s->kind == OPTION_EQUALS) {
		if (!value)
			return no_value(r, "option requires a value", m);
	} else if (s->kind == OPTION_ARG || s->kind == OPTION_NEXT ||
		   (s->kind == OPTION_LAST_ARG && !last)) {
		if (!value && last)
			return no_value(r, "option requires a value", m);
		if (!value)
			value = p->w[++p->i].s;
	}
	if (m->letter && m->verbatim && r->first && r->first != p->table &&
	    by_letter(r->first, s->letter)) {
		/* From within a cluster: blame -Db is diff's -b, not
		 * blame's. */
		if (!s->name)
			return git_unknown(r, p->w[p->i].s);
		now.letter = false;
	}
	if (value && value[0] && now.letter && (m->verbatim || !s->name)) {
		const char *glued =
		    git_made(talloc_asprintf(r->ctx, "%c%s", s->letter, value));

		/* -e and xtended-regexp must not meet. */
		now.apart = lacks_dash(p->table, glued);
		if (now.apart && s->kind != OPTION_ARG)
			return git_unknown(r, p->w[p->i].s);
	}
	/* `git checkout -b NAME`, in these three words, leaves the work tree
	 * alone and says nothing of it (builtin/checkout.c of git 2.39) */
	if (s->letter == 'b' && !s->name && value && !m->attached &&
	    !strcmp(r->command, "checkout"))
		now.apart = true;
	git_add_option(r, &now, value, at);
	return 0;
}

static int
read_it(int ret)
{
	return ret < 0 ? ret : GIT_READ_IT;
}

enum fit { FIT_NO, FIT_EXACT, FIT_PREFIX };

/* How arg (without its dashes, value still on it) fits one row; the order of
 * the questions is that of parse_long_opt() in git's parse-options.c. */
static enum fit
fits(const struct option_spec *o, const char *arg, size_t len, bool positive,
     bool *negated)
{
	const char *name = o->name;
	size_t n;

	*negated = false;
	for (;;) {
		n = strlen(name);
		if (!strncmp(arg, name, n))
			return n == len ? FIT_EXACT : FIT_NO;
		if (positive && !strncmp(name, arg, len))
			return FIT_PREFIX;
		if (o->flags & OPTION_NO_NEG)
			return FIT_NO;
		if (positive && !strncmp("no-", arg, strlen(arg))) {
			*negated = !*negated;
			return FIT_PREFIX;
		}
		if (!strncmp(arg, "no-", 3))
			break;
		if (strncmp(name, "no-", 3))
			return FIT_NO;
		name += 3;
		*negated = true;
	}
	*negated = true;
	arg += 3;
	if (!strncmp(arg, name, n))
		return n == len - 3 ? FIT_EXACT : FIT_NO;
	return strncmp(name, arg, strlen(arg)) ? FIT_NO : FIT_PREFIX;
}

static int
ambiguous(struct git_reader *r, const char *arg, size_t len,
	  const struct git_match *a, const struct git_match *b)
{
	const char *safe = text_safe_len(r->ctx, arg, len);

	return err_set(r->e, ERR_SYNTAX,
		       "ambiguous option: %s (git %s; could be %s or %s)", safe,
		       r->command, git_option_word(r, a),
		       git_option_word(r, b));
}

int
git_read_long(struct git_reader *r, struct git_pass *p, bool positive,
	      bool verbatim)
{
	const char *arg = p->w[p->i].s + 2;
	size_t len = strcspn(arg, "=");
	/* Of prefixes those that 2.39 has go first: what it understands must
	 * not become ambiguous by an option that it lacks. */
	struct git_match found[2], other[2], *m;

	memset(found, 0, sizeof(found));
	memset(other, 0, sizeof(other));
	for (const struct option_spec *o = first_row(p->table); o;
	     o = next_row(o)) {
		struct git_match now = {.spec = o, .verbatim = verbatim};
		int newer = o->flags & OPTION_NEWER ? 1 : 0;
		enum fit fit;

		/* a row of another initial fits only by way of a no- */
		if (!o->name || (len && o->name[0] != arg[0] &&
				 o->name[0] != 'n' && arg[0] != 'n'))
			continue;
		fit = fits(o, arg, len, positive, &now.negated);
		if (fit == FIT_NO)
			continue;
		if (arg[len])
			now.attached = arg + len + 1;
		if (fit == FIT_EXACT)
			return read_it(take(r, p, &now));
		if (found[newer].spec &&
		    git_primary(found[newer].spec) != git_primary(o))
			other[newer] = found[newer];
		found[newer] = now;
	}
	m = found[0].spec ? &found[0] : &found[1];
	if (!m->spec)
		return GIT_NOT_MINE;
	if (other[m - found].spec)
		return ambiguous(r, arg, len, &other[m - found], m);
	return read_it(take(r, p, m));
}

static const struct option_spec *
number_row(const struct option_spec *table)
{
	for (const struct option_spec *o = first_row(table); o; o = next_row(o))
		if (o->kind == OPTION_NUMBER)
			return o;
	return NULL;
}

int
git_read_letters(struct git_reader *r, struct git_pass *p, bool verbatim,
		 struct git_word *rest)
{
	const char *word = p->w[p->i].s + 1, *at = word;
	size_t index = p->w[p->i].at;
	const struct option_spec *number = number_row(p->table);
	int ret;

	while (*at) {
		struct git_match m = {.spec = by_letter(p->table, *at),
				      .letter = true,
				      .verbatim = verbatim};

		if (!m.spec && number && isdigit((unsigned char)*at)) {
			size_t n = strspn(at, "0123456789");

			m.spec = number;
			git_add_option(r, &m,
				       git_made(talloc_strndup(r->ctx, at, n)),
				       index);
			at += n;
		} else if (m.spec) {
			at++;
			if (m.spec->kind != OPTION_FLAG && *at) {
				m.attached = at;
				at += strlen(at);
			}
			ret = take(r, p, &m);
			if (ret < 0)
				return ret;
			/* update-index -g has taken all that follows */
			if (*at && m.spec->kind == OPTION_FLAG &&
			    m.spec->name && !strcmp(m.spec->name, "again"))
				return git_unknown(r, word - 1);
		} else {
			break;
		}
		/* git asks this once, after the first letter. */
		ret = 0;
		if (*at && (at == word + 1 || isdigit((unsigned char)*word)))
			ret = forgotten_dash(r, p->table, word);
		if (ret < 0)
			return ret;
	}
	if (!*at)
		return GIT_READ_IT;
	ret = at == word ? forgotten_dash(r, p->table, word) : 0;
	if (ret < 0)
		return ret;
	rest->at = index;
	rest->s = at == word ? p->w[p->i].s
			     : git_made(talloc_asprintf(r->ctx, "-%s", at));
	return GIT_NOT_MINE;
}

bool
git_read_nodash(struct git_reader *r, struct git_pass *p)
{
	const char *arg = p->w[p->i].s;
	const struct option_spec *s;
	struct git_match m = {.letter = true};

	if (!arg[0] || arg[1])
		return false;
	s = by_letter(p->table, arg[0]);
	if (!s || !(s->flags & OPTION_NODASH))
		return false;
	m.spec = s;
	git_add_option(r, &m, NULL, p->w[p->i].at);
	return true;
}

static int
exact_long(struct git_reader *r, struct git_pass *p,
	   const struct option_spec *table, bool verbatim)
{
	const char *arg = p->w[p->i].s + 2;
	size_t len = strcspn(arg, "=");

	for (const struct option_spec *o = first_row(table); o;
	     o = next_row(o)) {
		struct git_match m = {.spec = o, .verbatim = verbatim};

		if (!o->name || o->name[0] != arg[0] ||
		    strncmp(o->name, arg, len) || o->name[len])
			continue;
		if (arg[len])
			m.attached = arg + len + 1;
		if (m.attached &&
		    (o->kind == OPTION_FLAG || o->kind == OPTION_NEXT))
			continue;
		if (!m.attached && o->kind == OPTION_EQUALS)
			continue;
		return read_it(take(r, p, &m));
	}
	return GIT_NOT_MINE;
}

int
git_read_exact(struct git_reader *r, struct git_pass *p,
	       const struct option_spec *table, bool verbatim)
{
	const char *arg = p->w[p->i].s;
	const struct option_spec *s;
	struct git_match m = {.letter = true, .verbatim = verbatim};

	if (arg[1] == '-')
		return exact_long(r, p, table, verbatim);
	s = number_row(table);
	if (s && isdigit((unsigned char)arg[1])) {
		if (arg[1 + strspn(arg + 1, "0123456789")])
			return err_set(r->e, ERR_SYNTAX,
				       "not a number: %s (git %s)",
				       text_safe(r->ctx, arg + 1), r->command);
		m.spec = s;
		git_add_option(r, &m, arg + 1, p->w[p->i].at);
		return GIT_READ_IT;
	}
	s = by_letter(table, arg[1]);
	if (!s)
		return GIT_NOT_MINE;
	if (arg[2]) {
		/* A letter beside a long name stands alone in the shell
		 * scripts; revision.c's -n and the attached-only ones have no
		 * long name. */
		if (s->name || s->kind == OPTION_FLAG || s->kind == OPTION_NEXT)
			return GIT_NOT_MINE;
		m.attached = arg + 2;
	} else if (s->kind == OPTION_EQUALS) {
		return GIT_NOT_MINE;
	}
	m.spec = s;
	return read_it(take(r, p, &m));
}
