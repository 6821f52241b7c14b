/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "push [+]SRC:DST" of git-remote-https(1), held against the permit.
 *
 * What goes on is made from the permit: the object that was judged, and the
 * value that was judged as what must be there ("option cas", which becomes
 * --force-with-lease of git send-pack).  A lease forces by itself; "+" would
 * override it (git 2.39, set_ref_status_for_push) and is left out.
 */
#include "base/own.h"
#include "base/text.h"
#include "transport/https_private.h"
#include <ctype.h>

static const struct permit_update *
update_of(const struct transport_permit *p, const char *ref)
{
	for (size_t i = 0; i < p->nupdates; i++)
		if (strcmp(p->updates[i].ref, ref) == 0)
			return &p->updates[i];
	return NULL;
}

static bool
is_hex(const char *s)
{
	size_t n = strlen(s);

	for (; *s; s++)
		if (!isxdigit((unsigned char)*s))
			return false;
	return n == 40 || n == 64;
}

static int
rewrite(void *ctx, const struct transport_permit *permit, const char *line,
	char **cas, char **push, size_t *options, struct err *e)
{
	const char *src = line + strlen("push "), *dst;
	const struct permit_update *u;
	bool gone;

	if (*src == '+')
		src++;
	/* neither half has a colon of its own (git-check-ref-format) */
	dst = strrchr(src, ':');
	if (!dst)
		return err_set(e, ERR_SYNTAX, "a push without a destination");
	gone = dst == src;
	dst++;
	u = update_of(permit, dst);
	if (!u || gone != !u->will)
		return err_set(e, ERR_UNKNOWN,
			       "%s %s is not what this push was judged for",
			       gone ? "deleting" : "updating",
			       text_safe(ctx, dst));
	if ((u->was && !is_hex(u->was)) || (u->will && !is_hex(u->will)))
		BUG("a permit without object names");
	/* without a lease and "+" git goes forward only */
	if (!u->forward_in) {
		*cas = talloc_asprintf_append(*cas, "option cas %s:%s\n",
					      u->ref, u->was ? u->was : "");
		++*options;
	}
	*push = talloc_asprintf_append(*push, "push %s:%s\n",
				       u->will ? u->will : "", u->ref);
	return 0;
}

static char *
as_it_came(void *ctx, const struct push_batch *b)
{
	char *text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < b->ncas; i++)
		text =
		    talloc_asprintf_append(text, "option cas %s\n", b->cas[i]);
	for (size_t i = 0; i < b->n; i++)
		text = talloc_asprintf_append(text, "%s\n", b->lines[i]);
	return talloc_strdup_append(text, "\n");
}

int
push_batch_rewrite(void *ctx, const struct transport_permit *permit,
		   const struct push_batch *b, char **text, size_t *options,
		   struct err *e)
{
	char *cas = talloc_strdup(ctx, ""), *push = talloc_strdup(ctx, "");

	*options = 0;
	if (!permit->push)
		return err_set(e, ERR_UNKNOWN,
			       "a push is not what this command was judged "
			       "for");
	if (b->dry_run) {
		*text = as_it_came(ctx, b);
		*options = b->ncas;
		return 0;
	}
	if (permit->nupdates == 0)
		return err_set(e, ERR_UNKNOWN,
			       "only a dry run of this push was judged");
	for (size_t i = 0; i < b->n; i++) {
		if (rewrite(ctx, permit, b->lines[i], &cas, &push, options, e) <
		    0)
			return e->code;
		/* the same destination twice would make two leases of one */
		for (size_t k = 0; k < i; k++)
			if (strcmp(strrchr(b->lines[k], ':'),
				   strrchr(b->lines[i], ':')) == 0)
				return err_set(e, ERR_SYNTAX,
					       "a push with one destination "
					       "twice");
	}
	*text = talloc_asprintf(ctx, "%s%s\n", cas, push);
	if (!*text)
		BUG("out of memory");
	return 0;
}
