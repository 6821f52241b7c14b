/* SPDX-License-Identifier: Apache-2.0 */
/* Filling the lists of struct losses. */
#include "effects/losses.h"
#include "base/err.h"
#include <talloc.h>

static void
add_name(void *ctx, const char ***list, size_t *n, const char *name)
{
	size_t room = *list ? talloc_array_length(*list) : 0;
	const char *copy;

	for (size_t i = 0; i < *n; i++)
		if (!strcmp((*list)[i], name))
			return;
	if (*n == room) {
		*list = talloc_realloc(ctx, *list, const char *,
				       room ? room * 2 : 8);
		if (!*list)
			BUG("out of memory");
	}
	copy = talloc_strdup(*list, name);
	if (!copy)
		BUG("out of memory");
	(*list)[(*n)++] = copy;
}

void
losses_add_tree(void *ctx, struct losses *l, const char *treeish)
{
	add_name(ctx, &l->trees, &l->ntrees, treeish);
}

void
losses_add_path(void *ctx, struct losses *l, const char *absolute)
{
	if (absolute[0] != '/')
		BUG("a lost path that is not absolute");
	add_name(ctx, &l->paths, &l->npaths, absolute);
}

void
losses_add_within(void *ctx, struct losses *l, const char *path)
{
	add_name(ctx, &l->within, &l->nwithin, path);
}

static const char *
copy_of(void *ctx, const char *s)
{
	char *copy;

	if (!s)
		return NULL;
	copy = talloc_strdup(ctx, s);
	if (!copy)
		BUG("out of memory");
	return copy;
}

void
losses_add_remote(void *ctx, struct losses *l, const struct remote_loss *r)
{
	l->remotes = talloc_realloc(ctx, l->remotes, struct remote_loss,
				    l->nremotes + 1);
	if (!l->remotes)
		BUG("out of memory");
	l->remotes[l->nremotes++] = (struct remote_loss){
	    .url = copy_of(l->remotes, r->url),
	    .ref = copy_of(l->remotes, r->ref),
	    .was = copy_of(l->remotes, r->was),
	    .will = copy_of(l->remotes, r->will),
	};
}

void
losses_add_file(void *ctx, struct losses *l, const struct file_change *f)
{
	if (f->path[0] != '/' || (f->to && f->to[0] != '/'))
		BUG("a changed path that is not absolute");
	if (l->nfiles % 64 == 0)
		l->files = talloc_realloc(ctx, l->files, struct file_change,
					  (unsigned)l->nfiles + 64);
	if (!l->files)
		BUG("out of memory");
	l->files[l->nfiles++] = *f;
	l->files[l->nfiles - 1].path = copy_of(l->files, f->path);
	l->files[l->nfiles - 1].to = copy_of(l->files, f->to);
	l->what |= LOSS_FILES;
}

static const char *
both(void *ctx, const char *a, const char *b, const char *between)
{
	char *text =
	    a && b ? talloc_asprintf(ctx, "%s%s%s", a, between, b) : NULL;

	if (a && b && !text)
		BUG("out of memory");
	return text;
}

static const char *
either(void *ctx, const char *a, const char *b)
{
	if (!a || !b)
		return a ? a : b;
	return both(ctx, a, b, ", ");
}

void
losses_add_database(void *ctx, struct losses *l, const struct database_loss *d)
{
	for (size_t i = 0; i < l->ndatabases; i++)
		if (!strcmp(l->databases[i].conninfo, d->conninfo)) {
			l->databases[i].dropped |= d->dropped;
			l->databases[i].part =
			    both(ctx, l->databases[i].part, d->part, "");
			l->databases[i].asks |= d->asks;
			if (d->reach > l->databases[i].reach) {
				l->databases[i].reach = d->reach;
				l->databases[i].session = d->session;
			}
			l->databases[i].rows =
			    either(ctx, l->databases[i].rows, d->rows);
			l->databases[i].touched = both(
			    ctx, l->databases[i].touched, d->touched, ", ");
			return;
		}
	l->databases = talloc_realloc(ctx, l->databases, struct database_loss,
				      (unsigned)l->ndatabases + 1);
	if (!l->databases)
		BUG("out of memory");
	l->databases[l->ndatabases++] = *d;
}
