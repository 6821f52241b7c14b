/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A push in its parts: what the oracle says it would do (git_push_oracle.c),
 * what each update means (git_push_judge.c), what is run (git_push.c).
 */
#ifndef AUTOMODE_TOOLS_GIT_PUSH_H
#define AUTOMODE_TOOLS_GIT_PUSH_H

#include "tools/git_remotes.h"

struct push_line {
	char flag;	  /* of --porcelain: ' ' '+' '-' '*' '=' '!' */
	const char *from; /* local name or expression; "" for a deletion */
	const char *to;	  /* full name there */
	const char *text; /* summary and reason */
	size_t url;	  /* index in the remote's push URLs */
	git_oid was;	  /* there now; zero when not there or not known */
	bool pinned;	  /* forced or deleted: run with a lease on `was` */
};

struct push {
	struct git_call *g;
	struct git_remote remote;
	struct push_line *lines;
	size_t nlines;
	int status; /* of the dry run */
};

/* Runs the dry run and reads its lines; p->nlines 0: git refuses by itself,
 * or nothing is to be done. */
int push_ask(struct push *p, struct err *e);
/* Adds the effects of all lines to one URL. */
int push_judge(struct push *p, size_t url, struct err *e);

/* Is the commit the person's or this session's own? */
struct push_owner;
struct push_owner *push_owner_new(struct git_call *g);
bool push_owner_made(const struct push_owner *o, const git_commit *commit);

#endif
