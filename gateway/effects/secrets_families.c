/* SPDX-License-Identifier: Apache-2.0 */
/* The families of credentials, from their file (profiles/secrets). */
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "effects/secrets_work.h"
#include "invocation/program.h"
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static struct engine {
	struct family **families;
	struct token *tokens;
	const char **files;
	size_t nfamilies, ntokens, nfiles;
	struct needles *needles;
} * engine;

void
secrets_append(void *ctx, const char ***list, size_t *n, const char *word)
{
	*list =
	    have(talloc_realloc(ctx, *list, const char *, (unsigned)*n + 2));
	(*list)[(*n)++] = have(talloc_strdup(*list, word));
	(*list)[*n] = NULL;
}

static void
words(void *ctx, char *text, const char ***list, size_t *n)
{
	char *save = NULL;

	for (char *w = strtok_r(text, " \t", &save); w;
	     w = strtok_r(NULL, " \t", &save))
		secrets_append(ctx, list, n, w);
}

/* "[A-Za-z0-9_-]{36,255}...": the set, and how many bytes at least. */
static void
read_set(struct token *t, const char *p)
{
	const char *end = strchr(p, ']');
	unsigned long least = 1;

	if (*p++ != '[' || !end || *p == '^' ||
	    memchr(p, '\\', (size_t)(end - p)) || end[1] == '*' ||
	    end[1] == '?')
		return;
	if (end[1] == '{')
		least = strtoul(end + 2, NULL, 10);
	for (; p < end; p++) {
		unsigned from = (unsigned char)*p, to = from;

		if (p[1] == '-' && p + 2 < end) {
			to = (unsigned char)p[2];
			p += 2;
		}
		for (; from <= to; from++)
			t->set[from] = true;
	}
	t->run = least;
	t->mixed = t->set['z'] && t->set['Z'] && t->set['9'];
}

/* Where it can stand is seen by that (secrets_runs.c). */
static bool
shows(const char *prefix, const char *rest, uint32_t least)
{
	size_t len = strlen(prefix);

	if (strncmp(prefix, "-----", 5) == 0)
		return runs_first(prefix) >= 8;
	return len + least >= 16 && least >= 12 && !strchr(rest, ' ');
}

static int
add_token(struct engine *g, struct family *f, char *text, struct err *e)
{
	char *rest = strchr(text, ' ');
	struct token *t;
	uint32_t least = 0;
	PCRE2_SIZE at;
	int code;

	if (!rest || rest - text < 3)
		return err_set(e, ERR_SYNTAX, "a token of %s without pattern",
			       f->owner.family);
	*rest++ = '\0';
	g->tokens = have(talloc_realloc(g, g->tokens, struct token,
					(unsigned)g->ntokens + 1));
	t = &g->tokens[g->ntokens++];
	*t = (struct token){.prefix = have(talloc_strdup(g, text)),
			    .len = strlen(text),
			    .family = f};
	t->rest = pcre2_compile((PCRE2_SPTR)rest, PCRE2_ZERO_TERMINATED,
				PCRE2_ANCHORED, &code, &at, NULL);
	if (!t->rest)
		return err_set(e, ERR_SYNTAX, "the pattern of %s",
			       f->owner.family);
	(void)pcre2_jit_compile(t->rest, PCRE2_JIT_COMPLETE);
	read_set(t, rest);
	(void)pcre2_pattern_info(t->rest, PCRE2_INFO_MINLENGTH, &least);
	if (!shows(text, rest, least))
		return err_set(e, ERR_SYNTAX, "the token %s of %s: too short",
			       text, f->owner.family);
	return 0;
}

static int
read_line(struct engine *g, char *line, struct err *e)
{
	struct family *f = g->nfamilies ? g->families[g->nfamilies - 1] : NULL;
	char *rest = strchr(line, ' ');

	if (rest)
		*rest++ = '\0';
	else
		rest = line + strlen(line);
	if (strcmp(line, "family") == 0) {
		f = have(talloc_zero(g, struct family));
		f->owner.family = have(talloc_strdup(f, rest));
		f->what = have(talloc_asprintf(f, "a %s credential", rest));
		g->families =
		    have(talloc_realloc(g, g->families, struct family *,
					(unsigned)g->nfamilies + 1));
		g->families[g->nfamilies++] = f;
		return 0;
	}
	if (!f)
		return err_set(e, ERR_SYNTAX, "%s before a family", line);
	if (strcmp(line, "token") == 0)
		return add_token(g, f, rest, e);
	if (strcmp(line, "host") == 0)
		words(f, rest, &f->owner.hosts, &f->owner.nhosts);
	else if (strcmp(line, "env") == 0)
		words(f, rest, &f->env, &f->nenv);
	else if (strcmp(line, "file") == 0)
		words(f, rest, &f->files, &f->nfiles);
	else if (strcmp(line, "example") == 0)
		words(f, rest, &f->examples, &f->nexamples);
	else if (strcmp(line, "check") == 0)
		f->crc = strcmp(rest, "crc32") == 0;
	else if (strcmp(line, "keeps") == 0)
		f->owner.keeps = true;
	else
		return err_set(e, ERR_SYNTAX, "unknown word %s",
			       text_safe(g, line));
	return 0;
}

int
secrets_load(const char *path, struct err *e)
{
	struct engine *g;
	char *text, *save = NULL;
	size_t len;

	if (engine)
		return 0;
	g = have(talloc_zero(NULL, struct engine));
	if (!path)
		path = path_join(g, program_share_dir(), "secrets");
	if (file_read(g, AT_FDCWD, path, 1u << 20, &text, &len, e) != 0) {
		talloc_free(g);
		return err_set(e, ERR_SYSTEM, "%s cannot be read", path);
	}
	for (char *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save))
		if (*l && *l != '#' && *l != '\t' && read_line(g, l, e) < 0)
			return err_wrap(e, "%s", path);
	for (size_t i = 0; i < g->nfamilies; i++)
		for (size_t k = 0; k < g->families[i]->nfiles; k++)
			secrets_append(g, &g->files, &g->nfiles,
				       g->families[i]->files[k]);
	g->needles = needles_make(g, g->tokens, g->ntokens);
	engine = g;
	return 0;
}

const struct needles *
secrets_needles(void)
{
	return engine->needles;
}

const struct family *
secrets_family_by_looks(const char *text, size_t len)
{
	return needles_family(engine->tokens, engine->ntokens, text, len);
}

const char *const *
secrets_files(void)
{
	return engine->files;
}

const struct secret_owner *
secrets_family_of(const char *variable, const char *file)
{
	for (size_t i = 0; i < engine->nfamilies; i++) {
		const struct family *f = engine->families[i];

		for (size_t k = 0; variable && k < f->nenv; k++)
			if (fnmatch(f->env[k], variable, 0) == 0)
				return &f->owner;
		for (size_t k = 0; file && k < f->nfiles; k++)
			if (strcmp(f->files[k], file) == 0)
				return &f->owner;
	}
	return NULL;
}
