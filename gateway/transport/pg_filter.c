/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of a session that only reads; see pg_filter.h. */
#include "transport/pg_filter.h"
#include "base/text.h"
#include "parse/sql_guard.h"
#include <string.h>
#include <sys/random.h>
#include <talloc.h>

#define HEAD	   5	       /* type and length */
#define ANSWER_MAX (64u << 10) /* of errors and settings, looked at whole */
#define CACHE	   256	       /* of statements that may pass */
#define CACHE_TEXT 512	       /* bytes of one */
#define TOKEN	   "automode_refused_"

struct pg_filter {
	const char *why;
	const char *const *sensitive;
	char token[sizeof(TOKEN) + 16];
	bool waits, ended;
	struct pg_made *made; /* NULL: a session that only reads */
	char *making;	      /* CREATE DATABASE is on its way */
	bool ends;	      /* there may be a prepared COMMIT or ROLLBACK */
	unsigned executes;    /* since the last Sync */
	size_t client_left, server_left; /* of a message on its way */
	/* since the server was ready: the first one, whose complaint is the
	 * only one to come */
	struct sql_refusal refused;
	void *refused_ctx;
	char *passed[CACHE];
};

struct pg_filter *
pg_filter_new(void *ctx, const char *why, const char *const *sensitive)
{
	struct pg_filter *f = talloc_zero(ctx, struct pg_filter);
	uint8_t random[8];
	char *at;

	if (!f)
		BUG("out of memory");
	f->why = why;
	f->sensitive = sensitive;
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		BUG("no random bytes");
	at = stpcpy(f->token, TOKEN);
	for (size_t i = 0; i < sizeof(random); i++)
		at += snprintf(at, 3, "%02x", random[i]);
	return f;
}

struct pg_filter *
pg_filter_session(void *ctx, const char *why, struct pg_made *made)
{
	struct pg_filter *f = pg_filter_new(ctx, why, NULL);

	f->made = made;
	return f;
}

bool
pg_filter_waits(const struct pg_filter *f)
{
	return f->waits;
}

bool
pg_filter_ended(const struct pg_filter *f)
{
	return f->ended;
}

/* --- statements -------------------------------------------------------------
 */

/*
 * Statements that differ in their numbers alone are one: no verdict depends on
 * a number that stands by itself.  Not where quotes, comments or parameters
 * are, in which digits may be part of something else.  False: not for here.
 */
static bool
cache_key(const char *text, char *key)
{
	enum { OTHER, WORD, DIGIT, NOT };
	static const uint8_t kinds[256] = {
	    ['0' ... '9'] = DIGIT, ['A' ... 'Z'] = WORD, ['a' ... 'z'] = WORD,
	    ['_'] = WORD,	   ['\''] = NOT,	 ['"'] = NOT,
	    ['\\'] = NOT,	   ['$'] = NOT,		 ['/'] = NOT,
	    ['-'] = NOT,	   [128 ... 255] = NOT};
	size_t n = 0;
	bool word = false;

	for (; *text; text++) {
		uint8_t kind = kinds[(unsigned char)*text];

		if (n + 1 >= CACHE_TEXT || kind == NOT)
			return false;
		if (kind == DIGIT && !word) {
			key[n++] = '0';
			while (kinds[(unsigned char)text[1]] == DIGIT)
				text++;
			continue;
		}
		word = kind != OTHER;
		key[n++] = *text;
	}
	key[n] = '\0';
	return true;
}

static char **
cache_slot(struct pg_filter *f, const char *key)
{
	uint32_t h = 2166136261u;

	for (; *key; key++)
		h = (h ^ (uint8_t)*key) * 16777619u;
	return &f->passed[h % CACHE];
}

static bool
passes(struct pg_filter *f, const char *text)
{
	char key[CACHE_TEXT], **slot = NULL;
	struct sql_refusal why;
	void *ctx;
	bool yes;

	if (cache_key(text, key)) {
		slot = cache_slot(f, key);
		if (*slot && !strcmp(*slot, key))
			return true;
	}
	ctx = talloc_new(f);
	if (f->made)
		yes = sql_guard_session(ctx, text, f->made->own,
					(const char *const *)f->made->v, &why);
	else
		yes = sql_guard_passes(ctx, text, f->sensitive, &why);
	f->ends |= why.ends;
	if (yes && why.makes) {
		talloc_free(f->making);
		f->making = talloc_strdup(f, why.makes);
		slot = NULL;
	}
	if (yes && slot) {
		talloc_free(*slot);
		*slot = talloc_strdup(f, key);
	}
	if (!yes && !f->refused_ctx) {
		f->refused_ctx = ctx;
		f->refused = why;
		return false;
	}
	talloc_free(ctx);
	return yes;
}

