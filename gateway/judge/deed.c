/* SPDX-License-Identifier: Apache-2.0 */
/* Effects -> deeds: nouns, names, lanes. */
#include "judge/deed.h"
#include "base/listed.h"
#include "base/path.h"
#include "base/text.h"
#include "judge/facts.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

void
deed_add_name(void *ctx, struct deed *d, const char *name)
{
	if (!name || !*name)
		return;
	for (size_t i = 0; i < d->nnames; i++)
		if (!strcmp(d->names[i], name))
			return;
	d->names = talloc_realloc(ctx, d->names, const char *,
				  (unsigned)d->nnames + 1);
	if (!d->names)
		BUG("out of memory");
	d->names[d->nnames++] = name;
}

/* "origin/feature/x", "origin tag v1": of a push. */
static void
remote_ref(void *ctx, struct deed *d)
{
	const char *o = d->object, *sep = strpbrk(o, " /");

	d->lane = LANE_REMOTE;
	d->noun = "branch";
	deed_add_name(ctx, d, o);
	if (!sep)
		return;
	d->remote = talloc_strndup(ctx, o, (size_t)(sep - o));
	if (!strncmp(sep, " tag ", 5)) {
		d->noun = "tag";
		sep += 4;
	}
	d->text = sep + 1;
	deed_add_name(ctx, d, d->text);
}

static void
local_ref(void *ctx, struct deed *d)
{
	static const struct {
		const char *prefix, *noun;
	} kinds[] = {{"refs/heads/", "branch"},
		     {"refs/tags/", "tag"},
		     {"refs/remotes/", "branch"},
		     {"refs/stash", "stash"}};
	const char *o = d->object;

	d->lane = LANE_LOCAL;
	d->noun = "branch";
	deed_add_name(ctx, d, o);
	d->text = o;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strncmp(o, kinds[i].prefix, strlen(kinds[i].prefix))) {
			d->noun = kinds[i].noun;
			d->text = o + strlen(kinds[i].prefix);
			deed_add_name(ctx, d, d->text);
		}
}

/* A path: as it is, without ./, its last part if that is one of its kind. */
static void
file_object(void *ctx, struct deed *d, const struct command *cmd)
{
	const char *o = d->object, *base, *tree = NULL;

	if (cmd->repo)
		tree = cmd->repo->worktree;
	d->lane = LANE_LOCAL;
	if (!d->noun)
		d->noun = d->kind == EFFECT_TREE_DELETE ? "directory" : "file";
	if (d->kind == EFFECT_WORKTREE_DISCARD ||
	    d->kind == EFFECT_INDEX_DISCARD)
		d->noun = "change", d->also = "file";
	if (d->kind == EFFECT_TREE_DELETE && cmd->summary &&
	    !strncmp(cmd->summary, "git worktree", 12))
		d->also = "worktree";
	d->text = o;
	deed_add_name(ctx, d, o);
	deed_add_name(ctx, d, talloc_asprintf(ctx, "%s/", o));
	deed_add_name(ctx, d, talloc_asprintf(ctx, "./%s", o));
	if (tree && path_is_under(o, tree) && o[strlen(tree)] == '/')
		deed_add_name(ctx, d, o + strlen(tree) + 1);
	base = path_base(o);
	if (strlen(base) > 2)
		deed_add_name(ctx, d, base);
}

/* "github.com gist notes.md": a file that becomes one. */
static bool
gist_object(void *ctx, struct deed *d)
{
	const char *what = strchr(d->object, ' ');

	if (!what || strncmp(what, " gist", 5) != 0 ||
	    (what[5] && what[5] != ' '))
		return false;
	d->lane = LANE_REMOTE;
	d->noun = "gist";
	d->text = what + 5;
	if (!what[5])
		return true;
	d->text++;
	deed_add_name(ctx, d, d->text);
	if (!strncmp(d->text, "./", 2))
		deed_add_name(ctx, d, d->text + 2);
	return true;
}

