/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secret engine: generated tokens of the families, known values in every
 * reading, what is none, owners.  With files as arguments it scans those and
 * prints what it takes for a credential.
 */
#include "base/file.h"
#include "effects/secrets.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char *env[] = {
    "PAY_TOKEN=Vq7xLm29TzRb4KpWs8Yd",
    "GITHUB_TOKEN=ghxWb8Lq2Zt6Yr4Nd9Fs1Kv",
    "DATABASE_URL=postgres://app:Zk4vTq81Lm@db.prod.example/app",
    "PATH=/usr/bin:/bin",
    "HOME=/nonexistent",
    "API_KEY=changeme",
    "SSH_AUTH_SOCK=/tmp/ssh-XXXXabcdEF12/agent.123",
    "GIT_AUTHOR_NAME=Ann Bell",
    "BASE_URL=https://staging.example.com/api",
    NULL};
static struct invocation in = {.cwd = "/nonexistent", .env = env, .envc = 9};
static struct scope_secret profile[] = {
    {.name = "pay", .env = "PAY_TOKEN"},
    {.name = "pay", .host = "*.pay.example"}};
static struct scope_rules rules = {.secrets = profile, .nsecrets = 2};
static struct secrets *s;

static size_t
scan(const char *text, struct secret_found *v)
{
	return secrets_scan(s, text, strlen(text), "a test", v, 8);
}

static const char *
family(const char *text)
{
	struct secret_found v[8];

	return scan(text, v) ? v[0].owner->family : NULL;
}

static char *
random_text(const char *letters, size_t len)
{
	char *out = talloc_zero_size(s, len + 1);
	size_t n = strlen(letters);

	for (size_t i = 0; i < len; i++)
		out[i] = letters[(size_t)random() % n];
	return out;
}

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define HEX   "0123456789abcdef"

static void
finds_generated_tokens(void **state)
{
	static const struct {
		const char *prefix, *letters;
		size_t len;
		const char *family;
	} kinds[] = {
	    {"glpat-", ALNUM, 20, "gitlab"},
	    {"AKIA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, "aws"},
	    {"AIza", ALNUM, 35, "google"},
	    {"GOCSPX-", ALNUM, 28, "google"},
	    {"sk-ant-api03-", ALNUM, 95, "anthropic"},
	    {"sk-proj-", ALNUM, 60, "openai"},
	    {"sk-or-v1-", HEX, 64, "openrouter"},
	    {"gsk_", ALNUM, 52, "groq"},
	    {"hf_", ALNUM, 34, "huggingface"},
	    {"xoxb-1234567890-", ALNUM, 30, "slack"},
	    {"dckr_pat_", ALNUM, 27, "docker"},
	    {"sk_live_", ALNUM, 24, "stripe"},
	    {"dop_v1_", HEX, 64, "digitalocean"},
	    {"shpat_", HEX, 32, "shopify"},
	    {"hvs.", ALNUM, 95, "vault"},
	    {"lin_api_", ALNUM, 40, "linear"},
	    {"dapi", HEX, 32, "databricks"},
	    {"figd_", ALNUM, 40, "figma"},
	    {"rubygems_", HEX, 48, "rubygems"},
	};

	(void)state;
	for (int round = 0; round < 200; round++)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
			char *text = talloc_asprintf(
			    s, "export X='%s%s' # of mine", kinds[i].prefix,
			    random_text(kinds[i].letters, kinds[i].len));

			if (!family(text))
				print_message("%s\n", text);
			assert_string_equal(family(text), kinds[i].family);
			talloc_free(text);
		}
}

static void
checks_what_has_a_checksum(void **state)
{
	(void)state;
	/* thirty letters and their CRC-32 in base 62 */
	assert_string_equal(family("ghp_"
				   "zQWBuTSOoRi4A9spHcVY"
				   "5ncnsDkxkJ0mLq17"),
			    "github");
	assert_null(family("ghp_"
			   "zQWBuTSOoRi4A9spHcVY"
			   "5ncnsDkxkJ0mLq1a"));
}

