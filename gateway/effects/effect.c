/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of effects of one command, and the spellings of effects, scopes
 * and undo in policies and output.
 */
#include "effects/effect.h"
#include "base/err.h"
#include "base/text.h"
#include <talloc.h>

static const char *const names[EFFECT_COUNT] = {
    [EFFECT_NONE] = "none",
#define EFFECT(id, name, does) [EFFECT_##id] = name,
#include "effects/effect_list.h"
#undef EFFECT
};

static const char *const deeds[EFFECT_COUNT] = {
    [EFFECT_NONE] = "does nothing that is known",
#define EFFECT(id, name, does) [EFFECT_##id] = does,
#include "effects/effect_list.h"
#undef EFFECT
};

static const char *const scopes[SCOPE_COUNT] = {
    [SCOPE_UNKNOWN] = "unknown",     [SCOPE_SCRATCH] = "scratch",
    [SCOPE_WORKSPACE] = "workspace", [SCOPE_OUTSIDE] = "outside",
    [SCOPE_HOME] = "home",	     [SCOPE_SYSTEM] = "system",
    [SCOPE_PROTECTED] = "protected", [SCOPE_SECRET] = "secret",
    [SCOPE_LOCAL] = "local",	     [SCOPE_TRUSTED] = "trusted",
    [SCOPE_FOREIGN] = "foreign",     [SCOPE_PRODUCTION] = "production",
};

void
effects_init(void *ctx, struct effects *fx)
{
	*fx = (struct effects){.ctx = ctx};
}

struct effect *
effects_add(struct effects *fx, enum effect_kind kind, enum scope scope,
	    const char *object)
{
	size_t room = fx->v ? talloc_array_length(fx->v) : 0;
	struct effect *new;

	if (kind <= EFFECT_NONE || kind >= EFFECT_COUNT)
		BUG("effect kind %d", (int)kind);
	/* The first piece of memory holds what nearly every command has, so
	 * that pointers to earlier effects stay good meanwhile. */
	if (fx->n == room) {
		fx->v = talloc_realloc(fx->ctx, fx->v, struct effect,
				       room ? room * 2 : 64);
		if (!fx->v)
			BUG("out of memory");
	}
	new = &fx->v[fx->n++];
	*new = (struct effect){.kind = kind, .scope = scope};
	if (object) {
		new->object = text_safe(fx->v, object);
		if (!new->object)
			BUG("out of memory");
	}
	return new;
}

const char *
effect_name(enum effect_kind kind)
{
	return kind > EFFECT_NONE && kind < EFFECT_COUNT ? names[kind]
							 : names[EFFECT_NONE];
}

const char *
effect_does(enum effect_kind kind)
{
	return kind > EFFECT_NONE && kind < EFFECT_COUNT ? deeds[kind]
							 : deeds[EFFECT_NONE];
}

enum effect_kind
effect_by_name(const char *name)
{
	for (int i = EFFECT_NONE + 1; i < EFFECT_COUNT; i++)
		if (!strcmp(names[i], name))
			return (enum effect_kind)i;
	return EFFECT_NONE;
}

const char *
scope_name(enum scope scope)
{
	return scope > SCOPE_UNKNOWN && scope < SCOPE_COUNT
		   ? scopes[scope]
		   : scopes[SCOPE_UNKNOWN];
}

enum scope
scope_by_name(const char *name)
{
	for (int i = SCOPE_UNKNOWN + 1; i < SCOPE_COUNT; i++)
		if (!strcmp(scopes[i], name))
			return (enum scope)i;
	return SCOPE_UNKNOWN;
}

const char *
undo_name(enum undo undo)
{
	switch (undo) {
	case UNDO_YES:
		return "yes";
	case UNDO_SNAPSHOT:
		return "snapshot";
	case UNDO_UNSET:
	case UNDO_NO:
		break;
	}
	return "no";
}

bool
effect_is_read(enum effect_kind kind)
{
	return kind == EFFECT_FILE_READ || kind == EFFECT_NET_FETCH ||
	       kind == EFFECT_DB_READ;
}
