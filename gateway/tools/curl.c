/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curl 7.88: the line and the configuration files as it reads them, option by
 * option, each group between --next by itself.
 */
#include "tools/curl.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define MAX_URLS 1000

void
curl_keep(struct curl_call *k, const char ***list, size_t *n, const char *word)
{
	*list =
	    talloc_realloc(k->c->ctx, *list, const char *, (unsigned)*n + 1);
	if (!*list)
		BUG("out of memory");
	(*list)[(*n)++] = word;
}

void
curl_writes(struct curl_call *k, const char *path)
{
	static const char *const nothing[] = {
	    "-", "%", "/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty"};

	for (size_t i = 0; i < sizeof(nothing) / sizeof(*nothing); i++)
		if (!strcmp(path, nothing[i]))
			return;
	if (!strncmp(path, "/dev/fd/", 8) || !*path)
		return;
	file_write_to(k->c, path);
}

/* --- a group ---------------------------------------------------------------
 */

/* {a,b} and [1-9], [a-z:2]; an IPv6 address in brackets is none.  Negative:
 * too many, or another form. */
static int
expand(struct curl_call *k, const char *text, const char ***out, size_t *n)
{
	const char *p = text, *end, *close;
	char *head;
	long a, b, step = 1;
	char *stop;

	for (;; p++) {
		p += strcspn(p, "{[\\");
		if (*p == '\\' && p[1]) {
			p++;
			continue;
		}
		if (*p == '[' && strcspn(p, ":%") < strcspn(p, "]") &&
		    p[1 + strspn(p + 1, "0123456789abcdefABCDEF:.")] == ']')
			continue;
		if (*p == '[' && p[1] == ']')
			continue;
		break;
	}
	if (!*p) {
		if (*n >= MAX_URLS)
			return -1;
		curl_keep(k, out, n, text);
		return 0;
	}
	head = talloc_strndup(k->c->ctx, text, (size_t)(p - text));
	close = strchr(p, *p == '{' ? '}' : ']');
	if (!close)
		return -1;
	if (*p == '{') {
		for (p++; p <= close; p = end + 1) {
			end = p + strcspn(p, ",}");
			if (expand(k,
				   file_text(k->c, "%s%.*s%s", head,
					     (int)(end - p), p, close + 1),
				   out, n) < 0)
				return -1;
		}
		return 0;
	}
	if (isalpha((unsigned char)p[1]) && p[2] == '-') {
		a = p[1];
		b = p[3];
		stop = (char *)(uintptr_t)p + 4;
	} else {
		a = strtol(p + 1, &stop, 10);
		if (*stop != '-')
			return -1;
		b = strtol(stop + 1, &stop, 10);
	}
	if (*stop == ':')
		step = strtol(stop + 1, &stop, 10);
	if (stop != close || step < 1)
		return -1;
	for (; a <= b; a += step) {
		const char *one =
		    isalpha((unsigned char)p[1])
			? file_text(k->c, "%s%c%s", head, (int)a, close + 1)
			: file_text(k->c, "%s%0*ld%s", head,
				    p[1] == '0' ? (int)strcspn(p + 1, "-") : 1,
				    a, close + 1);

		if (expand(k, one, out, n) < 0)
			return -1;
	}
	return 0;
}

/* What the scheme does beyond fetching and sending. */
static int
judge_scheme(struct curl_call *k, const char *scheme, const char *path,
	     struct err *e)
{
	if (!strcmp(scheme, "http") || !strcmp(scheme, "https") ||
	    !strcmp(scheme, "ws") || !strcmp(scheme, "wss"))
		return 0;
	if (!strcmp(scheme, "file")) {
		if (k->upload)
			curl_writes(k, path);
		else
			file_read_from(k->c, path);
		return 0;
	}
	if (!strncmp(scheme, "ftp", 3) || !strcmp(scheme, "sftp") ||
	    !strcmp(scheme, "scp") || !strcmp(scheme, "tftp"))
		return 0;
	if (!strcmp(scheme, "telnet") || !strcmp(scheme, "gopher") ||
	    !strcmp(scheme, "gophers") || !strcmp(scheme, "dict")) {
		k->method = scheme;
		if (strcmp(scheme, "telnet") != 0 || k->stdin_seen)
			return 0;
		k->stdin_seen = true;
		return sender_stdin(&k->s, e);
	}
	k->method = scheme;
	return 0;
}

static const char *
last_part(struct curl_call *k, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = talloc_strdup(k->c->ctx, slash ? slash + 1 : path);

	name[strcspn(name, "?#")] = '\0';
	return name;
}

static void
output_of(struct curl_call *k, const char *name)
{
	if (k->dir && *name && strcmp(name, "-") != 0)
		name = file_text(k->c, "%s/%s", k->dir, name);
	curl_writes(k, name);
}

