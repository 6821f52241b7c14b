/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A remote on another machine, as far as a push has to know it: its refs by
 * git ls-remote, and the commits that would go from it, fetched into a
 * folder of ours where this clone does not have them.  Both are oracles:
 * they run boxed, and reach that host and nothing else.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/git_push.h"
#include "tools/git_words.h"

#define REFS_FETCHED 64 /* forced and deleted ones, in one go */

static struct command
question_of(struct push *p, size_t url, struct err *e)
{
	struct git_call *g = p->g;
	struct command like = *g->cmd;
	const struct need *n = &g->cmd->need;
	struct transport_permit permit;

	like.need = (struct need){.box = GIT_BOX_READ};
	need_looks(g->ctx, &like.need, n);
	if (permit_from_url(g->ctx, p->remote.push[url].text, &permit, e) < 0)
		return like;
	permit.fetch = true;
	for (size_t i = 0; i < n->npermits; i++)
		if (!strcmp(n->permits[i].url, permit.url)) {
			permit.named = n->permits[i].named;
			permit.ssh_command = n->permits[i].ssh_command;
			permit.ssh_command_from =
			    n->permits[i].ssh_command_from;
		}
	need_permit(g->ctx, &like.need, &permit);
	return like;
}

static int
ask(struct push *p, const struct command *like, const char *const *argv,
    char **output, struct err *e)
{
	struct git_call *g = p->g;
	struct err why = {0}; /* may be said with a status as well */
	int status = 0, rc;

	rc = g->t->oracle(g->ctx, g->t, like, argv, output, &status, &why);
	if (rc < 0 || status != 0)
		return err_set(e, rc < 0 ? why.code : ERR_SYSTEM, "%s",
			       *why.msg ? why.msg : "git failed");
	return 0;
}

/* "<oid>\t<name>", and for HEAD first "ref: <name>\tHEAD". */
static void
read_refs(struct git_call *g, char *text, struct push_there *out)
{
	char *line, *rest, *tab;
	struct push_ref ref;

	for (line = text; line && *line; line = rest) {
		rest = strchr(line, '\n');
		if (rest)
			*rest++ = '\0';
		tab = strchr(line, '\t');
		if (!tab)
			continue;
		*tab++ = '\0';
		if (!strncmp(line, "ref: ", 5) && !strcmp(tab, "HEAD"))
			out->head = line + 5;
		if (strncmp(tab, "refs/", 5) || strstr(tab, "^{}") ||
		    strlen(line) != GIT_OID_HEXSZ ||
		    git_oid_fromstr(&ref.oid, line) < 0)
			continue;
		ref.name = tab;
		out->refs = talloc_realloc(g->ctx, out->refs, struct push_ref,
					   out->nrefs + 1);
		if (!out->refs)
			BUG("out of memory");
		out->refs[out->nrefs++] = ref;
	}
}

static bool
takes(const struct push_line *l, size_t url)
{
	return l->url == url && (l->flag == '+' || l->flag == '-');
}

/* The dry run names the old value of what it forces; of what it deletes it
 * does not.  Where both speak they must agree. */
static int
fill_was(struct push *p, size_t url, const struct push_there *there,
	 struct err *e)
{
	struct push_line *l;
	size_t i, k;

	for (i = 0; i < p->nlines; i++) {
		l = &p->lines[i];
		if (!takes(l, url))
			continue;
		for (k = 0; k < there->nrefs; k++)
			if (!strcmp(there->refs[k].name, l->to))
				break;
		if (k == there->nrefs ||
		    (l->flag == '+' && !git_oid_is_zero(&l->was) &&
		     !git_oid_equal(&l->was, &there->refs[k].oid)))
			return err_set(e, ERR_UNKNOWN,
				       "%s of the remote is changing just now; "
				       "try again",
				       text_safe(p->g->ctx, l->to));
		git_oid_cpy(&l->was, &there->refs[k].oid);
	}
	return 0;
}

static bool
have(git_repository *git, const git_oid *oid)
{
	git_odb *odb = NULL;
	bool yes;

	if (!git || git_repository_odb(&odb, git) < 0)
		return false;
	yes = git_odb_exists(odb, oid);
	git_odb_free(odb);
	return yes;
}

int
push_make_room(struct push *p, struct push_there *out, struct err *e)
{
	struct git_call *g = p->g;
	git_odb *odb = NULL;
	char *dir = NULL;
	FILE *f;

	if (!g->t->folder)
		return err_set(e, ERR_UNKNOWN, "no folder to fetch into");
	if (g->t->folder(g->ctx, g->t, &dir, e) < 0)
		return e ? (int)e->code : ERR_SYSTEM;
	if (git_repository_init(&out->git, dir, true) < 0)
		return err_git(e, "a repository to fetch into");
	f = fopen(git_text(g, "%s/objects/info/alternates", dir), "we");
	if (!f || fprintf(f, "%s/objects\n", g->repo->commondir) < 0 ||
	    fclose(f) != 0)
		return err_sys(e, "a repository to fetch into");
	/* the handle has looked for alternates already */
	if (git_repository_odb(&odb, out->git) == 0)
		git_odb_add_disk_alternate(
		    odb, git_text(g, "%s/objects", g->repo->commondir));
	git_odb_free(odb);
	out->from = dir;
	return 0;
}

