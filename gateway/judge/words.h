/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the person's own words say of a deed.  Everything the person wrote in
 * the session counts, in order; of what contradicts, the later holds.
 *
 * To authorise, words must have a verb of the deed's family and name its
 * object, or a set that the deed's facts prove it to be a member of.  To
 * forbid, the verb or the name is enough.
 */
#ifndef AUTOMODE_JUDGE_WORDS_H
#define AUTOMODE_JUDGE_WORDS_H

#include "invocation/session.h"
#include "judge/deed.h"
#include "judge/vocabulary.h"

enum said {
	SAID_NOTHING = 0,
	SAID_YES,
	SAID_NO,
};

struct saying {
	enum said said;
	const char *quote; /* the sentence that decided; NULL */
	const char *why;   /* SAID_NOTHING: what was missing in what came
			    * nearest, or NULL */
};

void words_about(void *ctx, const struct vocabulary *v, const struct session *s,
		 const struct deed *d, struct saying *out);
/* A sentence that would authorise: "delete the remote branch feature/x". */
char *words_wanted(void *ctx, const struct vocabulary *v, const struct deed *d);

#endif
