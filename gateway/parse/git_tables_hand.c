/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables for the git commands whose parsers are written by hand (C without
 * parse-options, shell, Perl) or that read a second time with another table.
 *
 * In the shell and plain C ones nothing is abbreviated, letters do not
 * cluster and "--no-x" exists only where a row says so.
 */
#include "parse/git_tables.h"

/* archive.c, after --output, --remote and --exec were taken out; seen there
 * again (by abbreviation) they are an error, so they are no rows here. */
const struct option_spec git_archive_options[] = {
    A(0, "format", 0),
    A(0, "prefix", 0),
    A(0, "add-file", 0),
    A(0, "add-virtual-file", 0),
    F(0, "worktree-attributes", 0),
    F('v', "verbose", 0),
    A(0, "mtime", NW),
    NUM,
    F('l', "list", 0),
    END,
};

/* git config of 2.46 and newer, by subcommand */
#define CONFIG_PLACE                                                           \
	F(0, "global", 0), F(0, "system", 0), F(0, "local", 0),                \
	    F(0, "worktree", 0), A('f', "file", 0), A(0, "blob", 0)
#define CONFIG_TYPE                                                            \
	A('t', "type", 0), F(0, "bool", NN), F(0, "int", NN),                  \
	    F(0, "bool-or-int", NN), F(0, "bool-or-str", NN),                  \
	    F(0, "path", NN), F(0, "expiry-date", NN)
#define CONFIG_DISPLAY                                                         \
	F('z', "null", 0), F(0, "name-only", 0), F(0, "show-origin", 0),       \
	    F(0, "show-scope", 0), F(0, "show-names", 0)

const struct option_spec git_opt_config_list[] = {
    CONFIG_PLACE, CONFIG_TYPE, CONFIG_DISPLAY, F(0, "includes", 0), END,
};

const struct option_spec git_opt_config_get[] = {
    CONFIG_PLACE,
    CONFIG_TYPE,
    F(0, "all", 0),
    F(0, "regexp", 0),
    A(0, "value", 0),
    F(0, "fixed-value", 0),
    A(0, "url", 0),
    CONFIG_DISPLAY,
    F(0, "includes", 0),
    A(0, "default", 0),
    END,
};

const struct option_spec git_opt_config_set[] = {
    CONFIG_PLACE,	    CONFIG_TYPE,
    F(0, "all", 0),	    A(0, "value", 0),
    F(0, "fixed-value", 0), A(0, "comment", 0),
    F(0, "append", 0),	    END,
};

const struct option_spec git_opt_config_unset[] = {
    CONFIG_PLACE, F(0, "all", 0), A(0, "value", 0), F(0, "fixed-value", 0), END,
};

const struct option_spec git_opt_config_section[] = {
    CONFIG_PLACE,
    END,
};

const struct option_spec git_opt_config_edit[] = {
    CONFIG_PLACE,
    END,
};

const struct option_spec git_opt_sparse_add[] = {
    F(0, "skip-checks", NN),
    F(0, "stdin", 0),
    END,
};

const struct option_spec git_opt_sparse_reapply[] = {
    F(0, "cone", 0),
    F(0, "sparse-index", 0),
    END,
};

const struct option_spec git_opt_sparse_clean[] = {
    F('n', "dry-run", NW),
    F('f', "force", NW),
    F('v', "verbose", NW),
    END,
};

/* submodule: git-submodule.sh of 2.39; newer ones in C read the same words */
const struct option_spec git_opt_submodule[] = {
    F('q', "quiet", 0),
    F(0, "cached", 0),
    END,
};

const struct option_spec git_opt_submodule_add[] = {
    X('b', "branch", 0),   F('f', "force", 0),
    F('q', "quiet", 0),	   F(0, "progress", 0),
    A(0, "reference", 0),  E(0, "ref-format", NW),
    F(0, "dissociate", 0), X(0, "name", 0),
    A(0, "depth", 0),	   END,
};

const struct option_spec git_opt_submodule_foreach[] = {
    F('q', "quiet", 0),
    F(0, "recursive", 0),
    END,
};

const struct option_spec git_opt_submodule_init[] = {
    F('q', "quiet", 0),
    END,
};

const struct option_spec git_opt_submodule_deinit[] = {
    F('f', "force", 0),
    F('q', "quiet", 0),
    F(0, "all", 0),
    END,
};

