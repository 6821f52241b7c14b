/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A push in its parts: what the oracle says it would do (git_push_oracle.c),
 * what another machine has (git_push_far.c), which commits would go
 * (git_push_lost.c), what each update means (git_push_judge.c), what runs and
 * changes beside refs (git_push_here.c), what is run (git_push.c).
 */
#ifndef AUTOMODE_TOOLS_GIT_PUSH_H
#define AUTOMODE_TOOLS_GIT_PUSH_H

#include "tools/git_remotes.h"

struct push_line {
	char flag;	  /* of --porcelain: ' ' '+' '-' '*' '=' '!' */
	const char *from; /* local name or expression; "" for a deletion */
	const char *to;	  /* full name there */
	const char *text; /* summary and reason */
	size_t url;	  /* index in the remote's push URLs */
	git_oid was;	  /* there now; zero when not there or not known */
	git_oid will;	  /* there afterwards; zero when deleted, not known */
	bool pinned;	  /* forced or deleted: run with a lease on `was` */
};

struct push_ref {
	const char *name;
	git_oid oid;
};

/* What a remote has, as far as it can be looked at. */
struct push_there {
	struct push_ref *refs; /* without HEAD and peeled ones */
	size_t nrefs;
	const char *head;    /* full name of its default branch, or NULL */
	git_repository *git; /* holds its objects and ours; NULL: none */
	const char *from;    /* for remote_loss.from */
};

struct push {
	struct git_call *g;
	struct git_remote remote;
	struct push_line *lines;
	size_t nlines;
	int status;   /* of the dry run */
	bool guessed; /* lines are by the last fetch: all go forward */
};

/* What the push would do if the remote were as the last fetch saw it, without
 * asking it: only where all would go forward, from one URL's known branches.
 * Whatever it has become, none but a fast-forward is permitted then.  false:
 * it has to be asked. */
bool push_guess(struct push *p);
/* The same where no git is needed to tell (git_push_plain.c). */
bool push_plain(struct push *p);
/* The same with another repository in the place of that URL (as an argument
 * of -c and as git prints it), read by these words. */
int push_dry_run(struct push *p, const struct command *like, const char *raw,
		 const char *instead, struct err *e);
/* Runs the dry run and reads its lines; p->nlines 0: git refuses by itself,
 * or nothing is to be done. */
int push_ask(struct push *p, struct err *e);
/* Adds the effects of all lines to one URL. */
int push_judge(struct push *p, size_t url, struct err *e);

/* Asks a host what it has, and fetches what is not here of the refs that the
 * lines would force or delete; fills their `was`.  p->nlines stay. */
int push_look_far(struct push *p, size_t url, struct push_there *out,
		  struct err *e);
/* An empty bare repository in a folder of ours that borrows the project's
 * objects: out->git, out->from. */
int push_make_room(struct push *p, struct push_there *out, struct err *e);
/* The permits for the lines, when they have been judged. */
void push_permit(struct push *p);

struct push_lost {
	size_t commits, others;
	char authors[256];
	size_t nauthors;
	char newest[192];
	bool unknown;
};
struct push_owner;
/* Commits that only this ref of the remote holds and the new value (NULL:
 * none) does not. */
void push_find_lost(struct push *p, const struct push_there *there,
		    struct push_owner *owner, const struct push_line *l,
		    const git_oid *new, struct push_lost *out);

/* Is the commit the person's or this session's own? */
struct push_owner *push_owner_new(struct git_call *g);
bool push_owner_made(const struct push_owner *o, const git_commit *commit);

/* Credentials in what the lines to one URL would add (git_push_secrets.c). */
void
push_find_secrets(struct push *p, size_t url, const struct push_there *there);

/* git_push_here.c: of a repository on this machine; there may be NULL. */
/* Its hooks run here, in our box. */
void push_runs_hooks_of(struct git_call *g, const struct repository *there);
/* receive.denyCurrentBranch=updateInstead: a push of ref checks out there. */
void push_updates_worktree(struct git_call *g, const struct repository *there,
			   const char *ref);

#endif
