/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables for the two parsers that read most of git's history commands: the
 * diff options (parse-options, exact names) and the revision options
 * (revision.c, exact words), with the commands that stand directly on them.
 */
#include "parse/git_tables.h"

#define DIFF_ROWS                                                              \
	F('p', "patch", NN), F('s', "no-patch", NN), F('u', NULL, NN),         \
	    O('U', "unified", NN), F('W', "function-context", 0),              \
	    F(0, "raw", NN), F(0, "patch-with-raw", NN),                       \
	    F(0, "patch-with-stat", NN), F(0, "numstat", NN),                  \
	    F(0, "shortstat", NN), O('X', "dirstat", NN),                      \
	    F(0, "cumulative", NN), O(0, "dirstat-by-file", NN),               \
	    F(0, "check", NN), F(0, "summary", NN), F(0, "name-only", NN),     \
	    F(0, "name-status", NN), O(0, "stat", NN), A(0, "stat-width", NN), \
	    A(0, "stat-name-width", NN), A(0, "stat-graph-width", NN),         \
	    A(0, "stat-count", NN), F(0, "compact-summary", 0),                \
	    F(0, "binary", NN), F(0, "full-index", 0), O(0, "color", 0),       \
	    A(0, "ws-error-highlight", NN), F('z', NULL, 0),                   \
	    O(0, "abbrev", 0), A(0, "src-prefix", NN), A(0, "dst-prefix", NN), \
	    A(0, "line-prefix", NN), F(0, "no-prefix", NN),                    \
	    A(0, "inter-hunk-context", NN), A(0, "output-indicator-new", NN),  \
	    A(0, "output-indicator-old", NN),                                  \
	    A(0, "output-indicator-context", NN),                              \
	    O('B', "break-rewrites", NN), O('M', "find-renames", NN),          \
	    F('D', "irreversible-delete", NN), O('C', "find-copies", NN),      \
	    F(0, "find-copies-harder", 0), F(0, "no-renames", NN),             \
	    F(0, "rename-empty", 0), F(0, "follow", 0), A('l', NULL, 0),       \
	    F(0, "minimal", 0), F('w', "ignore-all-space", NN),                \
	    F('b', "ignore-space-change", NN),                                 \
	    F(0, "ignore-space-at-eol", NN), F(0, "ignore-cr-at-eol", NN),     \
	    F(0, "ignore-blank-lines", NN),                                    \
	    A('I', "ignore-matching-lines", 0), F(0, "indent-heuristic", 0),   \
	    F(0, "patience", NN), F(0, "histogram", NN),                       \
	    A(0, "diff-algorithm", NN), A(0, "anchored", NN),                  \
	    O(0, "word-diff", NN), A(0, "word-diff-regex", NN),                \
	    O(0, "color-words", NN), O(0, "color-moved", 0),                   \
	    A(0, "color-moved-ws", 0), O(0, "relative", 0), F('a', "text", 0), \
	    F('R', NULL, 0), F(0, "exit-code", 0), F(0, "quiet", 0),           \
	    F(0, "ext-diff", 0), F(0, "textconv", 0),                          \
	    O(0, "ignore-submodules", NN), O(0, "submodule", NN),              \
	    F(0, "ita-invisible-in-index", NN),                                \
	    F(0, "ita-visible-in-index", NN), A('S', NULL, 0),                 \
	    A('G', NULL, 0), F(0, "pickaxe-all", NN),                          \
	    F(0, "pickaxe-regex", NN), A('O', NULL, 0), A(0, "rotate-to", NN), \
	    A(0, "skip-to", NN), A(0, "find-object", NN),                      \
	    A(0, "diff-filter", NN), A(0, "output", NN),                       \
	    F(0, "default-prefix", NN | NW), A(0, "max-depth", NN | NW)

const struct option_spec git_diff_options[] = {
    DIFF_ROWS,
    END,
};

/* Exact words; "x" and "no-x" are separate rows where revision.c compares
 * both. */
