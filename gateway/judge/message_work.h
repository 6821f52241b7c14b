/* SPDX-License-Identifier: Apache-2.0 */
/* What message.c and statement.c share. */
#ifndef AUTOMODE_JUDGE_MESSAGE_WORK_H
#define AUTOMODE_JUDGE_MESSAGE_WORK_H

#include "judge/message.h"

struct sentence {
	struct span span;
	size_t context; /* where what is meant by "it" begins: "x: drop it" */
	bool question, colon;
	const char *quote;
};

struct sentences {
	struct sentence *v;
	size_t n;
};

/* A sentence while it is read from left to right. */
struct reading {
	void *ctx;
	const struct vocabulary *v;
	struct message *m;
	const struct sentence *s;
	size_t at, end;
	size_t clause;	   /* where the clause begins */
	size_t verb_ended; /* behind the last verb; 0: none yet */
	bool negated, neutral, subordinate, request;
	bool meta;	  /* till the clause ends */
	bool aside;	  /* in a "when", "before you": till a comma */
	bool spoken;	  /* "the log says: ..." */
	bool ensures;	  /* "make sure x is": till a comma */
	size_t proposed;  /* behind "is safe to"; 0: none */
	size_t ensured;	  /* behind "make sure" */
	size_t granted;	  /* behind "you're allowed to"; 0: none */
	struct span lead; /* "if it is merged," before what is asked for */
	size_t neutral_at;
	size_t negated_end;	/* behind the negation */
	struct statement *open; /* its object is being collected */
	size_t opened;		/* index of it, since the array moves */
};

size_t reading_mark(const struct reading *r, enum mark m, size_t at);
/* Does a phrase of the mark end just before at? */
bool reading_after(const struct reading *r, enum mark m, size_t at);
bool reading_has(const struct reading *r, enum mark m, size_t from, size_t to);
struct statement *reading_open(struct reading *r, const struct verb *verb,
			       enum mood mood, size_t from, size_t object);
void reading_close(struct reading *r, size_t at);

/* clause.c: what is told by more than one word */

/* Is there anything in the span that an object could be? */
bool clause_has_object(const struct reading *r, struct span s);
/* "that have not been touched": the negation tells which ones. */
bool clause_says_which(const struct reading *r, size_t used);
/* Has the span a word that stands for something, though for nothing known? */
bool clause_speaks_of_more(const struct vocabulary *v, const struct message *m,
			   struct span s);
/* "Kill 7. And 8, too.": what the sentence before asked for goes on in one that
 * has no verb. */
void clause_goes_on(void *ctx, const struct vocabulary *v, struct message *m,
		    const struct sentence *s, size_t first);
/* Nothing but lanes and words without weight. */
bool clause_only_where(const struct reading *r, struct span s);
/* "x is not needed": tells, and forbids nothing. */
bool clause_not_needed(const struct reading *r, size_t used);
/* "delete the branch": the one that was spoken of. */
bool clause_is_that_one(const struct reading *r, const struct statement *t);
/* "rm x failed yesterday": the command is spoken of. */
bool clause_reports(const struct reading *r, struct span s);
/* "leave staging alone", "keep release/1": no verb of a deed, and yet a
 * boundary. */
void clause_boundaries(struct reading *r);
/* Does "delete" at this place not ask, since it is only thought of or comes
 * later? */
bool clause_hedges(const struct reading *r, size_t at);
bool clause_waits(const struct reading *r, const struct statement *t);
/* "mine under x/ you can delete, thanks": what goes stands before the verb. */
bool clause_is_topic(const struct reading *r, size_t at, size_t used);
/* "can you it delete": the object of a request before its verb. */
bool clause_object_leads(const struct reading *r, size_t at);
/* "..., all others": the things of another clause. */
bool clause_leads_rest(const struct reading *r, size_t at);
/* Where the list of things before a verb begins: "a, b and c can be deleted".
 */
size_t clause_subject(const struct reading *r, size_t at);
/* "delete these: a, b": the list goes on in the next sentence. */
bool clause_is_list(const struct vocabulary *v, const struct message *m,
		    struct span s);
/* Does a word of the mark, before which a comma stands, lead to at?  "..., so
 * please delete" */
bool clause_after_comma(const struct reading *r, size_t at);
/* "leave x on", "keep y": how many words; "leave a comment" is none. */
size_t clause_keeps(const struct reading *r, size_t at);
/* Is the verb one that is only spoken of?  "the script to delete x", "jobs
 * delete x", a quotation. */
bool clause_mentions(const struct reading *r, size_t at, enum form form);
/* "delete x and prepare y": another verb, though no known one, ends it. */
void clause_cut_object(const struct reading *r, struct statement *t);
/* "except x, that one is busy": the exception ends at the comma. */
void clause_cut_except(const struct reading *r, struct statement *t);
/* "x gets killed every night", "is killed by ops": somebody does it. */
bool clause_is_done_by(const struct reading *r, size_t at);
/* "if Ben agrees": nobody here can tell. */
bool clause_on_consent(const struct reading *r);
/* "push x with force" is another verb than "push x". */
void clause_manner(const struct reading *r, struct statement *t);
/* "delete a, not b": what stands behind a negation without a verb is a
 * boundary. */
