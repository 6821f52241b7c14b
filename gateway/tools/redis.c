/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redis-cli 7.0: which server its options mean, and the commands from the
 * line, the standard input, --pipe, --eval and its own modes.
 */
#include "tools/redis.h"
#include "base/text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>
#include <unistd.h>

/* Modes that need no command. */
enum mode {
	MODE_NONE = 0,
	MODE_COUNT, /* shows numbers */
	MODE_READ,  /* names or content of keys come out */
	MODE_WRITE, /* --lru-test */
	MODE_HELP,
	MODE_LOCAL, /* nothing is contacted */
	MODE_PIPE,
	MODE_EVAL,
	MODE_CLUSTER,
};

static const struct {
	const char *name;
	unsigned char values;
	unsigned char mode;
} options[] = {
    {"--askpass", 0, 0},
    {"--bigkeys", 0, MODE_READ},
    {"--cacert", 1, 0},
    {"--cacertdir", 1, 0},
    {"--cert", 1, 0},
    {"--cluster", 0, MODE_CLUSTER},
    {"--csv", 0, 0},
    {"--eval", 1, MODE_EVAL},
    {"--functions-rdb", 1, MODE_READ},
    {"--help", 0, MODE_HELP},
    {"--hotkeys", 0, MODE_READ},
    {"--insecure", 0, 0},
    {"--intrinsic-latency", 1, MODE_LOCAL},
    {"--json", 0, 0},
    {"--key", 1, 0},
    {"--latency", 0, MODE_COUNT},
    {"--latency-dist", 0, MODE_COUNT},
    {"--latency-history", 0, MODE_COUNT},
    {"--ldb", 0, 0},
    {"--ldb-sync-mode", 0, 0},
    {"--lru-test", 1, MODE_WRITE},
    {"--memkeys", 0, MODE_READ},
    {"--memkeys-samples", 1, MODE_READ},
    {"--no-auth-warning", 0, 0},
    {"--no-raw", 0, 0},
    {"--pass", 1, 0},
    {"--pattern", 1, 0},
    {"--pipe", 0, MODE_PIPE},
    {"--pipe-timeout", 1, 0},
    {"--quoted-input", 0, 0},
    {"--quoted-json", 0, 0},
    {"--quoted-pattern", 1, 0},
    {"--raw", 0, 0},
    {"--rdb", 1, MODE_READ},
    {"--replica", 0, MODE_READ},
    {"--scan", 0, MODE_READ},
    {"--show-pushes", 1, 0},
    {"--slave", 0, MODE_READ},
    {"--sni", 1, 0},
    {"--stat", 0, MODE_COUNT},
    {"--tls", 0, 0},
    {"--tls-ciphers", 1, 0},
    {"--tls-ciphersuites", 1, 0},
    {"--user", 1, 0},
    {"--verbose", 0, 0},
    {"--version", 0, MODE_HELP},
    {"-2", 0, 0},
    {"-3", 0, 0},
    {"-D", 1, 0},
    {"-X", 1, 0},
    {"-a", 1, 0},
    {"-c", 0, 0},
    {"-d", 1, 0},
    {"-e", 0, 0},
    {"-h", 1, 0},
    {"-i", 1, 0},
    {"-n", 1, 0},
    {"-p", 1, 0},
    {"-r", 1, 0},
    {"-s", 1, 0},
    {"-u", 1, 0},
    {"-v", 0, MODE_HELP},
    {"-x", 0, 0},
};

struct line {
	struct redis_call *r;
	enum mode mode;
	const char *rdb, *script, *tag, *pattern;
	bool last_from_stdin, quoted;
	size_t command; /* index in argv */
};

/* %XX in who and password. */
static char *
decoded(struct file_call *c, const char *s, size_t n)
{
	char *out = talloc_zero_size(c->ctx, n + 1), two[3] = "";
	size_t k = 0;

	if (!out)
		BUG("out of memory");
	for (size_t i = 0; i < n; i++)
		if (s[i] == '%' && i + 2 < n &&
		    isxdigit((unsigned char)s[i + 1]) &&
		    isxdigit((unsigned char)s[i + 2])) {
			two[0] = s[i + 1];
			two[1] = s[i + 2];
			out[k++] = (char)strtoul(two, NULL, 16);
			i += 2;
		} else {
			out[k++] = s[i];
		}
	return out;
}

