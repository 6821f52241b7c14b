/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/judge.h"
#include "base/text.h"
#include <string.h>
#include <talloc.h>

struct judging {
	void *ctx;
	const struct vocabulary *v;
	const struct session *s;
	const struct command *cmd;
	struct verdict *verdict;
};

static void
forbid(struct judging *j, const struct effect *fx, const struct saying *said)
{
	*j->verdict =
	    (struct verdict){.kind = VERDICT_DENY,
			     .rule = effect_name(fx->kind),
			     .layer = "the user's words",
			     .undo = j->verdict->undo,
			     .alternative = j->verdict->alternative,
			     .reason = talloc_asprintf(
				 j->ctx, "%s%s%s; the user said: \"%s\"",
				 effect_does(fx->kind), fx->object ? ": " : "",
				 fx->object ? fx->object : "", said->quote)};
}

/* What the words say of one effect. */
static void
about(struct judging *j, const struct effect *fx, struct deed *deed,
      struct saying *said)
{
	struct effects one = {.v = (struct effect *)fx, .n = 1, .ctx = j->ctx};
	struct deeds deeds;

	*said = (struct saying){0};
	deeds_of(j->ctx, &one, j->cmd, &deeds);
	if (!deeds.n)
		return;
	*deed = deeds.v[0];
	words_about(j->ctx, j->v, j->s, deed, said);
}

static void
explain(struct judging *j, const struct deed *deed, const struct saying *said)
{
	const char *wanted = words_wanted(j->ctx, j->v, deed);

	if (!wanted)
		return;
	j->verdict->reason = talloc_asprintf(
	    j->ctx, "%s; %s%s%sthe user has not asked for it (\"%s\" would be)",
	    j->verdict->reason, said->why && said->quote ? "\"" : "",
	    said->why && said->quote ? said->quote : "",
	    said->why && said->quote
		? talloc_asprintf(j->ctx, "\": %s; ", said->why)
		: "",
	    wanted);
}

void
judge_words(void *ctx, const struct vocabulary *v, const struct session *s,
	    const struct policy *p, const struct command *cmd,
	    const struct effects *fx, struct verdict *verdict)
{
	struct judging j = {ctx, v, s, cmd, verdict};
	const char *quote = NULL;
	size_t asked = 0, given = 0;
	struct saying said, missing = {0};
	struct deed deed = {0}, lacks = {0};

	if (!v || (verdict->kind != VERDICT_ASK && !s->nwords) ||
	    verdict->kind == VERDICT_DENY || verdict->kind == VERDICT_UNSET)
		return;
	for (size_t i = 0; i < fx->n; i++) {
		bool asks = policy_word(p, &fx->v[i]) == WORD_ASK;

		about(&j, &fx->v[i], &deed, &said);
		if (said.said == SAID_NO) {
			forbid(&j, &fx->v[i], &said);
			return;
		}
		asked += asks;
		given += asks && said.said == SAID_YES;
		if (asks && said.said == SAID_YES)
			quote = said.quote;
		else if (asks && !lacks.kind) {
			lacks = deed;
			missing = said;
		}
	}
	if (verdict->kind != VERDICT_ASK)
		return;
	if (asked && given == asked) {
		verdict->kind = VERDICT_ALLOW;
		verdict->layer = "the user's words";
		verdict->reason = talloc_asprintf(
		    ctx, "%s; the user said: \"%s\"", verdict->reason, quote);
	} else if (lacks.kind) {
		explain(&j, &lacks, &missing);
	}
}
