/* SPDX-License-Identifier: Apache-2.0 */
/* profiles/vocabulary -> tables, and the forms of words. */
#include "judge/vocabulary.h"
#include "base/text.h"
#include "invocation/git_config_text.h"
#include <string.h>
#include <talloc.h>

static const char *const mark_names[MARK_COUNT] = {
    [MARK_NOT] = "not",
    [MARK_NEUTRAL] = "neutral",
    [MARK_META] = "meta",
    [MARK_YET] = "yet",
    [MARK_BUT] = "but",
    [MARK_EXCEPT] = "except",
    [MARK_LEAD] = "lead",
    [MARK_SUBJECT] = "subject",
    [MARK_REQUEST] = "request",
    [MARK_RESERVE] = "reserve",
    [MARK_DETERMINER] = "determiner",
    [MARK_STOP] = "stop",
    [MARK_ALL] = "all",
    [MARK_MINE] = "mine",
    [MARK_OTHERS] = "others",
    [MARK_MERGED] = "merged",
    [MARK_STALE] = "stale",
    [MARK_PRONOUN] = "pronoun",
    [MARK_REMOTE] = "remote",
    [MARK_LOCAL] = "local",
    [MARK_BOTH] = "both",
    [MARK_ONLY] = "only",
    [MARK_KEEP] = "keep",
    [MARK_PASSIVE] = "passive",
    [MARK_GERUND] = "gerund",
    [MARK_ALONE] = "alone",
    [MARK_PRODUCTION] = "production",
    [MARK_STAGING] = "staging",
    [MARK_DEVELOPMENT] = "development",
    [MARK_PREPOSITION] = "preposition",
    [MARK_PLACE] = "place",
    [MARK_ASIDE] = "aside",
    [MARK_SPEAKER] = "speaker",
    [MARK_GLUE] = "glue",
    [MARK_VAGUE] = "vague",
    [MARK_LATER] = "later",
    [MARK_HEDGE] = "hedge",
    [MARK_GONE] = "gone",
    [MARK_FUTURE] = "future",
    [MARK_PARTICLE] = "particle",
    [MARK_CONSENT] = "consent",
    [MARK_INFINITIVE] = "infinitive",
    [MARK_INQUIRY] = "inquiry",
    [MARK_LEAVE] = "leave",
    [MARK_EMPTY] = "empty",
    [MARK_AUXILIARY] = "auxiliary",
    [MARK_GRANT] = "grant",
    [MARK_ENSURE] = "ensure",
    [MARK_RETRACT] = "retract",
    [MARK_PROPOSE] = "propose",
    [MARK_ASSENT] = "assent",
    [MARK_CHOSEN] = "chosen",
    [MARK_CORRECT] = "correct",
    [MARK_CONTAINER] = "container",
    [MARK_FORCE] = "force",
    [MARK_PAUSE] = "pause",
    [MARK_REPORT] = "report",
    [MARK_PERFECT] = "perfect",
    [MARK_MODAL] = "modal",
};

struct loading {
	struct vocabulary *v;
	const char *path;
	struct err *e;
};

static void *
grown(void *ctx, void *array, size_t size, size_t n)
{
	array = talloc_realloc_size(ctx, array, size * (n + 1));
	if (!array)
		BUG("out of memory");
	memset((char *)array + size * n, 0, size);
	return array;
}

/* "get rid of, drop": phrases between commas. */
static void
add_phrases(void *ctx, struct phrases *out, const char *value)
{
	char *copy = talloc_strdup(ctx, value), *part, *rest = copy, *word;
	struct phrase *p;

	if (!copy)
		BUG("out of memory");
	while ((part = strsep(&rest, ","))) {
		out->v = grown(ctx, out->v, sizeof(*out->v), out->n);
		p = &out->v[out->n];
		while ((word = strsep(&part, " \t")))
			if (*word) {
				p->words =
				    grown(ctx, p->words, sizeof(char *), p->n);
				p->words[p->n++] = word;
			}
		if (p->n)
			out->n++;
	}
}

