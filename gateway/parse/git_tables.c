/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of every git command that git itself reads with parse-options,
 * in git's own order (an exact name earlier in a table wins), and the list of
 * all commands.  Those with parsers of their own are in git_tables_hand.c.
 */
#include "parse/git_tables.h"

static const struct option_spec o_none[] = {
    END,
};

static const struct option_spec o_add[] = {
    F('n', "dry-run", 0),
    F('v', "verbose", 0),
    F('i', "interactive", 0),
    F('p', "patch", 0),
    F('e', "edit", 0),
    F('f', "force", 0),
    F('u', "update", 0),
    F(0, "renormalize", 0),
    F('N', "intent-to-add", 0),
    F('A', "all", 0),
    F(0, "ignore-removal", 0),
    F(0, "refresh", 0),
    F(0, "ignore-errors", 0),
    F(0, "ignore-missing", 0),
    F(0, "sparse", 0),
    A(0, "chmod", 0),
    F(0, "warn-embedded-repo", HI),
    A(0, "pathspec-from-file", 0),
    F(0, "pathspec-file-nul", 0),
    F(0, "auto-advance", NW),
    A('U', "unified", NN | NW),
    A(0, "inter-hunk-context", NN | NW),
    F(0, "resolved", NW),
    END,
};

static const struct option_spec o_am[] = {
    F('i', "interactive", 0),
    F('b', "binary", HI),
    F('3', "3way", 0),
    F('q', "quiet", 0),
    F('s', "signoff", 0),
    F('u', "utf8", 0),
    F('k', "keep", 0),
    F(0, "keep-non-patch", 0),
    F('m', "message-id", 0),
    F(0, "keep-cr", NN),
    F(0, "no-keep-cr", NN | GO),
    F('c', "scissors", 0),
    A(0, "quoted-cr", NN),
    A(0, "whitespace", 0),
    F(0, "ignore-space-change", 0),
    F(0, "ignore-whitespace", 0),
    A(0, "directory", 0),
    A(0, "exclude", 0),
    A(0, "include", 0),
    A('C', NULL, 0),
    A('p', NULL, 0),
    A(0, "patch-format", 0),
    F(0, "reject", 0),
    A(0, "resolvemsg", 0),
    F(0, "continue", NN),
    F('r', "resolved", NN),
    F(0, "skip", NN),
    F(0, "abort", NN),
    F(0, "quit", NN),
    O(0, "show-current-patch", NN),
    F(0, "allow-empty", NN),
    F(0, "committer-date-is-author-date", 0),
    F(0, "ignore-date", 0),
    F(0, "rerere-autoupdate", 0),
    O('S', "gpg-sign", 0),
    A(0, "empty", NN),
    F(0, "rebasing", HI),
    F('n', "no-verify", NW),
    F(0, "retry", NN | NW),
    END,
};

static const struct option_spec o_apply[] = {
    A(0, "exclude", NN),
    A(0, "include", NN),
    A('p', NULL, 0),
    F(0, "no-add", 0),
    F(0, "stat", 0),
    F(0, "allow-binary-replacement", HI),
    F(0, "binary", HI),
    F(0, "numstat", 0),
    F(0, "summary", 0),
    F(0, "check", 0),
    F(0, "index", 0),
    F('N', "intent-to-add", 0),
    F(0, "cached", 0),
    F(0, "unsafe-paths", 0),
    F(0, "apply", 0),
    F('3', "3way", 0),
    A(0, "build-fake-ancestor", 0),
    F('z', NULL, 0),
    A('C', NULL, 0),
    A(0, "whitespace", 0),
    F(0, "ignore-space-change", 0),
    F(0, "ignore-whitespace", 0),
    F('R', "reverse", 0),
    F(0, "unidiff-zero", 0),
    F(0, "reject", 0),
    F(0, "allow-overlap", 0),
    F('v', "verbose", 0),
    F('q', "quiet", 0),
    F(0, "inaccurate-eof", 0),
    F(0, "recount", 0),
    A(0, "directory", 0),
    F(0, "allow-empty", 0),
    F(0, "ours", NN | NW),
    F(0, "theirs", NN | NW),
    F(0, "union", NN | NW),
    END,
};

static const struct option_spec o_archive[] = {
    A('o', "output", 0),
    A(0, "remote", 0),
    A(0, "exec", 0),
    END,
};

static const struct option_spec o_backfill[] = {
    A(0, "min-batch-size", NN | NW),
    F(0, "sparse", NW),
    F(0, "include-edges", NW),
    END,
};

static const struct option_spec o_blame[] = {
    F(0, "incremental", 0),
    F('b', NULL, 0),
    F(0, "root", 0),
    F(0, "show-stats", 0),
    F(0, "progress", 0),
    F(0, "score-debug", 0),
    F('f', "show-name", 0),
    F('n', "show-number", 0),
    F('p', "porcelain", 0),
    F(0, "line-porcelain", 0),
    F('c', NULL, 0),
    F('t', NULL, 0),
    F('l', NULL, 0),
    F('s', NULL, 0),
    F('e', "show-email", 0),
    F('w', NULL, 0),
    A(0, "ignore-rev", 0),
    A(0, "ignore-revs-file", 0),
    F(0, "color-lines", 0),
    F(0, "color-by-age", 0),
    F(0, "minimal", 0),
    A('S', NULL, 0),
    A(0, "contents", 0),
    O('C', NULL, 0),
    O('M', NULL, 0),
    A('L', NULL, 0),
    O(0, "abbrev", 0),
    A(0, "diff-algorithm", NN | NW),
    END,
};

static const struct option_spec o_branch[] = {
    F('v', "verbose", 0),
    F('q', "quiet", 0),
    O('t', "track", 0),
    F(0, "set-upstream", HI),
    A('u', "set-upstream-to", 0),
    F(0, "unset-upstream", 0),
    O(0, "color", 0),
    F('r', "remotes", 0),
    L(0, "contains", NN),
    L(0, "no-contains", NN),
    L(0, "with", NN | HI),
    L(0, "without", NN | HI),
    O(0, "abbrev", 0),
    F('a', "all", 0),
    F('d', "delete", 0),
    F('D', NULL, 0),
    F('m', "move", 0),
    F('M', NULL, 0),
    F('c', "copy", 0),
    F('C', NULL, 0),
    F('l', "list", 0),
    F(0, "show-current", 0),
    F(0, "create-reflog", 0),
    F(0, "edit-description", 0),
    F('f', "force", 0),
    L(0, "merged", NN),
    L(0, "no-merged", NN),
    O(0, "column", 0),
    A(0, "sort", 0),
    A(0, "points-at", 0),
    F('i', "ignore-case", 0),
    F(0, "recurse-submodules", 0),
    A(0, "format", 0),
    F(0, "omit-empty", NW),
    A(0, "delete-merged", NN | NW),
    F(0, "dry-run", NW),
    A(0, "forked", NN | NW),
    END,
};

static const struct option_spec o_bugreport[] = {
    O(0, "diagnose", 0),
    A('o', "output-directory", 0),
    A('s', "suffix", 0),
    END,
};

static const struct option_spec o_bundle_create[] = {
    F('q', "quiet", 0),	     F(0, "progress", 0),
    F(0, "all-progress", 0), F(0, "all-progress-implied", 0),
    A(0, "version", 0),	     END,
};

static const struct option_spec o_bundle_unbundle[] = {
    F(0, "progress", 0),
    END,
};

static const struct option_spec o_bundle_verify[] = {
    F('q', "quiet", 0),
    END,
};

static const struct option_spec o_cat_file[] = {
    F('e', NULL, NN),
    F('p', NULL, NN),
    F('t', NULL, NN),
    F('s', NULL, NN),
    F(0, "allow-unknown-type", 0),
    F(0, "use-mailmap", 0),
    F(0, "mailmap", AL),
    O(0, "batch", NN),
    O(0, "batch-check", NN),
    F('z', NULL, 0),
    O(0, "batch-command", NN),
    F(0, "batch-all-objects", NN),
    F(0, "buffer", 0),
    F(0, "follow-symlinks", 0),
    F(0, "unordered", 0),
    F(0, "textconv", NN),
    F(0, "filters", NN),
    A(0, "path", 0),
    F('Z', NULL, NW),
    A(0, "filter", NW),
    END,
};

static const struct option_spec o_check_attr[] = {
    F('a', "all", 0), F(0, "cached", 0),  F(0, "stdin", 0),
    F('z', NULL, 0),  A(0, "source", NW), END,
};

static const struct option_spec o_check_ignore[] = {
    F('q', "quiet", 0),
    F('v', "verbose", 0),
    F(0, "stdin", 0),
    F('z', NULL, 0),
    F('n', "non-matching", 0),
    F(0, "no-index", 0),
    END,
};

static const struct option_spec o_check_mailmap[] = {
    F(0, "stdin", 0),
    A(0, "mailmap-file", NW),
    A(0, "mailmap-blob", NW),
    END,
};

static const struct option_spec o_checkout[] = {
    A('b', NULL, 0),
    A('B', NULL, 0),
    F('l', NULL, 0),
    F(0, "guess", 0),
    F(0, "overlay", 0),
    F('q', "quiet", 0),
    O(0, "recurse-submodules", 0),
    F(0, "progress", 0),
    F('m', "merge", 0),
    A(0, "conflict", 0),
    F('d', "detach", 0),
    O('t', "track", 0),
    F('f', "force", 0),
    A(0, "orphan", 0),
    F(0, "overwrite-ignore", 0),
    F(0, "ignore-other-worktrees", 0),
    F('2', "ours", NN),
    F('3', "theirs", NN),
    F('p', "patch", 0),
    F(0, "ignore-skip-worktree-bits", 0),
    A(0, "pathspec-from-file", 0),
    F(0, "pathspec-file-nul", 0),
    F(0, "auto-advance", NW),
    A('U', "unified", NN | NW),
    A(0, "inter-hunk-context", NN | NW),
    END,
};

static const struct option_spec o_checkout_index[] = {
    F('a', "all", 0),	    F(0, "ignore-skip-worktree-bits", 0),
    F('f', "force", 0),	    F('q', "quiet", 0),
    F('n', "no-create", 0), F('u', "index", 0),
    F('z', NULL, 0),	    F(0, "stdin", 0),
    F(0, "temp", 0),	    A(0, "prefix", 0),
    A(0, "stage", NN),	    END,
};

static const struct option_spec o_cherry[] = {
    O(0, "abbrev", 0),
    F('v', "verbose", 0),
    END,
};

static const struct option_spec o_cherry_pick[] = {
    F(0, "quit", NN),
    F(0, "continue", NN),
    F(0, "abort", NN),
    F(0, "skip", NN),
    A(0, "cleanup", 0),
    F('n', "no-commit", 0),
    F('e', "edit", 0),
    F('r', NULL, HI),
    F('s', "signoff", 0),
    A('m', "mainline", 0),
    F(0, "rerere-autoupdate", 0),
    A(0, "strategy", 0),
    A('X', "strategy-option", 0),
    O('S', "gpg-sign", 0),
    F('x', NULL, 0),
    F(0, "ff", 0),
    F(0, "allow-empty", 0),
    F(0, "allow-empty-message", 0),
    F(0, "keep-redundant-commits", 0),
    A(0, "empty", NN | NW),
    END,
};

static const struct option_spec o_clean[] = {
    F('q', "quiet", 0),	      F('n', "dry-run", 0), F('f', "force", 0),
    F('i', "interactive", 0), F('d', NULL, 0),	    A('e', "exclude", NN),
    F('x', NULL, 0),	      F('X', NULL, 0),	    END,
};

