/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tip author, age and merged state of branches and tags (libgit2); owner and
 * age of files (stat).  The person is who the global configuration says, not
 * the repository's own, which an agent may have written.
 */
#include "judge/facts.h"
#include "base/path.h"
#include <git2.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

struct looking {
	void *ctx;
	git_repository *git;
	const char *email; /* of the person; NULL: not configured */
	git_oid trunk;	   /* HEAD's commit, or the default branch's */
	bool has_trunk;
};

static const char *
person_email(void *ctx)
{
	git_config *all = NULL, *global = NULL;
	git_buf value = {0};
	const char *email = NULL;

	if (git_config_open_default(&all) == 0 &&
	    git_config_open_level(&global, all, GIT_CONFIG_LEVEL_GLOBAL) == 0 &&
	    git_config_get_string_buf(&value, global, "user.email") == 0)
		email = talloc_strdup(ctx, value.ptr);
	git_buf_dispose(&value);
	git_config_free(global);
	git_config_free(all);
	return email;
}

/* origin/HEAD, else main or master, else HEAD. */
static void
find_trunk(struct looking *l)
{
	static const char *const names[] = {"refs/remotes/origin/HEAD",
					    "refs/heads/main",
					    "refs/heads/master", "HEAD"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (git_reference_name_to_id(&l->trunk, l->git, names[i]) ==
		    0) {
			l->has_trunk = true;
			return;
		}
}

static void
commit_facts(struct looking *l, struct deed *d, const git_oid *id)
{
	const git_signature *who;
	git_commit *c = NULL;
	int held;

	if (git_commit_lookup(&c, l->git, id) != 0)
		return;
	who = git_commit_author(c);
	if (l->email && who && who->email)
		d->mine = strcasecmp(who->email, l->email) == 0 ? TRUTH_YES
								: TRUTH_NO;
	d->age_s = (int64_t)time(NULL) - git_commit_time(c);
	if (l->has_trunk) {
		held = git_oid_equal(id, &l->trunk)
			   ? 1
			   : git_graph_descendant_of(l->git, &l->trunk, id);
		d->merged = held == 1	? TRUTH_YES
			    : held == 0 ? TRUTH_NO
					: TRUTH_UNKNOWN;
	}
	git_commit_free(c);
}

static bool
peeled(struct looking *l, const char *name, git_oid *id)
{
	git_reference *ref = NULL;
	git_object *commit = NULL;
	bool ok = git_reference_lookup(&ref, l->git, name) == 0 &&
		  git_reference_peel(&commit, ref, GIT_OBJECT_COMMIT) == 0;

	if (ok)
		git_oid_cpy(id, git_object_id(commit));
	git_object_free(commit);
	git_reference_free(ref);
	return ok;
}

static void
ref_facts(struct looking *l, struct deed *d)
{
	bool tag = d->noun && !strcmp(d->noun, "tag");
	const char *local, *name;
	git_oid id;

	if (!d->text)
		return;
	local = talloc_asprintf(l->ctx, "refs/%s/%s", tag ? "tags" : "heads",
				d->text);
	name = d->object;
	if (d->lane == LANE_REMOTE) {
		d->has_local = peeled(l, local, &id);
		name = tag ? local
			   : talloc_asprintf(l->ctx, "refs/remotes/%s/%s",
					     d->remote, d->text);
	}
	if (peeled(l, name, &id))
		commit_facts(l, d, &id);
}

static void
file_facts(struct deed *d)
{
	struct stat st;

	if (!d->object || *d->object != '/' || lstat(d->object, &st) != 0)
		return;
	d->mine = st.st_uid == getuid() ? TRUTH_YES : TRUTH_NO;
	d->age_s = (int64_t)time(NULL) - st.st_mtime;
}

void
facts_find(void *ctx, const struct command *cmd, struct deeds *deeds)
{
	struct looking l = {.ctx = ctx};

	for (size_t i = 0; i < deeds->n; i++) {
		struct deed *d = &deeds->v[i];
		bool ref = d->noun && (!strcmp(d->noun, "branch") ||
				       !strcmp(d->noun, "tag"));

		if (!ref) {
			file_facts(d);
			continue;
		}
		if (!l.git) {
			if (!cmd->repo || !cmd->repo->git)
				return;
			l.git = cmd->repo->git;
			l.email = person_email(ctx);
			find_trunk(&l);
		}
		ref_facts(&l, d);
	}
}