static struct verb *
verb_named(struct vocabulary *v, const char *name)
{
	for (size_t i = 0; i < v->nverbs; i++)
		if (!strcmp(v->verbs[i].name, name))
			return &v->verbs[i];
	v->verbs = grown(v, v->verbs, sizeof(*v->verbs), v->nverbs);
	v->verbs[v->nverbs].name = talloc_strdup(v, name);
	return &v->verbs[v->nverbs++];
}

static struct noun *
noun_named(struct vocabulary *v, const char *name)
{
	for (size_t i = 0; i < v->nnouns; i++)
		if (!strcmp(v->nouns[i].name, name))
			return &v->nouns[i];
	v->nouns = grown(v, v->nouns, sizeof(*v->nouns), v->nnouns);
	v->nouns[v->nnouns].name = talloc_strdup(v, name);
	return &v->nouns[v->nnouns++];
}

static bool
set_verb(struct loading *l, struct verb *b, const char *key, const char *value)
{
	enum effect_kind kind;

	if (!strcmp(key, "say"))
		add_phrases(l->v, &b->say, value);
	else if (!strcmp(key, "past"))
		add_phrases(l->v, &b->past, value);
	else if (!strcmp(key, "any"))
		b->any = git_config_truth(value) == 1;
	else if (!strcmp(key, "remote"))
		b->remote = git_config_truth(value) == 1;
	else if (!strcmp(key, "bare"))
		b->bare = git_config_truth(value) == 1;
	else if (!strcmp(key, "goal"))
		b->goal = git_config_truth(value) == 1;
	else if (!strcmp(key, "remark"))
		b->remark = git_config_truth(value) == 1;
	else if (!strcmp(key, "here"))
		b->here = git_config_truth(value) == 1;
	else if (!strcmp(key, "onto"))
		b->onto = git_config_truth(value) == 1;
	else if (!strcmp(key, "elliptic"))
		b->elliptic = git_config_truth(value) == 1;
	else if (!strcmp(key, "instead"))
		b->instead = talloc_strdup(l->v, value);
	else if (!strcmp(key, "manner"))
		add_phrases(l->v, &b->manner, value);
	else if (!strcmp(key, "to"))
		add_phrases(l->v, &b->to, value);
	else if (!strcmp(key, "command")) {
		b->commands =
		    grown(l->v, b->commands, sizeof(char *), b->ncommands);
		b->commands[b->ncommands++] = talloc_strdup(l->v, value);
	} else if (!strcmp(key, "effect")) {
		kind = effect_by_name(value);
		if (kind == EFFECT_NONE)
			return false;
		b->effects[kind] = true;
	} else {
		return false;
	}
	return true;
}

static bool
set_mark(struct loading *l, const char *name, const char *value)
{
	for (int m = 0; m < MARK_COUNT; m++)
		if (!strcmp(mark_names[m], name)) {
			add_phrases(l->v, &l->v->marks[m], value);
			return true;
		}
	return false;
}

/* "verb.NAME.KEY", "noun.NAME.say", "word.MARK.say" */
static int
take(void *data, const char *key, const char *value)
{
	struct loading *l = data;
	const char *dot = strchr(key, '.'), *last = strrchr(key, '.');
	char *name;
	bool ok = false;

	if (dot && last != dot && value) {
		name = talloc_strndup(l->v, dot + 1, (size_t)(last - dot) - 1);
		last++;
		if (!strncmp(key, "verb.", 5))
			ok = set_verb(l, verb_named(l->v, name), last, value);
		else if (!strncmp(key, "noun.", 5) && !strcmp(last, "say"))
			ok = (add_phrases(l->v, &noun_named(l->v, name)->say,
					  value),
			      true);
		else if (!strncmp(key, "word.", 5) && !strcmp(last, "say"))
			ok = set_mark(l, name, value);
	}
	if (!ok)
		return err_set(l->e, ERR_SYNTAX,
			       "%s: %s = %s is nothing that a vocabulary has",
			       l->path, text_safe(l->v, key),
			       text_safe(l->v, value ? value : ""));
	return 0;
}

int
vocabulary_load(void *ctx, const char *path, struct vocabulary **out,
		struct err *e)
{
	struct vocabulary *v = talloc_zero(ctx, struct vocabulary);
	struct loading l = {v, path, e};
	int rc = git_config_file(v, path, take, &l, e);

