/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a command runs, what is behind a wrapper meets its own shim and is
 * judged there; a question ("check") has to look behind the wrapper itself.
 */
#include "peel.h"
#include "base/memory.h"
#include "base/path.h"
#include "parse/wrapper.h"
#include "tools/tool.h"
#include <string.h>

/* Words of env before its command; 0: it does more than set the environment. */
static size_t
env_words(const char *const *words)
{
	size_t i = 1;

	if (strcmp(path_base(words[0]), "env") != 0)
		return 0;
	for (; words[i]; i++)
		if (!strcmp(words[i], "-u") && words[i + 1])
			i++;
		else if (strcmp(words[i], "-i") != 0 &&
			 strcmp(words[i], "-") != 0 &&
			 (words[i][0] == '-' || !strchr(words[i], '=')))
			break;
	return words[i] && words[i][0] != '-' ? i : 0;
}

/* busybox NAME where NAME is a tool; 0: no such thing. */
static size_t
applet_words(const char *const *words)
{
	const char *name = path_base(words[0]);

	return (!strcmp(name, "busybox") || !strcmp(name, "toybox")) &&
		       words[1] && toolbox_find(path_base(words[1]))
		   ? 1
		   : 0;
}

void
peel(void *ctx, struct request *rq)
{
	const char *const *words = rq->in.argv;
	size_t n;

	while (words[0] &&
	       ((n = wrapper_inner(words)) || (n = env_words(words)) ||
		(n = applet_words(words))))
		words += n;
	if (words == rq->in.argv || !words[0] ||
	    !toolbox_find(path_base(words[0])))
		return;
	rq->in.argc -= (size_t)(words - rq->in.argv);
	rq->in.argv = words;
	rq->in.tool = have(talloc_strdup(ctx, path_base(words[0])));
}