static int
one_url(struct curl_call *k, const char *url, size_t at, struct err *e)
{
	const char *scheme = "", *path = "/";
	int rc = sender_url(&k->s, url, NULL, &scheme, &path, e);

	sender_says(&k->s, url, "the address");
	if (rc < 0 && k->socket)
		rc = 0;
	if (rc == 0)
		rc = judge_scheme(k, scheme, path, e);
	if (rc < 0)
		return rc;
	if (k->header_name && (at < k->nremote || k->all_remote)) {
		/* curl does not overwrite a name that the host chose */
		file_here(k->c);
		return 0;
	}
	if (at < k->noutputs && k->outputs[at]) {
		const char *hash = strchr(k->outputs[at], '#');

		if (hash && isdigit((unsigned char)hash[1]) && !k->globoff &&
		    strpbrk(k->urls[at < k->nurls ? at : 0], "{["))
			return err_set(e, ERR_UNKNOWN,
				       "-o with #%c: name the files one by one",
				       hash[1]);
		output_of(k, k->outputs[at]);
	} else if (at < k->noutputs || k->all_remote) {
		if (!*last_part(k, path))
			return err_set(e, ERR_SYNTAX,
				       "the address has no file name");
		output_of(k, last_part(k, path));
	}
	return 0;
}

static const char *
method_of(const struct curl_call *k)
{
	if (k->method)
		return !strcasecmp(k->method, "GET") ||
			       !strcasecmp(k->method, "HEAD") ||
			       !strcasecmp(k->method, "OPTIONS")
			   ? NULL
			   : k->method;
	if (k->upload)
		return "PUT";
	if (k->get || k->head)
		return NULL;
	return k->data || k->form ? "POST" : NULL;
}

/* A proxy of the caller's environment reads what is not encrypted. */
static void
environment_proxy(struct curl_call *k)
{
	const char *proxy = invocation_env(k->c->in, "http_proxy");
	struct err ignored;

	if (!proxy || !*proxy)
		proxy = invocation_env(k->c->in, "ALL_PROXY");
	for (size_t i = 0; proxy && *proxy && i < k->nurls; i++)
		if (strncasecmp(k->urls[i], "https:", 6) != 0 &&
		    !invocation_env(k->c->in, "no_proxy") &&
		    !invocation_env(k->c->in, "NO_PROXY")) {
			(void)sender_url(&k->s, proxy, NULL, NULL, NULL,
					 &ignored);
			return;
		}
}

int
curl_end_group(struct curl_call *k, struct err *e)
{
	for (size_t i = 0; i < k->nurls; i++) {
		const char **all = NULL;
		size_t n = 0;
		int rc;

		if (k->globoff)
			curl_keep(k, &all, &n, k->urls[i]);
		else if (expand(k, k->urls[i], &all, &n) < 0)
			return err_set(e, ERR_UNKNOWN,
				       "%s: write the addresses out, or use -g",
				       text_safe(k->c->ctx, k->urls[i]));
		for (size_t u = 0; u < n; u++) {
			rc = one_url(k, all[u], i, e);
			if (rc < 0)
				return rc;
		}
	}
	environment_proxy(k);
	k->s.method = method_of(k);
	/* -G: the data is the address, but it is data */
	sender_judge(&k->s);
	sender_next(&k->s);
	k->urls = k->outputs = k->remote = NULL;
	k->nurls = k->noutputs = k->nremote = 0;
	k->data = k->upload = k->form = k->get = k->head = false;
	k->all_remote = k->header_name = k->globoff = k->socket = false;
	k->method = k->dir = NULL;
	return 0;
}

/* The first that is there: $CURL_HOME, $XDG_CONFIG_HOME, $HOME. */
static int
own_config(struct curl_call *k, struct err *e)
{
	static const char *const places[][2] = {{"CURL_HOME", ".curlrc"},
						{"XDG_CONFIG_HOME", "curlrc"},
						{"HOME", ".curlrc"},
						{"CURL_HOME", ".config/curlrc"},
						{"HOME", ".config/curlrc"}};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const char *dir = invocation_env(k->c->in, places[i][0]);
		const char *path;

		if (!dir || !*dir)
			continue;
		path = path_join(k->c->ctx, dir, places[i][1]);
		if (path_exists(path))
			return curl_read_config(k, path, true, e);
	}
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	struct curl_call *k = talloc_zero(c->ctx, struct curl_call);
	const char *const *argv = c->in->argv;
	bool options = true;
	int rc;

	if (!k)
		BUG("out of memory");
	k->c = c;
	if (sender_begin(&k->s, c, e) < 0)
		return e->code;
	if (argv[1] && strncmp(argv[1], "-q", 2) != 0 &&
	    strcmp(argv[1], "--disable") != 0 && own_config(k, e) < 0)
		return e->code;
	for (size_t i = 1; argv[i]; i++) {
		bool used = false;

		if (options && argv[i][0] == '-') {
			if (!strcmp(argv[i], "--")) {
				options = false;
				continue;
			}
			rc = curl_read_word(k, argv[i], argv[i + 1], &used, e);
			if (rc < 0)
				return k->help ? 0 : rc;
			if (k->help)
				break;
		} else {
			curl_keep(k, &k->urls, &k->nurls, argv[i]);
		}
		i += used;
	}
	c->cmd->argv = argv ? (const char **)(uintptr_t)argv : NULL;
	if (k->help) {
		file_hand_over(c);
		return 0;
	}
	rc = curl_end_group(k, e);
	if (rc < 0)
		return rc;
	/* nothing is written here, and stdin is still the caller's */
	if (!c->writes)
		file_hand_over(c);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return sender_done(
	    cmd, t->in, file_understand_raw("curl", mean, ctx, t, cmd, fx, e));
}

static const char *const names[] = {"curl", NULL};

const struct tool tool_curl = {
    .name = "curl",
    .names = names,
    .understand = understand,
};
