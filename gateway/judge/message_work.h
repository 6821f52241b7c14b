/* SPDX-License-Identifier: Apache-2.0 */
/* What message.c and statement.c share. */
#ifndef AUTOMODE_JUDGE_MESSAGE_WORK_H
#define AUTOMODE_JUDGE_MESSAGE_WORK_H

#include "judge/message.h"

struct sentence {
	struct span span;
	bool question;
	const char *quote;
};

struct sentences {
	struct sentence *v;
	size_t n;
};

void message_cut(void *ctx, const char *text, struct message *m,
		 struct sentences *s);
/* Appends what one sentence says. */
void statements_of(void *ctx, const struct vocabulary *v, struct message *m,
		   const struct sentence *s);

#endif