static void
refuse(struct pg_filter *f, const char *what)
{
	if (f->refused_ctx)
		return;
	f->refused_ctx = talloc_new(f);
	f->refused =
	    (struct sql_refusal){.what = what, .state = SQL_STATE_FORBIDDEN};
}

static void
put_broken_query(struct pg_filter *f, struct pg_buffer *out)
{
	const char *v[] = {f->token};

	pg_put_message(out, 'Q', v, 1);
}

static int
query(struct pg_filter *f, const uint8_t *m, size_t len, struct pg_buffer *out,
      struct err *e)
{
	const char *text = (const char *)m + HEAD;

	/* exactly one string: the server would complain too */
	if (len <= HEAD || strnlen(text, len - HEAD) != len - HEAD - 1)
		return err_set(e, ERR_SYNTAX, "a Query that is none");
	if (passes(f, text))
		pg_buffer_add(out, m, len);
	else
		put_broken_query(f, out);
	f->waits = true;
	return 0;
}

static int
parse(struct pg_filter *f, const uint8_t *m, size_t len, struct pg_buffer *out,
      struct err *e)
{
	const char *name = (const char *)m + HEAD, *text;
	size_t left = len - HEAD, n = strnlen(name, left);
	uint8_t none[2] = {0};

	if (n >= left)
		return err_set(e, ERR_SYNTAX, "a Parse without a name");
	text = name + n + 1;
	left -= n + 1;
	n = strnlen(text, left);
	if (n >= left || left - n - 1 < 2)
		return err_set(e, ERR_SYNTAX, "a Parse without a statement");
	if (passes(f, text)) {
		pg_buffer_add(out, m, len);
		return 0;
	}
	pg_buffer_add(out, "P", 1);
	pg_put_u32(out,
		   (uint32_t)(4 + strlen(name) + 1 + strlen(f->token) + 1 + 2));
	pg_buffer_add(out, name, strlen(name) + 1);
	pg_buffer_add(out, f->token, strlen(f->token) + 1);
	pg_buffer_add(out, none, 2);
	return 0;
}

/* --- the client -------------------------------------------------------------
 */

/* What of a message that is not looked at has come. */
static void
pass_on(struct pg_buffer *in, struct pg_buffer *out, size_t *left)
{
	size_t n = *left < in->len ? *left : in->len;

	pg_buffer_add(out, pg_buffer_head(in), n);
	pg_buffer_drop(in, n);
	*left -= n;
}

/* One message, whole unless its type is of those that are passed on; 1: more
 * bytes are needed. */
static int
client_message(struct pg_filter *f, struct pg_buffer *in, struct pg_buffer *out,
	       struct err *e)
{
	const uint8_t *m = pg_buffer_head(in);
	size_t len = (size_t)pg_u32(m + 1) + 1;
	int rc = 0;

	if (len < HEAD)
		return err_set(e, ERR_SYNTAX, "a message of no length");
	switch (m[0]) {
	case 'Q':
	case 'P':
	case 'F':
		if (len > PG_STATEMENT_MAX)
			return err_set(e, ERR_LIMIT,
				       "a statement of %zu bytes is more than "
				       "is read",
				       len);
		if (in->len < len)
			return 1;
		if (m[0] == 'Q') {
			rc = query(f, m, len, out, e);
		} else if (m[0] == 'P') {
			rc = parse(f, m, len, out, e);
		} else {
			f->waits = true;
			if (f->made) {
				pg_buffer_add(out, m, len);
			} else {
				refuse(f, "a function called by its number");
				put_broken_query(f, out);
			}
		}
		pg_buffer_drop(in, len);
		return rc;
	case 'S':
		if (len != HEAD)
			return err_set(e, ERR_SYNTAX, "a Sync that is none");
		f->waits = true;
		f->executes = 0;
		break;
	case 'E':
		/* as with several statements in one Query (sql_guard.c) */
		if (++f->executes > 1 && f->ends && !f->made)
			return err_set(e, ERR_UNKNOWN,
				       "a pipeline in which a transaction may "
				       "end");
		break;
	case 'X':
		f->ended = true;
		break;
	case 'B': /* Bind */
	case 'C': /* Close */
	case 'D': /* Describe */
	case 'H': /* Flush */
	case 'c': /* COPY's: the server takes them only after a COPY FROM */
	case 'd':
	case 'f':
		break;
	default:
		return err_set(e, ERR_UNKNOWN,
			       "a message of the unknown type %u", m[0]);
	}
	f->client_left = len;
	return 0;
}

