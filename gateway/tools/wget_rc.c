/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of wget's configuration files and of -e. */
#include "base/path.h"
#include "base/text.h"
#include "tools/wget.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

/* What is said to the host, and who stands between. */
static bool
follows(struct wget_call *k, const char *name, const char *value,
	const char *from)
{
	static const char *const said[] = {"header", "useragent", "referer"};
	size_t before = k->s.nfound;
	bool yes = !strcmp(name, "useproxy") || !strcmp(name, "noproxy") ||
		   !strcmp(name, "httpproxy") || !strcmp(name, "httpsproxy");
	char *v;

	k->proxied |= yes;
	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++)
		yes |= !strcmp(name, said[i]);
	if (!yes || *value != '=')
		return false;
	value += 1 + strspn(value + 1, " \t");
	v = talloc_strdup(k->c->ctx, value);
	if (!v)
		BUG("out of memory");
	for (size_t n = strlen(v); n && isspace((unsigned char)v[n - 1]); n--)
		v[n - 1] = '\0';
	sender_says(&k->s, v, from);
	k->carries |= k->s.nfound > before;
	if (strncmp(name, "http", 4) == 0 && *v) {
		/* one for all: each may be the one that counts */
		if (k->proxy && strcmp(k->proxy, v) != 0)
			return false;
		k->proxy = v;
	}
	return true;
}

/* Commands of a wgetrc that do more than tune. */
static int
judge_command(struct wget_call *k, const char *line, const char *from,
	      struct err *e)
{
	static const char *const more[] = {
	    "askpass", "post",	      "body",	    "proxy",	  "input",
	    "output",  "header",      "method",	    "logfile",	  "dirprefix",
	    "base",    "user",	      "passw",	    "cookies",	  "warc",
	    "hsts",    "certificate", "privatekey", "background", "recursive",
	    "mirror",  "rejected",    "referer",    "convert",	  "debug",
	    "netrc"};
	char *name = talloc_strndup(k->c->ctx, line, strcspn(line, "= \t"));
	char *to = name;

	for (char *p = name; *p; p++)
		if (*p != '_' && *p != '-')
			*to++ = (char)tolower((unsigned char)*p);
	*to = '\0';
	if (follows(k, name, line + strcspn(line, "="), from))
		return 0;
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
		if (strstr(name, more[i]))
			return err_set(e, ERR_UNKNOWN,
				       "%s sets %s; write it as an option",
				       from, text_safe(k->c->ctx, name));
	return 0;
}

static int
read_rc(struct wget_call *k, const char *path, struct err *e)
{
	bool unseen = k->s.unseen;
	char *text, *save = NULL;

	k->s.unseen = false;
	text = sender_read(&k->s, path, 1u << 20);
	if (k->s.unseen)
		return err_set(e, ERR_UNKNOWN, "%s cannot be read first",
			       text_safe(k->c->ctx, path));
	k->s.unseen = unseen;
	if (!text)
		return 0;
	path = path_join(k->c->ctx, k->c->os.base_dir, path);
	sender_own(&k->s, path);
	for (char *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		l += strspn(l, " \t");
		if (*l && *l != '#' &&
		    judge_command(k, l, text_safe(k->c->ctx, path), e) < 0)
			return e->code;
	}
	return 0;
}

int
wget_commands(struct wget_call *k, struct err *e)
{
	const struct options *o = &k->c->opt;
	const char *rc = NULL;
	const char *machine = invocation_env(k->c->in, "SYSTEM_WGETRC");

	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->v[i].name, "execute") &&
		    judge_command(k, o->v[i].value, "-e", e) < 0)
			return e->code;
	/* of --config and --no-config the first counts */
	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->v[i].name, "config") &&
		    read_rc(k, o->v[i].value, e) < 0)
			return e->code;
	if (wget_on(k, "no-config") || file_value(k->c, "config"))
		return 0;
	if (machine && *machine && read_rc(k, machine, e) < 0)
		return e->code;
	rc = invocation_env(k->c->in, "WGETRC");
	if (rc && *rc)
		return read_rc(k, rc, e);
	for (unsigned i = 0; i < SENDER_HOMES; i++) {
		rc = sender_at_home(&k->s, ".wgetrc", i);
		if (rc && read_rc(k, rc, e) < 0)
			return e->code;
	}
	return 0;
}