const struct option_spec git_opt_submodule_update[] = {
    F('q', "quiet", 0),
    F('v', "verbose", NW),
    F(0, "progress", 0),
    F('i', "init", 0),
    F(0, "require-init", 0),
    F(0, "remote", 0),
    F('N', "no-fetch", 0),
    F('f', "force", 0),
    F('r', "rebase", 0),
    F('m', "merge", 0),
    F(0, "checkout", 0),
    A(0, "reference", 0),
    E(0, "ref-format", NW),
    F(0, "dissociate", 0),
    F(0, "recursive", 0),
    F(0, "recommend-shallow", 0),
    F(0, "no-recommend-shallow", 0),
    A(0, "depth", 0),
    A('j', "jobs", 0),
    F(0, "single-branch", 0),
    F(0, "no-single-branch", 0),
    A(0, "filter", 0),
    END,
};

const struct option_spec git_opt_submodule_set_branch[] = {
    F('q', "quiet", 0),
    F('d', "default", 0),
    X('b', "branch", 0),
    END,
};

const struct option_spec git_opt_submodule_set_url[] = {
    F('q', "quiet", 0),
    END,
};

const struct option_spec git_opt_submodule_summary[] = {
    F(0, "cached", 0),
    F(0, "files", 0),
    F(0, "for-status", 0),
    A('n', "summary-limit", 0),
    END,
};

const struct option_spec git_opt_submodule_status[] = {
    F('q', "quiet", 0),
    F(0, "cached", 0),
    F(0, "recursive", 0),
    END,
};

const struct option_spec git_opt_submodule_sync[] = {
    F('q', "quiet", 0),
    F(0, "recursive", 0),
    END,
};

/* 2.39 hands everything to submodule--helper. */
const struct option_spec git_opt_submodule_absorbgitdirs[] = {
    F('q', "quiet", 0),
    END,
};

/* bisect.c; --term-* stand separate or attached */
const struct option_spec git_opt_bisect_start[] = {
    A(0, "term-good", 0),
    A(0, "term-old", 0),
    A(0, "term-bad", 0),
    A(0, "term-new", 0),
    F(0, "no-checkout", 0),
    F(0, "first-parent", 0),
    F('q', NULL, 0), /* 2.39 takes it, and what follows, for paths */
    END,
};

const struct option_spec git_opt_bisect_terms[] = {
    F(0, "term-good", 0),
    F(0, "term-old", 0),
    F(0, "term-bad", 0),
    F(0, "term-new", 0),
    END,
};

const struct option_spec git_opt_check_ref_format[] = {
    F(0, "normalize", 0),
    F(0, "print", 0),
    F(0, "allow-onelevel", 0),
    F(0, "no-allow-onelevel", 0),
    F(0, "refspec-pattern", 0),
    F(0, "branch", 0),
    END,
};

const struct option_spec git_opt_daemon[] = {
    F('v', "verbose", 0),
    F(0, "syslog", 0),
    F(0, "export-all", 0),
    E(0, "timeout", 0),
    E(0, "init-timeout", 0),
    E(0, "max-connections", 0),
    F(0, "strict-paths", 0),
    E(0, "base-path", 0),
    F(0, "base-path-relaxed", 0),
    O(0, "user-path", 0),
    E(0, "interpolated-path", 0),
    F(0, "reuseaddr", 0),
    E(0, "pid-file", 0),
    E(0, "enable", 0),
    E(0, "disable", 0),
    E(0, "allow-override", 0),
    E(0, "forbid-override", 0),
    E(0, "access-hook", 0),
    F(0, "informative-errors", 0),
    F(0, "no-informative-errors", 0),
    F(0, "inetd", 0),
    F(0, "serve", 0),
    E(0, "listen", 0),
    E(0, "port", 0),
    F(0, "detach", 0),
    E(0, "user", 0),
    E(0, "group", 0),
    E(0, "log-destination", 0),
    END,
};

const struct option_spec git_opt_fast_import[] = {
    E(0, "active-branches", 0),
    E(0, "big-file-threshold", 0),
    E(0, "cat-blob-fd", 0),
    E(0, "date-format", 0),
    E(0, "depth", 0),
    E(0, "export-marks", 0),
    E(0, "export-pack-edges", 0),
    E(0, "import-marks", 0),
    E(0, "import-marks-if-exists", 0),
    E(0, "max-pack-size", 0),
    E(0, "rewrite-submodules-from", 0),
    E(0, "rewrite-submodules-to", 0),
    E(0, "signed-commits", NW),
    E(0, "signed-tags", NW),
    F(0, "allow-unsafe-features", 0),
    F(0, "done", 0),
    F(0, "force", 0),
    F(0, "quiet", 0),
    F(0, "stats", 0),
    F(0, "relative-marks", 0),
    F(0, "no-relative-marks", 0),
    END,
};

