/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions behind the table of command words in git_words.c.  Each one
 * reads g->opt (already parsed) and adds effects, losses and needs.  The
 * caller has set cmd->need.box from the class, cmd->need.runs_code from the
 * table, cmd->repo, g->scope; the canonical argv is made after the function
 * returned, from g->globals, g->word and g->opt.canonical, unless the
 * function has set cmd->argv to something new itself (see git_argv()).
 * A function may change g->opt.canonical in place.
 */
#ifndef AUTOMODE_TOOLS_GIT_WORDS_H
#define AUTOMODE_TOOLS_GIT_WORDS_H

#include "tools/git.h"

#define GIT_BOX_READ	"git-read"
#define GIT_BOX_REFRESH "git-refresh"
#define GIT_BOX_WRITE	"git-write"
#define GIT_BOX_CONFIG	"git-write-config"
#define GIT_BOX_REMOTE	"git-remote"

#define GIT_DO(word) int git_do_##word(struct git_call *g, struct err *e)

/* git_worktree.c */
GIT_DO(add);
GIT_DO(am);
GIT_DO(apply);
GIT_DO(checkout);
GIT_DO(checkout_index);
GIT_DO(clean);
GIT_DO(mv);
GIT_DO(read_tree);
GIT_DO(reset);
GIT_DO(restore);
GIT_DO(rm);
GIT_DO(sparse_checkout);
GIT_DO(stash);
GIT_DO(switch);
GIT_DO(update_index);
GIT_DO(worktree);

/* git_refs.c */
GIT_DO(branch);
GIT_DO(notes);
GIT_DO(refs);
GIT_DO(replace);
GIT_DO(symbolic_ref);
GIT_DO(tag);
GIT_DO(update_ref);

/* git_history.c */
GIT_DO(bisect);
GIT_DO(cherry_pick);
GIT_DO(commit);
GIT_DO(fast_import);
GIT_DO(filter_branch);
GIT_DO(history);
GIT_DO(merge);
GIT_DO(rebase);
GIT_DO(replay);
GIT_DO(revert);

/* git_upkeep.c */
GIT_DO(gc);
GIT_DO(maintenance);
GIT_DO(pack_refs);
GIT_DO(prune);
GIT_DO(prune_packed);
GIT_DO(reflog);
GIT_DO(repack);
GIT_DO(rerere);

/* git_push.c, git_remote.c, git_submodule.c, git_config.c */
GIT_DO(archive);
GIT_DO(clone);
GIT_DO(config);
GIT_DO(fetch);
GIT_DO(init);
GIT_DO(ls_remote);
GIT_DO(pull);
GIT_DO(push);
GIT_DO(remote);
GIT_DO(request_pull);
GIT_DO(submodule);

/* git_files.c: reads that write or read files at paths of the caller */
GIT_DO(blame);
GIT_DO(bugreport);
GIT_DO(bundle);
GIT_DO(fast_export);
GIT_DO(format_patch);
GIT_DO(fsck);
GIT_DO(grep);
GIT_DO(hash_object);
GIT_DO(index_pack);
GIT_DO(interpret_trailers);
GIT_DO(mailinfo);
GIT_DO(mailsplit);
GIT_DO(merge_file);
GIT_DO(output);
GIT_DO(pack_objects);
GIT_DO(rev_parse);
GIT_DO(unpack_file);

/* git_words.c: words of which only the beginning is understood */
GIT_DO(anything); /* changes what it likes in the project: everything kept */
GIT_DO(subtree);
GIT_DO(help);
GIT_DO(hook);
GIT_DO(difftool);
GIT_DO(var);

/* Replaces the arguments after the command word; NULL-terminated or not, n
 * entries, talloc'ed below g->ctx. */
void git_argv(struct git_call *g, const char *const *args, size_t n);

/* git_lfs_beside.c: what git-lfs needs so that its filter and its hook do
 * their work without network; last of all, when permits are known. */
void git_lfs_beside(struct git_call *g);
struct git_line;
/* git_lfs.c: args, canonical, of `git lfs` */
int git_lfs(struct git_call *g, const struct git_line *line,
	    const char *const **args, size_t *nargs, struct err *e);

#endif
