/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 7: is an effect within what the person authorised?  A boundary the
 * person set denies whatever the policy says; where the policy asks, the
 * person's own words may allow.
 */
#ifndef AUTOMODE_JUDGE_JUDGE_H
#define AUTOMODE_JUDGE_JUDGE_H

#include "judge/words.h"
#include "policy/decide.h"

/* Changes the verdict of policy_decide(): ask to allow when the words of the
 * session authorise every effect that asks; anything to deny when a boundary
 * covers an effect.  Where it stays at ask, the reason says what the person
 * would have to say.  Lifts a deny only where verdict.words_open says so, and
 * then for words that name the database itself.  v NULL: no vocabulary, nothing
 * is known of words. */
void judge_words(void *ctx, const struct vocabulary *v, const struct session *s,
		 const struct policy *p, const struct command *cmd,
		 const struct effects *fx, struct verdict *verdict);

#endif
