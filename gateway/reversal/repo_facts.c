/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session remembers of a project from the first time it saw it:
 * remotes and their URLs, their default branches, HEAD, refs and whose they
 * are.  See session.h for the lines.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "reversal/refs_seen.h"
#include "reversal/reversal.h"
#include "tools/permit.h"
#include <string.h>
#include <strings.h>

#define REFS_BYTES (64u << 10) /* of all lines together */

/* One line must stay one line of so many words. */
static bool
plain(const char *s, bool spaces)
{
	if (!s || !*s)
		return false;
	for (const unsigned char *p = (const unsigned char *)s; *p; p++)
		if (*p < ' ' || *p == 0x7f || (*p == ' ' && !spaces))
			return false;
	return true;
}

/* "remote.NAME.url" -> NAME; NULL: another key. */
static char *
remote_name(void *ctx, const char *key, const char *end)
{
	size_t n = strlen(key), m = strlen(end);

	if (n <= 7 + m || strncmp(key, "remote.", 7) ||
	    strcmp(key + n - m, end))
		return NULL;
	return have(talloc_strndup(ctx, key + 7, n - 7 - m));
}

static char *
add_remotes(char *text, git_config *c)
{
	git_config_iterator *it = NULL;
	git_config_entry *entry;

	if (git_config_iterator_glob_new(&it, c, "^remote\\..*\\.(push)?url$") <
	    0)
		return text;
	while (git_config_next(&entry, it) == 0) {
		const char *word = "pushurl";
		char *name = remote_name(text, entry->name, ".pushurl");

		if (!name) {
			word = "remote";
			name = remote_name(text, entry->name, ".url");
		}
		/* no password is written down */
		if (plain(name, false) && plain(entry->value, true))
			text = have(talloc_asprintf_append(
			    text, "%s %s %s\n", word, name,
			    permit_url_bare(text, entry->value)));
	}
	git_config_iterator_free(it);
	return text;
}

/* Where refs/remotes/NAME/HEAD points. */
static char *
add_default(char *text, const struct ref_seen *s)
{
	const char *rest, *slash;
	char *name, *before;

	if (s->value.kind != VALUE_SYMREF ||
	    strncmp(s->name, "refs/remotes/", 13))
		return text;
	rest = s->name + 13;
	slash = strrchr(rest, '/');
	if (!slash || strcmp(slash, "/HEAD"))
		return text;
	name = have(talloc_strndup(text, rest, (size_t)(slash - rest)));
	before = have(talloc_asprintf(text, "refs/remotes/%s/", name));
	if (strncmp(s->value.text, before, strlen(before)) ||
	    !plain(name, false) ||
	    !plain(s->value.text + strlen(before), false))
		return text;
	return have(talloc_asprintf_append(text, "default %s %s\n", name,
					   s->value.text + strlen(before)));
}

char *
reversal_person(void *ctx, git_repository *git)
{
	static const git_config_level_t levels[] = {GIT_CONFIG_LEVEL_GLOBAL,
						    GIT_CONFIG_LEVEL_XDG,
						    GIT_CONFIG_LEVEL_SYSTEM};
	git_config *all = NULL, *one;
	git_buf value = {0};
	char *email = NULL;

	git_libgit2_init();
	/* one that is of this place only is taken in by [includeIf] */
	if ((git ? git_repository_config(&all, git)
		 : git_config_open_default(&all)) < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels) && !email;
	     i++) {
		one = NULL;
		if (git_config_open_level(&one, all, levels[i]) == 0 &&
		    git_config_get_string_buf(&value, one, "user.email") == 0)
			email = have(talloc_strdup(ctx, value.ptr));
		git_config_free(one);
	}
	git_buf_dispose(&value);
	git_config_free(all);
	return email;
}

static bool
wrote(git_repository *git, const char *hex, const char *email)
{
	const git_signature *who;
	git_commit *c = NULL;
	git_oid id;
	bool yes;

	if (!git || !email || git_oid_fromstr(&id, hex) < 0 ||
	    git_commit_lookup(&c, git, &id) < 0)
		return false;
	who = git_commit_author(c);
	yes = who && who->email && !strcasecmp(who->email, email);
	git_commit_free(c);
	return yes;
}

/* Those below one folder, up to a size. */
static char *
add_refs(char *text, const struct refs_seen *refs, const char *below,
	 git_repository *git, const char *email)
{
	const struct ref_seen *s;

	for (size_t i = 0; i < refs->n; i++) {
		s = &refs->v[i];
		if (strncmp(s->name, below, strlen(below)) ||
		    s->value.kind != VALUE_OID || !plain(s->name, false))
			continue;
		if (talloc_get_size(text) > REFS_BYTES)
			return have(talloc_strdup_append(text, "more\n"));
		text = have(talloc_asprintf_append_buffer(
		    text, "ref %s %s\n", s->name, s->value.text));
		if (wrote(git, s->value.text, email))
			text = have(talloc_asprintf_append_buffer(
			    text, "own %s\n", s->name));
	}
	return text;
}

char *
reversal_project_facts(void *ctx, const struct repository *repo)
{
	char *text = have(talloc_strdup(ctx, "")), *path;
	struct refs_seen refs = {0};
	git_config *c = NULL;
	static const char *const below[] = {"refs/heads/", "refs/remotes/",
					    "refs/tags/"};
	const char *rel, *head, *email;
	const struct ref_seen *s;

	git_libgit2_init();
	if (repo->git) {
		if (git_repository_config(&c, repo->git) < 0)
			c = NULL;
	} else {
		path =
		    have(talloc_asprintf(text, "%s/config", repo->commondir));
		if (git_config_open_ondisk(&c, path) < 0)
			c = NULL;
	}
	if (c)
		text = add_remotes(text, c);
	git_config_free(c);
	if (refs_read(text, repo->commondir, &refs, NULL) < 0)
		return text;
	for (size_t i = 0; i < refs.n; i++)
		text = add_default(text, &refs.v[i]);
	rel = path_below(repo->gitdir, repo->commondir);
	head =
	    rel && *rel ? have(talloc_asprintf(text, "%s/HEAD", rel)) : "HEAD";
	s = refs_find(&refs, head);
	if (s && plain(s->value.text, false))
		text = have(
		    talloc_asprintf_append(text, "head %s\n", s->value.text));
	email = reversal_person(text, repo->git);
	/* with whom there are the branches of that person: all or none */
	if (repo->git && plain(email, true))
		text = have(talloc_asprintf_append(text, "person %s\n", email));
	for (size_t i = 0; i < sizeof(below) / sizeof(*below); i++)
		text = add_refs(text, &refs, below[i], repo->git, email);
	return text;
}
