/* SPDX-License-Identifier: Apache-2.0 */
/* curl's words: what each option adds to a group. */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/curl.h"
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* --- sources ---------------------------------------------------------------
 */

bool
curl_is_credential(struct curl_call *k, const char *path)
{
	struct operand o;
	bool home;

	operand_look(&k->c->os, path, &o);
	return o.leads && path_is_credential(&k->c->os, o.target, &home);
}

int
curl_from_file(struct curl_call *k, const char *path, struct err *e)
{
	size_t before = k->s.nfound;
	bool credential = curl_is_credential(k, path);
	int rc;

	if (strcmp(path, "-") != 0 && strcmp(path, ".") != 0) {
		curl_keep(k, &k->sources, &k->nsources, path);
		rc = sender_file(&k->s, path, e);
		if (credential || k->s.nfound > before)
			k->credential = path;
		return rc;
	}
	curl_keep(k, &k->sources, &k->nsources, "-");
	if (k->stdin_seen) {
		if (!k->s.content)
			k->s.content = "stdin";
		return 0;
	}
	k->stdin_seen = true;
	return sender_stdin(&k->s, e);
}

/* A file of one short line whose text goes into a header. */
static int
header_line(struct curl_call *k, const char *path, struct err *e)
{
	const char *content = k->s.content;
	struct stat st;
	int rc;

	/* not there yet: --etag-save will make it */
	if (stat(path_join(k->c->ctx, k->c->os.base_dir, path), &st) < 0)
		return sender_file(&k->s, path, e);
	rc = curl_from_file(k, path, e);
	if (st.st_size <= 256)
		k->s.content = content;
	return rc;
}

/* Data of the line: content, or with -G a part of the address. */
static void
literal(struct curl_call *k, const char *value)
{
	k->data = true;
	curl_keep(k, &k->literals, &k->nliterals, value);
}

static int
encoded(struct curl_call *k, const char *value, bool query, struct err *e)
{
	const char *at = value + strcspn(value, "=@");

	if (*at == '@') {
		const char *name =
		    file_text(k->c, "%.*s", (int)(at - value), value);

		/* the name of what the file holds */
		if (query)
			sender_says(&k->s, name, "the address");
		else if (*name)
			literal(k, name);
		return curl_from_file(k, at + 1, e);
	}
	if (query)
		sender_says(&k->s, value, "the address");
	else
		literal(k, value);
	return 0;
}

static int
cookie(struct curl_call *k, const char *v, struct err *e)
{
	if (*v != '@' && strchr(v, '=')) {
		sender_says(&k->s, v, "a cookie");
		return 0;
	}
	v += *v == '@';
	if (!strcmp(v, "-"))
		return curl_from_file(k, v, e); /* cookies from stdin */
	if (*v) {
		file_read_from(k->c, v);
		curl_keep(k, &k->jars, &k->njars, v);
	}
	return 0;
}

/* --- options ------------------------------------------------------------ */

static bool
is_daemon(const char *path)
{
	static const char *const names[] = {"docker",  "containerd", "podman",
					    "systemd", "snapd",	     "libvirt",
					    "crio",    "dbus"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strstr(path, names[i]))
			return true;
	return false;
}

