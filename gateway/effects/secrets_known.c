/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secrets that this caller holds: values in the person's credential
 * files, in the .env files of the project, in the environment.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "effects/secrets_work.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <talloc.h>

#define MAX_FILE   (256u << 10)
#define MAX_VALUES 4000

struct gathering {
	void *ctx;
	const struct invocation *in;
	const struct scope_rules *rules;
	struct secret_values *out;
	const char *what;	    /* the file, for people */
	struct secret_owner *owner; /* of the file */
	const char *host;	    /* named last in this file */
	const char *variable;	    /* of the environment, "NAME=value" */
	bool later;		    /* the source may be of this session */
};

/* Hosts that the profile gives a variable: [secret "x"] env, host. */
static void
profile_hosts(struct gathering *g, const char *variable, struct secret_owner *o)
{
	const struct scope_rules *r = g->rules;

	for (size_t i = 0; r && i < r->nsecrets; i++) {
		if (r->secrets[i].host || strcmp(r->secrets[i].env, variable))
			continue;
		for (size_t k = 0; k < r->nsecrets; k++) {
			if (!r->secrets[k].host ||
			    strcmp(r->secrets[k].name, r->secrets[i].name))
				continue;
			o->family = r->secrets[i].name;
			o->instead_of = secrets_family_of(variable, NULL);
			o->hosts =
			    have(talloc_realloc(g->ctx, o->hosts, const char *,
						(unsigned)o->nhosts + 1));
			o->hosts[o->nhosts++] = r->secrets[k].host;
			o->said = false; /* the person did */
			o->claim = NULL;
		}
	}
}

static struct secret_owner *
new_owner(struct gathering *g, const char *variable,
	  const struct secret_owner *like, const char *host)
{
	struct secret_owner *o = have(talloc_zero(g->ctx, struct secret_owner));

	o->family = like ? like->family : "";
	o->keeps = like && like->keeps;
	o->nhosts = like ? like->nhosts : 0;
	o->hosts =
	    have(talloc_array(g->ctx, const char *, (unsigned)o->nhosts + 2));
	if (o->nhosts)
		memcpy(o->hosts, like->hosts, o->nhosts * sizeof(*o->hosts));
	if (host)
		o->hosts[o->nhosts++] = host;
	o->said = g->later;
	o->claim = o->said ? NULL : g->variable;
	if (variable)
		profile_hosts(g, variable, o);
	return o;
}

/* Whether a variable came later is asked where it matters: it is dear. */
static bool
is_said(struct gathering *g, struct secret_owner *o)
{
	if (o->claim)
		o->said = !secrets_env_inherited(g->in, o->claim);
	o->claim = NULL;
	return o->said;
}

/* Held twice: it belongs wherever one of them does, as far as it did before
 * the session; of two that came later and differ, none is believed. */
static void
add_owner(struct gathering *g, struct secret_value *v,
	  struct secret_owner *owner, const char *what)
{
	struct secret_owner *w = v->owner;
	bool was = is_said(g, w), is = is_said(g, owner);
	bool differ = strcmp(w->family, owner->family) != 0;

	if (was && !is && *owner->family) {
		w->family = owner->family;
		w->also = NULL;
		v->what = what;
	} else if (!*w->family && *owner->family) {
		w->family = owner->family;
		v->what = what;
	} else if (was && is && differ && *owner->family) {
		w->also = what;
	}
	if (is && !was)
		return;
	if (was && (!is || differ))
		w->nhosts = 0;
	w->said = was && is;
	if (w->said && differ)
		return;
	for (size_t k = 0; k < owner->nhosts; k++) {
		w->hosts = have(talloc_realloc(g->ctx, w->hosts, const char *,
					       (unsigned)w->nhosts + 1));
		w->hosts[w->nhosts++] = owner->hosts[k];
	}
	if (owner->instead_of)
		w->instead_of = owner->instead_of;
}

static void
add_value(struct gathering *g, const char *s, size_t len,
	  struct secret_owner *owner, const char *what)
{
	struct secret_values *o = g->out;

	if (len < 8 || o->n >= MAX_VALUES || secret_is_placeholder(s, len))
		return;
	for (size_t i = 0; i < o->n; i++)
		if (o->v[i].len == len && !memcmp(o->v[i].bytes, s, len)) {
			add_owner(g, &o->v[i], owner, what);
			return;
		}
	if (o->n % 64 == 0)
		o->v = have(talloc_realloc(g->ctx, o->v, struct secret_value,
					   (unsigned)o->n + 64));
	o->v[o->n++] =
	    (struct secret_value){.bytes = have(talloc_strndup(g->ctx, s, len)),
				  .len = len,
				  .owner = owner,
				  .what = what};
}

