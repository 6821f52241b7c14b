/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a push would do, asked of git itself: push --dry-run --porcelain, with
 * the remote read-only and no hooks.  It speaks for configuration, mapping,
 * matching, mirrors and pruning alike; nothing of that is emulated.
 */
#include "base/text.h"
#include "tools/git_push.h"
#include "tools/git_words.h"

/* A line break or escape in a refspec could write lines of its own into the
 * answer. */
static const char *
control_bytes(struct git_call *g)
{
	const unsigned char *p;
	size_t i;

	for (i = 0; i < g->opt.ncanonical; i++)
		for (p = (const unsigned char *)g->opt.canonical[i]; *p; p++)
			if (*p < 0x20 || *p == 0x7f)
				return g->opt.canonical[i];
	return NULL;
}

static bool
is_ours(const char *option)
{
	static const char *const dropped[] = {"--quiet",
					      "--no-quiet",
					      "--porcelain",
					      "--no-porcelain",
					      "--dry-run",
					      "--no-dry-run",
					      "--verbose",
					      "--no-verbose",
					      "--progress",
					      "--no-progress",
					      "--no-verify",
					      "--verify",
					      "--set-upstream",
					      "--no-set-upstream",
					      "-q",
					      "-v",
					      "-n",
					      "-u"};
	size_t i;

	for (i = 0; i < sizeof(dropped) / sizeof(*dropped); i++)
		if (!strcmp(option, dropped[i]))
			return true;
	return !strncmp(option, "--signed", 8);
}

