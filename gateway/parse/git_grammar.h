/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git's own option grammar over git's own tables.
 *
 * Source of the tables: option arrays of git 2.39.5 and of the development
 * tip (2.55); checked against the installed git by `make check`.
 */
#ifndef AUTOMODE_PARSE_GIT_GRAMMAR_H
#define AUTOMODE_PARSE_GIT_GRAMMAR_H

#include "parse/options.h"

/* One command, or one subcommand ("stash push"). */
struct git_command_spec {
	const char *name;		   /* "push", "stash push" */
	unsigned grammar;		   /* GRAMMAR_* */
	const struct option_spec *options; /* ends with a zero entry */
	const char *const *subcommands;	   /* NULL-terminated; NULL: none */
	const char *fallback; /* subcommand meant when none is given; NULL */
	/* tables tried next, in order, for what the first does not know
	 * (GRAMMAR_KEEP_UNKNOWN): diff, revision, ... */
	const struct option_spec *const *more;
};

extern const struct git_command_spec git_command_specs[];
extern const size_t git_command_spec_count;
const struct git_command_spec *git_command_spec(const char *name);

/* Reads args (what follows the command word, NULL-terminated).  Follows
 * subcommands: for "stash" with "drop" the table of "stash drop" is used and
 * out->subcommand set.  ERR_UNKNOWN for an unknown option or subcommand word,
 * ERR_SYNTAX for an ambiguous abbreviation, a missing or unwanted value, as
 * git would also refuse; the message names the option. */
int git_grammar_read(void *ctx, const char *command, const char *const *args,
		     struct options *out, struct err *e);

#endif
