/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An effect in the terms in which a person speaks of it: what kind of thing
 * its object is, by which names it goes, where it lies, and the facts by which
 * a set ("my merged branches") holds it or not.
 */
#ifndef AUTOMODE_JUDGE_DEED_H
#define AUTOMODE_JUDGE_DEED_H

#include "effects/effect.h"
#include "tools/tool.h"
#include <stdint.h>

enum lane { LANE_UNKNOWN = 0, LANE_LOCAL, LANE_REMOTE };
enum tier { TIER_UNKNOWN = 0, TIER_PRODUCTION, TIER_STAGING, TIER_DEVELOPMENT };
enum truth { TRUTH_UNKNOWN = 0, TRUTH_NO, TRUTH_YES };

struct deed {
	enum effect_kind kind;
	enum scope scope;
	const char *noun;   /* of the vocabulary: "branch"; NULL: none fits */
	const char *also;   /* another that fits: a commit of a branch */
	const char *object; /* the effect's, safe text; NULL */
	const char **names; /* any of them names the object, as written */
	size_t nnames;
	const char *text;    /* what globs and numbers are looked for in:
			      * "feature/4812-retry"; NULL */
	const char *stem;    /* its name without the environment: "mailer" of
			      * "mailer-staging"; NULL */
	const char *place;   /* "acme/widgets": words that name another mean
			      * another thing; NULL */
	const char *remote;  /* "origin", the host ...; NULL */
	const char *summary; /* of the command: "git push" */
	const char *runs;    /* the command that would run there; NULL */
	const char **sends;  /* files whose content goes there, absolute */
	size_t nsends;
	enum lane lane;
	enum tier tier;
	bool remark;		 /* a comment on it, no change of it */
	bool elsewhere;		 /* another project than the folder's own */
	bool alters;		 /* a table: more than an addition */
	bool has_local;		 /* LANE_REMOTE: the same is here, too */
	const char *tip, *trunk; /* as in struct effect */
	enum truth mine, merged;
	int64_t age_s; /* of the last change; -1: unknown */
};

struct deeds {
	struct deed *v;
	size_t n;
};

/* Of all effects but reads.  repo may be NULL.  Facts come from the
 * repository by libgit2 (tip author against user.email of the person's own
 * configuration, merged into the default branch or HEAD, time of the tip) and
 * from stat(2); what cannot be found out is unknown. */
void deeds_of(void *ctx, const struct effects *fx, const struct command *cmd,
	      struct deeds *out);
/* "ref.delete trusted origin/feature/x git push; mine merged age=40d": effect,
 * scope, object ("+": a blank, "-": none), the command's summary; then what is
 * known: mine theirs merged unmerged age=Nd local runs=a+command.  false: no
 * such line. */
bool deed_from_line(void *ctx, const char *line, struct deed *out);
/* deed_tier.c: for deeds_of() */
enum tier deed_tier(void *ctx, const struct deed *d);
void deed_stem(void *ctx, struct deed *d);
void deed_add_name(void *ctx, struct deed *d, const char *name);

#endif
