/* SPDX-License-Identifier: Apache-2.0 */
/* curl's words and configuration files: what each option adds to a group. */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/curl.h"
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define MAX_DEPTH 8 /* configuration files that name others */

/* --- sources ---------------------------------------------------------------
 */

static int
from_file(struct curl_call *k, const char *path, struct err *e)
{
	if (strcmp(path, "-") != 0 && strcmp(path, ".") != 0)
		return sender_file(&k->s, path, e);
	if (k->stdin_seen) {
		if (!k->s.content)
			k->s.content = "stdin";
		return 0;
	}
	k->stdin_seen = true;
	return sender_stdin(&k->s, e);
}

static int
encoded(struct curl_call *k, const char *value, bool query, struct err *e)
{
	const char *at = value + strcspn(value, "=@");

	if (*at == '@')
		return from_file(k, at + 1, e);
	if (query)
		sender_says(&k->s, value, "the address");
	else
		sender_body(&k->s, value, "the request's content");
	return 0;
}

/* "name=@file;type=x,file2", "name=<file", "name=text;type=x" */
static int
form(struct curl_call *k, const char *value, struct err *e)
{
	const char *p = strchr(value, '=');
	char *list, *save = NULL;

	sender_body(&k->s, value, "the form");
	for (const char *h = value; (h = strstr(h, "headers=")); h += 8)
		if (h[8] == '@' || h[8] == '<')
			return err_set(e, ERR_UNKNOWN,
				       "headers of a form from a file: write "
				       "them out");
	if (!p || (p[1] != '@' && p[1] != '<'))
		return 0;
	if (p[2] == '"') {
		const char *end = strchr(p + 3, '"');

		return from_file(k,
				 file_text(k->c, "%.*s",
					   end ? (int)(end - p - 3) : 4000,
					   p + 3),
				 e);
	}
	list = talloc_strndup(k->c->ctx, p + 2, strcspn(p + 2, ";"));
	if (p[1] == '<' ||
	    path_exists(path_join(k->c->ctx, k->c->os.base_dir, list)))
		return from_file(k, list, e);
	for (char *f = strtok_r(list, ",", &save); f;
	     f = strtok_r(NULL, ",", &save)) {
		int rc = from_file(k, f + (*f == '@'), e);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* --- options ---------------------------------------------------------------
 */

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

	if (o->role == CURL_PROXY) {
		(void)sender_url(&k->s, value, NULL, NULL, NULL, &ignored);
		sender_says(&k->s, value, "the proxy's address");
		return;
	}
	if (o->role == CURL_SOCKET) {
		k->socket = true;
		if (is_daemon(value))
			file_effect(k->c, EFFECT_PRIVILEGE, SCOPE_OUTSIDE,
				    value,
				    "who speaks to that service acts as root");
		return;
	}
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

int curl_read_config(struct curl_call *k, const char *path, bool own,
		     struct err *e);

static int
take_sent(struct curl_call *k, const struct curl_option *o, const char *v,
	  struct err *e)
{
	switch (o->role) {
	case CURL_DATA:
		k->data = true;
		if (*v == '@')
			return from_file(k, v + 1, e);
		sender_body(&k->s, v, "the request's content");
		return 0;
	case CURL_DATA_RAW:
		k->data = true;
		sender_body(&k->s, v, "the request's content");
		return 0;
	case CURL_ENCODED:
		k->data = true;
		return encoded(k, v, false, e);
	case CURL_QUERY:
		return encoded(k, *v == '+' ? v + 1 : v, true, e);
	case CURL_FORM:
		k->form = true;
		return form(k, v, e);
	case CURL_UPLOAD:
		k->upload = true;
		if (!k->globoff && strpbrk(v, "{[") &&
		    !path_exists(path_join(k->c->ctx, k->c->os.base_dir, v)))
			return err_set(e, ERR_UNKNOWN,
				       "-T: name the files one by one");
		return from_file(k, v, e);
	case CURL_HEADER:
		if (*v == '@')
			return from_file(k, v + 1, e);
		sender_says(&k->s, v, "a header");
		return 0;
	case CURL_COOKIE:
		if (!strchr(v, '=') && *v) {
			/* a jar: its cookies name their hosts */
			file_read_from(k->c, v);
			return 0;
		}
		sender_says(&k->s, v, "a cookie");
		return 0;
	default:
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
		curl_keep(k, &k->outputs, &k->noutputs, on ? NULL : "-");
		k->nremote = k->noutputs;
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
		k->head = on;
		return;
	case CURL_FOLLOWS:
		k->s.follows |= on;
		return;
	case CURL_GLOBOFF:
		k->globoff = on;
		return;
	case CURL_HELP:
		k->help = true;
		return;
	case CURL_NETRC:
		if (on && k->c->os.home)
			need_read(
			    k->c->ctx, &k->c->cmd->need,
			    path_join(k->c->ctx, k->c->os.home, ".netrc"));
		return;
	default:
		return;
	}
}

static int
take(struct curl_call *k, const struct curl_option *o, const char *v, bool off,
     struct err *e)
{
	if (o->role == CURL_NEXT)
		return curl_end_group(k, e);
	if (o->role == CURL_REFUSE)
		return err_set(e, ERR_UNKNOWN,
			       "--%s is not followed; leave it out", o->name);
	if (!o->value) {
		take_switch(k, o, !off);
		return 0;
	}
	switch (o->role) {
	case CURL_URL:
		curl_keep(k, &k->urls, &k->nurls, v);
		return 0;
	case CURL_READS:
		/* "FILE:password" of a certificate */
		file_read_from(k->c,
			       talloc_strndup(k->c->ctx, v, strcspn(v, ":")));
		return 0;
	case CURL_NETRC_FILE:
		file_read_from(k->c, v);
		return 0;
	case CURL_WRITES:
		curl_writes(k, v);
		return 0;
	case CURL_OUTPUT:
		curl_keep(k, &k->outputs, &k->noutputs, v);
		return 0;
	case CURL_OUTPUT_DIR:
		k->dir = v;
		return 0;
	case CURL_METHOD:
		k->method = v;
		sender_says(&k->s, v, "the method");
		return 0;
	case CURL_QUOTE:
		k->method = "QUOTE";
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
	case CURL_PLAIN:
		return 0;
	default:
		return take_sent(k, o, v, e);
	}
}

static bool
is_switch(const struct curl_option *o)
{
	return !o->value;
}

/* Before 8.6 names may be cut short, and case does not count. */
static const struct curl_option *
find_long(const char *name, bool *off)
{
	const struct curl_option *found = NULL;
	size_t len = strlen(name);

	*off = false;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < curl_option_count; i++)
			if (!strcasecmp(curl_options[i].name, name))
				return &curl_options[i];
		if (strncasecmp(name, "no-", 3) != 0)
			break;
		for (size_t i = 0; i < curl_option_count; i++)
			if (is_switch(&curl_options[i]) &&
			    !strcasecmp(curl_options[i].name, name + 3)) {
				*off = true;
				return &curl_options[i];
			}
		break;
	}
	if (!len)
		return NULL;
	for (size_t i = 0; i < curl_option_count; i++)
		if (!strncasecmp(curl_options[i].name, name, len)) {
			if (found)
				return NULL;
			found = &curl_options[i];
		}
	if (found || strncasecmp(name, "no-", 3) != 0)
		return found;
	*off = true;
	for (size_t i = 0; i < curl_option_count; i++)
		if (is_switch(&curl_options[i]) &&
		    !strncasecmp(curl_options[i].name, name + 3, len - 3)) {
			if (found)
				return NULL;
			found = &curl_options[i];
		}
	return found;
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
	bool off;

	*used = false;
	if (word[1] == '-') {
		o = find_long(word + 2, &off);
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

/* --- configuration files ---------------------------------------------------
 */

static char *
unquoted(char *p)
{
	char *to = p, *start = p;

	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1]) {
			p++;
			*to++ = *p == 'n'   ? '\n'
				: *p == 't' ? '\t'
				: *p == 'r' ? '\r'
				: *p == 'v' ? '\v'
					    : *p;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return start;
}

static int
config_line(struct curl_call *k, char *line, struct err *e)
{
	char *p = line + strspn(line, " \t\r"), *value;
	bool used;

	if (!*p || strchr("#/*", *p))
		return 0;
	value = p + strcspn(p, " \t=:\r");
	if (*value)
		*value++ = '\0';
	value += strspn(value, " \t=:");
	if (*value == '"')
		value = unquoted(value);
	else
		value[strcspn(value, " \t\r\n")] = '\0';
	if (*p == '-')
		return curl_read_word(k, p, *value ? value : NULL, &used, e);
	return curl_read_word(k, file_text(k->c, "--%s", p),
			      *value ? value : NULL, &used, e);
}

int
curl_read_config(struct curl_call *k, const char *path, bool own, struct err *e)
{
	char *text, *save = NULL;
	size_t len;
	int rc;

	if (!own && !strcmp(path, "-"))
		return err_set(e, ERR_UNKNOWN,
			       "-K - reads options from stdin; write them on "
			       "the line or into a file");
	if (++k->depth > MAX_DEPTH)
		return err_set(e, ERR_LIMIT, "too many configuration files");
	if (!own)
		file_read_from(k->c, path);
	path = path_join(k->c->ctx, k->c->os.base_dir, path);
	rc = file_read(k->c->ctx, AT_FDCWD, path, 1u << 20, &text, &len, e);
	if (rc != 0)
		return own ? 0
			   : err_set(e, rc < 0 ? ERR_UNKNOWN : ERR_SYNTAX,
				     "the configuration file %s",
				     text_safe(k->c->ctx, path));
	if (own)
		need_read(k->c->ctx, &k->c->cmd->need, path);
	for (char *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		rc = config_line(k, talloc_strdup(k->c->ctx, l), e);
		if (rc < 0)
			return err_wrap(e, "%s", text_safe(k->c->ctx, path));
	}
	k->depth--;
	return 0;
}
