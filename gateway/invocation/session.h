/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session: one agent's work, from `automode env` to its end.  The monitor
 * keeps all sessions in memory (and in the ledger); a worker sees them as
 * they were when it was forked.
 *
 * Facts that an agent could forge later (remotes and their URLs, default
 * branches) are written down when a project is first seen in a session.
 */
#ifndef AUTOMODE_INVOCATION_SESSION_H
#define AUTOMODE_INVOCATION_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The "project" of what a session made in engines of containers; containers
 * themselves leave their ids in RUNTIME/containers/SESSION:
 *	created KIND ENGINE NAME	a volume, network, image or project
 */
#define SESSION_CONTAINERS "containers"
/* The "project" of the environment in which a session began:
 *	env HEX		a variable with its value, in short
 */
#define SESSION_ENVIRON "environ"

/* Facts of a project, one line each, NUL-free, in the order of first sight:
 *	remote NAME URL		url[] of the remote, one line per URL
 *	pushurl NAME URL
 *	default NAME BRANCH	refs/remotes/NAME/HEAD points at it
 *	head REF		HEAD of the work tree at first sight
 *	person EMAIL		user.email of the person's own configuration
 *	ref REF HEX		a branch, a remote's branch or a tag
 *	own REF			such a branch whose tip that person wrote
 *	more			and other refs: they are too many
 *	created URL REF		remote ref that this session created
 *	profile HEX		a .automode (project "profile WORKTREE")
 */
struct project_facts {
	const char *project; /* repository id */
	const char *text;    /* lines as above, each ending in \n */
};

struct session_word {
	int64_t time;	    /* unix seconds */
	const char *source; /* "intent", "hook", ... */
	const char *text;
};

struct session {
	const char *id;	       /* [A-Za-z0-9_-]{1,64} */
	int64_t started_ns;    /* CLOCK_REALTIME */
	const char *start_dir; /* absolute, where `automode env` was run */
	struct project_facts *projects;
	size_t nprojects;
	struct session_word *words;
	size_t nwords;
	uint32_t uid;
	/* for the breaker: since the last allowed command, and in all */
	uint32_t denied_row, denied_total;
};

struct sessions {
	struct session **v; /* [0] is the default session of the gateway */
	size_t n;
};

/* The session of that id for that uid; the uid's default session when id is
 * NULL or not known (then *known is false).  Never NULL. */
const struct session *session_find(const struct sessions *all, const char *id,
				   uint32_t uid, bool *known);
bool session_id_valid(const char *id);
const struct project_facts *
session_facts(const struct session *s, const char *project);
/* Was the thing at this path made during the session?  True only when the
 * file system tells a birth time (statx STATX_BTIME) and it is later than
 * the session's start. */
bool session_made(const struct session *s, const char *path);
/* What stands behind "WORD " in the first such line; NULL: in none. */
char *facts_text(void *ctx, const struct project_facts *f, const char *word);
/* Is there a line that is these words, or begins with them and a blank? */
bool facts_have(const struct project_facts *f, const char *words);

#endif
