/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of a Redis server in the vault, by the server's own DUMP and RESTORE.
 * The dump is lines, each before its bytes:
 *
 *	F			everything of the server follows
 *	D db			everything of this database follows
 *	K db LEN EXPIRY SIZE	a key, when it ends (ms; -1: never), its value
 *	A db LEN		a key that was not there
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "reversal/db.h"
#include "reversal/redis_link.h"
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT_MAX (256u << 20)
#define BATCH	 200

struct key {
	char *v;
	size_t len;
};

struct dumping {
	void *ctx;
	struct redis_link *link;
	FILE *to;
	uint64_t bytes;
};

static int
ask(void *ctx, struct redis_link *l, struct redis_reply *r, struct err *e,
    const char *a, const char *b, const char *c, const char *d)
{
	const char *words[] = {a, b, c, d};
	size_t n = 1 + (b != NULL) + (c != NULL) + (d != NULL);

	redis_link_say(l, n, words, NULL);
	if (redis_link_send(l, e) < 0 || redis_link_hear(ctx, l, r, e) < 0)
		return e->code;
	if (r->type == '-')
		return err_set(e, ERR_SYSTEM, "%s", text_safe(ctx, r->v));
	return 0;
}

int
db_redis_look(void *ctx, const struct db_place *at, uint64_t *size,
	      struct err *e)
{
	struct redis_link *l;
	struct redis_reply r;
	const char *p;
	int rc = redis_link_open(ctx, at->conninfo, &l, e);

	if (rc != 0)
		return rc;
	rc = ask(ctx, l, &r, e, "INFO", NULL, NULL, NULL);
	/* the client will not be let in either */
	if (rc < 0 && e->msg[0] &&
	    (strstr(e->msg, "NOAUTH") || strstr(e->msg, "WRONGPASS")))
		return 1;
	if (rc < 0)
		return rc;
	if (r.type != '$' || r.none)
		return err_set(e, ERR_SYNTAX, "no answer to INFO");
	if (strstr(r.v, "cluster_enabled:1"))
		return err_set(e, ERR_UNKNOWN, "it is part of a cluster");
	p = strstr(r.v, "used_memory_dataset:");
	*size = p && (!at->part || strstr(at->part, "db "))
		    ? strtoull(p + 20, NULL, 10)
		    : 0;
	talloc_free(l);
	return 0;
}

/* --- dumping ---------------------------------------------------------------
 */

static int
dump_keys(struct dumping *d, unsigned long db, const struct key *keys, size_t n,
	  bool absent, struct err *e)
{
	void *tmp = have(talloc_new(d->ctx));
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		const char *dump[] = {"DUMP", keys[i].v};
		const char *expiry[] = {"PEXPIRETIME", keys[i].v};
		size_t dl[] = {4, keys[i].len}, el[] = {11, keys[i].len};

		redis_link_say(d->link, 2, dump, dl);
		redis_link_say(d->link, 2, expiry, el);
	}
	rc = redis_link_send(d->link, e);
	for (size_t i = 0; i < n && rc == 0; i++) {
		struct redis_reply v, x;

		rc = redis_link_hear(tmp, d->link, &v, e);
		if (rc == 0)
			rc = redis_link_hear(tmp, d->link, &x, e);
		if (rc == 0 && (v.type != '$' || x.type != ':'))
			rc = err_set(e, ERR_SYSTEM, "%s",
				     text_safe(tmp, v.type == '-'   ? v.v
						    : x.type == '-' ? x.v
								    : "DUMP"));
		if (rc < 0)
			break;
		if (v.none && absent)
			fprintf(d->to, "A %lu %zu\n", db, keys[i].len);
		else if (!v.none)
			fprintf(d->to, "K %lu %zu %lld %zu\n", db, keys[i].len,
				x.n, v.len);
		else
			continue;
		fwrite(keys[i].v, 1, keys[i].len, d->to);
		if (!v.none)
			fwrite(v.v, 1, v.len, d->to);
		d->bytes += keys[i].len + v.len;
		if (d->bytes > KEPT_MAX)
			rc = err_set(e, ERR_LIMIT, "it is too much to keep");
	}
	talloc_free(tmp);
	return rc;
}

