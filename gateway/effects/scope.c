/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an object lies: pure comparisons of resolved paths, and one stat for
 * what lies in a temporary folder (was it made in this session?).
 */
#include "effects/scope.h"
#include "base/path.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

static const char *const temporary[] = {"/tmp", "/var/tmp", "/dev/shm"};

/* Below the home folder. */
static const char *const credential_stores[] = {
    ".ssh",
    ".aws",
    ".azure",
    ".netrc",
    ".authinfo",
    ".authinfo.gpg",
    ".git-credentials",
    ".config/git/credentials",
    ".config/gh",
    ".config/hub",
    ".config/glab-cli",
    ".config/gcloud",
    ".config/doctl",
    ".config/rclone",
    ".config/op",
    ".config/sops",
    ".config/age",
    ".config/google-chrome",
    ".config/chromium",
    ".mozilla",
    ".gnupg",
    ".kube",
    ".docker",
    ".npmrc",
    ".yarnrc.yml",
    ".pypirc",
    ".pgpass",
    ".my.cnf",
    ".mylogin.cnf",
    ".password-store",
    ".local/share/keyrings",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".gem/credentials",
    ".composer/auth.json",
    ".config/composer/auth.json",
    ".m2/settings.xml",
    ".m2/settings-security.xml",
    ".terraform.d/credentials.tfrc.json",
    ".vault-token",
    ".s3cfg",
    ".boto",
    ".databrickscfg",
    ".htpasswd",
};

static const char *const system_folders[] = {
    "/etc",    "/usr",	"/bin", "/sbin", "/lib", "/lib32", "/lib64",
    "/libx32", "/boot", "/dev", "/proc", "/sys", "/var",   "/run",
};

