/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which table reads which words of a git command, in which order.
 *
 * Three shapes.  parse-options alone; parse-options that leaves what it does
 * not know to a second reader, which then sees only the remaining words
 * (log, cherry-pick: `--grep -q` loses its value to log's own -q); and a
 * second reader asked on the spot (blame, shortlog).  Commands with parsers of
 * their own compare whole words.
 */
#include "parse/git_reader.h"
#include <stdint.h>
#include <string.h>
#include <talloc.h>

#define TABLES_MAX 5

static const struct option_spec help_row[] = {
    {"help", 'h', OPTION_FLAG, OPTION_NO_NEG},
    {NULL, 0, 0, 0},
};

int
git_only_help(struct git_reader *r, const char *word, size_t at)
{
	struct options *o = r->out;

	o->v = talloc_array(r->ctx, struct option, 1);
	if (!o->v)
		BUG("out of memory");
	o->n = 1;
	o->v[0] = (struct option){
	    .spec = help_row, .name = help_row[0].name, .at = at};
	o->noperands = o->ncanonical = 0;
	o->dashdash = SIZE_MAX;
	if (o->subcommand)
		git_emit(r, o->subcommand);
	git_emit(r, word);
	r->help = true;
	return 0;
}

bool
git_help_alone(const struct git_word *w, size_t n)
{
	return n == 1 && (!strcmp(w[0].s, "-h") ||
			  !strcmp(w[0].s, "--git-completion-helper") ||
			  !strcmp(w[0].s, "--git-completion-helper-all"));
}

void
git_emit_rest(struct git_reader *r, struct git_pass *p, bool separator)
{
	for (; p->i < p->n; p->i++) {
		const char *s = p->w[p->i].s;

		if (separator && !strcmp(s, "--")) {
			r->out->dashdash = r->out->noperands;
			git_emit(r, s);
			separator = false;
		} else {
			git_emit_operand(r, s);
		}
	}
}

static void
leave(struct git_pass *p, struct git_word w)
{
	p->left[p->nleft++] = w;
}

/* Keeps a word that is no option of this pass. */
static void
keep(struct git_reader *r, struct git_pass *p, struct git_word w)
{
	if (p->left)
		leave(p, w);
	else
		git_emit_operand(r, w.s);
}

int
git_read_second(struct git_reader *r, struct git_pass *p,
		const struct option_spec *const *tables, bool verbatim)
{
	for (; *tables; tables++) {
		struct git_pass one = *p;
		struct git_word rest;
		int ret;

		one.table = *tables;
		if (*tables != git_diff_options)
			ret = git_read_exact(r, &one, *tables, verbatim);
		else if (p->w[p->i].s[1] == '-')
			ret = git_read_long(r, &one, false, true);
		else
			ret = git_read_letters(r, &one, true, &rest);
		p->i = one.i;
		if (ret < 0)
			return ret;
		if (ret == GIT_READ_IT)
			return ret;
		if (*tables == git_diff_options && p->w[p->i].s[1] != '-' &&
		    rest.s != p->w[p->i].s)
			return git_unknown(r, rest.s);
		verbatim = true;
	}
	return GIT_NOT_MINE;
}

/* "--" and "--end-of-options". */
static void
end_of_options(struct git_reader *r, struct git_pass *p)
{
	bool dd = p->grammar & GRAMMAR_DASHDASH;
	bool dashes = !strcmp(p->w[p->i].s, "--");

	if (p->left) {
		/* Without GRAMMAR_DASHDASH this reader drops the word (git
		 * 2.44 and newer only "--") and the next sees what is behind
		 * it as if it stood before: in the canonical line it stands
		 * in front of all of them. */
		if (!dd)
			git_emit(r, p->w[p->i++].s);
		while (p->i < p->n)
			leave(p, p->w[p->i++]);
		return;
	}
	if (dashes)
		r->out->dashdash = r->out->noperands;
	git_emit(r, p->w[p->i++].s);
	git_emit_rest(r, p, dd && !dashes);
}

int
git_read_dashed(struct git_reader *r, struct git_pass *p)
{
	const char *s = p->w[p->i].s;
	struct git_word rest = p->w[p->i];
	bool positive = !(p->grammar & GRAMMAR_KEEP_UNKNOWN);
	int ret;

	if (!strcmp(s, "--help") || !strcmp(s, "--help-all"))
		return git_only_help(r, s[6] ? s : "-h", p->w[p->i].at);
	if (s[1] == '-')
		ret = git_read_long(r, p, positive, false);
	else
		ret = git_read_letters(r, p, false, &rest);
	if (ret != GIT_NOT_MINE)
		return ret;
	if (s[1] != '-' && rest.s[1] == 'h')
		return git_only_help(r, "-h", rest.at);
	if (p->grammar & GRAMMAR_KEEP_UNKNOWN) {
		keep(r, p, rest);
		return GIT_READ_IT;
	}
	if (p->more) {
		p->w[p->i] = rest;
		ret = git_read_second(r, p, p->more, true);
		if (ret != GIT_NOT_MINE)
			return ret;
	}
	return git_unknown(r, rest.s);
}

/* parse_options(): up to the end of the words, or of the options. */
static int
pass_options(struct git_reader *r, struct git_pass *p)
{
	if (git_help_alone(p->w, p->n))
		return git_only_help(r, p->w[0].s, p->w[0].at);
	for (; p->i < p->n; p->i++) {
		const char *s = p->w[p->i].s;
		int ret;

		if (s[0] != '-' || !s[1]) {
			if (git_read_nodash(r, p))
				continue;
			if (p->grammar & GRAMMAR_STOP)
				break;
			keep(r, p, p->w[p->i]);
			continue;
		}
		if (!strcmp(s, "--") || !strcmp(s, "--end-of-options")) {
			end_of_options(r, p);
			return 0;
		}
		ret = git_read_dashed(r, p);
		if (ret < 0 || r->help)
			return ret;
	}
	if (p->left)
		while (p->i < p->n)
			leave(p, p->w[p->i++]);
	else
		git_emit_rest(r, p, p->grammar & GRAMMAR_DASHDASH);
	return 0;
}

static bool
has_table(const struct option_spec *const *tables,
	  const struct option_spec *table)
{
	for (; *tables; tables++)
		if (*tables == table)
			return true;
	return false;
}

/* Whole words; for revision.c's readers the first "--" ends the options
 * wherever it stands, even where a value should be. */
static int
pass_exact(struct git_reader *r, struct git_pass *p,
	   const struct option_spec *const *tables, bool verbatim)
{
	size_t all = p->n;
	bool revisions = has_table(tables, git_revision_options), dashes;
	int ret;

	if (git_help_alone(p->w, p->n))
		return git_only_help(r, p->w[0].s, p->w[0].at);
	for (size_t i = p->i; revisions && i < p->n; i++)
		if (!strcmp(p->w[i].s, "--"))
			p->n = i;
	for (; p->i < p->n; p->i++) {
		const char *s = p->w[p->i].s;

		if (s[0] != '-' || !s[1]) {
			if (p->grammar & GRAMMAR_STOP)
				break;
			git_emit_operand(r, s);
			continue;
		}
		dashes = !strcmp(s, "--");
		if (dashes || (revisions && !strcmp(s, "--end-of-options"))) {
			if (dashes)
				r->out->dashdash = r->out->noperands;
			git_emit(r, s);
			p->i++;
			break;
		}
		ret = git_read_second(r, p, tables, verbatim);
		if (ret < 0)
			return ret;
		if (ret == GIT_READ_IT)
			continue;
		if (!(p->grammar & GRAMMAR_KEEP_UNKNOWN))
			return git_unknown(r, s);
		git_emit_operand(r, s);
	}
	p->n = all;
	git_emit_rest(r, p, revisions && r->out->dashdash == SIZE_MAX);
	return 0;
}

/* stash show sorts its words before anybody reads them. */
static void
split_words(struct git_reader *r, struct git_word *w, size_t *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		if (w[i].s[0] == '-')
			w[kept++] = w[i];
		else
			git_emit_operand(r, w[i].s);
	}
	*n = kept;
}

