/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 6: what the owner said about the effects.
 *
 * Profiles are git-config files read with libgit2.  Layers, later ones
 * tighten (or, for the user's and system's own, set):
 *	built-in (profiles/default.automode as shipped, by its place)
 *	/etc/automode/policy
 *	~/.config/automode/policy
 *	.automode at the work tree's root (tightens only, until trusted)
 */
#ifndef AUTOMODE_POLICY_POLICY_H
#define AUTOMODE_POLICY_POLICY_H

#include "effects/effect.h"
#include "effects/scope.h"

enum word {		    /* ordered: the severest over all effects wins */
	    WORD_UNSET = 0, /* counts as deny */
	    WORD_ALLOW,
	    WORD_UNDOABLE,
	    WORD_ASK,
	    WORD_DENY,
};

enum layer {
	LAYER_BUILTIN,
	LAYER_SYSTEM,
	LAYER_USER,
	LAYER_REPOSITORY,
	LAYER_COUNT
};

struct word_origin {
	enum word word;
	enum layer layer;
	const char *file; /* and line where libgit2 tells; else the file */
};

struct policy_value { /* any other key, for `automode profile` */
	const char *key, *value;
	enum layer layer;
	const char *file;
};

struct classifier_keys {
	const char *url; /* NULL: there is none */
	const char *model, *api;
	const char *key_env, *key_file, *key_command;
	uint32_t budget; /* calls a session */
	const char **environment, **block, **allow;
	size_t nenvironment, nblock, nallow;
};

struct policy {
	struct word_origin words[EFFECT_COUNT][SCOPE_COUNT];
	struct scope_rules rules;
	bool sandbox_required;
	bool hooks_network; /* [hooks] network: hooks may reach the network */
	int64_t approval_wait_s, approval_expires_s;
	const char *approval_notify; /* NULL: nobody is told */
	bool approval_headless;	     /* nobody is there to be asked */
	uint32_t breaker_row, breaker_total;
	struct classifier_keys classifier;
	struct policy_value *values;
	size_t nvalues;
	const char **locks; /* keys that only the system layer may loosen */
	size_t nlocks;
	bool repository_untrusted; /* a .automode is there and not trusted */
};

/* Loads all layers for an invocation; worktree may be NULL.  Errors name
 * file, line where known, key, and the nearest known key.  base: a policy of
 * the first three layers to start from (loaded once by the gateway), or NULL
 * to load them too. */
int policy_load(void *ctx, const struct policy *base, const char *home,
		const char *worktree, struct policy **out, struct err *e);
/* One file into p, as that layer (fuzzed through policy_read_text). */
int policy_read_file(void *ctx, struct policy *p, const char *path,
		     enum layer layer, struct err *e);
int policy_read_text(void *ctx, struct policy *p, const char *text,
		     enum layer layer, struct err *e);
/* A repository's .automode, read once: 1 when there is none. */
int policy_repository_text(void *ctx, const char *path, char **text,
			   size_t *len, struct err *e);
/* Such a text into p, as if the owner trusted it, or did not. */
int policy_read_repository(struct policy *p, const char *file, const char *text,
			   size_t len, bool trusted, const char *home,
			   struct err *e);
/* Effective policy as a profile text: print, load, print gives the same. */
char *policy_print(void *ctx, const struct policy *p);
const char *word_name(enum word w);
const char *layer_name(enum layer l); /* "built-in" "system" "user" ... */

#endif
