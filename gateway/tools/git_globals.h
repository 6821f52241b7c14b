/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options before the command word (git(1); git.c of 2.39, handle_options).
 */
#ifndef AUTOMODE_TOOLS_GIT_GLOBALS_H
#define AUTOMODE_TOOLS_GIT_GLOBALS_H

#include "tools/git.h"

/* What is left of the line to read; v is NULL-terminated. */
struct git_line {
	const char *const *v;
	size_t n;
};

enum globals_end {
	GLOBALS_WORD = 1, /* a command word follows */
	GLOBALS_NONE,	  /* nothing follows: git prints its usage */
	GLOBALS_PRINT,	  /* an option that prints and exits */
};

/* Reads global options off the line into g->globals, g->hints, g->dir and
 * g->commands; an enum globals_end, or negative. */
int git_globals_read(struct git_call *g, struct git_line *l, struct err *e);

#endif
