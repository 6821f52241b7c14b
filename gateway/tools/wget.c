/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wget 1.21: sources, hosts and files.  Its switches take "=on" and "=off",
 * and -n a group of letters.
 */
#include "tools/wget.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/db.h"
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>
#include <unistd.h>

extern const struct option_spec wget_options[]; /* wget_table.c */

static bool
letters(const struct wget_call *k, char letter)
{
	const struct options *o = &k->c->opt;

	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->v[i].name, "n") && strchr(o->v[i].value, letter))
			return true;
	return false;
}

bool
wget_on(const struct wget_call *k, const char *name)
{
	const struct options *o = &k->c->opt;
	bool yes = false;

	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->v[i].name, name))
			yes = !o->v[i].value ||
			      (strcasecmp(o->v[i].value, "off") != 0 &&
			       strcasecmp(o->v[i].value, "no") != 0 &&
			       strcmp(o->v[i].value, "0") != 0);
	return yes;
}

/* --- sources ---------------------------------------------------------------
 */

static int
sources(struct wget_call *k, struct err *e)
{
	static const char *const bodies[] = {"post-data", "body-data"};
	static const char *const files[] = {"post-file", "body-file"};
	static const char *const said[] = {
	    "header",	    "user-agent",   "referer",	     "user",
	    "password",	    "http-user",    "http-password", "http-passwd",
	    "ftp-user",	    "ftp-password", "proxy-user",    "proxy-password",
	    "proxy-passwd", "warc-header",  "method",	     "bind-address"};
	static const char *const reads[] = {"load-cookies", "certificate",
					    "private-key",  "ca-certificate",
					    "ca-directory", "crl-file"};
	const struct options *o = &k->c->opt;

	for (size_t i = 0; i < o->n; i++) {
		const char *name = o->v[i].name, *v = o->v[i].value;
		size_t before = k->s.nfound;

		for (size_t w = 0; w < 2; w++) {
			if (!strcmp(name, bodies[w]))
				sender_body(&k->s, v, "the request's content");
			if (!strcmp(name, files[w]) && strcmp(v, "-") != 0) {
				if (sender_file(&k->s, v, e) < 0)
					return e->code;
			} else if (!strcmp(name, files[w]) &&
				   sender_stdin(&k->s, e) < 0)
				return e->code;
			if (!strcmp(name, bodies[w]) || !strcmp(name, files[w]))
				k->body = true;
		}
		for (size_t w = 0; w < sizeof(said) / sizeof(*said); w++)
			if (!strcmp(name, said[w]))
				sender_says(&k->s, v,
					    file_text(k->c, "--%s", name));
		for (size_t w = 0; w < sizeof(reads) / sizeof(*reads); w++)
			if (!strcmp(name, reads[w]))
				file_read_from(k->c, v);
		/* user and password are for the host that asks for them */
		if (k->s.nfound > before && !strstr(name, "user") &&
		    !strstr(name, "passw"))
			k->carries = true;
	}
	k->method = file_value(k->c, "method");
	if (!k->method && k->body)
		k->method = "POST";
	if (k->method &&
	    (!strcasecmp(k->method, "GET") || !strcasecmp(k->method, "HEAD")))
		k->method = NULL;
	return 0;
}

/* --- files -----------------------------------------------------------------
 */

static void
arrives_at(struct wget_call *k, const char *path)
{
	sender_arrives(&k->s, path);
	file_write_to(k->c, path);
}

/* A name that is taken gets .1, .2 ...: nothing is overwritten. */
static void
free_name(struct wget_call *k, const char *name)
{
	const char *path = name;

	for (unsigned i = 1; i < 10000; i++) {
		if (!path_exists(path_join(k->c->ctx, k->c->os.base_dir, path)))
			break;
		path = file_text(k->c, "%s.%u", name, i);
	}
	arrives_at(k, path);
}

/* Whatever names it gives to what it finds, below a folder where nothing is
 * yet they are new. */
static int
fetched_many(struct wget_call *k, const char *dir, const char *host,
	     struct err *e)
{
	const char *name;
	struct operand o;