/* raw, instead: pushes to that URL go to this folder; NULL: where they go. */
static const char *const *
question(struct git_call *g, const char *raw, const char *instead)
{
	static const char *const fixed[] = {
	    "-c",	   "core.hooksPath=/dev/null",
	    "-c",	   "core.abbrev=no",
	    "push",	   "--dry-run",
	    "--porcelain", "--no-verify"};
	const char **v = talloc_array(g->ctx, const char *,
				      g->nglobals + g->opt.ncanonical + 15);
	bool options = true;
	size_t i, n = 0;

	if (!v)
		BUG("out of memory");
	v[n++] = "git";
	for (i = 0; i < g->nglobals; i++)
		v[n++] = g->globals[i];
	if (instead) {
		v[n++] = "-c";
		v[n++] = git_text(g, "url.%s.insteadOf=%s", instead, raw);
		v[n++] = "-c";
		v[n++] = git_text(g, "url.%s.pushInsteadOf=%s", instead, raw);
	}
	for (i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		v[n++] = fixed[i];
	for (i = 0; i < g->opt.ncanonical; i++) {
		if (!strcmp(g->opt.canonical[i], "--"))
			options = false;
		if (!options || !is_ours(g->opt.canonical[i]))
			v[n++] = g->opt.canonical[i];
	}
	v[n] = NULL;
	return v;
}

/* "<was>..<will>", "<was>...<will> (forced update)": whole, by core.abbrev. */
static void
read_values(struct push_line *l)
{
	const char *s = l->text;
	char was[GIT_OID_HEXSZ + 1] = "", will[GIT_OID_HEXSZ + 1] = "";
	size_t n = strspn(s, "0123456789abcdef"), dots;

	dots = strspn(s + n, ".");
	if (n != GIT_OID_HEXSZ || dots < 2 || dots > 3 ||
	    strspn(s + n + dots, "0123456789abcdef") != GIT_OID_HEXSZ)
		return;
	memcpy(was, s, GIT_OID_HEXSZ);
	memcpy(will, s + n + dots, GIT_OID_HEXSZ);
	git_oid_fromstr(&l->was, was);
	git_oid_fromstr(&l->will, will);
}

/* "<flag>\t<from>:<to>\t<summary>"; the destination has no colon. */
static int
read_line(struct push *p, char *line, size_t url, struct err *e)
{
	struct push_line l = {.flag = line[0], .url = url};
	char *spec, *tab, *colon;

	spec = line + 2;
	tab = line[0] && line[1] == '\t' ? strchr(spec, '\t') : NULL;
	if (!tab || !strchr(" +-*=!", line[0]))
		goto bad;
	*tab = '\0';
	colon = strrchr(spec, ':');
	if (!colon || strncmp(colon + 1, "refs/", 5)) {
		/* a destination that git could not tell: always refused */
		if (line[0] != '!' || !colon)
			goto bad;
	}
	*colon = '\0';
	l.from = spec;
	l.to = colon + 1;
	l.text = tab + 1;
	if (l.flag == ' ' || l.flag == '+')
		read_values(&l);
	p->lines = talloc_realloc(p->g->ctx, p->lines, struct push_line,
				  p->nlines + 1);
	if (!p->lines)
		BUG("out of memory");
	p->lines[p->nlines++] = l;
	return 0;
bad:
	return err_set(e, ERR_UNKNOWN,
		       "git push --dry-run said something unexpected: %s",
		       text_safe(p->g->ctx, line));
}

/* As git prints it behind "To": without who logs in. */
static const char *
as_printed(struct git_call *g, const struct git_url *u)
{
	const char *url = u->text, *at = strchr(url, '@'),
		   *rest = strstr(url, "://"), *slash;

	if (u->transport != GIT_URL_HOST || !at)
		return url;
	if (!rest)
		return strchr(at, ':') ? at + 1 : url;
	rest += 3;
	slash = strchr(rest, '/');
	if (slash && slash < at)
		return url;
	return git_text(g, "%.*s%s", (int)(rest - url), url, at + 1);
}

/* "Would set upstream of ...", in the person's language: no line of a ref. */
static bool
is_of_upstream(struct git_call *g, const char *line)
{
	return line[1] != '\t' &&
	       git_setting_bool(g, "push.autosetupremote", false);
}

static int
read_answer(struct push *p, const char *instead, char *output, struct err *e)
{
	const struct git_remote *r = &p->remote;
	char *line, *rest;
	size_t url = SIZE_MAX;
	int rc = 0;

	for (line = output; rc == 0 && line && *line; line = rest) {
		rest = strchr(line, '\n');
		if (rest)
			*rest++ = '\0';
		if (!strncmp(line, "To ", 3)) {
			/* in their order; one may be missing */
			for (url = url == SIZE_MAX ? 0 : url + 1;
			     url < r->npush &&
			     strcmp(instead ? instead
					    : as_printed(p->g, &r->push[url]),
				    line + 3);
			     url++)
				;
			if (url >= r->npush)
				return err_set(
				    e, ERR_UNKNOWN,
				    "git would push to %s, which this line "
				    "does not name",
				    git_url_safe(p->g, line + 3));
		} else if (strcmp(line, "Done") &&
			   !is_of_upstream(p->g, line)) {
			if (url == SIZE_MAX)
				return err_set(e, ERR_UNKNOWN,
					       "git push --dry-run did not "
					       "say where to");
			rc = read_line(p, line, url, e);
		}
	}
	return rc;
}

int
push_dry_run(struct push *p, const struct command *like, const char *raw,
	     const char *instead, struct err *e)
{
	struct git_call *g = p->g;
	char *output = NULL;
	int rc;

	p->lines = NULL;
	p->nlines = 0;
	rc = g->t->oracle(g->ctx, g->t, like, question(g, raw, instead),
			  &output, &p->status, e);
	if (rc < 0)
		return err_wrap(e, "asking git push --dry-run");
	return read_answer(p, instead, output, e);
}

int
push_ask(struct push *p, struct err *e)
{
	struct git_call *g = p->g;
	struct command like = *g->cmd;
	const char *bad = control_bytes(g);
	size_t i;

	if (bad)
		return err_set(e, ERR_UNKNOWN,
			       "a push with control characters in its "
			       "arguments: %s",
			       text_safe(g->ctx, bad));
	if (!g->t->oracle)
		return err_set(e, ERR_UNKNOWN,
			       "what git push would do cannot be found out "
			       "here");
	/* The person's own configuration (push.default, url.*.insteadOf) has a
	 * say in where to and what. */
	git_settings_need(g);
	if (push_guess(p))
		return 0;
	/* Nothing can be written there: the remote's own configuration, or
	 * --receive-pack, may start programs even in a dry run. */
	like.need = (struct need){.box = GIT_BOX_READ};
	need_looks(g->ctx, &like.need, &g->cmd->need);
	for (i = 0; i < g->cmd->need.nwrite; i++)
		need_read(g->ctx, &like.need, g->cmd->need.write[i]);
	/* Pushing without updates: the other end shows its refs. */
	for (i = 0; i < g->cmd->need.npermits; i++)
		need_permit(g->ctx, &like.need, &g->cmd->need.permits[i]);
	return push_dry_run(p, &like, NULL, NULL, e);
}