/* Writing there leaves nothing behind. */
static const char *const harmless_devices[] = {
    "/dev/null",  "/dev/zero",	 "/dev/full",	"/dev/tty",
    "/dev/stdin", "/dev/stdout", "/dev/stderr",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
in_list(const char *path, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (path_is_under(path, list[i]))
			return true;
	return false;
}

static bool
below_temporary(const char *path)
{
	for (size_t i = 0; i < COUNT(temporary); i++)
		if (strcmp(path, temporary[i]) != 0 &&
		    path_is_under(path, temporary[i]))
			return true;
	return false;
}

/* The home folder with its links resolved, worked out once per process: a
 * resolved path cannot lie below an unresolved home. */
static const char *
real_home(const struct invocation *in)
{
	static char named[PATH_MAX], real[PATH_MAX];
	const char *home = invocation_home(in);
	char *resolved;

	if (!home || home[0] != '/' || !home[1])
		return NULL;
	if (!strcmp(named, home))
		return real;
	resolved = path_resolve(NULL, "/", home);
	snprintf(real, sizeof(real), "%s", resolved);
	snprintf(named, sizeof(named), "%s", home);
	talloc_free(resolved);
	return real;
}

static bool
under_root(const struct invocation *in, const struct scope_rules *rules,
	   const char *path)
{
	const char *home;

	if (rules && rules->nroots)
		return in_list(path, rules->roots, rules->nroots);
	home = real_home(in);
	return (home && path_is_under(path, home)) || below_temporary(path);
}

/* Does another repository lie between the two?  A .git that is a file is a
 * submodule's or a linked work tree's: those are no border. */
static bool
nested_between(const char *start, const char *worktree)
{
	char at[PATH_MAX], git[PATH_MAX + 8];
	size_t len = strlen(worktree);
	struct stat st;
	char *slash;

	if (snprintf(at, sizeof(at), "%s", start) >= (int)sizeof(at))
		return true;
	while (strlen(at) > len && (slash = strrchr(at, '/'))) {
		snprintf(git, sizeof(git), "%s/.git", at);
		if (!lstat(git, &st) && S_ISDIR(st.st_mode))
			return true;
		*slash = '\0';
	}
	return false;
}

/* Did the session begin in this repository, in a work tree of it, or in the
 * repository that it is a submodule of? */
static bool
began_here(const struct invocation *in, const struct repository *r)
{
	const char *start = in->session ? in->session->start_dir : NULL;
	const char *dir = r->commondir ? r->commondir : r->gitdir;
	const char *modules;
	size_t len;

	if (!start || start[0] != '/' || !start[1])
		return false;
	if (r->worktree && path_is_under(start, r->worktree) &&
	    !nested_between(start, r->worktree))
		return true;
	if (path_is_under(start, dir))
		return true;
	modules = strstr(dir, "/.git/modules/");
	len = modules ? (size_t)(modules - dir) : strlen(dir);
	if (!modules) {
		if (!r->linked || len < 5 ||
		    strcmp(dir + len - 5, "/.git") != 0)
			return false;
		len -= 5;
	}
	return len && !strncmp(start, dir, len) &&
	       (start[len] == '/' || !start[len]);
}

enum scope
scope_of_repository(const struct invocation *in,
		    const struct scope_rules *rules, const struct repository *r)
{
	const char *place = r->worktree ? r->worktree : r->gitdir;
	const char *common = r->commondir ? r->commondir : r->gitdir;
	const char *home = real_home(in);

	if (r->foreign)
		return SCOPE_OUTSIDE;
	if (below_temporary(place) && below_temporary(common) && in->session &&
	    session_made(in->session, place) &&
	    (!strcmp(place, common) || session_made(in->session, common)))
		return SCOPE_SCRATCH;
	/* A work tree that is the home folder itself holds everything that
	 * the person has. */
	if (r->worktree && home && !strcmp(r->worktree, home))
		return SCOPE_HOME;
	if (began_here(in, r))
		return SCOPE_WORKSPACE;
	if (under_root(in, rules, place) && under_root(in, rules, common))
		return SCOPE_WORKSPACE;
	return SCOPE_OUTSIDE;
}

static bool
is_protected(const struct scope_rules *rules, const struct repository *r,
	     const char *path)
{
	const char *below =
	    r && r->worktree ? path_below(path, r->worktree) : NULL;

	for (size_t i = 0; rules && i < rules->nprotected_paths; i++) {
		const char *glob = rules->protected_paths[i];

		if (glob[0] == '/'
			? path_glob_match(glob, path)
			: below && *below && path_glob_match(glob, below))
			return true;
	}
	return false;
}

static bool
is_secret(const char *home, const char *path)
{
	const char *below = home ? path_below(path, home) : NULL;

	if (!below || below[0] != '.')
		return false;
	for (size_t i = 0; i < COUNT(credential_stores); i++) {
		size_t len = strlen(credential_stores[i]);

		if (!strncmp(below, credential_stores[i], len) &&
		    (below[len] == '/' || !below[len]))
			return true;
	}
	return false;
}

/* The folder itself, not what is in it: /, /home, home, workspace roots. */
static bool
is_landmark(const struct scope_rules *rules, const char *home, const char *path)
{
	if (path[0] != '/' || !strchr(path + 1, '/'))
		return true;
	if (home && path_is_under(home, path))
		return true;
	for (size_t i = 0; rules && i < rules->nroots; i++)
		if (!strcmp(path, rules->roots[i]))
			return true;
	return in_list(path, temporary, COUNT(temporary)) &&
	       !below_temporary(path);
}

/* A birth time is the inode's: editors and sed -i give old files new ones.  In
 * what was there before the session, which it works on, that proves nothing. */
static bool
made_here(const struct invocation *in, const struct scope_rules *rules,
	  const struct repository *r, const char *path)
{
	const char *start = in->session ? in->session->start_dir : NULL;
	char *real;
	bool inside;

	if (!in->session || !session_made(in->session, path))
		return false;
	if (r && r->worktree && path_is_under(path, r->worktree))
		return scope_of_repository(in, rules, r) == SCOPE_SCRATCH;
	if (!start || start[0] != '/')
		return true;
	real = path_resolve(NULL, "/", start);
	inside = below_temporary(real) && path_is_under(path, real) &&
		 !session_made(in->session, real);
	talloc_free(real);
	return !inside;
}

enum scope
scope_of_path(const struct invocation *in, const struct scope_rules *rules,
	      const struct repository *r, const char *path)
{
	const char *home = real_home(in);

	if (is_secret(home, path))
		return SCOPE_SECRET;
	if (is_protected(rules, r, path))
		return SCOPE_PROTECTED;
	for (size_t i = 0; i < COUNT(harmless_devices); i++)
		if (!strcmp(path, harmless_devices[i]))
			return SCOPE_SCRATCH;
	if (below_temporary(path) &&
	    (!path_exists(path) || made_here(in, rules, r, path)))
		return SCOPE_SCRATCH;
	if (r && ((r->worktree && path_is_under(path, r->worktree)) ||
		  path_is_under(path, r->gitdir) ||
		  (r->commondir && path_is_under(path, r->commondir)))) {
		enum scope s = scope_of_repository(in, rules, r);

		if (s == SCOPE_WORKSPACE || s == SCOPE_SCRATCH)
			return SCOPE_WORKSPACE;
	}
	if (is_landmark(rules, home, path))
		return SCOPE_SYSTEM;
	if (below_temporary(path))
		return SCOPE_WORKSPACE;
	if (home && path_is_under(path, home))
		return SCOPE_HOME;
	if (in_list(path, system_folders, COUNT(system_folders)))
		return SCOPE_SYSTEM;
	return SCOPE_OUTSIDE;
}

bool
scope_branch_protected(const struct scope_rules *rules, const char *short_name)
{
	const char *name = short_name;

	if (!strncmp(name, "refs/heads/", 11))
		name += 11;
	for (size_t i = 0; rules && i < rules->nprotected_branches; i++)
		if (path_glob_match(rules->protected_branches[i], name))
			return true;
	return false;
}

bool
scope_host_trusted(const struct scope_rules *rules, const char *host,
		   unsigned port)
{
	char name[300];

	snprintf(name, sizeof(name), "%s:%u", host, port);
	for (size_t i = 0; rules && i < rules->ntrusted_hosts; i++) {
		const char *glob = rules->trusted_hosts[i];

		if (*glob == '@')
			continue;
		if (path_glob_match(glob, strchr(glob, ':') ? name : host))
			return true;
	}
	return false;
}