const struct option_spec git_opt_fetch_pack[] = {
    E(0, "upload-pack", 0),
    E(0, "exec", 0),
    F('q', "quiet", 0),
    F('k', "keep", 0),
    F(0, "thin", 0),
    F(0, "include-tag", 0),
    F(0, "all", 0),
    F(0, "stdin", 0),
    F(0, "diag-url", 0),
    F('v', NULL, 0),
    E(0, "depth", 0),
    E(0, "shallow-since", 0),
    E(0, "shallow-exclude", 0),
    F(0, "deepen-relative", 0),
    F(0, "no-progress", 0),
    F(0, "stateless-rpc", 0),
    F(0, "lock-pack", 0),
    F(0, "check-self-contained-and-connected", 0),
    F(0, "cloning", 0),
    F(0, "update-shallow", 0),
    F(0, "from-promisor", 0),
    F(0, "refetch", 0),
    E(0, "filter", 0),
    F(0, "no-filter", 0),
    END,
};

const struct option_spec git_opt_index_pack[] = {
    F(0, "stdin", 0),
    F(0, "fix-thin", 0),
    O(0, "promisor", 0),
    O(0, "strict", 0),
    F(0, "check-self-contained-and-connected", 0),
    O(0, "fsck-objects", 0),
    F(0, "verify", 0),
    F(0, "verify-stat", 0),
    F(0, "verify-stat-only", 0),
    O(0, "keep", 0),
    E(0, "threads", 0),
    E(0, "pack_header", 0),
    F('v', NULL, 0),
    F(0, "progress-title", 0),
    F(0, "show-resolving-progress", 0),
    F(0, "report-end-of-input", 0),
    X('o', NULL, 0),
    E(0, "index-version", 0),
    E(0, "max-input-size", 0),
    E(0, "object-format", 0),
    F(0, "rev-index", 0),
    F(0, "no-rev-index", 0),
    END,
};

const struct option_spec git_opt_unpack_objects[] = {
    F('n', NULL, 0),
    F('q', NULL, 0),
    F('r', NULL, 0),
    O(0, "strict", 0),
    E(0, "pack_header", 0),
    E(0, "max-input-size", 0),
    END,
};

const struct option_spec git_opt_http_push[] = {
    F(0, "all", 0),	      F(0, "dry-run", 0),
    F(0, "helper-status", 0), F(0, "force", 0),
    F(0, "verbose", 0),	      F('d', NULL, 0),
    F('D', NULL, 0),	      END,
};

const struct option_spec git_opt_http_fetch[] = {
    F('a', NULL, 0),	       F('c', NULL, 0),
    F('t', NULL, 0),	       F('v', NULL, 0),
    X('w', NULL, 0),	       F(0, "recover", 0),
    F(0, "stdin", 0),	       E(0, "packfile", 0),
    E(0, "index-pack-arg", 0), END,
};

const struct option_spec git_opt_merge_index[] = {
    F('o', NULL, 0),
    F('q', NULL, 0),
    END,
};

const struct option_spec git_opt_var[] = {
    F('l', NULL, 0),
    END,
};

const struct option_spec git_opt_mailsplit[] = {
    E('d', NULL, 0),
    E('f', NULL, 0),
    F('b', NULL, 0),
    F(0, "keep-cr", 0),
    E('o', NULL, 0),
    F(0, "mboxrd", 0),
    END,
};

const struct option_spec git_opt_mergetool[] = {
    A('t', "tool", 0),	    O(0, "tool-help", 0),
    F('g', "gui", 0),	    F(0, "no-gui", 0),
    F('y', "no-prompt", 0), F(0, "prompt", 0),
    E('O', NULL, 0),	    END,
};

const struct option_spec git_opt_pack_redundant[] = {
    F(0, "all", 0),
    F(0, "verbose", 0),
    F(0, "alt-odb", 0),
    F(0, "i-still-use-this", NW),
    END,
};

const struct option_spec git_opt_request_pull[] = {
    F('p', NULL, 0),
    END,
};

const struct option_spec git_opt_web_browse[] = {
    A('b', "browser", 0),
    A('t', "tool", 0),
    A('c', "config", 0),
    END,
};