	if (rc < 0)
		return rc;
	if (!v->nverbs)
		return err_set(e, ERR_UNKNOWN, "%s holds no words", path);
	*out = v;
	return 0;
}

size_t
phrase_at(const struct phrase *p, const char *const *w, size_t n)
{
	if (p->n > n)
		return 0;
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->words[i], w[i]) != 0)
			return 0;
	return p->n;
}

size_t
mark_at(const struct vocabulary *v, enum mark m, const char *const *w, size_t n)
{
	size_t best = 0, used;

	for (size_t i = 0; i < v->marks[m].n; i++) {
		used = phrase_at(&v->marks[m].v[i], w, n);
		if (used > best)
			best = used;
	}
	return best;
}

/* Is word base with that ending, as English writes it? */
static bool
ends_as(const char *word, const char *base, const char *ending)
{
	size_t n = strlen(base), len = strlen(word), e = strlen(ending);

	if (len < e || strcmp(word + len - e, ending) != 0)
		return false;
	len -= e;
	if (len == n && !strncmp(word, base, n)) /* push-ing */
		return true;
	if (base[n - 1] == 'e' && len == n - 1 &&
	    !strncmp(word, base, n - 1)) /* delet-ing */
		return true;
	if (len == n + 1 && !strncmp(word, base, n) &&
	    word[n] == base[n - 1]) /* dropp-ing */
		return true;
	return base[n - 1] == 'y' && len == n && *ending == 'e' &&
	       !strncmp(word, base, n - 1) && word[n - 1] == 'i'; /* appli-ed */
}

static enum form
form_of(const char *word, const char *base)
{
	if (!strcmp(word, base))
		return FORM_BASE;
	if (ends_as(word, base, "ing"))
		return FORM_ING;
	if (ends_as(word, base, "ed"))
		return FORM_PAST;
	if (ends_as(word, base, "s") || ends_as(word, base, "es"))
		return FORM_S;
	return FORM_NONE;
}

/* One letter left out, doubled, or two that changed places: "delte". */
static bool
slipped(const char *word, const char *base)
{
	size_t n = strlen(word), len = strlen(base), i = 0;

	if (len < 6 || n + 1 < len || n > len + 1)
		return false;
	while (i < n && word[i] == base[i])
		i++;
	if (i == 0)
		return false;
	if (n + 1 == len)
		return !strcmp(word + i, base + i + 1);
	if (n == len + 1)
		return word[i] == word[i - 1] &&
		       !strcmp(word + i + 1, base + i);
	return i + 1 < n && word[i] == base[i + 1] && word[i + 1] == base[i] &&
	       !strcmp(word + i + 2, base + i + 2);
}

static bool
is_known(const struct vocabulary *v, const char *word)
{
	size_t used;
	bool plural;

	for (int m = 0; m < MARK_LIGHT_COUNT; m++)
		if (mark_at(v, (enum mark)m, &word, 1))
			return true;
	return noun_at(v, &word, 1, &used, &plural) != NULL;
}

/* The first word of the phrase is the one that is inflected. */
static size_t
inflected_at(const struct phrase *p, const char *const *w, size_t n, bool slips,
	     enum form *form)
{
	if (p->n > n)
		return 0;
	*form = form_of(w[0], p->words[0]);
	if (*form == FORM_NONE && slips && slipped(w[0], p->words[0]))
		*form = FORM_BASE;
	/* "force pushing" */
	if (*form == FORM_BASE && p->n == 2 && strcmp(p->words[1], w[1]) != 0) {
		*form = form_of(w[1], p->words[1]);
		return *form == FORM_NONE || !strcmp(w[0], p->words[1]) ? 0 : 2;
	}
	if (*form == FORM_NONE)
		return 0;
	for (size_t i = 1; i < p->n; i++)
		if (strcmp(p->words[i], w[i]) != 0)
			return 0;
	return p->n;
}

static const struct verb *
find_verb(const struct vocabulary *v, const char *const *w, size_t n,
	  bool slips, size_t *used, enum form *form)
{
	const struct verb *found = NULL;
	enum form f;
	size_t len;

	*used = 0;
	for (size_t i = 0; i < v->nverbs; i++) {
		const struct verb *b = &v->verbs[i];

		for (size_t k = 0; k < b->say.n; k++) {
			len = inflected_at(&b->say.v[k], w, n, slips, &f);
			if (len > *used) {
				*used = len;
				*form = f;
				found = b;
			}
		}
		for (size_t k = 0; k < b->past.n; k++) {
			len = phrase_at(&b->past.v[k], w, n);
			if (len > *used) {
				*used = len;
				*form = FORM_PAST;
				found = b;
			}
		}
	}
	return found;
}

