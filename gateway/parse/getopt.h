/* SPDX-License-Identifier: Apache-2.0 */
/*
 * getopt_long(3) as glibc 2.36 has it: clusters, unique prefixes of long
 * options, optional values, operands anywhere, "--".  For every tool of
 * coreutils and its relatives.
 */
#ifndef AUTOMODE_PARSE_GETOPT_H
#define AUTOMODE_PARSE_GETOPT_H

#include "parse/options.h"

/*
 * A row is F(letter, name, flags) as in the git tables; OPTION_ALIAS rows mean
 * the same as the last row that is none, and are found under its name.  Kinds
 * used: OPTION_FLAG, OPTION_ARG, OPTION_OPTIONAL.
 */
#define GETOPT_F(letter, name, flags)                                          \
	{                                                                      \
		name, letter, OPTION_FLAG, flags                               \
	}
#define GETOPT_A(letter, name, flags)                                          \
	{                                                                      \
		name, letter, OPTION_ARG, flags                                \
	}
#define GETOPT_O(letter, name, flags)                                          \
	{                                                                      \
		name, letter, OPTION_OPTIONAL, flags                           \
	}
#define GETOPT_END                                                             \
	{                                                                      \
		NULL, 0, 0, 0                                                  \
	}

enum getopt_flags {
	/* options end at the first operand: "+" in the string of letters, or
	 * POSIXLY_CORRECT in the caller's environment */
	GETOPT_STOP = 1 << 0,
	/* an option that is in no table ends the reading there, as if it were
	 * the first operand */
	GETOPT_LENIENT = 1 << 1,
	GETOPT_EXACT = 1 << 2, /* no prefixes of long names: popt */
};

/* args: without argv[0], NULL-terminated.  ERR_UNKNOWN for an option that is
 * in no row, ERR_SYNTAX where the tool would complain as well: an ambiguous
 * prefix, a missing or unwanted value.  out->canonical: options first, in
 * their order, then "--" and the operands. */
int getopt_read(void *ctx, const struct option_spec *table, unsigned flags,
		const char *const *args, struct options *out, struct err *e);

#endif
