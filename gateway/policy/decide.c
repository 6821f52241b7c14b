/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Effects and what can be undone of them -> verdict.  Pure.
 */
#include "policy/decide.h"
#include "base/path.h"
#include "base/text.h"
#include <stdarg.h>
#include <talloc.h>

/* Kinds that do nothing at all when their loss sets are empty: `clean` in a
 * clean tree, `reset --hard` without changes.  State decides before the word
 * does. */
static bool
empty_is_read(enum effect_kind kind)
{
	switch (kind) {
	case EFFECT_WORKTREE_DISCARD:
	case EFFECT_INDEX_DISCARD:
	case EFFECT_UNTRACKED_DELETE:
	case EFFECT_REFLOG_EXPIRE:
	case EFFECT_STASH_DROP:
		return true;
	default:
		return false;
	}
}

static bool
moves_refs(enum effect_kind kind)
{
	return kind == EFFECT_REF_DELETE || kind == EFFECT_REF_OVERWRITE ||
	       kind == EFFECT_HISTORY_REWRITE;
}

/* A branch that the profile names is never overwritten or deleted; one that
 * is only protected from first sight (a remote's default branch) asks. */
static bool
named_by_profile(const struct policy *p, const struct effect *fx)
{
	const char *name = fx->object, *slash;

	if (fx->scope != SCOPE_PROTECTED || !moves_refs(fx->kind) || !name)
		return false;
	if (scope_branch_protected(&p->rules, name))
		return true;
	slash = strchr(name, '/');
	return slash && scope_branch_protected(&p->rules, slash + 1);
}

static enum word
word_for(const struct policy *p, const struct effect *fx,
	 const struct word_origin **origin)
{
	static const struct word_origin unset;
	static const struct word_origin profile = {WORD_DENY, LAYER_USER,
						   "protect.branch"};
	enum word w;

	*origin = &unset;
	if (fx->kind <= EFFECT_NONE || fx->kind >= EFFECT_COUNT ||
	    fx->scope < SCOPE_UNKNOWN || fx->scope >= SCOPE_COUNT)
		return WORD_DENY;
	*origin = &p->words[fx->kind][fx->scope];
	w = (*origin)->word;
	if (fx->losses && fx->undo == UNDO_YES && empty_is_read(fx->kind))
		return WORD_ALLOW;
	if (named_by_profile(p, fx)) {
		*origin = &profile;
		return WORD_DENY;
	}
	if (w == WORD_UNSET)
		return WORD_DENY;
	if (w == WORD_UNDOABLE && fx->undo != UNDO_YES &&
	    fx->undo != UNDO_SNAPSHOT)
		return WORD_ASK;
	return w;
}

enum word
policy_word(const struct policy *p, const struct effect *fx)
{
	const struct word_origin *origin;

	return word_for(p, fx, &origin);
}

bool
policy_words_open(const struct policy *p, const struct effect *fx)
{
	const struct word_origin *origin;

	return word_for(p, fx, &origin) == WORD_DENY && fx->words_open &&
	       origin->layer == LAYER_BUILTIN;
}

static char *
reason_of(void *ctx, const struct effect *fx, enum word asked)
{
	char *s = talloc_strdup(ctx, effect_does(fx->kind));

	if (fx->object && *fx->object)
		s = talloc_asprintf_append_buffer(s, ": %s", fx->object);
	if (fx->scope == SCOPE_PROTECTED || fx->scope == SCOPE_OUTSIDE ||
	    fx->scope == SCOPE_SYSTEM || fx->scope == SCOPE_HOME ||
	    fx->scope == SCOPE_SECRET || fx->scope == SCOPE_FOREIGN ||
	    fx->scope == SCOPE_PRODUCTION)
		s = talloc_asprintf_append_buffer(s, " (%s)",
						  scope_name(fx->scope));
	if (fx->why && *fx->why)
		s = talloc_asprintf_append_buffer(s, "; %s", fx->why);
	if (asked == WORD_UNDOABLE)
		s = talloc_strdup_append_buffer(s, "; this cannot be kept");
	return s;
}

