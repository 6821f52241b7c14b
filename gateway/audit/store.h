/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 10: what is remembered.  One SQLite file, written by the monitor
 * only: append-only records, hash-chained (keyed by nothing: the chain shows
 * tampering to whoever kept an earlier hash); sessions and vault entries.
 *
 *	record(seq, time, session, kind, text, previous, hash)
 *	session(id, uid, started_ns, dir)   word(session, time, source, text)
 *	facts(session, project, text)
 *	entry(id, session, project, vault, time, summary, kept, bytes, state)
 *	approval(id, uid, session, fingerprint, command, cwd, reason, time,
 *	         expires, state)        denials(session, in_a_row, total)
 *
 * Triggers refuse UPDATE and DELETE on record.
 */
#ifndef AUTOMODE_AUDIT_STORE_H
#define AUTOMODE_AUDIT_STORE_H

#include "base/err.h"
#include "invocation/session.h"
#include <stdint.h>

struct store;

int store_open(void *ctx, const char *state_dir, bool read_only,
	       struct store **out, struct err *e);
/* Durable on return (synchronous=FULL). */
int store_record(struct store *s, const char *kind, const char *session,
		 const char *json, uint64_t *seq, struct err *e);
/* Several writes in one transaction, durable when store_commit() returns 0;
 * when it does not, none of them happened.  Without store_begin() every write
 * is a transaction of its own. */
int store_begin(struct store *s, struct err *e);
int store_commit(struct store *s, struct err *e);
/* Moves the write-ahead log into the file: for quiet moments. */
void store_tidy(struct store *s);
/* Writes that store_tidy() has not moved yet, in pages. */
unsigned store_untidy(const struct store *s);

/* SQLite does not survive a fork: a handle belongs to the process that opened
 * it, and a process forked from one with an open handle opens none of its own
 * on the same file.  Workers never use this header's functions.
 *
 * Walks the chain; *bad: seq of the first record that does not fit. */
int
store_verify(struct store *s, uint64_t *count, uint64_t *bad, struct err *e);

struct record {
	uint64_t seq;
	int64_t time_ms;
	const char *session, *kind, *text, *hash;
};
/* Oldest first; after: only seq > after; limit 0: all; newest: the last limit
 * ones.  session NULL: all. */
int
store_records(void *ctx, struct store *s, const char *session, uint64_t after,
	      size_t limit, struct record **out, size_t *n, struct err *e);

int store_session_new(struct store *s, const struct session *session,
		      struct err *e);
int store_word(struct store *s, const char *session, const char *source,
	       const char *text, struct err *e);
int store_facts(struct store *s, const char *session, const char *project,
		const char *text, struct err *e);
/* The newest sessions (at most 512; no default ones) with words and facts,
 * oldest first, for the monitor's memory. */
int
store_sessions(void *ctx, struct store *s, struct sessions *out, struct err *e);

struct entry {
	uint64_t id;
	const char *session, *project, *vault, *summary, *kept, *state;
	int64_t time;
	uint64_t bytes;
};
int store_entry_new(struct store *s, const char *session, const char *project,
		    const char *vault, const char *summary, uint64_t *id,
		    struct err *e);
/* uid: only an entry of a session of that uid; NULL: any.  kept "" or NULL
 * and bytes 0 leave what is there. */
int store_entry_state(struct store *s, uint64_t id, const uint32_t *uid,
		      const char *state, const char *kept, uint64_t bytes,
		      struct err *e);
/* Newest first; session and project NULL: any. */
int store_entries(void *ctx, struct store *s, const char *session,
		  const char *project, struct entry **out, size_t *n,
		  struct err *e);

/* What a person is asked about: one action, told by its fingerprint.
 * State: waiting -> approved -> used, or waiting -> rejected. */
struct approval {
	uint64_t id;
	uint32_t uid;
	const char *session, *fingerprint, *command, *cwd, *reason;
	int64_t time, expires; /* unix seconds */
};
/* Finds what was asked before, or asks anew.  state: "waiting", "rejected",
 * or "approved", and then it is used up. */
int store_approval_ask(struct store *s, const struct approval *a, uint64_t *id,
		       char *state, size_t size, struct err *e);
int store_approval_state(struct store *s, uint64_t id, uint32_t uid,
			 char *state, size_t size, struct err *e);
/* state: "approved" or "rejected".  uid: only one's own; NULL: any. */
int store_approval_decide(struct store *s, uint64_t id, const uint32_t *uid,
			  const char *state, struct err *e);
/* What waits, oldest first. */
int store_approvals(void *ctx, struct store *s, struct approval **out,
		    size_t *n, struct err *e);
/* Denials of a session: in a row, and in all. */
int store_denials(struct store *s, const char *session, uint32_t row,
		  uint32_t total, struct err *e);
int store_denials_of(struct store *s, const char *session, uint32_t *row,
		     uint32_t *total, struct err *e);

#endif
