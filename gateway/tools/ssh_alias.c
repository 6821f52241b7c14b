/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the person's ~/.ssh/config makes of a host's name: an alias leads to
 * its HostName.  A configuration that has changed in this session is not the
 * person's word about anything.
 */
#include "base/path.h"
#include "tools/ssh_line.h"
#include <fnmatch.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <talloc.h>

static const char *
config_of(struct ssh_line *l)
{
	return l->c->os.home
		   ? path_join(l->c->ctx, l->c->os.home, ".ssh/config")
		   : NULL;
}

bool
ssh_config_changed(struct ssh_line *l)
{
	const struct session *session = l->c->in->session;
	const char *path = config_of(l);
	struct stat st;

	return session && path && stat(path, &st) == 0 &&
	       (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec >
		   session->started_ns;
}

/* "a b *.c !d" */
static bool
matches(char *patterns, const char *name)
{
	bool yes = false;
	char *save = NULL;

	for (char *p = strtok_r(patterns, " \t\"", &save); p;
	     p = strtok_r(NULL, " \t\"", &save))
		if (*p == '!' && !fnmatch(p + 1, name, 0))
			return false;
		else
			yes |= !fnmatch(p, name, 0);
	return yes;
}

const char *
ssh_alias(struct ssh_line *l, const char *name)
{
	const char *path = config_of(l);
	char *text = path ? sender_text(&l->s, path) : NULL, *save = NULL;
	bool applies = true;

	for (char *p = text ? strtok_r(text, "\r\n", &save) : NULL; p;
	     p = strtok_r(NULL, "\r\n", &save)) {
		size_t n;
		char *v;

		p += strspn(p, " \t");
		n = strcspn(p, " \t=");
		v = p + n + strspn(p + n, " \t=\"");
		if (n == 4 && !strncasecmp(p, "Host", n))
			applies = matches(v, name);
		else if (n == 5 && !strncasecmp(p, "Match", n))
			applies = false;
		else if (applies && n == 8 && !strncasecmp(p, "HostName", n))
			/* %h and the like are for ssh */
			return strchr(v, '%')
				   ? NULL
				   : talloc_strndup(l->c->ctx, v,
						    strcspn(v, " \t\""));
	}
	return NULL;
}
