/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is passed over holds nothing: with and without the processor's help
 * the engine finds what it finds when it looks at every place.  With files as
 * arguments it compares on those.
 */
#include "base/file.h"
#include "effects/secrets_work.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

#define FOUND 16
#define MUCH  (129 * RUNS_BYTES)

static const char *env[] = {
    "PAY_TOKEN=Vq7xLm29TzRb4KpWs8Yd",
    "SHORT_SECRET=Zk4v-q81Lm",
    "ODD_PASSWORD=p\xc3\xa4s!#w%rd&77;x\xff\x80z",
    "HOOK_SECRET=0d9c:77ab!52e1$f0c3",
    NULL,
};
static struct invocation in = {.cwd = "/nonexistent", .env = env, .envc = 4};
static struct scope_rules rules;

/* What can stand in a file to be sent. */
static const char *const planted[] = {
    "glpat-x7Qm2LwR9vTz4KpB8sYd",
    "AKIAQ4ZT6WLM3XKP7RVB",
    "sk_live_4Tq9XmB2LwZ7pKv8RsYd1NcF",
    "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",
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIIEpAIBAAKCAQEAq7xLm29TzRb4KpWs8YdVq7xLm29TzRb4KpW",
    "Z2xwYXQteDdRbTJMd1I5dlR6NEtwQjhzWWQ=",
    "676c7061742d7837516d324c775239765" /* hex of the first */
    "47a344b70423873596420",
    "dYs8BpK4zTv9RwL2mQ7x-taplg",
    "Vq7xLm29TzRb4KpWs8Yd",
    "VnE3eExtMjlUelJiNEtwV3M4WWQ=",
    "dY8sWpK4bRzT92mLx7qV",
    "Vq7xLm29TzRb", /* enough of it */
    "Zk4v-q81Lm",
    "p\xc3\xa4s!#w%rd&77;x\xff\x80z",
    "\xa4s!#w%rd&77;x",
    "0d9c:77ab!52e1$f0c3",
    "----- no key -----",
    "-----------",
};
#define PLANTED (sizeof(planted) / sizeof(*planted))

static size_t
scan(unsigned at_most, const char *p, size_t len, struct secret_found *v)
{
	struct secrets *s;
	struct err e = {0};
	size_t n;

	runs_at_most = at_most;
	/* and by several threads */
	pass_part = at_most == RUNS_AVX2 ? 2 * RUNS_BYTES : SIZE_MAX;
	assert_int_equal(secrets_begin(NULL, &in, &rules, NULL, &s, &e), 0);
	n = secrets_scan(s, p, len, "a test", v, FOUND);
	/* owners of values are this command's own */
	for (size_t i = 0; i < n; i++) {
		v[i].what = talloc_strdup(NULL, v[i].what);
		v[i].owner = NULL;
	}
	talloc_free(s);
	return n;
}

/* How many are found, however it is looked for them. */
static size_t
same(const char *name, const char *p, size_t len)
{
	struct secret_found all[FOUND], v[FOUND];
	size_t want = scan(RUNS_ALL, p, len, all);

	for (unsigned way = RUNS_PLAIN; way <= RUNS_AVX2; way++) {
		size_t n = scan(way, p, len, v);

		if (n != want)
			print_message("%s: way %u: %zu, not %zu\n", name, way,
				      n, want);
		assert_int_equal(n, want);
		for (size_t i = 0; i < n; i++) {
			assert_string_equal(v[i].what, all[i].what);
			assert_int_equal(v[i].looks, all[i].looks);
			talloc_free((char *)(uintptr_t)v[i].what);
		}
	}
	for (size_t i = 0; i < want; i++)
		talloc_free((char *)(uintptr_t)all[i].what);
	return want;
}

static bool
found(const char *p, size_t len)
{
	struct secret_found v[FOUND];
	size_t n = scan(RUNS_AVX2, p, len, v);

	for (size_t i = 0; i < n; i++)
		talloc_free((char *)(uintptr_t)v[i].what);
	return n > 0;
}

static void
fill(char *p, size_t len, unsigned kind)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char code[] =
	    "static int\nread(char *p)\n{\n\treturn x;\n";
	static const char dashes[] = "-- --- ---- ----- ------BEGIN ";

	for (size_t i = 0; i < len; i++)
		switch (kind) {
		case 0:
			p[i] = (char)random();
			break;
		case 1:
			p[i] = letters[random() & 63];
			break;
		case 2:
			p[i] = i % 77 == 76 ? '\n' : letters[random() & 63];
			break;
		case 3:
			p[i] = code[i % (sizeof(code) - 1)];
			break;
		case 4:
			p[i] = dashes[(size_t)random() % (sizeof(dashes) - 1)];
			break;
		case 5: /* runs of all lengths */
			p[i] = random() % 12 ? letters[random() & 63] : ' ';
			break;
		default:
			p[i] = 0;
		}
}

