/* SPDX-License-Identifier: Apache-2.0 */
/* base/text.c: hostile bytes, numbers, sizes, words. */
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void *ctx;

static int
setup(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talloc_free(ctx);
	return 0;
}

static void
safe(void **state)
{
	static const char *const cases[][2] = {
	    {"", ""},
	    {"plain text", "plain text"},
	    {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
	    {"\033]0;evil\a", "\\033]0;evil\\a"},
	    {"back\\slash", "back\\\\slash"},
	    {"\x7f\x01", "\\177\\001"},
	    {"\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80",
	     "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"},
	    {"\xff\xc3", "\\377\\303"},
	    {"\xc0\xaf", "\\300\\257"},			  /* overlong '/' */
	    {"\xe0\x80\xaf", "\\340\\200\\257"},	  /* overlong too */
	    {"\xed\xa0\x80", "\\355\\240\\200"},	  /* a surrogate */
	    {"\xf4\x90\x80\x80", "\\364\\220\\200\\200"}, /* > U+10FFFF */
	    {"\xc2\x9b", "\\302\\233"},			  /* C1: CSI */
	    {"a\xe2\x80\xae"
	     "b",
	     "a\\342\\200\\256b"},			  /* RLO */
	    {"\xe2\x81\xa6", "\\342\\201\\246"},	  /* LRI */
	    {"\xe2\x80\x8b", "\\342\\200\\213"},	  /* ZWSP */
	    {"\xef\xbb\xbf", "\\357\\273\\277"},	  /* BOM */
	    {"\xf3\xa0\x81\x81", "\\363\\240\\201\\201"}, /* tag A */
	    {"\xe2\x80\xa8", "\\342\\200\\250"},	  /* LINE SEP. */
	    {"\xc2\xad", "\\302\\255"},			  /* soft hyphen */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(text_safe(ctx, cases[i][0]), cases[i][1]);
	assert_string_equal(text_safe_len(ctx, "a\0b", 3), "a\\000b");
	assert_string_equal(text_safe_len(ctx, "\xc3\xa9", 1), "\\303");
	assert_string_equal(text_safe(ctx, NULL), "(none)");
}

/* Whatever goes in, only printable characters come out. */
static void
safe_always(void **state)
{
	char in[64], *out;
	unsigned int seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t len = (size_t)i % sizeof(in), n;

		for (size_t k = 0; k < len; k++) {
			seed = seed * 1103515245u + 12345u;
			in[k] = (char)(seed >> 16);
		}
		out = text_safe_len(ctx, in, len);
		for (const char *p = out; *p; p += n) {
			n = text_printable(p, strlen(p));
			assert_true(n > 0);
		}
		talloc_free(out);
	}
}

static void
command(void **state)
{
	const char *a[] = {"git", "commit", "-m", "it's a \\b", NULL};
	const char *b[] = {"rm", "a\nb", "", "$HOME", "\xff\\'", NULL};
	const char *c[] = {"echo", "\xc3\xa9\xc3\xa9\xc3\xa9", NULL};
	const char *none[] = {NULL};
	const char *url[] = {"git",
			     "fetch",
			     "https://u:p@h/x",
			     "-c",
			     "url.https://u:p@h/.insteadOf=https://me@h/",
			     "https://h/a:b@c",
			     NULL};
	const char *token[] = {"https://abcdefghijklmnopqrst@h", NULL};

	(void)state;
	assert_string_equal(
	    text_command(ctx, url, 0),
	    "git fetch 'https://***@h/x' -c "
	    "'url.https://***@h/.insteadOf=https://me@h/' https://h/a:b@c");
	assert_string_equal(text_command(ctx, token, 0), "'https://***@h'");
	assert_string_equal(text_command(ctx, a, 0),
			    "git commit -m 'it'\\''s a \\b'");
	assert_string_equal(text_command(ctx, b, 0),
			    "rm $'a\\nb' '' '$HOME' $'\\377\\\\\\''");
	assert_string_equal(text_command(ctx, a, 13), "git commit...");
	assert_string_equal(text_command(ctx, none, 0), "");
	for (size_t max = 1; max < 20; max++) {
		char *s = text_command(ctx, c, max);

		assert_true(strlen(s) <= (max < 3 ? 3 : max));
		for (size_t n, i = 0; s[i]; i += n) {
			n = text_printable(s + i, strlen(s + i));
			assert_true(n > 0);
		}
	}
}

static void
long_command(void **state)
{
	char *word = talloc_size(ctx, (1 << 20) + 1);
	const char *argv[] = {"x", word, NULL};

	(void)state;
	memset(word, '\n', 1 << 20);
	word[1 << 20] = '\0';
	assert_int_equal(strlen(text_command(ctx, argv, 0)), 2 + 3 + (2 << 20));
	assert_int_equal(strlen(text_command(ctx, argv, 200)), 200);
}

static void
numbers(void **state)
{
	static const char *const wrong[] = {
	    "",
	    " 1",
	    "1 ",
	    "+1",
	    "0x1",
	    "1e3",
	    "--1",
	    "-",
	    "1.0",
	    "\xd9\xa1",
	    "9223372036854775808",
	    "99999999999999999999999",
	};
	struct err e = {0};
	int64_t v = 77;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(
		    text_number(wrong[i], INT64_MIN, INT64_MAX, &v, &e),
		    ERR_SYNTAX);
		assert_int_equal(v, 77);
	}
	assert_int_equal(text_number("0042", 0, 100, &v, &e), 0);
	assert_int_equal(v, 42);
	assert_int_equal(text_number("-5", -5, 5, &v, &e), 0);
	assert_int_equal(v, -5);
	assert_int_equal(text_number("6", -5, 5, &v, &e), ERR_SYNTAX);
	assert_int_equal(
	    text_number("9223372036854775807", 0, INT64_MAX, &v, &e), 0);
	assert_true(v == INT64_MAX);
}

