/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command lines of Go programs made with cobra and pflag (gh, glab,
 * docker, kubectl, helm ...): a tree of command words with flags anywhere
 * between them.  cobra 1.4 to 1.9 and pflag 1.0 read a line so:
 *
 *  - at each command the first word that is no flag, and no value of one that
 *    this command knows to take a value, names the next command.  A flag that
 *    is not known here counts as taking the next word;
 *  - then the flags of the command found and the persistent ones of those
 *    above it are read from all remaining words: long names exact, --x=v or
 *    --x v, letters in clusters with the value glued, behind "=" or next;
 *    what needs no value takes one only behind "=";
 *  - "--" ends the flags.
 */
#ifndef AUTOMODE_PARSE_COBRA_H
#define AUTOMODE_PARSE_COBRA_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

/*
 * One command.  Flags are words divided by blanks:
 *	draft|d		a switch
 *	body|b=		takes a value
 *	color?		a value only behind "=", or none
 *	^repo|R=	persistent: for the commands below it too
 *	!		first of all: the first operand ends the flags
 */
struct cobra_command {
	const char *path;    /* "pr merge"; "" for the program itself */
	const char *aliases; /* of its last word, divided by blanks; NULL */
	const char *flags;   /* NULL: none */
};

struct cobra_flag {
	const char *name;  /* the long one */
	const char *value; /* "true" for a plain switch */
	bool bare;	   /* no value was given */
};

struct cobra_line {
	const struct cobra_command *cmd;
	struct cobra_flag *v; /* in the order given */
	size_t n;
	const char **operands; /* NULL-terminated */
	size_t noperands;
	size_t dash;	    /* operands before "--"; SIZE_MAX: none */
	size_t first;	    /* words before the command; 0 without one */
	bool help;	    /* --help or -h: prints help, nothing else */
	const char **words; /* the program's words again, canonical: command
			     * words, --flag=value, operands; NULL-terminated,
			     * without the program's name */
};

/*
 * table: n rows of stride bytes, each beginning with a struct cobra_command;
 * a path's parents are in it too.  argv: behind the program's name.
 * ERR_UNKNOWN: a flag that is not in the table; ERR_SYNTAX: the program would
 * refuse the line.  A word that names no command is an operand of the
 * command so far.
 */
int cobra_read(void *ctx, const void *table, size_t n, size_t stride,
	       const char *const *argv, struct cobra_line *out, struct err *e);

/* The last word on a switch. */
bool cobra_on(const struct cobra_line *l, const char *name);
bool cobra_given(const struct cobra_line *l, const char *name);
/* The last value; NULL when the flag was not given. */
const char *cobra_value(const struct cobra_line *l, const char *name);
/* i-th value of a repeatable flag; NULL beyond the last. */
const char *cobra_nth(const struct cobra_line *l, const char *name, size_t i);
/* Operand i, or NULL. */
const char *cobra_operand(const struct cobra_line *l, size_t i);

#endif
