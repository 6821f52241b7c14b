/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths: lexical clean-up, resolving, opening beneath a directory.
 * All paths are bytes; nothing here assumes UTF-8.
 */
#ifndef AUTOMODE_BASE_PATH_H
#define AUTOMODE_BASE_PATH_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* dir + "/" + name, or name itself when it is absolute; then path_clean. */
char *path_join(void *ctx, const char *dir, const char *name);
/* Lexical: no "//", no "/./", no trailing "/", ".." taken back.  A relative
 * path stays relative; "" becomes ".". */
char *path_clean(void *ctx, const char *path);
/* The path with every symbolic link of its existing part resolved; what does
 * not exist is appended lexically.  path is taken relative to dir.  Never
 * NULL: on a loop or an unreadable directory the lexical path comes back. */
char *path_resolve(void *ctx, const char *dir, const char *path);
/* The same where the directory was resolved a moment ago: it is not walked
 * again.  Not across anything that runs. */
char *path_resolve_in(void *ctx, const char *real, const char *path);
/* As path_resolve(), but the last component is not followed. */
char *path_resolve_parent(void *ctx, const char *dir, const char *path);
/* Is path dir itself or below it?  Both absolute and clean. */
bool path_is_under(const char *path, const char *dir);
/* path without dir and its slash; "" for dir itself; NULL when not under. */
const char *path_below(const char *path, const char *dir);
const char *path_base(const char *path);	/* after the last slash */
char *path_parent(void *ctx, const char *path); /* "/" of "/" */
/* Without its first n folders, as patch -pN does; NULL: nothing is left. */
const char *path_strip(const char *path, int64_t n);
/* "/dev/stdin", "/dev/fd/7", "/proc/self/fd/7": the number, the caller's
 * where the caller wrote it; -1: none. */
int path_descriptor(const char *path);
/* The mount on which an open file lies; 0: unknown. */
uint64_t path_mount_of(int fd);

/* openat2(dirfd, rel) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
 * RESOLVE_NO_MAGICLINKS: stays below dirfd whatever a racing process does. */
int path_open_beneath(int dirfd, const char *rel, int flags, mode_t mode,
		      struct err *e);
/* Makes the directories of rel's parent below dirfd (mode 0777 & ~umask);
 * same guarantees. */
int path_make_parents(int dirfd, const char *rel, struct err *e);
/* mkdir -p with the given mode for what is made. */
int path_make_dirs(const char *path, mode_t mode, struct err *e);
/* Removes a tree below dirfd, never following links, never leaving the
 * file system it starts on. */
int path_remove_tree(int dirfd, const char *rel, struct err *e);
bool path_exists(const char *path); /* lstat succeeds */
/* Glob in the profiles' sense: `*` within a component, `**` across, `?`,
 * `[...]`, PCRE2-converted, with match limits.  A pattern with a slash at its
 * end also matches everything below. */
bool path_glob_match(const char *glob, const char *text);

#endif
