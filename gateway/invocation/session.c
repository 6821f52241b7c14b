/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions as a worker sees them: looking up, never changing. */
#include "invocation/session.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

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

char *
facts_text(void *ctx, const struct project_facts *f, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = f ? f->text : NULL, *end; p && *p;
	     p = *end ? end + 1 : end) {
		end = strchrnul(p, '\n');
		if ((size_t)(end - p) > n && strncmp(p, word, n) == 0 &&
		    p[n] == ' ')
			return talloc_strndup(ctx, p + n + 1,
					      (size_t)(end - p) - n - 1);
	}
	return NULL;
}

bool
facts_have(const struct project_facts *f, const char *words)
{
	size_t n = strlen(words);

	for (const char *p = f ? f->text : NULL; p && (p = strstr(p, words));
	     p += n)
		if ((p == f->text || p[-1] == '\n') &&
		    (p[n] == '\n' || p[n] == ' '))
			return true;
	return false;
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
