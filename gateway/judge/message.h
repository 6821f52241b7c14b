/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the person wrote, taken apart: sentences into statements, each with
 * one verb, whether it asks for the deed or forbids it, and the words that
 * say to what.  Nothing here knows of commands.
 */
#ifndef AUTOMODE_JUDGE_MESSAGE_H
#define AUTOMODE_JUDGE_MESSAGE_H

#include "judge/vocabulary.h"

enum mood {
	MOOD_TELLS = 0, /* a report, a question, the person's own plan */
	MOOD_ASKS,	/* for the deed */
	MOOD_FORBIDS,
};

struct token {
	const char *low; /* lower case, without quotes and punctuation */
	const char *raw; /* likewise, as written */
	bool comma;	 /* a comma or dash stands before it */
	bool dash;	 /* "-" stands before it, of all */
	bool quoted;
	bool begins;  /* a sentence */
	bool item;    /* begins a list behind a colon */
	size_t quote; /* where the quotation of several words that it is in
		       * begins, plus one; 0: none */
};

/* Tokens [first, end) of the message. */
struct span {
	size_t first, end;
};

struct statement {
	const struct verb *verb; /* NULL: a boundary around objects only */
	enum mood mood;
	bool reserved; /* waits for the person ("once I have looked") */
	struct span object;
	struct span except;    /* "except ..."; empty: none */
	struct span condition; /* "if it is merged"; empty: none */
	bool proposed;	       /* "is safe to": a "do it" asks for it */
	bool retracts;	       /* "never mind": what was asked for so far */
	bool goes_on;	       /* "and x, too": as the one before */
	bool pronoun;	       /* the object is "it", "them": see before */
	struct span before;    /* of the message, up to the statement */
	size_t sentence;       /* where its sentence begins */
	const char *quote;     /* the sentence, safe text */
};

struct message {
	struct token *tokens;
	const char **low; /* tokens[i].low, for phrase_at() */
	size_t ntokens;
	struct statement *v;
	size_t n;
	bool question; /* its first sentence is one */
	bool asks;     /* its last one is */
};

/* At most 64 KB of text is looked at. */
void message_read(void *ctx, const struct vocabulary *v, const char *text,
		  struct message *out);
/* "and x, too" behind a message that asked for something. */
void message_goes_on(void *ctx, const struct vocabulary *v,
		     const struct message *before, struct message *m);
/* A word of the span that may be a name: has a slash, dot, digit, dash or
 * underscore in it, or was quoted. */
bool token_is_name(const struct token *t);

#endif