/* Brings the options from index `from` on into their places by position; each
 * of the two parts is in order already. */
static void
merge_order(struct git_reader *r, size_t from)
{
	struct options *o = r->out;
	struct option *v;
	size_t a = 0, b = from, n = 0;

	if (!from || from == o->n || o->v[from - 1].at <= o->v[from].at)
		return;
	v = talloc_array(r->ctx, struct option, o->n);
	if (!v)
		BUG("out of memory");
	while (a < from || b < o->n) {
		if (b == o->n || (a < from && o->v[a].at <= o->v[b].at))
			v[n++] = o->v[a++];
		else
			v[n++] = o->v[b++];
	}
	memcpy(o->v, v, n * sizeof(*v));
	talloc_free(v);
}

/* What the first reader left, by the tables of spec->more. */
static int
read_left(struct git_reader *r, const struct git_command_spec *spec,
	  struct git_word *w, size_t n)
{
	const struct option_spec *tables[TABLES_MAX] = {NULL};
	const struct option_spec *const *more = spec->more;
	struct git_pass p = {.w = w, .n = n};
	size_t before = r->out->n, k = 0;
	int ret;

	r->first = spec->options;
	if (more && *more == git_archive_options) {
		p.table = *more;
		ret = pass_options(r, &p);
		merge_order(r, before);
		return ret;
	}
	if (more && *more == git_log_options) {
		p.table = r->first = *more++;
		p.grammar = GRAMMAR_KEEP_UNKNOWN | GRAMMAR_DASHDASH;
		p.left = talloc_array(r->ctx, struct git_word, n + 1);
		if (!p.left)
			BUG("out of memory");
		ret = pass_options(r, &p);
		if (ret < 0 || r->help)
			return ret;
		merge_order(r, before);
		before = r->out->n;
		p = (struct git_pass){.w = p.left, .n = p.nleft};
	}
	if (!more) {
		p.grammar = spec->grammar;
		git_emit_rest(r, &p, p.grammar & GRAMMAR_DASHDASH);
		return 0;
	}
	for (; *more && k + 1 < TABLES_MAX; more++)
		tables[k++] = *more;
	if (spec->grammar & GRAMMAR_SPLIT)
		split_words(r, w, &p.n);
	if (spec->grammar & GRAMMAR_STOP && p.n)
		git_emit_operand(r, p.w[p.i++].s);
	ret = pass_exact(r, &p, tables, true);
	merge_order(r, before);
	return ret;
}

