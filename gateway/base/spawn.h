/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a helper program and collecting what it prints: fork, exec, no
 * shell, a deadline, a limit.  For the command that the caller asked for,
 * see exec/ instead.
 */
#ifndef AUTOMODE_BASE_SPAWN_H
#define AUTOMODE_BASE_SPAWN_H

#include "base/err.h"
#include <stddef.h>

struct spawn {
	const char *program;	 /* absolute path */
	const char *const *argv; /* NULL-terminated */
	const char *const *env;	 /* NULL-terminated; NULL: empty */
	const char *cwd;	 /* NULL: "/" */
	const void *input;	 /* fed to stdin; NULL: /dev/null */
	size_t input_len;
	const int *keep_fds; /* inherited under the same number */
	size_t nkeep_fds;
	size_t max_output; /* of stdout; 0: 1 MiB */
	int timeout_ms;	   /* 0: 10 s */
	/* results */
	char *output; /* NUL-terminated beyond output_len */
	size_t output_len;
	char *errors; /* first 4 KiB of stderr */
	int status;   /* exit status, or 128+signal */
};

/* Runs to the end.  Every fd but 0-2 and keep_fds is closed in the child,
 * signals are reset.  Negative when it could not run, ran into the limit or
 * the deadline (it is then killed); a non-zero exit status is not an error. */
int spawn_run(void *ctx, struct spawn *s, struct err *e);

#endif