static void
other_peer(struct curl_call *k, const struct curl_option *o, const char *value)
{
	struct err ignored;
	const char *p = value;

	k->elsewhere = true;
	if (o->role == CURL_PROXY) {
		k->routed = true;
		(void)sender_url(&k->s, value, NULL, NULL, NULL, &ignored);
		sender_says(&k->s, value, "the proxy's address");
		return;
	}
	if (o->role == CURL_SOCKET) {
		k->socket = true;
		k->s.socket = value;
		file_read_from(k->c, value);
		if (is_daemon(value))
			file_effect(k->c, EFFECT_PRIVILEGE, SCOPE_OUTSIDE,
				    value,
				    "who speaks to that service acts as root");
		return;
	}
	k->routed = true;
	/* H1:P1:H2:P2, and H:P:ADDRESS[,ADDRESS] */
	for (int i = 0; i < 2 && p; i++) {
		p = *p == '[' ? strchr(p, ']') : p;
		p = p ? strchr(p, ':') : NULL;
		p = p ? p + 1 : NULL;
	}
	while (p && *p) {
		size_t n = *p == '[' && strchr(p, ']')
			       ? (size_t)(strchr(p, ']') - p) + 1
			   : o->role == CURL_RESOLVE ? strcspn(p, ",")
						     : strcspn(p, ":");

		if (n)
			sender_to(&k->s, file_text(k->c, "%.*s", (int)n, p),
				  443);
		p += n;
		if (o->role != CURL_RESOLVE || *p != ',')
			break;
		p++;
	}
}

/* A header by which the host knows the person. */
static bool
gives_access(const char *header)
{
	static const char *const names[] = {"auth", "token", "key", "cookie",
					    "secret"};
	const char *name = talloc_strndup(NULL, header, strcspn(header, ":;"));
	bool yes = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		yes |= strcasestr(name, names[i]) != NULL;
	talloc_free((void *)(uintptr_t)name);
	return yes;
}

/* Beside data that go into the address as well it has no effect. */
int
curl_queries(struct curl_call *k, struct err *e)
{
	for (size_t i = 0; i < k->nqueries && !(k->get && k->data); i++)
		if (*k->queries[i] == '+')
			sender_says(&k->s, k->queries[i] + 1, "the address");
		else if (encoded(k, k->queries[i], true, e) < 0)
			return e->code;
	return 0;
}

static int
take_sent(struct curl_call *k, const struct curl_option *o, const char *v,
	  struct err *e)
{
	size_t before;

	switch (o->role) {
	case CURL_DATA:
		if (*v != '@') {
			literal(k, v);
			return 0;
		}
		k->data = true;
		return curl_from_file(k, v + 1, e);
	case CURL_DATA_RAW:
		literal(k, v);
		return 0;
	case CURL_ENCODED:
		k->data = true;
		return encoded(k, v, false, e);
	case CURL_QUERY:
		curl_keep(k, &k->queries, &k->nqueries, v);
		return 0;
	case CURL_FORM:
	case CURL_FORM_RAW:
		/* in a file curl warns of it, and goes on without */
		if (k->chose && k->config)
			return 0;
		k->form |= !k->head;
		if (o->role == CURL_FORM)
			return curl_form(k, v, e);
		sender_body(&k->s, v, "the form");
		return 0;
	case CURL_UPLOAD:
		curl_add_input(k, v);
		return 0;
	case CURL_HEADER:
		if (*v == '@')
			return curl_from_file(k, v + 1, e);
		if (k->config_gives && gives_access(v))
			k->credential = k->config;
		before = k->s.nfound;
		sender_says(&k->s, v, "a header");
		if (!strncasecmp(v, "authorization:", 14))
			k->bound += k->s.nfound - before;
		return 0;
	case CURL_ETAG:
		return header_line(k, v, e);
	case CURL_COOKIE:
		return cookie(k, v, e);
	case CURL_USER:
		if (k->config_gives)
			k->credential = k->config;
		before = k->s.nfound;
		sender_says_user(&k->s, v, file_text(k->c, "--%s", o->name));
		k->bound += k->s.nfound - before;
		return 0;
	case CURL_WRITE_OUT:
		if (*v == '@' && strcmp(v, "@-") != 0)
			file_read_from(k->c, v + 1);
		return 0;
	default:
		k->tells |= o->letter == 'e' && strstr(v, ";auto") != NULL;
		sender_says(&k->s, v, file_text(k->c, "--%s", o->name));
		return 0;
	}
}

