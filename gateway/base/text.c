/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text for people.  The escapes are those of vis(3) with VIS_CSTYLE |
 * VIS_OCTAL, so unvis(1) reads them back; vis(3) itself would take its idea of
 * "printable" from the locale, and count direction marks among it.
 */
#include "base/text.h"
#include "base/memory.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

struct range {
	uint32_t first, last;
};

/* Valid code points that must not reach a terminal or a person: they show
 * nothing, reorder what stands around them, or are not characters (Unicode
 * 15.0: Cc, Cf, Zl, Zp, Default_Ignorable_Code_Point, noncharacters). */
static const struct range unprintable[] = {
    {0x7f, 0x9f},	{0xad, 0xad},	    {0x34f, 0x34f},
    {0x600, 0x605},	{0x61c, 0x61c},	    {0x6dd, 0x6dd},
    {0x70f, 0x70f},	{0x890, 0x891},	    {0x8e2, 0x8e2},
    {0x115f, 0x1160},	{0x17b4, 0x17b5},   {0x180b, 0x180f},
    {0x200b, 0x200f},	{0x2028, 0x202e},   {0x2060, 0x206f},
    {0x3164, 0x3164},	{0xd800, 0xdfff},   {0xfdd0, 0xfdef},
    {0xfe00, 0xfe0f},	{0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb},	{0xfffe, 0xffff},   {0x110bd, 0x110bd},
    {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0x1fffe, 0x1ffff}, {0x2fffe, 0x2ffff},
    {0x3fffe, 0x3ffff}, {0x4fffe, 0x4ffff}, {0x5fffe, 0x5ffff},
    {0x6fffe, 0x6ffff}, {0x7fffe, 0x7ffff}, {0x8fffe, 0x8ffff},
    {0x9fffe, 0x9ffff}, {0xafffe, 0xaffff}, {0xbfffe, 0xbffff},
    {0xcfffe, 0xcffff}, {0xdfffe, 0xdffff}, {0xe0000, 0xe0fff},
    {0xefffe, 0xeffff}, {0xffffe, 0xfffff}, {0x10fffe, 0x10ffff},
};

static bool
shows(uint32_t c)
{
	size_t lo = 0, hi = sizeof(unprintable) / sizeof(*unprintable);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c > unprintable[mid].last)
			lo = mid + 1;
		else if (c < unprintable[mid].first)
			hi = mid;
		else
			return false;
	}
	return true;
}

size_t
text_printable(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t c, least;
	size_t n;

	if (len == 0 || p[0] < 0x20)
		return 0;
	if (p[0] < 0x7f)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf) {
		n = 2;
		c = p[0] & 0x1f;
		least = 0x80;
	} else if (p[0] >= 0xe0 && p[0] <= 0xef) {
		n = 3;
		c = p[0] & 0x0f;
		least = 0x800;
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		n = 4;
		c = p[0] & 0x07;
		least = 0x10000;
	} else {
		return 0;
	}
	if (len < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least || c > 0x10ffff || !shows(c))
		return 0;
	return n;
}

/* A string under construction; doubles, so that 1 MB takes 20 steps. */
struct builder {
	void *ctx;
	char *p;
	size_t len, room;
};

static void
add(struct builder *b, const char *s, size_t len)
{
	if (b->len + len + 1 > b->room) {
		b->room = (b->len + len + 1) * 2;
		b->p = talloc_realloc(b->ctx, b->p, char, b->room);
		if (!b->p)
			BUG("out of memory");
	}
	memcpy(b->p + b->len, s, len);
	b->len += len;
	b->p[b->len] = '\0';
}

static void
add_escaped(struct builder *b, char c)
{
	static const char from[] = "\n\r\b\a\v\t\f\\", to[] = "nrbavtf\\";
	const char *at = c ? strchr(from, c) : NULL;
	char out[8] = {'\\'};

	if (at) {
		out[1] = to[at - from];
		add(b, out, 2);
		return;
	}
	snprintf(out, sizeof(out), "\\%03o", (unsigned char)c);
	add(b, out, 4);
}

char *
text_safe_len(void *ctx, const char *s, size_t len)
{
	struct builder b = {.ctx = ctx};
	size_t n;

	b.room = len + 1;
	b.p = talloc_array(ctx, char, b.room);
	if (!b.p)
		BUG("out of memory");
	b.p[0] = '\0';
	for (size_t i = 0; i < len; i += n ? n : 1) {
		n = s[i] == '\\' ? 0 : text_printable(s + i, len - i);
		if (n)
			add(&b, s + i, n);
		else
			add_escaped(&b, s[i]);
	}
	return b.p;
}

char *
text_safe(void *ctx, const char *s)
{
	return text_safe_len(ctx, s ? s : "(none)", strlen(s ? s : "(none)"));
}

