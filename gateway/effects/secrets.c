/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: families from their file, tokens by prefix and pattern, known
 * values by windows of twelve bytes, the same again in decoded readings.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "effects/secrets_packed.h"
#include "effects/secrets_work.h"
#include "invocation/program.h"
#include <ctype.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define DEEP	   2	      /* readings of readings */
#define BEGUN	   4	      /* bytes of a value that tell it */
#define WITHIN	   8	      /* places with something compressed */
#define DEEP_BYTES (8u << 10) /* of what is read twice */
/* bytes of other readings, for one command */
#define BUDGET ((size_t)SECRETS_FORMS << 19)

static struct engine {
	struct family **families;
	struct token *tokens;
	const char **files;
	size_t nfamilies, ntokens, nfiles;
	struct needles *needles;
} * engine;

static void
append(void *ctx, const char ***list, size_t *n, const char *word)
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
		append(ctx, list, n, w);
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
	return len + least >= 16 && !strchr(rest, ' ');
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
			append(g, &g->files, &g->nfiles,
			       g->families[i]->files[k]);
	g->needles = needles_make(g, g->tokens, g->ntokens);
	engine = g;
	return 0;
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

void
secrets_add(struct secret_list *to, const struct secret_owner *owner,
	    const char *what, bool looks)
{
	for (size_t i = 0; i < to->n; i++)
		if (to->v[i].owner == owner)
			return;
	if (to->n < to->room)
		to->v[to->n++] =
		    (struct secret_found){owner, what, to->where, looks};
}

/* --- a command -------------------------------------------------------------
 */

int
secrets_begin(void *ctx, const struct invocation *in,
	      const struct scope_rules *rules, const char *folder,
	      struct secrets **out, struct err *e)
{
	int rc = secrets_load(NULL, e);

	if (rc < 0)
		return rc;
	*out = have(talloc_zero(ctx, struct secrets));
	(*out)->in = in;
	(*out)->rules = rules;
	(*out)->folder = folder;
	(*out)->budget = BUDGET;
	return 0;
}

static void
scan_flat(struct secrets *s, const char *p, size_t len, struct secret_list *to)
{
	pass_scan(engine->needles, s->encoded ? s->encoded : s->plain, p, len,
		  to);
}

static void scan_packed(struct secrets *s, const char *p, size_t len,
			unsigned depth, struct secret_list *to);

/* Compressed bytes behind others. */
static void
scan_within(struct secrets *s, const char *p, size_t len, unsigned depth,
	    struct secret_list *to)
{
	size_t at = 0;

	for (int i = 0; i < WITHIN && len > at; i++) {
		at += 1 + packed_within(p + at + 1, len - at - 1);
		if (at < len)
			scan_packed(s, p + at, len - at, depth, to);
	}
}

static void
scan_deep(struct secrets *s, const char *p, size_t len, unsigned depth,
	  unsigned read, struct secret_list *to)
{
	scan_flat(s, p, len, to);
	scan_packed(s, p, len, depth, to);
	scan_within(s, p, len, depth, to);
	if (depth == DEEP || len < 12 || (depth && len > DEEP_BYTES))
		return;
	for (unsigned form = 0; form < SECRETS_FORMS && to->n < to->room;
	     form++) {
		size_t other;
		char *text;

		if (!secrets_reads_again(read, form))
			continue;
		s->spent |= s->budget < len;
		if (s->spent)
			return;
		s->budget -= len;
		text = secrets_decoded(s, p, len, form, &other);
		if (!text)
			continue;
		scan_deep(s, text, other, depth + 1, form, to);
		talloc_free(text);
	}
}

struct packed {
	struct secrets *s;
	struct secret_list *to;
	unsigned depth;
};

/* Other people's packages come with keys for their tests. */
bool
secrets_of_package(const char *path)
{
	return strstr(path, "node_modules/") ||
	       strstr(path, "site-packages/") || strstr(path, "dist-packages/");
}

bool
secrets_is_archive(const char *bytes, size_t len)
{
	return packed_is(bytes, len) ||
	       (len > 262 && !memcmp(bytes + 257, "ustar", 5));
}

static bool
scan_piece(void *data, const char *path, const char *p, size_t len)
{
	struct packed *k = data;
	size_t before = k->to->n, kept;
	const char *where = k->to->where;

	/* a name that holds one is not shown */
	if (path)
		scan_flat(k->s, path, strlen(path), k->to);
	if (k->to->n > before)
		path = NULL;
	before = kept = k->to->n;
	if (k->depth <= DEEP && len * SECRETS_FORMS <= k->s->budget)
		scan_deep(k->s, p, len, k->depth, SECRETS_FORMS, k->to);
	else
		scan_flat(k->s, p, len, k->to);
	k->s->shallow |=
	    len * SECRETS_FORMS > k->s->budget && len * SECRETS_FORMS <= BUDGET;
	for (size_t i = before; i < k->to->n; i++) {
		struct secret_found *f = &k->to->v[i];

		if (f->looks && path && secrets_of_package(path))
			continue;
		if (path)
			f->where = have(talloc_asprintf(k->s, "%s: %s", where,
							text_safe(k->s, path)));
		k->to->v[kept++] = *f;
	}
	k->to->n = kept;
	return kept < k->to->room;
}