static int
fetch_missing(struct push *p, size_t url, struct push_there *out, struct err *e)
{
	static const char *const fixed[] = {"-c",
					    "fetch.fsckObjects=false",
					    "-c",
					    "core.hooksPath=/dev/null",
					    "fetch",
					    "-q",
					    "--no-tags",
					    "--no-write-fetch-head",
					    "--no-auto-maintenance",
					    "--no-recurse-submodules",
					    "--refmap="};
	const size_t nfixed = sizeof(fixed) / sizeof(*fixed);
	struct git_call *g = p->g;
	const char *argv[sizeof(fixed) / sizeof(*fixed) + REFS_FETCHED + 5];
	struct command like = question_of(p, url, e);
	size_t i, n = 0, specs = 0;
	char *unused;

	argv[n++] = "git";
	argv[n++] = git_text(g, "--git-dir=%s", out->from);
	memcpy(argv + n, fixed, sizeof(fixed));
	n += nfixed;
	argv[n++] = p->remote.push[url].text;
	for (i = 0; i < p->nlines && specs < REFS_FETCHED; i++)
		if (takes(&p->lines[i], url) &&
		    !have(out->git, &p->lines[i].was))
			argv[n++] = git_text(g, "+%s:refs/was/%zu",
					     p->lines[i].to, ++specs);
	argv[n] = NULL;
	need_bind(g->ctx, &like.need, out->from, out->from, true);
	if (ask(p, &like, argv, &unused, e) < 0)
		return err_wrap(e, "looking at what the remote has");
	for (i = 0; i < p->nlines; i++)
		if (takes(&p->lines[i], url) &&
		    !have(out->git, &p->lines[i].was))
			return err_set(e, ERR_UNKNOWN,
				       "%s of the remote is changing just now, "
				       "or not to be had; try again",
				       text_safe(g->ctx, p->lines[i].to));
	return 0;
}

int
push_look_far(struct push *p, size_t url, struct push_there *out, struct err *e)
{
	struct git_call *g = p->g;
	const char *argv[] = {
	    "git", "-c", "core.hooksPath=/dev/null", "ls-remote", "--symref",
	    "-q",  "--", p->remote.push[url].text,   NULL};
	struct command like = question_of(p, url, e);
	struct repository *here = NULL;
	char *text = NULL;
	bool missing = false;
	size_t i;

	*out = (struct push_there){0};
	if (!like.need.npermits)
		return e ? (int)e->code : ERR_UNKNOWN;
	if (ask(p, &like, argv, &text, e) < 0)
		return err_wrap(e, "asking the remote what it has");
	read_refs(g, text, out);
	if (fill_was(p, url, out, e) < 0)
		return ERR_UNKNOWN;
	repository_open(g->ctx, g->repo);
	for (i = 0; i < p->nlines; i++)
		missing |= takes(&p->lines[i], url) &&
			   !have(g->repo->git, &p->lines[i].was);
	if (missing) {
		if (push_make_room(p, out, e) < 0)
			return e ? (int)e->code : ERR_SYSTEM;
		return fetch_missing(p, url, out, e);
	}
	/* a handle of its own: nobody else is to find what we add */
	if (repository_at(g->ctx, g->repo->gitdir, g->in->uid, &here, NULL) ==
		0 &&
	    here) {
		repository_open(g->ctx, here);
		out->git = here->git;
	}
	return 0;
}

static const char *
hex_of(struct git_call *g, const git_oid *oid)
{
	char hex[GIT_OID_HEXSZ + 1];

	if (git_oid_is_zero(oid))
		return NULL;
	git_oid_tostr(hex, sizeof(hex), oid);
	return git_text(g, "%s", hex);
}

void
push_permit(struct push *p)
{
	struct git_call *g = p->g;
	struct transport_permit *permit;
	struct permit_update update;
	size_t i;

	for (i = 0; i < p->nlines; i++) {
		const struct push_line *l = &p->lines[i];

		if (p->remote.push[l->url].transport != GIT_URL_HOST ||
		    !strchr(" +-*", l->flag))
			continue;
		permit = git_permit(g, &p->remote.push[l->url], true, NULL);
		update = (struct permit_update){
		    .ref = l->to,
		    .was = hex_of(g, &l->was),
		    .will = hex_of(g, &l->will),
		    .forward_in = p->guessed ? g->repo->gitdir : NULL};
		permit_update(g->ctx, permit, &update);
	}
}