/* scheme://user:password@host: the password, which is for that host. */
static bool
add_from_url(struct gathering *g, const char *s, const char *what,
	     const char *variable, const struct secret_owner *like)
{
	const char *at = strstr(s, "://"), *end, *user, *colon, *host;

	if (!at)
		return false;
	at += 3;
	end = at + strcspn(at, "/?# \t\"'");
	user = memrchr(at, '@', (size_t)(end - at));
	colon = user ? memchr(at, ':', (size_t)(user - at)) : NULL;
	if (!colon)
		return false;
	if (variable &&
	    secrets_is_common(colon + 1, (size_t)(user - colon - 1)))
		return true;
	host = secrets_lower(g->ctx, user + 1, strcspn(user + 1, ":/?# \t\"'"));
	add_value(g, colon + 1, (size_t)(user - colon - 1),
		  new_owner(g, variable, like, host), what);
	return true;
}

/* With words before a family's name it is that family's, though perhaps not
 * for all its hosts: STAGING_AWS_SESSION_TOKEN. */
static struct secret_owner *
owner_named(struct gathering *g, const char *variable,
	    const struct secret_owner *like)
{
	struct secret_owner *o = new_owner(g, variable, like, NULL);

	for (const char *p = variable; !*o->family && (p = strchr(p, '_'));) {
		like = secrets_family_of(++p, NULL);
		o->family = like ? like->family : "";
	}
	return o;
}

static void
add_variable(struct gathering *g, const char *name, size_t nlen,
	     const char *value, const char *what)
{
	char *variable = have(talloc_strndup(g->ctx, name, nlen));
	const struct secret_owner *like = secrets_family_of(variable, NULL);
	size_t len = strlen(value);

	if (add_from_url(g, value, what, variable, like))
		return;
	if (len < 8 || value[0] == '/' || value[0] == '~' || value[0] == '$' ||
	    memchr(value, ' ', len) ||
	    (strstr(value, "://") && !strcasestr(variable, "webhook")))
		return;
	for (size_t i = 0; g->rules && i < g->rules->nsecrets; i++)
		if (g->rules->secrets[i].env &&
		    !strcmp(g->rules->secrets[i].env, variable))
			goto add;
	if (!secrets_names_secret(name, nlen) &&
	    !(like && secrets_looks_random(value, len)))
		return;
	if (secrets_names_file(value) || secrets_names_host(variable, value) ||
	    secrets_is_common(value, len))
		return;
add:
	add_value(g, value, len, owner_named(g, variable, like), what);
}

static void
from_variable(void *data, const char *variable)
{
	const char *eq = strchr(variable, '=');
	struct gathering *g = data;

	if (!eq)
		return;
	g->later = strstr(eq, "://") && strchr(eq, '@') &&
		   !secrets_env_inherited(g->in, variable);
	g->variable = variable;
	add_variable(g, variable, (size_t)(eq - variable), eq + 1,
		     have(talloc_asprintf(g->ctx, "the value of %.*s",
					  (int)(eq - variable), variable)));
	g->variable = NULL;
}

/* What this command was given, and what those were that led to it. */
static void
from_environment(struct gathering *g)
{
	for (size_t i = 0; i < g->in->envc; i++)
		from_variable(g, g->in->env[i]);
	secrets_env_above(g->ctx, g->in, from_variable, g);
}

/* One word of a credential file; key: the word before it on its line. */
static void
file_word(struct gathering *g, const char *s, size_t len, const char *key,
	  size_t klen)
{
	bool named = key && secrets_names_secret(key, klen);

	if (secrets_is_domain(s, len)) {
		g->host = secrets_lower(g->ctx, s, len);
		return;
	}
	if (*s == '/' || *s == '~' || len < 8)
		return;
	if (!named && !secrets_looks_random(s, len))
		return;
	add_value(g, s, len, new_owner(g, NULL, g->owner, g->host), g->what);
}

static void
from_text(struct gathering *g, char *text)
{
	static const char ends[] = " \t\r\"'`,;:={}[]()<>@";
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *key = NULL;
		size_t klen = 0, len;

		if (*line == '#' || strncmp(line, "-----", 5) == 0)
			continue;
		if (add_from_url(g, line, g->what, NULL, g->owner))
			continue;
		for (const char *p = line; *p; p += len) {
			p += strspn(p, ends);
			len = strcspn(p, ends);
			/* base64 ends in "=" */
			if (!len)
				continue;
			file_word(g, p, len, key, klen);
			key = p;
			klen = len;
		}
		/* .pgpass: the last field, whatever it looks like */
		key = strrchr(line, ':');
		if (key && strstr(g->what, ".pgpass"))
			add_value(g, key + 1, strlen(key + 1),
				  new_owner(g, NULL, g->owner, g->host),
				  g->what);
	}
}