static const struct option_spec o_clone[] = {
    F('v', "verbose", 0),
    F('q', "quiet", 0),
    F(0, "progress", 0),
    F(0, "reject-shallow", 0),
    F('n', "no-checkout", 0),
    F(0, "bare", 0),
    F(0, "naked", HI),
    F(0, "mirror", 0),
    F('l', "local", 0),
    F(0, "no-hardlinks", 0),
    F('s', "shared", 0),
    O(0, "recurse-submodules", 0),
    O(0, "recursive", AL),
    A('j', "jobs", 0),
    A(0, "template", 0),
    A(0, "reference", 0),
    A(0, "reference-if-able", 0),
    F(0, "dissociate", 0),
    A('o', "origin", 0),
    A('b', "branch", 0),
    A('u', "upload-pack", 0),
    A(0, "depth", 0),
    A(0, "shallow-since", 0),
    A(0, "shallow-exclude", 0),
    F(0, "single-branch", 0),
    F(0, "no-tags", GO),
    F(0, "shallow-submodules", 0),
    A(0, "separate-git-dir", 0),
    A('c', "config", 0),
    A(0, "server-option", 0),
    F('4', "ipv4", 0),
    F('6', "ipv6", 0),
    A(0, "filter", 0),
    F(0, "also-filter-submodules", 0),
    F(0, "remote-submodules", 0),
    F(0, "sparse", 0),
    A(0, "bundle-uri", 0),
    A(0, "revision", NW),
    F(0, "tags", NW),
    A(0, "ref-format", NW),
    END,
};

static const struct option_spec o_column[] = {
    A(0, "command", 0), O(0, "mode", 0), A(0, "raw-mode", 0), A(0, "width", 0),
    A(0, "indent", 0),	A(0, "nl", 0),	 A(0, "padding", 0),  END,
};

static const struct option_spec o_commit[] = {
    F('q', "quiet", 0),
    F('v', "verbose", 0),
    A('F', "file", 0),
    A(0, "author", 0),
    A(0, "date", 0),
    A('m', "message", 0),
    A('c', "reedit-message", 0),
    A('C', "reuse-message", 0),
    A(0, "fixup", 0),
    A(0, "squash", 0),
    F(0, "reset-author", 0),
    A(0, "trailer", NN),
    F('s', "signoff", 0),
    A('t', "template", 0),
    F('e', "edit", 0),
    A(0, "cleanup", 0),
    F(0, "status", 0),
    O('S', "gpg-sign", 0),
    F('a', "all", 0),
    F('i', "include", 0),
    F(0, "interactive", 0),
    F('p', "patch", 0),
    F('o', "only", 0),
    F('n', "no-verify", 0),
    F(0, "dry-run", 0),
    F(0, "short", 0),
    F(0, "branch", 0),
    F(0, "ahead-behind", 0),
    F(0, "porcelain", 0),
    F(0, "long", 0),
    F('z', "null", 0),
    F(0, "amend", 0),
    F(0, "no-post-rewrite", 0),
    O('u', "untracked-files", 0),
    A(0, "pathspec-from-file", 0),
    F(0, "pathspec-file-nul", 0),
    F(0, "allow-empty", HI),
    F(0, "allow-empty-message", HI),
    A('U', "unified", NN | NW),
    A(0, "inter-hunk-context", NN | NW),
    END,
};

static const struct option_spec o_commit_graph[] = {
    A(0, "object-dir", 0),
    END,
};

static const struct option_spec o_commit_graph_verify[] = {
    A(0, "object-dir", 0),
    F(0, "shallow", 0),
    F(0, "progress", 0),
    END,
};

static const struct option_spec o_commit_graph_write[] = {
    A(0, "object-dir", 0),
    F(0, "reachable", 0),
    F(0, "stdin-packs", 0),
    F(0, "stdin-commits", 0),
    F(0, "append", 0),
    F(0, "changed-paths", 0),
    O(0, "split", NN),
    A(0, "max-commits", 0),
    A(0, "size-multiple", 0),
    A(0, "expire-time", 0),
    A(0, "max-new-filters", 0),
    F(0, "progress", 0),
    END,
};

static const struct option_spec o_commit_tree[] = {
    A('p', NULL, NN),
    A('m', NULL, NN),
    A('F', NULL, NN),
    O('S', "gpg-sign", 0),
    END,
};

static const struct option_spec o_count_objects[] = {
    F('v', "verbose", 0),
    F('H', "human-readable", 0),
    END,
};

static const struct option_spec o_credential_cache[] = {
    A(0, "timeout", 0),
    A(0, "socket", 0),
    END,
};

static const struct option_spec o_credential_store[] = {
    A(0, "file", 0),
    END,
};

static const struct option_spec o_describe[] = {
    F(0, "contains", 0), F(0, "debug", 0),	 F(0, "all", 0),
    F(0, "tags", 0),	 F(0, "long", 0),	 F(0, "first-parent", 0),
    O(0, "abbrev", 0),	 F(0, "exact-match", 0), A(0, "candidates", 0),
    A(0, "match", 0),	 A(0, "exclude", 0),	 F(0, "always", 0),
    O(0, "dirty", 0),	 O(0, "broken", 0),	 END,
};

static const struct option_spec o_diagnose[] = {
    A('o', "output-directory", 0),
    A('s', "suffix", 0),
    A(0, "mode", NN),
    END,
};

static const struct option_spec o_difftool[] = {
    F('g', "gui", 0),
    F('d', "dir-diff", 0),
    F('y', "no-prompt", NN),
    F(0, "prompt", NN | HI),
    F(0, "symlinks", 0),
    A('t', "tool", 0),
    F(0, "tool-help", 0),
    F(0, "trust-exit-code", 0),
    A('x', "extcmd", 0),
    F(0, "no-index", 0),
    END,
};

static const struct option_spec o_fast_export[] = {
    A(0, "progress", 0),
    A(0, "signed-tags", 0),
    A(0, "tag-of-filtered-object", 0),
    A(0, "reencode", 0),
    A(0, "export-marks", 0),
    A(0, "import-marks", 0),
    A(0, "import-marks-if-exists", 0),
    F(0, "fake-missing-tagger", 0),
    F(0, "full-tree", 0),
    F(0, "use-done-feature", 0),
    F(0, "no-data", 0),
    A(0, "refspec", 0),
    F(0, "anonymize", 0),
    A(0, "anonymize-map", NN),
    F(0, "reference-excluded-parents", 0),
    F(0, "show-original-ids", 0),
    F(0, "mark-tags", 0),
    A(0, "signed-commits", NW),
    END,
};

static const struct option_spec o_fetch[] = {
    F('v', "verbose", 0),
    F('q', "quiet", 0),
    F(0, "all", 0),
    F(0, "set-upstream", 0),
    F('a', "append", 0),
    F(0, "atomic", 0),
    A(0, "upload-pack", 0),
    F('f', "force", 0),
    F('m', "multiple", 0),
    F('t', "tags", 0),
    F('n', NULL, 0),
    A('j', "jobs", 0),
    F(0, "prefetch", 0),
    F('p', "prune", 0),
    F('P', "prune-tags", 0),
    O(0, "recurse-submodules", 0),
    F(0, "dry-run", 0),
    F(0, "write-fetch-head", 0),
    F('k', "keep", 0),
    F('u', "update-head-ok", 0),
    F(0, "progress", 0),
    A(0, "depth", 0),
    A(0, "shallow-since", 0),
    A(0, "shallow-exclude", 0),
    A(0, "deepen", 0),
    F(0, "unshallow", NN),
    F(0, "refetch", NN),
    A(0, "submodule-prefix", HI),
    A(0, "recurse-submodules-default", HI),
    F(0, "update-shallow", 0),
    A(0, "refmap", NN),
    A('o', "server-option", 0),
    F('4', "ipv4", 0),
    F('6', "ipv6", 0),
    A(0, "negotiation-tip", 0),
    F(0, "negotiate-only", 0),
    A(0, "filter", 0),
    F(0, "auto-maintenance", 0),
    F(0, "auto-gc", 0),
    F(0, "show-forced-updates", 0),
    F(0, "write-commit-graph", 0),
    F(0, "stdin", 0),
    F(0, "porcelain", NW),
    A(0, "negotiation-restrict", NW),
    A(0, "negotiation-include", NW),
    END,
};

static const struct option_spec o_fmt_merge_msg[] = {
    O(0, "log", 0),	  O(0, "summary", HI), A('m', "message", 0),
    A(0, "into-name", 0), A('F', "file", 0),   END,
};

static const struct option_spec o_for_each_ref[] = {
    F('s', "shell", 0),
    F('p', "perl", 0),
    F(0, "python", 0),
    F(0, "tcl", 0),
    A(0, "count", 0),
    A(0, "format", 0),
    O(0, "color", 0),
    A(0, "sort", 0),
    A(0, "points-at", 0),
    L(0, "merged", NN),
    L(0, "no-merged", NN),
    L(0, "contains", NN),
    L(0, "no-contains", NN),
    F(0, "ignore-case", 0),
    F(0, "omit-empty", NW),
    A(0, "start-after", NW),
    A(0, "exclude", NW),
    F(0, "stdin", NW),
    F(0, "include-root-refs", NW),
    END,
};

static const struct option_spec o_for_each_repo[] = {
    A(0, "config", 0),
    F(0, "keep-going", NW),
    END,
};

static const struct option_spec o_format_patch[] = {
    F('n', "numbered", 0),
    F('N', "no-numbered", NN),
    F('s', "signoff", 0),
    F(0, "stdout", 0),
    F(0, "cover-letter", 0),
    F(0, "numbered-files", 0),
    A(0, "suffix", 0),
    A(0, "start-number", 0),
    A('v', "reroll-count", 0),
    A(0, "filename-max-length", 0),
    O(0, "rfc", NN),
    A(0, "cover-from-description", 0),
    A(0, "subject-prefix", NN),
    A('o', "output-directory", NN),
    F('k', "keep-subject", NN),
    F(0, "no-binary", 0),
    F(0, "zero-commit", 0),
    F(0, "ignore-if-in-upstream", 0),
    F('p', "no-stat", NN),
    A(0, "add-header", 0),
    A(0, "to", 0),
    A(0, "cc", 0),
    O(0, "from", 0),
    A(0, "in-reply-to", 0),
    O(0, "attach", 0),
    O(0, "inline", NN),
    O(0, "thread", 0),
    A(0, "signature", 0),
    A(0, "base", 0),
    A(0, "signature-file", 0),
    F('q', "quiet", 0),
    F(0, "progress", 0),
    A(0, "interdiff", 0),
    A(0, "range-diff", 0),
    A(0, "creation-factor", 0),
    F(0, "force-in-body-from", 0),
    A(0, "commit-list-format", NW),
    A(0, "description-file", NW),
    END,
};

static const struct option_spec o_format_rev[] = {
    A(0, "format", NW),
    A(0, "stdin-mode", NW),
    A(0, "notes", NW),
    F('z', "null", NN | NW),
    F(0, "null-input", NW),
    F(0, "null-output", NW),
    END,
};

static const struct option_spec o_fsck[] = {
    F('v', "verbose", 0),
    F(0, "unreachable", 0),
    F(0, "dangling", 0),
    F(0, "tags", 0),
    F(0, "root", 0),
    F(0, "cache", 0),
    F(0, "reflogs", 0),
    F(0, "full", 0),
    F(0, "connectivity-only", 0),
    F(0, "strict", 0),
    F(0, "lost-found", 0),
    F(0, "progress", 0),
    F(0, "name-objects", 0),
    F(0, "references", NW),
    END,
};

static const struct option_spec o_gc[] = {
    F('q', "quiet", 0),
    O(0, "prune", 0),
    F(0, "cruft", 0),
    F(0, "aggressive", 0),
    F(0, "auto", 0),
    F(0, "force", 0),
    F(0, "keep-largest-pack", 0),
    A(0, "max-cruft-size", NN | NW),
    F(0, "detach", NW),
    A(0, "expire-to", NW),
    F(0, "skip-foreground-tasks", HI | NW),
    END,
};