const struct option_spec git_revision_options[] = {
    F(0, "all", 0),
    O(0, "branches", 0),
    O(0, "tags", 0),
    O(0, "remotes", 0),
    F(0, "reflog", 0),
    F(0, "not", 0),
    O(0, "no-walk", 0),
    F(0, "do-walk", 0),
    F(0, "bisect", 0),
    A(0, "glob", 0),
    A(0, "exclude", 0),
    A(0, "exclude-hidden", 0),
    F(0, "indexed-objects", 0),
    F(0, "alternate-refs", 0),
    F(0, "single-worktree", 0),
    A(0, "max-count", 0),
    A(0, "skip", 0),
    NUM,
    A('n', NULL, 0),
    A(0, "max-age", 0),
    A(0, "min-age", 0),
    A(0, "since", 0),
    A(0, "since-as-filter", 0),
    A(0, "after", 0),
    A(0, "before", 0),
    A(0, "until", 0),
    F(0, "first-parent", 0),
    F(0, "exclude-first-parent-only", 0),
    O(0, "ancestry-path", 0),
    F('g', "walk-reflogs", 0),
    X(0, "default", 0),
    F(0, "merge", 0),
    F(0, "topo-order", 0),
    F(0, "date-order", 0),
    F(0, "author-date-order", 0),
    F(0, "simplify-merges", 0),
    F(0, "simplify-by-decoration", 0),
    O(0, "early-output", 0),
    F(0, "parents", 0),
    F(0, "children", 0),
    F(0, "dense", 0),
    F(0, "sparse", 0),
    F(0, "in-commit-order", 0),
    F(0, "remove-empty", 0),
    F(0, "merges", 0),
    F(0, "no-merges", 0),
    E(0, "min-parents", 0),
    F(0, "no-min-parents", 0),
    E(0, "max-parents", 0),
    F(0, "no-max-parents", 0),
    F(0, "maximal-only", NW),
    F(0, "boundary", 0),
    F(0, "left-right", 0),
    F(0, "left-only", 0),
    F(0, "right-only", 0),
    F(0, "cherry", 0),
    F(0, "cherry-mark", 0),
    F(0, "cherry-pick", 0),
    F(0, "count", 0),
    F(0, "objects", 0),
    F(0, "objects-edge", 0),
    F(0, "objects-edge-aggressive", 0),
    F(0, "verify-objects", 0),
    O(0, "unpacked", 0),
    O(0, "no-kept-objects", 0),
    F('r', NULL, 0),
    F('t', NULL, 0),
    F('m', NULL, 0),
    F('c', NULL, 0),
    F(0, "cc", 0),
    F(0, "dd", NW),
    F(0, "remerge-diff", 0),
    F(0, "combined-all-paths", 0),
    A(0, "diff-merges", 0),
    F(0, "no-diff-merges", 0),
    F('v', NULL, 0),
    O(0, "pretty", 0),
    E(0, "format", 0),
    O(0, "expand-tabs", 0),
    F(0, "no-expand-tabs", 0),
    O(0, "notes", 0),
    O(0, "show-notes", 0),
    F(0, "no-notes", 0),
    F(0, "show-notes-by-default", NW),
    F(0, "standard-notes", 0),
    F(0, "no-standard-notes", 0),
    F(0, "show-signature", 0),
    F(0, "no-show-signature", 0),
    O(0, "show-linear-break", 0),
    F(0, "oneline", 0),
    F(0, "graph", 0),
    F(0, "no-graph", 0),
    O(0, "graph-lane-limit", NW),
    F(0, "root", 0),
    F(0, "no-commit-id", 0),
    F(0, "always", 0),
    O(0, "abbrev", 0),
    F(0, "no-abbrev", 0),
    F(0, "abbrev-commit", 0),
    F(0, "no-abbrev-commit", 0),
    F(0, "full-diff", 0),
    F(0, "show-pulls", 0),
    F(0, "full-history", 0),
    F(0, "relative-date", 0),
    A(0, "date", 0),
    F(0, "log-size", 0),
    A(0, "author", 0),
    A(0, "committer", 0),
    A(0, "grep-reflog", 0),
    A(0, "grep", 0),
    F(0, "basic-regexp", 0),
    F('E', "extended-regexp", 0),
    F('i', "regexp-ignore-case", 0),
    F('F', "fixed-strings", 0),
    F('P', "perl-regexp", 0),
    F(0, "all-match", 0),
    F(0, "invert-grep", 0),
    A(0, "encoding", 0),
    F(0, "reverse", 0),
    F(0, "ignore-missing", 0),
    F(0, "exclude-promisor-objects", 0),
    E(0, "filter", 0),
    F(0, "no-filter", 0),
    E(0, "missing", 0),
    F(0, "encode-email-headers", 0),
    F(0, "no-encode-email-headers", 0),
    F(0, "stdin", 0),
    END,
};