/* Three forms: bare, 'quoted', and $'quoted' where bytes need escapes. */
static void
add_word(struct builder *b, const char *word, size_t max)
{
	static const char bare[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_@%+=:,./^-";
	size_t all = strlen(word), len = all, n;
	bool dollar = false;

	if (max && len > max + 4)
		len = max + 4;
	if (len && strspn(word, bare) >= len) {
		add(b, word, len);
		return;
	}
	for (size_t i = 0; i < len && !dollar; i += n) {
		n = text_printable(word + i, all - i);
		dollar = n == 0;
	}
	add(b, dollar ? "$'" : "'", dollar ? 2 : 1);
	for (size_t i = 0; i < len; i += n ? n : 1) {
		n = text_printable(word + i, all - i);
		if (n == 0 || (dollar && word[i] == '\\'))
			add_escaped(b, word[i]);
		else if (word[i] == '\'')
			add(b, dollar ? "\\'" : "'\\''", dollar ? 2 : 4);
		else
			add(b, word + i, n);
	}
	add(b, "'", 1);
}

/* Shortens to max bytes with "..." at the end, between characters. */
static void
cut(struct builder *b, size_t max)
{
	size_t at = max > 3 ? max - 3 : 0;

	if (!max || b->len <= max)
		return;
	while (at > 0 && ((unsigned char)b->p[at] & 0xc0) == 0x80)
		at--;
	b->len = at;
	b->p[at] = '\0';
	add(b, "...", 3);
}

/* Who logs in, in front of a URL's host: a password, or something so long that
 * it must be a token, is not for people. */
static const char *
without_secrets(void *ctx, const char *word)
{
	const char *rest, *end, *at, *from = word;
	size_t n;

	while ((rest = strstr(from, "://"))) {
		from = rest += 3;
		end = rest + strcspn(rest, "/?#");
		at = memrchr(rest, '@', (size_t)(end - rest));
		n = at ? (size_t)(at - rest) : 0;
		if (n < 20 && !(n && memchr(rest, ':', n)))
			continue;
		word = talloc_asprintf(ctx, "%.*s***%s", (int)(rest - word),
				       word, at);
		if (!word)
			BUG("out of memory");
		from = strstr(word, "***@");
	}
	/* key=value of libpq, and behind the ? of a URL */
	rest = strstr(word, "password=");
	if (rest && rest[9]) {
		rest += 9;
		n = *rest == '\'' ? strcspn(rest + 1, "'") + 1
				  : strcspn(rest, " &");
		word = talloc_asprintf(
		    ctx, "%.*s***%s", (int)(rest - word), word,
		    rest + n + (*rest == '\'' && rest[n] == '\''));
		if (!word)
			BUG("out of memory");
	}
	return word;
}

char *
text_command(void *ctx, const char *const *argv, size_t max)
{
	struct builder b = {.ctx = ctx};

	add(&b, "", 0);
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			add(&b, " ", 1);
		add_word(&b, without_secrets(ctx, argv[i]), max);
		if (max && b.len > max)
			break;
	}
	cut(&b, max);
	return b.p;
}

/* Digits at s into *out; the first byte behind them into *end. */
static bool
digits(const char *s, int64_t *out, const char **end)
{
	int64_t v = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, *s - '0', &v))
			return false;
	*out = v;
	*end = s;
	return true;
}

int
text_number(const char *s, int64_t min, int64_t max, int64_t *out,
	    struct err *e)
{
	bool minus = *s == '-';
	const char *end;
	int64_t v;

	if (!digits(s + minus, &v, &end) || *end)
		return err_set(e, ERR_SYNTAX, "'%s' is not a number", s);
	if (minus)
		v = -v;
	if (v < min || v > max)
		return err_set(e, ERR_SYNTAX, "%s is not between %lld and %lld",
			       s, (long long)min, (long long)max);
	*out = v;
	return 0;
}

struct unit {
	char letter;
	int64_t factor;
};

static int
with_unit(const char *s, const struct unit *units, int64_t *out)
{
	int64_t v, factor = 1;
	const char *end;

	if (!digits(s, &v, &end))
		return -1;
	if (*end) {
		while (units->letter && units->letter != *end)
			units++;
		if (!units->letter || end[1])
			return -1;
		factor = units->factor;
	}
	if (__builtin_mul_overflow(v, factor, &v))
		return -1;
	*out = v;
	return 0;
}

int
text_duration(const char *s, int64_t *seconds, struct err *e)
{
	static const struct unit units[] = {
	    {'s', 1},	  {'m', 60},	 {'h', 3600},
	    {'d', 86400}, {'w', 604800}, {0, 0},
	};

	if (with_unit(s, units, seconds) < 0)
		return err_set(e, ERR_SYNTAX,
			       "'%s' is not a duration such as 90, 10s, 5m, "
			       "2h or 14d",
			       s);
	return 0;
}