/* The lines of a private key; its beginning is like any other's, and holds
 * the public half. */
static void
from_key(struct gathering *g, char *text)
{
	char *save = NULL;
	size_t n = 0, skip;

	for (const char *p = text; *p; p++)
		n += *p == '\n';
	skip = n > 6 ? n / 2 : 0;
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (skip && skip--)
			continue;
		if (strncmp(line, "-----", 5) != 0 && strlen(line) >= 16)
			add_value(g, line, strlen(line),
				  new_owner(g, NULL, g->owner, NULL), g->what);
	}
}

static void
from_file(struct gathering *g, const char *path, const char *shown,
	  const struct secret_owner *like)
{
	struct stat st;
	char *text;
	size_t len;

	/* a folder is not gone through, a pipe not waited for */
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
	    file_read(g->ctx, AT_FDCWD, path, MAX_FILE, &text, &len, NULL) != 0)
		return;
	g->later = !secrets_file_older(g->in, &st);
	g->what = have(talloc_asprintf(g->ctx, "a part of %s", shown));
	g->owner = new_owner(g, NULL, like, NULL);
	g->host = NULL;
	if (like && like->keeps)
		from_key(g, text);
	else
		from_text(g, text);
}

/* NAME=value lines; quotes and "export" as shells and dotenv take them. */
static void
from_dotenv(struct gathering *g, const char *path, const char *name)
{
	char *text, *save = NULL;
	struct stat st;
	size_t len;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
	    file_read(g->ctx, AT_FDCWD, path, MAX_FILE, &text, &len, NULL) != 0)
		return;
	g->later = !secrets_file_older(g->in, &st);
	for (char *l = strtok_r(text, "\r\n", &save); l;
	     l = strtok_r(NULL, "\r\n", &save)) {
		char *eq, *value, *end;

		l += strspn(l, " \t");
		if (!strncmp(l, "export ", 7))
			l += 7;
		eq = strchr(l, '=');
		if (*l == '#' || !eq)
			continue;
		value = eq + 1 + strspn(eq + 1, " \t");
		end = value + strlen(value);
		if (*value == '"' || *value == '\'') {
			char *quote = strchr(value + 1, *value);

			value++;
			end = quote ? quote : end;
		} else if ((eq = strstr(value, " #"))) {
			end = eq;
		}
		while (end > value && isspace((unsigned char)end[-1]))
			end--;
		*end = '\0';
		add_variable(
		    g, l, strcspn(l, "= \t"), value,
		    have(talloc_asprintf(g->ctx, "the value of %.*s in %s",
					 (int)strcspn(l, "= \t"), l, name)));
	}
}

static void
from_project(struct gathering *g, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *ent;

	while (d && (ent = readdir(d)))
		if ((fnmatch(".env", ent->d_name, 0) == 0 ||
		     fnmatch(".env.*", ent->d_name, 0) == 0 ||
		     fnmatch(".envrc", ent->d_name, 0) == 0) &&
		    !strstr(ent->d_name, "example") &&
		    !strstr(ent->d_name, "sample") &&
		    !strstr(ent->d_name, "template"))
			from_dotenv(g, path_join(g->ctx, dir, ent->d_name),
				    ent->d_name);
	if (d)
		closedir(d);
}

/* Where the command is, and where its session began: a value is known
 * wherever it is used. */
static void
from_projects(struct gathering *g, const char *folder)
{
	const char *cwd = g->in->cwd, *start, *top;

	from_project(g, cwd);
	if (folder && strcmp(folder, cwd) != 0)
		from_project(g, folder);
	start = g->in->session ? g->in->session->start_dir : NULL;
	for (top = start; top && strcmp(top, "/") != 0;
	     top = path_parent(g->ctx, top)) {
		bool repository = path_exists(path_join(g->ctx, top, ".git"));

		if ((top == start || repository) && strcmp(top, cwd) != 0 &&
		    (!folder || strcmp(top, folder) != 0))
			from_project(g, top);
		if (repository)
			return;
	}
}

int
secrets_known(void *ctx, const struct invocation *in,
	      const struct scope_rules *rules, const char *folder,
	      struct secret_values *out)
{
	struct gathering g = {.ctx = ctx, .in = in, .rules = rules, .out = out};
	const char *home = invocation_home(in);

	*out = (struct secret_values){0};
	for (const char *const *f = secrets_files(); home && f && *f; f++)
		from_file(&g, path_join(ctx, home, *f),
			  have(talloc_asprintf(ctx, "~/%s", *f)),
			  secrets_family_of(NULL, *f));
	from_environment(&g);
	from_projects(&g, folder);
	return 0;
}