static int
uri(struct redis_call *r, const char *text, struct err *e)
{
	const char *p = strstr(text, "://"), *at, *end, *colon;

	if (!p || (strncmp(text, "redis://", 8) != 0 &&
		   strncmp(text, "rediss://", 9) != 0))
		return err_set(e, ERR_SYNTAX, "no URI of a Redis server");
	r->tls |= text[5] == 's';
	p += 3;
	at = strchr(p, '@');
	if (at) {
		colon = memchr(p, ':', (size_t)(at - p));
		if (colon && colon > p)
			r->user = decoded(r->c, p, (size_t)(colon - p));
		r->pass =
		    colon ? decoded(r->c, colon + 1, (size_t)(at - colon - 1))
			  : decoded(r->c, p, (size_t)(at - p));
		p = at + 1;
	}
	end = p + strcspn(p, "/");
	if (*p == '[') {
		const char *close = strchr(p, ']');

		if (!close)
			return err_set(e, ERR_SYNTAX, "no address in it");
		if (close > p + 1)
			r->host = talloc_strndup(r->c->ctx, p + 1,
						 (size_t)(close - p - 1));
		p = close + 1;
	} else if (strcspn(p, ":/")) {
		r->host = talloc_strndup(r->c->ctx, p, strcspn(p, ":/"));
	}
	colon = memchr(p, ':', (size_t)(end - p));
	if (colon)
		r->port = talloc_strndup(r->c->ctx, colon + 1,
					 (size_t)(end - colon - 1));
	if (*end == '/' && end[1])
		r->db = strtoul(end + 1, NULL, 10);
	return 0;
}

static int
take(struct line *l, const char *name, const char *v, struct err *e)
{
	struct redis_call *r = l->r;

	if (!strcmp(name, "-h"))
		r->host = v;
	else if (!strcmp(name, "-p"))
		r->port = v;
	else if (!strcmp(name, "-s"))
		r->socket = v;
	else if (!strcmp(name, "-n"))
		r->db = strtoul(v, NULL, 10);
	else if (!strcmp(name, "--user"))
		r->user = v;
	else if (!strcmp(name, "-a") || !strcmp(name, "--pass"))
		r->pass = v;
	else if (!strcmp(name, "-u"))
		return uri(r, v, e);
	else if (!strcmp(name, "--sni"))
		r->sni = v;
	else if (!strcmp(name, "-X"))
		l->tag = v;
	else if (!strcmp(name, "--rdb") || !strcmp(name, "--functions-rdb"))
		l->rdb = v;
	else if (!strcmp(name, "--eval"))
		l->script = v;
	else if (!strcmp(name, "--pattern") ||
		 !strcmp(name, "--quoted-pattern"))
		l->pattern = v;
	r->tls |= !strcmp(name, "--tls");
	r->askpass |= !strcmp(name, "--askpass");
	l->last_from_stdin |= !strcmp(name, "-x");
	l->quoted |= !strcmp(name, "--quoted-input");
	return 0;
}

/* Options end at the first word that is none. */
static int
read_line(struct line *l, struct err *e)
{
	struct file_call *c = l->r->c;
	const char *const *argv = c->in->argv;
	size_t i = 1, k, n = sizeof(options) / sizeof(*options);

	for (; argv[i] && argv[i][0] == '-'; i++) {
		const char *name = argv[i];

		for (k = 0; k < n && strcmp(options[k].name, name) != 0;)
			k++;
		if (k == n)
			return err_set(e, ERR_UNKNOWN,
				       "redis-cli has no option %s that is "
				       "known here",
				       text_safe(c->ctx, name));
		if (options[k].values && !argv[i + 1]) {
			if (!strcmp(name, "-h"))
				l->mode = MODE_HELP;
			else
				return err_set(e, ERR_SYNTAX, "%s has no value",
					       name);
			break;
		}
		i += options[k].values;
		if (options[k].mode)
			l->mode = options[k].mode;
		if (take(l, name, argv[i], e) < 0)
			return e->code;
		if (l->mode == MODE_CLUSTER || l->mode == MODE_EVAL)
			/* their own words follow, and options anywhere */
			continue;
	}
	l->command = i;
	return 0;
}

/* --- the commands ----------------------------------------------------------
 */

static int
command_line(struct line *l, struct err *e)
{
	struct file_call *c = l->r->c;
	size_t n = c->in->argc - l->command, len;
	struct redis_word *w =
	    talloc_zero_array(c->ctx, struct redis_word, (unsigned)n + 1);
	char *text = NULL;

	if (!w)
		BUG("out of memory");
	for (size_t i = 0; i < n; i++) {
		const char *arg = c->in->argv[l->command + i];
		struct redis_word *one = NULL;
		size_t k = 0;

		if (l->quoted && (*arg == '"' || *arg == '\''))
			one = redis_line(c->ctx, arg, &k);
		w[i] = one && k == 1 ? *one
				     : (struct redis_word){arg, strlen(arg)};
	}
	if (l->last_from_stdin || l->tag) {
		if (db_stdin(c, &text, &len, e) < 0)
			return e->code;
		if (l->last_from_stdin)
			w[n++] = (struct redis_word){text ? text : "", len};
		for (size_t i = 0; l->tag && i < n; i++)
			if (redis_word_is(&w[i], l->tag))
				w[i] =
				    (struct redis_word){text ? text : "", len};
	}
	redis_command(l->r, w, n);
	return 0;
}

