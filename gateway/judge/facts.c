/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tip author, age and merged state of branches and tags (libgit2); owner and
 * age of files (stat).  The person is who the person's own configuration named
 * when the session first saw the repository.  What an agent could have written
 * since makes nothing a member of a set: a remote's branch counts as the
 * remote has it, one that was another's at first sight stays so, and a file's
 * age is not what touch(1) says.
 */
#include "judge/facts.h"
#include "base/path.h"
#include "reversal/reversal.h"
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
	const struct project_facts *first; /* at first sight; NULL: unseen */
	git_oid trunk; /* HEAD's commit, or the default branch's */
	bool has_trunk;
};

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

/* By what the remote itself says. */
static void
far_facts(struct looking *l, struct deed *d)
{
	git_oid id;

	if (d->trunk)
		l->has_trunk = git_oid_fromstr(&l->trunk, d->trunk) == 0;
	if (git_oid_fromstr(&id, d->tip) == 0)
		commit_facts(l, d, &id);
	if (d->trunk)
		find_trunk(l);
}

/* Nobody's branch becomes one's own by a commit on top, or by its name. */
static void
as_first_seen(struct looking *l, struct deed *d, const char *name)
{
	if (d->mine != TRUTH_YES || !facts_text(l->ctx, l->first, "person") ||
	    strncmp(name, "refs/tags/", 10) == 0)
		return;
	if (facts_have(l->first, talloc_asprintf(l->ctx, "ref %s", name)) &&
	    !facts_have(l->first, talloc_asprintf(l->ctx, "own %s", name)))
		d->mine = TRUTH_NO;
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
	if (d->lane == LANE_REMOTE && d->tip)
		far_facts(l, d);
	else if (peeled(l, name, &id))
		commit_facts(l, d, &id);
	as_first_seen(l, d, name);
}

static void
file_facts(const struct session *s, struct deed *d)
{
	struct stat st;
	int64_t last;

	if (!d->object || *d->object != '/' || lstat(d->object, &st) != 0)
		return;
	d->mine = st.st_uid == getuid() ? TRUTH_YES : TRUTH_NO;
	last = st.st_mtime;
	if (s &&
	    st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec > s->started_ns)
		last = st.st_ctime;
	d->age_s = (int64_t)time(NULL) - last;
}

static void
look_up(struct looking *l, const struct command *cmd)
{
	if (cmd->session)
		l->first = session_facts(cmd->session, cmd->repo->id);
	l->email = facts_text(l->ctx, l->first, "person");
	if (!l->email)
		l->email = reversal_person(l->ctx, l->git);
	find_trunk(l);
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
			file_facts(cmd->session, d);
			continue;
		}
		if (!l.git) {
			if (!cmd->repo || !cmd->repo->git)
				return;
			l.git = cmd->repo->git;
			look_up(&l, cmd);
		}
		ref_facts(&l, d);
	}
}
