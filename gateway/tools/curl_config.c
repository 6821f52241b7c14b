/* SPDX-License-Identifier: Apache-2.0 */
/* curl's configuration files, line by line as curl 7.88 reads them. */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/curl.h"
#include "tools/db.h"
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_DEPTH 8 /* files that name others */

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

static const char blanks[] = " \t\r\v\f";

/* "name = value", "name: value", "-x value"; what begins with a dash is not
 * divided at "=" or ":". */
static int
config_line(struct curl_call *k, char *line, struct err *e)
{
	char *p = line + strspn(line, blanks), *value;
	const char *ends = *p == '-' ? " \t\r\v\f" : " \t\r\v\f=:";
	bool used;
	int rc;

	if (!*p || strchr("#/*", *p))
		return 0;
	value = p + strcspn(p, ends);
	/* nothing is called so: curl warns, and goes on without it */
	if (!strncmp(p, "--", 2) && memchr(p, '=', (size_t)(value - p)))
		return 0;
	if (*value)
		*value++ = '\0';
	value += strspn(value, ends);
	if (*value == '"') {
		value = unquoted(value);
	} else {
		value[strcspn(value, blanks)] = '\0';
		if (!*value)
			value = NULL;
	}
	rc = curl_read_word(k, *p == '-' ? p : file_text(k->c, "--%s", p),
			    value, &used, e);
	/* curl only warns of a line that it does not understand */
	if (rc == ERR_SYNTAX)
		e->code = rc = ERR_UNKNOWN;
	return rc;
}

/* From a descriptor of the caller, which holds the same again afterwards. */
static int
from_descriptor(struct curl_call *k, const char *path, char **text, size_t *len,
		struct err *e)
{
	if (!strcmp(path, "-") || path_descriptor(path) == 0) {
		if (k->stdin_seen)
			return err_set(e, ERR_UNKNOWN,
				       "-K - and data from stdin at once are "
				       "not followed");
		k->stdin_seen = true;
		if (db_stdin(k->c, text, len, e) < 0)
			return e->code;
		if (!*text && isatty(k->c->in->stdio[0]))
			return err_set(e, ERR_UNKNOWN,
				       "-K - reads options from the terminal; "
				       "write them on the line");
		if (!*text)
			*text = file_text(k->c, "%s", "");
		return 0;
	}
	*text = db_file(k->c, path, len);
	return *text ? 0
		     : err_set(e, ERR_UNKNOWN, "%s cannot be read beforehand",
			       text_safe(k->c->ctx, path));
}

int
curl_read_config(struct curl_call *k, const char *path, bool own, struct err *e)
{
	const char *outer = k->config;
	bool gave = k->config_gives;
	char *text = NULL, *save = NULL;
	size_t len = 0;
	int rc;
	bool descriptor =
	    !own && (!strcmp(path, "-") || path_descriptor(path) >= 0);

	if (!own && !strcmp(path, "/dev/null"))
		return 0;
	if (++k->depth > MAX_DEPTH)
		return err_set(e, ERR_LIMIT, "too many configuration files");
	if (!own && !descriptor)
		file_read_from(k->c, path);
	if (descriptor) {
		if (from_descriptor(k, path, &text, &len, e) < 0)
			return e->code;
		rc = 0;
	} else {
		path = path_join(k->c->ctx, k->c->os.base_dir, path);
		rc = file_read(k->c->ctx, AT_FDCWD, path, 1u << 20, &text, &len,
			       e);
	}
	if (rc != 0)
		return err_set(e, rc < 0 || own ? ERR_UNKNOWN : ERR_SYNTAX,
			       "the configuration file %s",
			       text_safe(k->c->ctx, path));
	if (memchr(text, '\0', len))
		return err_set(e, ERR_UNKNOWN, "%s is no text",
			       text_safe(k->c->ctx, path));
	if (own)
		sender_own(&k->s, path);
	k->config = path;
	k->config_gives = own || (!descriptor && curl_is_credential(k, path));
	for (char *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		rc = config_line(k, talloc_strdup(k->c->ctx, l), e);
		if (rc < 0)
			return err_wrap(e, "%s", text_safe(k->c->ctx, path));
	}
	k->config = outer;
	k->config_gives = gave;
	k->depth--;
	return 0;
}

const char *
curl_own_config(struct curl_call *k)
{
	static const char *const places[] = {"CURL_HOME", "XDG_CONFIG_HOME",
					     "HOME"};
	const char *path;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const char *dir = invocation_env(k->c->in, places[i]);

		if (!dir || !*dir)
			continue;
		path = path_join(k->c->ctx,
				 path_join(k->c->ctx, k->c->os.base_dir, dir),
				 ".curlrc");
		if (path_exists(path))
			return path;
		/* without a dot only there, and only without the others */
		if (i < 2 || invocation_env(k->c->in, places[0]) ||
		    invocation_env(k->c->in, places[1]))
			continue;
		path = path_join(k->c->ctx, path_parent(k->c->ctx, path),
				 ".config/curlrc");
		if (path_exists(path))
			return path;
	}
	if (!k->c->os.home)
		return NULL;
	path = path_join(k->c->ctx, k->c->os.home, ".curlrc");
	return path_exists(path) ? path : NULL;
}

void
curl_canonical(struct curl_call *k, const char *config)
{
	const char *const *argv = k->c->in->argv;
	const char **v = NULL;
	size_t n = 0;

	curl_keep(k, &v, &n, "-q");
	if (config) {
		curl_keep(k, &v, &n, "-K");
		curl_keep(k, &v, &n, config);
	}
	for (size_t i = 1; argv[i]; i++)
		curl_keep(k, &v, &n, argv[i]);
	file_argv(k->c, v, n);
}
