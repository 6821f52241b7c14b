/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is new in the home folder: made in this session, or a program that
 * takes no other one's place.
 */
#include "base/path.h"
#include "invocation/program.h"
#include "tools/path_class.h"
#include <string.h>

bool
path_is_own_making(struct operands *os, const char *path)
{
	const struct operand_place *p;

	if (!os->in->session || !session_made(os->in->session, path))
		return false;
	p = operand_place(os, path_join(os->ctx, path, "x"));
	return !p || !p->repo || !p->repo->worktree ||
	       strcmp(p->repo->worktree, path) != 0 ||
	       session_made(os->in->session, p->repo->gitdir);
}

bool
path_is_new_program(struct operands *os, const char *below, const char *path)
{
	static const char *const standard[] = {
	    "/usr/local/bin",  "/usr/bin",  "/bin",
	    "/usr/local/sbin", "/usr/sbin", "/sbin",
	};
	const char *name = path_base(path), *found;
	struct err e;

	if (!below || strchr(name, '-') ||
	    (strcmp(below, path_join(os->ctx, ".local/bin", name)) != 0 &&
	     strcmp(below, path_join(os->ctx, "bin", name)) != 0))
		return false;
	if (path_exists(path) && !path_is_own_making(os, path))
		return false;
	for (size_t i = 0; i < sizeof(standard) / sizeof(*standard); i++)
		if (path_exists(path_join(os->ctx, standard[i], name)))
			return false;
	return program_find(os->ctx, os->in, name, &found, &e) < 0 ||
	       !strcmp(found, path);
}
