/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: families from their file, tokens by prefix and pattern, known
 * values by windows of twelve bytes, the same again in decoded readings.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "effects/secrets.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/program.h"
#include <ctype.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pcre2.h>
#include <string.h>
#include <talloc.h>

#define WINDOW	   12
#define BUCKETS	   4096u
#define DEEP	   2	      /* readings of readings */
#define DECODE	   (4u << 20) /* bytes that are decoded */
#define DEEP_BYTES (8u << 10) /* and once more */

struct token {
	const char *prefix;
	size_t len;
	pcre2_code *rest;
	struct family *family;
};

struct family {
	struct secret_owner owner;
	const char **env, **files;
	size_t nenv, nfiles;
	bool crc;
};

static struct engine {
	struct family **families;
	struct token *tokens;
	const char **files;
	size_t nfamilies, ntokens, nfiles;
	unsigned char pairs[65536 / 8]; /* first two bytes of any token */
	pcre2_match_data *match;
} * engine;

struct window {
	uint32_t value, offset, next; /* next: index + 1 */
};

struct secrets {
	void *ctx;
	const struct invocation *in;
	const struct scope_rules *rules;
	const char *folder;
	bool known; /* values and windows are there */
	struct secret_values values;
	struct window *windows;
	size_t nwindows;
	uint32_t heads[BUCKETS];
	unsigned char seen[65536 / 8];
};

static void *
made(void *p)
{
	if (!p)
		BUG("out of memory");
	return p;
}

