/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a git configuration file as git's own reader (config.c of git
 * 2.39) takes it.  Needed where libgit2's reader is too slow (every command)
 * or hides what decides: order over files, origin, "key" without "=".
 */
#ifndef AUTOMODE_INVOCATION_GIT_CONFIG_TEXT_H
#define AUTOMODE_INVOCATION_GIT_CONFIG_TEXT_H

#include "base/err.h"
#include <stddef.h>

/* key: section and variable in lower case, subsection byte-exact; value NULL:
 * no "=".  Both belong to the reader's context.  Non-zero stops. */
typedef int git_config_each(void *data, const char *key, const char *value);

/* ERR_SYNTAX, with the line, where git would say "bad config line". */
int git_config_text(void *ctx, const char *text, size_t len,
		    git_config_each *each, void *data, struct err *e);
/* The last line that sets the key to the value; 0: none does. */
unsigned git_config_line(void *ctx, const char *text, size_t len,
			 const char *key, const char *value);
/* Reads a file; 0 with nothing called where there is none. */
int git_config_file(void *ctx, const char *path, git_config_each *each,
		    void *data, struct err *e);
/* git's reading of a boolean: 1, 0, or -1 when it is none. */
int git_config_truth(const char *value);

#endif
