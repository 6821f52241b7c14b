/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetched-lines, a text a line:
 *	TIME SINCE HOST WEIGHT HASHES
 * TIME is CLOCK_REALTIME in milliseconds, WEIGHT how many bytes the lines are
 * long together, HASHES of each line in its order, HEX digits each.
 *
 * How much must be alike was measured on the programs of a Debian system, each
 * taken as fetched and all of the other packages as run: those that count as
 * fetched are other versions of the same file.
 */
#include "effects/origin_lines.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define LINES	  "fetched-lines"
#define LIST_MAX  ((size_t)1 << 20) /* of that file */
#define MOST	  4096u		    /* lines of one text */
#define HEX	  12
#define SHORT	  12   /* bytes; a shorter line stands anywhere */
#define WORDS	  8    /* letters and digits, likewise */
#define LONG	  256  /* a longer line counts by its statements */
#define PLAIN	  120  /* a longer one is no idiom */
#define COMMENT	  4096 /* bytes of one, at most */
#define MAP	  65536u
#define RUN	  30 /* lines one behind the other, wherever they stand */
#define RUN_BYTES 1000

struct line {
	uint64_t hash;
	unsigned weight, at; /* bytes; which one it is */
};

struct origin_lines {
	struct line *v;	     /* in their order */
	struct line *sorted; /* by hash */
	size_t n;
	uint64_t weight;
	unsigned char map[MAP / 8]; /* of hashes that are there */
};

/* How far a text and the code are alike. */
struct shared {
	uint64_t code, text; /* bytes of either that the other has */
	size_t different;    /* lines */
	size_t run, last;    /* one behind the other; last: in the code */
	uint64_t run_bytes;
	bool long_run;
};

/* What stands at the beginning of a line that says nothing of its program. */
static bool
is_idiom(const char *line, size_t len)
{
	static const char *const begins[] = {
	    "import ",	      "from ",	 "use ",      "require", "set -",
	    "set +",	      "except ", "def __",    "@",	 "raise ",
	    "=head",	      "package", "if __name", "var __",	 "sys.exit",
	    "exit ",	      "\"use ",	 "'use ",     "while [", "while test",
	    "cd \"$(dirname "};
	/* of compilers and of those that install scripts */
	static const char *const within[] = {"__esModule",
					     "__createBinding",
					     "__setModuleDefault",
					     "__importStar",
					     "__exportStar",
					     "getOwnPropertyDescriptor(m, k)",
					     "getOwnPropertyNames",
					     "defineProperty(o, ",
					     "desc ? !m",
					     "return m[k]",
					     "o[k2] = m[k]",
					     "extendStatics",
					     "__proto__: []",
					     "Class extends value",
					     ".constructor = d",
					     "return function (d, b)",
					     "typeof b !== \"function\"",
					     "Object.create(b)",
					     "_super.apply(",
					     "sys.argv[0] = re.sub(",
					     "load_entry_point",
					     "entry_points",
					     "entry_point.",
					     "spec.partition(",
					     "next(matches)",
					     "dpkg-maintscript-helper",
					     "deb-systemd-",
					     "_dh_action",
					     "daemon-reload",
					     "/run/systemd/system",
					     "/usr/share/debconf/confmodule",
					     "py3clean",
					     "pypy3clean",
					     "update-rc.d",
					     "command -v ",
					     "[ \"$1\" = "};

	if (*line == '#' || !strncmp(line, "// ", 3) ||
	    !strncmp(line, "* ", 2) || !strncmp(line, "/* ", 3))
		return true;
	if (len > PLAIN)
		return false;
	for (size_t i = 0; i < sizeof(within) / sizeof(*within); i++)
		if (strstr(line, within[i]))
			return true;
	if (len > 6 && !strcmp(line + len - 6, "; then"))
		len -= 6;
	if (len > 4 && !strcmp(line + len - 4, "; do"))
		len -= 4;
	/* import os; os.system(...) */
	for (size_t i = 0; strcspn(line, ";|&`") >= len - 1 &&
			   i < sizeof(begins) / sizeof(*begins);
	     i++)
		if (!strncmp(line, begins[i], strlen(begins[i])))
			return true;
	return false;
}

static uint64_t
hash_of(const char *line, size_t len)
{
	static const unsigned char key[crypto_shorthash_KEYBYTES] = "lines";
	unsigned char sum[crypto_shorthash_BYTES];
	uint64_t out = 0;

	crypto_shorthash(sum, (const unsigned char *)line, len, key);
	for (int i = 0; i < HEX / 2; i++)
		out = out << 8 | sum[i];
	return out;
}