static void
append(void *ctx, const char ***list, size_t *n, const char *word)
{
	*list =
	    made(talloc_realloc(ctx, *list, const char *, (unsigned)*n + 2));
	(*list)[(*n)++] = made(talloc_strdup(*list, word));
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

static int
add_token(struct engine *g, struct family *f, char *text, struct err *e)
{
	char *rest = strchr(text, ' ');
	struct token *t;
	PCRE2_SIZE at;
	int code;

	if (!rest || rest - text < 3)
		return err_set(e, ERR_SYNTAX, "a token of %s without pattern",
			       f->owner.family);
	*rest++ = '\0';
	g->tokens = made(talloc_realloc(g, g->tokens, struct token,
					(unsigned)g->ntokens + 1));
	t = &g->tokens[g->ntokens++];
	*t = (struct token){.prefix = made(talloc_strdup(g, text)),
			    .len = strlen(text),
			    .family = f};
	t->rest = pcre2_compile((PCRE2_SPTR)rest, PCRE2_ZERO_TERMINATED,
				PCRE2_ANCHORED, &code, &at, NULL);
	if (!t->rest)
		return err_set(e, ERR_SYNTAX, "the pattern of %s",
			       f->owner.family);
	(void)pcre2_jit_compile(t->rest, PCRE2_JIT_COMPLETE);
	code = (unsigned char)text[0] << 8 | (unsigned char)text[1];
	g->pairs[code >> 3] |= (unsigned char)(1 << (code & 7));
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
		f = made(talloc_zero(g, struct family));
		f->owner.family = made(talloc_strdup(f, rest));
		g->families =
		    made(talloc_realloc(g, g->families, struct family *,
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
	g = made(talloc_zero(NULL, struct engine));
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
	g->match = made(pcre2_match_data_create(8, NULL));
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

/* --- tokens ----------------------------------------------------------------
 */

bool
secret_is_placeholder(const char *s, size_t len)
{
	static const char *const marks[] = {
	    "example",	   "xxxxxx",
	    "your_",	   "your-",
	    "yourkey",	   "changeme",
	    "placeholder", "1234567890abcdef1234567890abcdef",
	    "0000000000",  "dummytoken",
	    "redacted",	   "abcdefghij",
	    "<",	   "${",
	    "{{",	   "****",
	    "....",	   "secret_here"};
	bool seen[256] = {false};
	size_t kinds = 0;
	char low[80];
	size_t n = len < sizeof(low) - 1 ? len : sizeof(low) - 1;

	for (size_t i = 0; i < n; i++)
		low[i] = (char)tolower((unsigned char)s[i]);
	low[n] = '\0';
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (strstr(low, marks[i]))
			return true;
	for (size_t i = 0; i < len; i++)
		if (!seen[(unsigned char)s[i]]) {
			seen[(unsigned char)s[i]] = true;
			kinds++;
		}
	return kinds < (len < 12 ? 4 : 6);
}

static uint32_t
crc32_of(const char *s, size_t len)
{
	uint32_t c = 0xffffffffu;

	for (size_t i = 0; i < len; i++) {
		c ^= (unsigned char)s[i];
		for (int k = 0; k < 8; k++)
			c = c & 1 ? (c >> 1) ^ 0xedb88320u : c >> 1;
	}
	return ~c;
}

/* GitHub and npm: 30 random characters, then 6 of their CRC-32.  body: behind
 * the prefix. */
static bool
crc_holds(const char *body, size_t len)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz";
	uint32_t want;

	if (len != 36)
		return true; /* another form: nothing to hold it against */
	want = crc32_of(body, 30);
	for (int i = 35; i >= 30; i--, want /= 62)
		if (body[i] != digits[want % 62])
			return false;
	return true;
}

static bool
is_word_byte(unsigned char c)
{
	return isalnum(c) || c == '_';
}

static bool
add(struct secret_found *v, size_t *n, size_t room,
    const struct secret_owner *owner, const char *what, const char *where)
{
	for (size_t i = 0; i < *n; i++)
		if (v[i].owner == owner)
			return true;
	if (*n < room)
		v[(*n)++] = (struct secret_found){owner, what, where};
	return *n < room;
}

static void
scan_tokens(struct secrets *s, const char *p, size_t len, const char *where,
	    struct secret_found *v, size_t *n, size_t room)
{
	for (size_t i = 0; i + 8 < len; i++) {
		unsigned pair = (unsigned)((unsigned char)p[i] << 8 |
					   (unsigned char)p[i + 1]);

		if (!(engine->pairs[pair >> 3] & 1 << (pair & 7)))
			continue;
		/* "\n" and "%3D" in front are no letters of a word */
		if (i && is_word_byte((unsigned char)p[i - 1]) &&
		    !(i > 1 && p[i - 2] == '\\') && !(i > 2 && p[i - 3] == '%'))
			continue;
		for (size_t k = 0; k < engine->ntokens; k++) {
			const struct token *t = &engine->tokens[k];
			const char *at = p + i + t->len;
			size_t left;
			PCRE2_SIZE *found;

			if (i + t->len >= len ||
			    memcmp(p + i, t->prefix, t->len) != 0)
				continue;
			left = len - i - t->len;
			if (pcre2_match(t->rest, (PCRE2_SPTR)at,
					left < 4096 ? left : 4096, 0, 0,
					engine->match, NULL) < 0)
				continue;
			found = pcre2_get_ovector_pointer(engine->match);
			if (found[1] < left && !t->family->owner.keeps &&
			    is_word_byte((unsigned char)at[found[1]]))
				continue;
			if (secret_is_placeholder(p + i, t->len + found[1]) ||
			    (t->family->crc && t->len == 4 &&
			     !crc_holds(at, found[1])))
				continue;
			add(v, n, room, &t->family->owner,
			    made(talloc_asprintf(s->ctx, "a %s credential",
						 t->family->owner.family)),
			    where);
			i += t->len + found[1] - 1;
			break;
		}
	}
}

/* --- known values ----------------------------------------------------------
 */

static uint32_t
mixed(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	x *= 0x9e3779b97f4a7c15ull;
	return (uint32_t)(x >> 48);
}

static bool
is_plain(const char *p)
{
	bool seen[256] = {false};
	int kinds = 0;

	for (int i = 0; i < WINDOW; i++)
		if (!seen[(unsigned char)p[i]]) {
			seen[(unsigned char)p[i]] = true;
			kinds++;
		}
	return kinds < 6;
}

static void
index_values(struct secrets *s)
{
	for (size_t i = 0; i < s->values.n; i++) {
		const struct secret_value *v = &s->values.v[i];

		for (size_t o = 0; o + WINDOW <= v->len; o++) {
			uint32_t h = mixed(v->bytes + o);

			if (is_plain(v->bytes + o))
				continue;
			if (s->nwindows % 1024 == 0)
				s->windows = made(talloc_realloc(
				    s->ctx, s->windows, struct window,
				    (unsigned)s->nwindows + 1024));
			s->windows[s->nwindows++] = (struct window){
			    (uint32_t)i, (uint32_t)o, s->heads[h % BUCKETS]};
			s->heads[h % BUCKETS] = (uint32_t)s->nwindows;
			s->seen[h >> 3] |= (unsigned char)(1 << (h & 7));
		}
	}
}

static void
scan_known(struct secrets *s, const char *p, size_t len, const char *where,
	   struct secret_found *v, size_t *n, size_t room)
{
	for (size_t i = 0; i + WINDOW <= len; i++) {
		uint32_t h = mixed(p + i);

		if (!(s->seen[h >> 3] & 1 << (h & 7)))
			continue;
		for (uint32_t w = s->heads[h % BUCKETS]; w;
		     w = s->windows[w - 1].next) {
			const struct secret_value *x =
			    &s->values.v[s->windows[w - 1].value];

			if (memcmp(p + i, x->bytes + s->windows[w - 1].offset,
				   WINDOW) == 0)
				add(v, n, room, x->owner, x->what, where);
		}
	}
	for (size_t i = 0; i < s->values.n; i++) {
		const struct secret_value *x = &s->values.v[i];

		if (x->len < WINDOW && len >= x->len &&
		    memmem(p, len, x->bytes, x->len))
			add(v, n, room, x->owner, x->what, where);
	}
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
	*out = made(talloc_zero(ctx, struct secrets));
	(*out)->ctx = *out;
	(*out)->in = in;
	(*out)->rules = rules;
	(*out)->folder = folder;
	return 0;
}

static void
scan_deep(struct secrets *s, const char *p, size_t len, unsigned depth,
	  const char *where, struct secret_found *v, size_t *n, size_t room)
{
	scan_tokens(s, p, len, where, v, n, room);
	scan_known(s, p, len, where, v, n, room);
	if (depth == DEEP || len < 12 || (depth && len > DEEP_BYTES))
		return;
	if (len > DECODE)
		len = DECODE;
	for (unsigned form = 0; form < SECRETS_FORMS && *n < room; form++) {
		size_t other;
		char *text = secrets_decoded(s, p, len, form, &other);

		if (!text)
			continue;
		scan_deep(s, text, other, depth + 1, where, v, n, room);
		talloc_free(text);
	}
}

size_t
secrets_scan(struct secrets *s, const void *bytes, size_t len,
	     const char *where, struct secret_found *v, size_t room)
{
	size_t n = 0;

	if (!s->known) {
		s->known = true;
		(void)secrets_known(s, s->in, s->rules, s->folder, &s->values);
		index_values(s);
	}
	scan_deep(s, bytes, len, 0, where, v, &n, room);
	return n;
}

bool
secret_belongs(const struct secret_found *f, const char *host)
{
	for (size_t i = 0; i < f->owner->nhosts; i++)
		if (fnmatch(f->owner->hosts[i], host, FNM_CASEFOLD) == 0)
			return true;
	return false;
}