	operand_look(&k->c->os, dir ? dir : ".", &o);
	name = dir;
	if (wget_on(k, "span-hosts") ||
	    (o.there && !(o.leads && o.folder && file_is_empty(o.target)))) {
		name = dir ? file_text(k->c, "%s/%s", dir, host) : host;
		if (path_exists(
			path_join(k->c->ctx, k->c->os.base_dir, name)) ||
		    wget_on(k, "span-hosts") ||
		    wget_on(k, "no-host-directories") || letters(k, 'H') ||
		    letters(k, 'd'))
			return err_set(e, ERR_UNKNOWN,
				       "what a recursive fetch writes over "
				       "cannot be foreseen; use -P with a "
				       "folder that is not there yet");
	}
	if (name)
		file_write_to(k->c, name);
	else
		file_here(k->c);
	file_arrives_in(k->c, name ? name : ".");
	return 0;
}

/* -x without -r makes one file, over what has its name; NULL: which is not
 * told beforehand. */
static const char *
one_below(struct wget_call *k, const char *host, const char *path,
	  const char *name)
{
	static const char *const others[] = {"recursive",
					     "mirror",
					     "page-requisites",
					     "adjust-extension",
					     "protocol-directories",
					     "restrict-file-names",
					     "content-disposition",
					     "trust-server-names",
					     "no-directories",
					     "backups"};
	const char *cut = file_value(k->c, "cut-dirs");
	unsigned long n = cut ? strtoul(cut, NULL, 10) : 0;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (wget_on(k, others[i]))
			return NULL;
	if (letters(k, 'd') || *path != '/' || strpbrk(path, "%;?#\\") ||
	    strstr(path, "//") || strstr(path, "/."))
		return NULL;
	for (; n && strchr(path + 1, '/'); n--)
		path = strchr(path + 1, '/');
	path = file_text(k->c, "%.*s%s", (int)(strrchr(path, '/') - path), path,
			 file_text(k->c, "/%s", name));
	return wget_on(k, "no-host-directories") || letters(k, 'H')
		   ? path + 1
		   : file_text(k->c, "%s%s", host, path);
}

static int
fetched(struct wget_call *k, const char *url, const char *host,
	const char *path, struct err *e)
{
	const char *dir = file_value(k->c, "directory-prefix");
	const char *name = strrchr(path, '/'), *query = strchr(url, '?');
	bool below = wget_on(k, "force-directories");

	if (wget_on(k, "spider"))
		return 0;
	name = name && name[1] ? name + 1 : "index.html";
	if (query)
		name = file_text(k->c, "%s%.*s", name, (int)strcspn(query, "#"),
				 query);
	if (below)
		name = one_below(k, host, path, name);
	if (!name || wget_on(k, "recursive") || wget_on(k, "mirror") ||
	    wget_on(k, "page-requisites"))
		return fetched_many(k, dir, host, e);
	if (dir)
		name = file_text(k->c, "%s/%s", dir, name);
	if (wget_on(k, "timestamping") || wget_on(k, "continue") ||
	    wget_on(k, "unlink"))
		arrives_at(k, name);
	else if (wget_on(k, "no-clobber") || letters(k, 'c'))
		path_exists(path_join(k->c->ctx, k->c->os.base_dir, name))
		    ? (void)0
		    : arrives_at(k, name);
	else if (below)
		arrives_at(k, name);
	else
		free_name(k, name);
	/* names that the host may choose are new ones as well */
	if (wget_on(k, "content-disposition") ||
	    wget_on(k, "trust-server-names")) {
		file_here(k->c);
		file_arrives_in(k->c, dir ? dir : ".");
	}
	return 0;
}

static void
other_files(struct wget_call *k)
{
	static const char *const files[] = {"output-file", "append-output",
					    "save-cookies", "warc-file",
					    "rejected-log"};
	const char *v;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		v = file_value(k->c, files[i]);
		if (v && strcmp(v, "-") != 0 && strcmp(v, "/dev/null") != 0 &&
		    strcmp(v, "/dev/stderr") != 0 &&
		    strcmp(v, "/dev/stdout") != 0)
			file_write_to(k->c, v);
	}
}

/* It is asked for each host, so that no redirection takes it along. */
static const char *
netrc(struct wget_call *k)
{
	const char *held = NULL;

	for (unsigned i = 0; i < SENDER_HOMES && !wget_on(k, "no-netrc"); i++) {
		const char *path = sender_at_home(&k->s, ".netrc", i);

		if (path && sender_netrc(&k->s, path)) {
			sender_own(&k->s, path);
			held = path;
		} else if (path && path_exists(path)) {
			/* it would say that it cannot read what is hidden */
			need_file(k->c->ctx, &k->c->cmd->need, path, "", 0);
		}
	}
	return held;
}