void clause_negated_names(struct reading *r);
/* "a may be deleted, b may not", "b better not", and the other way round. */
void clause_elliptic(struct reading *r);
/* "the crash dump", "a column note": a verb's word that ends a noun. */
bool clause_is_compound(const struct reading *r, size_t at, size_t used);
/* "x needs a restart", "do a restart of x": *form in which that asks. */
bool clause_is_nominal(const struct reading *r, size_t at, size_t used,
		       enum form *form, bool *given);
/* "x can go": how many words; 0: no such thing at r->at. */
size_t clause_gone(const struct reading *r);
/* Where a "because" or ", I" behind the verb ends what it is about. */
bool clause_ends_object(const struct reading *r);

/* "npm publish --dry-run" */
bool clause_is_rehearsed(const struct reading *r, const struct statement *t);
/* "all stashes but the newest": does the "but" of that length except? */
bool clause_excepts(const struct reading *r, size_t used);
/* "you may push, but only to x": what is acted on is what is named last. */
bool clause_narrows(struct reading *r, size_t used);

/* "On staging, please.": belongs to what was said before. */
bool clause_is_tier(const struct vocabulary *v, const struct message *m,
		    struct span s);

/* "delete the draft release x": tells which, and speaks of nothing. */
bool clause_is_adjective(const struct reading *r, size_t used);

/* settle.c */

/* Is the statement about "it", and does what it is about stand before the
 * verb?  first: of its sentence. */
void statement_settle(const struct reading *r, size_t at, size_t first);

/* remark.c: what is said beside */

/* ", the deadline is over": a clause of its own that says nothing of which
 * things are meant, behind the comma at this place. */
bool clause_is_remark(const struct reading *r, size_t at);
/* "reply that we can't reproduce it and close it": what cannot be done is no
 * deed, and what is said ends with its "it". */
bool clause_ends_remark(const struct reading *r, size_t at);

/* "push x, you'll have to force": a push that replaces. */
void message_forces(const struct vocabulary *v, struct message *m);

/* mood.c: does a verb ask, forbid or only tell? */

/* "the push", "last commit": the word is no verb here. */
bool mood_is_no_verb(const struct reading *r, size_t at, size_t used,
		     enum form form);
enum mood mood_of_verb(const struct reading *r, size_t at, enum form form);
void mood_comma_ends_negation(struct reading *r, size_t at);
void mood_comma_ends_report(struct reading *r, size_t at);

/* retract.c: "never mind", "wait, don't": how many words; 0: none. */
size_t frame_retracts(const struct reading *r);

/* frame.c: what stands around a verb and decides what it does */

/* What changes whatever verb comes, or takes back what came: how many words;
 * 0: none. */
size_t frame_take(struct reading *r);
/* Begins a clause at this place? */
bool frame_at_head(const struct reading *r, size_t at);
/* Is the verb at this place what was granted? */
bool frame_is_granted(const struct reading *r, size_t at, enum form form);
/* Behind "is safe to": a "do it" makes it asked for. */
bool frame_is_proposed(const struct reading *r, size_t at, enum form form);
/* "is deleted" behind "make sure"; *mood then. */
bool frame_is_ensured(const struct reading *r, size_t at, enum form form,
		      enum mood *mood);
/* "The log says:" before this sentence. */
bool frame_is_spoken(const struct reading *r);
/* "Ben will delete", "let Ben delete", "you might delete". */
bool frame_is_others(const struct reading *r, size_t at);
/* "should have deleted" */
bool frame_is_perfect(const struct reading *r, size_t at);
/* "nobody uses x so remove it": what was told ends. */
bool frame_ends_told(const struct reading *r);
/* "can we delete" asks, though it has a subject. */
bool frame_can_we(const struct reading *r, size_t at);
/* "asked if x could be deleted" */
bool frame_in_doubt(const struct reading *r, size_t at);
/* "keep x from being deleted" */
bool frame_is_prevented(const struct reading *r, size_t at, enum form form);
/* "I ran git branch -D x" */
bool frame_was_run(const struct reading *r, size_t at);
/* "git push -f: what does it do?": what stands before the colon is asked
 * about. */
void frame_is_asked_about(struct message *m, size_t first, size_t end);
/* "needs deleting" */
bool frame_needs(const struct reading *r, size_t at);
/* "do not hesitate to keep": a "keep" that is negated keeps nothing. */
bool frame_keeps_not(const struct reading *r, size_t at);
/* "use git branch -D to delete x" */
bool frame_is_means(const struct reading *r, size_t to);
/* "I may delete", "we could delete" */
bool frame_is_permitted(const struct reading *r, size_t at);
/* "removal of": of what is granted only. */
bool frame_is_noun(const struct reading *r, size_t at);

/* there.c: "in there": in the one folder that was named. */
void message_there(struct message *m);
/* "find /srv -name x -delete" as a sentence. */
void message_literal(struct message *m);
void message_cut(void *ctx, const char *text, struct message *m,
		 struct sentences *s);
/* Appends what one sentence says. */
void statements_of(void *ctx, const struct vocabulary *v, struct message *m,
		   const struct sentence *s);

#endif
