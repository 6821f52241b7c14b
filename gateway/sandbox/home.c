/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential stores below the home folder: what no box shows by accident, for
 * instance because the home folder itself is a work tree.
 */
#include "sandbox/home.h"
#include "base/path.h"
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

static const char *const secrets[] = {
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".oci",
    ".ansible",
    ".vault-token",
    ".netrc",
    ".git-credentials",
    ".config/git/credentials",
    ".cache/git/credential",
    ".git-credential-cache",
    ".config/gh",
    ".config/hub",
    ".config/glab-cli",
    ".config/gcloud",
    ".config/doctl",
    ".config/containers",
    ".config/op",
    ".config/sops",
    ".config/rclone",
    ".config/heroku",
    ".config/google-chrome",
    ".config/chromium",
    ".mozilla",
    ".local/share/keyrings",
    ".local/share/kwalletd",
    ".password-store",
    ".pgpass",
    ".my.cnf",
    ".mylogin.cnf",
    ".npmrc",
    ".yarnrc.yml",
    ".config/pip",
    ".pip",
    ".pypirc",
    ".gem/credentials",
    ".bundle/config",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".m2/settings.xml",
    ".gradle/gradle.properties",
    ".composer/auth.json",
    ".config/composer/auth.json",
    ".nuget",
    ".terraform.d/credentials.tfrc.json",
    ".terraformrc",
    ".huggingface",
    ".cache/huggingface/token",
    ".wgetrc",
    ".curlrc",
    ".smbcredentials",
    ".claude",
    ".claude.json",
    ".codex",
    ".bash_history",
    ".zsh_history",
    ".local/state/automode",
    NULL,
};

const char *
home_of(void *ctx, const struct invocation *in)
{
	const char *home = invocation_env(in, "HOME");

	if (home && *home == '/') {
		home = path_clean(ctx, home);
		if (strcmp(home, "/") != 0)
			return home;
	}
	home = invocation_home(in);
	if (home && *home == '/' && strcmp(home, "/") != 0)
		return home;
	return "/nonexistent"; /* as Debian names it for users without one */
}

static bool
touches(const char *home, const char *path)
{
	const char *below = path_below(path, home);

	if (!below)
		return path_is_under(home, path);
	if (*below == '\0')
		return true;
	for (size_t i = 0; secrets[i]; i++)
		if (path_is_under(below, secrets[i]) ||
		    path_is_under(secrets[i], below))
			return true;
	return false;
}

bool
home_touches_secret(const struct invocation *in, const char *path)
{
	const char *real = invocation_home(in);
	void *ctx = talloc_new(NULL);
	bool yes = touches(home_of(ctx, in), path) ||
		   (real && *real == '/' && touches(real, path));

	talloc_free(ctx);
	return yes;
}

static bool
asked_for(const struct mounts *m, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (entry_is_bind(&m->v[i]) &&
		    path_is_under(m->v[i].place, path))
			return true;
	return false;
}

/* A store that is judged itself, in part, or with the folder around it. */
static bool
is_judged(const struct need *need, const char *path)
{
	for (size_t i = 0; i < need->njudged; i++)
		if (path_is_under(need->judged[i], path) ||
		    path_is_under(path, need->judged[i]))
			return true;
	return false;
}

static void
hide_below(struct mounts *m, const char *home, const struct need *need,
	   const char *worktree)
{
	size_t n = m->n;
	bool shown = false;

	for (size_t i = 0; i < n && !shown; i++)
		shown = entry_is_bind(&m->v[i]) &&
			strcmp(m->v[i].place, "/usr") != 0 &&
			touches(home, m->v[i].place);
	if (!shown)
		return;
	for (size_t i = 0; secrets[i]; i++) {
		const char *path =
		    talloc_asprintf(m->ctx, "%s/%s", home, secrets[i]);
		struct stat st;

		/* a link is followed to where nothing of it is bound, or into
		 * a folder that was asked for */
		if ((worktree && path_is_under(path, worktree)) ||
		    asked_for(m, n, path) || is_judged(need, path) ||
		    lstat(path, &st) < 0 || S_ISLNK(st.st_mode))
			continue;
		mounts_add(m, ENTRY_HIDE, path)->file = !S_ISDIR(st.st_mode);
	}
}

/* Below dir, which others may not look into either. */
static bool
holds_socket(const char *dir, int depth)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	bool yes = !d;

	while (!yes && d && (ent = readdir(d))) {
		char *path;

		yes = ent->d_type == DT_SOCK;
		if (ent->d_type != DT_DIR || depth == 0 ||
		    strcmp(ent->d_name, ".") == 0 ||
		    strcmp(ent->d_name, "..") == 0)
			continue;
		path = talloc_asprintf(NULL, "%s/%s", dir, ent->d_name);
		yes = holds_socket(path, depth - 1);
		talloc_free(path);
	}
	if (d)
		closedir(d);
	return yes;
}

/* A whole /tmp brings the sockets of agents, terminals and desktops along, and
 * tickets. */
static void
hide_sockets(struct mounts *m, const struct need *need, const char *dir)
{
	static const char *const names[] = {
	    "ssh-",	 "tmux-",      "screen",	  ".X11-unix",
	    ".ICE-unix", ".font-unix", "dbus-",		  "pulse-",
	    "gpg-",	 "vscode-",    "systemd-private-"};
	DIR *d = NULL;
	struct dirent *ent;
	struct stat st;

	for (size_t i = 0; i < m->n && !d; i++)
		if (entry_is_bind(&m->v[i]) && strcmp(m->v[i].place, dir) == 0)
			d = opendir(dir);
	while (d && (ent = readdir(d))) {
		bool hide = ent->d_type == DT_SOCK;
		const char *path;

		path = talloc_asprintf(m->ctx, "%s/%s", dir, ent->d_name);
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			hide = hide ||
			       (strncmp(ent->d_name, names[i],
					strlen(names[i])) == 0 &&
				ent->d_type == DT_DIR && holds_socket(path, 1));
		hide = hide || strncmp(ent->d_name, "krb5cc", 6) == 0;
		if (hide && lstat(path, &st) == 0 && !S_ISLNK(st.st_mode) &&
		    !asked_for(m, m->n, path) && !is_judged(need, path))
			mounts_add(m, ENTRY_HIDE, path)->file =
			    !S_ISDIR(st.st_mode);
	}
	if (d)
		closedir(d);
}

void
home_hide_secrets(struct mounts *m, const struct invocation *in,
		  const struct need *need, const char *worktree)
{
	const char *home = home_of(m->ctx, in), *real = invocation_home(in);

	hide_below(m, home, need, worktree);
	if (real && *real == '/' && strcmp(real, home) != 0 &&
	    strcmp(real, "/") != 0)
		hide_below(m, real, need, worktree);
	hide_sockets(m, need, "/tmp");
	hide_sockets(m, need, "/var/tmp");
}