/* "remote.origin.push" for "origin/feature/x"; the name itself may hold
 * dots. */
static bool
push_named(const struct policy *p, const char *object)
{
	for (size_t i = 0; i < p->nvalues; i++) {
		const struct policy_value *v = &p->values[i];
		size_t n = strlen(v->key);

		if (n < 13 || strncasecmp(v->key, "remote.", 7) != 0 ||
		    strcasecmp(v->key + n - 5, ".push") != 0)
			continue;
		n -= 12;
		if (!strncmp(object, v->key + 7, n) && object[n] == '/' &&
		    path_glob_match(v->value, object + n + 1))
			return true;
	}
	return false;
}

/* Does the command only add to branches that a profile lets be pushed?  Never
 * to a remote that is not known. */
static bool
only_pushes_named(const struct policy *p, const struct effects *fx)
{
	bool named = false;

	for (size_t i = 0; i < fx->n; i++) {
		const struct effect *f = &fx->v[i];

		if (effect_is_read(f->kind))
			continue;
		if (f->scope != SCOPE_TRUSTED && f->scope != SCOPE_LOCAL &&
		    f->scope != SCOPE_PROTECTED)
			return false;
		if (f->kind == EFFECT_NET_SEND)
			continue;
		if ((f->kind != EFFECT_REF_CREATE &&
		     f->kind != EFFECT_REF_MOVE) ||
		    !f->object || !push_named(p, f->object))
			return false;
		named = true;
	}
	return named;
}

void
policy_decide(void *ctx, const struct policy *p, const struct effects *fx,
	      struct verdict *out)
{
	const struct effect *worst = NULL;
	const struct word_origin *origin, *worst_origin = NULL;
	enum word severest = WORD_UNSET;

	*out = (struct verdict){.undo = UNDO_YES,
				.rule = "read",
				.layer = layer_name(LAYER_BUILTIN)};
	for (size_t i = 0; i < fx->n; i++) {
		enum word w = word_for(p, &fx->v[i], &origin);
		enum undo u = fx->v[i].undo;

		if (w > severest ||
		    (w == severest && worst && effect_is_read(worst->kind))) {
			severest = w;
			worst = &fx->v[i];
			worst_origin = origin;
		}
		if (u == UNDO_UNSET)
			u = effect_is_read(fx->v[i].kind) ? UNDO_YES : UNDO_NO;
		if (u > out->undo)
			out->undo = u;
		if (u == UNDO_SNAPSHOT)
			out->keep = true;
	}
	if (!worst) {
		out->kind = VERDICT_ALLOW;
		out->reason = "reads, or changes nothing that could be lost";
		return;
	}
	out->rule = effect_name(worst->kind);
	out->layer = layer_name(worst_origin->layer);
	out->reason = reason_of(
	    ctx, worst, severest == WORD_ASK ? worst_origin->word : WORD_UNSET);
	out->alternative = worst->instead;
	out->kind = severest == WORD_ALLOW || severest == WORD_UNDOABLE
			? VERDICT_ALLOW
		    : severest == WORD_ASK ? VERDICT_ASK
					   : VERDICT_DENY;
	out->words_open = out->kind == VERDICT_DENY;
	for (size_t i = 0; i < fx->n; i++)
		if (word_for(p, &fx->v[i], &origin) == WORD_DENY &&
		    !policy_words_open(p, &fx->v[i]))
			out->words_open = false;
	if (out->kind == VERDICT_ASK && only_pushes_named(p, fx)) {
		out->kind = VERDICT_ALLOW;
		out->layer = "remote.push";
	}
}

void
verdict_refuse(void *ctx, struct verdict *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*out = (struct verdict){.kind = VERDICT_DENY,
				.rule = effect_name(EFFECT_EXEC_UNKNOWN),
				.layer = layer_name(LAYER_BUILTIN),
				.undo = UNDO_NO};
	out->reason = text_safe(ctx, talloc_vasprintf(ctx, fmt, ap));
	va_end(ap);
}
