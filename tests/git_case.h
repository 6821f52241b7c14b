/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One case of the git drivers: what it says (run_git.c tells the format), and
 * asking the tool about its command line in a repository of its own.
 */
#ifndef AUTOMODE_TESTS_GIT_CASE_H
#define AUTOMODE_TESTS_GIT_CASE_H

#include "tools/tool.h"

extern char *case_top; /* folder of this run */

struct wanted {
	char *repo, *cd, *env[32], *facts, *line, *protect;
	char *effects, *losses, *box, *argv, *undo, *why, *denied, *syntax;
	char *need[8], *permit[8];
	size_t nenv, nneed, npermit;
	bool old_session;
};

struct said {
	struct command cmd;
	struct effects fx;
	struct err e;
	int rc;
};

/* One line of a case; what is no part of one is told on stdout. */
void case_line(void *ctx, struct wanted *w, char *line);

/* The folder of the repository of that name, made when it is not there. */
const char *case_dir(void *ctx, const char *repo);

void
case_ask(void *ctx, const struct wanted *w, const char *dir, struct said *out);

/* Words as a shell would divide them; ' and " group, nothing else counts. */
size_t case_split(void *ctx, const char *line, const char **v, size_t max);

#endif
