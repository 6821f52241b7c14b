/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What reading a git command line yields: the list of options, the operands,
 * and the canonical line, written as the words are understood.
 */
#include "base/text.h"
#include "parse/git_reader.h"
#include <string.h>
#include <talloc.h>

static void *
room(void *ctx, void *array, size_t size, size_t n, size_t *have)
{
	if (n < *have)
		return array;
	*have = *have ? *have * 2 : 16;
	array = talloc_realloc_size(ctx, array, *have * size);
	if (!array)
		BUG("out of memory");
	return array;
}

char *
git_made(char *s)
{
	if (!s)
		BUG("out of memory");
	return s;
}

void
git_emit(struct git_reader *r, const char *word)
{
	struct options *o = r->out;

	o->canonical = room(r->ctx, o->canonical, sizeof(*o->canonical),
			    o->ncanonical + 1, &r->canonical_room);
	o->canonical[o->ncanonical++] = word;
	o->canonical[o->ncanonical] = NULL;
}

void
git_emit_operand(struct git_reader *r, const char *word)
{
	struct options *o = r->out;

	o->operands = room(r->ctx, o->operands, sizeof(*o->operands),
			   o->noperands + 1, &r->operands_room);
	o->operands[o->noperands++] = word;
	o->operands[o->noperands] = NULL;
	git_emit(r, word);
}

int
git_unknown(struct git_reader *r, const char *word)
{
	return err_set(r->e, ERR_UNKNOWN, "unknown option: %s (git %s)",
		       text_safe(r->ctx, word), r->command);
}

const struct option_spec *
git_primary(const struct option_spec *o)
{
	while (o->flags & OPTION_ALIAS)
		o--;
	return o;
}

const char *
git_option_word(struct git_reader *r, const struct git_match *m)
{
	const struct option_spec *s = m->spec;

	if (s->letter && (m->letter || !s->name))
		return git_made(talloc_asprintf(r->ctx, "-%c", s->letter));
	if (!m->negated)
		return git_made(talloc_asprintf(r->ctx, "--%s", s->name));
	if (!strncmp(s->name, "no-", 3))
		return git_made(talloc_asprintf(r->ctx, "--%s", s->name + 3));
	return git_made(talloc_asprintf(r->ctx, "--no-%s", s->name));
}

static void
emit_canonical(struct git_reader *r, const struct git_match *m,
	       const char *value)
{
	const struct option_spec *s = m->spec;
	const char *word;
	bool by_letter = s->letter && (m->letter || !s->name);

	if (s->kind == OPTION_NUMBER) {
		git_emit(r, git_made(talloc_asprintf(r->ctx, "-%s", value)));
		return;
	}
	if (s->flags & OPTION_NODASH) {
		git_emit(r, git_made(talloc_strndup(r->ctx, &s->letter, 1)));
		return;
	}
	word = git_option_word(r, m);
	if (!value) {
		git_emit(r, word);
	} else if (s->kind == OPTION_NEXT || s->kind == OPTION_FLAG ||
		   m->apart || (by_letter && !value[0])) {
		git_emit(r, word);
		git_emit(r, value);
	} else {
		git_emit(
		    r, git_made(talloc_asprintf(r->ctx, "%s%s%s", word,
						by_letter ? "" : "=", value)));
	}
}

void
git_add_option(struct git_reader *r, const struct git_match *match,
	       const char *value, size_t at)
{
	struct options *o = r->out;
	struct git_match m = *match;
	struct option *x;

	m.spec = git_primary(m.spec);
	m.letter = m.letter && m.verbatim;
	o->v = room(r->ctx, o->v, sizeof(*o->v), o->n, &r->v_room);
	x = &o->v[o->n++];
	x->spec = m.spec;
	x->name = m.spec->name
		      ? m.spec->name
		      : git_made(talloc_strndup(r->ctx, &m.spec->letter, 1));
	x->value = value;
	x->negated = m.negated;
	x->at = at;
	emit_canonical(r, &m, value);
}