static void
units(void **state)
{
	static const struct {
		const char *s;
		int64_t v;
	} times[] = {{"90", 90},       {"10s", 10}, {"5m", 300},   {"2h", 7200},
		     {"14d", 1209600}, {"0", 0},    {"1w", 604800}},
	  sizes[] = {{"200", 200},
		     {"64k", 65536},
		     {"50M", 50 << 20},
		     {"2G", 2ll << 30},
		     {"1t", 1ll << 40}};
	static const char *const wrong[] = {
	    "",
	    "s",
	    "5 m",
	    "-5m",
	    "5mm",
	    "1.5h",
	    "5x",
	    "9223372036854775807d",
	    "9223372036854775807G",
	};
	struct err e = {0};
	int64_t v;

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		assert_int_equal(text_duration(times[i].s, &v, &e), 0);
		assert_true(v == times[i].v);
	}
	for (size_t i = 0; i < COUNT(sizes); i++) {
		assert_int_equal(text_bytes_parse(sizes[i].s, &v, &e), 0);
		assert_true(v == sizes[i].v);
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_true(text_duration(wrong[i], &v, &e) < 0);
		assert_true(text_bytes_parse(wrong[i], &v, &e) < 0);
	}
}

static void
words(void **state)
{
	static const char *const known[] = {"branch", "checkout", "status",
					    "stash"};

	(void)state;
	assert_string_equal(text_bytes(ctx, 0), "0 bytes");
	assert_string_equal(text_bytes(ctx, 1), "1 byte");
	assert_string_equal(text_bytes(ctx, 1023), "1023 bytes");
	assert_string_equal(text_bytes(ctx, 1468006), "1.4 MB");
	assert_string_equal(text_bytes(ctx, 200ull << 20), "200 MB");
	assert_string_equal(text_bytes(ctx, 1023 << 10), "1.0 MB");
	assert_string_equal(text_bytes(ctx, UINT64_MAX), "16 EB");
	assert_string_equal(text_age(ctx, -3), "just now");
	assert_string_equal(text_age(ctx, 59), "59 s ago");
	assert_string_equal(text_age(ctx, 180), "3 min ago");
	assert_string_equal(text_age(ctx, 7200), "2 h ago");
	assert_string_equal(text_age(ctx, 14 * 86400), "14 days ago");
	assert_string_equal(text_time(ctx, 0), "1970-01-01T00:00:00Z");
	assert_string_equal(text_time(ctx, 1700000000), "2023-11-14T22:13:20Z");
	assert_non_null(text_time(ctx, INT64_MAX));
	assert_string_equal(text_count(ctx, 1, "file"), "1 file");
	assert_string_equal(text_count(ctx, 0, "file"), "0 files");
	assert_string_equal(text_count(ctx, 3, "stash entry"),
			    "3 stash entries");
	assert_string_equal(text_count(ctx, 2, "branch"), "2 branches");
	assert_string_equal(text_count(ctx, 2, "day"), "2 days");
	assert_string_equal(text_nearest("brnach", known, 4), "branch");
	assert_string_equal(text_nearest("statsu", known, 4), "status");
	assert_string_equal(text_nearest("stash", known, 4), "stash");
	assert_null(text_nearest("rebase", known, 4));
	assert_null(text_nearest("", known, 4));
	assert_string_equal(text_hex(ctx, "\0\xff\x1a", 3), "00ff1a");
	assert_string_equal(text_hex(ctx, "", 0), "");
	assert_string_equal(text_markup(ctx, "a <b>x</b> && y"),
			    "a &lt;b&gt;x&lt;/b&gt; &amp;&amp; y");
	assert_string_equal(text_markup(ctx, ""), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(safe),    cmocka_unit_test(safe_always),
	    cmocka_unit_test(command), cmocka_unit_test(long_command),
	    cmocka_unit_test(numbers), cmocka_unit_test(units),
	    cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
