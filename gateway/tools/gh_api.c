/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gh api and glab api: a request as such.  The method decides between reading
 * and changing, the path says what is changed, and GraphQL is looked into for
 * a mutation.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/gh.h"
#include <ctype.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>

#define MAX_QUERY (1u << 20)

/* Paths below the interface's root, without a query, "*" across slashes; the
 * first row that fits. */
static const struct {
	const char *method; /* NULL: every one that changes */
	const char *path;
	enum effect_kind kind;
	const char *why;
} known[] = {
    {"POST", "markdown*", EFFECT_NET_FETCH, NULL},
    {NULL, "*/actions/secrets*", EFFECT_SECRET_WRITE, "secrets of workflows"},
    {NULL, "*/dependabot/secrets*", EFFECT_SECRET_WRITE, "secrets"},
    {NULL, "*/codespaces/secrets*", EFFECT_SECRET_WRITE, "secrets"},
    {NULL, "*/secrets/*", EFFECT_SECRET_WRITE, "secrets"},
    {NULL, "*/variables*", EFFECT_SECRET_WRITE,
     "variables of workflows, which may be secrets"},
    {NULL, "*/branches/*/protection*", EFFECT_GUARD_WEAKEN,
     "the protection of a branch"},
    {NULL, "*/protected_branches*", EFFECT_GUARD_WEAKEN,
     "the protection of branches"},
    {NULL, "*/rulesets*", EFFECT_GUARD_WEAKEN, "rules of the repository"},
    {NULL, "*/approval*", EFFECT_GUARD_WEAKEN, "rules of approval"},
    {"DELETE", "*", EFFECT_RESOURCE_DELETE, "it cannot be brought back"},
    {NULL, "*/merge", EFFECT_RESOURCE_CHANGE,
     "a merge is for everybody who works on the branch"},
    {NULL, "*/merges", EFFECT_RESOURCE_CHANGE,
     "a merge is for everybody who works on the branch"},
    {NULL, "*/approve", EFFECT_REVIEW_BYPASS,
     "an approval stands for a person who has read it"},
    {NULL, "*/collaborators/*", EFFECT_PERSIST, "gives others access"},
    {NULL, "*/members*", EFFECT_PERSIST, "gives others access"},
    {NULL, "*/invitations*", EFFECT_PERSIST, "gives others access"},
    {NULL, "*/memberships*", EFFECT_PERSIST, "gives others access"},
    {NULL, "*/deploy_keys*", EFFECT_PERSIST, "a key gives access"},
    {NULL, "*/access_tokens*", EFFECT_PERSIST, "a token gives access"},
    {NULL, "*/keys*", EFFECT_PERSIST, "a key gives access"},
    {NULL, "*/gpg_keys*", EFFECT_PERSIST, "a key gives trust"},
    {NULL, "*/hooks*", EFFECT_PERSIST, "a hook sends what happens elsewhere"},
    {"POST", "*/releases*", EFFECT_PUBLISH,
     "a release is there for all who can see the repository"},
    {"POST", "gists*", EFFECT_PUBLISH,
     "whoever has its address can read a gist"},
    {"POST", "*snippets*", EFFECT_PUBLISH, "others can read it"},
};