/* Each of them at each place about the end of a block, of a piece, of all. */
static void
finds_at_every_place(void **state)
{
	/* too much for other readings */
	static const size_t borders[] = {MUCH, MUCH + 64, MUCH + RUNS_BYTES};
	static char text[MUCH + 2 * RUNS_BYTES];

	(void)state;
	for (size_t i = 0; i < PLANTED; i++)
		for (size_t k = 0; k < 3; k++)
			for (size_t at = 0; at < 140; at++) {
				size_t len = strlen(planted[i]);
				size_t from = borders[k] + 64 - at;
				/* with and without something behind it */
				size_t all = at % 2 ? sizeof(text) : from + len;

				memset(text, at % 3 ? 0 : ' ', sizeof(text));
				memcpy(text + from, planted[i], len);
				/* some hundred readings take their time */
				if (at % 32 == i)
					(void)same(planted[i], text, all);
				if (i < PLANTED - 2)
					assert_true(found(text, all));
			}
}

/* Where one thread ends and another begins. */
static void
finds_between_threads(void **state)
{
	static char text[MUCH + RUNS_BYTES];

	(void)state;
	for (size_t n = 2; n <= 4; n++)
		for (size_t i = 0; i < PLANTED; i++)
			for (size_t at = 0; at < 80; at++) {
				size_t border =
				    sizeof(text) / n / RUNS_BYTES * RUNS_BYTES;
				size_t len = strlen(planted[i]);

				memset(text, at % 3 ? 0 : ' ', sizeof(text));
				memcpy(text + border - at, planted[i], len);
				if (at % 16 == i % 16)
					(void)same(planted[i], text,
						   sizeof(text));
				else if (i < PLANTED - 2)
					assert_true(found(text, sizeof(text)));
			}
}

/* One token in another: whoever finds the first passes over the second. */
static void
leaves_out_what_stands_in_another(void **state)
{
	static char text[MUCH + RUNS_BYTES];
	static const char outer[] = "glpat-x7Qm2LwR9vTz4KpB8sYd-";
	static const char inner[] = "-sk_live_4Tq9XmB2LwZ7pKv8RsYd1NcF";

	(void)state;
	for (size_t n = 2; n <= 4; n++)
		for (size_t at = 0; at < 70; at++) {
			char *p = text +
				  sizeof(text) / n / RUNS_BYTES * RUNS_BYTES -
				  at;

			memset(text, ' ', sizeof(text));
			memcpy(p, outer, sizeof(outer) - 1);
			memcpy(p + sizeof(outer) - 1, inner, sizeof(inner) - 1);
			assert_int_equal(same(p, text, sizeof(text)), 1);
		}
}

static void
passes_over_nothing(void **state)
{
	/* too much for other readings, and not */
	static const size_t sizes[] = {700000, 30000};
	char *text = talloc_size(NULL, sizes[0]);
	size_t all = 0;

	(void)state;
	for (unsigned round = 0; round < 140; round++) {
		size_t most = sizes[round % 7 != 0];
		size_t len = most - (size_t)random() % 5000;

		fill(text, len, round % 7);
		for (unsigned k = 0; k < round % 4; k++) {
			const char *what = planted[(size_t)random() % PLANTED];
			size_t n = strlen(what);

			memcpy(text + (size_t)random() % (len - n), what, n);
		}
		all += same("a mixture", text, len);
	}
	assert_true(all > 20);
	talloc_free(text);
}

static void
compare_file(const char *path)
{
	void *ctx = talloc_new(NULL);
	char *text;
	size_t len;

	if (file_read(ctx, AT_FDCWD, path, 1u << 30, &text, &len, NULL) == 0 &&
	    len)
		(void)same(path, text, len);
	talloc_free(ctx);
}

static void
agrees_on_files(void **state)
{
	(void)state;
	compare_file("/proc/self/exe");
	compare_file("profiles/secrets");
	compare_file("gateway/effects/secrets.c");
}

static char **files;

static void
agrees_on_arguments(void **state)
{
	(void)state;
	for (; *files; files++)
		compare_file(*files);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_at_every_place),
	    cmocka_unit_test(finds_between_threads),
	    cmocka_unit_test(leaves_out_what_stands_in_another),
	    cmocka_unit_test(passes_over_nothing),
	    cmocka_unit_test(agrees_on_files),
	};
	const struct CMUnitTest more[] = {
	    cmocka_unit_test(agrees_on_arguments),
	};
	struct err e = {0};

	invocation_set_home(getuid(), "/nonexistent");
	in.uid = getuid();
	srandom(4711);
	if (secrets_load("profiles/secrets", &e) < 0) {
		printf("1..0 # %s\n", e.msg);
		return 1;
	}
	files = argv + 1;
	return argc > 1 ? cmocka_run_group_tests(more, NULL, NULL)
			: cmocka_run_group_tests(tests, NULL, NULL);
}
