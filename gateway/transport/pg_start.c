/* SPDX-License-Identifier: Apache-2.0 */
/* What a client says when it connects to a PostgreSQL server. */
#include "base/text.h"
#include "parse/sql_guard.h"
#include "transport/pg_relay.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* Behind the client's: of two settings the later one counts. */
#define OURS                                                                   \
	"-c default_transaction_read_only=on -c "                              \
	"standard_conforming_strings=on"

/* One word of options, as the server splits them: at blanks, a backslash
 * keeps the next byte. */
static char *
next_word(void *ctx, const char **p)
{
	const char *s = *p;
	char *word;
	size_t n = 0;

	while (isspace((unsigned char)*s))
		s++;
	if (!*s)
		return NULL;
	word = talloc_zero_size(ctx, strlen(s) + 1);
	if (!word)
		BUG("out of memory");
	for (; *s && !isspace((unsigned char)*s); s++) {
		if (*s == '\\' && s[1])
			s++;
		word[n++] = *s;
	}
	*p = s;
	return word;
}

static bool
one_setting(char *assignment)
{
	char *eq = strchr(assignment, '=');

	if (!eq)
		return false;
	*eq = '\0';
	/* the server takes a dash for an underscore */
	for (char *s = assignment; *s; s++)
		if (*s == '-')
			*s = '_';
	return sql_guard_setting(assignment, eq + 1);
}

/* Settings alone, and none that lifts the fence. */
static int
check_options(void *ctx, const char *options, struct err *e)
{
	const char *p = options;
	char *word;

	while ((word = next_word(ctx, &p))) {
		char *setting = NULL;

		if (!strncmp(word, "--", 2))
			setting = word + 2;
		else if (!strcmp(word, "-c"))
			setting = next_word(ctx, &p);
		else if (!strncmp(word, "-c", 2))
			setting = word + 2;
		if (!setting || !one_setting(setting))
			return err_set(e, ERR_UNKNOWN,
				       "the options of the connection: %s",
				       text_safe(ctx, options));
	}
	if (*options && options[strlen(options) - 1] == '\\')
		return err_set(e, ERR_UNKNOWN, "options that end in \\");
	return 0;
}

static int
parameter(void *ctx, const char *name, const char *value, struct pg_wish *w,
	  struct err *e)
{
	if (!strcmp(name, "user")) {
		w->user = value;
	} else if (!strcmp(name, "database")) {
		w->database = value;
	} else if (!strcmp(name, "application_name")) {
		w->application = value;
	} else if (!strcmp(name, "client_encoding")) {
		w->encoding = value;
		if (!w->writes && !sql_guard_encoding(value))
			return err_set(e, ERR_UNKNOWN, "the encoding %s",
				       text_safe(ctx, value));
	} else if (!strcmp(name, "options") && w->writes) {
		w->options = value;
	} else if (!strcmp(name, "options")) {
		if (check_options(ctx, value, e) < 0)
			return e->code;
		w->plain = false;
		w->options = talloc_asprintf(ctx, "%s " OURS, value);
	} else if (!strcasecmp(name, "datestyle") ||
		   !strcasecmp(name, "timezone") || !strcasecmp(name, "geqo")) {
		return 0; /* libpq's, from the same environment as ours */
	} else if (!strncmp(name, "_pq_.", 5)) {
		w->newer = true;
	} else {
		return err_set(e, ERR_UNKNOWN,
			       "the setting %s of the connection",
			       text_safe(ctx, name));
	}
	return 0;
}

int
pg_wish_read(void *ctx, const uint8_t *p, size_t len, bool writes,
	     struct pg_wish *out, struct err *e)
{
	const char *s = talloc_memdup(ctx, p, len), *end = s + len;

	*out = (struct pg_wish){
	    .options = writes ? NULL : OURS, .plain = true, .writes = writes};
	/* pairs of strings, and one byte 0 */
	if (!s || len == 0 || end[-1] != '\0')
		return err_set(e, ERR_SYNTAX, "a beginning that is none");
	while (s < end - 1) {
		const char *name = s, *value = s + strlen(s) + 1;

		if (!*name || value >= end)
			return err_set(e, ERR_SYNTAX,
				       "a beginning that is none");
		if (parameter(ctx, name, value, out, e) < 0)
			return e->code;
		s = value + strlen(value) + 1;
	}
	if (s != end - 1 || !out->user)
		return err_set(e, ERR_SYNTAX, "a beginning that is none");
	return 0;
}
