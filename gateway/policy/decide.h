/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTOMODE_POLICY_DECIDE_H
#define AUTOMODE_POLICY_DECIDE_H

#include "policy/policy.h"

enum verdict_kind {
	VERDICT_UNSET = 0, /* a bug; treated as deny */
	VERDICT_ALLOW,
	VERDICT_ASK,
	VERDICT_DENY,
};

struct verdict {
	enum verdict_kind kind;
	const char *rule;	 /* effect name that decided, or "read" */
	const char *reason;	 /* one line; for allow: what it does */
	const char *alternative; /* a command that automode accepts; NULL */
	const char *layer;	 /* layer_name() of the deciding word */
	enum undo undo;		 /* over all effects */
	bool keep;		 /* a snapshot is to be taken before it runs */
	bool words_open;	 /* a deny that the user's own words lift */
};

/* Pure.  allow: run; undoable: run when undo is yes, keep and run when it is
 * snapshot, else as ask; the severest word over all effects wins.  No effects
 * at all: allow, rule "read".  Reasons say what would be lost or exposed, with
 * names, from effect.why. */
void policy_decide(void *ctx, const struct policy *p, const struct effects *fx,
		   struct verdict *out);
/* The word that stands for one effect, after its state has been looked at
 * (undoable and cannot be kept: ask). */
enum word policy_word(const struct policy *p, const struct effect *fx);
/* A deny that stands aside for the user's own words: effect.words_open, and no
 * profile says deny. */
bool policy_words_open(const struct policy *p, const struct effect *fx);
/* The verdict for something not understood: deny, exec.unknown. */
void verdict_refuse(void *ctx, struct verdict *out, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
