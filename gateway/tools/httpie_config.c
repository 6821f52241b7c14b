/* SPDX-License-Identifier: Apache-2.0 */
/* HTTPie 3.2: config.json, in each folder in which it may look for it. */
#include "base/path.h"
#include "base/text.h"
#include "tools/httpie.h"
#include <cjson/cJSON.h>
#include <string.h>
#include <talloc.h>

#define MAX_FOLDERS (2 * SENDER_HOMES + 1)

/* HTTPIE_CONFIG_DIR, ~/.httpie when it is there, XDG_CONFIG_HOME/httpie,
 * ~/.config/httpie: the first that is said. */
static size_t
folders(struct sender *s, unsigned home, const char **v)
{
	const char *said = invocation_env(s->c->in, "HTTPIE_CONFIG_DIR");
	const char *xdg = invocation_env(s->c->in, "XDG_CONFIG_HOME");
	size_t n = 0;

	if (said) {
		v[n++] = path_join(s->c->ctx, s->c->os.base_dir, said);
		return n;
	}
	if (xdg)
		v[n++] = path_join(s->c->ctx,
				   path_join(s->c->ctx, s->c->os.base_dir, xdg),
				   "httpie");
	for (unsigned i = home; i < SENDER_HOMES; i++) {
		const char *old = sender_at_home(s, ".httpie", i);

		if (old && path_exists(old))
			v[n++] = old;
		if (old && !xdg)
			v[n++] = sender_at_home(s, ".config/httpie", i);
	}
	return n;
}

const char *
httpie_folder(struct sender *s)
{
	const char *said = invocation_env(s->c->in, "HOME");
	const char *v[MAX_FOLDERS];

	/* in a box a HOME that is no absolute name does not count */
	if (said && *said && *said != '/')
		return NULL;
	return folders(s, sender_at_home(s, ".", 1) ? 1 : 0, v) == 1 ? v[0]
								     : NULL;
}

static bool
is_one_of(const char *word, const char *const *names)
{
	size_t n = strncmp(word, "--", 2) ? strlen(word) : strcspn(word, "=");

	for (; *names; names++)
		if (strlen(*names) == n && !strncmp(word, *names, n))
			return true;
	return false;
}

/* One word of default_options; false: not one that only tunes. */
static bool
take_word(const char *word, struct httpie_defaults *out)
{
	static const char *const shows[] = {
	    "--verbose", "--print",	    "--all", "--debug", "-v",
	    "-vv",	 "--history-print", "-P",    NULL};
	static const char *const tunes[] = {"--json",
					    "-j",
					    "--form",
					    "-f",
					    "--compress",
					    "-x",
					    "--pretty",
					    "--style",
					    "--unsorted",
					    "--sorted",
					    "--format-options",
					    "--headers",
					    "-h",
					    "--meta",
					    "-m",
					    "--body",
					    "-b",
					    "--stream",
					    "-S",
					    "--quiet",
					    "-q",
					    "--check-status",
					    "--timeout",
					    "--max-redirects",
					    "--max-headers",
					    "--path-as-is",
					    "--chunked",
					    "--ignore-stdin",
					    "-I",
					    "--ignore-netrc",
					    "--traceback",
					    "--default-scheme",
					    "--response-charset",
					    "--response-mime",
					    NULL};

	if (!strcmp(word, "--follow") || !strcmp(word, "-F"))
		out->follows = true;
	else if (is_one_of(word, shows) || !strncmp(word, "-p", 2))
		out->shows = true;
	else if (!is_one_of(word, tunes) && strncmp(word, "-s", 2) != 0)
		return false;
	return true;
}

static bool
take_config(const cJSON *all, struct httpie_defaults *out)
{
	static const char *const with_value[] = {"--pretty",
						 "--style",
						 "-s",
						 "--print",
						 "-p",
						 "--format-options",
						 "--timeout",
						 "--max-redirects",
						 "--max-headers",
						 "--history-print",
						 "-P",
						 "--default-scheme",
						 "--response-charset",
						 "--response-mime",
						 NULL};
	const cJSON *item, *word;
	bool value;

	/* a name that stands twice: which of them counts? */
	cJSON_ArrayForEach(item, all)
	{
		if (!item->string || strcmp(item->string, "default_options"))
			continue;
		if (!cJSON_IsArray(item))
			return false;
		value = false;
		cJSON_ArrayForEach(word, item)
		{
			const char *w = cJSON_GetStringValue(word);

			if (!w || (!(value && *w != '-') && !take_word(w, out)))
				return false;
			value = !strchr(w, '=') && is_one_of(w, with_value);
		}
	}
	return true;
}

static int
read_config(struct sender *s, const char *path, struct httpie_defaults *out,
	    struct err *e)
{
	bool unseen = s->unseen, good;
	const char *text;
	cJSON *all;

	s->unseen = false;
	text = sender_text(s, path);
	if (s->unseen)
		return err_set(e, ERR_UNKNOWN, "%s cannot be read first",
			       text_safe(s->c->ctx, path));
	s->unseen = unseen;
	if (!text)
		return 0;
	all = cJSON_Parse(text);
	good = all && take_config(all, out);
	cJSON_Delete(all);
	if (good)
		return 0;
	return err_set(e, ERR_UNKNOWN,
		       "its config.json has default options that say where it "
		       "goes or what it sends");
}

int
httpie_defaults(struct sender *s, struct httpie_defaults *out, struct err *e)
{
	const char *v[MAX_FOLDERS];
	size_t n = folders(s, 0, v);

	*out = (struct httpie_defaults){0};
	for (size_t i = 0; i < n; i++)
		if (read_config(s, path_join(s->c->ctx, v[i], "config.json"),
				out, e) < 0)
			return e->code;
	return 0;
}