int
text_bytes_parse(const char *s, int64_t *bytes, struct err *e)
{
	static const struct unit units[] = {
	    {'k', 1ll << 10}, {'K', 1ll << 10}, {'m', 1ll << 20},
	    {'M', 1ll << 20}, {'g', 1ll << 30}, {'G', 1ll << 30},
	    {'t', 1ll << 40}, {'T', 1ll << 40}, {0, 0},
	};

	if (with_unit(s, units, bytes) < 0)
		return err_set(e, ERR_SYNTAX,
			       "'%s' is not a size such as 200, 64k, 50M "
			       "or 2G",
			       s);
	return 0;
}

char *
text_bytes(void *ctx, uint64_t n)
{
	static const char *const names[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	uint64_t unit = 1024;
	size_t i = 0;
	double v;

	if (n < 1024)
		return have(talloc_asprintf(ctx, "%llu byte%s",
					    (unsigned long long)n,
					    n == 1 ? "" : "s"));
	while (i < 5 && n / unit >= 1000) {
		unit <<= 10;
		i++;
	}
	v = (double)n / (double)unit;
	return have(talloc_asprintf(ctx, v < 9.95 ? "%.1f %s" : "%.0f %s", v,
				    names[i]));
}

char *
text_age(void *ctx, int64_t seconds)
{
	if (seconds < 2)
		return have(talloc_strdup(ctx, "just now"));
	if (seconds < 60)
		return have(talloc_asprintf(ctx, "%d s ago", (int)seconds));
	if (seconds < 3600)
		return have(
		    talloc_asprintf(ctx, "%d min ago", (int)(seconds / 60)));
	if (seconds < 2 * 86400)
		return have(
		    talloc_asprintf(ctx, "%d h ago", (int)(seconds / 3600)));
	return have(talloc_asprintf(ctx, "%lld days ago",
				    (long long)(seconds / 86400)));
}

char *
text_time(void *ctx, int64_t unix_seconds)
{
	time_t t = (time_t)unix_seconds;
	char out[64];
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
	    strftime(out, sizeof(out), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return have(
		    talloc_asprintf(ctx, "@%lld", (long long)unix_seconds));
	return have(talloc_strdup(ctx, out));
}

char *
text_count(void *ctx, size_t n, const char *singular)
{
	size_t len = strlen(singular);
	char last = len ? singular[len - 1] : 0;
	char before = len > 1 ? singular[len - 2] : 0;

	if (n == 1)
		return have(talloc_asprintf(ctx, "1 %s", singular));
	if (last == 'y' && before && !strchr("aeiou", before))
		return have(talloc_asprintf(ctx, "%zu %.*sies", n, (int)len - 1,
					    singular));
	if (last == 's' || last == 'x' ||
	    (last == 'h' && (before == 'c' || before == 's')))
		return have(talloc_asprintf(ctx, "%zu %ses", n, singular));
	return have(talloc_asprintf(ctx, "%zu %ss", n, singular));
}

#define NEAREST_MAX 64

/* Optimal string alignment: a swap of neighbours is one edit. */
static size_t
distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[3][NEAREST_MAX + 1];
	size_t *before = row[0], *prev = row[1], *cur = row[2], *t;

	for (size_t j = 0; j <= nb; j++)
		prev[j] = j;
	for (size_t i = 1; i <= na; i++) {
		cur[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t d = prev[j - 1] + (a[i - 1] != b[j - 1]);

			if (prev[j] + 1 < d)
				d = prev[j] + 1;
			if (cur[j - 1] + 1 < d)
				d = cur[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < d)
				d = before[j - 2] + 1;
			cur[j] = d;
		}
		t = before;
		before = prev;
		prev = cur;
		cur = t;
	}
	return prev[nb];
}

const char *
text_nearest(const char *s, const char *const *words, size_t n)
{
	size_t len = strlen(s), best = len / 3 + 1, wlen, d;
	const char *found = NULL;

	if (len > NEAREST_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		wlen = words[i] ? strlen(words[i]) : 0;
		if (!wlen || wlen > NEAREST_MAX || wlen + best <= len ||
		    len + best <= wlen)
			continue;
		d = distance(s, len, words[i], wlen);
		if (d < best) {
			best = d;
			found = words[i];
		}
	}
	return found;
}

char *
text_hex(void *ctx, const void *bytes, size_t len)
{
	static const char digit[] = "0123456789abcdef";
	const unsigned char *p = bytes;
	char *out = have(talloc_array(ctx, char, 2 * len + 1));

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digit[p[i] >> 4];
		out[2 * i + 1] = digit[p[i] & 15];
	}
	out[2 * len] = '\0';
	return out;
}

char *
text_markup(void *ctx, const char *text)
{
	char *out = have(talloc_strdup(ctx, ""));

	for (; *text; text++)
		switch (*text) {
		case '&':
			out = have(talloc_strdup_append_buffer(out, "&amp;"));
			break;
		case '<':
			out = have(talloc_strdup_append_buffer(out, "&lt;"));
			break;
		case '>':
			out = have(talloc_strdup_append_buffer(out, "&gt;"));
			break;
		default:
			out = have(talloc_strndup_append_buffer(out, text, 1));
		}
	return out;
}