const struct option_spec git_opt_rev_list[] = {
    F(0, "header", 0),
    F(0, "timestamp", 0),
    F(0, "bisect-vars", 0),
    F(0, "bisect-all", 0),
    F(0, "use-bitmap-index", 0),
    F(0, "no-use-bitmap-index", 0),
    F(0, "test-bitmap", 0),
    E(0, "progress", 0),
    F(0, "filter-provided-objects", 0),
    F(0, "filter-print-omitted", 0),
    F(0, "object-names", 0),
    F(0, "no-object-names", 0),
    F(0, "commit-header", 0),
    F(0, "no-commit-header", 0),
    O(0, "disk-usage", 0),
    F('z', NULL, NW),
    F(0, "quiet", 0),
    END,
};

const struct option_spec git_opt_diff[] = {
    F(0, "cached", 0),	 F(0, "staged", 0), F(0, "merge-base", 0),
    F(0, "no-index", 0), F(0, "base", 0),   F(0, "ours", 0),
    F(0, "theirs", 0),	 F('q', NULL, 0),   END,
};

const struct option_spec git_opt_diff_files[] = {
    F(0, "base", 0), F(0, "ours", 0), F(0, "theirs", 0), F('q', NULL, 0), END,
};

const struct option_spec git_opt_diff_index[] = {
    F(0, "cached", 0),
    F(0, "merge-base", 0),
    END,
};

const struct option_spec git_opt_diff_tree[] = {
    F(0, "merge-base", 0),
    END,
};

const struct option_spec git_opt_range_diff[] = {
    A(0, "creation-factor", 0),
    F(0, "no-dual-color", 0),
    O(0, "notes", 0),
    A(0, "diff-merges", NW),
    F(0, "remerge-diff", NW),
    A(0, "max-memory", NW),
    F(0, "left-only", 0),
    F(0, "right-only", 0),
    DIFF_ROWS,
    END,
};

/* What it does not know it prints as it stands. */
const struct option_spec git_opt_rev_parse[] = {
    F(0, "parseopt", 0),
    F(0, "sq-quote", 0),
    F(0, "local-env-vars", 0),
    X(0, "git-path", 0),
    X(0, "prefix", 0),
    X(0, "default", 0),
    X(0, "resolve-git-dir", 0),
    X('n', NULL, 0),
    F('q', "quiet", 0),
    F(0, "verify", 0),
    O(0, "short", 0),
    F(0, "sq", 0),
    F(0, "not", 0),
    F(0, "symbolic", 0),
    F(0, "symbolic-full-name", 0),
    O(0, "abbrev-ref", 0),
    F(0, "revs-only", 0),
    F(0, "no-revs", 0),
    F(0, "flags", 0),
    F(0, "no-flags", 0),
    F(0, "all", 0),
    F(0, "bisect", 0),
    O(0, "branches", 0),
    O(0, "tags", 0),
    O(0, "remotes", 0),
    E(0, "glob", 0),
    E(0, "exclude", 0),
    E(0, "exclude-hidden", 0),
    E(0, "disambiguate", 0),
    E(0, "since", 0),
    E(0, "after", 0),
    E(0, "before", 0),
    E(0, "until", 0),
    E(0, "path-format", 0),
    F(0, "show-toplevel", 0),
    F(0, "show-superproject-working-tree", 0),
    F(0, "show-prefix", 0),
    F(0, "show-cdup", 0),
    F(0, "git-dir", 0),
    F(0, "absolute-git-dir", 0),
    F(0, "git-common-dir", 0),
    F(0, "is-inside-git-dir", 0),
    F(0, "is-inside-work-tree", 0),
    F(0, "is-bare-repository", 0),
    F(0, "is-shallow-repository", 0),
    F(0, "shared-index-path", 0),
    O(0, "show-object-format", 0),
    F(0, "show-ref-format", NW),
    E(0, "output-object-format", NW),
    END,
};
