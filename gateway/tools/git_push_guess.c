/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The everyday push, of new commits on branches that are known there, judged
 * without asking the host: git push --dry-run against a stand-in that has the
 * branches as the last fetch saw them.  What is then permitted is a
 * fast-forward of just these branches to just these commits, which loses
 * nothing whatever the remote has become; git itself says what it says when
 * that is none.  All else is asked for.
 */
#include "tools/git_push.h"
#include "tools/git_words.h"

/* Options and settings that look at what is there, or that force. */
static bool
is_plain(struct push *p)
{
	static const char *const options[] = {"force",
					      "force-with-lease",
					      "force-if-includes",
					      "mirror",
					      "all",
					      "branches",
					      "tags",
					      "prune",
					      "delete",
					      "follow-tags",
					      "signed",
					      "receive-pack",
					      "dry-run",
					      "exec"};
	struct git_call *g = p->g;
	const char *name = p->remote.name, *value;
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (options_count(&g->opt, options[i]))
			return false;
	for (i = 1; i < g->opt.noperands; i++)
		if (strchr("+:^", *g->opt.operands[i]) ||
		    strpbrk(g->opt.operands[i], "*"))
			return false;
	value = git_setting(g, "push.default");
	if ((value && !strcmp(value, "matching")) ||
	    git_setting_bool(g, "push.followtags", false) ||
	    git_setting(g, git_text(g, "remote.%s.push", name)) ||
	    git_setting(g, git_text(g, "remote.%s.receivepack", name)) ||
	    git_setting_bool(g, git_text(g, "remote.%s.mirror", name), false))
		return false;
	value = git_setting_nth(g, git_text(g, "remote.%s.fetch", name), 0);
	return value &&
	       !strcmp(value,
		       git_text(g, "+refs/heads/*:refs/remotes/%s/*", name));
}

/* Its branches as refs/remotes/NAME tells. */
static bool
write_refs(struct push *p, git_repository *stand_in)
{
	struct git_call *g = p->g;
	const char *before = git_text(g, "refs/remotes/%s/", p->remote.name);
	git_reference_iterator *it = NULL;
	git_reference *ref = NULL;
	char hex[GIT_OID_HEXSZ + 1];
	bool ok = true;
	FILE *f;

	if (git_reference_iterator_new(&it, g->repo->git) < 0)
		return false;
	f = fopen(git_text(g, "%spacked-refs", git_repository_path(stand_in)),
		  "we");
	while (f && git_reference_next(&ref, it) == 0) {
		const char *name = git_reference_name(ref);

		if (!strncmp(name, before, strlen(before)) &&
		    git_reference_type(ref) == GIT_REFERENCE_DIRECT) {
			git_oid_tostr(hex, sizeof(hex),
				      git_reference_target(ref));
			ok &= fprintf(f, "%s refs/heads/%s\n", hex,
				      name + strlen(before)) > 0;
		}
		git_reference_free(ref);
	}
	git_reference_iterator_free(it);
	return f && fclose(f) == 0 && ok;
}

static bool
all_forward(const struct push *p)
{
	for (size_t i = 0; i < p->nlines; i++)
		if (p->lines[i].flag != ' ' ||
		    strncmp(p->lines[i].to, "refs/heads/", 11) != 0 ||
		    git_oid_is_zero(&p->lines[i].will))
			return false;
	return p->nlines > 0;
}

bool
push_guess(struct push *p)
{
	struct git_call *g = p->g;
	const struct git_url *u = p->remote.push;
	struct push_there room = {0};
	struct command like = *g->cmd;
	struct err unsaid = {0}; /* then the host is asked */
	const char *why;

	if (p->remote.npush != 1 || !p->remote.name ||
	    u->transport != GIT_URL_HOST || !g->t->folder || !is_plain(p) ||
	    git_remote_scope(g, &p->remote, u, true, &why) != SCOPE_TRUSTED)
		return false;
	repository_open(g->ctx, g->repo);
	if (g->repo->git && push_plain(p))
		return p->guessed = true;
	if (!g->repo->git || push_make_room(p, &room, &unsaid) < 0)
		return false;
	like.need = (struct need){.box = GIT_BOX_READ};
	need_looks(g->ctx, &like.need, &g->cmd->need);
	need_bind(g->ctx, &like.need, room.from, room.from, false);
	p->guessed = write_refs(p, room.git) &&
		     push_dry_run(p, &like, u->raw, room.from, &unsaid) == 0 &&
		     all_forward(p);
	git_repository_free(room.git);
	return p->guessed;
}
