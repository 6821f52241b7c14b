/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every ref of a repository by name and value, and HEAD of each work tree:
 * read from packed-refs and the loose files themselves, so that broken refs
 * and names of any bytes are seen too.  Names are paths below the common
 * directory: "refs/heads/x", "HEAD", "worktrees/w/HEAD",
 * "worktrees/w/refs/bisect/bad".
 */
#ifndef AUTOMODE_REVERSAL_REFS_SEEN_H
#define AUTOMODE_REVERSAL_REFS_SEEN_H

#include "reversal/manifest.h"

struct ref_seen {
	const char *name;
	struct value value; /* VALUE_OID, VALUE_SYMREF; VALUE_OTHER: broken */
};

struct refs_seen {
	struct ref_seen *v; /* sorted by name, each once */
	size_t n, room;
};

/* ERR_UNKNOWN where refs are not files (reftable). */
int refs_read(void *ctx, const char *commondir, struct refs_seen *out,
	      struct err *e);
const struct ref_seen *refs_find(const struct refs_seen *r, const char *name);
/* Follows symbolic refs; NULL: unborn, broken or a loop. */
const char *refs_resolve(const struct refs_seen *r, const char *name);
/* Is it a HEAD rather than a ref? */
bool refs_is_head(const char *name);

#endif
