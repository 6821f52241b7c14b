/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curl 7.88: the line and the configuration files as it reads them, option by
 * option, each group between --next by itself.
 */
#include "tools/curl.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/forge.h"
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

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
	static const char *const nothing[] = {"-", "/dev/null", "/dev/stdout",
					      "/dev/stderr", "/dev/tty"};

	for (size_t i = 0; i < sizeof(nothing) / sizeof(*nothing); i++)
		if (!strcmp(path, nothing[i]))
			return;
	if (!strncmp(path, "/dev/fd/", 8) || !*path)
		return;
	curl_keep(k, &k->written, &k->nwritten, path);
	sender_arrives(&k->s, path);
	file_write_to(k->c, path);
}

/* --- a group ---------------------------------------------------------------
 */

/* What the scheme does beyond fetching and sending. */
static int
judge_scheme(struct curl_call *k, const char *scheme, const char *path,
	     bool upload, struct err *e)
{
	if (!strcmp(scheme, "http") || !strcmp(scheme, "https") ||
	    !strcmp(scheme, "ws") || !strcmp(scheme, "wss"))
		return 0;
	if (!strcmp(scheme, "file")) {
		if (upload)
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
	const char *slash = strrchr(path, '/'), *back;
	char *name;

	path = slash ? slash + 1 : path;
	back = strrchr(path, '\\');
	name = talloc_strdup(k->c->ctx, back ? back + 1 : path);

	name[strcspn(name, "?#")] = '\0';
	return name;
}

static bool
is_taken(struct curl_call *k, const char *name)
{
	for (size_t i = 0; i < k->nwritten; i++)
		if (!strcmp(k->written[i], name))
			return true;
	return path_exists(path_join(k->c->ctx, k->c->os.base_dir, name));
}

/* With --no-clobber the first free name with a number behind it. */
static const char *
free_name(struct curl_call *k, const char *name)
{
	const char *other = name;

	for (int i = 1; i <= 100; i++) {
		if (!is_taken(k, other))
			return other;
		other = file_text(k->c, "%s.%d", name, i);
	}
	return name;
}

/* NULL: stdout */
static int
output_of(struct curl_call *k, const struct curl_node *n,
	  const struct curl_globbed *g, const char *path, const char **out,
	  struct err *e)
{
	const char *name = n->out;

	*out = "-";
	if (n->remote && k->header_name) {
		if (k->clobber)
			return err_set(e, ERR_UNKNOWN,
				       "--clobber with -J: the host would "
				       "choose what is overwritten");
		/* a new name, of the host's choice */
		*out = NULL;
		file_here(k->c);
		file_arrives_in(k->c, k->dir && *k->dir ? k->dir : ".");
		return 0;
	}
	if (n->remote) {
		name = last_part(k, path);
		if (!*name) {
			/* curl 7.88 fails there, later ones choose a name */
			*out = NULL;
			file_here(k->c);
			file_arrives_in(k->c, ".");
			return 0;
		}
	} else if (!name || !strcmp(name, "-")) {
		return 0;
	} else if (!k->globoff && strchr(name, '#')) {
		name = curl_glob_name(k->c->ctx, g, name);
	}
	if (k->dir && *k->dir)
		name = file_text(k->c, "%s/%s", k->dir, name);
	if (k->keep_there)
		name = free_name(k, name);
	*out = name;
	curl_writes(k, name);
	return 0;
}

static const char *
method_of(const struct curl_call *k, const struct curl_node *n,
	  const char *scheme)
{
	/* commands for the server; http has none */
	if (k->quote && strncmp(scheme, "http", 4) != 0)
		return "QUOTE";
	if (k->method)
		return k->method;
	if (n->in)
		return "PUT";
	if (k->form || (k->data && !k->get))
		return "POST";
	return k->head ? "HEAD" : "GET";
}

static bool
only_reads(const char *method)
{
	return !strcasecmp(method, "GET") || !strcasecmp(method, "HEAD") ||
	       !strcasecmp(method, "OPTIONS");
}

static void
add_transfer(struct curl_call *k, const struct curl_transfer *t)
{
	k->transfers =
	    talloc_realloc(k->c->ctx, k->transfers, struct curl_transfer,
			   (unsigned)k->ntransfers + 1);
	if (!k->transfers)
		BUG("out of memory");
	k->transfers[k->ntransfers++] = *t;
}

static int
one_url(struct curl_call *k, const struct curl_node *n,
	const struct curl_globbed *g, struct err *e)
{
	const char *path = "/";
	struct curl_transfer t = {
	    .url = g->text, .scheme = "", .method = "GET", .input = n->in};
	size_t before;
	int rc;

	/* 7.88 forgets about it where it completes the address */
	if (n->in && k->guess)
		return err_set(e, ERR_UNKNOWN,
			       "--proto-default with -T: write the scheme in "
			       "the address");
	k->s.last = SIZE_MAX;
	rc = sender_url(&k->s, g->text, k->guess, &t.scheme, &path, e);
	k->s.path = rc == 0 && k->nurls == 1 ? path : NULL;
	before = k->s.nfound;
	sender_says(&k->s, g->text, "the address");
	k->in_address += k->s.nfound - before;
	if (rc < 0 && k->socket)
		rc = 0;
	/* where it is the only one, curl itself says what is wrong with it */
	if (rc < 0 && !k->ntransfers && k->nurls == 1)
		e->code = rc = ERR_SYNTAX;
	if (rc == 0)
		rc = judge_scheme(k, t.scheme, path, n->in != NULL, e);
	if (rc == 0)
		rc = output_of(k, n, g, path, &t.output, e);
	if (rc < 0)
		return rc;
	if (k->s.last < k->s.nhosts) {
		t.host = k->s.hosts[k->s.last].host;
		t.port = k->s.hosts[k->s.last].port;
	}
	t.method = method_of(k, n, t.scheme);
	if (!k->s.method && !only_reads(t.method))
		k->s.method = t.method;
	add_transfer(k, &t);
	return 0;
}

/* A proxy of the caller's environment reads what is not encrypted. */
static void
environment_proxy(struct curl_call *k)
{
	static const char *const names[] = {"http_proxy", "all_proxy",
					    "ALL_PROXY"};
	const char *proxy = NULL;
	struct err ignored;

	sender_proxies_say(&k->s);
	for (size_t i = 0; i < 3 && (!proxy || !*proxy); i++)
		proxy = invocation_env(k->c->in, names[i]);
	for (size_t i = k->first; proxy && *proxy && i < k->ntransfers; i++)
		if (strcmp(k->transfers[i].scheme, "https") != 0 &&
		    strcmp(k->transfers[i].scheme, "file") != 0 &&
		    !sender_unproxied(&k->s, k->noproxy, k->transfers[i].host,
				      false)) {
			(void)sender_url(&k->s, proxy, NULL, NULL, NULL,
					 &ignored);
			return;
		}
}

/* What was given as data goes into the content, or into the address. */
static void
say_literals(struct curl_call *k)
{
	for (size_t i = 0; i < k->nliterals; i++)
		if (k->get)
			sender_says(&k->s, k->literals[i], "the address");
		else
			sender_body(&k->s, k->literals[i],
				    "the request's content");
}

static void
next_group(struct curl_call *k)
{
	sender_next(&k->s);
	k->nodes = NULL;
	k->sides = NULL;
	k->nsides = 0;
	k->literals = k->jars = k->netrcs = k->queries = NULL;
	k->nqueries = 0;
	k->chose = false;
	k->repeats = 1;
	k->nnodes = k->nurls = k->nliterals = k->njars = k->nnetrcs = 0;
	k->first = k->ntransfers;
	k->data = k->form = k->get = k->head = false;
	k->all_remote = k->header_name = k->globoff = k->socket = false;
	k->location = k->quote = false;
	k->bound = k->in_address = 0;
	k->tells = false;
	k->keep_there = k->clobber = k->elsewhere = k->routed = false;
	k->method = k->dir = k->guess = k->noproxy = NULL;
}

/* A pattern may stand between the halves of something, or divide it. */
static void
say_pattern(struct curl_call *k, const char *url)
{
	char *plain = talloc_strdup(k->c->ctx, url), *to = plain;
	size_t before = k->s.nfound;

	if (!plain)
		BUG("out of memory");
	for (const char *p = url; *p; p++) {
		const char *end = *p == '[' ? strchr(p, ']') : NULL;

		if (end)
			p = end;
		else if (!strchr("{},", *p))
			*to++ = *p;
	}
	*to = '\0';
	if (to != plain + strlen(url))
		sender_says(&k->s, plain, "the address");
	k->in_address += k->s.nfound - before;
}

static int
transfers_of(struct curl_call *k, const struct curl_node *n, struct err *e)
{
	struct curl_globbed *all = NULL, plain = {.text = n->url};
	size_t count = 1;
	int rc = 0;

	if (n->in)
		rc = curl_from_file(k, n->in, e);
	if (rc < 0)
		return rc;
	if (k->globoff)
		all = &plain;
	else if (curl_glob(k->c->ctx, n->url, &all, &count) < 0)
		return err_set(e, ERR_UNKNOWN,
			       "%s: write the addresses out, or use -g",
			       text_safe(k->c->ctx, n->url));
	if (!k->globoff)
		say_pattern(k, n->url);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = one_url(k, n, &all[i], e);
	return rc;
}

/* Each file that -T stands for goes to each address.  What comes behind it
 * without a file is asked for as often: curl 7.88 goes on counting. */
static int
uploads_of(struct curl_call *k, const struct curl_node *n, struct err *e)
{
	struct curl_globbed *files = NULL;
	struct curl_node one = *n;
	size_t count = 0;
	int rc = 0;

	if (!n->in || k->globoff || !strpbrk(n->in, "{}[]\\")) {
		k->repeats = n->in ? 1 : k->repeats;
		for (size_t i = 0; rc == 0 && i < k->repeats; i++)
			rc = transfers_of(k, n, e);
		return rc;
	}
	if (curl_glob(k->c->ctx, n->in, &files, &count) < 0)
		return err_set(e, ERR_UNKNOWN,
			       "-T %s: name the files one by one, or use -g",
			       text_safe(k->c->ctx, n->in));
	k->repeats = count;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		one.in = files[i].text;
		rc = transfers_of(k, &one, e);
	}
	return rc;
}