/* The interactive reader's own words. */
static bool
is_own(struct redis_call *r, const struct redis_word *w, size_t n)
{
	if (redis_word_is(&w[0], "connect") && n >= 3) {
		redis_flush(r);
		r->socket = NULL;
		r->host = talloc_strndup(r->c->ctx, w[1].v, w[1].len);
		r->port = talloc_strndup(r->c->ctx, w[2].v, w[2].len);
		redis_target(r);
		return true;
	}
	return redis_word_is(&w[0], "help") || redis_word_is(&w[0], "?") ||
	       redis_word_is(&w[0], "quit") || redis_word_is(&w[0], "exit") ||
	       redis_word_is(&w[0], "clear") || w[0].v[0] == ':';
}

static int
lines_of_stdin(struct line *l, struct err *e)
{
	struct file_call *c = l->r->c;
	char *text, *line, *next;
	size_t len;

	if (db_stdin(c, &text, &len, e) < 0)
		return e->code;
	for (line = text; line; line = next) {
		struct redis_word *w;
		size_t n, skip = 0;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		w = redis_line(c->ctx, line, &n);
		/* "5 incr a" is five times that */
		if (w && n > 1 && w[0].len &&
		    strspn(w[0].v, "0123456789") == w[0].len)
			skip = 1;
		if (w && n > skip && !is_own(l->r, w + skip, n - skip))
			redis_command(l->r, w + skip, n - skip);
	}
	return 0;
}

static int
raw_stdin(struct line *l, struct err *e)
{
	struct file_call *c = l->r->c;
	const char *p, *end;
	struct redis_word *w;
	size_t n, len;
	char *text;

	if (db_stdin(c, &text, &len, e) < 0)
		return e->code;
	if (!text)
		return err_set(e, ERR_UNKNOWN,
			       "--pipe from a terminal is not read beforehand");
	p = text;
	end = text + len;
	while (redis_request(c->ctx, &p, end, &w, &n)) {
		if (n) {
			redis_command(l->r, w, n);
			continue;
		}
		l->r->all = true;
		sql_add(&l->r->sql, SQL_OPAQUE,
			"input that is not the protocol of Redis");
	}
	return 0;
}

/* Nothing says what will be typed: all that is there is kept before. */
static void
interactive(struct redis_call *r)
{
	bool here = r->target.scope == SCOPE_LOCAL ||
		    r->target.scope == SCOPE_WORKSPACE;

	r->all = true;
	sql_add(&r->sql, here ? SQL_OPAQUE : SQL_READ | SQL_WRITE,
		"a session in which anything may be typed");
}

static int
cluster(struct line *l, struct err *e)
{
	const char *const *w = l->r->c->in->argv + l->command;

	for (size_t i = 0; w[i]; i++)
		if (!strcmp(w[i], "help") || !strcmp(w[i], "info") ||
		    !strcmp(w[i], "check"))
			return 0;
	return err_set(e, ERR_UNKNOWN,
		       "--cluster changes several servers; only info and "
		       "check are followed");
}

static int
run_mode(struct line *l, struct err *e)
{
	struct redis_call *r = l->r;

	switch (l->mode) {
	case MODE_COUNT:
		sql_add(&r->sql, SQL_COUNT, NULL);
		return 0;
	case MODE_READ:
		sql_add(&r->sql, SQL_READ, "its keys");
		if (l->pattern)
			db_says(r->c, &r->target, l->pattern,
				strlen(l->pattern));
		if (l->rdb && strcmp(l->rdb, "-") != 0)
			file_write_to(r->c, l->rdb);
		return 0;
	case MODE_WRITE:
		sql_add(&r->sql, SQL_WRITE, "keys lru:*");
		return 0;
	case MODE_PIPE:
		return raw_stdin(l, e);
	case MODE_EVAL:
		file_read_from(r->c, l->script);
		r->all = true;
		sql_add(&r->sql, SQL_OPAQUE, "a script");
		return 0;
	case MODE_CLUSTER:
		return cluster(l, e);
	default:
		break;
	}
	if (l->command < r->c->in->argc || l->last_from_stdin)
		return command_line(l, e);
	if (r->c->in->stdio[0] >= 0 && isatty(r->c->in->stdio[0])) {
		interactive(r);
		return 0;
	}
	return lines_of_stdin(l, e);
}

static int
mean(struct file_call *c, struct err *e)
{
	struct redis_call r = {.c = c};
	struct line l = {.r = &r};

	file_argv(c, c->in->argv + 1, c->in->argc - 1);
	if (read_line(&l, e) < 0)
		return e->code;
	if (l.mode == MODE_HELP || l.mode == MODE_LOCAL) {
		file_hand_over(c);
		return 0;
	}
	if (!r.pass)
		r.pass = invocation_env(c->in, "REDISCLI_AUTH");
	redis_target(&r);
	if (run_mode(&l, e) < 0)
		return e->code;
	redis_flush(&r);
	file_hand_over_kept(c);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw("redis-cli", mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"redis-cli", NULL};

const struct tool tool_redis = {
    .name = "redis",
    .names = names,
    .understand = understand,
};
