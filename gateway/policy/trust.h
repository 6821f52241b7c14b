/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which .automode files the owner has read and trusts: one line each in the
 * file `trust` of the state folder, hash of the content and path.  Another
 * content, or the same at another place, is not trusted.
 */
#ifndef AUTOMODE_POLICY_TRUST_H
#define AUTOMODE_POLICY_TRUST_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

#define TRUST_HASH_HEX 64

char *trust_hash(void *ctx, const char *text, size_t len);
bool trust_hash_valid(const char *hash);
/* The list that policy_load() looks into; NULL: nothing is trusted. */
void trust_use(const char *list);
/* Where the list of the calling uid lies: in the state folder when that is
 * its own, else below its home. */
char *trust_list(void *ctx, const char *state_dir, const char *home);
bool trust_holds(const char *path, const char *text, size_t len);
/* Takes the path into the list with that hash, in place of any other; hash
 * NULL: out of it. */
int
trust_set(const char *list, const char *path, const char *hash, struct err *e);

#endif
