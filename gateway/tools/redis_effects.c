/* SPDX-License-Identifier: Apache-2.0 */
/* What commands do to a Redis server, and which of its keys have to be kept. */
#include "base/text.h"
#include "tools/redis.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>
#include <time.h>

static const char *
conninfo(struct redis_call *r)
{
	const struct {
		const char *key, *value;
	} v[] = {{"host", r->host},	{"port", r->port},
		 {"socket", r->socket}, {"user", r->user},
		 {"pass", r->pass},	{"tls", r->tls ? "1" : NULL}};
	char *text = talloc_strdup(r->c->ctx, "");

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		if (v[i].value)
			text = talloc_asprintf_append(text, "%s=%s\n", v[i].key,
						      v[i].value);
	if (!text)
		BUG("out of memory");
	return text;
}

void
redis_target(struct redis_call *r)
{
	struct db_target *t = &r->target;

	*t = (struct db_target){
	    .host = r->socket ? r->socket
		    : r->host ? r->host
			      : "127.0.0.1",
	    .port = r->socket ? NULL
		    : r->port ? r->port
			      : "6379",
	    .user = r->user,
	    .password = r->pass,
	    .options = r->sni,
	    .engine = DATABASE_REDIS,
	    .fallback_port = "6379",
	};
	t->label = text_safe(
	    r->c->ctx,
	    r->socket ? file_text(r->c, "Redis on %s", r->socket)
		      : file_text(r->c, "Redis on %s:%s", t->host, t->port));
	t->conninfo = conninfo(r);
	db_scope_set(r->c, t, NULL);
	sql_init(r->c->ctx, &r->sql);
	r->part = file_text(r->c, "%s", "");
	r->all = false;
}

void
redis_flush(struct redis_call *r)
{
	r->target.part = r->all ? NULL : r->part;
	db_effects(r->c, &r->target, &r->sql);
	sql_init(r->c->ctx, &r->sql);
	r->part = file_text(r->c, "%s", "");
	r->all = false;
}

static void
append(struct redis_call *r, const char *text)
{
	r->part = talloc_strdup_append_buffer(r->part, text);
	if (!r->part)
		BUG("out of memory");
}

static void
keep_key(struct redis_call *r, const struct redis_word *w)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = talloc_zero_size(r->c->ctx, w->len * 2 + 2);

	for (size_t i = 0; hex && i < w->len; i++) {
		hex[2 * i] = digits[(unsigned char)w->v[i] >> 4];
		hex[2 * i + 1] = digits[(unsigned char)w->v[i] & 15];
	}
	append(r, file_text(r->c, "key %lu %s\n", r->db, hex ? hex : ""));
}

static void
keep_keys(struct redis_call *r, const struct redis_command *c,
	  const struct redis_word *w, size_t n)
{
	size_t last = c->last < 0 ? n - 1 : (size_t)c->last;

	for (size_t i = (size_t)c->first; c->first && i <= last && i < n;
	     i += (size_t)c->step)
		keep_key(r, &w[i]);
}