static const struct option_spec o_grep[] = {
    F(0, "cached", 0),
    F(0, "no-index", 0),
    F(0, "untracked", 0),
    F(0, "exclude-standard", 0),
    F(0, "recurse-submodules", 0),
    F('v', "invert-match", 0),
    F('i', "ignore-case", 0),
    F('w', "word-regexp", 0),
    F('a', "text", 0),
    F('I', NULL, 0),
    F(0, "textconv", 0),
    F('r', "recursive", 0),
    A(0, "max-depth", NN),
    F('E', "extended-regexp", 0),
    F('G', "basic-regexp", 0),
    F('F', "fixed-strings", 0),
    F('P', "perl-regexp", 0),
    F('n', "line-number", 0),
    F(0, "column", 0),
    F('h', NULL, 0),
    F('H', NULL, 0),
    F(0, "full-name", 0),
    F('l', "files-with-matches", 0),
    F(0, "name-only", 0),
    F('L', "files-without-match", 0),
    F('z', "null", 0),
    F('o', "only-matching", 0),
    F('c', "count", 0),
    O(0, "color", 0),
    F(0, "break", 0),
    F(0, "heading", 0),
    A('C', "context", 0),
    A('B', "before-context", 0),
    A('A', "after-context", 0),
    A(0, "threads", 0),
    F('p', "show-function", 0),
    F('W', "function-context", 0),
    A('f', NULL, 0),
    A('e', NULL, NN),
    F(0, "and", NN),
    F(0, "or", 0),
    F(0, "not", NN),
    F('(', NULL, NN | ND),
    F(')', NULL, NN | ND),
    F('q', "quiet", 0),
    F(0, "all-match", 0),
    O('O', "open-files-in-pager", 0),
    F(0, "ext-grep", 0),
    A('m', "max-count", 0),
    NUM,
    END,
};

static const struct option_spec o_hash_object[] = {
    A('t', NULL, 0),	   F('w', NULL, 0),
    F(0, "stdin", 0),	   F(0, "stdin-paths", 0),
    F(0, "no-filters", 0), F(0, "literally", 0),
    A(0, "path", 0),	   END,
};

static const struct option_spec o_help[] = {
    F('a', "all", NN),
    F(0, "external-commands", 0),
    F(0, "aliases", 0),
    F(0, "exclude-guides", HI),
    F('m', "man", 0),
    F('w', "web", 0),
    F('i', "info", 0),
    F('v', "verbose", 0),
    F('g', "guides", NN),
    F(0, "user-interfaces", NN),
    F(0, "developer-interfaces", NN),
    F('c', "config", NN),
    F(0, "config-for-completion", NN | HI),
    F(0, "config-sections-for-completion", NN | HI),
    F(0, "aliases-for-completion", NN | HI | NW),
    END,
};

static const struct option_spec o_history_drop[] = {
    A(0, "update-refs", NN | NW),
    F('n', "dry-run", NW),
    A(0, "empty", NN | NW),
    END,
};

static const struct option_spec o_history_fixup[] = {
    A(0, "update-refs", NN | NW),
    F('n', "dry-run", NW),
    F(0, "reedit-message", NW),
    A(0, "empty", NN | NW),
    END,
};

static const struct option_spec o_history_reword[] = {
    A(0, "update-refs", NN | NW),
    F('n', "dry-run", NW),
    END,
};

static const struct option_spec o_history_split[] = {
    A(0, "update-refs", NN | NW),
    F('n', "dry-run", NW),
    END,
};

static const struct option_spec o_hook_list[] = {
    F('z', NULL, NW),
    F(0, "show-scope", NW),
    F(0, "allow-unknown-hook-name", NW),
    END,
};

static const struct option_spec o_hook_run[] = {
    F(0, "ignore-missing", 0),
    F(0, "allow-unknown-hook-name", NW),
    A(0, "to-stdin", NW),
    A('j', "jobs", NW),
    END,
};

static const struct option_spec o_init[] = {
    A(0, "template", 0),
    F(0, "bare", 0),
    O(0, "shared", NN),
    F('q', "quiet", 0),
    A(0, "separate-git-dir", 0),
    A('b', "initial-branch", 0),
    A(0, "object-format", 0),
    A(0, "ref-format", NW),
    END,
};

static const struct option_spec o_interpret_trailers[] = {
    F(0, "in-place", 0),   F(0, "trim-empty", 0), A(0, "where", 0),
    A(0, "if-exists", 0),  A(0, "if-missing", 0), F(0, "only-trailers", 0),
    F(0, "only-input", 0), F(0, "unfold", 0),	  F(0, "parse", NN),
    F(0, "no-divider", 0), A(0, "trailer", 0),	  END,
};

static const struct option_spec o_last_modified[] = {
    F('r', "recursive", NW),
    F('t', "show-trees", NW),
    A(0, "max-depth", NN | NW),
    F('z', NULL, NW),
    END,
};

const struct option_spec git_log_options[] = {
    F('q', "quiet", 0),
    F(0, "source", 0),
    F(0, "use-mailmap", 0),
    F(0, "mailmap", AL),
    F(0, "clear-decorations", NN),
    A(0, "decorate-refs", 0),
    A(0, "decorate-refs-exclude", 0),
    O(0, "decorate", 0),
    A('L', NULL, 0),
    F(0, "i-still-use-this", HI | NW),
    END,
};

static const struct option_spec o_ls_files[] = {
    F('z', NULL, 0),
    F('t', NULL, 0),
    F('v', NULL, 0),
    F('f', NULL, 0),
    F('c', "cached", 0),
    F('d', "deleted", 0),
    F('m', "modified", 0),
    F('o', "others", 0),
    F('i', "ignored", 0),
    F('s', "stage", 0),
    F('k', "killed", 0),
    F(0, "directory", 0),
    F(0, "eol", 0),
    F(0, "empty-directory", 0),
    F('u', "unmerged", 0),
    F(0, "resolve-undo", 0),
    A('x', "exclude", NN),
    A('X', "exclude-from", NN),
    A(0, "exclude-per-directory", 0),
    F(0, "exclude-standard", NN),
    F(0, "full-name", NN),
    F(0, "recurse-submodules", 0),
    F(0, "error-unmatch", 0),
    A(0, "with-tree", 0),
    O(0, "abbrev", 0),
    F(0, "debug", 0),
    F(0, "deduplicate", 0),
    F(0, "sparse", 0),
    A(0, "format", NN),
    END,
};

static const struct option_spec o_ls_remote[] = {
    F('q', "quiet", 0),
    A(0, "upload-pack", 0),
    A(0, "exec", HI),
    F('t', "tags", 0),
    F('h', "heads", 0),
    F(0, "refs", 0),
    F(0, "get-url", 0),
    A(0, "sort", 0),
    F(0, "exit-code", 0),
    F(0, "symref", 0),
    A('o', "server-option", 0),
    F('b', "branches", NW),
    END,
};

static const struct option_spec o_ls_tree[] = {
    F('d', NULL, 0),
    F('r', NULL, 0),
    F('t', NULL, 0),
    F('z', NULL, 0),
    F('l', "long", NN),
    F(0, "name-only", NN),
    F(0, "name-status", NN),
    F(0, "object-only", NN),
    F(0, "full-name", 0),
    F(0, "full-tree", 0),
    A(0, "format", NN),
    O(0, "abbrev", 0),
    END,
};

static const struct option_spec o_mailinfo[] = {
    F('k', NULL, 0),
    F('b', NULL, 0),
    F('m', "message-id", 0),
    F('u', NULL, NN),
    F('n', NULL, NN),
    A(0, "encoding", NN),
    F(0, "scissors", 0),
    A(0, "quoted-cr", NN),
    F(0, "inbody-headers", HI),
    END,
};

static const struct option_spec o_maintenance_is_needed[] = {
    F(0, "auto", NW),
    A(0, "task", NN | NW),
    END,
};

static const struct option_spec o_maintenance_register[] = {
    A(0, "config-file", 0),
    END,
};

static const struct option_spec o_maintenance_run[] = {
    F(0, "auto", 0),  A(0, "schedule", 0), F(0, "quiet", 0),
    A(0, "task", NN), F(0, "detach", NW),  END,
};

static const struct option_spec o_maintenance_start[] = {
    A(0, "scheduler", NN),
    END,
};

static const struct option_spec o_maintenance_unregister[] = {
    A(0, "config-file", 0),
    F('f', "force", 0),
    END,
};

static const struct option_spec o_merge[] = {
    F('n', NULL, 0),
    F(0, "stat", 0),
    F(0, "summary", 0),
    O(0, "log", 0),
    F(0, "squash", 0),
    F(0, "commit", 0),
    F('e', "edit", 0),
    A(0, "cleanup", 0),
    F(0, "ff", 0),
    F(0, "ff-only", NN),
    F(0, "rerere-autoupdate", 0),
    F(0, "verify-signatures", 0),
    A('s', "strategy", 0),
    A('X', "strategy-option", 0),
    A('m', "message", 0),
    A('F', "file", NN),
    A(0, "into-name", 0),
    F('v', "verbose", 0),
    F('q', "quiet", 0),
    F(0, "abort", 0),
    F(0, "quit", 0),
    F(0, "continue", 0),
    F(0, "allow-unrelated-histories", 0),
    F(0, "progress", 0),
    O('S', "gpg-sign", 0),
    F(0, "autostash", 0),
    F(0, "overwrite-ignore", 0),
    F(0, "signoff", 0),
    F(0, "no-verify", 0),
    F(0, "compact-summary", NW),
    END,
};

static const struct option_spec o_merge_base[] = {
    F('a', "all", 0),	     F(0, "octopus", NN),    F(0, "independent", NN),
    F(0, "is-ancestor", NN), F(0, "fork-point", NN), END,
};

static const struct option_spec o_merge_file[] = {
    F('p', "stdout", 0),
    F(0, "diff3", 0),
    F(0, "zdiff3", 0),
    F(0, "ours", 0),
    F(0, "theirs", 0),
    F(0, "union", 0),
    A(0, "marker-size", 0),
    F('q', "quiet", 0),
    A('L', NULL, 0),
    F(0, "object-id", NW),
    A(0, "diff-algorithm", NN | NW),
    END,
};

static const struct option_spec o_merge_tree[] = {
    F(0, "write-tree", NN),
    F(0, "trivial-merge", NN),
    F(0, "messages", 0),
    F('z', NULL, 0),
    F(0, "name-only", NN),
    F(0, "allow-unrelated-histories", NN),
    F(0, "stdin", NN),
    F(0, "quiet", NN | NW),
    A(0, "merge-base", NW),
    A('X', "strategy-option", NW),
    END,
};

static const struct option_spec o_mktag[] = {
    F(0, "strict", 0),
    END,
};

static const struct option_spec o_mktree[] = {
    F('z', NULL, 0),
    F(0, "missing", 0),
    F(0, "batch", 0),
    END,
};

static const struct option_spec o_multi_pack_index[] = {
    A(0, "object-dir", 0),
    F(0, "progress", NW),
    END,
};

static const struct option_spec o_multi_pack_index_expire[] = {
    A(0, "object-dir", 0),
    F(0, "progress", 0),
    END,
};

static const struct option_spec o_multi_pack_index_repack[] = {
    A(0, "object-dir", 0),
    A(0, "batch-size", NN),
    F(0, "progress", 0),
    END,
};

static const struct option_spec o_multi_pack_index_verify[] = {
    A(0, "object-dir", 0),
    F(0, "progress", 0),
    END,
};

static const struct option_spec o_multi_pack_index_write[] = {
    A(0, "object-dir", 0),
    A(0, "preferred-pack", 0),
    F(0, "bitmap", 0),
    F(0, "progress", 0),
    F(0, "stdin-packs", 0),
    A(0, "refs-snapshot", 0),
    A(0, "base", NW),
    F(0, "incremental", NW),
    F(0, "write-chain-file", NW),
    END,
};

static const struct option_spec o_mv[] = {
    F('v', "verbose", 0), F('n', "dry-run", 0), F('f', "force", 0),
    F('k', NULL, 0),	  F(0, "sparse", 0),	END,
};