static void
host_object(void *ctx, struct deed *d)
{
	const char *o = d->object, *host = strstr(o, "://"), *at, *end;

	d->lane = LANE_REMOTE;
	d->noun = "host";
	d->text = o;
	deed_add_name(ctx, d, o);
	host = host ? host + 3 : o;
	end = host + strcspn(host, "/?#");
	at = memrchr(host, '@', (size_t)(end - host));
	if (at)
		host = at + 1;
	deed_add_name(ctx, d, talloc_strndup(ctx, host, (size_t)(end - host)));
	if (host > o) {
		deed_add_name(ctx, d,
			      talloc_strndup(ctx, o, (size_t)(end - o)));
		deed_add_name(ctx, d,
			      talloc_asprintf(ctx, "%.*s/", (int)(end - o), o));
	}
	at = memchr(host, ':', (size_t)(end - host));
	if (at)
		deed_add_name(ctx, d,
			      talloc_strndup(ctx, host, (size_t)(at - host)));
}

static void
content(void *ctx, struct deed *d, const struct command *cmd)
{
	d->sends = talloc_array(ctx, const char *, (unsigned)cmd->nsends + 1);
	if (!d->sends)
		BUG("out of memory");
	for (size_t i = 0; i < cmd->nsends; i++)
		d->sends[d->nsends++] = cmd->sends[i].path;
}

/* "docker compose -p other down" */
static bool
says_project(const struct command *cmd)
{
	static const char *const options[] = {"-p", "--project-name", "-f",
					      "--file", "--project-directory"};

	for (size_t i = 0; cmd->argv && cmd->argv[i]; i++)
		for (size_t k = 0; k < sizeof(options) / sizeof(*options); k++)
			if (!strncmp(cmd->argv[i], options[k],
				     strlen(options[k])))
				return true;
	return false;
}

/* A word of the object that says what kind of thing it is. */
static bool
take_noun(struct deed *d, const char *word)
{
	static const char *const nouns[] = {
	    "issue",	 "job",	   "release", "service", "secret",
	    "object",	 "branch", "tag",     "process", "repository",
	    "container", "volume", "image",   "network", "workflow"};
	static const char *const pulls[] = {"pr", "mr", "pull", "merge",
					    "request"};
	/* of what they stand at */
	static const char *const parts[] = {
	    "comment",	"on",	  "of",	  "protection", "review",   "label",
	    "assignee", "reply",  "note", "discussion", "reaction", "assets",
	    "lock",	"status", "the",  "new"};

	if (is_one_of(word, nouns, sizeof(nouns) / sizeof(*nouns))) {
		d->noun = nouns[0];
		for (size_t i = 0; i < sizeof(nouns) / sizeof(*nouns); i++)
			if (!strcmp(word, nouns[i]))
				d->noun = nouns[i];
		/* numbered together */
		if (d->noun == nouns[0])
			d->also = "pull request";
		else if (!strcmp(d->noun, "container"))
			d->also = "service";
		return true;
	}
	if (!strcmp(word, "containers") || !strcmp(word, "volumes")) {
		d->noun = *word == 'c' ? "container" : "volume";
		return true;
	}
	/* of a workflow */
	if (!strcmp(word, "run")) {
		d->noun = "job";
		return true;
	}
	if (is_one_of(word, pulls, sizeof(pulls) / sizeof(*pulls))) {
		d->noun = "pull request";
		d->also = "issue";
		return true;
	}
	return is_one_of(word, parts, sizeof(parts) / sizeof(*parts));
}

/* Of one that is not there yet: "an issue", "a new pull request titled x". */
static void
add_new(void *ctx, struct deed *d, const char *noun)
{
	static const char *const ends[] = {"", " titled", " called", " named"};
	const char *a = strchr("aeiou", *noun) ? "an" : "a";

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		deed_add_name(
		    ctx, d, talloc_asprintf(ctx, "%s %s%s", a, noun, ends[i]));
		deed_add_name(
		    ctx, d, talloc_asprintf(ctx, "a new %s%s", noun, ends[i]));
	}
}

/* "acme/widgets issue 7 comment": what counts is the last number, or where
 * there is none the last word that is a name. */