int
git_read_plain(struct git_reader *r, const struct git_command_spec *spec,
	       struct git_word *w, size_t n)
{
	struct git_pass p = {
	    .table = spec->options, .grammar = spec->grammar, .w = w, .n = n};
	int ret;

	if (spec->grammar & GRAMMAR_RAW) {
		git_emit_rest(r, &p, false);
		return 0;
	}
	if (spec->grammar & GRAMMAR_EXACT) {
		const struct option_spec *tables[TABLES_MAX] = {spec->options};

		for (size_t k = 0;
		     spec->more && spec->more[k] && k + 2 < TABLES_MAX; k++)
			tables[k + 1] = spec->more[k];
		if (n && spec->options == git_opt_rev_parse &&
		    (!strcmp(w[0].s, "--parseopt") ||
		     !strcmp(w[0].s, "--sq-quote"))) {
			git_emit_rest(r, &p, false);
			return 0;
		}
		return pass_exact(r, &p, tables, false);
	}
	/* Only these two look again at what the first reader left. */
	if (!(spec->grammar & GRAMMAR_KEEP_UNKNOWN) &&
	    !(spec->grammar & GRAMMAR_STOP && spec->more)) {
		p.more = spec->more;
		r->first = spec->more ? spec->options : NULL;
		return pass_options(r, &p);
	}
	p.left = talloc_array(r->ctx, struct git_word, n + 1);
	if (!p.left)
		BUG("out of memory");
	ret = pass_options(r, &p);
	if (ret < 0 || r->help)
		return ret;
	return read_left(r, spec, p.left, p.nleft);
}
