/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which forge a command speaks to, and whether it is one of the person's: the
 * program's own, one that the person has logged in to, or one whose name a
 * remote had when the session began.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/forge.h"
#include <ctype.h>
#include <string.h>

static char *
lower(struct forge_call *f, const char *s, size_t len)
{
	char *out = talloc_strndup(f->ctx, s, len);

	if (!out)
		BUG("out of memory");
	for (char *p = out; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return out;
}

/* The host of an address as git and the forges write it; NULL: none. */
static const char *
host_of_address(struct forge_call *f, const char *text, const char **path)
{
	const char *at = strstr(text, "://"), *end, *user;

	if (at)
		at += 3;
	else if (strchr(text, ':') && !strchr(text, ' ') && *text != '/')
		at = text; /* user@host:path */
	else
		return NULL;
	end = at + strcspn(at, "/?#");
	user = memrchr(at, '@', (size_t)(end - at));
	if (user)
		at = user + 1;
	*path = *end ? end + 1 : end;
	if (!strstr(text, "://")) {
		const char *colon = memchr(at, ':', (size_t)(end - at));

		if (!colon)
			return NULL;
		*path = colon + 1;
		end = colon;
	}
	if (end == at)
		return NULL;
	if (!strncmp(at, "www.", 4))
		at += 4;
	return lower(f, at, (size_t)(end - at));
}

/* The first two parts, without ".git". */
static const char *
slug_of_path(struct forge_call *f, const char *path)
{
	const char *slash = strchr(path, '/'), *end;
	size_t len;

	if (!slash || slash == path || !slash[1])
		return NULL;
	end = slash + 1 + strcspn(slash + 1, "/?#");
	len = (size_t)(end - path);
	if (len > 4 && !strncmp(end - 4, ".git", 4))
		len -= 4;
	return talloc_strndup(f->ctx, path, len);
}

const char *
forge_host_of(struct forge_call *f, const char *text, const char **slug)
{
	const char *path, *host = NULL, *slash;
	unsigned slashes = 0;

	*slug = NULL;
	/* elsewhere a colon is in front of a port */
	if (strstr(text, "://") || !strncmp(text, "git@", 4))
		host = host_of_address(f, text, &path);
	if (host) {
		*slug = slug_of_path(f, path);
		return host;
	}
	for (const char *p = text; *p; p++)
		slashes += *p == '/';
	if (slashes == 1) {
		*slug = slug_of_path(f, text);
		return NULL;
	}
	/* HOST/OWNER/REPO; a group may be nested, and a host has a dot or a
	 * port in its name */
	slash = strchr(text, '/');
	if (slashes < 2 || slash == text)
		return NULL;
	if (!memchr(text, '.', (size_t)(slash - text)) &&
	    !memchr(text, ':', (size_t)(slash - text)) &&
	    (slashes > 2 || !strcmp(f->kind->name, "glab"))) {
		*slug = text;
		return NULL;
	}
	*slug = slug_of_path(f, slash + 1);
	return lower(f, text, (size_t)(slash - text));
}

/* Only the person's own place counts: the caller's environment may name a
 * folder that it has filled itself. */
static bool
logged_in(struct forge_call *f, const char *host)
{
	const char *home = invocation_home(f->in), *own;
	struct err e = {0};

	own = forge_text(f, "%s/.config/%s", home ? home : "", f->kind->dir);
	if (strcmp(path_resolve(f->ctx, "/", own),
		   path_resolve(f->ctx, "/", f->config_dir)) != 0)
		return false;
	if (!strcmp(f->kind->name, "gh")) {
		if (forge_config_file(f, "hosts.yml", &f->hosts, &e) < 0)
			return false;
		return forge_setting(f->hosts, host) != NULL;
	}
	if (forge_config_file(f, "config.yml", &f->config, &e) < 0)
		return false;
	return forge_setting(f->config, forge_text(f, "hosts\n%s", host)) !=
	       NULL;
}

/* "remote NAME URL" lines of what the session first saw here. */
static bool
was_remote(struct forge_call *f, const char *host)
{
	const struct project_facts *facts =
	    f->repo ? session_facts(f->in->session, f->repo->id) : NULL;
	char *text, *save = NULL;
	const char *path, *url, *found;

	if (!facts)
		return false;
	text = talloc_strdup(f->ctx, facts->text);
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "remote ", 7) != 0)
			continue;
		url = strchr(line + 7, ' ');
		found = url ? host_of_address(f, url + 1, &path) : NULL;
		if (found && !strcmp(found, host))
			return true;
	}
	return false;
}

bool
forge_knows_host(struct forge_call *f, const char *host)
{
	return !strcmp(host, f->kind->host) || logged_in(f, host) ||
	       was_remote(f, host);
}

static const char *
first_env(struct forge_call *f, const char *const *names)
{
	for (; names && *names; names++) {
		const char *value = invocation_env(f->in, *names);

		if (value && *value)
			return value;
	}
	return NULL;
}

/* By preference as gh and glab have it: the one marked as the base, then
 * upstream, then origin, then any. */
static int
rank(struct forge_call *f, const char *name)
{
	char *key = forge_text(f, "remote.%s.%s-resolved", name, f->kind->name);

	if (git_setting(f->git, key))
		return 4;
	if (!strcmp(name, "upstream"))
		return 3;
	if (!strcmp(name, f->kind->name) || !strcmp(name, "github"))
		return 2;
	return !strcmp(name, "origin");
}

