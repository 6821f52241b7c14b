/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gitignore(5), by ourselves: libgit2 1.5 drops a negated pattern that takes
 * back one of a parent directory's file, and then calls ignored what `git
 * clean` deletes.  Where it cannot be told for certain what git will find
 * ignored, the answer is "maybe", which counts as both.
 */
#ifndef AUTOMODE_REVERSAL_IGNORE_H
#define AUTOMODE_REVERSAL_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

enum ignored { IGNORED_NO, IGNORED_YES, IGNORED_MAYBE };

struct ignore;

/* exclude: path of info/exclude; global: core.excludesFile or NULL.  The
 * global one may not be what the command sees: its answers are "maybe". */
struct ignore *
ignore_new(void *ctx, const char *exclude, const char *global, bool fold_case);
/* Reads .gitignore of the directory (open as dirfd, named dir below the top,
 * "" for the top); directories are entered and left like a stack. */
void ignore_enter(struct ignore *g, int dirfd, const char *dir);
void ignore_leave(struct ignore *g);
/* path: below the top. */
enum ignored ignore_look(struct ignore *g, const char *path, bool dir);

/* Pattern against text; path: stars and brackets do not match a slash.
 * Negative: gave up. */
int
ignore_match(const char *pattern, const char *text, bool path, bool fold_case);

#endif
