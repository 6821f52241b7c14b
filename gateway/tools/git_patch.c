/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply and am.  A patch may change any file below the work tree, also
 * untracked and ignored ones; which ones stands in the patch.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/git_local.h"
#include <fcntl.h>

#define PATCH_MAX (16u << 20) /* larger ones count as not readable */

struct patch_paths {
	struct git_call *g;
	const char *root; /* work tree, or the directory without one */
	int64_t strip;
	const char *directory; /* --directory */
	bool unclear;	       /* a quoted name, or not all was read */
};

/* A name as a patch gives it: what is there now may be changed. */
static void
named(struct patch_paths *p, const char *line, size_t len, int64_t strip)
{
	const char *bases[] = {p->root, p->g->dir};
	const char *name, *path;

	len = strcspn(line, "\t\r\n") < len ? strcspn(line, "\t\r\n") : len;
	if (len && line[0] == '"') {
		p->unclear = true;
		return;
	}
	name = git_text(p->g, "%.*s", (int)len, line);
	if (!strcmp(name, "/dev/null"))
		return;
	name = path_strip(name, strip);
	if (!name)
		return;
	if (p->directory)
		name = git_text(p->g, "%s/%s", p->directory, name);
	/* A name that is not there yet is noted too: undo takes the new file
	 * away again. */
	for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++) {
		path = path_join(p->g->ctx, bases[i], name);
		if (path_is_under(path, p->root) && strcmp(path, p->root) &&
		    (i == 0 || path_exists(path)))
			losses_add_path(p->g->ctx, &p->g->cmd->losses, path);
	}
}

static void
read_patch(struct patch_paths *p, const char *file)
{
	static const char *const plain[] = {"rename from ", "rename to ",
					    "copy from ", "copy to "};
	char *text;
	size_t len;
	struct err e;

	if (!strcmp(file, "-") ||
	    file_read(p->g->ctx, AT_FDCWD, git_path(p->g, file), PATCH_MAX,
		      &text, &len, &e) != 0) {
		p->unclear = true;
		return;
	}
	for (char *s = text, *end; s && *s; s = end) {
		size_t n = strcspn(s, "\n");

		end = s[n] ? s + n + 1 : NULL;
		if (!strncmp(s, "+++ ", 4) || !strncmp(s, "--- ", 4))
			named(p, s + 4, n - 4, p->strip);
		/* A change of mode alone has no such lines.  Both names are
		 * the same then; the space between stands in the middle. */
		if (!strncmp(s, "diff --git ", 11) && n > 13)
			named(p, s + 11 + (n - 11) / 2 + 1, (n - 11) / 2,
			      p->strip);
		for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
			size_t k = strlen(plain[i]);

			if (!strncmp(s, plain[i], k))
				named(p, s + k, n - k,
				      p->strip ? p->strip - 1 : 0);
		}
	}
}

/* The paths of all patches named, or everything untracked where that is not
 * to be known (standard input). */
static unsigned
patched(struct git_call *g)
{
	const char *n = options_value(&g->opt, "p");
	struct patch_paths p = {
	    .g = g,
	    .root = g->repo && g->repo->worktree ? g->repo->worktree : g->dir,
	    .strip = 1,
	    .directory = options_value(&g->opt, "directory"),
	};
	struct err e;

	if (n && text_number(n, 0, 1000, &p.strip, &e) < 0)
		p.unclear = true;
	if (!g->opt.noperands)
		p.unclear = true;
	for (size_t i = 0; i < g->opt.noperands; i++)
		read_patch(&p, g->opt.operands[i]);
	return LOSS_PATHS | (p.unclear ? LOSS_UNTRACKED : 0);
}

static void
reads_patches(struct git_call *g)
{
	for (size_t i = 0; i < g->opt.noperands; i++)
		git_reads_file(g, g->opt.operands[i]);
}

static void
apply_outside(struct git_call *g)
{
	struct effect *fx;

	if (patched(g) & LOSS_UNTRACKED)
		losses_add_path(g->ctx, &g->cmd->losses, g->dir);
	need_write(g->ctx, &g->cmd->need, g->dir);
	fx = git_effect(g, EFFECT_FILE_OVERWRITE, g->dir);
	fx->scope = scope_of_path(g->in, g->t->rules, NULL,
				  git_path(g, ".automode-none"));
	git_loses(g, fx, LOSS_PATHS);
}

GIT_DO(apply)
{
	static const char *const looking[] = {"stat", "numstat", "summary",
					      "check"};
	const struct options *o = &g->opt;
	const char *fake = options_value(o, "build-fake-ancestor");
	bool index = options_on(o, "index") || options_on(o, "3way");
	bool reads = options_off(o, "apply"), cached = options_on(o, "cached");
	struct effect *fx;

	(void)e;
	reads_patches(g);
	if (fake)
		git_writes_file(g, fake);
	for (size_t i = 0; i < sizeof(looking) / sizeof(*looking); i++)
		reads = reads || options_on(o, looking[i]);
	if (reads && !options_on(o, "apply"))
		return fake ? 0 : local_reads(g);
	if (!g->repo) {
		apply_outside(g);
		return 0;
	}
	if (options_on(o, "unsafe-paths")) {
		fx = local_note(g, EFFECT_FILE_WRITE,
				"paths outside the work tree");
		fx->scope = SCOPE_OUTSIDE;
		fx->instead = local_without(g, "unsafe-paths");
	}
	if (index || cached || options_on(o, "intent-to-add"))
		local_discard(g, 0, LOSS_INDEX);
	if (!cached)
		local_lose(g, EFFECT_WORKTREE_DISCARD, local_paths_text(g, 0),
			   LOSS_TRACKED | patched(g));
	return 0;
}

static void
am_patches(struct git_call *g)
{
	static const char *const hooks[] = {"applypatch-msg", "pre-applypatch",
					    NULL};
	unsigned sets;

	reads_patches(g);
	local_skips_hooks(g, hooks);
	local_unsigned(g);
	/* Only the three-way fallback replaces files that are in the way. */
	if (options_on(&g->opt, "3way") ||
	    git_setting_bool(g, "am.threeway", false)) {
		sets = patched(g);
		if (sets & LOSS_UNTRACKED) {
			g->cmd->losses.trees_unknown = true;
			sets = LOSS_PATHS;
		}
		local_lose(g, EFFECT_UNTRACKED_DELETE, NULL,
			   sets | LOSS_IN_THE_WAY);
	}
	local_advance(g);
}

GIT_DO(am)
{
	const struct options *o = &g->opt;

	(void)e;
	if (options_count(o, "show-current-patch"))
		return local_reads(g);
	if (options_on(o, "abort") || options_on(o, "skip")) {
		local_abort(g, "the patch being applied");
		if (options_on(o, "abort"))
			local_ref(g, EFFECT_REF_MOVE, local_head(g), "HEAD",
				  LOSS_REFS);
	} else if (options_on(o, "quit")) {
		local_journal(g, LOSS_STATE);
	} else if (options_on(o, "continue") || options_on(o, "resolved") ||
		   options_on(o, "retry")) {
		local_unsigned(g);
		local_advance(g);
	} else {
		am_patches(g);
	}
	return 0;
}