static const struct option_spec o_name_rev[] = {
    F(0, "name-only", 0),
    F(0, "tags", 0),
    A(0, "refs", 0),
    A(0, "exclude", 0),
    F(0, "all", 0),
    F(0, "stdin", 0),
    F(0, "annotate-stdin", 0),
    F(0, "undefined", 0),
    F(0, "always", 0),
    F(0, "peel-tag", HI),
    END,
};

static const struct option_spec o_notes[] = {
    A(0, "ref", 0),
    END,
};

static const struct option_spec o_notes_add[] = {
    A('m', "message", NN),	  A('F', "file", NN),
    A('c', "reedit-message", NN), A('C', "reuse-message", NN),
    F(0, "allow-empty", 0),	  F('f', "force", 0),
    F('e', "edit", NW),		  O(0, "separator", NW),
    F(0, "stripspace", NW),	  END,
};

static const struct option_spec o_notes_append[] = {
    A('m', "message", NN),
    A('F', "file", NN),
    A('c', "reedit-message", NN),
    A('C', "reuse-message", NN),
    F(0, "allow-empty", 0),
    F('e', "edit", NW),
    O(0, "separator", NW),
    F(0, "stripspace", NW),
    END,
};

static const struct option_spec o_notes_copy[] = {
    F('f', "force", 0),
    F(0, "stdin", 0),
    A(0, "for-rewrite", 0),
    END,
};

static const struct option_spec o_notes_edit[] = {
    A('m', "message", NN),
    A('F', "file", NN),
    A('c', "reedit-message", NN),
    A('C', "reuse-message", NN),
    F(0, "allow-empty", 0),
    F('e', "edit", NW),
    O(0, "separator", NW),
    F(0, "stripspace", NW),
    END,
};

static const struct option_spec o_notes_merge[] = {
    F('v', "verbose", 0), F('q', "quiet", 0), A('s', "strategy", 0),
    F(0, "commit", NN),	  F(0, "abort", NN),  END,
};

static const struct option_spec o_notes_prune[] = {
    F('n', "dry-run", 0),
    F('v', "verbose", 0),
    END,
};

static const struct option_spec o_notes_remove[] = {
    F(0, "ignore-missing", 0),
    F(0, "stdin", 0),
    END,
};

static const struct option_spec o_pack_objects[] = {
    F('q', "quiet", 0),
    F(0, "progress", 0),
    F(0, "all-progress", 0),
    F(0, "all-progress-implied", 0),
    A(0, "index-version", NN),
    A(0, "max-pack-size", NN),
    F(0, "local", 0),
    F(0, "incremental", 0),
    A(0, "window", 0),
    A(0, "window-memory", NN),
    A(0, "depth", 0),
    F(0, "reuse-delta", 0),
    F(0, "reuse-object", 0),
    F(0, "delta-base-offset", 0),
    A(0, "threads", 0),
    F(0, "non-empty", 0),
    F(0, "revs", 0),
    F(0, "unpacked", NN),
    F(0, "all", NN),
    F(0, "reflog", NN),
    F(0, "indexed-objects", NN),
    O(0, "stdin-packs", 0),
    F(0, "stdout", 0),
    F(0, "include-tag", 0),
    F(0, "keep-unreachable", 0),
    F(0, "pack-loose-unreachable", 0),
    O(0, "unpack-unreachable", 0),
    F(0, "cruft", 0),
    O(0, "cruft-expiration", 0),
    F(0, "sparse", 0),
    F(0, "thin", 0),
    F(0, "shallow", 0),
    F(0, "honor-pack-keep", 0),
    A(0, "keep-pack", 0),
    A(0, "compression", 0),
    F(0, "keep-true-parents", 0),
    F(0, "use-bitmap-index", 0),
    F(0, "write-bitmap-index", 0),
    F(0, "write-bitmap-index-quiet", HI),
    A(0, "filter", 0),
    A(0, "missing", NN),
    F(0, "exclude-promisor-objects", 0),
    F(0, "delta-islands", 0),
    A(0, "uri-protocol", 0),
    F(0, "path-walk", NW),
    F(0, "exclude-promisor-objects-best-effort", NW),
    A(0, "name-hash-version", NW),
    END,
};

static const struct option_spec o_pack_refs[] = {
    F(0, "all", 0),	 F(0, "prune", 0),    F(0, "auto", NW),
    A(0, "include", NW), A(0, "exclude", NW), END,
};

static const struct option_spec o_patch_id[] = {
    F(0, "unstable", NN),
    F(0, "stable", NN),
    F(0, "verbatim", NN),
    END,
};

static const struct option_spec o_prune[] = {
    F('n', "dry-run", 0),
    F('v', "verbose", 0),
    F(0, "progress", 0),
    A(0, "expire", 0),
    F(0, "exclude-promisor-objects", 0),
    END,
};

static const struct option_spec o_prune_packed[] = {
    F('n', "dry-run", 0),
    F('q', "quiet", 0),
    END,
};

static const struct option_spec o_pull[] = {
    F('v', "verbose", 0),
    F('q', "quiet", 0),
    F(0, "progress", 0),
    O(0, "recurse-submodules", 0),
    O('r', "rebase", 0),
    F('n', NULL, NN),
    F(0, "stat", 0),
    F(0, "summary", HI),
    O(0, "log", 0),
    O(0, "signoff", 0),
    F(0, "squash", 0),
    F(0, "commit", 0),
    F(0, "edit", 0),
    A(0, "cleanup", 0),
    F(0, "ff", 0),
    F(0, "ff-only", NN),
    F(0, "verify", 0),
    F(0, "verify-signatures", 0),
    F(0, "autostash", 0),
    A('s', "strategy", 0),
    A('X', "strategy-option", 0),
    O('S', "gpg-sign", 0),
    F(0, "allow-unrelated-histories", 0),
    F(0, "all", 0),
    F('a', "append", 0),
    A(0, "upload-pack", 0),
    F('f', "force", 0),
    F('t', "tags", 0),
    F('p', "prune", 0),
    O('j', "jobs", 0),
    F(0, "dry-run", 0),
    F('k', "keep", 0),
    A(0, "depth", 0),
    A(0, "shallow-since", 0),
    A(0, "shallow-exclude", 0),
    A(0, "deepen", 0),
    F(0, "unshallow", NN),
    F(0, "update-shallow", 0),
    A(0, "refmap", NN),
    A('o', "server-option", 0),
    F('4', "ipv4", 0),
    F('6', "ipv6", 0),
    A(0, "negotiation-tip", 0),
    F(0, "show-forced-updates", 0),
    F(0, "set-upstream", 0),
    F(0, "compact-summary", NW),
    A(0, "negotiation-restrict", NW),
    A(0, "negotiation-include", NW),
    END,
};

static const struct option_spec o_push[] = {
    F('v', "verbose", 0),
    F('q', "quiet", 0),
    A(0, "repo", 0),
    F(0, "all", 0),
    F(0, "branches", NW | AL),
    F(0, "mirror", 0),
    F('d', "delete", 0),
    F(0, "tags", 0),
    F('n', "dry-run", 0),
    F(0, "porcelain", 0),
    F('f', "force", 0),
    O(0, "force-with-lease", 0),
    F(0, "force-if-includes", 0),
    A(0, "recurse-submodules", 0),
    F(0, "thin", 0),
    A(0, "receive-pack", 0),
    A(0, "exec", 0),
    F('u', "set-upstream", 0),
    F(0, "progress", 0),
    F(0, "prune", 0),
    F(0, "no-verify", 0),
    F(0, "follow-tags", 0),
    O(0, "signed", 0),
    F(0, "atomic", 0),
    A('o', "push-option", 0),
    F('4', "ipv4", 0),
    F('6', "ipv6", 0),
    END,
};

static const struct option_spec o_read_tree[] = {
    A(0, "index-output", NN),
    F(0, "empty", 0),
    F('v', "verbose", 0),
    F('m', NULL, 0),
    F(0, "trivial", 0),
    F(0, "aggressive", 0),
    F(0, "reset", 0),
    A(0, "prefix", NN),
    F('u', NULL, 0),
    A(0, "exclude-per-directory", NN),
    F('i', NULL, 0),
    F('n', "dry-run", 0),
    F(0, "no-sparse-checkout", 0),
    F(0, "debug-unpack", 0),
    O(0, "recurse-submodules", 0),
    F('q', "quiet", 0),
    A(0, "super-prefix", HI | NW),
    END,
};

static const struct option_spec o_rebase[] = {
    A(0, "onto", 0),
    F(0, "keep-base", 0),
    F(0, "no-verify", 0),
    F('q', "quiet", 0),
    F('v', "verbose", 0),
    F('n', "no-stat", 0),
    F(0, "signoff", 0),
    F(0, "committer-date-is-author-date", 0),
    F(0, "reset-author-date", 0),
    F(0, "ignore-date", HI),
    A('C', NULL, 0),
    F(0, "ignore-whitespace", 0),
    A(0, "whitespace", 0),
    F('f', "force-rebase", 0),
    F(0, "no-ff", 0),
    F(0, "continue", NN),
    F(0, "skip", NN),
    F(0, "abort", NN),
    F(0, "quit", NN),
    F(0, "edit-todo", NN),
    F(0, "show-current-patch", NN),
    F(0, "apply", NN),
    F('m', "merge", NN),
    F('i', "interactive", NN),
    F('p', "preserve-merges", HI),
    F(0, "rerere-autoupdate", 0),
    A(0, "empty", NN),
    F('k', "keep-empty", HI),
    F(0, "autosquash", 0),
    F(0, "update-refs", 0),
    O('S', "gpg-sign", 0),
    F(0, "autostash", 0),
    A('x', "exec", 0),
    F(0, "allow-empty-message", HI),
    O('r', "rebase-merges", 0),
    F(0, "fork-point", 0),
    A('s', "strategy", 0),
    A('X', "strategy-option", 0),
    F(0, "root", 0),
    F(0, "reschedule-failed-exec", 0),
    F(0, "reapply-cherry-picks", 0),
    A(0, "trailer", NW),
    END,
};

static const struct option_spec o_receive_pack[] = {
    F('q', "quiet", 0),
    F(0, "stateless-rpc", HI),
    F(0, "http-backend-info-refs", HI),
    F(0, "advertise-refs", HI | AL),
    F(0, "reject-thin-pack-for-testing", HI),
    F(0, "skip-connectivity-check", HI | NW),
    END,
};

static const struct option_spec o_reflog_delete[] = {
    F('n', "dry-run", 0),
    F(0, "rewrite", 0),
    F(0, "updateref", 0),
    F(0, "verbose", 0),
    END,
};

static const struct option_spec o_reflog_drop[] = {
    F(0, "all", NW),
    F(0, "single-worktree", NW),
    END,
};

static const struct option_spec o_reflog_expire[] = {
    F('n', "dry-run", 0),	F(0, "rewrite", 0),
    F(0, "updateref", 0),	F(0, "verbose", 0),
    A(0, "expire", NN),		A(0, "expire-unreachable", NN),
    F(0, "stale-fix", 0),	F(0, "all", 0),
    F(0, "single-worktree", 0), END,
};

static const struct option_spec o_refs_create[] = {
    A(0, "message", NW),
    F(0, "no-deref", NW),
    F(0, "create-reflog", NW),
    END,
};

static const struct option_spec o_refs_delete[] = {
    A(0, "message", NW),
    F(0, "no-deref", NW),
    END,
};

static const struct option_spec o_refs_migrate[] = {
    A(0, "ref-format", NN | NW),
    F(0, "dry-run", NW),
    F(0, "no-reflog", NW),
    END,
};

static const struct option_spec o_refs_optimize[] = {
    F(0, "all", NW),	 F(0, "prune", NW),   F(0, "auto", NW),
    A(0, "include", NW), A(0, "exclude", NW), END,
};

static const struct option_spec o_refs_rename[] = {
    A(0, "message", NW),
    END,
};

static const struct option_spec o_refs_update[] = {
    A(0, "message", NW),
    F(0, "no-deref", NW),
    F(0, "create-reflog", NW),
    END,
};