static int
select_db(struct dumping *d, unsigned long db, struct err *e)
{
	struct redis_reply r;
	char number[24];

	snprintf(number, sizeof(number), "%lu", db);
	return ask(d->ctx, d->link, &r, e, "SELECT", number, NULL, NULL);
}

/* One round of SCAN; cursor is replaced. */
static int
scan(struct dumping *d, unsigned long db, char **cursor, struct err *e)
{
	void *tmp = have(talloc_new(d->ctx));
	struct redis_reply r;
	struct key *keys;
	size_t n;
	int rc = ask(tmp, d->link, &r, e, "SCAN", *cursor, "COUNT", "200");

	if (rc == 0 && (r.type != '*' || r.n != 2))
		rc = err_set(e, ERR_SYNTAX, "no answer to SCAN");
	if (rc == 0)
		rc = redis_link_hear(tmp, d->link, &r, e);
	if (rc == 0)
		*cursor = have(talloc_strdup(d->ctx, r.v ? r.v : "0"));
	if (rc == 0)
		rc = redis_link_hear(tmp, d->link, &r, e);
	n = rc == 0 && r.type == '*' && r.n > 0 ? (size_t)r.n : 0;
	keys = have(talloc_zero_array(tmp, struct key, (unsigned)n + 1));
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = redis_link_hear(tmp, d->link, &r, e);
		keys[i] = (struct key){r.v ? r.v : have(talloc_strdup(tmp, "")),
				       r.len};
	}
	if (rc == 0 && n)
		rc = dump_keys(d, db, keys, n, false, e);
	talloc_free(tmp);
	return rc;
}

static int
dump_db(struct dumping *d, unsigned long db, struct err *e)
{
	char *cursor = have(talloc_strdup(d->ctx, "0"));
	int rc = select_db(d, db, e);

	while (rc == 0) {
		rc = scan(d, db, &cursor, e);
		if (!strcmp(cursor, "0"))
			break;
	}
	return rc;
}

static int
dump_all(struct dumping *d, struct err *e)
{
	struct redis_reply r;
	int rc = ask(d->ctx, d->link, &r, e, "INFO", "keyspace", NULL, NULL);

	fprintf(d->to, "F\n");
	for (const char *p = rc == 0 ? r.v : NULL;
	     rc == 0 && p && (p = strstr(p, "db")); p += 2)
		if (isdigit((unsigned char)p[2]))
			rc = dump_db(d, strtoul(p + 2, NULL, 10), e);
	return rc;
}

static int
dump_parts(struct dumping *d, const char *part, struct err *e)
{
	int rc = 0;

	for (const char *p = part; *p && rc == 0; p += strcspn(p, "\n") + 1) {
		bool key = *p == 'k';
		char *hex;
		unsigned long db = strtoul(p + (key ? 4 : 3), &hex, 10);
		struct key k = {.len = (strcspn(hex, "\n") - key) / 2};

		if (!key) {
			fprintf(d->to, "D %lu\n", db);
			rc = dump_db(d, db, e);
			continue;
		}
		k.v = have(talloc_zero_size(d->ctx, k.len + 1));
		for (size_t i = 0; i < k.len; i++) {
			char two[3] = {hex[1 + 2 * i], hex[2 + 2 * i], '\0'};

			k.v[i] = (char)strtoul(two, NULL, 16);
		}
		rc = select_db(d, db, e);
		if (rc == 0)
			rc = dump_keys(d, db, &k, 1, true, e);
	}
	return rc;
}

int
db_redis_dump(void *ctx, const struct db_place *at, const char *file,
	      uint64_t *bytes, struct err *e)
{
	struct dumping d = {.ctx = ctx};
	int rc = redis_link_open(ctx, at->conninfo, &d.link, e), fd;

	if (rc != 0)
		return rc < 0 ? rc
			      : err_set(e, ERR_SYSTEM, "nobody answers there");
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	d.to = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!d.to)
		return err_sys(e, "the dump");
	rc = at->part ? dump_parts(&d, at->part, e) : dump_all(&d, e);
	if (rc == 0 && (fflush(d.to) != 0 || fsync(fd) < 0))
		rc = err_sys(e, "the dump");
	if (fclose(d.to) != 0 && rc == 0)
		rc = err_sys(e, "the dump");
	*bytes = d.bytes;
	talloc_free(d.link);
	return rc;
}