static void
add(struct origin_lines *l, const char *p, size_t len)
{
	char line[LONG + 1];
	size_t n = 0, words = 0;

	for (size_t i = 0; i < len && n < LONG; i++) {
		if (!isspace((unsigned char)p[i]))
			line[n++] = p[i];
		else if (n && line[n - 1] != ' ')
			line[n++] = ' ';
		words += isalnum((unsigned char)p[i]) != 0;
	}
	while (n && line[n - 1] == ' ')
		n--;
	line[n] = '\0';
	if (n < SHORT || words < WORDS || l->n == MOST || is_idiom(line, n))
		return;
	l->v[l->n] = (struct line){.hash = hash_of(line, n),
				   .weight = (unsigned)n,
				   .at = (unsigned)l->n};
	l->weight += n;
	l->n++;
}

static void
add_line(struct origin_lines *l, const char *p, size_t len)
{
	size_t n;

	for (; len > LONG; p += n, len -= n) {
		for (n = 0; n < len && n < LONG; n++)
			if (n >= SHORT && strchr(";{}", p[n]))
				break;
		add(l, p, n);
	}
	add(l, p, len);
}

static int
by_hash(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

/* Of several lines, as licences stand in; not a shell's pattern. */
static const char *
behind_comment(const char *p, const char *end)
{
	const char *from = p, *close;

	while (p < end && isspace((unsigned char)*p))
		p++;
	if (end - p < 4 || strncmp(p, "/*", 2) != 0 || !strchr(" *!\n", p[2]))
		return from;
	close =
	    memmem(p, (size_t)(end - p < COMMENT ? end - p : COMMENT), "*/", 2);
	return close ? close + 2 : from;
}

struct origin_lines *
origin_lines_read(void *ctx, const char *bytes, size_t len)
{
	struct origin_lines *l;
	const char *end = bytes + len, *nl;

	if (!len || memchr(bytes, 0, len))
		return NULL;
	l = have(talloc_zero(ctx, struct origin_lines));
	l->v = have(talloc_array(l, struct line, MOST));
	for (const char *p = bytes; p < end && l->n < MOST; p = nl + 1) {
		p = behind_comment(p, end);
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			nl = end;
		add_line(l, p, (size_t)(nl - p));
	}
	if (!l->n) {
		talloc_free(l);
		return NULL;
	}
	l->sorted = have(talloc_memdup(l, l->v, l->n * sizeof(struct line)));
	qsort(l->sorted, l->n, sizeof(struct line), by_hash);
	for (size_t i = 0; i < l->n; i++)
		l->map[l->v[i].hash % MAP / 8] |= 1u << (l->v[i].hash % 8);
	return l;
}

/* --- comparing ------------------------------------------------------------ */

/* The first one of that hash, by number in sorted; n: none. */
static size_t
find(const struct origin_lines *l, uint64_t hash)
{
	size_t low = 0, high = l->n;

	if (!(l->map[hash % MAP / 8] >> (hash % 8) & 1))
		return l->n;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (l->sorted[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	return low < l->n && l->sorted[low].hash == hash ? low : l->n;
}

/* seen: a byte for each of code->sorted. */
static void
share_line(const struct origin_lines *code, uint64_t hash, char *seen,
	   struct shared *s)
{
	size_t i = find(code, hash);

	if (i == code->n) {
		s->run = 0;
		return;
	}
	if (s->run && s->last + 1 < code->n &&
	    code->v[s->last + 1].hash == hash) {
		s->last++;
	} else {
		s->run = 0;
		s->run_bytes = 0;
		s->last = code->sorted[i].at;
	}
	s->run++;
	s->run_bytes += code->sorted[i].weight;
	s->long_run |= s->run >= RUN && s->run_bytes >= RUN_BYTES;
	s->text += code->sorted[i].weight;
	if (seen[i])
		return;
	seen[i] = 1;
	s->different++;
	for (; i < code->n && code->sorted[i].hash == hash; i++)
		s->code += code->sorted[i].weight;
}

/* text: bytes of its lines. */
static bool
is_enough(const struct shared *s, uint64_t code, uint64_t text)
{
	/* half of it, where that is no accident */
	if (2 * s->code >= code && s->different >= 6 && s->code >= 240)
		return true;
	/* hardly anything else */
	if (10 * s->code >= 9 * code && s->different >= 3 && s->code >= 90)
		return true;
	/* half of either: a text that is short */
	if (2 * s->code >= code && 2 * s->text >= text && s->code >= 30)
		return true;
	return s->long_run;
}

bool
origin_lines_share(const struct origin_lines *code,
		   const struct origin_lines *text)
{
	struct shared s = {0};
	char *seen;

	if (!code || !text)
		return false;
	seen = have(talloc_zero_size(NULL, code->n));
	for (size_t i = 0; i < text->n; i++)
		share_line(code, text->v[i].hash, seen, &s);
	talloc_free(seen);
	return is_enough(&s, code->weight, text->weight);
}

/* --- the list ------------------------------------------------------------- */

static char *
list(void *ctx, const char *runtime, size_t *len)
{
	char *text;

	if (!runtime || file_read(ctx, AT_FDCWD, path_join(ctx, runtime, LINES),
				  2 * LIST_MAX, &text, len, NULL) != 0)
		return NULL;
	return text;
}

/* The newest of it that are not longer than half of what it may be. */
static void
shorten(const char *runtime)
{
	void *ctx = talloc_new(NULL);
	char *path = path_join(ctx, runtime, LINES), *from;
	size_t len;
	char *text = list(ctx, runtime, &len);

	if (text && len > LIST_MAX / 2 &&
	    (from = strchr(text + len - LIST_MAX / 2, '\n')))
		(void)file_write(AT_FDCWD, path, from + 1, strlen(from + 1),
				 0600, NULL);
	else
		(void)unlink(path);
	talloc_free(ctx);
}

void
origin_lines_note(const char *runtime, const struct origin_lines *text,
		  int64_t since, const char *host)
{
	void *ctx = talloc_new(NULL);
	char *path = path_join(ctx, runtime, LINES), *line, *there;
	int fd OWNED_FD = -1;
	struct stat st;
	size_t n, len, end;

	if (!text)
		goto out;
	line = talloc_asprintf(ctx, "%" PRId64 " %" PRId64 " %s %" PRIu64 " ",
			       wall_ms(), since, host, text->weight);
	n = strlen(have(line));
	line = have(talloc_realloc_size(ctx, line, n + text->n * HEX + 2));
	for (size_t i = 0; i < text->n; i++)
		snprintf(line + n + i * HEX, HEX + 1, "%0*" PRIx64, HEX,
			 text->v[i].hash);
	end = n + text->n * HEX;
	line[end] = '\n';
	line[end + 1] = '\0';
	/* what is fetched again and again */
	there = list(ctx, runtime, &len);
	if (there && strstr(there, line + n - 1))
		goto out;
	if (stat(path, &st) == 0 && (size_t)st.st_size >= LIST_MAX)
		shorten(runtime);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd >= 0)
		(void)file_write_all(fd, line, end + 1);
out:
	talloc_free(ctx);
}

static int
digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

static bool
is_shared(const struct origin_lines *code, const char *hashes, uint64_t weight,
	  char *seen)
{
	struct shared s = {0};

	memset(seen, 0, code->n);
	for (;; hashes += HEX) {
		uint64_t hash = 0;

		for (int i = 0; i < HEX; i++) {
			int d = digit(hashes[i]);

			if (d < 0)
				return is_enough(&s, code->weight, weight);
			hash = hash << 4 | (uint64_t)d;
		}
		share_line(code, hash, seen, &s);
	}
}

char *
origin_lines_list(void *ctx, const char *runtime)
{
	size_t len;

	return list(ctx, runtime, &len);
}

const char *
origin_lines_host(void *ctx, const char *list, const struct origin_lines *code,
		  int64_t changed)
{
	char *seen = have(talloc_size(ctx, code->n));
	const char *host = NULL, *end;
	size_t n = 0;

	for (; list && *list; list = *end ? end + 1 : end) {
		const char *field[4], *p = list;
		int i = 0;

		end = list + strcspn(list, "\n");
		while (i < 4 && (p = memchr(p, ' ', (size_t)(end - p))))
			field[i++] = ++p;
		if (i < 4 || (changed && changed < strtoll(field[0], NULL, 10)))
			continue;
		if (is_shared(code, field[3], strtoull(field[2], NULL, 10),
			      seen)) {
			host = field[1];
			n = (size_t)(field[2] - 1 - host);
		}
	}
	talloc_free(seen);
	return host ? have(talloc_strndup(ctx, host, n)) : NULL;
}

void
origin_lines_tidy(const char *runtime, int64_t before)
{
	void *ctx = talloc_new(NULL);
	char *path = path_join(ctx, runtime, LINES), *line;
	size_t len, n = 0;
	char *text = list(ctx, runtime, &len);
	char *kept = text ? have(talloc_size(ctx, len + 1)) : NULL;

	while (text && (line = strsep(&text, "\n")))
		if (strtoll(line, NULL, 10) > before) {
			memcpy(kept + n, line, strlen(line));
			n += strlen(line);
			kept[n++] = '\n';
		}
	if (n)
		(void)file_write(AT_FDCWD, path, kept, n, 0600, NULL);
	else
		(void)unlink(path);
	talloc_free(ctx);
}
