/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor's sessions: what workers find when they are forked. */
#ifndef AUTOMODE_SESSIONS_H
#define AUTOMODE_SESSIONS_H

#include "invocation/session.h"

/* A new session at the end; [0] is the first that was added.  now. */
struct session *sessions_add(void *ctx, struct sessions *all, const char *id,
			     const char *dir, uint32_t uid);
/* Any uid's; NULL when there is none of that id. */
struct session *sessions_named(const struct sessions *all, const char *id);
/* The session for a uid's requests that name none; NULL: not made yet. */
struct session *sessions_default(const struct sessions *all, uint32_t uid);
/* Puts those of the store behind the ones that are there. */
void
sessions_append(void *ctx, struct sessions *all, const struct sessions *more);
/* Forgets the oldest, beyond what memory should hold; never a default. */
void sessions_trim(struct sessions *all);
void sessions_word(struct session *s, const char *source, const char *text);
/* First sight wins: of a project already known only "created" lines are
 * taken in, behind what is there.  Returns the text that is now known. */
const char *
sessions_facts(struct session *s, const char *project, const char *text);
/* The uid's default session learns what s knows of the project, in place of
 * what it knew: who leaves the name of a session away is not rid of what that
 * one has seen.  Returns it, or NULL: s is the default, or there is none. */
struct session *sessions_share(struct sessions *all, const struct session *s,
			       const char *project);

#endif
