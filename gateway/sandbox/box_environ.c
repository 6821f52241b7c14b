/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment of a boxed command: what invocation/environ.c lets through,
 * what tool and box set, less what the tool drops; folders for temporary files
 * and caches that the box has.
 */
#include "sandbox/box_environ.h"
#include "base/path.h"
#include "invocation/environ.h"
#include "sandbox/home.h"
#include <fnmatch.h>
#include <string.h>
#include <talloc.h>

static bool
dropped(const char *const *globs, const char *entry)
{
	char name[256];
	size_t len = strcspn(entry, "=");

	if (!globs)
		return false;
	if (len >= sizeof name)
		return true; /* too long to compare: not passed on */
	memcpy(name, entry, len);
	name[len] = '\0';
	for (size_t i = 0; globs[i]; i++)
		if (fnmatch(globs[i], name, 0) == 0)
			return true;
	return false;
}

/* A folder for temporary files that the box does not show writable is
 * replaced by its own /tmp. */
static const char *
temporary(void *ctx, const struct invocation *in, const struct mounts *m,
	  const char *name)
{
	const char *value = invocation_env(in, name);
	const struct entry *around;

	if (!value || *value == '\0')
		return NULL;
	around = mounts_around(m, path_clean(ctx, value));
	if (*value == '/' && around && entry_is_writable(around) &&
	    (entry_is_bind(around) || strcmp(value, around->place) == 0))
		return NULL;
	return talloc_asprintf(ctx, "%s=/tmp", name);
}

const char **
box_environ(void *ctx, const struct box *box, const struct invocation *in,
	    const struct command *cmd, const struct mounts *m)
{
	static const char *const folders[] = {"TMPDIR", "TMP", "TEMP"};
	const char *const *env_set = cmd->env_set;
	const char **set, **all, *cache;
	const struct entry *around;
	size_t n = 0, kept = 0;

	while (env_set && env_set[n])
		n++;
	set = talloc_array(ctx, const char *, (unsigned)(n + box->nenv + 6));
	if (!set)
		BUG("out of memory");
	for (size_t i = 0; i < n; i++)
		set[i] = env_set[i];
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if ((set[n] = temporary(ctx, in, m, folders[i])))
			n++;
	for (size_t i = 0; i < box->nenv; i++)
		set[n++] = box->env[i];
	cache = talloc_asprintf(ctx, "%s/.cache", home_of(ctx, in));
	around = mounts_around(m, cache);
	if (around && around->kind == ENTRY_STAND &&
	    strcmp(around->place, cache) == 0 &&
	    invocation_env(in, "XDG_CACHE_HOME"))
		set[n++] = talloc_asprintf(ctx, "XDG_CACHE_HOME=%s", cache);
	set[n++] = "AUTOMODE_BOXED=1";
	set[n] = NULL;
	all = environ_build(ctx, in, set);
	for (size_t i = 0; all[i]; i++) {
		bool own = false;

		/* what the tool sets it does not mean to drop */
		for (size_t k = 0; k < n && !own; k++)
			own = strcmp(set[k], all[i]) == 0;
		if (own || !dropped(cmd->env_drop, all[i]))
			all[kept++] = all[i];
	}
	all[kept] = NULL;
	return all;
}
