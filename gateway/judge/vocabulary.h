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
	bool any;      /* touch, change: every effect that is not a read */
	bool remote;   /* speaks of what is elsewhere: push */
	bool bare;     /* needs no object: "skip the hooks" */
	bool goal;     /* tidy, clean up: only with a set that says what goes */
	bool remark;   /* comment: leaves what it is about as it is */
	bool here;     /* rename: what is elsewhere has to be said */
	bool onto;     /* copy a to b: acts on b */
	bool elliptic; /* "rebase x and force push": the object may be left out
			*/
	const char *instead;   /* of this verb, with a manner */
	struct phrases manner; /* "push x with force" */
	struct phrases to;     /* prepositions before what it acts on */
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
	MARK_OTHERS,	 /* other people's */
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
	MARK_PREPOSITION, /* as, of, into: what follows is not acted on */
	MARK_PLACE,	  /* in, on, from: where it lies */
	MARK_ASIDE,	  /* because, once, if: another clause */
	MARK_SPEAKER,	  /* I, we'll: behind a comma, another clause */
	MARK_GLUE,	  /* now, please: may stand behind a name */
	MARK_VAGUE,	  /* newest, the ones: which is not told by names */
	MARK_LATER,	  /* at some point, tomorrow */
	MARK_HEDGE,	  /* maybe we, I think we could */
	MARK_GONE,	  /* can go */
	MARK_FUTURE,	  /* will: somebody does it */
	MARK_PARTICLE,	  /* away, down: "throw it away" */
	MARK_CONSENT,	  /* agrees, approved: a condition on a person */
	MARK_INFINITIVE,  /* need, want: "to delete" behind it asks */
	MARK_INQUIRY,	  /* is, what: begins a question */
	MARK_AUXILIARY,	  /* is, has, can: a clause of its own */
	MARK_LEAVE,	  /* leave, keep: and what is left follows */
	MARK_EMPTY,	  /* clear, flush: all that is in it */
	MARK_GRANT,	  /* you're allowed to: asks, in whichever words */
	MARK_ENSURE,	  /* make sure: that something is done */
	MARK_RETRACT,	  /* never mind: what was asked for, no more */
	MARK_PROPOSE,	  /* is safe to: asks when a "do it" follows */
	MARK_ASSENT,	  /* do it, go ahead: and no more */
	MARK_CHOSEN,	  /* is the one i meant: behind what is */
	MARK_CORRECT,	  /* i meant: another than what was said */
	MARK_CONTAINER,	  /* disk, machine: what things are deleted from */
	MARK_FORCE,	  /* you may have to force: of a push before */
	MARK_PAUSE,	  /* wait, don't: likewise, if no more is said */
	MARK_REPORT,	  /* says, message: before a colon */
	MARK_PERFECT,	  /* have: "have deleted" was done */
	MARK_MODAL,	  /* will, can: "Ben will delete" */
	MARK_COUNT,
	MARK_LIGHT_COUNT = MARK_GRANT, /* before: words in their own
					* right */
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
/* The longest verb that begins at w; *used words, *form.  Long ones may have
 * a slip of the finger in them. */
const struct verb *verb_at(const struct vocabulary *v, const char *const *w,
			   size_t n, size_t *used, enum form *form);
/* "throw ... away": a verb of two words with others between; *particle: where
 * its second stands. */
const struct verb *
split_verb_at(const struct vocabulary *v, const char *const *w, size_t n,
	      size_t *particle, enum form *form);
const struct verb *verb_called(const struct vocabulary *v, const char *name);
/* Also in the plural, then *plural. */
const struct noun *noun_at(const struct vocabulary *v, const char *const *w,
			   size_t n, size_t *used, bool *plural);

#endif
