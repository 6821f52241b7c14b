/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refs of a remote on another machine, for undo: read and pushed back by git
 * in a box, which reaches that machine by a permit for just this.
 */
#include "reversal/restore_far.h"
#include "base/memory.h"

static undo_far_run *carry;
static void *carry_data;

void
undo_remote_by(undo_far_run *run, void *data)
{
	carry = run;
	carry_data = data;
}

bool
restore_is_far(void *ctx, const char *url)
{
	struct transport_permit p;

	return carry && permit_from_url(ctx, url, &p, NULL) == 0;
}

/* The remote's URL as the project has it: a password in it is not in the
 * vault.  It is the same place, or it is not taken. */
static const char *
with_password(struct undo *u, void *ctx, const char *url)
{
	git_repository *git = undo_git(u);
	git_config *c = NULL;
	git_config_iterator *it = NULL;
	git_config_entry *entry;
	const char *bare = permit_url_bare(ctx, url), *out = bare;

	if (!git || git_repository_config_snapshot(&c, git) < 0)
		return out;
	if (git_config_iterator_glob_new(&it, c,
					 "^remote\\..*\\.(push)?url$") == 0)
		while (git_config_next(&entry, it) == 0)
			if (!strcmp(permit_url_bare(ctx, entry->value), bare))
				out = have(talloc_strdup(ctx, entry->value));
	git_config_iterator_free(it);
	git_config_free(c);
	return out;
}

static int
run(struct undo *u, void *ctx, const char **argv,
    const struct transport_permit *permit, char **output, struct err *e)
{
	struct undo_far git = {.argv = argv,
			       .vault = u->vault->dir,
			       .commondir = u->m.commondir,
			       .permit = *permit};

	return carry(carry_data, ctx, &git, output, e);
}

int
restore_far_read(struct undo *u, const char *url, const char *ref,
		 struct value *out, struct err *e)
{
	void *ctx = have(talloc_new(u->ctx));
	const char *where = with_password(u, ctx, url);
	const char *argv[] = {"git",	   "-c",     "core.hooksPath=/dev/null",
			      "ls-remote", "--refs", "--",
			      where,	   ref,	     NULL};
	struct transport_permit permit;
	char *text = NULL;
	size_t n;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = permit_from_url(ctx, where, &permit, e);
	permit.fetch = permit.named = true;
	if (rc == 0)
		rc = run(u, ctx, argv, &permit, &text, e);
	if (rc == 0) {
		/* ls-remote matches tails of names too */
		out->kind = VALUE_ABSENT;
		for (const char *line = text; line && *line;) {
			n = strcspn(line, "\n");
			if (n > 41 && line[40] == '\t' &&
			    n - 41 == strlen(ref) &&
			    !strncmp(line + 41, ref, n - 41)) {
				out->kind = VALUE_OID;
				out->text =
				    have(talloc_strndup(u->ctx, line, 40));
			}
			line += n + (line[n] == '\n');
		}
	}
	talloc_free(ctx);
	return rc;
}

int
restore_far_push(struct undo *u, const char *url, const char *ref,
		 const char *now, const char *to, struct err *e)
{
	void *ctx = have(talloc_new(u->ctx));
	const char *where = with_password(u, ctx, url);
	const char *argv[] = {
	    "git",
	    have(talloc_asprintf(ctx, "--git-dir=%s/kept.git", u->vault->dir)),
	    "-c",
	    "core.hooksPath=/dev/null",
	    "push",
	    "-q",
	    "--no-verify",
	    have(talloc_asprintf(ctx, "--force-with-lease=%s:%s", ref, now)),
	    "--",
	    where,
	    have(talloc_asprintf(ctx, "%s:%s", to, ref)),
	    NULL};
	struct permit_update update = {
	    .ref = ref, .was = *now ? now : NULL, .will = *to ? to : NULL};
	struct transport_permit permit;
	char *text = NULL;
	int rc;

	rc = permit_from_url(ctx, where, &permit, e);
	permit.push = permit.named = true;
	if (rc == 0) {
		permit.updates = &update;
		permit.nupdates = 1;
		rc = run(u, ctx, argv, &permit, &text, e);
	}
	talloc_free(ctx);
	return rc;
}
