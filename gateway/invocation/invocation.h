/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 1: who asked for what, where.  Checked once, immutable from here on.
 */
#ifndef AUTOMODE_INVOCATION_INVOCATION_H
#define AUTOMODE_INVOCATION_INVOCATION_H

#include "base/err.h"
#include "invocation/session.h"
#include "wire/frame.h"
#include <sys/resource.h>
#include <sys/types.h>

struct passed_fd {
	int number; /* in the caller */
	int fd;	    /* here */
};

struct invocation {
	enum request_kind kind;
	const char *tool;	 /* basename of argv[0] as called */
	const char *const *argv; /* NULL-terminated; bytes, never NULL inside */
	size_t argc;
	const char *const *env; /* NULL-terminated "NAME=value" */
	size_t envc;
	const char *cwd; /* absolute, real; same directory as cwd_fd */
	int cwd_fd;	 /* O_PATH */
	bool gone;	 /* that directory was deleted; cwd is the root */
	int stdio[3];	 /* -1: was closed */
	struct passed_fd passed[16];
	size_t npassed;
	uid_t uid;
	gid_t gid;
	pid_t pid; /* 0: in another pid namespace */
	mode_t mask;
	int nice;
	uint64_t ignored_signals; /* bit n-1 = signal n */
	unsigned rows, cols;	  /* 0: no terminal */
	struct rlimit limits[RLIM_NLIMITS];
	uint32_t limits_given;	       /* bit per resource */
	const struct session *session; /* never NULL */
};

/* Reads a FRAME_REQUEST.  cwd is the path the caller gave if it names the
 * same directory as the descriptor, else what /proc/self/fd says.  The
 * session is found by AUTOMODE_SESSION in the caller's environment; an
 * unknown or missing id gets the gateway's default session of that uid. */
int invocation_read(void *ctx, const struct frame *f, const struct peer *peer,
		    const struct sessions *all, struct invocation *out,
		    struct err *e);
/* Value of a variable of the caller, or NULL.  No name is there twice: of
 * duplicates the first was kept, as getenv(3) would see it. */
const char *invocation_env(const struct invocation *in, const char *name);
/* Home of the uid from the password database, not from the environment. */
const char *invocation_home(const struct invocation *in);
/* What invocation_home() says for that uid from now on (the gateway looks it
 * up once; tests have a home of their own). */
void invocation_set_home(uid_t uid, const char *home);

#endif
