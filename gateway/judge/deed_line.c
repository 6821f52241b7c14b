/* SPDX-License-Identifier: Apache-2.0 */
/* A deed as one line of a labelled file, for what measures the words. */
#include "base/memory.h"
#include "judge/deed.h"
#include <stdlib.h>
#include <string.h>

/* "+" is a blank. */
static char *
blanks(char *text)
{
	for (char *p = have(text); *p; p++)
		if (*p == '+')
			*p = ' ';
	return text;
}

static void
take_facts(void *ctx, struct deed *d, char *facts)
{
	char *word;

	while (facts && (word = strsep(&facts, " \t"))) {
		if (!strcmp(word, "mine"))
			d->mine = TRUTH_YES;
		else if (!strcmp(word, "theirs"))
			d->mine = TRUTH_NO;
		else if (!strcmp(word, "merged"))
			d->merged = TRUTH_YES;
		else if (!strcmp(word, "unmerged"))
			d->merged = TRUTH_NO;
		else if (!strcmp(word, "local"))
			d->has_local = true;
		else if (!strncmp(word, "runs=", 5))
			d->runs = blanks(talloc_strdup(ctx, word + 5));
		else if (!strncmp(word, "age=", 4))
			d->age_s = strtoll(word + 4, NULL, 10) * 86400;
	}
}

bool
deed_from_line(void *ctx, const char *line, struct deed *out)
{
	char *text = have(talloc_strdup(ctx, line));
	char *facts = strchr(text, ';'), *effect, *scope, *object, *rest = text;
	struct command cmd = {0};
	struct effects fx;
	struct deeds all;

	if (facts)
		*facts++ = '\0';
	effect = strsep(&rest, " ");
	scope = strsep(&rest, " ");
	object = strsep(&rest, " ");
	if (!effect || !scope || !object ||
	    effect_by_name(effect) == EFFECT_NONE)
		return false;
	blanks(object);
	cmd.summary = rest && *rest ? talloc_strdup(ctx, rest) : "command";
	effects_init(ctx, &fx);
	effects_add(&fx, effect_by_name(effect), scope_by_name(scope),
		    strcmp(object, "-") ? object : NULL);
	deeds_of(ctx, &fx, &cmd, &all);
	if (all.n != 1)
		return false;
	*out = all.v[0];
	take_facts(ctx, out, facts);
	return true;
}