static const struct option_spec o_refs_verify[] = {
    F(0, "verbose", NW),
    F(0, "strict", NW),
    END,
};

static const struct option_spec o_remote[] = {
    F('v', "verbose", 0),
    END,
};

static const struct option_spec o_remote_add[] = {
    F('f', "fetch", 0),	 F(0, "tags", 0),   A('t', "track", 0),
    A('m', "master", 0), O(0, "mirror", 0), END,
};

static const struct option_spec o_remote_get_url[] = {
    F(0, "push", 0),
    F(0, "all", 0),
    END,
};

static const struct option_spec o_remote_prune[] = {
    F('n', "dry-run", 0),
    END,
};

static const struct option_spec o_remote_rename[] = {
    F(0, "progress", 0),
    END,
};

static const struct option_spec o_remote_set_branches[] = {
    F(0, "add", 0),
    END,
};

static const struct option_spec o_remote_set_head[] = {
    F('a', "auto", 0),
    F('d', "delete", 0),
    END,
};

static const struct option_spec o_remote_set_url[] = {
    F(0, "push", 0),
    F(0, "add", 0),
    F(0, "delete", 0),
    END,
};

static const struct option_spec o_remote_show[] = {
    F('n', NULL, 0),
    END,
};

static const struct option_spec o_remote_update[] = {
    F('p', "prune", 0),
    END,
};

static const struct option_spec o_repack[] = {
    F('a', NULL, 0),
    F('A', NULL, 0),
    F(0, "cruft", 0),
    A(0, "cruft-expiration", 0),
    F('d', NULL, 0),
    F('f', NULL, 0),
    F('F', NULL, 0),
    F('n', NULL, 0),
    F('q', "quiet", 0),
    F('l', "local", 0),
    F('b', "write-bitmap-index", 0),
    F('i', "delta-islands", 0),
    A(0, "unpack-unreachable", 0),
    F('k', "keep-unreachable", 0),
    A(0, "window", 0),
    A(0, "window-memory", 0),
    A(0, "depth", 0),
    A(0, "threads", 0),
    A(0, "max-pack-size", 0),
    F(0, "pack-kept-objects", 0),
    A(0, "keep-pack", 0),
    A('g', "geometric", 0),
    F('m', NULL, 0),
    A(0, "expire-to", 0),
    A(0, "combine-cruft-below-size", NN | NW),
    A(0, "max-cruft-size", NN | NW),
    A(0, "name-hash-version", NW),
    F(0, "path-walk", NW),
    A(0, "filter", NW),
    O(0, "write-midx", 0),
    A(0, "filter-to", NW),
    END,
};

static const struct option_spec o_replace[] = {
    F('l', "list", NN),
    F('d', "delete", NN),
    F('e', "edit", NN),
    F('g', "graft", NN),
    F(0, "convert-graft-file", NN),
    F('f', "force", 0),
    F(0, "raw", 0),
    A(0, "format", 0),
    END,
};

static const struct option_spec o_replay[] = {
    F(0, "contained", NW),
    A(0, "onto", NN | NW),
    A(0, "advance", NN | NW),
    A(0, "revert", NN | NW),
    A(0, "ref", NN | NW),
    A(0, "ref-action", NN | NW),
    END,
};

static const struct option_spec o_repo_info[] = {
    A(0, "format", NN | NW),
    F('z', NULL, NN | NW),
    F(0, "all", NW),
    F(0, "keys", NW),
    END,
};

static const struct option_spec o_repo_structure[] = {
    A(0, "format", NN | NW),
    F('z', NULL, NN | NW),
    F(0, "progress", NW),
    END,
};

static const struct option_spec o_rerere[] = {
    F(0, "rerere-autoupdate", 0),
    END,
};

static const struct option_spec o_reset[] = {
    F('q', "quiet", 0),
    F(0, "no-refresh", 0),
    F(0, "mixed", 0),
    F(0, "soft", 0),
    F(0, "hard", 0),
    F(0, "merge", 0),
    F(0, "keep", 0),
    O(0, "recurse-submodules", 0),
    F('p', "patch", 0),
    F('N', "intent-to-add", 0),
    A(0, "pathspec-from-file", 0),
    F(0, "pathspec-file-nul", 0),
    F(0, "auto-advance", NW),
    A('U', "unified", NN | NW),
    A(0, "inter-hunk-context", NN | NW),
    END,
};

static const struct option_spec o_restore[] = {
    A('s', "source", 0),
    F('S', "staged", 0),
    F('W', "worktree", 0),
    F(0, "ignore-unmerged", 0),
    F(0, "overlay", 0),
    F('q', "quiet", 0),
    O(0, "recurse-submodules", 0),
    F(0, "progress", 0),
    F('m', "merge", 0),
    A(0, "conflict", 0),
    F('2', "ours", NN),
    F('3', "theirs", NN),
    F('p', "patch", 0),
    F(0, "ignore-skip-worktree-bits", 0),
    A(0, "pathspec-from-file", 0),
    F(0, "pathspec-file-nul", 0),
    A('U', "unified", NN | NW),
    A(0, "inter-hunk-context", NN | NW),
    END,
};

static const struct option_spec o_revert[] = {
    F(0, "quit", NN),
    F(0, "continue", NN),
    F(0, "abort", NN),
    F(0, "skip", NN),
    A(0, "cleanup", 0),
    F('n', "no-commit", 0),
    F('e', "edit", 0),
    F('r', NULL, HI),
    F('s', "signoff", 0),
    A('m', "mainline", 0),
    F(0, "rerere-autoupdate", 0),
    A(0, "strategy", 0),
    A('X', "strategy-option", 0),
    O('S', "gpg-sign", 0),
    F(0, "reference", 0),
    END,
};

static const struct option_spec o_rm[] = {
    F('n', "dry-run", 0),
    F('q', "quiet", 0),
    F(0, "cached", 0),
    F('f', "force", 0),
    F('r', NULL, 0),
    F(0, "ignore-unmatch", 0),
    F(0, "sparse", 0),
    A(0, "pathspec-from-file", 0),
    F(0, "pathspec-file-nul", 0),
    END,
};

static const struct option_spec o_send_pack[] = {
    F('v', "verbose", 0),
    F('q', "quiet", 0),
    A(0, "receive-pack", 0),
    A(0, "exec", 0),
    A(0, "remote", 0),
    F(0, "all", 0),
    F('n', "dry-run", 0),
    F(0, "mirror", 0),
    F('f', "force", 0),
    O(0, "signed", 0),
    A(0, "push-option", 0),
    F(0, "progress", 0),
    F(0, "thin", 0),
    F(0, "atomic", 0),
    F(0, "stateless-rpc", 0),
    F(0, "stdin", 0),
    F(0, "helper-status", 0),
    O(0, "force-with-lease", 0),
    F(0, "force-if-includes", 0),
    END,
};

static const struct option_spec o_shortlog[] = {
    F('c', "committer", 0),
    F('n', "numbered", 0),
    F('s', "summary", 0),
    F('e', "email", 0),
    O('w', NULL, 0),
    A(0, "group", 0),
    END,
};

static const struct option_spec o_show_branch[] = {
    F('a', "all", 0),	   F('r', "remotes", 0),
    O(0, "color", 0),	   O(0, "more", 0),
    F(0, "list", 0),	   F(0, "no-name", 0),
    F(0, "current", 0),	   F(0, "sha1-name", 0),
    F(0, "merge-base", 0), F(0, "independent", 0),
    F(0, "topo-order", 0), F(0, "topics", 0),
    F(0, "sparse", 0),	   F(0, "date-order", 0),
    O('g', "reflog", NN),  END,
};

static const struct option_spec o_show_index[] = {
    A(0, "object-format", 0),
    END,
};

static const struct option_spec o_show_ref[] = {
    F(0, "tags", 0),
    F(0, "heads", 0),
    F(0, "verify", 0),
    F('h', NULL, HI),
    F(0, "head", 0),
    F('d', "dereference", 0),
    O('s', "hash", 0),
    O(0, "abbrev", 0),
    F('q', "quiet", 0),
    O(0, "exclude-existing", NN),
    F(0, "branches", NW),
    F(0, "exists", NW),
    END,
};

static const struct option_spec o_sparse_checkout_check_rules[] = {
    F('z', NULL, NW),
    F(0, "cone", NW),
    A(0, "rules-file", NW),
    END,
};

static const struct option_spec o_sparse_checkout_init[] = {
    F(0, "cone", 0),
    F(0, "sparse-index", 0),
    END,
};

static const struct option_spec o_sparse_checkout_set[] = {
    F(0, "cone", 0),
    F(0, "sparse-index", 0),
    F(0, "skip-checks", NN),
    F(0, "stdin", NN),
    END,
};

static const struct option_spec o_stash_apply[] = {
    F('q', "quiet", 0),	      F(0, "index", 0),	      A(0, "label-ours", NW),
    A(0, "label-theirs", NW), A(0, "label-base", NW), END,
};

static const struct option_spec o_stash_drop[] = {
    F('q', "quiet", 0),
    END,
};

static const struct option_spec o_stash_export[] = {
    F(0, "print", NN | NW),
    A(0, "to-ref", NW),
    END,
};

static const struct option_spec o_stash_pop[] = {
    F('q', "quiet", 0),
    F(0, "index", 0),
    END,
};

static const struct option_spec o_stash_push[] = {
    F('k', "keep-index", 0),
    F('S', "staged", 0),
    F('p', "patch", 0),
    F('q', "quiet", 0),
    F('u', "include-untracked", 0),
    F('a', "all", 0),
    A('m', "message", 0),
    A(0, "pathspec-from-file", 0),
    F(0, "pathspec-file-nul", 0),
    F(0, "auto-advance", NW),
    A('U', "unified", NN | NW),
    A(0, "inter-hunk-context", NN | NW),
    END,
};

static const struct option_spec o_stash_save[] = {
    F('k', "keep-index", 0),
    F('S', "staged", 0),
    F('p', "patch", 0),
    F('q', "quiet", 0),
    F('u', "include-untracked", 0),
    F('a', "all", 0),
    A('m', "message", 0),
    F(0, "auto-advance", NW),
    A('U', "unified", NN | NW),
    A(0, "inter-hunk-context", NN | NW),
    END,
};

static const struct option_spec o_stash_show[] = {
    F('u', "include-untracked", 0),
    F(0, "only-untracked", NN),
    END,
};

static const struct option_spec o_stash_store[] = {
    F('q', "quiet", 0),
    A('m', "message", 0),
    END,
};

static const struct option_spec o_status[] = {
    F('v', "verbose", 0),
    F('s', "short", 0),
    F('b', "branch", 0),
    F(0, "show-stash", 0),
    F(0, "ahead-behind", 0),
    O(0, "porcelain", 0),
    F(0, "long", 0),
    F('z', "null", 0),
    O('u', "untracked-files", 0),
    O(0, "ignored", 0),
    O(0, "ignore-submodules", 0),
    O(0, "column", 0),
    F(0, "no-renames", 0),
    O('M', "find-renames", NN),
    END,
};

static const struct option_spec o_stripspace[] = {
    F('s', "strip-comments", NN),
    F('c', "comment-lines", NN),
    END,
};

static const struct option_spec o_switch[] = {
    A('c', "create", 0),
    A('C', "force-create", 0),
    F(0, "guess", 0),
    F(0, "discard-changes", 0),
    F('q', "quiet", 0),
    O(0, "recurse-submodules", 0),
    F(0, "progress", 0),
    F('m', "merge", 0),
    A(0, "conflict", 0),
    F('d', "detach", 0),
    O('t', "track", 0),
    F('f', "force", 0),
    A(0, "orphan", 0),
    F(0, "overwrite-ignore", 0),
    F(0, "ignore-other-worktrees", 0),
    END,
};

static const struct option_spec o_symbolic_ref[] = {
    F('q', "quiet", 0), F('d', "delete", 0), F(0, "short", 0),
    F(0, "recurse", 0), A('m', NULL, 0),     END,
};

