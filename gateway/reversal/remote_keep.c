/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refs of remotes that a push overwrites or deletes: their old values are
 * in the project, or are fetched into the vault: from a repository on this
 * machine by us, from another machine for the verdict already.
 */
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/reversal_work.h"
#include "reversal/vault_store.h"
#include <git2/sys/odb_backend.h>
#include <string.h>

static bool
is_id(const char *hex)
{
	return hex && strlen(hex) == 40 && strspn(hex, "0") != 40;
}

/* Path of a remote on this machine, or NULL. */
static const char *
local_path(const char *url)
{
	if (!strncmp(url, "file://", 7))
		return strchr(url + 7, '/');
	return *url == '/' ? url : NULL;
}

static bool
have_object(git_repository *git, const char *hex)
{
	git_odb *odb = NULL;
	git_oid id;
	bool yes;

	if (!git || git_oid_fromstr(&id, hex) < 0 ||
	    git_repository_odb(&odb, git) < 0)
		return false;
	yes = git_odb_exists(odb, &id);
	git_odb_free(odb);
	return yes;
}

int
remotes_look(struct reversal *r, struct err *e)
{
	(void)e;
	for (const struct command *c = r->cmd; c; c = c->before)
		for (size_t i = 0; i < c->losses.nremotes; i++) {
			const struct remote_loss *l = &c->losses.remotes[i];

			if (is_id(l->was) && !l->from &&
			    !have_object(r->repo->git, l->was) &&
			    !local_path(l->url))
				assess_trouble(
				    r, LOSS_REMOTE_REF,
				    "%s at %.7s is not here; fetch it first",
				    text_safe(r, l->ref), l->was);
		}
	return 0;
}

char *
remotes_why(struct reversal *r, enum undo *undo)
{
	char *text = have(talloc_strdup(r, ""));

	for (const struct command *c = r->cmd; c; c = c->before)
		for (size_t i = 0; i < c->losses.nremotes; i++) {
			const struct remote_loss *l = &c->losses.remotes[i];

			if (!is_id(l->was))
				continue;
			*undo = UNDO_SNAPSHOT;
			text = have(talloc_asprintf_append(
			    text, "%s%s was %.7s", *text ? ", " : "",
			    text_safe(r, l->ref), l->was));
		}
	return *text ? text : NULL;
}

/* libgit2's local transport runs nothing. */
static int
fetch(struct reversal *r, const struct remote_loss *l, struct err *e)
{
	git_fetch_options o;
	char *spec =
	    have(talloc_asprintf(r, "+%s:refs/objects/%llu/%.40s", l->ref,
				 (unsigned long long)r->id, l->was));
	git_strarray specs = {&spec, 1};
	git_remote *remote = NULL;
	int rc;

	git_fetch_options_init(&o, GIT_FETCH_OPTIONS_VERSION);
	o.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
	o.update_fetchhead = 0;
	rc = git_remote_create_anonymous(&remote, r->vault->git,
					 local_path(l->url));
	if (rc == 0)
		rc = git_remote_fetch(remote, &specs, &o, NULL);
	git_remote_free(remote);
	if (rc < 0)
		return err_git(e, "keeping %s of the remote",
			       text_safe(r, l->ref));
	return have_object(r->vault->git, l->was)
		   ? 0
		   : err_set(e, ERR_UNKNOWN, "%s of the remote has moved",
			     text_safe(r, l->ref));
}

struct copying {
	struct vault *vault;
	git_odb *from;
	struct err *e;
	int rc;
};

static int
copy_one(const git_oid *id, void *data)
{
	struct copying *c = data;

	c->rc = vault_adopt(c->vault, c->from, id, c->e);
	return c->rc;
}

/* What was fetched for the verdict: everything that lies in that repository
 * itself, not what it borrows from the project. */
static int
take_fetched(struct reversal *r, const struct remote_loss *l, struct err *e)
{
	char *objects = have(talloc_asprintf(r, "%s/objects", l->from));
	char *name = have(talloc_asprintf(r, "refs/objects/%llu/%.40s",
					  (unsigned long long)r->id, l->was));
	struct copying c = {.vault = r->vault, .e = e};
	git_odb_backend *pack = NULL, *loose = NULL;
	git_reference *ref = NULL;
	git_oid id;

	if (git_odb_new(&c.from) < 0 ||
	    git_odb_backend_pack(&pack, objects) < 0 ||
	    git_odb_add_backend(c.from, pack, 2) < 0 ||
	    git_odb_backend_loose(&loose, objects, -1, 0, 0, 0) < 0 ||
	    git_odb_add_backend(c.from, loose, 1) < 0)
		c.rc = err_git(e, "reading what was fetched");
	else if (git_odb_foreach(c.from, copy_one, &c) < 0 && !c.rc)
		c.rc = err_git(e, "keeping what was fetched");
	git_odb_free(c.from);
	if (c.rc == 0 &&
	    (git_oid_fromstr(&id, l->was) < 0 ||
	     git_reference_create(&ref, r->vault->git, name, &id, 1, NULL) < 0))
		c.rc = err_git(e, "keeping %s of the remote",
			       text_safe(r, l->ref));
	git_reference_free(ref);
	return c.rc;
}

int
remotes_keep(struct reversal *r, struct err *e)
{
	int rc = 0;

	for (const struct command *c = r->cmd; c && !rc; c = c->before)
		for (size_t i = 0; i < c->losses.nremotes && !rc; i++) {
			const struct remote_loss *l = &c->losses.remotes[i];
			struct item *it;

			if (is_id(l->was) && !have_object(r->repo->git, l->was))
				rc = l->from ? take_fetched(r, l, e)
					     : fetch(r, l, e);
			it = manifest_add(
			    &r->m, ITEM_REMOTE,
			    have(talloc_asprintf(r, "%s %s", l->url, l->ref)));
			it->before.kind =
			    is_id(l->was) ? VALUE_OID : VALUE_ABSENT;
			it->before.text = is_id(l->was) ? l->was : NULL;
			it->after.kind =
			    is_id(l->will) ? VALUE_OID : VALUE_ABSENT;
			it->after.text = l->will;
		}
	return rc;
}

/* What the remote says now, where it can be asked without a network: the push
 * may have failed. */
void
remotes_after(struct reversal *r)
{
	for (size_t i = 0; i < r->m.n; i++) {
		struct item *it = &r->m.items[i];
		const char *ref, *path;
		git_repository *git = NULL;
		git_oid id;
		char *url;

		if (it->kind != ITEM_REMOTE || !(ref = strrchr(it->name, ' ')))
			continue;
		url =
		    have(talloc_strndup(r, it->name, (size_t)(ref - it->name)));
		path = local_path(url);
		if (!path || git_repository_open(&git, path) < 0)
			continue;
		if (git_reference_name_to_id(&id, git, ref + 1) == 0) {
			it->after.kind = VALUE_OID;
			it->after.text =
			    have(talloc_strdup(r, git_oid_tostr_s(&id)));
		} else {
			it->after.kind = VALUE_ABSENT;
		}
		git_repository_free(git);
	}
}
