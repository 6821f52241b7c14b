/* SPDX-License-Identifier: Apache-2.0 */
/* See mongo.h. */
#include "parse/mongo.h"
#include "base/err.h"
#include "base/listed.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

#define TOKENS_MAX 200000

/* Methods of a database, a collection, or of what a query gives. */
static const struct {
	const char *name;
	unsigned cls;
} methods[] = {
    {"aggregate", SQL_READ},
    {"allowDiskUse", SQL_COUNT},
    {"batchSize", SQL_COUNT},
    {"bulkWrite", SQL_OPAQUE},
    {"collation", SQL_COUNT},
    {"count", SQL_COUNT},
    {"countDocuments", SQL_COUNT},
    {"createCollection", SQL_ADD},
    {"createIndex", SQL_ADD},
    {"createIndexes", SQL_ADD},
    {"createUser", SQL_ADMIN | SQL_GLOBAL},
    {"createView", SQL_ADD},
    {"dataSize", SQL_COUNT},
    {"deleteMany", SQL_DESTROY},
    {"deleteOne", SQL_WRITE},
    {"distinct", SQL_READ},
    {"drop", SQL_DESTROY},
    {"dropDatabase", SQL_DESTROY},
    {"dropIndex", SQL_DESTROY},
    {"dropIndexes", SQL_DESTROY},
    {"dropUser", SQL_DESTROY | SQL_GLOBAL},
    {"estimatedDocumentCount", SQL_COUNT},
    {"explain", SQL_COUNT},
    {"find", SQL_READ},
    {"findOne", SQL_READ},
    {"findOneAndDelete", SQL_WRITE},
    {"findOneAndReplace", SQL_WRITE},
    {"findOneAndUpdate", SQL_WRITE},
    {"getCollection", SQL_COUNT},
    {"getCollectionInfos", SQL_COUNT},
    {"getCollectionNames", SQL_COUNT},
    {"getIndexes", SQL_COUNT},
    {"getName", SQL_COUNT},
    {"getSiblingDB", SQL_COUNT},
    {"hello", SQL_COUNT},
    {"hint", SQL_COUNT},
    {"insert", SQL_WRITE},
    {"insertMany", SQL_WRITE},
    {"insertOne", SQL_WRITE},
    {"isCapped", SQL_COUNT},
    {"itcount", SQL_COUNT},
    {"limit", SQL_COUNT},
    {"maxTimeMS", SQL_COUNT},
    {"pretty", SQL_COUNT},
    {"projection", SQL_COUNT},
    {"remove", SQL_DESTROY},
    {"renameCollection", SQL_ALTER},
    {"replaceOne", SQL_WRITE},
    {"serverStatus", SQL_COUNT},
    {"shutdownServer", SQL_EXEC},
    {"size", SQL_COUNT},
    {"skip", SQL_COUNT},
    {"sort", SQL_COUNT},
    {"stats", SQL_COUNT},
    {"storageSize", SQL_COUNT},
    {"toArray", SQL_COUNT},
    {"totalIndexSize", SQL_COUNT},
    {"totalSize", SQL_COUNT},
    {"update", SQL_DESTROY},
    {"updateMany", SQL_DESTROY},
    {"updateOne", SQL_WRITE},
    {"version", SQL_COUNT},
};

struct token {
	char kind; /* 'w'ord, '"' string, '0' number, '\n', or itself */
	const char *text;
};

struct reader {
	struct mongo_script *s;
	struct token *t;
	size_t n, at;
	bool bad;
};

static void
add(struct reader *r, char kind, const char *text)
{
	if ((r->n & (r->n + 1)) == 0)
		r->t = talloc_realloc(r->s->ctx, r->t, struct token,
				      (unsigned)r->n * 2 + 3);
	if (!r->t)
		BUG("out of memory");
	r->t[r->n++] = (struct token){kind, text};
	r->t[r->n] = (struct token){0, ""};
	r->bad |= r->n > TOKENS_MAX;
}

static bool
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* Templates, regular expressions and escapes in names are not read. */
static const char *
string(struct reader *r, const char *p)
{
	char quote = *p++, *text = talloc_zero_size(r->s->ctx, strlen(p) + 1);
	size_t n = 0;

	for (; text && *p && *p != quote && *p != '\n'; p++) {
		if (*p == '\\' && p[1])
			p++;
		text[n++] = *p;
	}
	r->bad |= *p != quote;
	add(r, '"', text ? text : "");
	return *p ? p + 1 : p;
}

