/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 2: reading another program's options by its table.  This file holds
 * the shapes; parse/git_grammar.c reads git's grammar (parse-options of git
 * 2.39 to 2.55), later files the GNU, POSIX, find, dd and tar ones.
 */
#ifndef AUTOMODE_PARSE_OPTIONS_H
#define AUTOMODE_PARSE_OPTIONS_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum option_kind {
	OPTION_FLAG,
	OPTION_ARG,	 /* --x=v, -xv, or the next argument */
	OPTION_OPTIONAL, /* value only when attached */
	OPTION_LAST_ARG, /* --x=v or the next argument; none when it is last */
	OPTION_NUMBER,	 /* -<digits> */
	OPTION_EQUALS,	 /* value only as --x=v or -xv, and required */
	OPTION_NEXT,	 /* value only as the next argument, required */
};

enum option_flags {
	OPTION_NO_NEG = 1 << 0, /* --no-x is not accepted */
	OPTION_ALIAS = 1 << 1,	/* another name of the option before it */
	OPTION_HIDDEN = 1 << 2,
	OPTION_NEWER = 1 << 3,	/* not in git 2.39 */
	OPTION_GONE = 1 << 4,	/* only in git 2.39 and older */
	OPTION_NODASH = 1 << 5, /* written without a dash: grep's ( and ) */
};

struct option_spec {
	const char *name; /* long name without dashes; NULL: only a letter */
	char letter;	  /* 0: only a long name */
	unsigned char kind, flags;
};

/* How a command reads its line. */
enum grammar_flags {
	GRAMMAR_DASHDASH = 1 << 0, /* keeps "--" for itself (revs -- paths) */
	GRAMMAR_STOP = 1 << 1,	   /* options end at the first operand */
	GRAMMAR_KEEP_UNKNOWN = 1 << 2, /* a second table follows; positive
					* abbreviations are off */
	GRAMMAR_SUB_OPTIONAL = 1 << 3, /* subcommand word may be missing */
	GRAMMAR_EXACT = 1 << 4,	 /* hand-written: no abbreviations at all */
	GRAMMAR_NO_NEG = 1 << 5, /* hand-written: no automatic --no-x */
	GRAMMAR_RAW = 1 << 6,	 /* every word is an operand */
	GRAMMAR_WORDS = 1 << 7,	 /* a first word that is no subcommand is an
				  * operand (bisect's own terms) */
	GRAMMAR_SPLIT = 1 << 8,	 /* the second table sees the words with a dash
				  * only: values must be attached or have one */
};

struct option {
	const struct option_spec *spec; /* NULL never */
	const char *name;  /* spec->name, or the letter as a string */
	const char *value; /* NULL: none given */
	bool negated;	   /* --no-name */
	size_t at;	   /* index in the argument vector that was read */
};

struct options {
	struct option *v; /* in the order given */
	size_t n;
	const char **operands;
	size_t noperands;
	size_t dashdash; /* number of operands before "--"; SIZE_MAX: none */
	const char *subcommand; /* "drop" of `stash drop`; NULL */
	const char **canonical; /* what to execute: full names, values glued
				 * with "=" or to their letter, operands and
				 * "--" where they stood; without the command
				 * word itself */
	size_t ncanonical;
};

/* The option as it stands after all of them: given and not negated by a later
 * one.  name is the long name, or the letter for letter-only options. */
bool options_on(const struct options *o, const char *name);
/* Was --no-name the last word on it? */
bool options_off(const struct options *o, const char *name);
/* Value of the last one, NULL when absent, negated or without value. */
const char *options_value(const struct options *o, const char *name);
size_t options_count(const struct options *o, const char *name);
/* i-th value of a repeatable option, NULL beyond the last. */
const char *options_nth(const struct options *o, const char *name, size_t i);

#endif
