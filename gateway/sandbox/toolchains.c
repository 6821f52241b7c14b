/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hooks, editors and build steps expect of the person's machine:
 * interpreters and compilers installed below the home folder or beside the
 * system, read-only at their places, and a cache that lasts, one per project,
 * at ~/.cache.  Never a folder that holds credentials.
 */
#include "base/path.h"
#include "sandbox/box.h"
#include "sandbox/home.h"
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

/* Below the home folder. */
static const char *const places[] = {
    ".nvm",
    ".volta",
    ".fnm",
    ".local/share/fnm",
    ".pyenv",
    ".rbenv",
    ".rvm",
    ".asdf",
    ".local/share/mise",
    ".config/mise",
    ".tool-versions",
    ".cargo/bin",
    ".cargo/registry",
    ".cargo/git",
    ".cargo/env",
    ".cargo/config.toml",
    ".rustup",
    "go",
    ".go",
    ".bun",
    ".deno",
    ".local/bin",
    ".local/lib",
    ".local/libexec",
    ".local/share/pipx",
    ".local/share/uv",
    ".local/share/pnpm",
    ".local/pipx",
    ".npm-global",
    ".yarn/bin",
    ".sdkman",
    ".ghcup",
    ".cabal/bin",
    ".opam",
    ".juliaup",
    ".dotnet",
    ".nix-profile",
    ".local/state/nix/profiles",
    ".linuxbrew",
    "miniconda3",
    "anaconda3",
    "miniforge3",
    ".conda/envs",
    ".vimrc",
    ".vim",
    ".config/nvim",
    ".config/vim",
    ".nanorc",
    ".editorconfig",
    ".inputrc",
    ".lesskey",
    ".terminfo",
    NULL,
};

/* Caches that hold installed programs, and into which their owner writes even
 * when it installs nothing (pre-commit: the unstaged changes that it sets
 * aside, its database). */
static const char *const installed[] = {"pre-commit", "prek", NULL};
#define MAX_INSTALLED 200

static const char *const elsewhere[] = {
    "/opt",
    "/nix",
    "/home/linuxbrew/.linuxbrew",
    NULL,
};

/* Variables that name the root of a toolchain. */
static const char *const variables[] = {
    "NVM_DIR",	    "PYENV_ROOT",    "RBENV_ROOT",
    "RUSTUP_HOME",  "GOPATH",	     "GOROOT",
    "VOLTA_HOME",   "BUN_INSTALL",   "DENO_INSTALL",
    "PNPM_HOME",    "JAVA_HOME",     "SDKMAN_DIR",
    "ASDF_DIR",	    "ASDF_DATA_DIR", "MISE_DATA_DIR",
    "CONDA_PREFIX", "VIRTUAL_ENV",   "FNM_DIR",
    NULL,
};

/* The environment is the caller's, who may be enclosed and want to see with
 * the help of a hook what is not his: so only what looks like a folder of
 * programs, or like the root of a toolchain. */
static bool
looks_right(void *ctx, const char *real, bool root)
{
	static const char *const programs[] = {"bin",	   "sbin",    "shims",
					       ".bin",	   "libexec", "Scripts",
					       "condabin", NULL};
	static const char *const inside[] = {"bin", "shims", "versions", NULL};
	const char *name = path_base(real);

	for (size_t i = 0; !root && programs[i]; i++)
		if (strcmp(name, programs[i]) == 0)
			return true;
	if (!root || (*name != '.' &&
		      path_exists(talloc_asprintf(ctx, "%s/.git", real))))
		return false;
	for (size_t i = 0; inside[i]; i++)
		if (path_exists(talloc_asprintf(ctx, "%s/%s", real, inside[i])))
			return true;
	return false;
}

static void
add_named(struct mounts *m, const struct invocation *in, const char *path,
	  bool root)
{
	static const char *const never[] = {"/proc", "/dev", "/sys",
					    "/run",  "/etc", NULL};
	const char *real;

	if (*path != '/' || path_is_under(path, "/usr"))
		return;
	real = path_resolve(m->ctx, "/", path);
	if (path_is_under(real, "/usr") ||
	    path_parent(m->ctx, real)[1] == '\0' || /* /tmp, /var, /home */
	    home_touches_secret(in, real) || !looks_right(m->ctx, real, root))
		return;
	for (size_t i = 0; never[i]; i++)
		if (path_is_under(real, never[i]))
			return;
	mounts_bind(m, ENTRY_READ, path);
}

/* In the project's cache: what is installed as it is, the files as copies. */
static void
add_installed(struct mounts *m, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	unsigned n = 0;

	if (d)
		mounts_add(m, ENTRY_FOLDER, dir);
	while (d && n < MAX_INSTALLED && (ent = readdir(d))) {
		const char *path =
		    talloc_asprintf(m->ctx, "%s/%s", dir, ent->d_name);
		struct stat st;

		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, "..") ||
		    lstat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			mounts_bind(m, ENTRY_READ, path);
		else if (S_ISREG(st.st_mode))
			mounts_show(m, path);
		n++;
	}
	if (d)
		closedir(d);
}

/* The project's cache stands at ~/.cache; where it cannot be made, that is
 * empty.  A home that is not there may be what the command is to make. */
static void
add_cache(struct mounts *m, const char *cache, const char *home,
	  const char *real, const char *project)
{
	const char *place = talloc_asprintf(m->ctx, "%s/.cache", home);
	const char *dir =
	    talloc_asprintf(m->ctx, "%s/%s", cache, project ? project : "none");

	if (!path_exists(home))
		return;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST &&
	    path_make_dirs(dir, 0700, NULL) < 0)
		return;
	mounts_add(m, ENTRY_STAND, place)->source = dir;
	/* the caller may have made another home up of links */
	for (size_t i = 0; real && !strcmp(real, home) && installed[i]; i++)
		add_installed(
		    m, talloc_asprintf(m->ctx, "%s/%s", place, installed[i]));
}

void
toolchains_add(struct mounts *m, const struct box *box,
	       const struct invocation *in, const char *project)
{
	const char *path = invocation_env(in, "PATH");
	const char *home = invocation_home(in);

	for (size_t i = 0; elsewhere[i]; i++)
		mounts_bind(m, ENTRY_READ, elsewhere[i]);
	/* not those of $HOME: a caller could have made that up of links */
	for (size_t i = 0; home && *home == '/' && places[i]; i++) {
		const char *p =
		    talloc_asprintf(m->ctx, "%s/%s", home, places[i]);

		if (access(p, F_OK) == 0)
			mounts_bind(m, ENTRY_READ, p);
	}
	for (size_t i = 0; variables[i]; i++) {
		const char *v = invocation_env(in, variables[i]);

		if (v)
			add_named(m, in, v, true);
	}
	while (path && *path) {
		size_t len = strcspn(path, ":");

		if (len)
			add_named(m, in, talloc_strndup(m->ctx, path, len),
				  false);
		path += len + (path[len] == ':');
	}
	if (box->cache)
		add_cache(m, box->cache, home_of(m->ctx, in), home, project);
}