/* What the bytes unpack to, if they are packed. */
static void
scan_packed(struct secrets *s, const char *p, size_t len, unsigned depth,
	    struct secret_list *to)
{
	struct packed k = {.s = s, .to = to, .depth = depth + 1};

	if (to->n < to->room && depth <= DEEP && packed_is(p, len))
		s->unread |= !packed_each(p, len, scan_piece, &k);
}

bool
secrets_unread(const struct secrets *s)
{
	return s->unread;
}

/* Who made it may have it back, whatever it is called: BOT_TOKEN=ghp_...; but
 * not where the person says whose it is. */
static void
owned_by_looks(struct secrets *s)
{
	for (size_t i = 0; i < s->values.n; i++) {
		struct secret_value *x = &s->values.v[i];
		const struct family *f;

		if (x->owner->instead_of || x->owner->keeps)
			continue;
		f = needles_family(engine->tokens, engine->ntokens, x->bytes,
				   x->len);
		x->owner->also = f ? NULL : x->owner->also;
		if (!f || f->owner.keeps ||
		    (x->owner->nhosts &&
		     !strcmp(x->owner->family, f->owner.family)))
			continue;
		if (!x->owner->nhosts)
			x->owner->family = f->owner.family;
		for (size_t k = 0; k < f->owner.nhosts; k++)
			append(s, &x->owner->hosts, &x->owner->nhosts,
			       f->owner.hosts[k]);
	}
}

void
secrets_know(struct secrets *s)
{
	if (s->known)
		return;
	s->known = true;
	(void)secrets_known(s, s->in, s->rules, s->folder, &s->values);
	owned_by_looks(s);
	s->plain = windows_make(s, &s->values, false);
}

static char *
lowered(void *ctx, const char *text, size_t len)
{
	char *out = have(talloc_strndup(ctx, text, len));

	for (char *p = out; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return out;
}

/* Random enough, and another one in small letters. */
static bool
loses_case(const struct secret_value *x)
{
	bool upper = false, digit = false;

	for (size_t i = 0; i < x->len; i++) {
		upper |= isupper((unsigned char)x->bytes[i]) != 0;
		digit |= isdigit((unsigned char)x->bytes[i]) != 0;
		if (!x->bytes[i])
			return false;
	}
	return x->len >= 12 && upper && digit;
}

size_t
secrets_scan_names(struct secrets *s, const char *text, const char *where,
		   struct secret_found *v, size_t room)
{
	struct secret_list to = {.v = v, .room = room, .where = where};
	struct secret_value *x;
	size_t kept = 0;
	char *low;

	secrets_know(s);
	if (!s->names) {
		s->lower.v = have(talloc_array(s, struct secret_value,
					       (unsigned)s->values.n + 1));
		for (size_t i = 0; i < s->values.n; i++) {
			if (!loses_case(&s->values.v[i]))
				continue;
			x = &s->lower.v[s->lower.n++];
			*x = s->values.v[i];
			x->bytes = lowered(s, x->bytes, x->len);
		}
		s->names = windows_make(s, &s->lower, false);
	}
	if (!s->lower.n)
		return 0;
	low = lowered(s, text, strlen(text));
	pass_scan(engine->needles, s->names, low, strlen(low), &to);
	for (size_t i = 0; i < to.n; i++)
		if (!v[i].looks)
			v[kept++] = v[i];
	talloc_free(low);
	return kept;
}

size_t
secrets_scan(struct secrets *s, const void *bytes, size_t len,
	     const char *where, struct secret_found *v, size_t room)
{
	struct secret_list to = {.v = v, .room = room, .where = where};

	secrets_know(s);
	if (!s->spent && len * SECRETS_FORMS <= s->budget)
		scan_deep(s, bytes, len, 0, SECRETS_FORMS, &to);
	else
		s->spent = true;
	/* What is too much for other readings is looked through for values
	 * that are encoded themselves. */
	if (s->spent && !s->encoded)
		s->encoded = windows_make(s, &s->values, true);
	if (s->spent) {
		scan_flat(s, bytes, len, &to);
		scan_packed(s, bytes, len, 0, &to);
	}
	return to.n;
}

size_t
secrets_begun(struct secrets *s, const char *bytes, size_t len,
	      const char *host)
{
	size_t most = BEGUN - 1;

	secrets_know(s);
	for (size_t i = 0; i < s->values.n; i++) {
		const struct secret_value *x = &s->values.v[i];
		const struct secret_found f = {.owner = x->owner};
		size_t n = x->len - 1 < len ? x->len - 1 : len;

		if (!x->owner->keeps && (!host || secret_belongs(&f, host)))
			continue;
		for (; n > most; n--)
			if (bytes[len - n] == *x->bytes &&
			    !memcmp(bytes + len - n, x->bytes, n))
				most = n;
	}
	return most < BEGUN ? 0 : most;
}

bool
secret_belongs(const struct secret_found *f, const char *host)
{
	for (size_t i = 0; i < f->owner->nhosts; i++)
		if (fnmatch(f->owner->hosts[i], host, FNM_CASEFOLD) == 0)
			return true;
	return false;
}