static char *
upper(struct forge_call *f, const char *s)
{
	char *out = talloc_strdup(f->ctx, s);

	for (char *p = out; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return out;
}

static const char *
method_of(struct forge_call *f)
{
	const char *method = cobra_value(&f->line, "method");

	if (method)
		return upper(f, method);
	if (cobra_given(&f->line, "field") ||
	    cobra_given(&f->line, "raw-field") ||
	    cobra_given(&f->line, "form") || cobra_given(&f->line, "input"))
		return "POST";
	return "GET";
}

/* A header that makes the server take the request for another one. */
static const char *
odd_header(struct forge_call *f)
{
	const char *h;

	for (size_t i = 0; (h = cobra_nth(&f->line, "header", i)); i++) {
		char *name = upper(f, h);

		name[strcspn(name, ":")] = '\0';
		if (strstr(name, "METHOD") || strstr(name, "SUDO") ||
		    strstr(name, "HOST") || strstr(name, "FORWARD"))
			return h;
	}
	return NULL;
}

/* The path below the root of the interface: no address, no query, no version,
 * no doubled or dot segments in front. */
static char *
path_of(struct forge_call *f, const char *endpoint)
{
	const char *at = strstr(endpoint, "://");
	char *path, *query;

	if (at) {
		at = strchr(at + 3, '/');
		endpoint = at ? at : "";
	}
	path = path_clean(f->ctx, forge_text(f, "/%s", endpoint));
	query = strpbrk(path, "?#");
	if (query)
		*query = '\0';
	path++;
	if (!strncmp(path, "api/v3/", 7) || !strncmp(path, "api/v4/", 7))
		path += 7;
	else if (!strncmp(path, "api/graphql", 11))
		path += 4;
	return path;
}

/* The content takes the place of "@file", so that what was looked at is what
 * is sent. */
static void
put_content(struct forge_call *f, const char *old, const char *text)
{
	char *word = forge_text(f, "--field=%s", old);

	for (const char **w = f->cmd->argv; *w; w++)
		if (!strcmp(*w, word))
			*w = forge_text(f, "--raw-field=query=%s", text);
}

/* 1: it changes something; 0: it reads; why is set when it cannot be told. */
static bool
query_changes(struct forge_call *f, const char **why)
{
	static const char *const flags[] = {"field", "raw-field"};
	const char *field, *text;
	bool seen = false;

	if (cobra_given(&f->line, "input")) {
		*why = "the query is in --input, and cannot be read before";
		return true;
	}
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; (field = cobra_nth(&f->line, flags[k], i));
		     i++) {
			char *content = NULL;
			size_t len;

			if (strncmp(field, "query", 5) != 0)
				continue;
			text = strchr(field, '=');
			text = text ? text + 1 : "";
			if (k == 0 && *text == '@') {
				if (!git_is_file_name(text + 1) ||
				    file_read(
					f->ctx, AT_FDCWD,
					path_join(f->ctx, f->dir, text + 1),
					MAX_QUERY, &content, &len, NULL) != 0) {
					*why = "the query cannot be read "
					       "before";
					return true;
				}
				put_content(f, field, content);
				text = content;
			}
			seen = true;
			if (!forge_query_reads(text)) {
				*why = "it holds a mutation";
				return true;
			}
		}
	*why = "there is no query";
	return !seen;
}

static int
api_graphql(struct forge_call *f)
{
	struct effect *fx;
	const char *why = NULL;

	if (!query_changes(f, &why)) {
		forge_effect_on(f, EFFECT_NET_FETCH, "graphql");
		return 0;
	}
	fx = forge_effect_on(f, EFFECT_RESOURCE_CHANGE, "graphql");
	fx->why = why;
	return 0;
}

/* "private=false" and its like make a thing public. */
static bool
makes_public(struct forge_call *f)
{
	static const char *const flags[] = {"field", "raw-field"};
	const char *v;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; (v = cobra_nth(&f->line, flags[k], i)); i++)
			if (!strcmp(v, "private=false") ||
			    !strcmp(v, "public=true") ||
			    !strcmp(v, "visibility=public"))
				return true;
	return false;
}

static bool
approves(struct forge_call *f, const char *path)
{
	static const char *const flags[] = {"field", "raw-field"};
	const char *v;

	if (fnmatch("*/pulls/*/reviews*", path, 0) != 0)
		return false;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; (v = cobra_nth(&f->line, flags[k], i)); i++)
			if (!strcmp(v, "event=APPROVE"))
				return true;
	return cobra_given(&f->line, "input");
}

