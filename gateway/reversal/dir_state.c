/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory's time of change and its extended attributes (access control
 * lists are among them): seconds, ".", nanoseconds, " ", and the attributes as
 * files_state.c has them.
 */
#include "reversal/dir_state.h"
#include "base/memory.h"
#include "reversal/files.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

char *
dir_state(void *ctx, struct places *p, const char *path)
{
	struct file_state s;
	const char *name;
	int dir = places_parent(p, path, &name);

	if (dir < 0 || !*name ||
	    file_state_take(ctx, dir, name, true, &s, NULL) < 0 ||
	    s.what != '+')
		return NULL;
	return have(talloc_asprintf(ctx, "%" PRId64 ".%09" PRIu32 " %s",
				    s.mtime, s.mtime_ns, s.xattrs));
}

void
dir_state_apply(int parent, const char *name, unsigned mode, const char *text)
{
	struct file_state s;
	int end = 0;

	if (!text || file_state_take(NULL, parent, name, false, &s, NULL) < 0 ||
	    s.what != '+' || !S_ISDIR(s.mode) ||
	    sscanf(text, "%" SCNd64 ".%" SCNu32 " %n", &s.mtime, &s.mtime_ns,
		   &end) != 2 ||
	    !end || s.mtime_ns > 999999999 ||
	    strspn(text + end, "0123456789abcdef=,") != strlen(text + end))
		return;
	s.mode = S_IFDIR | (mode & 07777);
	s.xattrs = text + end;
	(void)file_state_apply(parent, name, &s, NULL);
}
