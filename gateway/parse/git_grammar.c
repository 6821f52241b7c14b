/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git's command lines: the command's table, its subcommand words, and what is
 * meant when none stands there.
 */
#include "parse/git_grammar.h"
#include "base/text.h"
#include "parse/git_reader.h"
#include <stdint.h>
#include <string.h>
#include <talloc.h>

const struct git_command_spec *
git_command_spec(const char *name)
{
	size_t low = 0, high = git_command_spec_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(name, git_command_specs[mid].name);

		if (order == 0)
			return &git_command_specs[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

static const char *
find_word(const char *const *words, const char *s)
{
	for (; *words; words++)
		if (!strcmp(*words, s))
			return *words;
	return NULL;
}

static int
read_command(struct git_reader *r, const struct git_command_spec *spec,
	     struct git_word *w, size_t n);

/* Goes on with the table of "command word". */
static int
descend(struct git_reader *r, const struct git_command_spec *spec,
	const char *word, struct git_word *w, size_t n)
{
	const struct git_command_spec *sub;
	char *name = talloc_asprintf(r->ctx, "%s %s", spec->name, word);

	if (!name)
		BUG("out of memory");
	sub = git_command_spec(name);
	if (!sub)
		BUG("no table for git %s", name);
	if (word[0]) {
		r->command = name;
		r->out->subcommand = word;
		git_emit(r, word);
	}
	return read_command(r, sub, w, n);
}

static int
no_subcommand(struct git_reader *r, const struct git_command_spec *spec,
	      struct git_word *w, size_t n)
{
	if (n && w[0].s[0] == '-')
		return git_unknown(r, w[0].s);
	if (n)
		return err_set(r->e, ERR_UNKNOWN,
			       "unknown subcommand: %s (git %s)",
			       text_safe(r->ctx, w[0].s), spec->name);
	return err_set(r->e, ERR_SYNTAX, "need a subcommand (git %s)",
		       spec->name);
}

/* `git stash` takes operands for push only behind "--", or when -p is the
 * very first word. */
static int
check_assumed_push(struct git_reader *r, struct git_word *w, size_t n)
{
	const struct options *o = r->out;
	size_t before = o->dashdash == SIZE_MAX ? o->noperands : o->dashdash;

	if (!before || r->help || (n && !strcmp(w[0].s, "-p")))
		return 0;
	return err_set(r->e, ERR_SYNTAX,
		       "no subcommand given, and push cannot be assumed: %s "
		       "(git stash)",
		       text_safe(r->ctx, o->operands[0]));
}

/* The command's own options up to its subcommand word, or to the words of the
 * subcommand that is meant when none is given. */
static int
read_subcommands(struct git_reader *r, const struct git_command_spec *spec,
		 struct git_word *w, size_t n)
{
	const struct option_spec *tables[] = {spec->options, NULL};
	struct git_pass p = {
	    .table = spec->options, .grammar = spec->grammar, .w = w, .n = n};
	bool fallback_reads = spec->grammar & GRAMMAR_KEEP_UNKNOWN;
	const char *word;
	int ret;

	if (git_help_alone(w, n))
		return git_only_help(r, w[0].s, w[0].at);
	for (; p.i < n; p.i++) {
		const char *s = w[p.i].s;

		if (s[0] != '-' || !s[1]) {
			word = find_word(spec->subcommands, s);
			if (word)
				return descend(r, spec, word, w + p.i + 1,
					       n - p.i - 1);
			break;
		}
		if (!strcmp(s, "--help") || !strcmp(s, "--help-all"))
			return git_only_help(r, s[6] ? s : "-h", w[p.i].at);
		if (fallback_reads || !strcmp(s, "--") ||
		    !strcmp(s, "--end-of-options"))
			break;
		if (spec->grammar & GRAMMAR_EXACT) {
			ret = git_read_second(r, &p, tables, false);
			if (ret == GIT_NOT_MINE)
				ret = git_unknown(r, s);
		} else {
			ret = git_read_dashed(r, &p);
		}
		if (ret < 0 || r->help)
			return ret;
	}
	if (fallback_reads && spec->fallback) {
		ret = descend(r, spec, spec->fallback, w + p.i, n - p.i);
		if (ret == 0 && !strcmp(spec->name, "stash"))
			ret = check_assumed_push(r, w, n);
		return ret;
	}
	if (spec->grammar & GRAMMAR_WORDS) {
		git_emit_rest(r, &p, true);
		return 0;
	}
	if (p.i < n || !(spec->grammar & GRAMMAR_SUB_OPTIONAL))
		return no_subcommand(r, spec, w + p.i, n - p.i);
	if (spec->fallback)
		return descend(r, spec, spec->fallback, w + n, 0);
	return 0;
}

/* `git blame -- PATH REV`, its old order, hands REV to revision.c as if it
 * stood in front (-- FILE --output=X writes X), and 2.39 takes
 * --end-of-options for that "--".  Only a single path behind a "--" may begin
 * with a dash. */
static int
check_old_blame(struct git_reader *r)
{
	const struct options *o = r->out;
	bool path =
	    o->dashdash < o->noperands && o->noperands - o->dashdash == 1;

	for (size_t i = 0; i < o->noperands - path; i++)
		if (o->operands[i][0] == '-' && o->operands[i][1])
			return git_unknown(r, o->operands[i]);
	return 0;
}

static int
read_command(struct git_reader *r, const struct git_command_spec *spec,
	     struct git_word *w, size_t n)
{
	int ret;

	if (spec->subcommands)
		return read_subcommands(r, spec, w, n);
	ret = git_read_plain(r, spec, w, n);
	if (ret == 0 && spec->options == git_command_spec("blame")->options)
		ret = check_old_blame(r);
	return ret;
}

int
git_grammar_read(void *ctx, const char *command, const char *const *args,
		 struct options *out, struct err *e)
{
	const struct git_command_spec *spec = git_command_spec(command);
	struct err unwanted;
	struct git_reader r = {
	    .ctx = ctx, .command = command, .out = out, .e = e ? e : &unwanted};
	struct git_word *w;
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	out->dashdash = SIZE_MAX;
	if (!spec || strchr(command, ' '))
		return err_set(r.e, ERR_UNKNOWN, "unknown git command: %s",
			       text_safe(ctx, command));
	while (args[n])
		n++;
	w = talloc_array(ctx, struct git_word, n + 1);
	out->operands = talloc_zero_array(ctx, const char *, 1);
	out->canonical = talloc_zero_array(ctx, const char *, 1);
	if (!w || !out->operands || !out->canonical)
		BUG("out of memory");
	r.operands_room = r.canonical_room = 1;
	for (size_t i = 0; i < n; i++)
		w[i] = (struct git_word){args[i], i};
	/* git.c itself turns a leading --help into `git help CMD`. */
	if (n && !strcmp(w[0].s, "--help"))
		return git_only_help(&r, w[0].s, 0);
	return read_command(&r, spec, w, n);
}