/* One query to where GitHub or GitLab answers them, all of it on the line. */
static bool
only_queries(const struct curl_call *k)
{
	const struct sender_host *h = k->s.hosts;

	if (k->nurls != 1 || k->nliterals != 1 || k->get || k->form ||
	    k->nsources || (k->method && strcmp(k->method, "POST") != 0) ||
	    k->s.nhosts != 1 || !k->s.path)
		return false;
	return (!strcmp(h->host, "api.github.com")
		    ? !strcmp(k->s.path, "/graphql")
		    : !strcmp(h->host, "gitlab.com") &&
			  !strcmp(k->s.path, "/api/graphql")) &&
	       forge_request_reads(k->literals[0]);
}

/* All that a group says goes to one socket of this machine, and redirections
 * do: what host it names is for who listens there. */
static void
into_socket(struct curl_call *k)
{
	for (size_t i = 0; i < k->s.nhosts; i++)
		k->s.hosts[i].scope = SCOPE_LOCAL;
	k->s.follows = false;
	k->elsewhere = false;
}

/* A token that is asked for, with what is on the line. */
static bool
only_token(const struct curl_call *k)
{
	bool grant = false;

	if (k->nurls != 1 || k->get || k->form || k->nsources || k->nqueries ||
	    !k->s.path || !sender_at_token(k->s.path) || k->s.nhosts != 1 ||
	    (k->method && strcmp(k->method, "POST") != 0))
		return false;
	for (size_t i = 0; i < k->nnodes; i++)
		if (k->nodes[i].url && strchr(k->nodes[i].url, '?'))
			return false;
	for (size_t i = 0; i < k->nliterals; i++)
		if (!sender_asks_token(k->literals[i], &grant))
			return false;
	return grant;
}

