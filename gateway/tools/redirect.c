/* SPDX-License-Identifier: Apache-2.0 */
/* What "<" put before a tool, where that is a file of credentials. */
#include "tools/redirect.h"
#include "base/memory.h"
#include "base/text.h"
#include "tools/file_target.h"
#include "tools/path_class.h"
#include <limits.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

const char *
redirect_credential(void *ctx, const struct tool_context *t)
{
	int fd = t->in->stdio[0];
	char link[64], path[PATH_MAX];
	struct operands os;
	struct stat st;
	bool home;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return NULL;
	path[n] = '\0';
	operands_init(&os, ctx, t);
	if (!path_is_credential(&os, path, &home) || !home)
		return NULL;
	return have(talloc_strdup(ctx, path));
}

void
redirect_judge(void *ctx, const struct tool_context *t, struct effects *fx)
{
	const char *path = redirect_credential(ctx, t);
	struct effect *one;

	if (!path)
		return;
	one = effects_add(fx, EFFECT_SECRET_READ, SCOPE_SECRET, path);
	one->undo = UNDO_NO;
	one->why = talloc_asprintf(ctx,
				   "its standard input is %s, a credential of "
				   "the person",
				   text_safe(ctx, path));
}