/* What only sets how the group is carried out. */
static void
take_switch(struct curl_call *k, const struct curl_option *o, bool on)
{
	switch (o->role) {
	case CURL_REMOTE_NAME:
		curl_add_output(k, NULL, on);
		return;
	case CURL_REMOTE_ALL:
		k->all_remote = on;
		return;
	case CURL_HEADER_NAME:
		k->header_name = on;
		return;
	case CURL_GET:
		k->get = on;
		return;
	case CURL_HEAD:
		/* the first one counts, where a file of options says both */
		k->head = on && !k->form;
		k->chose |= !k->form;
		return;
	case CURL_LOCATION:
		k->location = on;
		return;
	case CURL_FOLLOWS:
		k->s.follows |= on;
		return;
	case CURL_GLOBOFF:
		k->globoff = on;
		return;
	case CURL_CLOBBER:
		k->clobber = on;
		k->keep_there = !on;
		return;
	case CURL_VERBOSE:
		k->trace = NULL;
		if (on)
			k->shown = "--verbose";
		return;
	case CURL_HELP:
		k->help = true;
		return;
	case CURL_NETRC:
		for (unsigned i = 0; on && i < SENDER_HOMES; i++) {
			const char *v = sender_at_home(&k->s, ".netrc", i);

			if (!v)
				continue;
			curl_keep(k, &k->netrcs, &k->nnetrcs, v);
			sender_own(&k->s, v);
		}
		return;
	default:
		return;
	}
}

/* Given twice, the last one counts. */
static void
side_file(struct curl_call *k, const struct curl_option *o, const char *path)
{
	/* opened as soon as it is read */
	if (!strcmp(o->name, "stderr"))
		curl_writes(k, path);
	for (size_t i = 0; i < k->nsides; i++)
		if (k->sides[i].option == o) {
			k->sides[i].path = path;
			return;
		}
	k->sides = talloc_realloc(k->c->ctx, k->sides, struct curl_side,
				  (unsigned)k->nsides + 1);
	if (!k->sides)
		BUG("out of memory");
	k->sides[k->nsides++] = (struct curl_side){o, path};
}

static int
cache(struct curl_call *k, const struct curl_option *o, const char *path,
      struct err *e)
{
	if (!*path)
		return 0; /* kept in memory */
	if (path_exists(path_join(k->c->ctx, k->c->os.base_dir, path)))
		return err_set(e, ERR_UNKNOWN,
			       "--%s with a file that names other hosts; leave "
			       "it out",
			       o->name);
	side_file(k, o, path);
	return 0;
}

static int
proto_default(struct curl_call *k, const char *v, struct err *e)
{
	if (strcmp(v, "http") != 0 && strcmp(v, "https") != 0)
		return err_set(e, ERR_UNKNOWN,
			       "--proto-default %s: write the scheme in the "
			       "address",
			       text_safe(k->c->ctx, v));
	k->guess = v;
	return 0;
}

