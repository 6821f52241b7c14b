/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The .automode that a session has met stays in force for it: who takes it
 * away, empties it or checks out a commit without it is not rid of what it
 * forbids.  Only the owner's trust in what is there now, or a session begun
 * outside of this one, ends that.  Kept among the session's facts, as lines
 * "profile HEX" of a project named "profile WORKTREE".
 */
#ifndef AUTOMODE_PROFILE_SEEN_H
#define AUTOMODE_PROFILE_SEEN_H

#include "invocation/session.h"
#include "policy/policy.h"
#include "wire/channel.h"

/* Notes the text that lies in the work tree just now, if any that can be read
 * and is not noted yet.  s: the session as it is known here; NULL: a new one,
 * whose id is given, and for which it is noted also that there is none. */
void
profile_seen_note(void *ctx, struct channel *monitor, const struct session *s,
		  const char *id, const char *worktree);
/* Tightens *p by every noted text; p is what is there now, with the owner's
 * trust nothing is added.  Returns how many texts have been added. */
size_t profile_seen_apply(struct policy *p, const struct session *s,
			  const char *worktree, const char *home);

#endif
