/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 8: box + command -> bwrap options.  A pure function but for lstat()
 * of the sources (golden text in tests/cases/bwrap/).
 */
#ifndef AUTOMODE_SANDBOX_BWRAP_H
#define AUTOMODE_SANDBOX_BWRAP_H

#include "invocation/invocation.h"
#include "sandbox/box.h"
#include "tools/tool.h"

struct bwrap_plan {
	const char **options; /* for --args, NULL-terminated, without "--" */
	size_t noptions;
	struct bwrap_data { /* --file: bytes for a memfd at fd, or a file */
		int fd;
		const char *bytes;
		size_t len;
		const char *path; /* opened at fd when bytes is NULL */
	} * data;
	size_t ndata;
	/* Files that are to be written in a folder which the box must not see
	 * whole (the home folder, /tmp): the box gets an empty folder of ours
	 * in its place, made beside them, and what the command left there
	 * under these names is moved out when it has ended. */
	struct bwrap_stage {
		const char *dir;    /* made by exec_prepare() */
		const char *place;  /* the folder it stands for */
		const char **names; /* NULL-terminated; below place */
	} * stages;
	size_t nstages;
	/* Where in options a bind begins whose source the box is given as it
	 * lies there without any link on the way, by a descriptor. */
	size_t *held;
	size_t nheld;
	const char **env; /* of the command, "NAME=value", NULL-terminated; it
			   * goes in by --setenv, bwrap itself gets none */
	const char *seccomp; /* "base", "noinet" ...: seccomp.h */
	const char *chdir;
	bool supervise; /* run through the box helper that reports attempts to
			 * reach the network (hooks) */
	bool ids;	/* with it: that asks about owners instead */
	const char *helper; /* the box helper's path in the box; NULL: this
			     * installation has none */
	bool reads_only;    /* no file outside of the box can change by it */
};

#define BWRAP_PATH	 "/usr/bin/bwrap"
#define BWRAP_ARGS_FD	 200 /* our descriptors inside start here */
#define BWRAP_SECCOMP_FD 201
#define BWRAP_BLOCK_FD	 202
#define BWRAP_INFO_FD	 203
#define BWRAP_STATUS_FD	 204
#define BWRAP_HELPER_FD	 205
#define BWRAP_ARGV_FD	 206
#define BWRAP_DATA_FD	 210
#define BWRAP_HELD_FD	 500

/* Where the box helper is bound. */
#define BWRAP_HELPER "/run/automode/box-helper"

int
bwrap_compose(void *ctx, const struct box *box, const struct invocation *in,
	      const struct command *cmd, struct bwrap_plan *out, struct err *e);
/* Can bwrap work here?  Probed once at the gateway's start; the text says
 * what is missing and how to mend it. */
struct bwrap_probe {
	bool works;
	char text[1024];
};
void bwrap_probe(struct bwrap_probe *p);
/* Since that: does it take --bind-fd (0.10, and 0.8 of Debian 12.7 on)? */
bool bwrap_holds(void);

#endif
