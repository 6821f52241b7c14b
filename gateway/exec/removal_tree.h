/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rm(1) meets below a directory, found out without removing anything.
 */
#ifndef AUTOMODE_EXEC_REMOVAL_TREE_H
#define AUTOMODE_EXEC_REMOVAL_TREE_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* May names be taken out of that directory?  False also where only the
 * kernel knows: groups, access lists. */
bool may_empty_folder(const struct stat *dir);

/* Could everything below parent/name be removed: every directory is ours,
 * may be read, and is on the file system dev, and nothing is immutable or
 * append-only (chattr(1))?  False also for more than 200 levels.  Two threads
 * look where there is much to look at. */
bool may_empty_tree(int parent, const char *name, dev_t dev);

#endif
