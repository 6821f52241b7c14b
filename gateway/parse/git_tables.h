/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables behind git_command_specs[], for git_tables*.c and
 * git_grammar.c only.
 *
 * A row is F(letter, name, flags): 0 for no letter, NULL for no long name.
 */
#ifndef AUTOMODE_PARSE_GIT_TABLES_H
#define AUTOMODE_PARSE_GIT_TABLES_H

#include "parse/git_grammar.h"

#define F(letter, name, flags)                                                 \
	{                                                                      \
		name, letter, OPTION_FLAG, flags                               \
	}
#define A(letter, name, flags)                                                 \
	{                                                                      \
		name, letter, OPTION_ARG, flags                                \
	}
#define O(letter, name, flags)                                                 \
	{                                                                      \
		name, letter, OPTION_OPTIONAL, flags                           \
	}
#define L(letter, name, flags)                                                 \
	{                                                                      \
		name, letter, OPTION_LAST_ARG, flags                           \
	}
/* value only attached, and required */
#define E(letter, name, flags)                                                 \
	{                                                                      \
		name, letter, OPTION_EQUALS, flags                             \
	}
/* value only as the next argument */
#define X(letter, name, flags)                                                 \
	{                                                                      \
		name, letter, OPTION_NEXT, flags                               \
	}
#define NUM                                                                    \
	{                                                                      \
		NULL, 0, OPTION_NUMBER, 0                                      \
	}
#define END                                                                    \
	{                                                                      \
		NULL, 0, 0, 0                                                  \
	}

#define NN OPTION_NO_NEG
#define HI OPTION_HIDDEN
#define NW OPTION_NEWER
#define GO OPTION_GONE
#define AL OPTION_ALIAS
#define ND OPTION_NODASH

/* git_tables_revision.c */
extern const struct option_spec git_diff_options[];
extern const struct option_spec git_revision_options[];
extern const struct option_spec git_opt_range_diff[];
extern const struct option_spec git_opt_rev_list[];
extern const struct option_spec git_opt_rev_parse[];
extern const struct option_spec git_opt_diff[];
extern const struct option_spec git_opt_diff_files[];
extern const struct option_spec git_opt_diff_index[];
extern const struct option_spec git_opt_diff_tree[];

/* git_tables.c */
extern const struct option_spec git_log_options[];

/* git_tables_hand.c */
extern const struct option_spec git_archive_options[];
extern const struct option_spec git_opt_bisect_start[];
extern const struct option_spec git_opt_bisect_terms[];
extern const struct option_spec git_opt_check_ref_format[];
extern const struct option_spec git_opt_config_edit[];
extern const struct option_spec git_opt_config_get[];
extern const struct option_spec git_opt_config_list[];
extern const struct option_spec git_opt_config_section[];
extern const struct option_spec git_opt_config_set[];
extern const struct option_spec git_opt_config_unset[];
extern const struct option_spec git_opt_daemon[];
extern const struct option_spec git_opt_fast_import[];
extern const struct option_spec git_opt_fetch_pack[];
extern const struct option_spec git_opt_filter_branch[];
extern const struct option_spec git_opt_http_fetch[];
extern const struct option_spec git_opt_http_push[];
extern const struct option_spec git_opt_imap_send[];
extern const struct option_spec git_opt_index_pack[];
extern const struct option_spec git_opt_instaweb[];
extern const struct option_spec git_opt_mailsplit[];
extern const struct option_spec git_opt_merge_index[];
extern const struct option_spec git_opt_mergetool[];
extern const struct option_spec git_opt_pack_redundant[];
extern const struct option_spec git_opt_quiltimport[];
extern const struct option_spec git_opt_request_pull[];
extern const struct option_spec git_opt_send_email[];
extern const struct option_spec git_opt_sparse_add[];
extern const struct option_spec git_opt_sparse_clean[];
extern const struct option_spec git_opt_sparse_reapply[];
extern const struct option_spec git_opt_submodule[];
extern const struct option_spec git_opt_submodule_absorbgitdirs[];
extern const struct option_spec git_opt_submodule_add[];
extern const struct option_spec git_opt_submodule_deinit[];
extern const struct option_spec git_opt_submodule_foreach[];
extern const struct option_spec git_opt_submodule_init[];
extern const struct option_spec git_opt_submodule_set_branch[];
extern const struct option_spec git_opt_submodule_set_url[];
extern const struct option_spec git_opt_submodule_status[];
extern const struct option_spec git_opt_submodule_summary[];
extern const struct option_spec git_opt_submodule_sync[];
extern const struct option_spec git_opt_submodule_update[];
extern const struct option_spec git_opt_subtree[];
extern const struct option_spec git_opt_unpack_objects[];
extern const struct option_spec git_opt_var[];
extern const struct option_spec git_opt_web_browse[];

#endif
