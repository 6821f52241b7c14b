/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of getopt_long(3), glibc's own order of looking. */
#include "parse/getopt.h"
#include "base/memory.h"
#include "base/text.h"
#include <stdint.h>
#include <string.h>
#include <talloc.h>

struct reader {
	void *ctx;
	const struct option_spec *table;
	const char *const *args;
	size_t i;	     /* the word being read */
	struct options *out; /* room: one entry for each letter or word */
	size_t v_room, canonical_room;
	bool exact;
	struct err *e;
};

static void
emit(struct reader *r, const char *word)
{
	struct options *o = r->out;

	if (o->ncanonical + 1 >= r->canonical_room) {
		r->canonical_room = r->canonical_room * 2 + 16;
		o->canonical =
		    have(talloc_realloc(r->ctx, o->canonical, const char *,
					(unsigned)r->canonical_room));
	}
	o->canonical[o->ncanonical++] = word;
	o->canonical[o->ncanonical] = NULL;
}

static const struct option_spec *
primary(const struct reader *r, const struct option_spec *s)
{
	while (s != r->table && (s->flags & OPTION_ALIAS))
		s--;
	return s;
}

static bool
is_end(const struct option_spec *s)
{
	return !s->name && !s->letter;
}

static void
add(struct reader *r, const struct option_spec *s, const char *value)
{
	const struct option_spec *p = primary(r, s);
	struct options *o = r->out;

	if (o->n == r->v_room) {
		r->v_room = r->v_room * 2 + 16;
		o->v = have(talloc_realloc(r->ctx, o->v, struct option,
					   (unsigned)r->v_room));
	}
	o->v[o->n++] = (struct option){
	    .spec = p,
	    .name = p->name ? p->name
			    : have(talloc_asprintf(r->ctx, "%c", p->letter)),
	    .value = value,
	    .at = r->i,
	};
}

/* The row for a long name of len bytes: the exact one, else the only one that
 * begins so, where several that mean the same count as one. */
static const struct option_spec *
find_long(struct reader *r, const char *name, size_t len, bool *ambiguous)
{
	const struct option_spec *found = NULL, *s;

	*ambiguous = false;
	for (s = r->table; !is_end(s); s++)
		if (s->name && !strncmp(s->name, name, len) && !s->name[len])
			return s;
	for (s = r->table; !is_end(s) && !r->exact; s++) {
		if (!s->name || strncmp(s->name, name, len) != 0)
			continue;
		if (found && (primary(r, found) != primary(r, s) ||
			      found->kind != s->kind))
			*ambiguous = true;
		found = found ? found : s;
	}
	return found;
}

static int
read_long(struct reader *r)
{
	const char *word = r->args[r->i] + 2, *eq = strchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : strlen(word);
	const struct option_spec *s;
	const char *value = eq ? eq + 1 : NULL;
	bool ambiguous;

	s = find_long(r, word, len, &ambiguous);
	if (ambiguous)
		return err_set(r->e, ERR_SYNTAX, "option %s is ambiguous",
			       text_safe(r->ctx, r->args[r->i]));
	if (!s)
		return err_set(r->e, ERR_UNKNOWN,
			       "option %s is not in the table",
			       text_safe(r->ctx, r->args[r->i]));
	if (value && s->kind == OPTION_FLAG)
		return err_set(r->e, ERR_SYNTAX, "option --%s takes no value",
			       s->name);
	if (!value && s->kind == OPTION_ARG) {
		value = r->args[r->i + 1];
		if (!value)
			return err_set(r->e, ERR_SYNTAX,
				       "option --%s needs a value", s->name);
		add(r, s, value);
		r->i++;
	} else {
		add(r, s, value);
	}
	emit(r, value ? have(talloc_asprintf(r->ctx, "--%s=%s", s->name, value))
		      : have(talloc_asprintf(r->ctx, "--%s", s->name)));
	return 0;
}

static const struct option_spec *
find_letter(const struct reader *r, char letter)
{
	for (const struct option_spec *s = r->table; !is_end(s); s++)
		if (s->letter == letter)
			return s;
	return NULL;
}

static int
read_cluster(struct reader *r)
{
	const char *p = r->args[r->i] + 1;

	for (; *p; p++) {
		const struct option_spec *s = find_letter(r, *p);
		const char *value = NULL, *word;

		if (!s)
			return err_set(r->e, ERR_UNKNOWN,
				       "option -%s of %s is not in the table",
				       text_safe_len(r->ctx, p, 1),
				       text_safe(r->ctx, r->args[r->i]));
		word = have(talloc_asprintf(r->ctx, "-%c", *p));
		if (s->kind == OPTION_FLAG) {
			add(r, s, NULL);
			emit(r, word);
			continue;
		}
		if (p[1])
			value = p + 1;
		else if (s->kind == OPTION_ARG && !r->args[r->i + 1])
			return err_set(r->e, ERR_SYNTAX,
				       "option -%c needs a value", *p);
		else if (s->kind == OPTION_ARG)
			value = r->args[r->i + 1];
		add(r, s, value);
		if (p[1]) {
			emit(r,
			     have(talloc_asprintf(r->ctx, "-%c%s", *p, value)));
			return 0;
		}
		emit(r, word);
		if (s->kind == OPTION_ARG) {
			emit(r, value);
			r->i++;
		}
		return 0;
	}
	return 0;
}

static void
operand(struct reader *r, const char *word)
{
	r->out->operands[r->out->noperands++] = word;
	r->out->operands[r->out->noperands] = NULL;
}

int
getopt_read(void *ctx, const struct option_spec *table, unsigned flags,
	    const char *const *args, struct options *out, struct err *e)
{
	struct reader r = {.ctx = ctx,
			   .table = table,
			   .args = args,
			   .out = out,
			   .exact = flags & GETOPT_EXACT,
			   .e = e};
	bool over = false;
	size_t n = 0;

	while (args[n])
		n++;
	*out = (struct options){.dashdash = SIZE_MAX};
	out->operands = have(talloc_zero_array(ctx, const char *, n + 1));
	for (; r.i < n; r.i++) {
		const char *word = args[r.i];
		int rc;

		if (over || *word != '-' || !word[1]) {
			over |= (flags & GETOPT_STOP) != 0;
			operand(&r, word);
			continue;
		}
		if (!strcmp(word, "--")) {
			if (out->dashdash == SIZE_MAX)
				out->dashdash = out->noperands;
			over = true;
			continue;
		}
		rc = word[1] == '-' ? read_long(&r) : read_cluster(&r);
		if (rc == ERR_UNKNOWN && (flags & GETOPT_LENIENT)) {
			over = true;
			operand(&r, word);
			continue;
		}
		if (rc < 0)
			return rc;
	}
	emit(&r, "--");
	for (size_t i = 0; i < out->noperands; i++)
		emit(&r, out->operands[i]);
	return 0;
}
