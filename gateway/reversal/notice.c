/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an entry holds, in a few words: "2 modified files, 1 untracked file
 * and feature/x (1a2b3c4)".
 */
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/reversal_work.h"
#include <string.h>

#define PARTS 12

struct counts {
	size_t modified, untracked, ignored, other, clean, logs, state, broken;
	size_t refs, tags; /* tags: and whatever is no branch */
	size_t left; /* refs whose old commits the new value does not hold */
	bool index, config, objects, stash;
	char *names[2];
};

static void
count_file(struct reversal *r, const struct item *it, struct counts *c)
{
	const struct found *f = finds_find(&r->finds, it->kind, it->name);

	if (it->before.kind == VALUE_ABSENT || it->before.kind == VALUE_DIR)
		return;
	if (it->before.kind == VALUE_OTHER) {
		c->broken++;
		return;
	}
	if (!f) {
		c->clean++;
		return;
	}
	switch (f->what) {
	case FOUND_MODIFIED:
		c->modified++;
		break;
	case FOUND_UNTRACKED:
	case FOUND_IN_THE_WAY:
		c->untracked++;
		break;
	case FOUND_IGNORED:
		c->ignored++;
		break;
	case FOUND_CONVERTED:
	case FOUND_DELETED:
		c->clean++;
		break;
	case FOUND_NESTED:
	case FOUND_PATH:
	case FOUND_DIR:
	case FOUND_ABSENT:
		c->other++;
		break;
	}
}

static const char *
short_ref(const char *name)
{
	if (!strncmp(name, "refs/heads/", 11))
		return name + 11;
	if (!strcmp(name, "refs/stash"))
		return "the stash";
	if (!strncmp(name, "refs/", 5))
		return strchr(name + 5, '/') ? strchr(name + 5, '/') + 1
					     : name + 5;
	return name;
}

static void
count_ref(void *ctx, const struct item *it, struct counts *c)
{
	const char *was = it->before.text;

	if (it->before.kind == VALUE_ABSENT)
		return;
	if (it->kind == ITEM_REMOTE ||
	    (!refs_is_head(it->name) && strncmp(it->name, "refs/heads/", 11) &&
	     strncmp(it->name, "refs/remotes/", 13)))
		c->tags++;
	if (c->refs < 2)
		c->names[c->refs] = have(talloc_asprintf(
		    ctx, "%s (%.*s)", text_safe(ctx, short_ref(it->name)),
		    it->before.kind == VALUE_OID ? 7 : 60,
		    it->before.kind == VALUE_SYMREF
			? text_safe(ctx, short_ref(was))
			: was));
	c->refs++;
}

/* A detached HEAD that is left for a branch: had that lost nothing, there
 * would be no entry. */
static bool
was_left(struct reversal *r, const struct item *it)
{
	if (it->before.kind != VALUE_OID)
		return false;
	if (it->after.kind == VALUE_SYMREF)
		return true;
	return it->after.kind == VALUE_OID &&
	       lost_between(r, it->before.text, it->after.text);
}

static void
count_gitfile(const struct item *it, struct counts *c)
{
	const char *base = path_base(it->name);

	if (!strcmp(base, "index"))
		c->index = true;
	else if (!strncmp(base, "config", 6))
		c->config |= it->before.kind != VALUE_ABSENT;
	else if (!strcmp(it->name, "logs/refs/stash"))
		c->stash |= it->before.kind != VALUE_ABSENT;
	else if (strstr(it->name, "logs/"))
		c->logs++;
	else if (it->before.kind != VALUE_ABSENT)
		c->state++;
}

static void
count_all(struct reversal *r, void *ctx, struct counts *c)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < r->m.n; i++) {
		const struct item *it = &r->m.items[i];

		switch (it->kind) {
		case ITEM_REF:
		case ITEM_REMOTE:
			count_ref(ctx, it, c);
			c->left += was_left(r, it);
			break;
		case ITEM_GITFILE:
			count_gitfile(it, c);
			break;
		case ITEM_OBJECTS:
			/* a pack of commits goes with its refs */
			c->objects |= !strcmp(it->before.text, "objects");
			break;
		case ITEM_FILE:
		case ITEM_PATH:
			count_file(r, it, c);
			break;
		}
	}
}

/* Branches that nothing was lost of, files that a commit holds, reflogs: git
 * itself has said what there is to say. */
bool
notice_worth(struct reversal *r, size_t lost_commits)
{
	void *ctx = talloc_new(r);
	struct counts c;
	bool worth;

	count_all(r, ctx, &c);
	worth = lost_commits || c.modified || c.untracked || c.ignored ||
		c.other || c.broken || c.objects || c.stash || c.tags ||
		c.left || (c.index && (r->main.staged || r->main.unmerged)) ||
		(!c.refs && (c.config || c.state));
	talloc_free(ctx);
	return worth;
}

char *
notice_line(struct reversal *r, void *ctx)
{
	const char *part[PARTS];
	struct counts c;
	char *text = have(talloc_strdup(ctx, ""));
	size_t n = 0;

	count_all(r, ctx, &c);
	if (c.modified)
		part[n++] = text_count(ctx, c.modified, "modified file");
	if (c.untracked)
		part[n++] = text_count(ctx, c.untracked, "untracked file");
	if (c.ignored)
		part[n++] = text_count(ctx, c.ignored, "ignored file");
	if (c.other)
		part[n++] = text_count(ctx, c.other, "file");
	if (c.clean && !n)
		part[n++] = text_count(ctx, c.clean, "tracked file");
	if (index_alone(r))
		part[n++] = have(talloc_asprintf(
		    ctx, "%s (%s%s)",
		    text_count(ctx, r->nalone, "staged version"),
		    text_safe(ctx, r->alone[0].path),
		    r->nalone > 1 ? ", ..." : ""));
	else if (c.index &&
		 (r->main.staged || r->main.unmerged || (!n && !c.refs)))
		part[n++] = "the index";
	for (size_t i = 0; i < c.refs && i < 2; i++)
		part[n++] = c.names[i];
	if (c.refs > 2)
		part[n++] =
		    have(talloc_asprintf(ctx, "%zu more refs", c.refs - 2));
	if (c.objects)
		part[n++] = "unreachable objects";
	if (!n && c.stash)
		part[n++] = "the stash";
	if (!n && c.config)
		part[n++] = "the configuration";
	if (!n && c.state)
		part[n++] = "the state of an operation in progress";
	if (!n && c.logs)
		part[n++] = "reflogs";
	for (size_t i = 0; i < n; i++)
		text = have(talloc_asprintf_append(text, "%s%s",
						   !i		? ""
						   : i + 1 == n ? " and "
								: ", ",
						   part[i]));
	if (c.broken)
		text = have(talloc_asprintf_append(
		    text, "%s (not kept: %s)", n ? "" : "what was there",
		    text_count(ctx, c.broken, "file")));
	return *text ? text : have(talloc_strdup(ctx, "what was there"));
}