static int
take(struct curl_call *k, const struct curl_option *o, const char *v, bool off,
     struct err *e)
{
	if (o->role == CURL_HELP && k->config)
		/* curl 7.88 goes on behind such a line */
		return err_set(e, ERR_UNKNOWN, "--%s in a configuration file",
			       o->name);
	if (o->role == CURL_NEXT) {
		/* without an address it goes on in the same group */
		if (!k->nurls)
			return 0;
		return curl_end_group(k, e);
	}
	if (o->role == CURL_REFUSE)
		return err_set(e, ERR_UNKNOWN,
			       "--%s is not followed; leave it out", o->name);
	if (!o->value) {
		take_switch(k, o, !off);
		return 0;
	}
	switch (o->role) {
	case CURL_URL:
		curl_add_url(k, v);
		return 0;
	case CURL_READS:
		/* "FILE:password" of a certificate */
		file_read_from(k->c,
			       talloc_strndup(k->c->ctx, v, strcspn(v, ":")));
		return 0;
	case CURL_NETRC_FILE:
		curl_read_netrc(k, v);
		curl_keep(k, &k->netrcs, &k->nnetrcs, v);
		return 0;
	case CURL_CACHE:
		return cache(k, o, v, e);
	case CURL_TRACES:
		k->shown = file_text(k->c, "--%s", o->name);
		if (!strcmp(o->name, "libcurl"))
			k->program = v;
		else
			k->trace = strcmp(v, "%") != 0 ? v : NULL;
		return 0;
	case CURL_WRITES:
		side_file(k, o, v);
		return 0;
	case CURL_OUTPUT:
		curl_add_output(k, v, false);
		return 0;
	case CURL_OUTPUT_DIR:
		k->dir = v;
		return 0;
	case CURL_PROTO_DEFAULT:
		return proto_default(k, v, e);
	case CURL_METHOD:
		k->method = v;
		sender_says(&k->s, v, "the method");
		return 0;
	case CURL_QUOTE:
		k->quote = true;
		sender_says(&k->s, v, "--quote");
		return 0;
	case CURL_PROXY:
	case CURL_CONNECT_TO:
	case CURL_RESOLVE:
	case CURL_SOCKET:
		other_peer(k, o, v);
		return 0;
	case CURL_CONFIG:
		return curl_read_config(k, v, false, e);
	case CURL_NOPROXY:
		k->noproxy = v;
		return 0;
	case CURL_PLAIN:
		return 0;
	default:
		return take_sent(k, o, v, e);
	}
}

/* Before 8.6 names may be cut short, and case does not count.  *many: it is
 * the beginning of several. */
static const struct curl_option *
find_long(const char *name, bool *off, bool *many)
{
	const struct curl_option *found = NULL;
	size_t len, hits = 0;

	*off = strncmp(name, "no-", 3) == 0;
	name += *off ? 3 : 0;
	len = strlen(name);
	for (size_t i = 0; len && i < curl_option_count; i++) {
		const struct curl_option *o = &curl_options[i];

		if (strncasecmp(o->name, name, len) != 0)
			continue;
		if (strlen(o->name) == len)
			return *off && o->value ? NULL : o;
		found = o;
		hits++;
	}
	*many = hits > 1;
	return hits == 1 && !(*off && found->value) ? found : NULL;
}

static int
unknown(struct curl_call *k, const char *word, struct err *e)
{
	return err_set(e, ERR_UNKNOWN, "option %s is not in the table",
		       text_safe(k->c->ctx, word));
}

/* One word and what belongs to it; *used: the next one was its value. */
int
curl_read_word(struct curl_call *k, const char *word, const char *next,
	       bool *used, struct err *e)
{
	const struct curl_option *o = NULL;
	bool off, many = false;

	*used = false;
	if (word[1] == '-') {
		o = find_long(word + 2, &off, &many);
		if (!o && many)
			return err_set(e, ERR_SYNTAX, "%s is ambiguous",
				       text_safe(k->c->ctx, word));
		if (!o)
			return unknown(k, word, e);
		if (!o->value)
			return take(k, o, NULL, off, e);
		if (!next)
			return err_set(e, ERR_SYNTAX, "--%s needs a value",
				       o->name);
		*used = true;
		return take(k, o, next, false, e);
	}
	for (const char *p = word + 1; *p; p++) {
		int rc;

		o = NULL;
		for (size_t i = 0; i < curl_option_count; i++)
			if (curl_options[i].letter == *p)
				o = &curl_options[i];
		if (!o)
			return unknown(k, word, e);
		if (o->value && !p[1] && !next)
			return err_set(e, ERR_SYNTAX, "-%c needs a value", *p);
		*used = o->value && !p[1];
		rc = take(k, o,
			  !o->value ? NULL
			  : p[1]    ? p + 1
				    : next,
			  false, e);
		if (rc < 0 || o->value)
			return rc;
	}
	return 0;
}