/* --- putting back ----------------------------------------------------------
 */

static void
say(struct redis_link *l, size_t *n, const char *a, const char *b)
{
	const char *words[] = {a, b};

	redis_link_say(l, b ? 2 : 1, words, NULL);
	(*n)++;
}

static bool
say_key(struct redis_link *l, size_t *n, const char *head, const char **p,
	const char *end)
{
	unsigned long long db, len, size = 0;
	long long expiry = -1;
	char when[24];
	const char *key = *p;

	if (*head == 'K' ? sscanf(head, "K %llu %llu %lld %llu", &db, &len,
				  &expiry, &size) != 4
			 : sscanf(head, "A %llu %llu", &db, &len) != 2)
		return false;
	if (len > (size_t)(end - key) || size > (size_t)(end - key) - len)
		return false;
	snprintf(when, sizeof(when), "%llu", db);
	say(l, n, "SELECT", when);
	*p += len + size;
	if (*head == 'A') {
		const char *words[] = {"UNLINK", key};
		size_t lens[] = {6, len};

		redis_link_say(l, 2, words, lens);
	} else {
		const char *words[] = {"RESTORE", key,	     when,
				       key + len, "REPLACE", "ABSTTL"};
		size_t lens[] = {7, len, 0, size, 7, 6};

		snprintf(when, sizeof(when), "%lld", expiry > 0 ? expiry : 0);
		lens[2] = strlen(when);
		redis_link_say(l, expiry > 0 ? 6 : 5, words, lens);
	}
	(*n)++;
	return true;
}

/* All commands of the dump, as one transaction. */
static int
say_all(struct redis_link *l, const char *text, size_t len, size_t *n,
	struct err *e)
{
	const char *p = text, *end = text + len;

	say(l, n, "MULTI", NULL);
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		char head[128] = "";

		if (!nl || (size_t)(nl - p) >= sizeof(head))
			return err_set(e, ERR_SYNTAX, "the dump is damaged");
		memcpy(head, p, (size_t)(nl - p));
		p = nl + 1;
		if (*head == 'F') {
			say(l, n, "FLUSHALL", NULL);
		} else if (*head == 'D') {
			say(l, n, "SELECT", head + 2);
			say(l, n, "FLUSHDB", NULL);
		} else if (!say_key(l, n, head, &p, end)) {
			return err_set(e, ERR_SYNTAX, "the dump is damaged");
		}
	}
	say(l, n, "EXEC", NULL);
	return 0;
}

static int
hear_all(void *ctx, struct redis_link *l, size_t n, struct err *e)
{
	char *bad = NULL;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		void *tmp = have(talloc_new(ctx));
		struct redis_reply r;

		rc = redis_link_hear(tmp, l, &r, e);
		if (rc == 0 && r.type == '-' && !bad)
			bad = have(talloc_strdup(ctx, r.v));
		if (rc == 0 && r.type == '*' && r.n > 0)
			n += (size_t)r.n; /* what EXEC answers */
		talloc_free(tmp);
	}
	if (rc == 0 && bad)
		rc = err_set(e, ERR_SYSTEM, "putting it back: %s",
			     text_safe(ctx, bad));
	return rc;
}

int
db_redis_restore(void *ctx, const struct db_place *at, const char *file,
		 struct err *e)
{
	struct redis_link *l;
	size_t len, n = 0;
	char *text;
	int rc = redis_link_open(ctx, at->conninfo, &l, e);

	if (rc != 0)
		return rc < 0 ? rc
			      : err_set(e, ERR_SYSTEM, "nobody answers there");
	rc = file_read(ctx, AT_FDCWD, file, KEPT_MAX * 2u, &text, &len, e);
	if (rc != 0)
		return rc < 0 ? rc : err_set(e, ERR_SYNTAX, "no dump");
	rc = say_all(l, text, len, &n, e);
	if (rc == 0)
		rc = redis_link_send(l, e);
	if (rc == 0)
		rc = hear_all(ctx, l, n, e);
	talloc_free(l);
	return rc;
}