char *
forge_path_object(void *ctx, const char *path)
{
	static const char *const odd[][2] = {
	    {"pulls", "pull request"},
	    {"merge_requests", "merge request"},
	    {"branches", "branch"},
	    {"heads", "branch"},
	    {"refs", NULL},
	    {"git", NULL}};
	char *rest, *part, *out;
	const char *owner, *name, *word;

	rest = talloc_strdup(ctx, strlen(path) > 6 ? path + 6 : "");
	if (strncmp(path, "repos/", 6) != 0 || !(owner = strsep(&rest, "/")) ||
	    !(name = strsep(&rest, "/")))
		return NULL;
	out = talloc_asprintf(ctx, "%s/%s%s", owner, name,
			      rest && *rest ? "" : " repository");
	while ((part = strsep(&rest, "/"))) {
		size_t len = strlen(part), i;

		word = part;
		for (i = 0; i < sizeof(odd) / sizeof(*odd); i++)
			if (!strcmp(part, odd[i][0]))
				break;
		if (i < sizeof(odd) / sizeof(*odd))
			word = odd[i][1];
		else if (len > 3 && part[len - 1] == 's')
			part[len - 1] = '\0';
		if (word && *word)
			out = talloc_asprintf_append(out, " %s", word);
	}
	return out;
}

static char *
api_object(struct forge_call *f, const char *method, const char *path)
{
	char *out = forge_path_object(f->ctx, path);

	return out ? out
		   : forge_text(f, "%s %s on %s", text_safe(f->ctx, method),
				text_safe(f->ctx, path), f->host);
}

static void
judge_change(struct forge_call *f, const char *method, const char *path)
{
	const char *object = api_object(f, method, path);
	struct effect *fx;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if ((!known[i].method || !strcmp(known[i].method, method)) &&
		    (fnmatch(known[i].path, path, 0) == 0 ||
		     (known[i].path[0] == '*' && known[i].path[1] == '/' &&
		      fnmatch(known[i].path + 2, path, 0) == 0)))
			break;
	if (i < sizeof(known) / sizeof(*known)) {
		fx = forge_effect_on(f, known[i].kind, object);
		fx->why = known[i].why;
	} else {
		fx = forge_effect_on(f, EFFECT_RESOURCE_CHANGE, object);
		fx->why = forge_text(f,
				     "%s: others see it on %s, in the "
				     "person's name",
				     text_safe(f->ctx, method), f->host);
	}
	if (fx->kind == EFFECT_GUARD_WEAKEN && !strcmp(method, "DELETE"))
		forge_effect_on(f, EFFECT_RESOURCE_DELETE, object)->why =
		    "it cannot be brought back";
	if (makes_public(f)) {
		fx = forge_effect_on(f, EFFECT_PUBLISH, object);
		fx->why = "it becomes public";
	}
	if (approves(f, path)) {
		fx = forge_effect_on(f, EFFECT_REVIEW_BYPASS, object);
		fx->why = "an approval stands for a person who has read it";
	}
}

int
forge_api(struct forge_call *f, struct err *e)
{
	const char *endpoint = cobra_operand(&f->line, 0), *method, *header;
	const char *out = cobra_value(&f->line, "output");
	struct effect *fx;
	char *path;

	if (!endpoint)
		return err_set(e, ERR_SYNTAX, "no path");
	method = method_of(f);
	path = path_of(f, endpoint);
	header = odd_header(f);
	if (header) {
		fx = forge_effect_on(f, EFFECT_RESOURCE_CHANGE, endpoint);
		fx->why = forge_text(f,
				     "the header %s may make it another "
				     "request",
				     text_safe(f->ctx, header));
	}
	if (!strcmp(f->kind->name, "glab") && out)
		out = NULL; /* a format */
	if (!strcmp(path, "graphql"))
		return api_graphql(f);
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		judge_change(f, method, path);
	else
		forge_effect_on(f, EFFECT_NET_FETCH,
				forge_text(f, "%s on %s", path, f->host));
	return 0;
}