static void
resource_object(void *ctx, struct deed *d)
{
	static const char *const remarks[] = {
	    "comment", "review", "reply", "note", "discussion", "reaction"};
	char *copy = talloc_strdup(ctx, d->object), *rest = copy, *part;
	const char *number = NULL, *name = NULL;

	d->lane = LANE_REMOTE;
	d->text = d->object;
	d->remark = d->summary && strstr(d->summary, " comment");
	if (strstr(d->object, "://"))
		d->noun = "object", d->also = "file";
	deed_add_name(ctx, d, d->object);
	while ((part = strsep(&rest, " "))) {
		if (!*part)
			continue;
		if (!d->place && !number && !name && strchr(part, '/') &&
		    !strchr(part, ':') && rest)
			d->place = part;
		else if (take_noun(d, part)) {
			d->remark |= is_one_of(
			    part, remarks, sizeof(remarks) / sizeof(*remarks));
			continue;
		} else if (part[strcspn(part, "0123456789")])
			number = part;
		else
			name = part;
	}
	if (d->noun && d->kind == EFFECT_RESOURCE_CHANGE && !number && !name) {
		add_new(ctx, d, d->noun);
		if (!strcmp(d->noun, "pull request"))
			add_new(ctx, d, "pr");
	}
	name = number ? number : name ? name : d->place;
	if (name)
		d->text = name;
	deed_add_name(ctx, d, name);
	if (number)
		deed_add_name(ctx, d, talloc_asprintf(ctx, "#%s", number));
	if (number && d->place)
		deed_add_name(ctx, d,
			      talloc_asprintf(ctx, "%s#%s", d->place, number));
	if (d->place && path_base(d->place) && !number && name == d->place)
		deed_add_name(ctx, d, path_base(d->place));
}

/* Table of a database: "dev/users". */
static void
database_part(void *ctx, struct deed *d, const struct effect *f,
	      const struct effect_part *part)
{
	const char *last = strrchr(part->name, '.');

	/* rows that are changed by an UPDATE are not destroyed */
	if (part->rows && d->kind == EFFECT_DB_DESTROY)
		d->kind = EFFECT_DB_WRITE;
	d->alters = part->alters;
	d->noun = "table";
	d->object = d->text = talloc_asprintf(
	    ctx, "%s/%s", f->within ? f->within : d->object, part->name);
	deed_add_name(ctx, d, d->object);
	deed_add_name(ctx, d, part->name);
	deed_add_name(ctx, d, last ? last + 1 : NULL);
	if (f->within)
		deed_add_name(
		    ctx, d,
		    talloc_asprintf(ctx, "%s.%s", f->within, part->name));
}

/* "the database app on db.example": "app" */
static const char *
before_server(void *ctx, const char *object)
{
	const char *on = strstr(object, " on ");

	if (!on)
		return NULL;
	object += !strncmp(object, "the database ", 13) ? 13 : 0;
	return talloc_strndup(ctx, object, (size_t)(on - object));
}

static void
database_object(void *ctx, struct deed *d)
{
	const char *last = strrchr(d->object, '/');
	const char *name = before_server(ctx, d->object);

	d->text = d->object;
	deed_add_name(ctx, d, d->object);
	if (name) {
		d->noun = "database";
		d->text = name;
		deed_add_name(ctx, d, name);
		return;
	}
	d->noun = last ? "table" : "database";
	if (last) {
		deed_add_name(ctx, d, last + 1);
		deed_add_name(ctx, d,
			      talloc_asprintf(ctx, "%.*s.%s",
					      (int)(last - d->object),
					      d->object, last + 1));
	}
	last = strrchr(d->object, '.');
	if (last)
		deed_add_name(ctx, d, last + 1);
}

/* "stash@{0}" is the last one. */
static void
stash_object(void *ctx, struct deed *d)
{
	static const char *const newest[] = {"last", "latest",	"newest",
					     "top",  "topmost", "most recent"};
	const char *o = d->object;
	size_t n = strlen(o);

	deed_add_name(ctx, d, o);
	if (n < 9 || strncmp(o, "stash@{", 7) != 0)
		return;
	deed_add_name(ctx, d,
		      talloc_asprintf(ctx, "stash %.*s", (int)(n - 8), o + 7));
	deed_add_name(ctx, d,
		      talloc_asprintf(ctx, "stash #%.*s", (int)(n - 8), o + 7));
	for (size_t i = 0; !strcmp(o, "stash@{0}") && i < 6; i++)
		deed_add_name(ctx, d,
			      talloc_asprintf(ctx, "%s stash", newest[i]));
}

