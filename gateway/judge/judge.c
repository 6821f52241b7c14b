/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/judge.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/invocation.h"
#include <ctype.h>
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

/* "~/notes.md": as a person writes a path below the home folder. */
static void
add_home_name(struct judging *j, struct deed *d)
{
	struct invocation who = {.uid = j->s->uid};
	const char *home = invocation_home(&who);
	const char *below = home && home[1] && d->text && *d->text == '/'
				? path_below(d->text, home)
				: NULL;

	if (!below || !*below)
		return;
	deed_add_name(j->ctx, d, talloc_asprintf(j->ctx, "~/%s", below));
	deed_add_name(j->ctx, d, talloc_asprintf(j->ctx, "~/%s/", below));
}

/* What the words say of one effect. */
static void
about(struct judging *j, const struct effect *fx, struct deed *deed,
      struct saying *said)
{
	struct effects one = {.v = (struct effect *)fx, .n = 1, .ctx = j->ctx};
	struct deeds deeds;

	struct saying part;

	*said = (struct saying){0};
	*deed = (struct deed){0};
	deeds_of(j->ctx, &one, j->cmd, &deeds);
	/* of several, all have to be asked for; none may be forbidden */
	for (size_t i = 0; i < deeds.n; i++) {
		struct deed *d = &deeds.v[i];

		add_home_name(j, d);
		words_about(j->ctx, j->v, j->s, d, &part);
		if (i == 0 || part.said == SAID_NO ||
		    (part.said == SAID_NOTHING && said->said == SAID_YES)) {
			*deed = *d;
			*said = part;
		}
		if (part.said == SAID_NO)
			return;
	}
}

/* Would these words, and nothing else, authorise that? */
static bool
would_do(struct judging *j, const struct deed *deed, const char *words)
{
	struct session_word one = {.source = "supposed", .text = words};
	struct session s = *j->s;
	struct saying said = {0};

	s.words = &one;
	s.nwords = 1;
	words_about(j->ctx, j->v, &s, deed, &said);
	return said.said == SAID_YES;
}

/* How people speak of git's settings, options and replacements; NULL: it is
 * none of them, or those words would not do. */
static const char *
as_of_git(struct judging *j, const struct deed *deed)
{
	const char *what = deed->object, *words, *verb = NULL;

	if (!what || !deed->summary || strncmp(deed->summary, "git ", 4) ||
	    strpbrk(what, "/ ") ||
	    (deed->kind != EFFECT_PERSIST && deed->kind != EFFECT_EXEC_CONFIG &&
	     deed->kind != EFFECT_GUARD_WEAKEN))
		return NULL;
	if (*what == '-')
		verb = "run";
	else if (!strncmp(deed->summary, "git replace", 11))
		verb = "change";
	else if (strchr(what + 1, '.'))
		verb = "set";
	if (!verb)
		return NULL;
	words = talloc_asprintf(j->ctx, "%s %s", verb, what);
	return would_do(j, deed, words) ? words : NULL;
}

/* What the user would have to say; NULL: no words of ours do it. */
static const char *
wanted(struct judging *j, const struct deed *deed)
{
	static const char *const others[] = {"discard all uncommitted changes",
					     "delete all untracked files",
					     "amend the last commit",
					     "rewrite the history",
					     "drop all stashes",
					     "skip the hooks"};
	const char *words = as_of_git(j, deed);
	const char *named =
	    deed->nnames ? talloc_asprintf(
			       j->ctx, "rewrite %s",
			       text_safe(j->ctx, deed->names[deed->nnames - 1]))
			 : NULL;

	if (words)
		return words;
	words = words_wanted(j->ctx, j->v, deed);
	if (words && would_do(j, deed, words))
		return words;
	if (named && would_do(j, deed, named))
		return named;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (would_do(j, deed, others[i]))
			return others[i];
	return NULL;
}

struct lacking {
	struct deed deed;
	struct saying said;
};

