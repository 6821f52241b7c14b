/* SPDX-License-Identifier: Apache-2.0 */
/* By the command line of who listens there. */
#include "tools/db_tunnel.h"
#include "base/err.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "tools/listener.h"
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define SHOWN_MAX 400

/* The words that may say where it leads: no files, and nothing of ssh's -o. */
static char *
shortened(void *ctx, char *text)
{
	char *save = NULL, *out = NULL;

	for (char *w = strtok_r(text, " ", &save); w;
	     w = strtok_r(NULL, " ", &save)) {
		if (!out)
			out = talloc_strdup(ctx, path_base(w));
		else if (!strcmp(w, "-o"))
			strtok_r(NULL, " ", &save);
		else if (*w != '/' && strncmp(w, "-o", 2) != 0 &&
			 strlen(out) + strlen(w) < SHOWN_MAX)
			out = talloc_asprintf_append(out, " %s", w);
	}
	return out;
}

/* The command line, when its program is one that forwards. */
static const char *
forwards(void *ctx, const char *pid)
{
	static const char *const programs[] = {"ssh",
					       "autossh",
					       "kubectl",
					       "oc",
					       "cloud-sql-proxy",
					       "cloud_sql_proxy",
					       "cloudflared",
					       "socat",
					       "gcloud",
					       "aws",
					       "fly",
					       "session-manager-plugin",
					       "flyctl",
					       "ncat",
					       "chisel",
					       "tsh",
					       "boundary",
					       "alloydb-auth-proxy"};
	char *path = talloc_asprintf(ctx, "/proc/%s/cmdline", pid), *text;
	struct err e = {0};
	const char *name;
	size_t len;

	if (file_read(ctx, AT_FDCWD, path, 1 << 16, &text, &len, &e) != 0 ||
	    !len)
		return NULL;
	name = strrchr(text, '/') ? strrchr(text, '/') + 1 : text;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		size_t k = strlen(programs[i]);

		if (strncmp(name, programs[i], k) != 0 ||
		    (name[k] && name[k] != ' ' && name[k] != ':'))
			continue;
		for (size_t j = 0; j + 1 < len; j++)
			if (!text[j])
				text[j] = ' ';
		return text_safe(ctx, shortened(ctx, text));
	}
	return NULL;
}

static bool
forwarded(void *ctx, const char *pid, void *data)
{
	return (*(const char **)data = forwards(ctx, pid)) != NULL;
}

const char *
db_tunnel(void *ctx, unsigned port)
{
	const char *found = NULL;

	listener_at_port(ctx, port, false, forwarded, &found);
	return found;
}
