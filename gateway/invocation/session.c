/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions as a worker sees them: looking up, never changing. */
#include "invocation/session.h"
#include <fcntl.h>
#include <sys/stat.h>

/* What is found where the gateway has no session for a uid: knows nothing,
 * so that nothing counts as made in it. */
static const struct session nobody = {
    .id = "default",
    .started_ns = INT64_MAX,
    .start_dir = "/nonexistent",
};

static bool
is_default(const struct session *s)
{
	return strncmp(s->id, "default", 7) == 0;
}

const struct session *
session_find(const struct sessions *all, const char *id, uint32_t uid,
	     bool *known)
{
	const struct session *fallback = NULL;

	*known = false;
	for (size_t i = 0; i < all->n; i++) {
		const struct session *s = all->v[i];

		if (s->uid != uid)
			continue;
		if (id != NULL && strcmp(s->id, id) == 0) {
			*known = true;
			return s;
		}
		if (fallback == NULL && (i == 0 || is_default(s)))
			fallback = s;
	}
	return fallback == NULL ? &nobody : fallback;
}

bool
session_id_valid(const char *id)
{
	size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return n >= 1 && n <= 64 && id[n] == '\0';
}

const struct project_facts *
session_facts(const struct session *s, const char *project)
{
	for (size_t i = 0; i < s->nprojects; i++)
		if (strcmp(s->projects[i].project, project) == 0)
			return &s->projects[i];
	return NULL;
}

bool
session_made(const struct session *s, const char *path)
{
	struct statx st;
	int64_t born;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC,
		  STATX_BTIME, &st) != 0 ||
	    (st.stx_mask & STATX_BTIME) == 0)
		return false;
	born = (int64_t)st.stx_btime.tv_sec * 1000000000 + st.stx_btime.tv_nsec;
	return born > s->started_ns;
}
