/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A language model as a judge of what asks: it hears what the person wrote
 * and what the command would do, nobody else.  It may lift ask, never deny;
 * whatever goes wrong leaves the verdict at ask and says so.
 */
#ifndef AUTOMODE_JUDGE_CLASSIFIER_H
#define AUTOMODE_JUDGE_CLASSIFIER_H

#include "invocation/invocation.h"
#include "policy/decide.h"
#include "tools/tool.h"
#include "wire/channel.h"

struct classifier_case {
	const struct invocation *in;
	const struct command *cmd;
	const struct effects *fx;
	const struct policy *p;
	const char *fingerprint; /* of the action */
	struct channel *monitor;
	const char *prompt; /* path of the prompt's text */
};

/* What all workers share, kept in the state folder over restarts: what was
 * answered, how many times each session asked, whether the endpoint answers at
 * all.  Once, before the first fork; without it nothing is remembered.  state
 * may be NULL: only for this gateway. */
void classifier_prepare(const char *state);
/* Changes a verdict of ask.  Does nothing without [classifier] url. */
void classifier_judge(void *ctx, const struct classifier_case *c,
		      struct verdict *verdict);

#endif
