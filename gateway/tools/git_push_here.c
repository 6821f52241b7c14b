/* SPDX-License-Identifier: Apache-2.0 */
/* A push to a repository on this machine: what runs and changes beside refs. */
#include "base/path.h"
#include "base/text.h"
#include "invocation/git_config_text.h"
#include "tools/git_local.h"
#include "tools/git_push.h"
#include <strings.h>

static int
each_setting(void *data, const char *key, const char *value)
{
	if (!strcmp(key, "receive.denycurrentbranch") && value)
		*(bool *)data = !strcasecmp(value, "updateInstead");
	return 0;
}

static int
each_hooks_path(void *data, const char *key, const char *value)
{
	if (!strcmp(key, "core.hookspath") && value)
		*(char **)data = talloc_strdup(NULL, value);
	return 0;
}

void
push_runs_hooks_of(struct git_call *g, const struct repository *there)
{
	char *given = NULL;

	if (!there)
		return;
	git_runs_hooks_of(g, git_text(g, "%s/hooks", there->commondir));
	if (!there->config)
		return;
	git_config_text(g->ctx, there->config, there->config_len,
			each_hooks_path, &given, NULL);
	if (!given)
		return;
	talloc_steal(g->ctx, given);
	git_runs_hooks_of(g, path_join(g->ctx, there->gitdir, given));
}

void
push_updates_worktree(struct git_call *g, const struct repository *there,
		      const char *ref)
{
	git_reference *head = NULL;
	struct effect *fx;
	bool instead = false;

	if (!there || there->bare || !there->worktree || !there->config)
		return;
	git_config_text(g->ctx, there->config, there->config_len, each_setting,
			&instead, NULL);
	if (!instead || git_reference_lookup(&head, there->git, "HEAD") < 0)
		return;
	if (git_reference_type(head) == GIT_REFERENCE_SYMBOLIC &&
	    !strcmp(git_reference_symbolic_target(head), ref)) {
		fx = effects_add(
		    g->fx, EFFECT_FILE_OVERWRITE,
		    scope_of_path(g->in, g->t->rules, g->repo, there->worktree),
		    there->worktree);
		fx->undo = UNDO_NO;
		fx->why = git_text(g,
				   "the remote checks out what is pushed in "
				   "%s",
				   text_safe(g->ctx, there->worktree));
		need_write(g->ctx, &g->cmd->need, there->worktree);
	}
	git_reference_free(head);
}
