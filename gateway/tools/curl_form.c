/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a form as curl 7.88 divides them: "name=text", "name=<file",
 * "name=@file;type=x/y,other;filename=z".  A comma behind a type begins the
 * next file.
 */
#include "base/text.h"
#include "tools/curl.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* A word that ends at ";" or at end; quoted, it may hold both.  *p: behind
 * it. */
static char *
word(struct curl_call *k, const char **p, char end, bool *quoted)
{
	const char *q = *p, *start = *p;
	char *out, *to;

	*quoted = false;
	if (*q == '"') {
		out = to = talloc_strdup(k->c->ctx, q + 1);
		if (!out)
			BUG("out of memory");
		for (q++; *q && *q != '"'; q++) {
			if (*q == '\\' && (q[1] == '\\' || q[1] == '"'))
				q++;
			*to++ = *q;
		}
		*to = '\0';
		if (*q) {
			q++;
			while (*q && *q != ';' && *q != end)
				q++;
			*p = q;
			*quoted = true;
			return out;
		}
		q = start;
	}
	while (*q && *q != ';' && *q != end)
		q++;
	*p = q;
	out = talloc_strndup(k->c->ctx, start, (size_t)(q - start));
	if (!out)
		BUG("out of memory");
	return out;
}

static bool
begins(const char *p, const char *with)
{
	return strncasecmp(p, with, strlen(with)) == 0;
}

static int
headers(struct curl_call *k, const char **p, char end, struct err *e)
{
	bool quoted, file = **p == '@' || **p == '<';
	const char *text;

	if (file)
		do
			(*p)++;
		while (isspace((unsigned char)**p));
	text = word(k, p, end, &quoted);
	return file ? curl_from_file(k, text, e) : 0;
}

/* One part with its attributes; *p: at end, or at the end of the text. */
static int
part(struct curl_call *k, const char **p, char end, char **data, struct err *e)
{
	bool quoted;
	int rc = 0;

	while (isspace((unsigned char)**p))
		(*p)++;
	*data = word(k, p, end, &quoted);
	if (!quoted)
		for (size_t n = strlen(*data);
		     n && isspace((unsigned char)(*data)[n - 1]);)
			(*data)[--n] = '\0';
	while (rc == 0 && **p == ';') {
		do
			(*p)++;
		while (isspace((unsigned char)**p));
		if (begins(*p, "headers=")) {
			*p += 8;
			rc = headers(k, p, end, e);
		} else if (begins(*p, "type=")) {
			*p += strcspn(*p, end ? (char[]){';', end, 0} : ";");
		} else {
			if (begins(*p, "filename="))
				*p += 9;
			else if (begins(*p, "encoder="))
				*p += 8;
			(void)word(k, p, end, &quoted);
		}
	}
	return rc;
}

int
curl_form(struct curl_call *k, const char *value, struct err *e)
{
	const char *p = strchr(value, '=');
	char *data;
	int rc;

	if (!p)
		return err_set(e, ERR_SYNTAX, "a part of a form without =");
	sender_body(&k->s, value, "the form");
	p++;
	if (*p == '@') {
		do {
			p++;
			rc = part(k, &p, ',', &data, e);
			if (rc == 0)
				rc = curl_from_file(k, data, e);
		} while (rc == 0 && *p);
		return rc;
	}
	if (*p == '<') {
		p++;
		rc = part(k, &p, '\0', &data, e);
		return rc < 0 ? rc : curl_from_file(k, data, e);
	}
	p += *p == '(';
	return part(k, &p, '\0', &data, e);
}
