/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an object lies.  Depends on the session, the person's home and the
 * profile's workspace roots and protected paths.
 */
#ifndef AUTOMODE_EFFECTS_SCOPE_H
#define AUTOMODE_EFFECTS_SCOPE_H

#include "effects/effect.h"
#include "invocation/invocation.h"
#include "invocation/repository.h"

enum database_access {
	DATABASE_UNSET = 0, /* as read-only */
	DATABASE_NONE,
	DATABASE_READ_ONLY,
	DATABASE_READ_WRITE,
};

struct database_rule {
	const char *name;
	const char **hosts; /* globs */
	size_t nhosts;
	const char **sensitive; /* tables: globs; without hosts, of all */
	size_t nsensitive;
	enum database_access access; /* the strictest of all layers */
};

/* [secret "name"] of a profile: either env or host. */
struct scope_secret {
	const char *name, *env, *host;
};

struct scope_rules {	    /* from the policy; see policy/policy.h */
	const char **roots; /* workspace roots, absolute, real; default home
			     * and the temporary folders */
	size_t nroots;
	const char **protected_paths; /* globs, relative to the work tree or
				       * absolute */
	size_t nprotected_paths;
	const char **protected_branches; /* globs over short names */
	size_t nprotected_branches;
	const char **trusted_hosts; /* "host", "host:port" (globs), "@name" */
	size_t ntrusted_hosts;
	struct scope_secret *secrets;
	size_t nsecrets;
	struct database_rule *databases; /* [database "..."] */
	size_t ndatabases;
};

/* A repository (its refs, index and work tree as a whole):
 *  scratch    work tree and git dir made in this session below a temporary
 *             folder (/tmp /var/tmp /dev/shm, TMPDIR if below one of them)
 *  workspace  belongs to the caller and lies under a root, or is the one in
 *             which the session began, or a linked worktree / submodule of
 *             such a one
 *  outside    every other */
enum scope scope_of_repository(const struct invocation *in,
			       const struct scope_rules *rules,
			       const struct repository *r);
/* A file or directory, absolute and resolved:
 *  secret     credential stores of the person (~/.ssh, ~/.aws, ~/.netrc,
 *             ~/.config/gh, ~/.git-credentials, ~/.gnupg, ~/.kube, ~/.docker,
 *             ~/.npmrc, ~/.pypirc, ~/.pgpass, ~/.password-store, ...)
 *  protected  protect.path of the profile
 *  scratch    below a temporary folder and made in this session, or not yet
 *             there; what lies in a work tree, or where the session began,
 *             only if that was made in this session itself
 *  workspace  in the current repository's work tree, or in a temporary
 *             folder
 *  home       below the home folder
 *  system     / and its children, /etc /usr /bin /lib* /boot /dev /proc /sys
 *             /var
 *  outside    the rest */
enum scope
scope_of_path(const struct invocation *in, const struct scope_rules *rules,
	      const struct repository *r, const char *path);
/* A local branch by short name: protected by the profile or not. */
bool
scope_branch_protected(const struct scope_rules *rules, const char *short_name);
/* Is the host named by a profile ([network] trust)?  port: the one that is
 * meant, never 0. */
bool scope_host_trusted(const struct scope_rules *rules, const char *host,
			unsigned port);

#endif