static const char *
first_of(struct redis_call *r, const struct redis_word *w, size_t n)
{
	char *name = talloc_strndup(r->c->ctx, w[0].v, w[0].len);
	char *key = n > 1 ? talloc_strndup(r->c->ctx, w[1].v, w[1].len) : NULL;

	for (char *p = name; p && *p; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
	return text_safe(r->c->ctx,
			 file_text(r->c, "%s%s%.40s%s", name, key ? " " : "",
				   key ? key : "", n > 2 ? " ..." : ""));
}

/* Settings that only tune; all others may write files or open doors. */
static bool
only_tunes(const struct redis_word *w, size_t n)
{
	static const char *const names[] = {"maxmemory",
					    "maxmemory-policy",
					    "maxmemory-samples",
					    "timeout",
					    "tcp-keepalive",
					    "notify-keyspace-events",
					    "slowlog-log-slower-than",
					    "slowlog-max-len",
					    "latency-monitor-threshold",
					    "save",
					    "hz",
					    "lua-time-limit",
					    "busy-reply-threshold",
					    "maxclients",
					    "loglevel",
					    "lazyfree-lazy-eviction",
					    "lazyfree-lazy-expire",
					    "activedefrag"};

	for (size_t i = 2; i < n; i += 2) {
		size_t k = 0, m = sizeof(names) / sizeof(*names);

		while (k < m && !redis_word_is(&w[i], names[k]))
			k++;
		if (k == m)
			return false;
	}
	return true;
}

#define SOON_S 60

/* EXPIRE with a time that has passed deletes, or with one that soon will. */
static bool
expires_soon(const struct redis_command *c, const struct redis_word *w,
	     size_t n)
{
	char buf[32] = "";
	long long v, soon = (long long)time(NULL) + SOON_S;

	if (n < 3 || w[2].len >= sizeof(buf))
		return false;
	memcpy(buf, w[2].v, w[2].len);
	v = strtoll(buf, NULL, 10);
	if (!strcmp(c->name, "expireat"))
		return v <= soon;
	if (!strcmp(c->name, "pexpireat"))
		return v / 1000 <= soon;
	return v <= (*c->name == 'p' ? SOON_S * 1000 : SOON_S);
}

/* A limit, or a policy, by which keys go to make room. */
static bool
evicts(const struct redis_word *w, size_t n)
{
	for (size_t i = 2; i + 1 < n; i += 2)
		if ((redis_word_is(&w[i], "maxmemory") &&
		     !redis_word_is(&w[i + 1], "0")) ||
		    (redis_word_is(&w[i], "maxmemory-policy") &&
		     !redis_word_is(&w[i + 1], "noeviction")))
			return true;
	return false;
}

static bool
has(const struct redis_word *w, size_t n, size_t from, const char *word)
{
	for (size_t i = from; i < n; i++)
		if (redis_word_is(&w[i], word))
			return true;
	return false;
}

/* As many elements as a number says, or all beyond one: the keys they are
 * taken from are kept. */
static bool
takes_many(struct redis_call *r, const struct redis_command *c,
	   const struct redis_word *w, size_t n)
{
	static const char *const pops[] = {"lpop", "rpop", "spop", "zpopmax",
					   "zpopmin"};
	size_t from = *c->name == 'b' ? 3 : 2, size = strlen(c->name);

	for (size_t i = 0; i < sizeof(pops) / sizeof(*pops); i++)
		if (!strcmp(c->name, pops[i]) && n > 2 &&
		    !redis_word_is(&w[2], "1")) {
			keep_key(r, &w[1]);
			return true;
		}
	if (!strcmp(c->name, "xadd") &&
	    (has(w, n, 2, "maxlen") || has(w, n, 2, "minid"))) {
		keep_key(r, &w[1]);
		return true;
	}
	if (size < 5 || strcmp(c->name + size - 4, "mpop") != 0 ||
	    !has(w, n, from, "count"))
		return false;
	for (size_t i = from; i < n; i++)
		keep_key(r, &w[i]); /* its last words are hardly keys */
	return true;
}

/* What depends on more than the name. */
static unsigned
refine(struct redis_call *r, const struct redis_command *c,
       const struct redis_word *w, size_t n)
{
	if (!strncmp(c->name, "expire", 6) || !strncmp(c->name, "pexpire", 7)) {
		if (c->cls != SQL_WRITE || !expires_soon(c, w, n))
			return c->cls;
		keep_keys(r, c, w, n);
		return SQL_DESTROY;
	}
	if (takes_many(r, c, w, n))
		return SQL_READ | SQL_DESTROY;
	if (!strcmp(c->name, "getex")) {
		if (n < 3 || redis_word_is(&w[2], "persist"))
			return n < 3 ? SQL_READ : SQL_WRITE;
		keep_keys(r, c, w, n);
		return SQL_READ | SQL_DESTROY;
	}
	if (!strcmp(c->name, "config set")) {
		if (!only_tunes(w, n))
			return SQL_EXEC;
		return evicts(w, n) ? SQL_DESTROY : SQL_ADMIN;
	}
	if (!strcmp(c->name, "debug"))
		return n > 1 && (redis_word_is(&w[1], "sleep") ||
				 redis_word_is(&w[1], "object"))
			   ? SQL_ADMIN
			   : SQL_EXEC;
	if (!strcmp(c->name, "replicaof") || !strcmp(c->name, "slaveof"))
		return n == 3 && redis_word_is(&w[1], "no") ? SQL_ADMIN
							    : SQL_EXEC;
	/* without STORE they only read */
	if (!strcmp(c->name, "sort") || !strncmp(c->name, "georadius", 9)) {
		if (!has(w, n, 2, "store") && !has(w, n, 2, "storedist"))
			return SQL_READ;
		keep_key(r, &w[n - 1]);
		for (size_t i = 2; i + 1 < n; i++)
			if (redis_word_is(&w[i], "store") ||
			    redis_word_is(&w[i], "storedist"))
				keep_key(r, &w[i + 1]);
		return SQL_DESTROY;
	}
	return c->cls;
}

void
redis_command(struct redis_call *r, const struct redis_word *w, size_t n)
{
	const struct redis_command *c = redis_command_find(w, n);
	const char *what = n ? first_of(r, w, n) : "";
	unsigned cls;

	if (!n)
		return;
	for (size_t i = 0; i < n; i++)
		db_says(r->c, &r->target, w[i].v, w[i].len);
	if (!c) {
		r->all = true;
		sql_add(&r->sql, SQL_OPAQUE,
			file_text(r->c, "%s, which is not known here", what));
		return;
	}
	if (!strcmp(c->name, "select") && n > 1) {
		char *number = talloc_strndup(r->c->ctx, w[1].v, w[1].len);

		r->db = number ? strtoul(number, NULL, 10) : 0;
	}
	cls = refine(r, c, w, n);
	if (cls == SQL_OPAQUE || !strcmp(c->name, "flushall") ||
	    !strcmp(c->name, "swapdb") || !strcmp(c->name, "shutdown") ||
	    (cls == SQL_DESTROY && !strcmp(c->name, "config set")))
		r->all = true;
	else if (!strcmp(c->name, "flushdb"))
		append(r, file_text(r->c, "db %lu\n", r->db));
	else if (cls == SQL_DESTROY && c->first && c->cls == SQL_DESTROY)
		keep_keys(r, c, w, n);
	sql_add(&r->sql, cls, what);
}
