/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All tools, by the names of their shims; the list is made by the Makefile.
 */
#include "base/path.h"
#include "tools/tool.h"
#include <string.h>
#include <talloc.h>

#define TOOL(name) extern const struct tool tool_##name;
#include "tool_list.h"
#undef TOOL

const struct tool *const toolbox[] = {
#define TOOL(name) &tool_##name,
#include "tool_list.h"
#undef TOOL
    NULL};

const struct tool *
toolbox_find(const char *name)
{
	const struct tool *const *t;
	const char *const *n;

	for (t = toolbox; *t; t++)
		for (n = (*t)->names; *n; n++)
			if (!strcmp(*n, name))
				return *t;
	return NULL;
}

static void
append(void *ctx, const char ***v, size_t *n, const char *s)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if (!strcmp((*v)[i], s))
			return;
	*v = talloc_realloc(ctx, *v, const char *, *n + 2);
	if (!*v)
		BUG("out of memory");
	(*v)[*n] = talloc_strdup(*v, s);
	if (!(*v)[*n])
		BUG("out of memory");
	(*v)[++*n] = NULL;
}

bool
need_is_special(const char *path)
{
	if (path_is_under(path, "/dev/shm"))
		return false;
	return path_is_under(path, "/dev") || path_is_under(path, "/proc");
}

void
need_read(void *ctx, struct need *n, const char *absolute)
{
	append(ctx, &n->read, &n->nread, absolute);
}

void
need_write(void *ctx, struct need *n, const char *absolute)
{
	append(ctx, &n->write, &n->nwrite, absolute);
}

void
need_real(void *ctx, struct need *n, const char *absolute)
{
	append(ctx, &n->real, &n->nreal, absolute);
}

void
need_folder(void *ctx, struct need *n, const char *absolute)
{
	append(ctx, &n->folders, &n->nfolders, absolute);
}

void
need_looks(void *ctx, struct need *n, const struct need *like)
{
	for (size_t i = 0; i < like->nread; i++)
		need_read(ctx, n, like->read[i]);
	for (size_t i = 0; i < like->nfolders; i++)
		need_folder(ctx, n, like->folders[i]);
}

void
need_judged(void *ctx, struct need *n, const char *absolute)
{
	append(ctx, &n->judged, &n->njudged, absolute);
}

void
need_config_key(void *ctx, struct need *n, const char *glob)
{
	append(ctx, &n->config_keys, &n->nconfig_keys, glob);
}

void
need_bind(void *ctx, struct need *n, const char *from, const char *to,
	  bool write)
{
	n->binds = talloc_realloc(ctx, n->binds, struct need_bind,
				  (unsigned)(n->nbinds + 1));
	if (!n->binds)
		BUG("out of memory");
	n->binds[n->nbinds++] =
	    (struct need_bind){.from = from, .to = to, .write = write};
}

struct transport_permit *
need_permit(void *ctx, struct need *n, const struct transport_permit *permit)
{
	n->permits = talloc_realloc(ctx, n->permits, struct transport_permit,
				    (unsigned)(n->npermits + 1));
	if (!n->permits)
		BUG("out of memory");
	n->permits[n->npermits] = *permit;
	return &n->permits[n->npermits++];
}

void
permit_update(void *ctx, struct transport_permit *p,
	      const struct permit_update *u)
{
	p->updates = talloc_realloc(ctx, p->updates, struct permit_update,
				    (unsigned)(p->nupdates + 1));
	if (!p->updates)
		BUG("out of memory");
	p->updates[p->nupdates++] = *u;
}

void
need_file(void *ctx, struct need *n, const char *to, const char *bytes,
	  size_t len)
{
	n->files = talloc_realloc(ctx, n->files, struct need_file,
				  (unsigned)n->nfiles + 1);
	if (!n->files)
		BUG("out of memory");
	n->files[n->nfiles++] =
	    (struct need_file){.to = talloc_strdup(ctx, to),
			       .bytes = talloc_memdup(ctx, bytes, len + 1),
			       .len = len};
}

void
need_egress(void *ctx, struct need *n, const struct need_egress *to)
{
	for (size_t i = 0; i < n->negress; i++)
		if (!strcasecmp(n->egress[i].host, to->host) &&
		    n->egress[i].port == to->port) {
			n->egress[i].named |= to->named;
			n->egress[i].optional &= to->optional;
			return;
		}
	n->egress = talloc_realloc(ctx, n->egress, struct need_egress,
				   (unsigned)n->negress + 1);
	if (!n->egress)
		BUG("out of memory");
	n->egress[n->negress] = *to;
	n->egress[n->negress++].host = talloc_strdup(ctx, to->host);
}
