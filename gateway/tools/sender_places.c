/* SPDX-License-Identifier: Apache-2.0 */
/* What profiles/places says of a host: paste sites, request bins, tunnels. */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/program.h"
#include "tools/sender.h"
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <talloc.h>

const char *sender_places;

const char *
sender_place(struct sender *s, const char *host)
{
	const char *path =
	    sender_places ? sender_places
			  : path_join(s->c->ctx, program_share_dir(), "places");
	char *text, *lines = NULL, *words = NULL;
	const char *what = NULL;
	size_t len;

	/* only its words are missing without it */
	if (file_read(s->c->ctx, AT_FDCWD, path, 1u << 20, &text, &len, NULL) !=
	    0)
		return NULL;
	for (char *l = strtok_r(text, "\n", &lines); l;
	     l = strtok_r(NULL, "\n", &lines)) {
		if (*l != '\t') {
			what = *l == '#' ? NULL : l;
			continue;
		}
		for (char *w = strtok_r(l, " \t", &words); w && what;
		     w = strtok_r(NULL, " \t", &words))
			if (fnmatch(w, host, FNM_CASEFOLD) == 0)
				return what;
	}
	return NULL;
}
