/* SPDX-License-Identifier: Apache-2.0 */
/* Cookie jars and netrc files: which host gets what of them. */
#include "base/text.h"
#include "tools/sender.h"
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define MAX_FILE (4u << 20)

char *
sender_text(struct sender *s, const char *path)
{
	return sender_read(s, path, MAX_FILE);
}

/* Seven fields, the domain first; a "Set-Cookie:" line is for any host. */
static bool
is_ours(const struct sender *s, const char *line)
{
	const char *domain = line;
	size_t n, len;

	if (!strncmp(line, "#HttpOnly_", 10))
		domain += 10;
	else if (*line == '#')
		return false;
	domain += *domain == '.';
	n = strcspn(domain, "\t");
	if (!domain[n])
		return strncasecmp(line, "Set-Cookie:", 11) == 0;
	for (size_t i = 0; i < s->nhosts; i++) {
		len = strlen(s->hosts[i].host);
		if (len >= n &&
		    !strncasecmp(s->hosts[i].host + len - n, domain, n))
			return true;
	}
	return false;
}

bool
sender_cookies(struct sender *s, const char *path)
{
	char *text = sender_text(s, path), *save = NULL;
	size_t before = s->nfound;

	for (char *l = text ? strtok_r(text, "\r\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\r\n", &save))
		if (is_ours(s, l))
			sender_says(s, l, text_safe(s->c->ctx, path));
	return s->nfound > before;
}

static bool
is_peer(const struct sender *s, const char *host)
{
	for (size_t i = 0; i < s->nhosts; i++)
		if (!strcasecmp(s->hosts[i].host, host))
			return true;
	return false;
}

/* "default" is for any host. */
bool
sender_netrc(struct sender *s, const char *path)
{
	char *text = sender_text(s, path), *save = NULL, *word;
	bool ours = false, found = false;

	if (!text)
		return false;
	for (word = strtok_r(text, " \t\r\n", &save); word;
	     word = strtok_r(NULL, " \t\r\n", &save)) {
		bool machine = !strcmp(word, "machine");

		if (!strcmp(word, "default")) {
			ours = true;
			continue;
		}
		if (!machine && strcmp(word, "login") != 0 &&
		    strcmp(word, "password") != 0 &&
		    strcmp(word, "account") != 0)
			continue;
		word = strtok_r(NULL, " \t\r\n", &save);
		if (!word)
			break;
		if (machine) {
			ours = is_peer(s, word);
		} else if (ours) {
			found = true;
			sender_says(s, word, text_safe(s->c->ctx, path));
		}
	}
	return found;
}

void
sender_own(struct sender *s, const char *path)
{
	need_read(s->c->ctx, &s->c->cmd->need, path);
	need_judged(s->c->ctx, &s->c->cmd->need, path);
}
