/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker says to its monitor, and the acknowledgement it waits for.
 *
 *   RECORD   kind, session, text (JSON)     appended to the audit, durable
 *            when the ack comes; ack value = sequence number
 *   ENTRY    op ("new" | "state" | "undone"), fields; ack value = entry id
 *   SESSION  op ("new" | "word"), fields
 *   FACTS    session, project id, text      facts of a project at first sight
 *   APPROVAL op ("ask" | "decide"), fields; ack value = id, text = state
 *
 * Every frame gets one FRAME_ACK: u64 0 or 1 (failed), u64 value, text.
 */
#ifndef AUTOMODE_WIRE_CHANNEL_H
#define AUTOMODE_WIRE_CHANNEL_H

#include "base/err.h"
#include <stdint.h>

struct channel {
	int fd; /* socketpair to the monitor; -1: none (in-process tests) */
	unsigned owed; /* answers that nobody has waited for */
};

int channel_record(struct channel *c, const char *kind, const char *session,
		   const char *json, uint64_t *seq, struct err *e);
/* The same, not waited for: the monitor writes it even if this process ends
 * at once, before it listens to anybody who connects later; that it failed is
 * in its log alone. */
int channel_record_last(struct channel *c, const char *kind,
			const char *session, const char *json, struct err *e);
/* Asks for a new vault entry; *id is global and never reused. */
int channel_entry_new(struct channel *c, const char *session,
		      const char *project, const char *vault,
		      const char *summary, uint64_t *id, struct err *e);
/* state: "open", "kept", "dropped", "undone", "expired". */
int channel_entry_state(struct channel *c, uint64_t id, const char *state,
			const char *kept, uint64_t bytes, struct err *e);
/* The same, not waited for, as channel_record_last(). */
int channel_entry_state_last(struct channel *c, uint64_t id, const char *state,
			     const char *kept, uint64_t bytes, struct err *e);
int channel_session_new(struct channel *c, const char *id, const char *dir,
			struct err *e);
int channel_word(struct channel *c, const char *session, const char *source,
		 const char *text, struct err *e);
/* A decision on a command: a record of kind "decision" that also counts.
 * verdict: "allow", "deny" or "ask". */
int channel_decision(struct channel *c, const char *session, const char *json,
		     const char *verdict, uint64_t *seq, struct err *e);
/* Asks for a person's approval of one action; state as store.h has it. */
int channel_approval(struct channel *c, const char *session,
		     const char *fingerprint, const char *command,
		     const char *cwd, const char *reason, int64_t expires,
		     uint64_t *id, char *state, size_t size, struct err *e);
int channel_approval_state(struct channel *c, uint64_t id, char *state,
			   size_t size, struct err *e);
/* By the control socket only. */
int channel_approve(struct channel *c, uint64_t id, const char *state,
		    struct err *e);
int channel_facts(struct channel *c, const char *session, const char *project,
		  const char *facts, struct err *e);

#endif
