/* SPDX-License-Identifier: Apache-2.0 */
/* The .automode that a session has met: noted, and applied later on. */
#include "profile_seen.h"
#include "base/path.h"
#include "base/text.h"
#include "policy/trust.h"
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#define LINE	 "profile "
#define TEXT_MAX (64u << 10) /* longer ones are not noted */

static const char *
key_of(void *ctx, const char *worktree)
{
	return talloc_asprintf(ctx, "profile %s", worktree);
}

static const char *
noted(void *ctx, const struct session *s, const char *worktree)
{
	const struct project_facts *f =
	    s ? session_facts(s, key_of(ctx, worktree)) : NULL;

	return f ? f->text : "";
}

void
profile_seen_note(void *ctx, struct channel *monitor, const struct session *s,
		  const char *id, const char *worktree)
{
	const char *path = path_join(ctx, worktree, ".automode");
	struct err e = {0};
	char *text = NULL, *line;
	size_t len = 0;

	if (policy_repository_text(ctx, path, &text, &len, &e) != 0 ||
	    len > TEXT_MAX)
		len = 0;
	if (len == 0 && s)
		return;
	line = talloc_asprintf(ctx, LINE "%s\n", text_hex(ctx, text, len));
	if (!line)
		BUG("out of memory");
	if (!strstr(noted(ctx, s, worktree), line))
		(void)channel_facts(monitor, s ? s->id : id,
				    key_of(ctx, worktree), line, &e);
}

static bool
is_trusted(void *ctx, const char *worktree)
{
	const char *path = path_join(ctx, worktree, ".automode");
	struct err e = {0};
	char *text;
	size_t len;

	return policy_repository_text(ctx, path, &text, &len, &e) == 0 &&
	       trust_holds(path, text, len);
}

size_t
profile_seen_apply(struct policy *p, const struct session *s,
		   const char *worktree, const char *home)
{
	const char *at = noted(p, s, worktree), *end, *file;
	size_t added = 0;
	bool asked = false;

	file = talloc_asprintf(p, "%s/.automode (as this session met it)",
			       worktree);
	for (; (end = strchr(at, '\n')); at = end + 1) {
		size_t digits = (size_t)(end - at), len;
		struct err ignored = {0};
		char *text;

		if (strncmp(at, LINE, strlen(LINE)) != 0)
			continue;
		at += strlen(LINE);
		digits -= strlen(LINE);
		if (digits == 0) /* noted that there was none */
			continue;
		if (!asked && is_trusted(p, worktree))
			return 0;
		asked = true;
		text = talloc_zero_array(p, char, digits / 2 + 1);
		if (!text)
			BUG("out of memory");
		if (sodium_hex2bin((unsigned char *)text, digits / 2, at,
				   digits, NULL, &len, NULL) == 0 &&
		    policy_read_repository(p, file, text, len, false, home,
					   &ignored) == 0)
			added++;
	}
	return added;
}
