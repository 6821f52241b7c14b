/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the person keeps passwords for https: ~/.netrc, which git's curl
 * reads before anything else, and the credential helpers of the person's own
 * configuration.  A repository's configuration is never read: git runs in a
 * folder of ours that is in none.
 */
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/spawn.h"
#include "transport/credential_private.h"
#include <ctype.h>
#include <fcntl.h>
#include <strings.h>

#define NETRC_MAX (1u << 20)
#define FILL_MS	  120000 /* a helper may ask the person in a window */

char *
credential_authority(void *ctx, const struct transport_permit *p)
{
	const char *start = strstr(p->url, "://"), *end, *at;

	if (!start)
		return NULL;
	start += 3;
	end = start + strcspn(start, "/?#");
	at = memrchr(start, '@', (size_t)(end - start));
	if (at)
		start = at + 1;
	return talloc_strndup(ctx, start, (size_t)(end - start));
}

char *
credential_decoded(void *ctx, const char *s, size_t len)
{
	char *out = talloc_zero_size(ctx, len + 1), *o = out;

	if (!out)
		BUG("out of memory");
	for (size_t i = 0; i < len; i++) {
		char hex[3] = {0};

		if (s[i] == '%' && i + 2 < len &&
		    isxdigit((unsigned char)s[i + 1]) &&
		    isxdigit((unsigned char)s[i + 2])) {
			memcpy(hex, s + i + 1, 2);
			*o++ = (char)strtol(hex, NULL, 16);
			i += 2;
		} else {
			*o++ = s[i];
		}
	}
	return out;
}

/* Words between white space; in double quotes with backslashes (curl 7.84);
 * NULL at the end. */
static char *
word(void *ctx, const char **at)
{
	const char *p = *at + strspn(*at, " \t\r\n");
	char *out, *o;

	if (!*p) {
		*at = p;
		return NULL;
	}
	if (*p != '"') {
		size_t len = strcspn(p, " \t\r\n");

		*at = p + len;
		return talloc_strndup(ctx, p, len);
	}
	out = o = talloc_zero_size(ctx, strlen(p) + 1);
	if (!out)
		BUG("out of memory");
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1]) {
			p++;
			*o++ = (char)(*p == 'n'	  ? '\n'
				      : *p == 'r' ? '\r'
				      : *p == 't' ? '\t'
						  : *p);
		} else {
			*o++ = *p;
		}
	}
	*at = *p ? p + 1 : p;
	return out;
}

static bool
suits(const struct credential *c, const char *user)
{
	return c->user && c->password && (!user || strcmp(c->user, user) == 0);
}

static bool
find_in(void *ctx, const char *text, const char *host, const char *user,
	struct credential *out)
{
	struct credential now = {0};
	bool ours = false;
	char *w;

	while ((w = word(ctx, &text))) {
		bool machine = strcmp(w, "machine") == 0;

		if (machine || strcmp(w, "default") == 0) {
			if (ours && suits(&now, user))
				break;
			now = (struct credential){0};
			w = machine ? word(ctx, &text) : NULL;
			ours = !machine || (w && strcasecmp(w, host) == 0);
		} else if (strcmp(w, "login") == 0) {
			now.user = word(ctx, &text);
		} else if (strcmp(w, "password") == 0) {
			now.password = word(ctx, &text);
		} else if (strcmp(w, "macdef") == 0) {
			/* until an empty line */
			text = strstr(text, "\n\n");
			if (!text)
				break;
		}
	}
	*out = now;
	return ours && suits(&now, user);
}

bool
credential_netrc(void *ctx, const struct credential_setting *s,
		 struct credential *out)
{
	const char *path = path_join(ctx, s->home, ".netrc");
	char *text;
	size_t len;

	if (file_read(ctx, AT_FDCWD, path, NETRC_MAX, &text, &len, NULL) != 0 ||
	    strlen(text) != len)
		return false;
	return find_in(ctx, text, s->permit->host, s->permit->user, out);
}

/* The program's own folders first, but never a shim's. */
static const char *const path_of_helpers =
    "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

static const char **
environment(void *ctx, const struct credential_setting *s, const char *ceiling)
{
	/* of the gateway's own: how a helper finds the key ring, a display, or
	 * the agent of gpg */
	static const char *const kept[] = {"USER",
					   "LOGNAME",
					   "LANG",
					   "LC_ALL",
					   "XDG_RUNTIME_DIR",
					   "DISPLAY",
					   "WAYLAND_DISPLAY",
					   "DBUS_SESSION_BUS_ADDRESS"};
	const char **v = talloc_zero_array(ctx, const char *, 16);
	size_t n = 0;

	if (!v)
		BUG("out of memory");
	v[n++] = path_of_helpers;
	v[n++] = talloc_asprintf(v, "HOME=%s", s->home);
	v[n++] = talloc_asprintf(v, "GIT_CEILING_DIRECTORIES=%s", ceiling);
	v[n++] = "GIT_TERMINAL_PROMPT=0";
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if (getenv(kept[i]))
			v[n++] = talloc_asprintf(v, "%s=%s", kept[i],
						 getenv(kept[i]));
	return v;
}

/* A line break in a value would begin another attribute. */
static char *
attribute(char *text, const char *name, const char *value)
{
	if (!value || strpbrk(value, "\n\r"))
		return text;
	return talloc_asprintf_append(text, "%s=%s\n", name, value);
}

static char *
question(void *ctx, const struct credential_setting *s)
{
	const struct transport_permit *p = s->permit;
	char *q = talloc_strdup(ctx, "protocol=https\n");
	const char *path = p->path;

	while (path && *path == '/')
		path++;
	q = attribute(q, "host", credential_authority(ctx, p));
	/* git leaves it out unless credential.useHttpPath says so */
	if (path)
		q = attribute(q, "path",
			      credential_decoded(ctx, path, strlen(path)));
	q = attribute(q, "username", p->user);
	q = talloc_strdup_append(q, "\n");
	if (!q)
		BUG("out of memory");
	return q;
}

static void
take_answer(void *ctx, char *text, struct credential *out)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (strncmp(line, "username=", 9) == 0)
			out->user = talloc_strdup(ctx, line + 9);
		else if (strncmp(line, "password=", 9) == 0)
			out->password = talloc_strdup(ctx, line + 9);
	}
}

bool
credential_fill(void *ctx, const struct credential_setting *s,
		struct credential *out)
{
	const char *argv[] = {"git", "credential", "fill", NULL};
	const char *dir = path_parent(ctx, path_clean(ctx, s->path));
	char *q = question(ctx, s);
	struct spawn run = {.program = s->git,
			    .argv = argv,
			    .env = environment(ctx, s, path_parent(ctx, dir)),
			    .cwd = dir,
			    .input = q,
			    .input_len = strlen(q),
			    .timeout_ms = FILL_MS};

	*out = (struct credential){0};
	if (spawn_run(ctx, &run, NULL) < 0 || run.status != 0 || !run.output)
		return false;
	take_answer(ctx, run.output, out);
	return out->user && out->password;
}