int
curl_end_group(struct curl_call *k, struct err *e)
{
	int rc = curl_queries(k, e);

	say_literals(k);
	for (size_t i = 0; rc == 0 && i < k->nnodes; i++)
		if (k->nodes[i].url)
			rc = uploads_of(k, &k->nodes[i], e);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < k->nsides; i++)
		curl_writes(k, k->sides[i].path);
	environment_proxy(k);
	curl_credentials(k);
	/* curl 7.88 leaves out Authorization at another host, nothing else;
	 * what it says in the address stays there unless it is told */
	if (k->location &&
	    k->s.nfound > k->bound + (k->tells ? 0 : k->in_address)) {
		k->s.follows = true;
		k->s.unfollow = "leave out --location";
	}
	if (k->socket && !k->routed)
		into_socket(k);
	k->s.elsewhere = k->elsewhere;
	k->s.asks = only_queries(k) || only_token(k);
	sender_judge(&k->s);
	next_group(k);
	return 0;
}

static int
read_words(struct curl_call *k, struct err *e)
{
	const char *const *argv = k->c->in->argv;
	bool options = true;

	for (size_t i = 1; argv[i] && !k->help; i++) {
		bool used = false;

		if (options && !strcmp(argv[i], "--")) {
			options = false;
		} else if (options && argv[i][0] == '-') {
			int rc =
			    curl_read_word(k, argv[i], argv[i + 1], &used, e);

			if (rc < 0 && !k->help)
				return rc;
		} else {
			curl_add_url(k, argv[i]);
		}
		i += used;
	}
	return 0;
}

int
curl_read(struct curl_call *k, struct file_call *c, struct err *e)
{
	const char *const *argv = c->in->argv;
	const char *config = NULL;
	int rc;

	*k = (struct curl_call){.c = c, .repeats = 1};
	rc = sender_begin(&k->s, c, e);
	if (rc < 0)
		return rc;
	if (!argv[1]) {
		k->help = true;
		return 0;
	}
	if (strncmp(argv[1], "-q", 2) != 0 &&
	    strcmp(argv[1], "--disable") != 0) {
		config = curl_own_config(k);
		if (config && curl_read_config(k, config, true, e) < 0)
			return e->code;
		curl_canonical(k, config);
	}
	rc = read_words(k, e);
	if (rc < 0 || k->help)
		return rc;
	rc = curl_end_group(k, e);
	if (rc < 0)
		return rc;
	if (k->trace)
		curl_writes(k, k->trace);
	if (k->program)
		curl_writes(k, k->program);
	curl_judge_shown(k);
	sender_end(&k->s);
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	struct curl_call *k = talloc_zero(c->ctx, struct curl_call);
	int rc;

	if (!k)
		BUG("out of memory");
	rc = curl_read(k, c, e);
	if (rc < 0)
		return rc;
	/* help, or nothing is written here and stdin is still the caller's */
	if (k->help || !c->writes)
		file_hand_over(c);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return sender_understand("curl", mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"curl", NULL};

const struct tool tool_curl = {
    .name = "curl",
    .names = names,
    .understand = understand,
};
