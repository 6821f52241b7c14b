/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kind of place a path is, for somebody who is about to change it: its
 * scope as the policy sees it, and what is special about it.
 */
#ifndef AUTOMODE_TOOLS_PATH_CLASS_H
#define AUTOMODE_TOOLS_PATH_CLASS_H

#include "tools/operand.h"

enum path_kind {
	PATH_PLAIN = 0,
	PATH_ROOT,	 /* / and its children */
	PATH_HOME,	 /* the home folder, or a folder around it */
	PATH_WORKSPACE,	 /* the workspace itself, or a folder around it */
	PATH_MOUNT,	 /* a mount point */
	PATH_REPOSITORY, /* .git, its objects, refs, HEAD */
	PATH_HOOK,	 /* .git/hooks, .git/config, info/attributes */
	PATH_GATEWAY,	 /* what automode itself keeps */
	PATH_AGENT,	 /* settings of a coding agent */
	PATH_START,	 /* runs, or is read as commands, later */
	PATH_SECRET,	 /* a credential */
	PATH_CHECKOUT,	 /* another repository's work tree */
	PATH_DEVICE,
	PATH_SINK, /* a device that keeps nothing of what it is given */
};

struct path_class {
	enum path_kind kind;
	enum scope scope;
	const char *why; /* for the reason of a denial; NULL: nothing special */
};

/* At path itself, as it is after all links but its own. */
void path_classify(struct operands *os, const struct operand *o,
		   const char *path, struct path_class *out);
/* Would taking the whole of a directory away take something with it that the
 * profile protects, or a credential of the person?  Sharpens *c. */
void
path_classify_tree(struct operands *os, const char *dir, struct path_class *c);
/* Is it a credential by its place or name?  *home: one of the person's own
 * stores, rather than a file of a project. */
bool path_is_credential(struct operands *os, const char *path, bool *home);
/* Does dir hold a credential store of the person? */
const char *path_holds_credentials(struct operands *os, const char *dir);
/* The path below the home folder; NULL: not there. */
const char *path_below_home(struct operands *os, const char *path);
/* Is it an entry of the list, or in one that ends with a slash? */
bool path_listed(const char *below, const char *const *list, size_t n);
/* Made in this session, with the repository that it may hold: nothing of the
 * person's from before.  Birth times cannot be set. */
bool path_is_own_making(struct operands *os, const char *path);
/* A program in ~/.local/bin or ~/bin under a name that nothing else has: it
 * runs when somebody calls it by that name, and stands in nobody's way.  git
 * and its like run what they find as git-NAME.  below: path below home. */
bool
path_is_new_program(struct operands *os, const char *below, const char *path);

#endif