#define LACKING_SHOWN 4

/* For each effect that is not asked for the words that are missing. */
static void
explain(struct judging *j, const struct lacking *v, size_t n)
{
	char *list = talloc_strdup(j->ctx, "");
	const char *quote = NULL, *why = NULL, *words, *phrase;

	for (size_t i = 0; i < n && i < LACKING_SHOWN; i++) {
		words = wanted(j, &v[i].deed);
		phrase =
		    words ? talloc_asprintf(j->ctx, "\"%s\"", words) : NULL;
		if (phrase && !strstr(list, phrase))
			list = talloc_asprintf_append_buffer(
			    list, "%s%s", *list ? " and " : "", phrase);
		if (!why && v[i].said.why && v[i].said.quote) {
			quote = v[i].said.quote;
			why = v[i].said.why;
		}
	}
	if (*list && n > LACKING_SHOWN)
		list = talloc_strdup_append_buffer(list, " and more");
	j->verdict->reason = talloc_asprintf(
	    j->ctx, "%s; %s%s%s%s%sthe user has not asked for it%s%s%s",
	    j->verdict->reason, why ? "\"" : "", why ? quote : "",
	    why ? "\": " : "", why ? why : "", why ? "; " : "",
	    *list ? " (" : "", list, *list ? " would be)" : "");
}

static bool
is_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Not "in production": the database by its name. */
static bool
names_database(const struct effect *fx, const char *words)
{
	size_t n = strlen(fx->within);

	for (const char *at = words; (at = strcasestr(at, fx->within)); at++)
		if ((at == words || !is_of_name(at[-1])) && !is_of_name(at[n]))
			return true;
	return false;
}

/* Does the policy want words for it? */
static bool
wants_words(const struct judging *j, const struct policy *p,
	    const struct effect *fx)
{
	return policy_word(p, fx) == WORD_ASK ||
	       (j->verdict->words_open && policy_words_open(p, fx));
}

void
judge_words(void *ctx, const struct vocabulary *v, const struct session *s,
	    const struct policy *p, const struct command *cmd,
	    const struct effects *fx, struct verdict *verdict)
{
	struct judging j = {ctx, v, s, cmd, verdict};
	const char *quote = NULL;
	size_t asked = 0, given = 0;
	struct lacking lacks[LACKING_SHOWN];
	size_t nlacks = 0;
	struct saying said;
	struct deed deed = {0};
	bool opens = verdict->kind == VERDICT_DENY && verdict->words_open;

	if (!v || (verdict->kind != VERDICT_ASK && !s->nwords) ||
	    (verdict->kind == VERDICT_DENY && !opens) ||
	    verdict->kind == VERDICT_UNSET)
		return;
	for (size_t i = 0; i < fx->n; i++) {
		bool asks = wants_words(&j, p, &fx->v[i]);

		about(&j, &fx->v[i], &deed, &said);
		if (opens && asks && said.said == SAID_YES &&
		    fx->v[i].words_open &&
		    !names_database(&fx->v[i], said.quote))
			said.said = SAID_NOTHING;
		if (said.said == SAID_NO) {
			forbid(&j, &fx->v[i], &said);
			return;
		}
		asked += asks;
		given += asks && said.said == SAID_YES;
		if (asks && said.said == SAID_YES)
			quote = said.quote;
		else if (asks && deed.kind && nlacks++ < LACKING_SHOWN)
			lacks[nlacks - 1] = (struct lacking){deed, said};
	}
	if (verdict->kind != VERDICT_ASK && !opens)
		return;
	if (asked && given == asked) {
		verdict->kind = VERDICT_ALLOW;
		verdict->layer = "the user's words";
		verdict->reason = talloc_asprintf(
		    ctx, "%s; the user said: \"%s\"", verdict->reason, quote);
	} else if (nlacks) {
		explain(&j, lacks, nlacks);
	}
}
