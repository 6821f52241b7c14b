/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words people use for what commands do: profiles/vocabulary, a git-config
 * file.  Read once at the gateway's start, constant from then on.
 */
#ifndef AUTOMODE_JUDGE_VOCABULARY_H
#define AUTOMODE_JUDGE_VOCABULARY_H

#include "base/err.h"
#include "effects/effect.h"

enum form { /* in which a verb stands */
	    FORM_NONE,
	    FORM_BASE, /* delete */
	    FORM_S,    /* deletes */
	    FORM_PAST, /* deleted */
	    FORM_ING,  /* deleting */
};

struct phrase {
	const char **words; /* lower case */
	size_t n;
};

struct phrases {
	struct phrase *v;
	size_t n;
};

struct verb {
	const char *name;
	struct phrases say, past; /* past: irregular forms */
	bool effects[EFFECT_COUNT];
	const char **commands; /* "git push": what boundaries cover besides */
	size_t ncommands;
	bool any;    /* touch, change: every effect that is not a read */
	bool remote; /* speaks of what is elsewhere: push */
	bool bare;   /* needs no object: "skip the hooks" */
	bool goal;   /* tidy, clean up: only with a set that says what goes */
};

struct noun {
	const char *name; /* "branch" */
	struct phrases say;
};

/* Lists of single words and phrases by what they do to a sentence. */
enum mark {
	MARK_NOT,	 /* don't, never, without */
	MARK_NEUTRAL,	 /* didn't, cannot: tells, asks for nothing */
	MARK_META,	 /* explain, write a script: what comes is spoken of */
	MARK_YET,	 /* "don't forget to": no negation at all */
	MARK_BUT,	 /* ends what a negation covers */
	MARK_EXCEPT,	 /* except, but not, apart from */
	MARK_LEAD,	 /* please, to, you, can ...: before an imperative */
	MARK_SUBJECT,	 /* I, they: somebody else acts */
	MARK_REQUEST,	 /* can you: a question that asks for the deed */
	MARK_RESERVE,	 /* until I, once I: waits for the person */
	MARK_DETERMINER, /* the, a, my: a noun follows */
	MARK_STOP,	 /* words without weight in a set */
	MARK_ALL,	 /* all, every */
	MARK_MINE,	 /* my, mine, own */
	MARK_MERGED,
	MARK_STALE, /* stale, old: age unknown until a number is said */
	MARK_PRONOUN,
	MARK_REMOTE,
	MARK_LOCAL,
	MARK_BOTH,
	MARK_ONLY,    /* only, just: "only local" */
	MARK_KEEP,    /* keep, preserve */
	MARK_PASSIVE, /* be, get: before "deleted" */
	MARK_GERUND,  /* by, with: before "deleting" */
	MARK_ALONE,   /* "leave ... alone", off limits */
	MARK_PRODUCTION,
	MARK_STAGING,
	MARK_DEVELOPMENT,
	MARK_COUNT
};

struct vocabulary {
	struct verb *verbs;
	size_t nverbs;
	struct noun *nouns;
	size_t nnouns;
	struct phrases marks[MARK_COUNT];
};

/* Negative with file and key when something is not understood. */
int vocabulary_load(void *ctx, const char *path, struct vocabulary **out,
		    struct err *e);
/* How many of the n words at w are the phrase; 0: they are not. */
size_t phrase_at(const struct phrase *p, const char *const *w, size_t n);
size_t mark_at(const struct vocabulary *v, enum mark m, const char *const *w,
	       size_t n);
/* The longest verb that begins at w; *used words, *form. */
const struct verb *verb_at(const struct vocabulary *v, const char *const *w,
			   size_t n, size_t *used, enum form *form);
/* Also in the plural, then *plural. */
const struct noun *noun_at(const struct vocabulary *v, const char *const *w,
			   size_t n, size_t *used, bool *plural);

#endif
