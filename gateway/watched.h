/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The standard input of a program that was handed over, on its way there: it
 * comes as it comes, and ends, with the program, where a credential shows in
 * it that does not belong to the host.
 */
#ifndef AUTOMODE_WATCHED_H
#define AUTOMODE_WATCHED_H

#include "request.h"

struct watched {
	int in, out; /* from the caller, to the program */
	int program; /* a pidfd; -1: not known */
};

/* The end for the program, or -1. */
int watched_begin(struct request *rq, struct watched *w, struct err *e);
/* Once the program has it; to its end.  What was found, or NULL. */
const char *watched_run(void *ctx, struct request *rq, struct watched *w);

#endif