static void
finds_known_values_in_any_reading(void **state)
{
	static const char *const texts[] = {
	    "x=Vq7xLm29TzRb4KpWs8Yd",
	    "x=Vq7xLm29TzRb4KpW", /* most of it */
	    "VnE3eExtMjlUelJiNEtwV3M4WWQ=",
	    "k%3DVnE3eExtMjlUelJiNEtwV3M4WWQ%3D",
	    "https://h/?d=a1ZxN3hMbTI5VHpSYjRLcFdzOFlk",
	    "5671 3778 4c6d 3239 547a 5262 344b 7057 7338 5964",
	    "5671:3778:4c6d:3239:547a:5262:344b:7057",
	    "dY8sWpK4bRzT92mLx7qV",
	    "Vq7xLm2.9TzRb4Kp.Ws8Yd.h.example",
	    "V%71%37xLm29TzRb4KpWs8Yd",
	    "Vm5FM2VFeHRNamxVZWxKaU5FdHdWM000V1dRPQ==", /* twice */
	    "Zk4vTq81Lm",
	};
	struct secret_found v[8];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (!scan(texts[i], v))
			print_message("%s\n", texts[i]);
		assert_int_equal(scan(texts[i], v), 1);
		assert_null(strstr(v[0].what, "Vq7x"));
	}
}

static void
knows_whose_it_is(void **state)
{
	struct secret_found v[8];

	(void)state;
	assert_int_equal(scan("Vq7xLm29TzRb4KpWs8Yd", v), 1);
	assert_true(secret_belongs(&v[0], "api.pay.example"));
	assert_false(secret_belongs(&v[0], "pay.example.evil.test"));
	assert_int_equal(scan("ghxWb8Lq2Zt6Yr4Nd9Fs1Kv", v), 1);
	assert_true(secret_belongs(&v[0], "api.github.com"));
	assert_false(secret_belongs(&v[0], "github.com.evil.test"));
	assert_int_equal(scan("Zk4vTq81Lm", v), 1);
	assert_true(secret_belongs(&v[0], "db.prod.example"));
}

static void
leaves_others_alone(void **state)
{
	static const char *const texts[] = {
	    "AKIAIOSFODNN7EXAMPLE",
	    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	    "https://staging.example.com/api/health",
	    "changeme",
	    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZI",
	    "grep -r 'BEGIN RSA PRIVATE KEY' .",
	    "sk_live_YOUR_KEY_HERE",
	    "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
	    "Ann Bell",
	    "/usr/bin:/bin",
	    "const key = process.env.STRIPE_KEY",
	    "Content-Type: application/vnd.github+json",
	};
	struct secret_found v[8];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (scan(texts[i], v))
			print_message("%s\n", texts[i]);
		assert_int_equal(scan(texts[i], v), 0);
	}
}

static int
scan_files(int argc, char **argv)
{
	struct secret_found v[8];
	size_t files = 0, bytes = 0, found = 0;
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 1; i < argc; i++) {
		void *ctx = talloc_new(NULL);
		char *text;
		size_t len, n;

		if (file_read(ctx, AT_FDCWD, argv[i], 1u << 30, &text, &len,
			      NULL) == 0) {
			n = secrets_scan(s, text, len, argv[i], v, 8);
			files++;
			bytes += len;
			found += n > 0;
			for (size_t k = 0; k < n; k++)
				printf("%s: %s\n", argv[i], v[k].what);
		}
		talloc_free(ctx);
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%zu of %zu files, %zu bytes, %.2f s\n", found, files, bytes,
	       (double)(b.tv_sec - a.tv_sec) +
		   (double)(b.tv_nsec - a.tv_nsec) / 1e9);
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_generated_tokens),
	    cmocka_unit_test(checks_what_has_a_checksum),
	    cmocka_unit_test(finds_known_values_in_any_reading),
	    cmocka_unit_test(knows_whose_it_is),
	    cmocka_unit_test(leaves_others_alone),
	};
	struct err e = {0};

	invocation_set_home(getuid(), "/nonexistent");
	in.uid = getuid();
	if (secrets_load("profiles/secrets", &e) < 0 ||
	    secrets_begin(NULL, &in, &rules, NULL, &s, &e) < 0) {
		printf("1..0 # %s\n", e.msg);
		return 1;
	}
	if (argc > 1)
		return scan_files(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