static void
tokens(struct reader *r, const char *p)
{
	add(r, 0, "");
	r->n = 0;
	while (*p && !r->bad) {
		const char *from = p;

		if (*p == '\n' || *p == ';') {
			add(r, '\n', "");
			p++;
		} else if (isspace((unsigned char)*p)) {
			p++;
		} else if (p[0] == '/' && p[1] == '/') {
			p += strcspn(p, "\n");
		} else if (p[0] == '/' && p[1] == '*') {
			p = strstr(p + 2, "*/");
			p = p ? p + 2 : "";
		} else if (*p == '"' || *p == '\'') {
			p = string(r, p);
		} else if (isdigit((unsigned char)*p)) {
			while (is_name(*p) || *p == '.')
				p++;
			add(r, '0', "");
		} else if (is_name(*p)) {
			while (is_name(*p))
				p++;
			add(r, 'w',
			    talloc_strndup(r->s->ctx, from,
					   (size_t)(p - from)));
		} else if (strchr("(){}[],:.-", *p)) {
			add(r, *p++, "");
		} else {
			r->bad = true;
		}
	}
}

static bool
is(const struct reader *r, const char *word)
{
	return r->t[r->at].kind == 'w' && !strcmp(r->t[r->at].text, word);
}

/* From "(" to behind its ")": literals, and nothing that runs code or writes
 * elsewhere by being mentioned. */
static bool
arguments(struct reader *r)
{
	static const char *const makers[] = {
	    "ObjectId",	 "ISODate",    "Date",	       "UUID",
	    "NumberInt", "NumberLong", "NumberDecimal"};
	static const char *const values[] = {"true", "false", "null", "new"};
	static const char *const never[] = {"$where",	    "$function",
					    "$accumulator", "$out",
					    "$merge",	    "__proto__"};
	size_t depth = 0;

	for (; r->t[r->at].kind; r->at++) {
		const struct token *t = &r->t[r->at];

		if ((t->kind == 'w' || t->kind == '"') &&
		    is_one_of(t->text, never, sizeof(never) / sizeof(*never)))
			return false;
		if (t->kind == 'w' && t[1].kind != ':' &&
		    !is_one_of(t->text, values,
			       sizeof(values) / sizeof(*values)) &&
		    !(t[1].kind == '(' &&
		      is_one_of(t->text, makers,
				sizeof(makers) / sizeof(*makers))))
			return false;
		if (t->kind == '.')
			return false;
		depth += strchr("({[", t->kind) != NULL;
		if (strchr(")}]", t->kind) && --depth == 0) {
			r->at++;
			return true;
		}
	}
	return false;
}

static const char *
first_string(const struct reader *r)
{
	const struct token *t = &r->t[r->at];

	return t[0].kind == '(' && t[1].kind == '"' && t[2].kind == ')'
		   ? t[1].text
		   : NULL;
}

/* .name(...) on db or what came of it; a name without a call is a
 * collection. */
static bool
chain(struct reader *r)
{
	bool any = false;

	for (;;) {
		const char *name;
		size_t line = 0;

		while (r->t[r->at + line].kind == '\n')
			line++;
		if (r->t[r->at + line].kind != '.')
			return any;
		r->at += line;
		name = r->t[r->at + 1].text;
		size_t i = 0, n = sizeof(methods) / sizeof(*methods);

		if (r->t[r->at + 1].kind != 'w')
			return false;
		r->at += 2;
		if (r->t[r->at].kind != '(')
			continue;
		while (i < n && strcmp(methods[i].name, name) != 0)
			i++;
		if (i == n)
			return false;
		if (!strcmp(name, "getSiblingDB")) {
			if (!first_string(r))
				return false;
			r->s->use(r->s, first_string(r));
		}
		if (!arguments(r))
			return false;
		sql_add(r->s->sql, methods[i].cls, text_safe(r->s->ctx, name));
		any = true;
	}
}

static bool
statement(struct reader *r)
{
	if (is(r, "show") && r->t[r->at + 1].kind == 'w') {
		r->at += 2;
		sql_add(r->s->sql, SQL_COUNT, NULL);
	} else if (is(r, "use") && r->t[r->at + 1].kind == 'w') {
		r->s->use(r->s, r->t[r->at + 1].text);
		r->at += 2;
	} else if ((is(r, "print") || is(r, "printjson")) &&
		   r->t[r->at + 1].kind == '(' &&
		   !strcmp(r->t[r->at + 2].text, "db")) {
		r->at += 3;
		if (!chain(r) || r->t[r->at++].kind != ')')
			return false;
	} else if (is(r, "db")) {
		r->at++;
		if (!chain(r))
			return false;
	} else {
		return false;
	}
	return !r->t[r->at].kind || r->t[r->at].kind == '\n';
}

void
mongo_read(struct mongo_script *s, const char *text)
{
	struct reader r = {.s = s};

	tokens(&r, text);
	while (!r.bad && r.t[r.at].kind) {
		if (r.t[r.at].kind == '\n')
			r.at++;
		else
			r.bad = !statement(&r);
	}
	if (!r.bad)
		return;
	sql_add(s->sql, SQL_OPAQUE, "JavaScript that is not followed");
	/* for the reason's sake */
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (methods[i].cls == SQL_DESTROY &&
		    strstr(text, methods[i].name))
			sql_add(s->sql, SQL_DESTROY, methods[i].name);
}