static void
shown(struct wget_call *k, const char *netrc)
{
	static const char *const shows[] = {"debug", "warc-file"};

	for (size_t i = 0; i < sizeof(shows) / sizeof(*shows); i++)
		if (wget_on(k, shows[i]))
			sender_shows(&k->s, file_text(k->c, "--%s", shows[i]),
				     netrc,
				     file_text(k->c,
					       "leave out --%s; -S prints the "
					       "answer's headers",
					       shows[i]));
}

/* --- addresses -------------------------------------------------------------
 */

/* Where a recursive fetch puts what is there. */
static const char *
host_folder(struct wget_call *k, const char *scheme,
	    const struct sender_host *h)
{
	unsigned usual = !strcmp(scheme, "https") ? 443
			 : !strcmp(scheme, "ftp") ? 21
						  : 80;

	return !h ? "index"
	       : !h->port || h->port == usual
		   ? h->host
		   : file_text(k->c, "%s:%u", h->host, h->port);
}

static int
one_url(struct wget_call *k, const char *url, bool writes, struct err *e)
{
	const char *scheme, *path, *proxy, *host;
	size_t before = k->s.nhosts;

	sender_says(&k->s, url, "the address");
	if (sender_url(&k->s, url, NULL, &scheme, &path, e) < 0) {
		k->broken = text_safe(k->c->ctx, url);
		return 0;
	}
	host = k->s.last < k->s.nhosts ? k->s.hosts[k->s.last].host : NULL;
	proxy =
	    strcmp(scheme, "https") == 0
		? NULL
		: invocation_env(k->c->in, file_text(k->c, "%s_proxy", scheme));
	if (proxy && *proxy &&
	    (k->proxied || (!wget_on(k, "no-proxy") &&
			    !sender_unproxied(&k->s, NULL, host, true))) &&
	    sender_url(&k->s, proxy, NULL, NULL, NULL, e) < 0)
		return e->code;
	if (!writes)
		return 0;
	return fetched(k, url,
		       host_folder(k, scheme,
				   k->s.nhosts > before ? &k->s.hosts[before]
				   : k->s.nhosts	? &k->s.hosts[0]
							: NULL),
		       path, e);
}

/* A line of a list, as --base completes it. */
static const char *
based(struct wget_call *k, const char *line)
{
	const char *base = file_value(k->c, "base"), *root;

	if (!base || strstr(line, "://"))
		return line;
	root = strstr(base, "://");
	root = root ? root + 3 : base;
	if (!strncmp(line, "//", 2))
		return file_text(k->c, "%.*s%s", (int)(root - base), base,
				 line + 2);
	root += strcspn(root, "/");
	if (*line != '/' && *root)
		root = strrchr(root, '/');
	return file_text(k->c, "%.*s%s%s", (int)(root - base), base,
			 *line == '/' ? "" : "/", line);
}

/* NULL: it cannot be read beforehand. */
static char *
read_list(struct wget_call *k, const char *file, struct err *e)
{
	char *text = NULL;
	size_t len;

	if (!strcmp(file, "-")) {
		int in = k->c->in->stdio[0];

		if (db_stdin(k->c, &text, &len, e) < 0)
			return NULL;
		return text		      ? text
		       : in < 0 || isatty(in) ? NULL
					      : file_text(k->c, "%s", "");
	}
	if (!strcmp(path_clean(k->c->ctx, file), "/dev/null"))
		return file_text(k->c, "%s", "");
	if (path_descriptor(file) >= 0)
		return db_file(k->c, file, &len);
	file_read_from(k->c, file);
	return file_read(k->c->ctx, AT_FDCWD,
			 path_join(k->c->ctx, k->c->os.base_dir, file),
			 1u << 20, &text, &len, e) == 0
		   ? text
		   : NULL;
}

