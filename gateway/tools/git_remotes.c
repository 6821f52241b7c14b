/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remotes: names to URLs through insteadOf and pushInsteadOf (remote.c of git
 * 2.39), URLs to folders of this machine, and what is known of them.
 */
#include "tools/git_remotes.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/git_words.h"
#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>

#define ALTERNATES_DEEP 5 /* as git: alternates of alternates */

const char *
git_current_branch(struct git_call *g)
{
	char *text = NULL;
	size_t len = 0;

	if (!g->repo ||
	    file_read(g->ctx, AT_FDCWD, git_text(g, "%s/HEAD", g->repo->gitdir),
		      1 << 16, &text, &len, NULL) != 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	if (strncmp(text, "ref: refs/heads/", 16))
		return NULL;
	return text + 16;
}

const char *
git_default_remote(struct git_call *g, bool push)
{
	const char *branch = git_current_branch(g), *name = NULL;

	if (push && branch)
		name =
		    git_setting(g, git_text(g, "branch.%s.pushremote", branch));
	if (push && !name)
		name = git_setting(g, "remote.pushdefault");
	if (!name && branch)
		name = git_setting(g, git_text(g, "branch.%s.remote", branch));
	return name ? name : "origin";
}

bool
git_remote_named(struct git_call *g, const char *name)
{
	return git_setting(g, git_text(g, "remote.%s.url", name)) ||
	       git_setting(g, git_text(g, "remote.%s.pushurl", name));
}

/* The longest url.<base>.<kind> whose value begins the URL. */
static const char *
rewrite(struct git_call *g, const char *url, const char *kind,
	struct git_url *out)
{
	const struct git_setting *s, *best = NULL;
	size_t i, n, k = strlen(kind), longest = 0;

	for (i = 0; i < g->settings->n; i++) {
		s = &g->settings->v[i];
		n = strlen(s->key);
		if (strncmp(s->key, "url.", 4) || n < k + 6 || !s->value ||
		    strcmp(s->key + n - k, kind) || s->key[n - k - 1] != '.')
			continue;
		n = strlen(s->value);
		if (n > longest && !strncmp(url, s->value, n)) {
			best = s;
			longest = n;
		}
	}
	if (!best)
		return NULL;
	out->by = best->key;
	out->by_origin = best->origin;
	out->by_trusted = best->level <= SETTING_GLOBAL;
	return git_text(g, "%.*s%s", (int)(strlen(best->key) - 5 - k),
			best->key + 4, url + longest);
}

static char *
percent_decoded(struct git_call *g, const char *s)
{
	char *out = git_text(g, "%s", s), *p = out, hex[3] = "";

	for (; *s; s++) {
		if (*s == '%' && isxdigit((unsigned char)s[1]) &&
		    isxdigit((unsigned char)s[2])) {
			hex[0] = s[1];
			hex[1] = s[2];
			*p++ = (char)strtol(hex, NULL, 16);
			s += 2;
		} else {
			*p++ = *s;
		}
	}
	*p = '\0';
	return out;
}

/* Where git stands when it opens a relative path: setup.c has changed to the
 * top of the work tree, or to the bare directory that it found. */
static const char *
base_dir(struct git_call *g)
{
	const struct repository *r = g->repo;

	if (!r)
		return g->dir;
	if (r->worktree)
		return path_is_under(g->dir, r->worktree) ? r->worktree
							  : g->dir;
	return r->explicit_dir ? g->dir : r->gitdir;
}

static void
classify(struct git_call *g, struct git_url *u)
{
	const char *s = u->text, *colon = strchr(s, ':'),
		   *slash = strchr(s, '/');
	const char *end = s;

	while (isalnum((unsigned char)*end) || *end == '-' || *end == '+' ||
	       *end == '.')
		end++;
	if (end > s && !strncmp(end, "::", 2)) {
		u->transport = GIT_URL_HELPER;
		u->scheme = git_text(g, "%.*s", (int)(end - s), s);
		return;
	}
	if (end > s && !strncmp(end, "://", 3)) {
		u->scheme = git_text(g, "%.*s", (int)(end - s), s);
		if (!strcmp(u->scheme, "file")) {
			u->transport = GIT_URL_PATH;
			u->path = percent_decoded(g, end + 3);
			return;
		}
		u->transport = !strcmp(u->scheme, "ssh") ||
				       !strcmp(u->scheme, "git") ||
				       !strcmp(u->scheme, "http") ||
				       !strcmp(u->scheme, "https") ||
				       !strcmp(u->scheme, "git+ssh") ||
				       !strcmp(u->scheme, "ssh+git")
				   ? GIT_URL_HOST
				   : GIT_URL_HELPER;
		return;
	}
	if (colon && (!slash || colon < slash)) {
		u->scheme = "ssh";
		u->transport = GIT_URL_HOST;
		return;
	}
	if (!strcmp(s, ".")) {
		u->transport = GIT_URL_SELF;
		return;
	}
	u->transport = GIT_URL_PATH;
	u->path = *s == '~' ? git_setting_path(g, s) : NULL;
	if (!u->path)
		u->path = path_join(g->ctx, base_dir(g), s);
}

static void
add_url(struct git_call *g, struct git_url **v, size_t *n, const char *raw,
	const char *kind)
{
	struct git_url u = {.raw = raw};

	u.text = kind ? rewrite(g, raw, kind, &u) : raw;
	if (!u.text)
		u.text = raw;
	classify(g, &u);
	*v = talloc_realloc(g->ctx, *v, struct git_url, *n + 1);
	if (!*v)
		BUG("out of memory");
	(*v)[(*n)++] = u;
}

static bool
legacy_file(struct git_call *g, const char *name)
{
	static const char *const dirs[] = {"remotes", "branches"};
	size_t i;

	if (!g->repo || !*name || *name == '.' || strchr(name, '/'))
		return false;
	for (i = 0; i < 2; i++)
		if (path_exists(git_text(g, "%s/%s/%s", g->repo->commondir,
					 dirs[i], name)))
			return true;
	return false;
}

int
git_remote_look(struct git_call *g, const char *word, struct git_remote *out,
		struct err *e)
{
	const char *url_key = git_text(g, "remote.%s.url", word),
		   *push_key = git_text(g, "remote.%s.pushurl", word), *value;
	struct git_url unused;
	size_t i;

	*out = (struct git_remote){0};
	if (git_setting(g, git_text(g, "remote.%s.vcs", word)))
		return err_set(e, ERR_UNKNOWN,
			       "remote.%s.vcs names a transport of its own, "
			       "which is not allowed",
			       text_safe(g->ctx, word));
	if (git_remote_named(g, word)) {
		out->name = word;
		for (i = 0; (value = git_setting_nth(g, push_key, i)); i++)
			add_url(g, &out->push, &out->npush, value, "insteadof");
		for (i = 0; (value = git_setting_nth(g, url_key, i)); i++) {
			if (!git_setting(g, push_key) &&
			    rewrite(g, value, "pushinsteadof", &unused))
				add_url(g, &out->push, &out->npush, value,
					"pushinsteadof");
			add_url(g, &out->fetch, &out->nfetch, value,
				"insteadof");
		}
	} else if (legacy_file(g, word)) {
		return err_set(e, ERR_UNKNOWN,
			       "%s is a remote of an old kind (a file in "
			       ".git/remotes or .git/branches); instead: git "
			       "remote add NAME URL",
			       text_safe(g->ctx, word));
	} else {
		if (rewrite(g, word, "pushinsteadof", &unused))
			add_url(g, &out->push, &out->npush, word,
				"pushinsteadof");
		add_url(g, &out->fetch, &out->nfetch, word, "insteadof");
	}
	if (!out->npush) {
		out->push = out->fetch;
		out->npush = out->nfetch;
	}
	return 0;
}

char *
git_url_safe(struct git_call *g, const char *url)
{
	const char *rest = strstr(url, "://"), *at;
	struct transport_permit p;
	size_t n = 0;
	char *out;

	if (rest) {
		rest += 3;
		n = strcspn(rest, "/?#");
		at = memrchr(rest, '@', n);
		out = git_text(g, "%.*s%s", (int)(rest - url), url,
			       at ? at + 1 : rest);
		out = text_safe_len(g->ctx, out, strcspn(out, "?#"));
	} else {
		out = text_safe(g->ctx, url);
	}
	/* percent-encoded, or in a place where nobody looks for it */
	if (permit_from_url(g->ctx, url, &p, NULL) == 0 &&
	    !strcasestr(out, p.host))
		out = git_text(g, "%s (which is %s)", out,
			       text_safe(g->ctx, p.host));
	return out;
}

/* ------------------------------------------------------------- trust */

bool
git_fact(const char *facts, const char *kind, const char *name, const char *url)
{
	const char *line, *end, *p, *space;
	size_t n = strlen(kind), u = strlen(url);

	for (line = facts; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (strncmp(line, kind, n) || line[n] != ' ')
			continue;
		p = line + n + 1;
		space = memchr(p, ' ', (size_t)(end - p));
		if (!space)
			continue;
		if (name && (strlen(name) != (size_t)(space - p) ||
			     strncmp(name, p, (size_t)(space - p))))
			continue;
		if ((size_t)(end - space - 1) == u &&
		    !strncmp(space + 1, url, u))
			return true;
	}
	return false;
}

/* Set by a file, not by the command line. */
static bool
in_files(struct git_call *g, const char *key, const char *url)
{
	const struct git_setting *s;
	size_t i;

	for (i = 0; i < g->settings->n; i++) {
		s = &g->settings->v[i];
		if (s->level < SETTING_COMMAND && s->value &&
		    !strcmp(s->value, url) &&
		    (key ? !strcmp(s->key, key)
			 : !strncmp(s->key, "remote.", 7) &&
			       strlen(s->key) > 11 &&
			       !strcmp(s->key + strlen(s->key) - 4, ".url")))
			return true;
	}
	return false;
}

static bool
was_known(struct git_call *g, const struct git_remote *r,
	  const struct git_url *u, bool push, bool *seen)
{
	const struct project_facts *f =
	    g->repo ? session_facts(g->in->session, g->repo->id) : NULL;
	const char *bare = permit_url_bare(g->ctx, u->raw);

	*seen = f && f->text;
	if (*seen)
		return git_fact(f->text, "remote", r->name, bare) ||
		       (push && git_fact(f->text, "pushurl", r->name, bare));
	if (!r->name)
		return in_files(g, NULL, u->raw);
	return in_files(g, git_text(g, "remote.%s.url", r->name), u->raw) ||
	       (push &&
		in_files(g, git_text(g, "remote.%s.pushurl", r->name), u->raw));
}

bool
git_remote_came(struct git_call *g, const char *url)
{
	const struct project_facts *f =
	    g->repo ? session_facts(g->in->session, g->repo->id) : NULL;
	const char *bare = permit_url_bare(g->ctx, url);

	return f && f->text && !git_fact(f->text, "remote", NULL, bare) &&
	       !git_fact(f->text, "pushurl", NULL, bare);
}

enum scope
git_remote_scope(struct git_call *g, const struct git_remote *r,
		 const struct git_url *u, bool push, const char **why)
{
	struct repository *there = NULL;
	enum scope lies = SCOPE_UNKNOWN;
	bool seen;

	*why = NULL;
	if (u->transport == GIT_URL_SELF)
		return SCOPE_LOCAL;
	if (u->transport == GIT_URL_PATH &&
	    repository_at(g->ctx, u->path, g->in->uid, &there, NULL) == 0 &&
	    there)
		lies = scope_of_repository(g->in, g->t->rules, there);
	if (lies == SCOPE_SCRATCH)
		return SCOPE_SCRATCH;
	if (was_known(g, r, u, push, &seen)) {
		if (!u->by || u->by_trusted)
			return SCOPE_TRUSTED;
		*why =
		    git_text(g,
			     "\"%s\" leads to %s (rewritten by %s from "
			     "%s)",
			     text_safe(g->ctx, r->name ? r->name : u->raw),
			     git_url_safe(g, u->text), text_safe(g->ctx, u->by),
			     text_safe(g->ctx, u->by_origin));
		return SCOPE_FOREIGN;
	}
	if (lies == SCOPE_WORKSPACE)
		return SCOPE_LOCAL;
	if (!r->name)
		*why = git_text(g, "%s is not one of this project's remotes",
				git_url_safe(g, u->text));
	else
		*why = git_text(g, "remote \"%s\" leads to %s%s",
				text_safe(g->ctx, r->name),
				git_url_safe(g, u->text),
				seen ? ", which it did not when the session "
				       "began"
				     : ", by a setting of this command");
	return SCOPE_FOREIGN;
}

/* ------------------------------------------------------------- binding */

static void
bind_dir(struct git_call *g, const char *dir, bool write)
{
	if (g->repo && (path_is_under(dir, g->repo->commondir) ||
			(g->repo->worktree &&
			 path_is_under(dir, g->repo->worktree) && !write)))
		return;
	if (write)
		need_write(g->ctx, &g->cmd->need, dir);
	else
		need_read(g->ctx, &g->cmd->need, dir);
}

static void
bind_alternates(struct git_call *g, const char *objects, int depth)
{
	char *text = NULL, *line, *rest, *dir;
	size_t len = 0;

	if (depth > ALTERNATES_DEEP ||
	    file_read(g->ctx, AT_FDCWD,
		      git_text(g, "%s/info/alternates", objects), 1 << 20,
		      &text, &len, NULL) != 0)
		return;
	for (line = text; line && *line; line = rest) {
		rest = strchr(line, '\n');
		if (rest)
			*rest++ = '\0';
		if (!*line || *line == '#')
			continue;
		dir = path_join(g->ctx, objects, line);
		bind_dir(g, dir, false);
		bind_alternates(g, dir, depth + 1);
	}
}

static int
bind_repository(struct git_call *g, const struct git_url *u, bool write,
		struct err *e)
{
	struct repository *r = NULL;
	struct stat st;
	char *spelled, *real;
	int rc;

	spelled = path_clean(g->ctx, u->path);
	rc = repository_at(g->ctx, spelled, g->in->uid, &r, e);
	if (rc < 0)
		return rc;
	if (!r) {
		/* a bundle, or nothing: git says so itself */
		if (stat(spelled, &st) == 0 && S_ISREG(st.st_mode))
			git_reads_file(g, spelled);
		return 0;
	}
	real = path_resolve(g->ctx, "/", spelled);
	for (size_t i = 0; i < 2; i++) { /* a file that says where it is */
		const char *pointer =
		    git_text(g, "%s%s", real, i ? "/.git" : "");

		if (lstat(pointer, &st) == 0 && S_ISREG(st.st_mode))
			git_sees_file(g, pointer);
	}
	bind_dir(g, r->commondir, write);
	if (!path_is_under(r->gitdir, r->commondir))
		bind_dir(g, r->gitdir, write);
	/* Reached by another name, through a link or without its .git. */
	if (strcmp(spelled, real) && path_exists(spelled))
		bind_dir(g, spelled, write);
	bind_alternates(g, git_text(g, "%s/objects", r->commondir), 0);
	/* git goes there as it is written */
	if (*u->text == '/' && strstr(u->text, "/.."))
		need_folder(g->ctx, &g->cmd->need, u->text);
	return 0;
}

int
git_url_reach(struct git_call *g, const struct git_url *u, bool write,
	      struct err *e)
{
	if (strcmp(g->cmd->need.box, GIT_BOX_CONFIG) &&
	    strcmp(g->cmd->need.box, GIT_BOX_WRITE))
		g->cmd->need.box = GIT_BOX_REMOTE;
	switch (u->transport) {
	case GIT_URL_SELF:
		return 0;
	case GIT_URL_PATH:
		return bind_repository(g, u, write, e);
	case GIT_URL_HOST:
		return git_permit(g, u, write, e) ? 0 : ERR_UNKNOWN;
	case GIT_URL_HELPER:
		break;
	}
	return err_set(e, ERR_UNKNOWN, "transport \"%s\" is not allowed",
		       text_safe(g->ctx, u->scheme ? u->scheme : u->text));
}