static const struct option_spec o_tag[] = {
    F('l', "list", NN),	      O('n', NULL, 0),
    F('d', "delete", NN),     F('v', "verify", NN),
    F('a', "annotate", 0),    A('m', "message", NN),
    A('F', "file", 0),	      F('e', "edit", 0),
    F('s', "sign", 0),	      A(0, "cleanup", 0),
    A('u', "local-user", 0),  F('f', "force", 0),
    F(0, "create-reflog", 0), O(0, "column", 0),
    L(0, "contains", NN),     L(0, "no-contains", NN),
    L(0, "with", NN | HI),    L(0, "without", NN | HI),
    L(0, "merged", NN),	      L(0, "no-merged", NN),
    A(0, "sort", 0),	      L(0, "points-at", 0),
    A(0, "format", 0),	      O(0, "color", 0),
    F('i', "ignore-case", 0), A(0, "trailer", NW),
    F(0, "omit-empty", NW),   END,
};

static const struct option_spec o_update_index[] = {
    F('q', NULL, 0),
    F(0, "ignore-submodules", 0),
    F(0, "add", 0),
    F(0, "replace", 0),
    F(0, "remove", 0),
    F(0, "unmerged", 0),
    F(0, "refresh", NN),
    F(0, "really-refresh", NN),
    F(0, "cacheinfo", NN),
    A(0, "chmod", NN),
    F(0, "assume-unchanged", NN),
    F(0, "no-assume-unchanged", NN),
    F(0, "skip-worktree", NN),
    F(0, "no-skip-worktree", NN),
    F(0, "ignore-skip-worktree-entries", 0),
    F(0, "info-only", 0),
    F(0, "force-remove", 0),
    F('z', NULL, 0),
    F(0, "stdin", NN),
    F(0, "index-info", NN),
    F(0, "unresolve", NN),
    F('g', "again", NN),
    F(0, "ignore-missing", 0),
    F(0, "verbose", 0),
    F(0, "clear-resolve-undo", NN),
    A(0, "index-version", 0),
    F(0, "split-index", 0),
    F(0, "untracked-cache", 0),
    F(0, "test-untracked-cache", 0),
    F(0, "force-untracked-cache", 0),
    F(0, "force-write-index", 0),
    F(0, "fsmonitor", 0),
    F(0, "fsmonitor-valid", NN),
    F(0, "no-fsmonitor-valid", NN),
    F(0, "show-index-version", NW),
    END,
};

static const struct option_spec o_update_ref[] = {
    A('m', NULL, 0),
    F('d', NULL, 0),
    F(0, "no-deref", 0),
    F('z', NULL, 0),
    F(0, "stdin", 0),
    F(0, "create-reflog", 0),
    F('0', "batch-updates", NW),
    END,
};

static const struct option_spec o_update_server_info[] = {
    F('f', "force", 0),
    END,
};

static const struct option_spec o_upload_pack[] = {
    F(0, "stateless-rpc", 0),
    F(0, "http-backend-info-refs", HI),
    F(0, "advertise-refs", HI | AL),
    F(0, "strict", 0),
    A(0, "timeout", 0),
    END,
};

static const struct option_spec o_url_parse[] = {
    A('c', "component", NW),
    END,
};

static const struct option_spec o_verify_commit[] = {
    F('v', "verbose", 0),
    F(0, "raw", 0),
    END,
};

static const struct option_spec o_verify_pack[] = {
    F('v', "verbose", 0),
    F('s', "stat-only", 0),
    A(0, "object-format", 0),
    END,
};

static const struct option_spec o_verify_tag[] = {
    F('v', "verbose", 0),
    F(0, "raw", 0),
    A(0, "format", 0),
    END,
};

static const struct option_spec o_version[] = {
    F(0, "build-options", 0),
    END,
};

static const struct option_spec o_worktree_add[] = {
    F('f', "force", 0),
    A('b', NULL, 0),
    A('B', NULL, 0),
    F('d', "detach", 0),
    F(0, "checkout", 0),
    F(0, "lock", 0),
    A(0, "reason", 0),
    F('q', "quiet", 0),
    F(0, "track", 0),
    F(0, "guess-remote", 0),
    F(0, "orphan", NW),
    F(0, "relative-paths", NW),
    END,
};

static const struct option_spec o_worktree_list[] = {
    F(0, "porcelain", 0),
    F('v', "verbose", 0),
    A(0, "expire", 0),
    F('z', NULL, 0),
    END,
};

static const struct option_spec o_worktree_lock[] = {
    A(0, "reason", 0),
    END,
};

static const struct option_spec o_worktree_move[] = {
    F('f', "force", 0),
    F(0, "relative-paths", NW),
    END,
};

static const struct option_spec o_worktree_prune[] = {
    F('n', "dry-run", 0),
    F('v', "verbose", 0),
    A(0, "expire", 0),
    END,
};

static const struct option_spec o_worktree_remove[] = {
    F('f', "force", 0),
    END,
};

static const struct option_spec o_worktree_repair[] = {
    F(0, "relative-paths", NW),
    END,
};

static const struct option_spec o_write_tree[] = {
    F(0, "missing-ok", 0),
    A(0, "prefix", 0),
    F(0, "ignore-cache-tree", HI),
    END,
};

static const struct option_spec o_config_classic[] = {
    F(0, "global", 0),
    F(0, "system", 0),
    F(0, "local", 0),
    F(0, "worktree", 0),
    A('f', "file", 0),
    A(0, "blob", 0),
    F(0, "get", 0),
    F(0, "get-all", 0),
    F(0, "get-regexp", 0),
    F(0, "get-urlmatch", 0),
    F(0, "replace-all", 0),
    F(0, "add", 0),
    F(0, "unset", 0),
    F(0, "unset-all", 0),
    F(0, "rename-section", 0),
    F(0, "remove-section", 0),
    F('l', "list", 0),
    F(0, "fixed-value", 0),
    F('e', "edit", 0),
    F(0, "get-color", 0),
    F(0, "get-colorbool", 0),
    A('t', "type", 0),
    F(0, "bool", NN),
    F(0, "int", NN),
    F(0, "bool-or-int", NN),
    F(0, "bool-or-str", NN),
    F(0, "path", NN),
    F(0, "expiry-date", NN),
    F('z', "null", 0),
    F(0, "name-only", 0),
    F(0, "includes", 0),
    F(0, "show-origin", 0),
    F(0, "show-scope", 0),
    A(0, "default", 0),
    END,
};

static const char *const w_bundle[] = {
    "create", "verify", "list-heads", "unbundle", NULL,
};

static const char *const w_commit_graph[] = {
    "verify",
    "write",
    NULL,
};

static const char *const w_history[] = {
    "drop", "fixup", "reword", "split", NULL,
};

static const char *const w_hook[] = {
    "run",
    "list",
    NULL,
};

static const char *const w_maintenance[] = {
    "run", "start", "stop", "register", "unregister", "is-needed", NULL,
};

static const char *const w_multi_pack_index[] = {
    "repack", "write", "verify", "expire", "compact", NULL,
};

static const char *const w_notes[] = {
    "list",  "add",    "copy",	"append",  "edit", "show",
    "merge", "remove", "prune", "get-ref", NULL,
};

static const char *const w_reflog[] = {
    "show", "expire", "delete", "exists", "list", "write", "drop", NULL,
};

static const char *const w_refs[] = {
    "migrate", "verify", "list",   "exists", "optimize",
    "create",  "delete", "update", "rename", NULL,
};

static const char *const w_remote[] = {
    "add",     "rename",  "rm",	  "remove", "set-head", "set-branches",
    "get-url", "set-url", "show", "prune",  "update",	NULL,
};

static const char *const w_repo[] = {
    "info",
    "structure",
    NULL,
};

static const char *const w_sparse_checkout[] = {
    "list",    "init",	"set",	       "add", "reapply",
    "disable", "clean", "check-rules", NULL,
};

static const char *const w_stash[] = {
    "apply", "clear",  "drop", "pop",  "branch", "list",   "show",
    "store", "create", "push", "save", "export", "import", NULL,
};

static const char *const w_worktree[] = {
    "add", "prune", "list", "lock", "unlock", "move", "remove", "repair", NULL,
};

static const char *const w_config[] = {
    "list",	      "get",  "set", "unset", "rename-section",
    "remove-section", "edit", NULL,
};

static const char *const w_submodule[] = {
    "add",     "foreach", "init",    "deinit", "update",	"set-branch",
    "set-url", "status",  "summary", "sync",   "absorbgitdirs", NULL,
};

static const char *const w_bisect[] = {
    "reset", "terms", "start", "next", "log", "replay", "skip", "visualize",
    "view",  "run",   "good",  "bad",  "new", "old",	"help", NULL,
};

static const char *const w_credential[] = {
    "fill", "approve", "reject", "capability", NULL,
};

/* What `log` and its kind hand on to setup_revisions() of revision.c. */
static const struct option_spec *const more_revision_diff[] = {
    git_revision_options,
    git_diff_options,
    NULL,
};

/* Commands that hand on to `git log`. */
static const struct option_spec *const more_log[] = {
    git_log_options,
    git_revision_options,
    git_diff_options,
    NULL,
};

/* Commands that hand on to `git diff`. */
static const struct option_spec *const more_diff[] = {
    git_opt_diff,
    git_revision_options,
    git_diff_options,
    NULL,
};

static const struct option_spec *const more_archive[] = {
    git_archive_options,
    NULL,
};

