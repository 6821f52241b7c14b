/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a remote's name, a URL or a path leads, and whether it was known
 * before the session could have changed it.
 */
#ifndef AUTOMODE_TOOLS_GIT_REMOTES_H
#define AUTOMODE_TOOLS_GIT_REMOTES_H

#include "tools/git.h"

enum git_url_kind {
	GIT_URL_PATH = 1, /* a directory (or bundle) on this machine */
	GIT_URL_SELF,	  /* "." */
	GIT_URL_HOST,	  /* ssh, https, git, ... */
	GIT_URL_HELPER,	  /* ext::, unknown schemes, remote.x.vcs */
};

struct git_url {
	const char *raw;  /* as configured or typed */
	const char *text; /* after insteadOf */
	const char *by;	  /* the rewriting key, NULL: none */
	const char *by_origin;
	bool by_trusted; /* the rewriting key is the person's own */
	enum git_url_kind transport;
	const char *path;   /* absolute; GIT_URL_PATH */
	const char *scheme; /* "ssh", "https", "ext", ... */
};

struct git_remote {
	const char *name; /* configured name; NULL: a URL or path as typed */
	struct git_url *fetch, *push;
	size_t nfetch, npush;
};

/* Reads the configuration for a name, or takes the word as a URL.  Negative
 * for what git 2.39 still reads and we do not (.git/remotes, .git/branches). */
int git_remote_look(struct git_call *g, const char *word,
		    struct git_remote *out, struct err *e);
bool git_remote_named(struct git_call *g, const char *name);

/* Is "KIND NAME VALUE" among the facts of a project?  name NULL: any. */
bool git_fact(const char *facts, const char *kind, const char *name,
	      const char *value);
/* The address of a remote, under whatever name, that had none of it when the
 * session first saw the project? */
bool git_remote_came(struct git_call *g, const char *url);
/* trusted, local or foreign; *why: what makes it foreign. */
enum scope
git_remote_scope(struct git_call *g, const struct git_remote *r,
		 const struct git_url *u, bool push, const char **why);
/* Refuses what is not on this machine; binds what is.  Sets the box. */
int git_url_reach(struct git_call *g, const struct git_url *u, bool write,
		  struct err *e);
/* git_permit.c: a URL of another machine is added to need.permits, for fetching
 * or for pushing (updates to be added by the caller: none of them is a dry
 * run).  NULL: refused.  The result is valid until the next one. */
struct transport_permit *git_permit(struct git_call *g, const struct git_url *u,
				    bool push, struct err *e);
/* git_secrets.c: credentials that would go to a host that is not theirs, in
 * the address or on the line; git_permit() asks for itself. */
void
git_secrets_sent(struct git_call *g, const struct git_url *u, const char *host);
/* The same for an address that is written down. */
void git_secrets_kept(struct git_call *g, const char *word);
/* How a name came to mean that host: key, file and rewriting; NULL when it is
 * no host. */
const char *git_url_why(struct git_call *g, const struct git_remote *r,
			const struct git_url *u);
/* The person chose that host: permits for it may lead to this machine. */
void git_permit_named(struct git_call *g, const struct git_url *u);
/* git_clone_far.c: .gitmodules as that host has it at ref (NULL: HEAD), or
 * NULL. */
char *
git_far_modules(struct git_call *g, const struct git_url *u, const char *ref);
/* A URL for people: without user, password and query. */
char *git_url_safe(struct git_call *g, const char *url);
/* The remote of the current branch for fetch or push; never NULL. */
const char *git_default_remote(struct git_call *g, bool push);
/* Short name of the current branch, or NULL (detached, unborn counts). */
const char *git_current_branch(struct git_call *g);

/* --upload-pack, --receive-pack, remote.x.uploadpack and their like. */
void git_other_end_runs(struct git_call *g, const struct git_remote *r,
			const char *const *options, const char *key);
/* Contacts a remote to read from it: binds it, adds net.fetch. */
int git_contact(struct git_call *g, const struct git_remote *r, struct err *e);
/* What is fetched is written to this repository: is that sending it away? */
void git_fetch_sends(struct git_call *g, const struct git_remote *r);
/* A fetch from one remote; its refspecs are the operands from first on. */
int git_fetch_one(struct git_call *g, const struct git_remote *r, size_t first,
		  struct err *e);
void
git_judge_fetch(struct git_call *g, const struct git_remote *r, size_t first);
/* Calls each with every remote that the operands (names, groups) mean. */
int git_every_remote(struct git_call *g,
		     int (*each)(struct git_call *g, const struct git_remote *r,
				 size_t first, struct err *e),
		     bool all, bool multiple, struct err *e);
/* What fetching in submodules along the way needs to see (git_submodule.c). */
void git_binds_submodules(struct git_call *g);
/* The same of what is cloned with its submodules; branch: NULL is HEAD. */
void git_binds_of_clone(struct git_call *g, const struct git_url *from,
			const char *branch);

/* The operands may be submodules whose git dir lies inside them, and goes to
 * .git/modules. */
void git_moves_modules(struct git_call *g);

#endif
