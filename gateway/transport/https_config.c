/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of the git-remote-https in its box: what the person's own
 * files say of http (system and global level, as they lie in the home folder;
 * no variable of the caller's names others), and of the repository's what
 * cannot send anything elsewhere, run anything or weaken TLS.
 */
#include "base/listed.h"
#include "base/own.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include "invocation/git_config_text.h"
#include "transport/https_private.h"
#include <strings.h>
#include <unistd.h>

#define INCLUDE_DEPTH 10 /* as git */

struct reading {
	struct https *h;
	struct config_out *out, *format;
	const char *file; /* being read */
	int depth;
	unsigned nfiles; /* bound so far */
	bool proxies;
	struct err *e;
};

static void
put_quoted(struct config_out *o, const char *s)
{
	o->text = talloc_strdup_append(o->text, "\"");
	for (; *s; s++) {
		const char one[2] = {*s, '\0'};
		const char *as = *s == '\n'   ? "\\n"
				 : *s == '\t' ? "\\t"
				 : *s == '\\' ? "\\\\"
				 : *s == '"'  ? "\\\""
					      : one;

		o->text = talloc_strdup_append(o->text, as);
	}
	o->text = talloc_strdup_append(o->text, "\"");
}

/* "section.variable" or "section.subsection.variable". */
void
config_put(struct config_out *o, const char *key, const char *value)
{
	const char *dot = strchr(key, '.'), *last = strrchr(key, '.');
	size_t len = (size_t)(last - key);

	if (!o->text)
		o->text = talloc_strdup(NULL, "");
	if (len >= sizeof(o->section) || strlen(o->section) != len ||
	    memcmp(o->section, key, len) != 0) {
		o->text = talloc_asprintf_append(o->text, "[%.*s",
						 (int)(dot - key), key);
		if (dot != last) {
			o->text = talloc_strdup_append(o->text, " ");
			put_quoted(o, talloc_strndup(o->text, dot + 1,
						     (size_t)(last - dot - 1)));
		}
		o->text = talloc_strdup_append(o->text, "]\n");
		snprintf(o->section, sizeof(o->section), "%.*s", (int)len, key);
	}
	o->text = talloc_asprintf_append(o->text, "\t%s", last + 1);
	if (value) {
		o->text = talloc_strdup_append(o->text, " = ");
		put_quoted(o, value);
	}
	o->text = talloc_strdup_append(o->text, "\n");
	if (!o->text)
		BUG("out of memory");
}

static const char *
expand(const struct reading *r, const char *path)
{
	void *ctx = r->h->c->ctx;

	if (strncmp(path, "~/", 2) == 0)
		return path_join(ctx, r->h->home, path + 2);
	return path_join(ctx, path_parent(ctx, r->file), path);
}

/* A file of the person's that git-remote-https reads itself. */
static void
put_path(struct reading *r, const char *key, const char *value)
{
	void *ctx = r->h->c->ctx;
	const char *real = path_resolve(ctx, "/", expand(r, value));
	const char *there =
	    talloc_asprintf(ctx, HTTPS_IN_BOX "/%u", r->nfiles++);

	if (access(real, R_OK) == 0)
		need_bind(ctx, &r->h->c->cmd.need, real, there, false);
	/* if not, git will say that it is not there */
	config_put(r->out, key, there);
}

static void
put_http(struct reading *r, const char *key, const char *value)
{
	static const char *const files[] = {
	    "sslcainfo",      "sslcapath",    "sslcert",
	    "sslkey",	      "proxysslcert", "proxysslkey",
	    "proxysslcainfo", "cookiefile",   NULL};
	/* the address is pinned; cookies would be written where nobody looks */
	static const char *const dropped[] = {"curloptresolve", "savecookies",
					      NULL};
	const char *name = strrchr(key, '.') + 1;

	if (is_listed(name, dropped))
		return;
	if (strcmp(name, "proxy") == 0)
		r->proxies = true;
	if (value && *value && is_listed(name, files))
		put_path(r, key, value);
	else
		config_put(r->out, key, value);
}

/* How objects are packed and checked, and how files are made. */
static bool
is_about_objects(const char *key)
{
	static const char *const keys[] = {"core.compression",
					   "core.loosecompression",
					   "core.bigfilethreshold",
					   "core.packedgitlimit",
					   "core.packedgitwindowsize",
					   "core.deltabasecachelimit",
					   "core.sharedrepository",
					   "core.fsync",
					   "core.fsyncmethod",
					   "fetch.fsckobjects",
					   "fetch.unpacklimit",
					   "transfer.fsckobjects",
					   "transfer.unpacklimit",
					   "pack.compression",
					   "pack.depth",
					   "pack.window",
					   "pack.windowmemory",
					   "pack.threads",
					   "pack.deltacachesize",
					   "pack.deltacachelimit",
					   "pack.usesparse",
					   NULL};

	return is_listed(key, keys);
}

static void
take_version(struct https *h, const char *value)
{
	int64_t n;

	if (value && text_number(value, 0, 2, &n, NULL) == 0)
		h->version = (int)n;
}

static int person_file(struct reading *r, const char *path);

/* includeIf "gitdir:"; the other conditions are about branches and remotes,
 * which have nothing to do with how a server is reached. */
static bool
condition_holds(struct reading *r, const char *key)
{
	void *ctx = r->h->c->ctx;
	const char *c = key + strlen("includeif.");
	char *glob;

	if (strncmp(c, "gitdir:", 7) != 0 || !r->h->git_dir)
		return false;
	glob = talloc_strndup(ctx, c + 7, strlen(c + 7) - strlen(".path"));
	if (strncmp(glob, "~/", 2) == 0)
		glob = talloc_asprintf(ctx, "%s%s", r->h->home, glob + 1);
	else if (strncmp(glob, "./", 2) == 0)
		glob = talloc_asprintf(ctx, "%s%s", path_parent(ctx, r->file),
				       glob + 1);
	else if (*glob != '/')
		glob = talloc_asprintf(ctx, "**/%s", glob);
	if (*glob && glob[strlen(glob) - 1] == '/')
		glob = talloc_asprintf(ctx, "%s**", glob);
	return path_glob_match(glob, r->h->git_dir);
}

static int
person_key(void *data, const char *key, const char *value)
{
	struct reading *r = data;
	const char *last = strrchr(key, '.');

	if (strcmp(key, "include.path") == 0 ||
	    (strncmp(key, "includeif.", 10) == 0 &&
	     strcmp(last, ".path") == 0 && condition_holds(r, key))) {
		const char *file = r->file;
		int rc;

		if (!value || ++r->depth > INCLUDE_DEPTH)
			return err_set(r->e, ERR_LIMIT,
				       "%s: includes are too deep",
				       text_safe(r->h->c->ctx, file));
		rc = person_file(r, expand(r, value));
		r->file = file;
		r->depth--;
		return rc;
	}
	if (strncmp(key, "http.", 5) == 0)
		put_http(r, key, value);
	else if (is_about_objects(key))
		config_put(r->out, key, value);
	else if (strcmp(key, "protocol.version") == 0)
		take_version(r->h, value);
	return 0;
}

static int
person_file(struct reading *r, const char *path)
{
	if (access(path, R_OK) < 0)
		return 0; /* as git */
	r->file = path;
	if (git_config_file(r->h->c->ctx, path, person_key, r, r->e) < 0)
		return err_wrap(r->e, "%s", text_safe(r->h->c->ctx, path));
	return 0;
}

/* http.proxy may hang on a URL: git itself says which one is meant. */
static int
find_proxy(struct https *h, const char *config, struct err *e)
{
	const char *argv[] = {
	    "git",	  "config",	     "-f", "-", "--get-urlmatch",
	    "http.proxy", h->c->permit->url, NULL};
	const char *const env[] = {"PATH=/usr/bin:/bin",
				   "GIT_CONFIG_NOSYSTEM=1",
				   "GIT_CONFIG_GLOBAL=/dev/null", NULL};
	struct spawn s = {.program = h->c->of->program,
			  .argv = argv,
			  .env = env,
			  .input = config,
			  .input_len = strlen(config)};

	if (spawn_run(h->c->ctx, &s, e) < 0)
		return err_wrap(e, "reading http.proxy");
	s.output[strcspn(s.output, "\n")] = '\0';
	if (s.status == 0 && *s.output)
		h->proxy = s.output;
	return 0;
}

int
https_person_config(struct https *h, struct config_out *o, struct err *e)
{
	struct reading r = {.h = h, .out = o, .e = e};
	const char *files[] = {
	    "/etc/gitconfig",
	    path_join(h->c->ctx, h->home, ".config/git/config"),
	    path_join(h->c->ctx, h->home, ".gitconfig")};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (person_file(&r, files[i]) < 0)
			return e->code;
	if (r.proxies)
		return find_proxy(h, o->text, e);
	return 0;
}

static int
own_key(void *data, const char *key, const char *value)
{
	static const char *const http[] = {
	    "postbuffer",  "version",	  "lowspeedlimit", "lowspeedtime",
	    "maxrequests", "minsessions", "noepsv",	   NULL};
	struct reading *r = data;

	if (strncmp(key, "http.", 5) == 0) {
		if (is_listed(strrchr(key, '.') + 1, http))
			config_put(r->out, key, value);
	} else if (strcmp(key, "core.repositoryformatversion") == 0 ||
		   strcmp(key, "extensions.objectformat") == 0) {
		config_put(r->format, key, value);
	} else if (strcmp(key, "extensions.partialclone") == 0 && value) {
		/* objects that are missing are missing on purpose, and can be
		 * had from where we go */
		config_put(r->format, key, "origin");
		config_put(r->format, "remote.origin.url",
			   r->h->c->permit->url);
		config_put(r->format, "remote.origin.promisor", "true");
	} else if (is_about_objects(key)) {
		config_put(r->out, key, value);
	} else if (strcmp(key, "protocol.version") == 0) {
		take_version(r->h, value);
	}
	return 0;
}

int
https_own_config(struct https *h, struct config_out *format,
		 struct config_out *o, struct err *e)
{
	struct reading r = {.h = h, .out = o, .format = format, .e = e};
	const char *path;

	config_put(format, "core.bare", "true");
	config_put(format, "core.hookspath", "/dev/null");
	if (!h->common)
		return 0;
	path = path_join(h->c->ctx, h->common, "config");
	if (git_config_file(h->c->ctx, path, own_key, &r, e) < 0)
		return err_wrap(e, "%s", text_safe(h->c->ctx, path));
	return 0;
}