static int
from_list(struct wget_call *k, const char *file, bool writes, struct err *e)
{
	char *text, *save = NULL;

	if (strstr(file, "://") || wget_on(k, "force-html"))
		return err_set(e, ERR_UNKNOWN,
			       "-i: only a file with plain addresses is read "
			       "beforehand");
	if (strcmp(file, "-") != 0 && path_descriptor(file) < 0 &&
	    !path_exists(path_join(k->c->ctx, k->c->os.base_dir, file)))
		return err_set(e, ERR_SYNTAX, "no such list");
	text = read_list(k, file, e);
	if (!text)
		return err_set(e, ERR_UNKNOWN, "-i: %s cannot be read",
			       text_safe(k->c->ctx, file));
	for (char *l = strtok_r(text, "\r\n", &save); l;
	     l = strtok_r(NULL, "\r\n", &save)) {
		l += strspn(l, " \t");
		for (size_t n = strlen(l); n && strchr(" \t", l[n - 1]);)
			l[--n] = '\0';
		/* what stands in the file is for no message */
		if (*l && one_url(k, based(k, l), writes, e) < 0)
			return err_set(e, ERR_UNKNOWN,
				       "-i: %s holds something else than "
				       "addresses",
				       text_safe(k->c->ctx, file));
	}
	return 0;
}

static void
compose(struct wget_call *k)
{
	struct file_call *c = k->c;
	const char **v =
	    talloc_array(c->ctx, const char *, (unsigned)c->in->argc + 2);

	if (!v)
		BUG("out of memory");
	v[0] = c->in->argv[0];
	/* its memory of hosts lies in the home folder */
	v[1] = "--no-hsts";
	memcpy(v + 2, c->in->argv + 1, c->in->argc * sizeof(*v));
	c->cmd->argv = v;
}

static int
mean(struct file_call *c, struct err *e)
{
	struct wget_call k = {.c = c};
	const char *document = file_value(c, "output-document");
	const char *list = file_value(c, "input-file");
	const char *redirect;
	bool writes = !document;

	c->cmd->argv = (const char **)(uintptr_t)c->in->argv;
	if (file_value(c, "use-askpass"))
		return err_set(e, ERR_UNKNOWN,
			       "--use-askpass runs a program; leave it out");
	if (sender_begin(&k.s, c, e) < 0 || wget_commands(&k, e) < 0 ||
	    sources(&k, e) < 0)
		return e->code;
	for (size_t i = 0; i < c->opt.noperands; i++)
		if (one_url(&k, c->opt.operands[i], writes, e) < 0)
			return e->code;
	if (list && from_list(&k, list, writes, e) < 0)
		return e->code;
	if (k.broken && k.s.nhosts)
		return err_set(e, ERR_UNKNOWN, "%s is no address", k.broken);
	if (wget_on(&k, "background"))
		return err_set(e, ERR_UNKNOWN,
			       "-b would end with the box that it runs in; "
			       "leave it out, and write & behind the command");
	if (document && strcmp(document, "-") != 0 &&
	    strcmp(document, "/dev/null") != 0 &&
	    strcmp(document, "/dev/stdout") != 0)
		arrives_at(&k, document);
	other_files(&k);
	sender_proxies_say(&k.s);
	if (k.proxy && sender_url(&k.s, k.proxy, NULL, NULL, NULL, e) < 0)
		return e->code;
	for (size_t i = 0; i < c->opt.n; i++)
		if (!strcmp(c->opt.v[i].name, "load-cookies"))
			sender_cookies(&k.s, c->opt.v[i].value);
	shown(&k, netrc(&k));
	k.s.method = k.method;
	/* wget 1.21 takes every header along to another host */
	redirect = file_value(c, "max-redirect");
	k.s.follows = k.carries && (!redirect || strcmp(redirect, "0") != 0);
	k.s.unfollow = "add --max-redirect=0";
	sender_judge(&k.s);
	sender_end(&k.s);
	/* wget says so itself, or finds no network */
	if (k.broken)
		c->cmd->need.box = SEND_PIN_BOX;
	if (c->writes || k.broken)
		compose(&k);
	else
		file_hand_over(c);
	return 0;
}

static const struct file_tool tool = {
    .name = "wget",
    .options = wget_options,
    .mean = mean,
};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return sender_done(cmd, t->in,
			   file_understand(&tool, ctx, t, cmd, fx, e));
}

static const char *const names[] = {"wget", NULL};

const struct tool tool_wget = {
    .name = "wget",
    .names = names,
    .understand = understand,
};