/* Each option but the first three takes the next word. */
const struct option_spec git_opt_filter_branch[] = {
    F('f', "force", 0),		F(0, "remap-to-ancestor", 0),
    F(0, "prune-empty", 0),	X('d', NULL, 0),
    X(0, "setup", 0),		X(0, "subdirectory-filter", 0),
    X(0, "env-filter", 0),	X(0, "tree-filter", 0),
    X(0, "index-filter", 0),	X(0, "parent-filter", 0),
    X(0, "msg-filter", 0),	X(0, "commit-filter", 0),
    X(0, "tag-name-filter", 0), X(0, "original", 0),
    X(0, "state-branch", 0),	END,
};

/* These four read with `git rev-parse --parseopt` or parse-options, so
 * abbreviations, clusters and --no-x work. */
const struct option_spec git_opt_imap_send[] = {
    F('v', "verbose", 0), F('q', "quiet", 0), F(0, "curl", 0),
    A('f', "folder", NW), F(0, "list", NW),   END,
};

const struct option_spec git_opt_instaweb[] = {
    F('l', "local", 0),	  A('p', "port", 0),	    A('d', "httpd", 0),
    A('b', "browser", 0), A('m', "module-path", 0), F(0, "stop", 0),
    F(0, "start", 0),	  F(0, "restart", 0),	    END,
};

const struct option_spec git_opt_quiltimport[] = {
    F('n', "dry-run", 0), A(0, "author", 0),	     A(0, "patches", 0),
    A(0, "series", 0),	  F(0, "keep-non-patch", 0), END,
};

const struct option_spec git_opt_subtree[] = {
    F('q', NULL, 0),	  F('d', NULL, 0),	  A('P', "prefix", 0),
    A(0, "annotate", 0),  A('b', "branch", 0),	  F(0, "ignore-joins", 0),
    A(0, "onto", 0),	  F(0, "rejoin", 0),	  F(0, "squash", 0),
    A('m', "message", 0), O('S', "gpg-sign", NW), END,
};

/* git-send-email.perl passes what it does not know to format-patch; that is
 * refused here. */
const struct option_spec git_opt_send_email[] = {
    F(0, "dry-run", 0),
    F(0, "dump-aliases", 0),
    F(0, "translate-aliases", NW),
    A(0, "from", 0),
    A(0, "sender", 0),
    A(0, "to", 0),
    A(0, "cc", 0),
    A(0, "bcc", 0),
    A(0, "to-cmd", 0),
    A(0, "cc-cmd", 0),
    A(0, "header-cmd", NW),
    A(0, "subject", 0),
    A(0, "in-reply-to", 0),
    A(0, "reply-to", 0),
    A(0, "smtp-server", 0),
    A(0, "smtp-server-option", 0),
    A(0, "smtp-server-port", 0),
    A(0, "smtp-user", 0),
    A(0, "smtp-pass", 0),
    A(0, "smtp-encryption", 0),
    A(0, "smtp-domain", 0),
    A(0, "smtp-auth", 0),
    F(0, "no-smtp-auth", 0),
    A(0, "smtp-ssl-cert-path", 0),
    A(0, "smtp-debug", 0),
    A(0, "sendmail-cmd", 0),
    A(0, "identity", 0),
    A(0, "confirm", 0),
    A(0, "suppress-cc", 0),
    A(0, "suppress-from", 0),
    A(0, "transfer-encoding", 0),
    A(0, "8bit-encoding", 0),
    A(0, "compose-encoding", 0),
    A(0, "envelope-sender", 0),
    A(0, "batch-size", 0),
    A(0, "relogin-delay", 0),
    F(0, "annotate", 0),
    F(0, "no-annotate", 0),
    F(0, "compose", 0),
    F(0, "chain-reply-to", 0),
    F(0, "no-chain-reply-to", 0),
    F(0, "signed-off-by-cc", 0),
    F(0, "no-signed-off-by-cc", 0),
    F(0, "thread", 0),
    F(0, "no-thread", 0),
    F(0, "validate", 0),
    F(0, "no-validate", 0),
    F(0, "format-patch", 0),
    F(0, "no-format-patch", 0),
    F(0, "xmailer", 0),
    F(0, "no-xmailer", 0),
    F(0, "quiet", 0),
    F(0, "force", 0),
    F(0, "no-to", 0),
    F(0, "no-cc", 0),
    F(0, "no-bcc", 0),
    F(0, "no-identity", 0),
    END,
};