static void
describe(void *ctx, struct deed *d, const struct command *cmd)
{
	bool push = cmd->summary && !strncmp(cmd->summary, "git push", 8);

	if (d->kind == EFFECT_REVIEW_BYPASS || d->kind == EFFECT_GUARD_WEAKEN)
		d->noun = "hook";
	if (!d->object) {
		d->lane = LANE_LOCAL;
		d->mine = TRUTH_YES; /* the work tree is the caller's */
		if (d->kind == EFFECT_WORKTREE_DISCARD ||
		    d->kind == EFFECT_INDEX_DISCARD)
			d->noun = "change", d->also = "worktree";
		else if (d->kind == EFFECT_UNTRACKED_DELETE)
			d->noun = "file";
		return;
	}
	switch (d->kind) {
	case EFFECT_REF_CREATE:
	case EFFECT_REF_MOVE:
	case EFFECT_REF_DELETE:
	case EFFECT_REF_OVERWRITE:
	case EFFECT_HISTORY_REWRITE:
		if (d->kind == EFFECT_HISTORY_REWRITE ||
		    d->kind == EFFECT_REF_OVERWRITE)
			d->also = "commit";
		if (push && strncmp(d->object, "refs/", 5) != 0)
			remote_ref(ctx, d);
		else
			local_ref(ctx, d);
		break;
	case EFFECT_STASH_DROP:
		d->lane = LANE_LOCAL;
		d->noun = "stash";
		d->mine = TRUTH_YES; /* nobody else's get here */
		stash_object(ctx, d);
		break;
	case EFFECT_NET_FETCH:
	case EFFECT_NET_SEND:
	case EFFECT_SECRET_SEND:
	case EFFECT_REMOTE_EXEC:
		if (d->kind == EFFECT_NET_SEND && gist_object(ctx, d))
			break;
		host_object(ctx, d);
		if (d->kind == EFFECT_NET_SEND)
			content(ctx, d, cmd);
		break;
	case EFFECT_DB_READ:
	case EFFECT_DB_WRITE:
	case EFFECT_DB_DESTROY:
	case EFFECT_DB_SCHEMA:
		database_object(ctx, d);
		break;
	case EFFECT_RESOURCE_CHANGE:
	case EFFECT_RESOURCE_DELETE:
	case EFFECT_SERVICE_CHANGE:
	case EFFECT_PROCESS_SIGNAL:
	case EFFECT_PUBLISH:
	case EFFECT_SECRET_WRITE:
		if (d->kind != EFFECT_PUBLISH || !gist_object(ctx, d))
			resource_object(ctx, d);
		d->elsewhere = says_project(cmd);
		break;
	default:
		file_object(ctx, d, cmd);
		break;
	}
}

void
deeds_of(void *ctx, const struct effects *fx, const struct command *cmd,
	 struct deeds *out)
{
	size_t n = fx->n + 1;

	*out = (struct deeds){0};
	for (size_t i = 0; i < fx->n; i++)
		n += fx->v[i].nparts;
	out->v = talloc_zero_array(ctx, struct deed, (unsigned)n);
	if (!out->v)
		BUG("out of memory");
	for (size_t i = 0; i < fx->n; i++) {
		const struct effect *f = &fx->v[i];
		struct deed *d = &out->v[out->n], whole;

		if (effect_is_read(f->kind) && f->scope != SCOPE_PRODUCTION &&
		    f->scope != SCOPE_SECRET)
			continue;
		*d = (struct deed){.kind = f->kind,
				   .scope = f->scope,
				   .object = f->object,
				   .summary = cmd->summary,
				   .tip = f->tip,
				   .trunk = f->trunk,
				   .runs = f->runs,
				   .age_s = -1};
		whole = *d;
		deed_add_name(ctx, d, f->within);
		describe(ctx, d, cmd);
		d->tier = deed_tier(ctx, d);
		if (d->tier != TIER_UNKNOWN)
			deed_stem(ctx, d);
		whole.tier = d->tier;
		for (size_t k = 0; k < f->nparts; k++) {
			d = &out->v[out->n + k];
			*d = whole;
			database_part(ctx, d, f, &f->parts[k]);
		}
		out->n += f->nparts ? f->nparts : 1;
	}
	facts_find(ctx, cmd, out);
}
