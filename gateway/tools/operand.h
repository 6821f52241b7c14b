/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operands of the tools that work on files: resolved once, with openat2(2)
 * from the caller's folder, and described.
 */
#ifndef AUTOMODE_TOOLS_OPERAND_H
#define AUTOMODE_TOOLS_OPERAND_H

#include "invocation/repository.h"
#include "tools/tool.h"
#include <sys/stat.h>

/* A work tree around an operand. */
struct operand_place {
	const char *top;	 /* the folder that holds .git */
	struct repository *repo; /* NULL: there is none, or git would not
				  * take it for one */
	bool ours;		 /* part of what this session works on */
	enum scope scope;	 /* of the repository */
};

struct operand {
	const char *given;
	const char *parent; /* absolute, real */
	const char *last;   /* in parent; "" for "/" itself */
	const char *path;   /* parent and last: what rm, mv and ln -n act on */
	const char *target; /* where it leads: what cp, tee and chmod act on;
			     * path itself when it is no link or not there */
	struct stat st;	    /* of path, not followed */
	struct stat to;	    /* of target */
	bool there;	    /* st is valid */
	bool leads;	    /* to is valid */
	bool slash;	    /* written with a slash at its end */
	bool dots;	    /* its last component was . or .. */
	bool link;
	bool folder; /* leads to a directory */
	bool mount;  /* path is a mount point */
	bool
	    open; /* /dev/stdout, /dev/fd/N: a pipe or terminal of the caller */
	int error; /* errno of looking; 0 */
};

/* What is common to all operands of a command. */
struct operands {
	void *ctx;
	const struct tool_context *t;
	const struct invocation *in;
	int base;	      /* O_PATH: what relative names start from */
	const char *base_dir; /* its real path */
	const char *home;     /* real; NULL: none that is one */
	const char *start;    /* folder in which the session began, when it
			       * can be a workspace; else NULL */
	/* the last parent that was opened */
	char *parent_given;
	const char *parent;
	int parent_fd;
	/* places found so far, and the folder that was asked for last */
	struct operand_place **places;
	size_t nplaces;
	const char *asked;
	struct operand_place *asked_place;
};

void
operands_init(struct operands *os, void *ctx, const struct tool_context *t);
/* Names count from dir from now on (tar -C, patch -d); relative to what they
 * counted from before.  Negative when it is no folder. */
int operands_change(struct operands *os, const char *dir, struct err *e);
/* Never fails: what cannot be looked at is not there, with the errno. */
void operand_look(struct operands *os, const char *given, struct operand *out);
/* The same for an absolute path that is already resolved. */
void operand_at(struct operands *os, const char *absolute, struct operand *out);
/* The work tree around an absolute, real path; NULL: none. */
const struct operand_place *
operand_place(struct operands *os, const char *path);

#endif