const struct verb *
verb_at(const struct vocabulary *v, const char *const *w, size_t n,
	size_t *used, enum form *form)
{
	const struct verb *found = find_verb(v, w, n, false, used, form);

	if (found || n == 0 || strlen(w[0]) < 5 || is_known(v, w[0]))
		return found;
	return find_verb(v, w, n, true, used, form);
}

/* All words of the phrase but the first. */
static bool
rest_at(const struct phrase *p, const char *const *w, size_t n)
{
	struct phrase rest = {p->words + 1, p->n - 1};

	return phrase_at(&rest, w, n) > 0;
}

/* "put x in the bin"; not "in the bin folder". */
static bool
is_whole(const struct vocabulary *v, const struct phrase *p,
	 const char *const *w, size_t n)
{
	size_t next = p->n - 1, used;
	bool plural;

	return p->n > 3 &&
	       !(next < n &&
		 (noun_at(v, w + next, n - next, &used, &plural) ||
		  mark_at(v, MARK_PREPOSITION, w + next, n - next) ||
		  mark_at(v, MARK_PLACE, w + next, n - next)));
}

const struct verb *
split_verb_at(const struct vocabulary *v, const char *const *w, size_t n,
	      size_t *particle, enum form *form)
{
	for (size_t i = 0; n > 2 && i < v->nverbs; i++)
		for (size_t k = 0; k < v->verbs[i].say.n; k++) {
			const struct phrase *p = &v->verbs[i].say.v[k];

			if (p->n < 2)
				continue;
			*form = form_of(w[0], p->words[0]);
			if (*form != FORM_BASE && *form != FORM_ING)
				continue;
			for (*particle = 2; *particle < n && *particle < 7;
			     ++*particle)
				/* "put x in the bin" says enough */
				if ((is_whole(v, p, w + *particle,
					      n - *particle) ||
				     mark_at(v, MARK_PARTICLE, w + *particle,
					     1)) &&
				    rest_at(p, w + *particle, n - *particle))
					return &v->verbs[i];
		}
	return NULL;
}

const struct verb *
verb_called(const struct vocabulary *v, const char *name)
{
	for (size_t i = 0; i < v->nverbs; i++)
		if (!strcmp(v->verbs[i].name, name))
			return &v->verbs[i];
	return NULL;
}

/* "branhces", "brach" */
static enum form
slipped_noun(const char *word, const char *base)
{
	char plural[32];
	size_t n = strlen(base);

	if (n < 6 || n + 3 > sizeof(plural))
		return FORM_NONE;
	if (slipped(word, base))
		return FORM_BASE;
	snprintf(plural, sizeof(plural), "%s%s", base,
		 base[n - 1] == 'h' ? "es" : "s");
	return slipped(word, plural) ? FORM_S : FORM_NONE;
}

const struct noun *
noun_at(const struct vocabulary *v, const char *const *w, size_t n,
	size_t *used, bool *plural)
{
	const struct noun *found = NULL;
	enum form f;
	size_t len;

	*used = 0;
	for (size_t i = 0; i < v->nnouns; i++)
		for (size_t k = 0; k < v->nouns[i].say.n; k++) {
			const struct phrase *p = &v->nouns[i].say.v[k];

			/* the last word takes the plural */
			len = p->n > n ? 0 : p->n;
			for (size_t j = 0; j + 1 < len; j++)
				if (strcmp(p->words[j], w[j]) != 0)
					len = 0;
			if (!len || len <= *used)
				continue;
			f = form_of(w[len - 1], p->words[len - 1]);
			if (f == FORM_NONE)
				f = slipped_noun(w[len - 1], p->words[len - 1]);
			if (f != FORM_BASE && f != FORM_S)
				continue;
			*used = len;
			*plural = f == FORM_S;
			found = &v->nouns[i];
		}
	return found;
}