int
pg_filter_client(struct pg_filter *f, struct pg_buffer *in,
		 struct pg_buffer *out, struct err *e)
{
	while (in->len) {
		int rc;

		if (f->client_left) {
			pass_on(in, out, &f->client_left);
			continue;
		}
		if (f->waits || f->ended || in->len < HEAD)
			return 0;
		rc = client_message(f, in, out, e);
		if (rc != 0)
			return rc < 0 ? rc : 0;
	}
	return 0;
}

/* --- the server -------------------------------------------------------------
 */

static void
error_came(struct pg_filter *f, const uint8_t *m, size_t len,
	   struct pg_buffer *out)
{
	struct pg_error mine = {.severity = "ERROR"};

	if (!f->refused_ctx || !memmem(m, len, f->token, strlen(f->token))) {
		pg_buffer_add(out, m, len);
		return;
	}
	mine.state = f->refused.state;
	mine.message = talloc_asprintf(f->refused_ctx, "automode: refused: %s",
				       f->refused.what);
	mine.detail = f->why;
	pg_put_error(out, &mine);
}

/* The server has done what it was asked for. */
static void
completed(struct pg_filter *f, const uint8_t *m, size_t len)
{
	static const char tag[] = "CREATE DATABASE";
	struct pg_made *d = f->made;

	if (!d || !f->making || len != HEAD + sizeof(tag) ||
	    memcmp(m + HEAD, tag, sizeof(tag)) != 0)
		return;
	d->v = talloc_realloc(d->ctx, d->v, const char *, (unsigned)d->n + 2);
	if (!d->v)
		BUG("out of memory");
	d->v[d->n++] = talloc_steal(d->ctx, f->making);
	d->v[d->n] = NULL;
	f->making = NULL;
}

/* Settings on which it depends how statements are read, and whether the next
 * transaction only reads; PostgreSQL 14 and later tell them all. */
static int
setting_came(const uint8_t *m, size_t len, struct err *e)
{
	const char *name = (const char *)m + HEAD, *value;
	size_t left = len - HEAD, n = strnlen(name, left);
	bool good = true;

	if (n >= left)
		return err_set(e, ERR_SYNTAX, "a setting without a name");
	value = name + n + 1;
	if (strnlen(value, left - n - 1) >= left - n - 1)
		return err_set(e, ERR_SYNTAX, "a setting without a value");
	if (!strcmp(name, "default_transaction_read_only") ||
	    !strcmp(name, "standard_conforming_strings"))
		good = !strcmp(value, "on");
	else if (!strcmp(name, "client_encoding"))
		good = sql_guard_encoding(value);
	if (!good)
		return err_set(e, ERR_UNKNOWN,
			       "the session's %s became something else", name);
	return 0;
}

int
pg_filter_server(struct pg_filter *f, struct pg_buffer *in,
		 struct pg_buffer *out, struct err *e)
{
	while (in->len) {
		const uint8_t *m = pg_buffer_head(in);
		size_t len;
		int rc = 0;

		if (f->server_left) {
			pass_on(in, out, &f->server_left);
			continue;
		}
		if (in->len < HEAD)
			return 0;
		len = (size_t)pg_u32(m + 1) + 1;
		if (len < HEAD)
			return err_set(
			    e, ERR_SYNTAX,
			    "a message of no length from the server");
		/* COPY: the client is to send, or the server is not done */
		if (f->made && (m[0] == 'G' || m[0] == 'W'))
			f->waits = false;
		if (len > ANSWER_MAX ||
		    !strchr(f->making ? "ESZC" : "ESZ", m[0])) {
			f->server_left = len;
			continue;
		}
		if (in->len < len)
			return 0;
		if (m[0] == 'E') {
			error_came(f, m, len, out);
		} else {
			if (m[0] == 'S' && !f->made)
				rc = setting_came(m, len, e);
			if (m[0] == 'C')
				completed(f, m, len);
			pg_buffer_add(out, m, len);
		}
		if (m[0] == 'Z') {
			f->waits = false;
			TALLOC_FREE(f->making);
			talloc_free(f->refused_ctx);
			f->refused_ctx = NULL;
		}
		pg_buffer_drop(in, len);
		if (rc < 0)
			return rc;
	}
	return 0;
}