/* Sorted by name in byte order: git_command_spec() halves it. */
const struct git_command_spec git_command_specs[] = {
    {"add", 0, o_add, NULL, NULL, NULL},
    {"add--interactive", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"am", 0, o_am, NULL, NULL, NULL},
    {"annotate", GRAMMAR_DASHDASH, o_blame, NULL, NULL, more_revision_diff},
    {"apply", 0, o_apply, NULL, NULL, NULL},
    {"archimport", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"archive", GRAMMAR_DASHDASH | GRAMMAR_KEEP_UNKNOWN, o_archive, NULL, NULL,
     more_archive},
    {"backfill", GRAMMAR_DASHDASH | GRAMMAR_KEEP_UNKNOWN, o_backfill, NULL,
     NULL, more_revision_diff},
    {"bisect",
     GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_SUB_OPTIONAL | GRAMMAR_WORDS,
     o_none, w_bisect, NULL, NULL},
    {"bisect bad", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_DASHDASH, o_none,
     NULL, NULL, NULL},
    {"bisect good", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_DASHDASH, o_none,
     NULL, NULL, NULL},
    {"bisect help", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_DASHDASH, o_none,
     NULL, NULL, NULL},
    {"bisect log", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_DASHDASH, o_none,
     NULL, NULL, NULL},
    {"bisect new", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_DASHDASH, o_none,
     NULL, NULL, NULL},
    {"bisect next", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_DASHDASH, o_none,
     NULL, NULL, NULL},
    {"bisect old", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_DASHDASH, o_none,
     NULL, NULL, NULL},
    {"bisect replay", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_DASHDASH, o_none,
     NULL, NULL, NULL},
    {"bisect reset", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_DASHDASH, o_none,
     NULL, NULL, NULL},
    {"bisect run", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"bisect skip", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_DASHDASH, o_none,
     NULL, NULL, NULL},
    {"bisect start", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_DASHDASH,
     git_opt_bisect_start, NULL, NULL, NULL},
    {"bisect terms", GRAMMAR_EXACT | GRAMMAR_NO_NEG, git_opt_bisect_terms, NULL,
     NULL, NULL},
    {"bisect view", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"bisect visualize", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"bisect--helper", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"blame", GRAMMAR_DASHDASH, o_blame, NULL, NULL, more_revision_diff},
    {"branch", 0, o_branch, NULL, NULL, NULL},
    {"bugreport", 0, o_bugreport, NULL, NULL, NULL},
    {"bundle", 0, o_none, w_bundle, NULL, NULL},
    {"bundle create", GRAMMAR_STOP, o_bundle_create, NULL, NULL,
     more_revision_diff},
    {"bundle list-heads", GRAMMAR_STOP, o_none, NULL, NULL, NULL},
    {"bundle unbundle", GRAMMAR_STOP, o_bundle_unbundle, NULL, NULL, NULL},
    {"bundle verify", GRAMMAR_STOP, o_bundle_verify, NULL, NULL, NULL},
    {"cat-file", 0, o_cat_file, NULL, NULL, NULL},
    {"check-attr", GRAMMAR_DASHDASH, o_check_attr, NULL, NULL, NULL},
    {"check-ignore", 0, o_check_ignore, NULL, NULL, NULL},
    {"check-mailmap", 0, o_check_mailmap, NULL, NULL, NULL},
    {"check-ref-format", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_check_ref_format, NULL, NULL, NULL},
    {"checkout", GRAMMAR_DASHDASH, o_checkout, NULL, NULL, NULL},
    {"checkout--worker", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"checkout-index", 0, o_checkout_index, NULL, NULL, NULL},
    {"cherry", 0, o_cherry, NULL, NULL, NULL},
    {"cherry-pick", GRAMMAR_KEEP_UNKNOWN, o_cherry_pick, NULL, NULL,
     more_revision_diff},
    {"citool", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"clean", 0, o_clean, NULL, NULL, NULL},
    {"clone", 0, o_clone, NULL, NULL, NULL},
    {"column", 0, o_column, NULL, NULL, NULL},
    {"commit", 0, o_commit, NULL, NULL, NULL},
    {"commit-graph", 0, o_commit_graph, w_commit_graph, NULL, NULL},
    {"commit-graph verify", 0, o_commit_graph_verify, NULL, NULL, NULL},
    {"commit-graph write", 0, o_commit_graph_write, NULL, NULL, NULL},
    {"commit-tree", 0, o_commit_tree, NULL, NULL, NULL},
    {"config", GRAMMAR_KEEP_UNKNOWN | GRAMMAR_SUB_OPTIONAL, o_none, w_config,
     "", NULL},
    {"config ", GRAMMAR_STOP, o_config_classic, NULL, NULL, NULL},
    {"config edit", 0, git_opt_config_edit, NULL, NULL, NULL},
    {"config get", GRAMMAR_STOP, git_opt_config_get, NULL, NULL, NULL},
    {"config list", 0, git_opt_config_list, NULL, NULL, NULL},
    {"config remove-section", 0, git_opt_config_section, NULL, NULL, NULL},
    {"config rename-section", 0, git_opt_config_section, NULL, NULL, NULL},
    {"config set", GRAMMAR_STOP, git_opt_config_set, NULL, NULL, NULL},
    {"config unset", GRAMMAR_STOP, git_opt_config_unset, NULL, NULL, NULL},
    {"count-objects", 0, o_count_objects, NULL, NULL, NULL},
    {"credential", 0, o_none, w_credential, NULL, NULL},
    {"credential approve", 0, o_none, NULL, NULL, NULL},
    {"credential capability", 0, o_none, NULL, NULL, NULL},
    {"credential fill", 0, o_none, NULL, NULL, NULL},
    {"credential reject", 0, o_none, NULL, NULL, NULL},
    {"credential-cache", 0, o_credential_cache, NULL, NULL, NULL},
    {"credential-cache--daemon", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"credential-store", 0, o_credential_store, NULL, NULL, NULL},
    {"cvsexportcommit", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"cvsimport", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"cvsserver", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"daemon", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP, git_opt_daemon,
     NULL, NULL, NULL},
    {"describe", 0, o_describe, NULL, NULL, NULL},
    {"diagnose", 0, o_diagnose, NULL, NULL, NULL},
    {"diff", GRAMMAR_EXACT | GRAMMAR_DASHDASH, git_opt_diff, NULL, NULL,
     more_revision_diff},
    {"diff-files", GRAMMAR_EXACT | GRAMMAR_DASHDASH, git_opt_diff_files, NULL,
     NULL, more_revision_diff},
    {"diff-index", GRAMMAR_EXACT | GRAMMAR_DASHDASH, git_opt_diff_index, NULL,
     NULL, more_revision_diff},
    {"diff-tree", GRAMMAR_EXACT | GRAMMAR_DASHDASH, git_opt_diff_tree, NULL,
     NULL, more_revision_diff},
    {"difftool", GRAMMAR_DASHDASH | GRAMMAR_KEEP_UNKNOWN, o_difftool, NULL,
     NULL, more_diff},
    {"difftool--helper", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"env--helper", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"fast-export", GRAMMAR_KEEP_UNKNOWN, o_fast_export, NULL, NULL,
     more_revision_diff},
    {"fast-import", GRAMMAR_EXACT | GRAMMAR_NO_NEG, git_opt_fast_import, NULL,
     NULL, NULL},
    {"fetch", 0, o_fetch, NULL, NULL, NULL},
    {"fetch-pack", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_fetch_pack, NULL, NULL, NULL},
    {"filter-branch", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_filter_branch, NULL, NULL, NULL},
    {"fmt-merge-msg", 0, o_fmt_merge_msg, NULL, NULL, NULL},
    {"for-each-ref", 0, o_for_each_ref, NULL, NULL, NULL},
    {"for-each-repo", GRAMMAR_STOP, o_for_each_repo, NULL, NULL, NULL},
    {"format-patch", GRAMMAR_DASHDASH | GRAMMAR_KEEP_UNKNOWN, o_format_patch,
     NULL, NULL, more_revision_diff},
    {"format-rev", 0, o_format_rev, NULL, NULL, NULL},
    {"fsck", 0, o_fsck, NULL, NULL, NULL},
    {"fsck-objects", 0, o_fsck, NULL, NULL, NULL},
    {"fsmonitor--daemon", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"gc", 0, o_gc, NULL, NULL, NULL},
    {"get-tar-commit-id", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"gitk", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"grep", GRAMMAR_DASHDASH | GRAMMAR_STOP, o_grep, NULL, NULL, NULL},
    {"gui", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"hash-object", 0, o_hash_object, NULL, NULL, NULL},
    {"help", 0, o_help, NULL, NULL, NULL},
    {"history", 0, o_none, w_history, NULL, NULL},
    {"history drop", 0, o_history_drop, NULL, NULL, NULL},
    {"history fixup", 0, o_history_fixup, NULL, NULL, NULL},
    {"history reword", 0, o_history_reword, NULL, NULL, NULL},
    {"history split", 0, o_history_split, NULL, NULL, NULL},
    {"hook", 0, o_none, w_hook, NULL, NULL},
    {"hook list", 0, o_hook_list, NULL, NULL, NULL},
    {"hook run", GRAMMAR_DASHDASH, o_hook_run, NULL, NULL, NULL},
    {"http-backend", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"http-fetch", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_http_fetch, NULL, NULL, NULL},
    {"http-push", GRAMMAR_EXACT | GRAMMAR_NO_NEG, git_opt_http_push, NULL, NULL,
     NULL},
    {"imap-send", 0, git_opt_imap_send, NULL, NULL, NULL},
    {"index-pack", GRAMMAR_EXACT | GRAMMAR_NO_NEG, git_opt_index_pack, NULL,
     NULL, NULL},
    {"init", 0, o_init, NULL, NULL, NULL},
    {"init-db", 0, o_init, NULL, NULL, NULL},
    {"instaweb", 0, git_opt_instaweb, NULL, NULL, NULL},
    {"interpret-trailers", 0, o_interpret_trailers, NULL, NULL, NULL},
    {"last-modified", GRAMMAR_DASHDASH | GRAMMAR_KEEP_UNKNOWN, o_last_modified,
     NULL, NULL, more_revision_diff},
    {"log", GRAMMAR_DASHDASH | GRAMMAR_KEEP_UNKNOWN, git_log_options, NULL,
     NULL, more_revision_diff},
    {"ls-files", 0, o_ls_files, NULL, NULL, NULL},
    {"ls-remote", GRAMMAR_STOP, o_ls_remote, NULL, NULL, NULL},
    {"ls-tree", 0, o_ls_tree, NULL, NULL, NULL},
    {"mailinfo", 0, o_mailinfo, NULL, NULL, NULL},
    {"mailsplit", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_mailsplit, NULL, NULL, NULL},
    {"maintenance", 0, o_none, w_maintenance, NULL, NULL},
    {"maintenance is-needed", GRAMMAR_STOP, o_maintenance_is_needed, NULL, NULL,
     NULL},
    {"maintenance register", 0, o_maintenance_register, NULL, NULL, NULL},
    {"maintenance run", GRAMMAR_STOP, o_maintenance_run, NULL, NULL, NULL},
    {"maintenance start", 0, o_maintenance_start, NULL, NULL, NULL},
    {"maintenance stop", 0, o_none, NULL, NULL, NULL},
    {"maintenance unregister", 0, o_maintenance_unregister, NULL, NULL, NULL},
    {"merge", 0, o_merge, NULL, NULL, NULL},
    {"merge-base", 0, o_merge_base, NULL, NULL, NULL},
    {"merge-file", 0, o_merge_file, NULL, NULL, NULL},
    {"merge-index", GRAMMAR_EXACT | GRAMMAR_STOP, git_opt_merge_index, NULL,
     NULL, NULL},
    {"merge-octopus", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"merge-one-file", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"merge-ours", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"merge-recursive", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"merge-recursive-ours", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"merge-recursive-theirs", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"merge-resolve", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"merge-subtree", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"merge-tree", GRAMMAR_STOP, o_merge_tree, NULL, NULL, NULL},
    {"mergetool", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_mergetool, NULL, NULL, NULL},
    {"mktag", 0, o_mktag, NULL, NULL, NULL},
    {"mktree", 0, o_mktree, NULL, NULL, NULL},
    {"multi-pack-index", 0, o_multi_pack_index, w_multi_pack_index, NULL, NULL},
    {"multi-pack-index compact", 0, o_multi_pack_index_write, NULL, NULL, NULL},
    {"multi-pack-index expire", 0, o_multi_pack_index_expire, NULL, NULL, NULL},
    {"multi-pack-index repack", 0, o_multi_pack_index_repack, NULL, NULL, NULL},
    {"multi-pack-index verify", 0, o_multi_pack_index_verify, NULL, NULL, NULL},
    {"multi-pack-index write", 0, o_multi_pack_index_write, NULL, NULL, NULL},
    {"mv", 0, o_mv, NULL, NULL, NULL},
    {"name-rev", 0, o_name_rev, NULL, NULL, NULL},
    {"notes", GRAMMAR_SUB_OPTIONAL, o_notes, w_notes, "list", NULL},
    {"notes add", 0, o_notes_add, NULL, NULL, NULL},
    {"notes append", 0, o_notes_append, NULL, NULL, NULL},
    {"notes copy", 0, o_notes_copy, NULL, NULL, NULL},
    {"notes edit", 0, o_notes_edit, NULL, NULL, NULL},
    {"notes get-ref", 0, o_none, NULL, NULL, NULL},
    {"notes list", 0, o_none, NULL, NULL, NULL},
    {"notes merge", 0, o_notes_merge, NULL, NULL, NULL},
    {"notes prune", 0, o_notes_prune, NULL, NULL, NULL},
    {"notes remove", 0, o_notes_remove, NULL, NULL, NULL},
    {"notes show", 0, o_none, NULL, NULL, NULL},
    {"p4", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"pack-objects", 0, o_pack_objects, NULL, NULL, NULL},
    {"pack-redundant", GRAMMAR_EXACT | GRAMMAR_NO_NEG, git_opt_pack_redundant,
     NULL, NULL, NULL},
    {"pack-refs", 0, o_pack_refs, NULL, NULL, NULL},
    {"patch-id", 0, o_patch_id, NULL, NULL, NULL},
    {"pickaxe", GRAMMAR_DASHDASH, o_blame, NULL, NULL, more_revision_diff},
    {"prune", 0, o_prune, NULL, NULL, NULL},
    {"prune-packed", 0, o_prune_packed, NULL, NULL, NULL},
    {"pull", 0, o_pull, NULL, NULL, NULL},
    {"push", 0, o_push, NULL, NULL, NULL},
    {"quiltimport", 0, git_opt_quiltimport, NULL, NULL, NULL},
    {"range-diff", GRAMMAR_DASHDASH, git_opt_range_diff, NULL, NULL, NULL},
    {"read-tree", 0, o_read_tree, NULL, NULL, NULL},
    {"rebase", 0, o_rebase, NULL, NULL, NULL},
    {"receive-pack", 0, o_receive_pack, NULL, NULL, NULL},
    {"reflog", GRAMMAR_DASHDASH | GRAMMAR_KEEP_UNKNOWN | GRAMMAR_SUB_OPTIONAL,
     o_none, w_reflog, "show", NULL},
    {"reflog delete", 0, o_reflog_delete, NULL, NULL, NULL},
    {"reflog drop", 0, o_reflog_drop, NULL, NULL, NULL},
    {"reflog exists", 0, o_none, NULL, NULL, NULL},
    {"reflog expire", 0, o_reflog_expire, NULL, NULL, NULL},
    {"reflog list", 0, o_none, NULL, NULL, NULL},
    {"reflog show", GRAMMAR_DASHDASH | GRAMMAR_KEEP_UNKNOWN, o_none, NULL, NULL,
     more_log},
    {"reflog write", 0, o_none, NULL, NULL, NULL},
    {"refs", 0, o_none, w_refs, NULL, NULL},
    {"refs create", 0, o_refs_create, NULL, NULL, NULL},
    {"refs delete", 0, o_refs_delete, NULL, NULL, NULL},
    {"refs exists", 0, o_none, NULL, NULL, NULL},
    {"refs list", 0, o_for_each_ref, NULL, NULL, NULL},
    {"refs migrate", 0, o_refs_migrate, NULL, NULL, NULL},
    {"refs optimize", 0, o_refs_optimize, NULL, NULL, NULL},
    {"refs rename", 0, o_refs_rename, NULL, NULL, NULL},
    {"refs update", 0, o_refs_update, NULL, NULL, NULL},
    {"refs verify", 0, o_refs_verify, NULL, NULL, NULL},
    {"remote", GRAMMAR_SUB_OPTIONAL, o_remote, w_remote, NULL, NULL},
    {"remote add", 0, o_remote_add, NULL, NULL, NULL},
    {"remote get-url", 0, o_remote_get_url, NULL, NULL, NULL},
    {"remote prune", 0, o_remote_prune, NULL, NULL, NULL},
    {"remote remove", 0, o_none, NULL, NULL, NULL},
    {"remote rename", 0, o_remote_rename, NULL, NULL, NULL},
    {"remote rm", 0, o_none, NULL, NULL, NULL},
    {"remote set-branches", 0, o_remote_set_branches, NULL, NULL, NULL},
    {"remote set-head", 0, o_remote_set_head, NULL, NULL, NULL},
    {"remote set-url", 0, o_remote_set_url, NULL, NULL, NULL},
    {"remote show", 0, o_remote_show, NULL, NULL, NULL},
    {"remote update", 0, o_remote_update, NULL, NULL, NULL},
    {"remote-ext", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"remote-fd", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"remote-ftp", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"remote-ftps", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"remote-http", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"remote-https", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"repack", 0, o_repack, NULL, NULL, NULL},
    {"replace", 0, o_replace, NULL, NULL, NULL},
    {"replay", GRAMMAR_KEEP_UNKNOWN, o_replay, NULL, NULL, more_revision_diff},
    {"repo", 0, o_none, w_repo, NULL, NULL},
    {"repo info", 0, o_repo_info, NULL, NULL, NULL},
    {"repo structure", 0, o_repo_structure, NULL, NULL, NULL},
    {"request-pull", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_request_pull, NULL, NULL, NULL},
    {"rerere", 0, o_rerere, NULL, NULL, NULL},
    {"reset", GRAMMAR_DASHDASH, o_reset, NULL, NULL, NULL},
    {"restore", 0, o_restore, NULL, NULL, NULL},
    {"rev-list", GRAMMAR_EXACT | GRAMMAR_DASHDASH, git_opt_rev_list, NULL, NULL,
     more_revision_diff},
    {"rev-parse", GRAMMAR_EXACT | GRAMMAR_KEEP_UNKNOWN | GRAMMAR_DASHDASH,
     git_opt_rev_parse, NULL, NULL, NULL},
    {"revert", GRAMMAR_KEEP_UNKNOWN, o_revert, NULL, NULL, more_revision_diff},
    {"rm", 0, o_rm, NULL, NULL, NULL},
    {"scalar", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"send-email", GRAMMAR_EXACT | GRAMMAR_NO_NEG, git_opt_send_email, NULL,
     NULL, NULL},
    {"send-pack", 0, o_send_pack, NULL, NULL, NULL},
    {"sh-i18n--envsubst", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"shell", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"shortlog", GRAMMAR_DASHDASH, o_shortlog, NULL, NULL, more_revision_diff},
    {"show", GRAMMAR_DASHDASH | GRAMMAR_KEEP_UNKNOWN, git_log_options, NULL,
     NULL, more_revision_diff},
    {"show-branch", GRAMMAR_STOP, o_show_branch, NULL, NULL, NULL},
    {"show-index", 0, o_show_index, NULL, NULL, NULL},
    {"show-ref", 0, o_show_ref, NULL, NULL, NULL},
    {"sparse-checkout", 0, o_none, w_sparse_checkout, NULL, NULL},
    {"sparse-checkout add", GRAMMAR_KEEP_UNKNOWN, git_opt_sparse_add, NULL,
     NULL, NULL},
    {"sparse-checkout add [KEEPUNK]  F: skip-checks! stdin        "
     "sparse-checkout reapply  F: cone sparse-index",
     0, o_none, NULL, NULL, NULL},
    {"sparse-checkout check-rules", 0, o_sparse_checkout_check_rules, NULL,
     NULL, NULL},
    {"sparse-checkout clean", 0, git_opt_sparse_clean, NULL, NULL, NULL},
    {"sparse-checkout disable", 0, o_none, NULL, NULL, NULL},
    {"sparse-checkout init", 0, o_sparse_checkout_init, NULL, NULL, NULL},
    {"sparse-checkout list", 0, o_none, NULL, NULL, NULL},
    {"sparse-checkout reapply", 0, git_opt_sparse_reapply, NULL, NULL, NULL},
    {"sparse-checkout set", GRAMMAR_KEEP_UNKNOWN, o_sparse_checkout_set, NULL,
     NULL, NULL},
    {"stage", 0, o_add, NULL, NULL, NULL},
    {"stash", GRAMMAR_DASHDASH | GRAMMAR_KEEP_UNKNOWN | GRAMMAR_SUB_OPTIONAL,
     o_none, w_stash, "push", NULL},
    {"stash apply", 0, o_stash_apply, NULL, NULL, NULL},
    {"stash branch", 0, o_none, NULL, NULL, NULL},
    {"stash clear", GRAMMAR_STOP, o_none, NULL, NULL, NULL},
    {"stash create", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"stash drop", 0, o_stash_drop, NULL, NULL, NULL},
    {"stash export", GRAMMAR_DASHDASH, o_stash_export, NULL, NULL, NULL},
    {"stash import", GRAMMAR_DASHDASH, o_none, NULL, NULL, NULL},
    {"stash list", GRAMMAR_KEEP_UNKNOWN, o_none, NULL, NULL, more_log},
    {"stash pop", 0, o_stash_pop, NULL, NULL, NULL},
    {"stash push", GRAMMAR_DASHDASH, o_stash_push, NULL, NULL, NULL},
    {"stash save", GRAMMAR_DASHDASH, o_stash_save, NULL, NULL, NULL},
    {"stash show", GRAMMAR_DASHDASH | GRAMMAR_KEEP_UNKNOWN | GRAMMAR_SPLIT,
     o_stash_show, NULL, NULL, more_revision_diff},
    {"stash store", GRAMMAR_KEEP_UNKNOWN, o_stash_store, NULL, NULL, NULL},
    {"status", 0, o_status, NULL, NULL, NULL},
    {"stripspace", 0, o_stripspace, NULL, NULL, NULL},
    {"submodule", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_SUB_OPTIONAL,
     git_opt_submodule, w_submodule, "status", NULL},
    {"submodule absorbgitdirs", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_submodule_absorbgitdirs, NULL, NULL, NULL},
    {"submodule add", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_submodule_add, NULL, NULL, NULL},
    {"submodule deinit", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_submodule_deinit, NULL, NULL, NULL},
    {"submodule foreach", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_submodule_foreach, NULL, NULL, NULL},
    {"submodule init", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_submodule_init, NULL, NULL, NULL},
    {"submodule set-branch", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_submodule_set_branch, NULL, NULL, NULL},
    {"submodule set-url", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_submodule_set_url, NULL, NULL, NULL},
    {"submodule status", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_submodule_status, NULL, NULL, NULL},
    {"submodule summary", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_submodule_summary, NULL, NULL, NULL},
    {"submodule sync", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_submodule_sync, NULL, NULL, NULL},
    {"submodule update", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_submodule_update, NULL, NULL, NULL},
    {"submodule--helper", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"subtree", 0, git_opt_subtree, NULL, NULL, NULL},
    {"svn", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"switch", 0, o_switch, NULL, NULL, NULL},
    {"symbolic-ref", 0, o_symbolic_ref, NULL, NULL, NULL},
    {"tag", 0, o_tag, NULL, NULL, NULL},
    {"unpack-file", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"unpack-objects", GRAMMAR_EXACT | GRAMMAR_NO_NEG, git_opt_unpack_objects,
     NULL, NULL, NULL},
    {"update-index", 0, o_update_index, NULL, NULL, NULL},
    {"update-ref", 0, o_update_ref, NULL, NULL, NULL},
    {"update-server-info", 0, o_update_server_info, NULL, NULL, NULL},
    {"upload-archive", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"upload-archive--writer", GRAMMAR_RAW, o_none, NULL, NULL, NULL},
    {"upload-pack", 0, o_upload_pack, NULL, NULL, NULL},
    {"url-parse", 0, o_url_parse, NULL, NULL, NULL},
    {"var", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP, git_opt_var, NULL,
     NULL, NULL},
    {"verify-commit", 0, o_verify_commit, NULL, NULL, NULL},
    {"verify-pack", 0, o_verify_pack, NULL, NULL, NULL},
    {"verify-tag", 0, o_verify_tag, NULL, NULL, NULL},
    {"version", 0, o_version, NULL, NULL, NULL},
    {"web--browse", GRAMMAR_EXACT | GRAMMAR_NO_NEG | GRAMMAR_STOP,
     git_opt_web_browse, NULL, NULL, NULL},
    {"whatchanged", GRAMMAR_DASHDASH | GRAMMAR_KEEP_UNKNOWN, git_log_options,
     NULL, NULL, more_revision_diff},
    {"worktree", 0, o_none, w_worktree, NULL, NULL},
    {"worktree add", 0, o_worktree_add, NULL, NULL, NULL},
    {"worktree list", 0, o_worktree_list, NULL, NULL, NULL},
    {"worktree lock", 0, o_worktree_lock, NULL, NULL, NULL},
    {"worktree move", 0, o_worktree_move, NULL, NULL, NULL},
    {"worktree prune", 0, o_worktree_prune, NULL, NULL, NULL},
    {"worktree remove", 0, o_worktree_remove, NULL, NULL, NULL},
    {"worktree repair", 0, o_worktree_repair, NULL, NULL, NULL},
    {"worktree unlock", 0, o_none, NULL, NULL, NULL},
    {"write-tree", 0, o_write_tree, NULL, NULL, NULL},
};
const size_t git_command_spec_count =
    sizeof(git_command_specs) / sizeof(git_command_specs[0]);
