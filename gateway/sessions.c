/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor's sessions in memory. */
#include "sessions.h"
#include "base/err.h"
#include "base/memory.h"
#include <talloc.h>

#define SESSIONS_MAX 1024

struct session *
sessions_add(void *ctx, struct sessions *all, const char *id, const char *dir,
	     uint32_t uid)
{
	struct session *s = have(talloc_zero(ctx, struct session));
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	s->id = have(talloc_strdup(s, id));
	s->start_dir = have(talloc_strdup(s, dir));
	s->uid = uid;
	s->started_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	all->v =
	    have(talloc_realloc(ctx, all->v, struct session *, all->n + 1));
	all->v[all->n++] = s;
	return s;
}

struct session *
sessions_named(const struct sessions *all, const char *id)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i]->id, id) == 0)
			return all->v[i];
	return NULL;
}

static bool
is_default(const struct session *s)
{
	return strncmp(s->id, "default", 7) == 0;
}

struct session *
sessions_default(const struct sessions *all, uint32_t uid)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i]->uid == uid && is_default(all->v[i]))
			return all->v[i];
	return NULL;
}

void
sessions_append(void *ctx, struct sessions *all, const struct sessions *more)
{
	if (more->n == 0)
		return;
	all->v = have(
	    talloc_realloc(ctx, all->v, struct session *, all->n + more->n));
	memcpy(all->v + all->n, more->v, more->n * sizeof(*more->v));
	all->n += more->n;
}

void
sessions_trim(struct sessions *all)
{
	size_t i = 0;

	while (all->n > SESSIONS_MAX && i < all->n) {
		if (is_default(all->v[i])) {
			i++;
			continue;
		}
		talloc_free(all->v[i]);
		all->n--;
		memmove(all->v + i, all->v + i + 1,
			(all->n - i) * sizeof(*all->v));
	}
}

void
sessions_word(struct session *s, const char *source, const char *text)
{
	struct session_word *w;

	s->words = have(
	    talloc_realloc(s, s->words, struct session_word, s->nwords + 1));
	w = &s->words[s->nwords++];
	w->time = time(NULL);
	w->source = have(talloc_strdup(s->words, source));
	w->text = have(talloc_strdup(s->words, text));
}

/* Is this line (with its newline) among those of text? */
static bool
has_line(const char *text, const char *line, size_t len)
{
	for (const char *p = text; (p = strstr(p, "\n")) != NULL; p++)
		if (strncmp(p + 1, line, len) == 0)
			return true;
	return strncmp(text, line, len) == 0;
}

const char *
sessions_facts(struct session *s, const char *project, const char *text)
{
	struct project_facts *f = NULL;
	char *merged;

	for (size_t i = 0; i < s->nprojects && f == NULL; i++)
		if (strcmp(s->projects[i].project, project) == 0)
			f = &s->projects[i];
	if (f == NULL) {
		s->projects = have(talloc_realloc(
		    s, s->projects, struct project_facts, s->nprojects + 1));
		f = &s->projects[s->nprojects++];
		f->project = have(talloc_strdup(s->projects, project));
		f->text = have(talloc_strdup(s->projects, text));
		return f->text;
	}
	merged = have(talloc_strdup(s->projects, f->text));
	for (const char *p = text, *end; (end = strchr(p, '\n')) != NULL;
	     p = end + 1) {
		size_t len = (size_t)(end - p) + 1;

		if ((strncmp(p, "created ", 8) == 0 ||
		     strncmp(p, "profile ", 8) == 0) &&
		    !has_line(merged, p, len))
			merged =
			    have(talloc_strndup_append_buffer(merged, p, len));
	}
	talloc_free((void *)(uintptr_t)f->text);
	f->text = merged;
	return f->text;
}

struct session *
sessions_share(struct sessions *all, const struct session *s,
	       const char *project)
{
	struct session *d = sessions_default(all, s->uid);
	const struct project_facts *from = session_facts(s, project);
	struct project_facts *to;

	if (!d || d == s || is_default(s) || !from)
		return NULL;
	to = (struct project_facts *)(uintptr_t)session_facts(d, project);
	if (!to) {
		sessions_facts(d, project, from->text);
		return d;
	}
	talloc_free((void *)(uintptr_t)to->text);
	to->text = have(talloc_strdup(d->projects, from->text));
	return d;
}
