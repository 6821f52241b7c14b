/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 3: what a command does to the world, as a list of effects.  The
 * tools add them, scope.c says where their objects lie, reversal/ says how
 * far each can be undone, policy/ gives each its word.
 */
#ifndef AUTOMODE_EFFECTS_EFFECT_H
#define AUTOMODE_EFFECTS_EFFECT_H

#include "effects/losses.h"
#include <stdbool.h>
#include <stddef.h>

enum effect_kind {
	EFFECT_NONE = 0, /* a bug; treated as exec.unknown */
#define EFFECT(id, name, does) EFFECT_##id,
#include "effects/effect_list.h"
#undef EFFECT
	EFFECT_COUNT
};

enum scope {
	SCOPE_UNKNOWN = 0, /* treated as outside (paths) or foreign (hosts) */
	SCOPE_SCRATCH,	   /* made in this session, in a temporary folder */
	SCOPE_WORKSPACE,
	SCOPE_OUTSIDE,
	SCOPE_HOME,
	SCOPE_SYSTEM,
	SCOPE_PROTECTED, /* named by a profile, or protected from first sight */
	SCOPE_SECRET,
	SCOPE_LOCAL, /* hosts and remotes from here on */
	SCOPE_TRUSTED,
	SCOPE_FOREIGN,
	SCOPE_PRODUCTION,
	SCOPE_COUNT
};

enum undo {
	UNDO_UNSET = 0, /* not assessed: counts as no */
	UNDO_YES,	/* nothing would be lost */
	UNDO_SNAPSHOT,	/* it can be kept first */
	UNDO_NO,
};

/* A table of a database. */
struct effect_part {
	const char *name; /* safe text */
	bool rows;	  /* some of its rows are changed, none goes */
	bool alters;	  /* what is there is changed, not added to */
};

struct effect {
	enum effect_kind kind;
	enum scope scope;
	enum undo undo;
	unsigned losses;    /* LOSS_* of this effect; 0: loses nothing by itself
			     * (undo then stays as the tool set it) */
	const char *object; /* ref, path, remote/ref, key ...; safe text */
	const char *why;    /* what would be lost or exposed; NULL */
	const char *instead; /* a command that automode accepts; NULL */
	/* Of a remote's ref, as the remote itself has it (hex): what it points
	 * at, and what the default branch there does; NULL: not known.  Refs
	 * below refs/remotes are anybody's to write. */
	const char *tip, *trunk;
	const char *runs; /* what another machine would run; NULL: unknown */
	/* Of a database: its name, and all that it is done to; NULL, 0: not
	 * known. */
	const char *within;
	const struct effect_part *parts;
	size_t nparts;
	/* Where the shipped policy denies it, the user's own words that name
	 * the database and what is done to it may allow it. */
	bool words_open;
};

struct effects {
	struct effect *v; /* talloc child of the context given */
	size_t n;
	void *ctx;
};

void effects_init(void *ctx, struct effects *fx);
/* Adds one and returns it for further filling; object is copied (made safe)
 * and may be NULL. */
struct effect *effects_add(struct effects *fx, enum effect_kind kind,
			   enum scope scope, const char *object);
const char *effect_name(enum effect_kind kind); /* "ref.delete" */
const char *effect_does(enum effect_kind kind);
enum effect_kind effect_by_name(const char *name); /* EFFECT_NONE: unknown */
const char *scope_name(enum scope scope);
enum scope scope_by_name(const char *name);
const char *undo_name(enum undo undo); /* "yes" "snapshot" "no" */
/* Is it a read, judged by kind alone? (file.read, net.fetch, db.read) */
bool effect_is_read(enum effect_kind kind);

#endif