/* The remote whose host the program would take. */
static const char *
host_of_remotes(struct forge_call *f, const char **slug)
{
	const char *best = NULL, *host, *path;
	int high = -1, r;

	if (!f->repo || git_settings_load(f->git, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < f->git->settings->n; i++) {
		const struct git_setting *s = &f->git->settings->v[i];
		size_t len = strlen(s->key);

		if (strncmp(s->key, "remote.", 7) != 0 || len < 12 ||
		    strcmp(s->key + len - 4, ".url") != 0 || !s->value)
			continue;
		host = host_of_address(f, s->value, &path);
		if (!host)
			continue;
		/* ssh.github.com is the same for port 443 */
		if (!strncmp(host, "ssh.", 4))
			host += 4;
		if (strchr(host, ':'))
			host = strncmp(s->value, "ssh", 3) == 0
				   ? lower(f, host, strcspn(host, ":"))
				   : host;
		r = rank(f, talloc_strndup(f->ctx, s->key + 7, len - 11));
		if (r <= high || !forge_knows_host(f, host))
			continue;
		high = r;
		best = host;
		*slug = slug_of_path(f, path);
	}
	return best;
}

/* "name:8443" */
static void
set_host(struct forge_call *f, const char *host)
{
	const char *colon = strrchr(host, ':');

	f->host = host;
	f->port = 443;
	if (colon && !strchr(colon, ']') && colon[1]) {
		long port = strtol(colon + 1, NULL, 10);

		if (port > 0 && port < 65536)
			f->port = (uint16_t)port;
	}
	f->scope = forge_knows_host(f, host) ? SCOPE_TRUSTED : SCOPE_FOREIGN;
}

static int
check_host(struct forge_call *f, const char *host, struct err *e)
{
	size_t n = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-:_[]");

	if (!*host || host[n] || *host == '-' || strlen(host) > 260)
		return err_set(e, ERR_UNKNOWN, "\"%s\" is no host",
			       text_safe(f->ctx, host));
	return 0;
}

int
forge_names_host(struct forge_call *f, const char *host, struct err *e)
{
	struct effect *fx;
	int rc;

	static const char *const in_front[] = {"api.", "uploads.", "gist.",
					       "raw."};

	host = lower(f, host, strlen(host));
	rc = check_host(f, host, e);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < sizeof(in_front) / sizeof(*in_front); i++) {
		size_t len = strlen(in_front[i]);

		if (!strncmp(host, in_front[i], len) &&
		    forge_knows_host(f, host + len))
			return 0; /* reached with the forge, or not at all */
	}
	if (forge_knows_host(f, host)) {
		if (f->host && strcmp(f->host, host) != 0)
			f->kind->reach(f, host, 443);
		return 0;
	}
	fx = effects_add(f->fx, EFFECT_NET_SEND, SCOPE_FOREIGN, host);
	fx->undo = UNDO_NO;
	fx->why = forge_text(f,
			     "the person has not logged in to %s with %s, and "
			     "no remote had this host when the session began",
			     text_safe(f->ctx, host), f->kind->name);
	return 0;
}

/* The only host that the person has logged in to is the default of gh. */
static const char *
only_host(struct forge_call *f)
{
	const char *one = NULL;
	struct err e = {0};

	if (!strcmp(f->kind->name, "glab"))
		return forge_config_file(f, "config.yml", &f->config, &e) < 0
			   ? NULL
			   : forge_setting(f->config, "host");
	if (forge_config_file(f, "hosts.yml", &f->hosts, &e) < 0)
		return NULL;
	for (size_t i = 0; i < f->hosts->n; i++) {
		if (strchr(f->hosts->v[i].path, '\n'))
			continue;
		if (one)
			return NULL;
		one = f->hosts->v[i].path;
	}
	return one;
}

int
forge_find_host(struct forge_call *f, struct err *e)
{
	const char *host = NULL, *text, *slug = NULL;
	int rc;

	text = cobra_value(&f->line, "hostname");
	if (text)
		host = lower(f, text, strlen(text));
	if (!host && (text = cobra_value(&f->line, "repo"))) {
		host = forge_host_of(f, text, &slug);
		f->slug = slug;
	}
	if (!host && !f->slug && (text = first_env(f, f->kind->repo_env))) {
		host = forge_host_of(f, text, &slug);
		f->slug = slug;
	}
	if (!host && (text = first_env(f, f->kind->host_env))) {
		host = strstr(text, "://") ? forge_host_of(f, text, &slug)
					   : lower(f, text, strlen(text));
		host = host ? host : "";
	}
	if (!host) {
		host = host_of_remotes(f, &slug);
		if (host && !f->slug)
			f->slug = slug;
	}
	if (!host)
		host = only_host(f);
	if (!host)
		host = f->kind->host;
	rc = check_host(f, host, e);
	if (rc < 0)
		return rc;
	set_host(f, host);
	rc = forge_names_host(f, host, e);
	if (rc < 0)
		return rc;
	f->kind->reach(f, host, f->port);
	/* addresses among the operands */
	for (size_t i = 0; i < f->line.noperands; i++) {
		if (!strstr(f->line.operands[i], "://"))
			continue;
		text = forge_host_of(f, f->line.operands[i], &slug);
		if (!text)
			continue;
		if (i == 0 && slug)
			f->slug = slug;
		rc = forge_names_host(f, text, e);
		if (rc < 0)
			return rc;
	}
	return 0;
}
